"""The word that was probably meant: the nearest of many, and names with a slip of the pen."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.text import nearest
from ci_gate.core.text.nearest import Slips, closest

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.parametrize(("word", "known", "near"), [
    ("smoke", ("Full", "Smoke"), "Smoke"),
    ("SMOKE TEST", ("smoke", "Smoke tests"), "Smoke tests"),
    ("timout", ("host", "timeout", "time"), "timeout"),
    ("abcd", ("abxy",), "abxy"),
    ("abcd", ("abxyz",), None),
    ("xyz", ("Smoke", "Full"), None),
    ("xyz", (), None),
])  # fmt: skip
def test_the_closest_word_was_probably_meant(word: str, known: tuple[str, ...], near: str | None) -> None:
    assert closest(word, iter(known)) == near


def test_of_two_words_that_differ_by_case_alone_the_same_one_is_meant_whatever_their_order() -> None:
    assert closest("smok", ("smoke", "Smoke")) == closest("smok", ("Smoke", "smoke")) == "Smoke"


MANY = [f"please {verb} {thing} {number} today" for verb in ("pay", "move") for thing in "ab" for number in range(500)]


@pytest.mark.parametrize(("word", "near"), [
    ("please pay a 17 toady", "please pay a 17 today"),
    ("Please  move b 321", "please move b 321 today"),
    ("qqqqq", None),
])  # fmt: skip
def test_of_very_many_words_the_closest_is_found_too(word: str, near: str | None) -> None:
    assert sum(map(len, MANY)) > nearest._FEW_LETTERS
    assert closest(word, MANY) == closest(word, reversed(MANY)) == near


@pytest.mark.parametrize("word", ["Transfermony", "ransfermoney"])
def test_one_long_word_among_very_many_is_found_by_its_beginning_or_its_end(word: str) -> None:
    assert closest(word, [*MANY, "transfermoney"]) == "transfermoney"


def test_of_very_many_words_few_are_compared_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def counting(word: str, possibilities: Sequence[str], n: int, cutoff: float) -> list[str]:
        compared.extend(possibilities)
        return difflib.get_close_matches(word, possibilities, n, cutoff)

    monkeypatch.setattr(nearest, "get_close_matches", counting)
    assert closest("please pay a 17 toady", MANY)
    assert len(compared) <= 28


def test_a_text_that_is_too_long_to_be_compared_is_near_to_none() -> None:
    assert closest("x" * 600, ["x" * 601]) == "x" * 601
    assert closest("x" * 601, ["x" * 600]) is None


SLIPS = [
    ("Agnet", "agent"), ("Agen", "Agent"), ("Agentt", "Agent"), ("Agint", "Agent"), ("Order crad", "Order card"),
    ("Odrer crad", "Order card"), ("Ordercard", "Order card"), ("Or dercard", "Order card"),
    ("Order-card", "Order card"), ("Ordercards", "Order card"), ("Uberweisung", "\u00dcberweisung"),
    ("Ueberweisung", "\u00dcberweisung"), ("Pay bil", "Pay bill"), ("Pya bill", "Pay bill"),
    ("Pay the bill", "Pay the  bills"), ("Level2", "Level 2"),
    ("\u4ed8\u6b3e\u5361\u7247", "\u4ed8\u6b3e\u5361\u7248"),
]  # fmt: skip
NO_SLIPS = [
    ("Order card", "Block card"),         ("Lock account", "Unlock account"),
    ("Activate card", "Deactivate card"), ("Level 2", "Level 3"),
    ("Intent12", "Intent13"),             ("Pay", "Buy"),
    ("Car", "Cat"),                       ("Transfer money in", "Transfer money out"),
    ("Bikes>>Rent", "Rent"),              ("Agent", "Agenda"),
    ("!!", "??"),                         ("\u00e4" * 100, "\u00e4" * 99 + "b"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SLIPS)
def test_a_letter_wrong_in_a_word_or_other_signs_between_words_are_a_slip(one: str, other: str) -> None:
    assert Slips(["Something else", other]).nearest(one) == other
    assert Slips([one]).nearest(other) == one


@pytest.mark.parametrize(("one", "other"), [*NO_SLIPS, ("", "Agent")])
def test_another_word_or_another_number_is_no_slip(one: str, other: str) -> None:
    assert Slips([other]).nearest(one) is None
    assert Slips([one]).nearest(other) is None


def test_a_name_that_is_all_accents_is_a_slip_of_the_one_without() -> None:
    assert Slips(["aeo", "AEO!"]).nearest("\u00e1\u00e9\u00f3") == "AEO!"


@given(st.text("abc ", min_size=4, max_size=12), st.integers(0, 11), st.sampled_from("abc "))
def test_the_index_finds_every_slip(name: str, place: int, letter: str) -> None:
    """The index must miss nothing that comparing each name with each other one would find."""
    written = name[:place] + letter + name[place + 1 :]
    is_slip = nearest._is_slip(nearest._words(written), nearest._words(name))
    assert (Slips([name]).nearest(written) is not None) is is_slip
