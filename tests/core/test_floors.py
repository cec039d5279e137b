"""Floors per intent: when so few rights are bad luck, and when they are too few."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.floors import Floors, IntentFloors, counted_for, is_below
from ci_gate.core.intents import IntentScores

FOUR_FIFTHS = Fraction(4, 5)
SCORES = ("f1", "precision", "recall")


def scored(tp: int, fn: int, fp: int = 0, intent: str = "Pay") -> IntentScores:
    return IntentScores(intent=intent, support=tp + fn, tp=tp, fp=fp, fn=fn)


@pytest.mark.parametrize(
    ("tp", "fn", "below"),
    [
        (12, 8, True),  # P(X <= 12) is 0.0321
        (13, 7, False),  # P(X <= 13) is 0.0867
        (5, 5, True),  # 0.0328
        (6, 4, False),  # 0.121
        (16, 4, False),
        (2, 3, False),  # 0.0579
        (1, 4, True),  # 0.00672
        (0, 1, False),  # one utterance says nothing
        (0, 2, True),  # two can, which is why there is a least support besides
        (0, 0, False),
    ],
)
def test_an_intent_is_below_its_floor_where_so_few_rights_would_be_rare_at_the_floor(
    tp: int, fn: int, below: bool
) -> None:
    assert is_below("recall", scored(tp, fn), FOUR_FIFTHS, point=False, alpha=0.05) is below


@pytest.mark.parametrize(("floor", "alpha"), [("0.95", 0.05), ("0.8", 0.2), ("0.9", 0.1), ("0.99", 0.01)])
def test_a_probability_of_exactly_alpha_is_rare_enough(floor: str, alpha: float) -> None:
    assert is_below("recall", scored(0, 1), Fraction(floor), point=False, alpha=alpha)


@pytest.mark.parametrize(
    ("floor", "least"),
    [("0.5", 5), ("0.6", 4), ("0.7", 3), ("0.8", 2), ("0.9", 2), ("0.95", 1), ("0.99", 1)],
)
def test_the_smallest_support_that_can_ever_fail_is_the_logarithm_of_alpha_by_that_of_the_rest(
    floor: str, least: int
) -> None:
    known = Fraction(floor)
    assert least == max(1, math.ceil(math.log(0.05) / math.log(1 - float(known)) - 1e-9))
    can = [n for n in range(1, 20) if is_below("recall", scored(0, n), known, point=False, alpha=0.05)]
    assert can == [*range(least, 20)]


@pytest.mark.parametrize(("tp", "below"), [(16, False), (15, True)])
def test_the_plain_score_may_be_held_against_the_floor_and_reaching_it_passes(tp: int, below: bool) -> None:
    assert is_below("recall", scored(tp, 20 - tp), FOUR_FIFTHS, point=True, alpha=0.05) is below


def test_each_score_is_made_of_what_can_go_wrong_with_it() -> None:
    intent = scored(tp=12, fn=3, fp=5)
    assert [counted_for(score, intent) for score in SCORES] == [(12, 20), (12, 17), (12, 15)]


def test_f1_is_tested_as_the_share_that_it_stands_for() -> None:
    # F1 0.8 is a share of 2/3 of TP+FP+FN: 12 of 20 are F1 0.75 and no rare bad luck, 9 of 20 are.
    assert not is_below("f1", scored(12, 4, 4), FOUR_FIFTHS, point=False, alpha=0.05)
    assert is_below("f1", scored(9, 6, 5), FOUR_FIFTHS, point=False, alpha=0.05)
    assert is_below("f1", scored(12, 4, 4), FOUR_FIFTHS, point=True, alpha=0.05)
    assert not is_below("f1", scored(12, 3, 3), FOUR_FIFTHS, point=True, alpha=0.05)


@given(
    score=st.sampled_from(SCORES),
    intent=st.builds(scored, st.integers(0, 60), st.integers(0, 30), st.integers(0, 30)),
    floor=st.fractions(0, 1, max_denominator=100),
    alpha=st.sampled_from([0.01, 0.05, 0.2]),
)
def test_what_is_below_by_the_test_is_below_by_the_plain_score_too(
    score: str, intent: IntentScores, floor: Fraction, alpha: float
) -> None:
    plain = is_below(score, intent, floor, point=True, alpha=alpha)
    assert plain or not is_below(score, intent, floor, point=False, alpha=alpha)
    value = getattr(intent, score)
    assert plain is (value is not None and counted_for(score, intent)[1] > 0 and value < floor)


def test_a_named_intent_has_floors_of_its_own_however_it_is_written() -> None:
    own, general = Floors(bounds={"min_f1": FOUR_FIFTHS}), Floors()
    floors = IntentFloors(general=general, named={"Pay a Bill": own})
    assert (floors.of("pay a bill"), floors.of("Other")) == (own, general)
    assert (floors.names("PAY A BILL"), floors.names("Other")) == (True, False)


def test_a_chance_of_just_alpha_is_below() -> None:
    assert is_below("recall", scored(0, 1), Fraction(1, 2), point=False, alpha=0.5)
