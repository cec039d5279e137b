"""Runs commands in this process: alone, or against a simulator; on a clock that never really waits."""

from __future__ import annotations

import io
import json
import signal
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from xml.etree import ElementTree as ET

import pytest

from ci_gate.cli.app import main
from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario, Simulator
from tests.fakes import FakeClock, runtime_of

if TYPE_CHECKING:
    from typing import TextIO

    from ci_gate.runtime import Runtime

USUAL = ("--min-f1", "0.90", "--min-accuracy", "0.85")
"""The thresholds that most runs against the simulator have."""

each_signal = pytest.mark.parametrize(
    ("signum", "code"),
    [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)],
    ids=["SIGINT", "SIGTERM"],
)


_CAPTURED = io.StringIO()


class Captured(io.TextIOWrapper):
    """A stream that keeps what is written, encoded as in a file."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding="utf-8", newline="", write_through=True)

    def text(self) -> str:
        return self._bytes.getvalue().decode()


@dataclass(frozen=True, slots=True)
class Ending:
    """The exit code, the output and the report folder of a command that has ended."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def output(self) -> str:
        return self.out + self.err

    @property
    def everything(self) -> str:
        """Return the output and the text of every file in the report folder."""
        return self.output + "".join(path.read_text(encoding="utf-8") for path in self.folder.iterdir())

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_bytes())
        return report

    @property
    def suite(self) -> dict[str, Any]:
        """Return the only suite of the report."""
        (suite,) = self.report["suites"]
        return suite  # type: ignore[no-any-return]

    @property
    def summary(self) -> str:
        return (self.folder / "summary.md").read_text(encoding="utf-8")

    @property
    def junit(self) -> ET.Element:
        return ET.fromstring((self.folder / "junit.xml").read_bytes())

    @property
    def junit_problems(self) -> list[str]:
        """Return the messages of all failures and errors in the JUnit file."""
        return [e.get("message", "") for tag in ("failure", "error") for e in self.junit.iter(tag)]

    def file(self, pattern: str) -> Path:
        """Return the only file of the report folder that matches ``pattern``."""
        (path,) = self.folder.glob(pattern)
        return path


def run_cli(
    *arguments: str,
    clock: FakeClock | None = None,
    environment: dict[str, str] | None = None,
    folder: str = "ci-gate-report",
    stdout: TextIO | None = _CAPTURED,
    stderr: TextIO | None = _CAPTURED,
    runtime: Runtime | None = None,
) -> Ending:
    """Run one command with a clock and an environment of its own; capture the streams that are not passed in."""
    captured = [Captured(), Captured()]
    out, err = (mine if it is _CAPTURED else it for mine, it in zip(captured, (stdout, stderr), strict=True))
    runtime = runtime or runtime_of(clock or FakeClock(), environment)
    with redirect_stdout(out), redirect_stderr(err), runtime.signals:
        code = main(list(arguments), runtime)
    return Ending(code, captured[0].text(), captured[1].text(), Path(folder))


def check(*arguments: str, folder: str = "ci-gate-check", **environment: str) -> Ending:
    """Run ``ci-gate check``."""
    return run_cli("check", *arguments, environment=environment, folder=folder)


@dataclass(slots=True)
class Sandbox:
    """A simulator on a real socket, and the environment in which commands are run against it."""

    scenario: Scenario = Scenario.PASSING
    enforce_jti: bool = False
    clock: FakeClock = field(default_factory=FakeClock)
    environment: dict[str, str] = field(default_factory=dict)
    simulator: Simulator = field(init=False)

    def __enter__(self) -> Self:
        """Start the simulator."""
        self.simulator = Simulator(
            scenario=self.scenario, duration=60.0, enforce_jti=self.enforce_jti, clock=self.clock.epoch
        )
        self.simulator.start()
        self.environment = {
            "CI_GATE_HOST": self.simulator.url,
            "CI_GATE_BOT_ID": self.simulator.bots[0].id,
            "CI_GATE_CLIENT_ID": self.simulator.client_id,
            "CI_GATE_CLIENT_SECRET": self.simulator.client_secret,
        } | self.environment
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Stop the simulator."""
        self.simulator.close()

    @property
    def suite(self) -> str:
        """Return the name of the suite that most tests run."""
        return self.simulator.bots[0].suites[0]

    def command(self, *arguments: str, folder: str = "ci-gate-report") -> Ending:
        """Run one command; ``{suite}`` in an argument stands for the usual suite."""
        words = [argument.replace("{suite}", self.suite) for argument in arguments]
        return run_cli(*words, clock=self.clock, environment=self.environment, folder=folder)

    def run(self, *arguments: str, folder: str = "ci-gate-report") -> Ending:
        """Run the gate on the usual suite with the usual thresholds."""
        return self.command("run", "--suite", "{suite}", *USUAL, *arguments, folder=folder)


def run_simulated(scenario: Scenario, *arguments: str) -> Ending:
    """Run the gate on the usual suite of a simulator that plays ``scenario``."""
    with Sandbox(scenario) as sandbox:
        return sandbox.run(*arguments)
