"""The progress of a wait, in a terminal and in a log."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.assess import SuiteOutcome
from ci_gate.core.events import Finished, RetryScheduled, RunIdentified, StatusReceived
from ci_gate.core.model import Run, RunState
from ci_gate.core.report import Source, Subject, Unjudged
from ci_gate.errors import PlatformError, Transient
from ci_gate.output.console import Console
from ci_gate.output.progress import HEARTBEAT, Progress, seconds_text
from tests.fakes import FakeClock, FakePlatform, completed, ended, file_of, waiting
from tests.streams import Terminal

if TYPE_CHECKING:
    from ci_gate.core.events import Event
    from tests.scripted import Play

    Patch = pytest.MonkeyPatch
    Capture = pytest.CaptureFixture[str]

CLEARED = "\r\x1b[K"
SMOKE = RunIdentified("Smoke", Run("Smoke", "tr-1"), "ci-gate gate tr-1 --suite Smoke")
OVER = Finished(
    "Smoke", SuiteOutcome(report=Unjudged(Subject(label="Smoke", suite="Smoke", source=Source.RUN), PlatformError("x")))
)


def shown_of(*events: tuple[float, Event], capsys: Capture, is_terminal: bool = False, quiet: bool = False) -> str:
    clock = FakeClock()
    progress = Progress(Console(is_terminal=is_terminal, quiet=quiet), clock)
    for time, event in events:
        clock.time = time
        progress.watch(event)
    progress.close()
    return capsys.readouterr().err


def screens(text: str) -> list[str]:
    """Return the contents of a terminal's last line, one drawing after the other."""
    return [part for part in text.split(CLEARED) if part]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (30, "30 s"), (89.4, "89 s"), (90, "2 min"), (600, "10 min")]
)
def test_times_are_rounded_to_seconds_or_minutes(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_log_has_a_line_per_change(capsys: Capture) -> None:
    events: list[tuple[float, Event]] = [
        (0, SMOKE),
        (2, StatusReceived("Smoke", waiting(None, "queued"), None)),
        (4, StatusReceived("Smoke", waiting(None, "queued"), None)),
        (6, StatusReceived("Smoke", waiting(0.25), 30.0)),
        (8, StatusReceived("Smoke", waiting(0.5), 20.0)),
        (9, StatusReceived("Smoke", completed(), None)),
        (9, OVER),
    ]
    assert shown_of(*events, capsys=capsys).splitlines() == [
        "Smoke: run tr-1", "Smoke: to attach again: ci-gate gate tr-1 --suite Smoke", "Smoke: queued",
        "Smoke: running, 25% (25 of 100 utterances), about 30 s left", "Smoke: completed",
    ]  # fmt: skip


def test_log_has_a_line_per_change_and_per_minute(capsys: Capture) -> None:
    events = [(float(time), StatusReceived("Smoke", waiting(time / 1000), None)) for time in range(0, 301, 10)]
    assert shown_of(*events, capsys=capsys).splitlines() == [
        f"Smoke: running, {time / 1000:.0%} ({time // 10} of 100 utterances)" for time in range(0, 301, 60)
    ]
    events = [
        (time, StatusReceived(label, waiting(None), None))
        for time in (0.0, 30.0, HEARTBEAT)
        for label in ("Smoke", "Full")
    ]
    assert shown_of(*events, capsys=capsys).splitlines() == ["Smoke: running", "Full: running"] * 2


def test_repeated_error_is_shown_once_per_minute(capsys: Capture) -> None:
    events: list[tuple[float, Event]] = [
        (float(time), RetryScheduled("Smoke", "no connection", 10)) for time in range(0, 61, 10)
    ]
    events += [
        (61.0, RetryScheduled("Smoke", "rate limit", 100.0)),
        (62.0, StatusReceived("Smoke", waiting(0.5), None)),
    ]
    assert shown_of(*events, capsys=capsys).splitlines() == [
        "Smoke: no connection; trying again in 10 s",
        "Smoke: no connection; trying again in 10 s",
        "Smoke: rate limit; trying again in 2 min",
        "Smoke: running, 50% (50 of 100 utterances)",
    ]


def test_terminal_shows_the_word_if_there_is_no_progress(capsys: Capture) -> None:
    text = shown_of((6, StatusReceived("Smoke", waiting(None, "queued"), None)), capsys=capsys, is_terminal=True)
    assert screens(text)[-1] == "Smoke: queued"


@pytest.mark.parametrize(("columns", "label", "shown"), [
    (120, "Smoke", "Smoke [######..................] 25% (25 of 100 utterances), about 30 s left"),
    (80, "Smoke", "Smoke [######..................] 25% (25 of 100 utterances), about 30 s left"),
    (80, "Full regression", "Full regression [###.........] 25% (25 of 100 utterances), about 30 s left"),
    (60, "Full regression", "Full regression [###.........] 25%, about 30 s left"),
    (40, "Full regression", "Full regression 25%, about 30 s left"),
    (30, "Full regression", "Full regression 25%"),
    (16, "Full regression", "Full regre 25%"),
    (16, "銀行銀行銀行銀行", "銀行銀行銀 25%"),
    (5, "Full regression", "25%"),
])  # fmt: skip
def test_terminal_shows_a_bar_that_fits_into_its_line(
    columns: int, label: str, shown: str, capsys: Capture, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = shown_of((6, StatusReceived(label, waiting(0.25), 30.0)), capsys=capsys, is_terminal=True)
    assert text.endswith(CLEARED)
    assert screens(text)[-1] == shown


def test_bar_is_cleared_before_a_line_and_drawn_again_below_it(capsys: Capture) -> None:
    bar = f"Smoke [{'#' * 12}{'.' * 12}] 50% (50 of 100 utterances)"
    events: list[tuple[float, Event]] = [
        (2, StatusReceived("Smoke", waiting(0.5), None)),
        (4, RetryScheduled("Smoke", "no connection", 2)),
        (6, StatusReceived("Smoke", completed(), None)),
        (6, OVER),
    ]
    assert screens(shown_of(*events, capsys=capsys, is_terminal=True)) == [
        "Smoke: running, 50% (50 of 100 utterances)\n", bar, bar, "Smoke: no connection; trying again in 2 s\n", bar,
        "Smoke: completed\n",
    ]  # fmt: skip


def test_several_suites_share_the_line_of_a_terminal(capsys: Capture, monkeypatch: Patch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    events: list[tuple[float, Event]] = [
        (2, StatusReceived("Smoke", waiting(0.5), None)),
        (3, StatusReceived("Full", waiting(1.0), 1.0)),
        (4, OVER),
    ]
    both, last = screens(shown_of(*events, capsys=capsys, is_terminal=True))[-2:]
    smoke = f"Smoke [{'#' * 12}{'.' * 12}] 50% (50 of 100 utterances)"
    full = f"Full [{'#' * 24}] 100% (100 of 100 utterances), about 1 s left"
    assert (both, last) == (f"{smoke} {full}", full)


def test_quiet_shows_nothing(capsys: Capture) -> None:
    events: list[tuple[float, Event]] = [
        (0, SMOKE),
        (2, StatusReceived("Smoke", waiting(0.5), None)),
        (3, StatusReceived("Smoke", ended(RunState.FAILED), None)),
        (4, OVER),
    ]
    for is_terminal in (False, True):
        assert shown_of(*events, capsys=capsys, is_terminal=is_terminal, quiet=True) == ""


def test_text_of_the_platform_is_escaped(capsys: Capture) -> None:
    events = [(0.0, StatusReceived("::error::Smoke", waiting(None, "run\x1b[2Jning\n##[error]"), None))]
    assert shown_of(*events, capsys=capsys) == ": :error::Smoke: run [2Jning # #[error]\n"


@pytest.mark.parametrize("is_terminal", [False, True], ids=["log", "terminal"])
def test_command_shows_its_wait(is_terminal: bool, play: Play, monkeypatch: Patch) -> None:
    platform = FakePlatform(
        statuses=(waiting(0.2), Transient(PlatformError("no connection")), waiting(0.6), completed()),
        files=(file_of(),),
    )
    screen = Terminal() if is_terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    assert play(platform=platform).code == 0
    err = screen.getvalue()
    assert "Smoke: run tr-1" in err
    assert "no connection; trying again in " in err
    assert ("[#####" in err) is ("\x1b" in err) is is_terminal
