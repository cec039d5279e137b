"""One run of a suite, all of it a function of the time asked about, and its status in the platform's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from ci_gate.simulator.understanding import Answer, Counts

if TYPE_CHECKING:
    from ci_gate.simulator.catalogue import Bot, Suite

TRIGGERED_BY = "u-8e27d9f4-1c63-5a0b-b4e8-59a7c2160df3"


class State(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as it will go; times are seconds since the epoch."""

    key: str  # the part that its ids have in common, without their prefixes
    bot: Bot
    reported_bot: Bot  # whose run the platform says it is
    suite: Suite
    version: str
    language: str
    started: float
    duration: float  # seconds for the whole suite, whether or not the run gets that far
    halts_at: float  # the share of the suite after which it turns into …
    ending: State
    file_delay: float
    answers: tuple[Answer, ...]

    @property
    def id(self) -> str:
        return f"tr-{self.key}"

    @property
    def file_name(self) -> str:
        return f"f-{uuid5(NAMESPACE_OID, self.id)}.csv"

    @property
    def download_name(self) -> str:
        return f"{self.suite.name}-{moment(self.started):%d-%m-%y}.csv"

    @property
    def ended(self) -> float:
        return self.started + self.duration * self.halts_at

    @property
    def counts(self) -> Counts:
        return Counts.over(self.answers)

    def state(self, now: float) -> State:
        return State.RUNNING if now < self.ended else self.ending

    def has_file(self, now: float) -> bool:
        return self.state(now) is State.COMPLETED and now >= self.ended + self.file_delay

    def utterances_ran(self, now: float) -> int:
        share = self.halts_at if now >= self.ended else (now - self.started) / self.duration
        return int(share * len(self.suite.utterances))


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def status(run: Run, *, now: float, language: str, file_url: str | None) -> dict[str, Any]:
    """Return the reply to a status call, in the documents' own mixture of spellings."""
    state = run.state(now)
    count = run.counts.utterances if state is State.COMPLETED else len(run.suite.utterances)
    shared: dict[str, Any] = {
        "_id": run.id,
        "streamId": run.reported_bot.id,
        "testSuiteId": run.suite.id,
        "status": state,
        "utterance_count": count,
    }
    result = shared | {
        "isPartialFailure": state is State.COMPLETED and count < len(run.suite.utterances),
        "triggeredBy": TRIGGERED_BY,
        "botLanguage": language,
        "runType": run.version,
        "startTime": _timestamp(run.started),
        "__v": 0,
    }
    if state is State.RUNNING:
        return shared | {"result": result} | _progress(run, now)
    result |= {"endTime": _timestamp(run.ended), "isAvailable": file_url is not None}
    if state is State.COMPLETED:
        # No suite here has traits, and the platform says so at length.
        traits = dict.fromkeys(("traitSuccess", "traitFailure", "totalTraitsCount", "matchedTraitsCount"), 0)
        result |= scores(run.counts) | {"results": results(run.counts) | traits}
    if file_url is not None:
        result |= {"fileId": run.key.replace("-", "")[:24], "fileUrl": file_url}
    return shared | {"result": result}


def _timestamp(seconds: float) -> str:
    return moment(seconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _progress(run: Run, now: float) -> dict[str, int]:
    total, ran = len(run.suite.utterances), run.utterances_ran(now)
    return {"totalUtterances": total, "utterance_ran": ran, "percentage": 100 * ran // total}


def scores(counts: Counts) -> dict[str, str]:
    return {"f1_score": counts.f1, "precision": counts.precision, "recall": counts.recall}


def results(counts: Counts) -> dict[str, int]:
    return {
        "TP": counts.tp,
        "TN": counts.tn,
        "FP": counts.fp,
        "FN": counts.fn,
        "success": counts.success,
        "failure": counts.failure,
        "totalEntitiesCount": counts.entities,
        "matchedEntitiesCount": counts.matched_entities,
        "failedUtteranceCount": counts.unevaluated,
        "failedEntitiesCount": 0,
    }
