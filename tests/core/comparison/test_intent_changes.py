"""Which intents got significantly worse, what is unknown about them, and the smallest failing loss."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ci_gate.core.comparison.intent_changes import IntentChange, can_regress, fewest_lost_in, measure_intents
from ci_gate.core.comparison.pair import Pair
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.statistics.chance import chance_of_fall
from ci_gate.core.statistics.sign_flip import least_provable
from ci_gate.core.statistics.step_up import Flipped, adjusted_chances
from tests.core.builders import ALPHA, hold, said, suites
from tests.core.reference_values_2 import REGRESSIONS

if TYPE_CHECKING:
    from ci_gate.core.comparison.compare import Comparison

    Row = tuple[str, ResultType, ResultType]
    Change = tuple[int, int, int]
    """Worse, better and still passing utterances of an intent."""

TP, FN, FP, LOST = ResultType.TP, ResultType.FN, ResultType.FP, ResultType.NOT_EVALUATED
SHARED = 0.05 / 3
levels = st.sampled_from([ALPHA, SHARED, 0.3])
small = st.integers(0, 5)
intents = st.lists(st.tuples(small, small, small), min_size=1, max_size=4)


def of_intents(*changes: tuple[str, int, int, int], level: float = ALPHA) -> Comparison:
    """Compare runs in which the given numbers of utterances per intent got worse, got better and still pass."""
    then, now = [], []
    for intent, worse, better, same in changes:
        types = [(TP, FN)] * worse + [(FN, TP)] * better + [(TP, TP)] * same
        for row, (was, is_) in enumerate(types, start=1):
            then.append(said(f"{intent} {row}", was, expected=intent))
            now.append(said(f"{intent} {row}", is_, expected=intent))
    return hold(now, then, level=level)


def numbered(changes: list[Change], level: float = ALPHA) -> tuple[IntentChange, ...]:
    return of_intents(*((f"Intent {n}", *change) for n, change in enumerate(changes)), level=level).intents


def test_every_intent_is_tested_and_adjusted_for_their_number() -> None:
    found = of_intents(("Pay Bill", 8, 1, 11), ("Find Shop", 0, 0, 20), ("Rent Bike", 2, 2, 16), ("", 1, 0, 4)).intents
    told = [(8, 1), (1, 0), (0, 0), (2, 2)]
    flipped = [Flipped(worse=worse, better=better) for worse, better in told]
    least, most = adjusted_chances(flipped)
    assert least == most
    names = zip(("Pay Bill", "(no intent)", "Find Shop", "Rent Bike"), (20, 5, 20, 20), flipped, least, strict=True)
    assert found == tuple(
        IntentChange(
            intent=intent,
            shared=shared,
            worse=change.worse,
            better=change.better,
            chance=chance_of_fall(change.worse, change.better),
            adjusted=(adjusted, adjusted),
            level=ALPHA,
            flipped=change,
            passed=shared - change.better,
            may_have_passed=shared - change.better,
        )
        for intent, shared, change, adjusted in names
    )


@pytest.mark.parametrize(("changes", "least"), REGRESSIONS)
def test_least_chance_agrees_with_reference_values(changes: tuple[tuple[int, int], ...], least: float) -> None:
    first, *_ = numbered([(*change, 1) for change in changes])
    assert first.adjusted == (least, least)


def test_intents_are_sorted_by_chance_losses_and_name() -> None:
    found = of_intents(("Block Card", 4, 0, 5), ("Pay Bill", 5, 0, 4), ("Rent Bike", 0, 0, 9), ("Find Shop", 0, 0, 9))
    assert [change.intent for change in found.intents] == ["Pay Bill", "Block Card", "Find Shop", "Rent Bike"]


def test_alternatives_are_one_intent_in_any_order_and_spelling() -> None:
    then = [said("a", expected="Rent Bike | Return Bike"), said("b", expected="return bike | RENT bike")]
    (found,) = hold(then, then).intents
    assert (found.intent, found.shared) == ("Rent Bike | Return Bike", 2)
    (again,) = hold(then[::-1], then[::-1]).intents
    assert again == found


@pytest.mark.parametrize(("worse", "better", "others", "level", "is_worse"), [
    (4, 0, 0, ALPHA, True),
    (3, 0, 0, ALPHA, False),
    (4, 0, 99, ALPHA, True),  # intents in which nothing changed do not count
    (4, 0, 0, SHARED, False),
    (5, 0, 99, SHARED, True),
    (6, 1, 0, ALPHA, True),
    (5, 1, 0, ALPHA, False),
    (5, 5, 0, ALPHA, False),
    (0, 5, 0, ALPHA, False),
])  # fmt: skip
def test_an_intent_is_worse_up_to_the_level(worse: int, better: int, others: int, level: float, is_worse: bool) -> None:
    steady = [(f"Steady {number}", 0, 0, 1) for number in range(others)]
    found = of_intents(("Pay Bill", worse, better, 9), *steady, level=level)
    assert [change.intent for change in found.worse_intents] == ["Pay Bill"] * is_worse
    assert [change.may_be_worse for change in found.intents if change.intent == "Pay Bill"] == [is_worse]


def test_the_test_of_a_single_intent_agrees_with_that_of_its_score() -> None:
    for worse, better in product(range(9), range(4)):
        found = of_intents(("Pay Bill", worse, better, 3))
        (one,) = found.intents
        chances = {drop.chances[1] for drop in found.drops.values() if drop.fall}
        assert not worse > better or chances == {one.adjusted[1]}


CHANGE = of_intents(("Pay Bill", 5, 1, 3)).intents[0]


@pytest.mark.parametrize(("adjusted", "is_worse"), [(0.0499, True), (0.05, True), (0.0501, False)])
def test_a_chance_of_exactly_the_level_is_worse(adjusted: float, is_worse: bool) -> None:
    assert replace(CHANGE, adjusted=(adjusted, adjusted)).is_worse is is_worse


def test_as_many_worse_as_better_is_never_worse() -> None:
    even = replace(CHANGE, worse=1, better=1, adjusted=(0.0, 0.0))
    assert not even.is_worse
    assert replace(even, worse=2).is_worse


@given(now=suites, then=suites)
def test_intents_cover_every_shared_utterance_and_are_sorted(now: list[Utterance], then: list[Utterance]) -> None:
    found = hold(now, then)
    assert sum(change.shared for change in found.intents) == found.shared
    assert sum(change.flipped.unknown for change in found.intents) == found.unevaluated
    assert sum(change.worse for change in found.intents) == len(found.newly_failing)
    assert sum(change.better for change in found.intents) == len(found.fixed)
    most = [change.adjusted[1] for change in found.intents]
    assert most == sorted(most)
    assert all(0 <= low <= high <= 1 for low, high in (change.adjusted for change in found.intents))


sides = st.sampled_from([TP, FN, LOST])
rows = st.lists(
    st.tuples(st.sampled_from(["Pay Bill", "Rent Bike", "Find Shop"]), st.sampled_from([TP, TP, FN]), st.just(FN))
    | st.tuples(st.sampled_from(["Pay Bill", "Rent Bike"]), sides, sides),
    max_size=14,
).filter(lambda found: sum([*row].count(LOST) for row in found) <= 5)


def measured(found: list[Row], level: float) -> tuple[IntentChange, ...]:
    return measure_intents(
        [
            Pair(said(f"say {n}", was, expected=intent), said(f"say {n}", now, expected=intent))
            for n, (intent, was, now) in enumerate(found)
        ],
        level,
    )


def completions(found: list[Row]) -> list[list[Row]]:
    options = ([TP, FN] if side is LOST else [side] for _, *pair in found for side in pair)
    intents = [intent for intent, *_ in found]
    return [[*zip(intents, each[::2], each[1::2], strict=True)] for each in product(*options)]


@given(found=rows, level=levels, allowed=st.integers(0, 2))
def test_every_completion_agrees_with_what_is_certain(found: list[Row], level: float, allowed: int) -> None:
    told = {one.intent: one for one in measured(found, level)}
    surely, perhaps = can_regress([*told.values()], allowed, level)
    for completion in completions(found):
        real = measured(completion, level)
        for one in real:
            known = told[one.intent]
            assert known.adjusted[0] <= one.adjusted[0] * (1 + 1e-12)
            assert one.adjusted[1] <= known.adjusted[1] * (1 + 1e-12)
            assert known.is_worse <= one.is_worse <= known.may_be_worse
            assert known.passed <= one.passed <= known.may_have_passed
        really = can_regress(real, allowed, level)[0]
        assert surely <= really <= perhaps


@pytest.mark.parametrize(("lost", "is_worse", "may_be_worse"), [
    ([], True, True),            ([(TP, LOST)], True, True),    ([(LOST, TP)], False, True),
    ([(FN, LOST)], False, True), ([(LOST, LOST)], False, True),
])  # fmt: skip
def test_an_unevaluated_utterance_may_make_it_chance(
    lost: list[tuple[ResultType, ResultType]], is_worse: bool, may_be_worse: bool
) -> None:
    pairs = [*[(TP, FN)] * 4, *[(TP, TP)] * 5, *lost]
    (one,) = measured([("Pay Bill", *pair) for pair in pairs], ALPHA)
    assert (one.is_worse, one.may_be_worse) == (is_worse, may_be_worse)


def test_a_failure_of_unknown_kind_is_a_failure() -> None:
    missed = replace(said("a", FN), may_be_fp=True)
    (one,) = measure_intents([Pair(said("a"), missed)], ALPHA)
    assert one.flipped == Flipped(worse=1, better=0)


def flagged_when_all_is_lost(changes: list[Change], level: float) -> int:
    lost = numbered([(worse + same, 0, 0) for worse, _, same in changes if worse + same], level)
    return sum(one.is_worse for one in lost)


@example([(3, 0, 0), (5, 0, 0), (5, 0, 0)], 2, ALPHA)  # the first is found beside the others only
@example([(3, 0, 0), (6, 0, 0), (6, 0, 0)], 2, ALPHA)  # and not beside larger ones
@example([(0, 0, 3)] * 4, 0, ALPHA)
@given(changes=intents, allowed=st.integers(0, 3), level=levels)
def test_can_regress_agrees_with_a_total_loss(changes: list[Change], allowed: int, level: float) -> None:
    really = flagged_when_all_is_lost(changes, level) > allowed
    assert can_regress(numbered(changes, level), allowed, level) == (really, really)


@given(level=levels, others=st.lists(st.integers(0, 6), max_size=5))
def test_a_large_enough_intent_can_always_fail(level: float, others: list[int]) -> None:
    large = numbered([(0, 0, least_provable(level)), *((0, 0, same) for same in others)], level)
    assert can_regress(large, 0, level) == (True, True)
    small_ones = numbered([(0, 0, min(same, least_provable(level) - 1)) for same in others], level)
    assert can_regress(small_ones, 0, level) == (False, False)


@given(share=st.integers(1, 40), more=st.integers(0, 4), others=st.lists(st.tuples(small, small), max_size=6))
def test_losing_all_of_a_large_enough_intent_always_fails(share: int, more: int, others: list[tuple[int, int]]) -> None:
    level = ALPHA / share
    enough = math.ceil(math.log2(share / ALPHA) - 1e-9) - 1
    assert least_provable(level) == enough
    lost = [(enough + more, 0, 0), *((worse, 0, same) for worse, same in others)]
    assert any(change.is_worse for change in numbered(lost, level))


@pytest.mark.parametrize(("pairs", "allowed", "found"), [
    ([*[(TP, TP)] * 3, (LOST, TP)], 0, (False, True)),  ([*[(TP, TP)] * 4, (LOST, TP)], 0, (True, True)),
    ([*[(TP, TP)] * 2, (LOST, FN)], 0, (False, False)), ([*[(TP, TP)] * 4, (LOST, TP)], 1, (False, False)),
    ([(TP, LOST)] * 4, 0, (True, True)),
])  # fmt: skip
def test_unevaluated_baseline_rows_may_make_an_intent_large_enough(
    pairs: list[tuple[ResultType, ResultType]], allowed: int, found: tuple[bool, bool]
) -> None:
    assert can_regress(measured([("Pay Bill", *pair) for pair in pairs], ALPHA), allowed, ALPHA) == found


def fails_with(changes: list[Change], lost: dict[int, int], level: float) -> bool:
    """Whether each intent in ``lost`` is significantly worse with that many losses, the others unchanged."""
    tried = [Flipped(worse=lost.get(n, worse), better=better) for n, (worse, better, _) in enumerate(changes)]
    _, most = adjusted_chances(tried)
    return all(most[n] <= level * (1 + 1e-12) for n in lost)


def fewest_by_trying(changes: list[Change], level: float) -> int | None:
    """Try every loss of every intent that is significant on its own."""
    found = [
        lost
        for n, (worse, better, same) in enumerate(changes)
        for lost in range(1, worse + same + 1)
        if chance_of_fall(lost, better) <= level * (1 + 1e-12) and fails_with(changes, {n: lost}, level)
    ]
    return min(found, default=None)


def at(changes: list[Change], allowed: int, level: float = ALPHA) -> int | None:
    seen = [
        replace(CHANGE, worse=worse, better=better, passed=worse + same, may_have_passed=worse + same)
        for worse, better, same in changes
    ]
    return fewest_lost_in(seen, allowed, level)


@given(changes=st.lists(st.tuples(st.integers(0, 9), small, st.integers(0, 9)), min_size=1, max_size=5), level=levels)
def test_fewest_lost_of_one_intent_agree_with_trying_all(changes: list[Change], level: float) -> None:
    assert at(changes, 0, level) == fewest_by_trying(changes, level)


@pytest.mark.parametrize(("changes", "allowed", "level", "fewest"), [
    ([(0, 0, 20)], 0, ALPHA, 4),                    ([(0, 0, 20)], 0, 0.025, 5),
    ([(0, 0, 20)], 0, SHARED, 5),                   ([(0, 1, 20)], 0, ALPHA, 6),
    ([(0, 0, 20), *[(1, 1, 9)] * 99], 0, ALPHA, 4), ([(0, 0, 20), *[(3, 2, 9)] * 20], 0, ALPHA, 6),
    ([(0, 0, 3)] * 9, 0, ALPHA, None),              ([(0, 0, 20)], 1, ALPHA, None),
    ([(0, 0, 20), (0, 0, 20)], 1, ALPHA, 8),        ([(0, 0, 20), (0, 2, 20)], 1, ALPHA, 12),
    ([(0, 0, 3), (0, 0, 20)], 1, ALPHA, None),      ([(0, 9, 20), (0, 9, 20)], 0, ALPHA, 20),
])  # fmt: skip
def test_smallest_loss_of_an_intent(changes: list[Change], allowed: int, level: float, fewest: int | None) -> None:
    assert at(changes, allowed, level) == fewest


@given(changes=intents, level=levels)
def test_fewest_lost_of_two_intents_fail_both(changes: list[Change], level: float) -> None:
    fewest = at(changes, 1, level)
    sizes = [range(1, worse + same + 1) for worse, _, same in changes]
    pairs = [
        a + b
        for one, first in enumerate(sizes)
        for other, second in enumerate(sizes[:one])
        for a, b in product(first, second)
        if fails_with(changes, {one: a, other: b}, level)
    ]
    assert fewest is None or fewest in pairs
