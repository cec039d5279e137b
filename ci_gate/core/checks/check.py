"""A check: one rule held against one measurement, in the form that every report tells it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.outcome import Outcome, outcome_of
from ci_gate.core.text.decimals import text_beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule held against one measurement.

    ``name`` is stable between runs: it never holds a measured value. ``message`` is a sentence of its own, ``measured``
    what is said beside the name. ``scope`` is what the rule is about: the suite, the baseline, or an intent. A check
    that ``is_excusable`` says how good the bot is, and not how much of it was measured. ``level`` is the chance of a
    false alarm that its test may have, ``None`` where it tests nothing.
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
    level: Fraction | None = None

    @property
    def actual_text(self) -> str:
        """The measured value, printed on its own side of the bound."""
        if self.actual is None:
            return "no data"
        return text_beside(self.actual, self.bound) if self.is_share else str(self.actual)


def at_most(
    allowed: int,
    fewest: int,
    *,
    most: int | None = None,
    name: str,
    metric: str,
    message: str,
    scope: str,
    is_excusable: bool = True,
    lost: str = "",
    level: Fraction | None = None,
) -> Check:
    """Check that there are no more of something than so many, of which there are ``fewest`` to ``most``.

    ``lost`` says what was not evaluated, where that is why nobody can tell.
    """
    most = fewest if most is None else most
    outcome = outcome_of(worst=most <= allowed, best=fewest <= allowed)
    if outcome is Outcome.NO_DATA:
        why = f"between {fewest} and {most}: {lost}"
        return without_data(name, why, metric=metric, operator="<=", bound=Fraction(allowed), scope=scope, level=level)
    return Check(
        name=name,
        metric=metric,
        operator="<=",
        bound=Fraction(allowed),
        actual=Fraction(fewest),
        outcome=outcome,
        message=message,
        measured=message,
        scope=scope,
        is_excusable=is_excusable,
        level=level,
    )


def without_data(
    name: str, why: str, *, metric: str, operator: str, bound: Fraction, scope: str, level: Fraction | None = None
) -> Check:
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
        level=level,
    )


def more_waived(number: int) -> str:
    """Say beside a count how many more there are that are waived."""
    return f" ({number} more {'is' if number == 1 else 'are'} waived)" if number else ""


def left_out(name: str, why: str) -> Finding:
    """Return the finding on a rule that judges nothing in this suite, since losing everything could not break it."""
    return Finding(FindingKind.SMALL_SUITE, f"{name} is left out, since nothing could fail it here: {why}")
