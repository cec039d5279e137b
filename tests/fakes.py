"""Stand-ins: a clock that only sleeping moves, and a platform that follows a script."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from ci_gate.core.counts import Counts
from ci_gate.core.metrics import Metric
from ci_gate.core.model import (
    Progress,
    Reported,
    ResultsFile,
    ResultType,
    Run,
    RunState,
    RunStatus,
    UnreadableFile,
    Utterance,
)
from ci_gate.core.names import utterance_key
from ci_gate.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EPOCH = 1_790_000_000.0


class Panic(BaseException):
    """An error that is no ``Exception``, as a library in native code raises it for its own bugs."""


@dataclass(slots=True)
class FakeClock:
    """A clock that stands still except during a sleep; ``slept`` lists the sleeps in seconds."""

    time: float = 0.0
    slept: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> float:
        """Return the seconds since the test began."""
        return self.time

    def epoch(self) -> float:
        """Return the same time as seconds since the epoch."""
        return EPOCH + self.time

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        with self._lock:
            self.slept.append(seconds)
            self.time += seconds


def steady(_low: float, _high: float) -> float:
    """Replace the random factor of a wait by 1."""
    return 1.0


def runtime_of(clock: FakeClock, environment: Mapping[str, str] | None = None) -> Runtime:
    """Return a runtime with this clock, no randomness, and only these variables."""
    return Runtime(clock=clock, stop=lambda: None, environment=dict(environment or {}), uniform=steady)


def case(
    utterance: str = "pay my bill",
    expected: str | None = "Pay bill",
    matched: str | None = "pay bill",
    result_type: ResultType = ResultType.TP,
    *,
    row: int = 2,
) -> Utterance:

    intents = () if expected is None else (expected,)
    return Utterance(
        key=utterance_key(utterance, intents, None),
        text=utterance,
        expected=intents,
        matched=() if matched is None else (matched,),
        parent_intent=None,
        result_type=result_type,
        entities=0,
        matched_entities=0,
        row=row,
    )


def file_of(*, right: int = 40, wrong: int = 0, raw: bytes = b"results") -> ResultsFile:
    """Return a results file with these numbers of recognised and missed utterances."""
    cases = [case(f"right {n}", row=n + 2) for n in range(right)]
    cases += [case(f"wrong {n}", matched=None, result_type=ResultType.FN, row=right + n + 2) for n in range(wrong)]
    return ResultsFile(raw=raw, reported=Reported(), utterances=tuple(cases))


def waiting(fraction: float | None = None, word: str = "running") -> RunStatus:
    """Return the status of a run that has not ended."""
    progress = None if fraction is None else Progress(fraction=fraction, ran=round(100 * fraction), total=100)
    return RunStatus(state=RunState.WAITING, word=word, reported=Reported(), progress=progress, document="{}")


def completed(*, right: int = 40, wrong: int = 0, ended: float | None = EPOCH) -> RunStatus:
    """Return the status of a run that has ended with these counts; ``FakePlatform`` adds run id and bot version."""
    total = right + wrong
    counts = Counts(utterances=total, tp=right, tn=0, fp=0, fn=wrong, failed_utterances=0)
    return RunStatus(
        state=RunState.COMPLETED,
        word="completed",
        reported=Reported(counts=counts, scores={Metric.F1: f"{2 * right / (2 * right + wrong):.2f}"}, ended=ended),
        document='{"status": "completed"}',
        link="https://platform.example/f.csv",
    )


def ended(state: RunState) -> RunStatus:
    """Return the status of a run that has ended without results."""
    return RunStatus(state=state, word=state.value, reported=Reported())


TWO_RUNS = (Run("A", "tr-a"), Run("B", "tr-b"))
Step = RunStatus | ResultsFile | UnreadableFile | Run | BaseException


@dataclass(slots=True)
class FakePlatform:
    """A platform with one script per call; the last answer is repeated, and an exception in a script is raised."""

    clock: FakeClock = field(default_factory=FakeClock)
    starts: Iterable[Run | BaseException] = (Run("Smoke", "tr-1"),)
    statuses: Iterable[RunStatus | BaseException] = field(default_factory=lambda: (completed(),))
    files: Iterable[ResultsFile | UnreadableFile | BaseException] = field(default_factory=lambda: (file_of(),))
    asked: list[tuple[str, float]] = field(default_factory=list)
    bot_version: str = "inDevelopment"
    _scripts: dict[str, deque[Step]] = field(default_factory=dict)

    def start(self, suite: str) -> Run:
        """Return the next run of the script."""
        answer = self._next("start", self.starts)
        assert isinstance(answer, Run)
        return answer

    def status(self, run: Run) -> RunStatus:
        """Return the next status of the script, with ``run`` and the bot version if the script names none."""
        answer = self._next("status", self.statuses)
        assert isinstance(answer, RunStatus)
        reported = answer.reported
        run_id, bot_version = reported.run_id or run.id, reported.bot_version or self.bot_version
        return replace(answer, reported=replace(reported, run_id=run_id, bot_version=bot_version))

    def results(self, status: RunStatus) -> ResultsFile | UnreadableFile:
        """Return the next results file of the script."""
        answer = self._next("results", self.files)
        assert isinstance(answer, ResultsFile | UnreadableFile)
        return answer

    def times(self, call: str) -> list[float]:
        """Return when ``call`` was made, in seconds since the test began."""
        return [time for name, time in self.asked if name == call]

    @classmethod
    def judging(cls, *, right: int = 40, wrong: int = 0) -> Self:
        """Return a platform whose run has ended with these numbers of recognised and missed utterances."""
        return cls(statuses=(completed(right=right, wrong=wrong),), files=(file_of(right=right, wrong=wrong),))

    def _next(self, call: str, steps: Iterable[Step]) -> Step:
        self.asked.append((call, self.clock.now()))
        script = self._scripts.setdefault(call, deque(steps))
        step = script.popleft() if len(script) > 1 else script[0]
        if isinstance(step, BaseException):
            raise step
        return step
