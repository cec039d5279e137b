"""Signals: the first one is noted, so that the reports can still be written; the second ends the process at once."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType, TracebackType

_NUMBERS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Signals:
    """Listens while a command runs; ``received`` is the number of the first signal."""

    received: int | None = None
    _before: dict[int, Any] = field(default_factory=dict)

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

    @property
    def is_termination(self) -> bool:
        """Whether it was SIGTERM."""
        return self.received == signal.SIGTERM

    def _note(self, signum: int, _frame: FrameType | None) -> None:
        # Nothing but an assignment happens here: a handler may interrupt any line of the main thread.
        if self.received is not None:
            os._exit(128 + signum)
        self.received = signum
