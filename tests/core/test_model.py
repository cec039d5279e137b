"""The values that everything else is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.counts import Counts
from ci_gate.core.model import ResultType, case_key, intent_text, listed
from tests.core.builders import case


@pytest.mark.parametrize(
    ("result_type", "passed", "is_mismatch"),
    [
        (ResultType.TP, True, False),
        (ResultType.TN, True, False),
        (ResultType.FP, False, True),
        (ResultType.FN, False, True),
        (ResultType.NOT_EVALUATED, False, False),
        (ResultType.UNKNOWN, False, False),
    ],
)
def test_utterance_passed_or_mismatched_or_was_not_evaluated(
    result_type: ResultType, passed: bool, is_mismatch: bool
) -> None:
    assert (case(result_type).passed, case(result_type).is_mismatch) == (passed, is_mismatch)


@pytest.mark.parametrize(
    ("intents", "text"), [((), "(no intent)"), (("Rent Bike",), "Rent Bike"), (("A", "B"), "A | B")]
)
def test_intents_are_written_for_people(intents: tuple[str, ...], text: str) -> None:
    assert intent_text(intents) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [("where is  my bike", "where is my bike"), (" where ", "where"), ("a\nb", "a b"), ("cafe\u0301", "caf\u00e9")],
)
def test_key_does_not_depend_on_spacing_or_on_how_letters_are_composed(one: str, other: str) -> None:
    assert case_key(one, ("A",), None) == case_key(other, ("A",), None)


@pytest.mark.parametrize(
    ("utterance", "expected", "parent"),
    [
        ("Where", ("A",), None),
        ("where", ("B",), None),
        ("where", ("A", "B"), None),
        ("where", (), None),
        ("where", ("A",), "P"),
    ],
)
def test_key_depends_on_letter_case_expected_intents_and_parent(
    utterance: str, expected: tuple[str, ...], parent: str | None
) -> None:
    assert case_key(utterance, expected, parent) != case_key("where", ("A",), None)


def test_key_is_the_same_in_every_version() -> None:
    assert case_key("where is my bike", ("Find Bike",), None) == "a6cbfa5b6f4223b8"
    assert case_key("where is my bike", ("Find Bike", "Rent Bike"), "Bikes") == "25cc4712a62b0da0"


@given(st.text(st.characters()))
def test_any_text_has_a_key(utterance: str) -> None:
    assert len(case_key(utterance, (), None)) == 16


@pytest.mark.parametrize("missing", ["tp", "tn", "fp", "fn"])
def test_one_unknown_count_leaves_the_number_of_evaluated_utterances_unknown(missing: str) -> None:
    counts = Counts(**{name: 1 for name in ("tp", "tn", "fp", "fn") if name != missing})
    assert (counts.confusion, counts.evaluated) == (None, None)


def test_evaluated_utterances_are_in_one_of_the_four_counts() -> None:
    counts = Counts(tp=4, tn=3, fp=2, fn=1, failed_utterances=5)
    assert (counts.confusion, counts.evaluated) == ((4, 3, 2, 1), 10)


def test_of_many_texts_the_first_five_are_named_and_the_rest_counted() -> None:
    assert listed("abcde") == "'a', 'b', 'c', 'd', 'e'"
    assert listed("abcdefg") == "'a', 'b', 'c', 'd', 'e' and 2 more"
    assert listed("abc", 1) == "'a' and 2 more"
    assert listed(()) == ""


@pytest.mark.parametrize("result_type", ResultType)
def test_an_utterance_was_evaluated_where_it_is_known_whether_the_bot_was_right(result_type: ResultType) -> None:
    is_known = result_type not in (ResultType.NOT_EVALUATED, ResultType.UNKNOWN)
    assert case(result_type).is_evaluated is is_known
