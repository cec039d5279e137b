"""The verdict: thresholds held against evidence, and what follows for one suite."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from ci_gate.core.figures import read_score, text_beside
from ci_gate.core.metrics import Metric, measure, parts
from ci_gate.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from ci_gate.core.evidence import Evidence
    from ci_gate.core.thresholds import Threshold


class Outcome(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NO_DATA = "no_data"


class Verdict(StrEnum):
    """What became of a suite, or of the whole gate."""

    PASSED = "passed"
    FAILED = "failed"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One threshold held against one measurement."""

    threshold: Threshold
    actual: Fraction | None
    outcome: Outcome
    message: str
    scope: str = "suite"

    @property
    def name(self) -> str:
        """The stable name, free of measured values."""
        return self.threshold.name

    @property
    def actual_text(self) -> str:
        """The measured value, printed on its own side of the threshold."""
        if self.actual is None:
            return "no data"
        if not self.threshold.metric.is_score:
            return str(self.actual)
        return text_beside(self.actual, self.threshold.bound)


def judge(evidence: Evidence, thresholds: Iterable[Threshold]) -> tuple[Check, ...]:
    """Hold every threshold against the evidence."""
    return tuple(_check(threshold, evidence) for threshold in thresholds)


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
        check.outcome is Outcome.NO_DATA
        or (check.outcome is Outcome.FAILED and check.threshold.metric is Metric.FAILED_UTTERANCES)
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


def _check(threshold: Threshold, evidence: Evidence) -> Check:
    metric = threshold.metric
    actual = evidence.scores[metric].judged if metric.is_score else measure(metric, evidence.counts)
    if evidence.is_empty and metric.is_about_the_bot:
        actual = None
    if actual is None:
        outcome = Outcome.NO_DATA
        message = f"{threshold.name}: no data ({_why_no_data(metric, evidence)})"
        return Check(threshold=threshold, actual=None, outcome=outcome, message=message)
    outcome = Outcome.PASSED if threshold.is_met_by(actual) else Outcome.FAILED
    check = Check(threshold=threshold, actual=actual, outcome=outcome, message="")
    return Check(threshold=threshold, actual=actual, outcome=outcome, message=_message(check, evidence))


def _message(check: Check, evidence: Evidence) -> str:
    """Say what was measured and what was wanted."""
    threshold, metric = check.threshold, check.threshold.metric
    if metric is Metric.FAILED_UTTERANCES and check.outcome is Outcome.FAILED:
        total = "" if evidence.counts.utterances is None else f" of {evidence.counts.utterances}"
        allowed = f" ({threshold.bound_text} allowed)" if threshold.bound else ""
        return f"{check.actual_text}{total} utterances were not evaluated by the platform{allowed}"
    failed = check.outcome is Outcome.FAILED
    operator = {">=": "<", "<=": ">"}[threshold.operator] if failed else threshold.operator
    return f"{metric.label} {check.actual_text} {operator} {threshold.bound_text}{_console_view(check, evidence)}"


def _console_view(check: Check, evidence: Evidence) -> str:
    """Explain a verdict that the platform's rounded number would not give."""
    score = evidence.scores.get(check.threshold.metric)
    reported = score.reported if score else None
    shown = read_score(reported) if reported is not None else None
    if reported is None or shown is None:
        return ""
    separated = check.threshold.is_met_by(shown) is not (check.outcome is Outcome.PASSED)
    return f" (the platform shows {reported.strip()})" if separated else ""


def _why_no_data(metric: Metric, evidence: Evidence) -> str:
    """Tell a number that does not exist from one that is not known."""
    if evidence.is_empty:
        return "not one utterance was evaluated"
    counts = evidence.counts
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
