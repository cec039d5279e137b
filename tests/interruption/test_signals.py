"""Told to stop at any stage, the gate leaves complete reports within three seconds, and no doubt about its run."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.interruption.stages import (
    FOLDER,
    RESULTS,
    RUNS,
    Place,
    large,
    leave_yesterdays_green,
    on_machine,
    started,
    stopped_at,
)
from tests.kore.scripted_server import drips, hangs, http
from tests.tools.faults import good_run
from tests.tools.faults.machines import dead_resolver
from tests.tools.faults.model import Script
from tests.tools.faults.replies import completed, file, running

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]

LIMIT = 3.0  # s
BOTH = pytest.mark.parametrize(
    ("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
DONE = (completed(),)
STAGES: dict[str, Callable[[Place], Script]] = {
    "starting": lambda here: Script(start=(here.then(hangs()),)),
    "waiting": lambda here: Script(status=(here.then(running()),)),
    "waiting for its own run": lambda here: Script(status=(here.then(running()),)),
    "asking": lambda here: Script(status=(here.then(hangs(b"HTTP/1.1 200 OK\r\n")),)),
    "downloading": lambda here: Script(status=DONE, file=(here.then(hangs()),)),
    "downloading drop by drop": lambda here: Script(
        status=DONE, file=(here.then(drips(http(200, b"")[:-2], b"X-Drop: 1\r\n")),)
    ),
    "waiting for a file": lambda here: Script(status=DONE, file=(here.then(file(lambda _: b"")),)),
}


BY_ITSELF = ("starting", "waiting for its own run")


def assert_interrupted(code: int, output: str, *, run_id: str | None, commit: str | None = None) -> None:
    """The reports are whole, say what happened, and show nothing of an earlier run."""
    report = json.loads((FOLDER / "report.json").read_bytes())
    assert (report["verdict"], report["exit_code"]) == ("unjudged", code)
    (suite,) = report["suites"]
    assert (suite["verdict"], suite["run_id"]) == ("unjudged", run_id)
    assert "interrupted" in suite["error"]["message"]
    junit = ET.fromstring((FOLDER / "junit.xml").read_bytes())
    assert any("interrupted" in error.get("message", "") for error in junit.iter("error"))
    summary = (FOLDER / "summary.md").read_text(encoding="utf-8")
    assert "interrupted" in summary
    assert "yesterday" not in summary
    runs = json.loads(RUNS.read_bytes())["runs"]
    assert [(run["run_id"], run["verdict"], run["commit"]) for run in runs] == (
        [(run_id, None, commit)] if run_id else []
    )
    way_back = f"ci-gate gate {run_id} --suite {good_run.SUITE}"
    assert (way_back in output) is (way_back in summary) is (run_id is not None)
    assert "Traceback" not in output


@BOTH
@pytest.mark.parametrize("stage", STAGES)
def test_at_every_stage_the_reports_are_complete(stage: str, signum: signal.Signals, code: int) -> None:
    leave_yesterdays_green()
    place = Place()
    arguments = ("run",) if stage in BY_ITSELF else ("gate", good_run.RUN_ID)  # which looks at once
    with started(STAGES[stage](place), *arguments) as command:
        command.come_to(place.reached.is_set)
        begun = time.monotonic()
        command.process.send_signal(signum)
        ended, output = command.end()
        assert time.monotonic() - begun < LIMIT
    assert ended == code, output
    # Of which commit a run is that was started elsewhere is not known.
    commit = "c0ffee1" if stage in BY_ITSELF else None
    assert_interrupted(code, output, run_id=None if stage == "starting" else good_run.RUN_ID, commit=commit)


@BOTH
def test_so_they_are_where_a_resolver_never_answers(signum: signal.Signals, code: int) -> None:
    leave_yesterdays_green()
    with started(Script(), program=on_machine(dead_resolver)) as command:
        command.come_to(RUNS.is_file)
        begun = time.monotonic()
        command.process.send_signal(signum)
        ended, output = command.end()
        assert time.monotonic() - begun < LIMIT
    assert ended == code, output
    assert_interrupted(code, output, run_id=None)


@BOTH
@pytest.mark.parametrize("module", ["click", "ci_gate.gate.session", "httpx", "ci_gate.kore.results_csv"])
def test_so_they_are_while_the_program_is_still_loading(module: str, signum: signal.Signals, code: int) -> None:
    leave_yesterdays_green()
    with started(Script(), program=stopped_at("import", module, signum.name)) as command:
        ended, output = command.end()
        assert command.platform.requests == []
    assert ended == code, output
    assert_interrupted(code, output, run_id=None)


@BOTH
def test_so_they_are_while_the_reports_are_written(signum: signal.Signals, code: int) -> None:
    """What was judged by then is told, but the ending is that of the interruption."""
    leave_yesterdays_green()
    with started(large(), "gate", good_run.RUN_ID) as command:
        command.come_to(lambda: command.platform.requests and RESULTS.is_file())
        begun = time.monotonic()
        command.process.send_signal(signum)
        ended, output = command.end()
        assert time.monotonic() - begun < LIMIT
    assert ended == code, output
    report = json.loads((FOLDER / "report.json").read_bytes())
    assert (report["verdict"], report["exit_code"]) == ("unjudged", code)
    assert report["error"]["message"] == "interrupted while the reports were written"
    assert list(ET.fromstring((FOLDER / "junit.xml").read_bytes()).iter("error"))


@BOTH
def test_a_second_signal_ends_it_at_once(signum: signal.Signals, code: int) -> None:
    """Where the first one would have let the reports come to their end, there is the placeholder."""
    leave_yesterdays_green()
    with started(Script(status=DONE), "gate", good_run.RUN_ID, program=stopped_at("report", signum.name)) as command:
        ended, output = command.end()
    assert ended == code, output
    junit = (FOLDER / "junit.xml").read_text(encoding="utf-8")
    assert "the gate has not finished" in junit
    assert "yesterday" not in junit
