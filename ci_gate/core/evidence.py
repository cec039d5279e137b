"""Evidence: which counts and scores can be believed, and what is doubtful about them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.figures import exact_text, lowest_meant, read_score, text_beside
from ci_gate.core.findings import (
    TOLERABLE,
    Expectation,
    Finding,
    FindingKind,
    doubts_about_counts,
    doubts_about_run,
    type_mismatches,
)
from ci_gate.core.metrics import SCORES, Metric, measure, parts
from ci_gate.core.model import Case, Reported, ResultsFile, ResultType, UnreadableFile
from ci_gate.core.tally import tally

if TYPE_CHECKING:
    from ci_gate.core.counts import Counts

AGREEMENT = Fraction(1, 100)
"""How far the platform's two-decimal score may lie from the exact one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One score: the exact value, the platform's own text, and the value that is held against thresholds."""

    judged: Fraction | None
    exact: Fraction | None
    reported: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that is known of a finished run, weighed. ``cases`` is ``None`` where there is no readable results file."""

    reported: Reported
    counts: Counts
    scores: dict[Metric, Score]
    findings: tuple[Finding, ...]
    cases: tuple[Case, ...] | None = field(repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was measured: then not even a number that could be computed says anything."""
        return any(finding.kind is FindingKind.NOTHING_MEASURED for finding in self.findings)


def weigh(
    reported: Reported | None,
    results: ResultsFile | UnreadableFile,
    *,
    expectation: Expectation,
    tolerate: frozenset[FindingKind] = frozenset(),
) -> Evidence:
    """Weigh the status reply against the results file.

    Without a status reply (``reported`` is ``None``) the file's own top block plays its part.
    """
    file = results if isinstance(results, ResultsFile) else None
    top_block = file.reported if file else Reported()
    said = reported or top_block
    cases = file.cases if file else None
    tallied = tally(file.cases) if file else None
    counts = _believe(said.counts, top_block.counts, file, tallied, alone=reported is None)
    scores: dict[Metric, Score] = {}
    score_findings: list[Finding] = []
    for metric in SCORES:
        score, finding = _score(metric, counts, said.scores.get(metric))
        scores[metric] = score
        score_findings += finding
    findings = (
        *doubts_about_run(said, top_block, counts, expectation),
        *doubts_about_counts(said, counts, results, alone=reported is None),
        *score_findings,
        *type_mismatches(cases or (), dgpt=expectation.engine == "dgpt"),
    )
    evidence = Evidence(
        reported=said,
        counts=counts,
        scores=scores,
        findings=tuple(replace(found, tolerated=found.kind in tolerate & {*TOLERABLE}) for found in findings),
        cases=cases,
    )
    if evidence.is_empty:
        return replace(evidence, scores={metric: replace(score, judged=None) for metric, score in scores.items()})
    return evidence


def _believe(
    said: Counts, top_block: Counts, file: ResultsFile | None, tallied: Counts | None, *, alone: bool
) -> Counts:
    """Choose the counts to judge: the platform's, completed from a tally whose size is the utterance count."""
    counts = said
    if counts.utterances is None and counts.success is not None and counts.failure is not None:
        counts = replace(counts, utterances=counts.success + counts.failure)
    if counts.utterances is None:
        counts = replace(counts, utterances=top_block.utterances)
    if counts.utterances is None and alone and tallied is not None:
        counts = replace(counts, utterances=tallied.utterances)
    whole = tallied is not None and tallied.utterances == counts.utterances
    if tallied is not None and whole and counts.confusion is None:
        counts = replace(counts, tp=tallied.tp, tn=tallied.tn, fp=tallied.fp, fn=tallied.fn)
    if counts.entities is None or counts.matched_entities is None:
        if top_block.entities is not None and top_block.matched_entities is not None:
            counts = replace(counts, entities=top_block.entities, matched_entities=top_block.matched_entities)
        elif tallied is not None and whole:
            counts = replace(counts, entities=tallied.entities, matched_entities=tallied.matched_entities)
    if counts.failed_utterances is None and counts.utterances is not None:
        evaluated = counts.evaluated
        if alone and file is not None:
            # A word that nobody knows is a matter of understanding the file, not of what the platform evaluated.
            evaluated = sum(case.result_type is not ResultType.NOT_EVALUATED for case in file.cases)
        if evaluated is not None and evaluated <= counts.utterances:
            counts = replace(counts, failed_utterances=counts.utterances - evaluated)
    return counts


def _score(metric: Metric, counts: Counts, text: str | None) -> tuple[Score, list[Finding]]:
    """Hold the exact score against the platform's text and decide which of them is judged."""
    findings = []
    exact = measure(metric, counts)
    shown = read_score(text) if text is not None else None
    if text is not None and shown is None:
        message = f"the platform's {metric.label} is not a number from 0 to 1 and was left aside"
        findings.append(Finding(FindingKind.SCORE_MISMATCH, message))
    judged = exact
    unmeasurable = metric is Metric.ENTITY_MATCH and counts.entities == 0
    if parts(metric, counts) is None and not unmeasurable and text is not None and shown is not None:
        judged = lowest_meant(text)
        lowest = exact_text(judged) if judged is not None else ""
        message = (
            f"{metric.label} is judged as {lowest}, the lowest value that the platform's rounded {exact_text(shown)} "
            "can stand for: the counts behind it are not known"
        )
        findings.append(Finding(FindingKind.ROUNDED_SCORE, message))
    elif exact is not None and shown is not None and abs(exact - shown) > AGREEMENT:
        judged = min(exact, shown)
        message = (
            f"{metric.label} is {text_beside(exact, shown)} by the counts, but the platform reports "
            f"{exact_text(shown)}; the lower one is judged"
        )
        findings.append(Finding(FindingKind.SCORE_MISMATCH, message))
    return Score(judged=judged, exact=exact, reported=text), findings
