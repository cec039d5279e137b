"""Better or worse than before: the rules that need a baseline, what they say, and what is only worth a warning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.checks import Check, Outcome
from ci_gate.core.comparison import Comparison, Drop, IntentChange
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.metrics import DROPS, Metric
from ci_gate.core.model import Case, ResultType
from ci_gate.core.regression import chance_text, doubts_about_change, judge_comparison
from ci_gate.core.rules import ALPHA, Rules
from ci_gate.core.thresholds import BASELINE_DEFAULTS
from ci_gate.core.waivers import Waived, Waiver, apply_waivers
from tests.core.builders import changed, hold, said, threshold
from tests.core.reference_values import VERDICTS

TP, TN, FP, FN, LOST = (
    ResultType.TP,
    ResultType.TN,
    ResultType.FP,
    ResultType.FN,
    ResultType.NOT_EVALUATED,
)
P, F, N = Outcome.PASSED, Outcome.FAILED, Outcome.NO_DATA
DEFAULT = Rules(thresholds=tuple(BASELINE_DEFAULTS.values()))
NOTHING = changed((LOST, TP, 3))
TODAY = date(2026, 1, 1)


def rules(key: str = "max_f1_drop", text: str = "0.01", *, alpha: Fraction = ALPHA, strict_drop: bool = False) -> Rules:
    """Give rules of one threshold."""
    return Rules(thresholds=(threshold(key, text),), alpha=alpha, strict_drop=strict_drop)


def judged(comparison: Comparison | None, by: Rules, waived: Waived | None = None) -> Check:
    """Give the only check of rules."""
    (only,) = judge_comparison(comparison, by, waived or Waived())
    return only


def doubts(comparison: Comparison, by: Rules) -> list[str]:
    """Give the findings as text."""
    return [found.message for found in doubts_about_change(comparison, by)]


def fell(worse: int, better: int, *, shared: int, passed: int) -> Comparison:
    """Hold runs against each other in which so many of so many got worse and better, whatever their intents."""
    still = shared - passed - better
    found = changed((TP, FN, worse), (TP, TP, passed - worse), (FN, TP, better), (FN, FN, still))
    return replace(found, intents=())


# --- a score that fell ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shared", "passed", "worse", "better", "allowed", "drop", "chance", "verdict"), VERDICTS, ids=str
)
def test_verdict_on_a_fall_agrees_with_reference_values(
    shared: int, passed: int, worse: int, better: int, allowed: str, drop: float, chance: float, verdict: str
) -> None:
    found, by = fell(worse, better, shared=shared, passed=passed), rules(text=allowed)
    check, one = judged(found, by), found.drops[Metric.F1_DROP]
    assert check.actual is not None
    assert [float(check.actual), one.chance] == pytest.approx([drop, chance], rel=6e-6)
    assert check.outcome is (F if verdict == "fail" else P)
    assert [doubt.kind for doubt in doubts_about_change(found, by)] == [FindingKind.DROP] * (verdict == "warn")


@pytest.mark.parametrize(
    ("comparison", "outcome", "message"),
    [
        (
            fell(30, 12, shared=1000, passed=852),
            F,
            "f1 fell by 0.0106 > 0.01 (0.9201 to 0.9095; 30 got worse, 12 better; by chance in 3 of 1,000 runs)",
        ),
        (
            fell(10, 6, shared=200, passed=170),
            P,
            (
                "f1 fell by 0.0118 > 0.01, within chance "
                "(0.9189 to 0.9071; 10 got worse, 6 better; by chance in 17 of 100 runs)"
            ),
        ),
        (
            fell(3, 0, shared=200, passed=170),
            P,
            "f1 fell by 0.0088 <= 0.01 (0.9189 to 0.9101; 3 got worse, 0 better; by chance in 6 of 100 runs)",
        ),
        (fell(0, 0, shared=300, passed=255), P, "f1 did not change (0 got worse, 0 better)"),
        (fell(4, 4, shared=300, passed=255), P, "f1 did not change (4 got worse, 4 better)"),
        (
            fell(0, 5, shared=300, passed=255),
            P,
            "f1 rose by 0.0097 (0.9189 to 0.9286; 0 got worse, 5 better)",
        ),
        (
            fell(1, 0, shared=101, passed=101),
            P,
            "f1 fell by 0.0050 <= 0.01 (1.00 to 0.9950; 1 got worse, 0 better; by chance in 25 of 100 runs)",
        ),
    ],
)
def test_message_tells_how_far_from_what_to_what_by_how_many_and_how_easily(
    comparison: Comparison, outcome: Outcome, message: str
) -> None:
    found = judged(comparison, DEFAULT)
    assert (found.outcome, found.message) == (outcome, message)
    assert found.message == f"f1 {found.measured}"


def test_check_of_a_fall_says_what_it_is_about() -> None:
    found = judged(fell(30, 12, shared=1000, passed=852), rules("max_accuracy_drop", "1%"))
    assert (found.name, found.metric, found.operator) == (
        "accuracy drop beyond chance <= 0.01",
        "accuracy_drop",
        "<=",
    )
    assert (found.bound, found.actual, found.actual_text) == (Fraction(1, 100), Fraction(18, 1000), "0.018")
    assert (found.scope, found.is_share, found.is_excusable) == ("baseline", True, True)


def test_fall_of_exactly_what_is_allowed_passes() -> None:
    fall = changed((TP, FN, 20), (TP, TP, 80))
    assert judged(fall, rules("max_recall_drop", "0.2")).outcome is P
    assert judged(fall, rules("max_recall_drop", "0.1999999")).outcome is F


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("0.92", "0.91", "0.92 to 0.91"),
        ("0.92004", "0.91996", "0.92004 to 0.91996"),
        ("0.920000001", "0.92", "0.920000001 to 0.92"),
        ("0.9200004", "0.9100004", "0.9200 to 0.9100"),
    ],
)
def test_scores_before_and_now_read_as_different_where_they_are(was: str, now: str, told: str) -> None:
    drop = Drop(was=Fraction(was), now=Fraction(now), worse=9, better=1, chance=0.01)
    found = judged(replace(fell(9, 1, shared=100, passed=50), drops={Metric.F1_DROP: drop}), DEFAULT)
    assert f"({told}; 9 got worse, 1 better; by chance in 10 of 1,000 runs)" in found.message


@pytest.mark.parametrize(("alpha", "outcome"), [("0.0351562", P), ("0.03515625", F), ("0.04", F)])
def test_chance_of_exactly_alpha_is_no_chance(alpha: str, outcome: Outcome) -> None:
    fall = fell(6, 1, shared=200, passed=170)
    assert judged(fall, rules(alpha=Fraction(alpha))).outcome is outcome


def test_as_many_better_as_worse_is_within_chance_however_far_a_score_fell() -> None:
    even = replace(
        fell(9, 9, shared=100, passed=50),
        drops={Metric.F1_DROP: Drop(was=Fraction(1), now=Fraction(1, 2), worse=9, better=9, chance=0.0)},
    )
    assert judged(even, DEFAULT).outcome is P


@pytest.mark.parametrize(
    ("change", "key", "score"),
    [
        ((TP, FN, 9), "max_f1_drop", "f1"),
        ((TP, FN, 9), "max_accuracy_drop", "accuracy"),
        ((TP, FN, 9), "max_recall_drop", "recall"),
        ((TP, FP, 9), "max_precision_drop", "precision"),
    ],
)
def test_each_score_has_a_rule_of_its_own(change: tuple[ResultType, ResultType, int], key: str, score: str) -> None:
    found = judged(changed(change, (TP, TP, 31)), rules(key))
    assert (found.outcome, found.metric) == (F, f"{score}_drop")
    assert found.message.startswith(f"{score} fell by ")


def test_wrong_intent_in_place_of_none_is_a_fall_of_precision_alone() -> None:
    found = changed((FN, FP, 9), (TP, TP, 30))
    outcomes = {drop: judged(found, rules(f"max_{drop.value}")).outcome for drop in DROPS}
    assert outcomes == {**dict.fromkeys(DROPS, P), Metric.PRECISION_DROP: F}


# --- what only one half of the rule says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comparison", "by", "messages"),
    [
        (fell(30, 12, shared=1000, passed=852), DEFAULT, []),
        (fell(3, 0, shared=200, passed=170), DEFAULT, []),
        (fell(0, 0, shared=300, passed=255), DEFAULT, []),
        (fell(0, 5, shared=300, passed=255), DEFAULT, []),
        (
            fell(10, 6, shared=200, passed=170),
            DEFAULT,
            [
                "f1 fell by 0.0118, more than 0.01, but a difference this large arises by chance in 17 of 100 runs",
            ],
        ),
        (
            fell(150, 120, shared=5000, passed=4260),
            DEFAULT,
            [
                (
                    "f1 fell by 0.0035, which 0.01 allows; but a difference this large arises by chance "
                    "in 3 of 100 runs only"
                ),
            ],
        ),
        (
            fell(2, 0, shared=50, passed=45),
            Rules(thresholds=(threshold("max_accuracy_drop", "2%"), threshold("max_recall_drop", "0"))),
            [
                "accuracy fell by 0.04, more than 0.02, but a difference this large arises by chance in 12 of 100 runs",
                "recall fell by 0.04, more than 0.00, but a difference this large arises by chance in 12 of 100 runs",
            ],
        ),
        (fell(10, 6, shared=200, passed=170), Rules(), []),
        (fell(10, 6, shared=200, passed=170), rules("min_f1", "0.9"), []),
        (replace(changed((TN, FP, 9)), intents=()), DEFAULT, []),
    ],
)
def test_fall_that_may_be_chance_or_is_allowed_is_worth_a_warning(
    comparison: Comparison, by: Rules, messages: list[str]
) -> None:
    assert [*doubts_about_change(comparison, by)] == [Finding(FindingKind.DROP, message) for message in messages]


@given(worse=st.integers(0, 30), better=st.integers(0, 20), same=st.integers(0, 60), allowed=st.integers(0, 30))
def test_fall_fails_where_both_halves_hold_and_warns_where_one_does(
    worse: int, better: int, same: int, allowed: int
) -> None:
    found = fell(worse, better, shared=worse + better + same + 5, passed=worse + same)
    by = rules(text=f"{allowed}%")
    check, drop = judged(found, by), found.drops[Metric.F1_DROP]
    if drop.fall is None:
        assert check.outcome is N
        return
    is_large, is_sure = drop.fall > Fraction(allowed, 100), worse > better and drop.chance <= 0.05
    assert (check.outcome is F) is (is_large and is_sure)
    assert len(doubts(found, by)) == (is_large is not is_sure and drop.fall > 0)


# --- where the fall alone counts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comparison", "outcome", "message"),
    [
        (
            fell(10, 6, shared=200, passed=170),
            F,
            "f1 fell by 0.0118 > 0.01 (0.9189 to 0.9071; 10 got worse, 6 better; by chance in 17 of 100 runs)",
        ),
        (
            fell(3, 0, shared=200, passed=170),
            P,
            "f1 fell by 0.0088 <= 0.01 (0.9189 to 0.9101; 3 got worse, 0 better; by chance in 6 of 100 runs)",
        ),
    ],
)
def test_strict_rule_fails_over_a_fall_that_may_be_chance(
    comparison: Comparison, outcome: Outcome, message: str
) -> None:
    strict = replace(DEFAULT, strict_drop=True)
    found = judged(comparison, strict)
    assert (found.name, found.outcome, found.message) == ("f1 drop <= 0.01", outcome, message)
    assert doubts(comparison, strict) == []


def test_strict_rule_still_warns_of_a_fall_that_it_allows_and_chance_does_not_explain() -> None:
    strict = replace(DEFAULT, strict_drop=True)
    assert len(doubts(fell(150, 120, shared=5000, passed=4260), strict)) == 1


# --- nothing to compare ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comparison", "why"),
    [
        (None, "there was nothing to compare with"),
        (NOTHING, "there is no utterance that both runs evaluated"),
    ],
    ids=["no comparison", "nothing shared"],
)
@pytest.mark.parametrize(
    ("by", "name", "metric"),
    [
        (rules(), "f1 drop beyond chance <= 0.01", "f1_drop"),
        (rules(strict_drop=True), "f1 drop <= 0.01", "f1_drop"),
        (rules("max_new_failures", "0"), "new failures <= 0", "new_failures"),
        (Rules(max_regressions=0), "intents worse beyond chance <= 0", "worse_intents"),
    ],
)
def test_rule_that_needs_a_baseline_has_no_data_without_anything_to_compare(
    by: Rules, name: str, metric: str, comparison: Comparison | None, why: str
) -> None:
    found = judged(comparison, by)
    assert (found.outcome, found.name, found.metric) == (N, name, metric)
    assert (found.message, found.measured) == (f"{name}: no data ({why})", why)
    assert (found.operator, found.scope, found.actual) == ("<=", "baseline", None)


@pytest.mark.parametrize(
    ("comparison", "key", "score"),
    [
        (changed((TN, FP, 9)), "max_f1_drop", "f1"),
        (changed((FN, TP, 9)), "max_precision_drop", "precision"),
        (changed((TN, TN, 9)), "max_recall_drop", "recall"),
    ],
)
def test_score_that_one_of_the_runs_does_not_have_cannot_be_compared(
    comparison: Comparison, key: str, score: str
) -> None:
    found = judged(comparison, rules(key))
    assert (found.outcome, found.measured) == (N, f"the utterances that both runs share give no {score}")


def test_thresholds_on_the_run_itself_are_judged_elsewhere() -> None:
    assert [*judge_comparison(None, rules("min_f1", "0.9"), Waived())] == []


def test_every_rule_that_needs_a_baseline_gives_one_check_in_the_order_given() -> None:
    keys = ("max_new_failures", "max_recall_drop", "min_f1", "max_f1_drop")
    every = Rules(thresholds=tuple(threshold(key, "0") for key in keys), max_regressions=3)
    found = judge_comparison(fell(1, 0, shared=9, passed=9), every, Waived())
    assert [check.metric for check in found] == ["new_failures", "recall_drop", "f1_drop", "worse_intents"]


# --- new failures ---------------------------------------------------------------------------------------------------


def waiver(utterance: str) -> Waiver:
    """Give a waiver that holds today."""
    return Waiver(utterance=utterance, reason="known", owner="Ada", expires=TODAY)


def then_and_now(*, worse: int) -> tuple[list[Case], list[Case]]:
    """Give two runs of thirty utterances, the second of which gets the first few wrong."""
    then = [said(f"say {row}", row=row) for row in range(1, 31)]
    return then, [said(f"say {row}", FN if row <= worse else TP, row=row) for row in range(1, 31)]


@pytest.mark.parametrize(
    ("worse", "waived", "allowed", "outcome", "message"),
    [
        (0, 0, "0", P, "0 utterances that passed in the baseline fail"),
        (1, 0, "0", F, "1 utterance that passed in the baseline fails"),
        (1, 0, "1", P, "1 utterance that passed in the baseline fails"),
        (3, 0, "2", F, "3 utterances that passed in the baseline fail"),
        (3, 1, "2", P, "2 utterances that passed in the baseline fail (1 more is waived)"),
        (3, 2, "0", F, "1 utterance that passed in the baseline fails (2 more are waived)"),
        (3, 3, "0", P, "0 utterances that passed in the baseline fail (3 more are waived)"),
    ],
)
def test_new_failures_are_those_that_are_not_waived(
    worse: int, waived: int, allowed: str, outcome: Outcome, message: str
) -> None:
    then, now = then_and_now(worse=worse)
    excused = apply_waivers([waiver(f"say {row}") for row in range(1, waived + 1)], now, TODAY)
    found = judged(hold(now, then), rules("max_new_failures", allowed), excused)
    assert (found.outcome, found.message, found.measured) == (outcome, message, message)
    assert (found.name, found.metric, found.actual) == (
        f"new failures <= {allowed}",
        "new_failures",
        Fraction(worse - waived),
    )
    assert (found.scope, found.is_share) == ("baseline", False)


def test_what_failed_before_or_is_new_is_no_new_failure() -> None:
    then = [said("old", FN), said("good")]
    now = [said("old", FP), said("good"), said("added", FN)]
    assert judged(hold(now, then), rules("max_new_failures", "0")).outcome is P


def test_waiver_of_what_failed_before_excuses_no_new_failure() -> None:
    then, now = then_and_now(worse=1)
    then.append(said("old", FN, row=31))
    now.append(said("old", FN, row=31))
    found = judged(hold(now, then), rules("max_new_failures", "0"), apply_waivers([waiver("old")], now, TODAY))
    assert (found.outcome, found.message) == (F, "1 utterance that passed in the baseline fails")


def test_copies_that_newly_fail_are_one_new_failure() -> None:
    then, now = [said("a"), said("a"), said("b")], [said("a", FN), said("a"), said("b")]
    assert judged(hold(now, then), rules("max_new_failures", "0")).actual == 1


# --- intents that got worse -----------------------------------------------------------------------------------------


def with_intents(*changes: tuple[str, int, int, bool]) -> Comparison:
    """Give a comparison in which these intents changed."""
    intents = tuple(
        IntentChange(
            intent=intent, shared=20, worse=worse, better=better, chance=0.01, adjusted=0.02 if is_sure else 0.2
        )
        for intent, worse, better, is_sure in changes
    )
    return replace(fell(0, 0, shared=100, passed=90), intents=intents)


ONE = with_intents(("Pay Bill", 8, 1, True), ("Find Shop", 2, 0, False))
TWO = with_intents(("Pay Bill", 8, 1, True), ("(no intent)", 6, 0, True), ("Find Shop", 0, 9, True))
SEVEN = with_intents(*((f"Intent {number}", 9, 0, True) for number in range(1, 8)))
FIVE_NAMED = ", ".join(f"'Intent {number}' (9 got worse, 0 better)" for number in range(1, 6))


@pytest.mark.parametrize(
    ("comparison", "allowed", "outcome", "message"),
    [
        (with_intents(), 0, P, "0 intents got worse beyond chance"),
        (ONE, 0, F, "1 intent got worse beyond chance: 'Pay Bill' (8 got worse, 1 better)"),
        (ONE, 1, P, "1 intent got worse beyond chance: 'Pay Bill' (8 got worse, 1 better)"),
        (
            TWO,
            1,
            F,
            (
                "2 intents got worse beyond chance: 'Pay Bill' (8 got worse, 1 better), "
                "'(no intent)' (6 got worse, 0 better)"
            ),
        ),
        (SEVEN, 7, P, f"7 intents got worse beyond chance: {FIVE_NAMED} and 2 more"),
    ],
)
def test_intents_that_got_worse_are_counted_and_named(
    comparison: Comparison, allowed: int, outcome: Outcome, message: str
) -> None:
    found = judged(comparison, Rules(max_regressions=allowed))
    assert (found.outcome, found.message, found.measured) == (outcome, message, message)
    assert (found.name, found.metric) == (f"intents worse beyond chance <= {allowed}", "worse_intents")
    assert (found.scope, found.bound) == ("baseline", Fraction(allowed))


def test_intents_that_got_worse_are_worth_a_warning_where_no_rule_bounds_them() -> None:
    told = "worse than in the baseline beyond chance: 'Pay Bill' (8 got worse, 1 better)"
    assert [*doubts_about_change(ONE, DEFAULT)] == [Finding(FindingKind.REGRESSION, told)]
    assert doubts(ONE, Rules(max_regressions=0)) == []
    assert doubts(with_intents(("Find Shop", 2, 0, False)), DEFAULT) == []


@pytest.mark.parametrize("kind", [FindingKind.DROP, FindingKind.REGRESSION])
def test_neither_warning_stands_in_the_way_of_a_pass(kind: FindingKind) -> None:
    assert not Finding(kind, "").blocks


# --- chances in words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chance", "text"),
    [
        (1.0, "100 of 100 runs"),
        (0.5, "50 of 100 runs"),
        (0.166153, "17 of 100 runs"),
        (0.02, "2 of 100 runs"),
        (0.0149, "15 of 1,000 runs"),
        (0.01, "10 of 1,000 runs"),
        (0.0027, "3 of 1,000 runs"),
        (0.001, "1 of 1,000 runs"),
        (0.0004, "4 of 10,000 runs"),
        (0.0001, "1 of 10,000 runs"),
        (0.00006, "1 of 10,000 runs"),
        (0.00004, "fewer than 1 of 10,000 runs"),
        (0.0, "fewer than 1 of 10,000 runs"),
    ],
)
def test_chance_is_told_in_runs(chance: float, text: str) -> None:
    assert chance_text(chance) == text


@pytest.mark.parametrize(
    ("chance", "alpha", "text"),
    [
        (0.0481262, "0.05", "5 of 100 runs"),
        (0.0527, "0.05", "53 of 1,000 runs"),
        (0.0500001, "0.05", "500,001 of 10,000,000 runs"),
        (0.0246, "0.025", "2 of 100 runs"),
        (0.0251, "0.025", "3 of 100 runs"),
        (0.00046, "0.0005", "5 of 10,000 runs"),
    ],
)
def test_chance_is_told_on_its_own_side_of_alpha(chance: float, alpha: str, text: str) -> None:
    assert chance_text(chance, Fraction(alpha)) == text


# --- where the edges are ----------------------------------------------------------------------------------------------


def test_a_fall_of_just_what_is_allowed_is_allowed_and_says_so() -> None:
    found = fell(1, 0, shared=100, passed=100)
    check = judged(found, rules("max_accuracy_drop", "0.01"))
    assert check.outcome is P
    assert check.measured.startswith("fell by 0.01 <= 0.01 (1.00 to 0.99; ")


def test_what_has_no_data_keeps_its_name_and_its_bound() -> None:
    of_negatives = changed((TN, TN, 40))
    check = judged(of_negatives, rules())
    assert (check.name, check.bound) == ("f1 drop beyond chance <= 0.01", Fraction(1, 100))
    assert check.measured == "the utterances that both runs share give no f1"
    alone = judged(None, Rules(max_regressions=3))
    assert (alone.name, alone.bound) == ("intents worse beyond chance <= 3", Fraction(3))


def test_five_intents_that_got_worse_are_all_named() -> None:
    names = ("A", "B", "C", "D", "E", "F")
    worse = tuple(IntentChange(intent=name, shared=9, worse=9, better=0, chance=0.0, adjusted=0.0) for name in names)
    named = ", ".join(f"'{name}' (9 got worse, 0 better)" for name in names[:5])
    for intents, told in ((worse[:5], named), (worse, f"{named} and 1 more")):
        comparison = replace(fell(0, 0, shared=9, passed=9), intents=intents)
        assert judged(comparison, Rules(max_regressions=0)).message.endswith(f"beyond chance: {told}")


@pytest.mark.parametrize(
    ("chance", "alpha", "told"),
    [
        (0.25, Fraction(1, 4), "25 of 100 runs"),
        (0.0527, Fraction(1, 20), "53 of 1,000 runs"),
        (0.0481, Fraction(1, 20), "5 of 100 runs"),
        (0.05, Fraction(1, 20), "5 of 100 runs"),  # as a number of a computer it is a trifle more
        (0.0000001, Fraction(1, 20), "fewer than 1 of 10,000 runs"),
    ],
)
def test_a_chance_is_told_on_its_own_side_of_alpha_where_that_can_be_told(
    chance: float, alpha: Fraction, told: str
) -> None:
    assert chance_text(chance, alpha) == told


def test_a_check_tells_its_chance_on_its_own_side_of_alpha() -> None:
    found = fell(20, 10, shared=200, passed=170)
    drop = replace(found.drops[Metric.F1_DROP], chance=0.0527)
    assert "by chance in 53 of 1,000 runs" in judged(replace(found, drops={Metric.F1_DROP: drop}), rules()).message


@pytest.mark.parametrize(
    ("was", "now", "worse"),
    [(Fraction(9, 10), Fraction(9, 10), 12), (Fraction(9, 10), Fraction(89, 100), 1)],
    ids=["no fall at all, however sure", "a fall of just what is allowed, and perhaps chance"],
)
def test_what_is_no_fall_or_just_allowed_is_worth_no_warning(was: Fraction, now: Fraction, worse: int) -> None:
    drop = Drop(was=was, now=now, worse=worse, better=0, chance=0.5**worse)
    comparison = replace(fell(0, 0, shared=100, passed=90), drops={Metric.F1_DROP: drop})
    assert doubts(comparison, rules()) == []


def test_new_failures_that_nobody_can_rule_out_are_no_pass() -> None:
    found, by = changed((TP, TP, 40), (TP, FN, 1), (LOST, FN, 2)), rules("max_new_failures", "2")
    check = judged(found, by)
    assert (check.outcome, check.measured) == (
        N,
        "2 utterances that both runs have were not evaluated in one of them, and may be more",
    )
    one = judged(changed((TP, TP, 40), (TP, LOST, 1)), rules("max_new_failures", "0"))
    assert one.measured == "1 utterance that both runs have was not evaluated in one of them, and may be more"
    assert judged(found, rules("max_new_failures", "3")).outcome is P
    assert judged(found, rules("max_new_failures", "0")).outcome is F
