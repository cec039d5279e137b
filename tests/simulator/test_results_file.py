"""The results file: the layout of a real report, in agreement with the status."""

from __future__ import annotations

import csv
from collections import Counter
from io import StringIO
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.simulator import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.caller import Caller

    Simulate = Callable[..., Caller]

HEADER = (
    '"Utterance","ExpectedIntent","MatchedIntent","Parent Intent","TaskState","ResultType","Entity Name",'
    '"Expected EntityValue","Matched EntityValue","Entity Result","Expected Entity Order","Actual Entity Order",'
    '"EntityIdentifiedBy","entityIdentifiedUsing","entityNERConfidenceScore","Matched Intent\'s Score",'
    '"Expected Intent\'s Score"\r\n'
)
THRESHOLD_HEADER = (
    '"Threshold Setting","Mode","minThreshold","maxThreshold","exactMatchThreshold","isActive","taskMatchTolerance",'
    '"wordCoverage","suggestionsCount","pathCoverage"'
)
BREAKDOWN = (
    '"Percentage breakdown:","86.36% True Positive","9.09% True Negative","4.55% False Positive","0.00% False Negative"'
)
SUITES = ["Banking regression", "Banking smoke", "Airline regression"]
every_suite = pytest.mark.parametrize("suite", SUITES)
both_behaviours = pytest.mark.parametrize("scenario", [Scenario.PASSING, Scenario.FAILING])

Row = dict[str, str]


def report(caller: Caller, suite: str) -> tuple[str, dict[str, Any]]:
    """Return the text of the file and the result part of the status."""
    base = caller.airline if suite.startswith("Airline") else caller.bank
    result = caller.completed(suite, base=base)["result"]
    return caller.fetch(result["fileUrl"]).body.decode(), result


def rows_of(text: str) -> list[Row]:
    return list(csv.DictReader(StringIO(text[text.index(HEADER) :], newline=""), strict=True))


def cases_of(rows: list[Row]) -> list[tuple[Row, list[Row]]]:
    """Return each case with its rows; adjacent rows with entities and one utterance are one case."""
    numbered = enumerate(rows)
    groups = groupby(numbered, key=lambda item: item[1]["Utterance"] if item[1]["Entity Name"] else item[0])
    cases = [[row for _, row in group] for _, group in groups]
    return [(case[0], case) for case in cases]


def test_the_top_block_is_that_of_a_real_report(caller: Caller) -> None:
    text, _ = report(caller, "Banking smoke")
    assert text[: text.index(HEADER)].split("\r\n") == [
        '"Bot Name:","Juniper Lane Bank"', '"Report name:","Banking smoke"', '"Bot Language:","en"',
        '"Run Type:","inDevelopment"', '"Notes:","A few minutes\' worth of the bank; run on every change.\n"',
        THRESHOLD_HEADER, '"","ml","0.7","","90","true","","","",""',
        '"","faq","65","80","95","true","10","","2","50"', '"","cs","","","","true","","60","",""',
        '"","rr","","","","true","1","","",""', '"","extnlu","","","","true","","","",""',
        '"Last tested date and time:","07-01-2025 12:00:06 PM"', '"Utterance count:","44"', BREAKDOWN,
        '"Success / Failure Ratio:","95.45"', '"F1 Score:","0.97"', '"Precision:","0.95"', '"Recall:","1.00"',
        '"Total Entities Count:","12"', '"Matched Entities Count:","11"',
        '"Entities Success / Failure Ration:","91.67"', "",
    ]  # fmt: skip


@pytest.mark.parametrize(("hours", "written"), [
    (-12, "07-01-2025 12:00:06 AM"), (-3, "07-01-2025 9:00:06 AM"), (9, "07-01-2025 9:00:06 PM"),
])  # fmt: skip
def test_time_is_written_by_a_twelve_hour_clock(caller: Caller, hours: int, written: str) -> None:
    caller.clock.advance(hours * 3600)
    assert f'"Last tested date and time:","{written}"\r\n' in report(caller, "Banking smoke")[0]


@every_suite
def test_every_field_is_quoted_and_every_line_ends_alike(caller: Caller, suite: str) -> None:
    text, _ = report(caller, suite)
    assert not text.startswith("\ufeff")
    assert text.endswith('"\r\n')
    assert text.startswith('"')
    records = list(csv.reader(StringIO(text, newline=""), strict=True))
    again = StringIO(newline="")
    csv.writer(again, quoting=csv.QUOTE_ALL).writerows(records)
    assert text == again.getvalue()


@every_suite
@both_behaviours
def test_rows_and_entities_agree_with_the_status(simulate: Simulate, suite: str, scenario: Scenario) -> None:
    text, result = report(simulate(scenario), suite)
    rows = rows_of(text)
    cases = cases_of(rows)
    outcomes = Counter(first["ResultType"] for first, _ in cases)
    types = ("TP", "TN", "FP", "FN")
    assert len(cases) == result["utterance_count"]
    assert {name: outcomes[name] for name in types} == {name: result["results"][name] for name in types}
    assert f'"Utterance count:","{len(cases)}"\r\n' in text
    named = [row for row in rows if row["Entity Name"]]
    assert len(named) == result["results"]["totalEntitiesCount"]
    assert sum(row["Entity Result"] == "True" for row in named) == result["results"]["matchedEntitiesCount"]
    assert all(
        (row["Entity Result"] == "True") == (row["Expected EntityValue"] == row["Matched EntityValue"]) for row in named
    )
    assert any(row["ResultType"] == "TP" and row["Entity Result"] == "False" for row in named) or "smoke" in suite


@every_suite
@both_behaviours
def test_each_result_type_follows_from_the_intents(simulate: Simulate, suite: str, scenario: Scenario) -> None:
    for row in rows_of(report(simulate(scenario), suite)[0]):
        expected, matched = row["ExpectedIntent"].lower().split(" | "), row["MatchedIntent"].split(" | ")
        if matched == ["None"]:
            right = "TN" if expected == ["none"] else "FN"
        elif len(expected) > 1:
            right = "TP" if set(expected) & set(matched) else "FP"
        else:
            right = "TP" if expected == matched else "FP"
        assert row["ResultType"] == right
        assert row["MatchedIntent"] == row["MatchedIntent"].lower() or matched == ["None"]
        assert len(row["TaskState"].split(" | ")) == len(matched)


def test_entities_of_an_utterance_have_rows_of_their_own(caller: Caller) -> None:
    rows = [row for row in rows_of(report(caller, "Banking regression")[0]) if row["Utterance"].startswith("Move 300")]
    entities = [(row["Entity Name"], row["Matched EntityValue"], row["Entity Result"]) for row in rows]
    assert entities == [("Amount", "300", "True"), ("Source", "checking", "True"), ("Target", "savings", "True")]
    assert {row["Actual Entity Order"] for row in rows} == {"Amount > Source > Target"}
    assert {(row["ExpectedIntent"], row["ResultType"]) for row in rows} == {("Transfer money", "TP")}
    identified = [(row["EntityIdentifiedBy"], row["entityIdentifiedUsing"]) for row in rows]
    assert identified == [("FM Engine", "systemEntity"), ("ML Engine", "NER"), ("ML Engine", "NER")]
    (row,) = (row for row in rows_of(report(caller, "Banking regression")[0]) if "bitcoin" in row["Utterance"])
    assert (row["ResultType"], row["Matched EntityValue"], row["Entity Result"]) == ("TP", "None", "False")
    assert (row["Actual Entity Order"], row["EntityIdentifiedBy"]) == ("", "")


def test_the_task_state_follows_the_version(caller: Caller) -> None:
    run_id = caller.run("Banking smoke", version="published")
    caller.clock.advance(6)
    text = caller.fetch(caller.status(run_id, "Banking smoke")["result"]["fileUrl"]).body.decode()
    assert '"Run Type:","published"\r\n' in text
    assert {row["TaskState"] for row in rows_of(text)} == {"published", "None"}


def test_a_report_is_the_same_in_every_run(caller: Caller) -> None:
    first, second = (report(caller, "Banking regression")[0] for _ in range(2))
    assert rows_of(first) == rows_of(second)
