"""The rule on the drop of F1: how often it fails and warns without a change, and when the bot became worse."""

from __future__ import annotations

import random
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tests.tools.benchmarks.table import Table
from tests.tools.experiment.draws import World, draw
from tests.tools.experiment.rates import Rate
from tests.tools.experiment.rule import Ending, comparison_of, ending_of

if TYPE_CHECKING:
    from ci_gate.core.rules import Rules

SIZES = (200, 1000, 5000)
FALLS = (0.0, 0.01, 0.02, 0.05)
KNOWN: Final = MappingProxyType(
    {
        0.02: ((2.4, 29.6, 66.5, 99.3), (0.0, 49.3, 99.1, 100.0), (0.0, 49.9, 100.0, 100.0)),
        0.06: ((4.4, 21.3, 46.5, 94.2), (1.3, 50.0, 96.2, 100.0), (0.0, 50.2, 100.0, 100.0)),
        0.12: ((4.8, 15.8, 33.5, 83.6), (4.9, 42.2, 86.2, 100.0), (0.0, 49.9, 99.9, 100.0)),
    }
)
"""By churn, then size, then fall: how often a significant fall of more than 0.01 is found, in per cent.

An independent program, which shares no code with the gate, computed these rates.
"""
KNOWN_SUITES = 100_000


def measure(rules: Rules, suites: int, seed: int) -> tuple[Table, list[Rate]]:
    """Judge ``suites`` suites for each size, churn and fall."""
    rows, rates = [], []
    for churn, by_size in KNOWN.items():
        for size, by_fall in zip(SIZES, by_size, strict=True):
            for fall, known in zip(FALLS, by_fall, strict=True):
                endings = judge(World(size, churn, fall), rules, suites, seed)
                rate = Rate(
                    hits=endings[Ending.FAILS],
                    suites=suites,
                    known=known,
                    known_suites=KNOWN_SUITES,
                    is_false_alarm=fall == 0,
                )
                rates.append(rate)
                change = f"-{100 * fall:.0f}" if fall else "0"
                warns = f"{100 * endings[Ending.WARNS] / suites:.1f}"
                rows.append((f"{churn:.0%}", f"{size:,}", change, *rate.cells, warns))
    columns = ("churn", "utterances", "F1 changed by points", "fails %", "±", "known %", "agrees", "warns %")
    title = f"Default rules: F1 fell by more than 0.01, and hardly by chance ({suites:,} suites a row, seed {seed})"
    note = "± is one standard error. Where F1 changed by 0, what fails or warns does so without a cause."
    return Table(title, columns, tuple(rows), note), rates


def judge(world: World, rules: Rules, suites: int, seed: int) -> dict[Ending, int]:
    """Count the endings of the suites; equal suites are judged only once."""
    endings = dict.fromkeys(Ending, 0)
    for change, times in draw(world, random.Random(f"{seed} {world}"), suites).items():
        endings[ending_of(comparison_of(change), rules)] += times
    return endings
