"""The values that flow through the gate: run, status, results, and the platform that supplies them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from ci_gate.core.counts import Counts
from ci_gate.core.names import each_of, hashed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ci_gate.core.metrics import Metric


class ResultType(StrEnum):
    """What the platform says of one utterance."""

    TP = "TP"
    TN = "TN"
    FP = "FP"
    FN = "FN"
    NOT_EVALUATED = ""
    """The file leaves the cell empty."""
    UNKNOWN = "unknown"
    """The file holds a word that this version of the gate does not know."""


# Asked for a dozen times of each utterance: a member of an enumeration costs more to look up than all else together.
_RIGHT = (ResultType.TP, ResultType.TN)
_WRONG = (ResultType.FP, ResultType.FN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One utterance of a suite with what was expected, what the bot recognised and what the platform made of it.

    ``expected`` and ``matched`` hold no intent, one, or several (accepted alternatives, or an ambiguous match).
    ``row`` counts the file's records from 1, as a spreadsheet does. ``entities`` are those expected in the utterance.
    """

    key: str
    text: str
    expected: tuple[str, ...]
    matched: tuple[str, ...]
    parent_intent: str | None
    result_type: ResultType
    entities: int
    matched_entities: int
    row: int
    written: tuple[str, ...] | None = None
    """What was expected as the file writes it, if the suite mostly spells it otherwise."""
    may_be_fp: bool = False
    """Whether it stands for copies of which one failed and another was not evaluated: that may be an FP as anything."""

    def hashed(self) -> Utterance:
        return replace(self, text=hashed(self.text))

    @property
    def passed(self) -> bool:
        return self.result_type in _RIGHT

    @property
    def is_mismatch(self) -> bool:
        """Whether the bot was wrong; an utterance that was not evaluated is neither right nor wrong."""
        return self.result_type in _WRONG

    @property
    def is_evaluated(self) -> bool:
        return self.passed or self.is_mismatch

    @property
    def wrong_intents(self) -> frozenset[str]:
        """The keys of what was matched and is not accepted; of no intent if nothing was and that is not accepted."""
        return each_of(self.matched) - each_of(self.expected)

    @property
    def is_wrong(self) -> bool:
        """Whether the bot was wrong by the result type, or by the intents themselves, whatever the result type says."""
        is_other = each_of(self.expected).isdisjoint(each_of(self.matched))
        return self.is_mismatch or (is_other and self.result_type is not ResultType.NOT_EVALUATED)


def listed(texts: Iterable[str], shown: int = 5) -> str:
    """Return the first few of many texts, quoted, and the number of the others."""
    quoted = [f"'{text}'" for text in texts]
    return ", ".join(quoted[:shown]) + (f" and {len(quoted) - shown} more" if len(quoted) > shown else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What the platform says of a run in its own words: its status reply, or the top block of its results file.

    ``run_id`` and ``bot_id`` are those of the reply itself, ``inner_run_id`` and ``inner_bot_id`` those of the result
    in it. ``suite`` and ``bot_name`` are what a results file calls them. ``started`` and ``ended`` are in seconds since
    1970. ``scores`` are its own texts (two decimals of a fraction); ``success_ratio`` is the share of utterances that
    worked in percent, ``entity_ratio`` that of entities that matched, ``breakdown`` that of each result type.
    ``doubts`` are statements in it that contradict each other or make no sense; each blocks a pass. ``age`` is the
    number of seconds for which a cache had kept it, if it came from one.
    """

    run_id: str | None = None
    inner_run_id: str | None = None
    bot_id: str | None = None
    inner_bot_id: str | None = None
    bot_name: str | None = None
    suite: str | None = None
    bot_version: str | None = None
    language: str | None = None
    started: float | None = None
    ended: float | None = None
    partial: bool = False
    counts: Counts = field(default_factory=Counts)
    scores: Mapping[Metric, str] = field(default_factory=dict)
    success_ratio: str | None = None
    entity_ratio: str | None = None
    breakdown: Mapping[ResultType, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    age: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsFile:
    """A results file that was understood; ``raw`` are the platform's own bytes.

    ``utterances`` are read as documented: adjacent rows that say the same and each name another entity are one.
    ``row_by_row`` holds one utterance a row, if that would be another reading.
    """

    raw: bytes = field(repr=False)
    reported: Reported
    utterances: tuple[Utterance, ...] = field(repr=False)
    row_by_row: tuple[Utterance, ...] | None = field(default=None, repr=False)

    def hashed(self) -> ResultsFile:
        by_row = None if self.row_by_row is None else tuple(utterance.hashed() for utterance in self.row_by_row)
        return replace(self, utterances=tuple(utterance.hashed() for utterance in self.utterances), row_by_row=by_row)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableFile:
    """A results file that is missing or was not understood; ``problem`` says why, with row and column if possible."""

    problem: str
    raw: bytes | None = field(default=None, repr=False)


class RunState(StrEnum):
    """Where a run is; every state but the first is final."""

    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is: a fraction from 0 to 1, and the utterances behind it if the platform reports them."""

    fraction: float
    ran: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a suite on the platform.

    ``started`` is the moment before which a run that this command started cannot have ended, in seconds since 1970, by
    the platform's clock if its answer shows that; ``None`` for a run that was started elsewhere.
    """

    suite: str
    id: str
    started: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """One answer to "how is this run?".

    ``word`` is the platform's own. ``answered_at`` is the moment of the answer in seconds since 1970, by the platform's
    clock, if it is known. ``document`` is the reply as JSON text without the query of the file link; ``link`` is
    that link whole, good for one download and never to be shown.
    """

    state: RunState
    word: str
    reported: Reported
    progress: Progress | None = None
    answered_at: float | None = None
    document: str = field(default="", repr=False)
    link: str | None = field(default=None, repr=False)


class Platform(Protocol):
    """The vendor's system: all that the gate asks of it.

    Every method may raise ``Transient`` (try again) or ``GateError`` (an ending).
    """

    def start(self, suite: str) -> Run: ...

    def status(self, run: Run) -> RunStatus: ...

    def results(self, status: RunStatus) -> ResultsFile | UnreadableFile:
        """Download and read the results file that a completed status points to."""
        ...
