"""Reading, comparing and naming thresholds."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.metrics import DROPS, Metric
from ci_gate.core.outcome import Outcome
from ci_gate.core.text.decimals import Range
from ci_gate.core.thresholds import BASELINE_DEFAULTS, DEFAULTS, THRESHOLDS, Threshold, read_threshold
from tests.core.builders import threshold

SCORE_KEYS = [key for key, metric in THRESHOLDS.items() if metric.is_score]
DROP_KEYS = [key for key, metric in THRESHOLDS.items() if metric in DROPS]
COUNT_KEYS = [key for key, metric in THRESHOLDS.items() if not metric.is_share]


@pytest.mark.parametrize(("keys", "bound", "texts"), [
    (SCORE_KEYS, "0.9", ("0.9", ".90", "0.900", "90%", " 90 % ", "0.9\n", "90.0%", "00.9")),
    (SCORE_KEYS, "1", ("1", "100%", "1.00")),
    (DROP_KEYS, "0.01", ("0.01", ".01", "1%", " 1.0 % ", "0.010")),
    (DROP_KEYS, "0", ("0", "0%")),
    (DROP_KEYS, "0.999999", ("0.999999", "99.9999%")),
    (COUNT_KEYS, "0", ("0",)), (COUNT_KEYS, "3", ("3",)), (COUNT_KEYS, "12", (" 12 ",)), (COUNT_KEYS, "7", ("007",)),
    (COUNT_KEYS, "999999999", ("999999999",)),
])  # fmt: skip
def test_a_number_has_many_spellings(keys: list[str], bound: str, texts: tuple[str, ...]) -> None:
    for key, text in product(keys, texts):
        assert read_threshold(key, text) == Threshold(key, Fraction(bound)), (key, text)


@given(st.integers(1, 10000))
def test_share_and_percentage_are_the_same_threshold(hundredths: int) -> None:
    share, percentage = f"{hundredths / 10000:.4f}", f"{hundredths / 100:.2f}%"
    assert read_threshold("min_f1", share) == read_threshold("min_f1", percentage)


NO_NUMBER = "is not a number like 0.9 or 90%, nor 'off'"
DECIMALS = f"{NO_NUMBER}: write the decimals after a point"
TOO_MUCH = "is more than 1, which no score can reach"
ANY_DROP = "allows any drop"
NO_LIMIT = "can never fail: to switch the threshold off, write 'off'"
REFUSED_SCORES = (
    ("0", NO_LIMIT),                            ("0.00", NO_LIMIT), ("0%", NO_LIMIT),    (" 0 %", NO_LIMIT),
    ("90", f"{TOO_MUCH}: did you mean 90%?"),   ("101", TOO_MUCH),  ("101%", TOO_MUCH),  ("150%", TOO_MUCH),
    ("100", f"{TOO_MUCH}: did you mean 100%?"), ("0,9", DECIMALS),  ("-0.1", NO_NUMBER), ("abc", NO_NUMBER),
    ("1.5", f"{TOO_MUCH}: did you mean 1.5%?"), ("nan", NO_NUMBER), ("inf", NO_NUMBER),  ("1e-1", NO_NUMBER),
    ("90%%", NO_NUMBER),                        ("%", NO_NUMBER),   ("", NO_NUMBER),
)  # fmt: skip
REFUSED_DROPS = (
    ("1", f"{ANY_DROP}: did you mean 1%?"),     ("100%", ANY_DROP),   ("101", ANY_DROP),
    ("2.5", f"{ANY_DROP}: did you mean 2.5%?"), ("-0.01", NO_NUMBER), ("0,01", DECIMALS),
    ("100", f"{ANY_DROP}: did you mean 100%?"),
)  # fmt: skip


@pytest.mark.parametrize(("keys", "text", "refusal"), [
    *((SCORE_KEYS, *row) for row in REFUSED_SCORES), *((DROP_KEYS, *row) for row in REFUSED_DROPS),
])  # fmt: skip
def test_a_refused_share_comes_with_what_to_write_instead(keys: list[str], text: str, refusal: str) -> None:
    for key in keys:
        with pytest.raises(ValueError, match=r"^'") as refused:
            read_threshold(key, text)
        assert str(refused.value) == f"'{text.strip()}' {refusal}", key


@pytest.mark.parametrize("text", ["", "-1", "1.0", "1%", "abc", "1e3", "٣", "1000000000"])
@pytest.mark.parametrize("key", COUNT_KEYS)
def test_refused_number_of_things_says_what_to_write(key: str, text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number of 0 or more, nor 'off'"):
        read_threshold(key, text)


@pytest.mark.parametrize("text", ["off", "OFF", " Off "])
@pytest.mark.parametrize("key", THRESHOLDS)
def test_every_threshold_can_be_switched_off(key: str, text: str) -> None:
    assert read_threshold(key, text) is None


@pytest.mark.parametrize(("key", "text", "name"), [
    ("min_f1", "0.9", "f1 >= 0.90"),
    ("min_f1", "90%", "f1 >= 0.90"),
    ("min_precision", ".925", "precision >= 0.925"),
    ("min_recall", "1", "recall >= 1.00"),
    ("min_accuracy", "0.5", "accuracy >= 0.50"),
    ("min_entity_match", "59.23%", "entity match >= 0.5923"),
    ("max_failed_utterances", "0", "not evaluated <= 0"),
    ("max_mismatches", "12", "mismatches <= 12"),
    ("max_entity_mismatches", "03", "entity mismatches <= 3"),
    ("min_utterances", "1", "utterances >= 1"),
    ("max_f1_drop", "1%", "f1 drop <= 0.01"),
    ("max_precision_drop", "0.015", "precision drop <= 0.015"),
    ("max_recall_drop", ".02", "recall drop <= 0.02"),
    ("max_accuracy_drop", "0", "accuracy drop <= 0.00"),
    ("max_new_failures", "3", "new failures <= 3"),
])  # fmt: skip
def test_name_depends_on_the_number_and_not_on_its_spelling(key: str, text: str, name: str) -> None:
    assert threshold(key, text).name == name


def test_names_tell_all_thresholds_apart() -> None:
    names = {threshold(key, "0.5" if metric.is_share else "5").name for key, metric in THRESHOLDS.items()}
    assert len(names) == len(THRESHOLDS) == len(Metric)


@given(bound=st.decimals(0, 1, places=6).map(Fraction), value=st.fractions(0, 1))
def test_minimum_is_met_from_the_bound_upwards(bound: Fraction, value: Fraction) -> None:
    assert Threshold("min_f1", bound).is_met_by(value) is (value >= bound)
    assert Threshold("min_f1", bound).is_met_by(bound)


@given(bound=st.integers(0, 100), value=st.integers(0, 100))
def test_maximum_is_met_up_to_the_bound(bound: int, value: int) -> None:
    found = Threshold("max_mismatches", Fraction(bound))
    assert found.is_met_by(Fraction(value)) is (value <= bound)
    assert found.is_met_by(Fraction(bound))


ranges = st.tuples(st.fractions(0, 1), st.fractions(0, 1)).map(sorted)


@pytest.mark.parametrize(("key", "is_least"), [("min_f1", True), ("max_f1_drop", False)])
@given(bound=st.decimals(0, 1, places=2).map(Fraction), ends=ranges)
def test_every_possible_value_must_agree(key: str, is_least: bool, bound: Fraction, ends: list[Fraction]) -> None:
    low, high = ends
    values = [low, (low + high) / 2, high]
    met = {value >= bound if is_least else value <= bound for value in values}
    outcome = Threshold(key, bound).outcome(Range(low, high))
    assert outcome is (Outcome.NO_DATA if len(met) > 1 else Outcome.PASSED if True in met else Outcome.FAILED)


@pytest.mark.parametrize(("key", "bound", "is_open", "outcome"), [
    ("min_f1", "0.935", True, Outcome.FAILED),       ("min_f1", "0.935", False, Outcome.NO_DATA),
    ("min_f1", "0.9349", True, Outcome.NO_DATA),     ("min_f1", "0.925", True, Outcome.PASSED),
    ("max_f1_drop", "0.935", True, Outcome.PASSED),  ("max_f1_drop", "0.925", True, Outcome.NO_DATA),
    ("max_f1_drop", "0.9249", True, Outcome.FAILED),
])  # fmt: skip
def test_an_open_end_of_a_range_meets_no_minimum(key: str, bound: str, is_open: bool, outcome: Outcome) -> None:
    values = Range(Fraction("0.925"), Fraction("0.935"), open=is_open)
    assert Threshold(key, Fraction(bound)).outcome(values) is outcome


def test_unless_set_something_must_be_there_and_that_all_was_evaluated_is_no_threshold() -> None:
    assert [found.name for found in DEFAULTS.values()] == ["utterances >= 1"]
    assert all(key == found.key for key, found in DEFAULTS.items())


def test_unless_set_f1_may_fall_by_one_point_where_there_is_a_baseline() -> None:
    assert [found.name for found in BASELINE_DEFAULTS.values()] == ["f1 drop <= 0.01"]
    assert all(key == found.key for key, found in BASELINE_DEFAULTS.items())
