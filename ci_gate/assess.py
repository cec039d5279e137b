"""Judges what was found of a run, whether it was just downloaded or comes from files on disk."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ci_gate.core.evidence import weigh
from ci_gate.core.model import ResultsFile, RunStatus, UnreadableFile
from ci_gate.core.plain import short_hash
from ci_gate.core.report import Assessment, Subject, SuiteReport, conclude
from ci_gate.core.verdict import judge

if TYPE_CHECKING:
    from ci_gate.core.findings import Expectation, FindingKind
    from ci_gate.core.thresholds import Threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """The report of a suite, and the files that let anybody replay it."""

    report: SuiteReport
    status_document: str | None = None
    results: bytes | None = field(default=None, repr=False)


def assess(
    subject: Subject,
    *,
    status: RunStatus | None,
    results: ResultsFile | UnreadableFile,
    thresholds: tuple[Threshold, ...],
    expectation: Expectation,
    tolerate: frozenset[FindingKind],
    hash_utterances: bool,
) -> Assessed:
    """Weigh the evidence and hold the thresholds against it; a hash stands for an utterance that must not be shown."""
    subject = replace(subject, hidden=hash_utterances)
    if hash_utterances and isinstance(results, ResultsFile):
        hidden = tuple(replace(case, utterance=short_hash(case.utterance)) for case in results.cases)
        results = replace(results, cases=hidden)
    evidence = weigh(status.reported if status else None, results, expectation=expectation, tolerate=tolerate)
    return Assessed(
        report=conclude(subject, Assessment(evidence, judge(evidence, thresholds))),
        status_document=status.document if status else None,
        results=None if hash_utterances else results.raw,
    )
