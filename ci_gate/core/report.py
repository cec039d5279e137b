"""The result of the gate: one report per suite, judged or unjudged, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from ci_gate.core.findings import TOLERABLE, Expectation, FindingKind
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import OFF
from ci_gate.core.verdict import Verdict, exit_code_of, is_excusable, verdict_of
from ci_gate.core.waivers import Waived
from ci_gate.errors import ExitCode, GateError, Inconclusive, worst

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from ci_gate.core.checks.check import Check
    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.evidence.weigh import Evidence


OF_EVIDENCE = (ExitCode.PASSED, ExitCode.FAILED, ExitCode.INCONCLUSIVE)
"""The exit codes that may follow from the evidence alone."""


class Source(StrEnum):
    """The origin of a suite's evidence."""

    RUN = "run"
    RESUMED = "resumed"
    ATTACHED = "attached"
    FILES = "files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The inputs of a judgement that its files do not contain; with them and the files, it can be repeated.

    ``day`` is the day by which waivers expire. ``answered_at`` is the moment of the last reply by the server's clock,
    in seconds since 1970, if known. ``reply_hash`` and ``results_hash`` are hashes of the status reply, as it is kept,
    and of the results file; ``None`` if there was none.
    """

    expectation: Expectation
    day: date
    answered_at: float | None = None
    reply_hash: str | None = None
    results_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The suite, the bot and the run of a report, and the time that the gate spent on it, in ``seconds``.

    ``hidden``: hashes replace the utterances, and the results file is not kept. ``observed`` is ``None`` if no evidence
    was weighed. ``is_replayed``: the run is judged again from the files in its report folder.
    """

    label: str
    suite: str
    source: Source
    bot_id: str | None = None
    run_id: str | None = None
    engine: str | None = None
    advisory: bool = False
    hidden: bool = False
    observed: Observed | None = None
    is_replayed: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """The evidence, the checks on it, the rules behind the checks, the comparison with a baseline, and the waivers."""

    evidence: Evidence
    checks: tuple[Check, ...]
    rules: Rules = field(default_factory=Rules)
    comparison: Comparison | None = None
    waived: Waived = field(default_factory=Waived)


@dataclass(frozen=True, slots=True)
class Judged:
    """A suite with a verdict: passed or failed."""

    subject: Subject
    judgement: Judgement
    verdict: Verdict

    @property
    def excused(self) -> bool:
        """Whether this failure counts as a warning, because the suite is advisory and its evidence is sound."""
        return (
            self.verdict is Verdict.FAILED
            and self.subject.advisory
            and is_excusable(self.judgement.checks, self.judgement.evidence)
        )

    @property
    def exit_code(self) -> ExitCode:
        """The contribution of this suite to the exit code of the process."""
        return exit_code_of(self.verdict, excused=self.excused)


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A suite without a trustworthy verdict, because of ``error``; ``judgement`` is what could be judged, if any."""

    subject: Subject
    error: GateError
    judgement: Judgement | None = None

    @property
    def verdict(self) -> Verdict:
        return Verdict.UNJUDGED

    @property
    def exit_code(self) -> ExitCode:
        return self.error.code


SuiteReport = Judged | Unjudged


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """Everything that a renderer may show.

    ``error`` is an ending that belongs to no single suite. ``settings`` are the settings as plain data. ``replay`` is
    the command that judges all suites again; it is empty unless the files and settings for that are kept.
    """

    suites: tuple[SuiteReport, ...]
    started: datetime
    finished: datetime
    error: GateError | None = None
    settings: Mapping[str, object] | None = field(default=None, repr=False)
    replay: str = ""

    @property
    def is_replayable(self) -> bool:
        """Whether this ending follows from the evidence alone, and not from a fault of the platform or this machine."""
        return self.error is None and self.exit_code in OF_EVIDENCE

    @property
    def exit_code(self) -> ExitCode:
        codes = [suite.exit_code for suite in self.suites] + ([self.error.code] if self.error else [])
        return worst(codes or [ExitCode.INTERNAL])

    @property
    def verdict(self) -> Verdict:
        match self.exit_code:
            case ExitCode.PASSED:
                return Verdict.PASSED
            case ExitCode.FAILED:
                return Verdict.FAILED
            case _:
                return Verdict.UNJUDGED

    @property
    def excused(self) -> bool:
        """Whether an advisory suite failed without failing the gate."""
        return any(isinstance(suite, Judged) and suite.excused for suite in self.suites)


def conclude(subject: Subject, judgement: Judgement) -> SuiteReport:
    """Return the report of a suite: its verdict, or the first reason why it has none."""
    checks, evidence = judgement.checks, judgement.evidence
    verdict = verdict_of(checks, evidence)
    if verdict is not Verdict.UNJUDGED:
        return Judged(subject, judgement, verdict)
    blocking = sorted(
        (finding for finding in evidence.findings if finding.blocks), key=lambda finding: not finding.voids
    )
    reasons = [finding.message for finding in blocking] or [check.message for check in checks if check.actual is None]
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return Unjudged(subject, Inconclusive(reasons[0] + more, hint=_mend(judgement, subject)), judgement)


def _mend(judgement: Judgement, subject: Subject) -> str:
    """Return the hint for a suite whose evidence allows no verdict."""
    another = run_again(subject)
    kinds = {finding.kind for finding in judgement.evidence.findings if finding.blocks}
    if FindingKind.NOT_COMPARABLE in kinds:
        return "name a baseline that is a whole run of this suite, by this bot, engine and language"
    if FindingKind.NO_RULE in kinds:
        return "set a threshold for this suite, like min_f1, or leave the suite out"
    if kinds == {FindingKind.UNKNOWN_NAME}:
        return f"write the name as the suite does; if there are both: --tolerate {FindingKind.UNKNOWN_NAME}"
    if not kinds:
        without = f'switch the threshold off for this suite ("{OFF}")'
        if _is_open(judgement):
            return f"{another}: what was not evaluated decides; or {without}"
        return f"{without}, or add utterances that the threshold can measure"
    if FindingKind.NOTHING_MEASURED in kinds:
        return f"look at the run in the platform's console, then {another}"
    if subject.source is Source.FILES and FindingKind.NO_FILE in kinds:
        another = f"use the results file as it was downloaded, or {another}"
    flags = [f"--tolerate {kind}" for kind in TOLERABLE if kind in kinds]
    if FindingKind.NOT_EVALUATED in kinds:
        counts = judgement.evidence.counts
        flags.append(f"--max-failed-utterances {OFF if counts.failed_utterances is None else counts.lost}")
    return f"{another}; to judge such evidence anyway: {' '.join(flags)}"


def run_again(subject: Subject) -> str:
    """Return the advice on how to get other evidence: files of another run if files were judged, else a new run."""
    is_of_files = subject.source is Source.FILES or subject.is_replayed
    return "judge the files of another run" if is_of_files else "run the suite again"


def _is_open(judgement: Judgement) -> bool:
    """Return whether unevaluated utterances or entities may be the reason why a check has no data."""
    evidence, comparison = judgement.evidence, judgement.comparison
    lost = evidence.unevaluated.total or evidence.absent or evidence.unevaluated.entities
    return bool(lost or (comparison and (comparison.unevaluated or comparison.adrift)))
