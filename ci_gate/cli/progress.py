"""Shows that a wait is alive: a bar on a terminal, and in a log a line per change with a sparse heartbeat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from ci_gate.core.model import RunState
from ci_gate.gate import Event, Finished, Looked, RunKnown, Troubled

if TYPE_CHECKING:
    from ci_gate.cli.console import Console
    from ci_gate.core.model import RunStatus
    from ci_gate.gate import Clock

HEARTBEAT = 60.0
"""Seconds between two lines that say nothing new."""

_WIDTH = 24


@dataclass(slots=True)
class Progress:
    """Tells the events of all suites as they come."""

    console: Console
    clock: Clock
    _shown: dict[str, str] = field(default_factory=dict)
    _bars: dict[str, str] = field(default_factory=dict)
    _spoke: dict[str, float] = field(default_factory=dict)

    def watch(self, event: Event) -> None:
        """Take one event."""
        match event:
            case RunKnown(label, run, way_back):
                self._say(label, f"{label}: run {run.id}")
                self._say(label, f"{label}: to attach again: {way_back}")
            case Looked(label, status, left):
                self._looked(label, status, left)
            case Troubled(label, message, wait):
                # The same trouble again is no news, but from time to time it shows that the gate is alive.
                if self._shown.get(label) != message or self._was_silent(label):
                    self._shown[label] = message
                    self._say(label, f"{label}: {message}; trying again in {seconds_text(wait)}")
            case Finished(label, _):
                self._bars.pop(label, None)
                self._redraw()
            case _:
                assert_never(event)

    def close(self) -> None:
        """Leave the terminal clean for the verdict."""
        if self.console.is_terminal and not self.console.quiet:
            self.console.clear()

    def _looked(self, label: str, status: RunStatus, left: float | None) -> None:
        line = f"{label}: {status.word}{_done_text(status)}{f', about {seconds_text(left)} left' if left else ''}"
        is_news = self._shown.get(label) != status.word
        self._shown[label] = status.word
        if self.console.is_terminal:
            self._bars[label] = _bar(label, status, left)
            if is_news and status.state is not RunState.WAITING:
                self._say(label, line)
            self._redraw()
        elif is_news or self._was_silent(label):
            self._say(label, line)

    def _was_silent(self, label: str) -> bool:
        return self.clock.now() - self._spoke.get(label, 0.0) >= HEARTBEAT

    def _say(self, label: str, text: str) -> None:
        """Print a line above the bar."""
        self._spoke[label] = self.clock.now()
        self.close()
        self.console.note(text)
        self._redraw()

    def _redraw(self) -> None:
        if self.console.is_terminal and not self.console.quiet:
            self.console.draw("   ".join(self._bars.values()))


def seconds_text(seconds: float) -> str:
    """Write a time the way people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"


def _done_text(status: RunStatus) -> str:
    progress = status.progress
    if progress is None:
        return ""
    utterances = "" if progress.total is None else f" ({progress.ran} of {progress.total} utterances)"
    return f", {progress.fraction:.0%}{utterances}"


def _bar(label: str, status: RunStatus, left: float | None) -> str:
    """Draw how far a run is, in characters that every terminal has."""
    fraction = status.progress.fraction if status.progress else 0.0
    filled = round(_WIDTH * fraction)
    time_left = f"  about {seconds_text(left)} left" if left else ""
    return f"{label} [{'#' * filled}{'.' * (_WIDTH - filled)}]{_done_text(status).replace(',', '', 1)}{time_left}"
