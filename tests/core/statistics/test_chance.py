"""The statistics: compared with other programs and plain counting, and their general properties."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from statistics import NormalDist

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ci_gate.core.statistics.chance import POWER, binomial_tail, chance_of_fall, detectable_fall, wilson
from tests.core.reference_values import BINOMIAL_TAIL, DETECTABLE_FALLS, MCNEMAR, WILSON

SIX_DIGITS = 6e-6
ALPHA = 0.05
numbers = st.integers(0, 400)
shares = st.tuples(st.integers(0, 5000), st.integers(0, 5000)).map(sorted).filter(lambda found: found[1] > 0)


@pytest.mark.parametrize(("worse", "better", "chance"), MCNEMAR)
def test_chance_of_a_fall_agrees_with_reference_values(worse: int, better: int, chance: float) -> None:
    assert chance_of_fall(worse, better) == pytest.approx(chance, rel=SIX_DIGITS)


@pytest.mark.parametrize("changed", range(11))
def test_chance_of_a_fall_is_what_counting_every_outcome_gives(changed: int) -> None:
    outcomes = [sum(each) for each in product((0, 1), repeat=changed)]
    for worse in range(changed + 1):
        beyond = sum(outcome > worse for outcome in outcomes) + Fraction(outcomes.count(worse), 2)
        assert chance_of_fall(worse, changed - worse) == float(beyond / 2**changed)


@given(worse=st.integers(0, 60), better=st.integers(0, 60))
def test_chance_of_a_fall_is_exact_up_to_one_rounding(worse: int, better: int) -> None:
    changed = worse + better
    beyond = sum(Fraction(math.comb(changed, size)) for size in range(worse + 1, changed + 1))
    exact = (beyond + Fraction(math.comb(changed, worse), 2)) / 2**changed
    assert chance_of_fall(worse, better) == float(exact)


@given(worse=numbers, better=numbers)
def test_chances_of_a_fall_and_of_a_rise_make_one(worse: int, better: int) -> None:
    assert chance_of_fall(worse, better) + chance_of_fall(better, worse) == pytest.approx(1, abs=1e-15)


@given(worse=numbers, better=numbers)
def test_more_losses_or_fewer_gains_make_chance_less_likely(worse: int, better: int) -> None:
    assert chance_of_fall(worse + 1, better) <= chance_of_fall(worse, better) <= chance_of_fall(worse, better + 1)


@given(number=numbers)
def test_as_many_better_as_worse_is_an_even_chance(number: int) -> None:
    assert chance_of_fall(number, number) == 0.5


@pytest.mark.parametrize(("worse", "is_found"), [(3, False), (4, True)])
def test_four_losses_are_significant_and_three_are_not(worse: int, is_found: bool) -> None:
    assert (chance_of_fall(worse, 0) <= ALPHA) is is_found


def test_the_largest_suite_does_not_overflow() -> None:
    assert chance_of_fall(20_000, 0) == 0.0
    assert chance_of_fall(0, 20_000) == 1.0
    assert chance_of_fall(10_100, 9_900) == pytest.approx(NormalDist().cdf(-200 / math.sqrt(20_000)), rel=1e-3)


@pytest.mark.parametrize(("part", "whole", "confidence", "sides", "lowest", "highest"), WILSON)
def test_interval_of_a_share_agrees_with_reference_values(
    part: int, whole: int, confidence: float, sides: int, lowest: float, highest: float
) -> None:
    found = wilson(part, whole, confidence=confidence, sides=sides)
    assert found == pytest.approx((lowest, highest), rel=SIX_DIGITS)


def test_the_interval_of_nothing_is_everything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("sides", [1, 2])
@given(found=shares)
def test_an_interval_holds_its_share_and_stays_between_0_and_1(sides: int, found: tuple[int, int]) -> None:
    part, whole = found
    low, high = wilson(part, whole, sides=sides)
    assert 0 <= low <= part / whole <= high <= 1


@given(found=shares)
def test_interval_of_what_failed_mirrors_that_of_what_passed(found: tuple[int, int]) -> None:
    part, whole = found
    (low, high), (mirrored_low, mirrored_high) = wilson(part, whole), wilson(whole - part, whole)
    assert (low, high) == pytest.approx((1 - mirrored_high, 1 - mirrored_low), abs=1e-12)


@given(found=shares, factor=st.integers(2, 50))
def test_more_utterances_of_the_same_share_narrow_the_interval(found: tuple[int, int], factor: int) -> None:
    part, whole = found
    (low, high), (nearer_low, nearer_high) = wilson(part, whole), wilson(part * factor, whole * factor)
    assert nearer_high - nearer_low < high - low


@given(found=shares)
def test_one_sided_bounds_lie_inside_the_two_sided_interval(found: tuple[int, int]) -> None:
    (low, high), (near_low, near_high) = wilson(*found), wilson(*found, sides=1)
    assert low <= near_low
    assert near_high <= high


@pytest.mark.parametrize(("successes", "trials", "share", "probability"), BINOMIAL_TAIL)
def test_binomial_tail_agrees_with_a_reference(successes: int, trials: int, share: float, probability: float) -> None:
    assert binomial_tail(successes, trials, share) == pytest.approx(probability, rel=SIX_DIGITS)


@given(trials=st.integers(0, 60), missed=st.integers(0, 60), share=st.fractions(0, 1, max_denominator=1000))
def test_binomial_tail_is_the_sum_of_its_terms(trials: int, missed: int, share: Fraction) -> None:
    successes = max(0, trials - missed)
    exact = sum(math.comb(trials, n) * share**n * (1 - share) ** (trials - n) for n in range(successes + 1))
    assert binomial_tail(successes, trials, float(share)) == pytest.approx(float(exact), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(
    ("successes", "trials", "share", "probability"),
    [(5, 5, 0.5, 1.0), (0, 0, 0.5, 1.0), (0, 5, 0.0, 1.0), (4, 5, 1.0, 0.0), (5, 5, 1.0, 1.0), (0, 20_000, 0.9, 0.0)],
)
def test_the_binomial_tail_is_exact_at_its_ends(successes: int, trials: int, share: float, probability: float) -> None:
    assert binomial_tail(successes, trials, share) == probability


@pytest.mark.parametrize(("pairs", "changed", "points"), DETECTABLE_FALLS)
def test_the_detectable_drop_agrees_with_reference_values(pairs: int, changed: int, points: float) -> None:
    found = detectable_fall(pairs, changed, alpha=ALPHA)
    assert found is not None
    assert round(100 * found, 1) == points


@pytest.mark.parametrize("pairs", range(3))
def test_fewer_than_three_pairs_detect_nothing(pairs: int) -> None:
    assert detectable_fall(pairs, 0, alpha=ALPHA) is None
    assert detectable_fall(3, 0, alpha=ALPHA) is not None


@given(pairs=st.integers(3, 20_000), part=st.integers(0, 100))
def test_the_detectable_drop_is_positive_and_at_most_one(pairs: int, part: int) -> None:
    found = detectable_fall(pairs, pairs * part // 100, alpha=ALPHA)
    assert found is not None
    assert 0 < found <= 1


@given(pairs=st.integers(3, 5000), part=st.integers(0, 99))
def test_the_detectable_drop_grows_with_noise_and_shrinks_with_size(pairs: int, part: int) -> None:
    def of(number: int, changed: int) -> float:
        return detectable_fall(number, changed, alpha=ALPHA) or 1.0

    changed = pairs * part // 100
    assert of(pairs, changed) <= of(pairs, changed + 1)
    assert of(2 * pairs, 2 * changed) < of(pairs, changed) + 1e-12


@given(pairs=st.integers(30, 5000), part=st.integers(2, 60))
def test_the_detectable_drop_has_the_claimed_power(pairs: int, part: int) -> None:
    found = detectable_fall(pairs, pairs * part // 100, alpha=ALPHA)
    assert found is not None
    churn = max(pairs * part // 100 / pairs, found)
    spread = math.sqrt(churn - found * found)
    assume(spread > 0)
    normal = NormalDist()
    surplus = (math.sqrt(pairs) * found - normal.inv_cdf(1 - ALPHA) * math.sqrt(churn)) / spread
    assert normal.cdf(surplus) == pytest.approx(POWER, abs=1e-6)
