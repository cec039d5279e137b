"""The step-up test of intents: compared with reference values and all completions, and its general properties."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.statistics import step_up
from ci_gate.core.statistics.chance import chance_of_fall
from ci_gate.core.statistics.step_up import Flipped, adjusted_chances, number_by_chance
from tests.core.reference_values_2 import REGRESSIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    Unknown = tuple[int, int, int, int, int]
    """Worse, better, and pairs that may yet turn out worse, better, or either; all of them unchanged as well."""

ALPHA = 0.05
ROUNDING = 1e-12

small = st.integers(0, 6)
known = st.builds(lambda worse, better: Flipped(worse=worse, better=better), small, small)
suites = st.lists(known, min_size=1, max_size=6)
few = st.integers(0, 2)
unknowns = st.lists(st.tuples(small, small, few, few, few).filter(lambda each: sum(each[2:]) <= 3), max_size=3)


def flipped(*intents: tuple[int, int]) -> list[Flipped]:
    return [Flipped(worse=worse, better=better) for worse, better in intents]


def adjusted(intents: Sequence[Flipped]) -> tuple[float, ...]:
    least, most = adjusted_chances(intents)
    assert least == most
    return least


def mid_p(worse: int, changed: int) -> Fraction:
    beyond = sum(math.comb(changed, more) for more in range(worse + 1, changed + 1))
    return Fraction(2 * beyond + math.comb(changed, worse), 2 << changed)


def number_by_counting(intents: Sequence[Flipped], chance: Fraction) -> Fraction:
    """Return the expected number of intents with so small a p-value under chance alone, by enumeration."""
    number = Fraction(0)
    for intent in intents:
        changed = intent.worse + intent.better
        for worse in range(changed + 1) if changed else ():
            found = mid_p(worse, changed)
            share = 2 if found < chance else 1 if found == chance else 0
            number += Fraction(share * math.comb(changed, worse), 2 ** (changed + 1))
    return number


def by_counting(intents: Sequence[Flipped]) -> list[float]:
    """Compute the adjusted p-values by their definition, in fractions."""
    chances = [
        mid_p(intent.worse, intent.worse + intent.better) if intent.worse > intent.better else Fraction(1)
        for intent in intents
    ]
    ratios = {
        level: number_by_counting(intents, level) / sum(chance <= level for chance in chances)
        for level in set(chances)
        if level < 1
    }
    return [
        float(min([Fraction(1), *(ratio for level, ratio in ratios.items() if chance <= level)])) for chance in chances
    ]


def bracketed(intents: Sequence[Unknown]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return adjusted_chances(
        [
            Flipped(
                worse=worse,
                better=better,
                may_worsen=worsen + either,
                may_improve=improve + either,
                unknown=worsen + improve + either,
            )
            for worse, better, worsen, improve, either in intents
        ]
    )


def completions(intents: Sequence[Unknown]) -> list[list[Flipped]]:
    """Return every possible result of the intents."""
    options = []
    for worse, better, worsen, improve, either in intents:
        parts = product(range(worsen + 1), range(improve + 1), range(either + 1), range(either + 1))
        options.append({Flipped(worse=worse + a + c, better=better + b + d) for a, b, c, d in parts if c + d <= either})
    return [list(each) for each in product(*options)]


@pytest.mark.parametrize(("intents", "least"), REGRESSIONS)
def test_least_adjusted_chance_agrees_with_reference_values(intents: tuple[tuple[int, int], ...], least: float) -> None:
    assert min(adjusted(flipped(*intents))) == pytest.approx(least, rel=1e-15)


@given(intents=suites)
def test_adjusted_chances_are_what_counting_every_outcome_gives(intents: list[Flipped]) -> None:
    assert adjusted(intents) == pytest.approx(by_counting(intents), rel=ROUNDING)


@given(intents=suites, chance=st.fractions(0, 1, max_denominator=1000))
def test_number_by_chance_is_what_counting_every_outcome_gives(intents: list[Flipped], chance: Fraction) -> None:
    assert number_by_chance(intents, float(chance)) == pytest.approx(
        float(number_by_counting(intents, chance)), rel=1e-6
    )


@given(intents=suites, place=st.integers(0, 5))
def test_number_by_chance_counts_half_of_those_that_are_just_as_rare(intents: list[Flipped], place: int) -> None:
    intent = intents[place % len(intents)]
    changed = intent.worse + intent.better
    expected = float(number_by_counting(intents, mid_p(intent.worse, changed)))
    assert number_by_chance(intents, chance_of_fall(intent.worse, intent.better)) == pytest.approx(
        expected, rel=ROUNDING
    )


@given(worse=st.integers(0, 600), better=st.integers(0, 600))
def test_one_intent_alone_is_mcnemars_test(worse: int, better: int) -> None:
    expected = chance_of_fall(worse, better) if worse > better else 1.0
    assert adjusted(flipped((worse, better))) == (expected,)


@given(intents=suites, unchanged=st.integers(1, 99))
def test_intents_without_a_change_change_nothing(intents: list[Flipped], unchanged: int) -> None:
    more = adjusted([*intents, *flipped(*[(0, 0)] * unchanged)])
    assert more == (*adjusted(intents), *[1.0] * unchanged)


def test_intents_with_too_few_changes_do_not_count() -> None:
    assert adjusted(flipped((4, 0), *[(1, 0), (2, 1), (0, 3)] * 30))[0] == chance_of_fall(4, 0)


def test_intents_that_could_be_as_rare_raise_the_adjusted_chance() -> None:
    alone, among = adjusted(flipped((4, 0)))[0], adjusted(flipped((4, 0), (2, 3), (2, 3)))[0]
    assert alone <= ALPHA < among


def test_many_intents_that_lose_all_are_found_together() -> None:
    assert max(adjusted(flipped(*[(8, 0)] * 100))) <= ALPHA
    assert max(adjusted(flipped(*[(4, 0)] * 50))) <= ALPHA


@given(intents=suites, place=st.integers(0, 5))
def test_adjusted_chances_do_not_depend_on_the_order_of_intents(intents: list[Flipped], place: int) -> None:
    turned = place % len(intents)
    found = adjusted(intents)
    assert adjusted([*intents[turned:], *intents[:turned]]) == (*found[turned:], *found[:turned])


@given(intents=suites)
def test_adjusted_chances_keep_the_order_of_the_chances_and_the_least_is_no_smaller(intents: list[Flipped]) -> None:
    chances = [chance_of_fall(each.worse, each.better) if each.worse > each.better else 1.0 for each in intents]
    found = adjusted(intents)
    assert [after for _, after in sorted(zip(chances, found, strict=True))] == sorted(found)
    assert min(chances) <= min(found) * (1 + ROUNDING)
    assert all((before == 1) <= (after == 1) for before, after in zip(chances, found, strict=True))
    assert max(found) <= 1


def test_no_intent_is_no_finding() -> None:
    assert adjusted_chances([]) == ((), ())
    assert number_by_chance([], 0.5) == 0


@given(intents=unknowns)
def test_no_completion_lies_outside_the_bracket_of_any_intent(intents: list[Unknown]) -> None:
    least, most = bracketed(intents)
    for completion in completions(intents):
        for low, found, high in zip(least, by_counting(completion), most, strict=True):
            assert low <= found * (1 + ROUNDING)
            assert found <= high * (1 + ROUNDING)


@given(intent=st.tuples(small, small, few, few, few))
def test_ends_of_the_bracket_of_one_intent_alone_are_reached(intent: Unknown) -> None:
    (least,), (most,) = bracketed([intent])
    found = [by_counting(completion)[0] for completion in completions([intent])]
    assert (least, most) == pytest.approx((min(found), max(found)), rel=ROUNDING)


def test_unknown_verdict_of_one_intent_leaves_the_others_open() -> None:
    least, most = bracketed([(4, 0, 0, 0, 0), (1, 2, 0, 0, 1)])
    assert least[0] == chance_of_fall(4, 0)
    assert most[0] == pytest.approx(2 * chance_of_fall(4, 0))  # with a fourth change it could have been as rare


@given(intents=unknowns, place=st.integers(0, 2))
def test_one_more_unknown_verdict_never_narrows_the_bracket(intents: list[Unknown], place: int) -> None:
    if not intents:
        return
    worse, better, worsen, improve, either = intents[place % len(intents)]
    wider = list(intents)
    wider[place % len(intents)] = (worse, better, worsen, improve, either + 1)
    (least, most), (lower, higher) = bracketed(intents), bracketed(wider)
    assert all(low <= before * (1 + ROUNDING) for low, before in zip(lower, least, strict=True))
    assert all(before <= high * (1 + ROUNDING) for high, before in zip(higher, most, strict=True))


LARGE = flipped((180, 130), (400, 330), (250, 250), (301, 0), (150, 151), (9, 1), (700, 640))


def test_large_intents_in_floating_point_agree_with_integers(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = [Flipped(worse=200, better=160, may_worsen=3, may_improve=4, unknown=5), *LARGE]
    chances = [chance_of_fall(each.worse, each.better) for each in LARGE]
    in_floats = adjusted_chances(LARGE), adjusted_chances(unknown), [number_by_chance(LARGE, each) for each in chances]
    monkeypatch.setattr(step_up, "EXACT", 10_000)
    in_integers = adjusted_chances(LARGE), adjusted_chances(unknown), [number_by_chance(LARGE, c) for c in chances]
    for by_floats, exact in zip(in_floats[:2], in_integers[:2], strict=True):
        for one, other in zip(by_floats, exact, strict=True):
            assert one == pytest.approx(other, rel=1e-11, abs=0)
    assert in_floats[2] == pytest.approx(in_integers[2], rel=1e-11, abs=0)


def test_largest_intents_are_no_overflow() -> None:
    lost, even = Flipped(worse=10_000, better=0), Flipped(worse=5_000, better=4_990, may_improve=9, unknown=10)
    least, most = adjusted_chances([lost, even])
    assert least[0] == most[0] == 0.0
    assert 0 < least[1] <= most[1] < 1
    assert number_by_chance([lost, even], 0.25) == pytest.approx(0.5, abs=0.01)
