"""The values of a gate and its suites for later steps of a pipeline, independent of the CI system."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.metrics import Metric, measure
from ci_gate.core.rules import Area
from ci_gate.core.text.decimals import decimal_text, text_beside
from ci_gate.core.text.safe import log_safe, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ci_gate.core.report import GateReport, Judgement, SuiteReport
    from ci_gate.core.rules import RuleCount

PASSED_ON = (Metric.F1, Metric.PRECISION, Metric.RECALL, Metric.ACCURACY, Metric.FAILED_UTTERANCES)
"""The metrics that are passed on to later steps."""


def values_of_gate(report: GateReport) -> dict[str, str]:
    """Return the ending of the gate as text; ``advisory`` says whether a failure was excused."""
    return {
        "verdict": report.verdict.value,
        "exit_code": str(report.exit_code.value),
        "advisory": str(report.excused).lower(),
    }


def values_of(suite: SuiteReport) -> dict[str, str]:
    """Return the verdict, the exit code, the run and the main metrics of a suite as text, without unknown values."""
    values = {"verdict": suite.verdict.value, "exit_code": str(suite.exit_code.value)}
    if suite.subject.run_id:
        values["run_id"] = log_safe(one_line(suite.subject.run_id))
    measured = measurements(suite)
    return values | {metric.value: measured[metric] for metric in PASSED_ON if metric in measured}


def measurements(suite: SuiteReport) -> dict[Metric, str]:
    """Return every known metric as text, never rounded across its threshold."""
    return dict(_measured(suite.judgement)) if suite.judgement else {}


def bounds_of_suite(judgement: Judgement) -> Mapping[Metric | RuleCount, Fraction]:
    """Return the bound of each metric that the whole suite is checked for, without the floors of intents."""
    about = (Area.SUITE, Area.CHANGE)
    return {check.metric: check.bound for check in judgement.checks if check.scope in about}


def _measured(judgement: Judgement) -> Iterator[tuple[Metric, str]]:
    evidence, bounds = judgement.evidence, bounds_of_suite(judgement)
    for metric in Metric:
        if metric.is_score:
            judged = evidence.scores[metric].judged
            if judged is not None:
                yield metric, text_beside(judged, bounds.get(metric, Fraction(1)))
        elif metric.needs_baseline:
            yield from _changed(metric, judgement, bounds.get(metric))
        # If nothing was measured, the counts do not show whether the bot was right or wrong.
        elif not (evidence.is_empty and metric.is_about_the_bot):
            counted = measure(metric, evidence.counts)
            if counted is not None:
                yield metric, str(counted)


def _changed(metric: Metric, judgement: Judgement, bound: Fraction | None) -> Iterator[tuple[Metric, str]]:
    """Yield the change of ``metric`` since the baseline, without waived failures; nothing if nothing was compared."""
    comparison, waived = judgement.comparison, judgement.waived
    if comparison is None:
        return
    if metric is Metric.NEW_FAILURES:
        pairs = comparison.newly_failing
        yield metric, str(sum(waived.waiver_of(pair.now.key) is None for pair in pairs))
    elif (fall := comparison.drops[metric].fall) is not None:
        text = decimal_text(fall, 4)
        yield metric, text if bound is None or Fraction(text) == fall else text_beside(fall, bound)
