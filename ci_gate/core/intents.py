"""Where the bot goes wrong: scores per intent, and which intent is taken for which."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.model import Case, intent_text

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentScores:
    """One intent against all others.

    ``support`` counts the utterances that expect it, ``tp`` those of them that passed and ``fn`` the rest; ``fp``
    counts the mismatches elsewhere that it was matched in. Unlike in the platform's totals a wrong intent counts twice,
    once for each of the two intents, as is usual per class.
    """

    intent: str
    support: int
    tp: int
    fp: int
    fn: int

    @property
    def precision(self) -> Fraction | None:
        """TP/(TP+FP)."""
        return Fraction(self.tp, self.tp + self.fp) if self.tp + self.fp else None

    @property
    def recall(self) -> Fraction | None:
        """TP/(TP+FN)."""
        return Fraction(self.tp, self.support) if self.support else None

    @property
    def f1(self) -> Fraction | None:
        """2TP/(2TP+FP+FN)."""
        errors = self.fp + self.fn
        return Fraction(2 * self.tp, 2 * self.tp + errors) if self.tp + errors else None


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often one intent was expected and another matched."""

    expected: str
    matched: str
    count: int


def intent_scores(cases: Iterable[Case]) -> tuple[IntentScores, ...]:
    """Score every intent that is expected or matched anywhere, worst F1 first."""
    cases = [case for case in cases if case.passed or case.is_mismatch]
    spelling = _spellings(cases)
    support: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrongly: Counter[str] = Counter()
    for case in cases:
        if case.expected:
            expected = intent_text(_spelled(case.expected, spelling))
            support[expected] += 1
            right[expected] += case.passed
        if not case.passed:
            accepted = {intent.casefold() for intent in case.expected}
            wrongly.update({spelling[m.casefold()] for m in case.matched if m.casefold() not in accepted})
    scores = [
        IntentScores(
            intent=name, support=support[name], tp=right[name], fp=wrongly[name], fn=support[name] - right[name]
        )
        for name in support | wrongly
    ]
    return tuple(
        sorted(scores, key=lambda score: (score.f1 if score.f1 is not None else 1, -score.support, score.intent))
    )


def confusions(cases: Iterable[Case]) -> tuple[Confusion, ...]:
    """List what was taken for what, most frequent first."""
    cases = [case for case in cases if case.passed or case.is_mismatch]
    spelling = _spellings(cases)
    pairs = Counter(
        (intent_text(_spelled(case.expected, spelling)), intent_text(_spelled(case.matched, spelling)))
        for case in cases
        if case.is_mismatch
    )
    listed = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confusion(expected, matched, count) for (expected, matched), count in listed)


def _spellings(cases: Iterable[Case]) -> dict[str, str]:
    """Map intents to the suite's own spelling: the platform lower-cases what it matched."""
    cases = tuple(cases)
    spelling: dict[str, str] = {}
    for matched in (m for case in cases for m in case.matched):
        spelling.setdefault(matched.casefold(), matched)
    for expected in (e for case in cases for e in case.expected):
        spelling[expected.casefold()] = expected
    return spelling


def _spelled(intents: tuple[str, ...], spelling: dict[str, str]) -> tuple[str, ...]:
    """Write intents as the suite does."""
    return tuple(spelling[intent.casefold()] for intent in intents)
