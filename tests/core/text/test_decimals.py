"""Numbers are read exactly, and printed on their own side of a threshold."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ci_gate.core.text.decimals import Range, decimal_text, exact_text, meant_by, read_decimal, read_score, text_beside

shares = st.fractions(0, 1)
decimals = st.integers(1, 20).flatmap(lambda places: st.integers(0, 10**places).map(lambda n: Fraction(n, 10**places)))


@pytest.mark.parametrize(("text", "value"), [
    ("0", Fraction(0)),                              ("1", Fraction(1)),
    ("1.", Fraction(1)),                             ("0.9", Fraction(9, 10)),
    (".9", Fraction(9, 10)),                         (".90", Fraction(9, 10)),
    (".00000000000000000001", Fraction(1, 10**20)),  ("00.900", Fraction(9, 10)),
    ("90", Fraction(90)),                            ("0.1", Fraction(1, 10)),
    ("0.00000000000000000001", Fraction(1, 10**20)), ("999999999999", Fraction(10**12 - 1)),
])  # fmt: skip
def test_decimal_is_read_exactly(text: str, value: Fraction) -> None:
    assert read_decimal(text) == value


@pytest.mark.parametrize("text", [
    "",      ".",      " 0.9",          "0.9\n",        "-0.1",
    "+0.9",  "1e-1",   "0,9",           "1/2",          "1_0",
    "nan",   "inf",    "abc",           "٠.٩",          "½",
    "0.9.0", "1" * 13, "0." + "1" * 21, "." + "1" * 21,
])  # fmt: skip
def test_anything_but_a_plain_decimal_is_refused(text: str) -> None:
    assert read_decimal(text) is None


@given(decimals)
def test_decimal_survives_being_written_and_read(value: Fraction) -> None:
    assert read_decimal(exact_text(value)) == value


@pytest.mark.parametrize(("value", "text"), [
    (Fraction(0), "0.00"),          (Fraction(9, 10), "0.90"),         (Fraction(1), "1.00"),
    (Fraction(905, 1000), "0.905"), (Fraction(1, 10**7), "0.0000001"),
])  # fmt: skip
def test_exact_text_has_every_decimal_and_at_least_two(value: Fraction, text: str) -> None:
    assert exact_text(value) == text


@pytest.mark.parametrize(("value", "places", "text"), [
    (Fraction(1, 3), 4, "0.3333"),    (Fraction(2, 3), 2, "0.67"),      (Fraction(1, 8), 2, "0.12"),
    (Fraction(3, 8), 2, "0.38"),      (Fraction(999, 1000), 2, "1.00"), (Fraction(7, 2), 0, "4"),
    (Fraction(1001, 100), 1, "10.0"),
])  # fmt: skip
def test_decimal_text_rounds_half_to_even(value: Fraction, places: int, text: str) -> None:
    assert decimal_text(value, places) == text


@pytest.mark.parametrize(("value", "bound", "text"), [
    (Fraction(1604, 1731), Fraction(93, 100), "0.9266"),
    (Fraction(9, 10), Fraction(9, 10), "0.90"),
    (Fraction(1), Fraction(9, 10), "1.00"),
    (Fraction(19, 20), Fraction(9, 10), "0.95"),
    (Fraction(899999, 1000000), Fraction(9, 10), "0.899999"),
    (Fraction(9000001, 10000000), Fraction(9, 10), "0.9000001"),
    (Fraction(89999999, 99999999), Fraction(9, 10), "0.899999999"),
    (Fraction(2, 3), Fraction(66667, 100000), "0.666667"),
])  # fmt: skip
def test_a_value_has_the_decimals_that_tell_it_from_its_bound(value: Fraction, bound: Fraction, text: str) -> None:
    assert text_beside(value, bound) == text


@given(value=shares, bound=decimals)
@example(value=Fraction(1, 3), bound=Fraction(33333333333333333333, 10**20))
@example(value=Fraction(33333333333333333333, 10**20), bound=Fraction(33333333333333333333, 10**20))
def test_printed_value_stands_on_its_own_side_of_the_bound(value: Fraction, bound: Fraction) -> None:
    printed = Fraction(text_beside(value, bound))
    assert (printed < bound, printed == bound, printed > bound) == (value < bound, value == bound, value > bound)


@given(bound=decimals, distance=st.integers(1, 10**30), above=st.booleans())
def test_printed_value_stands_on_its_own_side_however_near_it_is(bound: Fraction, distance: int, above: bool) -> None:
    value = abs(bound + Fraction(1 if above else -1, distance))
    printed = Fraction(text_beside(value, bound))
    assert (printed < bound, printed > bound) == (value < bound, value > bound)


@pytest.mark.parametrize(("value", "places", "text"), [
    (Fraction(-1, 100), 2, "-0.01"),      (Fraction(-1, 3), 4, "-0.3333"),
    (Fraction(-3, 2), 0, "-2"),           (Fraction(-3, 2), 1, "-1.5"),
    (Fraction(-1, 100_000), 4, "0.0000"), (Fraction(-1), 2, "-1.00"),
])  # fmt: skip
def test_what_is_below_zero_has_a_sign_unless_it_rounds_to_nothing(value: Fraction, places: int, text: str) -> None:
    assert decimal_text(value, places) == text


@given(value=st.fractions(-1, 0))
def test_what_is_below_zero_is_written_as_what_is_above_it_with_a_sign(value: Fraction) -> None:
    assert decimal_text(value, 6).removeprefix("-") == decimal_text(-value, 6)
    assert Fraction(decimal_text(value, 6)) == -Fraction(decimal_text(-value, 6))


@given(value=st.integers(-(10**9), 0).map(lambda billionths: Fraction(billionths, 10**9)))
def test_decimal_below_zero_is_written_exactly(value: Fraction) -> None:
    assert Fraction(exact_text(value)) == value


@given(bound=decimals)
def test_equality_is_printed_as_equality(bound: Fraction) -> None:
    assert text_beside(bound, bound) == exact_text(bound)


@pytest.mark.parametrize(("text", "lowest", "highest"), [
    ("0.93", "0.925", "0.935"),       ("0.00", "0", "0.005"), ("0.99", "0.985", "0.995"),
    ("0.9", "0.895", "0.905"),        ("0", "0", "0.005"),    ("0.9266", "0.92655", "0.92665"),
    ("0.9999", "0.99985", "0.99995"),
])  # fmt: skip
def test_a_rounded_score_means_half_a_unit_less_to_half_a_unit_more(text: str, lowest: str, highest: str) -> None:
    assert meant_by(text) == Range(Fraction(lowest), Fraction(highest), open=True)


@pytest.mark.parametrize(("text", "lowest"), [("1.00", "0.995"), ("1", "0.995"), ("1.0", "0.995"), ("1.000", "0.9995")])
def test_rounded_score_of_everything_may_be_everything(text: str, lowest: str) -> None:
    assert meant_by(text) == Range(Fraction(lowest), Fraction(1))


@pytest.mark.parametrize("text", ["0.93 ", " 0.93\n", "0.9   "])
def test_blanks_around_a_rounded_score_do_not_make_it_more_exact(text: str) -> None:
    assert meant_by(text) == meant_by(text.strip())
    assert read_score(text) == Fraction(text.strip())


@pytest.mark.parametrize("text", ["", "NaN", "1.01", "93%", "-0.93", "0,93"])
def test_text_that_is_no_score_has_no_meaning(text: str) -> None:
    assert meant_by(text) is None
    assert read_score(text) is None


@given(value=shares, places=st.integers(2, 6))
@example(value=Fraction(1), places=2)
@example(value=Fraction(999, 1000), places=2)
def test_every_value_is_among_those_that_its_rounded_text_can_stand_for(value: Fraction, places: int) -> None:
    meant = meant_by(decimal_text(value, places))
    assert meant is not None
    assert 0 <= meant.low <= value <= meant.high <= 1
