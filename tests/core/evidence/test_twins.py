"""Every pair of facts with two sources, and the effect of a contradiction in files, in one file and on the wire.

A pair of the code without a row here fails the first test.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.evidence.twins import TWINS, Certainty, Twin, contradictions
from ci_gate.core.evidence.weigh import facts_of, weigh
from ci_gate.core.findings import TOLERABLE, Expectation, Finding, FindingKind
from ci_gate.core.model import Reported, ResultsFile
from ci_gate.errors import ExitCode
from ci_gate.kore.results_csv import parse
from ci_gate.kore.status import read_status
from tests.sandbox import run_cli
from tests.tools.faults import good_run, replies
from tests.tools.faults.model import Script
from tests.tools.faults.platform import ScriptedPlatform
from tests.tools.faults.replies import ABSENT

if TYPE_CHECKING:
    from tests.sandbox import Ending

Edit = Callable[[bytes], bytes]
OTHER_RUN, OTHER_BOT, ODD = "tr-another", "st-another", "5ff7a1"
STARTED = 1_767_225_000.0
"""A time before the good run began."""

LONG_AGO = "2020-02-29T12:00:00.000Z"
COUNTS = "result.results."


# --- how to change a file -------------------------------------------------------------------------------------------
def as_it_is(raw: bytes) -> bytes:
    return raw


def saying(**lines: str) -> Edit:
    """Return an edit that sets lines of the top block."""

    def edit(raw: bytes) -> bytes:
        rows = [*csv.reader(io.StringIO(raw.decode(), newline=""))]
        for name, text in lines.items():
            key = name.replace("_", " ") + ":"
            rows = [row for row in rows if row[0] != key]
            rows.insert(0, [key, text])
        return written(rows)

    return edit


def with_cells(change: Callable[[list[list[str]]], None]) -> Edit:
    """Return an edit that changes the result rows, each a list of cells in the order of the column row."""

    def edit(raw: bytes) -> bytes:
        rows = [*csv.reader(io.StringIO(raw.decode(), newline=""))]
        start = next(at for at, row in enumerate(rows) if row[0] == "Utterance") + 1
        results = rows[start:]
        change(results)
        return written([*rows[:start], *results])

    return edit


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def add_a_row(rows: list[list[str]]) -> None:
    """Add an utterance without a result type."""
    rows.append(["one more", "Pay bill", "None", "None", "None", "", ""])


def add_an_entity(rows: list[list[str]]) -> None:
    """Add an entity that was not matched to the first utterance."""
    rows[0][6] = "Amount"


def miss_one(rows: list[list[str]]) -> None:
    """Make a recognised utterance a missed one."""
    rows[0][2], rows[0][5] = "None", "FN"


def be_silent(rows: list[list[str]]) -> None:
    """Make every utterance one without expected and matched intent."""
    for row in rows:
        row[1:6] = ["None", "None", "None", "None", "TN"]


def miss_five(rows: list[list[str]]) -> None:
    """Remove the matched intent of five recognised utterances."""
    for row in rows[:5]:
        row[2] = "None"


# --- the table ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Row:
    """A good run with two facts that contradict each other, as changes of its reply (by path) and of its file.

    ``settings`` are the variables of every command, ``online`` and ``arguments`` those of the one that asks the
    platform, and ``start`` changes the answer to its start. A row that is not ``offline`` needs that command.
    """

    reply: Mapping[str, Any] = field(default_factory=dict)
    file: Edit = as_it_is
    settings: Mapping[str, str] = field(default_factory=dict)
    online: Mapping[str, str] = field(default_factory=dict)
    start: Mapping[str, Any] = field(default_factory=dict)
    offline: bool = True
    arguments: tuple[str, ...] = ("run",)

    @property
    def raw(self) -> bytes:
        return self.file(good_run.results_file())

    @property
    def body(self) -> bytes:
        return json.dumps(changed(good_run.completed("https://files.example", word="completed"), self.reply)).encode()

    @property
    def expectation(self) -> Expectation:
        """The expectation of a command with the settings of this row."""
        is_ours = not self.offline
        return Expectation(
            run_id=self.start.get("requestId", good_run.RUN_ID) if is_ours else None,
            suite=self.settings.get("CI_GATE_SUITE"),
            bot_id=self.settings.get("CI_GATE_BOT_ID"),
            bot_version=self.settings.get("CI_GATE_BOT_VERSION"),
            language=self.settings.get("CI_GATE_LANGUAGE"),
            started=STARTED if is_ours else None,
        )


def changed(reply: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``reply`` with fields changed by path, or removed if the value is ``ABSENT``."""
    reply = deepcopy(reply)
    for path, value in changes.items():
        *steps, name = path.split(".")
        fields = reply
        for step in steps:
            fields = fields[step]
        if value is ABSENT:
            del fields[name]
        else:
            fields[name] = value
    return reply


OUR_BOT = {"CI_GATE_BOT_ID": good_run.BOT_ID}
PUBLISHED, GERMAN, ENGLISH = (
    {f"CI_GATE_{name}": word} for name, word in [("BOT_VERSION", "published"), ("LANGUAGE", "de"), ("LANGUAGE", "en")]
)
ATTACHED = ("gate", good_run.RUN_ID)
NOTHING_RIGHT = {
    f"{COUNTS}{name}": number
    for name, number in {"TP": 0, "TN": 40, "FP": 0, "FN": 0, "success": 40, "failure": 0}.items()
}
SILENT = {f"result.{name}": "0.00" for name in ("f1_score", "precision", "recall")}
BY_ACCURACY = {"CI_GATE_MIN_F1": "off", "CI_GATE_MIN_ACCURACY": "0.9"}

ROWS: dict[tuple[str, str], Row] = {
    ("run id asked for", "_id"): Row(reply={"_id": OTHER_RUN, "result._id": OTHER_RUN}, offline=False),
    ("run id asked for", "result._id"): Row(reply={"result._id": OTHER_RUN}, offline=False),
    ("_id", "result._id"): Row(reply={"result._id": OTHER_RUN}, start={"requestId": ODD}),
    ("bot id asked for", "streamId"): Row(reply={"streamId": OTHER_BOT, "result.streamId": OTHER_BOT},
        settings=OUR_BOT),
    ("bot id asked for", "result.streamId"): Row(reply={"result.streamId": OTHER_BOT}, settings=OUR_BOT),
    ("streamId", "result.streamId"): Row(reply={"result.streamId": OTHER_BOT}, online={"CI_GATE_BOT_ID": ODD}),
    ("version asked for", "result.runType"): Row(settings=PUBLISHED),
    ("version asked for", "Run Type"): Row(reply={"result.runType": "published"}, settings=PUBLISHED),
    ("result.runType", "Run Type"): Row(reply={"result.runType": "published"}, arguments=ATTACHED),
    ("language asked for", "result.botLanguage"): Row(settings=GERMAN),
    ("language asked for", "Bot Language"): Row(file=saying(Bot_Language="de"), settings=ENGLISH),
    ("result.botLanguage", "Bot Language"): Row(file=saying(Bot_Language="de")),
    ("start by this command", "result.endTime"): Row(reply={"result.startTime": LONG_AGO, "result.endTime": LONG_AGO},
        offline=False),
    ("start by this command", "result.startTime"): Row(reply={"result.startTime": LONG_AGO}, offline=False),
    ("result.startTime", "result.endTime"): Row(
        reply={"result.startTime": "2090-01-01T12:00:00Z", "result.endTime": "2090-01-01T11:59:59Z"}),
    ("suite asked for", "Report name"): Row(file=saying(Report_name="Other"), settings={"CI_GATE_SUITE": "Smoke"}),
    ("success", "TP + TN"): Row(reply={f"{COUNTS}success": 36}),
    ("failure", "FP + FN + failedUtteranceCount"): Row(reply={f"{COUNTS}failure": 4}),
    ("TP + … + failedUtteranceCount", "utterance_count"): Row(
        reply={f"{COUNTS}failedUtteranceCount": 1, f"{COUNTS}failure": 4},
        settings={"CI_GATE_MAX_FAILED_UTTERANCES": "1"}),
    ("totalEntitiesCount", "matchedEntitiesCount"): Row(
        reply={f"{COUNTS}totalEntitiesCount": 1, f"{COUNTS}matchedEntitiesCount": 2}),
    ("utterance_count", "Utterance count"): Row(file=saying(Utterance_count="41")),
    ("entities of the reply", "entities of the file"): Row(
        reply={f"{COUNTS}totalEntitiesCount": 2, f"{COUNTS}matchedEntitiesCount": 2},
        file=saying(Total_Entities_Count="2", Matched_Entities_Count="1")),
    ("utterance count", "rows of the file"): Row(file=with_cells(add_a_row)),
    ("TP, TN, FP, FN", "result types of the rows"): Row(file=with_cells(miss_one)),
    ("matchedEntitiesCount", "entities of the rows"): Row(
        reply={f"{COUNTS}totalEntitiesCount": 1, f"{COUNTS}matchedEntitiesCount": 1}, file=with_cells(add_an_entity)),
    ("scores of the reply", "the counts"): Row(reply={"result.f1_score": "0.99"}),
    ("scores of the file", "the counts"): Row(file=saying(F1_Score="0.99")),
    ("scores of the reply", "scores of the file"): Row(reply={**NOTHING_RIGHT, **SILENT},
        file=lambda raw: saying(Precision="0.00", Recall="0.00")(with_cells(be_silent)(raw)), settings=BY_ACCURACY),
    ("Success / Failure Ratio", "the counts"): Row(file=saying(**{"Success / Failure Ratio": "50.00"})),
    ("Percentage breakdown", "the counts"): Row(file=saying(Percentage_breakdown="10.00% True Positive")),
    ("Entities Success / Failure Ration", "the counts"): Row(file=saying(
            **{"Entities Success / Failure Ration": "0.00", "Total Entities Count": "1"}, Matched_Entities_Count="1"),
        reply={f"{COUNTS}totalEntitiesCount": 1, f"{COUNTS}matchedEntitiesCount": 1}),
    ("result types of the rows", "their intents"): Row(file=with_cells(miss_five)),
}  # fmt: skip
"""For each pair, a good run in which these two facts contradict each other and nothing else does."""

PAIRS = {(twin.first, twin.second): twin for twin in TWINS}
every_pair = pytest.mark.parametrize("names", ROWS, ids=" / ".join)


def test_every_pair_of_the_table_has_its_row_here() -> None:
    assert ROWS.keys() == PAIRS.keys()
    assert len(PAIRS) == len(TWINS)


def read(row: Row) -> tuple[Reported, ResultsFile]:
    file = parse(row.raw)
    assert isinstance(file, ResultsFile)
    return read_status(row.body).reported, file


# --- what the table says of its pairs -------------------------------------------------------------------------------
@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: f"{twin.first} / {twin.second}")
def test_an_inferred_contradiction_that_blocks_says_how_to_tolerate_it(twin: Twin) -> None:
    is_sure = twin.certainty is not Certainty.INFERRED
    assert twin.warns or twin.kind in TOLERABLE
    if is_sure or twin.warns:
        assert twin.way_on == ""
    else:
        assert twin.way_on == f'; if your platform {twin.unless}, tolerate = ["{twin.kind}"]'
        assert twin.unless


def test_good_run_contradicts_itself_nowhere() -> None:
    row = Row(settings=OUR_BOT | {"CI_GATE_SUITE": "Smoke", "CI_GATE_BOT_VERSION": "inDevelopment"} | ENGLISH)
    for ours in (row, Row(settings=row.settings, offline=False), Row()):
        reply, file = read(ours)
        assert [*contradictions(facts_of(reply, file, ours.expectation))] == []
        assert [*contradictions(facts_of(None, file, ours.expectation))] == []


# --- in the core ----------------------------------------------------------------------------------------------------
def weighed(row: Row, tolerate: frozenset[FindingKind] = frozenset()) -> tuple[Finding, ...]:
    """Return the findings about a row."""
    reply, file = read(row)
    return weigh(reply, file, expectation=row.expectation, tolerate=tolerate).findings


@every_pair
def test_a_contradiction_is_found_by_its_own_pair_alone(names: tuple[str, str]) -> None:
    twin, row = PAIRS[names], ROWS[names]
    reply, file = read(row)
    facts = facts_of(reply, file, row.expectation)
    (found,) = twin.findings(facts)
    assert [*contradictions(facts)] == [found]
    assert found.kind is twin.kind
    assert found.message.endswith(twin.way_on)
    assert found.warns is twin.warns
    assert [finding for finding in weighed(row) if finding.blocks] == ([] if twin.warns else [found])


@every_pair
def test_a_contradiction_is_tolerated_by_its_own_name_alone(names: tuple[str, str]) -> None:
    twin, row = PAIRS[names], ROWS[names]
    named = weighed(row, frozenset({twin.kind}))
    unnamed = weighed(row, frozenset(TOLERABLE) - {twin.kind})
    assert [finding for finding in named if finding.blocks] == []
    assert {finding.tolerated for finding in named if finding.kind is twin.kind} == {twin.kind in TOLERABLE}
    assert [finding.kind for finding in unnamed if finding.blocks] == ([] if twin.warns else [twin.kind])


# --- files on disk --------------------------------------------------------------------------------------------------
def check(row: Row, *flags: str, alone: bool = False) -> Ending:
    """Judge the files of a row, or only its results file."""
    Path("downloads").mkdir(exist_ok=True)
    results, status = Path("downloads", "smoke.csv"), Path("downloads", "reply.json")
    results.write_bytes(row.raw)
    status.write_bytes(row.body)
    environment = {"CI_GATE_MIN_F1": "0.9", **row.settings}
    arguments = ("check", str(results), *(() if alone else ("--status", str(status))), *flags)
    return run_cli(*arguments, environment=environment, folder="ci-gate-check")


def told(ending: Ending, kind: FindingKind) -> list[dict[str, Any]]:
    """Return the findings of one kind in a report."""
    (suite,) = ending.report["suites"]
    return [finding for finding in suite["findings"] if finding["kind"] == kind]


def holds(ending: Ending, twin: Twin) -> None:
    """Assert that a command reported the contradiction and blocked, or only warned."""
    (finding,) = told(ending, twin.kind)
    assert finding["blocking"] is not twin.warns
    if twin.warns:
        assert ending.code == ExitCode.PASSED, ending.out
    else:
        assert ending.code == ending.report["exit_code"] == ExitCode.INCONCLUSIVE
        error = ending.report["suites"][0]["error"]
        assert finding["message"] in error["message"]
        assert f"--tolerate {twin.kind}" in error["hint"]
        assert finding["message"].endswith(twin.way_on)
        assert finding["message"] in " ".join(ending.out.split())
        assert ending.junit_problems


def blocks_unless_tolerated(twin: Twin, command_with: Callable[..., Ending]) -> None:
    """Assert that a command blocks or warns, and passes with the contradiction reported if that is tolerated."""
    holds(command_with(), twin)
    if not twin.warns:
        ending = command_with("--tolerate", twin.kind)
        assert ending.code == ExitCode.PASSED, ending.out
        (finding,) = told(ending, twin.kind)
        assert (finding["blocking"], finding["tolerated"]) == (False, twin.kind in TOLERABLE)


@pytest.mark.parametrize("names", [names for names, row in ROWS.items() if row.offline], ids=" / ".join)
def test_a_contradiction_in_files_is_not_judged(names: tuple[str, str]) -> None:
    blocks_unless_tolerated(PAIRS[names], lambda *flags: check(ROWS[names], *flags))


ALONE = {
    ("version asked for", "Run Type"): Row(settings=PUBLISHED),
    ("language asked for", "Bot Language"): Row(settings=GERMAN),
    ("suite asked for", "Report name"): ROWS["suite asked for", "Report name"],
    ("utterance count", "rows of the file"): Row(file=with_cells(add_a_row)),
    ("totalEntitiesCount", "matchedEntitiesCount"): Row(
        file=saying(Total_Entities_Count="1", Matched_Entities_Count="2")),
    ("matchedEntitiesCount", "entities of the rows"): Row(file=lambda raw: saying(Total_Entities_Count="1",
            Matched_Entities_Count="1")(with_cells(add_an_entity)(raw))),
    ("scores of the file", "the counts"): ROWS["scores of the file", "the counts"],
    ("Success / Failure Ratio", "the counts"): ROWS["Success / Failure Ratio", "the counts"],
    ("Percentage breakdown", "the counts"): ROWS["Percentage breakdown", "the counts"],
    ("result types of the rows", "their intents"): ROWS["result types of the rows", "their intents"],
}  # fmt: skip
"""The pairs that a results file alone, or together with the settings, can contradict."""


@pytest.mark.parametrize("names", ALONE, ids=" / ".join)
def test_a_contradiction_in_one_file_is_not_judged(names: tuple[str, str]) -> None:
    blocks_unless_tolerated(PAIRS[names], lambda *flags: check(ALONE[names], *flags, alone=True))


WITHIN: dict[str, tuple[Mapping[str, Any], FindingKind]] = {
    "the size of the result": ({"result.utterance_count": 41}, FindingKind.COUNT_MISMATCH),
    "the size of the reply": ({"utterance_count": 41}, FindingKind.COUNT_MISMATCH),
    "the size of the progress": ({"totalUtterances": 41}, FindingKind.COUNT_MISMATCH),
    "a count that is none": ({f"{COUNTS}TP": "many"}, FindingKind.COUNT_MISMATCH),
    "the result is partial": ({"result.isPartialFailure": True}, FindingKind.PARTIAL),
    "the reply is partial": ({"isPartialFailure": True}, FindingKind.PARTIAL),
}
"""A fact that one reply states in two places, differently in one of them."""


@pytest.mark.parametrize(("reply", "kind"), WITHIN.values(), ids=WITHIN)
def test_a_contradiction_within_one_reply_is_not_judged_unless_tolerated(
    reply: Mapping[str, Any], kind: FindingKind
) -> None:
    row = Row(reply=reply)
    for judged in (check, ask):
        ending = judged(row)
        assert ending.code == ExitCode.INCONCLUSIVE
        assert any(finding["blocking"] for finding in told(ending, kind))
    # If the larger of two sizes is right, the file lacks a row.
    flags = ("--tolerate", kind, "--tolerate", FindingKind.NO_FILE, "--max-failed-utterances", "1")
    assert check(row, *flags).code == ask(row, *flags).code == ExitCode.PASSED


@pytest.mark.parametrize("alone", [False, True], ids=["with a reply", "alone"])
def test_good_run_on_disk_passes(alone: bool) -> None:
    assert check(Row(), alone=alone).code == ExitCode.PASSED


# --- on the wire ----------------------------------------------------------------------------------------------------
def ask(row: Row, *flags: str) -> Ending:
    """Run a command against a platform that answers as the row says, over a real socket."""
    script = Script(
        start=(replies.accepts(row.start),), status=(replies.completed(row.reply),), file=(replies.file(row.file),)
    )
    with ScriptedPlatform(script) as platform:
        environment = {
            "CI_GATE_HOST": platform.origin,
            "CI_GATE_BOT_ID": good_run.BOT_ID,
            "CI_GATE_SUITE": good_run.SUITE,
            "CI_GATE_CLIENT_ID": "cs-of-nobody",
            "CI_GATE_CLIENT_SECRET": "a-secret-that-opens-nothing-at-all",
            "CI_GATE_MIN_F1": "0.9",
            **row.settings,
            **row.online,
        }
        return run_cli(*row.arguments, *flags, environment=environment)


@every_pair
def test_a_contradiction_on_the_wire_is_not_judged(names: tuple[str, str]) -> None:
    blocks_unless_tolerated(PAIRS[names], lambda *flags: ask(ROWS[names], *flags))


def test_the_id_of_an_attached_run_is_compared_with_the_reply() -> None:
    names = ("run id asked for", "_id")
    holds(ask(replace(ROWS[names], arguments=ATTACHED)), PAIRS[names])


def test_the_version_sent_with_the_start_is_compared_with_the_run() -> None:
    row = Row(reply={"result.runType": "published"}, file=saying(Run_Type="published"))
    sent = ask(row)
    holds(sent, PAIRS["version asked for", "result.runType"])
    (found,) = told(sent, FindingKind.WRONG_RUN)
    assert found["message"].startswith("the bot version that was asked for is 'inDevelopment'")
    assert ask(replace(row, arguments=ATTACHED)).code == check(row).code == ExitCode.PASSED


@pytest.mark.parametrize("arguments", [("run",), ATTACHED], ids=["started here", "attached"])
def test_good_run_on_the_wire_passes(arguments: tuple[str, ...]) -> None:
    ending = ask(Row(arguments=arguments))
    assert ending.code == ExitCode.PASSED, ending.out + ending.err
    assert {finding["kind"] for finding in ending.report["suites"][0]["findings"]} == set()


# --- doubts ---------------------------------------------------------------------------------------------------------
DEVELOPED = {"CI_GATE_BOT_VERSION": "inDevelopment"}
UNCERTAIN: dict[str, tuple[Row, list[str]]] = {
    "an unknown word for the version": (
        Row(reply={"result.runType": "staging"}, file=saying(Run_Type="staging"), settings=DEVELOPED),
        ["the bot version that was asked for is 'inDevelopment', but the run's is 'staging' by the status reply"]),
    "an unknown word for the version in the file": (Row(file=saying(Run_Type="staging"), settings=DEVELOPED),
        ["the bot version that was asked for is 'inDevelopment', but the run's is 'staging' by the results file"]),
    "the other word for the version": (
        Row(reply={"result.runType": "configured"}, file=saying(Run_Type="Configured"), settings=DEVELOPED), []),
    "a language that is no code": (Row(reply={"result.botLanguage": "english"}, settings=ENGLISH),
        ["the language that was asked for is 'en', but the run's is 'english' by the status reply"]),
    "a language of three letters": (
        Row(reply={"result.botLanguage": "fil"}, file=saying(Bot_Language="fil"), settings=ENGLISH),
        ["the language that was asked for is 'en', but the run's is 'fil' by the status reply"]),
    "a language with a country": (
        Row(reply={"result.botLanguage": "en-GB"}, file=saying(Bot_Language="en_US"), settings=ENGLISH), []),
    "a run id without the prefix": (Row(reply={"result._id": ODD}),
        [f"the status reply is about run '{good_run.RUN_ID}', but the result in it about '{ODD}'"]),
    "a bot id without the prefix": (Row(reply={"streamId": ODD, "result.streamId": ODD}, settings=OUR_BOT),
        [f"bot '{good_run.BOT_ID}' was asked for, but the status reply is about '{ODD}'"]),
    "a score that is none": (Row(reply={"result.recall": "NaN"}),
        ["the platform's recall is not a number from 0 to 1 and was ignored"]),
    "no statement about version or language": (Row(reply={"result.runType": ABSENT, "result.botLanguage": ABSENT},
            file=lambda raw: raw.replace(b"Run Type", b"SuiteRun Type").replace(b"Bot Language", b"Bot Tongue"),
            settings=DEVELOPED | ENGLISH),
        ["nothing confirms the bot version 'inDevelopment': the platform does not say which one it ran",
         "nothing confirms the language 'en': the platform does not say which one it ran"]),
}  # fmt: skip
"""A good run with an unexpected or unusually written fact, and the complete warnings about that."""

every_doubt = pytest.mark.parametrize(("row", "messages"), UNCERTAIN.values(), ids=UNCERTAIN)


@every_doubt
def test_a_doubt_only_warns(row: Row, messages: list[str]) -> None:
    assert [(found.kind, found.message) for found in weighed(row)] == [
        (FindingKind.UNCONFIRMED, message) for message in messages
    ]
    assert not any(found.blocks for found in weighed(row))


@every_doubt
def test_a_doubt_fails_no_command(row: Row, messages: list[str]) -> None:
    for ending in (check(row), ask(row)):
        assert ending.code == ExitCode.PASSED, ending.out
        doubts = told(ending, FindingKind.UNCONFIRMED)
        assert len(doubts) == len(messages)
        assert not any(doubt["blocking"] for doubt in doubts)


@pytest.mark.parametrize(
    ("ago", "code"),
    [(0, ExitCode.PASSED), (9 * 60, ExitCode.PASSED), (11 * 60, ExitCode.INCONCLUSIVE), (-3600, ExitCode.PASSED)],
    ids=["now", "nine minutes ago", "eleven minutes ago", "in an hour"],
)
def test_clocks_may_differ_by_ten_minutes(ago: int, code: ExitCode) -> None:
    began, ended = (datetime.fromtimestamp(time.time() - ago - lasted, UTC).isoformat() for lasted in (2, 0))
    row = Row(reply={"result.startTime": began, "result.endTime": ended})
    assert ask(row).code == code
    assert ask(replace(row, arguments=ATTACHED)).code == ExitCode.PASSED


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "yesterday", "17", ""])
def test_an_impossible_moment_is_ignored(moment: str) -> None:
    row = Row(reply={"result.startTime": moment, "result.endTime": moment})
    assert check(row).code == ask(row).code == ExitCode.PASSED


# --- a platform that says less --------------------------------------------------------------------------------------
_FIELDS = [
    *("_id", "streamId", "utterance_count"),
    *(f"result.{name}" for name in ("_id", "streamId", "utterance_count", "runType", "botLanguage")),
    *(f"result.{name}" for name in ("startTime", "endTime", "f1_score", "precision", "recall", "results")),
]
_NUMBERS = [
    f"{COUNTS}{name}"
    for name in ("TP", "TN", "FP", "FN", "success", "failure", "failedUtteranceCount", "totalEntitiesCount")
]
_LINES = ["Bot Name:", "Report name:", "Bot Language:", "Run Type:", "Utterance count:", "F1 Score:", "Recall:"]


@given(
    fields=st.frozensets(st.sampled_from(_FIELDS)),
    numbers=st.frozensets(st.sampled_from(_NUMBERS)),
    lines=st.frozensets(st.sampled_from(_LINES)),
    offline=st.booleans(),
)
def test_what_the_platform_leaves_out_contradicts_nothing(
    fields: frozenset[str], numbers: frozenset[str], lines: frozenset[str], offline: bool
) -> None:
    unsaid = {path: ABSENT for path in numbers if "result.results" not in fields} | dict.fromkeys(fields, ABSENT)
    rows = [row for row in csv.reader(io.StringIO(good_run.results_file().decode())) if row[0] not in lines]
    settings = OUR_BOT | DEVELOPED | ENGLISH | {"CI_GATE_SUITE": good_run.SUITE}
    row = Row(reply=unsaid, file=lambda _raw: written(rows), settings=settings, offline=offline)
    assert [found for found in weighed(row) if found.kind is not FindingKind.UNCONFIRMED and found.blocks] == []


@given(
    path=st.sampled_from(_NUMBERS[:7]) | st.just("utterance_count"), number=st.integers(0, 99), tolerate=st.booleans()
)
def test_a_wrong_number_never_goes_unnoticed(path: str, number: int, tolerate: bool) -> None:
    good = good_run.completed("https://files.example", word="completed")
    true = good["utterance_count"] if path == "utterance_count" else good["result"]["results"][path.split(".")[-1]]
    sizes = {"utterance_count": number, "result.utterance_count": number}
    row = Row(reply=sizes if path == "utterance_count" else {path: number})
    found = weighed(row, frozenset(TOLERABLE) if tolerate else frozenset())
    assert any(finding.blocks or finding.tolerated for finding in found) is (number != true)


def test_a_pair_that_is_inferred_and_blocks_must_say_how_to_go_on() -> None:
    with pytest.raises(ValueError, match="one and other are inferred, and nothing says how to go on"):
        Twin("one", "other", Certainty.INFERRED, FindingKind.OTHER_ID, TWINS[0].check)
    Twin("one", "other", Certainty.INFERRED, FindingKind.OTHER_ID, TWINS[0].check, warns=True)
    Twin("one", "other", Certainty.SEEN, FindingKind.OTHER_ID, TWINS[0].check)
