"""The rule on intents that got worse: how often it fails where nothing changed, and finds an intent that broke."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.table import Table
from ci_gate.core.baseline import Baseline, Origin
from ci_gate.core.comparison import compare
from ci_gate.core.model import Case, ResultType
from ci_gate.core.rules import ALPHA, Rules
from tests.experiment.draws import binomial
from tests.experiment.intents import BROKEN, KNOWN_SUITES, SIZES, supports
from tests.experiment.rates import Rate
from tests.experiment.rule import Ending, ending_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_gate.core.comparison import Comparison

RULES = Rules(max_regressions=0)
KNOWN = ((0.0, 0.0), (0.3, 25.6), (2.6, 100.0))
"""By size: how often any intent is said to be worse where none is, and the broken one where it is, in per cent."""

_FLIPS = 0.03  # the share of utterances that flips by chance, either way
_BREAKS = 0.42  # what newly fails besides in the intent that breaks: of 0.92, 0.50 are left


@dataclass(frozen=True, slots=True)
class Fate:
    """How the utterances of one intent fared: those that it has, that newly fail, and that were fixed."""

    support: int
    worse: int
    better: int


def measure(rules: Rules, suites: int, seed: int) -> tuple[Table, list[Rate]]:
    """Judge so many suites of each size, with and without a broken intent."""
    rows, rates = [], []
    for size, knowns in zip(SIZES, KNOWN, strict=True):
        for is_broken, known in zip((False, True), knowns, strict=True):
            chance = random.Random(f"{seed} regressions {size} {is_broken}")
            hits = 0
            for _ in range(suites):
                comparison = comparison_of(draw(chance, size, is_broken=is_broken))
                hits += _finds(BROKEN, comparison) if is_broken else ending_of(comparison, rules) is Ending.FAILS
            rate = Rate(hits=hits, suites=suites, known=known, known_suites=KNOWN_SUITES, is_false_alarm=not is_broken)
            rates.append(rate)
            what = "one broke: found" if is_broken else "nothing changed: any is called worse"
            rows.append((what, f"{size:,}", *rate.cells))
    columns = ("intents", "utterances", "%", "±", "known %", "agrees")
    return Table(f"Intents worse beyond chance ({suites:,} suites a row, seed {seed})", columns, tuple(rows)), rates


def draw(chance: random.Random, size: int, *, is_broken: bool) -> tuple[Fate, ...]:
    """Draw how each intent of a suite fared."""
    fates = []
    for number, support in enumerate(supports(size)):
        to_worse = _FLIPS + (_BREAKS if is_broken and number == BROKEN else 0)
        worse = binomial(chance, support, to_worse)
        fates.append(Fate(support, worse, binomial(chance, support - worse, _FLIPS / (1 - to_worse))))
    return tuple(fates)


def comparison_of(fates: Iterable[Fate]) -> Comparison:
    """Compare what changed; of the rest one utterance stands for all of an intent, since more would change no test."""
    return compared(Fate(min(fate.support, fate.worse + fate.better + 1), fate.worse, fate.better) for fate in fates)


def compared(fates: Iterable[Fate]) -> Comparison:
    """Compare suites that hold every utterance."""
    then: dict[str, Case] = {}
    now: dict[str, Case] = {}
    for intent, fate in enumerate(fates):
        for number in range(fate.support):
            is_worse = number < fate.worse
            is_better = not is_worse and number < fate.worse + fate.better
            was, became = _case(intent, number, passes=not is_better), _case(intent, number, passes=not is_worse)
            then[was.key], now[became.key] = was, became
    return compare(Baseline(name="drawn", origin=Origin(), utterances=then), now, alpha=float(ALPHA))


@cache
def _case(intent: int, number: int, *, passes: bool) -> Case:
    expected = (_name(intent),)
    return Case(
        key=f"{intent} {number}",
        utterance=f"utterance {intent} {number}",
        expected=expected,
        matched=expected if passes else (),
        parent_intent=None,
        result_type=ResultType.TP if passes else ResultType.FN,
        entities=0,
        matched_entities=0,
        row=number,
    )


def _name(intent: int) -> str:
    return f"Intent {intent}"


def _finds(intent: int, comparison: Comparison) -> bool:
    return any(change.intent == _name(intent) for change in comparison.worse_intents)
