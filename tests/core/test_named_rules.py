"""Floors of intents, utterances that must pass, forbidden confusions: one hit fails, and no data never passes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from fractions import Fraction

import pytest

from ci_gate.core.checks import Check, Outcome
from ci_gate.core.findings import FindingKind
from ci_gate.core.floors import FLOORS, Floors, IntentFloors
from ci_gate.core.model import NO_INTENT, Case, ResultType
from ci_gate.core.named_rules import (
    judge_floors,
    judge_forbidden,
    judge_must_pass,
    missing_names,
    names_in,
    strange_matches,
    unsupported,
)
from ci_gate.core.rules import INTENT, MUST_PASS, Forbidden, Name, Rules
from ci_gate.core.waivers import Waived, Waiver, apply_waivers
from tests.core.builders import case, said

TP, FP, FN, NONE = ResultType.TP, ResultType.FP, ResultType.FN, ResultType.NOT_EVALUATED
P, F, N = Outcome.PASSED, Outcome.FAILED, Outcome.NO_DATA
TODAY = date(2026, 6, 30)
RENT, PAY = ("Rent Bike",), ("Pay Bill",)


def suite(*groups: tuple[int, ResultType, tuple[str, ...]]) -> list[Case]:
    """Build so many utterances of a result and an expected intent."""
    kinds = [(result, expected) for amount, result, expected in groups for _ in range(amount)]
    return [
        case(
            result, expected=expected, matched=expected if result is TP else ("other",) if result is FP else (), row=row
        )
        for row, (result, expected) in enumerate(kinds, 1)
    ]


def floors(named: dict[str, Floors] | None = None, **bounds: str) -> Rules:
    general = Floors(bounds={key: Fraction(bound) for key, bound in bounds.items()})
    return Rules(intents=IntentFloors(general=general, named=named or {}))


def named(**bounds: str) -> Floors:
    return Floors(bounds={key: Fraction(bound) for key, bound in bounds.items()})


# --- floors -----------------------------------------------------------------------------------------------------------


def test_every_intent_with_enough_utterances_is_held_against_the_common_floor() -> None:
    cases = suite((20, TP, RENT), (4, FN, RENT), (8, TP, PAY), (12, FN, PAY), (2, FN, ("Rare",)))
    found = list(judge_floors(cases, floors(min_recall="0.8")))
    assert [(check.name, check.outcome, check.message, check.measured) for check in found] == [
        ("recall of Pay Bill >= 0.80", F, "recall of Pay Bill 0.40 < 0.80 (8 of 20)", "0.40 (8 of 20)"),
        ("recall of Rent Bike >= 0.80", P, "recall of Rent Bike 0.8333 >= 0.80 (20 of 24)", "0.8333 (20 of 24)"),
    ]
    assert {(check.scope, check.metric, check.operator, check.is_of_intent) for check in found} == {
        ("Pay Bill", "recall", ">=", True),
        ("Rent Bike", "recall", ">=", True),
    }


def test_a_score_that_is_low_by_bad_luck_passes_and_says_so() -> None:
    (found,) = judge_floors(suite((7, TP, RENT), (3, FN, RENT)), floors(min_recall="0.8"))
    assert (found.outcome, found.measured) == (P, "0.70, within chance (7 of 10)")


def test_a_named_intent_has_a_floor_of_its_own_and_must_have_data() -> None:
    rules = floors({"pay bill": named(min_recall="0.9"), "Rare": named(min_f1="0.5")}, min_recall="0.5")
    cases = suite((6, TP, RENT), (20, TP, PAY), (10, FN, PAY), (1, TP, ("Rare",)))
    found = {check.name: (check.outcome, check.message) for check in judge_floors(cases, rules)}
    assert found == {
        "recall of Pay Bill >= 0.90": (F, "recall of Pay Bill 0.6667 < 0.90 (20 of 30)"),
        "recall of Rent Bike >= 0.50": (P, "recall of Rent Bike 1.00 >= 0.50 (6 of 6)"),
        "f1 of Rare >= 0.50": (
            N,
            "f1 of Rare >= 0.50: no data (support too small: 1 utterance, and min_support is 5)",
        ),
    }


def test_copies_of_an_utterance_count_once() -> None:
    one = case(FN, expected=RENT, matched=())
    assert [check.measured for check in judge_floors([one] * 30, floors(min_recall="0.9"))] == [
        "no intent has 5 utterances or more"
    ]


def test_a_common_floor_that_no_intent_can_be_held_against_has_no_data() -> None:
    (found,) = judge_floors(suite((4, FN, RENT)), floors(min_recall="0.8"))
    assert (found.outcome, found.name, found.scope) == (N, "recall of every intent >= 0.80", "intents")
    assert found.measured == "no intent has 5 utterances or more"


def test_a_named_intent_that_was_not_evaluated_has_no_data() -> None:
    rules = floors({"Pay Bill": named(min_recall="0.5")})
    (found,) = judge_floors(suite((9, TP, RENT), (9, NONE, PAY)), rules)
    assert (found.outcome, found.measured) == (N, "not one of its utterances was evaluated by the platform")


@pytest.mark.parametrize(
    ("name", "outcome", "measured"),
    [
        ("Pay Bill", N, "it is expected only together with other intents, which are scored as one: name them all"),
        ("PAY bill | rent BIKE", P, "1.00 (9 of 9)"),
    ],
)
def test_alternatives_are_held_against_the_floor_of_all_their_names(name: str, outcome: Outcome, measured: str) -> None:
    (found,) = judge_floors(suite((9, TP, (*PAY, *RENT))), floors({name: named(min_recall="0.5")}))
    assert (found.outcome, found.measured) == (outcome, measured)


def test_an_intent_that_is_only_matched_here_is_named_for_another_suite() -> None:
    confused = [case(FP, expected=RENT, matched=("pay bill",), row=row) for row in (1, 2)]
    assert list(judge_floors(confused, floors({"Pay Bill": named(min_recall="0.5", min_f1="0.5")}))) == []


def test_an_intent_that_is_matched_where_none_is_expected_is_held_against_a_floor_of_precision() -> None:
    strayed = [case(FP, expected=(), matched=("pay bill",), row=row) for row in range(9)]
    (found,) = judge_floors(strayed, floors(min_precision="0.8"))
    assert (found.outcome, found.message) == (F, "precision of pay bill 0.00 < 0.80 (0 of 9)")


def test_what_expects_no_intent_is_no_intent_with_a_floor() -> None:
    (found,) = judge_floors(suite((9, ResultType.TN, ())), floors(min_recall="0.8"))
    assert (found.outcome, found.measured) == (N, "no intent has 5 utterances or more")


def test_a_named_intent_of_another_suite_is_no_check_of_this_one() -> None:
    assert list(judge_floors(suite((9, TP, RENT)), floors({"Elsewhere": named(min_recall="0.5")}))) == []


def test_floors_without_a_results_file_have_no_data() -> None:
    rules = floors({"Pay Bill": named(min_f1="0.5")}, min_recall="0.8")
    found = list(judge_floors(None, rules))
    assert [(check.name, check.outcome, check.measured) for check in found] == [
        ("recall of every intent >= 0.80", N, "there is no readable results file"),
        ("f1 of Pay Bill >= 0.50", N, "there is no readable results file"),
    ]


@pytest.mark.parametrize(
    ("small", "message"),
    [
        ((("Rare", 1),), "1 intent has fewer than 5 utterances, so no floor of recall was held against it: 'Rare'"),
        (
            (("Rare", 4), ("Rarer", 1)),
            "2 intents have fewer than 5 utterances, so no floor of recall was held against them: 'Rare', 'Rarer'",
        ),
    ],
)
def test_intents_that_are_too_small_for_the_common_floor_are_named(
    small: tuple[tuple[str, int], ...], message: str
) -> None:
    groups = [(amount, TP, (intent,)) for intent, amount in small]
    (found,) = unsupported(suite((9, TP, RENT), *groups), floors(min_recall="0.8"))
    assert found.message == f"support too small: {message}"


@pytest.mark.parametrize("key", ["min_f1", "min_precision", "min_recall"])
@pytest.mark.parametrize("kind", [TP, FN, NONE])
def test_no_floor_is_left_out_in_silence(kind: ResultType, key: str) -> None:
    cases, rules = suite((9, TP, RENT), (4, kind, PAY)), floors(None, **{key: "0.8"})
    assert {check.scope for check in judge_floors(cases, rules)} == {"Rent Bike"}
    (found,) = unsupported(cases, rules)
    told = f"1 intent has fewer than 5 utterances, so no floor of {FLOORS[key]} was held against it: 'Pay Bill'"
    assert found.message == f"support too small: {told}"


@pytest.mark.parametrize(
    ("lost", "measured"),
    [
        (1, "support too small: 4 utterances, and min_support is 5; 1 more was not evaluated by the platform"),
        (2, "support too small: 4 utterances, and min_support is 5; 2 more were not evaluated by the platform"),
    ],
)
def test_an_intent_of_which_too_few_were_evaluated_has_no_data_where_the_suite_has_enough(
    lost: int, measured: str
) -> None:
    cases, rules = suite((9, TP, RENT), (4, TP, PAY), (lost, NONE, PAY)), floors(min_recall="0.5")
    found = {check.scope: (check.outcome, check.measured) for check in judge_floors(cases, rules)}
    assert found == {"Pay Bill": (N, measured), "Rent Bike": (P, "1.00 (9 of 9)")}
    assert list(unsupported(cases, rules)) == []


def test_an_intent_of_which_nothing_was_evaluated_has_no_data_where_the_suite_has_enough() -> None:
    cases, rules = suite((9, TP, RENT), (5, NONE, PAY)), floors(min_recall="0.5")
    found = {check.scope: (check.outcome, check.measured) for check in judge_floors(cases, rules)}
    assert found == {
        "Pay Bill": (N, "not one of its utterances was evaluated by the platform"),
        "Rent Bike": (P, "1.00 (9 of 9)"),
    }


def test_utterances_of_an_intent_that_were_not_evaluated_are_left_out_where_enough_were() -> None:
    (found,) = judge_floors(suite((9, TP, RENT), (9, NONE, RENT)), floors(min_recall="0.9"))
    assert (found.outcome, found.measured) == (P, "1.00 (9 of 9)")


def test_a_bot_does_not_get_around_a_floor_by_matching_an_intent_less_often() -> None:
    cases = suite((20, FN, PAY), (1, TP, PAY))
    wrong = [case(FP, expected=("Rare",), matched=PAY, row=row) for row in (30, 31, 32)]
    (found,) = judge_floors([*cases, *wrong], floors(min_precision="0.8"))
    assert (found.outcome, found.measured) == (F, "0.25 (1 of 4)")


def test_an_intent_that_is_held_against_a_floor_is_not_called_too_small_for_it() -> None:
    cases = [
        *suite((1, TP, ("other",))),
        *(case(FP, expected=RENT, matched=("other",), row=row) for row in range(2, 9)),
    ]
    assert {check.scope for check in judge_floors(cases, floors(min_f1="0.8"))} == {"Rent Bike", "other"}
    assert list(unsupported(cases, floors(min_f1="0.8"))) == []


def test_an_intent_that_nothing_was_matched_as_has_no_precision_and_its_floor_no_data() -> None:
    cases, rules = suite((9, TP, RENT), (5, FN, PAY)), floors(min_precision="0.8")
    found = {check.scope: (check.outcome, check.measured) for check in judge_floors(cases, rules)}
    assert found == {"Pay Bill": (N, "no utterance was matched as it: TP+FP is 0"), "Rent Bike": (P, "1.00 (9 of 9)")}
    assert list(unsupported(cases, rules)) == []


def test_intents_that_are_large_enough_or_named_or_not_asked_about_are_not_called_too_small() -> None:
    cases = suite((9, TP, RENT), (1, TP, ("Rare",)))
    assert list(unsupported(cases, floors({"rare": named(min_f1="0.5")}, min_recall="0.8"))) == []
    assert list(unsupported(cases, floors())) == []


# --- must pass --------------------------------------------------------------------------------------------------------


def waived(cases: list[Case], **fields: str) -> Waived:
    return apply_waivers([Waiver(reason="r", owner="o", expires=TODAY, **fields)], cases, TODAY)  # type: ignore[arg-type]


def must(*texts: str) -> Rules:
    return Rules(must_pass=texts)


CASES = suite((2, TP, RENT), (2, FN, PAY), (1, NONE, PAY))
"""Utterances 1 and 2 pass, 3 and 4 fail, 5 was not evaluated."""


@pytest.mark.parametrize(
    ("texts", "outcome", "message"),
    [
        (("utterance 1", "utterance  2"), P, "0 of 2 must-pass utterances fail"),
        (("utterance 1",), P, "0 of 1 must-pass utterances fail"),
        (("utterance 3",), F, "1 of 1 must-pass utterances fails: 'utterance 3'"),
        (
            ("utterance 1", "utterance 3", "utterance 4"),
            F,
            "2 of 3 must-pass utterances fail: 'utterance 3', 'utterance 4'",
        ),
        (("utterance 3", "utterance 5"), F, "1 of 2 must-pass utterances fails: 'utterance 3'"),
        (
            ("utterance 1", "utterance 5"),
            N,
            "must-pass utterances that fail <= 0: no data (not evaluated by the platform: 'utterance 5')",
        ),
    ],
)
def test_one_must_pass_utterance_that_fails_is_enough_and_one_without_data_is_no_pass(
    texts: tuple[str, ...], outcome: Outcome, message: str
) -> None:
    (found,) = judge_must_pass(CASES, must(*texts), Waived())
    assert (found.outcome, found.message, found.scope) == (outcome, message, "must-pass")


def test_a_copy_of_a_must_pass_utterance_that_was_not_evaluated_is_no_pass_of_it() -> None:
    copies = [said("pay me", TP, row=1), said("pay  me", NONE, row=2)]
    (found,) = judge_must_pass(copies, must("pay me"), Waived())
    assert (found.outcome, found.measured) == (N, "not evaluated by the platform: 'pay  me'")
    (found,) = judge_must_pass([*copies, said("pay me", FN, row=3)], must("pay me"), Waived())
    assert (found.outcome, found.measured) == (F, "1 of 1 must-pass utterances fails: 'pay me'")


def test_a_must_pass_utterance_with_two_labels_fails_where_one_of_them_does() -> None:
    twice = [said("pay me", TP, expected="A", row=1), said("pay me", FN, expected="B", row=2)]
    (found,) = judge_must_pass(twice, must("pay me"), Waived())
    assert (found.outcome, found.measured) == (F, "1 of 2 must-pass utterances fails: 'pay me'")


def test_a_waived_must_pass_utterance_counts_as_not_failing() -> None:
    one = waived(CASES, utterance="utterance 3")
    (found,) = judge_must_pass(CASES, must("utterance 1", "utterance 3"), one)
    assert (found.outcome, found.message) == (P, "0 of 2 must-pass utterances fail (1 more is waived)")
    (found,) = judge_must_pass(CASES, must("utterance 3", "utterance 4"), one)
    assert found.message == "1 of 2 must-pass utterances fails (1 more is waived): 'utterance 4'"


def test_must_pass_without_a_results_file_has_no_data_and_of_another_suite_is_no_check() -> None:
    (found,) = judge_must_pass(None, must("utterance 1"), Waived())
    assert (found.outcome, found.measured) == (N, "there is no readable results file")
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


@pytest.mark.parametrize(
    ("expected", "matched", "outcome", "measured"),
    [
        ("Pay Bill", "Rent Bike", F, "'Pay Bill' was taken for 'Rent Bike' 2 times: 'utterance 1', 'utterance 2'"),
        ("pay bill", "FIND BIKE", F, "'pay bill' was taken for 'FIND BIKE' 1 time: 'utterance 2'"),
        ("Pay Bill", NO_INTENT, F, "'Pay Bill' was taken for '(no intent)' 1 time: 'utterance 3'"),
        ("Rent Bike", "Pay Bill", P, "'Rent Bike' was taken for 'Pay Bill' 0 times"),
        ("Find Bike", "Pay Bill", N, "not evaluated by the platform: 'utterance 5'"),
    ],
)
def test_one_forbidden_confusion_is_enough_and_what_was_not_evaluated_is_no_pass(
    expected: str, matched: str, outcome: Outcome, measured: str
) -> None:
    (found,) = judge_forbidden(CONFUSED, forbid(expected, matched), Waived())
    assert (found.outcome, found.measured, found.scope) == (outcome, measured, "forbidden")
    assert found.name == f"'{expected}' taken for '{matched}' <= 0"


@pytest.mark.parametrize(
    ("result_type", "expected", "matched", "outcome"),
    [
        (TP, PAY, ("rent bike",), F),  # the intents say otherwise than the result type
        (ResultType.UNKNOWN, PAY, ("rent bike",), F),
        (TP, PAY, ("pay bill", "rent bike"), P),  # the bot asked which was meant
        (TP, (*PAY, *RENT), ("rent bike",), P),  # either is accepted
        (TP, PAY, ("find bike",), P),
        (NONE, PAY, ("rent bike",), N),
    ],
)
def test_forbidden_confusion_is_one_whatever_the_result_type_says(
    result_type: ResultType, expected: tuple[str, ...], matched: tuple[str, ...], outcome: Outcome
) -> None:
    cases = [case(result_type, expected=expected, matched=matched)]
    (found,) = judge_forbidden(cases, forbid("Pay Bill", "Rent Bike"), Waived())
    assert found.outcome is outcome


@pytest.mark.parametrize(
    ("result_type", "expected", "matched", "pair", "outcome"),
    [
        (ResultType.TN, (), ("rent bike",), (NO_INTENT, "Rent Bike"), F),
        (ResultType.TN, (), (), (NO_INTENT, "Rent Bike"), P),
        (TP, PAY, (), ("Pay Bill", NO_INTENT), F),
        (TP, PAY, ("pay bill",), ("Pay Bill", NO_INTENT), P),
    ],
)
def test_forbidden_confusion_may_be_one_with_no_intent(
    result_type: ResultType,
    expected: tuple[str, ...],
    matched: tuple[str, ...],
    pair: tuple[str, str],
    outcome: Outcome,
) -> None:
    (found,) = judge_forbidden([case(result_type, expected=expected, matched=matched)], forbid(*pair), Waived())
    assert found.outcome is outcome


def test_a_waived_confusion_counts_as_none() -> None:
    one = waived(CONFUSED, utterance="utterance 1")
    (found,) = judge_forbidden(CONFUSED, forbid("Pay Bill", "Rent Bike"), one)
    assert found.message == "'Pay Bill' was taken for 'Rent Bike' 1 time (1 more is waived): 'utterance 2'"
    (found,) = judge_forbidden(
        CONFUSED, forbid("Pay Bill", "Rent Bike"), waived(CONFUSED, expected="Pay Bill", matched="Rent Bike")
    )
    assert (found.outcome, found.message) == (P, "'Pay Bill' was taken for 'Rent Bike' 0 times (2 more are waived)")


def test_forbidden_without_a_results_file_has_no_data_and_of_another_suite_is_no_check() -> None:
    (found,) = judge_forbidden(None, forbid("Pay Bill", "Rent Bike"), Waived())
    assert (found.outcome, found.measured) == (N, "there is no readable results file")
    assert list(judge_forbidden(CONFUSED, forbid("Elsewhere", "Rent Bike"), Waived())) == []


def test_a_forbidden_match_that_nobody_knows_is_pointed_out() -> None:
    (found,) = strange_matches(CONFUSED, forbid("Pay Bill", "Rent Bkie"))
    assert found.message == (
        "nothing in this suite is expected or matched as 'Rent Bkie', which is forbidden there: is the name right?"
    )
    assert list(strange_matches(CONFUSED, forbid("Pay Bill", "find bike"))) == []
    assert list(strange_matches(CONFUSED, forbid("Pay Bill", NO_INTENT))) == []
    assert list(strange_matches(CONFUSED, forbid("Elsewhere", "Nowhere"))) == []


# --- names ------------------------------------------------------------------------------------------------------------


def test_names_that_the_suite_does_not_have_are_found_whatever_their_letter_case_or_spacing() -> None:
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


def test_several_accepted_intents_go_by_each_of_their_names_and_by_all_of_them() -> None:
    both = [case(TP, expected=("A", "B"), matched=("a",))]
    named_all = {name: Floors() for name in ("a", "B", "A | B", "C")}
    assert missing_names(both, Rules(intents=IntentFloors(named=named_all))) == [Name(INTENT, "C")]


# --- checks as a whole ------------------------------------------------------------------------------------------------

NOTHING = {"actual": None, "outcome": N, "is_share": False, "is_excusable": True, "is_of_intent": False}


def whole(check: Check) -> dict[str, object]:
    return {name: value for name, value in asdict(check).items() if name not in ("message", "measured")}


def test_a_floor_is_told_with_all_that_a_program_needs() -> None:
    (found,) = judge_floors(suite((6, TP, RENT), (3, FN, RENT)), floors(min_f1="0.8"))
    assert whole(found) == {
        "name": "f1 of Rent Bike >= 0.80",
        "metric": "f1",
        "operator": ">=",
        "bound": Fraction(4, 5),
        "actual": Fraction(4, 5),
        "outcome": P,
        "scope": "Rent Bike",
        "is_share": True,
        "is_excusable": True,
        "is_of_intent": True,
    }
    assert found.message == "f1 of Rent Bike 0.80 >= 0.80 (6 of 9)"


@pytest.mark.parametrize(
    ("key", "actual"), [("min_precision", Fraction(1)), ("min_recall", Fraction(2, 3)), ("min_f1", Fraction(4, 5))]
)
def test_a_floor_measures_the_score_that_it_bounds(key: str, actual: Fraction) -> None:
    (found,) = judge_floors(
        suite((6, TP, RENT), (3, FN, RENT)), Rules(intents=IntentFloors(general=named(**{key: "0.1"})))
    )
    assert found.actual == actual


def test_a_score_of_zero_is_one() -> None:
    (found,) = judge_floors(suite((9, FN, RENT)), floors(min_recall="0.1"))
    assert (found.actual, found.measured) == (Fraction(0), "0.00, within chance (0 of 9)")


@pytest.mark.parametrize("point", [False, True])
def test_the_plain_score_counts_only_where_that_is_asked_for(point: bool) -> None:
    rules = Rules(intents=IntentFloors(general=Floors(bounds={"min_recall": Fraction(4, 5)}, point=point)))
    (found,) = judge_floors(suite((7, TP, RENT), (3, FN, RENT)), rules)
    assert found.outcome is (F if point else P)


def test_an_intent_of_just_the_least_support_is_held_against_its_floor() -> None:
    cases = suite((4, TP, RENT), (1, FN, RENT))
    assert len(list(judge_floors(cases, floors(min_recall="0.1")))) == 1
    assert list(unsupported(cases, floors(min_recall="0.1"))) == []
    one = Rules(intents=IntentFloors(named={"Pay Bill": Floors(bounds={"min_recall": Fraction(1, 2)}, min_support=1)}))
    (found,) = judge_floors(suite((1, TP, PAY)), one)
    assert found.outcome is P


def test_an_intent_that_is_only_ever_matched_is_not_called_too_small() -> None:
    cases = [*suite((9, TP, RENT)), case(FP, expected=RENT, matched=("stray",), row=10)]
    assert list(unsupported(cases, floors(min_recall="0.1"))) == []


def test_what_floors_say_without_data_is_told_with_all_that_a_program_needs() -> None:
    named_floor = {"Pay Bill": named(min_f1="0.5"), "Rent Bike": named(min_f1="0.6")}
    common, first, second = judge_floors(None, floors(named_floor, min_recall="0.8"))
    about = {"operator": ">=", **NOTHING}
    assert whole(common) == {
        "name": "recall of every intent >= 0.80",
        "metric": "recall",
        "bound": Fraction(4, 5),
        "scope": "intents",
        **about,
    }
    of_pay = {"name": "f1 of Pay Bill >= 0.50", "metric": "f1", "bound": Fraction(1, 2), "scope": "Pay Bill"}
    assert whole(first) == {**of_pay, **about}
    assert second.scope == "Rent Bike"
    (small,) = judge_floors(suite((2, TP, PAY)), floors({"Pay Bill": named(min_f1="0.5")}))
    assert whole(small) == {**of_pay, **about}


def test_a_named_intent_that_has_data_hides_no_other_that_has_none() -> None:
    named_floor = {"Rent Bike": named(min_recall="0.1"), "Pay Bill": named(min_recall="0.1")}
    found = judge_floors(suite((9, TP, RENT), (2, NONE, PAY)), floors(named_floor))
    assert {check.scope: check.outcome for check in found} == {"Rent Bike": P, "Pay Bill": N}


def test_must_pass_and_forbidden_are_told_with_all_that_a_program_needs() -> None:
    must_pass = {
        "name": "must-pass utterances that fail <= 0",
        "metric": "must_pass_failures",
        "operator": "<=",
        "bound": Fraction(0),
        "scope": "must-pass",
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
        "scope": "forbidden",
    }
    (missing,) = judge_forbidden(None, forbid("Pay Bill", "Rent Bike"), Waived())
    assert whole(missing) == {**forbidden, **NOTHING}
    (found,) = judge_forbidden(CONFUSED, forbid("Pay Bill", "Rent Bike"), Waived())
    assert whole(found) == {**forbidden, **NOTHING, "actual": Fraction(2), "outcome": F}


def test_one_forbidden_confusion_hides_no_other() -> None:
    pairs = (("Elsewhere", "A"), ("Find Bike", "B"), ("Pay Bill", "Rent Bike"))
    found = judge_forbidden(CONFUSED, Rules(forbidden=tuple(Forbidden(*pair) for pair in pairs)), Waived())
    assert [check.outcome for check in found] == [N, F]


def test_findings_of_rules_go_by_their_kinds() -> None:
    (small,) = unsupported(suite((1, TP, RENT)), floors(min_recall="0.8"))
    (strange,) = strange_matches(CONFUSED, forbid("Pay Bill", "Nowhere"))
    assert (small.kind, strange.kind) == (FindingKind.SMALL_SUPPORT, FindingKind.UNKNOWN_NAME)


def test_the_names_of_a_suite_are_its_intents_one_by_one_and_together_and_its_utterances_as_they_are_compared() -> None:
    known = [said("pay  me", expected="A | B"), said("hello", ResultType.TN, expected="", row=2)]
    assert names_in(known) == (frozenset({"A", "B", "A | B", NO_INTENT}), frozenset({"pay me", "hello"}))
    assert names_in([]) == (frozenset(), frozenset())


def test_a_hit_beside_what_was_not_evaluated_is_not_excused() -> None:
    (must_pass,) = judge_must_pass(CASES, must("utterance 3", "utterance 5"), Waived())
    lost = [*CONFUSED, case(NONE, expected=PAY, matched=(), row=6)]
    (forbidden,) = judge_forbidden(lost, forbid("Pay Bill", "Rent Bike"), Waived())
    assert [(check.outcome, check.is_excusable) for check in (must_pass, forbidden)] == [(F, False), (F, False)]
