"""The wording of checks on a single run: remarks beside a measured number, and reasons why a number is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.core.checks.check import more_waived
from ci_gate.core.metrics import Metric, parts
from ci_gate.core.text.decimals import Range, read_score, text_beside

if TYPE_CHECKING:
    from ci_gate.core.evidence.weigh import Evidence
    from ci_gate.core.thresholds import Threshold


def not_evaluated(lost: int, total: int | None, *, by_the_platform: bool) -> str:
    """Return as text that ``lost`` utterances were not evaluated, out of ``total`` if that is not ``None``.

    ``by_the_platform``: the number is the platform's own, so that the text names the platform.
    """
    noun = "utterance" if (lost if total is None else total) == 1 else "utterances"
    number = f"{lost}" if total is None else f"{lost} of {total}"
    verb = "was" if lost == 1 else "were"
    return f"{number} {noun} {verb} not evaluated{' by the platform' if by_the_platform else ''}"


def why_undecided(metric: Metric, values: Range, threshold: Threshold, evidence: Evidence) -> str:
    """Return the range of a metric as text, and the reason why it is not known more exactly."""
    low, high = (
        text_beside(value, threshold.bound) if metric.is_share else str(value) for value in (values.low, values.high)
    )
    lost = max(evidence.unevaluated.total, evidence.counts.failed_utterances or 0)
    between = f"between {low} and {high}"
    if metric in (Metric.ENTITY_MATCH, Metric.ENTITY_MISMATCHES):
        number = f"{evidence.unevaluated.entities} entities were not evaluated"
        return f"{between}: {number}; if all of them had matched this would pass, if none had it would fail"
    if lost:
        number = not_evaluated(lost, None, by_the_platform=False)
        return f"{between}: {number}; if all of them were right this would pass, if all were wrong it would fail"
    if metric.is_score and parts(metric, evidence.counts) is None:
        return f"{between}, which the platform rounds to {(evidence.scores[metric].reported or '').strip()}"
    return f"{between}: the sources contradict each other"


def remark(threshold: Threshold, evidence: Evidence, *, lower_bound: bool, waived: int, failed: bool) -> str:
    """Return the remark beside a measured number; empty if none is needed.

    The remark on a lower bound is the score itself, and the remark on mismatches is the number of waived ones. On any
    other metric it is the platform's own number, if that lies on the other side of the bound.
    """
    metric = threshold.metric
    score = evidence.scores.get(metric)
    if lower_bound and score and score.judged is not None:
        return f" ({metric.label} itself is {text_beside(score.judged, threshold.bound)})"
    if metric is Metric.MISMATCHES:
        return more_waived(waived)
    reported = score.reported if score else None
    shown = read_score(reported) if reported is not None else None
    if reported is None or shown is None:
        return ""
    separated = threshold.is_met_by(shown) is failed
    return f" (the platform shows {reported.strip()})" if separated else ""


def why_no_data(metric: Metric, evidence: Evidence) -> str:
    """Return why a metric has no value: the value does not exist, or it is not known."""
    if evidence.is_empty:
        return "too little was evaluated"
    counts = evidence.counts
    if metric.is_score and evidence.scores[metric].values is not None:
        return "an interval needs the counts that the score is made of, and the platform did not report them"
    if metric in (Metric.ENTITY_MATCH, Metric.ENTITY_MISMATCHES) and evidence.unevaluated.entities is None:
        return "it is not known how many entities the unevaluated utterances have"
    if metric.is_score and evidence.scores[metric].judged is not None:
        return "the counts that it is made of are not known, nor whether all utterances were evaluated"
    is_known = parts(metric, counts) is not None
    match metric:
        case Metric.PRECISION if is_known:
            return "no utterance matched an intent where one could be right or wrong: TP+FP is 0"
        case Metric.RECALL if is_known:
            return "no utterance that expects an intent was matched rightly or missed: TP+FN is 0"
        case Metric.F1 if is_known:
            return "no utterance counts as TP, FP or FN: TP+FP+FN is 0"
        case Metric.ENTITY_MATCH if counts.entities == 0:
            return "the suite has no entities"
        case Metric.ACCURACY if counts.utterances == 0:
            return "the suite has no utterances"
        case _:
            return "the platform did not report the counts that it is made of"
