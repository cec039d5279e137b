"""Evidence: which counts and scores can be believed, between which values the scores lie, and what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.believed import believed_counts, unevaluated_in
from ci_gate.core.facts import Facts
from ci_gate.core.figures import Range, exact_text, meant_by
from ci_gate.core.findings import TOLERABLE, Expectation, Finding, FindingKind
from ci_gate.core.identity import unconfirmed
from ci_gate.core.metrics import SCORES, Metric, measure, parts
from ci_gate.core.model import Case, Reported, ResultsFile, ResultType, UnreadableFile
from ci_gate.core.sums import rounded_values, values_of
from ci_gate.core.tally import tally
from ci_gate.core.twins import contradictions
from ci_gate.core.unevaluated import Unevaluated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.counts import Counts

SMALL_SUITE = 30
"""Below so many utterances a score moves by whole points with every single one."""

LEAST_EVALUATED = Fraction(1, 2)
"""The least share of a suite that must have been evaluated for the run to say anything about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One score: its value by the counts, the platform's own text, and all values that it may turn out to have.

    ``exact`` and ``judged`` leave out what was not evaluated, except accuracy, which counts it as wrong. ``judged`` is
    the lowest value that is told where several are.
    """

    judged: Fraction | None
    exact: Fraction | None
    reported: str | None
    values: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that is known of a finished run, weighed.

    ``cases`` is ``None`` where there is no readable results file; ``absent`` utterances of the suite do not stand in
    it. ``unevaluated`` is what the counts leave open. ``is_told`` says whether the platform itself told how many it did
    not evaluate.
    """

    reported: Reported
    file: Reported | None = None
    counts: Counts
    unevaluated: Unevaluated = field(default_factory=Unevaluated)
    is_told: bool = True
    absent: int = 0
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
    facts = facts_of(reported, results if isinstance(results, ResultsFile) else None, expectation)
    said = facts.reply or facts.file or Reported()
    findings = (
        *_doubts_about_run(said, facts),
        *_doubts_about_file(results, facts),
        *contradictions(facts),
        *_what_was_measured(facts),
        *_rounded(said, facts.counts),
    )
    is_empty = any(found.kind is FindingKind.NOTHING_MEASURED for found in findings)
    return Evidence(
        reported=said,
        file=facts.file,
        counts=facts.counts,
        unevaluated=facts.unevaluated,
        is_told=said.counts.failed_utterances is not None,
        absent=0 if facts.cases is None else max(0, facts.size - len(facts.cases)),
        scores={metric: _score(metric, said, facts, is_empty=is_empty) for metric in SCORES},
        findings=tuple(replace(found, tolerated=found.kind in tolerate & {*TOLERABLE}) for found in findings),
        cases=facts.cases,
    )


def facts_of(reported: Reported | None, file: ResultsFile | None, expectation: Expectation) -> Facts:
    """Put side by side what is told of a run, and choose which counts of it are believed."""
    top_block, cases = (file.reported, file.cases) if file else (None, None)
    said = (reported or top_block or Reported()).counts
    counts = believed_counts(said, top_block, cases, alone=reported is None)
    size = max(counts.utterances or 0, expectation.seen_utterances or 0)
    return Facts(
        reply=reported,
        file=top_block,
        counts=counts,
        size=size,
        tallied=tally(cases) if cases is not None else None,
        cases=cases,
        unevaluated=unevaluated_in(counts, cases, size),
        missing_rows=_missing_rows(said, counts, cases),
        expectation=expectation,
    )


def _missing_rows(said: Counts, counts: Counts, cases: tuple[Case, ...] | None) -> int:
    """Count the rows that the file should hold: one for every utterance, but those that the platform says it dropped.

    What it could not evaluate may stand in the file without a result type, or not at all; nobody knows.
    """
    if cases is None or counts.utterances is None:
        return 0
    blank = sum(case.result_type is ResultType.NOT_EVALUATED for case in cases)
    dropped = max(0, (said.failed_utterances or 0) - blank)
    return max(0, counts.utterances - dropped - len(cases))


def _doubts_about_run(said: Reported, facts: Facts) -> Iterator[Finding]:
    """Ask whether the run is whole, and what the platform itself says against it."""
    seen, total = facts.expectation.seen_utterances, facts.counts.utterances
    if seen is not None and total is not None and total < seen:
        message = f"the run had {seen} utterances while it went on, and {total} at its end"
        yield Finding(FindingKind.PARTIAL, message)
    if said.partial:
        yield Finding(
            FindingKind.PARTIAL, "the platform says that the run failed in part: some utterances were dropped"
        )
    for message in unconfirmed(facts):
        yield Finding(FindingKind.UNCONFIRMED, message)
    if failed := said.counts.failed_entities:
        yield Finding(FindingKind.FAILED_ENTITIES, f"{failed} entities could not be evaluated by the platform")


def _doubts_about_file(results: ResultsFile | UnreadableFile, facts: Facts) -> Iterator[Finding]:
    """Ask whether the results file is whole, and was understood."""
    for source in (facts.reply, facts.file):
        for doubt in source.doubts if source else ():
            yield Finding(FindingKind.COUNT_MISMATCH, doubt)
    if isinstance(results, UnreadableFile):
        yield Finding(FindingKind.NO_FILE, results.problem)
        return
    held, total = len(results.cases), facts.counts.utterances
    if facts.missing_rows:
        less = (total or 0) - facts.missing_rows - held
        dropped = f", and the platform says that it did not evaluate {less} of the others" if less else ""
        message = f"the results file holds {held} of {total} utterances{dropped}: download it again"
        yield Finding(FindingKind.NO_FILE, message)
    unknown = [case.row for case in results.cases if case.result_type is ResultType.UNKNOWN]
    if unknown:
        message = (
            f"{len(unknown)} of the file's result types are not TP, TN, FP or FN "
            f"(first in row {unknown[0]}, in the column of result types)"
        )
        yield Finding(FindingKind.COUNT_MISMATCH, message)


def _what_was_measured(facts: Facts) -> Iterator[Finding]:
    """Ask whether enough was evaluated to say anything at all."""
    counts = facts.counts
    evaluated = counts.evaluated
    if counts.utterances is not None and counts.failed_utterances is not None:
        left = counts.utterances - counts.failed_utterances
        evaluated = left if evaluated is None else min(evaluated, left)
    if evaluated is not None and facts.cases is not None:
        # What stands in the file without a result was not evaluated, whatever the reply counts.
        blank = sum(case.result_type is ResultType.NOT_EVALUATED for case in facts.cases)
        evaluated = min(evaluated, max(facts.size, len(facts.cases)) - blank)
    if evaluated is not None and evaluated <= 0:
        yield Finding(FindingKind.NOTHING_MEASURED, "not one utterance was evaluated, so there is nothing to judge")
    elif evaluated is not None and evaluated < LEAST_EVALUATED * facts.size:
        few = f"only {evaluated} of {facts.size} utterances were evaluated"
        message = f"{few}: less than half of a suite says nothing about it"
        yield Finding(FindingKind.NOTHING_MEASURED, message)
    if counts.utterances is not None and counts.utterances < SMALL_SUITE:
        message = (
            f"the suite has {counts.utterances} utterances; under {SMALL_SUITE} a score jumps with every single one"
        )
        yield Finding(FindingKind.SMALL_SUITE, message)


def _rounded(said: Reported, counts: Counts) -> Iterator[Finding]:
    """Say which scores are known by the platform's rounded text alone."""
    for metric in SCORES:
        meant = _meant(metric, said, counts)
        if meant is not None:
            below = "below " if meant.open else ""
            message = (
                f"{metric.label} may be anything from {exact_text(meant.low)} to {below}{exact_text(meant.high)}, "
                f"which the platform rounds to {said.scores[metric].strip()}: the counts behind it are not known"
            )
            yield Finding(FindingKind.ROUNDED_SCORE, message)


def _meant(metric: Metric, said: Reported, counts: Counts) -> Range | None:
    """Give what the platform's text can stand for, where that is all that is known of a score."""
    text = said.scores.get(metric)
    has_no_entities = metric is Metric.ENTITY_MATCH and counts.entities == 0
    return None if text is None or has_no_entities or parts(metric, counts) else meant_by(text)


def _score(metric: Metric, said: Reported, facts: Facts, *, is_empty: bool) -> Score:
    """Find all values that a score may have. Where nothing was measured, or nobody knows, it has none."""
    text, exact = said.scores.get(metric), measure(metric, facts.counts)
    if is_empty:
        return Score(judged=None, exact=exact, reported=text)
    meant = _meant(metric, said, facts.counts)
    if meant is not None:
        is_whole = facts.counts.failed_utterances == 0 and not facts.unevaluated.total
        meant = rounded_values(meant, metric, facts)
        return Score(judged=meant.low, exact=exact, reported=text, values=meant if is_whole else None)
    values = values_of(metric, facts)
    told = values_of(metric, replace(facts, unevaluated=Unevaluated()))
    return Score(judged=told.low if told else exact, exact=exact, reported=text, values=values)
