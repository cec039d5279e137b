"""A check: its message, its printed value, and its outcome without data."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.checks.check import Check, Rule, at_most, more_waived, toothless
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.metrics import Metric
from ci_gate.core.outcome import Outcome, outcome_of
from ci_gate.core.rules import Area, OneIntent, RuleCount

FLOOR = Rule(name="f1 of Pay Bill >= 0.90", metric=Metric.F1, operator=">=", bound=Fraction(9, 10), is_share=True)
NONE_WORSE = Rule(
    name="intents worse <= 0",
    metric=RuleCount.WORSE_INTENTS,
    operator="<=",
    bound=Fraction(0),
    scope=Area.CHANGE,
    is_excusable=False,
    level=Fraction(1, 40),
)


@pytest.mark.parametrize(("actual", "bound", "is_share", "text"), [
    (Fraction(8, 9), Fraction(9, 10), True, "0.8889"),
    (Fraction(1, 2), Fraction(9, 10), True, "0.50"),
    (Fraction(899_999, 1_000_000), Fraction(9, 10), True, "0.899999"),
    (Fraction(-1, 100), Fraction(1, 100), True, "-0.01"),
    (Fraction(-1, 103), Fraction(1, 100), True, "-0.0097"),
    (Fraction(0), Fraction(1, 100), True, "0.00"),
    (Fraction(7), Fraction(3), False, "7"),
])  # fmt: skip
def test_a_value_is_printed_beside_its_bound(actual: Fraction, bound: Fraction, is_share: bool, text: str) -> None:
    assert replace(FLOOR, bound=bound, is_share=is_share).text_of(actual) == text


@given(bound=st.decimals(0, 1, places=4).map(Fraction), fall=st.fractions(-1, 1, max_denominator=10_000))
def test_a_printed_drop_never_crosses_its_bound(bound: Fraction, fall: Fraction) -> None:
    text = replace(FLOOR, bound=bound).text_of(fall)
    assert (Fraction(text) > bound) is (fall > bound)


def test_a_check_is_about_the_suite_and_the_bot_by_default() -> None:
    check = FLOOR.without_data("nothing was evaluated")
    assert (check.scope, check.is_excusable, check.is_of_intent) == (Area.SUITE, True, False)


@pytest.mark.parametrize("name", ["Pay Bill", "suite", "baseline", "intents", "must-pass", "forbidden"])
def test_check_is_of_an_intent_whatever_the_intent_is_called(name: str) -> None:
    assert replace(FLOOR, scope=OneIntent(name)).without_data("nothing was evaluated").is_of_intent


@pytest.mark.parametrize(
    ("allowed", "actual", "outcome"),
    [(0, 0, Outcome.PASSED), (0, 1, Outcome.FAILED), (3, 3, Outcome.PASSED), (3, 4, Outcome.FAILED)],
)
def test_a_count_passes_up_to_its_bound(allowed: int, actual: int, outcome: Outcome) -> None:
    rule = replace(NONE_WORSE, bound=Fraction(allowed))
    assert at_most(rule, actual, actual, message="so many", lost="") == Check(
        name="intents worse <= 0",
        metric=RuleCount.WORSE_INTENTS,
        operator="<=",
        bound=Fraction(allowed),
        actual=Fraction(actual),
        outcome=outcome,
        message="so many",
        measured="so many",
        scope=Area.CHANGE,
        is_excusable=False,
        level=Fraction(1, 40),
    )


@pytest.mark.parametrize(
    ("worst", "best", "outcome"),
    [(True, True, Outcome.PASSED), (False, False, Outcome.FAILED), (False, True, Outcome.NO_DATA)],
)
def test_a_rule_has_an_outcome_only_if_both_extremes_agree(worst: bool, best: bool, outcome: Outcome) -> None:
    assert outcome_of(worst=worst, best=best) is outcome


@given(allowed=st.integers(0, 9), fewest=st.integers(0, 9), more=st.integers(0, 9))
def test_an_uncertain_number_is_judged_only_if_all_its_values_agree(allowed: int, fewest: int, more: int) -> None:
    rule = replace(NONE_WORSE, bound=Fraction(allowed))
    found = at_most(rule, fewest, fewest + more, message="so many", lost="2 were not evaluated")
    met = {number <= allowed for number in range(fewest, fewest + more + 1)}
    assert found.level == Fraction(1, 40)
    if len(met) > 1:
        assert (found.outcome, found.actual) == (Outcome.NO_DATA, None)
        assert found.measured == f"between {fewest} and {fewest + more}: 2 were not evaluated"
    else:
        assert found.outcome is (Outcome.PASSED if True in met else Outcome.FAILED)
        assert found.actual == fewest
        assert found.message == found.measured == "so many"


def test_a_rule_without_data_says_why_and_does_not_pass() -> None:
    assert NONE_WORSE.without_data("nothing was compared") == Check(
        name="intents worse <= 0",
        metric=RuleCount.WORSE_INTENTS,
        operator="<=",
        bound=Fraction(0),
        actual=None,
        outcome=Outcome.NO_DATA,
        message="intents worse <= 0: no data (nothing was compared)",
        measured="nothing was compared",
        scope=Area.CHANGE,
        is_excusable=False,
        level=Fraction(1, 40),
    )


def test_a_rule_that_cannot_fail_has_no_data_if_demanded_and_is_else_left_out() -> None:
    why = "no intent is large enough"
    assert toothless(NONE_WORSE, why, is_demanded=True) == NONE_WORSE.without_data(why)
    message = f"intents worse <= 0 is left out, since nothing could fail it here: {why}"
    assert toothless(NONE_WORSE, why, is_demanded=False) == Finding(FindingKind.SMALL_SUITE, message)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, ""), (1, " (1 more is waived)"), (2, " (2 more are waived)"), (21, " (21 more are waived)")],
)
def test_the_waived_number_is_shown_beside_the_counted_one(number: int, text: str) -> None:
    assert more_waived(number) == text
