"""Waivers: which mismatches they cover, until when, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.names import NO_INTENT, is_intent
from ci_gate.core.waivers import Waived, Waiver, WaiverUse, apply_waivers
from tests.core.builders import case

TODAY = date(2026, 6, 30)
PAY = ("Pay Bill",)


def waiver(**fields: str) -> Waiver:
    return Waiver(reason="known", owner="Ines", expires=TODAY, **fields)  # type: ignore[arg-type]


def mismatch(row: int = 1, matched: tuple[str, ...] = ("rent bike",), expected: tuple[str, ...] = PAY) -> Utterance:
    return case(ResultType.FP if matched else ResultType.FN, expected=expected, matched=matched, row=row)


@pytest.mark.parametrize(
    ("given", "covers"),
    [
        ({"utterance": "utterance 1"}, True),
        ({"utterance": " utterance   1 "}, True),
        ({"utterance": "Utterance 1"}, False),
        ({"expected": "pay bill"}, True),
        ({"expected": "Rent Bike"}, False),
        ({"expected": "Pay Bill", "matched": "Rent Bike"}, True),
        ({"expected": "Pay Bill", "matched": "Find Bike"}, False),
        ({"expected": "Rent Bike", "matched": "Pay Bill"}, False),
    ],
)
def test_a_waiver_covers_an_utterance_all_of_an_intent_or_one_confusion(given: dict[str, str], covers: bool) -> None:
    assert waiver(**given).covers(mismatch()) is covers


@pytest.mark.parametrize(
    ("given", "matched", "covers"),
    [
        ("Rent Bike", ("rent bike",), True),
        ("Rent Bike", ("rent bike", "find bike"), False),  # of several it says nothing about the others
        ("Find Bike | Rent Bike", ("rent bike", "find bike"), True),
        ("Rent Bike | Find Bike", ("rent bike",), False),
        ("Rent Bike", ("RENT bike", "rent  Bike"), True),
        ("Caf\u00e9||Rent", ("cafe\u0301 >> rent",), True),
        (NO_INTENT, (), True),
        (NO_INTENT, ("rent bike",), False),
    ],
)
def test_a_waiver_of_a_confusion_covers_exactly_what_it_says(
    given: str, matched: tuple[str, ...], covers: bool
) -> None:
    assert waiver(expected="Pay Bill", matched=given).covers(mismatch(matched=matched)) is covers


@pytest.mark.parametrize(
    ("given", "days", "whatever"),
    [
        ({"utterance": "utterance 1"}, 0, True),
        ({"utterance": "utterance 1"}, 1, False),
        ({"utterance": "utterance 2"}, 0, False),
        ({"expected": "pay BILL"}, 0, True),
        ({"expected": "Rent Bike"}, 0, False),
        ({"expected": "Pay Bill", "matched": "Rent Bike"}, 0, False),
    ],
)
def test_what_was_not_evaluated_is_waived_only_where_whatever_it_may_be_is(
    given: dict[str, str], days: int, whatever: bool
) -> None:
    lost = case(ResultType.NOT_EVALUATED, expected=PAY)
    found = apply_waivers([waiver(**given)], [lost], TODAY + timedelta(days))
    assert found.covers_whatever(lost) is whatever
    assert found.rows == frozenset()


@pytest.mark.parametrize(
    ("name", "intents", "fits"),
    [
        ("A", ("a",), True),
        ("a", ("A", "B"), True),
        ("A | B", ("a", "b"), True),
        ("A | C", ("a", "b"), False),
        (NO_INTENT, (), True),
        (NO_INTENT, ("a",), False),
        ("none", (), False),  # an intent may be called so; a settings file that says it means no intent
        ("None", ("none",), True),
        ("a", (), False),
    ],
)
def test_a_name_fits_an_intent_in_any_letter_case_one_of_several_and_all_of_them(
    name: str, intents: tuple[str, ...], fits: bool
) -> None:
    assert is_intent(name, intents) is fits


@pytest.mark.parametrize(("days", "state", "covered"), [(-1, "used", 1), (0, "used", 1), (1, "expired", 0)])
def test_a_waiver_holds_to_the_end_of_its_last_day(days: int, state: str, covered: int) -> None:
    found = apply_waivers([waiver(expected="Pay Bill")], [mismatch()], TODAY + timedelta(days))
    (use,) = found.uses
    assert (use.state, use.mismatches, len(found.rows)) == (state, covered, covered)
    assert (found.waiver_of("key-1") is not None) is bool(covered)


def test_what_passed_or_was_not_evaluated_is_no_mismatch_to_waive() -> None:
    cases = [case(ResultType.TP, expected=PAY), case(ResultType.NOT_EVALUATED, expected=PAY, row=2)]
    found = apply_waivers([waiver(expected="Pay Bill")], cases, TODAY)
    assert (found.uses, found.rows) == ((WaiverUse(waiver(expected="Pay Bill"), 0, expired=False),), frozenset())
    assert found.uses[0].state == "unused"


def test_an_utterance_is_waived_where_all_its_failing_copies_are() -> None:
    half = [mismatch(1), replace(mismatch(2, matched=("find bike",)), key="key-1")]
    one_confusion = waiver(expected="Pay Bill", matched="Rent Bike")
    found = apply_waivers([one_confusion], half, TODAY)
    assert (set(found.rows), found.waiver_of("key-1")) == ({1}, None)
    both = apply_waivers([one_confusion, waiver(expected="Pay Bill", matched="Find Bike")], half, TODAY)
    assert (set(both.rows), both.waiver_of("key-1")) == ({1, 2}, one_confusion)


def test_two_waivers_of_one_mismatch_are_both_used() -> None:
    found = apply_waivers([waiver(expected="Pay Bill"), waiver(utterance="utterance 1")], [mismatch()], TODAY)
    assert [use.mismatches for use in found.uses] == [1, 1]
    assert len(found.rows) == 1


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        ({"utterance": "pay me"}, "utterance 'pay me'"),
        ({"expected": "A"}, "intent 'A'"),
        ({"expected": "A", "matched": "B"}, "'A' taken for 'B'"),
    ],
)
def test_a_waiver_is_named_by_what_it_is_of(given: dict[str, str], subject: str) -> None:
    assert waiver(**given).subject == subject


def test_without_waivers_nothing_is_waived() -> None:
    found = apply_waivers([], [mismatch()], TODAY)
    assert (found.rows, found.waiver_of("key-1"), found.uses) == (frozenset(), None, ())
    assert not found.covers_whatever(mismatch())
    assert Waived().waiver_of("key-1") is None
