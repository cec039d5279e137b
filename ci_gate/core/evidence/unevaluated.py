"""What was not evaluated: what it may turn out to be, and what follows for a score in the best and the worst case."""

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
    """How many utterances of a run were not evaluated, by what is known of them.

    An intent is expected in ``expecting`` of them and none in ``expecting_none``; of the ``unsure``, which do not even
    stand in the results file, that is not known. ``entities`` are expected in them, ``None`` if that is not known.
    """

    expecting: int = 0
    expecting_none: int = 0
    unsure: int = 0
    entities: int | None = 0

    @property
    def total(self) -> int:
        return self.expecting + self.expecting_none + self.unsure


def options(utterance: Utterance) -> tuple[ResultType, ...]:
    """Return the result types that an utterance may turn out to have: its own, or all that its expectation allows."""
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

    ``None`` if nothing that was evaluated counts for it, since it would then have no value in one of the cases.
    """
    if measure(metric, counts) is None:
        return None
    corners = (corner(metric, counts, unknown, best=best) for best in (False, True))
    one, other = (measure(metric, end) if end else None for end in corners)
    # Entities of which more matched than there are come out the wrong way round.
    return None if one is None or other is None else Range(min(one, other), max(one, other))


def corner(metric: Metric, counts: Counts, unknown: Unevaluated, *, best: bool) -> Counts | None:
    """Return the counts as if all that was not evaluated had gone best, or worst, for a metric; ``None``: not known.

    Best is right in every respect. Worst is a wrong intent, which precision, F1 and accuracy see, but for recall an
    intent that was missed.
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
    # Counts that contradict each other are reported elsewhere; here none may make a share larger than the whole.
    utterances = max(counts.utterances or 0, tp + tn + fp + fn)
    return replace(counts, tp=tp, tn=tn, fp=fp, fn=fn, utterances=utterances)


def entity_corner(counts: Counts, unknown: Unevaluated, *, best: bool) -> Counts | None:
    """Return the counts as if all entities that were not evaluated had been matched, or none; ``None``: not known.

    Whether the platform's totals hold them is not known either, so both are allowed for.
    """
    lost = unknown.entities
    if lost is None or counts.entities is None or counts.matched_entities is None:
        return None
    if best:
        return replace(counts, matched_entities=min(counts.entities, counts.matched_entities + lost))
    return replace(counts, entities=counts.entities + lost)
