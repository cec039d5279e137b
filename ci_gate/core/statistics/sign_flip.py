"""The exact sign-flip test: whether a score fell further than random swaps of old and new answers explain.

A score compares ``right`` answers with ``wrong`` ones: TP with FP and FN for F1, TP with FP for precision, TP with FN
for recall, all right answers with all wrong ones for accuracy. Other answers are ``aside``: they do not count. Under
the null hypothesis either answer of a pair may equally have been the old one. The test tosses a coin for each changed
pair and computes how often the score falls at least as far as observed, with ties counted half (the mid-p). If only one
kind of change occurred, this equals ``chance_of_fall``. The test also determines the fewest losses that are beyond
chance.
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
"""Up to this number of coins, weights are exact integers; beyond it, floats without the negligible ones."""

_LEFT_OUT = 1e-13
"""Above ``EXACT`` coins, the probability left out at each end of a distribution; the total error is below 1e-12."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The pairs of one kind of change: how many changed, and how many of these changed to the worse answer."""

    changed: int
    worse: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """The pairs whose answer changed, with one ``Axis`` for each two kinds of answer, in either direction of change.

    A field name states the better answer first. An answer ``aside`` does not count for the score: it ranks below a
    right answer and above a wrong one.
    """

    right_wrong: Axis
    right_aside: Axis
    aside_wrong: Axis


@dataclass(frozen=True, slots=True)
class Pool:
    """The numbers of right and of wrong answers in both runs together; swaps within a pair do not change them."""

    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Tosses:
    """The distribution of heads: the weights of ``lowest`` heads, of one more, and so on, up to a common factor."""

    lowest: int
    weights: Sequence[float]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of change: the distribution of its surplus, and the effect of one pair on the score.

    The surplus is the number of pairs of this kind that get worse in a random toss, minus the number observed.
    ``beyond`` is its range and ``weights`` its distribution; ``steps`` holds, for each pool, how much one such pair
    adds to L of ``chance_of_flips``.
    """

    beyond: range
    weights: Sequence[float]
    steps: tuple[int, ...]


def tosses(coins: int, *, left_out: float = 0.0) -> Tosses:
    """Return the distribution of heads among fair coins: in exact integers, or in floats if ``left_out`` is set.

    ``left_out`` bounds the probability that is left out at each end, by Hoeffding's inequality.
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
    # The distribution is symmetric; for an odd number of coins it has two middle weights.
    above = below[::-1] if coins % 2 else below[-2::-1]
    return Tosses(lowest, [*below, *above])


def chance_of_flips(flips: Flips, pools: Sequence[Pool], *, most: bool) -> float:
    """Return the one-sided mid-p: the probability that random swaps lower the score at least as far as observed.

    With X right and Y wrong answers in the pool, x_was and y_was of them in the earlier run, L = x_was·Y - y_was·X has
    the sign of the fall of F1, precision, recall or accuracy. A pair that turned from right to wrong adds X + Y to L,
    one from right to aside Y, one from aside to wrong X. For one pool the result is
    P(L > observed) + P(L = observed)/2.

    Unknown answers leave X and Y open, and only X/Y matters: L/Y is linear in X/Y, so that whatever holds for the
    smallest and for the largest X/Y holds for all values between. Two pools, one for each of these values, bound the
    probability over all values: from above with ``most``, else from below.
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
    # A larger L than observed counts 1, a tie 1/2: half the weight of L >= observed, and half of that of L > observed.
    halves = sum(_reaching(tossed, least, min if most else max) for least in (0, 1))
    return halves / (2 * math.prod(sum(kind.weights) for kind in tossed))


def fewest_worse(level: float, fixed: int) -> int:
    """Return the fewest newly failing utterances that are beyond chance while ``fixed`` others began to pass.

    This is the smallest w with ``chance_of_fall(w, fixed)`` of at most ``level``. The search stays in integers:
    ``ways`` is the number of outcomes with w worse verdicts among the n = w + fixed changed ones, and ``halves`` is the
    p-value times 2^(n + 1). As P(X > w) + P(X = w)/2 among n coins is P(X > w) among n + 1 coins, one more worse
    verdict turns ``halves`` into twice its value, minus the new ``ways``.
    """
    # If as many got worse as better, the p-value is 1/2: a lower level needs more, a higher level may need none.
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
    """Return the fewest lost utterances that are beyond chance at ``level`` if nothing else changed, at least 1.

    If all of w changed verdicts got worse, the mid-p is 2^-(w + 1): w is log2(1/level) - 1, rounded up.
    """
    return max(1, fewest_worse(level, 0))


def _toss(axis: Axis, steps: tuple[int, ...], left_out: float) -> _Kind:
    """Return the distribution of the surplus of ``axis`` over random tosses, with the ``steps`` of its kind."""
    tossed = tosses(axis.changed, left_out=left_out)
    lowest = tossed.lowest - axis.worse
    return _Kind(range(lowest, lowest + len(tossed.weights)), tossed.weights, steps)


def _reaching(kinds: Sequence[_Kind], least: int, pick: Callable[[Iterable[int]], int]) -> float:
    """Return the weight of the tosses that raise L by at least ``least``: in any pool (``min``) or in all (``max``).

    For each surplus of the first two kinds, the third has to reach a threshold; a table holds the weight of that.
    """
    first, second, third = kinds
    stop, size = third.beyond.stop, len(third.beyond)
    of_largest = [*accumulate(reversed(third.weights), initial=0)]  # the weights of the n largest surpluses
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
    """Return, for each amount in ``missing``, the lowest surplus whose pairs, worth ``step`` each, reach the amount.

    If ``step`` is 0, that is the start of ``span`` for an amount that is not positive, and its stop for any other.
    """
    if step == 0:
        return [span.stop if each > 0 else span.start for each in missing]
    return [-(-each // step) for each in missing]
