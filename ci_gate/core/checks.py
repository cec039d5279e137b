"""A check: one rule held against one measurement, in the form that every report tells it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from ci_gate.core.figures import text_beside


class Outcome(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule held against one measurement.

    ``name`` is stable between runs: it never holds a measured value. ``message`` is a sentence of its own, ``measured``
    what is said beside the name. ``scope`` is what the rule is about: the suite, the baseline, or an intent. A check
    that ``is_excusable`` says how good the bot is, and not how much of it was measured.
    """

    name: str
    metric: str
    operator: str
    bound: Fraction
    actual: Fraction | None
    outcome: Outcome
    message: str
    measured: str
    scope: str = "suite"
    is_share: bool = False
    is_excusable: bool = True
    is_of_intent: bool = False

    @property
    def actual_text(self) -> str:
        """The measured value, printed on its own side of the bound."""
        if self.actual is None:
            return "no data"
        return text_beside(self.actual, self.bound) if self.is_share else str(self.actual)


def at_most(
    allowed: int, actual: int, *, name: str, metric: str, message: str, scope: str, is_excusable: bool = True
) -> Check:
    """Check that there are no more of something than so many."""
    return Check(
        name=name,
        metric=metric,
        operator="<=",
        bound=Fraction(allowed),
        actual=Fraction(actual),
        outcome=Outcome.PASSED if actual <= allowed else Outcome.FAILED,
        message=message,
        measured=message,
        scope=scope,
        is_excusable=is_excusable,
    )


def without_data(name: str, why: str, *, metric: str, operator: str, bound: Fraction, scope: str) -> Check:
    """Say that a rule could not be held against anything, which is no pass."""
    return Check(
        name=name,
        metric=metric,
        operator=operator,
        bound=bound,
        actual=None,
        outcome=Outcome.NO_DATA,
        message=f"{name}: no data ({why})",
        measured=why,
        scope=scope,
    )


def more_waived(number: int) -> str:
    """Say beside a count how many more there are that are waived."""
    return f" ({number} more {'is' if number == 1 else 'are'} waived)" if number else ""
