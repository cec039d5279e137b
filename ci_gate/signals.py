"""Signals: the first one is noted, so that the reports can still be written; the second ends the process at once.

Imports next to nothing, since a signal may come while the rest of the program is still being imported.
"""

from __future__ import annotations

import os
import signal
from typing import Any

_NUMBERS = (signal.SIGINT, signal.SIGTERM)
_HANGUP: int | None = getattr(signal, "SIGHUP", None)
"""The terminal is closed, or the connection to it lost; Windows knows no such signal."""


class Signals:
    """Listens while the program runs; ``received`` is the number of the first signal, SIGTERM for a SIGHUP."""

    __slots__ = ("_before", "received")

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        numbers: tuple[int, ...] = _NUMBERS
        # What was started with nohup goes on without a terminal.
        if _HANGUP is not None and signal.getsignal(_HANGUP) is not signal.SIG_IGN:
            numbers = (*numbers, _HANGUP)
        self._before = {number: signal.signal(number, self._note) for number in numbers}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def ending(self, code: int) -> int:
        """Return the code that a process ends with: after a signal neither 0 nor 1."""
        return 128 + self.received if self.received is not None and code in (0, 1) else code

    def _note(self, signum: int, _frame: object) -> None:
        # Nothing but an assignment happens here: a handler may interrupt any line of the main thread.
        number = signal.SIGTERM if signum == _HANGUP else signum
        if self.received is not None:
            os._exit(128 + number)
        self.received = number
