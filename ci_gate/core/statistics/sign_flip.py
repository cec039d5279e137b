"""The exact sign-flip test: whether a score fell by more than exchanging the two answers of each utterance explains.

A score counts ``right`` answers against ``wrong`` ones: TP against FP and FN for F1, against FP for precision, against
FN for recall; all right against all wrong for accuracy. What is neither counts nothing. If nothing changed but luck,
then of each pair of answers either may have been the old one. The test tosses a coin for each pair that changed and
asks how often the score falls at least as far as it did, with half of the cases in which it falls just as far: the
mid-p, as in ``statistics.chance_of_fall``, which it equals if a single kind of change occurred. From that follows
what the test can show at all: the fewest losses that are more than chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from ci_gate.core.statistics.chance import beyond_chance, chance_of_fall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

EXACT = 300
"""The most coins that are counted in integers; beyond, in floating point without what is all but impossible."""

_LEFT_OUT = 1e-13
"""How much of a kind's probability is left out at each end beyond ``EXACT``; all in all the error is below 1e-12."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The pairs of one kind of change: how many changed, and in how many of them the better answer was the old one."""

    changed: int
    worse: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """The changed pairs of a score by what they changed between; the better of the two is named first.

    ``aside`` is an answer that counts nothing for the score. Of two kinds of answers without it, the right one is
    better; an answer aside is worse than a right one and better than a wrong one.
    """

    right_wrong: Axis
    right_aside: Axis
    aside_wrong: Axis


@dataclass(frozen=True, slots=True)
class Pool:
    """How many right and how many wrong answers both runs hold together; no exchange within a pair changes that."""

    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Tosses:
    """How likely each number of heads is: the weights of ``lowest`` heads, one more, and so on, up to a factor."""

    lowest: int
    weights: Sequence[float]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of change, ready to be tossed: by how many more pairs got worse than did, and what each is worth.

    ``beyond`` is the range of that surplus, ``weights`` how likely each is, and ``steps`` holds, for each pool, by how
    much one such pair lowers the score.
    """

    beyond: range
    weights: Sequence[float]
    steps: tuple[int, ...]


def tosses(coins: int, *, left_out: float = 0.0) -> Tosses:
    """Return how likely each number of heads among fair coins is: in exact integers, or in floats if it matters.

    ``left_out`` bounds the probability of all that is left out at each end, by Hoeffding's inequality.
    """
    if not left_out:
        return Tosses(0, [math.comb(coins, heads) for heads in range(coins + 1)])
    reach = math.sqrt(coins * math.log(1 / left_out) / 2)
    middle = coins // 2
    lowest = max(0, math.floor(coins / 2 - reach))
    falling = accumulate(
        range(middle, lowest, -1), lambda weight, heads: weight * heads / (coins - heads + 1), initial=1.0
    )
    below = list(falling)[::-1]
    # As many tails are as likely as heads; an odd number of coins has two middles.
    above = below[::-1] if coins % 2 else below[-2::-1]
    return Tosses(lowest, [*below, *above])


def chance_of_flips(flips: Flips, pools: Sequence[Pool], *, most: bool) -> float:
    """Return the probability that exchanging answers by chance lowers the score at least as far: the one-sided mid-p.

    With X right and Y wrong answers in the pool, the fall has the sign of L = x_was·Y - y_was·X, and so has the
    difference of either F1, precision, recall or accuracy. A pair that turned from right to wrong adds X + Y to it, one
    from right to aside Y, one from aside to wrong X. One pool gives P(L > seen) + P(L = seen)/2.

    Answers that are not known leave X and Y open, and only X/Y matters: L/Y is linear in it, so what holds with its
    least and its largest value holds with all between. Two pools, those of both values, bound the chance over all of
    them: from above with ``most``, else from below.
    """
    kinds = [
        (flips.right_wrong, tuple(pool.right + pool.wrong for pool in pools)),
        (flips.right_aside, tuple(pool.wrong for pool in pools)),
        (flips.aside_wrong, tuple(pool.right for pool in pools)),
    ]
    kinds.sort(key=lambda kind: kind[0].changed)
    changed = sum(axis.changed for axis, _ in kinds)
    longest, steps = kinds[-1]
    if longest.changed == changed and all(steps):
        return chance_of_fall(longest.worse, changed - longest.worse)
    left_out = 0.0 if changed <= EXACT else _LEFT_OUT
    tossed = [_toss(axis, steps, left_out) for axis, steps in kinds]
    # A fall counts 1, a tie 1/2: half of those that are at least 0, and half of those that are at least 1.
    halves = sum(_reaching(tossed, least, min if most else max) for least in (0, 1))
    return halves / (2 * math.prod(sum(kind.weights) for kind in tossed))


def fewest_worse(level: float, fixed: int) -> int:
    """Return the fewest newly failing utterances that are more than chance while ``fixed`` others began to pass.

    The smallest w with ``chance_of_fall(w, fixed)`` of at most ``level``. The walk over w stays in integers: it keeps
    the binomial coefficient of w, and that chance in halves of the 2^(w + fixed) outcomes. One more that got worse
    doubles the outcomes and takes the next coefficient from the halves, as P(X > w) + P(X = w)/2 among w + fixed coins
    is P(X > w) among one coin more.
    """
    # With as many worse as better the chance is 1/2, so that a lower level needs more; a higher one may need none.
    worse = 0 if beyond_chance(1 / 2, level) else fixed
    changed = worse + fixed
    ways = math.comb(changed, worse)
    halves = 1 << changed if worse else (2 << changed) - 1
    while not beyond_chance(halves / (2 << changed), level):
        worse, changed = worse + 1, changed + 1
        ways = ways * changed // worse
        halves = 2 * halves - ways
    return worse


def least_provable(level: float) -> int:
    """Return the fewest utterances whose loss shows at a level if nothing else changed, never none.

    All of w changed verdicts get worse by chance with a mid-p of 2^-(w + 1): w is log2(1/level) - 1, rounded up.
    """
    return max(1, fewest_worse(level, 0))


def _toss(axis: Axis, steps: tuple[int, ...], left_out: float) -> _Kind:
    """Return how likely it is by how many more pairs of an axis than seen get worse."""
    tossed = tosses(axis.changed, left_out=left_out)
    lowest = tossed.lowest - axis.worse
    return _Kind(range(lowest, lowest + len(tossed.weights)), tossed.weights, steps)


def _reaching(kinds: Sequence[_Kind], least: int, pick: Callable[[Iterable[int]], int]) -> float:
    """Return the weight of the exchanges that raise L by ``least`` or more, in any pool (``min``) or all (``max``).

    For each surplus of the first two kinds, the third has to reach a threshold, and a table shows how likely that is.
    """
    first, second, third = kinds
    stop, size = third.beyond.stop, len(third.beyond)
    of_largest = [*accumulate(reversed(third.weights), initial=0)]  # how likely the n largest surpluses are together
    total: float = 0
    for surplus, weight in zip(first.beyond, first.weights, strict=True):
        rows = [
            _thresholds([least - surplus * a - other * b for other in second.beyond], c, third.beyond)
            for a, b, c in zip(first.steps, second.steps, third.steps, strict=True)
        ]
        row: float = 0
        for start, each in zip(map(pick, zip(*rows, strict=True)), second.weights, strict=True):
            if start < stop:
                row += each * of_largest[min(stop - start, size)]
        total += weight * row
    return total


def _thresholds(missing: Sequence[int], step: int, span: range) -> list[int]:
    """Return from which number of pairs on, each worth ``step``, they make up for what is missing."""
    if step == 0:
        return [span.stop if each > 0 else span.start for each in missing]
    return [-(-each // step) for each in missing]
