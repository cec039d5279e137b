"""The outcome of one rule: it holds, it is broken, or that is not known."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NO_DATA = "no_data"


def outcome_of(*, worst: bool, best: bool) -> Outcome:
    """Return the outcome of a rule that holds (or not) in the worst and in the best case of what was not evaluated."""
    if worst:
        return Outcome.PASSED
    return Outcome.NO_DATA if best else Outcome.FAILED
