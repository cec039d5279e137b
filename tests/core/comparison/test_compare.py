"""The utterances that changed between a baseline and a run, and those of which that is unknown."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.comparison.baseline import Baseline, Origin
from ci_gate.core.comparison.compare import Comparison, matched
from ci_gate.core.duplicates import collapsed
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.statistics.chance import detectable_fall
from tests.core.builders import ALPHA, FN, FP, LOST, TN, TP, changed, hold, said, suites

if TYPE_CHECKING:
    from collections.abc import Iterable

EVALUATED = (TP, TN, FP, FN)


def texts(cases: Iterable[Utterance]) -> list[str]:
    return [case.text for case in cases]


few = st.integers(0, 4)


@pytest.mark.parametrize("now", ResultType)
@pytest.mark.parametrize("was", ResultType)
def test_a_pair_is_newly_failing_fixed_still_failing_or_unchanged(was: ResultType, now: ResultType) -> None:
    found = changed((was, now, 1))
    both = was in EVALUATED and now in EVALUATED
    passed, passes = was in (TP, TN), now in (TP, TN)
    assert found.shared == both
    assert found.unevaluated == (not both)
    assert len(found.newly_failing) == (both and passed and not passes)
    assert len(found.fixed) == (both and not passed and passes)
    assert len(found.still_failing) == (both and not passed and not passes)
    assert found.changed == (both and passed is not passes)
    assert not found.added + found.removed + found.relabelled


@pytest.mark.parametrize("now", ResultType)
@pytest.mark.parametrize("was", ResultType)
def test_a_half_known_pair_may_be_newly_failing(was: ResultType, now: ResultType) -> None:
    both = was in EVALUATED and now in EVALUATED
    ruled_out = was in (FP, FN) or now in (TP, TN)
    assert len(changed((was, now, 1)).may_be_failing) == (not both and not ruled_out)


def test_a_pair_holds_both_results() -> None:
    (pair,) = changed((TP, FN, 1)).newly_failing
    assert (pair.was.result_type, pair.now.result_type) == (TP, FN)


def test_utterances_of_one_run_were_added_or_removed_failing_ones_first() -> None:
    then = [said("a"), said("b", FP), said("c", LOST), said("d", FN), said("e"), said("kept")]
    found = hold([said("kept"), said("new"), said("worse", FN)], then)
    assert texts(found.added) == ["new", "worse"]
    assert texts(found.removed) == ["b", "d", "a", "c", "e"]
    assert (found.shared, found.unevaluated, found.relabelled) == (1, 0, ())


@pytest.mark.parametrize("now", [
    said("rent a bike", FN, expected="Return Bike"),
    said(" rent  a bike", FN, expected=""),
    said("rent a bike", FN, parent="Welcome"),
    said("rent a bike", FN, expected="Rent Bike | Return Bike"),
], ids=["other intent", "no intent", "other parent", "one more intent"])  # fmt: skip
def test_a_changed_expectation_is_a_relabelling_and_not_compared(now: Utterance) -> None:
    was = said("rent a bike")
    found = hold([now], [was])
    assert [(pair.was.key, pair.now) for pair in found.relabelled] == [(was.key, now)]
    assert (found.shared, found.added, found.removed) == (0, (), ())


@pytest.mark.parametrize(("then", "now"), [
    (said("rent a bike", expected="RENT bike"), said("rent a bike", FN, expected="Rent Bike")),
    (said("rent a bike", expected="A | B"), said("rent a bike", FN, expected="b | a")),
    (said("rent a bike", parent="A||B"), said("rent a bike", FN, parent="a >> b")),
    (said("cafe\u0301", expected="Cafe\u0301"), said("caf\u00e9", FN, expected="CAF\u00c9")),
    (said(" rent  a bike"), said("rent a bike", FN)),
], ids=["case", "order", "parents", "composed letters", "blanks"])  # fmt: skip
def test_two_spellings_of_a_name_are_compared(then: Utterance, now: Utterance) -> None:
    found = hold([now], [then])
    assert (len(found.newly_failing), found.added, found.removed, found.relabelled) == (1, (), (), ())


@pytest.mark.parametrize("hides_then", [False, True])
@pytest.mark.parametrize("hides_now", [False, True])
def test_relabelling_is_found_if_either_run_is_hashed(hides_then: bool, hides_now: bool) -> None:
    was, now = said("my  bike", expected="Rent Bike"), said("my bike", expected="Return Bike")
    was, now = (was.hashed() if hides_then else was), (now.hashed() if hides_now else now)
    found = hold([now], [was])
    assert [(pair.was, pair.now) for pair in found.relabelled] == [(was, now)]
    assert (found.added, found.removed) == ((), ())


def test_changes_use_the_spelling_of_the_current_run() -> None:
    was = replace(said("the bike", FP, expected="rent bike"), matched=("RETURN BIKE",))
    now, other = said("the bike", expected="Rent Bike"), said("the car", expected="Return Bike")
    (fixed,) = hold([now, other], [was, other]).fixed
    assert (fixed.was.expected, fixed.was.matched) == (("Rent Bike",), ("Return Bike",))
    (moved,) = hold([said("the bike", expected="Return Bike"), said("x", expected="Rent Bike")], [was]).relabelled
    assert (moved.was.expected, moved.was.matched) == (("Rent Bike",), ("Return Bike",))


def test_a_label_that_splits_or_merges_is_paired_once() -> None:
    one, two, three = (said("the bike", expected=intent) for intent in ("Rent Bike", "Return Bike", "Find Bike"))
    split, merged = hold([two, three], [one]), hold([three], [one, two])
    assert ([(p.was, p.now) for p in split.relabelled], split.added) == ([(one, two)], (three,))
    assert ([(p.was, p.now) for p in merged.relabelled], merged.removed) == ([(one, three)], (two,))


def test_a_label_that_stays_is_not_a_relabelling() -> None:
    one, two = said("the bike"), said("the bike", expected="Return Bike")
    found = hold([one, two], [one])
    assert (found.shared, found.added, found.relabelled) == (1, (two,), ())


@given(now=suites, then=suites)
def test_every_utterance_is_in_exactly_one_group(now: list[Utterance], then: list[Utterance]) -> None:
    found = hold(now, then)
    both = found.shared + found.unevaluated
    assert both + len(found.removed) + len(found.relabelled) == len(collapsed(then))
    assert both + len(found.added) + len(found.relabelled) == len(collapsed(now))
    assert len(found.newly_failing) + len(found.fixed) + len(found.still_failing) <= found.shared
    assert len(found.may_be_failing) <= found.unevaluated
    assert [case.is_mismatch for case in found.removed] == sorted(
        (case.is_mismatch for case in found.removed), reverse=True
    )


@given(now=suites, then=suites)
def test_swapping_the_runs_swaps_every_change(now: list[Utterance], then: list[Utterance]) -> None:
    there, back = hold(now, then), hold(then, now)
    assert (len(there.newly_failing), len(there.fixed)) == (len(back.fixed), len(back.newly_failing))
    assert (there.shared, there.unevaluated) == (back.shared, back.unevaluated)
    assert len(there.added) + len(there.relabelled) == len(back.removed) + len(back.relabelled)


def counted(found: Comparison) -> tuple[object, ...]:
    """Return everything that can affect a verdict."""
    intents = sorted((one.intent, one.adjusted, one.passed, one.flipped.unknown) for one in found.intents)
    sizes = [len(part) for part in (found.newly_failing, found.fixed, found.added, found.removed, found.relabelled)]
    return found.shared, found.unevaluated, len(found.may_be_failing), sizes, found.drops, found.detectable, intents


@given(now=suites, then=suites, seed=st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(now: list[Utterance], then: list[Utterance], seed: int) -> None:
    shuffled = [random.Random(seed).sample(suite, len(suite)) for suite in (now, then)]
    assert counted(hold(*shuffled)) == counted(hold(now, then))


@given(suite=suites)
def test_a_run_against_itself_changes_nothing(suite: list[Utterance]) -> None:
    found = hold(suite, suite)
    assert not found.newly_failing + found.fixed + found.added + found.removed + found.relabelled
    assert not found.worse_intents
    known = [case for case in suite if case.is_evaluated]
    alone = hold(known, known)
    assert not alone.may_be_failing
    assert not any(one.fall or any(one.falls) for one in alone.drops.values())
    assert {chance for one in alone.drops.values() for chance in one.chances} == {0.5}


def test_the_detectable_drop_is_that_of_the_shared_utterances() -> None:
    found = changed((TP, TP, 180), (TP, FN, 9), (FN, TP, 11), (TP, LOST, 50))
    assert found.detectable == detectable_fall(200, 20, alpha=ALPHA)
    stricter = changed((TP, TP, 180), (TP, FN, 9), (FN, TP, 11), level=ALPHA / 5)
    assert stricter.detectable == detectable_fall(200, 20, alpha=ALPHA / 5)
    assert changed((TP, LOST, 50)).detectable is None


KEPT = [said(f"say {row}", row=row) for row in range(1, 9)]
GONE = [said("gone 1"), said("gone 2", FP, expected="Pay Bill")]
NEW = [said("new 1"), said("new 2", FN, expected="Pay Bill")]


def places(found: Comparison) -> tuple[int, int, int, int, int]:
    """Return the numbers of shared, unevaluated, added, removed and unidentified utterances."""
    return found.shared, found.unevaluated, len(found.added), len(found.removed), found.adrift


@pytest.mark.parametrize(("absent", "found"), [
    (0, (8, 0, 0, 2, 0)),
    (1, (8, 0, 0, 2, 1)),  # it is unknown which of the two
    (2, (8, 2, 0, 0, 0)),
    (3, (8, 2, 0, 0, 1)),  # a copy of one of the others, perhaps
])  # fmt: skip
def test_rows_the_file_lacks_were_not_removed(absent: int, found: tuple[int, int, int, int, int]) -> None:
    assert places(hold(KEPT, [*KEPT, *GONE], absent=absent)) == found


@pytest.mark.parametrize(
    ("absent_then", "found"), [(0, (8, 0, 2, 0, 0)), (1, (8, 0, 2, 0, 1)), (2, (8, 2, 0, 0, 0)), (4, (8, 2, 0, 0, 2))]
)
def test_rows_the_baseline_lacks_were_not_added(absent_then: int, found: tuple[int, int, int, int, int]) -> None:
    told = hold([*KEPT, *NEW], KEPT, absent_then=absent_then)
    assert places(told) == found
    assert told.adrift_then == told.adrift


def test_a_row_that_the_file_lacks_may_newly_fail_unless_it_failed() -> None:
    found = hold(KEPT, [*KEPT, *GONE, said("gone 3", LOST)], absent=3)
    assert {pair.was.text for pair in found.may_be_failing} == {"gone 1", "gone 3"}
    assert {pair.now.result_type for pair in found.may_be_failing} == {LOST}
    (pair,) = (pair for pair in found.pairs if pair.was.text == "gone 2")
    assert (pair.now.matched, pair.now.expected, pair.now.is_evaluated) == ((), ("Pay Bill",), False)


def test_a_row_that_the_baseline_lacks_may_newly_fail_if_it_fails() -> None:
    found = hold([*KEPT, *NEW], KEPT, absent_then=2)
    assert [pair.now.text for pair in found.may_be_failing] == ["new 2"]


def test_both_files_may_lack_some() -> None:
    found = hold([*KEPT, *NEW], [*KEPT, *GONE], absent=2, absent_then=2)
    assert places(found) == (8, 4, 0, 0, 0)
    found = hold([*KEPT, *NEW], [*KEPT, *GONE], absent=1, absent_then=3)
    assert (places(found), found.adrift_then) == ((8, 2, 0, 2, 2), 1)


def test_a_relabelled_utterance_is_neither_removed_nor_added() -> None:
    moved = said("say 1", expected="Pay Bill")
    found = hold([moved, *KEPT[1:]], [*KEPT, GONE[0]], absent=1)
    assert (len(found.relabelled), places(found)) == (1, (7, 1, 0, 0, 0))


@given(now=suites, then=suites, absent=few, absent_then=few)
def test_no_run_lost_too_many(now: list[Utterance], then: list[Utterance], absent: int, absent_then: int) -> None:
    base = Baseline(name="old.csv", origin=Origin(), utterances=collapsed(then), absent=absent_then)
    told = matched(base, collapsed(now), absent=absent)
    filled = [pair for pair in told.pairs if pair.was.key not in collapsed(now)]
    filled_then = [pair for pair in told.pairs if pair.now.key not in base.utterances]
    assert len(filled) + len(filled_then) + told.adrift == absent + absent_then
    assert len(filled_then) + told.adrift_then == absent_then
    assert not any(pair.now.is_evaluated or pair.now.may_be_fp for pair in filled)
    assert not any(pair.was.is_evaluated or pair.was.may_be_fp for pair in filled_then)
