"""The sign-flip test: against reference values, every exchange and every completion, and its general properties."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from itertools import product
from statistics import NormalDist
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.statistics import sign_flip
from ci_gate.core.statistics.chance import chance_of_fall
from ci_gate.core.statistics.sign_flip import Axis, Flips, Pool, chance_of_flips, fewest_worse, least_provable, tosses
from tests.core.reference_values_2 import FEWEST_WORSE, FLIPS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Pair = tuple[str, str]
    Open = tuple[str, str]
    """Was and now of a pair, as far as they are known: each side holds the letters that it may turn out to be."""

RIGHT, ASIDE, WRONG = "r", "a", "w"
WORTH = {RIGHT: 2, ASIDE: 1, WRONG: 0}
COUNTED = {
    "f1": {"TP": RIGHT, "TN": ASIDE, "FP": WRONG, "FN": WRONG},
    "precision": {"TP": RIGHT, "TN": ASIDE, "FP": WRONG, "FN": ASIDE},
    "recall": {"TP": RIGHT, "TN": ASIDE, "FP": ASIDE, "FN": WRONG},
    "accuracy": {"TP": RIGHT, "TN": RIGHT, "FP": WRONG, "FN": WRONG},
}
TABLES = 1e-12
"""Demanded precision of the test once it no longer counts in integers."""

answers = st.sampled_from([RIGHT, ASIDE, WRONG])
pairs_of_answers = st.lists(st.tuples(answers, answers), max_size=9)
sides = st.one_of(answers, st.sampled_from(["raw", "rw", "aw", "ra"]))
open_pairs = st.lists(st.tuples(sides, sides), max_size=3)
pools = st.builds(Pool, st.integers(0, 40), st.integers(0, 40))
axes = st.integers(0, 7).flatmap(lambda changed: st.builds(Axis, st.just(changed), st.integers(0, changed)))
flips = st.builds(Flips, right_wrong=axes, right_aside=axes, aside_wrong=axes)


def flips_of(pairs: Iterable[Pair]) -> Flips:
    seen = Counter(pairs)

    def axis(better: str, worse: str) -> Axis:
        return Axis(seen[better, worse] + seen[worse, better], seen[better, worse])

    return Flips(right_wrong=axis(RIGHT, WRONG), right_aside=axis(RIGHT, ASIDE), aside_wrong=axis(ASIDE, WRONG))


def pool_of(pairs: Iterable[Pair]) -> Pool:
    both = Counter(side for pair in pairs for side in pair)
    return Pool(both[RIGHT], both[WRONG])


def chance(pairs: Sequence[Pair]) -> float:
    return chance_of_flips(flips_of(pairs), [pool_of(pairs)], most=True)


def fall(was: Iterable[str], pool: Pool) -> int:
    """Return the test statistic of the counts of the old run."""
    old = Counter(was)
    return old[RIGHT] * pool.wrong - old[WRONG] * pool.right


def by_every_exchange(pairs: Sequence[Pair], found: Sequence[Pool], *, most: bool) -> float:
    """Compute ``chance_of_flips`` by exchanging the answers of the changed pairs in every combination."""
    seen = [fall((was for was, _ in pairs), pool) for pool in found]
    halves = outcomes = 0
    for old in product(*(pair if pair[0] != pair[1] else pair[:1] for pair in pairs)):
        falls = [fall(old, pool) for pool in found]
        counts = [2 if now > was else 1 if now == was else 0 for now, was in zip(falls, seen, strict=True)]
        halves += max(counts) if most else min(counts)
        outcomes += 1
    return float(Fraction(halves, 2 * outcomes))


def filled(pairs: Iterable[Open], *, was_best: bool, now_best: bool) -> list[Pair]:
    """Return the completion with every unknown side at its best or worst."""

    def of(side: str, *, best: bool) -> str:
        return max(side, key=WORTH.__getitem__) if best else min(side, key=WORTH.__getitem__)

    return [(of(was, best=was_best), of(now, best=now_best)) for was, now in pairs]


def bracket(pairs: Sequence[Open]) -> tuple[float, float]:
    """Return bounds of the p-value over all completions, from their corners and both ends of the weights."""
    ends = [pool_of(filled(pairs, was_best=best, now_best=best)) for best in (False, True)]
    worst, best = (flips_of(filled(pairs, was_best=old, now_best=not old)) for old in (True, False))
    return chance_of_flips(worst, ends, most=False), chance_of_flips(best, ends, most=True)


def truth(pairs: Sequence[Open]) -> tuple[float, float]:
    """Return the smallest and the largest p-value of all completions."""
    options = [list(product(*pair)) for pair in pairs]
    found = [chance(completion) for completion in product(*options)]
    return min(found), max(found)


def named(score: str, pairs: dict[str, int]) -> list[Pair]:
    """Return the pairs of a reference row as the score counts them."""
    letters = COUNTED[score]
    return [
        (letters[was], letters[now])
        for pair, number in pairs.items()
        for was, now in [pair.split(">")]
        for _ in range(number)
    ]


# --- how likely chance alone lets a score fall so far ---------------------------------------------------------------
@pytest.mark.parametrize(("score", "pairs", "mid", "plain"), FLIPS)
def test_chance_of_flips_agrees_with_a_reference(score: str, pairs: dict[str, int], mid: float, plain: float) -> None:
    assert chance(named(score, pairs)) == mid


@given(pairs=pairs_of_answers)
def test_chance_of_flips_is_what_every_exchange_of_the_answers_gives(pairs: list[Pair]) -> None:
    assert chance(pairs) == by_every_exchange(pairs, [pool_of(pairs)], most=True)


@pytest.mark.parametrize("most", [True, False])
@given(pairs=pairs_of_answers, first=pools, second=pools)
def test_two_pools_count_each_exchange_at_its_extreme(most: bool, pairs: list[Pair], first: Pool, second: Pool) -> None:
    found = chance_of_flips(flips_of(pairs), [first, second], most=most)
    assert found == by_every_exchange(pairs, [first, second], most=most)


@given(pairs=pairs_of_answers)
def test_the_tested_drop_has_the_sign_of_the_drop_of_every_score(pairs: list[Pair]) -> None:
    pool, old, new = pool_of(pairs), *(Counter(pair[side] for pair in pairs) for side in (0, 1))
    tested = fall((was for was, _ in pairs), pool)
    for weight in (1, 2):
        parts = [(weight * run[RIGHT], weight * run[RIGHT] + run[WRONG]) for run in (old, new)]
        if all(whole for _, whole in parts):
            was, now = (Fraction(*part) for part in parts)
            assert (was > now, was < now) == (tested > 0, tested < 0)


@pytest.mark.parametrize("kind", ["right_wrong", "right_aside", "aside_wrong"])
@given(worse=st.integers(0, 400), better=st.integers(0, 400), first=pools, second=pools)
def test_one_kind_of_change_is_mcnemars_test(kind: str, worse: int, better: int, first: Pool, second: Pool) -> None:
    one = Flips(
        **{
            **dict.fromkeys(("right_wrong", "right_aside", "aside_wrong"), Axis(0, 0)),
            kind: Axis(worse + better, worse),
        }
    )
    filled_pools = [Pool(pool.right + 1, pool.wrong + 1) for pool in (first, second)]
    for most in (True, False):
        assert chance_of_flips(one, filled_pools, most=most) == chance_of_fall(worse, better)


@pytest.mark.parametrize("changed", [0, 5, 301])
def test_changes_that_a_score_ignores_are_an_even_chance(changed: int) -> None:
    nothing, all_worse = Axis(0, 0), Axis(changed, changed)
    recall_of_no_wrong = Flips(right_wrong=nothing, right_aside=all_worse, aside_wrong=nothing)
    assert chance_of_flips(recall_of_no_wrong, [Pool(20, 0)], most=True) == 0.5
    everything = Flips(right_wrong=all_worse, right_aside=all_worse, aside_wrong=all_worse)
    assert chance_of_flips(everything, [Pool(0, 0)], most=True) == 0.5
    assert chance_of_flips(everything, [Pool(0, 0), Pool(0, 0)], most=False) == 0.5


def test_changes_that_one_pool_ignores_count_a_half_at_its_extreme() -> None:
    nothing = Axis(0, 0)
    lost = Flips(right_wrong=nothing, right_aside=Axis(4, 4), aside_wrong=nothing)
    none_wrong, some_wrong = Pool(20, 0), Pool(20, 3)
    assert chance_of_flips(lost, [some_wrong], most=True) == 1 / 32
    assert chance_of_flips(lost, [none_wrong, some_wrong], most=True) == 0.5
    assert chance_of_flips(lost, [none_wrong, some_wrong], most=False) == 1 / 32


@given(seen=flips, pool=pools)
def test_chances_of_a_fall_and_of_a_rise_of_a_score_make_one(seen: Flips, pool: Pool) -> None:
    def turned(axis: Axis) -> Axis:
        return Axis(axis.changed, axis.changed - axis.worse)

    rise = Flips(
        right_wrong=turned(seen.right_wrong), right_aside=turned(seen.right_aside), aside_wrong=turned(seen.aside_wrong)
    )
    falls, rises = (chance_of_flips(each, [pool], most=True) for each in (seen, rise))
    assert falls + rises == pytest.approx(1, abs=1e-15)


@given(seen=flips, pool=pools, extra=st.sampled_from([(1, 0, 0), (0, 1, 0), (0, 0, 1)]))
def test_each_worse_pair_makes_chance_less_likely(seen: Flips, pool: Pool, extra: tuple[int, int, int]) -> None:
    def with_one(worse: int) -> float:
        found = (
            Axis(axis.changed + more, axis.worse + more * worse)
            for axis, more in zip((seen.right_wrong, seen.right_aside, seen.aside_wrong), extra, strict=True)
        )
        return chance_of_flips(Flips(**dict(zip(Flips.__slots__, found, strict=True))), [pool], most=True)

    assert with_one(1) <= chance_of_flips(seen, [pool], most=True) <= with_one(0)


@given(seen=flips, pool=pools, factor=st.integers(2, 9))
def test_only_the_ratio_of_right_and_wrong_counts(seen: Flips, pool: Pool, factor: int) -> None:
    larger = Pool(pool.right * factor, pool.wrong * factor)
    assert chance_of_flips(seen, [pool], most=True) == chance_of_flips(seen, [larger], most=True)


# --- with answers that are not known --------------------------------------------------------------------------------
@pytest.mark.parametrize(("score", "known", "lost", "least", "most", "least_fall", "most_fall"), UNKNOWN)
def test_bracket_of_unknown_answers_agrees_with_reference_values(
    score: str,
    known: dict[str, int],
    lost: list[tuple[str | None, str | None, bool]],
    least: float,
    most: float,
    least_fall: float,
    most_fall: float,
) -> None:
    letters = COUNTED[score]

    def side(kind: str | None, *, none_expected: bool) -> str:
        kinds = [kind] if kind else ["TN", "FP"] if none_expected else ["TP", "FP", "FN"]
        return "".join({letters[each]: None for each in kinds})

    unknown = [(side(was, none_expected=none), side(now, none_expected=none)) for was, now, none in lost]
    assert bracket([*named(score, known), *unknown]) == (least, most)


@given(known=st.lists(st.tuples(answers, answers), max_size=25), unknown=open_pairs)
def test_no_completion_lies_outside_the_bracket(known: list[Pair], unknown: list[Open]) -> None:
    (least, most), (lowest, highest) = bracket([*known, *unknown]), truth([*known, *unknown])
    assert least <= lowest
    assert highest <= most


@given(known=st.lists(st.tuples(answers, answers), max_size=25))
def test_bracket_of_what_is_known_is_a_single_chance(known: list[Pair]) -> None:
    assert bracket(known) == (chance(known), chance(known))


@given(seen=flips, first=pools, second=pools, weights=st.tuples(st.integers(0, 5), st.integers(0, 5)))
def test_no_ratio_between_pools_is_outside(seen: Flips, first: Pool, second: Pool, weights: tuple[int, int]) -> None:
    a, b = weights
    between = Pool(a * first.right + b * second.right, a * first.wrong + b * second.wrong)
    least, most = (chance_of_flips(seen, [first, second], most=end) for end in (False, True))
    if a or b:
        assert least <= chance_of_flips(seen, [between], most=True) <= most


# --- of large suites ------------------------------------------------------------------------------------------------
LARGE = [
    ((101, 60), (100, 55), (100, 51), (900, 110)), ((301, 170), (1, 1), (0, 0), (700, 300)),
    ((0, 0), (150, 90), (160, 85), (400, 333)),    ((200, 150), (201, 60), (200, 95), (5000, 77)),
    ((7, 0), (11, 11), (400, 200), (3, 1000)),     ((200, 199), (200, 199), (201, 199), (400, 200)),
    ((0, 0), (350, 175), (2, 1), (400, 0)),
]  # fmt: skip
"""Changed and worse pairs of three kinds, and the pool."""


@pytest.mark.parametrize(("right_wrong", "right_aside", "aside_wrong", "pool"), LARGE)
def test_tables_of_a_large_suite_agree_with_integers(
    right_wrong: tuple[int, int],
    right_aside: tuple[int, int],
    aside_wrong: tuple[int, int],
    pool: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = Flips(right_wrong=Axis(*right_wrong), right_aside=Axis(*right_aside), aside_wrong=Axis(*aside_wrong))
    other = Pool(pool[0] + 9, pool[1])
    cases = [([Pool(*pool)], True), ([Pool(*pool), other], True), ([Pool(*pool), other], False)]
    by_tables = [chance_of_flips(seen, found, most=most) for found, most in cases]
    monkeypatch.setattr(sign_flip, "EXACT", 1000)
    assert by_tables == pytest.approx([chance_of_flips(seen, found, most=most) for found, most in cases], abs=TABLES)


@pytest.mark.parametrize("most", [True, False])
def test_the_largest_suite_in_which_everything_changed_does_not_overflow(most: bool) -> None:
    all_worse, even = Axis(6_667, 6_667), Axis(6_667, 3_333)
    pool = [Pool(20_000, 9_000), Pool(20_100, 8_900)]
    lost = Flips(right_wrong=all_worse, right_aside=all_worse, aside_wrong=all_worse)
    assert chance_of_flips(lost, pool, most=most) == 0.0
    won = Flips(right_wrong=Axis(6_667, 0), right_aside=Axis(6_667, 0), aside_wrong=Axis(6_667, 0))
    assert chance_of_flips(won, pool, most=most) == pytest.approx(1.0, abs=TABLES)
    balanced = Flips(right_wrong=even, right_aside=even, aside_wrong=even)
    assert chance_of_flips(balanced, pool, most=most) == pytest.approx(0.5, abs=0.02)


def test_chance_of_a_large_suite_follows_the_normal_law() -> None:
    seen = Flips(right_wrong=Axis(4_000, 2_050), right_aside=Axis(3_000, 1_520), aside_wrong=Axis(2_000, 1_010))
    steps, variance = (9_000, 2_000, 7_000), (4_000 / 4, 3_000 / 4, 2_000 / 4)
    surplus = sum(step * more for step, more in zip(steps, (50, 20, 10), strict=True))
    spread = math.sqrt(sum(step * step * each for step, each in zip(steps, variance, strict=True)))
    found = chance_of_flips(seen, [Pool(7_000, 2_000)], most=True)
    assert found == pytest.approx(NormalDist().cdf(-surplus / spread), rel=1e-3)


@pytest.mark.parametrize("left_out", [1e-3, 1e-13, 1e-300])
@pytest.mark.parametrize("coins", [0, 1, 2, 7, 8, 301, 400])
def test_tosses_leave_out_no_more_than_they_say(coins: int, left_out: float) -> None:
    most, every = tosses(coins, left_out=left_out), tosses(coins)
    assert every.weights == [math.comb(coins, heads) for heads in range(coins + 1)]
    assert len(most.weights) == coins + 1 - 2 * most.lowest
    kept = every.weights[most.lowest : coins + 1 - most.lowest]
    assert Fraction(int(sum(every.weights[: most.lowest])), 2**coins) <= Fraction(left_out)
    middle = max(every.weights)
    assert most.weights == pytest.approx([weight / middle for weight in kept], rel=1e-12, abs=0)


# --- the least loss that shows --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("level", "fewest"), FEWEST_WORSE)
def test_fewest_worse_agree_with_reference_values(level: float, fewest: tuple[int, ...]) -> None:
    assert tuple(fewest_worse(level, fixed) for fixed in (0, 1, 2, 3, 5, 10, 20)) == fewest


@given(level=st.floats(1e-6, 1, exclude_max=True), fixed=st.integers(0, 150))
def test_fewest_worse_are_the_first_that_are_more_than_chance(level: float, fixed: int) -> None:
    found, allowed = fewest_worse(level, fixed), level * (1 + 1e-12)
    assert chance_of_fall(found, fixed) <= allowed
    assert found == 0 or chance_of_fall(found - 1, fixed) > allowed


@pytest.mark.parametrize("fixed", [5_000, 20_000])
def test_fewest_worse_are_found_in_the_largest_suite(fixed: int) -> None:
    found = fewest_worse(0.05, fixed)
    assert chance_of_fall(found, fixed) <= 0.05 < chance_of_fall(found - 1, fixed)


@pytest.mark.parametrize(
    ("level", "fewest"), [(0.05, 4), (0.025, 5), (0.0167, 5), (0.0125, 6), (1 / 32, 4), (1 / 64, 5), (0.5, 1), (0.9, 1)]
)
def test_least_provable_loss_grows_with_each_halving_of_the_level(level: float, fewest: int) -> None:
    assert least_provable(level) == fewest
    assert fewest == max(1, math.ceil(math.log2(1 / level)) - 1)
