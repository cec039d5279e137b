"""The use case for one suite: start or attach, wait, fetch, weigh, judge. It never raises ``GateError``."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, NoReturn, TypeVar

from ci_gate.core.assess import SuiteOutcome, assess
from ci_gate.core.clock import Clock, Stopped, day_of
from ci_gate.core.events import Event, RetryScheduled, RunIdentified, StatusReceived, attach_command, run_command
from ci_gate.core.findings import Expectation
from ci_gate.core.model import Platform, ResultsFile, Run, RunState, RunStatus, UnreadableFile
from ci_gate.core.polling import FLOOR, Pacer, backoff, shortest
from ci_gate.core.report import Source, Subject, Unjudged
from ci_gate.errors import DeadlinePassed, GateError, Inconclusive, PlatformError, Transient, UnknownHost, bug_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.core.comparison.baseline import Baseline, MissingBaseline
    from ci_gate.core.rules import Rules

T = TypeVar("T")

CLOCK_SKEW = 600.0  # s; a run that ended later than that from now has no age
FILE_PATIENCE = 120.0
"""Seconds that a completed run gets to bring its results file."""


NAME_PATIENCE = 120.0
"""Seconds that the name of a host gets to be resolved for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One suite to be judged, and all that is needed for it. ``attach`` is the id of a run that exists already."""

    subject: Subject
    platform: Platform
    rules: Rules
    expectation: Expectation = field(default_factory=Expectation)
    baseline: Baseline | MissingBaseline | None = None
    max_age: float | None = None
    hash_utterances: bool = False
    attach: str | None = None
    way_back: Callable[[str], str] | None = None
    """Writes the command that goes on with the run of an id, if that takes more than to attach to it."""
    flags: tuple[str, ...] = ()
    """The words that were typed, for the commands that lead back to the run, or to another one."""

    def command_for(self, run_id: str) -> str:
        """Write the command that goes on with a run of this suite."""
        return self.way_back(run_id) if self.way_back else attach_command(run_id, self.subject.label, self.flags)


@dataclass(slots=True)
class SuiteRun:
    """One suite on its way through the gate."""

    assignment: Assignment
    clock: Clock
    deadline: float
    tell: Callable[[Event], None]
    uniform: Callable[[float, float], float] = random.uniform
    _run: Run | None = None
    _status: RunStatus | None = None
    _seen: int = 0
    _begun: float = 0.0

    def execute(self) -> SuiteOutcome:
        """Go the whole way; whatever happens on it becomes the report."""
        self._begun = self.clock.now()
        try:
            outcome = self._judge_run()
        except GateError as error:
            outcome = self._unjudged(error)
        except Stopped:
            raise
        except BaseException as bug:
            outcome = self._unjudged(bug_report(bug))
        seconds = self.clock.now() - self._begun
        subject = replace(outcome.report.subject, seconds=seconds)
        return replace(outcome, report=replace(outcome.report, subject=subject))

    def _judge_run(self) -> SuiteOutcome:
        assignment, subject = self.assignment, self.assignment.subject
        self._run = Run(subject.suite, assignment.attach) if assignment.attach is not None else self._start()
        self.tell(RunIdentified(subject.label, self._run, assignment.command_for(self._run.id)))
        status, results = self._settle(self._run)
        self._refuse_old(status)
        return assess(
            replace(subject, run_id=self._run.id),
            status=status,
            results=results,
            rules=assignment.rules,
            expectation=replace(
                assignment.expectation, run_id=self._run.id, started=self._run.started, seen_utterances=self._seen
            ),
            today=day_of(self.clock.epoch()),
            baseline=assignment.baseline,
            hash_utterances=assignment.hash_utterances,
        )

    def _unjudged(self, error: GateError) -> SuiteOutcome:
        run_id = self._run.id if self._run else None
        document = self._status.document if self._status else None
        is_open = self._status is None or self._status.state is RunState.WAITING
        # Nothing shows that a run to attach to exists if it has never answered.
        is_real = self.assignment.attach is None or self._status is not None
        if run_id is not None and is_open and is_real and not isinstance(error, DeadlinePassed):
            way_back = f"if the run goes on, attach again with: {self.assignment.command_for(run_id)}"
            error = error.reworded(hint="; ".join(filter(None, (error.hint, way_back))))
        return SuiteOutcome(
            report=Unjudged(replace(self.assignment.subject, run_id=run_id), error), status_document=document
        )

    def _start(self) -> Run:
        """Start the run, again and again if the platform cannot have accepted it."""
        if self.clock.now() >= self.deadline:
            raise DeadlinePassed("the deadline passed before this suite could start", hint="raise --timeout")
        start = partial(self.assignment.platform.start, self.assignment.subject.suite)
        return self._patiently(start, self._never_started)

    def _never_started(self, trouble: Transient) -> NoReturn:
        """Raise what has kept the run from being started; a platform that is only busy is reachable."""
        if trouble.pause is None and not trouble.rate_limited:
            raise trouble.error
        busy = "one run at a time is possible per bot: wait for the other to end"
        raise DeadlinePassed(
            f"the deadline passed before this suite could start; {trouble.error.message}",
            hint=f"{trouble.error.hint if trouble.rate_limited else busy}; or raise --timeout",
        )

    def _settle(self, run: Run) -> tuple[RunStatus, ResultsFile | UnreadableFile]:
        """Wait until the run has ended and its results are there; a run may take its end back.

        What ends without its counts is looked at once more: they may be written after the file.
        """
        was_without_counts = False
        while True:
            status = self._wait(run)
            if status.state is not RunState.COMPLETED:
                raise PlatformError(
                    f"run {run.id} ended on the platform as '{status.word}', without a result",
                    hint="look at the run in the platform's console, then run the suite again",
                )
            fetched = self._fetch(run, status)
            if fetched is None:
                continue
            if was_without_counts or not _is_without_counts(*fetched) or self.clock.now() >= self.deadline:
                return fetched
            was_without_counts = True

    def _wait(self, run: Run) -> RunStatus:
        """Ask at the pace of the run's own progress until it has ended."""
        begun = self.clock.now()
        pacer = Pacer(self.uniform, attached=self.assignment.attach is not None)
        if self.assignment.attach is None or self._status is not None:
            self._pause(pacer.wait(0.0))
        while True:
            status = self._patiently(partial(self._look, run), partial(self._out_of_time, run))
            now = self.clock.now() - begun
            pacer.see(now, status.progress.fraction if status.progress else None)
            left = pacer.left(now) if status.state is RunState.WAITING else None
            self.tell(StatusReceived(self.assignment.subject.label, status, left))
            if status.state is not RunState.WAITING:
                return status
            if self.clock.now() >= self.deadline:
                self._out_of_time(run)
            self._pause(pacer.wait(now))

    def _look(self, run: Run) -> RunStatus:
        self._status = self.assignment.platform.status(run)
        self._seen = max(self._seen, self._status.reported.counts.utterances or 0)
        return self._status

    def _out_of_time(self, run: Run, trouble: Transient | None = None) -> NoReturn:
        """Raise that the deadline has passed: with the run's id, the platform's last word, and the way back."""
        is_ours = self.assignment.subject.source is not Source.ATTACHED
        if self._status is None and trouble is not None and not (is_ours or trouble.rate_limited):
            # Nothing shows that the run to attach to exists, nor that this is where it would be.
            raise trouble.error
        word = self._status.word if self._status else "nothing"
        progress = self._status.progress if self._status else None
        done = f" at {progress.fraction:.0%}" if progress else ""
        last = f"; the last try failed: {trouble.error.message}" if trouble else ""
        raise DeadlinePassed(
            f"the deadline passed while run {run.id} was still going on; the platform's last word: {word}{done}{last}",
            hint=f"attach again with: {self.assignment.command_for(run.id)}; or raise --timeout",
        )

    def _fetch(self, run: Run, status: RunStatus) -> tuple[RunStatus, ResultsFile | UnreadableFile] | None:
        """Fetch the results, with a fresh link each time; ``None`` if the run turns out to be going on again."""
        found: ResultsFile | UnreadableFile | None = None
        before: bytes | None = None

        def attempt() -> ResultsFile | UnreadableFile | None:
            nonlocal status, found, before
            if found is not None:
                with suppress(Transient):
                    status = self._look(run)
                if status.state is not RunState.COMPLETED:
                    return None
            try:
                found = self.assignment.platform.results(status)
            except Transient as trouble:
                found = UnreadableFile(problem=trouble.error.message)
                raise
            # The same unreadable bytes twice are no file that is still being written.
            if isinstance(found, ResultsFile) or found.raw in (None, before):
                return found
            before = found.raw
            raise Transient(PlatformError(found.problem))

        def pause(trouble: Transient, failures: int) -> float:
            wished = trouble.retry_after
            return backoff(failures, min) if wished is None else max(FLOOR, wished)  # ``min``: the same every time

        until = min(self.clock.now() + FILE_PATIENCE, self.deadline)
        results = self._patiently(attempt, lambda _: found, until=until, pause=pause)
        return None if results is None else (status, results)

    def _refuse_old(self, status: RunStatus) -> None:
        """Raise ``Inconclusive`` if the run ended longer ago than is allowed."""
        allowed = self.assignment.max_age
        if allowed is None:
            return
        hint = f"start a new run with: {run_command(self.assignment.subject.label, self.assignment.flags)}"
        # If the platform gives the time, its own moments are compared with its own clock.
        now, ended = status.answered_at or self.clock.epoch(), status.reported.ended
        if ended is None or ended > now + CLOCK_SKEW:
            raise Inconclusive("the platform names no past moment when the run ended: its age is not known", hint=hint)
        age = now - ended
        if age > allowed:
            raise Inconclusive(
                f"the run ended {age / 60:.0f} minutes ago; --max-age allows {allowed / 60:.0f}", hint=hint
            )

    def _patiently(
        self,
        attempt: Callable[[], T],
        otherwise: Callable[[Transient], T],
        *,
        until: float | None = None,
        pause: Callable[[Transient, int], float] | None = None,
    ) -> T:
        """Make an attempt again and again until it succeeds.

        Once the moment ``until``, or else the deadline, has passed, the last trouble becomes the result of
        ``otherwise``. ``pause`` gives the seconds to wait after a trouble and the number of failures so far.
        """
        failures, until = 0, self.deadline if until is None else until
        while True:
            try:
                return attempt()
            except Transient as failed:
                trouble = failed
            failures += 1
            if self.clock.now() >= until:
                return otherwise(trouble)
            if isinstance(trouble.error, UnknownHost) and self._has_no_hope():
                raise trouble.error
            wait = (pause or self._pause_after)(trouble, failures)
            self.tell(RetryScheduled(self.assignment.subject.label, trouble.error.message, wait))
            self._pause(wait, until)

    def _has_no_hope(self) -> bool:
        """Return whether a name that was never resolved is mistyped; that of a run that is resumed is not."""
        is_new = self.assignment.subject.source is not Source.RESUMED
        return is_new and self.clock.now() - self._begun >= NAME_PATIENCE

    def _pause_after(self, trouble: Transient, failures: int) -> float:
        """Return how long to wait: as the server asks, else steadily if ``trouble`` says so, else longer each time."""
        if trouble.retry_after is not None:
            return max(shortest(self.clock.now() - self._begun), trouble.retry_after)
        return trouble.pause or backoff(failures, self.uniform, rate_limited=trouble.rate_limited)

    def _pause(self, seconds: float, until: float | None = None) -> None:
        """Wait, but no longer than to ``until``, or else to the deadline: then one last look is taken."""
        self.clock.sleep(max(0.0, min(seconds, (self.deadline if until is None else until) - self.clock.now())))


def _is_without_counts(status: RunStatus, results: ResultsFile | UnreadableFile) -> bool:
    """Return whether a reply counts 0 of everything, though results are there."""
    counts = status.reported.counts
    known = {counts.tp, counts.tn, counts.fp, counts.fn, counts.success, counts.failure} - {None}
    return known == {0} and isinstance(results, ResultsFile) and any(row.is_evaluated for row in results.utterances)
