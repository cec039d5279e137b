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
    """The platform's classification of one utterance."""

    TP = "TP"
    TN = "TN"
    FP = "FP"
    FN = "FN"
    NOT_EVALUATED = ""
    """The cell in the file is empty."""
    UNKNOWN = "unknown"
    """The cell holds a word that this version of the gate does not recognise."""


# Module constants, since each utterance is tested a dozen times and looking up enum members would dominate the cost.
_RIGHT = (ResultType.TP, ResultType.TN)
_WRONG = (ResultType.FP, ResultType.FN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One utterance of a suite: the expected intents, the intents that the bot matched, and the result type.

    ``expected`` and ``matched`` hold no intent, one, or several (accepted alternatives, or an ambiguous match).
    ``row`` is the number of the record in the file, counted from 1 as in a spreadsheet. ``entities`` is the number of
    entities expected in the utterance, ``matched_entities`` the number of these that matched.
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
    """The expected intents as this row spells them, if the suite mostly uses another spelling; else ``None``."""
    may_be_fp: bool = False
    """Whether this utterance stands for copies of which one failed and another was not evaluated.

    The copy that was not evaluated may turn out to be an FP with any matched intent.
    """

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
        """The keys of the matched intents that are not accepted; ``NO_INTENT`` if nothing matched and that is wrong."""
        return each_of(self.matched) - each_of(self.expected)

    @property
    def is_wrong(self) -> bool:
        """Whether the bot was wrong by the result type or by the intents.

        By the intents it was wrong if no expected intent was matched; a row without a result type is not wrong.
        """
        is_other = each_of(self.expected).isdisjoint(each_of(self.matched))
        return self.is_mismatch or (is_other and self.result_type is not ResultType.NOT_EVALUATED)


def listed(texts: Iterable[str], shown: int = 5) -> str:
    """Return the first ``shown`` texts in quotes, and the number of the remaining ones."""
    quoted = [f"'{text}'" for text in texts]
    return ", ".join(quoted[:shown]) + (f" and {len(quoted) - shown} more" if len(quoted) > shown else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What the platform reports about a run, in its status reply or in the top block of its results file.

    ``run_id`` and ``bot_id`` come from the reply itself, ``inner_run_id`` and ``inner_bot_id`` from the result inside
    the reply. ``suite`` and ``bot_name`` are the names in a results file. ``started`` and ``ended`` are in seconds
    since 1970. ``scores`` are the platform's own texts (fractions with two decimals). In percent, ``success_ratio`` is
    the share of successful utterances, ``entity_ratio`` the share of matched entities, and ``breakdown`` the share of
    each result type. ``doubts`` describe statements that contradict each other or make no sense; each blocks a pass.
    ``age`` is how long a cache had kept the reply, in seconds; ``None`` if the reply did not come from a cache.
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
    """A results file that was parsed; ``raw`` holds the bytes as the platform sent them.

    ``utterances`` follow the documented reading: adjacent rows are one utterance if only their entities differ.
    ``row_by_row`` holds one utterance per row with a text of its own; ``None`` if both readings are equal.
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
    """A results file that is missing or cannot be parsed; ``problem`` states why, with row and column if possible."""

    problem: str
    raw: bytes | None = field(default=None, repr=False)


class RunState(StrEnum):
    """The state of a run; every state but ``WAITING`` is final."""

    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of a run: a fraction from 0 to 1, and the numbers of utterances if the platform reports them."""

    fraction: float
    ran: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a suite on the platform.

    A run that this command started cannot have ended before ``started``, in seconds since 1970 by the platform's clock
    if its answer shows the time. ``started`` is ``None`` for a run that was started elsewhere.
    """

    suite: str
    id: str
    started: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """The platform's answer to one status request.

    ``word`` is the platform's own word for the state. ``answered_at`` is the moment of the answer in seconds since
    1970, by the platform's clock, if known. ``document`` is the reply as JSON text, with the query removed from the
    link to the results file; ``link`` is the complete link, which is valid for one download and must never be shown.
    """

    state: RunState
    word: str
    reported: Reported
    progress: Progress | None = None
    answered_at: float | None = None
    document: str = field(default="", repr=False)
    link: str | None = field(default=None, repr=False)


class Platform(Protocol):
    """The operations that the gate needs from the vendor's system.

    Every method may raise ``Transient`` (the call may be retried) or ``GateError`` (the suite ends without a verdict).
    """

    def start(self, suite: str) -> Run: ...

    def status(self, run: Run) -> RunStatus: ...

    def results(self, status: RunStatus) -> ResultsFile | UnreadableFile:
        """Download and read the results file that a completed status points to."""
        ...
