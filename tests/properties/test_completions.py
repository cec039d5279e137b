"""A verdict holds for every completion, every spelling of names and every order of rows."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import assume, event, given
from hypothesis import strategies as st

from ci_gate.core.outcome import Outcome
from ci_gate.core.verdict import Verdict
from tests.properties.worlds import World, completions, judged, respelled, unknown_in, worlds

if TYPE_CHECKING:
    from ci_gate.core.report import SuiteReport


def outcomes(report: SuiteReport) -> dict[str, Outcome]:
    """Return the outcome of each check by its name."""
    checks = report.judgement.checks if report.judgement else ()
    return {check.name: check.outcome for check in checks}


@given(world=worlds())
def test_a_verdict_and_every_check_hold_however_the_unknown_turns_out(world: World) -> None:
    assume(unknown_in(world))
    report = judged(world)
    event(report.verdict)
    told = outcomes(report)
    for turned_out in completions(world):
        really = judged(turned_out)
        if report.verdict is not Verdict.UNJUDGED:
            assert really.verdict is report.verdict
        for name, outcome in outcomes(really).items():
            if told.get(name, Outcome.NO_DATA) is not Outcome.NO_DATA:
                assert outcome is told[name], name


@given(world=worlds(), seed=st.integers(0, 9))
def test_neither_spelling_nor_the_order_of_rows_moves_a_verdict(world: World, seed: int) -> None:
    shuffled = random.Random(seed).sample(world.rows, len(world.rows))
    report, again = judged(world), judged(replace(world, rows=tuple(shuffled), spelled=respelled))
    assert again.verdict is report.verdict
    assert outcomes(again) == outcomes(report)
