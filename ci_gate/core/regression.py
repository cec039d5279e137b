"""Better or worse than before: the thresholds that need a baseline, held against what changed.

A score fails where it fell by more than is allowed *and* hardly by chance; where only one of the two holds, that is
worth a warning. The first half keeps a large suite from failing over trifles, the second a small one over noise.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.checks import Check, Outcome, at_most, more_waived, without_data
from ci_gate.core.figures import decimal_text, text_beside
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
_RAREST = 10_000
_MOST_RUNS = 10**9  # more digits tell nobody on which side of alpha a chance is


def chance_text(chance: float, alpha: Fraction | None = None) -> str:
    """Say a probability in runs, so that nobody has to know what a p-value is; on its own side of ``alpha``."""
    told, runs, least = "", 100, 2
    while runs <= _MOST_RUNS:
        shown = round(chance * runs)
        if shown >= least:
            crosses = alpha is not None and (Fraction(shown, runs) <= alpha) is not (chance <= alpha)
            candidate = f"{shown:,} of {runs:,} runs"
            if not crosses:
                return candidate
            told = told or candidate
        elif shown == 0 and runs == _RAREST:
            return f"fewer than 1 of {_RAREST:,} runs"
        runs, least = 10 * runs, 1
    return told


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
        by_chance = f"a difference this large arises by chance in {_chance(drop, rules)}"
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
    if not comparison or not comparison.shared:
        return _without_data(name, threshold, _nothing_shared(comparison))
    drop = comparison.drops[threshold.metric]
    if drop.was is None or drop.now is None:
        return _without_data(name, threshold, f"the utterances that both runs share give no {label}")
    fall = drop.was - drop.now
    is_large = fall > threshold.bound
    failed = is_large and (rules.strict_drop or _is_sure(drop, rules))
    measured = f"did not change ({_changed(drop)})"
    if fall:
        within = ", within chance" if is_large and not failed else ""
        told = f"{_from_to(drop.was, drop.now)}; {_changed(drop)}" + (
            f"; by chance in {_chance(drop, rules)}" if fall > 0 else ""
        )
        measured = f"{_size(fall, threshold)}{within} ({told})"
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


def _from_to(was: Fraction, now: Fraction) -> str:
    """Write two different scores so that they read as different."""
    places = 4
    while decimal_text(was, places) == decimal_text(now, places):
        places += 1
    return f"{text_beside(was, now, places)} to {text_beside(now, was, places)}"


def _changed(drop: Drop) -> str:
    return f"{drop.worse} got worse, {drop.better} better"


def _chance(drop: Drop, rules: Rules) -> str:
    return chance_text(drop.chance, rules.alpha)


def _size(fall: Fraction, threshold: Threshold) -> str:
    """Say which way a score went, how far, and whether that is too far."""
    size = text_beside(abs(fall), threshold.bound)
    if fall < 0:
        return f"rose by {size}"
    return f"fell by {size} {'>' if fall > threshold.bound else '<='} {threshold.bound_text}"


def _new_failures(threshold: Threshold, comparison: Comparison | None, waived: Waived) -> Check:
    if not comparison or not comparison.shared:
        return _without_data(threshold.name, threshold, _nothing_shared(comparison))
    failing = [pair.now.key for pair in comparison.newly_failing]
    excused = sum(waived.waiver_of(key) is not None for key in failing)
    count = len(failing) - excused
    lost = comparison.unevaluated
    if count <= threshold.bound < count + lost:
        were = "utterance that both runs have was" if lost == 1 else "utterances that both runs have were"
        return _without_data(threshold.name, threshold, f"{lost} {were} not evaluated in one of them, and may be more")
    noun, verb = ("utterance", "fails") if count == 1 else ("utterances", "fail")
    message = f"{count} {noun} that passed in the baseline {verb}{more_waived(excused)}"
    metric = threshold.metric.value
    return at_most(int(threshold.bound), count, name=threshold.name, metric=metric, message=message, scope=SCOPE)


def _regressions(allowed: int, comparison: Comparison | None) -> Check:
    name, metric = f"intents worse beyond chance <= {allowed}", "worse_intents"
    if not comparison or not comparison.shared:
        why = _nothing_shared(comparison)
        return without_data(name, why, metric=metric, operator="<=", bound=Fraction(allowed), scope=SCOPE)
    count = len(comparison.worse_intents)
    listed = f": {_listed(comparison)}" if count else ""
    message = f"{count} {'intent' if count == 1 else 'intents'} got worse beyond chance{listed}"
    return at_most(allowed, count, name=name, metric=metric, message=message, scope=SCOPE)


def _nothing_shared(comparison: Comparison | None) -> str:
    """Say why there is nothing to count: where both runs evaluated no utterance, none of them got worse either."""
    return "there is no utterance that both runs evaluated" if comparison else _ALONE


def _without_data(name: str, threshold: Threshold, why: str) -> Check:
    metric = threshold.metric.value
    return without_data(name, why, metric=metric, operator=threshold.operator, bound=threshold.bound, scope=SCOPE)


def _listed(comparison: Comparison) -> str:
    """Name the intents that got worse, the surest first."""
    worse = comparison.worse_intents
    named = [f"'{it.intent}' ({it.worse} got worse, {it.better} better)" for it in worse[:_SHOWN]]
    return ", ".join(named) + (f" and {len(worse) - _SHOWN} more" if len(worse) > _SHOWN else "")
