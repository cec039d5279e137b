"""Evidence: which counts and scores can be believed, and what is doubtful about them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.figures import exact_text, lowest_meant, read_score, text_beside
from ci_gate.core.metrics import SCORES, Metric, measure, parts
from ci_gate.core.model import Case, Counts, Reported, ResultsFile, ResultType, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL_SUITE = 30
"""Below so many utterances a score moves by whole points with every single one."""

AGREEMENT = Fraction(1, 100)
"""How far the platform's two-decimal score may lie from the exact one."""


class FindingKind(StrEnum):
    """What can be doubtful about the evidence."""

    PARTIAL = "partial"
    COUNT_MISMATCH = "count-mismatch"
    NO_FILE = "no-file"
    WRONG_RUN = "wrong-run"
    NOTHING_MEASURED = "nothing-measured"
    SCORE_MISMATCH = "score-mismatch"
    ROUNDED_SCORE = "rounded-score"
    TYPE_MISMATCH = "type-mismatch"
    SMALL_SUITE = "small-suite"
    OTHER_ID = "other-id"
    FAILED_ENTITIES = "failed-entities"


TOLERABLE = (FindingKind.PARTIAL, FindingKind.COUNT_MISMATCH, FindingKind.NO_FILE)
"""What may be tolerated by name."""

_BLOCKING = (*TOLERABLE, FindingKind.WRONG_RUN, FindingKind.NOTHING_MEASURED)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the evidence that a reader must know."""

    kind: FindingKind
    message: str
    tolerated: bool = False

    @property
    def blocks(self) -> bool:
        """Whether no pass is possible with it."""
        return self.kind in _BLOCKING and not self.tolerated


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the evidence must fit: only values that the user set explicitly, and the id that was asked for."""

    run_id: str | None = None
    bot_version: str | None = None
    language: str | None = None
    engine: str | None = None


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
        *_doubts_about_run(said, expectation),
        *_doubts_about_counts(said, counts, results, tallied, alone=reported is None),
        *score_findings,
        *_type_mismatches(cases or (), dgpt=expectation.engine == "dgpt"),
    )
    return Evidence(
        reported=said,
        counts=counts,
        scores=scores,
        findings=tuple(replace(found, tolerated=found.kind in tolerate & {*TOLERABLE}) for found in findings),
        cases=cases,
    )


def tally(cases: tuple[Case, ...]) -> Counts:
    """Count the file's own result types; utterances without one that is known are in none of the four."""
    types = Counter(case.result_type for case in cases)
    return Counts(
        utterances=len(cases),
        tp=types[ResultType.TP],
        tn=types[ResultType.TN],
        fp=types[ResultType.FP],
        fn=types[ResultType.FN],
        entities=sum(case.entities for case in cases),
        matched_entities=sum(case.matched_entities for case in cases),
    )


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
    if parts(metric, counts) is None and text is not None and shown is not None:
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


def _doubts_about_run(said: Reported, expectation: Expectation) -> Iterator[Finding]:
    """Ask whether this is the run that was meant, and whether it is whole."""
    wanted = (
        ("bot version", expectation.bot_version, said.bot_version),
        ("language", expectation.language, said.language),
    )
    for what, asked, answered in wanted:
        if asked is not None and answered is not None and asked.casefold() != answered.casefold():
            message = f"the {what} that was asked for is '{asked}', but the run's is '{answered}'"
            yield Finding(FindingKind.WRONG_RUN, message)
    if said.partial:
        message = "the platform says that the run failed in part: some utterances were dropped"
        yield Finding(FindingKind.PARTIAL, message)
    if expectation.run_id is not None and said.run_id is not None and said.run_id != expectation.run_id:
        message = f"run '{expectation.run_id}' was asked for, but the reply is about '{said.run_id}'"
        yield Finding(FindingKind.OTHER_ID, message)
    if failed := said.counts.failed_entities:
        yield Finding(FindingKind.FAILED_ENTITIES, f"{failed} entities could not be evaluated by the platform")


def _doubts_about_counts(
    said: Reported, counts: Counts, results: ResultsFile | UnreadableFile, tallied: Counts | None, *, alone: bool
) -> Iterator[Finding]:
    """Ask whether the counts are whole and agree with each other and with the file."""
    for doubt in said.doubts:
        yield Finding(FindingKind.COUNT_MISMATCH, doubt)
    total, evaluated, failed = counts.utterances, counts.evaluated, counts.failed_utterances
    if evaluated is not None and total is not None and evaluated + (failed or 0) != total:
        message = (
            f"{evaluated} utterances were evaluated (TP+TN+FP+FN) and {failed or 0} were not, "
            f"which makes {evaluated + (failed or 0)}, but the suite has {total}"
        )
        yield Finding(FindingKind.COUNT_MISMATCH, message)
    if isinstance(results, UnreadableFile):
        yield Finding(FindingKind.NO_FILE, results.problem)
    elif tallied is not None:
        yield from _doubts_about_file(said.counts, total, results.cases, tallied, alone=alone)
        evaluated = tallied.evaluated if evaluated is None else evaluated
    if evaluated == 0:
        yield Finding(FindingKind.NOTHING_MEASURED, "not one utterance was evaluated, so there is nothing to judge")
    if total is not None and total < SMALL_SUITE:
        message = f"the suite has {total} utterances; under {SMALL_SUITE} a score jumps with every single one"
        yield Finding(FindingKind.SMALL_SUITE, message)


def _doubts_about_file(
    said: Counts, total: int | None, cases: tuple[Case, ...], tallied: Counts, *, alone: bool
) -> Iterator[Finding]:
    """Hold the results file against the number of utterances and against the status counts."""
    if alone and said.utterances is None:
        message = "the file does not say how many utterances there were, so nothing shows that it is whole"
        yield Finding(FindingKind.COUNT_MISMATCH, message)
    elif total is not None and len(cases) > total:
        message = f"the results file holds {len(cases)} utterances, more than the {total} of the suite"
        yield Finding(FindingKind.COUNT_MISMATCH, message)
    names = ("tp", "tn", "fp", "fn")
    pairs = [(name.upper(), getattr(said, name), getattr(tallied, name)) for name in names]
    listed = ", ".join(
        f"{name} {file} instead of {status}" for name, status, file in pairs if status not in (None, file)
    )
    if listed:
        message = f"the results file counts otherwise than the status reply: {listed}"
        yield Finding(FindingKind.COUNT_MISMATCH, message)
    unknown = [case.row for case in cases if case.result_type is ResultType.UNKNOWN]
    if alone and unknown:
        message = f"the result type of {len(unknown)} utterances is not TP, TN, FP or FN (first in row {unknown[0]})"
        yield Finding(FindingKind.COUNT_MISMATCH, message)


def _type_mismatches(cases: tuple[Case, ...], *, dgpt: bool) -> Iterator[Finding]:
    """Derive the result types again where the rule is certain, and say where the file has another."""
    rows = [case.row for case in cases if not dgpt and _differs_from_rule(case)]
    if rows:
        message = (
            f"the result type of {len(rows)} utterances does not follow from expected and matched intent "
            f"(first in row {rows[0]}); the file's own was counted"
        )
        yield Finding(FindingKind.TYPE_MISMATCH, message)


def _differs_from_rule(case: Case) -> bool:
    """Apply the platform's classification, which is certain for at most one expected intent and no traits."""
    if case.result_type in (ResultType.NOT_EVALUATED, ResultType.UNKNOWN) or len(case.expected) > 1:
        return False
    if any(intent.casefold().startswith("trait") for intent in (*case.expected, *case.matched)):
        return False
    expected = [intent.casefold() for intent in case.expected]
    matched = [intent.casefold() for intent in case.matched]
    if not expected:
        derived = ResultType.FP if matched else ResultType.TN
    elif not matched:
        derived = ResultType.FN
    else:
        derived = ResultType.TP if matched == expected else ResultType.FP
    return derived is not case.result_type
