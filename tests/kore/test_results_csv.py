"""Results files: the meaning of each part, and the message and place when a file is unreadable."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import string
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.counts import Counts
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Reported, ResultsFile, ResultType, UnreadableFile, Utterance
from ci_gate.core.names import utterance_key
from ci_gate.kore.results_csv import MAX_ROWS, parse, report_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DATA = Path(__file__).parent / "data"
MEASURED = (DATA / "measured.csv").read_bytes()
DOCUMENTED = (DATA / "documented.csv").read_bytes()
HTML = b"\r\n<!DOCTYPE html><html><body>Sign in, please</body></html>"
SECRET = "my secret diary"
BOM = codecs.BOM_UTF8

SHARES = {ResultType.TP: "50.00", ResultType.TN: "12.50", ResultType.FP: "25.00", ResultType.FN: "12.50"}

COLUMNS = (
    "Utterance", "ExpectedIntent", "MatchedIntent", "ResultType", "Parent Intent", "Entity Name",
    "Expected EntityValue", "Entity Result", "Notes",
)  # fmt: skip


def line(
    utterance: str = "order a pin",
    expected: str = "Order Pin",
    matched: str = "order pin",
    result: str = "TP",
    parent: str = "None",
    entity: tuple[str, str, str] = ("", "", ""),
    note: str = "",
) -> tuple[str, ...]:
    return (utterance, expected, matched, result, parent, *entity, note)


def further(name: str, value: str, result: str = "True", parent: str = "") -> tuple[str, ...]:
    """Return a row that only adds an entity to the case before."""
    return line("", "", "", "", parent, (name, value, result))


def text(
    rows: Iterable[Sequence[str]], *, end: str = "\r\n", quoting: int = csv.QUOTE_ALL, separator: str = ","
) -> str:
    """Return rows as CSV, by default as the platform writes it."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return file.getvalue()


def raw(*rows: Sequence[str], top: Sequence[Sequence[str]] = (), columns: Sequence[str] = COLUMNS) -> bytes:
    """Return a results file of a top block, a row of columns and rows of results."""
    return text((*top, columns, *rows)).encode()


def read(data: bytes) -> ResultsFile:
    parsed = parse(data)
    assert isinstance(parsed, ResultsFile), parsed
    assert parsed.raw is data
    return parsed


def problem(data: bytes, max_rows: int = MAX_ROWS) -> str:
    """Return the problem of a file that must be unreadable."""
    parsed = parse(data, max_rows=max_rows)
    assert isinstance(parsed, UnreadableFile), parsed
    assert parsed.raw is data
    return parsed.problem


def one(*rows: Sequence[str]) -> Utterance:
    (case,) = read(raw(*rows)).utterances
    return case


def test_measured_form_is_read_completely() -> None:
    file = read(MEASURED)
    assert file.reported == Reported(
        bot_name="Harbour Bank", suite="counter", bot_version="published", language="en",
        counts=Counts(utterances=8, entities=3, matched_entities=2),
        scores={Metric.F1: "0.73", Metric.PRECISION: "0.67", Metric.RECALL: "0.80"}, success_ratio="62.50",
        entity_ratio="66.67", breakdown=SHARES,
    )  # fmt: skip
    assert [case.result_type.value for case in file.utterances] == ["TP", "TP", "TP", "TN", "FN", "FP", "FP", "TP"]
    assert [case.row for case in file.utterances] == [*range(21, 29)]
    assert file.row_by_row is None
    assert file.utterances[0] == Utterance(
        key=utterance_key('block the card that ends in "4471", now', ("Block Card",), None),
        text='block the card that ends in "4471", now', expected=("Block Card",), matched=("Block Card",),
        parent_intent=None, result_type=ResultType.TP, entities=1, matched_entities=1, row=21,
    )  # fmt: skip


def test_documented_form_is_read_completely() -> None:
    file = read(DOCUMENTED)
    assert file.reported.counts == Counts(utterances=5, entities=3, matched_entities=2)
    assert [(case.row, case.result_type.value, case.expected, case.entities) for case in file.utterances] == [
        (7, "TP", ("Pay Someone",), 2), (9, "TP", ("Opening Hours", "Find Branch"), 0),
        (10, "FN", ("trait: Loud||Upset",), 0), (11, "TN", (), 0), (12, "FP", ("Raise Limit",), 1),
    ]  # fmt: skip
    assert (file.utterances[0].parent_intent, file.utterances[0].matched_entities) == ("Payments||Domestic", 1)
    assert [case.row for case in file.row_by_row or ()] == [*range(7, 13)]


@pytest.mark.parametrize("mark", [b"", BOM], ids=["no mark", "mark"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL], ids=["all quoted", "few quoted"])
def test_marks_line_ends_and_quoting_make_no_difference(quoting: int, mark: bytes) -> None:
    rows = [("Notes:", "two\nlines\r\n"), COLUMNS, line("a, b"), line('say "ah"\nor "oh"')]
    for end in ("\r\n", "\n", "\r"):
        file = read(mark + text(rows, end=end, quoting=quoting).encode())
        assert [(case.text, case.row) for case in file.utterances] == [("a, b", 3), ('say "ah"\nor "oh"', 4)]
    mixed = text([COLUMNS, line("a")], end="\n") + text([line("b")]) + text([line("c")], end="\n").rstrip()
    assert [case.text for case in read(mixed.encode()).utterances] == ["a", "b", "c"]


def top_of(*rows: Sequence[str]) -> Reported:
    return read(raw(top=rows)).reported


def test_top_block_may_have_any_number_of_rows_which_are_counted() -> None:
    top = [
        (), ("Bot Name:", "Harbour Bank"), ("",), ("Threshold Setting", "Mode", "isActive"), ("", "ml", "true"),
        ("Utterance count:", "1"), ("Report name",), ("Favourite colour:", "blue", "green", "red"),
        ("Run Type:", "published"),
    ]  # fmt: skip
    for length in range(10):
        (case,) = read(raw(line(), top=top[:length])).utterances
        assert case.row == min(length, 9) + 2


def test_keys_of_the_top_block_are_compared_by_letters_and_digits_above_the_columns() -> None:
    for key in ("Utterance count:", "UTTERANCE COUNT", "utterance_count", " Utterance-Count : "):
        assert top_of((key, " 12 ", "")).counts.utterances == 12
    file = read(raw(line("Utterance count:", "7")))
    assert (file.reported, file.utterances[0].text) == (Reported(), "Utterance count:")


def test_values_of_the_top_block_are_kept_as_written_without_secrets() -> None:
    top = [("Report name:", " "), ("F1 Score:", ""), ("Utterance count:",), ("Precision:", "0.50")]
    assert top_of(*top) == Reported(scores={Metric.PRECISION: "0.50"})
    assert top_of(("Recall:", " NaN ")).scores == {Metric.RECALL: "NaN"}
    reported = top_of(("Report name:", "see https://h/f.csv?s=1"), ("Bot Name:", "eyJhbGciOiJ.IUzI1"))
    assert (reported.suite, reported.bot_name) == ("see https://h/f.csv", "(a token)")


@pytest.mark.parametrize("key", ["Utterance count", "Total Entities Count", "Matched Entities Count"])
def test_count_that_is_no_whole_number_is_a_doubt(key: str) -> None:
    for value in ("-1", "1.0", "1,000", "1e3", "many", "1234567890", "٣", "+2"):
        reported = top_of((), (f"{key}:", value))
        assert reported.counts == Counts()
        assert reported.doubts == (f"the results file gives no whole number for '{key}' (row 2)",)
    for value in ("0", "007", "999999999"):
        assert top_of((f"{key}:", value)).doubts == ()
        assert top_of(("Utterance count:", value)).counts.utterances == int(value)


def test_key_with_several_values_is_a_doubt_and_the_first_one_holds() -> None:
    reported = top_of(("Recall:", "0.5"), ("recall", "0.6"), ("Recall:", "0.6"))
    assert reported.scores == {Metric.RECALL: "0.5"}
    assert reported.doubts == ("the results file gives several values for 'Recall' (first in row 1)",)
    reported = top_of(("Recall:", ""), ("Recall:", "0.5"), ("Recall:", " 0.5"), ("Recall:", ""))
    assert (reported.scores, reported.doubts) == ({Metric.RECALL: "0.5"}, ()), "the same value again, or none"


def test_bot_and_success_ratio_are_read() -> None:
    ratio, entities = "Success / Failure Ratio:", "Entities Success / Failure Ration:"
    reported = top_of(("Bot Name:", " Harbour Bank "), (ratio, "87.30"), (entities, "59.23"))
    assert (reported.bot_name, reported.success_ratio) == ("Harbour Bank", "87.30")
    for cell, kept in {"87.30%": "87.30", " 87.3 % ": "87.3", "87,30": "87,30", "NaN": "NaN", "%": None}.items():
        assert top_of((ratio, cell)).success_ratio == kept


def test_report_name_is_read_if_the_top_block_is_understood() -> None:
    top = [("Report name:", "tills")]
    assert [report_name(data) for data in (MEASURED, raw(("x",), top=top))] == ["counter", "tills"]
    assert [report_name(data) for data in (raw(line()), raw(columns=("Tills",), top=top), HTML, b"")] == [None] * 4


@pytest.mark.parametrize("names", [
    ("Utterance", "ExpectedIntent", "MatchedIntent", "ResultType", "EntityName", "Entity Result"),
    ("Utterances", "Expected Intent", "Matched Intent", "Result Type", "Entity Name", "Entity Results"),
    ("utterance", "expected_intent", "matched_intent", "result_type", "entity_name", "entity_result"),
    ("UTTERANCES:", "Expected Intents", "Matched Intents", "Result-Type", "Entity Names", "EntityResult"),
])  # fmt: skip
def test_every_known_spelling_of_the_columns_is_accepted(names: tuple[str, ...]) -> None:
    (case,) = read(raw(("hi", "A", "b", "FP", "Day", "TRUE"), columns=names)).utterances
    assert (case.expected, case.matched, case.result_type) == (("A",), ("b",), ResultType.FP)
    assert (case.entities, case.matched_entities) == (1, 1)


def test_columns_and_rows_may_be_more_than_are_read() -> None:
    columns = ("Utterance", "Result Type", "Elimination Info", "Matched Intent's Score", *COLUMNS[1:3])
    (case,) = read(raw(("hi", "FN", "noWordMatch", "ML: 1", "A", "None"), columns=columns)).utterances
    assert (case.expected, case.matched, case.result_type) == (("A",), (), ResultType.FN)
    assert (case.parent_intent, case.entities) == (None, 0)
    assert one(line()) == read(raw((*line(), ""), columns=(*COLUMNS, "Notes"))).utterances[0]
    assert one((*line(), "", " ")) == one(line())
    padded = read(raw((*line(), "", ""), line("b"), columns=(*COLUMNS, "", " ")))
    assert [case.row for case in padded.utterances] == [2, 3]


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL], ids=["all quoted", "few quoted"])
@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separator_is_named_with_the_row_of_the_columns(separator: str, name: str, quoting: int) -> None:
    top = [("Bot Name:", "x"), ("Notes:", 'two\nlines, "or" so'), (), ("Utterance count:", "1")]
    for columns in (COLUMNS, ("Utterances", "Expected, or not", "Result Type")):
        for end in ("\r\n", "\n"):
            data = text([*top, columns, line()], separator=separator, quoting=quoting, end=end).encode()
            assert problem(data) == (
                f"the file's cells are separated by {name}, not by commas (row 5, from column 1 on, names the "
                "columns): use the file as it was downloaded"
            )
    pasted = text([("Bot Name:", "x"), ("Run Type:", "y")]) + text([COLUMNS, line()], separator=separator)
    assert f"separated by {name}, not by commas (row 3, " in problem(BOM + pasted.encode())


@pytest.mark.parametrize("data", [
    pytest.param(b"Utterance; by the way\n", id="a note"), pytest.param(b"Utterance;\n", id="one cell"),
    pytest.param(b"Utterances are\there\n", id="another word"),
    pytest.param(b"a\n" * 1000 + b"Utterance;Result Type\n", id="too far down"),
    pytest.param(b"a" * 200_000 + b"\nUtterance;Result Type\n", id="after a cell of monstrous size"),
    pytest.param(b";" * 10_000 + b"\nUtterance;Result Type\n", id="after too many cells"),
])  # fmt: skip
def test_single_word_is_no_row_of_columns_with_another_separator(data: bytes) -> None:
    assert "separated" not in problem(data)


def test_semicolons_in_a_file_with_other_separators_are_text() -> None:
    note = "Utterance;ExpectedIntent"
    file = read(raw(line(note), columns=(*COLUMNS[:-1], note), top=[(note, note)]))
    assert [(case.text, case.row) for case in file.utterances] == [(note, 3)]
    assert "separated by tabs" in problem(b";" * 10_000 + b"\nUtterance\tResult Type\n")


@pytest.mark.parametrize(("data", "message"), [
    (
        text([("Utterance count:", "1"), ("Utterance",), ("", "Utterance")]).encode(),
        "no column row found: none of 3 rows starts with 'Utterance'; is it a results file?",
    ),
    (
        raw(columns=("Utterance", "Expected", "MatchedIntent", "Matched Intent's Score"), top=[("Bot Name:", "x")]),
        "row 2 does not name ExpectedIntent, ResultType: is it a results file?",
    ),
    *(
        (raw(columns=(*COLUMNS, name.upper())), f"row 1 names the column {name} twice: remove one of them")
        for name in COLUMNS[:-1]
    ),
    *(
        (raw(line(), cells), f"row 3 ends after column {at}: the file seems to be cut off; download it again")
        for cells, at in (
            (line()[:1], "1 of 9 (Utterance)"), (line()[:3], "3 of 9 (MatchedIntent)"),
            (line()[:8], "8 of 9 (Entity Result)"), (("", ""), "2 of 9 (ExpectedIntent)"),
        )
    ),
    (
        raw(("hi", "x"), columns=("Utterance", SECRET, *COLUMNS[1:4])),
        "row 2 ends after column 2 of 5: the file seems to be cut off; download it again",
    ),
    (raw((*line(), "", "x")), "row 2 has 11 cells, but 9 columns are named: download the file again"),
    *((data, "the file is empty: download it again") for data in (b"", b"\r\n", b" \t\n\n", BOM, BOM + b"\n")),
    *(
        (data, f"the download is {kind}, not a results file: its link may have expired")
        for data, kind in (
            (HTML, "a web page"), (b"<html>", "a web page"), (b' {"errors": []}', "JSON"), (b"[]", "JSON"),
        )
    ),
    *(
        (
            (mark + MEASURED.decode()).encode(encoding),
            "the file is UTF-16 or UTF-32, not UTF-8, from row 1, column 1 on: use the file as it was downloaded",
        )
        for encoding in ("utf-16", "utf-16-be", "utf-32", "utf-32-be") for mark in ("\ufeff", "")
    ),
    (
        b"a,b\nc,d" + "ü".encode()[:1],
        "row 2, column 2 holds bytes that are not UTF-8: the file seems to be cut off; download it again",
    ),
    *(
        (data, f"row {row} opens a quote that is never closed: the file seems to be cut off; download it again")
        # A doubled quote is a quote in the value, so the second of these stays open as well.
        for data, row in ((b'"Notes:","never', 1), (b'"a","b"\n\n"c","d\n\n""', 3), (raw(line()) + b'"x', 3))
    ),
    (b"a,b\n" + 10_000 * b"," + b"\n", "row 2 is not valid CSV (more than 10000 cells)"),
], ids=lambda value: value[:60] if isinstance(value, str) else "")  # fmt: skip
def test_unreadable_file_is_refused_with_the_place(data: bytes, message: str) -> None:
    assert problem(data) == message


@pytest.mark.parametrize(("data", "start"), [
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "the file is a pointer of Git LFS"),
    (gzip.compress(MEASURED, mtime=0), "the file is compressed by gzip"),
    (b"PK\x03\x04\x14\x00", "the file is a zip archive"),
    (b"PK\x05\x06" + bytes(18), "the file is a zip archive with nothing in it"),
    (raw(line()) + b'"order" a pin,b,c\n', "row 3 is not valid CSV ("),
    (raw(line("x" * 200_000)), "row 2 holds a cell of more than 131072 characters, the most that is read"),
    (9_999 * b"," + b"\n", "no column row found"),
    (b" " * 2**16 + BOM, "no column row found: none of 1 rows"),
], ids=["Git LFS", "gzip", "zip", "empty zip", "quote", "cell", "many cells", "late byte order mark"])  # fmt: skip
def test_other_file_is_refused_by_its_kind(data: bytes, start: str) -> None:
    assert problem(data).startswith(start)
    assert "order" not in problem(data)


def test_only_a_bracket_makes_a_text_another_kind_of_file() -> None:
    for start in {*string.printable} - {*string.whitespace, *'"<[{'}:
        assert problem(start.encode()).startswith("no column row found: none of 1 rows")


@pytest.mark.parametrize("blank", [(), ("",), (" ",), ("",) * 9, ("",) * 12])
def test_blank_rows_are_skipped_and_counted(blank: tuple[str, ...]) -> None:
    first, second = line(entity=("Day", "Monday", "True")), line(entity=("City", "Turin", "True"))
    file = read(raw(blank, first, blank, second, line("b"), blank))
    assert [(case.row, case.entities) for case in file.utterances] == [(3, 2), (6, 0)]


def test_limit_of_rows_is_enforced() -> None:
    assert len(read(raw(*[line()] * 3)).utterances) == 3
    assert isinstance(parse(raw(*[line()] * 3, ()), max_rows=3), ResultsFile)
    message = "row 5 exceeds the limit of 3 rows of results: raise --max-file-rows"
    assert problem(raw(*[line()] * 4), max_rows=3) == message
    assert MAX_ROWS == 20_000
    assert len(read(raw(*[line()] * 20_000)).utterances) == 20_000
    assert "limit of 20000 rows" in problem(raw(*[line()] * 20_001))


def test_intents_are_split_at_single_bars_and_none_alone_is_no_intent() -> None:
    for cell, intents in {
        "Order Pin": ("Order Pin",), "  Order Pin ": ("Order Pin",), "A | B": ("A", "B"), "A|B | C": ("A", "B", "C"),
        "A | ": ("A",), "trait: Loud||Calm": ("trait: Loud||Calm",),
        "trait: Loud || Calm | B": ("trait: Loud || Calm", "B"), "None": (), "none": (), " NONE ": (), "": (),
        " | ": (), "A | None": ("A", "None"), "None of these": ("None of these",),
    }.items():  # fmt: skip
        case = one(line("hi", cell, cell))
        assert (case.expected, case.matched) == (intents, intents)
        assert case.key == utterance_key("hi", intents, None)


def test_parent_intent_may_be_missing() -> None:
    for cell, parent in {"None": None, "none": None, "": None, " ": None, " A >> B ": "A >> B"}.items():
        case = one(line("hi", parent=cell))
        assert (case.parent_intent, case.key) == (parent, utterance_key("hi", ("Order Pin",), parent))


def test_result_types_are_letters_or_words() -> None:
    cells = {
        ResultType.TP: ("TP", "True Positive"), ResultType.TN: ("tn", "TrueNegative"),
        ResultType.FP: (" FP ", "false_positive"), ResultType.FN: ("FN", "FALSE NEGATIVE"),
        ResultType.NOT_EVALUATED: ("", " "), ResultType.UNKNOWN: ("None", "-", "TPP", "unknown"),
    }  # fmt: skip
    assert {kind: {one(line(result=cell)).result_type for cell in cells[kind]} for kind in cells} == {
        kind: {kind} for kind in cells
    }


def test_entity_has_a_name_and_matched_if_its_result_is_true() -> None:
    for entity, counts in (
        (("Day", "Monday", "True"), (1, 1)), (("Day", "", "TRUE"), (1, 1)), (("Day", "Monday", "False"), (1, 0)),
        (("Day", "Monday", ""), (1, 0)), (("Day", "Monday", " "), (1, 0)), (("Day", "Monday", "None"), (1, 0)),
        (("Day", "Monday", " false."), (1, 0)), (("", "Monday", "WAHR"), (0, 0)), (("", "Monday", "True"), (0, 0)),
        ((" ", "", ""), (0, 0)),
    ):  # fmt: skip
        case = one(line(entity=entity))
        assert (case.entities, case.matched_entities) == counts
    (case,) = read(raw(line(entity=("Day", "Monday", ""))[:6], columns=COLUMNS[:6])).utterances
    assert (case.entities, case.matched_entities) == (1, 0), "without a column of results"


@pytest.mark.parametrize(("cell", "quoted"), [
    ("WAHR", "WAHR"), (" falsch ", "falsch"), ("yes", "yes"), ("1", "1"), ("Trueish", "Trueish"),
    ("::error::\x1b[31m\nred", "::error:: [31m red"), ("x" * 20, "x" * 20), ("x" * 21, "x" * 20 + "…"),
    ("please do not tell anybody else of this", "please do not tell a…"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2lnbmF0dXJl", "(a token)"),
])  # fmt: skip
def test_unknown_result_of_an_entity_is_refused_and_quoted_in_short(cell: str, quoted: str) -> None:
    entity = ("Day", "Monday", cell)
    for rows in ((line(), further(*entity)), (line("b"), line(entity=entity))):
        assert problem(raw(*rows)) == (
            f"row 3, column 8 (Entity Result) holds '{quoted}', which is neither True nor False "
            "(a spreadsheet writes them in its own language): use the file as it was downloaded"
        )


def entities_of(cases: Sequence[Utterance] | None) -> list[tuple[int, int, int]]:
    """Return row, number of entities and number of matched entities of each case."""
    return [(case.row, case.entities, case.matched_entities) for case in cases or ()]


def test_row_without_an_utterance_adds_an_entity_to_the_case_before() -> None:
    file = read(raw(
        line(entity=("Day", "Monday", "True")), further("City", "Turin", "False"),
        further("City", "Turin", parent="None"), line("b"), further("Day", "Friday"),
    ))  # fmt: skip
    assert entities_of(file.utterances) == [(2, 3, 2), (5, 1, 1)]
    assert file.row_by_row is None
    file = read(raw(
        line(entity=("Day", "Monday", "True")), further("City", "Turin", "False"),
        line(entity=("Price", "9", "True")), further("Seat", "4", "True"), further("Meal", "none", "True"),
    ))  # fmt: skip
    assert entities_of(file.utterances) == [(2, 5, 4)]
    assert entities_of(file.row_by_row) == [(2, 2, 1), (4, 3, 3)]


def test_other_rows_without_an_utterance_are_refused() -> None:
    for row in (
        line("", "", "", "", note="x"),
        line(" ", "", "", "", parent="Payments"),
        line("", "", "", "", entity=("", "Monday", "True")),
        line("", "Order Pin", "", "", entity=("Day", "Monday", "True")),
        line("", "", "None", "", entity=("Day", "Monday", "True")),
        line("", "", "", "TP", entity=("Day", "Monday", "True")),
    ):
        message = "row 3 has nothing in column 1 (Utterance) and adds no entity to a row before"
        assert problem(raw(line(), row)) == message
    assert "row 2 has nothing in column 1 (Utterance)" in problem(raw(further("Day", "Monday"), line()))


MONDAY, TURIN = ("Day", "Monday", "True"), ("City", "Turin", "False")
TWO_ENTITIES = (line(entity=MONDAY), line(entity=TURIN))
SAME_ENTITY = (line(entity=MONDAY), line(entity=MONDAY))


@pytest.mark.parametrize(("rows", "starts"), [
    pytest.param(TWO_ENTITIES, [2], id="other entities"),
    pytest.param((*TWO_ENTITIES, line(entity=("Day", "Friday", "True"))), [2], id="another value"),
    pytest.param((line(entity=MONDAY), line(entity=("Date", "Monday", "True"))), [2], id="another name"),
    pytest.param((*TWO_ENTITIES, *TWO_ENTITIES), [2, 4], id="the first entity starts anew"),
    pytest.param((*TWO_ENTITIES, *SAME_ENTITY), [2, 4, 5], id="and again"),
    pytest.param((line(), *TWO_ENTITIES, line()), [2, 3, 5], id="none before, none after"),
    pytest.param((*TWO_ENTITIES, line("b"), *TWO_ENTITIES), [2, 4, 5], id="apart"),
])  # fmt: skip
def test_rows_are_one_case_if_each_names_another_entity(rows: Sequence[Sequence[str]], starts: list[int]) -> None:
    file = read(raw(*rows))
    assert [case.row for case in file.utterances] == starts
    assert file.row_by_row is not None
    assert [case.row for case in file.row_by_row] == [number for number, row in enumerate(rows, start=2) if row[0]]
    for cases in (file.utterances, file.row_by_row):
        assert sum(case.entities for case in cases) == sum(bool(row[5]) for row in rows)
        assert sum(case.matched_entities for case in cases) == sum(row[7] == "True" for row in rows)


@pytest.mark.parametrize("rows", [
    pytest.param(SAME_ENTITY, id="the same entity"),
    pytest.param((line(entity=MONDAY), line(entity=("Day", "Monday", "False"))), id="another result"),
    pytest.param((line(), line()), id="no entities"), pytest.param((line(), line(entity=MONDAY)), id="none before"),
    pytest.param((line(entity=MONDAY), line()), id="none after"), pytest.param((), id="no rows"),
    pytest.param((line(entity=MONDAY), further(*TURIN), line(entity=TURIN)), id="a further row's entity"),
    pytest.param((line(), further(*MONDAY), line(entity=TURIN)), id="none but a further row's before"),
    pytest.param((line(entity=MONDAY), line("b"), line(entity=TURIN)), id="apart"),
    *(
        pytest.param((line(entity=MONDAY), line(entity=TURIN, **{field: value})), id=f"another {field}")
        for field, value in (
            ("utterance", "order a pin!"), ("expected", "Order Card"), ("matched", "None"), ("result", "FN"),
            ("parent", "Cards"),
        )
    ),
])  # fmt: skip
def test_other_rows_are_copies_in_a_single_reading_for_any_count(rows: Sequence[Sequence[str]]) -> None:
    for count in range(4):
        file = read(raw(*rows, top=[("Utterance count:", str(count))]))
        starts = [number for number, row in enumerate(rows, start=3) if row[0]]
        assert ([case.row for case in file.utterances], file.row_by_row) == (starts, None)
        both = read(raw(*TWO_ENTITIES, line("b"), top=[("Utterance count:", str(count))]))
        assert (len(both.utterances), len(both.row_by_row or ())) == (2, 3)


def test_case_that_is_the_same_in_both_readings_is_one_object() -> None:
    file = read(raw(line("a"), *TWO_ENTITIES, line("b"), further(*MONDAY)))
    assert file.row_by_row is not None
    before, both, after = file.utterances
    first, *parts, last = file.row_by_row
    assert (first is before, last is after) == (True, True)
    assert parts == [
        replace(both, row=3, entities=1, matched_entities=1),
        replace(both, row=4, entities=1, matched_entities=0),
    ]
    for part in parts:
        assert (part.key is both.key, part.text is both.text) == (True, True)
        assert (part.expected is both.expected, part.matched is both.matched) == (True, True)


def test_matched_intent_is_spelt_as_the_suite_spells_it() -> None:
    file = read(raw(line(matched="raise  limit"), *TWO_ENTITIES, line("c", "Raise Limit", "ORDER PIN | raise limit")))
    matched = [("Raise Limit",), ("Order Pin",), ("Order Pin", "Raise Limit")]
    assert [case.matched for case in file.utterances] == matched
    assert [case.matched for case in (file.row_by_row or ())[1:3]] == [("Order Pin",)] * 2
    unexpected = ("Book>>Flight", "book || flight", "Book>>Flight")
    cases = read(raw(*(line(str(number), "none", name, "FP") for number, name in enumerate(unexpected)))).utterances
    assert [case.matched for case in cases] == [("Book>>Flight",)] * 3


def test_most_frequent_spelling_of_the_suite_is_taken() -> None:
    spellings = ["Café Hours", "Café Hours", "cafe\u0301 hours", "CAFÉ HOURS"]
    rows = [line(str(number), name) for number, name in enumerate(spellings)]
    for cases in (read(raw(*rows)).utterances, read(raw(*rows[::-1])).utterances):
        assert [case.expected for case in cases] == [("Café Hours",)] * 4


def test_copies_and_spellings_of_one_utterance_share_its_key() -> None:
    rows = [line("hi", "Raise Limit", parent="Cards"), line("hi", "RAISE LIMIT", parent="cards")]
    first, second = read(raw(*rows)).utterances
    assert first.key == second.key == utterance_key("hi", ("raise limit",), "CARDS")
    first, _, last = read(raw(line(), line("b"), line())).utterances
    assert (first.key, first.row, last.row) == (last.key, 2, 4)


@pytest.mark.parametrize(("before", "place"), [
    (b"", "row 1, column 1"), (b"a,b", "row 1, column 2"), (b'a,"b', "row 1, column 2"),
    (b'a,"b"', "row 1, column 2"), (b'"a\nb"\n', "row 2, column 1"), (b'a\r\n\r\n"b\n', "row 3, column 1"),
    (b"a\nb,", "row 2, column 2"), (b"Utterance;Result Type\na;b", "row 2, column 2"),
    (b"Utterance\tResult Type\na\tb\t", "row 2, column 3"), (b"," * 10_000, "row 1"),
])  # fmt: skip
@pytest.mark.parametrize("mark", [b"", BOM], ids=["no mark", "mark"])
def test_bytes_that_are_not_utf8_are_reported_by_row_and_column(before: bytes, place: str, mark: bytes) -> None:
    origin = "a spreadsheet may have saved the file as Windows-1252, or the file is damaged"
    mend = "use the file as it was downloaded, or download it again"
    assert problem(mark + before + b"\xfc,c\nd\n") == f"{place} holds bytes that are not UTF-8 ({origin}): {mend}"


@pytest.mark.parametrize("mark", [b"", BOM], ids=["no mark", "mark"])
@pytest.mark.parametrize("shift", range(4))
def test_large_file_is_checked_to_its_end(shift: int, mark: bytes) -> None:
    before = mark + b"x" * shift + "😀\n".encode() * 50_000
    assert problem(before + b"\xff\n").startswith("row 50001, column 1 holds bytes that are not UTF-8")
    assert problem(before + "😀".encode()[:3]).startswith("row 50001, column 1 holds bytes that are not UTF-8")
    assert problem(before).startswith("no column row found: none of 1000 rows")
    assert problem(mark + b" " * 100_000 + b"<html>").startswith("the download is a web page")


def cuts(data: bytes) -> list[ResultsFile]:
    """Cut ``data`` at every byte, and return the files that are still readable but lost something."""
    whole = read(data)
    beginnings = [parse(data[:length]) for length in range(len(data))]
    return [
        file
        for file in beginnings
        if isinstance(file, ResultsFile) and (file.reported, file.utterances) != (whole.reported, whole.utterances)
    ]


@pytest.mark.parametrize("data", [
    pytest.param(MEASURED, id="measured"),
    pytest.param(BOM + MEASURED.replace(b"\r\n", b"\n"), id="with a mark and LF"),
    pytest.param(
        raw(line(entity=MONDAY), further(*TURIN), line("b"), top=[("Utterance count:", "2")]),
        id="with a further entity",
    ),
])  # fmt: skip
def test_cut_at_any_byte_is_a_problem_or_lowers_the_number_of_cases(data: bytes) -> None:
    understood = cuts(data)
    assert understood
    for file in understood:
        assert len(file.utterances) < (file.reported.counts.utterances or 0)


def test_cut_within_a_result_type_is_no_other_type() -> None:
    for cell in ("TP", "TN", "FP", "FN", "True Positive", "False Negative"):
        data = text([COLUMNS[:4], ("hi", "A", "a", cell)], quoting=csv.QUOTE_MINIMAL).encode().rstrip()
        for file in cuts(data):
            known = [case for case in file.utterances if case.passed or case.is_mismatch]
            assert known == []


def test_file_without_its_last_line_end_is_complete() -> None:
    for lost in (1, 2):
        cut, whole = read(MEASURED[:-lost]), read(MEASURED)
        assert (cut.reported, cut.utterances) == (whole.reported, whole.utterances)


def test_cut_that_leaves_enough_rows_lowers_the_number_of_entities() -> None:
    for file in cuts(DOCUMENTED):
        counts = file.reported.counts
        entities = sum(case.entities for case in file.utterances)
        assert len(file.utterances) < (counts.utterances or 0) or entities < (counts.entities or 0)


CELLS = st.text(st.characters(exclude_categories=["Cs"]))


@given(data=st.binary())
def test_any_bytes_are_an_unreadable_file(data: bytes) -> None:
    assert isinstance(parse(data), UnreadableFile)


@given(data=st.binary(), at=st.integers(0, len(MEASURED)), lost=st.integers(0, 40))
def test_any_damage_is_read_or_refused(data: bytes, at: int, lost: int) -> None:
    damaged = MEASURED[:at] + data + MEASURED[at + lost :]
    assert isinstance(parse(damaged), ResultsFile | UnreadableFile)


@given(utterances=st.lists(CELLS.filter(str.strip), max_size=5), note=CELLS)
def test_any_text_survives(utterances: list[str], note: str) -> None:
    rows = [line(utterance, note=note) for utterance in utterances]
    cases = read(raw(*rows, top=[("Notes:", note)])).utterances
    assert [case.text for case in cases] == utterances


@given(intent=CELLS.filter(lambda cell: cell.strip() and "|" not in cell and cell.strip().casefold() != "none"))
def test_any_intent_survives_without_its_margins(intent: str) -> None:
    case = one(line("hi", intent, intent, parent=intent))
    assert (case.expected, case.matched, case.parent_intent) == ((intent.strip(),), (intent.strip(),), intent.strip())


def test_no_message_quotes_the_file() -> None:
    for data in (
        raw((SECRET, SECRET)),
        raw((SECRET,) * 12),
        raw(line("", SECRET)),
        raw(line(SECRET), line("", SECRET, note=SECRET)),
        raw(columns=("Utterance", SECRET)),
        raw(columns=(*COLUMNS, SECRET, "Utterance")),
        raw(line(SECRET), top=[(SECRET, SECRET)], columns=(SECRET, SECRET)),
        raw(line(SECRET)) + f'"{SECRET}"{SECRET}'.encode(),
        raw(line(SECRET)) + f'"{SECRET}'.encode(),
        raw(line(SECRET)) + SECRET.encode() + b"\xff",
        f"<p>{SECRET}".encode(),
        f'{{"{SECRET}": 1}}'.encode(),
    ):
        assert SECRET not in problem(data)
    doubts = top_of(("Utterance count:", SECRET), ("Utterance count:", f"{SECRET}!")).doubts
    assert len(doubts) == 2
    assert not any(SECRET in doubt for doubt in doubts)


def test_every_problem_starts_in_lower_case() -> None:
    for data in (b"", HTML, b"{}", b"\xff", b"\xff\xfe", b"a", b'"', raw(("x",)), raw(columns=("Utterance", "x"))):
        assert problem(data)[0].islower()
