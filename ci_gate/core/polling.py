"""When to ask again: the pace of polling a run, and of repeating what failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

AIM = 0.5  # share of the time that seems to be left
FLOOR = 2.0  # s; 30 requests a minute, half of what the platform allows per run
LATE_FLOOR = 3.0  # s, once the run is LATE: 1,200 requests an hour of the 1,800 allowed
LATE = 600.0  # s
BLIND = 10.0  # s, longest wait when there is nothing to forecast from
CAP = 60.0  # s, longest wait at all: a run that ends early is seen within a minute
JITTER = 0.1  # pipelines that start together drift apart


@dataclass(slots=True)
class Pacer:
    """The wait before the next look at a run, from the progress that it shows.

    It is half of the time that seems to be left, and no longer than the time already waited. Times are seconds since
    the run was accepted or, if it was started elsewhere (``attached``), since the gate began to look at it; ``done`` is
    a fraction.
    """

    uniform: Callable[[float, float], float]
    due: float = 0.0
    since: float = 0.0
    done: float | None = None
    first: float = 0.0
    begun: float = 0.0
    attached: bool = False

    def see(self, now: float, done: float | None) -> None:
        """Record the progress that an answer shows; ``done`` is ``None`` if it shows none."""
        if done is None:
            return
        done = min(1.0, max(0.0, done))
        if self.done is None:
            # A run that we started was at 0 when it was accepted; one that we attach to is where we find it.
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
        """Return the seconds that the run will probably still take; ``None`` if there is nothing to forecast from."""
        return self.due - now if self.due > now else None


def shortest(now: float) -> float:
    """Return the shortest wait ``now`` seconds after it all began, so that no setting makes the gate a nuisance."""
    return LATE_FLOOR if now >= LATE else FLOOR


def backoff(failures: int, uniform: Callable[[float, float], float], *, rate_limited: bool = False) -> float:
    """Return the seconds to wait after ``failures`` in a row (1 or more): 2, 4, 8 …, each up to doubled at random.

    The spread keeps pipelines that share a rate limit from running into it together again. If a limit was hit the
    waits grow up to a minute; other faults heal at their own time and are looked at as often as a run without progress.
    """
    longest = CAP if rate_limited else BLIND
    return min(longest, FLOOR * 2.0 ** min(failures - 1, 10) * uniform(1.0, 2.0))
