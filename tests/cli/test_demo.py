"""The demonstration: every ending, on any machine, whatever is set there."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.clock import Stopped
from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.fakes import FakeClock, runtime_of
from tests.files import write
from tests.sandbox import run_cli
from tests.streams import BrokenPipe, Terminal

if TYPE_CHECKING:
    from tests.sandbox import Ending

CODES = {
    Scenario.PASSING: ExitCode.PASSED,
    Scenario.FAILING: ExitCode.FAILED,
    Scenario.REGRESSED: ExitCode.FAILED,
    Scenario.SLOW: ExitCode.PASSED,
    Scenario.LATE_FILE: ExitCode.PASSED,
    Scenario.EXPIRED_LINK: ExitCode.PASSED,
    Scenario.FLAKY: ExitCode.PASSED,
    Scenario.PLATFORM_FAILED: ExitCode.PLATFORM,
    Scenario.CANCELLED: ExitCode.PLATFORM,
    Scenario.UNKNOWN_SUITE: ExitCode.PLATFORM,
    Scenario.STUCK: ExitCode.TIMEOUT,
    Scenario.PARTIAL: ExitCode.INCONCLUSIVE,
    Scenario.NO_RESULTS: ExitCode.INCONCLUSIVE,
    Scenario.UNEVALUATED: ExitCode.INCONCLUSIVE,
    Scenario.OTHER_BOT: ExitCode.INCONCLUSIVE,
    Scenario.DENIED: ExitCode.DENIED,
    Scenario.NO_SCOPE: ExitCode.DENIED,
}

REPLAYED = {"passing", "failing", "regressed", "partial", "unevaluated", "other-bot"}
NOT_REPLAYED = {"no-results", "platform-failed"}
FOLDER = "ci-gate-demo"


def demo(*arguments: str, folder: str = FOLDER, **environment: str) -> Ending:
    return run_cli("demo", *arguments, environment=environment, folder=folder)


@pytest.mark.parametrize("scenario", Scenario)
def test_every_scenario_ends_with_its_code_in_a_short_time_and_can_be_replayed(scenario: Scenario) -> None:
    clock = FakeClock()
    ending = run_cli("demo", "--scenario", scenario, clock=clock, folder=FOLDER)
    assert ending.code == ending.report["exit_code"] == CODES[scenario], ending.output
    assert bool(ending.junit_problems) is (ending.code != 0)
    assert f"scenario '{scenario}': {scenario.description}" in ending.err
    assert clock.now() < 60
    replays = [line.split()[3:] for line in ending.err.splitlines() if "judge again" in line]
    assert scenario not in (NOT_REPLAYED if replays else REPLAYED)
    assert [run_cli(*replay).code for replay in replays] == [ending.code] * len(replays)


def test_the_demo_uses_nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ci-gate.toml", "pyproject.toml"):
        write(name, "[broken")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:1")
    monkeypatch.setenv("SSL_CERT_FILE", "nowhere.pem")
    foreign = {"CI_GATE_HOST": "platform.invalid", "CI_GATE_REPORT_DIR": "elsewhere", "CI_GATE_NO_SUCH": "1"}
    ending = demo(**foreign, CI_GATE_MIN_F1="much", GITHUB_STEP_SUMMARY="step.md")
    assert ending.code == 0
    assert sorted(path.name for path in Path().iterdir()) == [FOLDER, "ci-gate.toml", "pyproject.toml"]


def test_a_bot_that_got_worse_is_compared_with_the_published_one_and_can_be_again() -> None:
    ending = demo("--scenario", "regressed")
    assert "18 utterances that worked now fail, 3 were fixed" in ending.out
    (again,) = [line for line in ending.err.splitlines() if "judge again" in line]
    assert again.endswith(f"check --replay {FOLDER}")
    replayed = run_cli("check", *again.partition(" check ")[2].split())
    assert replayed.code == 1
    assert "18 utterances that worked now fail, 3 were fixed" in replayed.out


def test_the_last_lines_say_where_the_reports_are_and_what_to_try_next() -> None:
    passed = demo().err
    failed = demo("--scenario", "failing", "--report-dir", "my reports", folder="my reports").err
    assert f"look at      {FOLDER}/summary.md, {FOLDER}/junit.xml, {FOLDER}/report.json" in passed
    assert "it ended with exit code 0" in passed
    assert "see it fail  ci-gate demo --scenario failing" in passed
    assert "it ended with exit code 1" in failed
    assert "see it pass  ci-gate demo\n" in failed
    assert "judge again  ci-gate check --replay 'my reports'" in failed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--scenario", "brilliant"), "'brilliant' is not one of passing, failing, regressed"),
        (("--report-dir", ""), "'' is not a path"),
        (("--report-dir", " "), "' ' is not a path"),
    ],
    ids=["scenario", "empty folder", "blank folder"],
)
def test_an_argument_that_makes_no_sense_is_refused(arguments: tuple[str, ...], message: str) -> None:
    ending = demo(*arguments)
    assert ending.code == ExitCode.USAGE
    assert message in ending.err
    assert list(Path().iterdir()) == []


def test_no_reports_are_recommended_if_none_can_be_written() -> None:
    write(FOLDER, "mine")
    ending = demo()
    assert ending.code == ExitCode.USAGE
    assert f"the report folder '{FOLDER}' cannot be written" in ending.err
    assert "What next" not in ending.err


def test_verbose_shows_every_request() -> None:
    assert "POST http://127.0.0.1:" not in demo().err
    assert "POST http://127.0.0.1:" in demo("--verbose").err


@pytest.mark.parametrize(
    ("environment", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_gets_colours_unless_they_are_switched_off(environment: dict[str, str], is_coloured: bool) -> None:
    out = Terminal()
    assert run_cli("demo", environment=environment, stdout=out, stderr=Terminal()).code == 0
    assert ("\x1b" in out.getvalue()) is is_coloured


def test_a_closed_standard_error_changes_no_ending() -> None:
    assert run_cli("demo", "--scenario", "failing", stderr=BrokenPipe()).code == ExitCode.FAILED


@dataclass(slots=True)
class InterruptingClock(FakeClock):
    """A clock that interrupts the command during the second wait."""

    over: Event = field(default_factory=Event)

    def sleep(self, seconds: float) -> None:
        FakeClock.sleep(self, seconds)
        if len(self.slept) == 2:
            signal.raise_signal(signal.SIGINT)
            self.over.wait(30)
            raise Stopped


def test_an_interruption_is_followed_by_no_advice() -> None:
    clock = InterruptingClock()
    runtime = replace(runtime_of(clock), stop=clock.over.set)
    ending = run_cli("demo", "--scenario", "stuck", runtime=runtime)
    assert ending.code == ExitCode.INTERRUPTED
    assert "interrupted" in ending.out
    assert "What next" not in ending.err
