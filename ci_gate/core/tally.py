"""Counts the result types of a file, and derives them again where the platform's rule is certain."""

from __future__ import annotations

from collections import Counter

from ci_gate.core.counts import Counts
from ci_gate.core.model import Case, ResultType
from ci_gate.core.names import intents_key, name_key


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


def is_certain(case: Case) -> bool:
    """Whether the platform's classification is known for a case: for at most one expected intent, and no traits.

    Small talk that nobody expects and that matched is called missed (FN), as documented.
    """
    if case.result_type in (ResultType.NOT_EVALUATED, ResultType.UNKNOWN) or len(case.expected) > 1:
        return False
    if case.result_type is ResultType.FN and case.matched and not case.expected:
        return False
    return not any(name_key(intent).startswith("trait") for intent in (*case.expected, *case.matched))


def differs_from_rule(case: Case) -> bool:
    """Whether the result type of a case for which the classification is known is another one."""
    if not case.expected:
        derived = ResultType.FP if case.matched else ResultType.TN
    elif not case.matched:
        derived = ResultType.FN
    else:
        derived = ResultType.TP if intents_key(case.matched) == intents_key(case.expected) else ResultType.FP
    return derived is not case.result_type
