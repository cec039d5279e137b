"""Which of many intents got worse by more than chance: the discrete step-up test of Benjamini and Hochberg, mid form.

Each intent is tested by its own changed verdicts, ``statistics.chance_of_fall``. To see one rare chance among many
intents is no surprise, so a chance t is weighed by E(t), the number of intents that coins alone would make so rare. An
intent of few changed verdicts can only have few chances, often none so rare, and counts accordingly. If nothing but
luck changed anything, the share of suites in which some adjusted chance is at most a level is about that level or less.

Source: Heyse, A false discovery rate procedure for categorical data (2011), there with plain chances. Here, as for one
intent alone, half of a tie counts.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING

from ci_gate.core.statistics.chance import chance_of_fall
from ci_gate.core.statistics.sign_flip import EXACT, tosses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_SAME = 1e-9
"""How far, relatively, two ways of computing the same chance may differ; those of different changes differ by more."""

_LEFT_OUT = 1e-300
"""How much is left out of an intent with more than ``EXACT`` changed verdicts: no more than floats hold anyway."""

_MANY, _ANY = 200, range(0)
"""With more unknown pairs than that, what an intent may come to is bounded, not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flipped:
    """The verdicts of one intent that got worse and better, and what those may add that are not known.

    Of the ``unknown`` pairs, verdicts of one utterance of which one at least is not known, ``may_worsen`` may turn out
    worse and ``may_improve`` better; most of them may turn out unchanged as well, and some may turn out either way.
    """

    worse: int
    better: int
    may_worsen: int = 0
    may_improve: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class _Attainable:
    """The chances that a number of changed verdicts can have, ascending, and how likely each or a smaller one is."""

    chances: Sequence[float]
    reached: Sequence[float]

    def rarity(self, chance: float) -> float:
        """Return the probability of so small a chance by luck alone; half of what is at ``chance`` itself counts."""
        place = bisect_right(self.chances, chance * (1 + _SAME))
        if not place:
            return 0.0
        # P(smaller) + P(equal)/2 of a mid-p is that mid-p.
        return chance if self.chances[place - 1] >= chance * (1 - _SAME) else self.reached[place - 1]


def adjusted_chances(intents: Sequence[Flipped]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the adjusted chance of each intent, in order: the least and the most that the unknown verdicts allow.

    The adjusted chance is the least E(t)/found(t) over all t from the intent's own chance on, where ``found`` intents
    have a chance of at most t; it is 1 if no more got worse than better. Both are the same if all is known; else
    no completion lies outside, though the ends need not be reached.

    Each intent counts with the end of its own chance, and with the end of its rarity over all numbers of changed
    verdicts that it may have. The sum of those overshoots: at each t that matters some intent found stands at t, and
    that one's rarity is t.
    """
    spans = [
        range(known := each.worse + each.better, known + each.unknown + 1) if each.unknown <= _MANY else _ANY
        for each in intents
    ]
    tables = {changed: _attainable(changed) for span in set(spans) for changed in span}
    least = [_chance(each.worse + each.may_worsen, each.better) for each in intents]
    most = [_chance(each.worse, each.better + each.may_improve) for each in intents]
    return _adjusted(least, spans, tables, most=False), _adjusted(most, spans, tables, most=True)


def number_by_chance(intents: Sequence[Flipped], chance: float) -> float:
    """Return E(chance): how many of the intents coins alone would make as rare, of those verdicts that are known."""
    counted = Counter(each.worse + each.better for each in intents)
    return math.fsum(number * _attainable(changed).rarity(chance) for changed, number in counted.items())


def _chance(worse: int, better: int) -> float:
    """Return the chance of an intent; one that got no worse is never found."""
    return chance_of_fall(worse, better) if worse > better else 1.0


def _attainable(changed: int) -> _Attainable:
    """Return what ``changed`` verdicts can come to, from all worse to all better; of none, nothing is a finding."""
    if not changed:
        return _Attainable((), ())
    weights = tosses(changed, left_out=0.0 if changed <= EXACT else _LEFT_OUT).weights
    sums = list(accumulate(weights))
    whole = sums[-1]
    chances = [(2 * total - weight) / (2 * whole) for total, weight in zip(sums, weights, strict=True)]
    return _Attainable(chances, [total / whole for total in sums])


def _adjusted(
    chances: Sequence[float], spans: Sequence[range], tables: Mapping[int, _Attainable], *, most: bool
) -> tuple[float, ...]:
    """Return the adjusted chances for one end of the intents' own: the least of E over found from each of them on."""
    ascending = sorted(chance for chance in chances if chance < 1)
    levels = sorted(set(ascending))
    expected = _expected(levels, chances, spans, tables, most=most)
    lowest, adjusted = 1.0, {1.0: 1.0}
    for level, number in zip(reversed(levels), reversed(expected), strict=True):
        lowest = min(lowest, number / bisect_right(ascending, level))
        adjusted[level] = lowest
    return tuple(adjusted[chance] for chance in chances)


def _expected(
    levels: Sequence[float],
    chances: Sequence[float],
    spans: Sequence[range],
    tables: Mapping[int, _Attainable],
    *,
    most: bool,
) -> list[float]:
    """Return E at each level: the most it can be, or the least.

    Each intent has its largest rarity at the level, over all numbers of changed verdicts that it may have; their sum is
    S, and the smallest among the intents whose chance is at most the level is F. E is at most S + min(0, level - F), as
    one of those intents has a rarity of the level itself or less. For the least of E, all is the other way round.
    """
    outer: Callable[[Iterable[float]], float] = max if most else min
    inner: Callable[[Iterable[float]], float] = min if most else max
    rarities = {changed: [table.rarity(level) for level in levels] for changed, table in tables.items()}
    counted = Counter(spans)
    # A chance is at least half of a plain p-value, which is at most 2t with a probability of at most 2t.
    bounds = [min(1.0, 2 * level) if most else 0.0 for level in levels]
    ends = [
        [outer(each) for each in zip(*(rarities[changed] for changed in span), strict=True)] if span else bounds
        for span in counted
    ]
    rarest = dict.fromkeys(counted, 1.0)
    for span, chance in zip(spans, chances, strict=True):
        rarest[span] = min(rarest[span], chance)
    expected = []
    for level, column in zip(levels, zip(*ends, strict=True), strict=True):
        found = inner(end for end, chance in zip(column, rarest.values(), strict=True) if chance <= level)
        expected.append(math.fsum(map(mul, counted.values(), column)) + inner((0.0, level - found)))
    return expected
