"""The metrics, computed as exact fractions of the platform's counts."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, assert_never

from ci_gate.core.statistics.chance import wilson

if TYPE_CHECKING:
    from ci_gate.core.counts import Counts


class Metric(StrEnum):
    """Every number on which a threshold can be set."""

    F1 = "f1"
    PRECISION = "precision"
    RECALL = "recall"
    ACCURACY = "accuracy"
    ENTITY_MATCH = "entity_match"
    FAILED_UTTERANCES = "failed_utterances"
    MISMATCHES = "mismatches"
    ENTITY_MISMATCHES = "entity_mismatches"
    UTTERANCES = "utterances"
    F1_DROP = "f1_drop"
    PRECISION_DROP = "precision_drop"
    RECALL_DROP = "recall_drop"
    ACCURACY_DROP = "accuracy_drop"
    NEW_FAILURES = "new_failures"

    @property
    def label(self) -> str:
        """The name for people; the value is the name for machines."""
        return "not evaluated" if self is Metric.FAILED_UTTERANCES else self.value.replace("_", " ")

    @property
    def is_score(self) -> bool:
        """Whether this metric measures the quality of the bot in one run, as a share between 0 and 1."""
        return self in SCORES

    @property
    def is_share(self) -> bool:
        """Whether this metric is a share between 0 and 1 or a difference of two shares, rather than a count."""
        return self in SCORES or self in DROPS

    @property
    def needs_baseline(self) -> bool:
        return self in DROPS or self is Metric.NEW_FAILURES

    @property
    def is_about_the_bot(self) -> bool:
        """Whether this metric measures the quality of the bot; the others measure how much was evaluated."""
        return self not in (Metric.UTTERANCES, Metric.FAILED_UTTERANCES)


SCORES = (Metric.F1, Metric.PRECISION, Metric.RECALL, Metric.ACCURACY, Metric.ENTITY_MATCH)

DROPS: Final = MappingProxyType(
    {
        Metric.F1_DROP: Metric.F1,
        Metric.PRECISION_DROP: Metric.PRECISION,
        Metric.RECALL_DROP: Metric.RECALL,
        Metric.ACCURACY_DROP: Metric.ACCURACY,
    }
)
"""The score whose fall each of these metrics measures."""


def parts(metric: Metric, counts: Counts) -> tuple[int, int] | None:
    """Return numerator and denominator of ``metric``; ``None`` if it needs an unknown count, or two runs.

    Source: the vendor's formulas for precision, recall, F1 and the console's accuracy, with F1 in the form that needs
    a single division. A wrong intent counts as FP only, so that recall ignores it and F1 counts it once, not twice.
    """
    c = counts
    match metric:
        case Metric.F1:
            numerator, denominator = _total(c.tp, c.tp), _total(c.tp, c.tp, c.fp, c.fn)
        case Metric.PRECISION:
            numerator, denominator = c.tp, _total(c.tp, c.fp)
        case Metric.RECALL:
            numerator, denominator = c.tp, _total(c.tp, c.fn)
        case Metric.ACCURACY:
            # Utterances that were not evaluated stay in the denominator: the bot did not get them right.
            numerator, denominator = _total(c.tp, c.tn), c.utterances
        case Metric.ENTITY_MATCH:
            numerator, denominator = c.matched_entities, c.entities
        case Metric.ENTITY_MISMATCHES:
            missed = None if c.entities is None or c.matched_entities is None else c.entities - c.matched_entities
            numerator, denominator = missed, 1
        case Metric.MISMATCHES:
            numerator, denominator = _total(c.fp, c.fn), 1
        case Metric.FAILED_UTTERANCES:
            numerator, denominator = c.failed_utterances, 1
        case Metric.UTTERANCES:
            numerator, denominator = c.utterances, 1
        case Metric.F1_DROP | Metric.PRECISION_DROP | Metric.RECALL_DROP | Metric.ACCURACY_DROP | Metric.NEW_FAILURES:
            numerator, denominator = None, 1  # needs two runs
        case _:
            assert_never(metric)
    return None if numerator is None or denominator is None else (numerator, denominator)


def _total(*counts: int | None) -> int | None:
    """Return the sum of ``counts``; ``None`` if any of them is not known."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def measure(metric: Metric, counts: Counts) -> Fraction | None:
    """Return the exact value of ``metric``; ``None`` if a count is missing or the denominator is zero."""
    found = parts(metric, counts)
    return Fraction(*found) if found and found[1] else None


def interval(metric: Metric, counts: Counts) -> tuple[Fraction, Fraction] | None:
    """Return both ends of a score's 95 % confidence interval: Wilson's score interval of a share.

    F1 is not a share, but equals 2s/(1+s) for the share s = TP/(TP+FP+FN): its interval is the interval of s, mapped by
    the same formula. The interval always contains the score: an end that rounding moved past the score is replaced by
    it. ``None`` if a count is missing, the denominator is zero, or the counts contradict each other.
    """
    found = parts(metric, counts)
    if not found or not 0 <= found[0] <= found[1] or not found[1]:
        return None
    part, whole = found
    if metric is Metric.F1:
        low, high = wilson(part // 2, whole - part // 2)
        low, high = 2 * low / (1 + low), 2 * high / (1 + high)
    else:
        low, high = wilson(part, whole)
    score = Fraction(part, whole)
    return min(Fraction(low), score), max(Fraction(high), score)
