"""Mending a mismatch makes no absolute rule worse; losing enough breaks every rule about change."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil, log2
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from ci_gate.core.metrics import DROPS
from ci_gate.core.model import ResultType
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import Threshold
from tests.properties.worlds import INTENTS, Answer, Said, World, answers, judged, worlds

if TYPE_CHECKING:
    from ci_gate.core.checks.check import Check

RANKS = (Outcome.FAILED, Outcome.NO_DATA, Outcome.PASSED)
TESTED = {*(drop.value for drop in DROPS), "worse_intents"}
"""Metrics of significance tests, which depend on everything that changed."""


def checks_of(world: World) -> dict[str, Check]:
    found = judged(world).judgement
    assert found is not None
    return {check.name: check for check in found.checks}


@given(world=worlds(), data=st.data())
def test_mending_a_mismatch_makes_no_untested_rule_worse(world: World, data: st.DataObject) -> None:
    # A lower bound has no data without evidence, and the first evidence may fail it.
    world = replace(world, rules=replace(world.rules, lower_bound=False))
    wrong = [place for place, row in enumerate(world.rows) if row.now and row.now[0] in (ResultType.FP, ResultType.FN)]
    assume(wrong)
    place = data.draw(st.sampled_from(wrong))
    rows = list(world.rows)
    rows[place] = replace(rows[place], now=answers(rows[place].expected)[0])
    before, after = checks_of(world), checks_of(replace(world, rows=tuple(rows)))
    for name, check in before.items():
        if check.metric not in TESTED and name in after:
            assert RANKS.index(after[name].outcome) >= RANKS.index(check.outcome), name


def least_provable(share: int) -> int:
    """Return the smallest significant number of losses for a test with this share of 0.05."""
    return ceil(log2(share / 0.05)) - 1


@st.composite
def losses(draw: st.DrawFn, share: int, *, half: bool) -> tuple[Said, ...]:
    """Draw a suite of which one intent lost everything, or half, and the rest is unchanged or worse."""
    least = least_provable(share)
    passed = draw(st.integers(2 * least if half else least, 14))
    lost = draw(st.integers(-(-passed // 2), passed)) if half else passed
    first = answers(INTENTS[:1])
    wrong = first[1:]
    rows = [
        Said(f"lost {place}", INTENTS[:1], first[0], draw(st.sampled_from(wrong)) if place < lost else first[0])
        for place in range(passed)
    ]
    for place in range(draw(st.integers(0, 25))):
        expected = draw(st.sampled_from([(INTENTS[1],), (INTENTS[2],), ()]))
        possible = answers(expected)
        was = draw(st.sampled_from([possible[0]] * 3 + possible))
        now: Answer = was if was != possible[0] else draw(st.sampled_from([was] * 3 + possible))
        rows.append(Said(f"other {place}", expected, was, now))
    return tuple(rows)


@given(share=st.sampled_from([1, 2, 3, 4, 10]), data=st.data())
def test_losing_all_of_an_intent_is_a_regression(share: int, data: st.DataObject) -> None:
    rows = data.draw(losses(share, half=False))
    found = checks_of(World(rows, Rules(max_regressions=0, share=share)))
    assert found["intents worse beyond chance <= 0"].outcome is Outcome.FAILED


@given(
    share=st.sampled_from([1, 2, 3, 4, 10]),
    tolerance=st.sampled_from([Fraction(0), Fraction(1, 100), Fraction(1, 10)]),
    data=st.data(),
)
def test_losing_half_of_a_suite_fails_every_affected_drop(share: int, tolerance: Fraction, data: st.DataObject) -> None:
    rows = data.draw(losses(share, half=True))
    keys = ("max_f1_drop", "max_precision_drop", "max_recall_drop", "max_accuracy_drop")
    rules = Rules(thresholds=tuple(Threshold(key, tolerance) for key in keys), share=share)
    for check in checks_of(World(rows, rules)).values():
        # Recall ignores a right intent that becomes a wrong one, and precision one that becomes none.
        if (
            check.metric in TESTED
            and check.actual is not None
            and check.actual > tolerance
            and sees(check, rows, share)
        ):
            assert check.outcome is Outcome.FAILED, check.message


def sees(check: Check, rows: tuple[Said, ...], share: int) -> bool:
    """Whether enough utterances got worse for the score of a check to be significant."""
    blind = {"precision_drop": ResultType.FN, "recall_drop": ResultType.FP}.get(check.metric)
    lost = [
        row.now
        for row in rows
        if row.was and row.now and row.was[0] in (ResultType.TP, ResultType.TN) and row.was != row.now
    ]
    return sum(answer[0] is not blind for answer in lost) >= least_provable(share)
