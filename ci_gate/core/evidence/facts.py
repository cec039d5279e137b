"""The facts of a run as each source reports them, and the contradiction between two facts."""

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
    """The reported facts of one run.

    ``reply`` is the status reply, ``file`` the top block of the results file; each is ``None`` if missing, and
    ``in_reply`` or ``in_file`` is then empty. ``counts`` are the believed counts, ``tallied`` the counts of the file's
    rows. ``size`` is the largest number of utterances that was reported for the run. ``blank_rows`` is the number of
    rows without a result type, ``missing_rows`` the number of rows that the file should hold but does not.
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
    """Two facts that disagree; ``warning``, if set, is the kind of the finding, which then blocks nothing."""

    message: str
    warning: FindingKind | None = None
