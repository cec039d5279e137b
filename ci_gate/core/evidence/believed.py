"""The counts by which a run is judged, and the numbers of utterances that were not evaluated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_gate.core.evidence.unevaluated import Unevaluated

if TYPE_CHECKING:
    from ci_gate.core.counts import Counts
    from ci_gate.core.model import Reported, Utterance


def believed_counts(
    said: Counts, top_block: Reported | None, tallied: Counts | None, blank: int, *, alone: bool
) -> Counts:
    """Return the counts to judge: the platform's (``said``), completed from the results file.

    ``tallied`` are the counts of the rows, and ``blank`` is the number of rows without a result type. ``alone``: there
    is no status reply, so that ``said`` comes from the top block of the file.
    """
    counts = said
    if counts.utterances is None and counts.success is not None and counts.failure is not None:
        counts = replace(counts, utterances=counts.success + counts.failure)
    if counts.utterances is None and top_block:
        counts = replace(counts, utterances=top_block.counts.utterances)
    if counts.utterances is None and alone and tallied is not None:
        counts = replace(counts, utterances=tallied.utterances)
    if counts.confusion is None and tallied is not None and (tallied.utterances or 0) <= (counts.utterances or 0):
        # Rows that the file lacks stay unknown; ``unevaluated_in`` allows for them.
        counts = replace(counts, tp=tallied.tp, tn=tallied.tn, fp=tallied.fp, fn=tallied.fn)
    counts = _with_entities(counts, top_block, tallied)
    return _with_failed(counts, tallied if alone else None, blank)


def _with_entities(counts: Counts, top_block: Reported | None, tallied: Counts | None) -> Counts:
    if counts.entities is not None and counts.matched_entities is not None:
        return counts
    filed = top_block.counts if top_block else None
    if filed is not None and filed.entities is not None and filed.matched_entities is not None:
        return replace(counts, entities=filed.entities, matched_entities=filed.matched_entities)
    if tallied is not None and tallied.utterances == counts.utterances:
        return replace(counts, entities=tallied.entities, matched_entities=tallied.matched_entities)
    return counts


def _with_failed(counts: Counts, tallied: Counts | None, blank: int) -> Counts:
    """Return ``counts`` with a derived number of unevaluated utterances if the platform does not report one.

    The number follows from the counts or, if there is only a results file, from ``tallied`` and ``blank``.
    """
    if counts.failed_utterances is not None or counts.utterances is None:
        return counts
    evaluated = counts.evaluated
    if tallied is not None and tallied.utterances is not None:
        # A row with an unknown result type was evaluated: only this gate does not understand the word.
        evaluated = tallied.utterances - blank
    if evaluated is None or evaluated > counts.utterances:
        return counts
    return replace(counts, failed_utterances=counts.utterances - evaluated)


def unevaluated_in(counts: Counts, utterances: tuple[Utterance, ...] | None, size: int) -> Unevaluated:
    """Return the numbers of unevaluated utterances in a suite of ``size`` utterances, by its counts and its file."""
    lost = counts.failed_utterances or 0
    if counts.evaluated is not None:
        lost = max(lost, size - counts.evaluated)
    elif counts.utterances is not None:
        lost += size - counts.utterances  # reported while the run was in progress, but not at its end
    unsettled = [utterance for utterance in utterances or () if not utterance.is_evaluated]
    expecting = sum(bool(utterance.expected) for utterance in unsettled)
    if len(unsettled) > lost:  # the counts allow fewer, so that it is not known which rows these are
        return Unevaluated(unsure=lost, entities=_entities(counts, unsettled, is_known=not lost))
    return Unevaluated(
        expecting=expecting,
        expecting_none=len(unsettled) - expecting,
        unsure=lost - len(unsettled),
        entities=_entities(counts, unsettled, is_known=len(unsettled) == lost),
    )


def _entities(counts: Counts, unsettled: list[Utterance], *, is_known: bool) -> int | None:
    """Return the number of entities that were not evaluated; ``None`` unless ``is_known``."""
    listed = sum(utterance.entities - utterance.matched_entities for utterance in unsettled)
    return max(listed, counts.failed_entities or 0) if is_known else None
