"""Checks, their messages, and the verdict of one suite."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.checks import Check, Outcome
from ci_gate.core.counts import Counts
from ci_gate.core.evidence import Evidence, weigh
from ci_gate.core.figures import decimal_text
from ci_gate.core.findings import TOLERABLE, Expectation, Finding, FindingKind
from ci_gate.core.metrics import SCORES, Metric, measure
from ci_gate.core.model import Case, Reported, ResultsFile, ResultType, UnreadableFile
from ci_gate.core.tally import tally
from ci_gate.core.thresholds import DEFAULTS, THRESHOLDS, Threshold, read_threshold
from ci_gate.core.verdict import Verdict, exit_code_of, is_excusable, judge, verdict_of
from ci_gate.errors import ExitCode
from tests.core.builders import ALONE, MISSING, case, cases, evidence, results, status, threshold, whole

SOUND = evidence(whole(tp=30, tn=5, fp=3, fn=2))


def doubtful(*, tolerated: bool = False) -> Evidence:
    """Give evidence with a finding that blocks unless it is tolerated."""
    return replace(SOUND, findings=(Finding(FindingKind.PARTIAL, "in part", tolerated=tolerated),))


def check(outcome: Outcome, key: str = "min_f1") -> Check:
    """Give a check with this outcome."""
    (template,) = judge(SOUND, [Threshold(key, Fraction(1))])
    return replace(template, outcome=outcome)


def judge_one(found: Evidence, key: str, text: str) -> Check:
    """Hold one threshold against evidence."""
    (only,) = judge(found, [threshold(key, text)])
    return only


# --- the verdict ----------------------------------------------------------------------------------------------------

P, F, N = Outcome.PASSED, Outcome.FAILED, Outcome.NO_DATA


@pytest.mark.parametrize(
    ("outcomes", "blocked", "verdict"),
    [
        ((P,), False, Verdict.PASSED),
        ((P, P), False, Verdict.PASSED),
        ((F,), False, Verdict.FAILED),
        ((P, F), False, Verdict.FAILED),
        ((N,), False, Verdict.UNJUDGED),
        ((P, N), False, Verdict.UNJUDGED),
        ((N, F), False, Verdict.FAILED),
        ((P, N, F), False, Verdict.FAILED),
        ((P,), True, Verdict.UNJUDGED),
        ((F,), True, Verdict.FAILED),
        ((N,), True, Verdict.UNJUDGED),
        ((P, F), True, Verdict.FAILED),
        ((P, N), True, Verdict.UNJUDGED),
        ((N, F), True, Verdict.FAILED),
    ],
)
def test_one_failed_check_fails_the_suite_then_any_doubt_leaves_it_unjudged(
    outcomes: tuple[Outcome, ...], blocked: bool, verdict: Verdict
) -> None:
    checks = [check(outcome) for outcome in outcomes]
    assert verdict_of(checks, doubtful() if blocked else SOUND) is verdict
    assert verdict_of(reversed(checks), doubtful() if blocked else SOUND) is verdict


def test_tolerated_finding_is_in_nobodys_way() -> None:
    assert verdict_of([check(P)], doubtful(tolerated=True)) is Verdict.PASSED


def test_warning_is_in_nobodys_way() -> None:
    warned = replace(SOUND, findings=(Finding(FindingKind.SMALL_SUITE, "small"),))
    assert verdict_of([check(P)], warned) is Verdict.PASSED


@pytest.mark.parametrize(
    ("verdict", "excused", "code"),
    [
        (Verdict.PASSED, False, ExitCode.PASSED),
        (Verdict.FAILED, False, ExitCode.FAILED),
        (Verdict.FAILED, True, ExitCode.PASSED),
        (Verdict.UNJUDGED, False, ExitCode.INCONCLUSIVE),
        (Verdict.UNJUDGED, True, ExitCode.INCONCLUSIVE),
    ],
)
def test_not_good_enough_and_cannot_tell_never_share_an_exit_code(
    verdict: Verdict, excused: bool, code: ExitCode
) -> None:
    assert exit_code_of(verdict, excused=excused) is code


def test_failure_is_excused_only_where_that_is_asked_for() -> None:
    assert exit_code_of(Verdict.FAILED) is ExitCode.FAILED


@pytest.mark.parametrize(
    ("checks", "found", "excusable"),
    [
        ([check(F)], SOUND, True),
        ([check(P), check(F, "max_mismatches")], SOUND, True),
        ([check(F), check(P, "max_failed_utterances")], SOUND, True),
        ([check(F)], doubtful(tolerated=True), True),
        ([check(F)], doubtful(), False),
        ([check(F), check(N, "min_recall")], SOUND, False),
        ([check(F, "max_failed_utterances")], SOUND, False),
        ([check(F), check(F, "max_failed_utterances")], SOUND, False),
    ],
    ids=[
        "failed",
        "failed by number",
        "all evaluated",
        "doubt tolerated",
        "doubt",
        "no data",
        "not evaluated",
        "both",
    ],
)
def test_advisory_excuses_nothing_but_a_failure_with_sound_evidence(
    checks: list[Check], found: Evidence, excusable: bool
) -> None:
    assert is_excusable(checks, found) is excusable


# --- checks and their messages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "text", "outcome", "message"),
    [
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
        ("max_failed_utterances", "0", P, "failed utterances 0 <= 0"),
        ("min_utterances", "1000", P, "utterances 1000 >= 1000"),
        ("min_utterances", "1001", F, "utterances 1000 < 1001"),
    ],
)
def test_message_says_what_was_measured_and_what_was_wanted(
    key: str, text: str, outcome: Outcome, message: str
) -> None:
    counts = replace(whole(tp=802, tn=71, fp=97, fn=30), entities=287, matched_entities=170)
    scores = {Metric.F1: "0.93", Metric.PRECISION: "0.89", Metric.RECALL: "0.96"}
    found = judge_one(evidence(counts, scores), key, text)
    assert (found.outcome, found.message) == (outcome, message)
    assert found.name == threshold(key, text).name


@pytest.mark.parametrize(
    ("counts", "text", "message"),
    [
        (whole(tp=57, failed=3), "0", "3 of 60 utterances were not evaluated by the platform"),
        (whole(tp=57, failed=3), "2", "3 of 60 utterances were not evaluated by the platform (2 allowed)"),
        (whole(tp=59, failed=1), "0", "1 of 60 utterances was not evaluated by the platform"),
        (whole(failed=1), "0", "1 of 1 utterance was not evaluated by the platform"),
        (Counts(failed_utterances=3), "0", "3 utterances were not evaluated by the platform"),
        (Counts(failed_utterances=1), "0", "1 utterance was not evaluated by the platform"),
    ],
)
def test_failed_utterances_are_told_as_what_they_are(counts: Counts, text: str, message: str) -> None:
    found = judge_one(evidence(counts), "max_failed_utterances", text)
    assert (found.outcome, found.message) == (F, message)


@pytest.mark.parametrize(
    ("counts", "shown", "text", "message"),
    [
        (whole(tp=895, fp=105), "0.90", "0.9", "precision 0.895 < 0.90 (the platform shows 0.90)"),
        (whole(tp=904, fp=96), "0.90", "0.903", "precision 0.904 >= 0.903 (the platform shows 0.90)"),
        (whole(tp=904, fp=96), " 0.90 ", "0.903", "precision 0.904 >= 0.903 (the platform shows 0.90)"),
        (whole(tp=904, fp=96), "0.90", "0.9", "precision 0.904 >= 0.90"),
        (whole(tp=895, fp=105), "0.90", "0.91", "precision 0.895 < 0.91"),
        (whole(tp=895, fp=105), "NaN", "0.9", "precision 0.895 < 0.90"),
        (whole(tp=950, fp=50), "0.85", "0.9", "precision 0.85 < 0.90"),
        (whole(tp=850, fp=150), "0.95", "0.9", "precision 0.85 < 0.90 (the platform shows 0.95)"),
    ],
)
def test_message_names_what_the_console_shows_exactly_when_that_would_end_otherwise(
    counts: Counts, shown: str, text: str, message: str
) -> None:
    assert judge_one(evidence(counts, {Metric.PRECISION: shown}), "min_precision", text).message == message


def test_rounded_score_that_may_stand_for_less_does_not_pass() -> None:
    found = weigh(status(Counts(utterances=60), {Metric.F1: "0.93"}), MISSING, expectation=Expectation())
    assert judge_one(found, "min_f1", "0.925").outcome is P
    assert judge_one(found, "min_f1", "0.93").message == "f1 0.925 < 0.93 (the platform shows 0.93)"


@pytest.mark.parametrize(
    ("key", "counts", "reason"),
    [
        (
            "min_precision",
            whole(tn=9, fn=1),
            "no utterance matched an intent where one could be right or wrong: TP+FP is 0",
        ),
        (
            "min_recall",
            whole(tn=9, fp=1),
            "no utterance that expects an intent was matched rightly or missed: TP+FN is 0",
        ),
        ("min_f1", whole(tn=10), "no utterance has anything to do with an intent: TP+FP+FN is 0"),
        ("min_entity_match", replace(whole(tp=1), entities=0, matched_entities=0), "the suite has no entities"),
        ("min_accuracy", Counts(utterances=0, tp=0, tn=0), "the suite has no utterances"),
        ("min_accuracy", replace(whole(), utterances=1, failed_utterances=1), "not one utterance was evaluated"),
        ("min_precision", Counts(), "the platform did not report the counts that it is made of"),
        ("min_recall", Counts(), "the platform did not report the counts that it is made of"),
        ("min_f1", Counts(), "the platform did not report the counts that it is made of"),
        ("min_entity_match", Counts(), "the platform did not report the counts that it is made of"),
        ("min_accuracy", Counts(), "the platform did not report the counts that it is made of"),
        ("max_mismatches", Counts(), "the platform did not report the counts that it is made of"),
        (
            "min_precision",
            Counts(tp=0, fp=0, fn=9),
            "no utterance matched an intent where one could be right or wrong: TP+FP is 0",
        ),
    ],
)
def test_missing_number_is_told_from_one_that_does_not_exist(key: str, counts: Counts, reason: str) -> None:
    found = judge_one(weigh(status(counts), MISSING, expectation=Expectation()), key, "1")
    assert (found.outcome, found.actual, found.actual_text) == (N, None, "no data")
    assert found.message == f"{found.name}: no data ({reason})"


@pytest.mark.parametrize(
    ("waived", "text", "outcome", "message"),
    [
        (0, "4", F, "mismatches 5 > 4"),
        (1, "4", P, "mismatches 4 <= 4 (1 more is waived)"),
        (2, "2", F, "mismatches 3 > 2 (2 more are waived)"),
        (5, "0", P, "mismatches 0 <= 0 (5 more are waived)"),
        (6, "0", P, "mismatches 0 <= 0 (6 more are waived)"),
    ],
)
def test_mismatches_that_are_waived_are_told_and_not_counted(
    waived: int, text: str, outcome: Outcome, message: str
) -> None:
    (found,) = judge(SOUND, [threshold("max_mismatches", text)], waived=waived)
    assert (found.outcome, found.message) == (outcome, message)


def test_waivers_change_no_score() -> None:
    thresholds = [threshold(key, "1") for key in ALONE if key != "max_mismatches"]
    assert judge(SOUND, thresholds, waived=3) == judge(SOUND, thresholds)


def test_thresholds_that_need_a_baseline_are_judged_elsewhere() -> None:
    assert judge(SOUND, [threshold(key, "0") for key in THRESHOLDS if key not in ALONE]) == ()


def test_check_is_about_the_suite_unless_said_otherwise() -> None:
    assert judge_one(SOUND, "min_f1", "0.9").scope == "suite"


def test_every_threshold_becomes_one_check_in_the_order_given() -> None:
    thresholds = [threshold(key, "1") for key in ALONE]
    assert [found.name for found in judge(SOUND, thresholds)] == [one.name for one in thresholds]


@given(
    tp=st.integers(0, 2000), fp=st.integers(0, 2000), fn=st.integers(0, 2000), bound=st.decimals(0, 1, allow_nan=False)
)
def test_printed_value_and_operator_agree_with_the_outcome(tp: int, fp: int, fn: int, bound: object) -> None:
    limit = Threshold("min_f1", Fraction(decimal_text(Fraction(str(bound)), 20)))
    (found,) = judge(evidence(whole(tp=tp, fp=fp, fn=fn)), [limit])
    if found.actual is None:
        assert found.outcome is N
        return
    label, value, operator, wanted = found.message.split()
    assert (label, operator) == ("f1", ">=" if found.outcome is P else "<")
    assert (Fraction(value) >= Fraction(wanted)) is (found.outcome is P)


# --- what a better bot may expect -----------------------------------------------------------------------------------

bounds = st.integers(0, 1000).map(lambda thousandths: Fraction(thousandths, 1000))
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
BETTER = {Outcome.PASSED: {P, N}, Outcome.NO_DATA: {P, F, N}, Outcome.FAILED: {P, F, N}}


def rounded(counts: Counts) -> dict[Metric, str]:
    """Print the scores as the platform does, zero where there is no denominator."""
    return {metric: decimal_text(measure(metric, counts) or Fraction(0), 2) for metric in SCORES}


def weigh_as(source: str, suite: tuple[Case, ...]) -> Evidence:
    """Weigh a suite whose counts come from here or there."""
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
    return weigh(status(Counts(utterances=len(suite)), rounded(counts)), MISSING, expectation=expectation)


@pytest.mark.parametrize("source", ["status", "file", "strings"])
@given(
    before=st.lists(utterances, max_size=12),
    after=st.lists(utterances, max_size=12),
    mended=st.sampled_from([ResultType.FP, ResultType.FN]),
    expects=st.booleans(),
    thresholds=any_thresholds,
)
def test_mending_a_mismatch_never_turns_a_passed_check_into_a_failed_one(
    source: str, before: list[Case], after: list[Case], mended: ResultType, expects: bool, thresholds: list[Threshold]
) -> None:
    expected = ("Rent Bike",) if expects else ()
    wrong = case(mended, expected=expected)
    right = case(ResultType.TP if expects else ResultType.TN, expected=expected)
    worse, better = ((*before, utterance, *after) for utterance in (wrong, right))
    pairs = zip(judge(weigh_as(source, worse), thresholds), judge(weigh_as(source, better), thresholds), strict=True)
    for old, new in pairs:
        assert not (old.outcome is P and new.outcome is F), (old.message, new.message)


@given(suite=st.lists(utterances, min_size=1, max_size=40).map(tuple), thresholds=any_thresholds)
def test_order_of_the_utterances_changes_no_check(suite: tuple[Case, ...], thresholds: list[Threshold]) -> None:
    assert judge(weigh_as("file", suite), thresholds) == judge(weigh_as("file", suite[::-1]), thresholds)


# --- a run in which nothing was evaluated ---------------------------------------------------------------------------

SEED_COUNTS = replace(whole(failed=1), success=0, failure=1, failed_entities=0, entities=0, matched_entities=0)
SEED_SCORES = {Metric.F1: "0.00", Metric.PRECISION: "0.00", Metric.RECALL: "0.00"}
SEED_TOP_BLOCK = Reported(counts=Counts(utterances=1), scores=SEED_SCORES)
SEED_FILES: tuple[ResultsFile | UnreadableFile, ...] = (
    MISSING,
    results(()),
    results((), SEED_TOP_BLOCK),
    results(cases(not_evaluated=1)),
    results(cases(not_evaluated=1), SEED_TOP_BLOCK),
    results(cases(unknown=1), SEED_TOP_BLOCK),
)
score_texts = st.sampled_from(["off", "0", "0%", "0.005", "0.9", "1"])
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
def test_run_in_which_nothing_was_evaluated_never_passes_whatever_the_thresholds_and_the_tolerance(
    reported: Reported | None,
    file: ResultsFile | UnreadableFile,
    thresholds: list[Threshold],
    tolerate: frozenset[FindingKind],
) -> None:
    found = weigh(reported, file, expectation=Expectation(), tolerate=tolerate)
    assert verdict_of(judge(found, thresholds), found) is not Verdict.PASSED


@pytest.mark.parametrize("tolerate", [frozenset(), frozenset(TOLERABLE)], ids=["strict", "tolerant"])
def test_run_in_which_nothing_was_evaluated_is_unjudged_when_all_that_fails_is_switched_off(
    tolerate: frozenset[FindingKind],
) -> None:
    found = weigh(
        status(SEED_COUNTS, SEED_SCORES), results(cases(not_evaluated=1)), expectation=Expectation(), tolerate=tolerate
    )
    checks = judge(found, [threshold("min_accuracy", "0"), threshold("max_mismatches", "99")])
    assert [done.outcome for done in checks] == [N, N]
    assert verdict_of(checks, found) is Verdict.UNJUDGED


def test_run_in_which_nothing_was_evaluated_fails_by_default() -> None:
    found = weigh(status(SEED_COUNTS, SEED_SCORES), MISSING, expectation=Expectation())
    checks = judge(found, [threshold("min_f1", "0.9"), *DEFAULTS.values()])
    assert [done.message for done in checks if done.outcome is F] == [
        "1 of 1 utterance was not evaluated by the platform"
    ]
    assert verdict_of(checks, found) is Verdict.FAILED
