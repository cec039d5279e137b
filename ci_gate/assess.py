"""Judges what was found of a run, whether it was just downloaded or comes from files on disk."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ci_gate.core.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.evidence import weigh
from ci_gate.core.hiding import hidden_baseline, hidden_cases, hidden_rules
from ci_gate.core.judgement import judge_by
from ci_gate.core.model import ResultsFile, RunStatus, UnreadableFile
from ci_gate.core.report import Source, Subject, SuiteReport, conclude

if TYPE_CHECKING:
    from datetime import date

    from ci_gate.core.evidence import Evidence
    from ci_gate.core.findings import Expectation
    from ci_gate.core.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """The report of a suite, and the files that let anybody replay it."""

    report: SuiteReport
    status_document: str | None = None
    results: bytes | None = field(default=None, repr=False)
    is_base: bool = False
    """Whether it is of the run that another was compared with: its files are kept, and only the other is reported."""


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
) -> Assessed:
    """Weigh the evidence and hold the rules against it; a hash stands for an utterance that must not be shown."""
    subject = replace(subject, hidden=hash_utterances)
    if hash_utterances:
        rules = hidden_rules(rules)
        if isinstance(results, ResultsFile):
            results = replace(results, cases=hidden_cases(results.cases))
        if isinstance(baseline, Baseline):
            baseline = hidden_baseline(baseline)
    evidence = weigh(status.reported if status else None, results, expectation=expectation, tolerate=rules.tolerate)
    origin = _origin(subject, evidence, results)
    assessment = judge_by(rules, evidence, today=today, baseline=baseline, origin=origin)
    return Assessed(
        report=conclude(subject, assessment),
        status_document=status.document if status else None,
        results=None if hash_utterances else results.raw,
    )


def _origin(subject: Subject, evidence: Evidence, results: ResultsFile | UnreadableFile) -> Origin:
    """Say what a run was of; nobody knows with which engine files came about unless that is told."""
    unknown = None if subject.source is Source.FILES else ""
    return Origin(
        suite=subject.suite,
        report=results.reported.suite if isinstance(results, ResultsFile) else None,
        bot_id=subject.bot_id,
        engine=subject.engine or unknown,
        language=evidence.reported.language,
    )
