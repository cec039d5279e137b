"""Doubts about one run by itself: whether it is complete, was understood, and measured enough."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.evidence.identity import unconfirmed
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.metrics import SCORES, Metric, parts
from ci_gate.core.model import Reported, ResultsFile, ResultType, UnreadableFile
from ci_gate.core.text.decimals import Range, exact_text, meant_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.counts import Counts
    from ci_gate.core.evidence.facts import Facts


SMALL_SUITE = 30
"""Below this number of utterances, every single one moves a score by several percentage points."""

LEAST_EVALUATED = Fraction(1, 2)
"""The share of a suite that a run must have evaluated at least, to be evidence about the suite."""


def doubts_about_run(said: Reported, facts: Facts) -> Iterator[Finding]:
    """Yield findings about missing parts of the run, unconfirmed requests, and problems that the platform reports."""
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
    if said.age is not None:
        message = (
            f"the status reply came from a cache, which had kept it for {said.age} s, although caching was not allowed"
        )
        yield Finding(FindingKind.UNCONFIRMED, message)
    if failed := said.counts.failed_entities:
        yield Finding(FindingKind.FAILED_ENTITIES, f"{failed} entities were not evaluated by the platform")


def doubts_about_file(results: ResultsFile | UnreadableFile, facts: Facts) -> Iterator[Finding]:
    """Yield findings about contradictions within a source, a missing file or missing rows, and unknown result types."""
    for source in (facts.reply, facts.file):
        for doubt in source.doubts if source else ():
            yield Finding(FindingKind.COUNT_MISMATCH, doubt)
    if isinstance(results, UnreadableFile):
        yield Finding(FindingKind.NO_FILE, results.problem)
        return
    held, total = len(results.utterances), facts.counts.utterances
    if facts.missing_rows:
        less = (total or 0) - facts.missing_rows - held
        dropped = f", and the platform says that it did not evaluate {less} of the others" if less else ""
        message = f"the results file holds {held} of {total} utterances{dropped}: download it again"
        yield Finding(FindingKind.NO_FILE, message)
    unknown = [utterance.row for utterance in results.utterances if utterance.result_type is ResultType.UNKNOWN]
    if unknown:
        message = (
            f"{len(unknown)} of the file's result types are not TP, TN, FP or FN "
            f"(first in row {unknown[0]}, in the column of result types)"
        )
        yield Finding(FindingKind.COUNT_MISMATCH, message)


def doubts_about_size(facts: Facts) -> Iterator[Finding]:
    """Yield a finding if too little was evaluated for a verdict, and one if the suite is small."""
    counts = facts.counts
    evaluated = counts.evaluated
    if counts.utterances is not None and counts.failed_utterances is not None:
        left = counts.utterances - counts.failed_utterances
        evaluated = left if evaluated is None else min(evaluated, left)
    if evaluated is not None and facts.utterances is not None:
        # A row without a result type was not evaluated, whatever the reply counts.
        evaluated = min(evaluated, max(facts.size, len(facts.utterances)) - facts.blank_rows)
    if evaluated is not None and evaluated <= 0:
        yield Finding(FindingKind.NOTHING_MEASURED, "no utterance was evaluated, so there is nothing to judge")
    elif evaluated is not None and evaluated < LEAST_EVALUATED * facts.size:
        few = f"only {evaluated} of {facts.size} utterances were evaluated"
        message = f"{few}: less than half of the suite, which is too little for a verdict"
        yield Finding(FindingKind.NOTHING_MEASURED, message)
    if counts.utterances is not None and counts.utterances < SMALL_SUITE:
        few = f"the suite has {counts.utterances} utterances"
        message = f"{few}; under {SMALL_SUITE} every single one changes a score by several points"
        yield Finding(FindingKind.SMALL_SUITE, message)


def rounded_scores(said: Reported, counts: Counts) -> Iterator[Finding]:
    """Yield a finding for each score that is known only from the platform's rounded text."""
    for metric in SCORES:
        meant = meant_by_platform(metric, said, counts)
        if meant is not None:
            below = "below " if meant.open else ""
            message = (
                f"{metric.label} may be anything from {exact_text(meant.low)} to {below}{exact_text(meant.high)}, "
                f"which the platform rounds to {said.scores[metric].strip()}: the counts behind it are not known"
            )
            yield Finding(FindingKind.ROUNDED_SCORE, message)


def meant_by_platform(metric: Metric, said: Reported, counts: Counts) -> Range | None:
    """Return the range that the platform's rounded text can stand for.

    ``None`` if there is no such text, if the counts give the score, or for the entity match of a suite without
    entities.
    """
    text = said.scores.get(metric)
    has_no_entities = metric is Metric.ENTITY_MATCH and counts.entities == 0
    return None if text is None or has_no_entities or parts(metric, counts) else meant_by(text)
