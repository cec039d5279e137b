"""The outcome of one rule: it holds, it is broken, or it is not known which."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NO_DATA = "no_data"


def outcome_of(*, worst: bool, best: bool) -> Outcome:
    """Return the outcome of a rule from whether it holds in the ``worst`` and in the ``best`` case.

    These are the cases in which the unevaluated utterances have the worst and the best possible results.
    """
    if worst:
        return Outcome.PASSED
    return Outcome.NO_DATA if best else Outcome.FAILED
