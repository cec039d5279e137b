"""Findings: doubts about the evidence of a run, and their effect on the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ci_gate.redaction import without_credentials


class FindingKind(StrEnum):
    """The kinds of findings about the evidence."""

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
    NEWER_BASELINE = "newer-baseline"
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
"""The kinds that may be tolerated by name."""

_BLOCKING = frozenset(TOLERABLE) | {
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
"""A run in whose evidence one of these was tolerated cannot be a baseline."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact about the evidence that a reader must know; with ``warns`` it blocks nothing, whatever its kind."""

    kind: FindingKind
    message: str
    tolerated: bool = False
    warns: bool = False

    def __post_init__(self) -> None:
        """Redact credentials in the message, which may quote any text."""
        object.__setattr__(self, "message", without_credentials(self.message))

    @property
    def blocks(self) -> bool:
        """Whether this finding rules out a pass."""
        return self.kind in _BLOCKING and not (self.warns or self.tolerated)

    @property
    def way_on(self) -> str:
        """The setting that tolerates this finding; empty if none does, or if the message contains it already."""
        if not self.blocks or self.kind not in TOLERABLE or "tolerate = " in self.message:
            return ""
        return f'to judge it anyway: tolerate = ["{self.kind}"]'

    @property
    def voids(self) -> bool:
        """Whether this finding rules out any verdict: the evidence shows nothing about this suite, bot or run."""
        return self.kind in _VOIDING and self.blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """The values, known from the request, that the evidence must match; ``None`` for a value that is not known.

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
    """The number of utterances that the platform reported while the run was in progress."""
