"""The parser of the results file: from the platform's CSV to utterances, or to a problem with row and column."""

from __future__ import annotations

import codecs
import csv
import io
import re
from contextlib import suppress
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from ci_gate.core.model import ResultsFile, UnreadableFile
from ci_gate.core.text.safe import shown
from ci_gate.kore.columns import BREAKDOWN, COLUMNS, ENTITY_RESULTS, REQUIRED, TOP_BLOCK, column, normalise
from ci_gate.kore.rows import Claim, Row, read_utterances
from ci_gate.kore.top_block import reported_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ci_gate.kore.top_block import Statements

    _Records: TypeAlias = Iterator[tuple[int, list[str]]]

MAX_ROWS = 20_000
"""The maximum number of rows of results, unless the user raises the limit."""

_CUT_OFF = "the file seems to be cut off; download it again"
_AS_DOWNLOADED = "use the file as it was downloaded"  # instead of as a spreadsheet saved it
_MOST_ROWS_ABOVE = 1_000  # the platform writes about fifteen above the columns
_MOST_CELLS = 10_000  # in a line; the platform writes about twenty
_PIECE = 2**16  # bytes that are decoded at a time, since the text may take four times as much memory
_FOREIGN_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_MARK = "\ufeff"
_OTHER_FILES = {
    b"version https://git-lfs.github.com/": "a pointer of Git LFS in place of the file: get that with git lfs pull",
    b"\x1f\x8b": "compressed by gzip: unpack it first",
    b"PK\x03\x04": "a zip archive (spreadsheets are saved as such, too): unpack it, or download it as CSV",
    b"PK\x05\x06": "a zip archive with nothing in it: download the results again",
}
"""The first bytes of other kinds of files that may be given as a results file, and the words for each in messages."""
_UNMARKED = re.compile(rb"\0[^\0]|[^\0]\0|\0{3}[^\0]")  # the start of UTF-16 or UTF-32 without a mark
_SEPARATORS = {";": "semicolons", "\t": "tabs"}  # which some programs write in place of commas
_MOST_QUOTED = 20  # characters


class _Unreadable(Exception):
    """A problem that ends the parsing. Its text quotes little of a cell, which may hold a customer's sentence."""


def parse(raw: bytes, *, max_rows: int = MAX_ROWS) -> ResultsFile | UnreadableFile:
    """Parse a results file, with both readings of its rows. Return an ``UnreadableFile`` instead of raising."""
    try:
        _require_text(raw)
        records = _records(raw)
        try:
            statements, number, header = _find_columns(records)
        except _Unreadable as problem:
            raise _separated_otherwise(raw) or problem from None
        positions, width = _columns(number, header)
        rows = _read_rows(records, positions, width, max_rows)
    except _Unreadable as problem:
        return UnreadableFile(problem=str(problem), raw=raw)
    utterances, row_by_row = read_utterances(rows)
    return ResultsFile(raw=raw, reported=reported_in(statements), utterances=utterances, row_by_row=row_by_row)


def report_name(raw: bytes) -> str | None:
    """Return the suite that the top block of a results file names; ``None`` if it names none or is unreadable."""
    try:
        _require_text(raw)
        statements, _, _ = _find_columns(_records(raw))
    except _Unreadable:
        return None
    return reported_in(statements).suite


def _require_text(raw: bytes) -> None:
    """Raise ``_Unreadable`` if the bytes are not the text of a CSV file; the message names what they seem to be."""
    if raw.startswith(_FOREIGN_MARKS) or _UNMARKED.match(raw):
        raise _Unreadable(f"the file is UTF-16 or UTF-32, not UTF-8, from row 1, column 1 on: {_AS_DOWNLOADED}")
    for start, what in _OTHER_FILES.items():
        if raw.startswith(start):
            raise _Unreadable(f"the file is {what}")
    first, done = "", 0
    try:
        while done < len(raw):
            piece = raw[done : done + _PIECE]
            # A character that is split at the end of a piece begins the next piece.
            text, read = codecs.utf_8_decode(piece, "strict", done + len(piece) == len(raw))
            first = first or (text if done else text.removeprefix(_MARK)).lstrip()[:1]
            done += read
    except UnicodeDecodeError as error:
        where = f"{_place_at_end(raw[: done + error.start])} holds bytes that are not UTF-8"
        if "unexpected end" in error.reason:
            raise _Unreadable(f"{where}: {_CUT_OFF}") from error
        origin = "a spreadsheet may have saved the file as Windows-1252, or the file is damaged"
        raise _Unreadable(f"{where} ({origin}): {_AS_DOWNLOADED}, or download it again") from error
    if not first:
        raise _Unreadable("the file is empty: download it again")
    if first in "<{[":
        what = "a web page" if first == "<" else "JSON"
        raise _Unreadable(f"the download is {what}, not a results file: its link may have expired")


def _records(raw: bytes) -> _Records:
    """Yield each record with its row number as in a spreadsheet: counted from 1, blank lines included.

    Raise ``_Unreadable`` for a record that is not valid CSV.
    """
    number = 0
    try:
        for number, record in enumerate(_reader(raw), start=1):
            yield number, record
    except csv.Error as error:
        raise _Unreadable(f"row {number + 1} {_fault_of(error)}") from error


def _fault_of(error: csv.Error) -> str:
    """Return the fault of a record for a message; the text of a ``csv.Error`` never quotes the file."""
    words = str(error)
    if "unexpected end" in words:
        return f"opens a quote that is never closed: {_CUT_OFF}"
    if "field limit" in words:
        most = csv.field_size_limit()
        return f"holds a cell of more than {most} characters, the most that is read: is a quote missing before its end?"
    return f"is not valid CSV ({words})"


def _reader(raw: bytes, separator: str = ",", *, strict: bool = True) -> Iterator[list[str]]:
    """Return a CSV reader that leaves line ends unchanged, since they may be part of a quoted value."""

    def bounded(line: str) -> str:
        """Raise ``csv.Error`` for a line with too many cells, which take many times the memory of the line."""
        if line.count(separator) >= _MOST_CELLS:
            raise csv.Error(f"more than {_MOST_CELLS} cells")
        return line

    lines = io.TextIOWrapper(io.BytesIO(raw), "utf-8-sig", newline="")
    return csv.reader(map(bounded, lines), delimiter=separator, strict=strict)


def _place_at_end(raw: bytes) -> str:
    """Return the row in which ``raw`` ends, and the column if it can be determined."""
    separator = next((sign for sign in _SEPARATORS if _row_of_columns(raw, sign)), ",")
    number, column = 0, 0
    try:
        for cells in _reader(raw + b"?", separator, strict=False):  # what comes next may start a row of its own
            number, column = number + 1, len(cells)
    except csv.Error:
        return f"row {number + 1}"
    return f"row {number}, column {column}"


def _find_columns(records: _Records) -> tuple[Statements, int, list[str]]:
    """Read the top block up to the row that names the columns.

    Return the statements of the block, then the number and the cells of that row. Raise ``_Unreadable`` if there is no
    such row.
    """
    statements: dict[str, list[tuple[int, str]]] = {}
    number = 0
    for number, record in islice(records, _MOST_ROWS_ABOVE):
        if _starts_columns(record):
            return statements, number, record
        key = normalise(record[0]) if len(record) > 1 else ""
        text = " ".join(record[1:]) if key == BREAKDOWN else record[1] if len(record) > 1 else ""
        if key in TOP_BLOCK and (text := text.strip()):
            statements.setdefault(key, []).append((number, text))
    raise _Unreadable(f"no column row found: none of {number} rows starts with 'Utterance'; is it a results file?")


def _starts_columns(record: list[str]) -> bool:
    """Return whether a row begins like the row that names the columns."""
    return len(record) > 1 and normalise(record[0]) in ("utterance", "utterances")


def _separated_otherwise(raw: bytes) -> _Unreadable | None:
    """Return the problem of a file that separates its cells by semicolons or tabs; ``None`` for any other file."""
    for separator, name in _SEPARATORS.items():
        if number := _row_of_columns(raw, separator):
            where = f"separated by {name}, not by commas (row {number}, from column 1 on, names the columns)"
            return _Unreadable(f"the file's cells are {where}: {_AS_DOWNLOADED}")
    return None


def _row_of_columns(raw: bytes, separator: str) -> int | None:
    """Return the number of the row that names the columns, if it can be read with this ``separator``."""
    # A file that cannot be parsed with this separator does not use it.
    with suppress(csv.Error):
        for number, record in enumerate(islice(_reader(raw, separator, strict=False), _MOST_ROWS_ABOVE), start=1):
            # A note above the columns may begin with the same word.
            if _starts_columns(record) and any(column(cell) in COLUMNS for cell in record[1:]):
                return number
    return None


def _columns(number: int, header: list[str]) -> tuple[Mapping[str, int], int]:
    """Return the position of each column by its key, and the number of cells that a row must have.

    Raise ``_Unreadable`` if a required column is missing, or a column is named twice.
    """
    positions: dict[str, int] = {}
    for position, name in enumerate(map(column, header)):
        if name in positions:
            raise _Unreadable(f"row {number} names the column {COLUMNS[name]} twice: remove one of them")
        if name in COLUMNS:
            positions[name] = position
    if missing := [label for name, label in REQUIRED.items() if name not in positions]:
        raise _Unreadable(f"row {number} does not name {', '.join(missing)}: is it a results file?")
    # Cells without a name after the last column are a spreadsheet's padding.
    return positions, max(position for position, cell in enumerate(header, start=1) if cell.strip())


def _read_rows(records: _Records, positions: Mapping[str, int], width: int, max_rows: int) -> list[Row]:
    """Return the rows of results, without blank ones. Raise ``_Unreadable`` for an incomplete or invalid row."""
    rows: list[Row] = []
    labels = {position + 1: f" ({COLUMNS[name]})" for name, position in positions.items()}
    # A column that the file lacks is read from an empty cell, which is appended to each row.
    pick = itemgetter(*(positions.get(name, width) for name in COLUMNS))
    results_at = positions.get("entityresult", width) + 1
    known: dict[str, str] = {}
    for number, record in records:
        cells = len(record)
        # A short row of blank cells is not skipped: a row that only adds an entity begins so, and may be cut off.
        if (cells < 2 or cells >= width) and not any(map(str.strip, record)):
            continue
        if cells < width:
            raise _Unreadable(f"row {number} ends after column {cells} of {width}{labels.get(cells, '')}: {_CUT_OFF}")
        if cells > width and any(map(str.strip, record[width:])):
            raise _Unreadable(f"row {number} has {cells} cells, but {width} columns are named: download the file again")
        if len(rows) == max_rows:
            raise _Unreadable(f"row {number} exceeds the limit of {max_rows} rows of results: raise --max-file-rows")
        # Equal cells of many rows share one string in memory.
        row = _read_row(number, results_at, *(known.setdefault(cell, cell) for cell in pick((*record[:width], ""))))
        if row.further and not (rows and row.entity and not any(map(str.strip, row.claim._replace(parent="")))):
            raise _Unreadable(f"row {number} has nothing in column 1 (Utterance) and adds no entity to a row before")
        rows.append(row)
    return rows


def _read_row(number: int, results_at: int, *cells: str) -> Row:
    """Return a row from its cells, in the order of ``COLUMNS``; ``results_at`` is the column number of the last one."""
    utterance, expected, matched, result_type, parent, name, value, entity_result = cells
    entity = (name.strip(), value) if name.strip() else None
    matches = ENTITY_RESULTS.get(normalise(entity_result))
    if entity and matches is None:
        where = f"row {number}, column {results_at} ({COLUMNS['entityresult']})"
        fault = f"{where} holds {_quoted(entity_result)}, which is neither True nor False"
        raise _Unreadable(f"{fault} (a spreadsheet writes them in its own language): {_AS_DOWNLOADED}")
    return Row(
        number=number,
        claim=Claim(utterance, expected, matched, result_type, parent),
        further=not utterance.strip(),
        entity=entity,
        entity_matched=bool(matches),
    )


def _quoted(cell: str) -> str:
    """Return the content of a cell in quotation marks for a message, cut to a few characters."""
    text = shown(cell)
    return f"'{text}'" if len(text) <= _MOST_QUOTED else f"'{text[:_MOST_QUOTED]}…'"
