"""Draws the answers of an earlier and a later version of a bot to each utterance.

The model: an utterance that expects an intent is matched to that intent, to a wrong one, or to none; an utterance that
expects none is matched to none or to a wrong one. The later version answers a share of the utterances differently,
equally often in both directions; a real loss comes on top.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from ci_gate.core.comparison.pair import Pair
from ci_gate.core.model import ResultType, Utterance

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

Fate = tuple[ResultType, ResultType]
"""The results of an utterance in the earlier and in the later version."""

_TP, _TN, _FP, _FN = ResultType.TP, ResultType.TN, ResultType.FP, ResultType.FN


@dataclass(frozen=True, slots=True)
class Bot:
    """The shares of right, wrong and missed answers if an intent is expected, and of right ones if none is."""

    right: float
    wrong: float
    missed: float
    right_about_none: float


@dataclass(frozen=True, slots=True)
class Loss:
    """The shares of utterances with an expected intent that are newly matched wrongly, and that are newly missed."""

    to_wrong: float = 0.0
    to_missed: float = 0.0


NO_LOSS = Loss()


@dataclass(frozen=True, slots=True)
class Fates:
    """The possible fates of an utterance, and their cumulative probabilities."""

    kinds: tuple[Fate, ...]
    cumulative: tuple[float, ...]

    def draw(self, chance: random.Random, utterances: int) -> list[Fate]:
        """Draw the fates of ``utterances`` utterances."""
        return chance.choices(self.kinds, cum_weights=self.cumulative, k=utterances)


@cache
def expecting(bot: Bot, churn: float, loss: Loss = NO_LOSS) -> Fates:
    """Return the possible fates of utterances that expect an intent.

    Two answers are exchanged with a probability proportional to the product of their shares.
    """
    shares = {_TP: bot.right, _FP: bot.wrong, _FN: bot.missed}
    products = {(was, now): shares[was] * shares[now] for was in shares for now in shares if was is not now}
    flips = {fate: churn * product / sum(products.values()) for fate, product in products.items()}
    stays = {(answer, answer): share - _from(answer, flips) for answer, share in shares.items()}
    weights = flips | stays
    weights[_TP, _FP] += loss.to_wrong
    weights[_TP, _FN] += loss.to_missed
    weights[_TP, _TP] -= loss.to_wrong + loss.to_missed
    return _fates(weights)


@cache
def expecting_none(bot: Bot, churn: float) -> Fates:
    """Return the possible fates of utterances that expect no intent."""
    flips = {(_TN, _FP): churn / 2, (_FP, _TN): churn / 2}
    right = bot.right_about_none
    return _fates(flips | {(_TN, _TN): right - churn / 2, (_FP, _FP): 1 - right - churn / 2})


@cache
def pair_of(fate: Fate) -> Pair:
    """Return a pair that represents all utterances of the same fate; only its result types are used."""
    was, now = (
        Utterance(
            key="key",
            text="utterance",
            expected=(),
            matched=(),
            parent_intent=None,
            result_type=result_type,
            entities=0,
            matched_entities=0,
            row=1,
        )
        for result_type in fate
    )
    return Pair(was, now)


def _from(answer: ResultType, flips: Mapping[Fate, float]) -> float:
    return sum(share for (was, _), share in flips.items() if was is answer)


def _fates(weights: Mapping[Fate, float]) -> Fates:
    return Fates(tuple(weights), tuple(accumulate(weights.values())))
