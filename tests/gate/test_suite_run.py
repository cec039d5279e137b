"""One suite's way through the gate, for every order in which a platform can behave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.clock import Stopped
from ci_gate.core.counts import Counts
from ci_gate.core.events import Event, RetryScheduled, RunIdentified, StatusReceived
from ci_gate.core.findings import FindingKind
from ci_gate.core.model import Reported, ResultsFile, Run, RunState, RunStatus, UnreadableFile
from ci_gate.core.report import Judged, Source, Subject, Unjudged
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import DEFAULTS, read_threshold
from ci_gate.core.verdict import Verdict
from ci_gate.errors import Denied, ExitCode, Inconclusive, PlatformError, Transient, UnknownHost
from ci_gate.gate.suite_run import NAME_PATIENCE, Assignment, SuiteRun
from tests.fakes import EPOCH, FakeClock, FakePlatform, Panic, completed, ended, file_of, steady, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.core.assess import SuiteOutcome

RUN = Run("Smoke", "tr-1")
BROKEN = Transient(PlatformError("no connection"))
UNKNOWN = Transient(UnknownHost("name or service not known"))
LATE = Transient(Inconclusive("no results file yet"))
LIMITED = Transient(PlatformError("too fast"), rate_limited=True)
REFUSED = Transient(PlatformError("too fast"), rate_limited=True, without_effect=True)
BUSY = Transient(PlatformError("another run is going on"), pause=10.0, without_effect=True)
HALF = UnreadableFile(problem="row 7 is cut off", raw=b"half")
PASSED, FAILED, PLATFORM = ExitCode.PASSED, ExitCode.FAILED, ExitCode.PLATFORM
TIMEOUT, INCONCLUSIVE, DENIED = ExitCode.TIMEOUT, ExitCode.INCONCLUSIVE, ExitCode.DENIED
NO_FILE = frozenset({FindingKind.NO_FILE})
ATTACH = "ci-gate gate tr-1 --suite smoke"


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
    """Run one suite; return its outcome and the events."""
    events: list[Event] = []
    minimum = read_threshold("min_f1", "0.90")
    assert minimum is not None
    assignment = Assignment(
        subject=Subject(
            label="smoke",
            suite="Smoke",
            source=source or (Source.ATTACHED if attach else Source.RUN),
            bot_id="st-1",
            advisory=advisory,
        ),
        platform=platform,
        rules=Rules(thresholds=(minimum, *DEFAULTS.values()), tolerate=tolerate),
        attach=attach,
        max_age=max_age,
        hash_utterances=hashed,
    )
    return SuiteRun(assignment, platform.clock, deadline, events.append, steady).execute(), events


def counting_nothing() -> RunStatus:
    """Return a run that has ended before its counts were written."""
    done = completed()
    nothing = replace(done.reported.counts, tp=0, tn=0, fp=0, fn=0)
    return replace(done, reported=replace(done.reported, counts=nothing))


def counting(utterances: int) -> RunStatus:
    """Return a run that has not ended, and so far has this number of utterances."""
    return replace(waiting(0.5), reported=Reported(counts=Counts(utterances=utterances)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a platform does and what the suite was asked for; how the suite ends, and when the platform was called."""

    starts: tuple[Run | BaseException, ...] = (RUN,)
    statuses: tuple[RunStatus | BaseException, ...] = (completed(),)
    files: tuple[ResultsFile | UnreadableFile | BaseException, ...] = (file_of(),)
    deadline: float = 1800.0
    attach: str | None = None
    source: Source | None = None
    max_age: float | None = None
    advisory: bool = False
    tolerate: frozenset[FindingKind] = frozenset()
    code: ExitCode = ExitCode.PASSED
    message: str = ""
    in_message: tuple[str, ...] = ()
    hint: str = ""
    in_hint: str = ""
    start: tuple[float, ...] | None = None
    status: tuple[float, ...] | None = None
    results: tuple[float, ...] | None = None


def retried(*errors: BaseException) -> tuple[RunStatus | BaseException, ...]:
    """Return statuses of which the first are these errors."""
    return (*errors, completed())


COURSES = {
    # The run is started, or not.
    "a good run passes": Course(),
    "a bad run fails": Course(statuses=(completed(wrong=20),), files=(file_of(wrong=20),), code=FAILED),
    "a bad run of an advisory suite ends in 0": Course(
        statuses=(completed(wrong=20),), files=(file_of(wrong=20),), advisory=True
    ),
    "the start is repeated while the bot is busy": Course(starts=(BUSY, BUSY, RUN), start=(0, 10, 20)),
    "a bot that stays busy is a timeout": Course(
        starts=(BUSY,),
        deadline=25.0,
        code=TIMEOUT,
        in_message=("before this suite could start; another run is going on",),
        in_hint="one run at a time",
    ),
    "a lasting rate limit is a timeout, without a word about other runs": Course(
        starts=(Transient(PlatformError("too fast", hint="many requests"), rate_limited=True, without_effect=True),),
        deadline=25.0,
        code=TIMEOUT,
        hint="many requests; or raise --timeout",
    ),
    "a platform that is never reached is its error, after a last try": Course(
        starts=(BROKEN,), deadline=25.0, code=PLATFORM, message="no connection", start=(0, 2, 6, 14, 24, 25)
    ),
    "a host that becomes known in time delays a pass": Course(starts=(*[UNKNOWN] * 9, RUN)),
    "nothing is started after the deadline": Course(deadline=0.0, code=TIMEOUT, start=(), status=(), results=()),
    # The run is watched.
    "an error that heals delays a pass": Course(
        starts=(BROKEN, RUN), statuses=(BROKEN, waiting(), BROKEN, completed()), files=(LATE, file_of())
    ),
    "repeated errors are retried at growing intervals": Course(
        statuses=retried(*[BROKEN] * 6), status=(2, 4, 8, 16, 26, 36, 46)
    ),
    "a rate limit is retried after up to a minute": Course(
        statuses=retried(*[LIMITED] * 6), status=(2, 4, 8, 16, 32, 64, 124)
    ),
    "the platform says when to retry": Course(
        statuses=retried(Transient(PlatformError("busy"), retry_after=25.0)), status=(2, 27)
    ),
    "the platform cannot ask for a retry before the shortest wait": Course(
        statuses=retried(*[Transient(PlatformError("busy"), retry_after=1.0, pause=10.0)] * 2), status=(2, 4, 6)
    ),
    "a run that failed is an error of the platform": Course(
        statuses=(ended(RunState.FAILED),), code=PLATFORM, in_message=("ended on the platform as 'failed'",)
    ),
    "a cancelled run is an error of the platform": Course(
        statuses=(ended(RunState.CANCELLED),), code=PLATFORM, in_message=("ended on the platform as 'cancelled'",)
    ),
    "the deadline is reported with the last status, after a last look": Course(
        statuses=(waiting(0.4, "sorting"),),
        deadline=30.0,
        code=TIMEOUT,
        in_message=("tr-1", "last status: sorting at 40%"),
        in_hint=ATTACH,
        status=(2, 4, 6, 8, 11, 17, 27, 30),
    ),
    "the deadline is reported with the error that hid the end": Course(
        statuses=(waiting(), BROKEN),
        deadline=30.0,
        code=TIMEOUT,
        in_message=("last status: running; the last attempt failed: no connection",),
    ),
    "a run of this gate that never answers is a timeout, and can be attached to": Course(
        statuses=(BROKEN,),
        deadline=30.0,
        code=TIMEOUT,
        in_message=("last status: nothing; the last attempt failed: no connection",),
        in_hint=ATTACH,
    ),
    "refused credentials end the wait at once": Course(statuses=(Denied("401"),), code=DENIED, status=(2,)),
    "an error in the middle of a run is reported with the way back": Course(
        statuses=(waiting(), Denied("401", hint="look there")),
        code=DENIED,
        hint=f"look there; if the run is still active, attach again with: {ATTACH}",
    ),
    # The run was started elsewhere, or before.
    "a run that is attached to is looked at once, and nothing is started": Course(
        attach="tr-1", start=(), status=(0,), results=(0,)
    ),
    "a run that is attached to is polled at the pace that is seen": Course(
        # Half is done at the first look and three quarters 2 s later: 2 s are left.
        statuses=(waiting(0.5), waiting(0.75), completed()),
        attach="tr-1",
        status=(0, 2, 4),
    ),
    "an attached run that never answers is an error of the platform": Course(
        statuses=(BROKEN,), attach="tr-1", deadline=30.0, code=PLATFORM
    ),
    "an unknown run is reported without a way to attach to it": Course(
        statuses=(PlatformError("unknown", hint="is it the right id?"),),
        attach="tr-9",
        code=PLATFORM,
        hint="is it the right id?",
    ),
    "a resumed run that never answers is a timeout, since it did exist": Course(
        statuses=(BROKEN,), attach="tr-1", source=Source.RESUMED, deadline=30.0, code=TIMEOUT
    ),
    "the deadline ends the retries of a rate limit at the start": Course(
        starts=(REFUSED,), statuses=(REFUSED,), deadline=30.0, code=TIMEOUT
    ),
    "the deadline ends the retries of a rate limit of an attached run": Course(
        statuses=(REFUSED,), attach="tr-1", deadline=30.0, code=TIMEOUT
    ),
    **{
        f"with a maximum age of an hour, a run {age} ends in {code}": Course(
            statuses=(completed(ended=moment),), attach="tr-1", max_age=3600.0, code=code
        )
        for age, moment, code in (
            ("of 50 minutes", EPOCH - 3000, PASSED),
            ("of 67 minutes", EPOCH - 4000, INCONCLUSIVE),
            ("that ends in a minute", EPOCH + 60, PASSED),
            ("that ends in 12 minutes", EPOCH + 700, INCONCLUSIVE),
            ("without an end", None, INCONCLUSIVE),
        )
    },
    # The results file is downloaded.
    "the platform says when to retry the file": Course(
        files=(Transient(Inconclusive("later"), retry_after=25.0), file_of()), results=(2, 27)
    ),
    "a late file is requested with a fresh status each time": Course(
        files=(LATE, LATE, file_of()), results=(2, 4, 8), status=(2, 4, 8)
    ),
    "a file that is missing for two minutes is inconclusive": Course(
        files=(LATE,),
        code=INCONCLUSIVE,
        message="no results file yet",
        in_hint="--tolerate no-file",
        results=(2, 4, 8, 16, 26, 36, 46, 56, 66, 76, 86, 96, 106, 116, 122),
    ),
    "a missing file can be tolerated": Course(files=(LATE,), tolerate=NO_FILE),
    "a bad run without its file is inconclusive": Course(
        statuses=(completed(wrong=20),), files=(LATE,), code=INCONCLUSIVE
    ),
    "a bad run without its file fails by its counts if that is tolerated": Course(
        statuses=(completed(wrong=20),), files=(LATE,), tolerate=NO_FILE, code=FAILED
    ),
    "the deadline ends the wait for a file": Course(files=(LATE,), deadline=10.0, code=INCONCLUSIVE),
    "a status that is lost during the wait for the file is requested again": Course(
        statuses=(completed(), BROKEN, completed()), files=(LATE, LATE, file_of())
    ),
    "a run that is open again during the wait for the file is waited for": Course(
        statuses=(completed(), waiting(0.9), completed()), files=(LATE, file_of()), status=(2, 4, 6)
    ),
    "a file that is still being written is read when it is whole": Course(
        files=(HALF, UnreadableFile(problem="row 9", raw=b"more"), file_of())
    ),
    "the same unreadable bytes twice are final": Course(
        files=(HALF,), code=INCONCLUSIVE, message="row 7 is cut off", results=(2, 4)
    ),
    "a file that must not be downloaded is not requested again": Course(
        files=(UnreadableFile(problem="another host"),), code=INCONCLUSIVE, message="another host", results=(2,)
    ),
    # The counts are compared with the file.
    "a run that counts nothing beside a whole file is looked at once more": Course(
        statuses=(counting_nothing(), completed()), status=(2, 4)
    ),
    "an attached run that counts nothing beside a whole file is looked at once more": Course(
        statuses=(counting_nothing(), completed()), attach="tr-1", status=(0, 2)
    ),
    "a run that goes on counting nothing is inconclusive": Course(
        statuses=(counting_nothing(),), code=INCONCLUSIVE, status=(2, 4)
    ),
    "a run with counts is not looked at again": Course(status=(2,)),
    "a run that counts nothing at the deadline is not looked at again": Course(
        statuses=(counting_nothing(), completed()), deadline=2.0, code=INCONCLUSIVE, status=(2,)
    ),
    "a run that counts nothing beside an empty file is not looked at again": Course(
        statuses=(counting_nothing(),), files=(replace(file_of(), utterances=()),), code=INCONCLUSIVE, status=(2,)
    ),
    "a run that shrinks before it ends is partial": Course(
        statuses=(counting(41), completed()),
        code=INCONCLUSIVE,
        in_message=("the run had 41 utterances while it went on, and 40 at its end",),
    ),
    "a run that loses more than half before it ends is an outage": Course(
        statuses=(counting(600), completed(right=1, wrong=39)),
        code=INCONCLUSIVE,
        in_message=("only 40 of 600 utterances were evaluated",),
    ),
}


@pytest.mark.parametrize("course", COURSES.values(), ids=COURSES)
def test_a_suite_ends_as_its_platform_behaves(course: Course) -> None:
    platform = FakePlatform(starts=course.starts, statuses=course.statuses, files=course.files)
    outcome, _ = walk(
        platform,
        deadline=course.deadline,
        attach=course.attach,
        source=course.source,
        max_age=course.max_age,
        advisory=course.advisory,
        tolerate=course.tolerate,
    )
    assert outcome.report.exit_code is course.code
    assert isinstance(outcome.report, Unjudged) is (course.code not in (ExitCode.PASSED, ExitCode.FAILED))
    error = outcome.report.error if isinstance(outcome.report, Unjudged) else PlatformError("")
    assert error.message == (course.message or error.message)
    assert [words for words in course.in_message if words not in error.message] == []
    assert error.hint == (course.hint or error.hint)
    assert course.in_hint in error.hint
    for call in ("start", "status", "results"):
        times = getattr(course, call)
        assert times is None or tuple(platform.times(call)) == times, call


def test_a_good_run_keeps_the_files_that_replay_it() -> None:
    outcome, _ = walk(FakePlatform())
    assert isinstance(outcome.report, Judged)
    assert outcome.report.verdict is Verdict.PASSED
    assert (outcome.results, outcome.status_document) == (b"results", '{"status": "completed"}')


def test_a_bad_run_of_an_advisory_suite_is_still_reported_as_failed() -> None:
    outcome, _ = walk(FakePlatform.judging(wrong=20), advisory=True)
    assert (outcome.report.verdict, outcome.report.exit_code) == (Verdict.FAILED, ExitCode.PASSED)


def test_the_run_is_announced_as_soon_as_it_exists_and_reported_with_its_duration() -> None:
    outcome, events = walk(FakePlatform(statuses=(waiting(0.5), completed())))
    assert events[0] == RunIdentified("smoke", RUN, ATTACH)
    assert [type(event) for event in events[1:]] == [StatusReceived, StatusReceived]
    assert (outcome.report.subject.run_id, outcome.report.subject.seconds) == ("tr-1", 4.0)


def test_a_run_that_timed_out_is_reported_with_its_id() -> None:
    outcome, _ = walk(FakePlatform(statuses=(waiting(),)), deadline=30.0)
    assert outcome.report.subject.run_id == "tr-1"


def test_each_retry_is_announced_with_its_wait() -> None:
    statuses = (BROKEN, waiting(), BROKEN, completed())
    _, events = walk(FakePlatform(starts=(BROKEN, RUN), statuses=statuses, files=(LATE, file_of())))
    assert [event.wait for event in events if isinstance(event, RetryScheduled)] == [2.0, 2.0, 2.0, 2.0]


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
def test_a_run_is_polled_at_the_pace_of_its_progress(
    length: float, progress: Callable[[float], float | None], requests: list[float]
) -> None:
    clock = FakeClock()

    class Live(FakePlatform):
        def status(self, run: Run) -> RunStatus:
            self.asked.append(("status", clock.now()))
            return completed() if clock.now() >= length else waiting(progress(clock.now()))

    platform = Live(clock=clock)
    walk(platform)
    assert platform.times("status") == requests


@pytest.mark.parametrize("attach", [None, "tr-1"])
def test_a_host_that_is_never_known_is_given_up_after_two_minutes(attach: str | None) -> None:
    platform = FakePlatform(starts=(UNKNOWN,), statuses=(UNKNOWN,))
    outcome, _ = walk(platform, attach=attach)
    assert isinstance(outcome.report, Unjudged)
    error = outcome.report.error
    assert (outcome.report.exit_code, error.message) == (ExitCode.PLATFORM, "name or service not known")
    assert NAME_PATIENCE <= platform.clock.now() <= NAME_PATIENCE + 10


def test_the_host_of_a_resumed_run_is_not_given_up() -> None:
    platform = FakePlatform(statuses=(*[UNKNOWN] * 40, completed()))
    outcome, _ = walk(platform, attach="tr-1", source=Source.RESUMED)
    assert platform.clock.now() > NAME_PATIENCE
    assert outcome.report.verdict is Verdict.PASSED


def test_an_unreadable_file_is_kept() -> None:
    outcome, _ = walk(FakePlatform(files=(HALF,)))
    assert outcome.results == b"half"


@pytest.mark.parametrize("bug", [ZeroDivisionError("oops"), Panic("oops")], ids=["bug", "panic"])
@pytest.mark.parametrize("before", [(), (waiting(),)], ids=["at once", "in the middle of a run"])
def test_a_bug_is_reported_with_its_cause_and_the_way_back(before: tuple[RunStatus, ...], bug: BaseException) -> None:
    outcome, _ = walk(FakePlatform(statuses=(*before, bug)))
    assert isinstance(outcome.report, Unjudged)
    error = outcome.report.error
    assert (error.code, error.message) == (ExitCode.INTERNAL, f"a bug in ci-gate: {type(bug).__name__}")
    assert error.__cause__ is bug
    assert ATTACH in error.hint


def test_a_worker_that_was_stopped_reports_nothing() -> None:
    with pytest.raises(Stopped):
        walk(FakePlatform(statuses=(Stopped(),)))


def test_hidden_utterances_are_replaced_by_hashes_with_the_same_keys_and_their_file_is_not_kept() -> None:
    outcome, _ = walk(FakePlatform(), hashed=True)
    assert outcome.results is None
    assert isinstance(outcome.report, Judged)
    cases = outcome.report.judgement.evidence.utterances
    assert cases is not None
    assert all(case.text.startswith("#") for case in cases)
    assert len({case.text for case in cases}) == len(cases)
    assert {case.key for case in cases} == {case.key for case in file_of().utterances}
