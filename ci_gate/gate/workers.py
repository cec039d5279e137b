"""Judges several suites at once: one worker thread per bot judges its suites in turn while the main thread waits.

A call that never returns therefore delays neither the deadline nor a signal: its daemon thread is abandoned.
"""

from __future__ import annotations

import queue
import random
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from ci_gate.core.assess import SuiteOutcome
from ci_gate.core.clock import Clock, Stopped
from ci_gate.core.events import Event, Finished, RunIdentified, StatusReceived
from ci_gate.core.report import Unjudged
from ci_gate.errors import DeadlinePassed, Denied, GateError, Interrupted, PlatformError, UnknownHost
from ci_gate.gate.suite_run import Assignment, SuiteRun
from ci_gate.runtime import start_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

GRACE = 4.0
"""How long after the deadline the main thread still waits for the outcomes of workers, in seconds."""

TICK = 0.05
"""Longest interval between two tests of the clock and for signals, in seconds."""


@dataclass(slots=True)
class _Known:
    """The latest facts about the run of a suite, for the report on it if its worker never returns."""

    run_id: str | None = None
    word: str | None = None
    document: str | None = None


@dataclass(slots=True, kw_only=True)
class Workers:
    """Judges all assignments of a command, with one worker thread per bot.

    ``deadline`` is a time of ``clock`` in seconds; ``watch`` receives every event in the main thread; ``interrupted``
    returns the number of the signal received, if any.
    """

    assignments: tuple[Assignment, ...]
    clock: Clock
    deadline: float
    watch: Callable[[Event], None]
    interrupted: Callable[[], int | None]
    uniform: Callable[[float, float], float] = random.uniform
    _events: queue.SimpleQueue[Event] = field(default_factory=queue.SimpleQueue, init=False)
    _done: dict[str, SuiteOutcome] = field(default_factory=dict, init=False)
    _known: dict[str, _Known] = field(default_factory=dict, init=False)

    def run(self) -> tuple[SuiteOutcome, ...]:
        """Judge all assignments, and return their outcomes in the same order.

        Stop waiting at a signal, or ``GRACE`` seconds after the deadline; the unfinished suites are then unjudged.
        """
        self._known = {one.subject.label: _Known(one.attach) for one in self.assignments}
        error = self._ending()
        queues: dict[str | None, list[Assignment]] = {}
        for assignment in self.assignments:
            queues.setdefault(assignment.subject.bot_id, []).append(assignment)
        for assignments in queues.values() if error is None else ():
            self._start(assignments)
        while len(self._done) < len(self.assignments) and error is None:
            error = self._ending()
            self._drain()
        if error is None:
            return tuple(self._done[one.subject.label] for one in self.assignments)
        return tuple(self._done.get(one.subject.label) or self._abandoned(one, error) for one in self.assignments)

    def _start(self, assignments: list[Assignment]) -> None:
        """Start the worker of a bot. If the machine allows no further thread, report the bot's suites as unjudged."""
        try:
            start_thread(partial(self._work_through, assignments), name="suites of a bot")
        except PlatformError as error:
            for assignment in assignments:
                outcome = SuiteOutcome(report=Unjudged(assignment.subject, error))
                self._events.put(Finished(assignment.subject.label, outcome))

    def _work_through(self, assignments: Iterable[Assignment]) -> None:
        """Judge the suites of one bot in turn; once no further suite can succeed, report the rest as unjudged."""
        hopeless: GateError | None = None
        try:
            for assignment in assignments:
                if hopeless is None:
                    outcome = SuiteRun(assignment, self.clock, self.deadline, self._events.put, self.uniform).execute()
                    hopeless = _hopeless_after(outcome)
                else:
                    outcome = SuiteOutcome(report=Unjudged(assignment.subject, hopeless))
                self._events.put(Finished(assignment.subject.label, outcome))
        except Stopped:
            return

    def _drain(self) -> None:
        """Wait up to ``TICK`` seconds for an event of the workers, then process all queued events."""
        try:
            event = self._events.get(timeout=TICK)
            while True:
                self._take(event)
                event = self._events.get_nowait()
        except queue.Empty:
            return

    def _take(self, event: Event) -> None:
        known = self._known[event.label]
        if isinstance(event, RunIdentified):
            known.run_id = event.run.id
        elif isinstance(event, StatusReceived):
            known.word, known.document = event.status.word, event.status.document
        elif isinstance(event, Finished):
            self._done[event.label] = event.outcome
        self.watch(event)

    def _ending(self) -> Callable[[Assignment], GateError] | None:
        """Return ``None``, or a function that returns the error of an unfinished assignment if waiting must end now."""
        signum = self.interrupted()
        if signum is not None:
            return lambda assignment: Interrupted("interrupted", signum=signum, hint=self._way_back(assignment))
        if self.clock.now() >= self.deadline + GRACE:
            return self._overdue
        return None

    def _overdue(self, assignment: Assignment) -> GateError:
        known = self._known[assignment.subject.label]
        if known.run_id is None:
            message = "the deadline passed before this suite could start; a call to the platform never returned"
        else:
            word = f"; the platform's last status: {known.word}" if known.word else ""
            message = f"the deadline passed while a call about run {known.run_id} never returned{word}"
        return DeadlinePassed(message, hint=self._way_back(assignment) or "raise --timeout")

    def _way_back(self, assignment: Assignment) -> str:
        run_id = self._known[assignment.subject.label].run_id
        return f"attach again with: {assignment.command_for(run_id)}" if run_id else ""

    def _abandoned(self, assignment: Assignment, error: Callable[[Assignment], GateError]) -> SuiteOutcome:
        known = self._known[assignment.subject.label]
        subject = replace(assignment.subject, run_id=known.run_id)
        return SuiteOutcome(report=Unjudged(subject, error(assignment)), status_document=known.document)


def _hopeless_after(outcome: SuiteOutcome) -> GateError | None:
    """Return the error for a bot's remaining suites after ``Denied`` or ``UnknownHost``, else ``None``."""
    if not isinstance(outcome.report, Unjudged):
        return None
    label = outcome.report.subject.label
    hint = f"see the error of suite '{label}'"
    match outcome.report.error:
        case Denied():
            return Denied(f"not tried, because the bot refused suite '{label}' before", hint=hint)
        case UnknownHost():
            return UnknownHost(f"not tried, because the host was unknown for suite '{label}' before", hint=hint)
        case _:
            return None
