"""Several suites at once: a worker thread per bot walks that bot's suites, and the main thread only watches.

A call that never returns can so hold up neither the deadline nor an interruption: its worker is left behind.
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
"""Seconds after the deadline in which a worker may still bring its last look."""

TICK = 0.05
"""Seconds between two looks at the clock and for signals."""


@dataclass(slots=True)
class _Known:
    """What the main thread knows of a suite whose worker may never answer."""

    run_id: str | None = None
    word: str | None = None
    document: str | None = None


@dataclass(slots=True, kw_only=True)
class Workers:
    """All assignments of a command, sorted into one queue per bot."""

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
        """Wait for all workers, the deadline or a signal; return the outcomes in the order of assignments."""
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
        """Start the worker of a bot, or report for each of its suites that the machine allows none."""
        try:
            start_thread(partial(self._work_through, assignments), name="suites of a bot")
        except PlatformError as error:
            for assignment in assignments:
                outcome = SuiteOutcome(report=Unjudged(assignment.subject, error))
                self._events.put(Finished(assignment.subject.label, outcome))

    def _work_through(self, assignments: Iterable[Assignment]) -> None:
        """Run one suite after the other; once nothing can come of the rest, that is not tried."""
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
        """Process what the workers reported, waiting a moment for more."""
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
        """Return why it is time to go without waiting for the workers, if it is."""
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
            word = f"; the platform's last word: {known.word}" if known.word else ""
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
    """Return why no further suite of a bot is tried: its credentials were refused, or the host's name is unknown."""
    if not isinstance(outcome.report, Unjudged):
        return None
    label = outcome.report.subject.label
    hint = f"see what is said of suite '{label}'"
    match outcome.report.error:
        case Denied():
            return Denied(f"not tried, because the bot refused suite '{label}' before", hint=hint)
        case UnknownHost():
            return UnknownHost(f"not tried, because the host was unknown for suite '{label}' before", hint=hint)
        case _:
            return None
