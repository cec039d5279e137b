"""The course of a judging command: resolve settings, prepare the report folder, judge, report every ending."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from ci_gate.commands import COMMAND_BY_NAME
from ci_gate.config.options import BY_NAME
from ci_gate.config.parsers import read_path
from ci_gate.config.resolve import report_dir_of
from ci_gate.config.settings_document import reported_settings
from ci_gate.config.sources import FlagValue, early, gather
from ci_gate.core.events import replay_command
from ci_gate.core.report import GateReport, Judged, Unjudged
from ci_gate.errors import GateError, UsageError, bug_report
from ci_gate.gate.baselines import Baselines, read_baselines
from ci_gate.gate.common_waivers import with_idle_waivers
from ci_gate.gate.unknown_names import unknown_name
from ci_gate.kore.status import is_kept_whole
from ci_gate.output.ci.detect import detect
from ci_gate.output.console import Console, console_for
from ci_gate.output.folder_claim import UnclaimedFolder
from ci_gate.output.publication import Publication
from ci_gate.output.report_folder import ReportFolder, apart_from, baseline_names, lies_in
from ci_gate.redaction import redacted
from ci_gate.reports import RenderOptions
from ci_gate.reports.junit import JunitCases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ci_gate.config.settings import Settings
    from ci_gate.config.sources import Sources
    from ci_gate.core.assess import SuiteOutcome
    from ci_gate.output.ci.system import CISystem
    from ci_gate.runtime import Runtime

_COPIED = re.compile(r"[^`\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*")

S = TypeVar("S", bound="Settings")
S_co = TypeVar("S_co", bound="Settings", covariant=True)


@dataclass(frozen=True, slots=True)
class CommandContext(Generic[S_co]):
    """Everything that is available to ``Plan.judge``."""

    settings: S_co
    runtime: Runtime
    console: Console
    ci: CISystem
    baselines: Baselines


@dataclass(frozen=True, slots=True)
class Plan(Generic[S]):
    """The resolved settings of a command, and the function that judges under them and returns one outcome per run."""

    settings: S
    judge: Callable[[CommandContext[S]], tuple[SuiteOutcome, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One call of a judging command: the sources of its settings, and its positional argument (empty if none)."""

    sources: Sources
    environment: Mapping[str, str]
    argument: str = ""


def run_command(
    command: str,
    runtime: Runtime,
    *,
    plan: Callable[[Invocation], Plan[S]],
    flags: Mapping[str, FlagValue],
    argument: str = "",
) -> int:
    """Run the judging command ``command``, report its ending, and return the exit code.

    ``plan`` resolves the settings; any exception but ``KeyboardInterrupt`` that it raises becomes a report.
    """
    try:
        # A replay uses the recorded settings, so the settings file is not read.
        with runtime.signals.raising():
            sources = gather(flags, runtime.environment, without_file=bool(flags.get("replay")))
            planned = plan(Invocation(sources=sources, environment=runtime.environment, argument=argument))
            # After a signal no baseline is needed, and reading one may take seconds.
            baselines = None if runtime.signals.received else read_baselines(planned.settings)
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        # These errors quote settings as the user wrote them, and a setting may be a signed link.
        ending = _ending_of(problem)
        error = ending.reworded(message=redacted(ending.message), hint=redacted(ending.hint))
        _early_console(runtime, verbose=bool(flags.get("verbose"))).error(error)
        refuse(command, flags, runtime, error)
        return error.code
    return execute(planned, runtime, baselines)


def execute(plan: Plan[S], runtime: Runtime, baselines: Baselines | None = None) -> int:
    """Carry out a plan, publish its reports in every ending, and return the exit code."""
    settings, baselines = plan.settings, baselines or Baselines()
    output = settings.output
    console = console_for(runtime.environment, quiet=output.quiet, verbose=output.verbose, color=output.color)
    ci = detect(runtime, console)
    options = RenderOptions(junit_cases=JunitCases(output.junit_cases), links=ci.links(output.report_dir))
    folder = ReportFolder(output.report_dir, output.junit_xml, options, more=ci.formats, baselines=baselines.files)
    publication = Publication(folder=folder, console=console, ci=ci, signals=runtime.signals)
    context = CommandContext(settings, runtime, console, ci, baselines)
    started = _moment(runtime)
    if held := folder.held_by_another:
        message = f"another ci-gate is writing its reports in '{held}'"
        error = UsageError(message, hint="name another file with --junit-xml, or wait for it")
        console.error(error)
        replace(publication, folder=replace(folder, junit_copy=None)).refuse(error, started)
        return error.code
    try:
        with folder.claimed(suite.label for suite in settings.suites):
            return _carry_out(plan, context, publication, started)
    except UnclaimedFolder as unclaimed:
        console.error(unclaimed)
        publication.report_elsewhere(unclaimed, started)
        return unclaimed.code


def _carry_out(plan: Plan[S], context: CommandContext[S], publication: Publication, started: datetime) -> int:
    """Judge, publish the reports in every ending, and return the exit code; the caller locks the report folder."""
    settings, console, folder = context.settings, context.console, publication.folder
    try:
        folder.prepare(suite.label for suite in settings.suites)
    except UsageError as error:
        console.error(error)
        publication.report_refusal(error, started)
        return error.code
    for note in (*context.ci.began(folder.path), *settings.notes, *context.baselines.notes):
        console.warn(note)
    outcomes: tuple[SuiteOutcome, ...] = ()
    ending: GateError | None = None
    try:
        outcomes = plan.judge(context)
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        ending = _ending_of(problem)
        console.error(ending)
    suites = with_idle_waivers([outcome.report for outcome in outcomes if not outcome.is_base])
    if ending is None and (ending := unknown_name(suites)):
        console.error(ending)
        # A rule with an unknown name tests nothing, so no suite may be judged by these rules.
        unjudged = UsageError(f"{ending.message}, so the rules judge nothing", hint=ending.hint)
        suites = tuple(
            Unjudged(one.subject, unjudged, one.judgement) if isinstance(one, Judged) else one for one in suites
        )
    for suite in suites:
        if isinstance(suite, Unjudged):
            console.explain(suite.error)
    report = GateReport(
        suites=suites,
        started=started,
        finished=_moment(context.runtime),
        error=ending,
        settings=_recorded(context, outcomes),
    )
    report = replace(report, replay=_replay(report, outcomes, folder.path))
    return publication.publish(report, outcomes)


def _recorded(context: CommandContext[S], outcomes: tuple[SuiteOutcome, ...]) -> dict[str, object]:
    """Return the settings document for the report; the base run of ``compare`` counts as a kept baseline."""
    labels = [outcome.report.subject.label for outcome in outcomes if outcome.is_base]
    kept_as = {**context.baselines.kept_as, **{label: baseline_names(label)[1] for label in labels}}
    return reported_settings(context.settings, context.baselines.by_label, kept_as)


def _replay(report: GateReport, outcomes: tuple[SuiteOutcome, ...], folder: Path) -> str:
    """Return the command that replays the report, or an empty text.

    There is no such command if a required file is not kept, or if the path of the folder is unsafe to show or copy.
    """
    is_kept = all(map(_is_kept, outcomes))
    command = replay_command(str(folder))
    is_fit = _COPIED.fullmatch(command) and redacted(command) == command
    return command if outcomes and is_kept and report.is_replayable and is_fit else ""


def _is_kept(outcome: SuiteOutcome) -> bool:
    """Return whether the kept files suffice for a replay; they do not if redaction changes the run id in the reply."""
    subject = outcome.report.subject
    return outcome.results is not None and subject.observed is not None and is_kept_whole(subject.run_id or "")


def write_placeholder(command: str, runtime: Runtime) -> None:
    """Replace the reports of an earlier run: if the job is killed now, none of them must look like this run's."""
    ci = detect(runtime, _early_console(runtime))
    folder = _early_folder(command, {}, ci)
    with suppress(UsageError), folder.claimed(()):  # the gate will report the same error
        folder.prepare(())
    ci.began(folder.path)


def refuse(command: str, flags: Mapping[str, FlagValue], runtime: Runtime, error: GateError) -> None:
    """Write reports that give ``error`` as the reason why the command was refused."""
    console = _early_console(runtime)
    ci = detect(runtime, console)
    folder = _early_folder(command, flags, ci)
    publication = Publication(folder=folder, console=console, ci=ci, signals=runtime.signals)
    publication.refuse(error, _moment(runtime))


def report_unreadable_arguments(command: str, arguments: list[str], runtime: Runtime, error: GateError) -> None:
    """Write reports about a command line that could not be parsed; the error has been printed already."""
    flags = {name: _argument(arguments, BY_NAME[name].flag) for name in ("report_dir", "junit_xml", "config", "replay")}
    refuse(command, flags, runtime, error)


def _early_folder(command: str, flags: Mapping[str, FlagValue], ci: CISystem) -> ReportFolder:
    """Return the report folder as far as it can be determined while other settings may be invalid."""
    given = early(flags, ci.runtime.environment, ("report_dir", "junit_xml", "baseline", "replay"))

    def path(name: str) -> Path | None:
        """Return the path in setting ``name``, or ``None`` if it is absent or invalid.

        A path that exists only below the working directory, not beside the settings file, is returned as written: an
        earlier report may lie there.
        """
        try:
            return given[name].read(read_path) if given[name].is_left_behind else given[name].path()
        except (KeyError, UsageError):
            return None

    replayed, copy = path("replay"), path("junit_xml")
    folder = apart_from(replayed, path("report_dir") or report_dir_of(command, None))
    if replayed and copy and lies_in(copy, replayed):
        copy = None
    # A command that does not ask the platform reads results from disk, and they may lie in this folder.
    spares_results = not COMMAND_BY_NAME[command].asks_platform
    options = RenderOptions(links=ci.links(folder))
    spared = path("baseline")
    found = ReportFolder(folder, copy, options, spares_results=spares_results, more=ci.formats, spared=spared)
    return replace(found, junit_copy=None) if found.held_by_another else found


def _ending_of(problem: BaseException) -> GateError:
    return problem if isinstance(problem, GateError) else bug_report(problem)


def _argument(arguments: list[str], flag: str) -> str | None:
    """Return the value of ``flag`` in a command line that click rejected; as in click, the last occurrence counts."""
    found = None
    for argument, following in zip(arguments, [*arguments[1:], None], strict=True):
        if argument.startswith(f"{flag}="):
            found = argument.partition("=")[2]
        elif argument == flag:
            found = following
    return found


def _early_console(runtime: Runtime, *, verbose: bool = False) -> Console:
    return console_for(runtime.environment, quiet=False, verbose=verbose, color=None)


def _moment(runtime: Runtime) -> datetime:
    return datetime.fromtimestamp(runtime.clock.epoch(), tz=UTC)
