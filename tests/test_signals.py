"""An interruption ends the command at once, with reports that say how to go on; a second one does not even wait."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, NoReturn

import pytest

from ci_gate.cli.app import main
from ci_gate.core.clock import Stopped
from ci_gate.errors import ExitCode
from ci_gate.signals import Signals
from tests.fakes import FakePlatform, runtime_of
from tests.scripted import ENVIRONMENT, PLATFORM, InterruptedPlatform, WatchedPlatform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scripted import Play

BOTH = pytest.mark.parametrize(
    ("signum", "code"),
    [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)],
    ids=["SIGINT", "SIGTERM"],
)


@BOTH
def test_a_signal_that_comes_while_the_program_is_still_loading_starts_nothing(
    signum: signal.Signals, code: ExitCode, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = FakePlatform()
    monkeypatch.setattr(PLATFORM, lambda **_settings: platform)
    runtime = runtime_of(platform.clock, ENVIRONMENT)
    runtime.signals.received = signum
    assert main(["run"], runtime) == code
    assert platform.asked == []
    assert "interrupted" in capsys.readouterr().out


@BOTH
def test_a_process_that_was_told_to_stop_says_neither_passed_nor_failed(signum: signal.Signals, code: ExitCode) -> None:
    signals = Signals()
    assert [signals.ending(ending) for ending in ExitCode] == list(ExitCode)
    signals.received = signum
    assert [signals.ending(ending) for ending in (ExitCode.PASSED, ExitCode.FAILED)] == [code, code]
    assert signals.ending(ExitCode.USAGE) == ExitCode.USAGE


class Gone(BaseException):
    """The process would be gone."""


@BOTH
def test_the_reports_say_interrupted_the_run_and_the_way_back(
    signum: signal.Signals, code: ExitCode, play: Play
) -> None:
    ending = play(platform=InterruptedPlatform(signals=(signum,)))
    (suite,) = ending.report["suites"]
    assert ending.code == suite["exit_code"] == code
    assert (suite["verdict"], suite["run_id"], suite["error"]["message"]) == ("unjudged", "tr-1", "interrupted")
    assert suite["error"]["hint"] == "attach again with: ci-gate gate tr-1 --suite Smoke"
    assert ending.junit_problems == ["interrupted"]
    assert "ci-gate gate tr-1 --suite Smoke" in ending.out
    assert list(ending.folder.glob("*.status.json"))


def test_a_run_that_was_started_elsewhere_can_be_attached_to_again(play: Play) -> None:
    ending = play("gate", "tr-7", platform=InterruptedPlatform())
    assert ending.code == ExitCode.INTERRUPTED
    assert "ci-gate gate tr-7 --suite Smoke" in ending.out


def test_where_no_run_is_known_no_way_back_is_told(play: Play) -> None:
    """The call that starts the run never returns."""
    platform = WatchedPlatform()

    def hang() -> NoReturn:
        signal.raise_signal(signal.SIGINT)
        platform.over.wait(30)
        raise Stopped

    platform.before_start = hang
    ending = play(platform=platform)
    (suite,) = ending.report["suites"]
    assert ending.code == ExitCode.INTERRUPTED
    assert (suite["run_id"], suite["error"]["hint"]) == (None, "")


@BOTH
def test_a_second_signal_ends_the_process_without_a_word(
    signum: signal.Signals, code: ExitCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(status: int) -> NoReturn:
        raise Gone(status)

    monkeypatch.setattr(os, "_exit", leave)
    with Signals() as signals:
        signal.raise_signal(signal.SIGINT)
        assert signals.received == signal.SIGINT
        with pytest.raises(Gone) as gone:
            signal.raise_signal(signum)
    assert gone.value.args == (code,)


def test_what_listened_before_listens_again() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Signals() as signals:
        assert signals.received is None
        signal.raise_signal(signal.SIGTERM)
        assert signals.received == signal.SIGTERM
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.fixture
def in_a_terminal() -> Iterator[None]:
    """As if the tests had not been started with nohup, which every child inherits."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("in_a_terminal")
def test_a_terminal_that_is_closed_ends_the_command_like_sigterm(play: Play) -> None:
    ending = play(platform=InterruptedPlatform(signals=(signal.SIGHUP,)))
    assert ending.code == ending.report["suites"][0]["exit_code"] == ExitCode.TERMINATED
    assert "ci-gate gate tr-1 --suite Smoke" in ending.out


@pytest.mark.usefixtures("in_a_terminal")
def test_a_process_that_lost_its_terminal_says_neither_passed_nor_failed() -> None:
    with Signals() as signals:
        signal.raise_signal(signal.SIGHUP)
    assert signals.ending(ExitCode.PASSED) == ExitCode.TERMINATED


def test_what_was_started_with_nohup_goes_on() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals() as signals:
            signal.raise_signal(signal.SIGHUP)
        assert signals.received is None
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_where_there_is_no_such_signal_none_is_listened_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ci_gate.signals._HANGUP", None)
    before = signal.getsignal(signal.SIGHUP)
    with Signals():
        assert signal.getsignal(signal.SIGHUP) == before
