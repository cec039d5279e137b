"""A check: one rule and its measurement, in the form that every report shows."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.outcome import Outcome, outcome_of
from ci_gate.core.rules import Area, OneIntent
from ci_gate.core.text.decimals import text_beside

if TYPE_CHECKING:
    from ci_gate.core.metrics import Metric
    from ci_gate.core.rules import RuleCount, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The part of a check that is known before anything is measured.

    ``name`` is stable between runs: it never contains a measured value. ``is_excusable``: the rule bounds the quality
    of the bot rather than how much was measured, so that an advisory suite may fail it without failing the gate.
    ``level`` is the significance level of the rule's test; ``None`` if the rule has no test.
    """

    name: str
    metric: Metric | RuleCount
    operator: str
    bound: Fraction
    scope: Scope = Area.SUITE
    is_share: bool = False
    is_excusable: bool = True
    level: Fraction | None = None

    def text_of(self, value: Fraction) -> str:
        """Return a measured value as text that stays on the same side of the bound."""
        return text_beside(value, self.bound) if self.is_share else str(value)

    def found(self, *, actual: Fraction | None, outcome: Outcome, message: str, measured: str) -> Check:
        return Check(
            name=self.name,
            metric=self.metric,
            operator=self.operator,
            bound=self.bound,
            scope=self.scope,
            is_share=self.is_share,
            is_excusable=self.is_excusable,
            level=self.level,
            actual=actual,
            outcome=outcome,
            message=message,
            measured=measured,
        )

    def without_data(self, why: str) -> Check:
        """Return the check of this rule without data, for the reason ``why``; such a check does not pass."""
        message = f"{self.name}: no data ({why})"
        return self.found(actual=None, outcome=Outcome.NO_DATA, message=message, measured=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Rule):
    """One rule and its measurement.

    ``actual`` is the measured value, ``None`` without data; ``message`` is a complete sentence, and ``measured`` is the
    text that is shown beside the name.
    """

    actual: Fraction | None
    outcome: Outcome
    message: str
    measured: str

    @property
    def is_of_intent(self) -> bool:
        return isinstance(self.scope, OneIntent)


def at_most(rule: Rule, fewest: int, most: int, *, message: str, lost: str) -> Check:
    """Return the check that a number between ``fewest`` and ``most`` is at most the bound of ``rule``.

    ``lost`` is the text about unevaluated utterances, which a check without data gives as its reason.
    """
    outcome = outcome_of(worst=most <= rule.bound, best=fewest <= rule.bound)
    if outcome is Outcome.NO_DATA:
        return rule.without_data(f"between {fewest} and {most}: {lost}")
    return rule.found(actual=Fraction(fewest), outcome=outcome, message=message, measured=message)


def toothless(rule: Rule, why: str, *, is_demanded: bool) -> Check | Finding:
    """Return the result of a rule that cannot fail in this suite, even if every utterance failed.

    If the rule ``is_demanded`` here, this is a check without data; otherwise it is a finding that the rule is left out.
    """
    if is_demanded:
        return rule.without_data(why)
    message = f"{rule.name} is left out, since nothing could fail it here: {why}"
    return Finding(FindingKind.SMALL_SUITE, message)


def more_waived(number: int) -> str:
    """Return the remark, shown beside a count, that ``number`` more are waived; empty for 0."""
    return f" ({number} more {'is' if number == 1 else 'are'} waived)" if number else ""
