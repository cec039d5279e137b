"""The drop of a score, its p-value and the smallest failing loss, against reference values and all completions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ci_gate.core.comparison.drops import Drop, Limit, Tally, can_ever_fail, fewest_lost, measure_drops
from ci_gate.core.comparison.pair import Pair
from ci_gate.core.duplicates import collapsed
from ci_gate.core.metrics import DROPS, Metric, measure
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import Rules
from ci_gate.core.statistics.chance import beyond_chance, chance_of_fall
from ci_gate.core.statistics.sign_flip import least_provable
from ci_gate.core.tally import tally
from tests.core.builders import ALPHA, FN, FP, LOST, TN, TP, changed, hold, said, suites
from tests.core.reference_values_2 import FLIPS, SHARED, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    Change = tuple[ResultType, ResultType]

P, F, N = Outcome.PASSED, Outcome.FAILED, Outcome.NO_DATA
OF = {metric.value: drop for drop, metric in DROPS.items()}
NO_TOLERANCE = Limit(tolerance=Fraction(0), level=ALPHA)

some_scores = st.sampled_from([*DROPS])
expecting = st.sampled_from([TP, FP, FN])
expecting_none = st.sampled_from([TN, FP])
changes = st.one_of(st.tuples(expecting, expecting), st.tuples(expecting_none, expecting_none))
known_changes = st.lists(st.tuples(changes, st.integers(1, 5)), max_size=6).map(
    lambda found: sum((Counter({change: times}) for change, times in found), Counter[tuple[ResultType, ResultType]]())
)
limits = st.builds(
    Limit,
    tolerance=st.sampled_from([Fraction(0), Fraction(1, 100), Fraction(1, 10), Fraction(1, 2)]),
    level=st.sampled_from([0.05, 0.05 / 3, 0.3]),
    strict=st.sampled_from([False, False, True]),
)


def drops_of(seen: Counter[Change]) -> dict[Metric, Drop]:
    return dict(changed(*((was, now, times) for (was, now), times in seen.items())).drops)


# --- what each score sees -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("was", "now", "counted"), [
    (TP, FP, {"f1": "worse", "accuracy": "worse", "precision": "worse", "recall": "worse"}),
    (TP, FN, {"f1": "worse", "accuracy": "worse", "precision": "worse", "recall": "worse"}),
    (TN, FP, {"f1": "worse", "accuracy": "worse", "precision": "worse"}),
    (FP, TP, {"f1": "better", "accuracy": "better", "precision": "better", "recall": "better"}),
    (FN, TP, {"f1": "better", "accuracy": "better", "precision": "better", "recall": "better"}),
    (FP, TN, {"f1": "better", "accuracy": "better", "precision": "better"}),
    (FN, FP, {"precision": "worse", "recall": "better"}),
    (FP, FN, {"precision": "better", "recall": "worse"}),
    (TP, TP, {}),
    (FP, FP, {}),
    (TN, TN, {}),
])  # fmt: skip
def test_each_score_counts_the_changes_that_it_sees(was: ResultType, now: ResultType, counted: dict[str, str]) -> None:
    found = changed((was, now, 3), (TP, TP, 5), (FN, FN, 2), (FP, FP, 2))
    for drop, metric in DROPS.items():
        direction = counted.get(metric.value)
        worse, better = 3 * (direction == "worse"), 3 * (direction == "better")
        one = found.drops[drop]
        chance = chance_of_fall(worse, better)
        assert (one.worse, one.better, *one.chances) == (worse, better, chance, chance)


@pytest.mark.parametrize(("was", "now", "scores"), [
    (TP, FP, {"f1", "accuracy", "precision"}), (TP, FN, {"f1", "accuracy", "recall"}),
    (TN, FP, {"f1", "accuracy", "precision"}), (FN, FP, {"precision"}),
    (FP, FN, {"recall"}),                      (FN, TP, set()),
])  # fmt: skip
def test_lost_counts_what_newly_lowers_a_score(was: ResultType, now: ResultType, scores: set[str]) -> None:
    found = changed((was, now, 3), (TP, TP, 5)).drops
    assert {drop.value: one.lost for drop, one in found.items()} == {
        drop.value: 3 * (metric.value in scores) for drop, metric in DROPS.items()
    }


def test_a_drop_is_the_exact_difference_of_the_scores() -> None:
    found = changed((TP, TP, 82), (TP, FN, 8), (FN, TP, 3), (FN, FN, 7)).drops
    assert {drop.value: (one.was.score, one.now.score) for drop, one in found.items()} == {
        "f1_drop": (Fraction(180, 190), Fraction(170, 185)),
        "precision_drop": (Fraction(1), Fraction(1)),
        "recall_drop": (Fraction(90, 100), Fraction(85, 100)),
        "accuracy_drop": (Fraction(90, 100), Fraction(85, 100)),
    }
    assert found[Metric.RECALL_DROP].fall == Fraction(5, 100)
    assert changed((FN, TP, 1), (TP, TP, 1)).drops[Metric.RECALL_DROP].fall == Fraction(-1, 2)


@pytest.mark.parametrize(("change", "missing"), [
    ((TN, TN, 3), {"f1_drop", "precision_drop", "recall_drop"}),
    ((FN, TP, 3), {"precision_drop"}),
    ((TN, FP, 3), {"f1_drop", "precision_drop", "recall_drop"}),
    ((LOST, TP, 3), {"f1_drop", "precision_drop", "recall_drop", "accuracy_drop"}),
])  # fmt: skip
def test_a_score_missing_in_one_run_has_no_drop(change: tuple[ResultType, ResultType, int], missing: set[str]) -> None:
    assert {drop.value for drop, one in changed(change).drops.items() if one.fall is None} == missing


def test_an_empty_tally_has_no_score_and_f1_counts_right_answers_twice() -> None:
    assert Tally(0, 0).score is None
    assert (Tally(3, 1).score, Tally(3, 1, 2).score) == (Fraction(3, 4), Fraction(6, 7))


@given(now=suites, then=suites)
def test_drops_depend_on_shared_utterances_alone(now: list[Utterance], then: list[Utterance]) -> None:
    here, there = ({key: one for key, one in collapsed(suite).items() if not one.may_be_fp} for suite in (now, then))
    shared = [key for key in there.keys() & here.keys() if there[key].is_evaluated and here[key].is_evaluated]
    alone = hold([here[key] for key in shared], [there[key] for key in shared])
    for drop, metric in DROPS.items():
        assert alone.drops[drop].was.score == measure(metric, tally(tuple(there[key] for key in shared)))
        assert alone.drops[drop].now.score == measure(metric, tally(tuple(here[key] for key in shared)))
        fall = alone.drops[drop].fall
        assert fall is None or alone.drops[drop].falls == (fall, fall)
    with_others = hold([*here.values(), said("only now", FN)], [*there.values(), said("only then")])
    assert with_others.drops == hold([*here.values()], [*there.values()]).drops


# --- reference values -----------------------------------------------------------------------------------------------
def in_words(pairs: dict[str, int]) -> list[tuple[ResultType, ResultType, int]]:
    return [
        (*(ResultType[name] for name in pair.split(">")), times)  # type: ignore[misc]
        for pair, times in pairs.items()
    ]


@pytest.mark.parametrize(("score", "pairs", "mid", "plain"), FLIPS)
def test_chance_agrees_with_reference_values(score: str, pairs: dict[str, int], mid: float, plain: float) -> None:
    assert changed(*in_words(pairs)).drops[OF[score]].chances == (mid, mid)


@pytest.mark.parametrize(("score", "pairs", "unknown", "least", "most", "least_fall", "most_fall"), UNKNOWN)
def test_ranges_of_the_unknown_agree_with_reference_values(
    score: str,
    pairs: dict[str, int],
    unknown: list[tuple[str | None, str | None, bool]],
    least: float,
    most: float,
    least_fall: float,
    most_fall: float,
) -> None:
    known = [
        (was, now, "" if TN in (was, now) else "Rent") for was, now, times in in_words(pairs) for _ in range(times)
    ]
    lost = [
        (*(ResultType[name] if name else LOST for name in pair), "" if expects_none else "Rent")
        for *pair, expects_none in unknown
    ]
    rows = [*known, *lost]
    then, now = ([said(f"say {n}", row[side], expected=row[2]) for n, row in enumerate(rows)] for side in (0, 1))  # type: ignore[arg-type]
    one = hold(now, then).drops[OF[score]]
    assert [*one.chances, *map(float, one.falls)] == pytest.approx([least, most, least_fall, most_fall], rel=1e-12)


@pytest.mark.parametrize(("chances", "alpha", "beyond"), SHARED)
def test_each_test_has_its_share_of_alpha(chances: tuple[float, ...], alpha: float, beyond: tuple[bool, ...]) -> None:
    level = Rules(alpha=Fraction(str(alpha)), share=len(chances)).level
    assert tuple(beyond_chance(chance, float(level)) for chance in chances) == beyond


@pytest.mark.parametrize(
    ("chance", "is_beyond"), [(0.05, True), (0.05 * (1 + 1e-15), True), (0.0500001, False), (0.049, True), (0, True)]
)
def test_a_chance_of_exactly_the_level_is_significant_despite_rounding(chance: float, is_beyond: bool) -> None:
    assert beyond_chance(chance, 0.05) is is_beyond


# --- what is not known ----------------------------------------------------------------------------------------------
EITHER = ("FN", "FP")
"""An utterance with one missed and one unevaluated copy."""


def cases_of(side: tuple[str, ...], key: str, expected: str) -> Utterance:
    """Build an utterance that may have any of the result types in ``side``."""
    known = ResultType[side[0]] if len(side) == 1 else FN if side == EITHER else LOST
    return replace(said(key, known, expected=expected), may_be_fp=side == EITHER)


sides = st.sampled_from([("TP",), ("FP",), ("FN",)])
open_sides = st.sampled_from([("TP", "FP", "FN"), EITHER])
sides_of_none = st.sampled_from([("TN",), ("FP",)])
any_sides = st.one_of(st.tuples(sides, sides, st.just("Rent")), st.tuples(sides_of_none, sides_of_none, st.just("")))
unsure_sides = st.one_of(
    st.tuples(open_sides, sides | open_sides, st.just("Rent")),
    st.tuples(sides, open_sides, st.just("Rent")),
    st.tuples(sides_of_none | st.just(("TN", "FP")), st.just(("TN", "FP")), st.just("")),
)
worlds = st.builds(
    lambda known, unsure: [*known, *unsure], st.lists(any_sides, max_size=8), st.lists(unsure_sides, max_size=3)
)


@given(world=worlds, limit=limits)
def test_completions_stay_in_the_range(world: list[tuple[tuple[str, ...], tuple[str, ...], str]], limit: Limit) -> None:
    told = measure_drops(
        Pair(*(cases_of(side, f"say {n}", expected) for side in (was, now)))
        for n, (was, now, expected) in enumerate(world)
    )
    chosen = product(*(product(was, now, [expected]) for was, now, expected in world))
    for completion in chosen:
        one_of_them = measure_drops(
            Pair(*(said(f"say {n}", ResultType[side], expected=expected) for side in (was, now)))
            for n, (was, now, expected) in enumerate(completion)
        )
        for drop, really in one_of_them.items():
            one = told[drop]
            assert one.falls[0] <= really.falls[0] <= one.falls[1]
            assert one.chances[0] * (1 - 1e-12) <= really.chances[0] <= one.chances[1] * (1 + 1e-12)
            assert one.before[0] <= (really.was.score or 0) <= one.before[1]
            assert one.passed <= really.passed <= one.may_have_passed
            surely, perhaps = can_ever_fail(one, limit)
            assert (not surely or can_ever_fail(really, limit)[0]) and (perhaps or not can_ever_fail(really, limit)[0])
            if one.outcome(limit) is not N:
                assert really.outcome(limit) is one.outcome(limit)


def test_unevaluated_utterances_widen_the_range_of_a_drop() -> None:
    known = changed((TP, TP, 20), (TP, FN, 4)).drops[Metric.RECALL_DROP]
    one = changed((TP, TP, 20), (TP, FN, 4), (TP, LOST, 1), (LOST, TP, 1)).drops[Metric.RECALL_DROP]
    assert (one.was, one.now, one.fall, one.worse) == (known.was, known.now, known.fall, known.worse)
    assert one.falls == (Fraction(26, 26) - Fraction(22, 26) - Fraction(1, 26), Fraction(26, 26) - Fraction(21, 26))
    assert one.chances == (chance_of_fall(5, 0), chance_of_fall(4, 1))


def test_a_strict_drop_asks_for_no_chance() -> None:
    one = changed((TP, TP, 40), (TP, FN, 1)).drops[Metric.F1_DROP]
    assert one.outcome(NO_TOLERANCE) is P
    assert one.outcome(replace(NO_TOLERANCE, strict=True)) is F
    assert one.outcome(replace(NO_TOLERANCE, strict=True, tolerance=one.falls[0])) is P


# --- whether anything could fail ------------------------------------------------------------------------------------
def all_lost(seen: Iterable[Change], drop: Metric) -> Counter[Change]:
    """Return the changes if everything that passed failed now and the rest stayed the same."""
    miss = FN if drop is Metric.RECALL_DROP else FP
    return Counter((was, miss if was is TP else FP if was is TN else was) for was, _ in seen)


@example(Counter({(TP, TP): 3, (TN, FP): 20}), Metric.F1_DROP, NO_TOLERANCE)
@example(Counter({(TP, TP): 3, (TN, FP): 20}), Metric.RECALL_DROP, NO_TOLERANCE)
@example(Counter({(TP, TP): 4}), Metric.F1_DROP, NO_TOLERANCE)
@example(Counter({(TP, TP): 3}), Metric.F1_DROP, NO_TOLERANCE)
@given(seen=known_changes, drop=some_scores, limit=limits)
def test_a_check_can_fail_if_losing_everything_fails_it(seen: Counter[Change], drop: Metric, limit: Limit) -> None:
    assume(drops_of(seen)[drop].fall is not None)
    really = drops_of(all_lost(seen.elements(), drop))[drop].outcome(limit) is F
    assert can_ever_fail(drops_of(seen)[drop], limit) == (really, really)


@pytest.mark.parametrize(("open_pairs", "found"), [
    ([(TP, TP, 4)], (True, True)),
    ([(TP, TP, 3)], (False, False)),
    ([(TP, TP, 3), (LOST, TP, 1)], (False, True)),
    ([(TP, LOST, 4)], (True, True)),
    ([(TP, TP, 3), (LOST, FN, 1)], (False, True)),
    ([(TP, TP, 1), (TN, TN, 3)], (True, True)),
    ([(TP, TP, 1), (TN, TN, 2), (FN, FN, 9)], (False, False)),
    ([(TN, TN, 9), (FN, FN, 9)], (False, False)),
])  # fmt: skip
def test_unevaluated_baseline_rows_may_have_been_enough_to_lose(
    open_pairs: list[tuple[ResultType, ResultType, int]], found: tuple[bool, bool]
) -> None:
    assert can_ever_fail(changed(*open_pairs).drops[Metric.F1_DROP], NO_TOLERANCE) == found


def test_a_score_not_above_its_allowed_drop_cannot_fail() -> None:
    low = changed((TP, TP, 10), (FN, FN, 40)).drops[Metric.RECALL_DROP]
    assert can_ever_fail(low, replace(NO_TOLERANCE, tolerance=Fraction(1, 5))) == (False, False)
    assert can_ever_fail(low, replace(NO_TOLERANCE, tolerance=Fraction(19, 100))) == (True, True)


@given(level=st.sampled_from([0.05, 0.025, 0.05 / 3, 0.01, 0.3]), more=st.integers(0, 3), drop=some_scores)
def test_losing_half_of_twice_the_least_provable_loss_fails_every_drop(level: float, more: int, drop: Metric) -> None:
    least = least_provable(level)
    lost = changed((TP, FN if drop is Metric.RECALL_DROP else FP, least + more), (TP, TP, least + more), level=level)
    assert lost.drops[drop].outcome(Limit(tolerance=Fraction(0), level=level)) is F
    kept = changed((TP, FN, least - 1), (TP, TP, least + 1), level=level)
    assert kept.drops[drop].outcome(Limit(tolerance=Fraction(0), level=level)) is P


# --- the smallest loss that would have failed -----------------------------------------------------------------------
STATE = {
    "f1": {TP: 2, TN: 1, FP: 0, FN: 0},
    "precision": {TP: 2, TN: 1, FP: 0, FN: 1},
    "recall": {TP: 2, TN: 1, FP: 1, FN: 0},
    "accuracy": {TP: 2, TN: 2, FP: 0, FN: 0},
}


def with_lost(seen: Counter[Change], drop: Metric, lost: int) -> Counter[Change] | None:
    """Return the changes if ``lost`` passing utterances failed, heaviest first, and the rest did not get worse."""
    state, miss = STATE[DROPS[drop].value], FN if drop is Metric.RECALL_DROP else FP
    found: Counter[Change] = Counter()
    losable = [was for was, _ in seen.elements() if state[was] == 2]
    losable += [TN for was, _ in seen.elements() if was is TN and state[TN] == 1 and drop is not Metric.RECALL_DROP]
    if lost > len(losable):
        return None
    for was, now in seen.elements():
        found[was, now if state[now] > state[was] else was] += 1
    for was in losable[:lost]:
        kept = next(change for change in found if change[0] is was and found[change] and change[1] in (TP, TN))
        found[kept] -= 1
        found[was, miss if was is TP else FP] += 1
    return +found


@example(Counter({(FP, TP): 5, (FP, FN): 3, (TP, TP): 9}), Metric.RECALL_DROP, NO_TOLERANCE)
@example(Counter({(FN, TP): 3, (FP, FP): 2, (TP, TP): 3}), Metric.PRECISION_DROP, replace(NO_TOLERANCE, level=0.3))
@example(Counter({(TP, TP): 3, (TN, TN): 9}), Metric.F1_DROP, NO_TOLERANCE)
@given(seen=known_changes, drop=some_scores, limit=limits)
def test_fewest_lost_fail_and_one_fewer_would_not_have(seen: Counter[Change], drop: Metric, limit: Limit) -> None:
    one = drops_of(seen)[drop]
    assume(one.was.score is not None)
    tried = range(one.was.right + one.silent + 1)
    fails = [lost for lost in tried if drops_of(with_lost(seen, drop, lost) or Counter())[drop].outcome(limit) is F]
    assert with_lost(seen, drop, len(tried)) is None
    assert fewest_lost(one, limit) == min(fails, default=None)


@pytest.mark.parametrize(("utterances", "right", "level", "fewest"), [
    (3, 3, 0.05, None),      (5, 4, 0.05, 4),         (8, 7, 0.05, 4),     (20, 17, 0.05, 4),
    (100, 85, 0.05, 4),      (200, 170, 0.05, 4),     (300, 255, 0.05, 6), (500, 425, 0.05, 9),
    (1000, 850, 0.05, 17),   (5000, 4250, 0.05, 85),  (5, 4, 0.025, None), (8, 7, 0.025, 5),
    (200, 170, 0.05 / 3, 5), (300, 255, 0.05 / 3, 6),
])  # fmt: skip
def test_fewest_lost_agree_with_reference_values(utterances: int, right: int, level: float, fewest: int | None) -> None:
    one = changed((TP, TP, right), (FN, FN, utterances - right)).drops[Metric.F1_DROP]
    assert fewest_lost(one, Limit(tolerance=Fraction(1, 100), level=level)) == fewest


@pytest.mark.parametrize(("fixed", "fewest"), [(0, 4), (1, 6), (2, 8), (3, 9), (5, 12), (10, 19), (20, 32)])
def test_smallest_loss_grows_with_what_began_to_pass(fixed: int, fewest: int) -> None:
    one = changed((TP, TP, 40), (FN, TP, fixed), (TP, FN, 2)).drops[Metric.ACCURACY_DROP]
    assert fewest_lost(one, NO_TOLERANCE) == fewest


def test_smallest_loss_of_a_large_suite_is_found_at_once() -> None:
    one = changed((TP, TP, 9000), (TP, FP, 400), (FP, TP, 400), (FN, TP, 200), (TN, FP, 100), (FP, TN, 100)).drops
    for drop, found in one.items():
        limit = Limit(tolerance=Fraction(1, 100), level=ALPHA)
        fewest = fewest_lost(found, limit)
        assert fewest is not None, drop
        assert found.fails_when_lost(fewest, limit)
        assert not found.fails_when_lost(fewest - 1, limit)
