"""The words for changes and chances, which never cross the bound that they are compared with."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.checks.change_words import (
    MANY_TESTS,
    chance_of,
    chance_text,
    changed_text,
    changes_by_chance,
    from_to,
    judged_at,
    level_text,
    listed_intents,
    named_by_chance,
    shared_chance,
    size_text,
    would_fail_at,
)
from ci_gate.core.metrics import Metric
from ci_gate.core.model import ResultType
from ci_gate.core.rules import Rules
from ci_gate.core.text.decimals import text_beside
from tests.core.builders import changed, hold, said, threshold

TP, FN, LOST = ResultType.TP, ResultType.FN, ResultType.NOT_EVALUATED


@pytest.mark.parametrize(("chance", "text"), [
    (1.0, "100 of 100 runs"),             (0.5, "50 of 100 runs"),
    (0.166153, "17 of 100 runs"),         (0.02, "2 of 100 runs"),
    (0.0149, "15 of 1,000 runs"),         (0.01, "10 of 1,000 runs"),
    (0.0027, "3 of 1,000 runs"),          (0.001, "1 of 1,000 runs"),
    (0.0004, "4 of 10,000 runs"),         (0.0001, "1 of 10,000 runs"),
    (0.00006, "1 of 10,000 runs"),        (0.00004, "fewer than 1 of 10,000 runs"),
    (0.0, "fewer than 1 of 10,000 runs"),
])  # fmt: skip
def test_a_chance_is_written_in_runs(chance: float, text: str) -> None:
    assert chance_text(chance) == text


@pytest.mark.parametrize(("chance", "alpha", "text"), [
    (0.0481262, "0.05", "5 of 100 runs"),
    (0.0527, "0.05", "53 of 1,000 runs"),
    (0.0500001, "0.05", "500,001 of 10,000,000 runs"),
    (0.0246, "0.025", "2 of 100 runs"),
    (0.0251, "0.025", "3 of 100 runs"),
    (0.00046, "0.0005", "5 of 10,000 runs"),
    (0.25, "0.25", "25 of 100 runs"),
    (0.05, "0.05", "5 of 100 runs"),  # as a number of a computer it is a trifle more
    (0.0000001, "0.05", "fewer than 1 of 10,000 runs"),
])  # fmt: skip
def test_a_chance_is_rounded_to_its_own_side_of_alpha(chance: float, alpha: str, text: str) -> None:
    assert chance_text(chance, Fraction(alpha)) == text


@given(chance=st.floats(1e-4, 1), level=st.fractions(Fraction(1, 500), Fraction(1, 2), max_denominator=500))
def test_a_written_chance_never_crosses_its_level(chance: float, level: Fraction) -> None:
    number, runs = (int(part.replace(",", "")) for part in re.findall(r"[\d,]+", chance_text(chance, level)))
    assert (Fraction(number, runs) <= level) is (chance <= level) or abs(chance - level) < 1e-8


@pytest.mark.parametrize(("level", "text"), [
    (Fraction(1, 20), "0.05"),    (Fraction(1, 40), "0.025"),        (Fraction(1, 60), "0.017"),
    (Fraction(1, 80), "0.0125"),  (Fraction(1, 100), "0.01"),        (Fraction(1, 140), "0.0071"),
    (Fraction(1, 400), "0.0025"), (Fraction(1, 20 * 64), "0.00078"), (Fraction(1, 5), "0.20"),
])  # fmt: skip
def test_a_level_is_written_exactly_if_that_is_short(level: Fraction, text: str) -> None:
    assert level_text(level) == text


@pytest.mark.parametrize(("share", "alpha", "text"), [
    (1, "0.05", ""),
    (2, "0.05", "; judged at 0.025: 2 tests share 0.05"),
    (3, "0.05", "; judged at 0.017: 3 tests share 0.05"),
    (20, "0.05", "; judged at 0.0025: 20 tests share 0.05"),
    (2, "0.01", "; judged at 0.005: 2 tests share 0.01"),
])  # fmt: skip
def test_a_test_that_shares_its_chance_says_at_which_level_it_is_judged(share: int, alpha: str, text: str) -> None:
    assert judged_at(Rules(share=share, alpha=Fraction(alpha))) == text


@pytest.mark.parametrize("share", [2, MANY_TESTS - 1, MANY_TESTS, 20])
def test_many_tests_that_share_alpha_get_a_hint(share: int) -> None:
    rules = Rules(share=share)
    told = f"judged at {level_text(rules.level)}: the {share} tests share a false-alarm chance of 0.05"
    assert shared_chance(rules) == told + (": set one drop per suite" if share >= MANY_TESTS else "")


@pytest.mark.parametrize(("fewest", "of_one", "text"), [
    (None, False, ""),
    (5, False, "; would have failed at 5 newly failing (it saw 2)"),
    (5, True, "; would have failed at 5 newly failing of one intent (it saw 2)"),
])  # fmt: skip
def test_the_smallest_failing_loss_is_shown_beside_the_seen_one(fewest: int | None, of_one: bool, text: str) -> None:
    assert would_fail_at(fewest, 2, of_one=of_one) == text


@pytest.mark.parametrize(("verdicts", "allowed", "text"), [
    (0, 0, "0 verdicts changed, too few to break this rule by chance"),
    (1, 0, "1 verdict changed; with this number, chance alone breaks this rule in 50 of 100 runs"),
    (1, 1, "1 verdict changed, too few to break this rule by chance"),
    (6, 0, "6 verdicts changed; with this number, chance alone breaks this rule in 98 of 100 runs"),
    (6, 2, "6 verdicts changed; with this number, chance alone breaks this rule in 66 of 100 runs"),
    (6, 5, "6 verdicts changed; with this number, chance alone breaks this rule in 2 of 100 runs"),
    (6, 6, "6 verdicts changed, too few to break this rule by chance"),
])  # fmt: skip
def test_a_counting_rule_says_how_often_chance_alone_breaks_it(verdicts: int, allowed: int, text: str) -> None:
    assert changes_by_chance(verdicts, allowed) == text


def test_the_chance_of_breaking_a_counting_rule_is_a_binomial_tail() -> None:
    for verdicts in range(1, 12):
        for allowed in range(verdicts):
            ways = sum(math.comb(verdicts, worse) for worse in range(allowed + 1, verdicts + 1))
            told = changes_by_chance(verdicts, allowed).split(" rule in ")[1].removesuffix(" with so many")
            assert told in (chance_text(ways / 2**verdicts), chance_text(ways / 2**verdicts + 1e-12))


def test_named_utterances_say_how_often_chance_alone_fails_one() -> None:
    found = changed((TP, TP, 97), (TP, FN, 2), (FN, TP, 1), (TP, LOST, 50))
    assert named_by_chance(found, 1) == "; at this run's churn chance alone breaks this rule in 2 of 100 runs"
    assert named_by_chance(found, 6) == "; at this run's churn chance alone breaks this rule in 9 of 100 runs"


@pytest.mark.parametrize(
    ("comparison", "utterances"),
    [(None, 6), (changed((TP, TP, 9)), 6), (changed((TP, LOST, 9)), 6), (changed((TP, FN, 9)), 0)],
    ids=["nothing to compare", "nothing changed", "nothing shared", "nothing named"],
)
def test_no_chance_is_mentioned_if_it_breaks_nothing(comparison: None, utterances: int) -> None:
    assert named_by_chance(comparison, utterances) == ""


@pytest.mark.parametrize(("was", "now", "told"), [
    ("0.92", "0.91", "0.92 to 0.91"),
    ("0.92004", "0.91996", "0.92004 to 0.91996"),
    ("0.920000001", "0.92", "0.920000001 to 0.92"),
    ("0.9200004", "0.9100004", "0.9200 to 0.9100"),
])  # fmt: skip
def test_different_scores_are_written_differently(was: str, now: str, told: str) -> None:
    assert from_to(Fraction(was), Fraction(now)) == told


@pytest.mark.parametrize(("fall", "told"), [
    ("0.02", "fell by 0.02 > 0.01"),               ("0.01", "fell by 0.01 <= 0.01"),
    ("0.010000001", "fell by 0.010000001 > 0.01"), ("0.0099999999", "fell by 0.0099999999 <= 0.01"),
    ("-0.02", "rose by 0.02"),
])  # fmt: skip
def test_a_drop_is_written_on_its_own_side_of_its_bound(fall: str, told: str) -> None:
    allowed = threshold("max_f1_drop", "0.01")
    assert size_text(Fraction(fall), allowed) == told
    assert text_beside(Fraction(fall), allowed.bound) in told or fall.startswith("-")


def test_a_drop_says_how_many_verdicts_changed_and_how_easily() -> None:
    drop = changed((TP, FN, 6), (FN, TP, 1), (TP, TP, 90)).drops[Metric.F1_DROP]
    assert changed_text(drop) == "6 got worse, 1 better"
    assert chance_of(drop, Rules()) == "4 of 100 runs"
    likelier = replace(drop, chances=(0.001, 0.0251))
    assert chance_of(likelier, Rules(share=2)) == "at most 3 of 100 runs"


def test_the_first_few_intents_that_got_worse_are_named_and_the_rest_counted() -> None:
    def found(number: int) -> str:
        rows = [(f"Intent {n}", row) for n in range(number) for row in range(9)]
        then = [said(f"{intent} {row}", expected=intent) for intent, row in rows]
        now = [said(f"{intent} {row}", FN, expected=intent) for intent, row in rows]
        return listed_intents(hold(now, then))

    named = ", ".join(f"'Intent {n}' (9 got worse, 0 better)" for n in range(5))
    assert found(5) == named
    assert found(7) == f"{named} and 2 more"
    assert found(0) == ""
