"""Every ending: exit code, JUnit file, report and summary page agree."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from ci_gate.core.model import RunState
from ci_gate.errors import Denied, ExitCode
from ci_gate.reports import markdown
from tests.fakes import FakePlatform, Panic, completed, ended, file_of, waiting
from tests.scripted import InterruptedPlatform, WatchedPlatform
from tests.streams import BrokenPipe, Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ci_gate.core.report import GateReport
    from tests.sandbox import Ending
    from tests.scripted import Play

    Patch = pytest.MonkeyPatch

STEP = "step.md"
EARLIER_STEP = "# an earlier step\n"


def failing() -> FakePlatform:
    return FakePlatform(statuses=(completed(right=30, wrong=10),), files=(file_of(right=30, wrong=10),))


def in_the_way(name: str) -> FakePlatform:
    """Return a platform during whose run a folder takes the place of a report."""
    path = Path("ci-gate-report", name)

    def stand_there() -> None:
        path.unlink(missing_ok=True)
        (path / "mine").mkdir(parents=True)

    return WatchedPlatform(before_start=stand_there)


ENDINGS: dict[ExitCode, Callable[[], FakePlatform]] = {
    ExitCode.PASSED: FakePlatform,
    ExitCode.FAILED: failing,
    ExitCode.PLATFORM: lambda: FakePlatform(statuses=(ended(RunState.FAILED),)),
    ExitCode.TIMEOUT: lambda: FakePlatform(statuses=(waiting(0.4),)),
    ExitCode.INCONCLUSIVE: lambda: FakePlatform(files=(file_of(right=20),)),
    ExitCode.DENIED: lambda: FakePlatform(starts=(Denied("no"),)),
    ExitCode.UNREPORTED: lambda: in_the_way("summary.md"),
    ExitCode.INTERNAL: lambda: FakePlatform(starts=(ZeroDivisionError(),)),
    ExitCode.INTERRUPTED: lambda: InterruptedPlatform(signals=(signal.SIGINT,)),
    ExitCode.TERMINATED: lambda: InterruptedPlatform(signals=(signal.SIGTERM,)),
}
"""A platform for every exit code that a run can have; a usage error starts no run."""


def assert_in_step(ending: Ending, code: ExitCode) -> None:
    """Check that the reports agree with the exit code."""
    assert ending.code == code, ending.out + ending.err
    assert ending.report["exit_code"] == code
    assert ending.report["verdict"] == {0: "passed", 1: "failed"}.get(code, "unjudged")
    assert bool(ending.junit_problems) is (code != 0)
    assert all(ending.junit_problems)


def test_every_exit_code_has_an_ending_here() -> None:
    assert {*ENDINGS, ExitCode.USAGE} == set(ExitCode)


@pytest.mark.parametrize("code", ENDINGS, ids=lambda code: code.name)
def test_every_ending_is_the_same_everywhere(code: ExitCode, play: Play) -> None:
    Path(STEP).write_text(EARLIER_STEP, encoding="utf-8")
    ending = play(platform=ENDINGS[code](), environment={"GITHUB_STEP_SUMMARY": STEP})
    assert_in_step(ending, code)
    step = Path(STEP).read_text(encoding="utf-8")
    assert step.startswith(EARLIER_STEP)
    assert step.lower().count("exit code") == step.lower().count(f"exit code {code.value}:") == 1
    if code is not ExitCode.UNREPORTED:
        assert step == EARLIER_STEP + ending.summary


@pytest.mark.parametrize("code", ENDINGS, ids=lambda code: code.name)
def test_copy_of_the_junit_file_equals_the_original(code: ExitCode, play: Play) -> None:
    ending = play("run", "--junit-xml", "copies/junit.xml", platform=ENDINGS[code]())
    assert Path("copies/junit.xml").read_bytes() == (ending.folder / "junit.xml").read_bytes()


def test_usage_error_is_appended_to_the_summary_page_once(play: Play) -> None:
    ending = play("run", "--timeout", "soon", environment={"GITHUB_STEP_SUMMARY": STEP})
    assert_in_step(ending, ExitCode.USAGE)
    assert Path(STEP).read_text(encoding="utf-8") == ending.summary
    ending = play("run", "--timeout", "soon", environment={"GITHUB_STEP_SUMMARY": "nowhere/step.md"})
    assert_in_step(ending, ExitCode.USAGE)
    assert "warning: not written: nowhere/step.md: No such file or directory" in ending.err


@pytest.mark.parametrize(
    ("platform", "code"), [(FakePlatform, ExitCode.UNREPORTED), (failing, ExitCode.FAILED)], ids=["passed", "failed"]
)
def test_lost_summary_page_only_costs_a_pass(platform: Callable[[], FakePlatform], code: ExitCode, play: Play) -> None:
    ending = play(platform=platform(), environment={"GITHUB_STEP_SUMMARY": "nowhere/step.md"})
    assert_in_step(ending, code)
    assert "not written: nowhere/step.md" in ending.err
    assert ("--replay" in ending.summary + ending.out) is (code == ExitCode.FAILED)


@pytest.mark.parametrize("name", ["junit.xml", "report.json"])
def test_unwritable_report_only_costs_a_pass(name: str, play: Play) -> None:
    ending = play(platform=in_the_way(name))
    assert ending.code == ExitCode.UNREPORTED
    assert f"a report could not be written: ci-gate-report/{name}" in ending.err
    assert "exit code 7" in ending.summary.lower()
    if name != "junit.xml":
        assert ending.junit_problems
    else:
        assert ending.report["exit_code"] == 7


closed = pytest.mark.parametrize("stream", [BrokenPipe, lambda: None], ids=["broken pipe", "not there"])


@closed
def test_verdict_that_cannot_be_printed_is_neither_0_nor_1(
    stream: Callable[[], BrokenPipe | None], play: Play, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(sys, "stdout", stream())
    for platform in (FakePlatform, failing):
        ending = play(platform=platform())
        assert_in_step(ending, ExitCode.UNREPORTED)
        assert "standard output is closed" in ending.report["error"]["message"]
        assert "--replay" not in ending.summary
    assert_in_step(play(platform=ENDINGS[ExitCode.DENIED]()), ExitCode.DENIED)


@closed
@pytest.mark.parametrize("code", [ExitCode.PASSED, ExitCode.FAILED, ExitCode.INTERNAL], ids=lambda code: code.name)
def test_closed_standard_error_only_costs_messages(
    code: ExitCode, stream: Callable[[], BrokenPipe | None], play: Play, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream())
    ending = play("run", "--verbose", platform=ENDINGS[code]())
    assert_in_step(ending, code)
    assert f"exit code {code.value}" in ending.out


def broken(*_: object, **__: object) -> NoReturn:
    raise ZeroDivisionError("a number that must not be shown")


RENDER = markdown.render


def broken_as_page(report: GateReport, **limit: int) -> Iterator[str]:
    """Fail for the page, which has a limit of its own, and not for the file."""
    return broken() if limit else RENDER(report)


BUGS = {
    "settings": ("ci_gate.gate.remote_runs.resolve_remote", broken),
    "wiring": ("ci_gate.gate.remote_runs.Workers", broken),
    "start": ("tests.fakes.FakePlatform.start", broken),
    "verdict": ("ci_gate.reports.text.render", broken),
    "summary page": ("ci_gate.reports.markdown.render", broken_as_page),
    "summary.md": ("ci_gate.reports.markdown.render", broken),
}
"""Places for a bug."""


@pytest.mark.parametrize("place", BUGS)
def test_bug_ends_in_70_everywhere(place: str, play: Play, monkeypatch: Patch) -> None:
    assert play().code == 0
    target, bug = BUGS[place]
    monkeypatch.setattr(target, bug)
    endings = [play("run", *verbose, environment={"GITHUB_STEP_SUMMARY": STEP}) for verbose in ((), ("--verbose",))]
    for ending in endings:
        assert ending.code == ending.report["exit_code"] == ExitCode.INTERNAL
        assert ending.junit_problems
        assert "a bug in ci-gate: ZeroDivisionError" in ending.out + ending.err
        assert "--verbose shows where it happened" in ending.out + ending.err
        assert "must not be shown" not in ending.out
    assert ["Traceback" in ending.err for ending in endings] == [False, True]


@pytest.mark.parametrize("place", ["ci_gate.gate.remote_runs._token", "ci_gate.gate.remote_runs.resolve_remote"])
def test_panic_is_a_bug_and_no_failure(place: str, play: Play, monkeypatch: Patch) -> None:
    def panic(*_: object) -> NoReturn:
        raise Panic("must not be shown")

    monkeypatch.setattr(place, panic)
    ending = play()
    assert ending.code == ending.report["exit_code"] == ExitCode.INTERNAL
    assert "a bug in ci-gate: Panic" in ending.err
    assert "must not be shown" not in ending.err


def test_bug_in_a_report_leaves_the_placeholder_and_hides_no_worse_ending(play: Play, monkeypatch: Patch) -> None:
    monkeypatch.setattr("ci_gate.reports.junit.render", broken)
    ending = play()
    assert_in_step(ending, ExitCode.INTERNAL)
    assert ending.junit_problems == ["the gate has not finished"]
    monkeypatch.setattr("ci_gate.reports.text.render", broken)
    assert_in_step(play(platform=InterruptedPlatform()), ExitCode.INTERRUPTED)


@pytest.mark.parametrize(("signum", "code"), [
    (signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED),
], ids=["SIGINT", "SIGTERM"])  # fmt: skip
def test_signal_during_the_verdict_is_no_pass(
    signum: signal.Signals, code: ExitCode, play: Play, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(sys, "stdout", Watched(partial(signal.raise_signal, signum)))
    ending = play(environment={"GITHUB_STEP_SUMMARY": STEP})
    assert_in_step(ending, code)
    assert "interrupted while the reports were written" in Path(STEP).read_text(encoding="utf-8")


def test_last_line_names_the_folder_of_the_reports(play: Play) -> None:
    assert play("run", "--report-dir", "elsewhere").err.splitlines()[-1] == "reports: elsewhere"
