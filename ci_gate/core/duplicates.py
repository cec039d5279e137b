"""Duplicates: all copies of an utterance in a suite count as one.

Copies are no further evidence: a test that counts each copy raises false alarms in 15 of 100 cases instead of 5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.names import intents_key, utterance_key

if TYPE_CHECKING:
    from collections.abc import Iterable


def collapsed(utterances: Iterable[Utterance]) -> dict[str, Utterance]:
    """Return one utterance per key in place of all its copies; the order of their rows does not matter.

    The utterance failed if any copy failed; else it was not evaluated if any copy was not; else it passed. A failed one
    is an FP if any copy is an FP, else an FN; this FN may turn out to be an FP if another copy was not evaluated.
    """
    copies: dict[str, Utterance | list[Utterance]] = {}
    for utterance in utterances:
        known = copies.setdefault(utterance.key, utterance)
        if isinstance(known, list):
            known.append(utterance)
        elif known is not utterance:
            copies[utterance.key] = [known, utterance]
    return {key: _one_of(utterance) if isinstance(utterance, list) else utterance for key, utterance in copies.items()}


def _one_of(copies: list[Utterance]) -> Utterance:
    """Return one utterance for all copies; if any failed, ``matched`` holds the intents of all failed copies."""
    wrong = [utterance for utterance in copies if utterance.is_mismatch]
    blank = [utterance for utterance in copies if not utterance.is_evaluated]
    if not wrong:
        return min(blank or copies, key=lambda utterance: (utterance.result_type, utterance.matched))
    result = ResultType.FP if any(utterance.result_type is ResultType.FP for utterance in wrong) else ResultType.FN
    names = {key: intent for utterance in wrong for intent in utterance.matched for key in intents_key((intent,))}
    return replace(
        next(utterance for utterance in wrong if utterance.result_type is result),
        matched=tuple(names[key] for key in sorted(names)),
        may_be_fp=bool(blank),
    )


def disagreeing(utterances: Iterable[Utterance]) -> list[Utterance]:
    """Return one copy of each utterance of which one copy passed and another failed: the bot is unstable there."""
    passed: dict[str, Utterance] = {}
    failed: dict[str, Utterance] = {}
    for utterance in utterances:
        if utterance.is_evaluated:
            (passed if utterance.passed else failed).setdefault(utterance.key, utterance)
    return [utterance for key, utterance in failed.items() if key in passed]


def labelled_twice(utterances: Iterable[Utterance]) -> list[Utterance]:
    """Return one copy of each utterance whose copies expect different intents; at most one of these can pass."""
    first: dict[str, Utterance] = {}
    twice: dict[str, Utterance] = {}
    for utterance in utterances:
        # Keys are compared, since texts may take many megabytes; these keys leave out the expected intents.
        key = utterance_key(utterance.text, (), utterance.parent_intent)
        if intents_key(first.setdefault(key, utterance).expected) != intents_key(utterance.expected):
            twice.setdefault(key, first[key])
    return [*twice.values()]
