"""Equality and spelling of names, and the keys of utterances across runs."""

from __future__ import annotations

import unicodedata
from itertools import permutations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ci_gate.core.names import (
    NO_INTENT,
    Spelling,
    all_keys,
    all_names,
    each_of,
    intent_text,
    intents_key,
    key_of,
    keys_of,
    name_key,
    normalised,
    same_name,
    split_intents,
    utterance_key,
    utterance_key_of_version_1,
)

COMPOSED, DECOMPOSED = "Caf\u00e9 z\u00fcnden", "Cafe\u0301 zu\u0308nden"

ALIKE = {
    "case": ("Rent Bike", "rent bike"),
    "case of a letter that has two forms": ("STRASSE", "straße"),
    "case of a letter that is two": ("\u01f0", "J\u030c"),
    "letters composed": (COMPOSED, DECOMPOSED),
    "letters composed, and case": (COMPOSED.upper(), DECOMPOSED.lower()),
    "blanks between": ("Rent  Bike", "Rent\tBike"),
    "blanks around": (" Rent Bike ", "Rent Bike"),
    "blanks of every kind": ("Rent\u00a0Bike", "Rent\nBike"),
    "parents in either spelling": ("Bikes||Rent", "Bikes>>Rent"),
    "parents with blanks": ("Bikes || Rent", "bikes>>rent"),
    "chain of parents": ("A||B>>C || D", "a>>b||c>>d"),
    "long names": ("Rent Bike " * 30, "rent  bike " * 30),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_two_spellings_of_a_name_mean_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)
    assert same_name(one, other)
    assert key_of(one) in keys_of((other,))
    assert {*key_of(one)} == each_of((other,))
    assert utterance_key("say it", (one,), one) == utterance_key("say it", (other,), other)


DIFFERENT = {
    "another letter": ("Rent Bike", "Rent Bikes"),
    "no blank": ("Rent Bike", "RentBike"),
    "an accent": ("Cafe", "Caf\u00e9"),
    "another order of words": ("Rent Bike", "Bike Rent"),
    "the parent left out": ("Bikes>>Rent", "Rent"),
    "another parent": ("Bikes>>Rent", "Cars>>Rent"),
    "parent and child the other way": ("A>>B", "B>>A"),
    "an arrow of one": ("A>>B", "A>B"),
    "alternatives, not parent and child": ("A|B", "A||B"),
    "the end of a long name": ("Rent Bike " * 30 + "a", "Rent Bike " * 30 + "b"),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_names_that_differ_in_more_than_spelling_are_two(one: str, other: str) -> None:
    assert not same_name(one, other)
    assert utterance_key("say it", split_intents(one), None) != utterance_key("say it", split_intents(other), None)
    assert {*key_of(one)} != each_of(split_intents(other))


@pytest.mark.parametrize("text", ["A | B | C", "C|B|A", "b | a|c", "A | B | C | a"])
def test_alternatives_have_no_order_and_count_once(text: str) -> None:
    assert intents_key(split_intents(text)) == ("a", "b", "c")
    assert same_name(text, "A | B | C")
    assert utterance_key("say it", split_intents(text), None) == utterance_key("say it", ("A", "B", "C"), None)


def test_fewer_alternatives_are_another_expectation() -> None:
    assert not same_name("A | B", "A | B | C")
    assert utterance_key("say it", ("A", "B"), None) != utterance_key("say it", ("A", "B", "C"), None)


@pytest.mark.parametrize(("text", "intents"), [
    ("", ()),                                      (" | ", ()),
    ("A", ("A",)),                                 (" A|B ", ("A", "B")),
    ("trait: Loud||Calm", ("trait: Loud||Calm",)), ("A||B | C||D", ("A||B", "C||D")),
    ("A|||B", ("A|||B",)),
])  # fmt: skip
def test_one_bar_parts_intents_and_two_do_not(text: str, intents: tuple[str, ...]) -> None:
    assert split_intents(text) == intents


@pytest.mark.parametrize(("name", "intents", "is_one", "is_all"), [
    ("Rent Bike", ("rent bike",), True, True),
    ("Rent Bike", ("rent bike", "pay"), True, False),
    ("rent bike", ("Rent Bike", "RENT  BIKE"), True, True),
    ("Pay | rent bike", ("Rent Bike", "Pay"), True, True),
    ("Pay | rent bike", ("Rent Bike", "Pay", "Call"), False, False),
    ("Pay | rent bike", ("Pay",), False, False), ("A | C", ("a", "b"), False, False),
    ("Pay", ("Rent Bike",), False, False),       ("Pay", (), False, False),
    (NO_INTENT, (), True, True),                 ("(No  INTENT)", (), True, True),
    (NO_INTENT, ("Pay",), False, False),         (NO_INTENT, ("None",), False, False),
    (NO_INTENT, ("a", "None"), True, False),  # no intent is one of the alternatives
    ("none", (), False, False),  # an intent may have this name; in a settings file it means no intent
    ("None", ("none",), True, True),             ("None", ("a", "none"), True, False),
    ("", (), False, False),                      ("", ("Pay",), False, False),
])  # fmt: skip
def test_a_name_means_one_intent_or_all(name: str, intents: tuple[str, ...], is_one: bool, is_all: bool) -> None:
    assert (key_of(name) in keys_of(intents)) is is_one
    assert (key_of(name) in all_keys([intents, ("b", "c")])) is is_one
    assert ({*key_of(name)} == each_of(intents)) is is_all


@pytest.mark.parametrize(
    ("intents", "text"), [((), "(no intent)"), (("Rent Bike",), "Rent Bike"), (("A", "B"), "A | B")]
)
def test_intents_are_written_for_people(intents: tuple[str, ...], text: str) -> None:
    assert intent_text(intents) == text


def test_key_of_a_name_of_usual_length_can_be_read_and_that_of_a_long_one_stays_short() -> None:
    assert name_key("Bikes || Rent  Bike") == "bikes>>rent bike"
    assert name_key("x" * 80) == "x" * 80
    assert len({name_key("x" * length) for length in range(75, 200)}) == 125
    assert {len(name_key("x" * length)) for length in range(81, 200)} == {96}


@pytest.mark.parametrize(
    ("one", "other"),
    [("where is  my bike", "where is my bike"), (" where ", "where"), ("a\nb", "a b"), ("cafe\u0301", "caf\u00e9")],
)
def test_key_does_not_depend_on_spacing_or_on_how_letters_are_composed(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)
    assert utterance_key(one, ("A",), None) == utterance_key(other, ("A",), None)


@pytest.mark.parametrize(("utterance", "expected", "parent"), [
    ("Where", ("A",), None), ("where", ("B",), None), ("where", ("A", "B"), None),
    ("where", (), None),     ("where", ("A",), "P"),
])  # fmt: skip
def test_key_depends_on_case_intents_and_parent(utterance: str, expected: tuple[str, ...], parent: str | None) -> None:
    assert utterance_key(utterance, expected, parent) != utterance_key("where", ("A",), None)


def test_key_is_the_same_in_every_version_from_the_second_on() -> None:
    assert utterance_key("where is my bike", ("Find Bike",), None) == "d65600b98bc10c76"
    assert utterance_key("where is my bike", ("Find Bike", "Rent Bike"), "Bikes") == "0a37d8fa74fb2e9e"


def test_key_of_the_first_version_is_still_known() -> None:
    assert utterance_key_of_version_1("where is my bike", ("Find Bike",), None) == "a6cbfa5b6f4223b8"
    assert utterance_key_of_version_1("where is my bike", ("Find Bike", "Rent Bike"), "Bikes") == "25cc4712a62b0da0"


@given(st.text(st.characters()), st.lists(st.text(st.characters()), max_size=2).map(tuple))
def test_any_text_has_a_key(utterance: str, expected: tuple[str, ...]) -> None:
    for key in (utterance_key, utterance_key_of_version_1):
        assert len(key(utterance, expected, None)) == 16


# Letters in more than one case, composed and not, in several scripts; none that folds with another one.
LETTERS = "abcXYZ\u00e9\u00fc\u00c5\u0416\u03a3\u1e9e\u01f0\u6771\U0001f6b2019.-_&"
words = st.text(LETTERS, min_size=1, max_size=12)
names = st.lists(words, min_size=1, max_size=3).map(" ".join)
chains = st.lists(names, min_size=1, max_size=3).map(">>".join) | st.just("long " * 40)
suites = st.tuples(names, st.lists(chains, max_size=3, unique_by=name_key), st.none() | chains)


@st.composite
def respelled(draw: st.DrawFn, name: str) -> str:
    """Draw another spelling of the same name."""
    steps = [draw(st.sampled_from([">>", "||", " >> ", " || "])) for _ in range(name.count(">>"))]
    parts = name.split(">>")
    name = "".join(part + step for part, step in zip(parts, [*steps, ""], strict=True))
    name = name.replace(" ", draw(st.sampled_from([" ", "  ", "\t", "\u00a0"])))
    letters = [letter.swapcase() if draw(st.booleans()) else letter for letter in name]
    written = "".join(letters)
    forms = unicodedata.normalize("NFC", written), unicodedata.normalize("NFD", written)
    return draw(st.sampled_from(["", " "])) + draw(st.sampled_from(forms))


@given(suite=suites, data=st.data())
def test_renaming_never_moves_a_key(suite: tuple[str, list[str], str | None], data: st.DataObject) -> None:
    utterance, expected, parent = suite
    again = [data.draw(respelled(intent)) for intent in data.draw(st.permutations(expected))]
    other_parent = None if parent is None else data.draw(respelled(parent))
    other_utterance = unicodedata.normalize("NFD", utterance).replace(" ", " \n ")
    assert intents_key(tuple(again)) == intents_key(tuple(expected))
    assert utterance_key(other_utterance, tuple(again), other_parent) == utterance_key(
        utterance, tuple(expected), parent
    )


@given(one=suites, other=suites)
@example(one=("a", ["b"], None), other=("a", [], "b"))
@example(one=("a", ["b"], "c"), other=("a", ["c"], "b"))
@example(one=("a", ["b>>c"], None), other=("a", ["c"], "b"))
def test_a_real_change_moves_the_key(
    one: tuple[str, list[str], str | None], other: tuple[str, list[str], str | None]
) -> None:
    def told(suite: tuple[str, list[str], str | None]) -> tuple[object, ...]:
        utterance, expected, parent = suite
        return normalised(utterance), intents_key(tuple(expected)), name_key(parent or "")

    assume(told(one) != told(other))
    keys = {utterance_key(utterance, tuple(expected), parent) for utterance, expected, parent in (one, other)}
    assert len(keys) == 2


@given(name=chains, letter=st.sampled_from("qQ7\u00e4"), data=st.data())
def test_letter_more_makes_another_name(name: str, letter: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name)))
    assume(name[max(0, at - 1) : at + 1] != ">>")
    other = name[:at] + letter + name[at:]
    assert not same_name(name, other)
    assert utterance_key("say it", (name,), None) != utterance_key("say it", (other,), None)


@given(name=chains, data=st.data())
def test_key_of_a_name_is_a_spelling_of_it(name: str, data: st.DataObject) -> None:
    other = data.draw(respelled(name))
    assert name_key(other) == name_key(name)
    assert same_name(other, name)
    if len(name_key(name)) <= 80:
        assert name_key(name_key(name)) == name_key(name)


def test_intent_is_shown_as_the_suite_expects_it_however_often_it_was_matched_otherwise() -> None:
    spelling = Spelling([("Rent Bike",)], [("rent bike",)] * 9)
    assert spelling.spelled(("RENT  BIKE",)) == ("Rent Bike",)
    assert spelling.of("rent bike") == "Rent Bike"


def test_intent_that_the_suite_does_not_expect_is_shown_as_the_platform_writes_it_most_often() -> None:
    spelling = Spelling([("Pay",)], [("rent bike",), ("Rent bike",), ("Rent bike",)])
    assert spelling.of("RENT BIKE") == "Rent bike"


def test_most_frequent_spelling_of_the_suite_wins() -> None:
    spelling = Spelling([("pay",), ("Pay",), ("pay", "call"), ("Pay",), ("Pay", "Call")])
    assert spelling.of("PAY | CALL") == "Pay | call"


def test_spelling_does_not_depend_on_the_order_of_rows() -> None:
    told = [("pay",), ("PAY",), ("Pay",), ("Pay", "call"), ("Call",)]
    shown = {Spelling(order, order[::-1]).of("pay | call") for order in permutations(told)}
    assert shown == {"Pay | call"}


@pytest.mark.parametrize("name", ["Unknown", "(no intent)", "", " odd  one "])
def test_an_unknown_name_stays_as_it_is(name: str) -> None:
    assert Spelling([("Pay",)]).of(name) == (name.strip() or name)


@pytest.mark.parametrize(
    ("intents", "each"),
    [((), {NO_INTENT}), (("A", "a", "B"), {"a", "b"}), (("A", "NONE"), {"a", NO_INTENT}), (("None",), {"none"})],
)
def test_intents_are_known_one_by_one(intents: tuple[str, ...], each: set[str]) -> None:
    assert each_of(intents) == each


def test_names_are_written_one_by_one_and_together() -> None:
    assert all_names([("A", "B"), ("A", "B"), ()]) == {"A", "B", "A | B", NO_INTENT}
    assert all_names([]) == frozenset()


def test_intents_that_are_spelt_rightly_are_not_held_twice() -> None:
    spelling = Spelling([("Pay", "Rent Bike")])
    right = ("Pay", "Rent Bike")
    assert spelling.spelled(right) is right
    assert spelling.spelled(("pay", "rent bike")) is spelling.spelled(("pay", "rent bike"))
    assert spelling.spelled(()) == ()


@given(st.lists(st.lists(chains, max_size=2).map(tuple), max_size=4), st.data())
def test_one_intent_is_shown_in_one_spelling(expected: list[tuple[str, ...]], data: st.DataObject) -> None:
    matched = [tuple(data.draw(respelled(intent)) for intent in intents) for intents in expected]
    spelling = Spelling(expected, matched)
    for intents, again in zip(expected, matched, strict=True):
        assert spelling.spelled(intents) == spelling.spelled(again)
        assert intents_key(spelling.spelled(again)) == intents_key(intents)
