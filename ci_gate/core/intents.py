"""The mistakes of the bot: scores per intent, and confusions between intents."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from ci_gate.core.names import Spelling, intent_text, intents_key, name_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ci_gate.core.model import Utterance

    _Kind: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], bool]
    """Expected and matched intents of an utterance, and whether the utterance passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentScores:
    """The scores of one intent against all others.

    ``support`` is the number of evaluated utterances that expect the intent; ``tp`` of these passed, ``fn`` did not.
    ``fp`` is the number of mismatches that matched the intent without expecting it. Unlike in the platform's totals, a
    wrong intent counts twice, as FN of the expected intent and as FP of the matched one: this is usual for scores per
    class.
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
    """The number of utterances in which one intent was expected and another matched."""

    expected: str
    matched: str
    count: int


def intent_scores(utterances: Iterable[Utterance]) -> tuple[IntentScores, ...]:
    """Return the scores of every intent that is expected or wrongly matched anywhere, worst F1 first."""
    kinds = _kinds(utterances)
    shown = _shown(kinds)
    support: Counter[tuple[str, ...]] = Counter()
    right: Counter[tuple[str, ...]] = Counter()
    wrongly: Counter[tuple[str, ...]] = Counter()
    for (expected, matched, passed), count in kinds.items():
        wanted = intents_key(expected)
        if expected:
            support[wanted] += count
            right[wanted] += count * passed
        if not passed:
            for intent in {*intents_key(matched)}.difference(wanted):
                wrongly[(intent,)] += count
    scores = [
        IntentScores(
            intent=shown[key], support=support[key], tp=right[key], fp=wrongly[key], fn=support[key] - right[key]
        )
        for key in support | wrongly
    ]
    return tuple(sorted(scores, key=lambda score: (score.f1 or 0, -score.support, score.intent)))


def confusions(utterances: Iterable[Utterance]) -> tuple[Confusion, ...]:
    """Return the pairs of expected and matched intents in mismatches, most frequent first."""
    kinds = _kinds(utterances)
    shown = _shown(kinds)
    pairs: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()
    for (expected, matched, passed), count in kinds.items():
        if not passed:
            pairs[intents_key(expected), intents_key(matched)] += count
    found = [Confusion(shown[expected], shown[matched], count) for (expected, matched), count in pairs.items()]
    return tuple(sorted(found, key=lambda pair: (-pair.count, pair.expected, pair.matched)))


def _kinds(utterances: Iterable[Utterance]) -> Counter[_Kind]:
    """Count the evaluated utterances of each kind, so that later loops run over a few hundred kinds."""
    return Counter(
        (utterance.expected, utterance.matched, utterance.passed) for utterance in utterances if utterance.is_evaluated
    )


def _shown(kinds: Collection[_Kind]) -> dict[tuple[str, ...], str]:
    """Return the displayed text of each key, in the suite's spelling if the suite expects the intent."""
    spelling = Spelling((kind[0] for kind in kinds), (kind[1] for kind in kinds))
    shown: dict[tuple[str, ...], str] = {}
    for kind in kinds:
        for intents in kind[:2]:
            key, text = intents_key(intents), intent_text(spelling.spelled(intents))
            shown[key] = min(text, shown.get(key, text))  # the order of alternatives may vary
            for intent in spelling.spelled(intents):
                shown[(name_key(intent),)] = intent
    return shown
