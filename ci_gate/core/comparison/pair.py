"""One utterance in two runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_gate.core.evidence.unevaluated import may_fail, may_pass

if TYPE_CHECKING:
    from ci_gate.core.model import Utterance


@dataclass(frozen=True, slots=True)
class Pair:
    """An utterance in the baseline and in this run."""

    was: Utterance
    now: Utterance

    @property
    def is_evaluated(self) -> bool:
        return self.was.is_evaluated and self.now.is_evaluated

    @property
    def got_worse(self) -> bool:
        return self.was.passed and self.now.is_mismatch

    @property
    def got_better(self) -> bool:
        return self.was.is_mismatch and self.now.passed

    @property
    def may_be_worse(self) -> bool:
        """Whether the utterance may have passed before and fail now, since one run did not evaluate it."""
        return not self.is_evaluated and may_pass(self.was) and may_fail(self.now)
