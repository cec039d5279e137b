"""The evidence of a run: the counts and scores that are believed, the range of each score, and all doubts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ci_gate.core.evidence.believed import believed_counts, unevaluated_in
from ci_gate.core.evidence.doubts import (
    doubts_about_file,
    doubts_about_run,
    doubts_about_size,
    meant_by_platform,
    rounded_scores,
)
from ci_gate.core.evidence.facts import Facts
from ci_gate.core.evidence.sums import rounded_values, values_of
from ci_gate.core.evidence.twins import contradictions
from ci_gate.core.evidence.unevaluated import Unevaluated
from ci_gate.core.findings import TOLERABLE, Expectation, Finding, FindingKind
from ci_gate.core.metrics import SCORES, Metric, measure
from ci_gate.core.model import Reported, ResultsFile, ResultType, UnreadableFile, Utterance
from ci_gate.core.tally import tally

if TYPE_CHECKING:
    from fractions import Fraction

    from ci_gate.core.counts import Counts
    from ci_gate.core.text.decimals import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One score: its value by the counts, the platform's own text, and the range that it may turn out to have.

    ``exact`` and ``judged`` ignore unevaluated utterances, except for accuracy, which counts them as wrong. ``exact``
    is the value by the counts. ``judged`` is the value to show: the lowest one if the sources disagree or the platform
    rounds.
    """

    judged: Fraction | None
    exact: Fraction | None
    reported: str | None
    values: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The weighed evidence of a finished run.

    ``utterances`` is ``None`` without a readable results file; ``absent`` is the number of utterances that the file
    lacks. ``unevaluated`` holds the numbers of utterances that were not evaluated. ``is_reported``: the platform itself
    reports how many these are.
    """

    reported: Reported
    file: Reported | None = None
    counts: Counts
    unevaluated: Unevaluated = field(default_factory=Unevaluated)
    is_reported: bool = True
    absent: int = 0
    scores: dict[Metric, Score]
    findings: tuple[Finding, ...]
    utterances: tuple[Utterance, ...] | None = field(repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether too little was measured, so that even a number that can be computed means nothing."""
        return any(finding.kind is FindingKind.NOTHING_MEASURED for finding in self.findings)


def weigh(
    reported: Reported | None,
    results: ResultsFile | UnreadableFile,
    *,
    expectation: Expectation,
    tolerate: frozenset[FindingKind] = frozenset(),
) -> Evidence:
    """Weigh the status reply against the results file and return the evidence.

    Without a status reply (``reported`` is ``None``) the top block of the file takes its place.
    """
    facts = facts_of(reported, results if isinstance(results, ResultsFile) else None, expectation)
    said = facts.reply or facts.file or Reported()
    findings = (
        *doubts_about_run(said, facts),
        *doubts_about_file(results, facts),
        *contradictions(facts),
        *doubts_about_size(facts),
        *rounded_scores(said, facts.counts),
    )
    is_empty = any(found.kind is FindingKind.NOTHING_MEASURED for found in findings)
    return Evidence(
        reported=said,
        file=facts.file,
        counts=facts.counts,
        unevaluated=facts.unevaluated,
        is_reported=said.counts.failed_utterances is not None,
        absent=0 if facts.utterances is None else max(0, facts.size - len(facts.utterances)),
        scores={metric: _score(metric, said, facts, is_empty=is_empty) for metric in SCORES},
        findings=tuple(replace(found, tolerated=found.kind in tolerate & {*TOLERABLE}) for found in findings),
        utterances=facts.utterances,
    )


def facts_of(reported: Reported | None, file: ResultsFile | None, expectation: Expectation) -> Facts:
    """Return what each source reports about a run, and the counts that are believed."""
    top_block, utterances = (file.reported, file.utterances) if file else (None, None)
    said = (reported or top_block or Reported()).counts
    tallied = tally(utterances) if utterances is not None else None
    blank = sum(utterance.result_type is ResultType.NOT_EVALUATED for utterance in utterances or ())
    counts = believed_counts(said, top_block, tallied, blank, alone=reported is None)
    size = max(counts.utterances or 0, expectation.seen_utterances or 0)
    return Facts(
        reply=reported,
        file=top_block,
        counts=counts,
        size=size,
        tallied=tallied,
        utterances=utterances,
        unevaluated=unevaluated_in(counts, utterances, size),
        blank_rows=blank,
        missing_rows=_missing_rows(said, counts, utterances, blank),
        expectation=expectation,
    )


def _missing_rows(said: Counts, counts: Counts, utterances: tuple[Utterance, ...] | None, blank: int) -> int:
    """Return the number of rows that the file lacks, apart from utterances that the platform reports as unevaluated.

    An unevaluated utterance may be in the file, without a result type, or may be missing from it.
    """
    if utterances is None or counts.utterances is None:
        return 0
    dropped = max(0, (said.failed_utterances or 0) - blank)
    return max(0, counts.utterances - dropped - len(utterances))


def _score(metric: Metric, said: Reported, facts: Facts, *, is_empty: bool) -> Score:
    """Return the score for ``metric``; its range is ``None`` if too little was measured or the range is not known."""
    text, exact = said.scores.get(metric), measure(metric, facts.counts)
    if is_empty:
        return Score(judged=None, exact=exact, reported=text)
    meant = meant_by_platform(metric, said, facts.counts)
    if meant is not None:
        is_whole = facts.counts.failed_utterances == 0 and not facts.unevaluated.total
        meant = rounded_values(meant, metric, facts)
        return Score(judged=meant.low, exact=exact, reported=text, values=meant if is_whole else None)
    values = values_of(metric, facts)
    reported_values = values_of(metric, replace(facts, unevaluated=Unevaluated()))
    return Score(judged=reported_values.low if reported_values else exact, exact=exact, reported=text, values=values)
