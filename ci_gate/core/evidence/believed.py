"""Which counts of a run are believed, and how much of the suite they leave open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_gate.core.evidence.unevaluated import Unevaluated
from ci_gate.core.model import Reported, ResultType, Utterance
from ci_gate.core.tally import tally

if TYPE_CHECKING:
    from ci_gate.core.counts import Counts


def believed_counts(
    said: Counts, top_block: Reported | None, utterances: tuple[Utterance, ...] | None, *, alone: bool
) -> Counts:
    """Choose the counts to judge: the platform's, completed from the tally of the results file.

    ``alone``: there is no status reply, and ``said`` is what the file's own top block tells.
    """
    tallied = tally(utterances) if utterances is not None else None
    counts = said
    if counts.utterances is None and counts.success is not None and counts.failure is not None:
        counts = replace(counts, utterances=counts.success + counts.failure)
    if counts.utterances is None and top_block:
        counts = replace(counts, utterances=top_block.counts.utterances)
    if counts.utterances is None and alone and tallied is not None:
        counts = replace(counts, utterances=tallied.utterances)
    if counts.confusion is None and tallied is not None and (tallied.utterances or 0) <= (counts.utterances or 0):
        # What a file lacks is not known, and is allowed for as such.
        counts = replace(counts, tp=tallied.tp, tn=tallied.tn, fp=tallied.fp, fn=tallied.fn)
    counts = _with_entities(counts, top_block, tallied)
    return _with_failed(counts, utterances, alone=alone)


def _with_entities(counts: Counts, top_block: Reported | None, tallied: Counts | None) -> Counts:
    if counts.entities is not None and counts.matched_entities is not None:
        return counts
    filed = top_block.counts if top_block else None
    if filed is not None and filed.entities is not None and filed.matched_entities is not None:
        return replace(counts, entities=filed.entities, matched_entities=filed.matched_entities)
    if tallied is not None and tallied.utterances == counts.utterances:
        return replace(counts, entities=tallied.entities, matched_entities=tallied.matched_entities)
    return counts


def _with_failed(counts: Counts, utterances: tuple[Utterance, ...] | None, *, alone: bool) -> Counts:
    """Derive how many utterances were not evaluated, where the platform does not tell that."""
    if counts.failed_utterances is not None or counts.utterances is None:
        return counts
    evaluated = counts.evaluated
    if alone and utterances is not None:
        # A word that nobody knows is a matter of understanding the file, not of what the platform evaluated.
        evaluated = sum(utterance.result_type is not ResultType.NOT_EVALUATED for utterance in utterances)
    if evaluated is None or evaluated > counts.utterances:
        return counts
    return replace(counts, failed_utterances=counts.utterances - evaluated)


def unevaluated_in(counts: Counts, utterances: tuple[Utterance, ...] | None, size: int) -> Unevaluated:
    """Return what the counts of a suite of ``size`` utterances leave open, by expectation if the file tells it."""
    lost = counts.failed_utterances or 0
    if counts.evaluated is not None:
        lost = max(lost, size - counts.evaluated)
    elif counts.utterances is not None:
        lost += size - counts.utterances  # of a run that shrank
    blank = [utterance for utterance in utterances or () if not utterance.is_evaluated]
    expecting = sum(bool(utterance.expected) for utterance in blank)
    if len(blank) > lost:  # the counts know better, or contradict the file
        return Unevaluated(unsure=lost, entities=_entities(counts, blank, is_known=not lost))
    return Unevaluated(
        expecting=expecting,
        expecting_none=len(blank) - expecting,
        unsure=lost - len(blank),
        entities=_entities(counts, blank, is_known=len(blank) == lost),
    )


def _entities(counts: Counts, blank: list[Utterance], *, is_known: bool) -> int | None:
    """Count the entities that were not evaluated; in utterances that do not stand in the file nobody knows of any."""
    listed = sum(utterance.entities - utterance.matched_entities for utterance in blank)
    return max(listed, counts.failed_entities or 0) if is_known else None
