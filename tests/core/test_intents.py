"""Scores per intent, and confusions of intents."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.intents import Confusion, IntentScores, confusions, intent_scores
from ci_gate.core.model import ResultType, Utterance
from tests.core.builders import case

RENT, FIND, PAY = ("Rent Bike",), ("Find Bike",), ("Pay",)
TP, TN, FP, FN = ResultType.TP, ResultType.TN, ResultType.FP, ResultType.FN

WORKED_EXAMPLE = (
    case(TP, expected=RENT, matched=("rent bike",)),
    case(TP, expected=RENT, matched=("rent bike",)),
    case(FP, expected=RENT, matched=("find bike",)),
    case(TP, expected=FIND, matched=("find bike",)),
    case(FN, expected=FIND, matched=()),
    case(FP, expected=FIND, matched=("find bike", "rent bike")),
    case(FP, expected=(), matched=("pay",)),
    case(TN, expected=(), matched=()),
)


def test_the_worked_example_is_scored_worst_intent_first() -> None:
    assert intent_scores(WORKED_EXAMPLE) == (
        IntentScores(intent="pay", support=0, tp=0, fp=1, fn=0),
        IntentScores(intent="Find Bike", support=3, tp=1, fp=1, fn=2),
        IntentScores(intent="Rent Bike", support=3, tp=2, fp=1, fn=1),
    )
    scores = [(found.precision, found.recall, found.f1) for found in intent_scores(WORKED_EXAMPLE)]
    assert scores == [
        (0, None, 0),
        (Fraction(1, 2), Fraction(1, 3), Fraction(2, 5)),
        (Fraction(2, 3), Fraction(2, 3), Fraction(2, 3)),
    ]


def test_the_worked_example_has_these_confusions() -> None:
    assert confusions((*WORKED_EXAMPLE, WORKED_EXAMPLE[2])) == (
        Confusion("Rent Bike", "Find Bike", 2),
        Confusion("(no intent)", "pay", 1),
        Confusion("Find Bike", "(no intent)", 1),
        Confusion("Find Bike", "Find Bike | Rent Bike", 1),
    )


def test_mistakes_of_one_intent_add_up_whatever_was_expected_there() -> None:
    wrong = [case(FP, expected=expected, matched=("pay",)) for expected in (RENT, FIND, FIND, ())]
    assert {found.intent: found.fp for found in intent_scores(wrong)} == {"Rent Bike": 0, "Find Bike": 0, "pay": 4}


def test_confusions_are_counted_regardless_of_case() -> None:
    pair = (case(FP, expected=RENT, matched=("pay",)), case(FP, expected=RENT, matched=("PAY",)))
    assert confusions(pair) == (Confusion("Rent Bike", "pay", 2),)


def test_equal_scores_are_sorted_by_support() -> None:
    suite = [case(FN, expected=expected) for expected in (RENT, FIND, RENT, PAY, PAY, PAY)]
    assert [found.intent for found in intent_scores(suite)] == ["Pay", "Rent Bike", "Find Bike"]


def test_an_intent_may_contain_a_lone_surrogate() -> None:
    (found,) = intent_scores([case(FN, expected=("lone \ud800 surrogate",))])
    assert (found.intent, found.fn) == ("lone \ud800 surrogate", 1)


def test_an_intent_without_utterances_has_no_scores() -> None:
    nothing = IntentScores(intent="Pay", support=0, tp=0, fp=0, fn=0)
    assert (nothing.precision, nothing.recall, nothing.f1) == (None, None, None)


def test_intent_that_was_never_matched_has_no_precision_and_scores_zero() -> None:
    (found,) = intent_scores([case(FN, expected=PAY)])
    assert found.precision is None
    assert (found.recall, found.f1) == (Fraction(0), Fraction(0))


def test_matched_intent_is_written_as_the_suite_writes_it() -> None:
    pair = (case(TP, expected=PAY, matched=("pay",)), case(FP, expected=RENT, matched=("PAY",)))
    assert {found.intent for found in intent_scores(pair)} == {"Rent Bike", "Pay"}
    assert confusions(pair) == (Confusion("Rent Bike", "Pay", 1),)


def test_two_spellings_of_an_expected_intent_are_one_intent() -> None:
    pair = (case(TP, expected=("Pay",)), case(TP, expected=("pay",)))
    assert [(found.support, found.tp) for found in intent_scores(pair)] == [(2, 2)]


def test_an_accepted_matched_intent_is_no_false_positive() -> None:
    (found,) = intent_scores([case(FP, expected=PAY, matched=("PAY",))])
    assert (found.intent, found.fp, found.fn) == ("Pay", 0, 1)


def test_accepted_alternatives_are_one_intent_with_a_name_of_its_own() -> None:
    found = intent_scores([case(TP, expected=("Rent Bike", "Find Bike"), matched=("find bike",))])
    assert found == (IntentScores(intent="Rent Bike | Find Bike", support=1, tp=1, fp=0, fn=0),)


@pytest.mark.parametrize(("one", "other"), [
    (("Pay",), ("PAY",)),
    (("Caf\u00e9",), ("cafe\u0301",)),
    (("Bank||Pay",), ("bank >> pay",)),
    (("Rent Bike", "Find Bike"), ("find bike", "Rent  Bike")),
], ids=["case", "composed letters", "parents", "alternatives in any order"])  # fmt: skip
def test_spellings_of_an_intent_are_one_in_any_order(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    suite = [case(FN, expected=one), case(FP, expected=other, matched=("x",)), case(FP, expected=("y",), matched=other)]
    found = intent_scores(suite)
    assert sorted((score.support, score.fn) for score in found) == sorted(
        [(2, 2), (1, 1), (0, 0), *[(0, 0)] * (2 if len(one) > 1 else 0)]
    )
    assert intent_scores(suite[::-1]) == found
    there, back = confusions(suite), confusions(suite[::-1])
    assert there == back
    assert len({pair.expected for pair in there}) == 2
    assert {pair.matched for pair in there if pair.expected == "y"} <= {pair.expected for pair in there}


def test_intent_matched_twice_in_one_utterance_is_one_mistake() -> None:
    found = intent_scores([case(FP, expected=(), matched=("pay", "Pay"))])
    assert [(score.intent, score.fp) for score in found] == [("pay", 1)]


@pytest.mark.parametrize("result_type", [ResultType.NOT_EVALUATED, ResultType.UNKNOWN])
def test_an_unevaluated_utterance_has_no_effect(result_type: ResultType) -> None:
    utterance = case(result_type, expected=PAY, matched=("rent bike",))
    assert intent_scores([utterance]) == ()
    assert confusions([utterance]) == ()


intents = st.sampled_from(["Rent Bike", "Find Bike", "Pay", "Report Damage"])
utterances = st.builds(
    case,
    st.sampled_from(ResultType),
    expected=st.lists(intents, max_size=2, unique=True).map(tuple),
    matched=st.lists(intents.map(str.lower), max_size=2, unique=True).map(tuple),
)


@given(st.lists(utterances))
def test_scores_of_all_intents_add_up_to_the_utterances_that_expect_one(suite: list[Utterance]) -> None:
    expecting = [case for case in suite if case.expected and (case.passed or case.is_mismatch)]
    scores = intent_scores(suite)
    assert sum(score.support for score in scores) == len(expecting)
    assert sum(score.tp for score in scores) == sum(case.passed for case in expecting)
    assert all(score.tp + score.fn == score.support for score in scores)
    assert len({score.intent for score in scores}) == len(scores)


@given(st.lists(utterances))
def test_intents_come_worst_first_and_each_has_an_f1(suite: list[Utterance]) -> None:
    f1 = [score.f1 for score in intent_scores(suite)]
    known = [value for value in f1 if value is not None]
    assert len(known) == len(f1)
    assert known == sorted(known)


@given(st.lists(utterances))
def test_confusions_add_up_to_the_mismatches(suite: list[Utterance]) -> None:
    found = confusions(suite)
    assert sum(confusion.count for confusion in found) == sum(case.is_mismatch for case in suite)
    assert [confusion.count for confusion in found] == sorted((confusion.count for confusion in found), reverse=True)
