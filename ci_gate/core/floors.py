"""Floors per intent: the lowest scores allowed, for every intent or for single intents by name."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ci_gate.core.metrics import Metric
from ci_gate.core.names import key_of
from ci_gate.core.outcome import Outcome
from ci_gate.core.statistics.chance import beyond_chance, binomial_tail
from ci_gate.core.text.decimals import exact_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

MIN_SUPPORT = 5
"""With fewer utterances no sound rule can tell a weak intent from an unlucky one."""

_QUOTIENT = 1e-9
"""The largest rounding error in the computed number of utterances."""

FLOORS: Final = MappingProxyType({"min_f1": Metric.F1, "min_precision": Metric.PRECISION, "min_recall": Metric.RECALL})
"""The score that each setting of a floor bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """The floors of an intent, and how they are judged.

    ``bounds`` maps a key of ``FLOORS`` to the lowest score allowed. With ``point`` the score itself is compared with
    the floor; otherwise an intent fails only if the exact binomial test puts it below the floor. An intent with fewer
    than ``min_support`` utterances is not judged.
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
    """The floors of a suite: ``named`` for single intents, and ``general`` for every other intent."""

    general: Floors = field(default_factory=Floors)
    named: Mapping[str, Floors] = field(default_factory=dict)
    _by_key: Mapping[tuple[str, ...], Floors] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the named floors by key, so that every spelling of a name finds them."""
        object.__setattr__(self, "_by_key", {key_of(name): own for name, own in self.named.items()})

    def of(self, intent: str) -> Floors:
        return self._by_key.get(key_of(intent), self.general)

    def names(self, intent: str) -> bool:
        """Return whether ``intent`` has floors of its own."""
        return key_of(intent) in self._by_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The counts of one intent, in distinct utterances.

    ``support`` utterances expect the intent, evaluated or not; ``right`` of these passed and ``lost`` were not
    evaluated. ``wrongly`` is the number of mismatches that matched the intent without expecting it; ``stray`` is the
    number of further unevaluated utterances that may have done so. ``absent`` is the number of utterances of the suite
    that the file lacks: any of them may expect the intent, or be a copy of a right utterance.
    """

    intent: str
    support: int = 0
    right: int = 0
    lost: int = 0
    wrongly: int = 0
    stray: int = 0
    absent: int = 0

    def share(self, score: str) -> tuple[int, int]:
        """Return the number of right utterances, and the number of evaluated ones that ``score`` counts."""
        return self.right, self._counted(score, self.right, self.support - self.lost, self.wrongly)

    def corner(self, score: str, *, best: bool) -> tuple[int, int]:
        """Return the same two numbers as ``share`` for the best, or worst, results of all unevaluated utterances."""
        if best:
            right = self.right + self.lost + self.absent
            return right, self._counted(score, right, self.support + self.absent, self.wrongly)
        # An utterance that expects the intent and misses it lowers recall; one that matches it wrongly, precision.
        # At most ``right`` absent utterances can be failing copies of right ones; the others may miss the intent.
        right, missed = max(0, self.right - self.absent), max(0, self.absent - self.right)
        return right, self._counted(score, right, self.support + missed, self.wrongly + self.stray + self.absent)

    @staticmethod
    def _counted(score: str, right: int, support: int, wrongly: int) -> int:
        return {"f1": support + wrongly, "precision": right + wrongly, "recall": support}[score]


def tested_share(score: str, floor: Fraction) -> Fraction:
    """Return the share of right utterances that corresponds to ``floor``.

    An F1 of 2s/(1 + s) corresponds to the share s = TP/(TP+FP+FN); precision and recall are shares themselves.
    """
    return floor / (2 - floor) if score == "f1" else floor


def least_support(score: str, floor: Fraction, own: Floors, alpha: Fraction) -> int:
    """Return the number of utterances that a floor needs, at least ``own.min_support``.

    Unless ``own.point`` is set, it is at least the smallest n for which n wrong utterances of n are significant: (1 -
    s)^n <= alpha, where s is the ``tested_share`` of the floor.
    """
    least, share = max(1, own.min_support), float(tested_share(score, floor))
    if own.point or not 0 < share < 1:
        return least
    # Rounding may lift a whole quotient slightly, which would add an utterance.
    return max(least, math.ceil(math.log(alpha) / math.log1p(-share) - _QUOTIENT))


def floor_outcome(score: str, right: int, counted: int, floor: Fraction, *, point: bool, alpha: Fraction) -> Outcome:
    """Return the outcome of a score, ``right`` of ``counted``, against ``floor``.

    With ``point`` any score below the floor fails. Otherwise the score must also be significantly below the floor, by
    the test P(X <= right) <= alpha with X ~ Bin(counted, share), where the share is that of an intent that just reaches
    the floor. A score that does not fail passes if any utterance was right, and has no data otherwise.
    """
    share = tested_share(score, floor)
    if (
        counted
        and right < share * counted
        and (point or beyond_chance(binomial_tail(right, counted, float(share)), float(alpha)))
    ):
        return Outcome.FAILED
    return Outcome.PASSED if right else Outcome.NO_DATA
