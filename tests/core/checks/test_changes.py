"""The rules that need a baseline: their outcomes, messages and warnings."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.checks.changes import doubts_about_change, judge_comparison
from ci_gate.core.checks.check import Check
from ci_gate.core.comparison.drops import Tally
from ci_gate.core.comparison.intent_changes import IntentChange
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.metrics import DROPS, Metric
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import ALPHA, MAX_REGRESSIONS, Area, Rules
from ci_gate.core.statistics.step_up import Flipped
from ci_gate.core.thresholds import BASELINE_DEFAULTS
from ci_gate.core.waivers import Waived, Waiver, apply_waivers
from tests.core.builders import FN, FP, LOST, TN, TP, changed, hold, said, threshold
from tests.core.reference_values import VERDICTS

if TYPE_CHECKING:
    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.model import ResultType, Utterance

    Changed = tuple[ResultType, ResultType, int]
    """Result type before, result type now, and the number of such utterances."""

P, F, N = Outcome.PASSED, Outcome.FAILED, Outcome.NO_DATA
DEFAULT = Rules(thresholds=tuple(BASELINE_DEFAULTS.values()))
NOTHING = changed((LOST, TP, 3))
TODAY = date(2026, 1, 1)


def rules(key: str = "max_f1_drop", text: str = "0.01", *, alpha: Fraction = ALPHA, strict_drop: bool = False) -> Rules:
    return Rules(thresholds=(threshold(key, text),), alpha=alpha, strict_drop=strict_drop)


def judged(comparison: Comparison | None, by: Rules, waived: Waived | None = None) -> Check:
    """Return the only check of ``by``."""
    (only,) = judge_comparison(comparison, by, waived or Waived())
    assert isinstance(only, Check)
    return only


def left_out(comparison: Comparison, by: Rules) -> str:
    """Return the message of the only finding of rules that check nothing here."""
    (only,) = judge_comparison(comparison, by, Waived())
    assert isinstance(only, Finding)
    assert (only.kind, only.blocks) == (FindingKind.SMALL_SUITE, False)
    return only.message


def doubts(comparison: Comparison, by: Rules) -> list[str]:
    return [found.message for found in doubts_about_change(comparison, by)]


def fell(worse: int, better: int, *, shared: int, passed: int) -> Comparison:
    """Compare runs of one intent, of which ``passed`` of ``shared`` utterances passed before."""
    still = shared - passed - better
    found = changed((TP, FN, worse), (TP, TP, passed - worse), (FN, TP, better), (FN, FN, still))
    return replace(found, intents=())


def then_and_now(*, worse: int) -> tuple[list[Utterance], list[Utterance]]:
    """Build two runs of thirty utterances, the second of which misses the first ``worse``."""
    then = [said(f"say {row}", row=row) for row in range(1, 31)]
    return then, [said(f"say {row}", FN if row <= worse else TP, row=row) for row in range(1, 31)]


# --- a score that fell ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("shared", "passed", "worse", "better", "allowed", "drop", "chance", "verdict"), VERDICTS, ids=str
)
def test_verdict_on_a_drop_agrees_with_reference_values(
    shared: int, passed: int, worse: int, better: int, allowed: str, drop: float, chance: float, verdict: str
) -> None:
    found, by = fell(worse, better, shared=shared, passed=passed), rules(text=allowed)
    check, one = judged(found, by), found.drops[Metric.F1_DROP]
    assert check.actual is not None
    assert [float(check.actual), *one.chances] == pytest.approx([drop, chance, chance], rel=6e-6)
    assert check.outcome is (F if verdict == "fail" else P)
    assert [doubt.kind for doubt in doubts_about_change(found, by)] == [FindingKind.DROP] * (verdict == "warn")


@pytest.mark.parametrize(("comparison", "outcome", "told", "beside"), [
    (fell(30, 12, shared=1000, passed=852), F,
     "fell by 0.0106 > 0.01 (0.9201 to 0.9095; 30 got worse, 12 better; by chance in 3 of 1,000 runs)",
     "would have failed at 29 newly failing (it saw 30)"),
    (fell(10, 6, shared=200, passed=170), P,
     "fell by 0.0118 > 0.01, within chance (0.9189 to 0.9071; 10 got worse, 6 better; by chance in 17 of 100 runs)",
     "would have failed at 14 newly failing (it saw 10)"),
    (fell(3, 0, shared=200, passed=170), P,
     "fell by 0.0088 <= 0.01 (0.9189 to 0.9101; 3 got worse, 0 better; by chance in 6 of 100 runs)",
     "would have failed at 4 newly failing (it saw 3)"),
    (fell(0, 0, shared=300, passed=255), P, "did not change (0 got worse, 0 better)",
     "would have failed at 6 newly failing (it saw 0)"),
    (fell(4, 4, shared=300, passed=255), P, "did not change (4 got worse, 4 better)",
     "would have failed at 11 newly failing (it saw 4)"),
    (fell(0, 5, shared=300, passed=255), P, "rose by 0.0097 (0.9189 to 0.9286; 0 got worse, 5 better)",
     "would have failed at 12 newly failing (it saw 0)"),
    (fell(1, 0, shared=101, passed=101), P,
     "fell by 0.0050 <= 0.01 (1.00 to 0.9950; 1 got worse, 0 better; by chance in 25 of 100 runs)",
     "would have failed at 4 newly failing (it saw 1)"),
    (fell(0, 40, shared=60, passed=20), P, "rose by 0.50 (0.50 to 1.00; 0 got worse, 40 better)", ""),
])  # fmt: skip
def test_a_drop_shows_its_size_and_chance(comparison: Comparison, outcome: Outcome, told: str, beside: str) -> None:
    found, more = judged(comparison, DEFAULT), f"; {beside}" if beside else ""
    assert (found.outcome, found.measured) == (outcome, f"{told}{more}")
    # A failed check does not say what would have failed.
    assert found.message == f"f1 {told}{'' if outcome is F else more}"


@given(worse=st.integers(0, 12), better=st.integers(0, 6), same=st.integers(0, 30), allowed=st.integers(0, 30))
def test_the_smallest_loss_that_would_have_failed_does_fail(worse: int, better: int, same: int, allowed: int) -> None:
    by = rules(text=f"{allowed}%")
    passed, shared = worse + same, worse + better + same + 5

    def at(lost: int) -> Check | Finding:
        (only,) = judge_comparison(fell(lost, better, shared=shared, passed=passed), by, Waived())
        return only

    found = at(worse)
    told = re.search(r"would have failed at (\d+) newly failing \(it saw (\d+)\)", getattr(found, "measured", ""))
    fails = [lost for lost in range(passed + 1) if isinstance(one := at(lost), Check) and one.outcome is F]
    assert (told and int(told[1])) == (min(fails) if fails and isinstance(found, Check) else None)
    assert told is None or int(told[2]) == worse


def test_a_check_of_a_drop_has_its_own_name_metric_and_scope() -> None:
    found = judged(fell(30, 12, shared=1000, passed=852), rules("max_accuracy_drop", "1%"))
    assert (found.name, found.metric, found.operator) == ("accuracy drop beyond chance <= 0.01", "accuracy_drop", "<=")
    assert (found.bound, found.actual) == (Fraction(1, 100), Fraction(18, 1000))
    assert found.text_of(Fraction(18, 1000)) == "0.018"
    assert (found.scope, found.is_share, found.is_excusable) == (Area.CHANGE, True, True)
    assert found.level == ALPHA


def test_a_drop_of_exactly_the_bound_passes() -> None:
    fall = changed((TP, FN, 20), (TP, TP, 80))
    assert judged(fall, rules("max_recall_drop", "0.2")).outcome is P
    assert judged(fall, rules("max_recall_drop", "0.1999999")).outcome is F
    check = judged(fell(1, 0, shared=100, passed=100), rules("max_accuracy_drop", "0.01"))
    assert (check.outcome, check.measured.split("; ")[0]) == (P, "fell by 0.01 <= 0.01 (1.00 to 0.99")


@pytest.mark.parametrize(("alpha", "outcome"), [("0.0351562", P), ("0.03515625", F), ("0.04", F)])
def test_a_chance_of_exactly_alpha_is_significant(alpha: str, outcome: Outcome) -> None:
    fall = fell(6, 1, shared=200, passed=170)
    assert judged(fall, rules(alpha=Fraction(alpha))).outcome is outcome


@pytest.mark.parametrize(("change", "key", "score"), [
    ((TP, FN, 9), "max_f1_drop", "f1"),         ((TP, FN, 9), "max_accuracy_drop", "accuracy"),
    ((TP, FN, 9), "max_recall_drop", "recall"), ((TP, FP, 9), "max_precision_drop", "precision"),
    ((TP, FP, 9), "max_recall_drop", "recall"), ((TP, FN, 9), "max_precision_drop", "precision"),
])  # fmt: skip
def test_each_score_has_a_rule_of_its_own(change: Changed, key: str, score: str) -> None:
    found = judged(changed(change, (TP, TP, 31), (FP, FP, 3), (FN, FN, 3)), rules(key))
    assert (found.outcome, found.metric) == (F, f"{score}_drop")
    assert found.message.startswith(f"{score} fell by ")


@pytest.mark.parametrize(("key", "told"), [
    ("max_f1_drop", "would have failed at 4 newly failing (it saw 3)"),
    ("max_accuracy_drop", "would have failed at 4 newly failing (it saw 3)"),
    ("max_precision_drop", "would have failed at 4 newly mistaken (it saw 1)"),
    ("max_recall_drop", "would have failed at 4 newly missed (it saw 2)"),
])  # fmt: skip
def test_the_failing_loss_is_counted_as_the_score_sees_it(key: str, told: str) -> None:
    found = judged(changed((TP, TP, 96), (TP, FP, 1), (TP, FN, 2)), rules(key))
    assert (found.outcome, found.measured.split("; ")[-1]) == (P, told)


def test_a_wrong_intent_in_place_of_none_lowers_precision_alone() -> None:
    found = changed((FN, FP, 9), (TP, TP, 30))
    outcomes = {drop: judged(found, rules(f"max_{drop.value}")).outcome for drop in DROPS}
    assert outcomes == {**dict.fromkeys(DROPS, P), Metric.PRECISION_DROP: F}


# --- what only one half of the rule says ----------------------------------------------------------------------------
@pytest.mark.parametrize(("comparison", "by", "messages"), [
    (fell(30, 12, shared=1000, passed=852), DEFAULT, []),
    (fell(3, 0, shared=200, passed=170), DEFAULT, []),
    (fell(0, 0, shared=300, passed=255), DEFAULT, []),
    (fell(0, 5, shared=300, passed=255), DEFAULT, []),
    (fell(10, 6, shared=200, passed=170), DEFAULT,
     ["f1 fell by 0.0118, more than 0.01, but a difference this large arises by chance in 17 of 100 runs"]),
    (fell(150, 120, shared=5000, passed=4260), DEFAULT,
     ["f1 fell by 0.0035, which 0.01 allows; but a difference this large arises by chance in 3 of 100 runs only"]),
    (fell(2, 0, shared=50, passed=45),
     Rules(thresholds=(threshold("max_accuracy_drop", "2%"), threshold("max_recall_drop", "0"))),
     ["accuracy fell by 0.04, more than 0.02, but a difference this large arises by chance in 12 of 100 runs",
      "recall fell by 0.04, more than 0.00, but a difference this large arises by chance in 12 of 100 runs"]),
    (fell(10, 6, shared=200, passed=170), Rules(), []),
    (fell(10, 6, shared=200, passed=170), rules("min_f1", "0.9"), []),
    (replace(changed((TN, FP, 9)), intents=()), DEFAULT, []),
])  # fmt: skip
def test_a_drop_that_is_only_large_or_only_sure_warns(comparison: Comparison, by: Rules, messages: list[str]) -> None:
    assert [*doubts_about_change(comparison, by)] == [Finding(FindingKind.DROP, message) for message in messages]


@given(worse=st.integers(0, 30), better=st.integers(0, 20), same=st.integers(0, 60), allowed=st.integers(0, 30))
def test_a_drop_fails_if_it_is_large_and_sure_and_else_warns(worse: int, better: int, same: int, allowed: int) -> None:
    found = fell(worse, better, shared=worse + better + same + 5, passed=worse + same)
    by = rules(text=f"{allowed}%")
    (check,), drop = judge_comparison(found, by, Waived()), found.drops[Metric.F1_DROP]
    if drop.fall is None:
        assert isinstance(check, Check)
        assert check.outcome is N
        return
    is_large, is_sure = drop.fall > Fraction(allowed, 100), worse > better and drop.chances[1] <= 0.05
    assert (isinstance(check, Check) and check.outcome is F) is (is_large and is_sure)
    assert len(doubts(found, by)) == (is_large is not is_sure and drop.fall > 0)


# --- where the fall alone counts ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("comparison", "outcome", "told", "beside"), [
    (fell(10, 6, shared=200, passed=170), F,
     "fell by 0.0118 > 0.01 (0.9189 to 0.9071; 10 got worse, 6 better; by chance in 17 of 100 runs)",
     "; would have failed at 10 newly failing (it saw 10)"),
    (fell(3, 0, shared=200, passed=170), P,
     "fell by 0.0088 <= 0.01 (0.9189 to 0.9101; 3 got worse, 0 better; by chance in 6 of 100 runs)",
     "; would have failed at 4 newly failing (it saw 3)"),
])  # fmt: skip
def test_a_strict_rule_ignores_chance(comparison: Comparison, outcome: Outcome, told: str, beside: str) -> None:
    strict = replace(DEFAULT, strict_drop=True, share=3)
    found = judged(comparison, strict)
    assert (found.name, found.outcome, found.measured) == ("f1 drop <= 0.01", outcome, f"{told}{beside}")
    assert found.level is None
    assert doubts(comparison, strict) == []


def test_a_strict_rule_still_warns_of_a_significant_drop_within_its_bound() -> None:
    strict = replace(DEFAULT, strict_drop=True)
    assert len(doubts(fell(150, 120, shared=5000, passed=4260), strict)) == 1


# --- tests that share a chance --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("worse", "share", "outcome", "level"), [
    (4, 1, F, Fraction(1, 20)), (4, 2, P, Fraction(1, 40)), (5, 2, F, Fraction(1, 40)),
    (5, 3, F, Fraction(1, 60)), (5, 4, P, Fraction(1, 80)), (6, 4, F, Fraction(1, 80)),
])  # fmt: skip
def test_each_test_names_the_level_it_is_judged_at(worse: int, share: int, outcome: Outcome, level: Fraction) -> None:
    by = replace(rules(), share=share, max_regressions=0)
    told = {2: "; judged at 0.025: 2 tests share 0.05", 3: "; judged at 0.017: 3 tests share 0.05", 1: ""}
    for found in judge_comparison(changed((TP, FN, worse), (TP, TP, 30), level=float(level)), by, Waived()):
        assert isinstance(found, Check)
        assert (found.outcome, found.level) == (outcome, level)
        assert found.measured.endswith(told.get(share, "; judged at 0.0125: 4 tests share 0.05"))


def test_a_counting_rule_has_no_level() -> None:
    found = judged(changed((TP, TP, 30)), replace(rules("max_new_failures", "0"), share=3))
    assert (found.level, "judged at" in found.measured) == (None, False)


# --- nothing to compare ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("comparison", "why"),
    [(None, "there was nothing to compare with"), (NOTHING, "there is no utterance that both runs evaluated")],
    ids=["no comparison", "nothing shared"],
)
@pytest.mark.parametrize(("by", "name", "metric"), [
    (rules(), "f1 drop beyond chance <= 0.01", "f1_drop"),
    (rules(strict_drop=True), "f1 drop <= 0.01", "f1_drop"),
    (rules("max_new_failures", "0"), "new failures <= 0", "new_failures"),
    (Rules(max_regressions=0), "intents worse beyond chance <= 0", "worse_intents"),
])  # fmt: skip
def test_no_comparison_is_no_data(by: Rules, name: str, metric: str, comparison: Comparison | None, why: str) -> None:
    found = judged(comparison, by)
    assert (found.outcome, found.name, found.metric) == (N, name, metric)
    assert (found.message, found.measured) == (f"{name}: no data ({why})", why)
    assert (found.operator, found.scope, found.actual) == ("<=", Area.CHANGE, None)


@pytest.mark.parametrize(("comparison", "key", "score"), [
    (changed((TN, FP, 9)), "max_f1_drop", "f1"),
    (changed((FN, TP, 9)), "max_precision_drop", "precision"),
    (changed((TN, TN, 9)), "max_recall_drop", "recall"),
])  # fmt: skip
def test_a_score_that_one_run_lacks_cannot_be_compared(comparison: Comparison, key: str, score: str) -> None:
    found = judged(comparison, rules(key))
    assert (found.outcome, found.measured) == (N, f"the utterances that both runs share give no {score}")
    assert (found.name, found.bound, found.level) == (f"{score} drop beyond chance <= 0.01", Fraction(1, 100), ALPHA)


def test_absolute_thresholds_make_no_check_of_a_change() -> None:
    assert [*judge_comparison(None, rules("min_f1", "0.9"), Waived())] == []


def test_every_rule_about_change_makes_one_check_in_order() -> None:
    keys = ("max_new_failures", "max_recall_drop", "min_f1", "max_f1_drop")
    every = Rules(
        thresholds=tuple(threshold(key, "0.5" if key == "min_f1" else "0") for key in keys), max_regressions=0
    )
    found = judge_comparison(changed((TP, FN, 1), (TP, TP, 8)), every, Waived())
    metrics = [one.metric for one in found if isinstance(one, Check)]
    assert metrics == ["new_failures", "recall_drop", "f1_drop", "worse_intents"]


# --- the best and the worst case ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("worse", "lost", "outcome"), [
    (4, [], F),                (4, [(TP, LOST, 1)], F), (4, [(LOST, FN, 1)], F), (4, [(LOST, TP, 1)], N),
    (4, [(FN, LOST, 1)], N),   (4, [(LOST, LOST, 1)], N),
    (3, [], P),                (3, [(TP, LOST, 1)], N), (3, [(LOST, FN, 1)], N), (3, [(LOST, TP, 9)], P),
    (3, [(FN, LOST, 9)], P),   (3, [(LOST, LOST, 1)], N),
])  # fmt: skip
def test_a_drop_is_judged_only_if_every_completion_agrees(worse: int, lost: list[Changed], outcome: Outcome) -> None:
    found = changed((TP, FN, worse), (TP, TP, 30), *lost)
    assert judged(found, rules()).outcome is outcome
    assert judged(found, Rules(max_regressions=0)).outcome is outcome


@pytest.mark.parametrize(("lost", "told"), [
    ([(TP, LOST, 1)],
     ("1 utterance that both runs have was not evaluated in one of them: the fall is between 0.0462 and 0.0625, and "
      "so large by chance in 3.12 to 6.25 of 100 runs")),
    ([(TP, LOST, 1), (LOST, TP, 1)],
     ("2 utterances that both runs have were not evaluated in one of them: the fall is between 0.0303 and 0.0606, "
      "and so large by chance in 3.12 to 18.8 of 100 runs")),
])  # fmt: skip
def test_an_undecided_drop_shows_its_range(lost: list[Changed], told: str) -> None:
    found = judged(changed((TP, FN, 3), (TP, TP, 30), *lost), rules())
    assert (found.outcome, found.measured, found.level) == (N, told, ALPHA)


def test_an_undecided_number_of_worse_intents_shows_its_range() -> None:
    found = judged(changed((TP, FN, 3), (TP, TP, 30), (TP, LOST, 2)), Rules(max_regressions=0))
    assert (found.outcome, found.measured) == (N, "between 0 and 1: 2 utterances were not evaluated in one run")
    found = judged(changed((TP, FN, 3), (TP, TP, 30), (TP, LOST, 1)), Rules(max_regressions=0))
    assert found.measured == "between 0 and 1: 1 utterance was not evaluated in one run"
    (one,) = judge_comparison(changed((TP, FN, 3), (TP, TP, 30), (TP, LOST, 1)), Rules(max_regressions=1), Waived())
    assert isinstance(one, Finding)  # there is only one intent


@pytest.mark.parametrize("by", [rules(), rules(strict_drop=True), Rules(max_regressions=0)])
@pytest.mark.parametrize("worse", [0, 9])
def test_a_test_has_no_data_if_a_file_lacks_unknown_rows(by: Rules, worse: int) -> None:
    then, now = then_and_now(worse=worse)
    for absent, absent_then, told in (
        (1, 0, "1 utterance not evaluated was"),
        (0, 2, "2 utterances not evaluated were"),
    ):
        found = judged(hold(now, then, absent=absent, absent_then=absent_then), by)
        assert found.outcome is N
        assert found.measured == f"{told} left out of a results file, and cannot be identified"


@pytest.mark.parametrize(("worse", "absent", "absent_then", "allowed", "outcome"), [
    (1, 0, 0, "1", P),
    (1, 1, 0, "1", N),
    (1, 1, 0, "2", P),
    (2, 1, 0, "1", F),
    (2, 0, 1, "1", N),  # what the baseline lacks may be a copy that failed then
    (3, 0, 1, "1", F),
    (0, 0, 1, "0", N),
    (0, 0, 1, "1", P),
])  # fmt: skip
def test_absent_rows_may_be_failing(worse: int, absent: int, absent_then: int, allowed: str, outcome: Outcome) -> None:
    then, now = then_and_now(worse=worse)
    found = judged(hold(now, then, absent=absent, absent_then=absent_then), rules("max_new_failures", allowed))
    assert found.outcome is outcome


# --- rules that nothing could break in a suite ----------------------------------------------------------------------
SMALL = changed((TP, TP, 3), (FN, FN, 20))
LEFT_OUT = "is left out, since nothing could fail it here"
FROM_FOUR = "can exceed chance only if at least 4 worked"
OF_THREE = "3 utterances worked in the baseline"


@pytest.mark.parametrize(("comparison", "by", "name", "why"), [
    (SMALL, rules(), "f1 drop beyond chance <= 0.01", f"{OF_THREE}; a drop of f1 {FROM_FOUR}"),
    (changed((TP, TP, 4), (FN, FN, 20), level=0.025), replace(rules("max_recall_drop", "0"), share=2),
     "recall drop beyond chance <= 0.00",
     "4 utterances worked in the baseline; a drop of recall can exceed chance only if at least 5 worked"),
    (changed((TP, TP, 2), (TN, TN, 1), (FN, FN, 20)), rules("max_precision_drop", "0.3"),
     "precision drop beyond chance <= 0.30", f"{OF_THREE}; a drop of precision {FROM_FOUR}"),
    (changed((TP, TP, 10), (FN, FN, 30)), rules("max_recall_drop", "0.25"), "recall drop beyond chance <= 0.25",
     "recall was 0.25 in the baseline, not more than the allowed drop"),
    (changed((FN, FN, 30), (TN, TN, 30)), rules(strict_drop=True), "f1 drop <= 0.01",
     "f1 was 0.00 in the baseline, not more than the allowed drop"),
    (SMALL, rules("max_new_failures", "3"), "new failures <= 3",
     f"{OF_THREE}, so that no more than these can newly fail: set less than 3"),
    (changed((TP, TP, 1), (FN, FN, 9)), rules("max_new_failures", "1"), "new failures <= 1",
     "1 utterance worked in the baseline, so that no more than these can newly fail: set less than 1"),
    (changed((FN, FN, 9)), rules("max_new_failures", "0"), "new failures <= 0",
     "0 utterances worked in the baseline, so that no more than these can newly fail: set less than 0"),
    (SMALL, Rules(max_regressions=0), "intents worse beyond chance <= 0",
     "no intent has enough utterances that worked in the baseline for a loss of all to be significant (4)"),
    (changed((TP, TP, 30), (TN, TN, 3)), Rules(max_regressions=1), "intents worse beyond chance <= 1",
     ("no more than 1 intent has enough utterances that worked in the baseline for a loss of all to be significant "
      "(4)")),
])  # fmt: skip
def test_a_rule_that_cannot_fail_here_is_left_out(comparison: Comparison, by: Rules, name: str, why: str) -> None:
    assert left_out(comparison, by) == f"{name} {LEFT_OUT}: {why}"
    keys = {one.key for one in by.thresholds} or {MAX_REGRESSIONS}
    found = judged(comparison, replace(by, pressing=frozenset(keys)))
    assert (found.outcome, found.name, found.measured) == (N, name, why)
    assert left_out(comparison, replace(by, pressing=frozenset({"max_accuracy_drop"}))) == f"{name} {LEFT_OUT}: {why}"


@pytest.mark.parametrize(
    "by", [rules(), rules("max_accuracy_drop"), rules("max_new_failures", "3"), Rules(max_regressions=0)]
)
@pytest.mark.parametrize("lost", [(LOST, TP, 1), (LOST, FN, 1)])
def test_a_rule_that_the_unknown_may_break_has_no_data(by: Rules, lost: Changed) -> None:
    assert judged(changed((TP, TP, 3), (FN, FN, 20), lost), by).outcome is N
    then, now = then_and_now(worse=0)
    adrift = hold(now[:3], then[:3], absent=1)
    assert judged(adrift, by).outcome is N
    assert judged(hold(now[:3], then[:3], absent_then=1), rules("max_new_failures", "2")).outcome is N


@pytest.mark.parametrize(("comparison", "key"), [
    (changed((TP, TP, 3), (TN, FP, 20)), "max_f1_drop"),
    (changed((TP, TP, 3), (TN, FP, 20)), "max_precision_drop"),
    (changed((TP, TP, 3), (FN, FP, 20)), "max_precision_drop"),
    (changed((TP, TP, 3), (FP, FN, 20)), "max_recall_drop"),
])  # fmt: skip
def test_a_failing_rule_is_never_left_out_as_too_small(comparison: Comparison, key: str) -> None:
    assert judged(comparison, rules(key)).outcome is F
    assert judged(comparison, replace(rules(key), pressing=frozenset({key}))).outcome is F


def test_a_small_intent_that_fails_beside_others_is_not_left_out() -> None:
    # With everything lost the larger intents would outweigh the small one, but as they are it is found beside them.
    then, now = [], []
    for intent, worse, same in (("A", 3, 0), ("B", 5, 1), ("C", 5, 1)):
        for row in range(worse + same):
            then.append(said(f"{intent} {row}", expected=intent))
            now.append(said(f"{intent} {row}", FN if row < worse else TP, expected=intent))
    found = judged(hold(now, then), Rules(max_regressions=2))
    assert (found.outcome, str(found.actual)) == (F, "3")


# --- new failures ---------------------------------------------------------------------------------------------------
def waiver(utterance: str) -> Waiver:
    return Waiver(utterance=utterance, reason="known", owner="Ada", expires=TODAY)


@pytest.mark.parametrize(("worse", "waived", "allowed", "outcome", "message", "by_chance"), [
    (0, 0, "0", P, "0 utterances that passed in the baseline fail", "0 verdicts changed, too few to break"),
    (1, 0, "0", F, "1 utterance that passed in the baseline fails", "1 verdict changed; with this number, chance"),
    (1, 0, "1", P, "1 utterance that passed in the baseline fails", "1 verdict changed, too few to break"),
    (3, 0, "2", F, "3 utterances that passed in the baseline fail", "3 verdicts changed; with this number, chance"),
    (3, 1, "2", P, "2 utterances that passed in the baseline fail (1 more is waived)",
     "3 verdicts changed; with this number, chance"),
    (3, 2, "0", F, "1 utterance that passed in the baseline fails (2 more are waived)",
     "3 verdicts changed; with this number, chance"),
    (3, 3, "0", P, "0 utterances that passed in the baseline fail (3 more are waived)",
     "3 verdicts changed; with this number, chance"),
])  # fmt: skip
def test_new_failures_leave_out_what_is_waived(
    worse: int, waived: int, allowed: str, outcome: Outcome, message: str, by_chance: str
) -> None:
    then, now = then_and_now(worse=worse)
    excused = apply_waivers([waiver(f"say {row}") for row in range(1, waived + 1)], now, TODAY)
    found = judged(hold(now, then), rules("max_new_failures", allowed), excused)
    assert (found.outcome, found.message) == (outcome, found.measured)
    assert found.message.startswith(f"{message}; {by_chance}")
    assert (found.name, found.metric, found.actual) == (
        f"new failures <= {allowed}",
        "new_failures",
        Fraction(worse - waived),
    )
    assert (found.scope, found.is_share) == (Area.CHANGE, False)


def test_an_old_failure_and_an_added_utterance_are_no_new_failures() -> None:
    then = [said("old", FN), said("good")]
    now = [said("old", FP), said("good"), said("added", FN)]
    assert judged(hold(now, then), rules("max_new_failures", "0")).outcome is P


def test_a_waiver_of_an_old_failure_excuses_no_new_one() -> None:
    then, now = then_and_now(worse=1)
    then.append(said("old", FN, row=31))
    now.append(said("old", FN, row=31))
    found = judged(hold(now, then), rules("max_new_failures", "0"), apply_waivers([waiver("old")], now, TODAY))
    assert (found.outcome, str(found.actual)) == (F, "1")


def test_copies_that_newly_fail_are_one_new_failure() -> None:
    then, now = [said("a"), said("a"), said("b")], [said("a", FN), said("a"), said("b")]
    assert judged(hold(now, then), rules("max_new_failures", "0")).actual == 1
    assert hold([said("a", FN)] * 9, [said("a")] * 9).drops[Metric.F1_DROP].worse == 1


def test_possible_new_failures_do_not_pass() -> None:
    found, by = changed((TP, TP, 40), (TP, FN, 1), (LOST, FN, 2)), rules("max_new_failures", "2")
    check = judged(found, by)
    more = "utterances that both runs have were not evaluated in one of them, and may newly fail"
    assert (check.outcome, check.measured) == (N, f"between 1 and 3: 2 {more}")
    one = judged(changed((TP, TP, 40), (TP, LOST, 1)), rules("max_new_failures", "0"))
    assert (
        one.measured
        == "between 0 and 1: 1 utterance that both runs have was not evaluated in one of them, and may newly fail"
    )
    assert judged(found, rules("max_new_failures", "3")).outcome is P
    assert judged(found, rules("max_new_failures", "0")).outcome is F


@pytest.mark.parametrize("pair", [(LOST, TP, 9), (FN, LOST, 9)])
def test_rows_that_cannot_have_newly_failed_do_not_count(pair: Changed) -> None:
    assert judged(changed((TP, TP, 9), pair), rules("max_new_failures", "0")).outcome is P


def test_an_unevaluated_utterance_may_be_waived() -> None:
    then, now = then_and_now(worse=0)
    now[0] = said("say 1", LOST, row=1)
    by = rules("max_new_failures", "0")
    assert judged(hold(now, then), by).outcome is N
    assert judged(hold(now, then), by, apply_waivers([waiver("say 1")], now, TODAY)).outcome is P
    of_one_confusion = Waiver(expected="Rent Bike", matched="x", reason="known", owner="Ada", expires=TODAY)
    assert judged(hold(now, then), by, apply_waivers([of_one_confusion], now, TODAY)).outcome is N


def test_an_unevaluated_copy_may_fail_beside_a_waived_one() -> None:
    then, now = then_and_now(worse=0)
    now[0] = replace(said("say 1", FP, row=1), matched=("x",))
    of_one_confusion = Waiver(expected="Rent Bike", matched="x", reason="known", owner="Ada", expires=TODAY)
    by, both = rules("max_new_failures", "0"), [*now, said("say 1", LOST, row=31)]
    assert judged(hold(now, then), by, apply_waivers([of_one_confusion], now, TODAY)).outcome is P
    assert judged(hold(both, then), by, apply_waivers([of_one_confusion], both, TODAY)).outcome is N
    assert judged(hold(both, then), by, apply_waivers([waiver("say 1")], both, TODAY)).outcome is P


# --- intents that got worse -----------------------------------------------------------------------------------------
def with_intents(*changes: tuple[str, int, int, bool]) -> Comparison:
    """Build a comparison from the name, the worse and better utterances, and the significance of each intent."""
    intents = tuple(
        IntentChange(
            intent=intent,
            shared=20,
            worse=worse,
            better=better,
            chance=0.01,
            adjusted=(0.02, 0.02) if is_sure else (0.2, 0.2),
            level=float(ALPHA),
            flipped=Flipped(worse=worse, better=better),
            passed=20 - better,
            may_have_passed=20 - better,
        )
        for intent, worse, better, is_sure in changes
    )
    return replace(fell(0, 0, shared=100, passed=90), intents=intents)


STEADY = ("Find Shop", 2, 0, False)
ONE = with_intents(("Pay Bill", 8, 1, True), STEADY)
TWO = with_intents(("Pay Bill", 8, 1, True), ("(no intent)", 6, 0, True), ("Find Shop", 0, 9, True))
SEVEN = with_intents(*((f"Intent {number}", 9, 0, True) for number in range(1, 8)), STEADY)
FIVE_NAMED = ", ".join(f"'Intent {number}' (9 got worse, 0 better)" for number in range(1, 6))


@pytest.mark.parametrize(("comparison", "allowed", "outcome", "message", "beside"), [
    (with_intents(STEADY), 0, P, "0 intents got worse beyond chance",
     "would have failed at 4 newly failing of one intent (it saw 2)"),
    (ONE, 0, F, "1 intent got worse beyond chance: 'Pay Bill' (8 got worse, 1 better)",
     "would have failed at 4 newly failing of one intent (it saw 8)"),
    (ONE, 1, P, "1 intent got worse beyond chance: 'Pay Bill' (8 got worse, 1 better)",
     "would have failed at 10 newly failing (it saw 10)"),
    (TWO, 1, F,
     "2 intents got worse beyond chance: 'Pay Bill' (8 got worse, 1 better), '(no intent)' (6 got worse, 0 better)",
     "would have failed at 11 newly failing (it saw 14)"),
    (SEVEN, 7, P, f"7 intents got worse beyond chance: {FIVE_NAMED} and 2 more",
     "would have failed at 32 newly failing (it saw 65)"),
])  # fmt: skip
def test_worse_intents_are_counted_and_named(
    comparison: Comparison, allowed: int, outcome: Outcome, message: str, beside: str
) -> None:
    found = judged(comparison, Rules(max_regressions=allowed))
    by_chance = r" \(chance alone would make [\d.e-]+ of \d+ intents? look as bad\)"
    told, times = re.subn(by_chance, "", found.measured)
    assert (found.outcome, told, times) == (outcome, f"{message}; {beside}", int(": " in message))
    assert (found.name, found.metric) == (f"intents worse beyond chance <= {allowed}", "worse_intents")
    assert (found.scope, found.bound, found.level) == (Area.CHANGE, Fraction(allowed), ALPHA)


def test_worse_intents_warn_if_no_rule_bounds_them() -> None:
    told = "worse than in the baseline beyond chance: 'Pay Bill' (8 got worse, 1 better)"
    assert [*doubts_about_change(ONE, DEFAULT)] == [Finding(FindingKind.REGRESSION, told)]
    assert doubts(ONE, Rules(max_regressions=0)) == []
    assert doubts(with_intents(STEADY), DEFAULT) == []


def test_five_intents_that_got_worse_are_all_named() -> None:
    six = with_intents(*((name, 9, 0, True) for name in "ABCDEF"))
    named = ", ".join(f"'{name}' (9 got worse, 0 better)" for name in "ABCDE")
    for intents, told in ((six.intents[:5], named), (six.intents, f"{named} and 1 more")):
        found = judged(replace(six, intents=intents), Rules(max_regressions=0))
        assert f"beyond chance: {told} (chance alone would make" in found.measured


# --- where the edges are ----------------------------------------------------------------------------------------------
def test_a_check_without_data_keeps_its_name_and_bound() -> None:
    alone = judged(None, Rules(max_regressions=3))
    assert (alone.name, alone.bound, alone.level) == ("intents worse beyond chance <= 3", Fraction(3), ALPHA)


def test_a_check_writes_its_chance_on_its_own_side_of_the_level() -> None:
    found = fell(20, 10, shared=200, passed=170)
    drop = replace(found.drops[Metric.F1_DROP], chances=(0.0527, 0.0527))
    assert "by chance in 53 of 1,000 runs" in judged(replace(found, drops={Metric.F1_DROP: drop}), rules()).message
    shared = replace(drop, chances=(0.0251, 0.0251))
    told = judged(replace(found, drops={Metric.F1_DROP: shared}), replace(rules(), share=2))
    assert (told.outcome, "by chance in 3 of 100 runs" in told.message) == (P, True)


@pytest.mark.parametrize(
    ("now", "worse"),
    [(Tally(90, 10), 12), (Tally(89, 11), 1)],
    ids=["no fall at all, however sure", "a fall of just what is allowed, and perhaps chance"],
)
def test_a_drop_within_its_bound_that_may_be_chance_does_not_warn(now: Tally, worse: int) -> None:
    comparison = fell(0, 0, shared=100, passed=90)
    drop = replace(
        comparison.drops[Metric.ACCURACY_DROP],
        was=Tally(90, 10),
        now=now,
        worse=worse,
        chances=(0.5**worse, 0.5**worse),
    )
    by = rules("max_accuracy_drop", "0.01")
    assert doubts(replace(comparison, drops={Metric.ACCURACY_DROP: drop}), by) == []


def test_a_drop_that_is_not_significant_in_every_case_does_not_warn() -> None:
    by = replace(rules("max_f1_drop", "0.5"), max_regressions=0)
    assert len(doubts(changed((TP, TP, 100), (TP, FN, 4)), by)) == 1
    assert doubts(changed((TP, TP, 100), (TP, FN, 4), (LOST, TP, 1)), by) == []
