"""The words that the reports for people share: what an ending is called, why it is one, and what was measured."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

from ci_gate.core.findings import FindingKind
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Reported
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import Judged, Source, Unjudged
from ci_gate.core.text.decimals import text_beside
from ci_gate.core.text.safe import counted, one_line
from ci_gate.core.verdict import Verdict
from ci_gate.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_gate.core.checks.check import Check
    from ci_gate.core.findings import Finding
    from ci_gate.core.model import Utterance
    from ci_gate.core.report import GateReport, Judgement, Subject, SuiteReport
    from ci_gate.errors import GateError

_FEW = 3
MISMATCHES = 50
"""How many mismatches of a suite the summary lists; ``report.json`` holds all."""


class Ending(StrEnum):
    """What a suite or the gate is said to have come to; "the bot is not good enough" and "we could not tell" differ."""

    PASSED = "PASSED"
    EXCUSED = "PASSED WITH WARNINGS"
    ADVISORY = "FAILED, advisory"
    FAILED = "FAILED"
    UNJUDGED = "NOT JUDGED"
    UNREPORTED = "NOT REPORTED"


def ending_of_suite(suite: SuiteReport) -> Ending:
    """Name what a suite came to."""
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
    """Name what the gate came to; a gate without a single suite has judged nothing, whatever else is said."""
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
    """Whether the only suite says all that there is to say of the gate."""
    return len(report.suites) == 1 and report.error is None and ending_of(report) is ending_of_suite(report.suites[0])


def gate_reason(report: GateReport) -> str:
    """Say in one line why the gate ended as it did: its own error, or how many suites ended how."""
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
    """Say in one line why a suite ended as it did: the failed check with its numbers, or what stood in the way."""
    match suite:
        case Unjudged():
            return one_line(suite.error.message) + _tolerated(suite)
        case Judged(verdict=Verdict.FAILED):
            failed = [check.message for check in sorted(_failed(suite.judgement), key=_may_be_a_consequence)]
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
    """Name what was tolerated in the evidence of a suite; nothing where nothing was."""
    findings = suite.judgement.evidence.findings if suite.judgement else ()
    # Another bot's name in a baseline is tolerated as another bot.
    kinds = [
        FindingKind.OTHER_BOT if it.kind is FindingKind.NOT_COMPARABLE else it.kind for it in findings if it.tolerated
    ]
    return ", ".join(dict.fromkeys(kind.value for kind in kinds))


def _tolerated(suite: SuiteReport) -> str:
    kinds = tolerated_kinds(suite)
    return f" (tolerated: {kinds})" if kinds else ""


def _failed(judgement: Judgement) -> list[Check]:
    return [check for check in judgement.checks if check.outcome is Outcome.FAILED]


def _may_be_a_consequence(check: Check) -> bool:
    """Whether it may have failed because another did: utterances that were not evaluated explain a bad score."""
    return check.metric is not Metric.FAILED_UTTERANCES


def exit_sentence(report: GateReport) -> str:
    """Say what the process ends with, and what that means."""
    code = report.exit_code
    meaning = code.meaning.partition(";")[0]
    if code is ExitCode.PASSED and report.excused:
        meaning = "every suite judged; what failed is advisory"
    return f"exit code {code.value}: {meaning}"


def hint_lines(error: GateError) -> list[str]:
    """Give the lines of a hint, each fit to be shown; most have one, some none."""
    return [line for line in map(one_line, error.hint.splitlines()) if line]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that identifies a run; ``value`` comes from elsewhere, what stands around it is ours."""

    before: str
    value: str = ""
    after: str = ""


def facts(suite: SuiteReport) -> list[Fact]:
    """List what identifies a suite's run; what is not known is left out."""
    subject = suite.subject
    said = suite.judgement.evidence.reported if suite.judgement else Reported()
    utterances = suite.judgement.evidence.counts.utterances if suite.judgement else None
    known = [Fact("suite ", subject.suite)] if subject.suite != subject.label else []
    known.append(_run(subject))
    known += [Fact("bot version ", said.bot_version)] if said.bot_version else []
    known += [Fact("language ", said.language)] if said.language else []
    known += [Fact(counted(utterances, "utterance"))] if utterances is not None else []
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
    """Give the checks to be listed, and how many of intents passed, which may be a hundred and are only counted."""
    checks = list(checks)
    quiet = [check for check in checks if check.is_of_intent and check.outcome is Outcome.PASSED]
    if len(quiet) <= _FEW:
        return checks, 0
    return [check for check in checks if check not in quiet], len(quiet)


def standing(finding: Finding) -> str:
    """Say what a finding does to the verdict."""
    if finding.blocks:
        return "blocks"
    return "tolerated" if finding.tolerated else "warning"


def finding_text(finding: Finding) -> str:
    """Say what a finding is, and what to write where it stands in the way and need not."""
    return f"{finding.message}; {finding.way_on}" if finding.way_on else finding.message


def findings_in_order(judgement: Judgement) -> list[Finding]:
    """List the findings: what blocks a pass first, then what would but is tolerated, then what is worth knowing."""
    return sorted(judgement.evidence.findings, key=lambda finding: (not finding.blocks, not finding.tolerated))


def mismatches(judgement: Judgement | None) -> list[Utterance]:
    """List the utterances that the bot got wrong, in the order of the suite."""
    return [utterance for utterance in (judgement and judgement.evidence.utterances) or () if utterance.is_mismatch]


def score_text(score: Fraction | None) -> str:
    """Write an intent's score with two decimals, more only where it would else read as a perfect one."""
    return "–" if score is None else text_beside(score, Fraction(1), places=2)


def shortened(text: str, length: int = 120) -> str:
    """Fold text into one line of at most so many characters."""
    line = one_line(text)
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
