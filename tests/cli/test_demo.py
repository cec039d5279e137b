"""The demonstration: every ending that there is, on any machine, whatever is set there."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from ci_gate.cli.app import main
from ci_gate.core.clock import Stopped
from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.fakes import FakeClock, runtime_of
from tests.stage import command
from tests.streams import BrokenPipe, Terminal

if TYPE_CHECKING:
    from tests.stage import Ending

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

FOLDER = "ci-gate-demo"


def demo(capsys: pytest.CaptureFixture[str], *arguments: str, folder: str = FOLDER, **environment: str) -> Ending:
    """Show it, without any real waiting."""
    return command(capsys, "demo", *arguments, environment=environment, folder=folder)


@pytest.mark.parametrize("scenario", Scenario)
def test_every_scenario_ends_with_its_code_in_a_short_time(
    scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = FakeClock()
    ending = command(capsys, "demo", "--scenario", scenario, clock=clock, folder=FOLDER)
    assert ending.code == ending.report["exit_code"] == CODES[scenario], ending.out + ending.err
    assert bool(ending.junit_problems) is (ending.code != 0)
    assert f"scenario '{scenario}': {scenario.description}" in ending.err
    assert clock.now() < 60


def test_nothing_of_the_machine_is_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ci-gate.toml", "pyproject.toml"):
        Path(name).write_text("[broken", encoding="utf-8")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:1")
    monkeypatch.setenv("SSL_CERT_FILE", "nowhere.pem")
    foreign = {"CI_GATE_HOST": "platform.invalid", "CI_GATE_REPORT_DIR": "elsewhere", "CI_GATE_NO_SUCH": "1"}
    ending = demo(capsys, **foreign, CI_GATE_MIN_F1="much", GITHUB_STEP_SUMMARY="step.md")
    assert ending.code == 0
    assert sorted(path.name for path in Path().iterdir()) == [FOLDER, "ci-gate.toml", "pyproject.toml"]


def test_a_bot_that_got_worse_is_held_against_the_published_one_and_can_be_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ending = demo(capsys, "--scenario", "regressed")
    assert "18 utterances that worked now fail, 3 were fixed" in ending.out
    (again,) = [line for line in ending.err.splitlines() if "judge again" in line]
    assert again.endswith(f"check --replay {FOLDER}")
    replayed = command(capsys, "check", *again.partition(" check ")[2].split())
    assert replayed.code == 1
    assert "18 utterances that worked now fail, 3 were fixed" in replayed.out


def test_the_end_says_where_to_look_and_what_next(capsys: pytest.CaptureFixture[str]) -> None:
    passed, failed = (
        demo(capsys),
        demo(capsys, "--scenario", "failing", "--report-dir", "my reports", folder="my reports"),
    )
    assert f"look at      {FOLDER}/summary.md, {FOLDER}/junit.xml, {FOLDER}/report.json" in passed.err
    assert "it ended with exit code 0" in passed.err
    assert "see it fail  ci-gate demo --scenario failing" in passed.err
    assert "it ended with exit code 1" in failed.err
    assert "see it pass  ci-gate demo\n" in failed.err
    assert "judge again  ci-gate check --replay 'my reports'" in failed.err


@pytest.mark.parametrize("scenario", ["passing", "failing", "regressed", "partial", "unevaluated", "other-bot"])
def test_what_is_said_to_come_next_ends_as_the_run_did(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    ending = demo(capsys, "--scenario", scenario)
    (line,) = [line for line in ending.err.splitlines() if "judge again" in line]
    assert command(capsys, *line.split()[3:]).code == ending.code


@pytest.mark.parametrize("scenario", ["no-results", "platform-failed"])
def test_what_left_no_results_is_not_said_to_be_judged_again(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "judge again" not in demo(capsys, "--scenario", scenario).err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--scenario", "brilliant"), "'brilliant' is not one of passing, failing, regressed"),
        (("--report-dir", ""), "'' is not a path"),
        (("--report-dir", " "), "' ' is not a path"),
    ],
    ids=["scenario", "empty folder", "blank folder"],
)
def test_what_makes_no_sense_is_refused(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = demo(capsys, *arguments)
    assert ending.code == ExitCode.USAGE
    assert told in ending.err
    assert list(Path().iterdir()) == []


def test_where_no_reports_can_be_written_none_are_recommended(capsys: pytest.CaptureFixture[str]) -> None:
    Path(FOLDER).write_text("mine", encoding="utf-8")
    ending = demo(capsys)
    assert ending.code == ExitCode.USAGE
    assert f"the report folder '{FOLDER}' cannot be written" in ending.err
    assert "What next" not in ending.err


def test_verbose_shows_every_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert "POST http://127.0.0.1:" not in demo(capsys).err
    assert "POST http://127.0.0.1:" in demo(capsys, "--verbose").err


def test_colours_are_left_out_where_they_are_not_wanted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []
    for environment in ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
        out = Terminal()
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", Terminal())
        assert demo(capsys, **environment).code == 0
        shown.append("\x1b" in out.getvalue())
    assert shown == [True, False, False]


def test_a_closed_standard_error_changes_no_ending(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", BrokenPipe())
    assert demo(capsys, "--scenario", "failing").code == ExitCode.FAILED


@dataclass(slots=True)
class InterruptingClock(FakeClock):
    """The user loses patience in the second wait."""

    over: Event = field(default_factory=Event)

    def sleep(self, seconds: float) -> None:
        """Wait, or be interrupted."""
        FakeClock.sleep(self, seconds)
        if len(self.slept) == 2:
            signal.raise_signal(signal.SIGINT)
            self.over.wait(30)
            raise Stopped


def test_an_interruption_is_the_last_word(capsys: pytest.CaptureFixture[str]) -> None:
    clock = InterruptingClock()
    runtime = replace(runtime_of(clock), stop=clock.over.set)
    with runtime.signals:
        code = main(["demo", "--scenario", "stuck"], runtime)
    captured = capsys.readouterr()
    assert code == ExitCode.INTERRUPTED
    assert "interrupted" in captured.out
    assert "What next" not in captured.err
