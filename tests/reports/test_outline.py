"""The outline of a report: its blocks, their order, and the number of rows shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING

from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.waivers import Waiver
from ci_gate.reports import markdown, text
from ci_gate.reports.outline import Facts, Headline, Name, Note, State, Table, Topic, outline
from tests.reports.builders import (
    as_markdown,
    as_text,
    bank_cases,
    before,
    case,
    compared,
    gate_of,
    judged,
    numbered,
    report,
    reports,
)

if TYPE_CHECKING:
    from ci_gate.core.report import GateReport


def titles(name: str) -> list[str]:
    """Return the blocks of an ending by type, or by the title of the first column."""
    shown = []
    for block in outline(reports()[name]):
        match block:
            case Headline() | Facts():
                shown.append(type(block).__name__)
            case Note():
                shown.append(block.topic)
            case Table():
                shown.append(block.head[0])
    return shown


def test_blocks_are_in_this_order() -> None:
    assert titles("regressed") == [
        "Headline", "Facts", "outcome", "evidence", "score", Topic.CHANGE, "intents that got worse", "newly failing",
        "fixed", "still failing", "added", "removed", "relabelled", "waiver", "weakest intents", "expected",
        "utterance", Topic.REPLAY,
    ]  # fmt: skip
    assert titles("several")[:3] == ["Headline", "verdict", "Headline"]
    assert titles("usage") == ["Headline", Topic.HINT]
    assert titles("timeout") == ["Headline", "Facts", Topic.HINT]


def test_every_block_has_content_and_only_the_rows_that_are_shown_are_made() -> None:
    for gate in reports().values():
        for block in outline(gate):
            assert not isinstance(block, Table) or block.count
            assert not isinstance(block, Note) or block.lines
    made = count()
    table = Table(head=("one",), rows=((str(next(made)),) for _ in range(20_000)), count=20_000)
    assert table.shown(2) == ([("0",), ("1",)], 19_998)
    assert next(made) == 2


def test_table_says_how_many_rows_to_show() -> None:
    slips = numbered(case(f"number {i}", f"Intent {i}", f"Intent {i + 1}") for i in range(60))
    gate = gate_of(slips, min_f1="0.5")
    tables = {block.head[0]: block for block in outline(gate) if isinstance(block, Table)}
    shown = {head: (table.brief, table.full, table.count) for head, table in tables.items()}
    assert shown["weakest intents"] == (5, 5, 60)
    assert shown["expected"] == (5, 10, 60)
    assert shown["utterance"] == (0, 50, 60)
    assert tables["utterance"].title == "60 mismatches"


def worse_than_before(*waivers: Waiver) -> GateReport:
    """Return the report of a suite of which 12 of 30 utterances newly fail."""
    then = numbered(case(f"say {row}", "Pay Bill") for row in range(30))
    now = numbered(case(f"say {row}", "Pay Bill", () if row < 12 else "Pay Bill") for row in range(30))
    return report(compared(now, before(then), Rules(waivers=waivers)))


def table_of(gate: GateReport, head: str) -> Table:
    (table,) = (one for one in outline(gate) if isinstance(one, Table) and one.head[0] == head)
    return table


def test_intents_that_got_worse_beyond_chance_are_marked() -> None:
    table = table_of(worse_than_before(), "intents that got worse")
    assert table.shown(9) == ([(Name("Pay Bill"), "12", "0", "30", "yes")], 0)


def test_newly_failing_utterances_are_listed_before_the_waived_ones() -> None:
    expires = date(2099, 1, 1)
    known = (Waiver(utterance=f"say {row}", reason="known", owner="Ines", expires=expires) for row in range(9))
    gate = worse_than_before(*known)
    table = table_of(gate, "newly failing")
    rows, _ = table.shown(12)
    assert [row[0] for row in rows] == [Name(f"say {row}") for row in (9, 10, 11, *range(9))]
    assert [row[-1] for row in rows] == [""] * 3 + [State.WAIVED] * 9
    assert table.title == "12 newly failing, 9 of them waived"
    assert "12 utterances that worked now fail (9 of them waived), 0 were fixed" in as_text(gate)


def test_warnings_of_one_kind_are_one_line_with_their_number() -> None:
    half = Fraction(1, 2)
    rules = Rules(
        intents=IntentFloors(general=Floors(bounds={"min_f1": half, "min_precision": half, "min_recall": half})),
        forbidden=tuple(Forbidden("Pay Bill", f"Strange {name}") for name in "ABC"),
        must_pass=tuple(f"say {number}" for number in range(9)),
        is_part=True,
    )
    rules = replace(rules, common_names=frozenset(rules.names))
    gate = report(judged(numbered([case("say it", "Pay Bill")]), rules, None))
    table = table_of(gate, "evidence")
    lines = [str(row[1]) for row in table.shown(20)[0] if row[0] is State.WARNING]
    assert [line.partition(": ")[0] for line in lines] == ["small-support (3)", "unknown-name (10)"]
    assert "'Strange A', 'Strange B', 'Strange C', which are forbidden there" in lines[-1]
    assert lines[-1].endswith("; and 7 more, in report.json")


def test_changes_begin_with_the_most_important_sentence() -> None:
    gate = report(compared(bank_cases(), before(bank_cases())))
    assert "\n\n  no utterance changed sides\n  compared with " in as_text(gate)
    assert "\n\n<b>No utterance changed sides</b>.<br>Compared with " in as_markdown(gate)


def test_every_state_has_a_word_of_its_own_in_text_and_markdown() -> None:
    assert text._STATES.keys() == markdown._STATES.keys() == {*State}
    assert len({*text._STATES.values()}) == len({*markdown._STATES.values()}) == len(State)
