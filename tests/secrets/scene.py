"""Runs a command in folders of its own, with every logger at its lowest level, and collects all that it wrote."""

from __future__ import annotations

import io
import logging
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.cli.app import main
from tests.fakes import FakeClock, runtime_of
from tests.kore.scripted_server import PATIENCE
from tests.secrets.search import leaks, written_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pytest

LOGGERS = ("httpx", "httpcore", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")

SURROUNDINGS: dict[str, dict[str, str]] = {
    "GitHub": {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": "github-output", "GITHUB_STEP_SUMMARY": "github-summary.md"},
    "GitLab": {
        "GITLAB_CI": "true",
        "CI_PIPELINE_URL": "https://gitlab.example/-/pipelines/1",
        "CI_JOB_URL": "https://gitlab.example/-/jobs/2",
    },
}


@dataclass(frozen=True, slots=True)
class Trace:
    """The exit code of a command and all that it wrote, by place."""

    code: int
    written: Mapping[str, bytes]

    def leaks(self, secrets: Mapping[str, str]) -> list[str]:
        """Return the secrets that appear in what was written."""
        return leaks(secrets, self.written)


@dataclass(slots=True)
class Scene:
    """The folders that a process may write to."""

    folder: Path
    capfd: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    planted: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the folders, and work in one of them."""
        for name, variable in (("work", "PWD"), ("home", "HOME"), ("temporary", "TMPDIR")):
            (self.folder / name).mkdir()
            self.monkeypatch.setenv(variable, str(self.folder / name))
        # No certificate is asked for, and the system's many take a moment to load.
        self.monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
        self.monkeypatch.chdir(self.folder / "work")
        self.monkeypatch.setattr("tempfile.tempdir", None)

    def plant(self, name: str, content: str) -> None:
        """Write a file with a secret, which the search leaves out."""
        Path(name).write_text(content, encoding="utf-8")
        self.planted.append(Path(name))

    def run(self, *arguments: str, environment: Mapping[str, str], system: str = "GitHub") -> Trace:
        """Run one command on a clock that only its waits move."""
        for path in Path().glob("github-*"):  # to which every command appends
            path.unlink()
        clock = FakeClock()
        runtime = runtime_of(clock, {**SURROUNDINGS[system], "CI_PROJECT_DIR": str(Path.cwd()), **environment})
        self.capfd.readouterr()
        with _everything_logged() as log, runtime.signals:
            code = main(list(arguments), runtime)
            for thread in [one for one in threading.enumerate() if one.name in ("suites of a bot", "request")]:
                thread.join(PATIENCE)  # an abandoned thread may still write
        out, err = self.capfd.readouterr()
        spoken = {"stdout": out.encode(), "stderr": err.encode(), "the log": log.getvalue().encode()}
        return Trace(code, spoken | written_below(self.folder, self.planted))


@contextmanager
def _everything_logged() -> Iterator[io.StringIO]:
    """Collect the records of every logger at the lowest level."""
    text = io.StringIO()
    listener = logging.StreamHandler(text)
    root = logging.getLogger()
    loggers = {name: logging.getLogger(name) for name in ("", *LOGGERS, *logging.root.manager.loggerDict)}
    before = {name: logger.level for name, logger in loggers.items()}
    root.addHandler(listener)
    for logger in loggers.values():
        logger.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.removeHandler(listener)
        for name, logger in loggers.items():
            logger.setLevel(before[name])
