"""Where the bot goes wrong: scores per intent, and which intent is taken for which."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.model import Case, intent_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    _Kind = tuple[tuple[str, ...], tuple[str, ...], bool]
    """Expected and matched intents of an utterance, and whether that passed."""


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
    kinds = _kinds(cases)
    spelling = _spellings(kinds)
    support: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrongly: Counter[str] = Counter()
    for (expected, matched, passed), count in kinds.items():
        if expected:
            intent = intent_text(_spelled(expected, spelling))
            support[intent] += count
            right[intent] += count * passed
        if not passed:
            accepted = set(map(_folded, expected))
            for intent in {spelling[m] for m in map(_folded, matched) if m not in accepted}:
                wrongly[intent] += count
    scores = [
        IntentScores(
            intent=name, support=support[name], tp=right[name], fp=wrongly[name], fn=support[name] - right[name]
        )
        for name in support | wrongly
    ]
    return tuple(sorted(scores, key=lambda score: (score.f1 or 0, -score.support, score.intent)))


def confusions(cases: Iterable[Case]) -> tuple[Confusion, ...]:
    """List what was taken for what, most frequent first."""
    kinds = _kinds(cases)
    spelling = _spellings(kinds)
    pairs: Counter[tuple[str, str]] = Counter()
    for (expected, matched, passed), count in kinds.items():
        if not passed:
            pairs[intent_text(_spelled(expected, spelling)), intent_text(_spelled(matched, spelling))] += count
    listed = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confusion(expected, matched, count) for (expected, matched), count in listed)


def _kinds(cases: Iterable[Case]) -> Counter[_Kind]:
    """Count the utterances that fared alike: there are thousands of utterances, and a few hundred kinds."""
    return Counter((case.expected, case.matched, case.passed) for case in cases if case.is_evaluated)


def _folded(intent: str) -> bytes:
    """Name an intent whatever its case; as bytes, since text may take four times their room."""
    return intent.casefold().encode("utf-8", "surrogatepass")


def _spellings(kinds: Iterable[_Kind]) -> dict[bytes, str]:
    """Map intents to the suite's own spelling: the platform lower-cases what it matched."""
    spelling: dict[bytes, str] = {}
    kinds = tuple(kinds)
    for matched in (intent for kind in kinds for intent in kind[1]):
        spelling.setdefault(_folded(matched), matched)
    for expected in (intent for kind in kinds for intent in kind[0]):
        spelling[_folded(expected)] = expected
    return spelling


def _spelled(intents: tuple[str, ...], spelling: dict[bytes, str]) -> tuple[str, ...]:
    """Write intents as the suite does."""
    return tuple(spelling[_folded(intent)] for intent in intents)
