"""The wording of checks about change and chance, for readers who do not know p-values."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.statistics.chance import binomial_tail
from ci_gate.core.statistics.step_up import number_by_chance
from ci_gate.core.text.decimals import decimal_text, exact_text, text_beside
from ci_gate.core.text.safe import counted

if TYPE_CHECKING:
    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.comparison.drops import Drop
    from ci_gate.core.rules import Rules
    from ci_gate.core.thresholds import Threshold

MANY_TESTS = 10
"""From this number of tests on, each test detects little, since all share one false-alarm probability."""

_SHOWN = 5
_RAREST = 10_000
_MOST_RUNS = 10**9  # the last number of runs to try; if its text crosses alpha too, the first text is used


def chance_text(chance: float, alpha: Fraction | None = None) -> str:
    """Return a probability as text: "n of 100 runs" or, if that is too coarse, of 1,000 runs or more.

    It is too coarse if n would be 0 or 1, or if n/100 would lie on the other side of ``alpha`` than ``chance``.
    """
    fallback, runs, least = "", 100, 2
    while runs <= _MOST_RUNS:
        shown = round(chance * runs)
        if shown >= least:
            crosses = alpha is not None and (Fraction(shown, runs) <= alpha) is not (chance <= alpha)
            candidate = f"{shown:,} of {runs:,} runs"
            if not crosses:
                return candidate
            fallback = fallback or candidate
        elif shown == 0 and runs == _RAREST:
            return f"fewer than 1 of {_RAREST:,} runs"
        runs, least = 10 * runs, 1
    return fallback


def level_text(level: Fraction) -> str:
    """Return a significance level as text: exactly if six decimals suffice, else with two significant digits."""
    if Fraction(decimal_text(level, 6)) == level:
        return exact_text(level)
    return f"{float(level):.2g}"


def judged_at(rules: Rules) -> str:
    """Return the remark on the level of a test if several tests share alpha; empty if there is one test only."""
    if rules.share == 1:
        return ""
    return f"; judged at {level_text(rules.level)}: {rules.share} tests share {exact_text(rules.alpha)}"


def shared_chance(rules: Rules) -> str:
    """Return the remark for a whole report on the level of tests that share alpha; for many tests, with advice."""
    advice = ": set one drop per suite" if rules.share >= MANY_TESTS else ""
    tests = f"the {rules.share} tests share a false-alarm chance of {exact_text(rules.alpha)}"
    return f"judged at {level_text(rules.level)}: {tests}{advice}"


def would_fail_at(fewest: int | None, saw: int, *, of_one: bool = False, what: str = "failing") -> str:
    """Return the remark on the fewest new losses that would have failed a check; empty for ``None``.

    A loss is an utterance that newly counts against the score; ``what`` is the word for it. ``saw`` is the number of
    losses in this run. ``of_one``: the losses would have to belong to one intent.
    """
    if fewest is None:
        return ""
    return f"; would have failed at {fewest} newly {what}{' of one intent' if of_one else ''} (it saw {saw})"


def changes_by_chance(changed: int, allowed: int) -> str:
    """Return as text how often chance alone breaks a bound of ``allowed`` new failures if ``changed`` verdicts changed.

    By chance each changed verdict is as likely to get worse as better.
    """
    chance = binomial_tail(changed - allowed - 1, changed, 0.5) if changed > allowed else 0.0
    verdicts = f"{counted(changed, 'verdict')} changed"
    if not chance:
        return f"{verdicts}, too few to break this rule by chance"
    return f"{verdicts}; with this number, chance alone breaks this rule in {chance_text(chance)}"


def named_by_chance(comparison: Comparison | None, utterances: int, *, at_most: bool = False) -> str:
    """Return the remark on how often at least one of ``utterances`` newly fails by chance, at the churn of this run.

    The churn is the share of shared utterances whose verdict changed. ``at_most``: the result is an upper bound, and
    the text says so. Empty if nothing can fail by chance.
    """
    if comparison is None or not comparison.shared or not utterances:
        return ""
    flips = comparison.changed / (2 * comparison.shared)
    chance = 1 - (1 - flips) ** utterances
    often = f"in {'at most ' if at_most else ''}{chance_text(chance)}"
    return f"; at this run's churn chance alone breaks this rule {often}" if chance else ""


def chance_of(drop: Drop, rules: Rules) -> str:
    """Return as text how often chance alone lowers the score at least as far as it fell."""
    at_most = "at most " if drop.chances[0] != drop.chances[1] else ""
    return f"{at_most}{chance_text(drop.chances[1], rules.level)}"


def changed_text(drop: Drop) -> str:
    return f"{drop.worse} got worse, {drop.better} better"


def from_to(was: Fraction, now: Fraction) -> str:
    """Return two different scores as text, with enough decimals to show the difference."""
    places = 4
    while decimal_text(was, places) == decimal_text(now, places):
        places += 1
    return f"{text_beside(was, now, places)} to {text_beside(now, was, places)}"


def size_text(fall: Fraction, threshold: Threshold) -> str:
    """Return the direction and the size of a change as text and, for a fall, how it compares with the threshold."""
    size = text_beside(abs(fall), threshold.bound)
    if fall < 0:
        return f"rose by {size}"
    return f"fell by {size} {'>' if fall > threshold.bound else '<='} {threshold.bound_text}"


def listed_intents(comparison: Comparison) -> str:
    """Return the names of the intents that got worse, the most significant first."""
    worse = comparison.worse_intents
    named = [f"'{change.intent}' ({change.worse} got worse, {change.better} better)" for change in worse[:_SHOWN]]
    return ", ".join(named) + (f" and {len(worse) - _SHOWN} more" if len(worse) > _SHOWN else "")


def by_chance_alone(comparison: Comparison) -> str:
    """Return the remark on how many intents would look worse by chance alone.

    An intent looks worse if its p-value is at most the largest one among ``comparison.worse_intents``.
    """
    rarest = max(change.chance for change in comparison.worse_intents)
    number = number_by_chance([change.flipped for change in comparison.intents], rarest)
    return f" (chance alone would make {number:.2g} of {counted(len(comparison.intents), 'intent')} look as bad)"
