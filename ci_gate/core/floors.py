"""Floors per intent: the least that each intent, or one of them by name, must reach."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ci_gate.core.metrics import Metric
from ci_gate.core.names import same_name
from ci_gate.core.outcome import Outcome
from ci_gate.core.statistics.chance import beyond_chance, binomial_tail
from ci_gate.core.text.decimals import exact_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

MIN_SUPPORT = 5
"""The number of utterances below which no honest rule can tell an intent that is weak from one that was unlucky."""

_QUOTIENT = 1e-9
"""How far the number of utterances that a floor needs exactly may come out above it."""

FLOORS: Final = MappingProxyType({"min_f1": Metric.F1, "min_precision": Metric.PRECISION, "min_recall": Metric.RECALL})
"""The settings of a floor, and which score of an intent each bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """What an intent must reach: its floors by the score that they bound, and how they are judged.

    ``point`` compares the plain score with the floor; else an intent is below it only if the exact binomial test says
    so. An intent of fewer than ``min_support`` utterances is not judged.
    """

    bounds: Mapping[str, Fraction] = field(default_factory=dict)
    min_support: int = MIN_SUPPORT
    point: bool = False

    def document(self) -> dict[str, object]:
        """Return the floors as plain data, under the keys of the settings file."""
        bounds = {key: exact_text(bound) for key, bound in self.bounds.items()}
        return {**bounds, "min_support": self.min_support, "point": self.point}


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFloors:
    """The floors of a suite: of intents in general, and of some by name; those hold for the name alone."""

    general: Floors = field(default_factory=Floors)
    named: Mapping[str, Floors] = field(default_factory=dict)

    def of(self, intent: str) -> Floors:
        return next((own for name, own in self.named.items() if same_name(name, intent)), self.general)

    def names(self, intent: str) -> bool:
        """Whether an intent is one of those with floors of their own."""
        return any(same_name(name, intent) for name in self.named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one intent stands, in distinct utterances.

    ``support`` expect it, evaluated or not; ``right`` of them passed, and ``lost`` were not evaluated. ``wrongly``
    counts the mismatches elsewhere that it was matched in; in ``stray`` more it may have been, since they were not
    evaluated. ``absent`` utterances of the suite do not even stand in the file: any of them may expect it, or be a copy
    of one that was right.
    """

    intent: str
    support: int = 0
    right: int = 0
    lost: int = 0
    wrongly: int = 0
    stray: int = 0
    absent: int = 0

    def share(self, score: str) -> tuple[int, int]:
        """Return how many were right of those that were evaluated and that a score is made of."""
        return self.right, self._counted(score, self.right, self.support - self.lost, self.wrongly)

    def corner(self, score: str, *, best: bool) -> tuple[int, int]:
        """Return the same as if all that was not evaluated had gone best, or worst, for the score."""
        if best:
            right = self.right + self.lost + self.absent
            return right, self._counted(score, right, self.support + self.absent, self.wrongly)
        # What expects the intent and missed it lowers its recall; what does not, and was taken for it, its precision.
        # More than can be copies of one that was right can still expect the intent and miss it.
        right, missed = max(0, self.right - self.absent), max(0, self.absent - self.right)
        return right, self._counted(score, right, self.support + missed, self.wrongly + self.stray + self.absent)

    @staticmethod
    def _counted(score: str, right: int, support: int, wrongly: int) -> int:
        return {"f1": support + wrongly, "precision": right + wrongly, "recall": support}[score]


def tested_share(score: str, floor: Fraction) -> Fraction:
    """Return the share of rights that a floor stands for: F1 is TP/(TP+FP+FN) = s as 2s/(1 + s)."""
    return floor / (2 - floor) if score == "f1" else floor


def least_support(score: str, floor: Fraction, own: Floors, alpha: Fraction) -> int:
    """Return how many utterances a floor needs: of fewer, even none right may be bad luck, (1 - s)^n > alpha."""
    least, share = max(1, own.min_support), float(tested_share(score, floor))
    if own.point or not 0 < share < 1:
        return least
    # A quotient that is a whole number may come out a trifle above it.
    return max(least, math.ceil(math.log(alpha) / math.log1p(-share) - _QUOTIENT))


def floor_outcome(score: str, right: int, counted: int, floor: Fraction, *, point: bool, alpha: Fraction) -> Outcome:
    """Compare a score, ``right`` of ``counted``, with a floor.

    Unless the plain score counts (``point``), it is below if so low a one would be rare for an intent that just reaches
    the floor: P(X <= right) <= alpha, X ~ Bin(counted, share). An intent of which nothing was right, and which is not
    below, shows nothing.
    """
    share = tested_share(score, floor)
    if (
        counted
        and right < share * counted
        and (point or beyond_chance(binomial_tail(right, counted, float(share)), float(alpha)))
    ):
        return Outcome.FAILED
    return Outcome.PASSED if right else Outcome.NO_DATA
