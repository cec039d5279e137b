"""Must-pass utterances and forbidden confusions: a single hit fails, and missing data never passes."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.checks.intents import NO_FILE
from ci_gate.core.checks.named import judge_forbidden, judge_must_pass, missing_names, strange_matches
from ci_gate.core.findings import FindingKind
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.names import NO_INTENT
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import INTENT, MUST_PASS, Area, Forbidden, Name, Rules
from ci_gate.core.waivers import Waived, Waiver, apply_waivers
from tests.core.builders import FN, FP, TP, case, changed, said
from tests.core.builders import LOST as NONE
from tests.core.builders import expecting as suite

if TYPE_CHECKING:
    from ci_gate.core.checks.check import Check

P, F, N = Outcome.PASSED, Outcome.FAILED, Outcome.NO_DATA
TODAY = date(2026, 6, 30)
RENT, PAY = ("Rent Bike",), ("Pay Bill",)


# --- must pass --------------------------------------------------------------------------------------------------------
def waived(cases: list[Utterance], **fields: str) -> Waived:
    return apply_waivers([Waiver(reason="r", owner="o", expires=TODAY, **fields)], cases, TODAY)  # type: ignore[arg-type]


def must(*texts: str) -> Rules:
    return Rules(must_pass=texts)


CASES = suite((2, TP, RENT), (2, FN, PAY), (1, NONE, PAY))
"""Utterances 1 and 2 pass, 3 and 4 fail, 5 was not evaluated."""


@pytest.mark.parametrize(("texts", "outcome", "message"), [
    (("utterance 1", "utterance  2"), P, "0 of 2 must-pass utterances fail"),
    (("utterance 1",), P, "0 of 1 must-pass utterances fail"),
    (("utterance 3",), F, "1 of 1 must-pass utterances fails: 'utterance 3'"),
    (("utterance 1", "utterance 3", "utterance 4"), F,
     "2 of 3 must-pass utterances fail: 'utterance 3', 'utterance 4'"),
    (("utterance 3", "utterance 5"), F, "1 of 2 must-pass utterances fails: 'utterance 3'"),
    (("utterance 1", "utterance 5"), N,
     "must-pass utterances that fail <= 0: no data (between 0 and 1: not evaluated: 'utterance 5')"),
])  # fmt: skip
def test_every_must_pass_utterance_has_to_pass(texts: tuple[str, ...], outcome: Outcome, message: str) -> None:
    (found,) = judge_must_pass(CASES, must(*texts), Waived())
    assert (found.outcome, found.message, found.scope) == (outcome, message, Area.MUST_PASS)


def test_an_unevaluated_copy_of_a_must_pass_utterance_is_no_pass() -> None:
    copies = [said("pay me", TP, row=1), said("pay  me", NONE, row=2)]
    (found,) = judge_must_pass(copies, must("pay me"), Waived())
    assert (found.outcome, found.measured) == (N, "between 0 and 1: not evaluated: 'pay  me'")
    (found,) = judge_must_pass([*copies, said("pay me", FN, row=3)], must("pay me"), Waived())
    assert (found.outcome, found.measured) == (F, "1 of 1 must-pass utterances fails: 'pay me'")


def test_a_must_pass_utterance_with_two_labels_fails_if_one_does() -> None:
    twice = [said("pay me", TP, expected="A", row=1), said("pay me", FN, expected="B", row=2)]
    (found,) = judge_must_pass(twice, must("pay me"), Waived())
    assert (found.outcome, found.measured) == (F, "1 of 2 must-pass utterances fails: 'pay me'")


def test_a_waived_must_pass_utterance_counts_as_not_failing() -> None:
    one = waived(CASES, utterance="utterance 3")
    (found,) = judge_must_pass(CASES, must("utterance 1", "utterance 3"), one)
    assert (found.outcome, found.message) == (P, "0 of 2 must-pass utterances fail (1 more is waived)")
    (found,) = judge_must_pass(CASES, must("utterance 3", "utterance 4"), one)
    assert found.message == "1 of 2 must-pass utterances fails (1 more is waived): 'utterance 4'"


def test_must_pass_without_a_file_has_no_data_and_of_another_suite_no_check() -> None:
    (found,) = judge_must_pass(None, must("utterance 1"), Waived())
    assert (found.outcome, found.measured) == (N, NO_FILE)
    assert list(judge_must_pass(CASES, must("of another suite"), Waived())) == []
    assert list(judge_must_pass(CASES, Rules(), Waived())) == []


# --- forbidden --------------------------------------------------------------------------------------------------------
def forbid(expected: str, matched: str) -> Rules:
    return Rules(forbidden=(Forbidden(expected, matched),))


CONFUSED = [
    case(FP, expected=PAY, matched=("rent bike",), row=1),
    case(FP, expected=PAY, matched=("find bike", "rent bike"), row=2),
    case(FN, expected=PAY, matched=(), row=3),
    case(TP, expected=RENT, matched=("rent bike",), row=4),
    case(NONE, expected=("Find Bike",), matched=(), row=5),
]


@pytest.mark.parametrize(("expected", "matched", "outcome", "measured"), [
    ("Pay Bill", "Rent Bike", F, "'Pay Bill' was taken for 'Rent Bike' 2 times: 'utterance 1', 'utterance 2'"),
    ("pay bill", "FIND  BIKE", F, "'Pay Bill' was taken for 'Find Bike' 1 time: 'utterance 2'"),
    ("Pay Bill", NO_INTENT, F, "'Pay Bill' was taken for '(no intent)' 1 time: 'utterance 3'"),
    ("Rent Bike", "Pay Bill", P, "'Rent Bike' was taken for 'Pay Bill' 0 times"),
    ("Find Bike", "Pay Bill", N, "between 0 and 1: not evaluated: 'utterance 5'"),
])  # fmt: skip
def test_a_single_forbidden_confusion_fails(expected: str, matched: str, outcome: Outcome, measured: str) -> None:
    (found,) = judge_forbidden(CONFUSED, forbid(expected, matched), Waived())
    assert (found.outcome, found.measured, found.scope) == (outcome, measured, Area.FORBIDDEN)
    assert found.name.lower() == f"'{expected}' taken for '{' '.join(matched.split())}' <= 0".lower()


@pytest.mark.parametrize(("result_type", "expected", "matched", "outcome"), [
    (TP, PAY, ("rent bike",), F),  # the intents say otherwise than the result type
    (ResultType.UNKNOWN, PAY, ("rent bike",), F),
    (TP, PAY, ("pay bill", "rent bike"), P),  # the bot asked which was meant
    (TP, (*PAY, *RENT), ("rent bike",), P),  # either is accepted
    (TP, PAY, ("find bike",), P),
    (NONE, PAY, ("rent bike",), N),
    (FP, PAY, ("pay bill", "rent bike"), F),
    (FP, (*PAY, *RENT), ("rent bike",), F),  # the platform says that it was wrong
])  # fmt: skip
def test_a_forbidden_confusion_counts_whatever_the_result_type(
    result_type: ResultType, expected: tuple[str, ...], matched: tuple[str, ...], outcome: Outcome
) -> None:
    cases = [case(result_type, expected=expected, matched=matched)]
    (found,) = judge_forbidden(cases, forbid("Pay Bill", "Rent Bike"), Waived())
    assert found.outcome is outcome


@pytest.mark.parametrize(("result_type", "expected", "matched", "pair", "outcome"), [
    (ResultType.TN, (), ("rent bike",), (NO_INTENT, "Rent Bike"), F),
    (ResultType.TN, (), (), (NO_INTENT, "Rent Bike"), P),
    (TP, PAY, (), ("Pay Bill", NO_INTENT), F),
    (TP, (*PAY, "None"), (), ("Pay Bill", NO_INTENT), P),
    (FN, (*PAY, "none"), (), ("Pay Bill", NO_INTENT), P),
    (TP, (*PAY, "None"), ("rent bike",), ("Pay Bill", "Rent Bike"), F),
    (TP, (*PAY, "None"), ("rent bike",), (NO_INTENT, "Rent Bike"), F),
    (TP, PAY, ("pay bill",), ("Pay Bill", NO_INTENT), P),
])  # fmt: skip
def test_a_forbidden_confusion_may_involve_no_intent(
    result_type: ResultType,
    expected: tuple[str, ...],
    matched: tuple[str, ...],
    pair: tuple[str, str],
    outcome: Outcome,
) -> None:
    (found,) = judge_forbidden([case(result_type, expected=expected, matched=matched)], forbid(*pair), Waived())
    assert found.outcome is outcome


def test_a_waived_confusion_counts_as_none() -> None:
    rules = forbid("Pay Bill", "Rent Bike")
    (found,) = judge_forbidden(CONFUSED, rules, waived(CONFUSED, utterance="utterance 1"))
    assert found.message == "'Pay Bill' was taken for 'Rent Bike' 1 time (1 more is waived): 'utterance 2'"


def test_only_a_waiver_of_the_pair_or_the_utterance_excuses_a_confusion() -> None:
    rules, one = forbid("Pay Bill", "Rent Bike"), [CONFUSED[0]]
    for about, outcome in (
        ({"utterance": "utterance 1"}, P),
        ({"expected": "PAY bill", "matched": "rent BIKE"}, P),
        ({"expected": "Pay Bill"}, F),
        ({"expected": "Pay Bill", "matched": "Find Bike"}, F),
        ({"utterance": "utterance 2"}, F),
    ):
        (found,) = judge_forbidden(one, rules, waived(one, **about))
        assert found.outcome is outcome
    both = [CONFUSED[1]]
    for matched, outcome in (("Find Bike | Rent Bike", P), ("Rent Bike", F), ("Find Bike", F)):
        (found,) = judge_forbidden(both, rules, waived(both, expected="Pay Bill", matched=matched))
        assert found.outcome is outcome


def test_a_confusion_of_two_intents_needs_a_waiver_of_both() -> None:
    both = [CONFUSED[1]]

    def outcome(*about: dict[str, str]) -> Outcome:
        waivers = [Waiver(reason="r", owner="o", expires=TODAY, expected="Pay Bill", **one) for one in about]  # type: ignore[arg-type]
        (found,) = judge_forbidden(both, forbid("Pay Bill", "Rent Bike"), apply_waivers(waivers, both, TODAY))
        return found.outcome

    rent, find, whole = {"matched": "Rent Bike"}, {"matched": "Find Bike"}, dict[str, str]()
    assert (outcome(rent, find), outcome(rent, whole)) == (P, P)
    assert (outcome(rent), outcome(find, whole)) == (F, F)


def test_a_confusion_with_a_passing_result_type_can_be_waived() -> None:
    odd = [case(TP, expected=PAY, matched=("rent bike",))]
    for about in ({"utterance": "utterance 1"}, {"expected": "Pay Bill", "matched": "Rent Bike"}):
        found = waived(odd, **about)
        (check,) = judge_forbidden(odd, forbid("Pay Bill", "Rent Bike"), found)
        assert (check.outcome, found.rows, found.idle) == (P, frozenset(), [])


def test_a_confusion_waiver_does_not_cover_several_intents() -> None:
    rules, one = forbid("Pay Bill", "Rent Bike"), waived(CONFUSED, expected="Pay Bill", matched="Rent Bike")
    (found,) = judge_forbidden(CONFUSED, rules, one)
    assert (found.outcome, found.message) == (
        F,
        "'Pay Bill' was taken for 'Rent Bike' 1 time (1 more is waived): 'utterance 2'",
    )
    lost = [case(NONE, expected=PAY, matched=())]
    for waiver, outcome in (
        ({"expected": "Pay Bill", "matched": "Rent Bike"}, N),
        ({"expected": "Pay Bill"}, N),
        ({"utterance": "utterance 1"}, P),
    ):
        (found,) = judge_forbidden(lost, rules, waived(lost, **waiver))
        assert found.outcome is outcome


def test_forbidden_without_a_file_has_no_data_and_of_another_suite_no_check() -> None:
    (found,) = judge_forbidden(None, forbid("Pay Bill", "Rent Bike"), Waived())
    assert (found.outcome, found.measured) == (N, NO_FILE)
    assert list(judge_forbidden(CONFUSED, forbid("Elsewhere", "Rent Bike"), Waived())) == []
    assert list(judge_forbidden(CONFUSED, Rules(), Waived())) == []


@pytest.mark.parametrize(("pair", "expected", "matched"), [
    (("Caf\u00e9 Order", "Pay"), "Cafe\u0301 order", "pay"),
    (("Cafe\u0301 Order", "Pay"), "Caf\u00e9 Order", "PAY"),
    (("Bank||Pay", "Bank >> Rent"), "bank>>pay", "Bank||Rent"),
    (("A | B", "C"), "b | a", "c"),
    (("A", "D | C"), "a", "c | d"),
])  # fmt: skip
def test_a_forbidden_confusion_counts_in_every_spelling(pair: tuple[str, str], expected: str, matched: str) -> None:
    cases = [case(FP, expected=tuple(expected.split(" | ")), matched=tuple(matched.split(" | ")))]
    (found,) = judge_forbidden(cases, forbid(*pair), Waived())
    assert found.outcome is F
    assert missing_names(cases, forbid(*pair)) == []
    assert list(strange_matches(cases, forbid(*pair))) == []


@pytest.mark.parametrize("text", ["caf\u00e9", "cafe\u0301", " caf\u00e9 "])
def test_a_must_pass_utterance_is_found_in_every_unicode_form(text: str) -> None:
    (found,) = judge_must_pass([said("cafe\u0301", FN)], must(text), Waived())
    assert found.outcome is F


def test_an_unknown_forbidden_match_warns() -> None:
    (found,) = strange_matches(CONFUSED, forbid("Pay Bill", "Close Account"))
    assert found.message == (
        "nothing in this suite is expected or matched as 'Close Account', which is forbidden there: is the name right?"
    )
    assert list(strange_matches(CONFUSED, forbid("Pay Bill", "find bike"))) == []
    assert list(strange_matches(CONFUSED, forbid("Pay Bill", NO_INTENT))) == []
    assert list(strange_matches(CONFUSED, forbid("Elsewhere", "Nowhere"))) == []
    assert list(strange_matches(CONFUSED, Rules())) == []
    assert (found.kind, found.blocks) == (FindingKind.UNKNOWN_NAME, False)


def test_unknown_forbidden_matches_share_one_warning() -> None:
    pairs = tuple(Forbidden("Pay Bill", f"Strange {name}") for name in "ABCDEFG")
    (found,) = strange_matches(CONFUSED, Rules(forbidden=pairs))
    assert found.message.startswith("nothing in this suite is expected or matched as 'Strange A', 'Strange B'")
    assert found.message.endswith("'Strange E' and 2 more, which are forbidden there: are the names right?")


@pytest.mark.parametrize("is_tolerated", [False, True])
def test_a_probably_misspelt_forbidden_match_blocks_unless_tolerated(is_tolerated: bool) -> None:
    tolerate = frozenset({FindingKind.UNKNOWN_NAME} if is_tolerated else ())
    rules = replace(forbid("Pay Bill", "Rent Bkie"), tolerate=tolerate)
    (found,) = strange_matches(CONFUSED, rules)
    assert (found.kind, found.blocks, found.tolerated) == (FindingKind.UNKNOWN_NAME, not is_tolerated, is_tolerated)
    assert found.message == (
        "'Rent Bkie' (did you mean 'Rent Bike'?) is forbidden and occurs neither in this run nor in a baseline; "
        'if there are both, tolerate = ["unknown-name"]'
    )


def test_the_baseline_makes_forbidden_matches_known_too() -> None:
    earlier = [case(FP, expected=("Close Account",), matched=("agent",))]
    assert list(strange_matches(CONFUSED, forbid("Pay Bill", "Agent"), earlier)) == []
    assert list(strange_matches(CONFUSED, forbid("Pay Bill", "close account"), earlier)) == []
    (found,) = strange_matches(CONFUSED, forbid("Pay Bill", "Close Acount"), earlier)
    assert found.blocks
    (found,) = strange_matches(CONFUSED, forbid("Pay Bill", "Close Acount"))
    assert not found.blocks


def test_misspelt_forbidden_matches_have_a_finding_of_their_own() -> None:
    names = ("Rent Bikee", "Rnt Bike", "Ret Bike", "Ren Bike", "Rentt Bike", "Rent Bik", "Nowhere")
    misspelt, unknown = strange_matches(CONFUSED, Rules(forbidden=tuple(Forbidden("Pay Bill", name) for name in names)))
    assert "'Rentt Bike' (did you mean 'Rent Bike'?) and 1 more are forbidden and occur neither" in misspelt.message
    assert (misspelt.blocks, unknown.blocks) == (True, False)


# --- names ------------------------------------------------------------------------------------------------------------
def test_missing_names_are_found_in_any_letter_case_and_spacing() -> None:
    rules = Rules(
        intents=IntentFloors(named={"pay BILL": Floors(), "Pay Bil": Floors()}),
        forbidden=(Forbidden("Rent Bike", "Anything"), Forbidden("Rent a Bike", "Pay Bill")),
        must_pass=("utterance   1", "Utterance 1"),
    )
    assert missing_names(CONFUSED, rules) == [
        Name(INTENT, "Pay Bil"),
        Name(INTENT, "Rent a Bike"),
        Name(MUST_PASS, "Utterance 1"),
    ]
    assert missing_names(CONFUSED, Rules()) == []


def test_alternatives_are_known_by_each_name_and_by_all() -> None:
    both = [case(TP, expected=("A", "B"), matched=("a",))]
    named_all = {name: Floors() for name in ("a", "B", "A | B", "C")}
    assert missing_names(both, Rules(intents=IntentFloors(named=named_all))) == [Name(INTENT, "C")]


# --- checks as a whole ------------------------------------------------------------------------------------------------
NOTHING = {"actual": None, "outcome": N, "is_share": False, "is_excusable": True, "level": None}


def whole(check: Check) -> dict[str, object]:
    assert not check.is_of_intent
    return {name: value for name, value in asdict(check).items() if name not in ("message", "measured")}


def test_checks_of_named_rules_have_all_their_fields() -> None:
    must_pass = {
        "name": "must-pass utterances that fail <= 0",
        "metric": "must_pass_failures",
        "operator": "<=",
        "bound": Fraction(0),
        "scope": Area.MUST_PASS,
    }
    (missing,) = judge_must_pass(None, must("utterance 1"), Waived())
    assert whole(missing) == {**must_pass, **NOTHING}
    (found,) = judge_must_pass(CASES, must("utterance 3"), Waived())
    assert whole(found) == {**must_pass, **NOTHING, "actual": Fraction(1), "outcome": F}
    forbidden = {
        "name": "'Pay Bill' taken for 'Rent Bike' <= 0",
        "metric": "forbidden_confusions",
        "operator": "<=",
        "bound": Fraction(0),
        "scope": Area.FORBIDDEN,
    }
    (missing,) = judge_forbidden(None, forbid("Pay Bill", "Rent Bike"), Waived())
    assert whole(missing) == {**forbidden, **NOTHING}
    (found,) = judge_forbidden(CONFUSED, forbid("Pay Bill", "Rent Bike"), Waived())
    assert whole(found) == {**forbidden, **NOTHING, "actual": Fraction(2), "outcome": F}


# --- unknown results --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("texts", "absent", "outcome", "measured"), [
    (("utterance 1",), 1, N, "between 0 and 1: 1 utterance that the results file does not hold"),
    (("said elsewhere",), 2, N, "between 0 and 2: 2 utterances that the results file does not hold"),
    (("utterance 5", "utterance 1"), 2, N,
     "between 0 and 3: not evaluated: 'utterance 5', 2 utterances that the results file does not hold"),
    (("utterance 3",), 1, F, "1 of 1 must-pass utterances fails: 'utterance 3'"),
])  # fmt: skip
def test_a_missing_row_may_be_one_to_pass(texts: tuple[str, ...], absent: int, outcome: Outcome, measured: str) -> None:
    (found,) = judge_must_pass(CASES, must(*texts), Waived(), absent=absent)
    assert (found.outcome, found.measured) == (outcome, measured)
    assert found.is_excusable is (outcome is N)  # what has no data is excused by nothing anyhow


@pytest.mark.parametrize(("expected", "outcome", "measured"), [
    ("Rent Bike", N, "between 0 and 1: 1 utterance that the results file does not hold"),
    ("Elsewhere", N, "between 0 and 1: 1 utterance that the results file does not hold"),
    ("Find Bike", N,
     "between 0 and 2: not evaluated: 'utterance 5', 1 utterance that the results file does not hold"),
    ("Pay Bill", F, "'Pay Bill' was taken for 'Rent Bike' 2 times: 'utterance 1', 'utterance 2'"),
])  # fmt: skip
def test_a_missing_row_may_be_a_forbidden_confusion(expected: str, outcome: Outcome, measured: str) -> None:
    (found,) = judge_forbidden(CONFUSED, forbid(expected, "Rent Bike"), Waived(), absent=1)
    assert (found.outcome, found.measured) == (outcome, measured)


def test_only_a_general_waiver_excuses_an_unevaluated_utterance() -> None:
    for about, outcome in (
        ({"utterance": "utterance 5"}, P),
        ({"expected": "Pay Bill"}, P),
        ({"expected": "Pay Bill", "matched": "Rent Bike"}, N),
        ({"expected": "Rent Bike"}, N),
    ):
        (found,) = judge_must_pass(CASES, must("utterance 1", "utterance 5"), waived(CASES, **about))
        assert found.outcome is outcome


def test_unevaluated_copies_are_named_once() -> None:
    lost = [case(NONE, expected=PAY, matched=())] * 3
    (found,) = judge_forbidden(lost, forbid("Pay Bill", "Rent Bike"), Waived())
    assert found.measured == "between 0 and 1: not evaluated: 'utterance 1'"


def test_named_rules_say_how_often_chance_alone_breaks_them() -> None:
    churn = changed((TP, TP, 96), (TP, FN, 2), (FN, TP, 2))
    (found,) = judge_must_pass(CASES, must("utterance 1", "utterance 2"), Waived(), comparison=churn)
    assert found.message == (
        "0 of 2 must-pass utterances fail; at this run's churn chance alone breaks this rule in 4 of 100 runs"
    )
    (found,) = judge_forbidden(CONFUSED, forbid("Pay Bill", "Lock"), Waived(), comparison=churn)
    assert found.message == (
        "'Pay Bill' was taken for 'Lock' 0 times; at this run's churn chance alone breaks this rule "
        "in at most 6 of 100 runs"
    )


def test_every_forbidden_confusion_has_its_own_check() -> None:
    pairs = (("Elsewhere", "A"), ("Find Bike", "B"), ("Pay Bill", "Rent Bike"))
    found = judge_forbidden(CONFUSED, Rules(forbidden=tuple(Forbidden(*pair) for pair in pairs)), Waived())
    assert [check.outcome for check in found] == [N, F]


def test_a_hit_beside_an_unevaluated_utterance_is_not_excusable() -> None:
    (must_pass,) = judge_must_pass(CASES, must("utterance 3", "utterance 5"), Waived())
    lost = [*CONFUSED, case(NONE, expected=PAY, matched=(), row=6)]
    (forbidden,) = judge_forbidden(lost, forbid("Pay Bill", "Rent Bike"), Waived())
    assert [(check.outcome, check.is_excusable) for check in (must_pass, forbidden)] == [(F, False), (F, False)]
