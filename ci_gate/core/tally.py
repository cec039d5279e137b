"""Counts the result types of a file, and derives them again where the platform's rule is certain."""

from __future__ import annotations

from collections import Counter

from ci_gate.core.counts import Counts
from ci_gate.core.model import Case, ResultType


def tally(cases: tuple[Case, ...]) -> Counts:
    """Count the file's own result types; utterances without one that is known are in none of the four."""
    types = Counter(case.result_type for case in cases)
    return Counts(
        utterances=len(cases),
        tp=types[ResultType.TP],
        tn=types[ResultType.TN],
        fp=types[ResultType.FP],
        fn=types[ResultType.FN],
        entities=sum(case.entities for case in cases),
        matched_entities=sum(case.matched_entities for case in cases),
    )


def differs_from_rule(case: Case) -> bool:
    """Apply the platform's classification, which is certain for at most one expected intent and no traits."""
    if case.result_type in (ResultType.NOT_EVALUATED, ResultType.UNKNOWN) or len(case.expected) > 1:
        return False
    if any(intent.casefold().startswith("trait") for intent in (*case.expected, *case.matched)):
        return False
    expected = [intent.casefold() for intent in case.expected]
    matched = [intent.casefold() for intent in case.matched]
    if not expected:
        derived = ResultType.FP if matched else ResultType.TN
    elif not matched:
        derived = ResultType.FN
    else:
        derived = ResultType.TP if matched == expected else ResultType.FP
    return derived is not case.result_type
