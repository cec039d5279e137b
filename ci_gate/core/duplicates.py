"""Copies of an utterance count once, however often a suite holds it.

A copy is no further evidence: a test that takes copies for utterances errs in 15 of 100 cases where it should in 5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_gate.core.model import Case, ResultType
from ci_gate.core.names import case_key, intents_key

if TYPE_CHECKING:
    from collections.abc import Iterable


def collapsed(cases: Iterable[Case]) -> dict[str, Case]:
    """Make one of all copies, by key, whatever the order of their rows.

    An utterance failed if a copy of it failed, else it was not evaluated if a copy was not, else it passed. It is an FP
    before it is an FN; where a copy is an FN and another was not evaluated, it may turn out to be either. Where the
    platform calls one copy a TP and another a TN, the order of rows does not decide either.
    """
    copies: dict[str, Case | list[Case]] = {}
    for case in cases:
        known = copies.setdefault(case.key, case)
        if isinstance(known, list):
            known.append(case)
        elif known is not case:
            copies[case.key] = [known, case]
    return {key: _one_of(case) if isinstance(case, list) else case for key, case in copies.items()}


def _one_of(copies: list[Case]) -> Case:
    """Stand for all copies of an utterance by one of them; what was matched in any that failed was matched in it."""
    wrong = [case for case in copies if case.is_mismatch]
    blank = [case for case in copies if not case.is_evaluated]
    if not wrong:
        return min(blank or copies, key=lambda case: (case.result_type, case.matched))
    result = ResultType.FP if any(case.result_type is ResultType.FP for case in wrong) else ResultType.FN
    names = {key: intent for case in wrong for intent in case.matched for key in intents_key((intent,))}
    return replace(
        next(case for case in wrong if case.result_type is result),
        matched=tuple(names[key] for key in sorted(names)),
        may_be_fp=bool(blank),
    )


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
        if intents_key(first.setdefault(key, case).expected) != intents_key(case.expected):
            twice.setdefault(key, first[key])
    return [*twice.values()]
