"""The course of one suite: start or attach, wait, fetch, judge. A ``GateError`` becomes an unjudged report."""

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

CLOCK_SKEW = 600.0
"""If the reported end of a run lies further than this in the future, its age is treated as unknown; in seconds."""

FILE_PATIENCE = 120.0
"""How long to wait for the results file once a run has completed, in seconds."""

NAME_PATIENCE = 120.0
"""How long to retry while the host name has never been resolved, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One suite to judge, and everything needed for it.

    ``attach`` is the id of an existing run; ``max_age`` is the maximum time since its end, in seconds.
    """

    subject: Subject
    platform: Platform
    rules: Rules
    expectation: Expectation = field(default_factory=Expectation)
    baseline: Baseline | MissingBaseline | None = None
    max_age: float | None = None
    hash_utterances: bool = False
    attach: str | None = None
    way_back: Callable[[str], str] | None = None
    """Returns the command that continues with the run of a given id; if ``None``, the command attaches to that run."""
    flags: tuple[str, ...] = ()
    """The options to repeat in suggested commands."""

    def command_for(self, run_id: str) -> str:
        """Return the command that continues with the run ``run_id`` of this suite."""
        return self.way_back(run_id) if self.way_back else attach_command(run_id, self.subject.label, self.flags)


@dataclass(slots=True)
class SuiteRun:
    """Carries out one assignment. ``deadline`` is a time of ``clock`` in seconds; ``tell`` receives every event."""

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
        """Carry out the assignment. Every exception but ``Stopped`` becomes an unjudged report."""
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
        # If the user gave the run id, only a status reply proves that this run exists.
        is_real = self.assignment.attach is None or self._status is not None
        if run_id is not None and is_open and is_real and not isinstance(error, DeadlinePassed):
            way_back = f"if the run is still active, attach again with: {self.assignment.command_for(run_id)}"
            error = error.reworded(hint="; ".join(filter(None, (error.hint, way_back))))
        return SuiteOutcome(
            report=Unjudged(replace(self.assignment.subject, run_id=run_id), error), status_document=document
        )

    def _start(self) -> Run:
        """Start the run. Until the deadline, retry attempts that failed without effect on the platform."""
        if self.clock.now() >= self.deadline:
            raise DeadlinePassed("the deadline passed before this suite could start", hint="raise --timeout")
        start = partial(self.assignment.platform.start, self.assignment.subject.suite)
        return self._patiently(start, self._never_started)

    def _never_started(self, trouble: Transient) -> NoReturn:
        """Raise the error of the last attempt, or ``DeadlinePassed`` if the platform was only busy or rate-limited."""
        if trouble.pause is None and not trouble.rate_limited:
            raise trouble.error
        busy = "a bot can execute only one run at a time: wait for the other to end"
        raise DeadlinePassed(
            f"the deadline passed before this suite could start; {trouble.error.message}",
            hint=f"{trouble.error.hint if trouble.rate_limited else busy}; or raise --timeout",
        )

    def _settle(self, run: Run) -> tuple[RunStatus, ResultsFile | UnreadableFile]:
        """Wait for the end of the run and for its results file. Raise ``PlatformError`` if the run did not complete.

        Wait again if the completed run is later reported as unfinished. If all counts in the reply are 0 but the file
        has results, ask and fetch once more, since the platform may write the counts after the file.
        """
        was_without_counts = False
        while True:
            status = self._wait(run)
            if status.state is not RunState.COMPLETED:
                raise PlatformError(
                    f"run {run.id} ended on the platform as '{status.word}', without results",
                    hint="look at the run in the platform's console, then run the suite again",
                )
            fetched = self._fetch(run, status)
            if fetched is None:
                continue
            if was_without_counts or not _is_without_counts(*fetched) or self.clock.now() >= self.deadline:
                return fetched
            was_without_counts = True

    def _wait(self, run: Run) -> RunStatus:
        """Poll the status, at a pace derived from the run's progress, until the run has ended; return the last one."""
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
        """Raise ``DeadlinePassed`` with the run id, the last status word and the command to continue with the run."""
        is_ours = self.assignment.subject.source is not Source.ATTACHED
        if self._status is None and trouble is not None and not (is_ours or trouble.rate_limited):
            # Without any status reply, neither the id of the run nor the host is known to be right.
            raise trouble.error
        word = self._status.word if self._status else "nothing"
        progress = self._status.progress if self._status else None
        done = f" at {progress.fraction:.0%}" if progress else ""
        last = f"; the last attempt failed: {trouble.error.message}" if trouble else ""
        raise DeadlinePassed(
            f"the deadline passed while run {run.id} was still active; the platform's last status: {word}{done}{last}",
            hint=f"raise --timeout, or attach again with: {self.assignment.command_for(run.id)}",
        )

    def _fetch(self, run: Run, status: RunStatus) -> tuple[RunStatus, ResultsFile | UnreadableFile] | None:
        """Fetch the results, with a fresh link per attempt. Return ``None`` if the run is no longer completed."""
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
            # A file with the same unreadable bytes twice is no longer being written.
            if isinstance(found, ResultsFile) or found.raw in (None, before):
                return found
            before = found.raw
            raise Transient(PlatformError(found.problem))

        def pause(trouble: Transient, failures: int) -> float:
            wished = trouble.retry_after
            return backoff(failures, min) if wished is None else max(FLOOR, wished)  # ``min``: no jitter

        until = min(self.clock.now() + FILE_PATIENCE, self.deadline)
        results = self._patiently(attempt, lambda _: found, until=until, pause=pause)
        return None if results is None else (status, results)

    def _refuse_old(self, status: RunStatus) -> None:
        """Raise ``Inconclusive`` if the run ended longer ago than ``max_age``, or if its age is unknown."""
        allowed = self.assignment.max_age
        if allowed is None:
            return
        hint = f"start a new run with: {run_command(self.assignment.subject.label, self.assignment.flags)}"
        # Compare the platform's times with the platform's own clock, if its reply carries the time.
        now, ended = status.answered_at or self.clock.epoch(), status.reported.ended
        if ended is None or ended > now + CLOCK_SKEW:
            raise Inconclusive(
                "the age of the run is unknown, because the platform reports no valid end time", hint=hint
            )
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
        """Retry ``attempt`` after every ``Transient`` failure until it succeeds, and return its result.

        After the time ``until`` (default: the deadline), return ``otherwise`` of the last failure. ``pause`` returns
        the seconds to wait, given the failure and the number of failures. Raise ``UnknownHost`` after NAME_PATIENCE.
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
        """Return whether to give up on a host name that never resolved. The name of a resumed run did resolve once."""
        is_new = self.assignment.subject.source is not Source.RESUMED
        return is_new and self.clock.now() - self._begun >= NAME_PATIENCE

    def _pause_after(self, trouble: Transient, failures: int) -> float:
        """Return the seconds to wait: the server's ``retry_after``, else the fixed ``pause``, else the backoff."""
        if trouble.retry_after is not None:
            return max(shortest(self.clock.now() - self._begun), trouble.retry_after)
        return trouble.pause or backoff(failures, self.uniform, rate_limited=trouble.rate_limited)

    def _pause(self, seconds: float, until: float | None = None) -> None:
        """Sleep, but not beyond ``until`` (default: the deadline), so that one last attempt is made then."""
        self.clock.sleep(max(0.0, min(seconds, (self.deadline if until is None else until) - self.clock.now())))


def _is_without_counts(status: RunStatus, results: ResultsFile | UnreadableFile) -> bool:
    """Return whether every count that the reply gives is 0 although the results file has evaluated utterances."""
    counts = status.reported.counts
    known = {counts.tp, counts.tn, counts.fp, counts.fn, counts.success, counts.failure} - {None}
    return known == {0} and isinstance(results, ResultsFile) and any(row.is_evaluated for row in results.utterances)
