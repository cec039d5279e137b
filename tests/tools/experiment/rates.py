"""How often an event occurred among the drawn suites, and whether that agrees with a known rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

APART = 4
"""Rates agree if their distance is at most this number of standard errors.

With four, chance alone finds one of 250 equal rates unequal in an experiment of sixty; with three, in every other.
"""

LIMIT, SURE = 0.05, 2
"""The allowed share of false alarms, and the number of standard errors by which a sample may exceed it."""

OFTEN = 0.80
"""The lowest share of required detections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The number of suites with an event, and the known rate from an independent program, in per cent.

    ``decimals`` is the number of digits to which the known rate was rounded; ``known`` is ``None`` without one.
    ``is_false_alarm`` marks an event without a change for the worse; ``is_one_of_many`` marks one of many rates, some
    of which exceed the limit by more than ``SURE`` standard errors although the true rate just meets it.
    ``must_be_often`` marks an event that the rules must detect.
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
        """Return the rate as a share of 1."""
        return self.hits / self.suites

    @property
    def error(self) -> float:
        """Return the standard error of the share."""
        return math.sqrt(self.share * (1 - self.share) / self.suites)

    @property
    def agrees(self) -> bool:
        """Return whether both samples are consistent with one true rate, given that the known one was rounded."""
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
        """Return the highest share that a sample of this size may show if the true share is at the limit."""
        return LIMIT + (APART if self.is_one_of_many else SURE) * math.sqrt(LIMIT * (1 - LIMIT) / self.suites)

    @property
    def alarms_too_often(self) -> bool:
        """Return whether there are more false alarms than chance explains."""
        return self.is_false_alarm and self.share > self.highest_false_share

    @property
    def is_too_rare(self) -> bool:
        """Return whether a required detection is too rare."""
        return self.must_be_often and self.share < OFTEN

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Return the rate, its standard error and the known rate in per cent, and whether they agree, for a table."""
        agreement = "" if self.known is None else "yes" if self.agrees else "NO"
        known = "" if self.known is None else f"{self.known:.{self.decimals}f}"
        return f"{100 * self.share:.1f}", f"{100 * self.error:.2f}", known, agreement

    @property
    def cell(self) -> str:
        """Return the same as ``cells`` without the error in one cell, for a table of many rates."""
        share, _, known, _ = self.cells
        beside = f" ({known}{'' if self.agrees else ', NO'})" if known else ""
        return f"{share}{beside}"
