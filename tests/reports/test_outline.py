"""What people read is decided once: which blocks there are, in which order, and how much of each is shown."""

from __future__ import annotations

from itertools import count

from ci_gate.core.report import conclude
from ci_gate.core.rules import Rules
from ci_gate.reports import markdown, text
from ci_gate.reports.outline import Facts, Headline, Name, Note, State, Table, Topic, outline
from tests.reports.builders import (
    assessed,
    bank_cases,
    before,
    case,
    judged,
    numbered,
    report,
    reports,
    subject,
    thresholds,
)


def titles(name: str) -> list[str]:
    """The blocks of an ending, each by what it is or what its first column is."""
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


def test_a_suite_that_got_worse_is_told_in_this_order() -> None:
    assert titles("regressed") == [
        "Headline",
        "Facts",
        "outcome",
        "evidence",
        "score",
        Topic.CHANGE,
        "intents that got worse",
        "newly failing",
        "fixed",
        "still failing",
        "added",
        "removed",
        "relabelled",
        "waiver",
        "weakest intents",
        "expected",
        "utterance",
        Topic.REPLAY,
    ]


def test_the_gate_speaks_first_if_it_has_more_to_say_than_its_only_suite() -> None:
    assert titles("several")[:3] == ["Headline", "verdict", "Headline"]
    assert titles("usage") == ["Headline", Topic.HINT]
    assert titles("timeout") == ["Headline", "Facts", Topic.HINT]


def test_there_is_no_block_without_content() -> None:
    for gate in reports().values():
        for block in outline(gate):
            assert not isinstance(block, Table) or block.count
            assert not isinstance(block, Note) or block.lines


def test_a_row_that_is_not_asked_for_is_not_made() -> None:
    made = count()
    table = Table(head=("one",), rows=((str(next(made)),) for _ in range(20_000)), count=20_000)
    assert table.shown(2) == ([("0",), ("1",)], 19_998)
    assert next(made) == 2


def test_a_table_says_how_much_of_it_is_worth_showing() -> None:
    slips = numbered(case(f"number {i}", f"Intent {i}", f"Intent {i + 1}") for i in range(60))
    gate = report(conclude(subject(), assessed(slips, thresholds(min_f1="0.5"))))
    tables = {block.head[0]: block for block in outline(gate) if isinstance(block, Table)}
    shown = {head: (table.brief, table.full, table.count) for head, table in tables.items()}
    assert shown["weakest intents"] == (5, 5, 60)
    assert shown["expected"] == (5, 10, 60)
    assert shown["utterance"] == (0, 50, 60)
    assert tables["utterance"].title == "60 mismatches"


def test_the_intents_that_got_worse_beyond_chance_are_marked_as_such() -> None:
    then = numbered(case(f"say {row}", "Pay Bill") for row in range(30))
    now = numbered(case(f"say {row}", "Pay Bill", () if row < 12 else "Pay Bill") for row in range(30))
    gate = report(judged(now, Rules(thresholds=tuple(thresholds())), before(then)))
    (table,) = (one for one in outline(gate) if isinstance(one, Table) and one.head[0] == "intents that got worse")
    assert table.shown(9) == ([(Name("Pay Bill"), "12", "0", "30", "yes")], 0)


def test_what_matters_most_of_a_change_comes_first_in_every_format() -> None:
    gate = report(judged(bank_cases(), Rules(thresholds=tuple(thresholds())), before(bank_cases())))
    assert "\n\n  no utterance changed sides\n  compared with " in "".join(text.render(gate))
    assert "\n\n<b>No utterance changed sides</b>.<br>Compared with " in "".join(markdown.render(gate))


def test_every_state_has_a_word_of_its_own_weight_in_text_and_in_markdown() -> None:
    assert text._STATES.keys() == markdown._STATES.keys() == {*State}
    assert len({*text._STATES.values()}) == len({*markdown._STATES.values()}) == len(State)
