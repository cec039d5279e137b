"""The step from the evidence of a run, downloaded or read from files, to the report of its suite."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ci_gate.core.comparison.baseline import Baseline, Flaw, MissingBaseline, Origin, flaw_of, with_current_keys
from ci_gate.core.evidence.readings import possible_readings
from ci_gate.core.evidence.weigh import weigh
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.judgement import judge_suite
from ci_gate.core.model import ResultsFile, RunStatus, UnreadableFile
from ci_gate.core.report import Observed, Source, Subject, SuiteReport, Unjudged, conclude, run_again
from ci_gate.errors import Inconclusive

if TYPE_CHECKING:
    from datetime import date

    from ci_gate.core.evidence.weigh import Evidence
    from ci_gate.core.findings import Expectation
    from ci_gate.core.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteOutcome:
    """The report of a suite, and the files from which the same report can be made again."""

    report: SuiteReport
    status_document: str | None = None
    results: bytes | None = field(default=None, repr=False)
    is_base: bool = False
    """Whether this is the base run of a comparison: its files are kept, but only the other run is reported."""


def assess(
    subject: Subject,
    *,
    status: RunStatus | None,
    results: ResultsFile | UnreadableFile,
    rules: Rules,
    expectation: Expectation,
    today: date,
    baseline: Baseline | MissingBaseline | None = None,
    hash_utterances: bool,
) -> SuiteOutcome:
    """Judge the evidence of a run by ``rules``, and return the report of its suite with the files to keep.

    ``status`` is ``None`` if there is no status reply. With ``hash_utterances`` the report holds hashes in place of
    utterances, and the results file is not kept.
    """
    observed = Observed(
        expectation=expectation,
        day=today,
        answered_at=status.answered_at if status else None,
        reply_hash=_hash(status.document.encode()) if status else None,
        results_hash=_hash(results.raw) if results.raw is not None else None,
    )
    subject = replace(subject, hidden=hash_utterances, observed=observed)
    if isinstance(baseline, Baseline) and isinstance(results, ResultsFile):
        baseline = with_current_keys(baseline, results)
    if hash_utterances:
        rules = rules.hashed()
        if isinstance(results, ResultsFile):
            results = results.hashed()
        if isinstance(baseline, Baseline):
            baseline = baseline.hashed()
    reply = status.reported if status else None
    reports = []
    for reading in possible_readings(results, reply) if isinstance(results, ResultsFile) else (results,):
        evidence = weigh(reply, reading, expectation=expectation, tolerate=rules.tolerate)
        origin = origin_of(subject, evidence)
        reports.append(conclude(subject, judge_suite(rules, evidence, today=today, baseline=baseline, origin=origin)))
    return SuiteOutcome(
        report=_agreed(reports),
        status_document=status.document if status else None,
        results=None if hash_utterances else results.raw,
    )


def _hash(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _agreed(reports: list[SuiteReport]) -> SuiteReport:
    """Return the first of ``reports``, one per possible reading of the results file, if all have the same verdict.

    Otherwise return the suite as unjudged, whatever is tolerated: the verdict would depend on which reading is right.
    """
    first, *others = reports
    ending = first.verdict, first.exit_code
    if all((other.verdict, other.exit_code) == ending for other in others) or first.judgement is None:
        return first
    sizes = " or ".join(str(len(one.judgement.evidence.utterances or ())) for one in reports if one.judgement)
    message = (
        f"the results file can be read as {sizes} utterances, since adjacent rows say the same and name other "
        "entities, and the verdict depends on which reading is right"
    )
    evidence = first.judgement.evidence
    evidence = replace(evidence, findings=(*evidence.findings, Finding(FindingKind.NO_FILE, message)))
    again = run_again(first.subject)
    hint = f"judge the file with a status reply that counts TP, TN, FP and FN, or {again}"
    return Unjudged(first.subject, Inconclusive(message, hint=hint), replace(first.judgement, evidence=evidence))


def baseline_of(subject: Subject, evidence: Evidence, name: str) -> Baseline | Flaw:
    """Return a judged run as the baseline called ``name``, or the flaw because of which it cannot be a baseline."""
    utterances = evidence.utterances or ()
    baseline = Baseline.of(
        name,
        utterances,
        origin=origin_of(subject, evidence),
        absent=evidence.absent,
        tolerated=frozenset(finding.kind for finding in evidence.findings if finding.tolerated),
        run_id=subject.run_id,
        bot_version=evidence.reported.bot_version,
    )
    blocking = [finding.message for finding in evidence.findings if finding.blocks]
    return flaw_of(baseline, utterances, blocking[:1]) or baseline


def origin_of(subject: Subject, evidence: Evidence) -> Origin:
    said = evidence.reported
    origin = Origin(
        suite=subject.suite,
        report=evidence.file.suite if evidence.file else None,
        bot_id=subject.bot_id or said.bot_id,
        bot_name=evidence.file.bot_name if evidence.file else None,
        engine=subject.engine or "",
        language=said.language,
        run_ids=tuple(filter(None, (subject.run_id, said.run_id, said.inner_run_id))),
        ended=said.ended,
    )
    return origin.of_files() if subject.source is Source.FILES else origin
