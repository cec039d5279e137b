"""Several suites at once: one worker per bot, and an ending that no call can hold up."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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


def assignment(label: str, platform: FakePlatform, bot: str = "st-1") -> Assignment:
    """One suite of a bot."""
    subject = Subject(label=label, suite=label, source=Source.RUN, bot_id=bot)
    return Assignment(subject=subject, platform=platform, rules=Rules(thresholds=tuple(DEFAULTS.values())))


def run(
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


@dataclass(slots=True)
class HangingPlatform(FakePlatform):
    """Never comes back from a call until the test is over."""

    hangs_in: str = "status"
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def start(self, suite: str) -> Run:
        """Start, or hang."""
        self._hang("start")
        return Run(suite, "tr-9")

    def status(self, run: Run) -> RunStatus:
        """Tell the status, or hang at the second look."""
        if self.times("status"):
            self._hang("status")
        self.asked.append(("status", self.clock.now()))
        return waiting(0.3)

    def _hang(self, call: str) -> None:
        if call == self.hangs_in:
            self.reached.set()
            self.release.wait(30)
            raise Stopped


def test_outcomes_come_in_the_order_of_the_suites() -> None:
    events: list[Event] = []
    suites = [
        assignment("a", FakePlatform(statuses=(Transient(PlatformError("no connection")), completed())), "st-1"),
        assignment("b", FakePlatform(), "st-2"),
        assignment("c", FakePlatform(), "st-1"),
    ]
    outcomes = run(*suites, watch=events.append)
    assert [outcome.report.subject.label for outcome in outcomes] == ["a", "b", "c"]
    assert {outcome.report.exit_code for outcome in outcomes} == {ExitCode.PASSED}
    assert {type(event) for event in events} == {RunIdentified, StatusReceived, RetryScheduled, Finished}


def test_one_bot_runs_one_suite_at_a_time() -> None:
    clock = FakeClock()
    first = FakePlatform(clock=clock, statuses=(waiting(), waiting(), completed()))
    second = FakePlatform(clock=clock)
    run(assignment("a", first), assignment("b", second), clock=clock)
    assert second.times("start")[0] >= first.times("results")[-1]


def test_two_bots_run_side_by_side() -> None:
    """Each platform waits for the other one to have been started; one after the other, neither would end."""
    both = threading.Barrier(2, timeout=10)

    class Meeting(FakePlatform):
        def start(self, suite: str) -> Run:
            both.wait()
            return Run(suite, "tr-1")

    outcomes = run(assignment("a", Meeting(), "st-1"), assignment("b", Meeting(), "st-2"))
    assert [outcome.report.exit_code for outcome in outcomes] == [ExitCode.PASSED, ExitCode.PASSED]


def test_after_a_host_that_was_never_known_no_further_suite_is_tried() -> None:
    clock = FakeClock()
    unknown = FakePlatform(clock=clock, starts=(Transient(UnknownHost("name or service not known")),))
    never = FakePlatform(clock=clock)
    outcomes = run(assignment("a", unknown), assignment("b", never), clock=clock, deadline=1800.0)
    assert [outcome.report.exit_code for outcome in outcomes] == [ExitCode.PLATFORM, ExitCode.PLATFORM]
    assert never.asked == []


def test_where_no_worker_can_be_started_every_suite_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def start_first(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    started: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", start_first)
    suites = [assignment("a", FakePlatform()), *(assignment(label, FakePlatform(), "st-2") for label in "bc")]
    first, *others = run(*suites)
    assert first.report.exit_code is ExitCode.PASSED
    for other in others:
        assert isinstance(other.report, Unjudged)
        assert other.report.exit_code is ExitCode.PLATFORM
        assert "no thread can be started" in other.report.error.message
        assert "number of processes" in other.report.error.hint


def test_after_refused_credentials_no_further_suite_of_that_bot_is_tried() -> None:
    refused, never, other = FakePlatform(starts=(Denied("401", hint="look there"),)), FakePlatform(), FakePlatform()
    outcomes = run(assignment("a", refused), assignment("b", never), assignment("c", other, "st-2"))
    assert [outcome.report.exit_code for outcome in outcomes] == [ExitCode.DENIED, ExitCode.DENIED, ExitCode.PASSED]
    assert never.asked == []
    skipped = outcomes[1].report
    assert isinstance(skipped, Unjudged)
    assert "not tried" in skipped.error.message
    assert skipped.error.hint == "see what is said of suite 'a'"


def test_an_interruption_leaves_a_hanging_call_behind_and_keeps_what_is_known() -> None:
    platform = HangingPlatform()
    done = FakePlatform()
    outcomes = run(
        assignment("done", done, "st-2"),
        assignment("hanging", platform),
        interrupted=lambda: signal.SIGTERM if platform.reached.is_set() else None,
    )
    platform.release.set()
    report = outcomes[1].report
    assert isinstance(report, Unjudged)
    assert report.exit_code is ExitCode.TERMINATED
    assert report.subject.run_id == "tr-9"
    assert "ci-gate gate tr-9 --suite hanging" in report.error.hint
    assert outcomes[1].status_document == "{}"


def test_an_interruption_before_there_is_a_run_says_so_without_a_way_back() -> None:
    platform = HangingPlatform(hangs_in="start")
    outcomes = run(assignment("a", platform), interrupted=lambda: signal.SIGINT if platform.reached.is_set() else None)
    platform.release.set()
    report = outcomes[0].report
    assert isinstance(report, Unjudged)
    assert (report.exit_code, report.subject.run_id, report.error.hint) == (ExitCode.INTERRUPTED, None, "")


def test_a_call_that_never_returns_does_not_hold_up_the_deadline() -> None:
    clock = FakeClock()
    platform = HangingPlatform(clock=clock)

    def pass_time(event: Event) -> None:
        if isinstance(event, StatusReceived):
            assert platform.reached.wait(10)
            clock.time = 100.0 + GRACE

    outcomes = run(assignment("a", platform), clock=clock, watch=pass_time)
    platform.release.set()
    report = outcomes[0].report
    assert isinstance(report, Unjudged)
    assert report.exit_code is ExitCode.TIMEOUT
    assert "a call about run tr-9 never returned; the platform's last word: running" in report.error.message
    assert "ci-gate gate tr-9" in report.error.hint


def test_a_start_that_never_returns_does_not_hold_up_the_deadline() -> None:
    clock = FakeClock()
    platform = HangingPlatform(clock=clock, hangs_in="start")
    waiting_suite = FakePlatform(clock=clock)

    def deadline_passes() -> int | None:
        if platform.reached.is_set():
            clock.time = 100.0 + GRACE
        return None

    outcomes = run(assignment("a", platform), assignment("b", waiting_suite), clock=clock, interrupted=deadline_passes)
    platform.release.set()
    for outcome in outcomes:
        assert isinstance(outcome.report, Unjudged)
        assert outcome.report.exit_code is ExitCode.TIMEOUT
        assert "before this suite could start" in outcome.report.error.message
        assert outcome.report.error.hint == "raise --timeout"
    assert waiting_suite.asked == []


def test_a_call_that_hangs_from_the_first_look_has_no_last_word() -> None:
    clock = FakeClock()

    class Silent(HangingPlatform):
        def status(self, run: Run) -> RunStatus:
            self._hang("status")
            raise AssertionError

    platform = Silent(clock=clock)

    def deadline_passes() -> int | None:
        if platform.reached.is_set():
            clock.time = 100.0 + GRACE
        return None

    (outcome,) = run(assignment("a", platform), clock=clock, interrupted=deadline_passes)
    platform.release.set()
    assert isinstance(outcome.report, Unjudged)
    assert outcome.report.error.message.endswith("never returned")
