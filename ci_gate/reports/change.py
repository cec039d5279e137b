"""The words that reports for people share about changes since the baseline, about waivers, and how sure scores are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.core.checks.change_words import chance_text
from ci_gate.core.metrics import SCORES, Metric, interval
from ci_gate.core.text.decimals import decimal_text, text_beside
from ci_gate.core.text.safe import counted
from ci_gate.reports.values import bounds_of_suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.report import Judgement
    from ci_gate.core.waivers import Waived

_PLACES = 4


def change_sentence(comparison: Comparison, level: Fraction) -> str:
    """Say what changed, and how easily chance alone does that, printed on its own side of the level of a test."""
    worse, better = len(comparison.newly_failing), len(comparison.fixed)
    if not worse and not better:
        return "no utterance changed sides"
    verb = "fails" if worse == 1 else "fail"
    text = f"{counted(worse, 'utterance')} that worked now {verb}, {better} {'was' if better == 1 else 'were'} fixed"
    if worse <= better:
        return text
    chance = comparison.drops[Metric.ACCURACY_DROP].chances[1]
    at_most = "at most " if comparison.unevaluated or comparison.adrift else ""
    return f"{text}; a difference this large arises by chance in {at_most}{chance_text(chance, level)}"


def baseline_sentence(comparison: Comparison) -> str:
    """Say what was compared with what."""
    baseline = comparison.baseline
    facts = (("run", baseline.run_id), ("bot version", baseline.bot_version), ("finished", baseline.finished))
    known = [f"{what} {fact}" for what, fact in facts if fact and not f"{what} {fact}".endswith(baseline.name)]
    about = f" ({', '.join(known)})" if known else ""
    return f"{baseline.name}{about}, on {counted(comparison.shared, 'utterance')} that both have"


def left_out(comparison: Comparison) -> list[str]:
    """Say what was not compared, and why."""
    failed = sum(one.is_mismatch for one in comparison.removed)
    found = [f"{len(comparison.added)} added"] if comparison.added else []
    if comparison.removed:
        found.append(f"{len(comparison.removed)} removed" + (f" ({failed} of which failed)" if failed else ""))
    found += [f"{len(comparison.relabelled)} with another expected intent"] if comparison.relabelled else []
    if comparison.unevaluated:
        may_fail = len(comparison.may_be_failing)
        more = f" ({may_fail} of which may newly fail)" if may_fail else ""
        found.append(f"{comparison.unevaluated} not evaluated in one of the runs{more}")
    found += [f"{comparison.adrift} that a results file lacks, nobody can tell which"] if comparison.adrift else []
    return found


def power_sentence(comparison: Comparison) -> str:
    """Say which drop would have shown, so that a pass is not read as a proof that nothing got worse."""
    if comparison.detectable is None:
        return "so few utterances show no drop at all, however large"
    points = f"{100 * comparison.detectable:.1f}"
    return (
        f"a drop of {points} points in the share of utterances that work would have shown in 4 of 5 cases; "
        "a smaller one may be hidden"
    )


def waiver_sentence(waived: Waived) -> str:
    """Say how many waivers there are, and what became of them."""
    states = [use.state for use in waived.uses]
    text = [f"{states.count(state)} {state}" for state in ("used", "unused", "expired") if state in states]
    return f"{counted(len(states), 'waiver')}: {', '.join(text)}; {counted(len(waived.rows), 'mismatch')} waived"


def score_rows(judgement: Judgement) -> Iterator[tuple[str, str, str]]:
    """Give every score that is known with the interval that it stands for."""
    evidence, bounds = judgement.evidence, bounds_of_suite(judgement)
    for metric in SCORES:
        score = evidence.scores[metric].judged
        if score is None:
            continue
        text = text_beside(score, bounds[metric]) if metric in bounds else decimal_text(score, _PLACES)
        # A score that is told otherwise than the counts have it has no interval.
        ends = interval(metric, evidence.counts) if score == evidence.scores[metric].exact else None
        sure = f"{decimal_text(ends[0], _PLACES)} to {decimal_text(ends[1], _PLACES)}" if ends else "not known"
        yield metric.label, text, sure
