"""Findings: what is doubtful about the evidence of a run, and which of it makes a pass impossible."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from ci_gate.core.model import Case, Reported, ResultsFile, ResultType, UnreadableFile
from ci_gate.core.tally import differs_from_rule, tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.counts import Counts

SMALL_SUITE = 30
"""Below so many utterances a score moves by whole points with every single one."""


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
    OTHER_SUITE = "other-suite"
    UNCONFIRMED = "unconfirmed"
    FAILED_ENTITIES = "failed-entities"
    NOT_COMPARABLE = "not-comparable"
    NO_RULE = "no-rule"
    NO_BASELINE = "no-baseline"
    DROP = "drop"
    REGRESSION = "regression"
    SMALL_SUPPORT = "small-support"
    UNSTABLE = "unstable"
    TWO_LABELS = "two-labels"
    UNKNOWN_NAME = "unknown-name"
    WAIVER = "waiver"


TOLERABLE = (FindingKind.PARTIAL, FindingKind.COUNT_MISMATCH, FindingKind.NO_FILE)
"""What may be tolerated by name."""

_BLOCKING = (
    *TOLERABLE,
    FindingKind.WRONG_RUN,
    FindingKind.NOTHING_MEASURED,
    FindingKind.NOT_COMPARABLE,
    FindingKind.NO_RULE,
)


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
    suite: str | None = None
    bot_version: str | None = None
    language: str | None = None
    engine: str | None = None
    seen_utterances: int | None = None
    """How many utterances the run had while it went on."""


def doubts_about_run(
    said: Reported, top_block: Reported, counts: Counts, expectation: Expectation
) -> Iterator[Finding]:
    """Ask whether this is the run that was meant, and whether it is whole; ``top_block`` is what its file says."""
    yield from _wrong_run("bot version", expectation.bot_version, (said.bot_version, top_block.bot_version))
    yield from _wrong_run("language", expectation.language, (said.language, top_block.language))
    reply, file = said.bot_version, top_block.bot_version
    if reply and file and reply.casefold() != file.casefold():
        both = f"'{reply}' by the status reply, '{file}' by the results file"
        yield Finding(FindingKind.WRONG_RUN, f"the run's bot version is {both}")
    if expectation.suite and top_block.suite and top_block.suite.casefold() != expectation.suite.casefold():
        message = f"the results file calls itself '{top_block.suite}', not '{expectation.suite}': is it the right run?"
        yield Finding(FindingKind.OTHER_SUITE, message)
    seen = expectation.seen_utterances
    if seen is not None and counts.utterances is not None and counts.utterances < seen:
        message = f"the run had {seen} utterances while it went on, and {counts.utterances} at its end"
        yield Finding(FindingKind.PARTIAL, message)
    if said.partial:
        message = "the platform says that the run failed in part: some utterances were dropped"
        yield Finding(FindingKind.PARTIAL, message)
    if expectation.run_id is not None and said.run_id is not None and said.run_id != expectation.run_id:
        message = f"run '{expectation.run_id}' was asked for, but the reply is about '{said.run_id}'"
        yield Finding(FindingKind.OTHER_ID, message)
    if failed := said.counts.failed_entities:
        yield Finding(FindingKind.FAILED_ENTITIES, f"{failed} entities could not be evaluated by the platform")


def _wrong_run(what: str, asked: str | None, answers: tuple[str | None, ...]) -> Iterator[Finding]:
    """Hold what was set explicitly against what status reply and results file say."""
    if asked is None:
        return
    said = [answer for answer in answers if answer]
    for answer in dict.fromkeys(said):
        if answer.casefold() != asked.casefold():
            message = f"the {what} that was asked for is '{asked}', but the run's is '{answer}'"
            yield Finding(FindingKind.WRONG_RUN, message)
    if not said:
        message = f"nothing confirms the {what} '{asked}': the platform does not say which one it ran"
        yield Finding(FindingKind.UNCONFIRMED, message)


def doubts_about_counts(
    said: Reported, counts: Counts, results: ResultsFile | UnreadableFile, *, alone: bool
) -> Iterator[Finding]:
    """Ask whether the counts are whole and agree with each other and with the file."""
    for doubt in said.doubts:
        yield Finding(FindingKind.COUNT_MISMATCH, doubt)
    total, evaluated, failed = counts.utterances, counts.evaluated, counts.failed_utterances
    if (counts.matched_entities or 0) > (counts.entities or 0):
        message = f"{counts.matched_entities} entities matched of {counts.entities or 0}, which cannot be"
        yield Finding(FindingKind.COUNT_MISMATCH, message)
    if evaluated is not None and total is not None and evaluated + (failed or 0) != total:
        message = (
            f"{evaluated} utterances were evaluated (TP+TN+FP+FN) and {failed or 0} were not, "
            f"which makes {evaluated + (failed or 0)}, but the suite has {total}"
        )
        yield Finding(FindingKind.COUNT_MISMATCH, message)
    match results:
        case UnreadableFile():
            yield Finding(FindingKind.NO_FILE, results.problem)
        case ResultsFile():
            if not alone:
                yield from _doubts_about_top_block(results.reported, counts)
            tallied = tally(results.cases)
            yield from _doubts_about_file(said.counts, counts, results.cases, tallied, alone=alone)
            evaluated = tallied.evaluated if evaluated is None else evaluated
        case _:
            assert_never(results)
    if evaluated is None and total is not None and failed is not None:
        evaluated = total - failed
    if evaluated == 0:
        yield Finding(FindingKind.NOTHING_MEASURED, "not one utterance was evaluated, so there is nothing to judge")
    if total is not None and total < SMALL_SUITE:
        message = f"the suite has {total} utterances; under {SMALL_SUITE} a score jumps with every single one"
        yield Finding(FindingKind.SMALL_SUITE, message)


def _doubts_about_top_block(top_block: Reported, counts: Counts) -> Iterator[Finding]:
    """Ask whether the file describes the run that the status reply is about."""
    for doubt in top_block.doubts:
        yield Finding(FindingKind.COUNT_MISMATCH, doubt)
    size = top_block.counts.utterances
    if size is not None and size != counts.utterances:
        message = f"the results file is of a run of {size} utterances, not of {counts.utterances}"
        yield Finding(FindingKind.COUNT_MISMATCH, message)


def _doubts_about_file(
    said: Counts, counts: Counts, cases: tuple[Case, ...], tallied: Counts, *, alone: bool
) -> Iterator[Finding]:
    """Hold the results file against the number of utterances and against the status counts."""
    total = counts.utterances
    if alone and said.utterances is None:
        message = "the file does not say how many utterances there were, so nothing shows that it is whole"
        yield Finding(FindingKind.COUNT_MISMATCH, message)
    elif total is not None and len(cases) > total:
        message = f"the results file holds {len(cases)} utterances, more than the {total} of the suite"
        yield Finding(FindingKind.COUNT_MISMATCH, message)
    elif total is not None and said.confusion is None and len(cases) < total:
        message = f"the results file holds only {len(cases)} of {total} utterances"
        yield Finding(FindingKind.COUNT_MISMATCH, message)
    names = ("tp", "tn", "fp", "fn")
    pairs = [(name.upper(), getattr(said, name), getattr(tallied, name)) for name in names]
    listed = ", ".join(
        f"{name} {file} instead of {status}" for name, status, file in pairs if status not in (None, file)
    )
    if listed:
        message = f"the results file counts otherwise than the status reply: {listed}"
        yield Finding(FindingKind.COUNT_MISMATCH, message)
    same_entities = len(cases) == total and counts.entities == tallied.entities
    if same_entities and counts.matched_entities != tallied.matched_entities:
        both = f"{counts.matched_entities} by the platform's count, {tallied.matched_entities} by its file"
        yield Finding(FindingKind.COUNT_MISMATCH, f"the number of matched entities is {both}")
    unknown = [case.row for case in cases if case.result_type is ResultType.UNKNOWN]
    if unknown:
        message = (
            f"{len(unknown)} of the file's result types are not TP, TN, FP or FN "
            f"(first in row {unknown[0]}, in the column of result types)"
        )
        yield Finding(FindingKind.COUNT_MISMATCH, message)


def type_mismatches(cases: tuple[Case, ...], *, dgpt: bool) -> Iterator[Finding]:
    """Derive the result types again where the rule is certain, and say where the file has another."""
    rows = [case.row for case in cases if not dgpt and differs_from_rule(case)]
    if rows:
        message = (
            f"the result type of {len(rows)} utterances does not follow from expected and matched intent "
            f"(first in row {rows[0]}); the file's own was counted"
        )
        yield Finding(FindingKind.TYPE_MISMATCH, message)
