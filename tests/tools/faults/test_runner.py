"""The matrix can fail: each kind of wrong outcome is found and classified."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.tools.faults.families import FAMILIES
from tests.tools.faults.good_run import MEASURED, MEDIA, SIGNATURE
from tests.tools.faults.judging import CLIENT_ID, CLIENT_SECRET, COMMAND, Kind, Outcome, judge
from tests.tools.faults.model import FAILS, PASSES, REPORTS, Ending, Fault, Script, ends

GREEN = b"<testsuites><testsuite><testcase/></testsuite></testsuites>"
RED = b"<testsuites><testsuite><testcase><error/></testcase></testsuite></testsuites>"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzIn0.c2ln"

STAYS = Fault("stays", Script(), ends(5, "the file is torn", mend="download it again"))
HEALS = Fault("heals", Script(), PASSES)
IS_BAD = Fault("heals, and the bot is not good enough", Script(), FAILS)


def report(code: int, *, measured: tuple[int, ...] | None = MEASURED) -> bytes:
    """Return the parts of a machine-readable report that ``judge`` reads."""
    counts = dict(zip(("tp", "tn", "fp", "fn"), measured, strict=True)) if measured else None
    verdict = {0: "passed", 1: "failed"}.get(code, "unjudged")
    return json.dumps({"exit_code": code, "verdict": verdict, "suites": [{"counts": counts}]}).encode()


RIGHT = {
    STAYS.name: Outcome(
        code=5,
        seconds=8.2,
        output="NOT JUDGED  Smoke: the file is torn\nhint  Download it\n  again\n",
        junit=RED,
        report=report(5),
        requests=(b"GET /api/x/status HTTP/1.1\r\nHost: 127.0.0.1:1\r\nauth: x\r\n\r\n",),
        host="127.0.0.1:1",
    ),
    HEALS.name: Outcome(code=0, seconds=9.0, output="PASSED  Smoke", junit=GREEN, report=report(0)),
    IS_BAD.name: Outcome(code=1, seconds=9.0, output="FAILED  f1 0.9589 < 0.99", junit=RED, report=report(1)),
}


@pytest.mark.parametrize("fault", [STAYS, HEALS, IS_BAD], ids=lambda fault: fault.name)
def test_what_ends_as_it_must_is_right(fault: Fault) -> None:
    judgement = judge(fault, RIGHT[fault.name])
    assert (judgement.kind, judgement.wrongs) == (Kind.RIGHT, ())


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        (STAYS, {"code": 0}),
        (STAYS, {"report": report(0)}),
        (STAYS, {"junit": GREEN}),
        (STAYS, {"output": "PASSED  Smoke\nthe file is torn; download it again"}),
        (IS_BAD, {"code": 0}),
        (HEALS, {"report": report(0, measured=(34, 2, 2, 1))}),
        (HEALS, {"report": report(0, measured=None)}),
    ],
)
def test_every_form_of_a_pass_that_must_not_be_is_a_false_pass(fault: Fault, change: dict[str, Any]) -> None:
    assert judge(fault, replace(RIGHT[fault.name], **change)).kind is Kind.FALSE_PASS


@pytest.mark.parametrize(
    ("fault", "change", "wrong"),
    [
        (STAYS, {"code": None}, "never ended"),
        (STAYS, {"code": 3}, "exit code 3 instead of 5"),
        (STAYS, {"code": -9}, "exit code -9 instead of 5"),
        (STAYS, {"code": 1}, "exit code 1 instead of 5"),
        (HEALS, {"code": 4}, "exit code 4 instead of 0"),
        (STAYS, {"seconds": 13.1}, "took 13.1 s with a deadline of 8 s"),
        (STAYS, {"output": "download it again"}, "cause not told: the file is torn"),
        (STAYS, {"output": "the file is torn"}, "mend not told: download it again"),
        (STAYS, {"output": RIGHT["stays"].output + "Traceback (most recent call last):"}, "a traceback"),
        (STAYS, {"output": RIGHT["stays"].output + "\x1b[2J"}, "a control character on the output"),
        (STAYS, {"output": f"{RIGHT['stays'].output} ::x::{COMMAND}\n"}, "a command of the platform's on the output"),
        (STAYS, {"output": f"{RIGHT['stays'].output}so ##[x]{COMMAND}"}, "a command of the platform's on the output"),
        (STAYS, {"report": None}, "report.json is missing or torn"),
        (STAYS, {"report": report(5)[:-1]}, "report.json is missing or torn"),
        (STAYS, {"report": report(3)}, "report.json says exit code 3"),
        (STAYS, {"junit": None}, "junit.xml is missing or torn"),
        (STAYS, {"junit": RED[:-1]}, "junit.xml is missing or torn"),
        (HEALS, {"junit": RED}, "junit.xml holds a failure or an error"),
        (IS_BAD, {"report": report(1, measured=(0, 2, 2, 1))}, f"failed on (0, 2, 2, 1) instead of {MEASURED}"),
        (STAYS, {"output": f"the file is torn; download it again {TOKEN}"}, "a token leaked into the output"),
        (STAYS, {"written": {"x": CLIENT_SECRET.encode()}}, "the client secret leaked into x"),
        (STAYS, {"written": {"x": CLIENT_ID.encode()}}, "the client id leaked into x"),
        (STAYS, {"written": {"x": SIGNATURE.encode()}}, "the signature of a link leaked into x"),
        (STAYS, {"host": "127.0.0.1:2"}, "the token was sent to where it does not belong"),
        (
            STAYS,
            {"requests": (f"GET {MEDIA}r.csv HTTP/1.1\r\nhost: 127.0.0.1:1\r\nAuthorization: x\r\n\r\n".encode(),)},
            "the token was sent to where it does not belong",
        ),
        (STAYS, {"requests": (b"GET / HTTP/1.1\r\n\r\n",) * 61}, "sent 61 requests"),
    ],
)
def test_everything_else_that_is_not_as_it_must_be_is_a_false_failure(
    fault: Fault, change: dict[str, Any], wrong: str
) -> None:
    judgement = judge(fault, replace(RIGHT[fault.name], **change))
    assert judgement.kind is Kind.FALSE_FAILURE
    assert wrong in judgement.wrongs


def test_reports_that_cannot_be_written_are_not_missed_but_an_earlier_green_one_is_a_false_pass() -> None:
    fault = replace(STAYS, must=Ending(code=2, without=REPORTS))
    outcome = replace(RIGHT["stays"], code=2, junit=None, report=None)
    assert judge(fault, outcome).kind is Kind.RIGHT
    assert judge(fault, replace(outcome, junit=GREEN)).kind is Kind.FALSE_PASS


def test_a_pass_that_could_not_be_reported_may_say_so() -> None:
    fault = replace(STAYS, must=Ending(code=7, without=("junit.xml",)))
    unreported = json.loads(report(0)) | {"exit_code": 7}
    outcome = Outcome(code=7, seconds=5.0, output="PASSED", junit=None, report=json.dumps(unreported).encode())
    assert judge(fault, outcome).kind is Kind.RIGHT


def test_one_suite_of_several_may_pass_where_the_row_says_so() -> None:
    output = "PASSED  Smoke: all checks passed\nNOT JUDGED  Full: the file is torn; download it again"
    outcome = replace(RIGHT["stays"], output=output)
    assert judge(STAYS, outcome).kind is Kind.FALSE_PASS
    several = replace(STAYS, must=ends(5, "PASSED  Smoke", "the file is torn", mend="download it again"))
    assert judge(several, outcome).kind is Kind.RIGHT


@pytest.mark.parametrize(("output", "times"), [("PASSED", 0), ("PASSED idle", 1), ("PASSED idle Idle", 2)])
def test_what_must_be_told_once_is_neither_missed_nor_repeated(output: str, times: int) -> None:
    fault = replace(HEALS, must=Ending(code=0, once=("idle",)))
    judgement = judge(fault, replace(RIGHT["heals"], output=output))
    assert judgement.wrongs == (() if times == 1 else (f"told {times} times: idle",))


def test_every_family_has_faults_and_every_fault_a_name_of_its_own() -> None:
    assert all(FAMILIES.values())
    names = Counter(fault.name for faults in FAMILIES.values() for fault in faults)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_ending_without_a_verdict_demands_a_cause_and_a_mend() -> None:
    faults = [fault for faults in FAMILIES.values() for fault in faults if fault.must.code not in (0, 1)]
    assert [fault.name for fault in faults if not (fault.must.cause and fault.must.mend)] == []


@pytest.mark.parametrize("behaviours", [(), (..., ...)])
def test_a_sequence_that_cannot_be_played_is_refused(behaviours: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="at its end"):
        Script(status=behaviours)


@pytest.mark.parametrize(
    ("change", "is_only_late"),
    [
        ({}, False),
        ({"seconds": 13.1}, True),
        ({"code": None, "seconds": 18.0, "report": None, "output": ""}, True),
        ({"seconds": 13.1, "output": "download it again"}, False),
        ({"code": 0, "seconds": 13.1}, False),
    ],
    ids=["right", "late", "killed", "late and wrong", "late and a pass"],
)
def test_a_command_that_may_only_have_been_late_gets_another_chance_and_no_other_does(
    change: dict[str, Any], is_only_late: bool
) -> None:
    assert judge(STAYS, replace(RIGHT["stays"], **change)).is_only_late is is_only_late
