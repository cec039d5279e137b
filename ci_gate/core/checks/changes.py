"""The rules that need a baseline: whether the bot is worse than before.

A score fails if it fell by more than is allowed *and* beyond chance; if only one of these holds, a finding warns. The
first condition keeps a large suite from failing over trifles, the second keeps a small suite from failing over noise.
Each rule is judged with the best and with the worst possible results of the utterances that either run did not
evaluate.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.checks.change_words import (
    by_chance_alone,
    chance_of,
    changed_text,
    changes_by_chance,
    from_to,
    judged_at,
    listed_intents,
    size_text,
    would_fail_at,
)
from ci_gate.core.checks.check import Check, Rule, at_most, more_waived, toothless
from ci_gate.core.comparison.drops import Drop, Limit, can_ever_fail, fewest_lost
from ci_gate.core.comparison.intent_changes import can_regress, fewest_lost_in
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.metrics import DROPS, Metric
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import MAX_REGRESSIONS, Area, RuleCount
from ci_gate.core.statistics.chance import beyond_chance
from ci_gate.core.statistics.sign_flip import least_provable
from ci_gate.core.text.decimals import text_beside
from ci_gate.core.text.safe import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.rules import Rules
    from ci_gate.core.thresholds import Threshold
    from ci_gate.core.waivers import Waived

_LOSSES = {Metric.F1: "failing", Metric.ACCURACY: "failing", Metric.PRECISION: "mistaken", Metric.RECALL: "missed"}
"""The word for utterances that newly count against each score: recall ignores wrong intents, precision missed ones."""


def judge_comparison(comparison: Comparison | None, rules: Rules, waived: Waived) -> Iterator[Check | Finding]:
    """Yield a check for each rule that needs a baseline; without a comparison these checks have no data.

    A rule that could not fail even if every utterance failed is not judged. If the rule was set for this suite, or if
    unevaluated utterances might let it fail, its check has no data; otherwise a finding says that the rule is left out.
    """
    for threshold in rules.thresholds:
        if threshold.metric in DROPS:
            yield _drop(threshold, comparison, rules)
        elif threshold.metric is Metric.NEW_FAILURES:
            yield _new_failures(threshold, comparison, rules, waived)
    if rules.max_regressions is not None:
        yield _regressions(rules.max_regressions, comparison, rules)


def doubts_about_change(comparison: Comparison, rules: Rules) -> Iterator[Finding]:
    """Yield findings about changes for the worse that break no rule.

    These are a large fall that may be chance, a significant fall that is allowed and, unless a rule bounds their
    number, the intents that got worse beyond chance.
    """
    for threshold in rules.thresholds:
        drop = comparison.drops.get(threshold.metric)
        if drop is None or drop.fall is None or drop.fall <= 0:
            continue
        is_large, is_sure = drop.fall > threshold.bound, beyond_chance(drop.chances[1], float(rules.level))
        text = f"{DROPS[threshold.metric].label} fell by {text_beside(drop.fall, threshold.bound)}"
        by_chance = f"a difference this large arises by chance in {chance_of(drop, rules)}"
        if is_large and not is_sure and not rules.strict_drop:
            yield Finding(FindingKind.DROP, f"{text}, more than {threshold.bound_text}, but {by_chance}")
        elif is_sure and not is_large:
            yield Finding(FindingKind.DROP, f"{text}, which {threshold.bound_text} allows; but {by_chance} only")
    if comparison.worse_intents and rules.max_regressions is None:
        yield Finding(FindingKind.REGRESSION, f"worse than in the baseline beyond chance: {listed_intents(comparison)}")


def _drop(threshold: Threshold, comparison: Comparison | None, rules: Rules) -> Check | Finding:
    beyond = "" if rules.strict_drop else " beyond chance"
    name = f"{threshold.metric.label}{beyond} <= {threshold.bound_text}"
    rule = _rule(threshold, name, None if rules.strict_drop else rules.level)
    lost = _why_not_compared(comparison)
    if not comparison or lost:
        return rule.without_data(lost)
    drop, label = comparison.drops[threshold.metric], DROPS[threshold.metric].label
    if drop.fall is None:
        return rule.without_data(f"the utterances that both runs share give no {label}")
    limit = Limit(tolerance=threshold.bound, level=float(rules.level), strict=rules.strict_drop)
    outcome = drop.outcome(limit)
    if outcome is Outcome.NO_DATA:
        return rule.without_data(_between(drop, comparison, threshold))
    surely, perhaps = can_ever_fail(drop, limit)
    # Even if no loss could fail the check, other changes may: wrong answers that this score ignored and now counts.
    if not surely and outcome is Outcome.PASSED:
        is_demanded = perhaps or threshold.key in rules.pressing
        return toothless(rule, _too_small(drop, limit, threshold), is_demanded=is_demanded)
    measured = _measured(drop, threshold, rules, outcome)
    fewest = fewest_lost(drop, limit)
    # If changes other than losses failed the check, the smallest loss would mislead a reader.
    is_shown = fewest is not None and (outcome is Outcome.PASSED or drop.lost >= fewest)
    least_lost = would_fail_at(fewest if is_shown else None, drop.lost, what=_LOSSES[drop.metric])
    beside = f"{least_lost}{'' if rules.strict_drop else judged_at(rules)}"
    return replace(rule, is_share=True).found(
        actual=drop.fall,
        outcome=outcome,
        # The message may become a headline, which leaves out the smallest loss if the check failed.
        message=f"{label} {measured}{judged_at(rules) if outcome is Outcome.FAILED else beside}",
        measured=f"{measured}{beside}",
    )


def _too_small(drop: Drop, limit: Limit, threshold: Threshold) -> str:
    """Return why the score would not fall too far, or not beyond chance, even if every utterance failed."""
    label, least = DROPS[threshold.metric].label, drop.before[0]
    if least <= limit.tolerance:
        return f"{label} was {text_beside(least, limit.tolerance)} in the baseline, not more than the allowed drop"
    enough = f"at least {least_provable(limit.level)} worked"
    return f"{_worked(drop.passed)}; a drop of {label} can exceed chance only if {enough}"


def _measured(drop: Drop, threshold: Threshold, rules: Rules, outcome: Outcome) -> str:
    fall = drop.fall
    if not fall or drop.was.score is None or drop.now.score is None:
        return f"did not change ({changed_text(drop)})"
    within = ", within chance" if fall > threshold.bound and outcome is Outcome.PASSED else ""
    by_chance = f"; by chance in {chance_of(drop, rules)}" if fall > 0 else ""
    text = f"{from_to(drop.was.score, drop.now.score)}; {changed_text(drop)}{by_chance}"
    return f"{size_text(fall, threshold)}{within} ({text})"


def _between(drop: Drop, comparison: Comparison, threshold: Threshold) -> str:
    """Return as text the ranges of the fall and of its chance over all possible results of unevaluated utterances."""
    least, most = (text_beside(fall, threshold.bound) for fall in drop.falls)
    few, many = (f"{100 * chance:.3g}" for chance in drop.chances)
    lost = _unevaluated_pairs(comparison.unevaluated)
    return f"{lost}: the fall is between {least} and {most}, and so large by chance in {few} to {many} of 100 runs"


def _new_failures(threshold: Threshold, comparison: Comparison | None, rules: Rules, waived: Waived) -> Check | Finding:
    rule = _rule(threshold, threshold.name, None)
    lost = _why_not_compared(comparison, counts_only=True)
    if not comparison or lost:
        return rule.without_data(lost)
    allowed = int(threshold.bound)
    # Every utterance that passed in the baseline could newly fail, even if this run did not evaluate it.
    passed = max(0, sum(pair.was.passed for pair in comparison.pairs) - comparison.adrift_then)
    may_have_passed = sum(not pair.was.is_mismatch for pair in comparison.pairs)
    if passed <= allowed:
        why = f"{_worked(passed)}, so that no more than these can newly fail: set less than {passed}"
        perhaps = may_have_passed + comparison.adrift > allowed
        return toothless(rule, why, is_demanded=perhaps or threshold.key in rules.pressing)
    excused = [pair for pair in comparison.newly_failing if waived.waiver_of(pair.now.key)]
    count = len(comparison.newly_failing) - len(excused)
    # If one copy is waived and another was not evaluated, the other may have failed in a way that is not waived.
    unsure = (*comparison.may_be_failing, *(pair for pair in excused if pair.now.may_be_fp))
    more = sum(not waived.covers_whatever(pair.now) for pair in unsure) + comparison.adrift
    verb = "fails" if count == 1 else "fail"
    message = f"{counted(count, 'utterance')} that passed in the baseline {verb}{more_waived(len(excused))}"
    return at_most(
        rule,
        max(0, count - comparison.adrift_then),
        count + more,
        message=f"{message}; {changes_by_chance(comparison.changed, allowed)}",
        lost=f"{_unevaluated_pairs(more)}, and may newly fail",
    )


def _regressions(allowed: int, comparison: Comparison | None, rules: Rules) -> Check | Finding:
    rule = Rule(
        name=f"intents worse beyond chance <= {allowed}",
        metric=RuleCount.WORSE_INTENTS,
        operator="<=",
        bound=Fraction(allowed),
        scope=Area.CHANGE,
        level=rules.level,
    )
    lost = _why_not_compared(comparison)
    if not comparison or lost:
        return rule.without_data(lost)
    level, unevaluated = float(rules.level), comparison.unevaluated
    count = len(comparison.worse_intents)
    most = sum(change.may_be_worse for change in comparison.intents)
    surely, perhaps = can_regress(comparison.intents, allowed, level)
    if not surely and most <= allowed:
        least = least_provable(level)
        what = "no intent" if not allowed else f"no more than {counted(allowed, 'intent')}"
        why = f"{what} has enough utterances that worked in the baseline for a loss of all to be significant ({least})"
        return toothless(rule, why, is_demanded=perhaps or MAX_REGRESSIONS in rules.pressing)
    listed = f": {listed_intents(comparison)}{by_chance_alone(comparison)}" if count else ""
    seen = sum(sorted((change.worse for change in comparison.intents), reverse=True)[: allowed + 1])
    least_lost = would_fail_at(fewest_lost_in(comparison.intents, allowed, level), seen, of_one=not allowed)
    message = f"{counted(count, 'intent')} got worse beyond chance{listed}"
    return at_most(
        rule,
        count,
        most,
        message=f"{message}{least_lost}{judged_at(rules)}",
        lost=f"{counted(unevaluated, 'utterance')} {_was(unevaluated)} not evaluated in one run",
    )


def _rule(threshold: Threshold, name: str, level: Fraction | None) -> Rule:
    return Rule(
        name=name,
        metric=threshold.metric,
        operator=threshold.operator,
        bound=threshold.bound,
        scope=Area.CHANGE,
        level=level,
    )


def _worked(number: int) -> str:
    return f"{counted(number, 'utterance')} worked in the baseline"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _unevaluated_pairs(number: int) -> str:
    return f"{counted(number, 'utterance')} that both runs have {_was(number)} not evaluated in one of them"


def _why_not_compared(comparison: Comparison | None, *, counts_only: bool = False) -> str:
    """Return why a rule cannot be judged by the comparison; empty if it can.

    ``counts_only``: the rule needs only numbers of new failures, so that it can be judged although a file lacks
    utterances.
    """
    if comparison is None:
        return "there was nothing to compare with"
    if not comparison.shared:
        return "there is no utterance that both runs evaluated"
    if comparison.adrift and not counts_only:
        many = counted(comparison.adrift, "utterance")
        return f"{many} not evaluated {_was(comparison.adrift)} left out of a results file, and cannot be identified"
    return ""
