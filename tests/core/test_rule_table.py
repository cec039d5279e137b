"""Every rule, judged with an unevaluated utterance and with everything lost; a rule without a row fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.comparison.baseline import Baseline, Origin
from ci_gate.core.duplicates import collapsed
from ci_gate.core.evidence.weigh import weigh
from ci_gate.core.findings import Expectation
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.judgement import judge_suite
from ci_gate.core.model import Reported, ResultType, Utterance
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import RULES, Forbidden, Rules
from ci_gate.core.tally import tally
from ci_gate.core.thresholds import Threshold
from tests.core.builders import results, said

if TYPE_CHECKING:
    from ci_gate.core.checks.check import Check

PAY, FIND = "Pay Bill", "Find Shop"
PASSED, FAILED, NO_DATA = Outcome.PASSED, Outcome.FAILED, Outcome.NO_DATA


@dataclass(frozen=True)
class Row:
    """A rule so tight that a single utterance decides it, and one so loose that it does not.

    ``undecided`` is the outcome of the tight rule if that utterance was not evaluated. The others are outcomes of the
    loose one: ``holds`` with that utterance missing, ``broken`` with half of the suite failing besides, and ``lost``
    with all of it failing.
    """

    tight: Rules
    loose: Rules
    undecided: Outcome = NO_DATA
    holds: Outcome = PASSED
    broken: Outcome = FAILED
    lost: Outcome = FAILED


def bound(key: str, value: str, **told: object) -> Rules:
    return replace(Rules(thresholds=(Threshold(key, Fraction(value)),), demands_all=False), **told)  # type: ignore[arg-type]


def floor(key: str, value: str, *, intent: str = PAY, point: bool = False) -> Rules:
    own = Floors(bounds={key: Fraction(value)}, point=point)
    return Rules(intents=IntentFloors(named={intent: own}), demands_all=False)


SCORES = ("min_f1", "min_precision", "min_recall", "min_accuracy", "min_entity_match")
DROPS = ("max_f1_drop", "max_precision_drop", "max_recall_drop", "max_accuracy_drop")
HOW_MUCH = Row(bound("min_utterances", "41"), bound("min_utterances", "10"), FAILED, broken=PASSED, lost=PASSED)
"""The number of utterances is known and independent of what the bot lost."""

TABLE = {
    **{key: Row(bound(key, "1"), bound(key, "0.7")) for key in SCORES},
    **{key: Row(bound(key, "0"), bound(key, "5")) for key in ("max_mismatches", "max_entity_mismatches")},
    **{key: Row(bound(key, "0", strict_drop=True), bound(key, "0.05")) for key in DROPS},
    "max_new_failures": Row(bound("max_new_failures", "0"), bound("max_new_failures", "5")),
    "max_failed_utterances": Row(bound("max_failed_utterances", "0"), bound("max_failed_utterances", "3"), FAILED,
        broken=PASSED, lost=PASSED),
    "min_utterances": HOW_MUCH,
    "max_regressions": Row(Rules(max_regressions=0, alpha=Fraction(3, 10), demands_all=False),
        Rules(max_regressions=0, demands_all=False)),
    **{f"intents.{key}": Row(floor(key, "1", point=True), floor(key, "0.7")) for key in ("min_f1", "min_recall")},
    # Only utterances that expect another intent can lower the precision of this one.
    "intents.min_precision": Row(floor("min_precision", "1", intent=FIND, point=True), floor("min_precision", "0.7")),
    "must_pass": Row(Rules(must_pass=("pay 0",), demands_all=False), Rules(must_pass=("pay 1",), demands_all=False)),
    "forbidden": Row(Rules(forbidden=(Forbidden(PAY, FIND),), demands_all=False),
        Rules(forbidden=(Forbidden(FIND, PAY),), demands_all=False)),
}  # fmt: skip


def suite(*, blank: bool = False, broken: int = 0) -> tuple[Utterance, ...]:
    """Build forty utterances, one of them possibly unevaluated, with ``broken`` of twenty failing in each intent."""
    found: list[Utterance] = []
    for name, expected, size in (("pay", (PAY,), 20), ("find", (FIND,), 12), ("chat", (), 8)):
        for place in range(size):
            utterance, result = f"{name} {place}", ResultType.TP if expected else ResultType.TN
            matched = expected
            if blank and utterance == "pay 0":
                result, matched = ResultType.NOT_EVALUATED, ()
            elif broken == 20 or 0 < place * 20 < broken * size:
                result, matched = (ResultType.FN, ()) if name == "pay" else (ResultType.FP, (PAY,))
            worked = result in (ResultType.TP, ResultType.TN)
            one = said(utterance, result, expected="".join(expected), row=len(found) + 1)
            entities = int(name == "pay")
            found.append(replace(one, matched=matched, entities=entities, matched_entities=entities * worked))
    return tuple(found)


def outcome(rules: Rules, cases: tuple[Utterance, ...]) -> Outcome:
    """Judge a suite by one rule against a baseline that passed, and combine the checks."""
    counted = tally(cases)
    blank = len(cases) - (counted.evaluated or 0)
    reply = Reported(counts=replace(counted, utterances=len(cases), failed_utterances=blank))
    evidence = weigh(reply, results(cases), expectation=Expectation())
    baseline = Baseline(name="old", origin=Origin(), utterances=collapsed(suite()))
    found = judge_suite(rules, evidence, today=date(2026, 6, 30), baseline=baseline, origin=Origin())
    return together(found.checks)


def together(checks: tuple[Check, ...]) -> Outcome:
    assert checks
    outcomes = {check.outcome for check in checks}
    return FAILED if FAILED in outcomes else NO_DATA if NO_DATA in outcomes else PASSED


def test_every_rule_has_a_row() -> None:
    assert {*TABLE} == {*RULES}


@pytest.mark.parametrize("rule", RULES)
def test_an_unevaluated_utterance_that_decides_a_rule_leaves_it_undecided(rule: str) -> None:
    assert outcome(TABLE[rule].tight, suite(blank=True)) is TABLE[rule].undecided


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_passes_at_its_worst_fails_at_its_best_and_breaks_if_all_is_lost(rule: str) -> None:
    row = TABLE[rule]
    assert outcome(row.loose, suite(blank=True)) is row.holds
    assert outcome(row.loose, suite(blank=True, broken=14)) is row.broken
    assert outcome(row.loose, suite(broken=20)) is row.lost
