"""Several suites at once: one worker per bot, and no call that can delay the end."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ci_gate.core.clock import Stopped
from ci_gate.core.events import Event, Finished, RetryScheduled, RunIdentified, StatusReceived
from ci_gate.core.model import Run, RunStatus
from ci_gate.core.report import Source, Subject, Unjudged
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import DEFAULTS
from ci_gate.errors import Denied, ExitCode, PlatformError, Transient, UnknownHost
from ci_gate.gate.suite_run import Assignment
from ci_gate.gate.workers import GRACE, Workers
from tests.fakes import FakeClock, FakePlatform, completed, steady, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from ci_gate.core.assess import SuiteOutcome
    from ci_gate.core.report import SuiteReport
    from ci_gate.errors import GateError


def assignment(label: str, platform: FakePlatform, bot: str = "st-1") -> Assignment:
    """Return the assignment of one suite of a bot."""
    subject = Subject(label=label, suite=label, source=Source.RUN, bot_id=bot)
    return Assignment(subject=subject, platform=platform, rules=Rules(thresholds=tuple(DEFAULTS.values())))


def outcomes(
    *assignments: Assignment,
    clock: FakeClock | None = None,
    deadline: float = 100.0,
    interrupted: Callable[[], int | None] = lambda: None,
    watch: Callable[[Event], None] = lambda event: None,
) -> tuple[SuiteOutcome, ...]:
    """Run the assignments."""
    workers = Workers(
        assignments=assignments,
        clock=clock or FakeClock(),
        deadline=deadline,
        watch=watch,
        interrupted=interrupted,
        uniform=steady,
    )
    return workers.run()


def run(*assignments: Assignment, **options: Any) -> list[SuiteReport]:
    """Run the assignments; return the report of each suite."""
    return [outcome.report for outcome in outcomes(*assignments, **options)]


def error_of(report: SuiteReport) -> GateError:
    assert isinstance(report, Unjudged)
    return report.error


@dataclass(slots=True)
class HangingPlatform(FakePlatform):
    """A platform of which the second status, or the start, returns only after the test."""

    hangs_in: str = "status"
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def start(self, suite: str) -> Run:
        self._hang("start")
        return Run(suite, "tr-9")

    def status(self, run: Run) -> RunStatus:
        if self.times("status"):
            self._hang("status")
        self.asked.append(("status", self.clock.now()))
        return waiting(0.3)

    def _hang(self, call: str) -> None:
        if call == self.hangs_in:
            self.reached.set()
            self.release.wait(30)
            raise Stopped


def test_reports_come_in_the_order_of_the_suites() -> None:
    events: list[Event] = []
    suites = [
        assignment("a", FakePlatform(statuses=(Transient(PlatformError("no connection")), completed())), "st-1"),
        assignment("b", FakePlatform(), "st-2"),
        assignment("c", FakePlatform(), "st-1"),
    ]
    reports = run(*suites, watch=events.append)
    assert [(report.subject.label, report.exit_code) for report in reports] == [(label, 0) for label in "abc"]
    assert {type(event) for event in events} == {RunIdentified, StatusReceived, RetryScheduled, Finished}


def test_one_bot_runs_one_suite_at_a_time() -> None:
    clock = FakeClock()
    first = FakePlatform(clock=clock, statuses=(waiting(), waiting(), completed()))
    second = FakePlatform(clock=clock)
    run(assignment("a", first), assignment("b", second), clock=clock)
    assert second.times("start")[0] >= first.times("results")[-1]


def test_two_bots_run_side_by_side() -> None:
    """Each start waits for the other one; one after the other, neither would return."""
    both = threading.Barrier(2, timeout=10)

    class Meeting(FakePlatform):
        def start(self, suite: str) -> Run:
            both.wait()
            return Run(suite, "tr-1")

    reports = run(assignment("a", Meeting(), "st-1"), assignment("b", Meeting(), "st-2"))
    assert [report.exit_code for report in reports] == [ExitCode.PASSED, ExitCode.PASSED]


def test_no_suite_is_tried_after_the_host_proved_unknown() -> None:
    clock = FakeClock()
    unknown = FakePlatform(clock=clock, starts=(Transient(UnknownHost("name or service not known")),))
    never = FakePlatform(clock=clock)
    reports = run(assignment("a", unknown), assignment("b", never), clock=clock, deadline=1800.0)
    assert [report.exit_code for report in reports] == [ExitCode.PLATFORM, ExitCode.PLATFORM]
    assert never.asked == []


def test_no_suite_of_a_bot_is_tried_after_its_credentials_were_refused() -> None:
    refused, never, other = FakePlatform(starts=(Denied("401", hint="look there"),)), FakePlatform(), FakePlatform()
    reports = run(assignment("a", refused), assignment("b", never), assignment("c", other, "st-2"))
    assert [report.exit_code for report in reports] == [ExitCode.DENIED, ExitCode.DENIED, ExitCode.PASSED]
    assert never.asked == []
    assert "not tried" in error_of(reports[1]).message
    assert error_of(reports[1]).hint == "see the error of suite 'a'"


def test_every_suite_whose_worker_cannot_be_started_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def start_first(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    started: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", start_first)
    first, *others = run(*(assignment(label, FakePlatform(), f"st-{label > 'a'}") for label in "abc"))
    assert first.exit_code is ExitCode.PASSED
    for other in others:
        assert other.exit_code is ExitCode.PLATFORM
        assert "no thread can be started" in error_of(other).message
        assert "number of processes" in error_of(other).hint


def test_an_interruption_abandons_a_call_and_keeps_the_run_and_its_status() -> None:
    platform = HangingPlatform()
    _, outcome = outcomes(
        assignment("done", FakePlatform(), "st-2"),
        assignment("hanging", platform),
        interrupted=lambda: signal.SIGTERM if platform.reached.is_set() else None,
    )
    platform.release.set()
    assert (outcome.report.exit_code, outcome.report.subject.run_id) == (ExitCode.TERMINATED, "tr-9")
    assert "ci-gate gate tr-9 --suite hanging" in error_of(outcome.report).hint
    assert outcome.status_document == "{}"


def test_an_interruption_before_there_is_a_run_has_no_way_back() -> None:
    platform = HangingPlatform(hangs_in="start")
    (report,) = run(assignment("a", platform), interrupted=lambda: signal.SIGINT if platform.reached.is_set() else None)
    platform.release.set()
    assert (report.exit_code, report.subject.run_id) == (ExitCode.INTERRUPTED, None)
    assert error_of(report).hint == ""


def test_a_status_that_never_returns_does_not_delay_the_deadline() -> None:
    clock = FakeClock()
    platform = HangingPlatform(clock=clock)

    def pass_time(event: Event) -> None:
        if isinstance(event, StatusReceived):
            assert platform.reached.wait(10)
            clock.time = 100.0 + GRACE

    (report,) = run(assignment("a", platform), clock=clock, watch=pass_time)
    platform.release.set()
    assert report.exit_code is ExitCode.TIMEOUT
    assert "a call about run tr-9 never returned; the platform's last status: running" in error_of(report).message
    assert "ci-gate gate tr-9" in error_of(report).hint


def deadline_of(platform: HangingPlatform) -> Callable[[], None]:
    """Return a function that lets the deadline pass once ``platform`` hangs."""

    def pass_time() -> None:
        if platform.reached.is_set():
            platform.clock.time = 100.0 + GRACE

    return pass_time


def test_a_start_that_never_returns_does_not_delay_the_deadline() -> None:
    platform = HangingPlatform(hangs_in="start")
    second = FakePlatform(clock=platform.clock)
    suites = (assignment("a", platform), assignment("b", second))
    reports = run(*suites, clock=platform.clock, interrupted=deadline_of(platform))
    platform.release.set()
    for report in reports:
        assert report.exit_code is ExitCode.TIMEOUT
        assert "before this suite could start" in error_of(report).message
        assert error_of(report).hint == "raise --timeout"
    assert second.asked == []


def test_a_first_status_that_never_returns_is_reported_without_a_last_word() -> None:
    class Silent(HangingPlatform):
        def status(self, run: Run) -> RunStatus:
            self._hang("status")
            raise AssertionError

    platform = Silent()
    (report,) = run(assignment("a", platform), clock=platform.clock, interrupted=deadline_of(platform))
    platform.release.set()
    assert error_of(report).message.endswith("never returned")
