"""Copies of an utterance: the one that counts, unstable ones, and contradictory labels."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.duplicates import collapsed, disagreeing, labelled_twice
from ci_gate.core.evidence import unevaluated
from ci_gate.core.model import ResultType, Utterance
from tests.core.builders import said

TP, FP, FN, LOST, UNKNOWN = (ResultType.TP, ResultType.FP, ResultType.FN, ResultType.NOT_EVALUATED, ResultType.UNKNOWN)


def copies(*types: ResultType) -> tuple[Utterance, ...]:
    """Build one copy of an utterance per result type, in rows from 1 on."""
    return tuple(said("rent a bike", result_type, row=row) for row, result_type in enumerate(types, start=1))


suites = st.lists(
    st.builds(
        said,
        st.sampled_from(["rent a bike", "return it", "hello"]),
        st.sampled_from(ResultType),
        expected=st.sampled_from(["Rent Bike", "Return Bike", ""]),
        parent=st.sampled_from([None, "Rent Bike"]),
    ),
    max_size=30,
)


FN_OR_FP = (FN, FP)


@pytest.mark.parametrize(("types", "options"), [
    ((TP,), (TP,)),                ((TP, TP), (TP,)),          ((FP,), (FP,)),
    ((TP, FP), (FP,)),             ((TP, FN, FP), (FP,)),      ((FN, FN), (FN,)),
    ((LOST,), (TP, FP, FN)),       ((LOST, TP), (TP, FP, FN)), ((LOST, UNKNOWN, TP), (TP, FP, FN)),
    ((LOST, FP), (FP,)),           ((LOST, FN), FN_OR_FP),     ((LOST, TP, FN), FN_OR_FP),
    ((UNKNOWN, FN, FN), FN_OR_FP), ((LOST, FN, FP), (FP,)),
])  # fmt: skip
def test_the_worst_copy_decides(types: tuple[ResultType, ...], options: tuple[ResultType, ...]) -> None:
    for order in permutations(types):
        (kept,) = collapsed(copies(*order)).values()
        assert unevaluated.options(kept) == options
        assert kept.may_be_fp is (kept.is_mismatch and not {LOST, UNKNOWN}.isdisjoint(types))


@given(suite=suites)
def test_an_utterance_passes_if_all_copies_do_and_fails_if_one_does(suite: list[Utterance]) -> None:
    kept = collapsed(suite)
    assert kept.keys() == {case.key for case in suite}
    for key, one in kept.items():
        alike = [case for case in suite if case.key == key]
        assert one.passed is all(case.passed for case in alike)
        assert one.is_mismatch is any(case.is_mismatch for case in alike)


@given(suite=suites, seed=st.integers(0, 99))
def test_the_order_of_copies_does_not_matter(suite: list[Utterance], seed: int) -> None:
    there, back = collapsed(suite), collapsed(random.Random(seed).sample(suite, len(suite)))
    assert there.keys() == back.keys()
    for key, one in there.items():
        told = [(each.result_type, each.matched, each.may_be_fp) for each in (one, back[key])]
        assert told[0] == told[1]


def test_collapsed_copies_unite_the_wrong_matches() -> None:
    wrong = [replace(said("rent a bike", FP), matched=matched) for matched in (("pay",), ("find", "Pay"), ("lock",))]
    passed = replace(said("rent a bike"), matched=("rent",))
    (kept,) = collapsed([*wrong, passed]).values()
    assert [intent.lower() for intent in kept.matched] == ["find", "lock", "pay"]


def test_an_unevaluated_copy_may_still_match_anything() -> None:
    (kept,) = collapsed(copies(FP, LOST)).values()
    assert (kept.result_type, kept.may_be_fp) == (FP, True)


@given(suite=suites)
def test_collapsing_is_idempotent(suite: list[Utterance]) -> None:
    kept = collapsed(suite)
    assert collapsed(kept.values()) == kept
    assert collapsed([*suite, *suite]) == kept


@pytest.mark.parametrize(("utterance", "expected", "parent", "is_copy"), [
    ("rent a bike", "Rent Bike", None, True),  (" rent  a\tbike ", "Rent Bike", None, True),
    ("Rent a bike", "Rent Bike", None, False), ("rent a bike", "Return Bike", None, False),
    ("rent a bike", "", None, False),          ("rent a bike", "Rent Bike", "Welcome", False),
    ("rent a bike", "RENT  bike", None, True),
])  # fmt: skip
def test_copies_share_text_intents_and_parent(utterance: str, expected: str, parent: str | None, is_copy: bool) -> None:
    found = collapsed([said("rent a bike"), said(utterance, expected=expected, parent=parent)])
    assert (len(found) == 1) is is_copy


@pytest.mark.parametrize(("types", "is_unstable"), [
    ((TP,), False),      ((TP, TP), False),          ((FP, FN), False),
    ((TP, LOST), False), ((FP, LOST), False),        ((TP, FP), True),
    ((FN, TP), True),    ((LOST, TP, FP, TP), True),
])  # fmt: skip
def test_copies_disagree_if_one_passed_and_another_failed(types: tuple[ResultType, ...], is_unstable: bool) -> None:
    assert bool(disagreeing(copies(*types))) is is_unstable


def test_disagreeing_copies_are_named_once_by_a_failed_one() -> None:
    suite = [said("hello", FP, row=9), *copies(TP, FP, TP, FN)]
    assert [(case.text, case.row) for case in disagreeing(suite)] == [("rent a bike", 2)]


@pytest.mark.parametrize(("others", "is_labelled_twice"), [
    ([], False),
    ([said("rent a bike")], False),
    ([said("return it", expected="Return Bike")], False),
    ([said("rent a bike", expected="Return Bike")], True),
    ([said(" rent a  bike", expected="Return Bike")], True),
    ([said("rent a bike", expected="")], True),
    ([said("rent a bike", expected="Return Bike", parent="Welcome")], False),
    ([said("rent a bike", expected="rent bike")], False),
])  # fmt: skip
def test_different_expected_intents_are_two_labels(others: list[Utterance], is_labelled_twice: bool) -> None:
    assert bool(labelled_twice([said("rent a bike"), *others])) is is_labelled_twice


def test_an_utterance_with_two_labels_is_named_once_by_its_first_row() -> None:
    labels = ("Rent Bike", "Return Bike", "Rent Bike", "Find Bike")
    suite = [said("the bike", expected=label, row=row) for row, label in enumerate(labels, start=1)]
    assert [case.row for case in labelled_twice(suite)] == [1]


@given(suite=suites)
def test_the_order_of_rows_does_not_change_the_doubtful_utterances(suite: list[Utterance]) -> None:
    for look in (disagreeing, labelled_twice):
        there, back = ([case.text for case in look(rows)] for rows in (suite, suite[::-1]))
        assert Counter(there) == Counter(back)
