"""The verdict: thresholds held against evidence, and what follows for one suite."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

from ci_gate.core.checks import Check, Outcome, more_waived
from ci_gate.core.figures import read_score, text_beside
from ci_gate.core.intervals import interval
from ci_gate.core.metrics import Metric, measure, parts
from ci_gate.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_gate.core.evidence import Evidence
    from ci_gate.core.thresholds import Threshold


class Verdict(StrEnum):
    """What became of a suite, or of the whole gate."""

    PASSED = "passed"
    FAILED = "failed"
    UNJUDGED = "unjudged"


def judge(
    evidence: Evidence, thresholds: Iterable[Threshold], *, lower_bound: bool = False, waived: int = 0
) -> tuple[Check, ...]:
    """Hold every threshold on the run itself against the evidence.

    ``lower_bound`` judges the lower end of a score's interval in its place; so many mismatches as are ``waived`` are
    not counted as any.
    """
    return tuple(
        _check(threshold, evidence, lower_bound=lower_bound and threshold.metric.is_score, waived=waived)
        for threshold in thresholds
        if not threshold.metric.needs_baseline
    )


def verdict_of(checks: Iterable[Check], evidence: Evidence) -> Verdict:
    """One failed check makes the suite failed, whatever else is missing; then any doubt makes it unjudged."""
    outcomes = {check.outcome for check in checks}
    if Outcome.FAILED in outcomes:
        return Verdict.FAILED
    if Outcome.NO_DATA in outcomes or any(finding.blocks for finding in evidence.findings):
        return Verdict.UNJUDGED
    return Verdict.PASSED


def is_excusable(checks: Iterable[Check], evidence: Evidence) -> bool:
    """Whether an advisory suite that failed may end in 0: only with sound evidence.

    What the platform did not evaluate is no matter of the bot's quality, so that check is never excused.
    """
    return not any(finding.blocks for finding in evidence.findings) and not any(
        check.outcome is Outcome.NO_DATA or (check.outcome is Outcome.FAILED and not check.is_excusable)
        for check in checks
    )


def exit_code_of(verdict: Verdict, *, excused: bool = False) -> ExitCode:
    """Give the exit code that a judged suite stands for."""
    match verdict:
        case Verdict.PASSED:
            return ExitCode.PASSED
        case Verdict.FAILED:
            return ExitCode.PASSED if excused else ExitCode.FAILED
        case Verdict.UNJUDGED:
            return ExitCode.INCONCLUSIVE
        case _:
            assert_never(verdict)


def _check(threshold: Threshold, evidence: Evidence, *, lower_bound: bool, waived: int) -> Check:
    metric = threshold.metric
    label = f"{metric.label} lower bound" if lower_bound else metric.label
    actual = _measured(metric, evidence, lower_bound=lower_bound, waived=waived)
    check = Check(
        name=f"{label} {threshold.operator} {threshold.bound_text}",
        metric=metric.value,
        operator=threshold.operator,
        bound=threshold.bound,
        actual=actual,
        outcome=Outcome.NO_DATA,
        message="",
        measured="",
        is_share=metric.is_share,
        is_excusable=metric is not Metric.FAILED_UTTERANCES,
    )
    if actual is None:
        why = _why_no_data(metric, evidence)
        return replace(check, message=f"{check.name}: no data ({why})", measured=why)
    failed = not threshold.is_met_by(actual)
    if metric is Metric.FAILED_UTTERANCES and failed:
        message = _not_evaluated(int(actual), evidence.counts.utterances, threshold)
        return replace(check, outcome=Outcome.FAILED, message=message, measured=message)
    operator = {">=": "<", "<=": ">"}[threshold.operator] if failed else threshold.operator
    remark = _remark(threshold, evidence, lower_bound=lower_bound, waived=waived, failed=failed)
    return replace(
        check,
        outcome=Outcome.FAILED if failed else Outcome.PASSED,
        message=f"{label} {check.actual_text} {operator} {threshold.bound_text}{remark}",
        measured=f"{check.actual_text}{remark}",
    )


def _not_evaluated(lost: int, total: int | None, threshold: Threshold) -> str:
    """Say how many utterances the platform did not evaluate, which is no matter of the bot's."""
    noun = "utterance" if (lost if total is None else total) == 1 else "utterances"
    number = f"{lost}" if total is None else f"{lost} of {total}"
    verb = "was" if lost == 1 else "were"
    allowed = f" ({threshold.bound_text} allowed)" if threshold.bound else ""
    return f"{number} {noun} {verb} not evaluated by the platform{allowed}"


def _measured(metric: Metric, evidence: Evidence, *, lower_bound: bool, waived: int) -> Fraction | None:
    """Give the number that is held against a threshold."""
    if evidence.is_empty and metric.is_about_the_bot:
        return None
    if not metric.is_score:
        counted = measure(metric, evidence.counts)
        return counted if counted is None or metric is not Metric.MISMATCHES else _unwaived(counted, evidence, waived)
    score = evidence.scores[metric].judged
    if not lower_bound or score is None:
        return score
    ends = interval(metric, evidence.counts)
    return min(score, ends[0]) if ends else None


def _unwaived(counted: Fraction, evidence: Evidence, waived: int) -> Fraction:
    """Give the mismatches that are left.

    Where the file holds more of them than the platform counted, the waived ones may be those that it did not count.
    """
    in_file = Fraction(sum(case.is_mismatch for case in evidence.cases or ()))
    return max(Fraction(0), min(counted, max(counted, in_file) - waived))


def _remark(threshold: Threshold, evidence: Evidence, *, lower_bound: bool, waived: int, failed: bool) -> str:
    """Explain a number that differs from what the platform shows."""
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


def _why_no_data(metric: Metric, evidence: Evidence) -> str:
    """Tell a number that does not exist from one that is not known."""
    if evidence.is_empty:
        return "not one utterance was evaluated"
    counts = evidence.counts
    if metric.is_score and evidence.scores[metric].judged is not None:
        return "an interval needs the counts that the score is made of, and the platform did not report them"
    is_known = parts(metric, counts) is not None
    match metric:
        case Metric.PRECISION if is_known:
            return "no utterance matched an intent where one could be right or wrong: TP+FP is 0"
        case Metric.RECALL if is_known:
            return "no utterance that expects an intent was matched rightly or missed: TP+FN is 0"
        case Metric.F1 if is_known:
            return "no utterance has anything to do with an intent: TP+FP+FN is 0"
        case Metric.ENTITY_MATCH if counts.entities == 0:
            return "the suite has no entities"
        case Metric.ACCURACY if counts.utterances == 0:
            return "the suite has no utterances"
        case _:
            return "the platform did not report the counts that it is made of"
