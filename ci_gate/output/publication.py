"""Brings a report to its readers, and keeps exit code and reports in agreement whatever goes wrong on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_gate.core.report import GateReport
from ci_gate.errors import ExitCode, GateError, InternalError, Interrupted, Unreported, UsageError, bug_report
from ci_gate.output.folder_claim import UnclaimedFolder
from ci_gate.reports import text

if TYPE_CHECKING:
    from datetime import datetime

    from ci_gate.core.assess import SuiteOutcome
    from ci_gate.output.ci.system import CISystem
    from ci_gate.output.console import Console
    from ci_gate.output.report_folder import ReportFolder
    from ci_gate.signals import Signals


class Unprinted(Unreported):
    """The verdict itself did not reach its reader, which no other verdict excuses: a closed pipe never ends in 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The places where a report is read: files, standard output, and what the CI system has."""

    folder: ReportFolder
    console: Console
    ci: CISystem
    signals: Signals

    def publish(self, report: GateReport, outcomes: tuple[SuiteOutcome, ...]) -> ExitCode:
        """Write the files, print the verdict, and return the exit code that both show."""
        unwritten = self._warned(self.folder.write(report, outcomes))
        # What was not written may be what it takes to judge again.
        written = replace(report, replay="") if unwritten and report.replay else report
        passed_on = final = self._amended(written, unwritten)
        final = self._amended(final, self._warned(self._pass_on(final)))
        # Standard output comes last: what it says is what the process ends with.
        final = self._amended(final, self._print(final))
        final = self._amended(final, self._annotate(final))
        if final is not passed_on:
            # What was passed on cannot be taken back, only corrected.
            self._pass_on(final)
        if final is not report:
            # What happened since the files were written belongs into them.
            self.folder.write(final, outcomes)
        self.console.note(f"reports: {self.folder.path}")
        return final.exit_code

    def refuse(self, error: GateError, moment: datetime) -> None:
        """Report a command that made no sense, so that no earlier report looks like this one's."""
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
        """Report an ending that came before any work, while the folder belongs to somebody else."""
        replace(self, folder=self.folder.unclaimed()).report_refusal(error, moment)

    def report_refusal(self, error: GateError, moment: datetime) -> None:
        """Report an ending that came before any work, wherever that can be written."""
        report = GateReport(suites=(), started=moment, finished=moment, error=error)
        self._warned(self.folder.write(report))
        self._warned(self._pass_on(report))
        self._annotate(report)

    def _print(self, report: GateReport) -> list[GateError]:
        """Print the verdict, and return what kept it from its reader."""
        try:
            verdict = "".join(text.render(report, color=self.console.color))
        except Exception as bug:
            return [bug_report(bug)]
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
            self.console.warn(f"not written: {problem.message}")
        return unwritten

    def _amended(self, report: GateReport, problems: list[GateError]) -> GateReport:
        """Change the ending if a signal came late, or if a report had a bug or did not reach its readers."""
        code = report.exit_code
        bugs = [problem for problem in problems if isinstance(problem, InternalError)]
        unprinted = [problem for problem in problems if isinstance(problem, Unprinted)]
        if code in (ExitCode.INTERRUPTED, ExitCode.TERMINATED):
            return report
        if self.signals.received is not None:
            error: GateError = Interrupted("interrupted while the reports were written", signum=self.signals.received)
        elif bugs and code is not ExitCode.INTERNAL:
            error = bugs[0]
        elif unprinted and code in (ExitCode.PASSED, ExitCode.FAILED):
            error = unprinted[0]
        elif problems and code is ExitCode.PASSED:
            reason = problems[0].message
            error = Unreported(f"a report could not be written: {reason}", hint="see --report-dir, and the disk")
        else:
            return report
        self.console.error(error)
        # What ended so by the machine cannot be judged again.
        return replace(report, error=error, replay="")
