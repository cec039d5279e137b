"""The counts of a run, from which every score is computed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The counts of one run; ``None`` means that a count is not known.

    ``failed_utterances`` is the number of utterances that were not evaluated, not of those that the bot got wrong.
    """

    utterances: int | None = None
    tp: int | None = None
    tn: int | None = None
    fp: int | None = None
    fn: int | None = None
    success: int | None = None
    failure: int | None = None
    failed_utterances: int | None = None
    failed_entities: int | None = None
    entities: int | None = None
    matched_entities: int | None = None

    @property
    def confusion(self) -> tuple[int, int, int, int] | None:
        """TP, TN, FP and FN, if all four are known."""
        if self.tp is None or self.tn is None or self.fp is None or self.fn is None:
            return None
        return self.tp, self.tn, self.fp, self.fn

    @property
    def evaluated(self) -> int | None:
        return None if self.confusion is None else sum(self.confusion)

    @property
    def lost(self) -> int:
        """The number of unevaluated utterances: as reported or, if larger, the total minus the evaluated ones."""
        left = 0 if self.evaluated is None else (self.utterances or 0) - self.evaluated
        return max(self.failed_utterances or 0, left)
