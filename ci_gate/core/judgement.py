"""The whole judgement of one run: every rule held against the evidence, and what else a reader must know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_gate.core.baseline import Baseline, MissingBaseline, doubt_about_overlap, obstacles
from ci_gate.core.comparison import Comparison, compare
from ci_gate.core.copies import collapsed, disagreeing, labelled_twice
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Case, listed
from ci_gate.core.named_rules import (
    judge_floors,
    judge_forbidden,
    judge_must_pass,
    missing_names,
    strange_matches,
    unsupported,
)
from ci_gate.core.regression import doubts_about_change, judge_comparison
from ci_gate.core.report import Assessment
from ci_gate.core.thresholds import DEFAULTS
from ci_gate.core.verdict import judge
from ci_gate.core.waivers import Waived, apply_waivers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from ci_gate.core.baseline import Origin
    from ci_gate.core.checks import Check
    from ci_gate.core.evidence import Evidence
    from ci_gate.core.rules import Rules


def judge_by(
    rules: Rules,
    evidence: Evidence,
    *,
    today: date,
    baseline: Baseline | MissingBaseline | None = None,
    origin: Origin,
) -> Assessment:
    """Hold all rules against the evidence of a run, and the run against its baseline where there is one."""
    cases = evidence.cases
    waived = apply_waivers(rules.waivers, cases or (), today)
    comparison, findings = _compared(rules, cases, baseline, origin)
    findings += _doubts_about_suite(cases, rules) if cases is not None else ()
    findings += _doubts_about_waivers(waived)
    checks = [
        *judge(evidence, rules.thresholds, lower_bound=rules.lower_bound, waived=len(waived.rows)),
        *(() if isinstance(baseline, MissingBaseline) else judge_comparison(comparison, rules, waived)),
        *judge_must_pass(cases, rules, waived),
        *judge_forbidden(cases, rules, waived),
        *judge_floors(cases, rules),
    ]
    findings += _unruled(rules, checks)
    return Assessment(
        replace(evidence, findings=(*evidence.findings, *findings)),
        tuple(checks),
        rules=rules,
        comparison=comparison,
        waived=waived,
    )


def _compared(
    rules: Rules, cases: tuple[Case, ...] | None, baseline: Baseline | MissingBaseline | None, origin: Origin
) -> tuple[Comparison | None, list[Finding]]:
    """Hold a run against its baseline, or say why that cannot be."""
    if baseline is None:
        return None, []
    if isinstance(baseline, MissingBaseline):
        message = f"NOTHING WAS COMPARED with an earlier run: there is no baseline '{baseline.name}', which is allowed"
        return None, [Finding(FindingKind.NO_BASELINE, message)]
    if cases is None:
        message = "without a readable results file there is nothing to compare with the baseline"
        return None, [Finding(FindingKind.NOT_COMPARABLE, message)]
    utterances = collapsed(cases)
    reasons = [Finding(FindingKind.NOT_COMPARABLE, reason) for reason in obstacles(baseline, origin, utterances)]
    if reasons:
        return None, reasons
    comparison = compare(baseline, utterances, alpha=float(rules.alpha))
    doubt = doubt_about_overlap(baseline, comparison.shared)
    few = [Finding(FindingKind.NOT_COMPARABLE, doubt)] if doubt else []
    return comparison, [*few, *doubts_about_change(comparison, rules)]


def _unruled(rules: Rules, checks: Iterable[Check]) -> Iterator[Finding]:
    """Say where all that was asked for is about what other suites have, so that nothing here could have failed."""
    by_default = DEFAULTS.values()
    asked = any(threshold not in by_default and not threshold.metric.needs_baseline for threshold in rules.thresholds)
    size = (Metric.UTTERANCES, Metric.FAILED_UTTERANCES)
    if any(rules.names) and not asked and all(check.metric in size for check in checks):
        message = "none of the rules is about anything in this suite, so nothing says how good the bot is in it"
        yield Finding(FindingKind.NO_RULE, message)


def _doubts_about_suite(cases: tuple[Case, ...], rules: Rules) -> Iterator[Finding]:
    """Tell what is the matter with the suite itself, and which rules it is too small for or does not know."""
    if unstable := disagreeing(cases):
        message = "of these some copies passed and others did not, so they count as failed"
        yield Finding(FindingKind.UNSTABLE, f"{message}: {listed(case.utterance for case in unstable)}")
    if twice := labelled_twice(cases):
        message = "these stand in the suite with several expected intents, of which at most one can pass"
        yield Finding(FindingKind.TWO_LABELS, f"{message}: {listed(case.utterance for case in twice)}")
    yield from unsupported(cases, rules)
    yield from strange_matches(cases, rules)
    if rules.is_part:
        for name in missing_names(cases, rules):
            if name in rules.common_names:
                message = (
                    f"the {name.what} '{name.text}' is not in this suite; whether another has it was not looked at"
                )
                yield Finding(FindingKind.UNKNOWN_NAME, message)


def _doubts_about_waivers(waived: Waived) -> Iterator[Finding]:
    for use in waived.uses:
        waiver = use.waiver
        if use.expired:
            message = f"the waiver of {waiver.subject} expired on {waiver.expires} and counts no more"
            yield Finding(FindingKind.WAIVER, f"{message} ({waiver.owner}: {waiver.reason})")
        elif not use.mismatches and not waiver.is_common:
            message = f"the waiver of {waiver.subject} covers nothing; it can go"
            yield Finding(FindingKind.WAIVER, f"{message} ({waiver.owner}: {waiver.reason})")
