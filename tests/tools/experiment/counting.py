"""The rule on new failures, which counts without a statistical test: how often chance alone breaks it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ci_gate.core.checks.changes import judge_comparison
from ci_gate.core.checks.check import Check
from ci_gate.core.comparison.compare import compare
from ci_gate.core.model import ResultType
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import ALPHA, Rules
from ci_gate.core.thresholds import Threshold
from ci_gate.core.waivers import Waived
from tests.tools.benchmarks.table import Table
from tests.tools.experiment.answers import pair_of
from tests.tools.experiment.draws import World, draw
from tests.tools.experiment.rates import Rate
from tests.tools.experiment.rule import BASELINE, NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

SMOKE, NIGHTLY = 20, 2
"""The number of utterances of the smallest suite, and the new failures that ``nightly.toml`` allows it."""

KNOWN: Final[Mapping[tuple[int, float], tuple[float, int]]] = MappingProxyType(
    {
        (SMOKE, 0.003): (3.0, 0),
        (SMOKE, 0.02): (18.2, 1),
        (SMOKE, 0.05): (39.7, 2),
        (100, 0.003): (13.9, 1),
        (100, 0.02): (63.4, 3),
        (100, 0.05): (92.0, 5),
        (300, 0.003): (36.3, 2),
        (300, 0.02): (95.1, 6),
        (300, 0.05): (99.9, 12),
        (1000, 0.003): (77.7, 4),
        (1000, 0.02): (100.0, 15),
        (1000, 0.05): (100.0, 33),
    }
)
"""By utterances and churn: how often a limit of zero is exceeded, in per cent, and the lowest safe limit."""

KNOWN_NIGHTLY: Final = MappingProxyType({0.003: 0.0, 0.02: 0.1, 0.05: 1.3})
"""By churn: how often the rule of ``nightly.toml`` is broken, in per cent."""

_EXACT = 10**9  # those rates are computed exactly, not sampled

_STAYS = (ResultType.TP, ResultType.TP)
_FAILS = (ResultType.TP, ResultType.FP)


def measure(suites: int, seed: int) -> tuple[Table, list[Rate]]:
    """Judge ``suites`` suites of each kind without a change for the worse."""
    rows, rates = [], []
    for (size, churn), (broken, least) in KNOWN.items():
        changes = draw(World(size, churn, 0.0), random.Random(f"{seed} counting {size} {churn}"), suites)
        worse: Counter[int] = Counter()
        for change, times in changes.items():
            worse[change.worse] += times

        def rate(allowed: int, known: float | None, worse: Counter[int] = worse, size: int = size) -> Rate:
            hits = sum(times for number, times in worse.items() if _is_broken(size, number, allowed))
            return Rate(
                hits=hits,
                suites=suites,
                known=known,
                known_suites=_EXACT,
                is_false_alarm=known is None,
                is_one_of_many=True,
            )

        none, few = rate(0, broken), rate(least, None)
        measured = [none, few, *([rate(NIGHTLY, KNOWN_NIGHTLY[churn])] if size == SMOKE else [])]
        rates += measured
        nightly = measured[2].cell if size == SMOKE else ""
        rows.append((f"{size:,}", f"{100 * churn:g}%", none.cell, f"{least}: {few.cell}", nightly))
    columns = ("utterances", "churn", "none is allowed", "so many are", f"{NIGHTLY} are, of {SMOKE}")
    note = "Each cell: % in which the rule is broken (exactly)."
    title = f"New failures where nothing got worse ({suites:,} suites a row, seed {seed})"
    return Table(title, columns, tuple(rows), note), rates


@cache
def _is_broken(utterances: int, worse: int, allowed: int) -> bool:
    """Return whether the gate fails a suite in which ``worse`` of ``utterances`` newly fail."""
    pairs = [pair_of(_FAILS)] * worse + [pair_of(_STAYS)] * (utterances - worse)
    comparison = compare(replace(NOTHING, pairs=tuple(pairs)), BASELINE, level=float(ALPHA))
    rules = Rules(thresholds=(Threshold("max_new_failures", Fraction(allowed)),))
    (check,) = judge_comparison(comparison, rules, Waived())
    return isinstance(check, Check) and check.outcome is Outcome.FAILED
