"""Small inputs that once led to a wrong verdict: each stands for one kind of fault."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from ci_gate.errors import ExitCode
from tests import sandbox
from tests.files import write

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from tests.sandbox import Ending

COLUMNS = (
    "Utterance,ExpectedIntent,MatchedIntent,Parent Intent,ResultType,Entity Name,Expected EntityValue,Entity Result"
)
TRIP = ("Book flight", "Cancel booking", "Track bag")
PASSED, FAILED, INCONCLUSIVE = ExitCode.PASSED, ExitCode.FAILED, ExitCode.INCONCLUSIVE


def row(utterance: str, expected: str, matched: str = "", kind: str = "TP", *entity: str) -> str:
    """Return one row of a results file; by default the utterance was recognised."""
    name, value, result = entity or ("", "", "")
    return ",".join((utterance, expected, matched or expected.lower(), "None", kind, name, value, result))


def lost(utterance: str, expected: str) -> str:
    """Return the row of an utterance that was not evaluated."""
    return row(utterance, expected, "None", "")


def file_of(
    rows: Iterable[str], *, size: int | None = None, bot: str = "Demo Bank", suite: str = "Demo", columns: str = COLUMNS
) -> str:
    """Return a results file whose top block states ``size`` utterances (default: the rows)."""
    listed = [*rows]
    size = len(listed) if size is None else size
    top = (f"Bot Name:,{bot}", f"Report name:,{suite}", "Bot Language:,en", "Run Type:,inDevelopment")
    return "\r\n".join((*top, f"Utterance count:,{size}", columns, *listed, ""))


def trip(number: int) -> str:
    return TRIP[number % 3]


def trips(numbers: Iterable[int]) -> list[str]:
    """Return recognised utterances of three intents."""
    return [row(f"say {n}", trip(n)) for n in numbers]


def bills(right: Container[int], *, taken: Container[int] = (), size: int = 30) -> list[str]:
    """Return utterances of one intent: some recognised, some taken for another intent, and the others missed."""
    rows = []
    for n in range(size):
        wrong = ("block card", "FP") if n in taken else ("None", "FN")
        rows.append(row(f"say {n}", "Pay bill", *(() if n in right else wrong)))
    return rows


def phrases(*broken: int) -> list[str]:
    """Return five utterances of each of seven intents; those of the broken intents were taken for another."""
    return [
        row(f"intent {intent} phrase {n}", f"Intent {intent}", *(("agent", "FP") if intent in broken else ()))
        for intent in range(7)
        for n in range(5)
    ]


def reply(right: int = 30, failed: int = 0, *, success: int | None = None, inner: str = "tr-1") -> dict[str, Any]:
    """Return the status reply of a completed run of 30 utterances."""
    wrong = 30 - right - failed
    counts = {"TP": right, "TN": 0, "FP": wrong, "FN": 0}
    success = right if success is None else success
    halves = {"success": success, "failure": 30 - success, "failedUtteranceCount": failed}
    known = {"status": "completed", "utterance_count": 30}
    result = {"_id": inner, "isPartialFailure": False, "botLanguage": "en", "runType": "inDevelopment"}
    return {"_id": "tr-1", "streamId": "st-1", **known, "result": {**result, **known, "results": counts | halves}}


@dataclass(frozen=True, kw_only=True)
class Input:
    """The files, settings and flags of a command; its exit code, parts of its output, and words that must be absent."""

    new: str
    old: str = ""
    status: dict[str, Any] | None = None
    settings: str = ""
    flags: Sequence[str] = ()
    code: ExitCode
    words: Sequence[str] = ()
    never: Sequence[str] = field(default=())


GOOD = file_of(trips(range(30)))
RELATIVE = """
[thresholds]
max_new_failures = 0
max_accuracy_drop = 0.01
[intents]
max_regressions = 0
"""
REGRESSIONS = "[intents]\nmax_regressions = 0\n"
RECALL = '[thresholds]\nmax_f1_drop = "off"\nmax_recall_drop = 0.01\n'
TRANSFER = "Überweisung"
FORBIDDEN = f"""
thresholds = {{ min_f1 = 0.5 }}
[[forbidden]]
expected = "Pay bill"
matched = "{TRANSFER}"
"""
WAIVER = """
[thresholds]
max_mismatches = 0
[[forbidden]]
expected = "Book flight"
matched = "Agent"
[[waivers]]
confusion = { expected = "Book flight", matched = "Cancel booking" }
reason = "known"
owner = "NLU"
expires = 2099-01-01
"""


def taken_for_a_transfer(form: Literal["NFC", "NFD"]) -> str:
    """Return ten bills, one of them taken for a transfer, whose name is in this normal form of Unicode."""
    wrong = row("pay my bill now", "Pay bill", unicodedata.normalize(form, TRANSFER.lower()), "FP")
    return file_of([*bills(range(9), size=9), wrong])


def respelled(change: str) -> str:
    """Return the trips with one intent in another spelling, and its utterances wrong."""
    return file_of(
        row(f"say {n}", change, "agent", "FP") if n % 3 == 0 else row(f"say {n}", trip(n)) for n in range(30)
    )


TWO_ENTITIES = [
    row(f"say {n}", trip(n), "", "TP", *entity)
    for n in (0, 1)
    for entity in (("City", "Rome", "True"), ("Day", "Monday", "True"))
]
HALF_MEASURED = file_of(lost(f"say {n}", trip(n)) if n < 15 else row(f"say {n}", trip(n)) for n in range(30))
HALF_WRONG = file_of(row(f"say {n}", trip(n), *(("agent", "FP") if n < 15 else ())) for n in range(30))
ONE_LOST = file_of(lost(f"say {n}", trip(n)) if n == 7 else row(f"say {n}", trip(n)) for n in range(30))
OUTAGE = file_of(lost(f"say {n}", trip(n)) for n in range(30))
NINE = file_of(bills(range(9), size=9), suite="Field")
MIN_F1 = ("--min-f1", "0.9")

INPUTS = {
    "one intent in two spellings": Input(
        new=respelled("Book Flight"), old=GOOD, settings=RELATIVE, code=FAILED, words=["10 utterances that worked"]
    ),
    "one intent with a blank more": Input(
        new=respelled("Book  flight"), old=GOOD, settings=RELATIVE, code=FAILED, words=["10 utterances that worked"]
    ),
    "a forbidden confusion in composed letters": Input(
        new=taken_for_a_transfer("NFC"), settings=FORBIDDEN, code=FAILED, words=["'pay my bill now'"]
    ),
    "a forbidden confusion in decomposed letters": Input(
        new=taken_for_a_transfer("NFD"), settings=FORBIDDEN, code=FAILED, words=["'pay my bill now'"]
    ),
    "a baseline of which half was not evaluated": Input(
        new=HALF_WRONG,
        old=HALF_MEASURED,
        settings=REGRESSIONS,
        flags=("--max-accuracy-drop", "0.01"),
        code=INCONCLUSIVE,
        words=["15 utterances that both runs have were not evaluated in one of them"],
    ),
    "a baseline of which one was not evaluated, and nothing broke": Input(
        new=GOOD, old=ONE_LOST, flags=("--max-new-failures", "0"), code=PASSED, words=["1 not evaluated in one"]
    ),
    "recall of a bot that takes half for something else": Input(
        new=file_of(bills(range(15, 27), taken=range(15))),
        old=file_of(bills(range(27))),
        settings=RECALL,
        code=FAILED,
        words=["recall fell by 0.10 > 0.01", "15 got worse, 0 better"],
    ),
    "one of seven intents lost all of its utterances": Input(
        new=file_of(phrases(3)),
        old=file_of(phrases()),
        settings=REGRESSIONS,
        flags=("--max-f1-drop", "0.2"),
        code=FAILED,
        words=["1 intent got worse beyond chance: 'Intent 3' (5 got worse, 0 better)"],
    ),
    "one report, one answer about chance": Input(
        new=file_of(bills({*range(4), *range(14, 30)})),
        old=file_of(bills(range(4, 30))),
        settings=f"alpha = 0.001\n{REGRESSIONS}",
        code=PASSED,
        words=["judged at 0.0005: 2 tests share 0.001", "within chance", "0 intents got worse beyond chance"],
    ),
    "a waiver of one of two intents that were matched": Input(
        new=file_of([row("say 0", "Book flight", "cancel booking | agent", "FP"), *trips(range(1, 30))]),
        settings=WAIVER,
        code=FAILED,
        words=["mismatches 1 > 0", "'Book flight' was taken for 'Agent' 1 time", "0 mismatches waived"],
    ),
    "a waiver of each of two intents that were matched": Input(
        new=file_of([row("say 0", "Book flight", "cancel booking | agent", "FP"), *trips(range(1, 30))]),
        settings=WAIVER + WAIVER[WAIVER.index("[[waivers]]") :].replace("Cancel booking", "Agent"),
        code=PASSED,
        words=["2 waivers: 2 used; 1 mismatch waived", "0 times (1 more is waived)"],
    ),
    "a forbidden pair, and a waiver of the intent": Input(
        new=file_of([row("say 0", "Book flight", "agent", "FP"), *trips(range(1, 30))]),
        settings=WAIVER.replace(
            'confusion = { expected = "Book flight", matched = "Cancel booking" }', 'intent = "Book flight"'
        ),
        code=FAILED,
        words=["'Book flight' was taken for 'Agent' 1 time: 'say 0'", "1 mismatch waived"],
    ),
    "a forbidden pair with none, which is accepted": Input(
        new=file_of([row("say 0", "Book flight | None", "None"), *trips(range(1, 30))]),
        settings=WAIVER.replace('matched = "Agent"', 'matched = "None"'),
        code=PASSED,
        words=["'Book flight' was taken for '(no intent)' 0 times"],
    ),
    "a forbidden name that is a slip away from one in the baseline": Input(
        new=GOOD,
        old=file_of([row("say 0", "Book flight", "agent", "FP"), *trips(range(1, 30))]),
        settings=WAIVER.replace('"Agent"', '"Agnet"'),
        code=INCONCLUSIVE,
        words=["'Agnet' (did you mean 'agent'?) is forbidden", 'tolerate = ["unknown-name"]'],
    ),
    "success that is not TP and TN": Input(
        new=GOOD,
        status=reply(success=3),
        flags=MIN_F1,
        code=INCONCLUSIVE,
        words=["counts 3 as success, but TP+TN is 30", 'tolerate = ["count-mismatch"]'],
    ),
    "two ids of one run": Input(
        new=GOOD, status=reply(inner="tr-2"), flags=MIN_F1, code=INCONCLUSIVE, words=["'tr-1'", "'tr-2'"]
    ),
    "a baseline of another bot": Input(
        new=GOOD,
        old=file_of(trips(range(30)), bot="Another Bot"),
        code=INCONCLUSIVE,
        words=["the baseline is of bot 'Another Bot', not of 'Demo Bank'", 'tolerate = ["other-bot"]'],
    ),
    "a file that was cut off at a row": Input(
        new=file_of(trips(range(25)), size=30),
        flags=MIN_F1,
        code=INCONCLUSIVE,
        words=["file holds 25 of 30"],
        never=["by the platform"],
    ),
    "an outage": Input(
        new=OUTAGE, status=reply(0, 30), flags=MIN_F1, code=INCONCLUSIVE, words=["no utterance was evaluated"]
    ),
    "an outage of an advisory suite with a limit": Input(
        new=OUTAGE,
        status=reply(0, 30),
        flags=(*MIN_F1, "--advisory", "--max-failed-utterances", "0"),
        code=INCONCLUSIVE,
        words=["no utterance was evaluated"],
    ),
    "a file of 28 or 30 utterances": Input(
        new=file_of([*TWO_ENTITIES, *trips(range(2, 28))], size=30),
        flags=("--max-mismatches", "0", "--min-accuracy", "1"),
        code=INCONCLUSIVE,
        words=["28 or 30 utterances"],
    ),
    "a file of 30 utterances in 32 rows": Input(
        new=file_of([*TWO_ENTITIES, *trips(range(2, 30))], size=30),
        flags=("--max-mismatches", "0", "--min-accuracy", "1"),
        code=PASSED,
        words=["30 utterances"],
    ),
    "cells between semicolons": Input(
        new=NINE.replace(",", ";"),
        flags=("--min-f1", "0.5"),
        code=INCONCLUSIVE,
        words=[
            "cells are separated by semicolons",
            "from column 1 on, names the columns",
            "use the file as it was downloaded",
        ],
        never=["no column row"],
    ),
    "a word of another language in place of True": Input(
        new=file_of((row(f"pay {n}", "Pay bill", "", "TP", "Amount", "5", "WAHR") for n in range(9)), suite="Field"),
        flags=("--min-f1", "0.5"),
        code=INCONCLUSIVE,
        words=["row 7, column 8 (Entity Result) holds 'WAHR'", "use the file as it was downloaded"],
    ),
}


def check(case: Input) -> Ending:
    """Judge an input as a user would."""
    arguments = [write("new.csv", case.new), *case.flags]
    arguments += ["--baseline", write("old.csv", case.old)] if case.old else []
    arguments += ["--status", write("status.json", json.dumps(case.status))] if case.status else []
    arguments += ["--config", write("settings.toml", case.settings)] if case.settings else []
    return sandbox.check(*arguments)


@pytest.mark.parametrize("case", INPUTS.values(), ids=INPUTS)
def test_every_input_ends_with_its_code_and_its_reason_in_every_report(case: Input) -> None:
    ending = check(case)
    assert ending.code == ending.report["exit_code"] == case.code, ending.output
    assert [words for words in case.words if words not in ending.out] == []
    assert [words for words in case.never if words in ending.output + ending.summary] == []
    marks = {mark for mark in ("failure", "error") if ending.junit.find(f".//{mark}") is not None}
    assert marks == {PASSED: set(), FAILED: {"failure"}, INCONCLUSIVE: {"error"}}[case.code]


def test_the_report_of_a_run_that_was_not_judged_is_no_baseline() -> None:
    unjudged = check(Input(new=ONE_LOST, flags=MIN_F1, code=INCONCLUSIVE))
    assert unjudged.code == INCONCLUSIVE
    assert "1 of 30 utterances was not evaluated" in unjudged.out
    Path("ci-gate-check/report.json").rename("baseline.json")
    ending = check(Input(new=GOOD, flags=("--baseline", "baseline.json"), code=ExitCode.USAGE))
    assert ending.code == ExitCode.USAGE
    assert "it was not judged" in ending.err
