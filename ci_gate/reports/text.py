"""The verdict on standard output, which people read at the end of a CI log."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ci_gate.core.text.safe import log_safe, one_line
from ci_gate.reports import wording
from ci_gate.reports.outline import Facts, Headline, Name, Note, State, Table, Topic, outline
from ci_gate.reports.wording import Ending, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ci_gate.core.report import GateReport
    from ci_gate.reports.outline import Block, Cell

    Paint = Callable[[str, str], str]

_WIDEST = 80
"""The maximum length of a name in a table, and of a cell that can widen its column, in characters."""

_RED, _GREEN, _YELLOW, _FAINT = "31", "32", "33", "2"
_COLORS = {Ending.PASSED: _GREEN, Ending.FAILED: _RED}
"""The colours of a pass without a doubt and of a failure that counts. Every other ending is yellow."""

_STATES = {
    State.PASSED: ("pass", _GREEN),
    State.FAILED: ("FAIL", _RED),
    State.ADVISORY: ("FAIL", _YELLOW),
    State.NO_DATA: ("no data", _YELLOW),
    State.NOT_JUDGED: ("?", _YELLOW),
    State.BLOCKS: ("blocks", _YELLOW),
    State.TOLERATED: ("tolerated", _FAINT),
    State.WARNING: ("warning", _YELLOW),
    State.WAIVED: ("waived", _FAINT),
}
_WORD = len("tolerated")


def render(report: GateReport, *, color: bool = False) -> Iterator[str]:
    """Yield the lines of the verdict: the outline in brief, then the exit code.

    Only words of our own are coloured, and colour alone never carries information. No line can be read as a command by
    a CI system, and none holds a control character but those of the colours.
    """
    paint: Paint = "\x1b[{1}m{0}\x1b[0m".format if color else "{0}".format
    return (f"{log_safe(line)}\n" for line in _lines(report, paint))


def _lines(report: GateReport, paint: Paint) -> Iterator[str]:
    """Yield the blocks with blank lines between them, except before facts and hints, which follow their headline."""
    for number, block in enumerate(outline(report)):
        belongs = isinstance(block, Facts) or (isinstance(block, Note) and block.topic is Topic.HINT)
        lines = [*_block(block, paint)]
        if number and lines and not belongs:
            yield ""
        yield from lines
    yield from ("", wording.exit_sentence(report))


def _block(block: Block, paint: Paint) -> Iterator[str]:
    match block:
        case Headline():
            label = "" if block.label is None else f"{shortened(block.label)}: "
            yield f"{paint(block.ending, f'1;{_COLORS.get(block.ending, _YELLOW)}')}  {label}{block.reason}"
        case Facts():
            yield "  " + " · ".join(f"{fact.before}{shortened(fact.value)}{fact.after}" for fact in block.facts)
        case Note(topic=Topic.HINT):
            gaps = (paint("hint", _FAINT) + " " * (_WORD - len("hint")), *(" " * _WORD for _ in block.lines[1:]))
            yield from (f"  {gap}  {line}" for gap, line in zip(gaps, block.lines, strict=True))
        case Note(topic=Topic.CHANGE):
            yield from (f"  {one_line(line)}" for line in block.lines)
        case Note():
            pass  # a replay is for readers of the report files, not of the log
        case Table():
            yield from _table(block, paint)
        case _:
            assert_never(block)


def _plain(cell: Cell) -> str:
    match cell:
        case State():
            return _STATES[cell][0]
        case Name():
            return shortened(cell.text, _WIDEST)
        case _:
            return one_line(cell)


def _table(table: Table, paint: Paint) -> Iterator[str]:
    """Yield the rows of a table with aligned columns. A table that begins with states is shown without its head."""
    if table.brief is None:
        return
    rows, left_out = table.shown(table.brief)
    if not rows:
        first = f"the first {table.full} in summary.md, all of them in report.json"
        yield f"  {table.title}, {'listed in summary.md' if table.count <= table.full else first}"
        return
    is_headed = not isinstance(rows[0][0], State)
    rows = [table.head, *rows] if is_headed else rows
    texts = [[*map(_plain, row)] for row in rows]
    widths = [max(min(len(text), _WIDEST) for text in column) for column in zip(*texts, strict=True)]
    widths[0] = widths[0] if is_headed else _WORD
    sides = table.align.ljust(len(widths), "l")
    for row, cells in zip(rows, texts, strict=True):
        line = ""
        for cell, text, width, side in zip(row, cells, widths, sides, strict=True):
            gap = " " * (width - len(text))
            shown = paint(text, _STATES[cell][1]) if isinstance(cell, State) else text
            line += f"  {gap}{shown}" if side == "r" else f"  {shown}{gap}"
        yield line.rstrip()
    if left_out:
        yield f"  and {left_out} more, in report.json"
