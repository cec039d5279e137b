"""The rows of a results file, grouped into utterances.

Adjacent rows with equal claims may be one utterance with several entities or copies of an utterance; both are read.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.names import Spelling, split_intents, utterance_key
from ci_gate.kore.columns import RESULT_TYPES, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Claim(NamedTuple):
    """The cells of a row that describe its utterance; they are equal in all rows of one utterance."""

    utterance: str
    expected: str
    matched: str
    result_type: str
    parent: str


class Row(NamedTuple):
    """One row of results. ``entity`` is the name of an entity and its expected value.

    ``further`` means that the row has no utterance of its own and only adds an entity to the utterance above.
    """

    number: int
    claim: Claim
    further: bool
    entity: tuple[str, str] | None
    entity_matched: bool


def read_utterances(rows: Sequence[Row]) -> tuple[tuple[Utterance, ...], tuple[Utterance, ...] | None]:
    """Return two readings of the rows: utterances as documented, and one utterance per row.

    The second is ``None`` if it equals the first. In both, a row that only adds an entity belongs to the row above. An
    utterance that is the same in both is one shared object, to save memory.
    """
    claims = [row.claim for row in rows if not row.further]
    spelling = Spelling((_intents(claim.expected) for claim in claims), (_intents(claim.matched) for claim in claims))
    documented: list[Utterance] = []
    row_by_row: list[Utterance] = []
    for group in _groups(rows):
        utterance = _utterance([row for part in group for row in part], spelling)
        documented.append(utterance)
        row_by_row += [utterance] if len(group) == 1 else (_alone(utterance, part) for part in group)
    return tuple(documented), tuple(row_by_row) if len(row_by_row) > len(documented) else None


def _groups(rows: Iterable[Row]) -> Iterator[list[list[Row]]]:
    """Yield one list per utterance of the documented reading, made of lists: a row with a text, then its further rows.

    Adjacent rows with equal claims are one utterance as long as each names a new entity; otherwise they are copies.
    """
    group: list[list[Row]] = []
    entities: set[tuple[str, str]] = set()
    for row in rows:
        if row.further:
            group[-1].append(row)
        elif entities and row.entity and row.entity not in entities and row.claim == group[0][0].claim:
            group.append([row])
        else:
            if group:
                yield group
            group, entities = [[row]], set()
        # If the first row of an utterance names no entity, the next row with a text begins another utterance.
        if row.entity and (entities or not row.further):
            entities.add(row.entity)
    if group:
        yield group


def _utterance(rows: Sequence[Row], spelling: Spelling) -> Utterance:
    claim = rows[0].claim
    expected = _intents(claim.expected)
    parent = claim.parent.strip()
    parent_intent = None if parent.casefold() in ("", "none") else parent
    matches = _matches(rows)
    shown = spelling.spelled(expected)
    return Utterance(
        key=utterance_key(claim.utterance, expected, parent_intent),
        text=claim.utterance,
        expected=shown,
        matched=spelling.spelled(_intents(claim.matched)),
        parent_intent=parent_intent,
        result_type=_result_type(claim.result_type),
        entities=len(matches),
        matched_entities=sum(matches),
        row=rows[0].number,
        written=None if shown == expected else expected,
    )


def _alone(utterance: Utterance, rows: Sequence[Row]) -> Utterance:
    """Return ``utterance`` as read from only some of its rows, with their entities and row number."""
    matches = _matches(rows)
    return replace(utterance, entities=len(matches), matched_entities=sum(matches), row=rows[0].number)


def _matches(rows: Iterable[Row]) -> list[bool]:
    """Return for each entity in ``rows`` whether it matched."""
    return [row.entity_matched for row in rows if row.entity]


@lru_cache(maxsize=4096)
def _intents(text: str) -> tuple[str, ...]:
    """Parse one intent, or several separated by bars; ``none`` means no intent only if it stands alone."""
    intents = split_intents(text)
    return () if len(intents) == 1 and intents[0].casefold() == "none" else intents


def _result_type(text: str) -> ResultType:
    """Parse a result type, abbreviated or in words; an empty cell means that the utterance was not evaluated."""
    return RESULT_TYPES.get(normalise(text), ResultType.UNKNOWN) if text.strip() else ResultType.NOT_EVALUATED
