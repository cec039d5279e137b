"""Builds of a Jenkinsfile in the test double of Jenkins: start, watch, abort and read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from tests.integration.checkout import NODE, ROOT, surroundings
from tests.integration.platform import own_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_gate.simulator import Simulator
    from tests.integration.checkout import Checkout

JENKINSFILE = ROOT / "examples" / "jenkins" / "Jenkinsfile"
CREDENTIAL = "kore-batch-tests"
"""The id of the credential that the examples use for the client id and secret."""

PATIENCE = 180.0
"""The timeout of a build in seconds; most of it is for the installation."""

_DRIVER = Path(__file__).parent / "driver.groovy"
_GROOVY = NODE / "npm-groovy-lint" / "lib" / "java" / "groovy" / "lib" / "*"
_JAVA = ("java", "-XX:TieredStopAtLevel=1", "-cp", f"{_GROOVY}{os.pathsep}{_DRIVER.parent}", "groovy.ui.GroovyMain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The input of a build. The environment holds the user's values, which override those of the example."""

    workspace: Path
    environment: Mapping[str, str]
    credentials: Mapping[str, Mapping[str, str]]
    parameters: Mapping[str, str] = field(default_factory=dict)
    jenkinsfile: Path = JENKINSFILE

    def text(self) -> str:
        """Return the job in the driver's input format."""
        return json.dumps(
            {
                "jenkinsfile": str(self.jenkinsfile),
                "workspace": str(self.workspace),
                "number": 7,
                "environment": dict(self.environment),
                "credentials": {name: dict(value) for name, value in self.credentials.items()},
                "parameters": dict(self.parameters),
            }
        )


@dataclass(frozen=True, slots=True)
class Build:
    """The result of a build, and the contents of its page."""

    result: str
    stages: Mapping[str, str]
    junit: Mapping[str, Any] | None
    archived: tuple[str, ...]
    messages: tuple[str, ...]
    timeout: int | None
    restartable: bool
    log: str
    workspace: Path

    @property
    def report(self) -> dict[str, Any]:
        """Read the gate's own report from the workspace."""
        report: dict[str, Any] = json.loads((self.workspace / "ci-gate-report" / "report.json").read_bytes())
        return report


class Refused(Exception):
    """The driver refused to run the pipeline."""


class Running:
    """A build in progress; leaving the block ends all of its processes."""

    def __init__(self, job: Job) -> None:
        """Start the build with the variables of an agent."""
        job.workspace.mkdir(parents=True, exist_ok=True)
        self._job = job
        self._deadline = time.monotonic() + PATIENCE
        description = job.workspace.with_name(f"{job.workspace.name}.job.json")
        description.write_text(job.text(), encoding="utf-8")
        self._log = job.workspace.with_name(f"{job.workspace.name}.log")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*_JAVA, str(_DRIVER), str(description)],
                env=surroundings(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        """Return the build itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes of this build, and no others."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._stdin.close()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def log(self) -> str:
        """Return the output so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def until(self, text: str) -> None:
        """Wait until the log contains ``text``."""
        while text not in self.log:
            assert self._process.poll() is None, f"ended without {text!r}:\n{self.log}"
            assert time.monotonic() < self._deadline, f"still without {text!r}:\n{self.log}"
            time.sleep(0.1)

    def abort(self) -> None:
        """Abort the build, as the button in Jenkins does."""
        self._stdin.write(b"abort\n")
        self._stdin.flush()

    def finish(self) -> Build:
        """Wait until the build ends. Raise ``Refused`` if the driver does not support something in the pipeline."""
        code = self._process.wait(timeout=self._deadline - time.monotonic())
        if code == 3:
            raise Refused(self.log)
        assert code == 0, self.log
        log, _, outcome = self.log.rstrip("\n").rpartition("\n")
        told: dict[str, Any] = json.loads(outcome)
        return Build(
            result=told["result"],
            stages=told["stages"],
            junit=told["junit"],
            archived=tuple(told["archived"]),
            messages=tuple(told["messages"]),
            timeout=told["timeout"],
            restartable=told["restartable"],
            log=log,
            workspace=self._job.workspace,
        )


def build(job: Job) -> Build:
    """Run a build to its end."""
    with Running(job) as running:
        return running.finish()


def credentials_of(simulator: Simulator) -> dict[str, dict[str, str]]:
    """Return the credential that a user creates in Jenkins."""
    return {CREDENTIAL: {"username": simulator.client_id, "password": simulator.client_secret}}


def paste(pipeline: str, simulator: Simulator, checkout: Checkout, folder: Path) -> Build:
    """Build a pipeline copied from a page, as its reader would: with own values and one credential."""
    jenkinsfile = folder / "Jenkinsfile"
    jenkinsfile.write_text(pipeline, encoding="utf-8")
    return build(
        Job(
            workspace=folder / "workspace",
            environment=own_values(simulator, checkout),
            credentials=credentials_of(simulator),
            jenkinsfile=jenkinsfile,
        )
    )
