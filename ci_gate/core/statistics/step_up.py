"""The discrete step-up test of Benjamini and Hochberg, with mid-p values: which of many intents got worse.

Each intent has a p-value of its own, here called its chance: ``chance_of_fall`` of its changed verdicts. Among many
intents a few small chances are expected, so that a chance t is compared with E(t), the expected number of intents with
a chance of at most t if only coins decided. An intent with few changed verdicts can only have few different chances,
often none as small as t, and therefore adds little to E(t). If only luck changed any verdicts, some adjusted chance is
at most a given level in about that share of suites, or in fewer.

Source: Heyse, A false discovery rate procedure for categorical data (2011), there with plain p-values. Here, as for one
intent alone, a tie counts half.
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
"""The relative difference up to which two chances are the same; chances of different changes differ by more."""

_LEFT_OUT = 1e-300
"""The probability left out for more than ``EXACT`` changed verdicts: close to the smallest that a float can hold."""

_MANY, _ANY = 200, range(0)
"""An intent with more than ``_MANY`` unknown pairs gets the span ``_ANY``.

Its rarity is then bounded, instead of computed for every possible number of changed verdicts.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flipped:
    """The number of verdicts of one intent that got worse and better, and what unknown verdicts may add to them.

    ``unknown`` is the number of pairs of which at least one verdict is not known; ``may_worsen`` of them may turn out
    worse and ``may_improve`` better. Most of them may also turn out unchanged, and some may turn out either way.
    """

    worse: int
    better: int
    may_worsen: int = 0
    may_improve: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class _Attainable:
    """The possible chances for one number of changed verdicts, in ascending order.

    ``reached`` holds, for each of them, the probability that the chance is at most this one if only luck decides.
    """

    chances: Sequence[float]
    reached: Sequence[float]

    def rarity(self, chance: float) -> float:
        """Return the probability of a chance of at most ``chance`` if only luck decides; an equal one counts half."""
        place = bisect_right(self.chances, chance * (1 + _SAME))
        if not place:
            return 0.0
        # The probability of a smaller mid-p, plus half of that of an equal one, is this mid-p itself.
        return chance if self.chances[place - 1] >= chance * (1 - _SAME) else self.reached[place - 1]


def adjusted_chances(intents: Sequence[Flipped]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the adjusted chance of each intent, in order: a lower and an upper bound over all unknown verdicts.

    The adjusted chance is the smallest E(t)/found(t) over all t from the intent's own chance on, with found(t) the
    number of intents whose chance is at most t; it is 1 if no more verdicts got worse than better. Both bounds are
    equal if everything is known; otherwise no possible result lies outside them, but perhaps none reaches them.

    Each intent enters with the bound of its own chance, and with the bound of its rarity over all numbers of changed
    verdicts that it may have. The sum of these rarities is too large or too small, which ``_expected`` corrects: at
    each t that matters, some intent has the chance t, and the rarity of that intent is t itself.
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
    """Return E(``chance``) over the known verdicts.

    This is the expected number of intents whose chance is at most ``chance`` if only luck decides.
    """
    counted = Counter(each.worse + each.better for each in intents)
    return math.fsum(number * _attainable(changed).rarity(chance) for changed, number in counted.items())


def _chance(worse: int, better: int) -> float:
    """Return the chance of an intent; 1 if no more verdicts got worse than better, so that it is never found."""
    return chance_of_fall(worse, better) if worse > better else 1.0


def _attainable(changed: int) -> _Attainable:
    """Return the possible chances of ``changed`` verdicts, from all worse to all better; none for 0 verdicts."""
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
    """Return the upper bounds of the adjusted chances with ``most``, else the lower bounds.

    ``chances`` holds the same kind of bound for the intents' own chances. An adjusted chance is the smallest E/found
    over all levels from the intent's own chance on.
    """
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
    """Return an upper bound of E at each level with ``most``, else a lower bound.

    For the upper bound, take the largest rarity of each intent at the level, over all numbers of changed verdicts that
    it may have. S is the sum of these rarities, and F the smallest of them among the intents whose chance is at most
    the level. E is at most S + min(0, level - F), since one of those intents has a rarity of the level or less. The
    lower bound is the mirror image, with each smallest and largest exchanged.
    """
    outer: Callable[[Iterable[float]], float] = max if most else min
    inner: Callable[[Iterable[float]], float] = min if most else max
    rarities = {changed: [table.rarity(level) for level in levels] for changed, table in tables.items()}
    counted = Counter(spans)
    # A mid-p of at most t means a plain p-value of at most 2t, which has a probability of at most 2t.
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
