"""Better or worse than before: the thresholds that need a baseline, held against what changed.

A score fails where it fell by more than is allowed *and* hardly by chance; where only one of the two holds, that is
worth a warning. The first half keeps a large suite from failing over trifles, the second a small one over noise.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.checks import Check, Outcome, at_most, without_data
from ci_gate.core.figures import text_beside
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.metrics import DROPS, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.comparison import Comparison, Drop
    from ci_gate.core.rules import Rules
    from ci_gate.core.thresholds import Threshold
    from ci_gate.core.waivers import Waived

SCOPE = "baseline"
_ALONE = "there was nothing to compare with"
_SHOWN = 5


def chance_text(chance: float) -> str:
    """Say a probability in runs, so that nobody has to know what a p-value is."""
    for runs in (100, 1000, 10_000):
        if round(chance * runs) >= 2 or (runs > 100 and round(chance * runs) == 1):
            return f"{round(chance * runs)} of {runs:,} runs"
    return "fewer than 1 of 10,000 runs"


def judge_comparison(comparison: Comparison | None, rules: Rules, waived: Waived) -> Iterator[Check]:
    """Hold the rules that need a baseline against the comparison; without one none of them has data."""
    for threshold in rules.thresholds:
        if threshold.metric in DROPS:
            yield _drop_check(threshold, comparison, rules)
        elif threshold.metric is Metric.NEW_FAILURES:
            yield _new_failures(threshold, comparison, waived)
    if rules.max_regressions is not None:
        yield _regressions(rules.max_regressions, comparison)


def doubts_about_change(comparison: Comparison, rules: Rules) -> Iterator[Finding]:
    """Tell what changed and does not fail: a fall that may be chance, or is small, and intents that got worse."""
    for threshold in rules.thresholds:
        drop = comparison.drops.get(threshold.metric)
        if drop is None or drop.fall is None or drop.fall <= 0:
            continue
        is_large, is_sure = drop.fall > threshold.bound, _is_sure(drop, rules)
        told = f"{DROPS[threshold.metric].label} fell by {text_beside(drop.fall, threshold.bound)}"
        by_chance = f"a difference this large arises by chance in {chance_text(drop.chance)}"
        if is_large and not is_sure and not rules.strict_drop:
            yield Finding(FindingKind.DROP, f"{told}, more than {threshold.bound_text}, but {by_chance}")
        elif is_sure and not is_large:
            yield Finding(FindingKind.DROP, f"{told}, which {threshold.bound_text} allows; but {by_chance} only")
    if comparison.worse_intents and rules.max_regressions is None:
        yield Finding(FindingKind.REGRESSION, f"worse than in the baseline beyond chance: {_listed(comparison)}")


def _is_sure(drop: Drop, rules: Rules) -> bool:
    """Whether more verdicts got worse than chance explains."""
    return drop.worse > drop.better and Fraction(drop.chance) <= rules.alpha


def _drop_check(threshold: Threshold, comparison: Comparison | None, rules: Rules) -> Check:
    beyond = "" if rules.strict_drop else " beyond chance"
    name, label = f"{threshold.metric.label}{beyond} <= {threshold.bound_text}", DROPS[threshold.metric].label
    drop = comparison.drops[threshold.metric] if comparison else None
    if drop is None or drop.was is None or drop.now is None:
        return _without_data(
            name, threshold, f"the utterances that both runs share give no {label}" if drop else _ALONE
        )
    fall = drop.was - drop.now
    is_large = fall > threshold.bound
    failed = is_large and (rules.strict_drop or _is_sure(drop, rules))
    measured = _told(threshold, drop, fall, within_chance=is_large and not failed)
    return Check(
        name=name,
        metric=threshold.metric.value,
        operator=threshold.operator,
        bound=threshold.bound,
        actual=fall,
        outcome=Outcome.FAILED if failed else Outcome.PASSED,
        message=f"{label} {measured}",
        measured=measured,
        scope=SCOPE,
        is_share=True,
    )


def _told(threshold: Threshold, drop: Drop, fall: Fraction, *, within_chance: bool) -> str:
    """Say how a score changed, from what to what, by how many verdicts, and how easily chance does that."""
    changed = f"{drop.worse} got worse, {drop.better} better"
    if drop.was is None or drop.now is None or not fall:
        return f"did not change ({changed})"
    from_to = f"{text_beside(drop.was, drop.now)} to {text_beside(drop.now, drop.was)}"
    size = text_beside(abs(fall), threshold.bound)
    if fall < 0:
        return f"rose by {size} ({from_to}; {changed})"
    operator = ">" if fall > threshold.bound else "<="
    within = ", within chance" if within_chance else ""
    chance = f"by chance in {chance_text(drop.chance)}"
    return f"fell by {size} {operator} {threshold.bound_text}{within} ({from_to}; {changed}; {chance})"


def _new_failures(threshold: Threshold, comparison: Comparison | None, waived: Waived) -> Check:
    if comparison is None:
        return _without_data(threshold.name, threshold, _ALONE)
    failing = [pair.now.key for pair in comparison.newly_failing]
    excused = sum(waived.waiver_of(key) is not None for key in failing)
    more = f" ({excused} more are waived)" if excused else ""
    message = f"{len(failing) - excused} utterances that passed in the baseline fail{more}"
    allowed, count = int(threshold.bound), len(failing) - excused
    return at_most(allowed, count, name=threshold.name, metric=threshold.metric.value, message=message, scope=SCOPE)


def _regressions(allowed: int, comparison: Comparison | None) -> Check:
    name, metric = f"intents worse beyond chance <= {allowed}", "worse_intents"
    if comparison is None:
        return without_data(name, _ALONE, metric=metric, operator="<=", bound=Fraction(allowed), scope=SCOPE)
    listed = _listed(comparison)
    message = f"{len(comparison.worse_intents)} intents got worse beyond chance" + (f": {listed}" if listed else "")
    return at_most(allowed, len(comparison.worse_intents), name=name, metric=metric, message=message, scope=SCOPE)


def _without_data(name: str, threshold: Threshold, why: str) -> Check:
    metric = threshold.metric.value
    return without_data(name, why, metric=metric, operator=threshold.operator, bound=threshold.bound, scope=SCOPE)


def _listed(comparison: Comparison) -> str:
    """Name the intents that got worse, the surest first."""
    worse = comparison.worse_intents
    named = [f"'{it.intent}' ({it.worse} got worse, {it.better} better)" for it in worse[:_SHOWN]]
    return ", ".join(named) + (f" and {len(worse) - _SHOWN} more" if len(worse) > _SHOWN else "")
