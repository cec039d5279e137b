"""The floor of every intent: how often it fails if all intents are good, and how often it finds a broken one."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache

from ci_gate.core.checks.intents import judge_floors
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import Rules
from tests.tools.benchmarks.table import Table
from tests.tools.experiment.draws import binomial
from tests.tools.experiment.intents import BROKEN, INTENTS, KNOWN_SUITES, SIZES, supports
from tests.tools.experiment.rates import Rate

RULES = Rules(intents=IntentFloors(general=Floors(bounds={"min_recall": Fraction(4, 5)})))
WELL, AT_THE_FLOOR, BAD = 0.92, 0.80, 0.50
"""The true recall of an intent."""

KNOWN = ((0.4, 19.5, 0.0), (0.9, 69.2, 69.5), (0.0, 78.5, 100.0))
"""By size: three rates in per cent.

The rates are how often any intent is below its floor if all are good, how often if all are at the floor, and how often
the broken intent is found.
"""

_RECALLS = (
    ("all well: any is below", (WELL,) * INTENTS),
    ("all at the floor: any is below", (AT_THE_FLOOR,) * INTENTS),
    ("one broken: found", tuple(BAD if number == BROKEN else WELL for number in range(INTENTS))),
)


def measure(suites: int, seed: int) -> tuple[Table, list[Rate]]:
    """Judge ``suites`` suites of each size and kind against the floor."""
    rows, rates = [], []
    for size, knowns in zip(SIZES, KNOWN, strict=True):
        for (what, recalls), known in zip(_RECALLS, knowns, strict=True):
            chance = random.Random(f"{seed} floors {size} {what}")
            hits = 0
            for _ in range(suites):
                below = [
                    is_below(support, binomial(chance, support, recall))
                    for support, recall in zip(supports(size), recalls, strict=True)
                ]
                hits += below[BROKEN] if BAD in recalls else any(below)
            rate = Rate(
                hits=hits,
                suites=suites,
                known=known,
                known_suites=KNOWN_SUITES,
                is_false_alarm=set(recalls) == {WELL},
            )
            rates.append(rate)
            rows.append((what, f"{size:,}", *rate.cells))
    columns = ("intents", "utterances", "%", "±", "known %", "agrees")
    return Table(f"Recall of every intent >= 0.8 ({suites:,} suites a row, seed {seed})", columns, tuple(rows)), rates


@cache
def is_below(support: int, right: int) -> bool:
    """Return whether the gate finds an intent with ``right`` of ``support`` utterances right below its floor."""
    cases = [_case(row, passes=row <= right) for row in range(1, support + 1)]
    return any(check.outcome is Outcome.FAILED for check in judge_floors(cases, RULES))


@cache
def _case(row: int, *, passes: bool) -> Utterance:
    expected = ("Rent Bike",)
    return Utterance(
        key=f"key-{row}",
        text=f"utterance {row}",
        expected=expected,
        matched=expected if passes else (),
        parent_intent=None,
        result_type=ResultType.TP if passes else ResultType.FN,
        entities=0,
        matched_entities=0,
        row=row,
    )
