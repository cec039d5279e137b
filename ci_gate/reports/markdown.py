"""``summary.md``, which reviewers read on the page of a run or in a merge request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from ci_gate.reports import wording
from ci_gate.reports.outline import Facts, Headline, Name, Note, State, Table, Topic, outline
from ci_gate.reports.wording import Ending, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.report import GateReport
    from ci_gate.reports.outline import Cell
    from ci_gate.reports.wording import Fact

LIMIT = 1_000_000
"""The maximum size in bytes: GitHub drops a summary of more than 1 MiB as a whole."""

_SYMBOLS = {
    Ending.PASSED: "✅",
    Ending.EXCUSED: "⚠️",
    Ending.ADVISORY: "⚠️",
    Ending.FAILED: "❌",
    Ending.UNJUDGED: "❔",
    Ending.UNREPORTED: "❔",
}
_STATES = {
    State.PASSED: "✅ passed",
    State.FAILED: "❌ failed",
    State.ADVISORY: "⚠️ failed",
    State.NO_DATA: "❔ no data",
    State.NOT_JUDGED: "❔ not judged",
    State.BLOCKS: "❔ blocks a pass",
    State.TOLERATED: "➖ tolerated",
    State.WARNING: "⚠️ warning",
    State.WAIVED: "waived",
}

# The characters that can be markup within a line. A colon before a blank cannot, nor can a point between digits. The
# characters > and - are markup at the start of a line only, where foreign text never stands.
_ACTIVE = re.compile(r"[!#$&*+<@\[\\\]^_`{|}~]|%(?=\w)|(?<=GH)-|:(?! )|(?<![0-9])\.|\.(?![0-9])")
_REFERRING = "@#!&$%~-"


def render(report: GateReport, *, limit: int = LIMIT) -> Iterator[str]:
    """Yield the outline in full, or as many of its first blocks as fit in ``limit`` bytes.

    If ``limit`` is too small for any block, a few lines are written nevertheless.
    """
    end = f"<sub>{prose(_capitalised(wording.exit_sentence(report)))}</sub>\n"
    cut = "**Cut here**: the whole would be too large to be shown. Everything is in report.json.\n"
    room = limit - len(f"{cut}\n{end}".encode())
    for block in _blocks(report):
        room -= len(block.encode()) + 2
        if room < 0:
            yield f"{cut}\n"
            break
        yield f"{block}\n\n"
    yield end


def prose(text: str, length: int = 600) -> str:
    """Return text that is harmless within a line: no markup, link, mention, table cell, HTML or workflow command.

    Active punctuation becomes numeric entities. Some platforms search the rendered page, where entities are characters
    again, for mentions and references; an HTML comment after a character that can start one prevents a match.
    """
    return _harmless(shortened(text, length))


def _harmless(line: str) -> str:
    return _ACTIVE.sub(_entity, line)


def _entity(match: re.Match[str]) -> str:
    sign = match.group()
    return f"&#{ord(sign)};" + ("<!-- -->" if sign in _REFERRING else "")


def _blocks(report: GateReport) -> Iterator[str]:
    """Yield the summary in pieces, each of which is complete Markdown."""
    level = "##"
    for block in outline(report):
        match block:
            case Headline():
                label = "" if block.label is None else f": {_name(block.label)}"
                yield f"{level} {_SYMBOLS[block.ending]} {block.ending}{label}"
                yield f"<b>{prose(block.reason)}</b>"
                level = "###"
            case Facts():
                yield " · ".join(map(_fact, block.facts))
            case Note(topic=Topic.CHANGE):
                first, *others = (prose(_capitalised(line)) for line in block.lines)
                yield "<br>".join((f"<b>{first}</b>.", *(f"{line}." for line in others)))
            case Note(topic=Topic.REPLAY):
                yield f"{_capitalised(block.topic)}: `{'`<br>`'.join(block.lines)}`"
            case Note():
                # Not shortened, since a command without its last flags would be another command.
                yield f"{_capitalised(block.topic)}: {'<br>'.join(map(_harmless, block.lines))}"
            case Table():
                yield _table(block)
            case _:
                assert_never(block)


def _name(text: str) -> str:
    return f"<code>{prose(text, 200)}</code>"


def _fact(fact: Fact) -> str:
    return f"{fact.before}{_name(fact.value) if fact.value else ''}{fact.after}"


def _capitalised(text: str) -> str:
    return text[0].upper() + text[1:]


def _table(table: Table) -> str:
    """Return a table, folded away under its title if it has one."""
    rows, left_out = table.shown(table.full)
    rule = ("--:" if side == "r" else ":--" for side in table.align.ljust(len(table.head), "l"))
    lines = [f"| {' | '.join(row)} |" for row in (table.head, rule, *(map(_cell, row) for row in rows))]
    lines += [f"\nand {left_out} more, in report.json"] if left_out else []
    content = "\n".join(lines)
    if not table.title:
        return content
    return f"<details><summary>{prose(table.title)}</summary>\n\n{content}\n\n</details>"


def _cell(cell: Cell) -> str:
    match cell:
        case State():
            return _STATES[cell]
        case Ending():
            return f"{_SYMBOLS[cell]} {cell.lower()}"
        case Name():
            return _name(cell.text)
        case _:
            return prose(cell)
