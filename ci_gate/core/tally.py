"""The result types of a results file: how often each occurs, and which of them break the platform's own rule."""

from __future__ import annotations

from collections import Counter

from ci_gate.core.counts import Counts
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.names import intents_key, name_key


def tally(utterances: tuple[Utterance, ...]) -> Counts:
    """Count the utterances, their entities and their result types; empty and unknown types have no count."""
    types = Counter(utterance.result_type for utterance in utterances)
    return Counts(
        utterances=len(utterances),
        tp=types[ResultType.TP],
        tn=types[ResultType.TN],
        fp=types[ResultType.FP],
        fn=types[ResultType.FN],
        entities=sum(utterance.entities for utterance in utterances),
        matched_entities=sum(utterance.matched_entities for utterance in utterances),
    )


def is_certain(utterance: Utterance) -> bool:
    """Return whether the platform's rule determines the result type: for at most one expected intent, and no traits.

    Unexpected small talk that matched is excluded: the platform calls it missed (FN), as documented.
    """
    if utterance.result_type in (ResultType.NOT_EVALUATED, ResultType.UNKNOWN) or len(utterance.expected) > 1:
        return False
    if utterance.result_type is ResultType.FN and utterance.matched and not utterance.expected:
        return False
    return not any(name_key(intent).startswith("trait") for intent in (*utterance.expected, *utterance.matched))


def differs_from_rule(utterance: Utterance) -> bool:
    """Return whether the result type differs from the platform's rule, for an utterance that ``is_certain`` accepts."""
    if not utterance.expected:
        derived = ResultType.FP if utterance.matched else ResultType.TN
    elif not utterance.matched:
        derived = ResultType.FN
    else:
        derived = ResultType.TP if intents_key(utterance.matched) == intents_key(utterance.expected) else ResultType.FP
    return derived is not utterance.result_type
