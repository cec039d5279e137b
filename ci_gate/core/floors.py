"""Floors per intent: the least that each intent, or one of them by name, must reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ci_gate.core.statistics import binomial_tail

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from ci_gate.core.intents import IntentScores

MIN_SUPPORT = 5
"""Below so many utterances no honest rule can tell an intent that is too weak from one that was unlucky."""

_ROUNDING = 1e-12
"""How far a probability that is alpha exactly may come out above it: 1 - 0.95 is more than 0.05 in floating point."""

FLOORS: Final = MappingProxyType({"min_f1": "f1", "min_precision": "precision", "min_recall": "recall"})
"""The settings of a floor, and which score of an intent each bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """What an intent must reach: its floors by the score that they bound, and how they are judged.

    ``point`` holds the plain score against the floor; else an intent is below it only where the exact binomial test
    says so. An intent of fewer than ``min_support`` utterances is not judged.
    """

    bounds: Mapping[str, Fraction] = field(default_factory=dict)
    min_support: int = MIN_SUPPORT
    point: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFloors:
    """The floors of a suite: of intents in general, and of some by name; those hold for the name alone."""

    general: Floors = field(default_factory=Floors)
    named: Mapping[str, Floors] = field(default_factory=dict)

    def of(self, intent: str) -> Floors:
        """Give the floors of one intent."""
        return next((own for name, own in self.named.items() if name.casefold() == intent.casefold()), self.general)

    def names(self, intent: str) -> bool:
        """Whether an intent is one of those with floors of their own."""
        return any(name.casefold() == intent.casefold() for name in self.named)


def counted_for(score: str, intent: IntentScores) -> tuple[int, int]:
    """Give how many went right of those that a score of an intent is made of."""
    wrong = {"f1": intent.fp + intent.fn, "precision": intent.fp, "recall": intent.fn}[score]
    return intent.tp, intent.tp + wrong


def is_below(score: str, intent: IntentScores, floor: Fraction, *, point: bool, alpha: float) -> bool:
    """Hold one score of an intent against its floor; where nothing counts for the score, it is not below.

    Unless the plain score counts, it is below where so few rights would be rare for an intent that just reaches the
    floor: P(X <= right) <= alpha, X ~ Bin(counted, floor). F1 is tested as the share TP/(TP+FP+FN) that it stands for,
    F1/(2 - F1).
    """
    right, counted = counted_for(score, intent)
    share = floor / (2 - floor) if score == "f1" else floor
    if not counted or right >= share * counted:
        return False
    return point or binomial_tail(right, counted, float(share)) <= alpha * (1 + _ROUNDING)
