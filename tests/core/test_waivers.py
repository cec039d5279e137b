"""Waivers: the mismatches that they cover, their last day, and warnings about idle ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core import idle_waivers
from ci_gate.core.findings import FindingKind
from ci_gate.core.idle_waivers import doubts_about_idle
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.names import NO_INTENT, hashed
from ci_gate.core.rules import Forbidden
from ci_gate.core.waivers import Waived, Waiver, WaiverUse, apply_waivers
from tests.core.builders import case, said

TODAY = date(2026, 6, 30)
PAY = ("Pay Bill",)


def waiver(**fields: str) -> Waiver:
    return Waiver(reason="known", owner="Ines", expires=TODAY, **fields)  # type: ignore[arg-type]


def covers(utterance: Utterance, *given: dict[str, str]) -> bool:
    return bool(apply_waivers([waiver(**fields) for fields in given], [utterance], TODAY).rows)


def mismatch(row: int = 1, matched: tuple[str, ...] = ("rent bike",), expected: tuple[str, ...] = PAY) -> Utterance:
    return case(ResultType.FP if matched else ResultType.FN, expected=expected, matched=matched, row=row)


@pytest.mark.parametrize(("given", "is_covered"), [
    ({"utterance": "utterance 1"}, True),
    ({"utterance": " utterance   1 "}, True),
    ({"utterance": "Utterance 1"}, False),
    ({"expected": "pay bill"}, True),
    ({"expected": "Rent Bike"}, False),
    ({"expected": "Pay Bill", "matched": "Rent Bike"}, True),
    ({"expected": "Pay Bill", "matched": "Find Bike"}, False),
    ({"expected": "Rent Bike", "matched": "Pay Bill"}, False),
])  # fmt: skip
def test_a_waiver_covers_an_utterance_an_intent_or_a_confusion(given: dict[str, str], is_covered: bool) -> None:
    assert covers(mismatch(), given) is is_covered


@pytest.mark.parametrize(("given", "matched", "is_covered"), [
    ("Rent Bike", ("rent bike",), True),
    ("Rent Bike", ("rent bike", "find bike"), False),  # of several it says nothing about the others
    ("Find Bike | Rent Bike", ("rent bike", "find bike"), True),
    ("Rent Bike | Find Bike", ("rent bike",), False),
    ("Rent Bike", ("RENT bike", "rent  Bike"), True),
    ("Caf\u00e9||Rent", ("cafe\u0301 >> rent",), True),
    (NO_INTENT, (), True),
    (NO_INTENT, ("rent bike",), False),
    ("Rent Bike", ("rent bike", "pay bill"), True),  # what was expected is not wrong
    ("Pay Bill | Rent Bike", ("rent bike", "pay bill"), True),
    ("Pay Bill | Rent Bike", ("rent bike",), False),
    ("None | Rent Bike", ("none", "rent bike"), True),
    ("(no intent) | Rent Bike", ("rent bike", "none"), True),
    ("Rent Bike", ("rent bike", "none"), False),
    ("|", ("rent bike",), False),
    ("|", (), False),
])  # fmt: skip
def test_a_confusion_waiver_covers_exactly_that(given: str, matched: tuple[str, ...], is_covered: bool) -> None:
    assert covers(mismatch(matched=matched), {"expected": "Pay Bill", "matched": given}) is is_covered


@pytest.mark.parametrize(("given", "is_covered"), [
    (("Rent Bike", "Find Bike"), True),
    (("Find Bike", "Call"), False),
    (("Find Bike | Rent Bike", "Call"), True),
    (("Find Bike | Call", "Call"), False),
])  # fmt: skip
def test_several_waivers_together_cover_all_wrong_intents(given: tuple[str, ...], is_covered: bool) -> None:
    matched = ("rent bike", "find bike", "pay bill") if "Call" not in given else ("rent bike", "find bike", "call")
    one = mismatch(matched=matched)
    assert covers(one, *({"expected": "Pay Bill", "matched": name} for name in given)) is is_covered


@pytest.mark.parametrize(("expected", "matched", "given", "is_covered"), [
    (("Pay Bill", "None"), ("rent bike",), ("Pay Bill", "Rent Bike"), True),
    (("Pay Bill", "None"), ("rent bike",), (NO_INTENT, "Rent Bike"), True),
    (("Pay Bill", "Call"), ("call",), ("Pay Bill", "Call"), True),  # said to be wrong all the same
    (("Pay Bill", "Call"), ("call",), ("Pay Bill", "Rent Bike"), False),
    (("Pay Bill",), ("pay bill",), ("Pay Bill", "Rent Bike"), False),
    (("Pay Bill", "None"), (), ("Pay Bill", "Rent Bike"), False),
])  # fmt: skip
def test_an_accepted_intent_is_not_wrong(
    expected: tuple[str, ...], matched: tuple[str, ...], given: tuple[str, str], is_covered: bool
) -> None:
    one = replace(mismatch(expected=expected, matched=matched), result_type=ResultType.FP)
    assert covers(one, {"expected": given[0], "matched": given[1]}) is is_covered


NAMES = ("A", "B", "C")
sets = st.lists(st.sampled_from(NAMES), unique=True, max_size=3).map(tuple)


@given(sets, sets, st.lists(st.tuples(st.sampled_from(NAMES), sets.filter(bool)), max_size=3))
def test_confusion_waivers_cover_no_intent_that_they_do_not_name(
    expected: tuple[str, ...], matched: tuple[str, ...], pairs: list[tuple[str, tuple[str, ...]]]
) -> None:
    one = mismatch(expected=expected, matched=matched)
    given = [{"expected": name, "matched": " | ".join(wrong)} for name, wrong in pairs]
    named = {wrong for name, several in pairs if name in expected for wrong in several}
    if not covers(one, *given):
        return
    assert {*matched} - {*expected} <= named
    assert matched or NO_INTENT in named


@pytest.mark.parametrize(("given", "days", "whatever"), [
    ({"utterance": "utterance 1"}, 0, True),
    ({"utterance": "utterance 1"}, 1, False),
    ({"utterance": "utterance 2"}, 0, False),
    ({"expected": "pay BILL"}, 0, True),
    ({"expected": "Rent Bike"}, 0, False),
    ({"expected": "Pay Bill", "matched": "Rent Bike"}, 0, False),
])  # fmt: skip
def test_unevaluated_utterances_need_a_general_waiver(given: dict[str, str], days: int, whatever: bool) -> None:
    lost = case(ResultType.NOT_EVALUATED, expected=PAY)
    found = apply_waivers([waiver(**given)], [lost], TODAY + timedelta(days))
    assert found.covers_whatever(lost) is whatever
    assert found.rows == frozenset()


@pytest.mark.parametrize(
    ("about", "whatever"), [({"utterance": "utterance 1"}, True), ({"expected": "Pay Bill"}, False)]
)
def test_only_its_own_waiver_excuses_an_unevaluated_utterance(about: dict[str, str], whatever: bool) -> None:
    lost = case(ResultType.NOT_EVALUATED, expected=PAY)
    assert apply_waivers([waiver(**about)], [lost], TODAY).excuses_whatever(lost) is whatever


@pytest.mark.parametrize(("pair", "expected", "matched", "is_of_it"), [
    (("Pay Bill", "Rent Bike"), "pay  BILL", "rent bike", True),
    (("Pay Bill", "Rent Bike"), "Pay Bill", "Find Bike | Rent Bike", True),
    (("Pay Bill", "Rent Bike | Find Bike"), "Pay Bill", "Rent Bike", False),
    (("Pay Bill", "Rent Bike"), "Pay Bill", "Find Bike", False),
    (("Pay Bill", "Rent Bike"), "Call", "Rent Bike", False),
    (("Pay Bill", "Rent Bike"), "Call | Pay Bill", "Rent Bike", True),
    (("Call | Pay Bill", "Rent Bike"), "Pay Bill", "Rent Bike", False),
    (("Pay Bill", "Rent Bike"), "Pay Bill", "", False),
])  # fmt: skip
def test_a_waiver_names_both_sides_of_a_pair(
    pair: tuple[str, str], expected: str, matched: str, is_of_it: bool
) -> None:
    assert waiver(expected=expected, matched=matched).names(Forbidden(*pair)) is is_of_it


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


@pytest.mark.parametrize(("given", "subject"), [
    ({"utterance": "pay me"}, "utterance 'pay me'"),
    ({"expected": "A"}, "intent 'A'"),
    ({"expected": "A", "matched": "B"}, "'A' taken for 'B'"),
])  # fmt: skip
def test_a_waiver_is_named_by_what_it_is_of(given: dict[str, str], subject: str) -> None:
    assert waiver(**given).subject == subject


def test_without_waivers_nothing_is_waived() -> None:
    found = apply_waivers([], [mismatch()], TODAY)
    assert (found.rows, found.waiver_of("key-1"), found.uses) == (frozenset(), None, ())
    assert not found.covers_whatever(mismatch())
    assert Waived().waiver_of("key-1") is None


TALKS = [
    said("pay my bill", ResultType.TP, expected="Pay Bill"),
    said("call a person", ResultType.FP, expected="Agent | Call"),
]
LOST = case(ResultType.NOT_EVALUATED, expected=("Rent Bike",))


def told(*waivers: Waiver, where: str = "") -> str:
    """Return the warning about waivers that cover nothing, or an empty text."""
    found = [*doubts_about_idle(waivers, [*TALKS, LOST], where)]
    assert [(one.kind, one.blocks) for one in found] in ([], [(FindingKind.WAIVER, False)])
    return found[0].message if found else ""


@pytest.mark.parametrize(("fields", "advice"), [
    ({"utterance": "pay  my bill"}, "; it can be removed"),
    ({"utterance": "pay my bil"}, ": did you mean 'pay my bill'?"),
    ({"utterance": "xyz"}, "; it can be removed"),
    ({"expected": "PAY bill"}, "; it can be removed"),
    ({"expected": "Pay Bil"}, ": did you mean 'Pay Bill'?"),
    ({"expected": "Agent | Cal"}, ": did you mean 'Agent | Call'?"),
    ({"expected": "Pay Bill | Agent"}, "; it can be removed"),
    ({"expected": "Pay Bill", "matched": "Agent"}, "; it can be removed"),
    ({"expected": "Pay Bill", "matched": "Agnet"}, ": did you mean 'Agent'?"),
    ({"expected": "Pay Bill", "matched": "anohter"}, ": did you mean 'another'?"),
    ({"expected": "Pay Bil", "matched": "Agnet"}, ": did you mean 'Pay Bill'?"),
    ({"utterance": hashed("pay my bil")}, "; it can be removed"),
])  # fmt: skip
def test_an_idle_waiver_of_an_unknown_name_suggests_the_nearest(fields: dict[str, str], advice: str) -> None:
    one = waiver(**fields)
    assert told(one) == f"the waiver of {one.subject} covers nothing{advice} (Ines: known)"


def test_several_are_one_line_with_their_number_and_those_that_are_misspelt_come_first() -> None:
    several = [waiver(expected="Pay Bill", matched=name) for name in ("Agent", "Call", "Another")]
    assert told(*several, waiver(utterance="cal a person"), where=" in any suite") == (
        "4 waivers cover nothing in any suite: utterance 'cal a person' (did you mean 'call a person'?), "
        "'Pay Bill' taken for 'Agent', 'Pay Bill' taken for 'Call' and 1 more; correct or remove them"
    )
    assert " more" not in told(*several)


def test_one_that_may_cover_what_was_not_evaluated_is_no_doubt() -> None:
    assert (
        told(waiver(utterance="utterance 1"), waiver(expected="rent bike"), waiver(expected="Rent Bike", matched="X"))
        == ""
    )
    assert told() == ""


def test_of_thousands_few_names_are_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    sought = []
    monkeypatch.setattr(idle_waivers, "closest", lambda word, _known: sought.append(word))
    assert told(*(waiver(utterance=f"say {number}") for number in range(1000))).startswith("1000 waivers")
    assert len(sought) == 3


def test_a_waiver_of_one_of_two_wrong_intents_is_not_said_to_be_useless() -> None:
    wrong = mismatch(matched=("rent bike", "call"))
    half = waiver(expected="Pay Bill", matched="Rent Bike")
    assert apply_waivers([half], [wrong], TODAY).idle == [half]
    (finding,) = doubts_about_idle([half], [wrong])
    assert "covers nothing: another wrong intent was matched with it, which needs a waiver, too" in finding.message
    (finding,) = doubts_about_idle([half, waiver(expected="Call")], [wrong])
    assert "'Pay Bill' taken for 'Rent Bike' (another wrong intent was matched with it" in finding.message
