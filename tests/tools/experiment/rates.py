"""How often something happened among the suites that were drawn, and whether that agrees with a known rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

APART = 4
"""Rates agree that lie no more standard errors apart.

With four, chance alone finds one of 250 equal rates unequal in an experiment of sixty; with three, in every other.
"""

LIMIT, SURE = 0.05, 2
"""The share of false alarms that is allowed, and the standard errors that a sample of it may lie above."""

OFTEN = 0.80
"""The share in which that is found which has to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of the suites, beside the rate that another program found, in per cent, with so many suites of its own.

    ``decimals`` is how many digits that rate was rounded to; ``None`` is no rate to hold this one against.
    ``is_false_alarm`` says that nothing had got worse where this happened; ``is_one_of_many`` that so many rates of its
    kind are looked at that some lie more than ``SURE`` standard errors above the limit where it is just kept.
    ``must_be_often`` says that what happened is what the rules are for.
    """

    hits: int
    suites: int
    known: float | None = None
    known_suites: int = 0
    decimals: int = 1
    is_false_alarm: bool = False
    is_one_of_many: bool = False
    must_be_often: bool = False

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
        if self.known is None:
            return True
        rounding = 0.005 / 10.0**self.decimals
        lowest, highest = self.known / 100 - rounding, self.known / 100 + rounding
        known = min(max(self.share, lowest, 0.0), highest, 1.0)
        pooled = (self.hits + known * self.known_suites) / (self.suites + self.known_suites)
        error = math.sqrt(pooled * (1 - pooled) * (1 / self.suites + 1 / self.known_suites))
        return abs(self.share - known) <= APART * error

    @property
    def highest_false_share(self) -> float:
        """What a sample of this size may show where the limit is just kept."""
        return LIMIT + (APART if self.is_one_of_many else SURE) * math.sqrt(LIMIT * (1 - LIMIT) / self.suites)

    @property
    def alarms_too_often(self) -> bool:
        """Whether these are more false alarms than chance explains."""
        return self.is_false_alarm and self.share > self.highest_false_share

    @property
    def is_too_rare(self) -> bool:
        """Whether something that has to be found is found too seldom."""
        return self.must_be_often and self.share < OFTEN

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The rate, its standard error and the known rate in per cent, and whether they agree, for a table."""
        agreement = "" if self.known is None else "yes" if self.agrees else "NO"
        known = "" if self.known is None else f"{self.known:.{self.decimals}f}"
        return f"{100 * self.share:.1f}", f"{100 * self.error:.2f}", known, agreement

    @property
    def cell(self) -> str:
        """The same without the error, for a table of many."""
        share, _, known, _ = self.cells
        beside = f" ({known}{'' if self.agrees else ', NO'})" if known else ""
        return f"{share}{beside}"
