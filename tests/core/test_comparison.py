"""What changed between a baseline and a run: which utterances, which scores, and which intents."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.comparison import Comparison, Drop, IntentChange
from ci_gate.core.copies import collapsed
from ci_gate.core.metrics import DROPS, Metric, measure
from ci_gate.core.model import Case, ResultType
from ci_gate.core.statistics import benjamini_hochberg, chance_of_fall, detectable_fall
from ci_gate.core.tally import tally
from tests.core.builders import ALPHA, changed, hold, said

if TYPE_CHECKING:
    from collections.abc import Iterable

TP, TN, FP, FN, LOST = (
    ResultType.TP,
    ResultType.TN,
    ResultType.FP,
    ResultType.FN,
    ResultType.NOT_EVALUATED,
)
EVALUATED = (TP, TN, FP, FN)


def texts(cases: Iterable[Case]) -> list[str]:
    """Give what was said."""
    return [case.utterance for case in cases]


suites = st.lists(
    st.builds(
        said,
        st.integers(0, 12).map("say {}".format),
        st.sampled_from(ResultType),
        expected=st.sampled_from(["Rent Bike", "Return Bike", ""]),
    ),
    max_size=40,
)


# --- utterances -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", ResultType)
@pytest.mark.parametrize("was", ResultType)
def test_what_both_runs_evaluated_is_newly_failing_fixed_still_failing_or_as_good_as_before(
    was: ResultType, now: ResultType
) -> None:
    found = changed((was, now, 1))
    both = was in EVALUATED and now in EVALUATED
    passed, passes = was in (TP, TN), now in (TP, TN)
    assert found.shared == both
    assert found.unevaluated == (not both)
    assert len(found.newly_failing) == (both and passed and not passes)
    assert len(found.fixed) == (both and not passed and passes)
    assert len(found.still_failing) == (both and not passed and not passes)
    assert not found.added + found.removed + found.relabelled


def test_pair_tells_how_an_utterance_fared_in_each_run() -> None:
    (pair,) = changed((TP, FN, 1)).newly_failing
    assert (pair.was.result_type, pair.now.result_type) == (TP, FN)


def test_what_only_one_run_has_was_added_or_removed_and_what_failed_before_comes_first() -> None:
    then = [said("a"), said("b", FP), said("c", LOST), said("d", FN), said("e"), said("kept")]
    found = hold([said("kept"), said("new"), said("worse", FN)], then)
    assert texts(found.added) == ["new", "worse"]
    assert texts(found.removed) == ["b", "d", "a", "c", "e"]
    assert (found.shared, found.unevaluated, found.relabelled) == (1, 0, ())


@pytest.mark.parametrize(
    "now",
    [
        said("rent a bike", FN, expected="Return Bike"),
        said(" rent  a bike", FN, expected=""),
        said("rent a bike", FN, parent="Welcome"),
        said("rent a bike", FN, expected="Rent Bike | Return Bike"),
    ],
    ids=["other intent", "no intent", "other parent", "one more intent"],
)
def test_what_reads_as_before_and_is_expected_otherwise_is_relabelled_and_not_compared(now: Case) -> None:
    was = said("rent a bike")
    found = hold([now], [was])
    assert [(pair.was, pair.now) for pair in found.relabelled] == [(was, now)]
    assert (found.shared, found.added, found.removed) == (0, (), ())


def test_label_that_is_one_of_two_or_gives_way_to_two_is_paired_once() -> None:
    one, two, three = (said("the bike", expected=intent) for intent in ("Rent Bike", "Return Bike", "Find Bike"))
    split, merged = hold([two, three], [one]), hold([three], [one, two])
    assert ([(p.was, p.now) for p in split.relabelled], split.added) == ([(one, two)], (three,))
    assert ([(p.was, p.now) for p in merged.relabelled], merged.removed) == ([(one, three)], (two,))


def test_label_that_stays_is_not_taken_for_one_that_changed() -> None:
    one, two = said("the bike"), said("the bike", expected="Return Bike")
    found = hold([one, two], [one])
    assert (found.shared, found.added, found.relabelled) == (1, (two,), ())


@given(now=suites, then=suites)
def test_every_utterance_of_either_run_is_in_exactly_one_place(now: list[Case], then: list[Case]) -> None:
    found = hold(now, then)
    both = found.shared + found.unevaluated
    assert both + len(found.removed) + len(found.relabelled) == len(collapsed(then))
    assert both + len(found.added) + len(found.relabelled) == len(collapsed(now))
    assert len(found.newly_failing) + len(found.fixed) + len(found.still_failing) <= found.shared
    assert [case.is_mismatch for case in found.removed] == sorted(
        (case.is_mismatch for case in found.removed), reverse=True
    )


@given(now=suites, then=suites)
def test_the_other_way_round_what_newly_fails_is_fixed_and_what_was_removed_is_added(
    now: list[Case], then: list[Case]
) -> None:
    there, back = hold(now, then), hold(then, now)
    assert (len(there.newly_failing), len(there.fixed)) == (len(back.fixed), len(back.newly_failing))
    assert (there.shared, there.unevaluated) == (back.shared, back.unevaluated)
    assert len(there.added) + len(there.relabelled) == len(back.removed) + len(back.relabelled)


# --- scores ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now", "counted"),
    [
        (TP, FP, {"f1": "worse", "accuracy": "worse", "precision": "worse"}),
        (TP, FN, {"f1": "worse", "accuracy": "worse", "recall": "worse"}),
        (TN, FP, {"f1": "worse", "accuracy": "worse", "precision": "worse"}),
        (FP, TP, {"f1": "better", "accuracy": "better", "precision": "better"}),
        (FN, TP, {"f1": "better", "accuracy": "better", "recall": "better"}),
        (FP, TN, {"f1": "better", "accuracy": "better", "precision": "better"}),
        (FN, FP, {"precision": "worse", "recall": "better"}),
        (FP, FN, {"precision": "better", "recall": "worse"}),
        (TP, TP, {}),
        (FP, FP, {}),
        (TP, LOST, {}),
    ],
)
def test_each_score_counts_the_changes_that_it_sees(was: ResultType, now: ResultType, counted: dict[str, str]) -> None:
    found = changed((was, now, 3), (TP, TP, 5), (FN, FN, 2))
    for drop, metric in DROPS.items():
        direction = counted.get(metric.value)
        worse, better = 3 * (direction == "worse"), 3 * (direction == "better")
        one = found.drops[drop]
        assert (one.worse, one.better, one.chance) == (worse, better, chance_of_fall(worse, better))


def test_fall_is_the_score_before_less_the_score_now_exactly() -> None:
    found = changed((TP, TP, 82), (TP, FN, 8), (FN, TP, 3), (FN, FN, 7)).drops
    assert {drop.value: (one.was, one.now) for drop, one in found.items()} == {
        "f1_drop": (Fraction(180, 190), Fraction(170, 185)),
        "precision_drop": (Fraction(1), Fraction(1)),
        "recall_drop": (Fraction(90, 100), Fraction(85, 100)),
        "accuracy_drop": (Fraction(90, 100), Fraction(85, 100)),
    }
    assert found[Metric.RECALL_DROP].fall == Fraction(5, 100)
    assert changed((FN, TP, 1), (TP, TP, 1)).drops[Metric.RECALL_DROP].fall == Fraction(-1, 2)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ((TN, TN, 3), {"f1_drop", "precision_drop", "recall_drop"}),
        ((FN, TP, 3), {"precision_drop"}),
        ((TN, FP, 3), {"f1_drop", "precision_drop", "recall_drop"}),
        ((LOST, TP, 3), {"f1_drop", "precision_drop", "recall_drop", "accuracy_drop"}),
    ],
)
def test_score_that_either_run_does_not_have_has_no_fall(
    change: tuple[ResultType, ResultType, int], missing: set[str]
) -> None:
    assert {drop.value for drop, one in changed(change).drops.items() if one.fall is None} == missing


@given(now=suites, then=suites)
def test_falls_are_those_of_the_shared_utterances_and_of_nothing_else(now: list[Case], then: list[Case]) -> None:
    here, there = collapsed(now), collapsed(then)
    shared = [
        key
        for key in there.keys() & here.keys()
        if all(one.result_type in EVALUATED for one in (there[key], here[key]))
    ]
    found = hold(now, then)
    alone = hold([here[key] for key in shared], [there[key] for key in shared])
    assert found.drops == alone.drops
    assert found.detectable == alone.detectable
    assert found.intents == alone.intents
    for drop, metric in DROPS.items():
        assert found.drops[drop].was == measure(metric, tally(tuple(there[key] for key in shared)))
        assert found.drops[drop].now == measure(metric, tally(tuple(here[key] for key in shared)))


@given(suite=suites)
def test_a_run_against_itself_changes_nothing(suite: list[Case]) -> None:
    found = hold(suite, suite)
    assert not found.newly_failing + found.fixed + found.added + found.removed + found.relabelled
    assert all(one.fall in (None, 0) and one.chance == 0.5 for one in found.drops.values())
    assert not found.worse_intents


def test_fall_that_would_have_shown_is_that_of_the_shared_utterances() -> None:
    found = changed((TP, TP, 61), (TP, FN, 20), (FN, TP, 10), (FN, FN, 9), (LOST, TP, 50))
    assert found.detectable == detectable_fall(100, 30, alpha=ALPHA)
    assert changed((TP, TP, 2)).detectable is None


def test_drop_without_both_scores_has_no_fall() -> None:
    known = Drop(was=Fraction(1), now=Fraction(1, 2), worse=1, better=0, chance=0.25)
    assert known.fall == Fraction(1, 2)
    assert replace(known, was=None).fall is None
    assert replace(known, now=None).fall is None


# --- intents --------------------------------------------------------------------------------------------------------


def of_intents(*changes: tuple[str, int, int, int]) -> Comparison:
    """Hold runs against each other in which so many of an intent's utterances got worse, better, and neither."""
    then, now = [], []
    for intent, worse, better, same in changes:
        types = [(TP, FN)] * worse + [(FN, TP)] * better + [(TP, TP)] * same
        for row, (was, is_) in enumerate(types, start=1):
            then.append(said(f"{intent} {row}", was, expected=intent))
            now.append(said(f"{intent} {row}", is_, expected=intent))
    return hold(now, then)


def test_every_intent_is_tested_on_its_own_and_allowed_for_how_many_there_are() -> None:
    found = of_intents(("Pay Bill", 8, 1, 11), ("Find Shop", 0, 0, 20), ("Rent Bike", 2, 2, 16), ("", 1, 0, 4)).intents
    chances = [chance_of_fall(8, 1), chance_of_fall(1, 0), chance_of_fall(2, 2), chance_of_fall(0, 0)]
    adjusted = benjamini_hochberg(chances)
    assert found == (
        IntentChange(intent="Pay Bill", shared=20, worse=8, better=1, chance=chances[0], adjusted=adjusted[0]),
        IntentChange(intent="(no intent)", shared=5, worse=1, better=0, chance=chances[1], adjusted=adjusted[1]),
        IntentChange(intent="Find Shop", shared=20, worse=0, better=0, chance=chances[3], adjusted=adjusted[3]),
        IntentChange(intent="Rent Bike", shared=20, worse=2, better=2, chance=chances[2], adjusted=adjusted[2]),
    )


def test_of_equally_sure_intents_the_one_that_lost_most_comes_first_then_the_alphabet_decides() -> None:
    found = of_intents(("Block Card", 4, 0, 5), ("Pay Bill", 5, 0, 4), ("Rent Bike", 0, 0, 9), ("Find Shop", 0, 0, 9))
    first, second, *rest = found.intents
    assert first.adjusted == second.adjusted
    assert (first.intent, second.intent) == ("Pay Bill", "Block Card")
    assert [change.intent for change in rest] == ["Find Shop", "Rent Bike"]


def test_alternatives_are_one_intent() -> None:
    assert [change.intent for change in of_intents(("Rent Bike | Return Bike", 1, 0, 0)).intents] == [
        "Rent Bike | Return Bike"
    ]


@pytest.mark.parametrize(
    ("worse", "better", "others", "is_worse"),
    [
        (3, 0, 0, True),
        (2, 0, 0, False),
        (3, 0, 1, False),
        (4, 0, 1, True),
        (4, 0, 3, False),
        (5, 0, 3, True),
        (5, 5, 0, False),
        (0, 5, 0, False),
    ],
)
def test_intent_got_worse_where_its_adjusted_chance_is_one_in_ten_or_less(
    worse: int, better: int, others: int, is_worse: bool
) -> None:
    steady = [(f"Steady {number}", 0, 0, 9) for number in range(others)]
    found = of_intents(("Pay Bill", worse, better, 9), *steady)
    assert [change.intent for change in found.worse_intents] == ["Pay Bill"] * is_worse


def test_as_many_worse_as_better_is_never_worse_whatever_the_chance() -> None:
    change = IntentChange(intent="Pay Bill", shared=9, worse=1, better=1, chance=0.0, adjusted=0.0)
    assert not change.is_worse
    assert replace(change, worse=2).is_worse


@pytest.mark.parametrize(("adjusted", "is_worse"), [(0.0999, True), (0.10, True), (0.1001, False)])
def test_one_false_alarm_in_ten_is_just_allowed(adjusted: float, is_worse: bool) -> None:
    change = IntentChange(intent="Pay Bill", shared=9, worse=5, better=1, chance=0.01, adjusted=adjusted)
    assert change.is_worse is is_worse


@given(now=suites, then=suites)
def test_intents_account_for_every_shared_utterance_and_come_in_the_order_of_their_chances(
    now: list[Case], then: list[Case]
) -> None:
    found = hold(now, then)
    assert sum(change.shared for change in found.intents) == found.shared
    assert sum(change.worse for change in found.intents) == len(found.newly_failing)
    assert sum(change.better for change in found.intents) == len(found.fixed)
    adjusted = [change.adjusted for change in found.intents]
    assert adjusted == sorted(adjusted)
    assert all(change.chance <= change.adjusted <= 1 for change in found.intents)
