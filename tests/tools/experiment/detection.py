"""The changes that must be found: a suite that became worse as a whole, and a single intent that broke.

The tests of a command share one significance level, so each further test reduces the power of all others.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ci_gate.core.comparison.drops import Limit, measure_drops
from ci_gate.core.metrics import DROPS, Metric
from ci_gate.core.outcome import Outcome
from tests.tools.benchmarks.table import Table
from tests.tools.experiment import scores
from tests.tools.experiment.answers import Bot, Loss, expecting, expecting_none, pair_of
from tests.tools.experiment.draws import Change, World
from tests.tools.experiment.drops import LIMIT
from tests.tools.experiment.rates import Rate
from tests.tools.experiment.regressions import are_worse
from tests.tools.experiment.rule import DEFAULT_RULES, Ending

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci_gate.core.comparison.drops import Drop
    from tests.tools.experiment.answers import Fate

CHURNS = (0.02, 0.06, 0.12)
LOUD = 0.06
"""The highest churn at which a loss has to be found."""

SUITE, FALL = 1000, 0.02
KNOWN_FALL: Final[Mapping[int, tuple[float, ...]]] = MappingProxyType(
    {1: (99, 96, 86), 2: (99, 94, 78), 3: (99, 92, 73), 4: (99, 90, 69), 10: (99, 83, 56)}
)
"""By the number of tests that share alpha, then by churn: how often a fall of F1 by two points is found, in per cent.
"""

FEW = 3
"""The highest number of tests with which a loss has to be found."""

BOT = Bot(right=0.87, wrong=0.078, missed=0.052, right_about_none=0.93)
INTENTS, SUPPORT, NONE = 14, 20, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The tests that look for a broken intent, the number that share alpha with them, and their known failure rates."""

    drops: tuple[Metric, ...] = ()
    regressions: bool = False
    share: int
    known: tuple[float, ...] | None = None

    @property
    def text(self) -> str:
        """Describe the tests."""
        named = [f"{DROPS[drop].label} drop" for drop in self.drops] + ["max_regressions"] * self.regressions
        return " + ".join(named)


COMMANDS = (
    Command(drops=(Metric.F1_DROP,), share=1, known=(80.5, 54.4, 38.4)),
    Command(drops=(Metric.F1_DROP, Metric.RECALL_DROP), share=2, known=(73.2, 47.6, 33.5)),
    Command(drops=(Metric.F1_DROP,), regressions=True, share=2, known=(95.3, 90.5, 78.2)),
    Command(drops=(Metric.F1_DROP,), regressions=True, share=3, known=(93.3, 85.3, 75.4)),
    Command(regressions=True, share=2),
    Command(regressions=True, share=3),
)
_KNOWN_FALLS, _KNOWN_COMMANDS = 20_000, 3000


def measure_falls(suites: int, seed: int) -> tuple[Table, list[Rate]]:
    """Judge ``suites`` suites whose F1 fell."""
    rows, rates = [], []
    for share, knowns in KNOWN_FALL.items():
        for churn, known in zip(CHURNS, knowns, strict=True):
            endings = scores.judge(World(SUITE, churn, FALL), replace(DEFAULT_RULES, share=share), suites, seed)
            rate = Rate(
                hits=endings[Ending.FAILS],
                suites=suites,
                known=known,
                known_suites=_KNOWN_FALLS,
                decimals=0,
                must_be_often=share <= FEW and churn <= LOUD,
            )
            rates.append(rate)
            rows.append((f"{share}", f"{churn:.0%}", *rate.cells))
    columns = ("tests that share alpha", "churn", "found %", "±", "known %", "agrees")
    title = f"F1 of {SUITE:,} utterances falls by {100 * FALL:.0f} points ({suites:,} suites a row, seed {seed})"
    return Table(title, columns, tuple(rows)), rates


def measure_breaks(suites: int, seed: int) -> tuple[Table, list[Rate]]:
    """Judge ``suites`` suites in which one of fourteen intents lost half of its right answers."""
    rows, rates = [], []
    hits: Counter[tuple[Command, float]] = Counter()
    for churn in CHURNS:
        chance = random.Random(f"{seed} breaks {churn}")
        for _ in range(suites):
            intents, none = _drawn(chance, churn)
            fates = [fate for intent in (*intents, none) for fate in intent]
            drops = measure_drops(map(pair_of, fates))
            changes = [_change(intent) for intent in (*intents, none)]
            hits.update((command, churn) for command in COMMANDS if _fails(command, drops, changes))
    for command in COMMANDS:
        for churn, known in zip(CHURNS, command.known or (None,) * len(CHURNS), strict=True):
            rate = Rate(
                hits=hits[command, churn],
                suites=suites,
                known=known,
                known_suites=_KNOWN_COMMANDS,
                must_be_often=command.regressions and churn <= LOUD,
            )
            rates.append(rate)
            rows.append((command.text, f"{command.share}", f"{churn:.0%}", *rate.cells))
    columns = ("any of these fails", "tests that share alpha", "churn", "found %", "±", "known %", "agrees")
    title = f"One of {INTENTS} intents of {SUPPORT} utterances loses half ({suites:,} suites a row, seed {seed})"
    return Table(title, columns, tuple(rows)), rates


def _drawn(chance: random.Random, churn: float) -> tuple[list[list[Fate]], list[Fate]]:
    """Draw the utterances of each intent, the first of which breaks, and those that expect none."""
    broken = expecting(BOT, churn, Loss(BOT.right / 4, BOT.right / 4)).draw(chance, SUPPORT)
    others = [expecting(BOT, churn).draw(chance, SUPPORT) for _ in range(INTENTS - 1)]
    return [broken, *others], expecting_none(BOT, churn).draw(chance, NONE)


def _change(fates: Sequence[Fate]) -> Change:
    pairs = [pair_of(fate) for fate in fates]
    return Change(
        utterances=len(pairs),
        passing=sum(pair.was.passed for pair in pairs),
        worse=sum(pair.got_worse for pair in pairs),
        better=sum(pair.got_better for pair in pairs),
    )


def _fails(command: Command, drops: Mapping[Metric, Drop], changes: Sequence[Change]) -> bool:
    limit = Limit(tolerance=LIMIT.tolerance, level=LIMIT.level / command.share)
    return any(drops[drop].outcome(limit) is Outcome.FAILED for drop in command.drops) or (
        command.regressions and any(are_worse(changes, limit.level))
    )
