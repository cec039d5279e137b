"""Confidence intervals of scores, and thresholds on their lower bounds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.checks.check import Check
from ci_gate.core.checks.scores import judge
from ci_gate.core.counts import Counts
from ci_gate.core.evidence.weigh import Evidence, weigh
from ci_gate.core.findings import Expectation
from ci_gate.core.metrics import SCORES, Metric, interval, measure
from ci_gate.core.model import ResultType
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import Rules
from ci_gate.core.statistics.chance import wilson
from tests.core.builders import MISSING, case, cases, evidence, results, status, threshold, whole
from tests.core.reference_values import F1_INTERVALS

known = st.integers(0, 5000)
MEASURED = whole(tp=184, tn=20, fp=10, fn=6)


def judge_lower(found: Evidence, key: str, text: str) -> Check:
    """Return the check of a threshold on the lower bound of a score."""
    (only,) = judge(found, Rules(thresholds=(threshold(key, text),), lower_bound=True))
    assert isinstance(only, Check)
    return only


@pytest.mark.parametrize(("tp", "fp", "fn", "lowest", "highest"), F1_INTERVALS)
def test_interval_of_f1_agrees_with_reference_values(tp: int, fp: int, fn: int, lowest: float, highest: float) -> None:
    found = interval(Metric.F1, Counts(tp=tp, fp=fp, fn=fn))
    assert found is not None
    assert [float(end) for end in found] == pytest.approx([lowest, highest], rel=6e-6)


@pytest.mark.parametrize(("metric", "counts", "part", "whole"), [
    (Metric.PRECISION, Counts(tp=184, fp=10), 184, 194),
    (Metric.RECALL, Counts(tp=184, fn=6), 184, 190),
    (Metric.ACCURACY, Counts(tp=184, tn=20, utterances=230), 204, 230),
    (Metric.ENTITY_MATCH, Counts(matched_entities=7, entities=9), 7, 9),
])  # fmt: skip
def test_other_intervals_are_those_of_shares(metric: Metric, counts: Counts, part: int, whole: int) -> None:
    found = interval(metric, counts)
    assert found is not None
    assert tuple(map(float, found)) == wilson(part, whole)


@pytest.mark.parametrize("counts", [Counts(), whole()], ids=["unknown", "zero"])
@pytest.mark.parametrize("metric", [metric for metric in SCORES if metric is not Metric.ENTITY_MATCH])
def test_score_that_does_not_exist_has_no_interval(metric: Metric, counts: Counts) -> None:
    assert interval(metric, counts) is None


@pytest.mark.parametrize("metric", [metric for metric in SCORES if metric is not Metric.ENTITY_MATCH])
@given(tp=known, tn=known, fp=known, fn=known, failed=known)
def test_an_interval_holds_its_score(metric: Metric, tp: int, tn: int, fp: int, fn: int, failed: int) -> None:
    counts = whole(tp=tp, tn=tn, fp=fp, fn=fn, failed=failed)
    score, found = measure(metric, counts), interval(metric, counts)
    if score is None:
        assert found is None
        return
    assert found is not None
    assert 0 <= found[0] <= score <= found[1] <= 1


@pytest.mark.parametrize("metric", [Metric.F1, Metric.PRECISION, Metric.RECALL])
@given(size=st.integers(1, 10**25), part=st.fractions(0, 1))
def test_an_interval_of_huge_counts_holds_its_score_too(metric: Metric, size: int, part: Fraction) -> None:
    right = int(size * part)
    counts = Counts(tp=right, fp=size - right, fn=size - right)
    score, found = measure(metric, counts), interval(metric, counts)
    assert score is not None
    assert found is not None
    assert 0 <= found[0] <= score <= found[1] <= 1


@pytest.mark.parametrize(("key", "text", "outcome", "message"), [
    ("min_f1", "0.93", Outcome.PASSED, "f1 lower bound 0.9328 >= 0.93 (f1 itself is 0.9583)"),
    ("min_f1", "0.95", Outcome.FAILED, "f1 lower bound 0.9328 < 0.95 (f1 itself is 0.9583)"),
    ("min_f1", "0.97", Outcome.FAILED, "f1 lower bound 0.9328 < 0.97 (f1 itself is 0.9583)"),
    ("min_accuracy", "0.9", Outcome.FAILED, "accuracy lower bound 0.8851 < 0.90 (accuracy itself is 0.9273)"),
    ("max_mismatches", "16", Outcome.PASSED, "mismatches 16 <= 16"),
    ("min_utterances", "221", Outcome.FAILED, "utterances 220 < 221"),
])  # fmt: skip
def test_the_lower_bound_is_shown_with_its_score(key: str, text: str, outcome: Outcome, message: str) -> None:
    found = judge_lower(evidence(MEASURED), key, text)
    assert (found.outcome, found.message) == (outcome, message)


def test_a_check_of_a_lower_bound_has_its_own_name() -> None:
    assert judge_lower(evidence(MEASURED), "min_f1", "0.9").name == "f1 lower bound >= 0.90"
    assert judge_lower(evidence(MEASURED), "max_mismatches", "3").name == "mismatches <= 3"


@pytest.mark.parametrize(("reported", "text", "outcome"), [
    ("0.80", "0.8", Outcome.PASSED),  ("0.80", "0.81", Outcome.NO_DATA), ("0.80", "0.94", Outcome.FAILED),
    ("0.98", "0.93", Outcome.PASSED), ("0.98", "0.95", Outcome.NO_DATA), ("0.98", "0.99", Outcome.FAILED),
])  # fmt: skip
def test_a_disputed_score_has_a_range_of_lower_bounds(reported: str, text: str, outcome: Outcome) -> None:
    assert judge_lower(evidence(MEASURED, {Metric.F1: reported}), "min_f1", text).outcome is outcome


def test_the_lower_bound_is_at_most_a_lower_reported_score() -> None:
    assert judge_lower(evidence(MEASURED, {Metric.F1: "0.80"}), "min_f1", "0.99").actual == Fraction(4, 5)


@pytest.mark.parametrize(("key", "text", "outcome"), [
    ("min_entity_match", "0.55", Outcome.PASSED),
    ("min_entity_match", "0.70", Outcome.NO_DATA),
    ("min_entity_match", "0.97", Outcome.FAILED),
])  # fmt: skip
def test_the_lower_bound_of_entity_match_needs_both_extremes(key: str, text: str, outcome: Outcome) -> None:
    blank = case(ResultType.NOT_EVALUATED, entities=20, row=41)
    counts = replace(whole(tp=40, failed=1), entities=100, matched_entities=80)
    found = weigh(status(counts), results((*cases(tp=40), blank)), expectation=Expectation())
    assert judge_lower(found, key, text).outcome is outcome


def test_an_unknown_number_of_entities_leaves_no_lower_bound() -> None:
    counts = replace(whole(tp=40, failed=1), entities=100, matched_entities=80)
    found = weigh(status(counts), results(cases(tp=40)), expectation=Expectation())
    check = judge_lower(found, "min_entity_match", "0.01")
    assert (check.outcome, check.measured) == (
        Outcome.NO_DATA,
        "it is not known how many entities the unevaluated utterances have",
    )


def test_a_score_without_counts_has_no_lower_bound() -> None:
    counts = Counts(utterances=60, failed_utterances=0)
    found = weigh(status(counts, {Metric.F1: "0.93"}), MISSING, expectation=Expectation())
    why = "an interval needs the counts that the score is made of, and the platform did not report them"
    check = judge_lower(found, "min_f1", "0.5")
    assert (check.outcome, check.message) == (Outcome.NO_DATA, f"f1 lower bound >= 0.50: no data ({why})")


def test_an_undefined_score_has_no_lower_bound() -> None:
    why = "no utterance counts as TP, FP or FN: TP+FP+FN is 0"
    check = judge_lower(evidence(whole(tn=40)), "min_f1", "0.5")
    assert (check.outcome, check.measured) == (Outcome.NO_DATA, why)
