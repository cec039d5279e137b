"""What a bot makes of a suite: the matched intents, the outcome of each utterance, and the counts over them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from ci_gate.simulator.catalogue import NO_INTENT, Entity, Suite, Understanding, Utterance

if TYPE_CHECKING:
    from collections.abc import Sequence


class Outcome(StrEnum):
    TP = "TP"
    TN = "TN"
    FP = "FP"
    FN = "FN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One utterance and what became of it; no outcome means that it was not evaluated."""

    utterance: Utterance
    matched: tuple[str, ...]  # empty when nothing matched
    outcome: Outcome | None

    def extracted(self, entity: Entity) -> str | None:
        """Return the value that the bot took for `entity`, which it looks for only in the right intent."""
        if self.outcome is not Outcome.TP:
            return None
        return entity.value if entity.misread is None else entity.misread or None


def answers(suite: Suite, understanding: Understanding, *, drops_every: int | None = None) -> tuple[Answer, ...]:
    """Return an answer to every utterance of `suite`, except each n-th if the platform drops some."""
    return tuple(
        _answer(utterance, understanding)
        for position, utterance in enumerate(suite.utterances, start=1)
        if drops_every is None or position % drops_every
    )


def _answer(utterance: Utterance, understanding: Understanding) -> Answer:
    if understanding is Understanding.ABSENT:
        return Answer(utterance=utterance, matched=(), outcome=None)
    matched = utterance.matched[understanding]
    return Answer(utterance=utterance, matched=matched, outcome=outcome(utterance.expected, matched))


def outcome(expected: tuple[str, ...], matched: tuple[str, ...]) -> Outcome:
    """Return the platform's class: any match but the expected one is a false positive, and so is an ambiguous one."""
    if expected == (NO_INTENT,):
        return Outcome.FP if matched else Outcome.TN
    if not matched:
        return Outcome.FN
    if len(expected) > 1:  # of several accepted intents one is enough, whatever else matched
        return Outcome.TP if set(expected) & set(matched) else Outcome.FP
    return Outcome.TP if expected == matched else Outcome.FP


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many utterances had which outcome, and how many expected entity values were extracted."""

    tp: int
    tn: int
    fp: int
    fn: int
    unevaluated: int
    entities: int
    matched_entities: int

    @classmethod
    def over(cls, answered: Sequence[Answer]) -> Self:
        outcomes = Counter(answer.outcome for answer in answered)
        evaluated = [answer for answer in answered if answer.outcome is not None]
        extractions = [
            answer.extracted(entity) == entity.value for answer in evaluated for entity in answer.utterance.entities
        ]
        return cls(
            tp=outcomes[Outcome.TP],
            tn=outcomes[Outcome.TN],
            fp=outcomes[Outcome.FP],
            fn=outcomes[Outcome.FN],
            unevaluated=outcomes[None],
            entities=len(extractions),
            matched_entities=sum(extractions),
        )

    @property
    def utterances(self) -> int:
        return self.success + self.failure

    @property
    def success(self) -> int:
        return self.tp + self.tn

    @property
    def failure(self) -> int:
        return self.fp + self.fn + self.unevaluated

    @property
    def precision(self) -> str:
        return two_decimals(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> str:
        return two_decimals(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> str:
        return two_decimals(2 * self.tp, 2 * self.tp + self.fp + self.fn)


def two_decimals(part: int, whole: int) -> str:
    """Return the ratio as the platform writes it: with two decimals, `0.00` if there is nothing to divide by."""
    ratio = Decimal(part) / whole if whole else Decimal(0)
    return str(ratio.quantize(Decimal("0.01"), ROUND_HALF_UP))


def percentage(part: int, whole: int) -> str:
    return two_decimals(100 * part, whole)
