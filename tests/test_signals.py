"""A signal ends the command at once, with reports that contain the way back; a second one ends it without reports."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from ci_gate.cli.app import main
from ci_gate.core.clock import Stopped
from ci_gate.core.model import Run
from ci_gate.errors import ExitCode, Interrupted
from ci_gate.reports import json_, text
from ci_gate.signals import Signals
from tests.fakes import FakePlatform, Panic, runtime_of
from tests.files import write_results
from tests.sandbox import each_signal
from tests.scripted import ENVIRONMENT, PLATFORM, InterruptedPlatform, WatchedPlatform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ci_gate.core.model import RunStatus
    from ci_gate.core.report import GateReport
    from tests.scripted import Play


@each_signal
def test_a_signal_before_the_command_begins_starts_no_run(
    signum: signal.Signals, code: ExitCode, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = FakePlatform()
    monkeypatch.setattr(PLATFORM, lambda **_settings: platform)
    runtime = runtime_of(platform.clock, ENVIRONMENT)
    runtime.signals.received = signum
    assert main(["run"], runtime) == code
    assert platform.asked == []
    assert "interrupted" in capsys.readouterr().out


@each_signal
def test_a_signal_replaces_a_pass_and_a_failure_and_no_other_ending(signum: signal.Signals, code: ExitCode) -> None:
    signals = Signals()
    assert [signals.ending(ending) for ending in ExitCode] == list(ExitCode)
    signals.received = signum
    assert [signals.ending(ending) for ending in (ExitCode.PASSED, ExitCode.FAILED)] == [code, code]
    assert signals.ending(ExitCode.USAGE) == ExitCode.USAGE


@each_signal
def test_the_reports_of_an_interruption_show_the_way_back(signum: signal.Signals, code: ExitCode, play: Play) -> None:
    ending = play(platform=InterruptedPlatform(signals=(signum,)))
    suite = ending.suite
    assert ending.code == suite["exit_code"] == code
    assert (suite["verdict"], suite["run_id"], suite["error"]["message"]) == ("unjudged", "tr-1", "interrupted")
    assert suite["error"]["hint"] == "attach again with: ci-gate gate tr-1 --suite Smoke"
    assert ending.junit_problems == ["interrupted"]
    assert "ci-gate gate tr-1 --suite Smoke" in ending.out
    assert list(ending.folder.glob("*.status.json"))


def test_an_interrupted_command_that_was_attached_can_be_attached_again(play: Play) -> None:
    ending = play("gate", "tr-7", platform=InterruptedPlatform())
    assert ending.code == ExitCode.INTERRUPTED
    assert "ci-gate gate tr-7 --suite Smoke" in ending.out


def test_an_interruption_before_there_is_a_run_has_no_way_back(play: Play) -> None:
    platform = WatchedPlatform()

    def hang() -> NoReturn:
        signal.raise_signal(signal.SIGINT)
        platform.over.wait(30)
        raise Stopped

    platform.before_start = hang
    ending = play(platform=platform)
    suite = ending.suite
    assert ending.code == ExitCode.INTERRUPTED
    assert (suite["run_id"], suite["error"]["hint"]) == (None, "")


def stopped_by(signum: signal.Signals | None) -> Callable[..., NoReturn]:
    """Return a function that raises a signal, which must prevent the rest of the function."""

    def work(*_: object, **_settings: object) -> NoReturn:
        if signum:
            signal.raise_signal(signum)
        raise AssertionError("the work was continued")

    return work


@each_signal
def test_a_signal_raises_an_error_within_raising(signum: signal.Signals, code: ExitCode) -> None:
    with Signals() as signals, pytest.raises(Interrupted) as broken_off, signals.raising():
        stopped_by(signum)()
    assert broken_off.value.code == code


def test_an_inner_block_leaves_an_outer_one_as_it_was() -> None:
    with Signals() as signals, pytest.raises(Interrupted), signals.raising():
        with signals.raising():
            pass
        stopped_by(signal.SIGTERM)()


def test_no_baseline_is_read_after_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ci_gate.gate.session.read_baselines", stopped_by(None))
    runtime = runtime_of(FakePlatform().clock, {})
    runtime.signals.received = signal.SIGTERM
    arguments = ["check", write_results(), "--min-f1", "0.9", "--baseline", write_results("earlier.csv")]
    assert main(arguments, runtime) == ExitCode.TERMINATED


def test_a_verdict_is_not_printed_if_a_signal_came_while_it_was_rendered(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = text.render

    def overtaken(report: GateReport, *, color: bool) -> Iterator[str]:
        yield from render(report, color=color)
        if report.exit_code is ExitCode.PASSED:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("ci_gate.reports.text.render", overtaken)
    ending = play()
    assert ending.code == ending.report["exit_code"] == ExitCode.TERMINATED
    assert "exit code 143" in ending.out
    assert "exit code 0" not in ending.out


def test_a_signal_outside_of_raising_is_only_noted() -> None:
    with Signals() as signals:
        with signals.raising():
            pass
        signal.raise_signal(signal.SIGTERM)
        assert signals.received == signal.SIGTERM


@each_signal
@pytest.mark.parametrize(
    "work", ["ci_gate.gate.session.gather", "ci_gate.gate.session.read_baselines", "ci_gate.gate.offline.assess"]
)
def test_a_check_is_interrupted_in_every_step(work: str, signum: signal.Signals, code: ExitCode, play: Play) -> None:
    play.monkeypatch.setattr(work, stopped_by(signum))
    ending = play("check", write_results(), "--min-f1", "0.9", folder="ci-gate-check")
    assert ending.code == ending.report["exit_code"] == code, ending.err
    assert ending.report["error"]["message"] == "interrupted"
    assert ending.junit_problems == ["interrupted"]


def test_a_check_is_interrupted_while_its_status_reply_is_read(play: Play) -> None:
    play.monkeypatch.setattr("ci_gate.gate.offline.saved_status", stopped_by(signal.SIGTERM))
    Path("results.status.json").write_text("{}", encoding="utf-8")
    ending = play("check", write_results(), "--min-f1", "0.9", folder="ci-gate-check")
    assert (ending.code, ending.report["error"]["kind"]) == (ExitCode.TERMINATED, "interrupted")


def test_a_signal_before_the_judgement_prevents_it(play: Play) -> None:
    play.monkeypatch.setattr(
        "ci_gate.output.report_folder.ReportFolder.prepare", lambda *_: signal.raise_signal(signal.SIGTERM)
    )
    play.monkeypatch.setattr("ci_gate.gate.offline.assess", stopped_by(None))
    assert play("check", write_results(), "--min-f1", "0.9", folder="ci-gate-check").code == ExitCode.TERMINATED


def test_a_replay_is_interrupted_too(play: Play) -> None:
    assert play().code == ExitCode.PASSED
    play.monkeypatch.setattr("ci_gate.gate.replay.assess", stopped_by(signal.SIGTERM))
    ending = play("check", "--replay", "ci-gate-report", folder="ci-gate-check")
    assert ending.code == ending.report["exit_code"] == ExitCode.TERMINATED


def test_a_signal_during_the_baseline_is_no_error_of_the_baseline(play: Play) -> None:
    baseline = write_results("earlier.csv")
    Path("earlier.status.json").write_text("{}", encoding="utf-8")
    play.monkeypatch.setattr("ci_gate.gate.baselines.saved_status", stopped_by(signal.SIGTERM))
    ending = play("check", write_results(), "--baseline", baseline, folder="ci-gate-check")
    assert (ending.code, ending.report["error"]["kind"]) == (ExitCode.TERMINATED, "interrupted")


@each_signal
@pytest.mark.parametrize(
    ("environment", "hint"),
    [({}, "its results file is kept: judge it with ci-gate check"), ({"CI_GATE_UTTERANCES": "hash"}, "")],
    ids=["shown", "hashed"],
)
def test_a_long_report_is_interrupted_and_replaced_by_a_brief_one(
    environment: dict[str, str], hint: str, signum: signal.Signals, code: ExitCode, play: Play
) -> None:
    render = json_.render

    def pieces(report: GateReport) -> Iterator[str]:
        if report.exit_code not in (ExitCode.PASSED, ExitCode.FAILED):
            yield from render(report)
            return
        yield "the first piece"
        signal.raise_signal(signum)
        yield "the second, which is not written"
        raise AssertionError("the report was continued")

    play.monkeypatch.setattr("ci_gate.reports.json_.render", pieces)
    play.monkeypatch.setattr("ci_gate.output.publication._WRITTEN_AT_ONCE", 0)
    ending = play(environment=environment)
    suite = ending.suite
    assert ending.code == ending.report["exit_code"] == suite["exit_code"] == code
    assert ending.report["error"]["message"] == "interrupted while the reports were written"
    assert suite["error"]["message"] == "interrupted before the report of this suite was written"
    assert (suite["error"]["hint"], suite["utterances"]) == (hint, [])
    assert "not written" not in ending.err
    assert any(ending.folder.glob("*.results.csv")) is bool(hint)


@dataclass(slots=True)
class SecondInterrupted(InterruptedPlatform):
    """A platform whose first run ends; during the second the signals come."""

    def status(self, run: Run) -> RunStatus:
        return FakePlatform.status(self, run) if run.id == "tr-1" else InterruptedPlatform.status(self, run)


def test_the_brief_report_keeps_the_way_back_of_a_suite_that_was_interrupted(play: Play) -> None:
    play.monkeypatch.setattr("ci_gate.output.publication._WRITTEN_AT_ONCE", 0)
    platform = SecondInterrupted(starts=(Run("Smoke", "tr-1"), Run("Full", "tr-2")))
    ending = play("run", "--suite", "Smoke", "--suite", "Full", platform=platform)
    first, second = ending.report["suites"]
    assert first["error"]["message"] == "interrupted before the report of this suite was written"
    assert second["error"]["hint"].startswith("attach again with: ci-gate gate ")


@each_signal
def test_a_second_signal_ends_the_process(
    signum: signal.Signals, code: ExitCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(status: int) -> NoReturn:
        raise Panic(status)

    monkeypatch.setattr(os, "_exit", leave)
    with Signals() as signals:
        signal.raise_signal(signal.SIGINT)
        assert signals.received == signal.SIGINT
        with pytest.raises(Panic) as gone:
            signal.raise_signal(signum)
    assert gone.value.args == (code,)


def test_the_earlier_handlers_are_restored() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Signals() as signals:
        assert signals.received is None
        signal.raise_signal(signal.SIGTERM)
        assert signals.received == signal.SIGTERM
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.fixture
def in_a_terminal() -> Iterator[None]:
    """Handle SIGHUP as in a terminal; under nohup it is ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("in_a_terminal")
def test_a_closed_terminal_ends_the_command_like_sigterm(play: Play) -> None:
    ending = play(platform=InterruptedPlatform(signals=(signal.SIGHUP,)))
    assert ending.code == ending.report["suites"][0]["exit_code"] == ExitCode.TERMINATED
    assert "ci-gate gate tr-1 --suite Smoke" in ending.out


@pytest.mark.usefixtures("in_a_terminal")
def test_a_closed_terminal_replaces_a_pass() -> None:
    with Signals() as signals:
        signal.raise_signal(signal.SIGHUP)
    assert signals.ending(ExitCode.PASSED) == ExitCode.TERMINATED


def test_a_command_under_nohup_ignores_a_closed_terminal() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals() as signals:
            signal.raise_signal(signal.SIGHUP)
        assert signals.received is None
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_no_handler_is_set_on_a_system_without_sighup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ci_gate.signals._HANGUP", None)
    before = signal.getsignal(signal.SIGHUP)
    with Signals():
        assert signal.getsignal(signal.SIGHUP) == before
