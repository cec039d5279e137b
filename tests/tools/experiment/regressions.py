"""The rule on intents that became worse: how often it fails without a change, and how often it finds broken intents."""

from __future__ import annotations

import random
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ci_gate.core.rules import ALPHA
from ci_gate.core.statistics.chance import beyond_chance
from ci_gate.core.statistics.step_up import Flipped, adjusted_chances
from tests.tools.benchmarks.table import Table
from tests.tools.experiment.draws import BEFORE, Change, binomial, share_of
from tests.tools.experiment.intents import KNOWN_SUITES, supports
from tests.tools.experiment.rates import Rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEVEL = float(ALPHA)

_QUIET = (0.02, 0.05, 0.10, 0.20)
_FALSE: Final[Mapping[str, tuple[tuple[int, ...], tuple[float, ...]]]] = MappingProxyType(
    {
        "5 of 200": ((200,) * 5, (4.1, 4.9, 5.1, 4.9)),
        "3 of 300": ((300,) * 3, (4.5, 5.1, 5.1, 4.9)),
        "10 of 100": ((100,) * 10, (3.2, 4.6, 5.0, 5.1)),
        "14 of 20": ((20,) * 14, (0.0, 1.2, 3.1, 4.0)),
        "40, few large": (supports(1000), (2.4, 4.3, 4.8, 4.9)),
        "40, few very large": (supports(5000), (4.8, 4.8, 4.8, 4.9)),
        "100 of 8": ((8,) * 100, (0.0, 0.2, 1.8, 2.7)),
        "77 of 40": ((40,) * 77, (2.1, 3.9, 4.6, 4.8)),
    }
)
"""The utterances of each intent, and by churn how often any intent is called worse although none is, in per cent."""

_FEWER_KNOWN = 5000
_MANY_INTENTS = 70  # from this size on, fewer suites are behind the known rates

_LOUD = (0.0, 0.02, 0.05, 0.10)
_FOUND: Final[Mapping[str, tuple[tuple[int, ...], int, float, tuple[int, ...]]]] = MappingProxyType(
    {
        "100 of 8, 1 loses all": ((8,) * 100, 1, 1.0, (100, 97, 94, 86)),
        "7 of 5, 1 loses all": ((5,) * 7, 1, 1.0, (84, 82, 76, 70)),
        "14 of 20, 1 loses half": ((20,) * 14, 1, 0.5, (99, 97, 92, 80)),
        "50 of 20, 1 loses half": ((20,) * 50, 1, 0.5, (99, 97, 90, 72)),
        "10 of 40, 1 loses a quarter": ((40,) * 10, 1, 0.25, (98, 93, 81, 58)),
        "77 of 40, 1 loses a quarter": ((40,) * 77, 1, 0.25, (98, 92, 70, 42)),
        "14 of 20, 5 lose half": ((20,) * 14, 5, 0.5, (99, 97, 94, 84)),
        "100 of 8, 5 lose all": ((8,) * 100, 5, 1.0, (100, 98, 95, 88)),
        "5 of 200, 1 loses a tenth": ((200,) * 5, 1, 0.1, (100, 98, 87, 68)),
        "100 of 8, all lose all": ((8,) * 100, 100, 1.0, (100, 98, 95, 90)),
        "14 of 20, all lose a quarter": ((20,) * 14, 14, 0.25, (66, 59, 49, 34)),
        "40 of 5, 20 lose all": ((5,) * 40, 20, 1.0, (93, 87, 80, 70)),
    }
)
"""The sizes of the intents, the number of broken ones, the share of passes that each of those loses, and a rate.

The rate is how often such an intent is called worse, in per cent, by churn.
"""


def measure(suites: int, seed: int) -> tuple[Table, list[Rate]]:
    """Judge ``suites`` suites of each kind without a broken intent, and half as many of each kind with some."""
    rows, rates = [], []
    for what, (sizes, knowns) in _FALSE.items():
        of = KNOWN_SUITES if len(sizes) < _MANY_INTENTS else _FEWER_KNOWN
        measured = []
        for churn, known in zip(_QUIET, knowns, strict=True):
            chance = random.Random(f"{seed} regressions {what} {churn}")
            hits = sum(any(are_worse(draw(chance, sizes, churn), LEVEL)) for _ in range(suites))
            measured.append(
                Rate(hits=hits, suites=suites, known=known, known_suites=of, is_false_alarm=True, is_one_of_many=True)
            )
        rows.append((what, "any is called worse", *_by_churn(_QUIET, measured)))
        rates += measured
    for what, (sizes, broken, loses, found) in _FOUND.items():
        measured = []
        for churn, known in zip(_LOUD, found, strict=True):
            chance = random.Random(f"{seed} regressions {what} {churn}")
            drawn = (draw(chance, sizes, churn, broken=broken, loses=loses) for _ in range(suites // 2))
            # Only the first broken intent counts: the others of its suite are no independent evidence.
            hits = sum(are_worse(changes, LEVEL)[0] for changes in drawn)
            measured.append(Rate(hits=hits, suites=suites // 2, known=known, known_suites=_FEWER_KNOWN, decimals=0))
        rows.append((what, "one that broke is found", *_by_churn(_LOUD, measured)))
        rates += measured
    columns = ("intents", "churn: % (by another program)", *("",) * len(_QUIET))
    title = f"Intents worse beyond chance ({suites:,} suites a cell, {suites // 2:,} where one broke, seed {seed})"
    return Table(title, columns, tuple(rows)), rates


def draw(
    chance: random.Random, sizes: Sequence[int], churn: float, *, broken: int = 0, loses: float = 0.0
) -> tuple[Change, ...]:
    """Draw the change of each intent of a suite; each of the ``broken`` ones ``loses`` that share of its passes."""
    passes = share_of(BEFORE)
    flips = churn / 2 / passes
    changes = []
    for number, support in enumerate(sizes):
        passing = binomial(chance, support, passes)
        worse = binomial(chance, passing, 1 - (1 - flips) * (1 - loses) if number < broken else flips)
        better = binomial(chance, support - passing, churn / 2 / (1 - passes))
        changes.append(Change(support, passing, worse, better))
    return tuple(changes)


def are_worse(changes: Sequence[Change], level: float) -> list[bool]:
    """Return for each intent whether it became worse beyond chance."""
    _, adjusted = adjusted_chances([Flipped(worse=change.worse, better=change.better) for change in changes])
    return [beyond_chance(chance, level) for chance in adjusted]


def _by_churn(churns: Sequence[float], rates: Sequence[Rate]) -> list[str]:
    return [f"{churn:.0%}: {rate.cell}" for churn, rate in zip(churns, rates, strict=True)]
