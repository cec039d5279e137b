"""The results file: how the platform's CSV report becomes cases and statements, or a problem with row and column."""

from __future__ import annotations

import codecs
import csv
import io
import re
from functools import lru_cache
from itertools import islice, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ci_gate.core.counts import Counts
from ci_gate.core.model import Case, Reported, ResultsFile, ResultType, UnreadableFile, case_key
from ci_gate.kore.names import COLUMNS, COUNTS, REQUIRED, RESULT_TYPES, SCORES, TOP_BLOCK, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    _Records: TypeAlias = Iterator[tuple[int, list[str]]]

MAX_ROWS = 20_000
"""How many rows of results are read unless the user raises the limit."""

_CUT_OFF = "the file seems to be cut off; download it again"
_MOST_ROWS_ABOVE = 1_000  # the platform writes about fifteen above the columns
_MOST_CELLS = 10_000  # of a line; the platform writes about twenty
_PIECE = 2**16  # bytes that are checked at a time, since the text of all may take four times their room
_FOREIGN_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_MARK = "\ufeff"
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
_LONE_BAR = re.compile(r"(?<!\|)\|(?!\|)")  # a double bar belongs to traits: "trait: Loud||Calm" is one value

_Statements: TypeAlias = dict[str, list[tuple[int, str]]]  # by key, each row that says it, and the text


class _Unreadable(Exception):
    """Carries a problem out of the reading; never quotes a cell, which may hold a customer's sentence."""


class _Claim(NamedTuple):
    """What a row says of its case; rows of one case say the same."""

    utterance: str
    expected: str
    matched: str
    result_type: str
    parent: str


class _Row(NamedTuple):
    """One row of results: ``entity`` is a name and its expected value; a ``further`` row holds nothing else."""

    number: int
    claim: _Claim
    further: bool
    entity: tuple[str, str] | None
    entity_matched: bool


def parse(raw: bytes, *, utterances: int | None = None, max_rows: int = MAX_ROWS) -> ResultsFile | UnreadableFile:
    """Read a results file; it never raises, whatever the bytes are.

    ``utterances`` is the platform's own count, where the status reply gives it: it decides which adjacent rows are one
    case. Otherwise the count in the file's top block does.
    """
    try:
        _require_text(raw)
        records = _records(raw)
        statements, number, header = _find_columns(records)
        positions, width = _columns(number, header)
        rows = _read_rows(records, positions, width, max_rows)
    except _Unreadable as problem:
        return UnreadableFile(problem=str(problem), raw=raw)
    reported = _reported(statements)
    cases = _cases(rows, reported.counts.utterances if utterances is None else utterances)
    return ResultsFile(raw=raw, reported=reported, cases=cases)


def report_name(raw: bytes) -> str | None:
    """Tell which suite a results file says that it belongs to, where it says so."""
    try:
        _require_text(raw)
        statements, _, _ = _find_columns(_records(raw))
    except _Unreadable:
        return None
    return _reported(statements).suite


def _require_text(raw: bytes) -> None:
    """Say what the bytes are instead of a CSV file, if they are something else."""
    if raw.startswith(_FOREIGN_MARKS):
        raise _Unreadable("the file is UTF-16 or UTF-32, not UTF-8: use it as the platform gave it")
    start, done = "", 0
    try:
        while done < len(raw):
            piece = raw[done : done + _PIECE]
            # What a piece ends in the middle of begins the next one.
            text, read = codecs.utf_8_decode(piece, "strict", done + len(piece) == len(raw))
            start = start or (text if done else text.removeprefix(_MARK)).lstrip()[:1]
            done += read
    except UnicodeDecodeError as error:
        where = f"row {_row_at_end(raw[: done + error.start])} holds bytes that are not UTF-8"
        raise _Unreadable(f"{where}: the file is damaged or cut off; download it again") from error
    if not start:
        raise _Unreadable("the file is empty: download it again")
    if start in "<{[":
        what = "a web page" if start == "<" else "JSON"
        raise _Unreadable(f"the download is {what}, not a results file: its link may have expired")


def _records(raw: bytes) -> _Records:
    """Number the records from 1 as a spreadsheet does, blank lines included."""
    number = 0
    try:
        for number, record in enumerate(_reader(raw), start=1):
            yield number, record
    except csv.Error as error:
        ended = "unexpected end" in str(error)  # the reader's own words, which hold none of the file's
        fault = f"opens a quote that is never closed: {_CUT_OFF}" if ended else f"is not valid CSV ({error})"
        raise _Unreadable(f"row {number + 1} {fault}") from error


def _reader(raw: bytes) -> Iterator[list[str]]:
    """Let the line ends through as they are, for they may be part of a quoted value."""
    lines = io.TextIOWrapper(io.BytesIO(raw), "utf-8-sig", newline="")
    return csv.reader(map(_bounded, lines), strict=True)


def _bounded(line: str) -> str:
    """Refuse a line of which a list of cells would become, many times its size."""
    if line.count(",") >= _MOST_CELLS:
        raise csv.Error(f"more than {_MOST_CELLS} cells")
    return line


def _row_at_end(raw: bytes) -> int:
    """Tell in which record a text stops."""
    number = 0
    try:
        for _ in _reader(raw + b"?"):  # for what comes next: after a line end it starts a row of its own
            number += 1
    except csv.Error:
        number += 1
    return number


def _find_columns(records: _Records) -> tuple[_Statements, int, list[str]]:
    """Read the top block up to the row that names the columns; give what was understood, that row's number and it."""
    statements: _Statements = {}
    number = 0
    for number, record in islice(records, _MOST_ROWS_ABOVE):
        key = normalise(record[0]) if len(record) > 1 else ""
        if key in ("utterance", "utterances"):
            return statements, number, record
        if key in TOP_BLOCK and (text := record[1].strip()):
            statements.setdefault(key, []).append((number, text))
    raise _Unreadable(f"no column row found: none of {number} rows starts with 'Utterance'; is it a results file?")


def _columns(number: int, header: list[str]) -> tuple[Mapping[str, int], int]:
    """Find the columns by name; give their positions and how many cells a row must have."""
    positions: dict[str, int] = {}
    for position, name in enumerate(normalise(cell).removesuffix("s") for cell in header):
        if name in positions:
            raise _Unreadable(f"row {number} names the column {COLUMNS[name]} twice: remove one of them")
        if name in COLUMNS:
            positions[name] = position
    if missing := [label for name, label in REQUIRED.items() if name not in positions]:
        raise _Unreadable(f"row {number} does not name {', '.join(missing)}: is it a results file?")
    # Cells without a name after the last column are a spreadsheet's padding.
    return positions, max(position for position, cell in enumerate(header, start=1) if cell.strip())


def _read_rows(records: _Records, positions: Mapping[str, int], width: int, max_rows: int) -> list[_Row]:
    """Read the rows of results; rows with nothing in them are skipped."""
    rows: list[_Row] = []
    labels = {position + 1: f" ({COLUMNS[name]})" for name, position in positions.items()}
    # A column that the file does not have is looked up in an empty cell behind the others.
    pick = itemgetter(*(positions.get(name, width) for name in COLUMNS))
    known: dict[str, str] = {}
    for number, record in records:
        cells = len(record)
        # A few blank cells are no blank row: they are how a further entity starts, so they may have lost the rest.
        if (cells < 2 or cells >= width) and not any(map(str.strip, record)):
            continue
        if cells < width:
            raise _Unreadable(f"row {number} ends after column {cells} of {width}{labels.get(cells, '')}: {_CUT_OFF}")
        if cells > width and any(map(str.strip, record[width:])):
            raise _Unreadable(f"row {number} has {cells} cells, but {width} columns are named: download the file again")
        if len(rows) == max_rows:
            raise _Unreadable(f"row {number} exceeds the limit of {max_rows} rows of results: raise --max-file-rows")
        # What many rows say is held once.
        row = _read_row(number, *(known.setdefault(cell, cell) for cell in pick((*record[:width], ""))))
        if row.further and not (rows and row.entity and not any(map(str.strip, row.claim._replace(parent="")))):
            raise _Unreadable(f"row {number} has nothing in column 1 (Utterance) and adds no entity to a row before")
        rows.append(row)
    return rows


def _read_row(number: int, *cells: str) -> _Row:
    """Make a row of its cells, which come in the order of ``COLUMNS``."""
    utterance, expected, matched, result_type, parent, name, value, entity_result = cells
    return _Row(
        number=number,
        claim=_Claim(utterance, expected, matched, result_type, parent),
        further=not utterance.strip(),
        entity=(name.strip(), value) if name.strip() else None,
        entity_matched=normalise(entity_result) == "true",
    )


def _reported(statements: _Statements) -> Reported:
    """Put the top block's statements in their places; of several that differ the first stands, with a doubt."""
    texts = {key: said[0][1] for key, said in statements.items()}
    counts: dict[str, int] = {}
    doubts = []
    for key, ((row, text), *others) in statements.items():
        if any(other != text for _, other in others):
            doubts.append(f"the results file gives several values for '{TOP_BLOCK[key]}' (first in row {row})")
        if key in COUNTS and _COUNT.fullmatch(text):
            counts[key] = int(text)
        elif key in COUNTS:
            doubts.append(f"the results file gives no whole number for '{COUNTS[key]}' (row {row})")
    return Reported(
        suite=texts.get("reportname"),
        bot_version=texts.get("runtype"),
        language=texts.get("botlanguage"),
        counts=Counts(
            utterances=counts.get("utterancecount"),
            entities=counts.get("totalentitiescount"),
            matched_entities=counts.get("matchedentitiescount"),
        ),
        scores={metric: texts[key] for key, metric in SCORES.items() if key in texts},
        doubts=tuple(doubts),
    )


def _cases(rows: Sequence[_Row], total: int | None) -> tuple[Case, ...]:
    """Make cases of rows, in the first reading that gives as many as the platform counted, or else as documented."""
    readings = _readings(rows)
    starts = next((starts for starts in readings if len(starts) == total), readings[0])
    return tuple(_case(rows[start:end]) for start, end in pairwise((*starts, len(rows))))


def _readings(rows: Sequence[_Row]) -> tuple[list[int], list[int], list[int]]:
    """Tell where the cases start in each of three readings of adjacent rows that say the same.

    They are one case as long as each brings another entity, as documented; or one case in any event; or a case each.
    """
    readings: tuple[list[int], list[int], list[int]] = ([], [], [])
    documented, merged, separate = readings
    before: _Claim | None = None
    entities: set[tuple[str, str]] = set()  # of the documented reading's current case
    for index, row in enumerate(rows):
        if not row.further:
            separate.append(index)
            again = row.claim == before
            if not again:
                merged.append(index)
            if not (again and entities and row.entity and row.entity not in entities):
                documented.append(index)
                entities.clear()
            before = row.claim
        if row.entity:
            entities.add(row.entity)
    return readings


def _case(rows: Sequence[_Row]) -> Case:
    """Make one case of its rows."""
    claim = rows[0].claim
    entities = [row.entity_matched for row in rows if row.entity]
    expected = _intents(claim.expected)
    parent = claim.parent.strip()
    parent_intent = None if parent.casefold() in ("", "none") else parent
    return Case(
        key=case_key(claim.utterance, expected, parent_intent),
        utterance=claim.utterance,
        expected=expected,
        matched=_intents(claim.matched),
        parent_intent=parent_intent,
        result_type=_result_type(claim.result_type),
        entities=len(entities),
        matched_entities=sum(entities),
        row=rows[0].number,
    )


@lru_cache(maxsize=4096)
def _intents(text: str) -> tuple[str, ...]:
    """Read one intent or several between bars; "none" is no intent only when it stands alone."""
    intents = tuple(filter(None, map(str.strip, _LONE_BAR.split(text))))
    return () if len(intents) == 1 and intents[0].casefold() == "none" else intents


def _result_type(text: str) -> ResultType:
    """Read a result type in letters or in words."""
    return RESULT_TYPES.get(normalise(text), ResultType.UNKNOWN) if text.strip() else ResultType.NOT_EVALUATED
