"""One suite's way through the gate, in every order in which a platform can behave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.clock import Stopped
from ci_gate.core.counts import Counts
from ci_gate.core.events import Event, RetryScheduled, RunIdentified, StatusReceived
from ci_gate.core.findings import FindingKind
from ci_gate.core.model import Reported, Run, RunState, RunStatus, UnreadableFile
from ci_gate.core.report import Judged, Source, Subject, Unjudged
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import DEFAULTS, Threshold, read_threshold
from ci_gate.core.verdict import Verdict
from ci_gate.errors import Denied, ExitCode, Inconclusive, PlatformError, Transient, UnknownHost
from ci_gate.gate.suite_run import NAME_PATIENCE, Assignment, SuiteRun
from tests.fakes import EPOCH, FakeClock, FakePlatform, Panic, completed, ended, file_of, steady, waiting

if TYPE_CHECKING:
    from ci_gate.core.assess import SuiteOutcome

BROKEN = Transient(PlatformError("no connection"))
UNKNOWN = Transient(UnknownHost("name or service not known"))
LATE = Transient(Inconclusive("no results file yet"))


def thresholds(f1: str = "0.90") -> tuple[Threshold, ...]:
    """A minimum of F1, and what holds anyway."""
    minimum = read_threshold("min_f1", f1)
    assert minimum is not None
    return (minimum, *DEFAULTS.values())


def walk(
    platform: FakePlatform,
    *,
    deadline: float = 1800.0,
    attach: str | None = None,
    source: Source | None = None,
    max_age: float | None = None,
    hashed: bool = False,
    advisory: bool = False,
    tolerate: frozenset[FindingKind] = frozenset(),
) -> tuple[SuiteOutcome, list[Event]]:
    """Send one suite through the gate."""
    events: list[Event] = []
    assignment = Assignment(
        subject=Subject(
            label="smoke",
            suite="Smoke",
            source=source or (Source.ATTACHED if attach else Source.RUN),
            bot_id="st-1",
            advisory=advisory,
        ),
        platform=platform,
        rules=Rules(thresholds=thresholds(), tolerate=tolerate),
        attach=attach,
        max_age=max_age,
        hash_utterances=hashed,
    )
    outcome = SuiteRun(assignment, platform.clock, deadline, events.append, steady).execute()
    return outcome, events


def error_of(outcome: SuiteOutcome) -> tuple[ExitCode, str, str]:
    """Code, message and hint of a suite that was not judged."""
    assert isinstance(outcome.report, Unjudged)
    return outcome.report.exit_code, outcome.report.error.message, outcome.report.error.hint


def test_a_good_run_passes_and_keeps_the_files_that_replay_it() -> None:
    outcome, _ = walk(FakePlatform())
    assert isinstance(outcome.report, Judged)
    assert outcome.report.verdict is Verdict.PASSED
    assert (outcome.results, outcome.status_document) == (b"results", '{"status": "completed"}')


def test_a_bad_run_fails() -> None:
    outcome, _ = walk(FakePlatform(statuses=(completed(wrong=20),), files=(file_of(wrong=20),)))
    assert outcome.report.verdict is Verdict.FAILED
    assert outcome.report.exit_code is ExitCode.FAILED


def test_an_advisory_suite_that_failed_ends_in_0() -> None:
    platform = FakePlatform(statuses=(completed(wrong=20),), files=(file_of(wrong=20),))
    outcome, _ = walk(platform, advisory=True)
    assert (outcome.report.verdict, outcome.report.exit_code) == (Verdict.FAILED, ExitCode.PASSED)


def test_the_run_is_told_as_soon_as_it_exists() -> None:
    _, events = walk(FakePlatform(statuses=(waiting(0.5), completed())))
    assert events[0] == RunIdentified("smoke", Run("Smoke", "tr-1"), "ci-gate gate tr-1 --suite smoke")
    assert [type(event) for event in events[1:]] == [StatusReceived, StatusReceived]


def test_the_report_says_which_run_and_how_long_it_took() -> None:
    outcome, _ = walk(FakePlatform(statuses=(waiting(0.5), completed())))
    assert outcome.report.subject.run_id == "tr-1"
    assert outcome.report.subject.seconds == 4.0


@pytest.mark.parametrize(
    ("length", "progress", "requests"),
    [
        pytest.param(20, lambda t: t / 20, [2, 4, 8, 14, 17, 19, 21], id="steady 20 s"),
        pytest.param(60, lambda t: t / 60, [2, 4, 8, 16, 32, 46, 53, 56.5, 58.5, 60.5], id="steady 60 s"),
        pytest.param(60, lambda t: None, [2, 4, 8, 16, 26, 36, 46, 56, 66], id="no progress"),
        pytest.param(
            60, lambda t: min(0.5, t / 40), [2, 4, 8, 16, 28, 42, 49, 52.5, 54.5, 56.5, 58.5, 61], id="frozen at half"
        ),
        pytest.param(40, lambda t: min(1.0, t / 20), [2, 4, 8, 14, 17, 19, 21, 23, 25, 29, 37, 47], id="100 % early"),
    ],
)
def test_a_run_is_polled_at_the_pace_of_its_progress(length: float, progress: object, requests: list[float]) -> None:
    clock = FakeClock()

    class Live(FakePlatform):
        def status(self, run: Run) -> object:  # type: ignore[override]
            self.asked.append(("status", clock.now()))
            assert callable(progress)
            return completed() if clock.now() >= length else waiting(progress(clock.now()))

    platform = Live(clock=clock)
    walk(platform)
    assert platform.times("status") == requests


def test_an_attached_run_is_looked_at_once_and_nothing_is_started() -> None:
    platform = FakePlatform(statuses=(completed(),))
    outcome, _ = walk(platform, attach="tr-1")
    assert platform.asked == [("status", 0.0), ("results", 0.0)]
    assert outcome.report.verdict is Verdict.PASSED


def test_a_resumed_run_that_never_answers_is_a_matter_of_time_for_it_did_exist() -> None:
    outcome, _ = walk(FakePlatform(statuses=(BROKEN,)), attach="tr-1", source=Source.RESUMED, deadline=30.0)
    assert error_of(outcome)[0] is ExitCode.TIMEOUT


def test_an_attached_run_is_polled_by_the_pace_that_is_seen() -> None:
    """Half is done at the first look and three quarters 2 s later: 2 s are left."""
    platform = FakePlatform(statuses=(waiting(0.5), waiting(0.75), completed()))
    walk(platform, attach="tr-1")
    assert platform.times("status") == [0.0, 2.0, 4.0]


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.CANCELLED])
def test_a_run_that_ended_badly_is_a_matter_of_the_platform(state: RunState) -> None:
    outcome, _ = walk(FakePlatform(statuses=(ended(state),)))
    code, message, _ = error_of(outcome)
    assert code is ExitCode.PLATFORM
    assert f"ended on the platform as '{state}'" in message


def test_a_fault_that_heals_costs_time_and_not_the_verdict() -> None:
    platform = FakePlatform(
        starts=(BROKEN, Run("Smoke", "tr-1")),
        statuses=(BROKEN, waiting(), BROKEN, completed()),
        files=(LATE, file_of()),
    )
    outcome, events = walk(platform)
    assert outcome.report.verdict is Verdict.PASSED
    assert [event.wait for event in events if isinstance(event, RetryScheduled)] == [2.0, 2.0, 2.0, 2.0]


def test_repeated_faults_are_asked_about_at_growing_intervals() -> None:
    platform = FakePlatform(statuses=(*[BROKEN] * 6, completed()))
    walk(platform)
    assert platform.times("status") == [2, 4, 8, 16, 26, 36, 46]


def test_a_rate_limit_is_given_up_to_a_minute() -> None:
    limited = Transient(PlatformError("too fast"), rate_limited=True)
    platform = FakePlatform(statuses=(*[limited] * 6, completed()))
    walk(platform)
    assert platform.times("status") == [2, 4, 8, 16, 32, 64, 124]


def test_the_server_decides_when_to_come_back() -> None:
    platform = FakePlatform(statuses=(Transient(PlatformError("busy"), retry_after=25.0), completed()))
    walk(platform)
    assert platform.times("status") == [2.0, 27.0]


def test_the_server_decides_about_the_file_too() -> None:
    late = Transient(Inconclusive("later"), retry_after=25.0)
    platform = FakePlatform(files=(late, file_of()))
    walk(platform)
    assert platform.times("results") == [2.0, 27.0]


def test_another_run_of_the_bot_is_waited_for_steadily() -> None:
    busy = Transient(PlatformError("another run is going on"), pause=10.0, without_effect=True)
    platform = FakePlatform(starts=(busy, busy, Run("Smoke", "tr-1")))
    outcome, _ = walk(platform)
    assert platform.times("start") == [0.0, 10.0, 20.0]
    assert outcome.report.verdict is Verdict.PASSED


def test_a_bot_that_stays_busy_is_a_matter_of_time() -> None:
    busy = Transient(PlatformError("another run is going on"), pause=10.0, without_effect=True)
    outcome, _ = walk(FakePlatform(starts=(busy,)), deadline=25.0)
    code, message, hint = error_of(outcome)
    assert code is ExitCode.TIMEOUT
    assert "before this suite could start; another run is going on" in message
    assert "one run at a time" in hint


def test_a_rate_limit_that_stays_is_no_matter_of_other_runs() -> None:
    limited = Transient(PlatformError("too fast", hint="too many requests"), rate_limited=True, without_effect=True)
    outcome, _ = walk(FakePlatform(starts=(limited,)), deadline=25.0)
    assert error_of(outcome)[0] is ExitCode.TIMEOUT
    assert error_of(outcome)[2] == "too many requests; or raise --timeout"


def test_a_platform_that_is_never_reached_is_no_matter_of_time() -> None:
    platform = FakePlatform(starts=(BROKEN,))
    outcome, _ = walk(platform, deadline=25.0)
    assert error_of(outcome)[:2] == (ExitCode.PLATFORM, "no connection")
    assert platform.times("start")[-1] == 25.0, "one last try is made at the deadline"


@pytest.mark.parametrize("attach", [None, "tr-1"])
def test_a_host_that_was_never_known_is_given_up_after_two_minutes(attach: str | None) -> None:
    platform = FakePlatform(starts=(UNKNOWN,), statuses=(UNKNOWN,))
    outcome, _ = walk(platform, attach=attach)
    assert error_of(outcome)[:2] == (ExitCode.PLATFORM, "name or service not known")
    assert NAME_PATIENCE <= platform.clock.now() <= NAME_PATIENCE + 10


def test_a_host_that_becomes_known_in_time_costs_time_and_not_the_verdict() -> None:
    outcome, _ = walk(FakePlatform(starts=(*[UNKNOWN] * 9, Run("Smoke", "tr-1"))))
    assert outcome.report.verdict is Verdict.PASSED


def test_the_host_of_a_run_that_is_resumed_is_not_mistyped() -> None:
    platform = FakePlatform(statuses=(*[UNKNOWN] * 40, completed()))
    outcome, _ = walk(platform, attach="tr-1", source=Source.RESUMED)
    assert platform.clock.now() > NAME_PATIENCE
    assert outcome.report.verdict is Verdict.PASSED


def test_a_deadline_that_is_over_starts_nothing() -> None:
    platform = FakePlatform()
    outcome, _ = walk(platform, deadline=0.0)
    assert error_of(outcome)[0] is ExitCode.TIMEOUT
    assert platform.asked == []


def test_the_deadline_comes_with_the_last_word_and_the_way_back() -> None:
    platform = FakePlatform(statuses=(waiting(0.4, "sorting"),))
    outcome, _ = walk(platform, deadline=30.0)
    code, message, hint = error_of(outcome)
    assert code is ExitCode.TIMEOUT
    assert "tr-1" in message
    assert "last word: sorting at 40%" in message
    assert "ci-gate gate tr-1 --suite smoke" in hint
    assert platform.times("status")[-1] == 30.0, "one last look is taken at the deadline"
    assert outcome.report.subject.run_id == "tr-1"


def test_the_deadline_tells_the_fault_that_hid_the_end() -> None:
    outcome, _ = walk(FakePlatform(statuses=(waiting(), BROKEN)), deadline=30.0)
    code, message, _ = error_of(outcome)
    assert code is ExitCode.TIMEOUT
    assert "last word: running; the last try failed: no connection" in message


def test_an_attached_run_that_never_answers_is_a_matter_of_the_platform() -> None:
    outcome, _ = walk(FakePlatform(statuses=(BROKEN,)), attach="tr-1", deadline=30.0)
    assert error_of(outcome)[0] is ExitCode.PLATFORM


def test_a_late_file_is_asked_for_with_a_fresh_status_each_time() -> None:
    platform = FakePlatform(files=(LATE, LATE, file_of()))
    outcome, _ = walk(platform)
    assert platform.times("results") == [2.0, 4.0, 8.0]
    assert platform.times("status") == [2.0, 4.0, 8.0]
    assert outcome.report.verdict is Verdict.PASSED


def test_a_file_that_never_comes_leaves_the_run_inconclusive_after_two_minutes() -> None:
    platform = FakePlatform(files=(LATE,))
    outcome, _ = walk(platform)
    code, message, hint = error_of(outcome)
    assert (code, message) == (ExitCode.INCONCLUSIVE, "no results file yet")
    assert "--tolerate no-file" in hint
    assert platform.times("results")[-1] == 122.0


def test_a_missing_file_can_be_tolerated_by_name() -> None:
    outcome, _ = walk(FakePlatform(files=(LATE,)), tolerate=frozenset({FindingKind.NO_FILE}))
    assert outcome.report.verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("tolerate", "verdict"),
    [(frozenset(), Verdict.UNJUDGED), (frozenset({FindingKind.NO_FILE}), Verdict.FAILED)],
    ids=["not tolerated", "tolerated"],
)
def test_without_its_file_a_run_is_judged_by_its_counts_only_where_that_is_tolerated(
    tolerate: frozenset[FindingKind], verdict: Verdict
) -> None:
    outcome, _ = walk(FakePlatform(statuses=(completed(wrong=20),), files=(LATE,)), tolerate=tolerate)
    assert outcome.report.verdict is verdict


def test_the_deadline_ends_the_wait_for_a_file_without_losing_the_run() -> None:
    outcome, _ = walk(FakePlatform(files=(LATE,)), deadline=10.0)
    assert error_of(outcome)[0] is ExitCode.INCONCLUSIVE


def test_a_status_that_is_lost_while_waiting_for_the_file_is_asked_again() -> None:
    platform = FakePlatform(statuses=(completed(), BROKEN, completed()), files=(LATE, LATE, file_of()))
    outcome, _ = walk(platform)
    assert outcome.report.verdict is Verdict.PASSED


def test_a_run_that_takes_its_end_back_is_waited_for_again() -> None:
    platform = FakePlatform(statuses=(completed(), waiting(0.9), completed()), files=(LATE, file_of()))
    outcome, _ = walk(platform)
    assert outcome.report.verdict is Verdict.PASSED
    assert len(platform.times("status")) == 3


def counting_nothing() -> RunStatus:
    """A run that has ended, whose counts are not written yet."""
    done = completed()
    nothing = replace(done.reported.counts, tp=0, tn=0, fp=0, fn=0)
    return replace(done, reported=replace(done.reported, counts=nothing))


@pytest.mark.parametrize("attach", [None, "tr-1"])
def test_a_run_that_counts_nothing_beside_a_whole_file_is_looked_at_once_more(attach: str | None) -> None:
    platform = FakePlatform(statuses=(counting_nothing(), completed()))
    outcome, _ = walk(platform, attach=attach)
    assert outcome.report.verdict is Verdict.PASSED
    assert len(platform.times("status")) == 2


def test_a_run_that_goes_on_counting_nothing_is_not_judged() -> None:
    platform = FakePlatform(statuses=(counting_nothing(),))
    outcome, _ = walk(platform)
    assert error_of(outcome)[0] is ExitCode.INCONCLUSIVE
    assert len(platform.times("status")) == 2


@pytest.mark.parametrize(
    ("statuses", "deadline"),
    [
        pytest.param((completed(),), 1800.0, id="counts"),
        pytest.param((counting_nothing(), completed()), 2.0, id="no time for another look"),
    ],
)
def test_there_is_no_other_look_where_none_is_needed_or_possible(
    statuses: tuple[RunStatus, ...], deadline: float
) -> None:
    platform = FakePlatform(statuses=statuses)
    walk(platform, deadline=deadline)
    assert len(platform.times("status")) == 1


def test_counts_of_nothing_beside_a_file_of_nothing_agree() -> None:
    nothing = replace(file_of(), utterances=())
    platform = FakePlatform(statuses=(counting_nothing(),), files=(nothing,))
    walk(platform)
    assert len(platform.times("status")) == 1


def test_the_same_unreadable_bytes_twice_are_final() -> None:
    platform = FakePlatform(files=(UnreadableFile(problem="row 7 is cut off", raw=b"half"),))
    outcome, _ = walk(platform)
    assert error_of(outcome)[:2] == (ExitCode.INCONCLUSIVE, "row 7 is cut off")
    assert platform.times("results") == [2.0, 4.0]
    assert outcome.results == b"half", "what was there is kept, so that it can be looked at"


def test_a_file_that_is_still_being_written_is_read_when_it_is_whole() -> None:
    half = UnreadableFile(problem="row 7 is cut off", raw=b"half")
    outcome, _ = walk(FakePlatform(files=(half, UnreadableFile(problem="row 9", raw=b"more"), file_of())))
    assert outcome.report.verdict is Verdict.PASSED


def test_a_file_that_must_not_be_fetched_is_not_asked_for_again() -> None:
    platform = FakePlatform(files=(UnreadableFile(problem="another host"),))
    outcome, _ = walk(platform)
    assert error_of(outcome)[:2] == (ExitCode.INCONCLUSIVE, "another host")
    assert len(platform.times("results")) == 1


def test_refused_credentials_end_the_wait_at_once() -> None:
    outcome, _ = walk(FakePlatform(statuses=(Denied("401"),)))
    assert error_of(outcome)[0] is ExitCode.DENIED


@pytest.mark.parametrize("bug", [ZeroDivisionError("oops"), Panic("oops")], ids=["bug", "panic"])
def test_a_bug_is_reported_as_one(bug: BaseException) -> None:
    outcome, _ = walk(FakePlatform(statuses=(bug,)))
    code, message, _ = error_of(outcome)
    assert (code, message) == (ExitCode.INTERNAL, f"a bug in ci-gate: {type(bug).__name__}")
    assert isinstance(outcome.report, Unjudged)
    assert outcome.report.error.__cause__ is bug


def test_a_worker_that_is_told_to_stop_reports_nothing() -> None:
    with pytest.raises(Stopped):
        walk(FakePlatform(statuses=(Stopped(),)))


@pytest.mark.parametrize(
    ("ended_at", "code"),
    [
        (EPOCH - 3000, ExitCode.PASSED),
        (EPOCH - 4000, ExitCode.INCONCLUSIVE),
        (EPOCH + 60, ExitCode.PASSED),
        (EPOCH + 700, ExitCode.INCONCLUSIVE),
        (None, ExitCode.INCONCLUSIVE),
    ],
)
def test_a_run_that_is_too_old_or_of_unknown_age_is_refused(ended_at: float | None, code: ExitCode) -> None:
    outcome, _ = walk(FakePlatform(statuses=(completed(ended=ended_at),)), attach="tr-1", max_age=3600.0)
    assert outcome.report.exit_code is code


def test_hidden_utterances_appear_as_hashes_and_their_file_is_not_kept() -> None:
    outcome, _ = walk(FakePlatform(), hashed=True)
    assert outcome.results is None
    assert isinstance(outcome.report, Judged)
    cases = outcome.report.judgement.evidence.utterances
    assert cases is not None
    assert all(case.text.startswith("#") for case in cases)
    assert len({case.text for case in cases}) == len(cases)
    assert {case.key for case in cases} == {case.key for case in file_of().utterances}, (
        "the keys compare across both ways"
    )


def test_our_own_run_that_never_answers_is_a_matter_of_time_and_can_be_attached_to() -> None:
    outcome, _ = walk(FakePlatform(statuses=(BROKEN,)), deadline=30.0)
    code, message, hint = error_of(outcome)
    assert code is ExitCode.TIMEOUT
    assert "last word: nothing; the last try failed: no connection" in message
    assert "ci-gate gate tr-1 --suite smoke" in hint


@pytest.mark.parametrize("attach", [None, "tr-1"])
def test_a_platform_that_has_no_time_is_reached_all_the_same(attach: str | None) -> None:
    limited = Transient(PlatformError("too fast"), rate_limited=True, without_effect=True)
    outcome, _ = walk(FakePlatform(starts=(limited,), statuses=(limited,)), attach=attach, deadline=30.0)
    assert error_of(outcome)[0] is ExitCode.TIMEOUT


def test_the_server_may_ask_to_be_asked_again_sooner() -> None:
    soon = Transient(PlatformError("busy"), retry_after=1.0, pause=10.0)
    platform = FakePlatform(statuses=(soon, soon, completed()))
    walk(platform)
    assert platform.times("status") == [2.0, 4.0, 6.0], "but not within the shortest wait"


def test_an_ending_in_the_middle_of_a_run_says_how_to_attach_to_it() -> None:
    outcome, _ = walk(FakePlatform(statuses=(waiting(), Denied("401", hint="look there"))))
    assert error_of(outcome)[2] == "look there; if the run goes on, attach again with: ci-gate gate tr-1 --suite smoke"


def test_a_run_that_shrinks_while_it_goes_on_is_partial() -> None:
    running = replace(waiting(0.5), reported=Reported(counts=Counts(utterances=41)))
    outcome, _ = walk(FakePlatform(statuses=(running, completed())))
    code, message, _ = error_of(outcome)
    assert code is ExitCode.INCONCLUSIVE
    assert message.startswith("the run had 41 utterances while it went on, and 40 at its end")


def test_a_run_of_which_less_than_half_is_left_at_its_end_is_an_outage() -> None:
    running = replace(waiting(0.5), reported=Reported(counts=Counts(utterances=600)))
    outcome, _ = walk(FakePlatform(statuses=(running, completed(right=1, wrong=39))))
    code, message, _ = error_of(outcome)
    assert code is ExitCode.INCONCLUSIVE
    assert message.startswith("only 40 of 600 utterances were evaluated")


def test_a_run_that_nobody_knows_is_not_offered_for_attaching() -> None:
    outcome, _ = walk(FakePlatform(statuses=(PlatformError("unknown", hint="is it the right id?"),)), attach="tr-9")
    assert error_of(outcome)[2] == "is it the right id?"


def test_a_bug_in_the_middle_of_a_run_keeps_its_cause_beside_the_way_back() -> None:
    outcome, _ = walk(FakePlatform(statuses=(waiting(), ZeroDivisionError("oops"))))
    assert isinstance(outcome.report, Unjudged)
    assert isinstance(outcome.report.error.__cause__, ZeroDivisionError)
    assert "ci-gate gate tr-1" in outcome.report.error.hint
