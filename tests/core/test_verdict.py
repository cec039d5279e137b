"""Checks, their messages, and the verdict of one suite."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.checks.check import Check
from ci_gate.core.checks.scores import judge
from ci_gate.core.counts import Counts
from ci_gate.core.evidence.weigh import Evidence, weigh
from ci_gate.core.findings import TOLERABLE, Expectation, Finding, FindingKind
from ci_gate.core.metrics import SCORES, Metric, measure
from ci_gate.core.model import Reported, ResultsFile, ResultType, UnreadableFile, Utterance
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import Area, Rules
from ci_gate.core.tally import tally
from ci_gate.core.text.decimals import decimal_text
from ci_gate.core.thresholds import DEFAULTS, THRESHOLDS, Threshold, read_threshold
from ci_gate.core.verdict import Verdict, exit_code_of, is_excusable, verdict_of
from ci_gate.errors import ExitCode
from tests.core.builders import ALONE, MISSING, case, cases, evidence, results, status, threshold, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

SOUND = evidence(whole(tp=30, tn=5, fp=3, fn=2))


def doubtful(*, tolerated: bool = False) -> Evidence:
    return replace(SOUND, findings=(Finding(FindingKind.PARTIAL, "in part", tolerated=tolerated),))


def of_another_run(*, tolerated: bool = False) -> Evidence:
    return replace(SOUND, findings=(Finding(FindingKind.WRONG_RUN, "another", tolerated=tolerated),))


def judge_all(
    found: Evidence, thresholds: Iterable[Threshold], *, waived: int = 0, lower_bound: bool = False
) -> tuple[Check, ...]:
    """Return the checks of thresholds that were set for this suite."""
    rules = Rules(thresholds=tuple(thresholds), lower_bound=lower_bound, pressing=frozenset(THRESHOLDS))
    judged = tuple(judge(found, rules, waived=waived))
    checks = tuple(one for one in judged if isinstance(one, Check))
    assert len(checks) == len(judged)
    return checks


def check(outcome: Outcome, key: str = "min_f1") -> Check:
    (template,) = judge_all(SOUND, [Threshold(key, Fraction(1))])
    return replace(template, outcome=outcome)


def judge_one(found: Evidence, key: str, text: str, *, lower_bound: bool = False) -> Check:
    (only,) = judge_all(found, [threshold(key, text)], lower_bound=lower_bound)
    return only


# --- the verdict ----------------------------------------------------------------------------------------------------
P, F, N = Outcome.PASSED, Outcome.FAILED, Outcome.NO_DATA


@pytest.mark.parametrize(("outcomes", "blocked", "verdict"), [
    ((P,), False, Verdict.PASSED),    ((P, P), False, Verdict.PASSED),    ((F,), False, Verdict.FAILED),
    ((P, F), False, Verdict.FAILED),  ((N,), False, Verdict.UNJUDGED),    ((P, N), False, Verdict.UNJUDGED),
    ((N, F), False, Verdict.FAILED),  ((P, N, F), False, Verdict.FAILED), ((P,), True, Verdict.UNJUDGED),
    ((F,), True, Verdict.FAILED),     ((N,), True, Verdict.UNJUDGED),     ((P, F), True, Verdict.FAILED),
    ((P, N), True, Verdict.UNJUDGED), ((N, F), True, Verdict.FAILED),
])  # fmt: skip
def test_failures_come_before_doubts(outcomes: tuple[Outcome, ...], blocked: bool, verdict: Verdict) -> None:
    checks = [check(outcome) for outcome in outcomes]
    assert verdict_of(checks, doubtful() if blocked else SOUND) is verdict
    assert verdict_of(reversed(checks), doubtful() if blocked else SOUND) is verdict


@pytest.mark.parametrize("outcomes", [(), (P,), (F,), (N,), (P, F, N)])
def test_evidence_of_another_run_is_never_judged(outcomes: tuple[Outcome, ...]) -> None:
    checks = [check(outcome) for outcome in outcomes]
    assert verdict_of(checks, of_another_run()) is Verdict.UNJUDGED
    assert verdict_of(checks, of_another_run(tolerated=True)) is verdict_of(checks, SOUND)


def test_a_tolerated_finding_and_a_warning_do_not_block() -> None:
    warned = replace(SOUND, findings=(Finding(FindingKind.SMALL_SUITE, "small"),))
    assert verdict_of([check(P)], doubtful(tolerated=True)) is verdict_of([check(P)], warned) is Verdict.PASSED


@pytest.mark.parametrize(("verdict", "excused", "code"), [
    (Verdict.PASSED, False, ExitCode.PASSED),        (Verdict.FAILED, False, ExitCode.FAILED),
    (Verdict.FAILED, True, ExitCode.PASSED),         (Verdict.UNJUDGED, False, ExitCode.INCONCLUSIVE),
    (Verdict.UNJUDGED, True, ExitCode.INCONCLUSIVE),
])  # fmt: skip
def test_failed_and_unjudged_have_different_exit_codes(verdict: Verdict, excused: bool, code: ExitCode) -> None:
    assert exit_code_of(verdict, excused=excused) is code
    assert excused or exit_code_of(verdict) is code


@pytest.mark.parametrize(("checks", "found", "excusable"), [
    ([check(F)], SOUND, True),
    ([check(P), check(F, "max_mismatches")], SOUND, True),
    ([check(F), check(P, "max_failed_utterances")], SOUND, True),
    ([check(F)], doubtful(tolerated=True), True),
    ([check(F)], doubtful(), False),
    ([check(F)], of_another_run(), False),
    ([check(F), check(N, "min_recall")], SOUND, False),
    ([check(F, "max_failed_utterances")], SOUND, False),
    ([check(F), check(F, "max_failed_utterances")], SOUND, False),
],
    ids=["failed", "failed by number", "all evaluated", "doubt tolerated", "doubt", "another run", "no data",
        "not evaluated", "both"])  # fmt: skip
def test_only_a_failure_on_sound_evidence_is_excusable(checks: list[Check], found: Evidence, excusable: bool) -> None:
    assert is_excusable(checks, found) is excusable


# --- checks and their messages --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("key", "text", "outcome", "message"), [
    ("min_f1", "0.93", F, "f1 0.9266 < 0.93 (the platform shows 0.93)"),
    ("min_f1", "0.92", P, "f1 0.9266 >= 0.92"),
    ("min_f1", "0.95", F, "f1 0.9266 < 0.95"),
    ("min_precision", "0.892", P, "precision 0.8921 >= 0.892 (the platform shows 0.89)"),
    ("min_recall", "0.963942", P, "recall 0.9639423 >= 0.963942 (the platform shows 0.96)"),
    ("min_accuracy", "0.873", P, "accuracy 0.873 >= 0.873"),
    ("min_accuracy", "0.8731", F, "accuracy 0.873 < 0.8731"),
    ("min_entity_match", "0.6", F, "entity match 0.5923 < 0.60"),
    ("max_mismatches", "127", P, "mismatches 127 <= 127"),
    ("max_mismatches", "126", F, "mismatches 127 > 126"),
    ("max_entity_mismatches", "116", F, "entity mismatches 117 > 116"),
    ("max_failed_utterances", "0", P, "not evaluated 0 <= 0"),
    ("min_utterances", "1000", P, "utterances 1000 >= 1000"),
    ("min_utterances", "1001", F, "utterances 1000 < 1001"),
])  # fmt: skip
def test_message_shows_the_value_and_the_bound(key: str, text: str, outcome: Outcome, message: str) -> None:
    counts = replace(whole(tp=802, tn=71, fp=97, fn=30), entities=287, matched_entities=170)
    scores = {Metric.F1: "0.93", Metric.PRECISION: "0.89", Metric.RECALL: "0.96"}
    found = judge_one(evidence(counts, scores), key, text)
    assert (found.outcome, found.message) == (outcome, message)
    assert found.name == threshold(key, text).name


@pytest.mark.parametrize(("counts", "text", "message"), [
    (whole(tp=57, failed=3), "0", "3 of 60 utterances were not evaluated by the platform"),
    (whole(tp=57, failed=3), "2", "3 of 60 utterances were not evaluated by the platform (2 allowed)"),
    (whole(tp=59, failed=1), "0", "1 of 60 utterances was not evaluated by the platform"),
    (whole(failed=1), "0", "1 of 1 utterance was not evaluated by the platform"),
    (Counts(failed_utterances=3), "0", "3 utterances were not evaluated by the platform"),
    (Counts(failed_utterances=1), "0", "1 utterance was not evaluated by the platform"),
])  # fmt: skip
def test_message_names_unevaluated_utterances(counts: Counts, text: str, message: str) -> None:
    found = judge_one(evidence(counts), "max_failed_utterances", text)
    assert (found.outcome, found.message) == (F, message)


@pytest.mark.parametrize(("rows", "text", "why"), [
    (cases(tp=57, not_evaluated=3), "0", "3 of 60 utterances were not evaluated"),
    (cases(tp=57, not_evaluated=3), "2", "3 of 60 utterances were not evaluated (2 allowed)"),
    (cases(tp=57), "0", "3 of 60 utterances were not evaluated"),
    (cases(tp=59, not_evaluated=1), "0", "1 of 60 utterances was not evaluated"),
])  # fmt: skip
def test_a_derived_number_of_failed_utterances_never_fails(rows: tuple[Utterance, ...], text: str, why: str) -> None:
    found = weigh(None, results(rows, Reported(counts=Counts(utterances=60))), expectation=Expectation())
    done = judge_one(found, "max_failed_utterances", text)
    assert (done.outcome, done.actual, done.measured) == (N, None, why)
    allowed = judge_one(found, "max_failed_utterances", "3")
    assert (allowed.outcome, allowed.message) == (P, f"not evaluated {why[0]} <= 3")


def test_number_of_utterances_that_a_reply_leaves_to_be_derived_fails_nothing_either() -> None:
    counts = replace(whole(tp=57), utterances=60, failed_utterances=None)
    done = judge_one(evidence(counts), "max_failed_utterances", "0")
    assert (done.outcome, done.measured) == (N, "3 of 60 utterances were not evaluated")


def test_failed_utterances_are_unknown_without_any_counts() -> None:
    found = judge_one(weigh(status(Counts()), MISSING, expectation=Expectation()), "max_failed_utterances", "99")
    assert (found.outcome, found.measured) == (N, "the platform did not report how many utterances it evaluated")


@pytest.mark.parametrize(("counts", "shown", "text", "message"), [
    (whole(tp=895, fp=105), "0.90", "0.9", "precision 0.895 < 0.90 (the platform shows 0.90)"),
    (whole(tp=904, fp=96), "0.90", "0.903", "precision 0.904 >= 0.903 (the platform shows 0.90)"),
    (whole(tp=904, fp=96), " 0.90 ", "0.903", "precision 0.904 >= 0.903 (the platform shows 0.90)"),
    (whole(tp=904, fp=96), "0.90", "0.9", "precision 0.904 >= 0.90"),
    (whole(tp=895, fp=105), "0.90", "0.91", "precision 0.895 < 0.91"),
    (whole(tp=895, fp=105), "NaN", "0.9", "precision 0.895 < 0.90"),
    (whole(tp=950, fp=50), "0.85", "0.96", "precision 0.85 < 0.96"),
    (whole(tp=850, fp=150), "0.95", "0.96", "precision 0.85 < 0.96"),
    (whole(tp=850, fp=150), "0.95", "0.85", "precision 0.85 >= 0.85"),
])  # fmt: skip
def test_message_shows_the_console_score_if_it_misleads(counts: Counts, shown: str, text: str, message: str) -> None:
    assert judge_one(evidence(counts, {Metric.PRECISION: shown}), "min_precision", text).message == message


def test_a_rounded_score_has_no_data_if_it_may_mean_either() -> None:
    counts = Counts(utterances=60, failed_utterances=0)
    found = weigh(status(counts, {Metric.F1: "0.93"}), MISSING, expectation=Expectation())
    assert judge_one(found, "min_f1", "0.925").outcome is P
    assert judge_one(found, "min_f1", "0.935").message == "f1 0.925 < 0.935"
    why = "between 0.925 and 0.935, which the platform rounds to 0.93"
    assert judge_one(found, "min_f1", "0.93").message == f"f1 >= 0.93: no data ({why})"


def test_a_rounded_score_has_no_data_if_not_all_was_evaluated() -> None:
    found = weigh(status(Counts(utterances=60), {Metric.F1: "0.93"}), MISSING, expectation=Expectation())
    why = "the counts that it is made of are not known, nor whether all utterances were evaluated"
    for text in ("0.01", "0.925", "1"):
        done = judge_one(found, "min_f1", text)
        assert (done.outcome, done.measured) == (N, why)


def test_a_disputed_score_has_no_data_between_its_two_values() -> None:
    found = evidence(whole(tp=80, fp=20), {Metric.PRECISION: "0.95"})
    assert judge_one(found, "min_precision", "0.8").outcome is P
    assert judge_one(found, "min_precision", "0.96").outcome is F
    done = judge_one(found, "min_precision", "0.9")
    assert (done.outcome, done.measured) == (N, "between 0.80 and 0.95: the sources contradict each other")


OPEN = "4 utterances were not evaluated; if all of them were right this would pass, if all were wrong it would fail"


@pytest.mark.parametrize(("key", "text", "outcome", "measured"), [
    ("min_f1", "0.90", P, "0.9474"),
    ("min_f1", "0.93", N, f"between 0.90 and 0.9524: {OPEN}"),
    ("min_f1", "0.96", F, "0.9474"),
    ("min_accuracy", "0.81", P, "0.8182"),
    ("min_accuracy", "0.90", N, f"between 0.8182 and 0.9091: {OPEN}"),
    ("min_accuracy", "0.91", F, "0.8182"),
    ("max_mismatches", "5", N, f"between 4 and 8: {OPEN}"),
    ("max_mismatches", "8", P, "4"),
    ("max_mismatches", "3", F, "4"),
])  # fmt: skip
def test_a_check_needs_both_extremes_to_agree(key: str, text: str, outcome: Outcome, measured: str) -> None:
    done = judge_one(evidence(whole(tp=36, fn=4, failed=4)), key, text)
    assert (done.outcome, done.measured) == (outcome, measured)


@pytest.mark.parametrize(("text", "outcome"), [("0.70", P), ("0.84", N), ("0.95", F)])
def test_a_lower_bound_needs_both_extremes_to_agree(text: str, outcome: Outcome) -> None:
    found = evidence(whole(tp=36, fn=4, failed=4))
    assert judge_one(found, "min_f1", text, lower_bound=True).outcome is outcome


@pytest.mark.parametrize("pressing", [True, False])
@pytest.mark.parametrize(("key", "text", "name", "what"), [
    ("max_mismatches", "40", "mismatches <= 40", "40 utterances"),
    ("max_entity_mismatches", "9", "entity mismatches <= 9", "9 entities"),
])  # fmt: skip
def test_a_bound_that_nothing_breaks_is_left_out(key: str, text: str, name: str, what: str, pressing: bool) -> None:
    found = evidence(replace(whole(tp=30, tn=5, fp=3, fn=2), entities=9, matched_entities=8))
    limit = threshold(key, text)
    rules = Rules(thresholds=(limit,), pressing=frozenset({key} if pressing else ()))
    why = f"the suite has {what} in all, so no result can break this bound: set a lower one"
    (judged,) = judge(found, rules)
    if pressing:
        assert isinstance(judged, Check)
        assert (judged.name, judged.outcome, judged.measured) == (name, N, why)
    else:
        words = f"{name} is left out, since nothing could fail it here: {why}"
        assert judged == Finding(FindingKind.SMALL_SUITE, words)
    (bites,) = judge(found, replace(rules, thresholds=(replace(limit, bound=limit.bound - 1),)))
    assert isinstance(bites, Check)
    assert bites.outcome is P


@pytest.mark.parametrize(("text", "outcome", "why"), [
    ("2", N, "between 0 and 4: 2 entities were not evaluated; if all of them"),
    ("3", N, "the suite has 3 to 5 entities in all, so no result can break this bound: set a lower one"),
    ("4", N, "the suite has 3 to 5 entities in all, so no result can break this bound: set a lower one"),
])  # fmt: skip
def test_a_bound_that_unknown_entities_might_break_is_kept(text: str, outcome: Outcome, why: str) -> None:
    blank = case(ResultType.NOT_EVALUATED, entities=2, row=31)
    counts = replace(whole(tp=30, failed=1), entities=3, matched_entities=1)
    found = weigh(status(counts), results((*cases(tp=30), blank)), expectation=Expectation())
    for pressing in (frozenset[str](), frozenset({"max_entity_mismatches"})):
        (judged,) = judge(found, Rules(thresholds=(threshold("max_entity_mismatches", text),), pressing=pressing))
        assert isinstance(judged, Check)
        assert judged.outcome is outcome
        assert judged.measured.startswith(why)
    (left_out,) = judge(found, Rules(thresholds=(threshold("max_entity_mismatches", "5"),)))
    assert isinstance(left_out, Finding)


def test_a_bound_on_mismatches_counts_if_the_suite_may_have_been_larger() -> None:
    found = weigh(status(whole(tp=30)), results(cases(tp=30)), expectation=Expectation(seen_utterances=32))
    assert judge_one(found, "max_mismatches", "31").outcome is P
    assert judge_one(found, "max_mismatches", "32").outcome is N
    assert judge_one(found, "max_mismatches", "1").outcome is N


@pytest.mark.parametrize(("key", "counts", "reason"), [
    ("min_precision", whole(tn=9, fn=1),
     "no utterance matched an intent where one could be right or wrong: TP+FP is 0"),
    ("min_recall", whole(tn=9, fp=1),
     "no utterance that expects an intent was matched rightly or missed: TP+FN is 0"),
    ("min_f1", whole(tn=10), "no utterance counts as TP, FP or FN: TP+FP+FN is 0"),
    ("min_entity_match", replace(whole(tp=1), entities=0, matched_entities=0), "the suite has no entities"),
    ("min_accuracy", Counts(utterances=0, tp=0, tn=0), "the suite has no utterances"),
    ("min_accuracy", replace(whole(), utterances=1, failed_utterances=1), "too little was evaluated"),
    ("min_precision", Counts(), "the platform did not report the counts that it is made of"),
    ("min_recall", Counts(), "the platform did not report the counts that it is made of"),
    ("min_f1", Counts(), "the platform did not report the counts that it is made of"),
    ("min_entity_match", Counts(), "the platform did not report the counts that it is made of"),
    ("min_accuracy", Counts(), "the platform did not report the counts that it is made of"),
    ("max_mismatches", Counts(), "the platform did not report the counts that it is made of"),
    ("min_precision", Counts(tp=0, fp=0, fn=9),
     "no utterance matched an intent where one could be right or wrong: TP+FP is 0"),
])  # fmt: skip
def test_an_unknown_number_differs_from_an_undefined_one(key: str, counts: Counts, reason: str) -> None:
    found = judge_one(weigh(status(counts), MISSING, expectation=Expectation()), key, "1")
    assert (found.outcome, found.actual) == (N, None)
    assert found.message == f"{found.name}: no data ({reason})"


@pytest.mark.parametrize(("waived", "text", "outcome", "message"), [
    (0, "4", F, "mismatches 5 > 4"),                      (1, "4", P, "mismatches 4 <= 4 (1 more is waived)"),
    (2, "2", F, "mismatches 3 > 2 (2 more are waived)"),  (5, "0", P, "mismatches 0 <= 0 (5 more are waived)"),
    (6, "0", P, "mismatches 0 <= 0 (6 more are waived)"),
])  # fmt: skip
def test_waived_mismatches_are_shown_and_not_counted(waived: int, text: str, outcome: Outcome, message: str) -> None:
    (found,) = judge_all(SOUND, [threshold("max_mismatches", text)], waived=waived)
    assert (found.outcome, found.message) == (outcome, message)


def test_waivers_change_no_score() -> None:
    thresholds = [threshold(key, "1") for key in ALONE if key != "max_mismatches"]
    assert judge_all(SOUND, thresholds, waived=3) == judge_all(SOUND, thresholds)


def test_a_score_without_any_right_answer_is_zero_and_a_suite_without_intents_has_an_accuracy() -> None:
    assert judge_one(evidence(whole(tn=30, fn=10)), "min_f1", "0.01").outcome is F
    assert judge_one(evidence(whole(tn=40)), "min_accuracy", "1").outcome is P


def test_thresholds_that_need_a_baseline_are_judged_elsewhere() -> None:
    assert judge_all(SOUND, [threshold(key, "0") for key in THRESHOLDS if key not in ALONE]) == ()


def test_check_is_about_the_suite_unless_said_otherwise() -> None:
    assert judge_one(SOUND, "min_f1", "0.9").scope is Area.SUITE


def test_every_threshold_becomes_one_check_in_the_order_given() -> None:
    thresholds = [threshold(key, "1") for key in ALONE]
    assert [found.name for found in judge_all(SOUND, thresholds)] == [one.name for one in thresholds]


@given(
    tp=st.integers(0, 2000), fp=st.integers(0, 2000), fn=st.integers(0, 2000), bound=st.decimals(0, 1, allow_nan=False)
)
def test_printed_value_and_operator_agree_with_the_outcome(tp: int, fp: int, fn: int, bound: object) -> None:
    limit = Threshold("min_f1", Fraction(decimal_text(Fraction(str(bound)), 20)))
    (found,) = judge_all(evidence(whole(tp=tp, fp=fp, fn=fn)), [limit])
    if found.actual is None:
        assert found.outcome is N
        return
    label, value, operator, wanted = found.message.split()
    assert (label, operator) == ("f1", ">=" if found.outcome is P else "<")
    assert (Fraction(value) >= Fraction(wanted)) is (found.outcome is P)


# --- what a better bot may expect -----------------------------------------------------------------------------------
bounds = st.integers(1, 1000).map(lambda thousandths: Fraction(thousandths, 1000))
any_thresholds = st.fixed_dictionaries(
    {key: bounds if metric.is_score else st.integers(0, 12).map(Fraction) for key, metric in ALONE.items()}
).map(lambda found: [Threshold(key, bound) for key, bound in found.items()])
utterances = st.builds(
    lambda result_type, expects, entities, missed: case(
        result_type,
        expected=("Rent Bike",) if expects else (),
        entities=entities,
        matched_entities=max(0, entities - missed),
    ),
    st.sampled_from(ResultType),
    st.booleans(),
    st.integers(0, 2),
    st.integers(0, 2),
)
RANK = {Outcome.FAILED: 0, Outcome.NO_DATA: 1, Outcome.PASSED: 2}


def rounded(counts: Counts) -> dict[Metric, str]:
    """Return the scores as the platform prints them, with 0.00 for an undefined one."""
    return {metric: decimal_text(measure(metric, counts) or Fraction(0), 2) for metric in SCORES}


def weigh_as(source: str, suite: tuple[Utterance, ...]) -> Evidence:
    """Weigh a suite whose counts come from ``source``."""
    counts = tally(suite)
    evaluated = counts.evaluated or 0
    counts = replace(counts, failed_utterances=len(suite) - evaluated)
    expectation = Expectation()
    if source == "status":
        return weigh(status(counts, rounded(counts)), results(suite), expectation=expectation)
    if source == "file":
        return weigh(
            None,
            results(suite, Reported(counts=Counts(utterances=len(suite)), scores=rounded(counts))),
            expectation=expectation,
        )
    assert source == "strings"
    told = Counts(utterances=len(suite), failed_utterances=counts.failed_utterances)
    return weigh(status(told, rounded(counts)), MISSING, expectation=expectation)


@pytest.mark.parametrize("source", ["status", "file", "strings"])
@given(
    before=st.lists(utterances, max_size=12),
    after=st.lists(utterances, max_size=12),
    mended=st.sampled_from([ResultType.FP, ResultType.FN]),
    expects=st.booleans(),
    thresholds=any_thresholds,
)
def test_mending_a_mismatch_makes_no_check_worse(
    source: str,
    before: list[Utterance],
    after: list[Utterance],
    mended: ResultType,
    expects: bool,
    thresholds: list[Threshold],
) -> None:
    expected = ("Rent Bike",) if expects else ()
    wrong = case(mended, expected=expected)
    right = case(ResultType.TP if expects else ResultType.TN, expected=expected)
    worse, better = ((*before, utterance, *after) for utterance in (wrong, right))
    judged = (judge_all(weigh_as(source, suite), thresholds) for suite in (worse, better))
    for old, new in zip(*judged, strict=True):
        assert RANK[old.outcome] <= RANK[new.outcome], (old.message, new.message)


@given(suite=st.lists(utterances, min_size=1, max_size=40).map(tuple), thresholds=any_thresholds)
def test_order_of_the_utterances_changes_no_check(suite: tuple[Utterance, ...], thresholds: list[Threshold]) -> None:
    assert judge_all(weigh_as("file", suite), thresholds) == judge_all(weigh_as("file", suite[::-1]), thresholds)


# --- a run in which nothing was evaluated ---------------------------------------------------------------------------
SEED_COUNTS = replace(whole(failed=1), success=0, failure=1, failed_entities=0, entities=0, matched_entities=0)
SEED_SCORES = {Metric.F1: "0.00", Metric.PRECISION: "0.00", Metric.RECALL: "0.00"}
SEED_TOP_BLOCK = Reported(counts=Counts(utterances=1), scores=SEED_SCORES)
SEED_FILES: tuple[ResultsFile | UnreadableFile, ...] = (
    MISSING,                                         results(()),
    results((), SEED_TOP_BLOCK),                     results(cases(not_evaluated=1)),
    results(cases(not_evaluated=1), SEED_TOP_BLOCK), results(cases(unknown=1), SEED_TOP_BLOCK),
)  # fmt: skip
score_texts = st.sampled_from(["off", "0.1%", "0.005", "0.9", "1"])
count_texts = st.sampled_from(["off", "0", "1", "99"])
threshold_sets = st.fixed_dictionaries(
    {key: score_texts if metric.is_score else count_texts for key, metric in ALONE.items()}
).map(lambda texts: [found for key, text in texts.items() if (found := read_threshold(key, text)) is not None])


@given(
    reported=st.sampled_from([status(SEED_COUNTS, SEED_SCORES), status(SEED_COUNTS), None]),
    file=st.sampled_from(SEED_FILES),
    thresholds=threshold_sets.filter(bool),
    tolerate=st.frozensets(st.sampled_from(FindingKind)),
)
def test_an_unevaluated_run_is_never_judged(
    reported: Reported | None,
    file: ResultsFile | UnreadableFile,
    thresholds: list[Threshold],
    tolerate: frozenset[FindingKind],
) -> None:
    found = weigh(reported, file, expectation=Expectation(), tolerate=tolerate)
    assert verdict_of(judge_all(found, thresholds), found) is Verdict.UNJUDGED


@pytest.mark.parametrize("tolerate", [frozenset(), frozenset(TOLERABLE)], ids=["strict", "tolerant"])
def test_an_unevaluated_run_has_no_data_even_for_the_loosest_bounds(tolerate: frozenset[FindingKind]) -> None:
    found = weigh(
        status(SEED_COUNTS, SEED_SCORES), results(cases(not_evaluated=1)), expectation=Expectation(), tolerate=tolerate
    )
    checks = judge_all(found, [threshold("min_accuracy", "0.01"), threshold("max_mismatches", "99")])
    assert [done.outcome for done in checks] == [N, N]
    assert verdict_of(checks, found) is Verdict.UNJUDGED


def test_an_unevaluated_run_is_not_judged_even_if_no_failed_utterance_is_allowed() -> None:
    found = weigh(status(SEED_COUNTS, SEED_SCORES), MISSING, expectation=Expectation())
    checks = judge_all(found, [threshold("min_f1", "0.9"), threshold("max_failed_utterances", "0"), *DEFAULTS.values()])
    assert [(done.message, done.outcome) for done in checks if done.outcome is not N] == [
        ("1 of 1 utterance was not evaluated by the platform", F),
        ("utterances 1 >= 1", P),
    ]
    assert verdict_of(checks, found) is Verdict.UNJUDGED


def test_tolerated_counts_decide_only_where_the_rows_agree() -> None:
    tolerate = frozenset({FindingKind.COUNT_MISMATCH, FindingKind.SCORE_MISMATCH})
    for told, filed in (({"tp": 37, "fp": 3}, {"tp": 20, "fp": 20}), ({"tp": 20, "fp": 20}, {"tp": 37, "fp": 3})):
        found = weigh(status(whole(**told)), results(cases(**filed)), expectation=Expectation(), tolerate=tolerate)
        for key, text in (("min_accuracy", "0.9"), ("max_mismatches", "5"), ("min_f1", "0.9")):
            assert judge_one(found, key, text).outcome is N
        for key, text in (("min_accuracy", "0.4"), ("max_mismatches", "20")):
            assert judge_one(found, key, text).outcome is P
