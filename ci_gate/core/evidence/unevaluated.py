"""Unevaluated utterances: their possible result types, and the scores in the best and in the worst case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_gate.core.metrics import Metric, measure
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.text.decimals import Range

if TYPE_CHECKING:
    from ci_gate.core.counts import Counts

_EXPECTING = (ResultType.TP, ResultType.FP, ResultType.FN)
_EXPECTING_NONE = (ResultType.TN, ResultType.FP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unevaluated:
    """The numbers of utterances that were not evaluated, by what the results file shows of them.

    ``expecting`` utterances expect an intent and ``expecting_none`` expect none; for ``unsure`` ones that is not known.
    ``entities`` is the number of entities that were not evaluated, ``None`` if it is not known.
    """

    expecting: int = 0
    expecting_none: int = 0
    unsure: int = 0
    entities: int | None = 0

    @property
    def total(self) -> int:
        return self.expecting + self.expecting_none + self.unsure


def options(utterance: Utterance) -> tuple[ResultType, ...]:
    """Return the possible result types of an utterance.

    An evaluated utterance has its own, and an FN that ``may_be_fp`` also FP. An unevaluated one has all that its
    expected intents allow.
    """
    if utterance.is_evaluated:
        missed = utterance.result_type is ResultType.FN
        return (ResultType.FN, ResultType.FP) if missed and utterance.may_be_fp else (utterance.result_type,)
    return _EXPECTING if utterance.expected else _EXPECTING_NONE


def may_pass(utterance: Utterance) -> bool:
    return not utterance.is_mismatch


def may_fail(utterance: Utterance) -> bool:
    return not utterance.passed


def score_range(metric: Metric, counts: Counts, unknown: Unevaluated) -> Range | None:
    """Return the lowest and the highest value that a score may turn out to have.

    ``None`` if the counts alone give no score, or if one end of the range is not known.
    """
    if measure(metric, counts) is None:
        return None
    corners = (corner(metric, counts, unknown, best=best) for best in (False, True))
    one, other = (measure(metric, end) if end else None for end in corners)
    # If more entities matched than exist, the two ends are in reverse order.
    return None if one is None or other is None else Range(min(one, other), max(one, other))


def corner(metric: Metric, counts: Counts, unknown: Unevaluated, *, best: bool) -> Counts | None:
    """Return the counts with the best, or worst, results for all unevaluated utterances.

    The best result is the right one. The worst is a wrong intent for precision, F1 and accuracy, but a missed intent
    for recall, which ignores wrong ones. ``None`` if the metric is of entities and their counts are not known.
    """
    if metric in (Metric.ENTITY_MATCH, Metric.ENTITY_MISMATCHES):
        return entity_corner(counts, unknown, best=best)
    if not unknown.total or counts.confusion is None:
        return counts
    tp, tn, fp, fn = counts.confusion
    expecting = unknown.expecting + unknown.unsure
    if best:
        tp, tn = tp + expecting, tn + unknown.expecting_none
    elif metric is Metric.RECALL:
        fn, fp = fn + expecting, fp + unknown.expecting_none
    else:
        fp += unknown.total
    # Contradicting counts are reported elsewhere; here they must not make a share larger than 1.
    utterances = max(counts.utterances or 0, tp + tn + fp + fn)
    return replace(counts, tp=tp, tn=tn, fp=fp, fn=fn, utterances=utterances)


def entity_corner(counts: Counts, unknown: Unevaluated, *, best: bool) -> Counts | None:
    """Return the counts if all unevaluated entities had matched, or none of them; ``None`` if not known.

    Whether the platform's totals include these entities is not known either: the best case assumes that they do, the
    worst case that they do not.
    """
    lost = unknown.entities
    if lost is None or counts.entities is None or counts.matched_entities is None:
        return None
    if best:
        return replace(counts, matched_entities=min(counts.entities, counts.matched_entities + lost))
    return replace(counts, entities=counts.entities + lost)
