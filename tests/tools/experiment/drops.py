"""The rule on the drop of each score: how often it fails without a change, and when right answers were lost."""

from __future__ import annotations

import random
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ci_gate.core.comparison.drops import Limit, measure_drops
from ci_gate.core.metrics import DROPS, Metric
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import ALPHA
from ci_gate.core.thresholds import BASELINE_DEFAULTS
from tests.tools.benchmarks.table import Table
from tests.tools.experiment.answers import NO_LOSS, Bot, Loss, expecting, expecting_none, pair_of
from tests.tools.experiment.draws import binomial
from tests.tools.experiment.rates import Rate

if TYPE_CHECKING:
    from collections.abc import Mapping

BOT = Bot(right=0.88, wrong=0.07, missed=0.05, right_about_none=0.90)
EXPECTING = 0.85
"""The share of utterances that expect an intent."""

LIMIT = Limit(tolerance=BASELINE_DEFAULTS["max_f1_drop"].bound, level=float(ALPHA))

_WRONG, _MISSED, _BOTH = Loss(to_wrong=0.03), Loss(to_missed=0.03), Loss(0.02, 0.02)
KNOWN: Final[Mapping[tuple[int, float, Loss], tuple[float, float, float, float]]] = MappingProxyType(
    {
        (100, 0.02, NO_LOSS): (0.8, 0.8, 0.4, 0.7),
        (100, 0.06, NO_LOSS): (4.3, 4.5, 3.8, 3.7),
        (100, 0.12, NO_LOSS): (4.5, 4.8, 4.5, 4.2),
        (300, 0.02, NO_LOSS): (2.4, 3.5, 1.9, 3.2),
        (300, 0.06, NO_LOSS): (5.1, 5.0, 5.0, 5.1),
        (300, 0.12, NO_LOSS): (5.2, 4.9, 4.7, 5.4),
        (1000, 0.02, NO_LOSS): (0.1, 0.9, 0.3, 1.4),
        (1000, 0.06, NO_LOSS): (2.2, 5.0, 4.2, 4.9),
        (1000, 0.12, NO_LOSS): (4.9, 5.0, 5.0, 5.0),
        (100, 0.06, _WRONG): (20.5, 25.5, 11.4, 17.9),
        (100, 0.06, _MISSED): (21.0, 10.7, 28.4, 18.7),
        (100, 0.06, _BOTH): (31.4, 23.1, 28.0, 28.0),
        (300, 0.06, _WRONG): (47.0, 57.2, 10.2, 45.0),
        (300, 0.06, _MISSED): (46.0, 8.6, 65.5, 43.4),
        (300, 0.06, _BOTH): (65.0, 43.0, 52.6, 63.1),
        (1000, 0.06, _WRONG): (87.0, 94.2, 8.1, 87.0),
        (1000, 0.06, _MISSED): (88.0, 9.9, 98.9, 87.7),
        (1000, 0.06, _BOTH): (97.7, 82.0, 91.8, 97.5),
    }
)
"""By utterances, churn and loss: how often F1, precision, recall and accuracy fail, in per cent.

An independent program computed these rates.
"""

_KNOWN_SUITES, _KNOWN_BROKEN = 8000, 4000
_ORDER = (Metric.F1_DROP, Metric.PRECISION_DROP, Metric.RECALL_DROP, Metric.ACCURACY_DROP)


def measure(suites: int, seed: int) -> tuple[Table, list[Rate]]:
    """Judge ``suites`` suites of each kind."""
    rows, rates = [], []
    for (size, churn, loss), knowns in KNOWN.items():
        hits = _failing(size, churn, loss, suites, random.Random(f"{seed} drops {size} {churn} {loss}"))
        measured = [
            Rate(
                hits=hits[drop],
                suites=suites,
                known=known,
                known_suites=_KNOWN_SUITES if loss == NO_LOSS else _KNOWN_BROKEN,
                is_false_alarm=loss == NO_LOSS,
                is_one_of_many=True,
            )
            for drop, known in zip(_ORDER, knowns, strict=True)
        ]
        rates += measured
        lost = f"{100 * loss.to_wrong:.0f} + {100 * loss.to_missed:.0f}"
        rows.append((f"{size:,}", f"{churn:.0%}", lost, *(rate.cell for rate in measured)))
    columns = ("utterances", "churn", "% to FP + FN", *(DROPS[drop].label for drop in _ORDER))
    note = "Each cell: % that fail (by another program). Where nothing got lost, what fails is a false alarm."
    title = f"One score fell by more than 0.01, and hardly by chance ({suites:,} suites a row, seed {seed})"
    return Table(title, columns, tuple(rows), note), rates


def _failing(size: int, churn: float, loss: Loss, suites: int, chance: random.Random) -> Counter[Metric]:
    found: Counter[Metric] = Counter()
    for _ in range(suites):
        intents = binomial(chance, size, EXPECTING)
        fates = expecting(BOT, churn, loss).draw(chance, intents)
        fates += expecting_none(BOT, churn).draw(chance, size - intents)
        drops = measure_drops(map(pair_of, fates))
        found.update(metric for metric, drop in drops.items() if drop.outcome(LIMIT) is Outcome.FAILED)
    return found
