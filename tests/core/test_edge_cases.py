"""The edge cases of judging a run and of comparing two: what holds where there is little, nothing or too much."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.counts import Counts
from ci_gate.core.duplicates import collapsed
from ci_gate.core.evidence.weigh import weigh
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.judgement import judge_suite
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Reported, ResultType, Utterance
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import BASELINE_DEFAULTS, DEFAULTS, Threshold
from ci_gate.core.verdict import exit_code_of, verdict_of
from ci_gate.errors import ExitCode
from tests.core.builders import FN, FP, LOST, TN, TP, results, said, threshold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.report import Judgement

HERE = Origin(suite="Smoke", bot_id="st-1", engine="", language="en")
LOST_ALLOWED = threshold("max_failed_utterances", "99")
NOTHING_SCORED = {Metric.F1: "0.00", Metric.PRECISION: "0.00", Metric.RECALL: "0.00"}


def judge(
    now: Sequence[Utterance],
    then: Iterable[Utterance] | MissingBaseline | None = None,
    *further: Threshold,
    origin: Origin = HERE,
    share: int = 1,
) -> Judgement:
    """Judge a run by the rules that hold unless others are set, and by some further ones, which win."""
    reported = Reported(counts=Counts(utterances=len(now)), scores=NOTHING_SCORED if not_one_scored(now) else {})
    evidence = weigh(None, results(now, reported), expectation=Expectation())
    found: Baseline | MissingBaseline | None = None
    defaults = {**DEFAULTS}
    if isinstance(then, MissingBaseline):
        found = then
    elif then is not None:
        found = Baseline(name="old.csv", origin=HERE, utterances=collapsed(then))
        defaults |= BASELINE_DEFAULTS
    thresholds = defaults | {one.key: one for one in further}
    demands_all = "max_failed_utterances" not in thresholds
    rules = Rules(thresholds=tuple(thresholds.values()), share=share, demands_all=demands_all)
    return judge_suite(rules, evidence, today=date(2026, 1, 1), baseline=found, origin=origin)


def not_one_scored(cases: Iterable[Utterance]) -> bool:
    """Whether nothing was evaluated, of which the platform says 0.00."""
    return all(case.result_type is LOST for case in cases)


def code(found: Judgement) -> ExitCode:
    """Give what the process would end with."""
    return exit_code_of(verdict_of(found.checks, found.evidence))


def kinds(found: Judgement) -> set[FindingKind]:
    """Give the kinds of what was found, but that the suite is small."""
    return {finding.kind for finding in found.evidence.findings} - {FindingKind.SMALL_SUITE}


def outcome(found: Judgement, metric: Metric) -> Outcome:
    """Give what became of the check of a metric."""
    (only,) = (check.outcome for check in found.checks if check.metric == metric.value)
    return only


def compared(found: Judgement) -> Comparison:
    """Give the comparison, which there must be."""
    assert found.comparison is not None
    return found.comparison


def suite(*types: tuple[ResultType, int], start: int = 1) -> list[Utterance]:
    """Give so many utterances of each result type, the same ones whatever their types."""
    every = [result_type for result_type, times in types for _ in range(times)]
    return [
        said(f"say {row}", result_type, expected="" if result_type is TN else "Rent Bike", row=row)
        for row, result_type in enumerate(every, start)
    ]


# --- little or nothing was measured ---------------------------------------------------------------------------------


def test_where_no_utterance_was_scored_there_is_no_verdict_and_the_platforms_zero_is_no_score() -> None:
    found = judge(suite((LOST, 40)), None, threshold("min_f1", "0.01"), LOST_ALLOWED)
    assert outcome(found, Metric.F1) is Outcome.NO_DATA
    assert FindingKind.NOTHING_MEASURED in kinds(found)
    assert code(found) is ExitCode.INCONCLUSIVE


@pytest.mark.parametrize("was", [TP, LOST])
def test_where_no_utterance_was_scored_nothing_is_compared_either(was: ResultType) -> None:
    rules = (threshold("max_new_failures", "0"), LOST_ALLOWED)
    found = judge(suite((LOST, 40)), suite((was, 40)), *rules)
    assert outcome(found, Metric.F1_DROP) is outcome(found, Metric.NEW_FAILURES) is Outcome.NO_DATA
    assert code(found) is ExitCode.INCONCLUSIVE


def test_where_the_runs_share_nothing_that_both_evaluated_no_rule_on_what_changed_passes() -> None:
    then, now = suite((LOST, 20), (TP, 15)), [*suite((TP, 20)), *suite((TP, 15), start=100)]
    found = judge(now, then, threshold("max_new_failures", "0"))
    assert compared(found).shared == 0
    assert outcome(found, Metric.F1_DROP) is outcome(found, Metric.NEW_FAILURES) is Outcome.NO_DATA
    assert code(found) is ExitCode.INCONCLUSIVE


def test_unscored_utterances_are_in_no_ratio_but_accuracy_and_in_no_pair() -> None:
    then, now = suite((TP, 40)), suite((TP, 35), (LOST, 5))
    found = judge(now, then, LOST_ALLOWED)
    assert found.evidence.scores[Metric.F1].exact == 1
    assert found.evidence.scores[Metric.ACCURACY].exact == Fraction(35, 40)
    assert (compared(found).shared, compared(found).unevaluated) == (35, 5)
    assert compared(found).newly_failing == ()


@pytest.mark.parametrize(("lost", "ends"), [(1, 0), (3, 0), (4, 5), (5, 5), (20, 5), (21, 5)])
def test_unscored_utterances_leave_no_verdict_where_they_could_be_a_fall_beyond_chance(lost: int, ends: int) -> None:
    found = judge(suite((LOST, lost), (TP, 40 - lost)), suite((TP, 40)), LOST_ALLOWED)
    assert code(found) == ends
    assert outcome(found, Metric.F1_DROP) is (Outcome.PASSED if ends == 0 else Outcome.NO_DATA)


@pytest.mark.parametrize("lost", [1, 5, 20])
def test_unscored_utterances_of_the_baseline_are_no_more_known_than_those_of_the_run(lost: int) -> None:
    rule, right, wrong = threshold("max_new_failures", "0"), suite((TP, 40)), suite((FN, lost), (TP, 40 - lost))
    then = suite((LOST, lost), (TP, 40 - lost))
    assert outcome(judge(right, then, rule, LOST_ALLOWED), Metric.NEW_FAILURES) is Outcome.PASSED
    assert outcome(judge(wrong, then, rule, LOST_ALLOWED), Metric.NEW_FAILURES) is Outcome.NO_DATA
    assert outcome(judge(then, right, rule, LOST_ALLOWED), Metric.NEW_FAILURES) is Outcome.NO_DATA
    assert outcome(judge(then, wrong, rule, LOST_ALLOWED), Metric.NEW_FAILURES) is Outcome.PASSED


def test_unscored_utterances_leave_the_suite_without_a_verdict_unless_so_many_are_allowed() -> None:
    now, rule = suite((TP, 38), (LOST, 2)), threshold("min_f1", "0.9")
    assert code(judge(now, None, rule)) is ExitCode.INCONCLUSIVE
    assert kinds(judge(now, None, rule)) == {FindingKind.NOT_EVALUATED}
    assert code(judge(now, None, rule, threshold("max_failed_utterances", "1"))) is ExitCode.INCONCLUSIVE
    assert code(judge(now, None, rule, threshold("max_failed_utterances", "2"))) is ExitCode.PASSED


def test_what_fails_however_the_unscored_utterances_would_have_gone_fails_all_the_same() -> None:
    now = suite((TP, 30), (FN, 8), (LOST, 2))
    assert code(judge(now, None, threshold("min_f1", "0.95"))) is ExitCode.FAILED
    assert code(judge(now, None, threshold("min_f1", "0.88"))) is ExitCode.INCONCLUSIVE


@pytest.mark.parametrize(("types", "key"), [
    ([(TN, 30), (FN, 10)], "min_precision"), ([(TN, 30), (FP, 10)], "min_recall"),
    ([(TN, 40)], "min_f1"),                  ([(TN, 40)], "min_precision"),
    ([(TN, 40)], "min_recall"),
])  # fmt: skip
def test_a_score_without_a_denominator_has_no_data(types: list[tuple[ResultType, int]], key: str) -> None:
    found = judge(suite(*types), None, threshold(key, "0.01"))
    assert outcome(found, threshold(key, "0.01").metric) is Outcome.NO_DATA
    assert code(found) is ExitCode.INCONCLUSIVE


def test_suite_of_nothing_but_negatives_is_judged_by_the_thresholds_that_it_can_have() -> None:
    assert code(judge(suite((TN, 40)), None, threshold("min_accuracy", "1"))) is ExitCode.PASSED


def test_f1_is_zero_and_defined_where_recall_is_and_precision_is_not() -> None:
    found = judge(suite((TN, 30), (FN, 10)), None, threshold("min_f1", "0.01"))
    scores = found.evidence.scores
    assert scores[Metric.PRECISION].exact is None
    assert scores[Metric.RECALL].exact == scores[Metric.F1].exact == 0
    assert outcome(found, Metric.F1) is Outcome.FAILED
    assert code(found) is ExitCode.FAILED


def test_threshold_that_is_hit_exactly_passes() -> None:
    hit = suite((TP, 9), (FN, 2))
    assert judge(hit).evidence.scores[Metric.F1].exact == Fraction(9, 10)
    assert code(judge(hit, None, threshold("min_f1", "0.9"))) is ExitCode.PASSED
    assert code(judge(hit, None, threshold("min_f1", "0.90000001"))) is ExitCode.FAILED


# --- little or nothing changed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("types", [[(TP, 40)], [(TP, 30), (FN, 10)]])
def test_a_comparison_without_changes_passes(
    types: list[tuple[ResultType, int]],
) -> None:
    found = judge(suite(*types), suite(*types))
    assert compared(found).drops[Metric.F1_DROP].chances == (0.5, 0.5)
    told = "f1 did not change (0 got worse, 0 better); would have failed at 4 newly failing (it saw 0)"
    assert told in [check.message for check in found.checks]
    assert kinds(found) == set()
    assert code(found) is ExitCode.PASSED


@pytest.mark.parametrize(("worse", "ends"), [(1, 0), (2, 0), (3, 0), (4, 1), (5, 1)])
def test_fewer_than_four_changed_verdicts_are_never_more_than_chance(worse: int, ends: int) -> None:
    found = judge(suite((FN, worse), (TP, 40 - worse)), suite((TP, 40)))
    assert code(found) == ends
    assert (FindingKind.DROP in kinds(found)) is (worse < 4)


# --- nothing to compare with ----------------------------------------------------------------------------------------


def test_without_a_baseline_nothing_is_compared_and_nothing_else_changes() -> None:
    good, bad = suite((TP, 40)), suite((TP, 30), (FN, 10))
    for now, ends in ((good, ExitCode.PASSED), (bad, ExitCode.FAILED)):
        alone = judge(now, None, threshold("min_f1", "0.9"))
        allowed = judge(now, MissingBaseline("old.csv"), threshold("min_f1", "0.9"))
        assert code(alone) is code(allowed) is ends
        assert alone.comparison is allowed.comparison is None
        assert alone.checks == allowed.checks
        assert (kinds(alone), kinds(allowed)) == (set(), {FindingKind.NO_BASELINE})


@pytest.mark.parametrize("change", [{"language": "de"}, {"suite": "Full"}, {"bot_id": "st-2"}, {"engine": "dgpt"}])
@pytest.mark.parametrize("right", [0, 40])
def test_a_baseline_of_something_else_leaves_no_verdict(change: dict[str, Any], right: int) -> None:
    found = judge(suite((TP, right), (FN, 40 - right)), suite((TP, 40)), origin=replace(HERE, **change))
    assert found.comparison is None
    assert kinds(found) == {FindingKind.NOT_COMPARABLE}
    assert outcome(found, Metric.F1_DROP) is Outcome.NO_DATA
    assert code(found) is ExitCode.INCONCLUSIVE


@pytest.mark.parametrize(("shared", "ends"), [(40, 0), (20, 0), (19, 5), (0, 5)])
def test_runs_that_share_less_than_half_of_the_baseline_are_not_compared(shared: int, ends: int) -> None:
    now = [*suite((TP, shared)), *suite((FN, 40 - shared), start=100)]
    found = judge(now, suite((TP, 40)))
    assert code(found) == ends
    assert (found.comparison is None) is (FindingKind.NOT_COMPARABLE in kinds(found)) is (ends == 5)


# --- suites that changed --------------------------------------------------------------------------------------------


def test_added_utterances_are_listed_and_count_for_absolute_thresholds_only() -> None:
    then, added = suite((TP, 40)), suite((FN, 20), start=100)
    found = judge([*then, *added], then, threshold("max_new_failures", "0"))
    assert compared(found).added == tuple(added)
    assert compared(found).drops[Metric.F1_DROP].fall == 0
    assert code(found) is ExitCode.PASSED
    assert code(judge([*then, *added], then, threshold("min_f1", "0.9"))) is ExitCode.FAILED


def test_removed_utterances_are_listed_failing_ones_first_and_taking_out_hard_ones_hides_no_fall() -> None:
    then = suite((TP, 40), (FN, 20))
    now = suite((FN, 5), (TP, 34))
    found = judge(now, then)
    removed = compared(found).removed
    assert [case.is_mismatch for case in removed] == [True] * 20 + [False]
    assert found.evidence.scores[Metric.F1].exact == Fraction(68, 73) > Fraction(80, 100)
    assert compared(found).drops[Metric.F1_DROP].fall == 1 - Fraction(68, 73)
    assert code(found) is ExitCode.FAILED


def test_utterance_that_is_now_expected_to_mean_something_else_is_not_compared() -> None:
    then = suite((TP, 40))
    now = [*then[:30], *(said(case.text, FN, expected="Return Bike") for case in then[30:])]
    found = judge(now, then, threshold("max_new_failures", "0"))
    assert len(compared(found).relabelled) == 10
    assert (compared(found).shared, compared(found).added, compared(found).removed) == (30, (), ())
    assert code(found) is ExitCode.PASSED


# --- utterances that stand in a suite more than once ----------------------------------------------------------------


def test_utterance_with_two_expected_intents_is_two_utterances_and_a_defect_of_the_suite() -> None:
    then = [*suite((TP, 30)), said("the bike"), said("the bike", FP, expected="Return Bike")]
    found = judge(then, then)
    assert compared(found).shared == 32
    assert kinds(found) == {FindingKind.TWO_LABELS}
    assert code(found) is ExitCode.PASSED


def test_utterance_of_which_the_copies_disagree_fails_and_is_told_as_unstable() -> None:
    then = [*suite((TP, 30)), said("the bike", row=31), said("the bike", row=32)]
    now = [*suite((TP, 30)), said("the bike", row=31), said("the bike", FN, row=32)]
    found = judge(now, then, threshold("max_new_failures", "0"))
    assert [pair.now.row for pair in compared(found).newly_failing] == [32]
    assert FindingKind.UNSTABLE in kinds(found)
    assert outcome(found, Metric.NEW_FAILURES) is Outcome.FAILED


def test_copies_are_no_further_evidence_that_something_got_worse() -> None:
    then = [*suite((TP, 30)), *(said("the bike", row=row) for row in range(31, 41))]
    now = [*suite((TP, 30)), *(said("the bike", FN, row=row) for row in range(31, 41))]
    drop = compared(judge(now, then)).drops[Metric.F1_DROP]
    assert (drop.worse, drop.fall) == (1, 1 - Fraction(60, 61))
    assert code(judge(now, then)) is ExitCode.PASSED


# --- several suites -------------------------------------------------------------------------------------------------


def test_alpha_shared_among_tests_keeps_the_false_alarms_of_all_of_them_together_at_one_alpha() -> None:
    then, now = suite((TP, 40)), suite((FN, 4), (TP, 36))
    assert compared(judge(now, then)).drops[Metric.F1_DROP].chances == (1 / 32, 1 / 32)
    assert code(judge(now, then)) is ExitCode.FAILED
    assert code(judge(now, then, share=2)) is ExitCode.PASSED
