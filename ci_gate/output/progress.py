"""Shows the progress of a wait: a bar on a terminal; in a log, a line per change and a rare heartbeat."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from ci_gate.core.events import Event, Finished, RetryScheduled, RunIdentified, StatusReceived
from ci_gate.core.model import RunState

if TYPE_CHECKING:
    from ci_gate.core.clock import Clock
    from ci_gate.core.model import RunStatus
    from ci_gate.output.console import Console

HEARTBEAT = 60.0
"""Interval after which a line about an unchanged suite is printed to the log, in seconds."""


@dataclass(slots=True)
class Progress:
    """Prints the events of all suites as they arrive."""

    console: Console
    clock: Clock
    _words: dict[str, str] = field(default_factory=dict)
    _troubles: dict[str, str] = field(default_factory=dict)
    _bars: dict[str, StatusReceived] = field(default_factory=dict)
    _spoke: dict[str, float] = field(default_factory=dict)

    def watch(self, event: Event) -> None:
        match event:
            case RunIdentified(label, run, way_back):
                self._say(label, f"{label}: run {run.id}")
                self._say(label, f"{label}: to attach again: {way_back}")
            case StatusReceived():
                self._show_status(event)
            case RetryScheduled(label, message, wait):
                # A repeated failure is printed once per heartbeat only.
                if self._troubles.get(label) != message or self._was_silent(label):
                    self._troubles[label] = message
                    self._say(label, f"{label}: {message}; trying again in {seconds_text(wait)}")
            case Finished(label, _):
                self._bars.pop(label, None)
                self._redraw()
            case _:
                assert_never(event)

    def close(self) -> None:
        """Erase the bar, so that other output starts on an empty line."""
        if self.console.is_terminal and not self.console.quiet:
            self.console.clear()

    def _show_status(self, look: StatusReceived) -> None:
        label, word = look.label, look.status.word
        if look.status.state is RunState.WAITING and self.console.is_terminal:
            self._bars[label] = look
        else:
            self._bars.pop(label, None)
        is_news = self._words.get(label) != word
        self._words[label] = word
        if is_news or (self._was_silent(label) and not self.console.is_terminal):
            self._say(label, _joined(f"{label}: {word}", _done(look.status), _time_left(look)))
        self._redraw()

    def _was_silent(self, label: str) -> bool:
        return self.clock.now() - self._spoke.get(label, 0.0) >= HEARTBEAT

    def _say(self, label: str, text: str) -> None:
        """Print a line above the bar."""
        self._spoke[label] = self.clock.now()
        self.close()
        self.console.note(text)
        self._redraw()

    def _redraw(self) -> None:
        """Draw the bars of all running suites side by side, each in an equal share of the line."""
        if self.console.is_terminal and not self.console.quiet:
            share = self.console.width // max(1, len(self._bars)) - 1
            self.console.draw(" ".join(_fitted(look, share) for look in self._bars.values()))


def seconds_text(seconds: float) -> str:
    """Return a duration as text, in seconds below 90 s and otherwise in minutes."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _done(status: RunStatus) -> str:
    """Return the progress as a percentage, with the number of utterances if known; an empty text without progress."""
    progress = status.progress
    if progress is None or progress.total is None:
        return _percent(status)
    return f"{_percent(status)} ({progress.ran} of {progress.total} utterances)"


def _percent(status: RunStatus) -> str:
    return f"{status.progress.fraction:.0%}" if status.progress else ""


def _time_left(look: StatusReceived) -> str:
    return f"about {seconds_text(look.left)} left" if look.left else ""


def _joined(*texts: str) -> str:
    return ", ".join(filter(None, texts))


def _fitted(look: StatusReceived, width: int) -> str:
    """Return the most detailed line about a suite that fits in ``width`` columns; the percentage is never cut."""
    label, status, left = look.label, look.status, _time_left(look)
    if status.progress is None:
        return _cut(f"{label}: {status.word}", width)
    percent, fraction = _percent(status), status.progress.fraction
    texts = (
        f"{label} {_bar(fraction, 24)} {_joined(_done(status), left)}",
        f"{label} {_bar(fraction, 12)} {_joined(_done(status), left)}",
        f"{label} {_bar(fraction, 12)} {_joined(percent, left)}",
        f"{label} {_joined(percent, left)}",
        f"{_cut(label, width - len(percent) - 1)} {percent}",
    )
    return next((text for text in texts if _columns(text) <= width), percent)


def _bar(fraction: float, width: int) -> str:
    """Return a bar of ``width`` ASCII characters in brackets, filled up to ``fraction`` (0 to 1)."""
    filled = round(width * fraction)
    return f"[{'#' * filled}{'.' * (width - filled)}]"


def _columns(text: str) -> int:
    """Return the width of a text on a terminal in columns; wide East Asian characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _cut(text: str, width: int) -> str:
    while text and _columns(text) > width:
        text = text[:-1]
    return text
