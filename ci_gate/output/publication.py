"""Publishes a report, and keeps the exit code and all reports consistent if publishing itself fails or is stopped."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ci_gate.core.report import GateReport, Unjudged
from ci_gate.errors import ExitCode, GateError, InternalError, Interrupted, Unreported, UsageError, bug_report
from ci_gate.output.folder_claim import UnclaimedFolder
from ci_gate.reports import text

if TYPE_CHECKING:
    from datetime import datetime

    from ci_gate.core.assess import SuiteOutcome
    from ci_gate.core.report import SuiteReport
    from ci_gate.output.ci.system import CISystem
    from ci_gate.output.console import Console
    from ci_gate.output.report_folder import ReportFolder
    from ci_gate.signals import Signals

_INTERRUPTED = (ExitCode.INTERRUPTED, ExitCode.TERMINATED)
_LATE = "interrupted while the reports were written"
_WRITTEN_AT_ONCE = 2_000
"""The number of utterances whose reports are certain to be written within a second."""


class Unprinted(Unreported):
    """The verdict could not be printed. Even a failed verdict becomes this error: a closed pipe never ends in 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Publishes reports to all places where they are read: files, standard output and the CI system."""

    folder: ReportFolder
    console: Console
    ci: CISystem
    signals: Signals

    def publish(self, report: GateReport, outcomes: tuple[SuiteOutcome, ...]) -> ExitCode:
        """Write the files, print the verdict, inform the CI system, and return the exit code that all of them show."""
        report = _brief_if_interrupted(report)
        unwritten = self._warned(self._written(report, outcomes))
        # A file that was not written may be needed for a replay.
        written = replace(report, replay="") if unwritten and report.replay else report
        passed_on = final = self._amended(written, unwritten)
        final = self._amended(final, self._warned(self._pass_on(final)))
        # Print after files and outputs, so that the printed verdict includes the problems of both.
        verdict, problems = self._verdict(final)
        latest = self._amended(final, problems)
        if latest is not final:
            final, verdict = latest, self._verdict(latest)[0]
        final = self._amended(final, self._print(verdict))
        final = self._amended(final, self._annotate(final))
        if final is not passed_on:
            # Outputs that were set cannot be withdrawn, only overridden.
            self._pass_on(final)
        if final is not report:
            # The files show the report as it was before publishing changed it.
            self.folder.write(final, outcomes)
        self.console.note(f"reports: {self.folder.path}")
        return final.exit_code

    def _written(self, report: GateReport, outcomes: tuple[SuiteOutcome, ...]) -> list[GateError]:
        """Write the files; a signal stops the writing unless the report is that of an interruption already."""
        if report.exit_code in _INTERRUPTED:
            return self.folder.write(report, outcomes)
        return self.folder.write(report, outcomes, between=partial(self.signals.stop_if_received, _LATE))

    def refuse(self, error: GateError, moment: datetime) -> None:
        """Report the error of a refused command, so that no earlier report looks like one of this command."""
        try:
            with self.folder.claimed(()):
                try:
                    self.folder.prepare(())
                except UsageError as unwritable:
                    self.console.error(unwritable)
                self.report_refusal(error, moment)
        except UnclaimedFolder as problem:
            self.console.warn(f"no report is written: {problem.message}")
            self.report_elsewhere(error, moment)

    def report_elsewhere(self, error: GateError, moment: datetime) -> None:
        """Report an error that came before any work, without writing in the folder, which this gate has not claimed."""
        replace(self, folder=self.folder.unclaimed()).report_refusal(error, moment)

    def report_refusal(self, error: GateError, moment: datetime) -> None:
        """Report an error that came before any work, to all places that can be written."""
        report = GateReport(suites=(), started=moment, finished=moment, error=error)
        self._warned(self.folder.write(report))
        self._warned(self._pass_on(report))
        self._annotate(report)

    def _verdict(self, report: GateReport) -> tuple[str, list[GateError]]:
        """Return the verdict as text, or no text and the error if it could not be rendered."""
        try:
            return "".join(text.render(report, color=self.console.color)), []
        except Exception as bug:
            return "", [bug_report(bug)]

    def _print(self, verdict: str) -> list[GateError]:
        """Print the verdict, and return the error if it could not be printed."""
        problem = self.console.verdict(verdict)
        return [Unprinted(f"the verdict could not be printed: {problem}")] if problem else []

    def _pass_on(self, report: GateReport) -> list[GateError]:
        try:
            return self.ci.publish(report, self.folder.path)
        except Exception as bug:
            return [bug_report(bug)]

    def _annotate(self, report: GateReport) -> list[GateError]:
        try:
            self.ci.annotate(report)
        except Exception as bug:
            return [bug_report(bug)]
        return []

    def _warned(self, unwritten: list[GateError]) -> list[GateError]:
        for problem in unwritten:
            if not isinstance(problem, Interrupted):
                self.console.warn(f"not written: {problem.message}")
        return unwritten

    def _amended(self, report: GateReport, problems: list[GateError]) -> GateReport:
        """Return the report, with another ending after a signal, or if one of ``problems`` is worse than its ending."""
        code = report.exit_code
        bugs = [problem for problem in problems if isinstance(problem, InternalError)]
        unprinted = [problem for problem in problems if isinstance(problem, Unprinted)]
        if code in _INTERRUPTED:
            return report
        if self.signals.received is not None:
            error: GateError = Interrupted(_LATE, signum=self.signals.received)
        elif bugs and code is not ExitCode.INTERNAL:
            error = bugs[0]
        elif unprinted and code in (ExitCode.PASSED, ExitCode.FAILED):
            error = unprinted[0]
        elif problems and code is ExitCode.PASSED:
            reason = problems[0].message
            error = Unreported(
                f"a report could not be written: {reason}", hint="check --report-dir and the free disk space"
            )
        else:
            return report
        self.console.error(error)
        # A replay cannot repeat an ending that this machine caused.
        return _brief_if_interrupted(replace(report, error=error, replay=""))


def _brief_if_interrupted(report: GateReport) -> GateReport:
    """Return the report without its utterances if the gate was interrupted and writing them would take seconds.

    The suites with utterances are then unjudged.
    """
    if report.exit_code not in _INTERRUPTED or sum(map(_size, report.suites)) <= _WRITTEN_AT_ONCE:
        return report
    signum = signal.SIGINT if report.exit_code is ExitCode.INTERRUPTED else signal.SIGTERM
    return replace(report, suites=tuple(_brief(suite, signum) if _size(suite) else suite for suite in report.suites))


def _brief(suite: SuiteReport, signum: int) -> SuiteReport:
    message = "interrupted before the report of this suite was written"
    hint = "" if suite.subject.hidden else "its results file is kept: judge it with ci-gate check"
    return Unjudged(suite.subject, Interrupted(message, signum=signum, hint=hint))


def _size(suite: SuiteReport) -> int:
    return len((suite.judgement and suite.judgement.evidence.utterances) or ())
