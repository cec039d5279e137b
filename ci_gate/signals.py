"""Signals: the first one is noted, so that the reports can still be written; the second ends the process at once.

Imports next to nothing, since a signal may come while the rest of the program is still being imported.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS = (signal.SIGINT, signal.SIGTERM)
_HANGUP: int | None = getattr(signal, "SIGHUP", None)
"""The terminal is closed, or the connection to it lost; Windows knows no such signal."""


class Signals:
    """Listens while the program runs; ``received`` is the number of the first signal, SIGTERM for a SIGHUP."""

    __slots__ = ("_before", "_raises", "received")

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, Any] = {}
        self._raises = False

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

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Raise ``Interrupted`` at the first signal, in the middle of work that leaves nothing behind."""
        self._raises = True
        try:
            yield
        finally:
            self._raises = False

    def stop_if_received(self, message: str) -> None:
        """Raise ``Interrupted`` if a signal has come."""
        if self.received is not None:
            from ci_gate.errors import Interrupted

            raise Interrupted(message, signum=self.received)

    def ending(self, code: int) -> int:
        """Return the code that a process ends with: after a signal neither 0 nor 1."""
        return 128 + self.received if self.received is not None and code in (0, 1) else code

    def _note(self, signum: int, _frame: object) -> None:
        # A handler may interrupt any line of the main thread: unless that allows it, nothing but an assignment happens.
        number = signal.SIGTERM if signum == _HANGUP else signum
        if self.received is not None:
            os._exit(128 + number)
        self.received = number
        if self._raises:
            self.stop_if_received("interrupted")
