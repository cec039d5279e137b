"""A signal at any stage ends the gate within three seconds, with complete reports and a way back to its run."""

from __future__ import annotations

import json
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
from tests.sandbox import each_signal
from tests.tools.faults import good_run
from tests.tools.faults.machines import dead_resolver
from tests.tools.faults.model import Script
from tests.tools.faults.replies import completed, file, running

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable

    from tests.interruption.stages import Command

pytestmark = [pytest.mark.subprocess, pytest.mark.slow, pytest.mark.usefixtures("earlier_reports")]

LIMIT = 3.0  # s
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
RUN_STAGES = ("starting", "waiting for its own run")


@pytest.fixture
def earlier_reports() -> None:
    leave_yesterdays_green()


def interrupt(command: Command, signum: signal.Signals) -> tuple[int, str]:
    """Send a signal; return exit code and output of the command, which must end within the limit."""
    begun = time.monotonic()
    command.process.send_signal(signum)
    ended = command.end()
    assert time.monotonic() - begun < LIMIT
    return ended


def assert_interrupted(code: int, output: str, *, run_id: str | None, commit: str | None = None) -> None:
    """Fail unless the reports are complete, state the interruption, and contain nothing of an earlier run."""
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
    found = [(run["run_id"], run["verdict"], run["commit"]) for run in runs]
    assert found == ([(run_id, None, commit)] if run_id else [])
    way_back = f"ci-gate gate {run_id} --suite {good_run.SUITE}"
    assert (way_back in output) is (way_back in summary) is (run_id is not None)
    assert "Traceback" not in output


@each_signal
@pytest.mark.parametrize("stage", STAGES)
def test_a_signal_at_any_stage_leaves_complete_reports(stage: str, signum: signal.Signals, code: int) -> None:
    place = Place()
    arguments = ("run",) if stage in RUN_STAGES else ("gate", good_run.RUN_ID)  # which looks at once
    with started(STAGES[stage](place), *arguments) as command:
        command.come_to(place.reached.is_set)
        ended, output = interrupt(command, signum)
    assert ended == code, output
    commit = "c0ffee1" if stage in RUN_STAGES else None  # the commit of an attached run is unknown
    assert_interrupted(code, output, run_id=None if stage == "starting" else good_run.RUN_ID, commit=commit)


@each_signal
def test_a_signal_during_an_endless_name_lookup_leaves_complete_reports(signum: signal.Signals, code: int) -> None:
    with started(Script(), program=on_machine(dead_resolver)) as command:
        command.come_to(RUNS.is_file)
        ended, output = interrupt(command, signum)
    assert ended == code, output
    assert_interrupted(code, output, run_id=None)


@each_signal
@pytest.mark.parametrize("module", ["click", "ci_gate.gate.session", "httpx", "ci_gate.kore.results_csv"])
def test_a_signal_during_an_import_leaves_complete_reports(module: str, signum: signal.Signals, code: int) -> None:
    with started(Script(), program=stopped_at("import", module, signum.name)) as command:
        ended, output = command.end()
        assert command.platform.requests == []
    assert ended == code, output
    assert_interrupted(code, output, run_id=None)


@each_signal
def test_a_signal_while_the_reports_are_written_is_an_interruption(signum: signal.Signals, code: int) -> None:
    with started(large(), "gate", good_run.RUN_ID) as command:
        command.come_to(lambda: command.platform.requests and RESULTS.is_file())
        ended, output = interrupt(command, signum)
    assert ended == code, output
    report = json.loads((FOLDER / "report.json").read_bytes())
    assert (report["verdict"], report["exit_code"]) == ("unjudged", code)
    assert report["error"]["message"] == "interrupted while the reports were written"
    assert list(ET.fromstring((FOLDER / "junit.xml").read_bytes()).iter("error"))


@each_signal
def test_a_second_signal_ends_the_command_at_once_and_leaves_the_placeholder(signum: signal.Signals, code: int) -> None:
    with started(Script(status=DONE), "gate", good_run.RUN_ID, program=stopped_at("report", signum.name)) as command:
        ended, output = command.end()
    assert ended == code, output
    junit = (FOLDER / "junit.xml").read_text(encoding="utf-8")
    assert "the gate has not finished" in junit
    assert "yesterday" not in junit
