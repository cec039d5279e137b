"""Floors of an intent: the test, the least support, and unevaluated utterances."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ci_gate.core.floors import Floors, IntentFloors, Standing, floor_outcome, least_support
from ci_gate.core.floors import tested_share as share_of
from ci_gate.core.outcome import Outcome
from tests.core.reference_values_2 import FLOORS

P, F, N = Outcome.PASSED, Outcome.FAILED, Outcome.NO_DATA
ALPHA = Fraction(1, 20)
FOUR_FIFTHS = Fraction(4, 5)
SCORES = ("f1", "precision", "recall")

scores = st.sampled_from(SCORES)
floors = st.fractions(Fraction(1, 100), 1, max_denominator=100)
alphas = st.sampled_from([Fraction(1, 100), ALPHA, Fraction(1, 5)])
numbers = st.integers(0, 30)
intents = st.builds(
    lambda support, right, lost, wrongly, stray: Standing(
        intent="Pay",
        support=support,
        right=min(right, support),
        lost=min(lost, support - min(right, support)),
        wrongly=wrongly,
        stray=stray,
    ),
    numbers,
    numbers,
    st.integers(0, 4),
    st.integers(0, 10),
    st.integers(0, 4),
)


def outcome(score: str, right: int, counted: int, floor: Fraction = FOUR_FIFTHS, *, point: bool = False) -> Outcome:
    return floor_outcome(score, right, counted, floor, point=point, alpha=ALPHA)


@pytest.mark.parametrize(("right", "counted", "floor", "alpha", "told"), FLOORS)
def test_floor_agrees_with_reference_values(right: int, counted: int, floor: str, alpha: str, told: str) -> None:
    found = floor_outcome("recall", right, counted, Fraction(floor), point=False, alpha=Fraction(alpha))
    assert found.replace("_", " ") == told


@pytest.mark.parametrize(("right", "counted", "found"), [
    (12, 20, F),  # P(X <= 12) is 0.0321
    (13, 20, P),  # P(X <= 13) is 0.0867
    (5, 10, F),  # 0.0328
    (6, 10, P),  # 0.121
    (16, 20, P),
    (2, 5, P),  # 0.0579
    (1, 5, F),  # 0.00672
    (0, 1, N),  # one utterance says nothing
    (0, 2, F),  # two can, which is why there is a least support besides
    (0, 0, N),
])  # fmt: skip
def test_an_intent_fails_its_floor_if_that_is_no_bad_luck(right: int, counted: int, found: Outcome) -> None:
    assert outcome("recall", right, counted) is found
    assert outcome("precision", right, counted) is found


@pytest.mark.parametrize(
    ("floor", "alpha"), [("0.95", "0.05"), ("0.8", "0.2"), ("0.9", "0.1"), ("0.99", "0.01"), ("0.5", "0.5")]
)
def test_a_probability_of_exactly_alpha_fails(floor: str, alpha: str) -> None:
    assert floor_outcome("recall", 0, 1, Fraction(floor), point=False, alpha=Fraction(alpha)) is F


@pytest.mark.parametrize(("right", "found"), [(16, P), (15, F), (0, F)])
def test_a_plain_score_passes_from_the_floor_upwards(right: int, found: Outcome) -> None:
    assert outcome("recall", right, 20, point=True) is found


def test_an_undefined_plain_score_has_no_data() -> None:
    assert outcome("precision", 0, 0, point=True) is N


def test_f1_is_tested_as_the_share_that_it_stands_for() -> None:
    # F1 0.8 is a share of 2/3 of TP+FP+FN: 12 of 20 (F1 0.75) may be bad luck, 9 of 20 may not.
    assert (share_of("f1", FOUR_FIFTHS), share_of("recall", FOUR_FIFTHS)) == (Fraction(2, 3), FOUR_FIFTHS)
    assert outcome("f1", 12, 20) is P
    assert outcome("f1", 9, 20) is F
    assert outcome("f1", 12, 20, point=True) is F
    assert outcome("f1", 12, 18, point=True) is P


@given(score=scores, right=numbers, wrong=numbers, floor=floors, alpha=alphas)
def test_a_floor_agrees_with_fractions(score: str, right: int, wrong: int, floor: Fraction, alpha: Fraction) -> None:
    counted, share = right + wrong, floor / (2 - floor) if score == "f1" else floor
    tail = sum(math.comb(counted, n) * share**n * (1 - share) ** (counted - n) for n in range(right + 1))
    is_below = right < share * counted and tail <= alpha
    found = floor_outcome(score, right, counted, floor, point=False, alpha=alpha)
    assert found is (F if is_below else P if right else N)
    plain = floor_outcome(score, right, counted, floor, point=True, alpha=alpha)
    value = Fraction(right, counted) if counted else None
    assert (plain is F) is (value is not None and value < share)
    assert plain is F or not is_below


@pytest.mark.parametrize(("score", "floor", "most"), [
    ("recall", "0.5", (0, 1, 1, 3, 5, 14)),   ("recall", "0.7", (1, 2, 4, 6, 10, 22)),
    ("recall", "0.8", (1, 3, 5, 8, 12, 27)),  ("recall", "0.85", (2, 4, 6, 9, 13, 29)),
    ("recall", "0.9", (2, 5, 6, 10, 15, 32)),
])  # fmt: skip
def test_the_largest_failing_number_agrees_with_reference_values(score: str, floor: str, most: tuple[int, ...]) -> None:
    for counted, right in zip((5, 8, 10, 15, 20, 40), most, strict=True):
        fails = [n for n in range(counted + 1) if outcome(score, n, counted, Fraction(floor)) is F]
        assert fails == [*range(right + 1)]


FLOOR_TEXTS = ("0.3", "0.5", "0.6", "0.7", "0.8", "0.85", "0.9", "0.95")
LEAST = {
    "0.05": ((9, 5, 4, 3, 2, 2, 2, 1), (16, 8, 6, 4, 3, 3, 2, 2)),
    "0.025": ((11, 6, 5, 4, 3, 2, 2, 2), (19, 10, 7, 5, 4, 3, 3, 2)),
    "0.01": ((13, 7, 6, 4, 3, 3, 2, 2), (24, 12, 9, 6, 5, 4, 3, 2)),
}
"""By alpha, for recall and precision, then for F1."""


@pytest.mark.parametrize("alpha", LEAST)
def test_least_support_agrees_with_reference_values(alpha: str) -> None:
    own = Floors(min_support=1)
    for score in SCORES:
        found = tuple(least_support(score, Fraction(text), own, Fraction(alpha)) for text in FLOOR_TEXTS)
        assert found == LEAST[alpha][score == "f1"]


@given(score=scores, floor=floors, alpha=alphas, least=st.integers(1, 9))
def test_least_support_is_the_least_that_can_fail(score: str, floor: Fraction, alpha: Fraction, least: int) -> None:
    needed = least_support(score, floor, Floors(min_support=least), alpha)

    def none_of(counted: int) -> Outcome:
        return floor_outcome(score, 0, counted, floor, point=False, alpha=alpha)

    assert needed >= least
    assert none_of(needed) is F
    assert needed == least or none_of(needed - 1) is N


@pytest.mark.parametrize(
    ("score", "floor", "needed"), [("recall", "0.0001", 29_956), ("f1", "0.000001", 5_991_461), ("recall", "1", 1)]
)
def test_the_least_support_of_an_extreme_floor_is_found_quickly(score: str, floor: str, needed: int) -> None:
    assert least_support(score, Fraction(floor), Floors(min_support=1), ALPHA) == needed
    assert math.isclose((1 - float(share_of(score, Fraction(floor)))) ** needed, 0.05, rel_tol=1e-3) or needed == 1


def test_a_floor_of_zero_needs_only_the_requested_support() -> None:
    assert least_support("recall", Fraction(0), Floors(min_support=3), ALPHA) == 3


@pytest.mark.parametrize(("least", "found"), [(1, 1), (0, 1), (7, 7)])
def test_a_plain_score_needs_only_the_requested_support(least: int, found: int) -> None:
    assert least_support("recall", Fraction(1, 10), Floors(min_support=least, point=True), ALPHA) == found


def test_each_score_counts_its_own_errors() -> None:
    one = Standing(intent="Pay", support=15, right=12, wrongly=5)
    assert [one.share(score) for score in SCORES] == [(12, 20), (12, 17), (12, 15)]
    for best in (True, False):
        assert [one.corner(score, best=best) for score in SCORES] == [(12, 20), (12, 17), (12, 15)]


def test_unevaluated_utterances_are_right_at_best_and_wrong_at_worst() -> None:
    one = Standing(intent="Pay", support=15, right=10, lost=3, wrongly=4, stray=2)
    assert [one.share(score) for score in SCORES] == [(10, 16), (10, 14), (10, 12)]
    assert [one.corner(score, best=True) for score in SCORES] == [(13, 19), (13, 17), (13, 15)]
    assert [one.corner(score, best=False) for score in SCORES] == [(10, 21), (10, 16), (10, 15)]


@given(score=scores, one=intents, floor=floors, alpha=alphas, point=st.booleans())
def test_no_completion_leaves_corners(score: str, one: Standing, floor: Fraction, alpha: Fraction, point: bool) -> None:
    def held(right: int, counted: int) -> Outcome:
        return floor_outcome(score, right, counted, floor, point=point, alpha=alpha)

    best, worst = (held(*one.corner(score, best=best)) for best in (True, False))
    order = (F, N, P)
    for found in range(one.lost + 1):
        for taken in range(one.stray + 1):
            wrongly = one.wrongly + taken
            real = Standing(intent="Pay", support=one.support, right=one.right + found, wrongly=wrongly)
            outcome = held(*real.share(score))
            assert order.index(worst) <= order.index(outcome) <= order.index(best)


@example(score="recall", one=Standing(intent="Pay"), floor=Fraction(16, 25), absent=3)
@given(score=scores, one=intents, floor=floors, absent=st.integers(0, 3))
def test_missing_rows_may_count_for_or_against(score: str, one: Standing, floor: Fraction, absent: int) -> None:
    told = Standing(intent="Pay", support=one.support, right=one.right, wrongly=one.wrongly, absent=absent)
    order = (F, N, P)
    best, worst = (order.index(outcome(score, *told.corner(score, best=best), floor)) for best in (True, False))
    for right, missed, taken, copies in (
        (absent, 0, 0, 0),
        (0, absent, 0, 0),
        (0, 0, absent, 0),
        (0, 0, 0, min(absent, one.right)),
        (0, 0, 0, 0),
    ):
        real = Standing(
            intent="Pay",
            support=one.support + right + missed,
            right=one.right + right - copies,
            wrongly=one.wrongly + taken,
        )
        assert worst <= order.index(outcome(score, *real.share(score), floor)) <= best


@given(score=scores, one=intents, floor=floors, alpha=alphas, point=st.booleans())
def test_mending_makes_nothing_worse(score: str, one: Standing, floor: Fraction, alpha: Fraction, point: bool) -> None:
    def held(standing: Standing) -> int:
        return (F, N, P).index(floor_outcome(score, *standing.share(score), floor, point=point, alpha=alpha))

    seen = Standing(intent="Pay", support=one.support, right=one.right, wrongly=one.wrongly)
    if seen.right < seen.support:
        found = Standing(intent="Pay", support=one.support, right=one.right + 1, wrongly=one.wrongly)
        assert held(found) >= held(seen)
    if seen.wrongly:
        found = Standing(intent="Pay", support=one.support, right=one.right, wrongly=one.wrongly - 1)
        assert held(found) >= held(seen)


def test_a_named_intent_has_floors_of_its_own_however_it_is_written() -> None:
    own, general = Floors(bounds={"min_f1": FOUR_FIFTHS}), Floors()
    named = IntentFloors(general=general, named={"Pay a Bill": own, "B | A": own})
    for spelling in ("pay a bill", "PAY  A BILL", "a | b", "A|B"):
        assert (named.of(spelling), named.names(spelling)) == (own, True)
    for other in ("Other", "A", "Pay"):
        assert (named.of(other), named.names(other)) == (general, False)
