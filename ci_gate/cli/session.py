"""One gate command from its settings to its exit code: prepare the folder, do the work, report in every ending."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from ci_gate.cli.console import Console, console_for
from ci_gate.cli.files import ReportFolder
from ci_gate.cli.names import unknown_name
from ci_gate.cli.pipeline import Pipeline, pipeline_of
from ci_gate.cli.publication import Publication
from ci_gate.config.given import Given
from ci_gate.config.resolve import report_dir_of
from ci_gate.config.sources import FlagValue, gather, glimpse
from ci_gate.config.values import read_path
from ci_gate.core.report import GateReport, Unjudged
from ci_gate.errors import GateError, UsageError, bug_report
from ci_gate.reports.junit import JunitCases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ci_gate.assess import Assessed
    from ci_gate.cli.world import World
    from ci_gate.config.settings import Settings
    from ci_gate.config.sources import Sources

S = TypeVar("S", bound="Settings")
S_co = TypeVar("S_co", bound="Settings", covariant=True)


@dataclass(frozen=True, slots=True)
class Session(Generic[S_co]):
    """What the work of a command may use while it goes on."""

    settings: S_co
    world: World
    console: Console
    pipeline: Pipeline


def conduct(
    command: str,
    flags: Mapping[str, FlagValue],
    world: World,
    *,
    settle: Callable[[Sources], S],
    work: Callable[[Session[S]], tuple[Assessed, ...]],
) -> int:
    """Run a command that judges, and give its exit code."""
    try:
        settings = settle(gather(flags, world.environment))
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        error = _ending_of(problem)
        _plain_console(world, verbose=bool(flags.get("verbose"))).error(error)
        refuse(command, flags, world, error)
        return error.code
    return perform(settings, world, work)


def perform(settings: S, world: World, work: Callable[[Session[S]], tuple[Assessed, ...]]) -> int:
    """Do the work under settled settings, and report however it ends."""
    output = settings.output
    console = console_for(world.environment, quiet=output.quiet, verbose=output.verbose, color=output.color)
    pipeline = pipeline_of(world, console)
    more = pipeline.renderers(output.report_dir)
    folder = ReportFolder(output.report_dir, output.junit_xml, JunitCases(output.junit_cases), more=more)
    publication = Publication(folder=folder, console=console, pipeline=pipeline, signals=world.signals)
    started = _moment(world)
    try:
        folder.prepare(suite.label for suite in settings.suites)
    except UsageError as error:
        console.error(error)
        publication.report_refusal(error, started)
        return error.code
    pipeline.began(folder.path)
    for note in settings.notes:
        console.warn(note)
    outcomes: tuple[Assessed, ...] = ()
    ending: GateError | None = None
    try:
        outcomes = work(Session(settings, world, console, pipeline))
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        ending = _ending_of(problem)
        console.error(ending)
    suites = tuple(outcome.report for outcome in outcomes if not outcome.is_base)
    if ending is None and (ending := unknown_name(suites)):
        console.error(ending)
    for suite in suites:
        if isinstance(suite, Unjudged):
            console.explain(suite.error)
    report = GateReport(suites=suites, started=started, finished=_moment(world), error=ending)
    return publication.publish(report, outcomes)


def announce(command: str, world: World) -> None:
    """Let nothing of an earlier run stand while the gate has yet to begin: what ends it then has no say any more."""
    pipeline = pipeline_of(world, _plain_console(world))
    folder = _told_folder(command, {}, pipeline)
    with suppress(UsageError):  # the gate itself will say so
        folder.prepare(())
    pipeline.began(folder.path)


def refuse(command: str, flags: Mapping[str, FlagValue], world: World, error: GateError) -> None:
    """Leave reports that say why a command made no sense."""
    console = _plain_console(world)
    pipeline = pipeline_of(world, console)
    folder = _told_folder(command, flags, pipeline)
    publication = Publication(folder=folder, console=console, pipeline=pipeline, signals=world.signals)
    publication.refuse(error, _moment(world))


def refuse_arguments(command: str, arguments: list[str], world: World, error: GateError) -> None:
    """Leave reports of a command line that could not even be read; the user has been told already."""
    flags = {
        name: _argument(arguments, f"--{name.replace('_', '-')}") for name in ("report_dir", "junit_xml", "config")
    }
    refuse(command, flags, world, error)


def _told_folder(command: str, flags: Mapping[str, FlagValue], pipeline: Pipeline) -> ReportFolder:
    """Find where the reports belong although other settings make no sense, as well as that can be told."""
    environment = pipeline.world.environment

    def told(name: str) -> Given | None:
        flag, variable = flags.get(name), environment.get(f"CI_GATE_{name.upper()}", "").strip()
        text = flag if isinstance(flag, str) and flag else variable
        return Given((text,), name) if text else None

    def path(name: str) -> Path | None:
        """Read a path, as if it had not been given where it is none."""
        given = told(name) or in_file.get(name)
        try:
            return given.read(read_path) if given else None
        except UsageError:
            return None

    in_file = glimpse(told("config"), ("report_dir", "junit_xml", "baseline"))
    folder = path("report_dir") or report_dir_of(command, None)
    more = pipeline.renderers(folder)
    spares_results = command == "check"
    return ReportFolder(folder, path("junit_xml"), spares_results=spares_results, more=more, spared=path("baseline"))


def _ending_of(problem: BaseException) -> GateError:
    return problem if isinstance(problem, GateError) else bug_report(problem)


def _argument(arguments: list[str], flag: str) -> str | None:
    """Find a flag's value in a command line that click could not read; the last one counts, as it does there."""
    found = None
    for argument, following in zip(arguments, [*arguments[1:], None], strict=True):
        if argument.startswith(f"{flag}="):
            found = argument.partition("=")[2]
        elif argument == flag:
            found = following
    return found


def _plain_console(world: World, *, verbose: bool = False) -> Console:
    return console_for(world.environment, quiet=False, verbose=verbose, color=None)


def _moment(world: World) -> datetime:
    return datetime.fromtimestamp(world.clock.epoch(), tz=UTC)
