"""Findings: what is doubtful about the evidence of a run, and what follows for the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ci_gate.redaction import without_credentials


class FindingKind(StrEnum):
    """What can be doubtful about the evidence."""

    PARTIAL = "partial"
    COUNT_MISMATCH = "count-mismatch"
    NO_FILE = "no-file"
    WRONG_RUN = "wrong-run"
    OTHER_ID = "other-id"
    OTHER_BOT = "other-bot"
    SCORE_MISMATCH = "score-mismatch"
    TYPE_MISMATCH = "type-mismatch"
    NOT_EVALUATED = "not-evaluated"
    NOTHING_MEASURED = "nothing-measured"
    NOT_COMPARABLE = "not-comparable"
    NO_RULE = "no-rule"
    ROUNDED_SCORE = "rounded-score"
    SMALL_SUITE = "small-suite"
    OTHER_SUITE = "other-suite"
    UNCONFIRMED = "unconfirmed"
    FAILED_ENTITIES = "failed-entities"
    NO_BASELINE = "no-baseline"
    DROP = "drop"
    REGRESSION = "regression"
    SMALL_SUPPORT = "small-support"
    UNSTABLE = "unstable"
    TWO_LABELS = "two-labels"
    UNKNOWN_NAME = "unknown-name"
    WAIVER = "waiver"


TOLERABLE: Final = (
    FindingKind.PARTIAL,
    FindingKind.COUNT_MISMATCH,
    FindingKind.NO_FILE,
    FindingKind.WRONG_RUN,
    FindingKind.OTHER_ID,
    FindingKind.OTHER_BOT,
    FindingKind.SCORE_MISMATCH,
    FindingKind.TYPE_MISMATCH,
    FindingKind.UNKNOWN_NAME,
)
"""What may be tolerated by name."""

_BLOCKING = frozenset(TOLERABLE) - {FindingKind.UNKNOWN_NAME} | {
    FindingKind.NOT_EVALUATED,
    FindingKind.NOTHING_MEASURED,
    FindingKind.NOT_COMPARABLE,
    FindingKind.NO_RULE,
}

_VOIDING = frozenset(
    {
        FindingKind.NOTHING_MEASURED,
        FindingKind.NO_FILE,
        FindingKind.WRONG_RUN,
        FindingKind.OTHER_ID,
        FindingKind.OTHER_BOT,
    }
)

NEVER_A_BASELINE: Final = frozenset(
    {FindingKind.PARTIAL, FindingKind.NO_FILE, FindingKind.WRONG_RUN, FindingKind.OTHER_ID}
)
"""Evidence in which this was tolerated is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the evidence that a reader must know; one that only ``warns`` blocks nothing, whatever it is."""

    kind: FindingKind
    message: str
    tolerated: bool = False
    warns: bool = False

    def __post_init__(self) -> None:
        """Cut out what has the shape of a secret: the message may quote any text."""
        object.__setattr__(self, "message", without_credentials(self.message))

    @property
    def blocks(self) -> bool:
        """Whether no pass is possible with it."""
        return self.kind in _BLOCKING and not (self.warns or self.tolerated)

    @property
    def way_on(self) -> str:
        """What to write to judge such evidence all the same; empty if it cannot be, or the message says so itself."""
        if not self.blocks or self.kind not in TOLERABLE or "tolerate = " in self.message:
            return ""
        return f'to judge it all the same: tolerate = ["{self.kind}"]'

    @property
    def voids(self) -> bool:
        """Whether there is no verdict at all with it: it is no evidence about this suite of this bot in this run."""
        return self.kind in _VOIDING and self.blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the evidence must fit: what was asked for and what was sent; ``None`` if nothing was.

    ``started`` is the moment at which this command started the run, in seconds since 1970.
    """

    run_id: str | None = None
    suite: str | None = None
    bot_id: str | None = None
    bot_version: str | None = None
    language: str | None = None
    engine: str | None = None
    started: float | None = None
    seen_utterances: int | None = None
    """How many utterances the run had while it went on."""
