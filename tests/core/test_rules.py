"""The rules of a suite as a whole: their tests, their level and the names in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.rules import INTENT, MUST_PASS, Forbidden, Name, Rules
from ci_gate.core.thresholds import BASELINE_DEFAULTS, DEFAULTS
from ci_gate.core.waivers import Waiver
from tests.core.builders import ALONE, threshold

FLOOR = Floors(bounds={"min_recall": Fraction(1, 2)})
COUNTED = ("min_utterances", "max_failed_utterances", "max_new_failures")
MORE = threshold("min_utterances", "2")
WAIVERS = (Waiver(expected="A", reason="known", owner="Ada", expires=date(2027, 1, 31)),)
DROPS = ("max_f1_drop", "max_precision_drop", "max_recall_drop", "max_accuracy_drop")


def of(*keys: str) -> Rules:
    return Rules(thresholds=tuple(threshold(key, "1" if key in COUNTED else "0.5") for key in keys))


@pytest.mark.parametrize(("rules", "tests"), [
    (Rules(), 0),
    (Rules(thresholds=(*DEFAULTS.values(), *BASELINE_DEFAULTS.values())), 1),
    (of(*DROPS), 4),
    (of("min_f1", "max_f1_drop"), 1),
    (Rules(max_regressions=0), 1),
    (replace(of(*DROPS), max_regressions=3), 5),
    (replace(of(*DROPS), strict_drop=True), 0),  # what fails without a test needs no chance
    (replace(of("max_f1_drop"), strict_drop=True, max_regressions=0), 1),
    (replace(of("max_f1_drop"), share=7), 1),
    (Rules(thresholds=(threshold("max_new_failures", "0"),), must_pass=("a",), forbidden=(Forbidden("A", "B"),)), 0),
    (Rules(intents=IntentFloors(general=FLOOR)), 0),
])  # fmt: skip
def test_only_tested_drops_and_regressions_share_alpha(rules: Rules, tests: int) -> None:
    assert rules.tests == tests


@pytest.mark.parametrize(
    ("alpha", "share", "level"),
    [("0.05", 1, "0.05"), ("0.05", 2, "0.025"), ("0.05", 20, "0.0025"), ("0.01", 4, "0.0025")],
)
def test_each_test_is_held_against_its_share_exactly(alpha: str, share: int, level: str) -> None:
    assert Rules(alpha=Fraction(alpha), share=share).level == Fraction(level)


def test_names_of_rules_are_those_of_floors_of_forbidden_confusions_and_of_utterances_that_must_pass() -> None:
    rules = Rules(
        intents=IntentFloors(general=FLOOR, named={"A": FLOOR}), forbidden=(Forbidden("B", "C"),), must_pass=("say it",)
    )
    assert [*rules.names] == [Name(INTENT, "A"), Name(INTENT, "B"), Name(MUST_PASS, "say it")]
    assert [name.is_utterance for name in rules.names] == [False, False, True]


@pytest.mark.parametrize(("one", "other", "are_same"), [
    (Name(INTENT, "Pay Bill"), Name(INTENT, " PAY  bill"), True),
    (Name(INTENT, "A | B"), Name(INTENT, "b|a"), True),
    (Name(INTENT, "A||B"), Name(INTENT, "a >> b"), True),
    (Name(INTENT, "Caf\u00e9"), Name(INTENT, "cafe\u0301"), True),
    (Name(INTENT, "A"), Name(INTENT, "B"), False),
    (Name(INTENT, "A"), Name(MUST_PASS, "A"), False),
    (Name(MUST_PASS, " say  it"), Name(MUST_PASS, "say it"), True),
    (Name(MUST_PASS, "Say it"), Name(MUST_PASS, "say it"), False),
])  # fmt: skip
def test_two_spellings_of_a_name_are_one_name(one: Name, other: Name, are_same: bool) -> None:
    assert (one == other) is are_same
    assert len({one, other}) == 2 - are_same


ABOUT_THE_BOT = [
    *(Rules(thresholds=(threshold(key, "1"),)) for key in ALONE if ALONE[key].is_about_the_bot),
    *(of(key) for key in DROPS),
    Rules(thresholds=(threshold("max_new_failures", "0"),)),
    Rules(max_regressions=0),
    Rules(must_pass=("a",)),
    Rules(forbidden=(Forbidden("A", "B"),)),
    Rules(intents=IntentFloors(general=FLOOR)),
    Rules(intents=IntentFloors(named={"A": FLOOR})),
]
ABOUT_THE_EVIDENCE = [
    Rules(),
    Rules(thresholds=(*DEFAULTS.values(),)),
    Rules(thresholds=(threshold("max_failed_utterances", "0"),)),
    Rules(intents=IntentFloors(general=Floors(), named={"A": Floors()})),
]


def test_rules_about_the_bot_are_told_from_rules_about_the_evidence() -> None:
    assert [rules for rules in ABOUT_THE_BOT if not rules.is_about_the_bot] == []
    assert [rules for rules in ABOUT_THE_EVIDENCE if rules.is_about_the_bot] == []


def test_every_rule_can_fail_but_the_one_that_holds_by_default() -> None:
    asked = [*ABOUT_THE_BOT, of("max_failed_utterances"), Rules(thresholds=(MORE,))]
    assert [rules for rules in asked if not rules.can_fail] == []
    for number in "01":
        assert not Rules(thresholds=(threshold("min_utterances", number),), waivers=WAIVERS).can_fail


def test_without_a_baseline_what_compares_is_left_out_and_nothing_else() -> None:
    kept = replace(of("min_f1"), must_pass=("a",), waivers=WAIVERS)
    every = replace(kept, thresholds=(*kept.thresholds, *of(*DROPS, "max_new_failures").thresholds), max_regressions=0)
    assert every.without_baseline() == kept
    assert not of(*DROPS).without_baseline().can_fail
