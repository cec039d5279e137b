"""Signals: the first is recorded, so that the reports can still be written; the second ends the process at once.

Imports very little, since a signal may arrive while the rest of the program is still being imported.
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
"""The signal of a closed terminal or a lost connection to it; Windows has no such signal."""


class Signals:
    """Handles signals in its context. ``received`` is the number of the first signal; SIGHUP counts as SIGTERM."""

    __slots__ = ("_before", "_raises", "received")

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, Any] = {}
        self._raises = False

    def __enter__(self) -> Signals:
        numbers: tuple[int, ...] = _NUMBERS
        # A program started with nohup ignores SIGHUP, and must continue without its terminal.
        if _HANGUP is not None and signal.getsignal(_HANGUP) is not signal.SIG_IGN:
            numbers = (*numbers, _HANGUP)
        self._before = {number: signal.signal(number, self._note) for number in numbers}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Raise ``Interrupted`` as soon as a signal arrives in this context, which must have no side effects."""
        before, self._raises = self._raises, True
        try:
            yield
        finally:
            self._raises = before

    def stop_if_received(self, message: str) -> None:
        """Raise ``Interrupted`` with this message if a signal has been received."""
        if self.received is not None:
            from ci_gate.errors import Interrupted

            raise Interrupted(message, signum=self.received)

    def ending(self, code: int) -> int:
        """Return ``code``, or 128 plus the signal's number if a signal was received and ``code`` is 0 or 1."""
        return 128 + self.received if self.received is not None and code in (0, 1) else code

    def _note(self, signum: int, _frame: object) -> None:
        # A handler may interrupt any line of the main thread, so it raises only in ``raising``.
        number = signal.SIGTERM if signum == _HANGUP else signum
        if self.received is not None:
            os._exit(128 + number)
        self.received = number
        if self._raises:
            self.stop_if_received("interrupted")
