"""Floors of intents: the best and the worst case, and intents that are too small."""

from __future__ import annotations

import random
from dataclasses import asdict, replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.checks.intents import NO_FILE, judge_floors, standings, unsupported
from ci_gate.core.findings import FindingKind
from ci_gate.core.floors import FLOORS, Floors, IntentFloors, Standing
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import Area, OneIntent, Rules
from tests.core.builders import FN, FP, TN, TP, case, said
from tests.core.builders import LOST as NONE
from tests.core.builders import expecting as suite

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ci_gate.core.checks.check import Check
    from ci_gate.core.model import ResultType, Utterance

P, F, N = Outcome.PASSED, Outcome.FAILED, Outcome.NO_DATA
RENT, PAY, RARE = ("Rent Bike",), ("Pay Bill",), ("Rare",)


def taken_for(intent: tuple[str, ...], number: int, expected: tuple[str, ...] = RENT) -> list[Utterance]:
    """Build utterances that were taken for ``intent``."""
    return [case(FP, expected=expected, matched=intent, row=row) for row in range(100, 100 + number)]


def floors(named: dict[str, Floors] | None = None, **bounds: str) -> Rules:
    general = Floors(bounds={key: Fraction(bound) for key, bound in bounds.items()})
    return Rules(intents=IntentFloors(general=general, named=named or {}))


def named(**bounds: str) -> Floors:
    return Floors(bounds={key: Fraction(bound) for key, bound in bounds.items()})


def told(cases: Sequence[Utterance] | None, rules: Rules, *, absent: int = 0) -> dict[str, tuple[Outcome, str]]:
    """Return outcome and measured text by the name of the check."""
    return {check.name: (check.outcome, check.measured) for check in judge_floors(cases, rules, absent=absent)}


# --- intents in general and by name -----------------------------------------------------------------------------------
def test_the_common_floor_applies_to_every_large_enough_intent() -> None:
    cases = suite((20, TP, RENT), (4, FN, RENT), (8, TP, PAY), (12, FN, PAY), (2, FN, RARE))
    found = list(judge_floors(cases, floors(min_recall="0.8")))
    assert [(check.outcome, check.message, check.measured) for check in found] == [
        (F, "recall of Pay Bill 0.40 < 0.80 (8 of 20)", "0.40 (8 of 20)"),
        (P, "recall of Rent Bike 0.8333 >= 0.80 (20 of 24)", "0.8333 (20 of 24)"),
    ]
    assert [(check.name, check.scope, check.metric, check.operator, check.is_of_intent) for check in found] == [
        (f"recall of {intent} beyond chance >= 0.80", OneIntent(intent), "recall", ">=", True)
        for intent in ("Pay Bill", "Rent Bike")
    ]


def test_a_score_that_is_low_by_bad_luck_passes_and_says_so() -> None:
    (found,) = judge_floors(suite((7, TP, RENT), (3, FN, RENT)), floors(min_recall="0.8"))
    assert (found.outcome, found.measured) == (P, "0.70, within chance (7 of 10)")


def test_a_named_intent_has_a_floor_of_its_own_and_must_have_data() -> None:
    rules = floors({"pay bill": named(min_recall="0.9"), "Rare": named(min_f1="0.5")}, min_recall="0.5")
    cases = suite((6, TP, RENT), (20, TP, PAY), (10, FN, PAY), (1, TP, RARE))
    few = "support too small: 1 utterance, and a floor of 0.50 of f1 needs 8"
    found = {check.name: (check.outcome, check.message) for check in judge_floors(cases, rules)}
    assert found == {
        "recall of Pay Bill beyond chance >= 0.90": (F, "recall of Pay Bill 0.6667 < 0.90 (20 of 30)"),
        "recall of Rent Bike beyond chance >= 0.50": (P, "recall of Rent Bike 1.00 >= 0.50 (6 of 6)"),
        "f1 of Rare beyond chance >= 0.50": (N, f"f1 of Rare beyond chance >= 0.50: no data ({few})"),
    }


def test_every_named_intent_has_its_own_check() -> None:
    named_floor = {"Rent Bike": named(min_recall="0.1"), "Pay Bill": named(min_recall="0.1")}
    found = judge_floors(suite((40, TP, RENT), (2, NONE, PAY)), floors(named_floor))
    assert {check.scope: check.outcome for check in found} == {OneIntent("Rent Bike"): P, OneIntent("Pay Bill"): N}


def test_copies_of_an_utterance_count_once() -> None:
    one = case(FN, expected=RENT, matched=())
    assert told([one] * 30, floors(min_recall="0.9")) == {
        "recall of every intent beyond chance >= 0.90": (N, "no intent has enough utterances")
    }


def test_a_common_floor_without_a_large_enough_intent_has_no_data() -> None:
    (found,) = judge_floors(suite((4, FN, RENT)), floors(min_recall="0.8"))
    assert (found.outcome, found.name, found.scope) == (
        N,
        "recall of every intent beyond chance >= 0.80",
        Area.EVERY_INTENT,
    )
    assert found.measured == "no intent has enough utterances"


def test_utterances_without_an_expected_intent_have_no_floor() -> None:
    assert told(suite((9, TN, ())), floors(min_recall="0.8")) == {
        "recall of every intent beyond chance >= 0.80": (N, "no intent has enough utterances")
    }


@pytest.mark.parametrize(("name", "outcome", "measured"), [
    ("Pay Bill", N, "it is expected only together with other intents, which are scored as one: name them all"),
    ("PAY bill | rent BIKE", P, "1.00 (9 of 9)"),
    ("rent bike|PAY BILL", P, "1.00 (9 of 9)"),
])  # fmt: skip
def test_alternatives_have_the_floor_of_all_their_names(name: str, outcome: Outcome, measured: str) -> None:
    (found,) = judge_floors(suite((9, TP, (*PAY, *RENT))), floors({name: named(min_recall="0.5")}))
    assert (found.outcome, found.measured) == (outcome, measured)


def test_alternatives_have_one_name_in_any_order() -> None:
    rows = [said(f"say {n}", expected=("A | B", "B | A")[n % 2]) for n in range(9)]
    for order in (rows, rows[::-1]):
        assert [check.name for check in judge_floors(order, floors(min_recall="0.5"))] == [
            "recall of A | B beyond chance >= 0.50"
        ]


def test_a_named_intent_that_is_only_matched_makes_no_check() -> None:
    confused = taken_for(("pay bill",), 2)
    assert list(judge_floors(confused, floors({"Pay Bill": named(min_recall="0.5", min_f1="0.5")}))) == []


def test_an_intent_that_is_never_expected_has_no_floor() -> None:
    strayed = taken_for(("pay bill",), 9, expected=())
    assert told(strayed, floors(min_precision="0.8")) == {
        "precision of every intent beyond chance >= 0.80": (N, "no intent has enough utterances")
    }
    assert list(unsupported(strayed, floors(min_precision="0.8"))) == []


def test_a_named_intent_of_another_suite_makes_no_check() -> None:
    assert list(judge_floors(suite((9, TP, RENT)), floors({"Elsewhere": named(min_recall="0.5")}))) == []


def test_a_named_intent_without_floors_is_exempt() -> None:
    assert told(suite((9, FN, RENT), (9, TP, PAY)), floors({"Rent Bike": Floors()}, min_recall="0.8")) == {
        "recall of Pay Bill beyond chance >= 0.80": (P, "1.00 (9 of 9)")
    }


def test_floors_without_a_results_file_have_no_data() -> None:
    assert told(None, floors({"Pay Bill": named(min_f1="0.5")}, min_recall="0.8")) == {
        "recall of every intent beyond chance >= 0.80": (N, NO_FILE),
        "f1 of Pay Bill beyond chance >= 0.50": (N, NO_FILE),
    }


def test_without_floors_there_are_no_checks() -> None:
    assert list(judge_floors(suite((9, TP, RENT)), Rules())) == []
    assert list(judge_floors(None, Rules())) == []


# --- intents that are too small ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("small", "message"), [
    ((("Rare", 1),), "1 intent has fewer than 5 utterances, so it was not compared with the floor of recall: 'Rare'"),
    ((("Rare", 4), ("Rarer", 1)),
     "2 intents have fewer than 5 utterances, so they were not compared with the floor of recall: 'Rare', 'Rarer'"),
])  # fmt: skip
def test_intents_too_small_for_the_common_floor_are_named(small: tuple[tuple[str, int], ...], message: str) -> None:
    groups = [(amount, TP, (intent,)) for intent, amount in small]
    (found,) = unsupported(suite((9, TP, RENT), *groups), floors(min_recall="0.8"))
    assert (found.kind, found.message) == (FindingKind.SMALL_SUPPORT, f"support too small: {message}")


def test_a_low_floor_needs_more_utterances_than_were_asked_for() -> None:
    cases, rules = suite((9, FN, RENT), (8, FN, PAY)), floors(min_recall="0.3")
    assert told(cases, rules) == {"recall of Rent Bike beyond chance >= 0.30": (F, "0.00 (0 of 9)")}
    (found,) = unsupported(cases, rules)
    assert "1 intent has fewer than 9 utterances" in found.message


@pytest.mark.parametrize("key", ["min_f1", "min_precision", "min_recall"])
@pytest.mark.parametrize("kind", [TP, FN, NONE])
def test_a_floor_that_is_left_out_is_reported(kind: ResultType, key: str) -> None:
    cases, rules = suite((9, TP, RENT), (4, kind, PAY)), floors(None, **{key: "0.8"})
    assert {check.scope for check in judge_floors(cases, rules)} == {OneIntent("Rent Bike")}
    (found,) = unsupported(cases, rules)
    message = (
        f"1 intent has fewer than 5 utterances, so it was not compared with the floor of {FLOORS[key]}: 'Pay Bill'"
    )
    assert found.message == f"support too small: {message}"


def test_each_floor_names_the_intents_too_small_for_it() -> None:
    found = [one.message for one in unsupported(suite((6, TP, RENT)), floors(min_recall="0.5", min_f1="0.5"))]
    few = "support too small: 1 intent has fewer than 8 utterances"
    assert found == [f"{few}, so it was not compared with the floor of f1: 'Rent Bike'"]


def test_large_enough_and_named_intents_are_not_called_too_small() -> None:
    cases = suite((9, TP, RENT), (1, TP, RARE))
    assert list(unsupported(cases, floors({"rare": named(min_f1="0.5")}, min_recall="0.8"))) == []
    assert list(unsupported(cases, floors())) == []


def test_an_intent_of_exactly_the_least_support_is_tested() -> None:
    cases = suite((4, TP, RENT), (1, FN, RENT))
    assert len(list(judge_floors(cases, floors(min_recall="0.5")))) == 1
    assert list(unsupported(cases, floors(min_recall="0.5"))) == []
    one = Floors(bounds={"min_recall": Fraction(19, 20)}, min_support=1)
    assert told(suite((1, TP, PAY)), Rules(intents=IntentFloors(named={"Pay Bill": one}))) == {
        "recall of Pay Bill beyond chance >= 0.95": (P, "1.00 (1 of 1)")
    }


# --- what each score is made of ---------------------------------------------------------------------------------------
def test_support_counts_expected_utterances_evaluated_or_not() -> None:
    cases = [*suite((3, TP, PAY), (2, NONE, PAY), (6, TP, RENT)), *taken_for(("pay bill",), 9)]
    (pay, rent) = standings(cases, absent=1)
    assert pay == Standing(intent="Pay Bill", support=5, right=3, lost=2, wrongly=9, stray=0, absent=1)
    assert rent == Standing(intent="Rent Bike", support=15, right=6, lost=0, wrongly=0, stray=2, absent=1)


def test_an_unevaluated_utterance_may_match_any_other_single_intent() -> None:
    cases = suite((1, NONE, PAY), (1, NONE, ()), (1, NONE, (*PAY, *RENT)), (1, TP, RENT), (1, TP, RARE))
    strays = {one.intent: one.stray for one in standings(cases)}
    assert strays == {"Pay Bill": 1, "Pay Bill | Rent Bike": 0, "Rent Bike": 2, "Rare": 3}


def test_an_unevaluated_copy_may_match_another_intent_than_a_failed_one() -> None:
    failed = replace(said("a", FP, expected="Rent Bike"), matched=("pay bill",))
    cases = [failed, said("a", NONE, expected="Rent Bike"), said("b", expected="Pay Bill"), said("c", expected="Rare")]
    found = {one.intent: (one.right, one.lost, one.wrongly, one.stray) for one in standings(cases)}
    assert found == {"Pay Bill": (1, 0, 1, 0), "Rare": (1, 0, 0, 1), "Rent Bike": (0, 0, 0, 0)}


def test_an_intent_matched_twice_in_one_utterance_counts_once() -> None:
    cases = [*suite((1, TP, PAY)), case(FP, expected=RENT, matched=("pay bill", "PAY  BILL"), row=2)]
    assert {one.intent: one.wrongly for one in standings(cases)} == {"Pay Bill": 1, "Rent Bike": 0}


def test_matching_an_intent_less_often_does_not_evade_its_floor() -> None:
    cases = [*suite((20, FN, PAY), (1, TP, PAY)), *taken_for(PAY, 3, expected=RARE)]
    (found,) = judge_floors(cases, floors(min_precision="0.8"))
    assert (found.outcome, found.measured) == (F, "0.25 (1 of 4)")


def test_the_precision_of_an_unmatched_intent_has_no_data() -> None:
    cases, rules = suite((9, TP, RENT), (5, FN, PAY)), floors(min_precision="0.8")
    assert told(cases, rules) == {
        "precision of Pay Bill beyond chance >= 0.80": (
            N,
            "none of its utterances was right, but with this few that may be chance",
        ),
        "precision of Rent Bike beyond chance >= 0.80": (P, "1.00 (9 of 9)"),
    }
    assert list(unsupported(cases, rules)) == []


def test_a_few_wrong_matches_leave_precision_without_data() -> None:
    rules = floors(min_precision="0.8")
    for wrongly, outcome in ((0, N), (1, N), (2, F)):
        cases = [*suite((5, FN, PAY)), *taken_for(PAY, wrongly)]
        assert told(cases, rules)["precision of Pay Bill beyond chance >= 0.80"][0] is outcome


@pytest.mark.parametrize(
    ("key", "actual"), [("min_precision", Fraction(1)), ("min_recall", Fraction(6, 9)), ("min_f1", Fraction(4, 5))]
)
def test_a_floor_measures_the_score_that_it_bounds(key: str, actual: Fraction) -> None:
    (found,) = judge_floors(
        suite((6, TP, RENT), (3, FN, RENT)), Rules(intents=IntentFloors(general=named(**{key: "0.5"})))
    )
    assert found.actual == actual


def test_a_score_of_zero_counts() -> None:
    (found,) = judge_floors(suite((9, FN, RENT)), floors(min_recall="0.3"))
    assert (found.actual, found.outcome, found.measured) == (Fraction(0), F, "0.00 (0 of 9)")


@pytest.mark.parametrize("point", [False, True])
def test_the_plain_score_counts_only_on_request(point: bool) -> None:
    rules = Rules(intents=IntentFloors(general=Floors(bounds={"min_recall": Fraction(4, 5)}, point=point)))
    (found,) = judge_floors(suite((7, TP, RENT), (3, FN, RENT)), rules)
    assert found.outcome is (F if point else P)


def test_a_floor_is_tested_at_the_undivided_alpha() -> None:
    cases = suite((12, TP, RENT), (8, FN, RENT))
    shared = replace(floors(min_recall="0.8"), share=9)
    assert [check.outcome for check in judge_floors(cases, shared)] == [F]
    assert [check.level for check in judge_floors(cases, shared)] == [None]


# --- what was not evaluated -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("right", "lost", "outcome", "measured"), [
    (9, 9, N, "9 utterances not evaluated could turn it either way"),
    (20, 1, P, "1.00 (20 of 20)"),
    (20, 5, P, "1.00 (20 of 20)"),
    (20, 6, P, "1.00 (20 of 20)"),
    (20, 12, N, "12 utterances not evaluated could turn it either way"),
    (0, 5, N, "none of its utterances was evaluated"),
    (5, 15, N, "15 utterances not evaluated could turn it either way"),
])  # fmt: skip
def test_a_floor_must_hold_with_all_unevaluated_wrong(right: int, lost: int, outcome: Outcome, measured: str) -> None:
    found = told(suite((right, TP, RENT), (lost, NONE, RENT)), floors(min_recall="0.8"))
    assert found == {"recall of Rent Bike beyond chance >= 0.80": (outcome, measured)}


@pytest.mark.parametrize(("lost", "outcome"), [(0, F), (8, F), (20, N)])
def test_a_floor_fails_only_if_it_does_with_all_unevaluated_right(lost: int, outcome: Outcome) -> None:
    cases = suite((2, TP, RENT), (8, FN, RENT), (lost, NONE, RENT))
    assert [check.outcome for check in judge_floors(cases, floors(min_recall="0.8"))] == [outcome]


def test_unevaluated_utterances_of_others_lower_only_precision() -> None:
    rules = floors({"Rent Bike": named(min_precision="0.9")})
    for lost, told_of_it in (
        (1, (P, "1.00 (20 of 20)")),
        (9, (N, "9 utterances not evaluated could turn it either way")),
    ):
        found = told(suite((20, TP, RENT), (lost, NONE, PAY)), rules)
        assert found == {"precision of Rent Bike beyond chance >= 0.90": told_of_it}
    of_recall = floors({"Rent Bike": named(min_recall="0.9")})
    assert [one.outcome for one in judge_floors(suite((20, TP, RENT), (9, NONE, PAY)), of_recall)] == [P]


def test_unevaluated_utterances_count_towards_the_support() -> None:
    cases = suite((9, TP, RENT), (4, TP, PAY), (1, NONE, PAY))
    assert told(cases, floors(min_recall="0.5")) == {
        "recall of Pay Bill beyond chance >= 0.50": (P, "1.00 (4 of 4)"),
        "recall of Rent Bike beyond chance >= 0.50": (P, "1.00 (9 of 9)"),
    }
    assert list(unsupported(cases, floors(min_recall="0.5"))) == []


def test_a_named_intent_that_was_not_evaluated_has_no_data() -> None:
    (found,) = judge_floors(suite((9, TP, RENT), (9, NONE, PAY)), floors({"Pay Bill": named(min_recall="0.5")}))
    assert (found.outcome, found.measured) == (N, "none of its utterances was evaluated")


# --- what does not even stand in the file -----------------------------------------------------------------------------
@pytest.mark.parametrize(("absent", "outcome"), [(0, P), (1, P), (12, N)])
def test_missing_rows_may_belong_to_any_intent(absent: int, outcome: Outcome) -> None:
    found = told(suite((20, TP, RENT)), floors({"Rent Bike": named(min_recall="0.7")}), absent=absent)
    measured = "1.00 (20 of 20)" if outcome is P else f"{absent} utterances not evaluated could turn it either way"
    assert found["recall of Rent Bike beyond chance >= 0.70"] == (outcome, measured)


def test_a_named_intent_that_may_be_in_missing_rows_has_no_data() -> None:
    rules = floors({"Elsewhere": named(min_recall="0.5", min_f1="0.5")})
    why = "it may be expected in what the results file does not hold"
    assert told(suite((9, TP, RENT)), rules, absent=1) == {
        "recall of Elsewhere beyond chance >= 0.50": (N, why),
        "f1 of Elsewhere beyond chance >= 0.50": (N, why),
    }


@pytest.mark.parametrize(("absent", "found"), [
    (1, {}),
    (2,
     {"recall of Rare beyond chance >= 0.80": (N,
          "support too small: 3 utterances, and a floor of 0.80 of recall needs 5")}),
])  # fmt: skip
def test_an_intent_that_may_be_large_enough_has_no_data(absent: int, found: dict[str, tuple[Outcome, str]]) -> None:
    cases = suite((40, TP, RENT), (3, FN, RARE))
    rent = {"recall of Rent Bike beyond chance >= 0.80": (P, "1.00 (40 of 40)")}
    assert told(cases, floors(min_recall="0.8"), absent=absent) == {**found, **rent}


@pytest.mark.parametrize(("absent", "is_hidden"), [(4, False), (5, True)])
def test_missing_rows_may_be_a_whole_unknown_intent(absent: int, is_hidden: bool) -> None:
    found = told(suite((60, TP, RENT)), floors(min_recall="0.8"), absent=absent)
    assert found.pop("recall of Rent Bike beyond chance >= 0.80")[0] is P
    why = "what the results file does not hold may be all of an intent"
    assert found == ({"recall of every intent beyond chance >= 0.80": (N, why)} if is_hidden else {})


# --- by trying all that may be ----------------------------------------------------------------------------------------
INTENTS = ("A", "B")
kinds = st.sampled_from([(TP, None), (FN, None), (FP, "A"), (FP, "B"), (FP, "C"), (NONE, None)])
rows = st.lists(
    st.tuples(st.sampled_from([("A",), ("A",), ("B",), ("A", "B"), ()]), kinds, st.integers(0, 5)), max_size=9
)
any_floors = st.builds(
    Floors,
    bounds=st.dictionaries(st.sampled_from([*FLOORS]), st.sampled_from([Fraction(1, 2), Fraction(9, 10)])),
    min_support=st.sampled_from([1, 2]),
    point=st.booleans(),
)


def row(text: int, expected: tuple[str, ...], result: ResultType, matched: str | None) -> Utterance:
    """Build an utterance of a suite with copies."""
    if not expected and result in (TP, FN):
        result = TN
    if matched in expected:
        result, matched = TP, None
    found = said(f"say {text}", result, expected=" | ".join(expected))
    return replace(found, matched=(matched,) if matched else expected[:1] if result is TP else ())


def completions(cases: Sequence[Utterance]) -> Iterable[list[Utterance]]:
    """Return the suite with every combination of results for its unevaluated utterances."""
    choices = [
        [one]
        if one.is_evaluated
        else [
            row(int(one.text.split()[1]), one.expected, result, matched)
            for result, matched in ((TP, None), (FN, None), (FP, "A"), (FP, "B"), (FP, "C"))
        ]
        for one in cases
    ]
    return map(list, product(*choices))


@given(
    cases=rows.map(lambda found: [row(text, expected, *kind) for expected, kind, text in found]).filter(
        lambda found: sum(not one.is_evaluated for one in found) <= 3
    ),
    general=any_floors,
    own=any_floors,
    seed=st.integers(0, 9),
)
def test_no_completion_changes_a_floor(cases: list[Utterance], general: Floors, own: Floors, seed: int) -> None:
    rules = Rules(intents=IntentFloors(general=general, named={"b": own}))
    found = {check.name: check.outcome for check in judge_floors(cases, rules)}
    shuffled = random.Random(seed).sample(cases, len(cases))
    assert {check.name: check.outcome for check in judge_floors(shuffled, rules)} == found
    for turned_out in completions(cases):
        really = {check.name: check.outcome for check in judge_floors(turned_out, rules)}
        assert all(really[name] is outcome for name, outcome in found.items() if outcome is not N)
        assert all(found.get(name, N) in (N, outcome) for name, outcome in really.items())


# --- checks as a whole ------------------------------------------------------------------------------------------------
NOTHING = {"actual": None, "outcome": N, "is_share": False, "is_excusable": True, "level": None}


def whole(check: Check) -> dict[str, object]:
    told = {name: value for name, value in asdict(check).items() if name not in ("message", "measured")}
    return {**told, "scope": check.scope, "is_of_intent": check.is_of_intent}


def test_a_floor_check_has_all_its_fields() -> None:
    (found,) = judge_floors(suite((6, TP, RENT), (3, FN, RENT)), floors(min_f1="0.8"))
    assert whole(found) == {
        "name": "f1 of Rent Bike beyond chance >= 0.80",
        "metric": "f1",
        "operator": ">=",
        "bound": Fraction(4, 5),
        "actual": Fraction(4, 5),
        "outcome": P,
        "scope": OneIntent("Rent Bike"),
        "is_share": True,
        "is_excusable": True,
        "is_of_intent": True,
        "level": None,
    }
    assert found.message == "f1 of Rent Bike 0.80 >= 0.80 (6 of 9)"


def test_a_floor_check_without_data_has_all_its_fields() -> None:
    named_floor = {"Pay Bill": named(min_f1="0.5"), "Rent Bike": named(min_f1="0.6")}
    common, first, second = judge_floors(None, floors(named_floor, min_recall="0.8"))
    about = {"operator": ">=", **NOTHING}
    assert whole(common) == {
        "name": "recall of every intent beyond chance >= 0.80",
        "metric": "recall",
        "bound": Fraction(4, 5),
        "scope": Area.EVERY_INTENT,
        "is_of_intent": False,
        **about,
    }
    of_pay = {
        "name": "f1 of Pay Bill beyond chance >= 0.50",
        "metric": "f1",
        "bound": Fraction(1, 2),
        "scope": OneIntent("Pay Bill"),
        "is_of_intent": True,
    }
    assert whole(first) == {**of_pay, **about}
    assert second.scope == OneIntent("Rent Bike")
    (small,) = judge_floors(suite((2, TP, PAY)), floors({"Pay Bill": named(min_f1="0.5")}))
    assert whole(small) == {**of_pay, **about}
