"""Results files: what is understood, and how a file that is not says where it broke."""

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
    from collections.abc import Sequence

DATA = Path(__file__).parent / "data"
MEASURED = (DATA / "measured.csv").read_bytes()
DOCUMENTED = (DATA / "documented.csv").read_bytes()
HTML = b"\r\n<!DOCTYPE html><html><body>Sign in, please</body></html>"
SECRET = "my secret diary"

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
    """One row of results under ``COLUMNS``."""
    return (utterance, expected, matched, result, parent, *entity, note)


def further(name: str, value: str, result: str = "True", parent: str = "") -> tuple[str, ...]:
    """One row that only adds an entity to the case before."""
    return line("", "", "", "", parent, (name, value, result))


def text(
    rows: Sequence[Sequence[str]], *, end: str = "\r\n", quoting: int = csv.QUOTE_ALL, separator: str = ","
) -> str:
    """Write rows as the platform does, unless told otherwise."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return file.getvalue()


def raw(*rows: Sequence[str], top: Sequence[Sequence[str]] = (), columns: Sequence[str] = COLUMNS) -> bytes:
    """A results file of a top block, a column row and rows of results."""
    return text((*top, columns, *rows)).encode()


def read(data: bytes) -> ResultsFile:
    """Parse a file that must be understood."""
    parsed = parse(data)
    assert isinstance(parsed, ResultsFile), parsed
    assert parsed.raw is data
    return parsed


def problem(data: bytes, max_rows: int = MAX_ROWS) -> str:
    """Parse a file that must not be understood, and give what is said of it."""
    parsed = parse(data, max_rows=max_rows)
    assert isinstance(parsed, UnreadableFile), parsed
    assert parsed.raw is data
    return parsed.problem


def one(*rows: Sequence[str]) -> Utterance:
    """Parse a file that must hold exactly one case."""
    (case,) = read(raw(*rows)).utterances
    return case


def test_the_measured_form_is_read_whole() -> None:
    """Every field quoted, CRLF, and a note of several lines."""
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


def test_the_documented_form_is_read_whole() -> None:
    """A byte order mark, LF, the documents' spellings, words for types and two entities of one case."""
    file = read(DOCUMENTED)
    assert file.reported.counts == Counts(utterances=5, entities=3, matched_entities=2)
    assert [(case.row, case.result_type.value, case.expected, case.entities) for case in file.utterances] == [
        (7, "TP", ("Pay Someone",), 2),
        (9, "TP", ("Opening Hours", "Find Branch"), 0),
        (10, "FN", ("trait: Loud||Upset",), 0),
        (11, "TN", (), 0),
        (12, "FP", ("Raise Limit",), 1),
    ]
    assert (file.utterances[0].parent_intent, file.utterances[0].matched_entities) == ("Payments||Domestic", 1)
    assert [case.row for case in file.row_by_row or ()] == [*range(7, 13)]


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["no mark", "mark"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL], ids=["all quoted", "few quoted"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_marks_line_ends_and_quoting_make_no_difference(end: str, quoting: int, mark: bytes) -> None:
    """The same rows give the same cases however they are written."""
    rows = [("Notes:", "two\nlines\r\n"), COLUMNS, line("a, b"), line('say "ah"\nor "oh"')]
    file = read(mark + text(rows, end=end, quoting=quoting).encode())
    assert [(case.text, case.row) for case in file.utterances] == [("a, b", 3), ('say "ah"\nor "oh"', 4)]


def test_line_ends_may_be_mixed() -> None:
    """A file that was joined of two."""
    data = text([COLUMNS, line("a")], end="\n") + text([line("b")]) + text([line("c")], end="\n").rstrip()
    assert [case.text for case in read(data.encode()).utterances] == ["a", "b", "c"]


@pytest.mark.parametrize("length", range(10))
def test_any_number_of_rows_may_stand_there(length: int) -> None:
    """Ragged, blank, unknown and in any order; row numbers count them all."""
    top = [
        (), ("Bot Name:", "Harbour Bank"), ("",), ("Threshold Setting", "Mode", "isActive"), ("", "ml", "true"),
        ("Utterance count:", "1"), ("Report name",), ("Favourite colour:", "blue", "green", "red"),
        ("Run Type:", "published"),
    ]  # fmt: skip
    (case,) = read(raw(line(), top=top[:length])).utterances
    assert case.row == min(length, 9) + 2


@pytest.mark.parametrize("key", ["Utterance count:", "UTTERANCE COUNT", "utterance_count", " Utterance-Count : "])
def test_keys_are_compared_by_letters_and_digits(key: str) -> None:
    """Utterance, blanks and punctuation make no difference."""
    assert read(raw(top=[(key, " 12 ", "")])).reported.counts.utterances == 12


def test_what_is_not_said_is_not_known() -> None:
    """Rows that are missing, empty, or without a value."""
    top = [("Report name:", " "), ("F1 Score:", ""), ("Utterance count:",), ("Precision:", "0.50")]
    assert read(raw(top=top)).reported == Reported(scores={Metric.PRECISION: "0.50"})


def test_scores_are_kept_as_they_are_written() -> None:
    """Whether they make sense is for others to judge."""
    assert read(raw(top=[("Recall:", " NaN ")])).reported.scores == {Metric.RECALL: "NaN"}


@pytest.mark.parametrize("value", ["-1", "1.0", "1,000", "1e3", "many", "1234567890", "٣", "+2"])
@pytest.mark.parametrize("key", ["Utterance count", "Total Entities Count", "Matched Entities Count"])
def test_a_count_that_is_no_whole_number_is_a_doubt(key: str, value: str) -> None:
    """The doubt names row and key, and the count is not known."""
    reported = read(raw(top=[(), (f"{key}:", value)])).reported
    assert reported.counts == Counts()
    assert reported.doubts == (f"the results file gives no whole number for '{key}' (row 2)",)


@pytest.mark.parametrize("value", ["0", "007", "999999999"])
def test_a_plain_whole_number_is_a_count(value: str) -> None:
    """Up to nine digits."""
    reported = read(raw(top=[("Utterance count:", value)])).reported
    assert (reported.counts.utterances, reported.doubts) == (int(value), ())


def test_a_key_with_several_values_is_a_doubt() -> None:
    """The first value stands."""
    reported = read(raw(top=[("Recall:", "0.5"), ("recall", "0.6"), ("Recall:", "0.6")])).reported
    assert reported.scores == {Metric.RECALL: "0.5"}
    assert reported.doubts == ("the results file gives several values for 'Recall' (first in row 1)",)


def test_a_key_that_repeats_itself_is_no_doubt() -> None:
    """The same value again, or none."""
    reported = read(raw(top=[("Recall:", ""), ("Recall:", "0.5"), ("Recall:", " 0.5"), ("Recall:", "")])).reported
    assert (reported.scores, reported.doubts) == ({Metric.RECALL: "0.5"}, ())


def test_the_bot_and_the_share_of_what_worked_are_read() -> None:
    """By their names, and no other ratio."""
    top = [
        ("Bot Name:", " Harbour Bank "),
        ("Success / Failure Ratio:", "87.30"),
        ("Entities Success / Failure Ration:", "59.23"),
    ]
    reported = read(raw(top=top)).reported
    assert (reported.bot_name, reported.success_ratio) == ("Harbour Bank", "87.30")


def test_no_statement_holds_a_secret() -> None:
    """Reports repeat them as they are."""
    reported = read(raw(top=[("Report name:", "see https://h/f.csv?s=1"), ("Bot Name:", "eyJhbGciOiJ.IUzI1")])).reported
    assert (reported.suite, reported.bot_name) == ("see https://h/f.csv", "(a token)")


@pytest.mark.parametrize(("cell", "ratio"), [
    ("87.30", "87.30"), ("87.30%", "87.30"), (" 87.3 % ", "87.3"), ("87,30", "87,30"), ("NaN", "NaN"), ("%", None),
])  # fmt: skip
def test_a_ratio_is_kept_as_it_is_written_but_for_its_sign(cell: str, ratio: str | None) -> None:
    """Whether it makes sense is for others to judge."""
    assert read(raw(top=[("Success / Failure Ratio:", cell)])).reported.success_ratio == ratio


def test_statements_below_the_columns_are_rows_of_results() -> None:
    """A case may be about anything."""
    file = read(raw(line("Utterance count:", "7")))
    assert (file.reported, file.utterances[0].text) == (Reported(), "Utterance count:")


@pytest.mark.parametrize(("data", "name"), [
    pytest.param(MEASURED, "counter", id="said"),
    pytest.param(raw(line()), None, id="not said"),
    pytest.param(raw(("x",), top=[("Report name:", "tills")]), "tills", id="said above broken rows"),
    pytest.param(raw(columns=("Tills",), top=[("Report name:", "tills")]), None, id="without columns"),
    pytest.param(HTML, None, id="a web page"),
    pytest.param(b"", None, id="empty"),
])  # fmt: skip
def test_it_is_told_where_the_top_block_is_understood(data: bytes, name: str | None) -> None:
    """The rows of results need not be."""
    assert report_name(data) == name


@pytest.mark.parametrize("names", [
    ("Utterance", "ExpectedIntent", "MatchedIntent", "ResultType", "EntityName", "Entity Result"),
    ("Utterances", "Expected Intent", "Matched Intent", "Result Type", "Entity Name", "Entity Results"),
    ("utterance", "expected_intent", "matched_intent", "result_type", "entity_name", "entity_result"),
    ("UTTERANCES:", "Expected Intents", "Matched Intents", "Result-Type", "Entity Names", "EntityResult"),
])  # fmt: skip
def test_every_known_spelling_is_accepted(names: tuple[str, ...]) -> None:
    """As measured, as documented, and what tools make of them."""
    (case,) = read(raw(("hi", "A", "b", "FP", "Day", "TRUE"), columns=names)).utterances
    assert (case.expected, case.matched, case.result_type) == (("A",), ("b",), ResultType.FP)
    assert (case.entities, case.matched_entities) == (1, 1)


def test_columns_are_found_by_name() -> None:
    """Their order and columns that nobody knows make no difference."""
    columns = ("Utterance", "Result Type", "Elimination Info", "Matched Intent's Score", *COLUMNS[1:3])
    (case,) = read(raw(("hi", "FN", "noWordMatch", "ML: 1", "A", "None"), columns=columns)).utterances
    assert (case.expected, case.matched, case.result_type) == (("A",), (), ResultType.FN)
    assert (case.parent_intent, case.entities) == (None, 0)


def test_a_file_without_a_column_row_says_so() -> None:
    """A top block alone, though one of its keys begins alike, and the bare word."""
    data = text([("Utterance count:", "1"), ("Utterance",), ("", "Utterance")]).encode()
    assert problem(data) == ("no column row found: none of 3 rows starts with 'Utterance'; is it a results file?")


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL], ids=["all quoted", "few quoted"])
@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs")])
@pytest.mark.parametrize("columns", [COLUMNS, ("Utterances", "Expected, or not", "Result Type")])
def test_cells_that_are_separated_by_something_else_say_so(
    columns: Sequence[str], separator: str, name: str, quoting: int, end: str
) -> None:
    """With the row that names the columns, lines within a note aside."""
    top = [("Bot Name:", "x"), ("Notes:", 'two\nlines, "or" so'), (), ("Utterance count:", "1")]
    data = text([*top, columns, line()], separator=separator, quoting=quoting, end=end).encode()
    assert problem(data) == (
        f"the file's cells are separated by {name}, not by commas (row 5, from column 1 on, names the columns): "
        "use the file as it was downloaded"
    )


def test_a_top_block_with_commas_above_other_columns_changes_nothing() -> None:
    """Somebody pasted the one above the other."""
    data = text([("Bot Name:", "x"), ("Run Type:", "y")]) + text([COLUMNS, line()], separator=";")
    assert "separated by semicolons, not by commas (row 3, " in problem(codecs.BOM_UTF8 + data.encode())


@pytest.mark.parametrize("data", [
    pytest.param(b"Utterance; by the way\n", id="a note"),
    pytest.param(b"Utterance;\n", id="one cell"),
    pytest.param(b"Utterances are\there\n", id="another word"),
    pytest.param(b"a\n" * 1000 + b"Utterance;Result Type\n", id="too far down"),
    pytest.param(b"a" * 200_000 + b"\nUtterance;Result Type\n", id="after a cell of monstrous size"),
    pytest.param(b";" * 10_000 + b"\nUtterance;Result Type\n", id="after too many cells"),
])  # fmt: skip
def test_a_word_alone_is_no_column_row_of_another_kind(data: bytes) -> None:
    """What was found first stands."""
    assert "separated" not in problem(data)


def test_a_line_of_more_cells_than_any_report_has_says_nothing_of_another_separator() -> None:
    """One of the others may still fit."""
    assert "separated by tabs" in problem(b";" * 10_000 + b"\nUtterance\tResult Type\n")


def test_semicolons_in_a_file_with_commas_are_text() -> None:
    """Even where its rows begin like columns."""
    note = "Utterance;ExpectedIntent"
    file = read(raw(line(note), columns=(*COLUMNS[:-1], note), top=[(note, note)]))
    assert [(case.text, case.row) for case in file.utterances] == [(note, 3)]


def test_all_missing_columns_are_named() -> None:
    """With the row that lacks them."""
    columns = ("Utterance", "Expected", "MatchedIntent", "Matched Intent's Score")
    assert problem(raw(columns=columns, top=[("Bot Name:", "x")])) == (
        "row 2 does not name ExpectedIntent, ResultType: is it a results file?"
    )


@pytest.mark.parametrize("name", COLUMNS[:-1])
def test_a_column_that_is_named_twice_is_refused(name: str) -> None:
    """Nothing tells which of the two holds."""
    message = f"row 1 names the column {name} twice: remove one of them"
    assert problem(raw(columns=(*COLUMNS, name.upper()))) == message


def test_other_columns_may_repeat() -> None:
    """They are not read."""
    assert one(line()) == read(raw((*line(), ""), columns=(*COLUMNS, "Notes"))).utterances[0]


@pytest.mark.parametrize(
    ("cells", "where"), [(1, "1 of 9 (Utterance)"), (3, "3 of 9 (MatchedIntent)"), (8, "8 of 9 (Entity Result)")]
)
def test_a_row_that_ends_early_is_refused(cells: int, where: str) -> None:
    """The column is named where its name is ours to know."""
    message = f"row 3 ends after column {where}: the file seems to be cut off; download it again"
    assert problem(raw(line(), line()[:cells])) == message


def test_a_row_that_ends_early_after_an_unknown_column_does_not_name_it() -> None:
    """The name is not ours."""
    columns = ("Utterance", SECRET, *COLUMNS[1:4])
    assert "ends after column 2 of 5: " in problem(raw(("hi", "x"), columns=columns))


def test_a_few_blank_cells_are_a_row_that_ends_early() -> None:
    """So begins a further entity that was cut off."""
    assert "row 3 ends after column 2 of 9" in problem(raw(line(), ("", "")))


def test_a_row_with_more_than_is_named_is_refused() -> None:
    """Something in it is out of place."""
    message = "row 2 has 11 cells, but 9 columns are named: download the file again"
    assert problem(raw((*line(), "", "x"))) == message


def test_padding_beyond_the_columns_is_accepted() -> None:
    """A spreadsheet makes all rows equally long."""
    assert one((*line(), "", " ")) == one(line())
    padded = read(raw((*line(), "", ""), line("b"), columns=(*COLUMNS, "", " ")))
    assert [case.row for case in padded.utterances] == [2, 3]


@pytest.mark.parametrize("blank", [(), ("",), (" ",), ("",) * 9, ("",) * 12])
def test_blank_rows_are_skipped_and_counted(blank: tuple[str, ...]) -> None:
    """Row numbers are those of a spreadsheet; rows beside a blank one are still adjacent."""
    first, second = line(entity=("Day", "Monday", "True")), line(entity=("City", "Turin", "True"))
    file = read(raw(blank, first, blank, second, line("b"), blank))
    assert [(case.row, case.entities) for case in file.utterances] == [(3, 2), (6, 0)]


def test_the_limit_of_rows_is_kept() -> None:
    """So many are read; one more is refused with the name of the setting."""
    assert len(read(raw(*[line()] * 3)).utterances) == 3
    assert isinstance(parse(raw(*[line()] * 3, ()), max_rows=3), ResultsFile)
    message = "row 5 exceeds the limit of 3 rows of results: raise --max-file-rows"
    assert problem(raw(*[line()] * 4), max_rows=3) == message


def test_twenty_thousand_rows_are_read_by_default() -> None:
    """The documented limit."""
    assert MAX_ROWS == 20_000
    assert len(read(raw(*[line()] * 20_000)).utterances) == 20_000
    assert "limit of 20000 rows" in problem(raw(*[line()] * 20_001))


@pytest.mark.parametrize(("cell", "intents"), [
    ("Order Pin", ("Order Pin",)),
    ("  Order Pin ", ("Order Pin",)),
    ("A | B", ("A", "B")),
    ("A|B | C", ("A", "B", "C")),
    ("A | ", ("A",)),
    ("trait: Loud||Calm", ("trait: Loud||Calm",)),
    ("trait: Loud || Calm | B", ("trait: Loud || Calm", "B")),
    ("None", ()),
    ("none", ()),
    (" NONE ", ()),
    ("", ()),
    (" | ", ()),
    ("A | None", ("A", "None")),
    ("None of these", ("None of these",)),
])  # fmt: skip
def test_intents_are_split_at_single_bars(cell: str, intents: tuple[str, ...]) -> None:
    """A double bar is no bar, and "none" alone is no intent."""
    case = one(line("hi", cell, cell))
    assert (case.expected, case.matched) == (intents, intents)
    assert case.key == utterance_key("hi", intents, None)


@pytest.mark.parametrize(
    ("cell", "parent"), [("None", None), ("none", None), ("", None), (" ", None), (" A >> B ", "A >> B")]
)
def test_the_parent_intent_may_be_missing(cell: str, parent: str | None) -> None:
    """Chains are kept whole; the parent is part of the case's name."""
    case = one(line("hi", parent=cell))
    assert (case.parent_intent, case.key) == (parent, utterance_key("hi", ("Order Pin",), parent))


@pytest.mark.parametrize(("cell", "result_type"), [
    ("TP", ResultType.TP), ("tn", ResultType.TN), (" FP ", ResultType.FP), ("FN", ResultType.FN),
    ("True Positive", ResultType.TP), ("TrueNegative", ResultType.TN), ("false_positive", ResultType.FP),
    ("FALSE NEGATIVE", ResultType.FN), ("", ResultType.NOT_EVALUATED), (" ", ResultType.NOT_EVALUATED),
    ("None", ResultType.UNKNOWN), ("-", ResultType.UNKNOWN), ("TPP", ResultType.UNKNOWN),
    ("unknown", ResultType.UNKNOWN),
])  # fmt: skip
def test_result_types_are_letters_or_words(cell: str, result_type: ResultType) -> None:
    """An empty one was not evaluated; any other word is not known."""
    assert one(line(result=cell)).result_type is result_type


@pytest.mark.parametrize(("entity", "counts"), [
    (("Day", "Monday", "True"), (1, 1)), (("Day", "", "TRUE"), (1, 1)), (("Day", "Monday", "False"), (1, 0)),
    (("Day", "Monday", ""), (1, 0)), (("Day", "Monday", " "), (1, 0)), (("Day", "Monday", "None"), (1, 0)),
    (("Day", "Monday", " false."), (1, 0)), (("", "Monday", "WAHR"), (0, 0)), (("", "Monday", "True"), (0, 0)),
    ((" ", "", ""), (0, 0)),
])  # fmt: skip
def test_an_entity_is_what_has_a_name(entity: tuple[str, str, str], counts: tuple[int, int]) -> None:
    """It matched when its result is true."""
    case = one(line(entity=entity))
    assert (case.entities, case.matched_entities) == counts


@pytest.mark.parametrize(("cell", "quoted"), [
    ("WAHR", "WAHR"),
    (" falsch ", "falsch"),
    ("yes", "yes"),
    ("1", "1"),
    ("Trueish", "Trueish"),
    ("::error::\x1b[31m\nred", "::error:: [31m red"),
    ("x" * 20, "x" * 20),
    ("x" * 21, "x" * 20 + "…"),
    ("please do not tell anybody else of this", "please do not tell a…"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2lnbmF0dXJl", "(a token)"),
])  # fmt: skip
@pytest.mark.parametrize("is_further", [False, True])
def test_a_word_for_the_result_of_an_entity_that_nobody_knows_is_named(
    cell: str, quoted: str, is_further: bool
) -> None:
    """With its row and column; no more of it is shown than a word takes."""
    entity = ("Day", "Monday", cell)
    rows = (line(), further(*entity)) if is_further else (line("b"), line(entity=entity))
    assert problem(raw(*rows)) == (
        f"row 3, column 8 (Entity Result) holds '{quoted}', which is neither True nor False "
        "(a spreadsheet writes them in its own language): use the file as it was downloaded"
    )


def test_a_file_without_results_of_entities_has_none_that_matched() -> None:
    """The column may be missing."""
    (case,) = read(raw(line(entity=("Day", "Monday", ""))[:6], columns=COLUMNS[:6])).utterances
    assert (case.entities, case.matched_entities) == (1, 0)


def test_they_belong_to_the_case_before() -> None:
    """There is no other reading of them; the case keeps the row where it starts."""
    rows = [
        line(entity=("Day", "Monday", "True")),
        further("City", "Turin", "False"),
        further("City", "Turin", parent="None"),
        line("b"),
        further("Day", "Friday"),
    ]
    file = read(raw(*rows))
    assert [(case.row, case.entities, case.matched_entities) for case in file.utterances] == [(2, 3, 2), (5, 1, 1)]
    assert file.row_by_row is None


def test_they_belong_to_the_row_before_where_that_is_a_case_of_its_own() -> None:
    """A case of several rows, each with further ones."""
    rows = [
        line(entity=("Day", "Monday", "True")),
        further("City", "Turin", "False"),
        line(entity=("Price", "9", "True")),
        further("Seat", "4", "True"),
        further("Meal", "none", "True"),
    ]
    file = read(raw(*rows))
    assert [(case.row, case.entities, case.matched_entities) for case in file.utterances] == [(2, 5, 4)]
    apart = [(case.row, case.entities, case.matched_entities) for case in file.row_by_row or ()]
    assert apart == [(2, 2, 1), (4, 3, 3)]


@pytest.mark.parametrize("row", [
    line("", "", "", "", note="x"),
    line(" ", "", "", "", parent="Payments"),
    line("", "", "", "", entity=("", "Monday", "True")),
    line("", "Order Pin", "", "", entity=("Day", "Monday", "True")),
    line("", "", "None", "", entity=("Day", "Monday", "True")),
    line("", "", "", "TP", entity=("Day", "Monday", "True")),
])  # fmt: skip
def test_other_rows_without_an_utterance_are_refused(row: tuple[str, ...]) -> None:
    """Nothing tells what they mean."""
    message = "row 3 has nothing in column 1 (Utterance) and adds no entity to a row before"
    assert problem(raw(line(), row)) == message


def test_one_without_a_case_before_is_refused() -> None:
    """Its case seems to be lost."""
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
def test_rows_are_one_case_where_each_names_another_entity(rows: Sequence[Sequence[str]], starts: list[int]) -> None:
    """And a case each in the other reading; neither loses an entity."""
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
    pytest.param((line(), line()), id="no entities"),
    pytest.param((line(), line(entity=MONDAY)), id="none before"),
    pytest.param((line(entity=MONDAY), line()), id="none after"),
    pytest.param((line(entity=MONDAY), further(*TURIN), line(entity=TURIN)), id="a further row's entity"),
    pytest.param((line(), further(*MONDAY), line(entity=TURIN)), id="none but a further row's before"),
    pytest.param((line(entity=MONDAY), line("b"), line(entity=TURIN)), id="apart"),
    pytest.param((line(entity=MONDAY), line("order a pin!", entity=TURIN)), id="another utterance"),
    pytest.param((line(entity=MONDAY), line(expected="Order Card", entity=TURIN)), id="another expected"),
    pytest.param((line(entity=MONDAY), line(matched="None", entity=TURIN)), id="another matched"),
    pytest.param((line(entity=MONDAY), line(result="FN", entity=TURIN)), id="another result type"),
    pytest.param((line(entity=MONDAY), line(parent="Cards", entity=TURIN)), id="another parent"),
    pytest.param((), id="no rows"),
])  # fmt: skip
def test_other_rows_are_copies_in_the_only_reading(rows: Sequence[Sequence[str]]) -> None:
    """Whatever the file counts."""
    for count in range(4):
        file = read(raw(*rows, top=[("Utterance count:", str(count))]))
        starts = [number for number, row in enumerate(rows, start=3) if row[0]]
        assert ([case.row for case in file.utterances], file.row_by_row) == (starts, None)


def test_the_count_of_the_top_block_decides_nothing() -> None:
    """Which reading is possible is for others to judge."""
    for count in range(4):
        file = read(raw(*TWO_ENTITIES, line("b"), top=[("Utterance count:", str(count))]))
        assert (len(file.utterances), len(file.row_by_row or ())) == (2, 3)


def test_a_case_that_is_the_same_in_both_readings_is_one_object() -> None:
    """There may be twenty thousand; of the others, all that is said is held once."""
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


def test_what_is_matched_is_written_as_the_suite_writes_it() -> None:
    """Also where that comes later, and in each reading."""
    file = read(raw(line(matched="raise  limit"), *TWO_ENTITIES, line("c", "Raise Limit", "ORDER PIN | raise limit")))
    assert [case.matched for case in file.utterances] == [
        ("Raise Limit",),
        ("Order Pin",),
        ("Order Pin", "Raise Limit"),
    ]
    assert [case.matched for case in (file.row_by_row or ())[1:3]] == [("Order Pin",)] * 2


@pytest.mark.parametrize("turned", [False, True])
def test_the_more_frequent_spelling_of_the_suite_is_taken(turned: bool) -> None:
    """Whatever the order of the rows; letters that are composed otherwise are the same."""
    spellings = ["Café Hours", "Café Hours", "cafe\u0301 hours", "CAFÉ HOURS"]
    rows = [line(str(number), name) for number, name in enumerate(spellings)]
    cases = read(raw(*(rows[::-1] if turned else rows))).utterances
    assert [case.expected for case in cases] == [("Café Hours",)] * 4


def test_what_the_suite_never_expects_is_written_as_matched() -> None:
    """In one way too."""
    matched = ("Book>>Flight", "book || flight", "Book>>Flight")
    cases = read(raw(*(line(str(number), "none", name, "FP") for number, name in enumerate(matched)))).utterances
    assert [case.matched for case in cases] == [("Book>>Flight",)] * 3


def test_the_spelling_makes_no_difference_to_the_name_of_a_case() -> None:
    """Nor does another suite's."""
    rows = [line("hi", "Raise Limit", parent="Cards"), line("hi", "RAISE LIMIT", parent="cards")]
    first, second = read(raw(*rows)).utterances
    assert first.key == second.key == utterance_key("hi", ("raise limit",), "CARDS")


def test_repeated_utterances_share_their_name() -> None:
    """They are the same case to whoever compares runs."""
    first, _, last = read(raw(line(), line("b"), line())).utterances
    assert (first.key, first.row, last.row) == (last.key, 2, 4)


@pytest.mark.parametrize("data", [b"", b"\r\n", b" \t\n\n", codecs.BOM_UTF8, codecs.BOM_UTF8 + b"\n"])
def test_an_empty_file_says_so(data: bytes) -> None:
    """Blank lines and a mark are nothing."""
    assert problem(data) == "the file is empty: download it again"


@pytest.mark.parametrize(
    ("data", "what"), [(HTML, "a web page"), (b"<html>", "a web page"), (b' {"errors": []}', "JSON"), (b"[]", "JSON")]
)
def test_another_kind_of_file_is_named(data: bytes, what: str) -> None:
    """A sign-in page, or an error reply."""
    assert problem(data) == f"the download is {what}, not a results file: its link may have expired"


@pytest.mark.parametrize("start", sorted({*string.printable} - {*string.whitespace, *'"<[{'}))
def test_text_that_begins_otherwise_is_asked_for_its_columns(start: str) -> None:
    """Only a bracket gives another kind of file away."""
    assert problem(start.encode()).startswith("no column row found: none of 1 rows")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_another_encoding_is_named(encoding: str) -> None:
    """Known by its byte order mark, or by the bytes that its first letter takes."""
    for mark in ("\ufeff", ""):
        assert problem((mark + MEASURED.decode()).encode(encoding)) == (
            "the file is UTF-16 or UTF-32, not UTF-8, from row 1, column 1 on: use the file as it was downloaded"
        )


@pytest.mark.parametrize(("before", "place"), [
    (b"", "row 1, column 1"), (b"a,b", "row 1, column 2"), (b'a,"b', "row 1, column 2"),
    (b'a,"b"', "row 1, column 2"), (b'"a\nb"\n', "row 2, column 1"), (b'a\r\n\r\n"b\n', "row 3, column 1"),
    (b"a\nb,", "row 2, column 2"), (b"Utterance;Result Type\na;b", "row 2, column 2"),
    (b"Utterance\tResult Type\na\tb\t", "row 2, column 3"), (b"," * 10_000, "row 1"),
])  # fmt: skip
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["no mark", "mark"])
def test_bytes_that_are_not_utf8_are_found_by_row_and_column(before: bytes, place: str, mark: bytes) -> None:
    """Rows are counted up to the byte, quoted line ends aside; a German spreadsheet writes semicolons besides."""
    origin = "a spreadsheet saves such, as Windows-1252, or the file is damaged"
    mend = "use the file as it was downloaded, or download it again"
    assert problem(mark + before + b"\xfc,c\nd\n") == f"{place} holds bytes that are not UTF-8 ({origin}): {mend}"


def test_a_file_that_ends_within_a_character_seems_to_be_cut_off() -> None:
    said = problem(b"a,b\nc,d" + "ü".encode()[:1])
    assert said == ("row 2, column 2 holds bytes that are not UTF-8: the file seems to be cut off; download it again")


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["no mark", "mark"])
@pytest.mark.parametrize("shift", range(4))
def test_a_large_file_is_checked_to_its_end(shift: int, mark: bytes) -> None:
    """Wherever the pieces in which that is done begin and end."""
    before = mark + b"x" * shift + "😀\n".encode() * 50_000
    assert problem(before + b"\xff\n").startswith("row 50001, column 1 holds bytes that are not UTF-8")
    assert problem(before + "😀".encode()[:3]).startswith("row 50001, column 1 holds bytes that are not UTF-8")
    assert problem(before).startswith("no column row found: none of 1000 rows")
    assert problem(mark + b" " * 100_000 + b"<html>").startswith("the download is a web page")


def test_a_mark_is_one_at_the_very_beginning_alone() -> None:
    """After blanks that fill a piece it is a character like any other."""
    assert problem(b" " * 2**16 + codecs.BOM_UTF8).startswith("no column row found: none of 1 rows")


@pytest.mark.parametrize(
    ("tail", "row"), [('"Notes:","never', 1), ('"a","b"\n\n"c","d\n\n"', 3), (raw(line()).decode() + '"x', 3)]
)
def test_a_quote_that_is_never_closed_is_found_by_row(tail: str, row: int) -> None:
    """The row is where its record starts, not where the file ends."""
    # A doubled quote is one in the value, so the second of these stays open as well.
    data = tail.replace('d\n\n"', 'd\n\n""').encode()
    assert problem(data) == (
        f"row {row} opens a quote that is never closed: the file seems to be cut off; download it again"
    )


def test_a_quote_out_of_place_is_found_by_row() -> None:
    """Text after a closing quote."""
    found = problem(raw(line()) + b'"order" a pin,b,c\n')
    assert found.startswith("row 3 is not valid CSV (")
    assert "order" not in found


def test_a_cell_of_monstrous_size_is_found_by_row() -> None:
    """More than the reader takes."""
    words = "row 2 holds a cell of more than 131072 characters, the most that is read"
    assert problem(raw(line("x" * 200_000))).startswith(words)


def test_a_line_of_more_cells_than_any_report_has_is_found_by_row() -> None:
    """Of sixteen megabytes of commas a list of ten times their size would be made."""
    assert problem(b"a,b\n" + 10_000 * b"," + b"\n") == "row 2 is not valid CSV (more than 10000 cells)"
    assert problem(9_999 * b"," + b"\n").startswith("no column row found")


def cuts(data: bytes) -> list[ResultsFile]:
    """Cut a file at every byte and give what is understood nonetheless, where anything that is read was lost."""
    whole = read(data)
    beginnings = [parse(data[:length]) for length in range(len(data))]
    return [
        file
        for file in beginnings
        if isinstance(file, ResultsFile) and (file.reported, file.utterances) != (whole.reported, whole.utterances)
    ]


@pytest.mark.parametrize("data", [
    pytest.param(MEASURED, id="measured"),
    pytest.param(codecs.BOM_UTF8 + MEASURED.replace(b"\r\n", b"\n"), id="with a mark and LF"),
    pytest.param(
        raw(line(entity=MONDAY), further(*TURIN), line("b"), top=[("Utterance count:", "2")]),
        id="with a further entity",
    ),
])  # fmt: skip
def test_a_cut_at_any_byte_shows(data: bytes) -> None:
    """As a problem, or as fewer cases than the file itself counts."""
    understood = cuts(data)
    assert understood
    for file in understood:
        assert len(file.utterances) < (file.reported.counts.utterances or 0)


def test_a_cut_within_the_last_column_that_is_read_is_no_pass() -> None:
    """No beginning of a result type is another one."""
    for cell in ("TP", "TN", "FP", "FN", "True Positive", "False Negative"):
        data = text([COLUMNS[:4], ("hi", "A", "a", cell)], quoting=csv.QUOTE_MINIMAL).encode().rstrip()
        for file in cuts(data):
            known = [case for case in file.utterances if case.passed or case.is_mismatch]
            assert known == []


@pytest.mark.parametrize("lost", [1, 2])
def test_without_its_last_line_end_a_file_is_still_whole(lost: int) -> None:
    """Nothing that is read was lost."""
    cut, whole = read(MEASURED[:-lost]), read(MEASURED)
    assert (cut.reported, cut.utterances) == (whole.reported, whole.utterances)


def test_a_cut_that_leaves_as_many_rows_as_there_were_cases_shows_in_the_entities() -> None:
    """Where cases have several rows, what is left may fit the count of utterances by accident."""
    for file in cuts(DOCUMENTED):
        counts = file.reported.counts
        entities = sum(case.entities for case in file.utterances)
        assert len(file.utterances) < (counts.utterances or 0) or entities < (counts.entities or 0)


CELLS = st.text(st.characters(exclude_categories=["Cs"]))


@given(data=st.binary())
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    """They are no results file."""
    assert isinstance(parse(data), UnreadableFile)


@given(data=st.binary(), at=st.integers(0, len(MEASURED)), lost=st.integers(0, 40))
def test_arbitrary_damage_never_raises(data: bytes, at: int, lost: int) -> None:
    """Bytes lost from, or put into, a file that was good."""
    damaged = MEASURED[:at] + data + MEASURED[at + lost :]
    assert isinstance(parse(damaged), ResultsFile | UnreadableFile)


@given(utterances=st.lists(CELLS.filter(str.strip), max_size=5), note=CELLS)
def test_any_text_survives(utterances: list[str], note: str) -> None:
    """Line ends, quotes, commas, control characters and NUL are data."""
    rows = [line(utterance, note=note) for utterance in utterances]
    cases = read(raw(*rows, top=[("Notes:", note)])).utterances
    assert [case.text for case in cases] == utterances


@given(intent=CELLS.filter(lambda cell: cell.strip() and "|" not in cell and cell.strip().casefold() != "none"))
def test_any_intent_survives_but_for_its_margins(intent: str) -> None:
    """So does its parent."""
    case = one(line("hi", intent, intent, parent=intent))
    assert (case.expected, case.matched, case.parent_intent) == ((intent.strip(),), (intent.strip(),), intent.strip())


@pytest.mark.parametrize("data", [
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
])  # fmt: skip
def test_no_problem_quotes_the_file(data: bytes) -> None:
    """It may be a customer's sentence."""
    assert SECRET not in problem(data)


def test_no_doubt_quotes_the_file() -> None:
    """Neither of two values, nor what should be a number."""
    doubts = read(raw(top=[("Utterance count:", SECRET), ("Utterance count:", f"{SECRET}!")])).reported.doubts
    assert len(doubts) == 2
    assert not any(SECRET in doubt for doubt in doubts)


def test_every_problem_starts_in_lower_case() -> None:
    """It is the middle of a sentence that others write."""
    for data in (b"", HTML, b"{}", b"\xff", b"\xff\xfe", b"a", b'"', raw(("x",)), raw(columns=("Utterance", "x"))):
        assert problem(data)[0].islower()


@pytest.mark.parametrize(("start", "name"), [
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a pointer of Git LFS"),
    (gzip.compress(MEASURED), "compressed by gzip"),
    (b"PK\x03\x04\x14\x00", "a zip archive"),
    (b"PK\x05\x06" + bytes(18), "a zip archive with nothing in it"),
], ids=["Git LFS", "gzip", "zip", "empty zip"])  # fmt: skip
def test_another_file_in_the_place_of_the_results_is_called_what_it_is(start: bytes, name: str) -> None:
    assert problem(start).startswith(f"the file is {name}")
