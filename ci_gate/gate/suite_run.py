"""The use case for one suite: start or attach, wait, fetch, weigh, judge. It never raises ``GateError``."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ci_gate.core.assess import SuiteOutcome, assess
from ci_gate.core.clock import Clock, Stopped, day_of
from ci_gate.core.events import Event, RetryScheduled, RunIdentified, StatusReceived, attach_command
from ci_gate.core.findings import Expectation
from ci_gate.core.model import Platform, ResultsFile, Run, RunState, RunStatus, UnreadableFile
from ci_gate.core.polling import BLIND, FLOOR, Pacer, backoff, shortest
from ci_gate.core.report import Source, Subject, Unjudged
from ci_gate.errors import DeadlinePassed, GateError, Inconclusive, PlatformError, Transient, bug_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.core.comparison.baseline import Baseline, MissingBaseline
    from ci_gate.core.rules import Rules

CLOCK_SKEW = 600.0  # s; a run that ended later than that from now has no age
FILE_PATIENCE = 120.0
"""Seconds that a completed run gets to bring its results file."""


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
    """Writes the command that goes on with the run of an id, where that takes more than to attach to it."""

    def command_for(self, run_id: str) -> str:
        """Write the command that goes on with a run of this suite."""
        return self.way_back(run_id) if self.way_back else attach_command(run_id, self.subject.label)


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
        it = self.assignment
        self._run = Run(it.subject.suite, it.attach) if it.attach is not None else self._start()
        self.tell(RunIdentified(it.subject.label, self._run, it.command_for(self._run.id)))
        status, results = self._settle(self._run)
        self._refuse_old(status)
        return assess(
            replace(it.subject, run_id=self._run.id),
            status=status,
            results=results,
            rules=it.rules,
            expectation=replace(
                it.expectation, run_id=self._run.id, started=self._run.started, seen_utterances=self._seen
            ),
            today=day_of(self.clock.epoch()),
            baseline=it.baseline,
            hash_utterances=it.hash_utterances,
        )

    def _unjudged(self, error: GateError) -> SuiteOutcome:
        run_id = self._run.id if self._run else None
        document = self._status.document if self._status else None
        is_open = self._status is None or self._status.state is RunState.WAITING
        # Of a run that we were told to attach to, and that never answered, nothing shows that it exists.
        is_real = self.assignment.attach is None or self._status is not None
        if run_id is not None and is_open and is_real and not isinstance(error, DeadlinePassed):
            way_back = f"if the run goes on, attach again with: {self.assignment.command_for(run_id)}"
            error = error.reworded(hint="; ".join(filter(None, (error.hint, way_back))))
        return SuiteOutcome(
            report=Unjudged(replace(self.assignment.subject, run_id=run_id), error), status_document=document
        )

    def _start(self) -> Run:
        """Start the run, again and again where the platform cannot have accepted it."""
        failures = 0
        if self.clock.now() >= self.deadline:
            raise DeadlinePassed("the deadline passed before this suite could start", hint="raise --timeout")
        while True:
            try:
                return self.assignment.platform.start(self.assignment.subject.suite)
            except Transient as trouble:
                failures += 1
                if self.clock.now() >= self.deadline:
                    raise self._never_started(trouble) from None
                self._pause_after(trouble, failures)

    def _never_started(self, trouble: Transient) -> GateError:
        """A platform that answers, if only that it has no time, is reachable."""
        if trouble.pause is None and not trouble.rate_limited:
            return trouble.error
        busy = "one run at a time is possible per bot: wait for the other to end"
        return DeadlinePassed(
            f"the deadline passed before this suite could start; {trouble.error.message}",
            hint=f"{trouble.error.hint if trouble.rate_limited else busy}; or raise --timeout",
        )

    def _settle(self, run: Run) -> tuple[RunStatus, ResultsFile | UnreadableFile]:
        """Wait until the run has ended and its results are there; a run may take its end back."""
        while True:
            status = self._wait(run)
            if status.state is not RunState.COMPLETED:
                raise PlatformError(
                    f"run {run.id} ended on the platform as '{status.word}', without a result",
                    hint="look at the run in the platform's console, then run the suite again",
                )
            fetched = self._fetch(run, status)
            if fetched is not None:
                return fetched

    def _wait(self, run: Run) -> RunStatus:
        """Ask at the pace of the run's own progress until it has ended."""
        begun = self.clock.now()
        pacer = Pacer(self.uniform, attached=self.assignment.attach is not None)
        failures = 0
        if self.assignment.attach is None or self._status is not None:
            self._pause(pacer.wait(0.0))
        while True:
            try:
                status = self._look(run)
            except Transient as trouble:
                failures += 1
                if self.clock.now() >= self.deadline:
                    raise self._out_of_time(run, trouble) from None
                self._pause_after(trouble, failures)
                continue
            failures = 0
            now = self.clock.now() - begun
            pacer.see(now, status.progress.fraction if status.progress else None)
            left = pacer.left(now) if status.state is RunState.WAITING else None
            self.tell(StatusReceived(self.assignment.subject.label, status, left))
            if status.state is not RunState.WAITING:
                return status
            if self.clock.now() >= self.deadline:
                raise self._out_of_time(run, None)
            self._pause(pacer.wait(now))

    def _look(self, run: Run) -> RunStatus:
        self._status = self.assignment.platform.status(run)
        self._seen = max(self._seen, self._status.reported.counts.utterances or 0)
        return self._status

    def _out_of_time(self, run: Run, trouble: Transient | None) -> GateError:
        """Word the deadline: with the run's id, the platform's last word, and the way back."""
        is_ours = self.assignment.subject.source is not Source.ATTACHED
        if self._status is None and trouble is not None and not (is_ours or trouble.rate_limited):
            # Nothing shows that what we were told to attach to exists, nor that this is where it would be.
            return trouble.error
        word = self._status.word if self._status else "nothing"
        progress = self._status.progress if self._status else None
        done = f" at {progress.fraction:.0%}" if progress else ""
        last = f"; the last try failed: {trouble.error.message}" if trouble else ""
        return DeadlinePassed(
            f"the deadline passed while run {run.id} was still going on; the platform's last word: {word}{done}{last}",
            hint=f"attach again with: {self.assignment.command_for(run.id)}; or raise --timeout",
        )

    def _fetch(self, run: Run, status: RunStatus) -> tuple[RunStatus, ResultsFile | UnreadableFile] | None:
        """Fetch the results, with a fresh link each time; ``None`` when the run turns out to be going on again."""
        until = min(self.clock.now() + FILE_PATIENCE, self.deadline)
        wait = FLOOR
        before: bytes | None = None
        while True:
            try:
                results = self.assignment.platform.results(status)
            except Transient as trouble:
                results = UnreadableFile(problem=trouble.error.message)
                pause = wait if trouble.retry_after is None else max(FLOOR, trouble.retry_after)
            else:
                # The same unreadable bytes twice are no file that is still being written.
                if isinstance(results, ResultsFile) or results.raw in (None, before):
                    return status, results
                before, pause = results.raw, wait
            if self.clock.now() >= until:
                return status, results
            self.tell(RetryScheduled(self.assignment.subject.label, results.problem, pause))
            self.clock.sleep(min(pause, until - self.clock.now()))
            wait = min(2 * wait, BLIND)
            try:
                status = self._look(run)
            except Transient:
                continue
            if status.state is not RunState.COMPLETED:
                return None

    def _refuse_old(self, status: RunStatus) -> None:
        """Hold the end of the run against the age that is allowed."""
        allowed = self.assignment.max_age
        if allowed is None:
            return
        hint = "start a new run with: ci-gate run"
        # Where the platform tells the time, its own moments are held against its own clock.
        now, ended = status.answered_at or self.clock.epoch(), status.reported.ended
        if ended is None or ended > now + CLOCK_SKEW:
            raise Inconclusive("the platform names no past moment when the run ended: its age is not known", hint=hint)
        age = now - ended
        if age > allowed:
            raise Inconclusive(
                f"the run ended {age / 60:.0f} minutes ago; --max-age allows {allowed / 60:.0f}", hint=hint
            )

    def _pause_after(self, trouble: Transient, failures: int) -> None:
        """Wait before another try: as the server asks, else steadily where that is told, else longer each time."""
        wait = trouble.pause or backoff(failures, self.uniform, rate_limited=trouble.rate_limited)
        if trouble.retry_after is not None:
            wait = max(shortest(self.clock.now() - self._begun), trouble.retry_after)
        self.tell(RetryScheduled(self.assignment.subject.label, trouble.error.message, wait))
        self._pause(wait)

    def _pause(self, seconds: float) -> None:
        """Wait, but no longer than to the deadline, where one last look is taken."""
        self.clock.sleep(max(0.0, min(seconds, self.deadline - self.clock.now())))
