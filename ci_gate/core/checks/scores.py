"""Thresholds on a single run, judged with the best and with the worst possible results of unevaluated utterances."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.checks.check import Check, Rule, toothless
from ci_gate.core.checks.score_words import not_evaluated, remark, why_no_data, why_undecided
from ci_gate.core.evidence.unevaluated import corner, score_range
from ci_gate.core.metrics import Metric, interval, measure
from ci_gate.core.outcome import Outcome
from ci_gate.core.text.decimals import Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.evidence.weigh import Evidence
    from ci_gate.core.findings import Finding
    from ci_gate.core.rules import Rules
    from ci_gate.core.thresholds import Threshold


def judge(evidence: Evidence, rules: Rules, *, waived: int = 0) -> Iterator[Check | Finding]:
    """Yield a check for each threshold that needs no baseline.

    ``waived`` is the number of mismatches that do not count. A bound that is not broken even if everything in the suite
    is a mismatch is not judged. If it was set for this suite, or if the suite may be large enough after all, its check
    has no data; otherwise a finding says that it is left out.
    """
    for threshold in rules.thresholds:
        if threshold.metric.needs_baseline:
            continue
        lower_bound = rules.lower_bound and threshold.metric.is_score
        rule = Rule(
            name=f"{_label(threshold.metric, lower_bound=lower_bound)} {threshold.operator} {threshold.bound_text}",
            metric=threshold.metric,
            operator=threshold.operator,
            bound=threshold.bound,
            is_share=threshold.metric.is_share,
            is_excusable=threshold.metric.is_about_the_bot,
        )
        why, perhaps = _why_toothless(threshold, evidence)
        if why:
            yield toothless(rule, why, is_demanded=perhaps or threshold.key in rules.pressing)
        elif threshold.metric is Metric.FAILED_UTTERANCES:
            yield _failed_utterances(rule, threshold, evidence)
        else:
            yield _check(rule, threshold, evidence, lower_bound=lower_bound, waived=waived)


def _why_toothless(threshold: Threshold, evidence: Evidence) -> tuple[str, bool]:
    """Return why the suite is too small to break the bound, and whether it may be large enough after all.

    The reason is empty if the suite is large enough. It may be so after all if the number of entities is not known
    exactly.
    """
    counts, unknown = evidence.counts, evidence.unevaluated
    if threshold.metric is Metric.MISMATCHES and counts.utterances is not None:
        # A run that shrank reported more utterances while in progress than at its end.
        least = most = max(counts.utterances, (counts.evaluated or 0) + unknown.total)
        what = "utterances"
    elif threshold.metric is Metric.ENTITY_MISMATCHES and None not in (counts.entities, unknown.entities):
        least, what = counts.entities or 0, "entities"
        most = least + (unknown.entities or 0)
    else:
        return "", False
    if threshold.bound < least:
        return "", False
    size = f"{least}" if least == most else f"{least} to {most}"
    return (
        f"the suite has {size} {what} in all, so no result can break this bound: set a lower one",
        threshold.bound < most,
    )


def _check(rule: Rule, threshold: Threshold, evidence: Evidence, *, lower_bound: bool, waived: int) -> Check:
    metric = threshold.metric
    values = _values(metric, evidence, lower_bound=lower_bound, waived=waived)
    if values is None:
        return rule.without_data(why_no_data(metric, evidence))
    outcome = threshold.outcome(values)
    if outcome is Outcome.NO_DATA:
        return rule.without_data(why_undecided(metric, values, threshold, evidence))
    failed = outcome is Outcome.FAILED
    label = _label(metric, lower_bound=lower_bound)
    operator = {">=": "<", "<=": ">"}[threshold.operator] if failed else threshold.operator
    shown = _shown_value(metric, evidence, values, lower_bound=lower_bound)
    text = rule.text_of(shown)
    beside = remark(threshold, evidence, lower_bound=lower_bound, waived=waived, failed=failed)
    message = f"{label} {text} {operator} {threshold.bound_text}{beside}"
    return rule.found(actual=shown, outcome=outcome, message=message, measured=f"{text}{beside}")


def _label(metric: Metric, *, lower_bound: bool) -> str:
    return f"{metric.label} lower bound" if lower_bound else metric.label


def _failed_utterances(rule: Rule, threshold: Threshold, evidence: Evidence) -> Check:
    """Return the check of the number of unevaluated utterances.

    A number above the bound fails if the platform reports it; if it was derived from other counts, the check has no
    data.
    """
    counts, allowed = evidence.counts, int(threshold.bound)
    lost = counts.failed_utterances
    if lost is None:
        return rule.without_data("the platform did not report how many utterances it evaluated")
    if lost <= allowed:
        message = f"{threshold.metric.label} {lost} <= {threshold.bound_text}"
        return rule.found(actual=Fraction(lost), outcome=Outcome.PASSED, message=message, measured=str(lost))
    message = not_evaluated(lost, counts.utterances, by_the_platform=evidence.is_reported)
    message += f" ({threshold.bound_text} allowed)" if allowed else ""
    if not evidence.is_reported:
        return rule.without_data(message)
    return rule.found(actual=Fraction(lost), outcome=Outcome.FAILED, message=message, measured=message)


def _values(metric: Metric, evidence: Evidence, *, lower_bound: bool, waived: int) -> Range | None:
    """Return the range of the number to compare with the threshold; ``None`` if it is not known."""
    if evidence.is_empty and metric.is_about_the_bot:
        return None
    counts, unknown = evidence.counts, evidence.unevaluated
    if metric is Metric.ENTITY_MISMATCHES:
        ends = (corner(metric, counts, unknown, best=best) for best in (True, False))
        return _between(*(measure(metric, end) if end else None for end in ends))
    if not metric.is_score:
        counted = measure(metric, counts)
        if counted is None or metric is not Metric.MISMATCHES:
            return _between(counted, counted)
        left = [_unwaived(counted, evidence, waived)]
        if evidence.utterances is not None and len(evidence.utterances) == counts.utterances:
            # If the rows of a complete file give another number, that one may be right.
            left.append(Fraction(max(0, sum(utterance.is_mismatch for utterance in evidence.utterances) - waived)))
        return Range(min(left), max(left) + unknown.total)
    values = evidence.scores[metric].values
    if not lower_bound or values is None:
        return values
    corners = (corner(metric, counts, unknown, best=best) for best in (False, True))
    intervals = [interval(metric, end) if end else None for end in corners]
    low, high = (ends[0] if ends else None for ends in intervals)
    measured = score_range(metric, counts, unknown)
    if low is None or high is None or measured is None:
        return None
    # If a report gives a higher score than the counts, its interval is not known: the score itself is the upper end.
    return Range(min(low, values.low), values.high if values.high > measured.high else high)


def _between(low: Fraction | None, high: Fraction | None) -> Range | None:
    return None if low is None or high is None else Range(low, high)


def _shown_value(metric: Metric, evidence: Evidence, values: Range, *, lower_bound: bool) -> Fraction:
    """Return the number to show for a check that has data: the judged score if there is one, else the low end."""
    if not metric.is_score or lower_bound:
        return values.low
    judged = evidence.scores[metric].judged
    return values.low if judged is None else judged


def _unwaived(counted: Fraction, evidence: Evidence, waived: int) -> Fraction:
    """Return the number of mismatches that are left after the waivers.

    If the file holds more mismatches than the platform ``counted``, the waived ones may be among those that it did not
    count.
    """
    in_file = Fraction(sum(utterance.is_mismatch for utterance in evidence.utterances or ()))
    return max(Fraction(0), min(counted, max(counted, in_file) - waived))
