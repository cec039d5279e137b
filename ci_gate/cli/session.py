"""One gate command from its settings to its exit code: prepare the folder, do the work, report in every ending."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from ci_gate.cli.console import Console, console_for
from ci_gate.cli.files import ReportFolder, append
from ci_gate.cli.signals import Signals
from ci_gate.config.resolve import report_dir_of
from ci_gate.config.sources import FlagValue, Given, gather, read_file
from ci_gate.core.report import GateReport, Unjudged
from ci_gate.errors import ExitCode, GateError, InternalError, Interrupted, Unreported, UsageError
from ci_gate.reports import markdown, text
from ci_gate.reports.junit import JunitCases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ci_gate.cli.world import World
    from ci_gate.config.settings import Settings
    from ci_gate.config.sources import Sources
    from ci_gate.gate import Outcome

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"


S = TypeVar("S", bound="Settings")


@dataclass(frozen=True, slots=True)
class Session(Generic[S]):
    """What the work of a command may use while it goes on."""

    settings: S
    world: World
    console: Console
    signals: Signals


def conduct(
    command: str,
    flags: Mapping[str, FlagValue],
    world: World,
    *,
    settle: Callable[[Sources], S],
    work: Callable[[Session[S]], tuple[Outcome, ...]],
) -> int:
    """Run a command that judges, and give its exit code."""
    with Signals() as signals:
        try:
            settings = settle(gather(flags, world.environment))
        except UsageError as error:
            return refuse(command, flags, world, error)
        return perform(settings, world, signals, work)


def perform(settings: S, world: World, signals: Signals, work: Callable[[Session[S]], tuple[Outcome, ...]]) -> int:
    """Do the work under settled settings, and report however it ends."""
    output = settings.output
    console = console_for(world.environment, quiet=output.quiet, verbose=output.verbose, color=output.color)
    folder = ReportFolder(output.report_dir, output.junit_xml, JunitCases(output.junit_cases))
    started = _moment(world)
    try:
        folder.prepare(suite.label for suite in settings.suites)
    except UsageError as error:
        console.error(error)
        return error.code
    for note in settings.notes:
        console.warn(note)
    outcomes: tuple[Outcome, ...] = ()
    ending: GateError | None = None
    try:
        outcomes = work(Session(settings, world, console, signals))
    except GateError as error:
        ending = error
    except Exception as bug:
        ending = InternalError(f"a bug in ci-gate: {type(bug).__name__}", hint="--verbose shows the traceback")
        ending.__cause__ = bug
    suites = tuple(outcome.report for outcome in outcomes)
    report = GateReport(suites=suites, started=started, finished=_moment(world), error=ending)
    _tell_errors(report, console)
    return _Publication(folder, console, world.environment, signals, outcomes).publish(report)


def refuse(command: str, flags: Mapping[str, FlagValue], world: World, error: UsageError) -> int:
    """End a command that made no sense: say why, and leave a report that says so too."""
    console = _plain_console(world)
    console.error(error)
    leave_refusal(told_folder(command, flags, world.environment), world, error)
    return error.code


def refuse_arguments(command: str, arguments: list[str], world: World, message: str) -> None:
    """Leave a report of a command line that could not even be read; click has told the user already."""
    flags = {
        name: _argument(arguments, flag) for name, flag in (("report_dir", "--report-dir"), ("config", "--config"))
    }
    leave_refusal(told_folder(command, flags, world.environment), world, UsageError(message))


def leave_refusal(path: Path, world: World, error: UsageError) -> None:
    """Write the reports of a refused command, so that no earlier one looks like this one's."""
    console, moment, folder = _plain_console(world), _moment(world), ReportFolder(path)
    try:
        folder.prepare(())
    except UsageError as unwritable:
        console.error(unwritable)
        return
    for problem in folder.write(GateReport(suites=(), started=moment, finished=moment, error=error)):
        console.warn(f"not written: {problem}")


def told_folder(command: str, flags: Mapping[str, FlagValue], environment: Mapping[str, str]) -> Path:
    """Find the report folder where other settings make no sense, as well as that can be told."""
    flag, variable = flags.get("report_dir"), environment.get("CI_GATE_REPORT_DIR", "").strip()
    if isinstance(flag, str) and flag:
        return Path(flag)
    if variable:
        return Path(variable)
    config = flags.get("config") or environment.get("CI_GATE_CONFIG", "").strip()
    try:
        file = read_file(Given((config,), "--config") if isinstance(config, str) and config else None)
        return report_dir_of(command, file.common.get("report_dir"))
    except UsageError:
        return report_dir_of(command, None)


@dataclass(slots=True)
class _Publication:
    """Brings a report to its readers; what cannot be brought turns a pass into another ending."""

    folder: ReportFolder
    console: Console
    environment: Mapping[str, str]
    signals: Signals
    outcomes: tuple[Outcome, ...]

    def publish(self, report: GateReport) -> int:
        """Write the files, print the verdict, and give the exit code that both show."""
        problems = self.folder.write(report, self.outcomes)
        told = self.console.verdict(text.render(report, color=self.console.color))
        for problem in problems:
            self.console.warn(f"not written: {problem}")
        final = self._amended(report, problems, told=told)
        if final is not report:
            self._rewrite(final)
        if summary := self.environment.get(STEP_SUMMARY):
            problem = append(Path(summary), markdown.render(final))
            amended = self._amended(final, [problem] if problem else [], told=told)
            if amended is not final:
                self._rewrite(amended)
                final = amended
        self.console.note(f"reports: {self.folder.path}")
        return final.exit_code

    def _amended(self, report: GateReport, problems: list[str], *, told: bool) -> GateReport:
        """Change the ending where a signal came late, or where a verdict did not reach everybody."""
        if self.signals.received is not None and not _is_interrupted(report):
            error: GateError = Interrupted("interrupted while the reports were written", signum=self.signals.received)
        elif problems and report.exit_code is ExitCode.PASSED:
            error = Unreported(f"a report could not be written: {problems[0]}", hint="see --report-dir, and the disk")
        elif not told and report.exit_code in (ExitCode.PASSED, ExitCode.FAILED):
            error = Unreported("the verdict could not be printed: standard output is closed")
        else:
            return report
        return replace(report, error=error)

    def _rewrite(self, report: GateReport) -> None:
        if report.error is not None:
            self.console.error(report.error)
        self.folder.write(report, self.outcomes)


def _is_interrupted(report: GateReport) -> bool:
    return report.exit_code in (ExitCode.INTERRUPTED, ExitCode.TERMINATED)


def _tell_errors(report: GateReport, console: Console) -> None:
    """Say on standard error what kept the gate from judging; the traceback of a bug only to those who ask."""
    errors = [suite.error for suite in report.suites if isinstance(suite, Unjudged)]
    for error in [*errors, *([report.error] if report.error else [])]:
        if error.__cause__ is not None:
            for line in traceback.format_exception(error.__cause__):
                for part in line.splitlines():
                    console.detail(part)
    if report.error is not None:
        console.error(report.error)


def _argument(arguments: list[str], flag: str) -> str | None:
    """Find a flag's value in a command line that click could not read."""
    for number, argument in enumerate(arguments):
        if argument.startswith(f"{flag}="):
            return argument.partition("=")[2]
        if argument == flag and number + 1 < len(arguments):
            return arguments[number + 1]
    return None


def _plain_console(world: World) -> Console:
    return console_for(world.environment, quiet=False, verbose=False, color=None)


def _moment(world: World) -> datetime:
    return datetime.fromtimestamp(world.clock.epoch(), tz=UTC)
