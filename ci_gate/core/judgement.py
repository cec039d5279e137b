"""The complete judgement of one run: the checks of every rule, and all findings for the reader."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_gate.core.checks.changes import doubts_about_change, judge_comparison
from ci_gate.core.checks.check import Check
from ci_gate.core.checks.intents import judge_floors, unsupported
from ci_gate.core.checks.named import judge_named, missing_names, strange_matches
from ci_gate.core.checks.score_words import not_evaluated
from ci_gate.core.checks.scores import judge
from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, obstacles, too_little
from ci_gate.core.comparison.compare import Comparison, compare, matched
from ci_gate.core.duplicates import collapsed, disagreeing, labelled_twice
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.idle_waivers import doubts_about_idle
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Utterance, listed
from ci_gate.core.report import Judgement
from ci_gate.core.text.safe import counted
from ci_gate.core.waivers import Waived, apply_waivers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from ci_gate.core.comparison.baseline import Origin
    from ci_gate.core.evidence.weigh import Evidence
    from ci_gate.core.rules import Rules


def judge_suite(
    rules: Rules, evidence: Evidence, *, today: date, baseline: Baseline | MissingBaseline | None = None, origin: Origin
) -> Judgement:
    """Judge the evidence of a run by all rules, and compare the run with its baseline if there is one."""
    utterances, absent = evidence.utterances, evidence.absent
    waived = apply_waivers(rules.waivers, utterances or (), today)
    comparison, findings = _compared(rules, evidence, baseline, origin)
    findings += _unevaluated(evidence, rules)
    earlier = baseline.utterances.values() if isinstance(baseline, Baseline) else ()
    findings += _doubts_about_suite(utterances, rules, absent, earlier) if utterances is not None else ()
    findings += _doubts_about_waivers(waived, utterances, absent)
    ruled: list[Check | Finding] = [
        *judge(evidence, rules, waived=len(waived.rows)),
        *(() if isinstance(baseline, MissingBaseline) else judge_comparison(comparison, rules, waived)),
        *judge_named(utterances, rules, waived, absent=absent, comparison=comparison),
        *judge_floors(utterances, rules, absent=absent),
    ]
    checks = tuple(one for one in ruled if isinstance(one, Check))
    left_out = [one for one in ruled if isinstance(one, Finding)]
    findings += [*left_out, *_unruled(rules, checks, left_out=bool(left_out))]
    return Judgement(
        replace(evidence, findings=(*evidence.findings, *findings)),
        checks,
        rules=rules,
        comparison=comparison,
        waived=waived,
    )


def _compared(
    rules: Rules, evidence: Evidence, baseline: Baseline | MissingBaseline | None, origin: Origin
) -> tuple[Comparison | None, list[Finding]]:
    """Return the comparison of a run with its baseline, ``None`` if there is none, and the findings about it."""
    if baseline is None:
        return None, []
    if isinstance(baseline, MissingBaseline):
        message = f"NOTHING WAS COMPARED with an earlier run: there is no baseline '{baseline.name}', which is allowed"
        return None, [Finding(FindingKind.NO_BASELINE, message)]
    if evidence.utterances is None:
        message = "without a readable results file there is nothing to compare with the baseline"
        return None, [Finding(FindingKind.NOT_COMPARABLE, message)]
    odd = [*obstacles(baseline, origin, evidence.findings, rules.tolerate)]
    kept = collapsed(evidence.utterances)
    found = matched(baseline, kept, absent=max(evidence.absent, _dropped(baseline, kept, evidence)))
    odd += too_little(baseline, len(found.pairs), "this run has")
    if any(finding.blocks for finding in odd):
        return None, odd
    odd += too_little(baseline, sum(pair.is_evaluated for pair in found.pairs), "both runs evaluated")
    comparison = compare(found, baseline, level=float(rules.level))
    return comparison, [*odd, *doubts_about_change(comparison, rules)]


def _dropped(baseline: Baseline, kept: Mapping[str, Utterance], evidence: Evidence) -> int:
    """Return how many of the baseline's utterances a run lacks; 0 unless its incompleteness is tolerated.

    If it is tolerated, these utterances count as not evaluated rather than as removed from the suite.
    """
    lossy = (FindingKind.PARTIAL, FindingKind.NO_FILE)
    if not any(finding.tolerated and finding.kind in lossy for finding in evidence.findings):
        return 0
    return len(baseline.utterances.keys() - kept.keys())


def _unevaluated(evidence: Evidence, rules: Rules) -> Iterator[Finding]:
    """Yield a finding, which rules out a pass, if utterances were not evaluated and no setting allows that."""
    if not rules.demands_all or any(finding.voids for finding in evidence.findings):
        return
    counts, lost = evidence.counts, evidence.counts.lost  # utterances that a shrunken run lost are reported apart
    if counts.failed_utterances is None:
        message = "it is not known whether all utterances were evaluated: the platform did not report the counts"
        way_on = 'to judge anyway, write max_failed_utterances = "off"'
        yield Finding(FindingKind.NOT_EVALUATED, f"{message}; {way_on}")
    elif lost:
        is_reported = evidence.is_reported and lost == counts.failed_utterances
        lost_text = not_evaluated(lost, counts.utterances, by_the_platform=is_reported)
        message = f"{lost_text}; to judge the others anyway, write max_failed_utterances = {lost}"
        yield Finding(FindingKind.NOT_EVALUATED, message)


def _unruled(rules: Rules, checks: Iterable[Check], *, left_out: bool) -> Iterator[Finding]:
    """Yield a finding if no rule about the quality of the bot is checked here.

    All such rules are then about other suites, or were left out since this suite is too small for them.
    """
    size = (Metric.UTTERANCES, Metric.FAILED_UTTERANCES)
    if rules.is_about_the_bot and all(check.metric in size for check in checks):
        of_others = "no rule applies to anything in this suite"
        why = "every rule was left out, since none could fail in this suite" if left_out else of_others
        yield Finding(FindingKind.NO_RULE, f"{why}, so the quality of the bot is not checked")


def _doubts_about_suite(
    utterances: tuple[Utterance, ...], rules: Rules, absent: int, earlier: Iterable[Utterance]
) -> Iterator[Finding]:
    """Yield findings about the suite: unstable copies, contradicting labels, small intents, and names that it lacks."""
    if unstable := disagreeing(utterances):
        message = "of these some copies passed and others did not, so they count as failed"
        yield Finding(FindingKind.UNSTABLE, f"{message}: {listed(one.text for one in unstable)}")
    if twice := labelled_twice(utterances):
        message = "these stand in the suite with several expected intents, of which at most one can pass"
        yield Finding(FindingKind.TWO_LABELS, f"{message}: {listed(one.text for one in twice)}")
    yield from unsupported(utterances, rules)
    yield from strange_matches(utterances, rules, earlier)
    tolerates = FindingKind.UNKNOWN_NAME in rules.tolerate
    for name in missing_names(utterances, rules) if rules.is_part or tolerates or absent else ():
        is_tolerated = tolerates and not name.is_utterance
        subject = f"the {name.what} '{name.text}'"
        if absent:
            message = f"{subject} may be among the {counted(absent, 'utterance')} that the file lacks"
            yield Finding(FindingKind.UNKNOWN_NAME, message, warns=True)
        elif is_tolerated or (rules.is_part and name in rules.common_names):
            where = ", which is tolerated" if is_tolerated else "; the other suites were not searched for it"
            message = f"{subject} is not in this suite{where}"
            yield Finding(FindingKind.UNKNOWN_NAME, message, tolerated=is_tolerated, warns=not is_tolerated)


def _doubts_about_waivers(waived: Waived, utterances: Sequence[Utterance] | None, absent: int) -> Iterator[Finding]:
    if utterances is not None:
        own = (waiver for waiver in waived.idle if not waiver.is_common)
        yield from doubts_about_idle(own, utterances, " that the results file holds" if absent else "")
    for use in waived.uses:
        if use.expired:
            message = f"the waiver of {use.waiver.subject} expired on {use.waiver.expires} and no longer applies"
            yield Finding(FindingKind.WAIVER, f"{message} {use.waiver.answerable}")
