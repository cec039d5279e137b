"""What becomes of one rule: it holds, it does not, or that is not known."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NO_DATA = "no_data"


def outcome_of(*, worst: bool, best: bool) -> Outcome:
    """Return what follows if a rule holds, or not, in the worst and in the best case of what was not evaluated."""
    if worst:
        return Outcome.PASSED
    return Outcome.NO_DATA if best else Outcome.FAILED
