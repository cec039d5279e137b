"""The stand-in platform as a command: it prints what a run needs, and serves until it is interrupted."""

from __future__ import annotations

import shlex
import signal
import socket
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from ci_gate.cli.app import main
from ci_gate.errors import ExitCode
from ci_gate.gate.serve_simulator import TICK
from ci_gate.simulator.catalogue import load_bots
from tests.fakes import FakeClock, runtime_of
from tests.files import write_settings
from tests.sandbox import Captured, each_signal, run_cli
from tests.streams import BrokenPipe

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class VisitedClock(FakeClock):
    """A clock that calls ``visit`` in the first wait of the simulator, and interrupts it in the second."""

    visit: Callable[[], object] = lambda: None
    signum: signal.Signals = signal.SIGINT
    seen: list[object] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        FakeClock.sleep(self, seconds)
        if seconds != TICK:  # a wait of the visitor
            return
        if not self.seen:
            self.seen.append(self.visit())
        else:
            signal.raise_signal(self.signum)


def running_on(clock: VisitedClock, *flags: str) -> Callable[[], int]:
    """Return a function that runs the gate with the variables that the simulator has printed so far."""

    def run() -> int:
        assert isinstance(sys.stdout, Captured)
        lines = [line for line in sys.stdout.text().splitlines() if line.startswith("export ")]
        exported = dict(word.split("=", 1) for line in lines for word in shlex.split(line)[1:])
        return main(["run", *flags], runtime_of(clock, exported))

    return run


@each_signal
def test_the_simulator_serves_until_it_is_interrupted(signum: signal.Signals, code: ExitCode) -> None:
    clock = VisitedClock(signum=signum)
    assert run_cli("simulator", clock=clock).code == code
    assert len(clock.slept) == 2


@pytest.mark.parametrize(("scenario", "code"), [("passing", ExitCode.PASSED), ("failing", ExitCode.FAILED)])
def test_a_run_needs_no_more_than_the_simulator_prints(scenario: str, code: ExitCode) -> None:
    clock = VisitedClock()
    clock.visit = running_on(clock)
    ending = run_cli("simulator", "--scenario", scenario, "--duration", "10s", "--enforce-jti", clock=clock)
    assert ending.code == ExitCode.INTERRUPTED
    assert clock.seen == [code]
    assert ending.report["exit_code"] == code


def test_the_simulator_names_the_program_its_bots_and_its_suites() -> None:
    ending = run_cli("simulator", runtime=replace(runtime_of(VisitedClock()), program="venv/bin/ci-gate"))
    assert ending.code == ExitCode.INTERRUPTED
    assert "\nvenv/bin/ci-gate run\n" in ending.out
    assert [suite for bot in load_bots() for suite in (bot.id, *bot.suites) if suite not in ending.out] == []


def test_every_request_is_logged_without_a_secret() -> None:
    clock = VisitedClock()
    clock.visit = running_on(clock, "--quiet")
    err = run_cli("simulator", clock=clock).err
    assert "200 POST /api/public/bot/" in err
    assert "eyJ" not in err
    assert "?" not in err


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ending = run_cli("simulator", "--port", str(port))
    assert ending.code == ExitCode.USAGE
    assert f"port {port} is not free: " in ending.err
    assert ending.out == ""


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (("--scenario", "brilliant"), {}, "--scenario: 'brilliant' is not one of passing"),
        ((), {"CI_GATE_SCENARIO": "brilliant"}, "CI_GATE_SCENARIO: 'brilliant' is not one of passing"),
        (("--port", "70000"), {}, "'70000' is not a port"),
        (("--duration", "soon"), {}, "'soon' is not a time"),
        ((), {"CI_GATE_SCENARIOS": "failing"}, "did you mean 'CI_GATE_SCENARIO'?"),
    ],
    ids=["scenario", "variable", "port", "duration", "unknown variable"],
)
def test_an_argument_that_makes_no_sense_is_refused(
    arguments: tuple[str, ...], environment: dict[str, str], message: str
) -> None:
    ending = run_cli("simulator", *arguments, environment=environment)
    assert ending.code == ExitCode.USAGE
    assert message in ending.err


def test_the_simulator_ends_at_once_if_its_output_is_lost() -> None:
    clock = FakeClock()
    assert run_cli("simulator", clock=clock, stdout=BrokenPipe()).code == ExitCode.UNREPORTED
    assert clock.slept == []


def test_the_simulator_reads_no_settings_file() -> None:
    """The working directory may well hold the settings that a user is about to try."""
    write_settings("mni_f1 = 0.9\n")
    assert run_cli("simulator", clock=VisitedClock()).code == ExitCode.INTERRUPTED
