"""The faults of a flaky platform: for each kind of call a fixed series, and then it works."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from ci_gate.simulator.wire import Delivery, Refusal, Reply

if TYPE_CHECKING:
    from collections.abc import Callable


class Call(StrEnum):
    RUN = "run"
    STATUS = "status"
    FILE = "file"


class Fault(StrEnum):
    RATE_LIMITED = "rate limited"
    SERVER_ERROR = "server error"
    RESET = "reset"
    TORN = "torn"


SERIES = {
    # A run is refused but never torn or reset: the caller could not know whether it had started.
    Call.RUN: (Fault.RATE_LIMITED,),
    Call.STATUS: (Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.RESET, Fault.TORN),
    Call.FILE: (Fault.TORN, Fault.SERVER_ERROR),
}


class Faults:
    def __init__(self, *, faulty: bool) -> None:
        self._pending = {call: deque(series if faulty else ()) for call, series in SERIES.items()}

    def spoil(self, call: Call, answer: Callable[[], Reply]) -> Reply:
        """Return the answer, unless a fault of this kind of call is still to come."""
        pending = self._pending[call]
        match pending.popleft() if pending else None:
            case None:
                return answer()
            case Fault.RATE_LIMITED:
                raise Refusal(429, "Rate limit for this API has been reached. Please try again after some time.")
            case Fault.SERVER_ERROR:
                raise Refusal(500, "Internal Server Error")
            case Fault.TORN:
                return replace(answer(), delivery=Delivery.TORN)
            case Fault.RESET:
                return replace(answer(), delivery=Delivery.RESET)
            case unknown:
                assert_never(unknown)
