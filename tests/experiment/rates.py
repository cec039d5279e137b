"""How often something happened among the suites that were drawn, and whether that agrees with a known rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

APART = 3
"""Rates agree that lie no more standard errors apart.

With three, chance alone finds one of fifty equal rates unequal in an experiment of eight; with two, in nine of ten.
"""

LIMIT, SURE = 0.05, 2
"""The share of false alarms that is allowed, and the standard errors that a sample of it may lie above."""

_ROUNDING = 0.0005  # the known rates are percentages with one decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of the suites, beside the rate that another program found, in per cent, with so many suites of its own.

    ``is_false_alarm`` says that nothing had got worse where this happened.
    """

    hits: int
    suites: int
    known: float
    known_suites: int
    is_false_alarm: bool = False

    @property
    def share(self) -> float:
        """The rate as a share of 1."""
        return self.hits / self.suites

    @property
    def error(self) -> float:
        """Its standard error."""
        return math.sqrt(self.share * (1 - self.share) / self.suites)

    @property
    def agrees(self) -> bool:
        """Whether both samples may come from the same true rate, whatever the known one was before it was rounded."""
        lowest, highest = self.known / 100 - _ROUNDING, self.known / 100 + _ROUNDING
        known = min(max(self.share, lowest, 0.0), highest, 1.0)
        pooled = (self.hits + known * self.known_suites) / (self.suites + self.known_suites)
        error = math.sqrt(pooled * (1 - pooled) * (1 / self.suites + 1 / self.known_suites))
        return abs(self.share - known) <= APART * error

    @property
    def highest_false_share(self) -> float:
        """What a sample of this size may show where the limit is just kept."""
        return LIMIT + SURE * math.sqrt(LIMIT * (1 - LIMIT) / self.suites)

    @property
    def alarms_too_often(self) -> bool:
        """Whether these are more false alarms than chance explains."""
        return self.is_false_alarm and self.share > self.highest_false_share

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The rate, its standard error and the known rate in per cent, and whether they agree, for a table."""
        agreement = "yes" if self.agrees else "NO"
        return f"{100 * self.share:.1f}", f"{100 * self.error:.2f}", f"{self.known:.1f}", agreement
