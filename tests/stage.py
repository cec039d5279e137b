"""Sets the scene for the command line: a simulator on a real socket, and a clock that only the gate's waiting moves."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from xml.etree import ElementTree as ET

from ci_gate.cli.app import main
from ci_gate.simulator import Scenario, Simulator
from tests.fakes import FakeClock, runtime_of

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True, slots=True)
class Ending:
    """What a command left behind."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        """The machine-readable report."""
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        return report

    @property
    def summary(self) -> str:
        """The report for reviewers."""
        return (self.folder / "summary.md").read_text(encoding="utf-8")

    @property
    def junit(self) -> ET.Element:
        """The JUnit file, parsed."""
        return ET.fromstring((self.folder / "junit.xml").read_bytes())

    @property
    def junit_problems(self) -> list[str]:
        """The messages of all failures and errors in the JUnit file."""
        return [e.get("message", "") for tag in ("failure", "error") for e in self.junit.iter(tag)]


@dataclass(slots=True)
class Stage:
    """A simulator and a world in which commands run against it without any real waiting."""

    capsys: pytest.CaptureFixture[str]
    scenario: Scenario = Scenario.PASSING
    duration: float = 60.0
    enforce_jti: bool = False
    clock: FakeClock = field(default_factory=FakeClock)
    environment: dict[str, str] = field(default_factory=dict)
    simulator: Simulator = field(init=False)

    def __enter__(self) -> Self:
        """Serve."""
        self.simulator = Simulator(
            scenario=self.scenario, duration=self.duration, enforce_jti=self.enforce_jti, clock=self.clock.epoch
        )
        self.simulator.start()
        bank = self.simulator.bots[0]
        self.environment = {
            "CI_GATE_HOST": self.simulator.url,
            "CI_GATE_BOT_ID": bank.id,
            "CI_GATE_CLIENT_ID": self.simulator.client_id,
            "CI_GATE_CLIENT_SECRET": self.simulator.client_secret,
        } | self.environment
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Stop serving."""
        self.simulator.close()

    @property
    def suite(self) -> str:
        """The suite that most tests run."""
        return self.simulator.bots[0].suites[0]

    def command(self, *arguments: str, folder: str = "ci-gate-report") -> Ending:
        """Run one command as a user would."""
        return command(self.capsys, *arguments, clock=self.clock, environment=self.environment, folder=folder)

    def run(self, *arguments: str, folder: str = "ci-gate-report") -> Ending:
        """Run the gate on the usual suite with the usual thresholds."""
        usual = ("--suite", self.suite, "--min-f1", "0.90", "--min-accuracy", "0.85")
        return self.command("run", *usual, *arguments, folder=folder)


def command(
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
    clock: FakeClock | None = None,
    environment: dict[str, str] | None = None,
    folder: str = "ci-gate-report",
) -> Ending:
    """Run one command with a clock and an environment of its own."""
    capsys.readouterr()
    runtime = runtime_of(clock or FakeClock(), environment)
    with runtime.signals:
        code = main(list(arguments), runtime)
    captured = capsys.readouterr()
    return Ending(code, captured.out, captured.err, Path(folder))
