"""Brings a report to its readers, and keeps exit code and reports telling the same whatever goes wrong on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.cli.files import append
from ci_gate.core.report import GateReport
from ci_gate.errors import ExitCode, GateError, Interrupted, Unreported, UsageError
from ci_gate.reports import markdown, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ci_gate.assess import Outcome
    from ci_gate.cli.console import Console
    from ci_gate.cli.files import ReportFolder
    from ci_gate.cli.signals import Signals

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The places where a report is read: files, standard output, and the summary page of the CI system."""

    folder: ReportFolder
    console: Console
    environment: Mapping[str, str]
    signals: Signals

    def publish(self, report: GateReport, outcomes: tuple[Outcome, ...]) -> ExitCode:
        """Write the files, print the verdict, and give the exit code that both show."""
        problems = self.folder.write(report, outcomes)
        told = self.console.verdict(text.render(report, color=self.console.color))
        for problem in problems:
            self.console.warn(f"not written: {problem}")
        final = self._amended(report, problems, told=told)
        problem = self._append_summary(final)
        final = self._amended(final, [problem] if problem else [], told=told)
        if final is not report:
            # What happened since the files were written belongs into them.
            self.folder.write(final, outcomes)
        self.console.note(f"reports: {self.folder.path}")
        return final.exit_code

    def refuse(self, error: UsageError, moment: datetime) -> None:
        """Report a command that made no sense, so that no earlier report looks like this one's."""
        try:
            self.folder.prepare(())
        except UsageError as unwritable:
            self.console.error(unwritable)
            return
        report = GateReport(suites=(), started=moment, finished=moment, error=error)
        for problem in self.folder.write(report):
            self.console.warn(f"not written: {problem}")
        self._append_summary(report)

    def _append_summary(self, report: GateReport) -> str:
        path = self.environment.get(STEP_SUMMARY)
        problem = append(Path(path), markdown.render(report)) if path else ""
        if problem:
            self.console.warn(f"not written: {problem}")
        return problem

    def _amended(self, report: GateReport, problems: list[str], *, told: bool) -> GateReport:
        """Change the ending where a signal came late, or where a verdict did not reach everybody."""
        code = report.exit_code
        if self.signals.received is not None and code not in (ExitCode.INTERRUPTED, ExitCode.TERMINATED):
            error: GateError = Interrupted("interrupted while the reports were written", signum=self.signals.received)
        elif problems and code is ExitCode.PASSED:
            error = Unreported(f"a report could not be written: {problems[0]}", hint="see --report-dir, and the disk")
        elif not told and code in (ExitCode.PASSED, ExitCode.FAILED):
            error = Unreported("the verdict could not be printed: standard output is closed")
        else:
            return report
        self.console.error(error)
        return replace(report, error=error)
