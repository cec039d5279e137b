"""Signals: the first one is noted, so that the reports can still be written; the second ends the process at once.

Imports next to nothing, since a signal may come while the rest of the program is still being imported.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType, TracebackType

_NUMBERS = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """Listens while the program runs; ``received`` is the number of the first signal."""

    __slots__ = ("_before", "received")

    def __init__(self) -> None:
        """Make one that has yet to be entered."""
        self.received: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        """Begin to listen."""
        self._before = {number: signal.signal(number, self._note) for number in _NUMBERS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put back what listened before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def ending(self, code: int) -> int:
        """Give the code that a process ends with: one that was told to stop says neither 0 nor 1."""
        return 128 + self.received if self.received is not None and code in (0, 1) else code

    def _note(self, signum: int, _frame: FrameType | None) -> None:
        # Nothing but an assignment happens here: a handler may interrupt any line of the main thread.
        if self.received is not None:
            os._exit(128 + signum)
        self.received = signum
