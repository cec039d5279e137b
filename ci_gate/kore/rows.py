"""The rows of a results file as utterances, in both ways in which adjacent rows that say the same can be read."""

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
    """What a row says of its utterance; rows of one utterance say the same."""

    utterance: str
    expected: str
    matched: str
    result_type: str
    parent: str


class Row(NamedTuple):
    """One row of results: ``entity`` is a name and its expected value; a ``further`` row holds nothing else."""

    number: int
    claim: Claim
    further: bool
    entity: tuple[str, str] | None
    entity_matched: bool


def read_utterances(rows: Sequence[Row]) -> tuple[tuple[Utterance, ...], tuple[Utterance, ...] | None]:
    """Make utterances of rows: as documented, and one of each row if that is another reading.

    An utterance that is the same in both is one object, since there may be many thousands.
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
    """Part rows into utterances as documented, and each group into its rows with a text and what is added to those.

    Adjacent rows that say the same are one utterance as long as each names another entity; otherwise they are copies.
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
        # An utterance that names no entity itself is not continued by a row that does.
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
    """Make an utterance of some of its rows, which say the same as the others."""
    matches = _matches(rows)
    return replace(utterance, entities=len(matches), matched_entities=sum(matches), row=rows[0].number)


def _matches(rows: Iterable[Row]) -> list[bool]:
    """Return of each entity whether it matched."""
    return [row.entity_matched for row in rows if row.entity]


@lru_cache(maxsize=4096)
def _intents(text: str) -> tuple[str, ...]:
    """Read one intent or several between bars; "none" is no intent only when it stands alone."""
    intents = split_intents(text)
    return () if len(intents) == 1 and intents[0].casefold() == "none" else intents


def _result_type(text: str) -> ResultType:
    """Read a result type in letters or in words."""
    return RESULT_TYPES.get(normalise(text), ResultType.UNKNOWN) if text.strip() else ResultType.NOT_EVALUATED
