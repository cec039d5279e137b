"""Copies of an utterance count once, however often a suite holds it.

A copy is no further evidence: a test that takes copies for utterances errs in 15 of 100 cases where it should in 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.core.model import Case, case_key

if TYPE_CHECKING:
    from collections.abc import Iterable


def collapsed(cases: Iterable[Case]) -> dict[str, Case]:
    """Keep one of all copies, by key: the first that failed where any did, else the first that was evaluated."""
    kept: dict[str, Case] = {}
    for case in cases:
        before = kept.setdefault(case.key, case)
        if not before.is_mismatch and (case.is_mismatch or not before.passed):
            kept[case.key] = case
    return kept


def disagreeing(cases: Iterable[Case]) -> list[Case]:
    """Give one each of the utterances of which one copy passed and another did not: the bot is not stable there."""
    passed: dict[str, Case] = {}
    failed: dict[str, Case] = {}
    for case in cases:
        if case.is_evaluated:
            (passed if case.passed else failed).setdefault(case.key, case)
    return [case for key, case in failed.items() if key in passed]


def labelled_twice(cases: Iterable[Case]) -> list[Case]:
    """Give one each of the utterances that stand in the suite with several expected intents: at most one can pass."""
    first: dict[str, Case] = {}
    twice: dict[str, Case] = {}
    for case in cases:
        # A key without the expected intents; the texts themselves may take many megabytes.
        key = case_key(case.utterance, (), case.parent_intent)
        if first.setdefault(key, case).expected != case.expected:
            twice.setdefault(key, first[key])
    return [*twice.values()]
