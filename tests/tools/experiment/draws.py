"""Draws suites at random, as counts: an earlier and a later version of a bot answer the same utterances.

The model: an utterance passes in both, one or neither of the versions, each with a fixed probability. Half of the churn
goes in each direction, and a true fall of F1 is added to the new failures.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

BEFORE = 0.92
"""The true F1 of the earlier version."""

_NEGLIGIBLE = 1e-18  # relative to the probability of the likeliest number of successes


class Change(NamedTuple):
    """The counts of a suite: its utterances, those that passed in the earlier version, and those that changed since."""

    utterances: int
    passing: int
    worse: int
    better: int


@dataclass(frozen=True, slots=True)
class World:
    """The true state of two versions and a suite: its size, the share that flips by chance, and the fall of F1."""

    utterances: int
    churn: float
    fall: float


def share_of(f1: float) -> float:
    """Return the share of utterances that pass at a true F1 if each expects an intent: F1 = 2s/(1 + s)."""
    return f1 / (2 - f1)


def draw(world: World, chance: random.Random, suites: int) -> Counter[Change]:
    """Draw ``suites`` suites and count equal ones."""
    passes = share_of(BEFORE)
    to_worse = world.churn / 2 + passes - share_of(BEFORE - world.fall)
    to_better = world.churn / 2

    def drawn() -> Iterator[Change]:
        for _ in range(suites):
            passing = binomial(chance, world.utterances, passes)
            worse = binomial(chance, passing, to_worse / passes)
            better = binomial(chance, world.utterances - passing, to_better / (1 - passes))
            yield Change(world.utterances, passing, worse, better)

    return Counter(drawn())


def binomial(chance: random.Random, trials: int, share: float) -> int:
    """Draw the number of successes in ``trials`` trials, each with probability ``share``."""
    least, cumulative = _distribution(trials, share)
    return least + bisect_left(cumulative, chance.random() * cumulative[-1])


@lru_cache(maxsize=2048)
def _distribution(trials: int, share: float) -> tuple[int, tuple[float, ...]]:
    """Return the lowest number of successes with a relevant probability, and the cumulative weights from there up."""
    if not 0 < share < 1:
        return (trials if share >= 1 else 0), (1.0,)
    odds, likeliest = share / (1 - share), int((trials + 1) * share)
    likeliest = min(likeliest, trials)
    below, above = [], [1.0]
    weight = 1.0
    for successes in range(likeliest, 0, -1):
        weight *= successes / ((trials - successes + 1) * odds)
        if weight < _NEGLIGIBLE:
            break
        below.append(weight)
    for successes in range(likeliest, trials):
        following = above[-1] * (trials - successes) * odds / (successes + 1)
        if following < _NEGLIGIBLE:
            break
        above.append(following)
    return likeliest - len(below), tuple(accumulate((*reversed(below), *above)))
