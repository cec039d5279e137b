"""The wording that the reports for people share: endings and their reasons, measurements, and changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

from ci_gate.core.checks.change_words import chance_text
from ci_gate.core.findings import FindingKind
from ci_gate.core.metrics import SCORES, Metric, interval
from ci_gate.core.model import Reported
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import Judged, Source, Unjudged
from ci_gate.core.text.decimals import decimal_text, text_beside
from ci_gate.core.text.safe import counted, one_line
from ci_gate.core.verdict import Verdict
from ci_gate.core.waivers import WaiverState
from ci_gate.errors import ExitCode
from ci_gate.reports.values import bounds_of_suite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ci_gate.core.checks.check import Check
    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.findings import Finding
    from ci_gate.core.model import Utterance
    from ci_gate.core.report import GateReport, Judgement, Subject, SuiteReport
    from ci_gate.core.waivers import Waived
    from ci_gate.errors import GateError

_UNKNOWN_PART = "whether the run was partial is unknown without a status reply"
_FEW = 3
_PLACES = 4


class Ending(StrEnum):
    """How a suite or the gate ended. ``FAILED`` is a verdict on the bot; ``UNJUDGED`` means that there is none."""

    PASSED = "PASSED"
    EXCUSED = "PASSED WITH WARNINGS"
    ADVISORY = "FAILED, advisory"
    FAILED = "FAILED"
    UNJUDGED = "NOT JUDGED"
    UNREPORTED = "NOT REPORTED"


def ending_of_suite(suite: SuiteReport) -> Ending:
    match suite:
        case Judged(verdict=Verdict.PASSED):
            return Ending.PASSED
        case Judged():
            return Ending.ADVISORY if suite.excused else Ending.FAILED
        case Unjudged():
            return Ending.UNJUDGED
        case _:
            assert_never(suite)


def ending_of(report: GateReport) -> Ending:
    """Return how the gate ended. A gate without a single suite has judged nothing, whatever its exit code."""
    if not (report.suites or report.error):
        return Ending.UNJUDGED
    match report.exit_code:
        case ExitCode.PASSED:
            return Ending.EXCUSED if report.excused else Ending.PASSED
        case ExitCode.FAILED:
            return Ending.FAILED
        case ExitCode.UNREPORTED:
            return Ending.UNREPORTED
        case _:
            return Ending.UNJUDGED


def speaks_for_itself(report: GateReport) -> bool:
    """Return whether the gate ended like its only suite, so that it needs no headline of its own."""
    return len(report.suites) == 1 and report.error is None and ending_of(report) is ending_of_suite(report.suites[0])


def gate_reason(report: GateReport) -> str:
    """Return one line on why the gate ended as it did: its own error, or the number of suites by ending."""
    if report.error:
        return one_line(report.error.message)
    if not report.suites:
        return "there was no suite to judge"
    tally = Counter(ending_of_suite(suite) for suite in report.suites)
    order = (Ending.FAILED, Ending.UNJUDGED, Ending.ADVISORY, Ending.PASSED)
    return f"{counted(len(report.suites), 'suite')}: " + ", ".join(
        f"{tally[ending]} {ending.lower().replace(', ', ' but ')}" for ending in order if tally[ending]
    )


def suite_reason(suite: SuiteReport) -> str:
    """Return one line on why a suite ended as it did: the first failed check, or the error that left it unjudged."""
    match suite:
        case Unjudged():
            return one_line(suite.error.message) + _tolerated(suite)
        case Judged(verdict=Verdict.FAILED):
            checks = [check for check in suite.judgement.checks if check.outcome is Outcome.FAILED]
            # A check on utterances that were not evaluated comes first, since these explain a bad score.
            failed = [one.message for one in sorted(checks, key=lambda one: one.metric is not Metric.FAILED_UTTERANCES)]
            more = f" (and {counted(len(failed) - 1, 'more check')})" if len(failed) > 1 else ""
            unexcused = suite.subject.advisory and not suite.excused
            excuse = "; advisory excuses this on sound evidence only" if unexcused else ""
            return one_line(failed[0]) + more + excuse + _tolerated(suite)
        case Judged():
            passed = len(suite.judgement.checks)
            return ("its one check passed" if passed == 1 else f"all {passed} checks passed") + _tolerated(suite)
        case _:
            assert_never(suite)


def tolerated_kinds(suite: SuiteReport) -> str:
    """Return the kinds of findings that were tolerated in a suite as text, separated by commas."""
    findings = suite.judgement.evidence.findings if suite.judgement else ()
    # If the bot of the baseline has another name, the setting that tolerates it is ``other-bot``.
    kinds = [
        FindingKind.OTHER_BOT if it.kind is FindingKind.NOT_COMPARABLE else it.kind for it in findings if it.tolerated
    ]
    return ", ".join(dict.fromkeys(kind.value for kind in kinds))


def _tolerated(suite: SuiteReport) -> str:
    kinds = tolerated_kinds(suite)
    return f" (tolerated: {kinds})" if kinds else ""


def exit_sentence(report: GateReport) -> str:
    """Return a sentence with the exit code of the process and its meaning."""
    code = report.exit_code
    meaning = code.meaning.partition(";")[0]
    if code is ExitCode.PASSED and report.excused:
        meaning = "every suite judged; what failed is advisory"
    return f"exit code {code.value}: {meaning}"


def hint_lines(error: GateError) -> list[str]:
    """Return the lines of a hint, each safe to show. Most hints have one line, some have none."""
    return [line for line in map(one_line, error.hint.splitlines()) if line]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that identifies a run. ``value`` is foreign text; ``before`` and ``after`` are our wording."""

    before: str
    value: str = ""
    after: str = ""


def facts(suite: SuiteReport) -> list[Fact]:
    """Return the facts that identify the run of a suite, without unknown ones."""
    subject = suite.subject
    said = suite.judgement.evidence.reported if suite.judgement else Reported()
    utterances = suite.judgement.evidence.counts.utterances if suite.judgement else None
    known = [Fact("suite ", subject.suite)] if subject.suite != subject.label else []
    known.append(_run(subject))
    known += [Fact("bot version ", said.bot_version)] if said.bot_version else []
    known += [Fact("language ", said.language)] if said.language else []
    known += [Fact(counted(utterances, "utterance"))] if utterances is not None else []
    known += [Fact(_UNKNOWN_PART)] if subject.observed and not subject.observed.reply_hash else []
    return known


def _run(subject: Subject) -> Fact:
    match subject.source:
        case Source.RUN:
            known, unknown = ", started by this gate", "no run is known"
        case Source.RESUMED:
            known, unknown = ", started by this gate before, and resumed", "no run is known"
        case Source.ATTACHED:
            known, unknown = ", started elsewhere", "a run that was started elsewhere"
        case Source.FILES:
            known, unknown = ", read from files", "read from files"
        case _:
            assert_never(subject.source)
    return Fact("run ", subject.run_id, known) if subject.run_id else Fact(unknown)


def checks_worth_a_line(checks: Iterable[Check]) -> tuple[list[Check], int]:
    """Return the checks to list, and the number of passed checks of intents, which are only counted."""
    checks = list(checks)
    loud = [check for check in checks if not (check.is_of_intent and check.outcome is Outcome.PASSED)]
    quiet = len(checks) - len(loud)
    return (checks, 0) if quiet <= _FEW else (loud, quiet)


def finding_lines(judgement: Judgement) -> Iterator[tuple[Finding, str]]:
    """Yield the findings as text: those that block a pass, then tolerated ones, then those for information.

    Findings that block nothing share one line per kind, with the number of them and the first few messages.
    """
    grouped: dict[tuple[bool, FindingKind], list[Finding]] = {}
    for finding in judgement.evidence.findings:
        if finding.blocks:
            way_on = f"; {finding.way_on}" if finding.way_on else ""
            yield finding, f"{finding.kind.value}: {finding.message}{way_on}"
        else:
            grouped.setdefault((not finding.tolerated, finding.kind), []).append(finding)
    for _, alike in sorted(grouped.items(), key=lambda item: item[0][0]):
        number = f" ({len(alike)})" if len(alike) > 1 else ""
        messages = "; ".join(finding.message for finding in alike[:_FEW])
        more = f"; and {len(alike) - _FEW} more, in report.json" if len(alike) > _FEW else ""
        yield alike[0], f"{alike[0].kind.value}{number}: {messages}{more}"


def mismatches(judgement: Judgement | None) -> list[Utterance]:
    """Return the utterances that the bot got wrong, in the order of the suite."""
    return [utterance for utterance in (judgement and judgement.evidence.utterances) or () if utterance.is_mismatch]


def score_text(score: Fraction, floor: Fraction | None) -> str:
    """Return an intent's score with two decimals, or more if rounding would cross its floor or make it perfect."""
    text = text_beside(score, Fraction(1), places=2)
    return text if floor is None else text_beside(score, floor, places=len(text.partition(".")[2]))


def shortened(text: str, length: int = 120) -> str:
    """Return text as one line of at most ``length`` characters."""
    line = one_line(text)
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def change_sentence(comparison: Comparison, level: Fraction, waived: int = 0) -> str:
    """Return what changed, and how often chance alone causes that, rounded without crossing ``level``.

    ``level`` is the significance level of a test; ``waived`` is the number of newly failing utterances that are waived.
    """
    worse, better = len(comparison.newly_failing), len(comparison.fixed)
    if not worse and not better:
        return "no utterance changed sides"
    verb = "fails" if worse == 1 else "fail"
    of_them = f" ({waived} of them waived)" if waived else ""
    fixed = f"{better} {'was' if better == 1 else 'were'} fixed"
    text = f"{counted(worse, 'utterance')} that worked now {verb}{of_them}, {fixed}"
    if worse <= better:
        return text
    chance = comparison.drops[Metric.ACCURACY_DROP].chances[1]
    at_most = "at most " if comparison.unevaluated or comparison.adrift else ""
    return f"{text}; a difference this large arises by chance in {at_most}{chance_text(chance, level)}"


def baseline_sentence(comparison: Comparison) -> str:
    """Return the name and the run of the baseline, and the number of utterances compared."""
    baseline = comparison.baseline
    facts = (("run", baseline.run_id), ("bot version", baseline.bot_version), ("finished", baseline.finished))
    known = [f"{what} {fact}" for what, fact in facts if fact and not f"{what} {fact}".endswith(baseline.name)]
    about = f" ({', '.join(known)})" if known else ""
    return f"{baseline.name}{about}, on {counted(comparison.shared, 'utterance')} that both have"


def left_out(comparison: Comparison) -> list[str]:
    """Return what was not compared, one text for each reason."""
    failed = sum(one.is_mismatch for one in comparison.removed)
    found = [f"{len(comparison.added)} added"] if comparison.added else []
    if comparison.removed:
        found.append(f"{len(comparison.removed)} removed" + (f" ({failed} of which failed)" if failed else ""))
    found += [f"{len(comparison.relabelled)} with another expected intent"] if comparison.relabelled else []
    if comparison.unevaluated:
        may_fail = len(comparison.may_be_failing)
        more = f" ({may_fail} of which may newly fail)" if may_fail else ""
        found.append(f"{comparison.unevaluated} not evaluated in one of the runs{more}")
    if comparison.adrift:
        found.append(f"{comparison.adrift} that a results file lacks and that cannot be identified")
    return found


def power_sentence(comparison: Comparison) -> str:
    """Return a sentence on the smallest drop that would have shown in 4 of 5 cases; smaller ones may pass."""
    if comparison.detectable is None:
        return "so few utterances show no drop at all, however large"
    points = f"{100 * comparison.detectable:.1f}"
    return (
        f"a drop of {points} points in the share of utterances that work would have shown in 4 of 5 cases; "
        "a smaller one may be hidden"
    )


def waiver_sentence(waived: Waived) -> str:
    """Return the number of waivers by state, and the number of waived mismatches."""
    states = [use.state for use in waived.uses]
    text = [f"{states.count(state)} {state}" for state in WaiverState if state in states]
    return f"{counted(len(states), 'waiver')}: {', '.join(text)}; {counted(len(waived.rows), 'mismatch')} waived"


def score_rows(judgement: Judgement) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the value and the confidence interval of each known score, all as text."""
    evidence, bounds = judgement.evidence, bounds_of_suite(judgement)
    for metric in SCORES:
        score = evidence.scores[metric].judged
        if score is None:
            continue
        text = text_beside(score, bounds[metric]) if metric in bounds else decimal_text(score, _PLACES)
        # A reported score that does not follow from the counts has no interval.
        ends = interval(metric, evidence.counts) if score == evidence.scores[metric].exact else None
        sure = f"{decimal_text(ends[0], _PLACES)} to {decimal_text(ends[1], _PLACES)}" if ends else "not known"
        yield metric.label, text, sure
