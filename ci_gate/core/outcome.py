"""The outcome of one rule: it holds, it is broken, or it is not known which."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NO_DATA = "no_data"


def outcome_of(*, worst: bool, best: bool) -> Outcome:
    """Return the outcome of a rule.

    ``worst`` and ``best`` are whether the rule holds with the worst and with the best possible results of the
    unevaluated utterances.
    """
    if worst:
        return Outcome.PASSED
    return Outcome.NO_DATA if best else Outcome.FAILED
