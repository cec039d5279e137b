"""The stand-in platform as a command: it prints what a run needs, and serves until it is interrupted."""

from __future__ import annotations

import shlex
import signal
import socket
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.cli.app import main
from ci_gate.errors import ExitCode
from ci_gate.gate.serve_simulator import TICK
from ci_gate.simulator.catalogue import load_bots
from tests.fakes import FakeClock, runtime_of
from tests.stage import command
from tests.streams import BrokenPipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(slots=True)
class VisitedClock(FakeClock):
    """While the simulator waits for the first time, somebody uses it; the second wait is interrupted."""

    visit: Callable[[], object] = lambda: None
    signum: signal.Signals = signal.SIGINT
    seen: list[object] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Let somebody in, or be interrupted; other waits than the simulator's own are the visitor's."""
        FakeClock.sleep(self, seconds)
        if seconds != TICK:
            return
        if not self.seen:
            self.seen.append(self.visit())
        else:
            signal.raise_signal(self.signum)


def exported(text: str) -> dict[str, str]:
    """Paste the lines into a shell."""
    words = [word for line in text.splitlines() if line.startswith("export ") for word in shlex.split(line)[1:]]
    return dict(word.split("=", 1) for word in words)


@pytest.mark.parametrize(
    ("signum", "code"),
    [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)],
    ids=["SIGINT", "SIGTERM"],
)
def test_it_serves_until_it_is_interrupted(
    signum: signal.Signals, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = VisitedClock(signum=signum)
    assert command(capsys, "simulator", clock=clock).code == code
    assert len(clock.slept) == 2


@pytest.mark.parametrize(
    ("scenario", "code"), [("passing", ExitCode.PASSED), ("failing", ExitCode.FAILED)], ids=["passing", "failing"]
)
def test_what_it_prints_is_all_that_a_run_needs(
    scenario: str, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = VisitedClock()
    clock.visit = lambda: main(["run"], runtime_of(clock, exported(capsys.readouterr().out)))
    ending = command(capsys, "simulator", "--scenario", scenario, "--duration", "10s", "--enforce-jti", clock=clock)
    assert ending.code == ExitCode.INTERRUPTED
    assert clock.seen == [code]
    assert ending.report["exit_code"] == code


def test_it_names_the_program_bots_and_suites(capsys: pytest.CaptureFixture[str]) -> None:
    runtime = replace(runtime_of(VisitedClock()), program="venv/bin/ci-gate")
    with runtime.signals:
        assert main(["simulator"], runtime) == ExitCode.INTERRUPTED
    out = capsys.readouterr().out
    assert "\nvenv/bin/ci-gate run\n" in out
    assert [suite for bot in load_bots() for suite in (bot.id, *bot.suites) if suite not in out] == []


def test_every_request_is_logged_without_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    clock = VisitedClock()
    clock.visit = lambda: main(["run", "--quiet"], runtime_of(clock, exported(capsys.readouterr().out)))
    err = command(capsys, "simulator", clock=clock).err
    assert "200 POST /api/public/bot/" in err
    assert "eyJ" not in err
    assert "?" not in err


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else has."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_told(taken: int, capsys: pytest.CaptureFixture[str]) -> None:
    ending = command(capsys, "simulator", "--port", str(taken))
    assert ending.code == ExitCode.USAGE
    assert f"port {taken} is not free: " in ending.err
    assert ending.out == ""


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (("--scenario", "brilliant"), {}, "--scenario: 'brilliant' is not one of passing"),
        ((), {"CI_GATE_SCENARIO": "brilliant"}, "CI_GATE_SCENARIO: 'brilliant' is not one of passing"),
        (("--port", "70000"), {}, "'70000' is not a port"),
        (("--duration", "soon"), {}, "'soon' is not a time"),
        ((), {"CI_GATE_SCENARIOS": "failing"}, "did you mean 'CI_GATE_SCENARIO'?"),
    ],
    ids=["scenario", "variable", "port", "duration", "unknown variable"],
)
def test_what_makes_no_sense_is_refused(
    arguments: tuple[str, ...], environment: dict[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = command(capsys, "simulator", *arguments, environment=environment)
    assert ending.code == ExitCode.USAGE
    assert told in ending.err


def test_where_nobody_can_read_what_to_paste_it_does_not_stay(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", BrokenPipe())
    clock = FakeClock()
    assert command(capsys, "simulator", clock=clock).code == ExitCode.UNREPORTED
    assert clock.slept == []


def test_it_reads_no_settings_file(capsys: pytest.CaptureFixture[str]) -> None:
    """The working directory may well hold the settings that are about to be tried."""
    Path("ci-gate.toml").write_text("mni_f1 = 0.9\n", encoding="utf-8")
    assert command(capsys, "simulator", clock=VisitedClock()).code == ExitCode.INTERRUPTED
