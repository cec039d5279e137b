"""The facts of a run side by side, as every source reports them, and how two of them contradict each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_gate.core.model import Reported

if TYPE_CHECKING:
    from ci_gate.core.counts import Counts
    from ci_gate.core.evidence.unevaluated import Unevaluated
    from ci_gate.core.findings import Expectation, FindingKind
    from ci_gate.core.model import Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is reported of one run.

    ``reply`` is the status reply, ``file`` the top block of the results file; each is ``None`` if it is not there, and
    then reports nothing (``in_reply``, ``in_file``).
    ``counts`` are those that are believed, ``tallied`` those of the file's rows. ``size`` is the number of utterances
    that the run ever had. ``blank_rows`` hold no result type; ``missing_rows`` more should be in the file.
    """

    reply: Reported | None
    file: Reported | None
    counts: Counts
    size: int
    tallied: Counts | None
    utterances: tuple[Utterance, ...] | None
    unevaluated: Unevaluated
    blank_rows: int
    missing_rows: int
    expectation: Expectation

    @property
    def in_reply(self) -> Reported:
        return self.reply or Reported()

    @property
    def in_file(self) -> Reported:
        return self.file or Reported()


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two facts that do not fit; if one may only be another word for the other, a ``warning`` of that kind is due."""

    message: str
    warning: FindingKind | None = None
