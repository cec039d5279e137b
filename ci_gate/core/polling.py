"""The pace of polling a run, and the waits before retries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

AIM = 0.5  # the next wait, as a share of the forecast remaining time
FLOOR = 2.0  # s; 30 requests a minute, half of what the platform allows per run
LATE_FLOOR = 3.0  # s, from LATE on: 1,200 requests an hour of the 1,800 allowed
LATE = 600.0  # s
BLIND = 10.0  # s, longest wait without a forecast
CAP = 60.0  # s, longest wait of all: a run that ends early is noticed within a minute
JITTER = 0.1  # so that pipelines that start together drift apart


@dataclass(slots=True)
class Pacer:
    """The pace of polling one run: the wait before the next status request, computed from the progress of the run.

    The wait is about half of the forecast remaining time, and no longer than the time already waited. Times are seconds
    since the run was accepted or, if it was started elsewhere (``attached``), since the first request of the gate.
    ``due`` is the forecast end; ``done`` is the last progress, as a fraction from 0 to 1, and ``since`` the time when
    it was first seen. The forecast assumes that the progress was ``first`` at the time ``begun``.
    """

    uniform: Callable[[float, float], float]
    due: float = 0.0
    since: float = 0.0
    done: float | None = None
    first: float = 0.0
    begun: float = 0.0
    attached: bool = False

    def see(self, now: float, done: float | None) -> None:
        """Record the progress in an answer and update the forecast; ``done`` is ``None`` if the answer shows none."""
        if done is None:
            return
        done = min(1.0, max(0.0, done))
        if self.done is None:
            # A run that this command started was at 0 when accepted; an attached one counts from its first progress.
            if self.attached:
                self.begun = self.since = now
                self.first = done
            self.done = self.first
        if done > self.done:
            overall = now + (1 - done) * (now - self.begun) / (done - self.first)
            recent = now + (1 - done) * (now - self.since) / (done - self.done)
            self.due = min(overall, recent)
        elif done < self.done:
            self.due, self.first = now, min(self.first, done)
        else:
            return
        self.since, self.done = now, done

    def wait(self, now: float) -> float:
        left = self.due - now
        wish = AIM * left if left > 0 else min(-left, BLIND)
        return max(shortest(now), min(wish * self.uniform(1 - JITTER, 1 + JITTER), now, CAP))

    def left(self, now: float) -> float | None:
        """Return the forecast of the remaining seconds; ``None`` without a forecast, or after it has expired."""
        return self.due - now if self.due > now else None


def shortest(now: float) -> float:
    """Return the shortest wait, in seconds, ``now`` seconds after the start.

    It keeps within the platform's request limits, whatever the settings are.
    """
    return LATE_FLOOR if now >= LATE else FLOOR


def backoff(failures: int, uniform: Callable[[float, float], float], *, rate_limited: bool = False) -> float:
    """Return the seconds to wait after ``failures`` in a row (1 or more): 2, 4, 8 …, times a random factor.

    The factor, from 1 to 2, keeps pipelines that share a rate limit from hitting it together again. With
    ``rate_limited`` the waits grow up to ``CAP``; after other faults up to ``BLIND``, since waiting longer would not
    end the fault sooner.
    """
    longest = CAP if rate_limited else BLIND
    return min(longest, FLOOR * 2.0 ** min(failures - 1, 10) * uniform(1.0, 2.0))
