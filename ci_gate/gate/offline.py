"""The ``check`` command: judges a results file on disk with the same parser, core and reports as a run."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.bounded_files import read_start
from ci_gate.config.resolve import resolve_check
from ci_gate.config.settings import Limits
from ci_gate.core.assess import SuiteOutcome, assess
from ci_gate.core.clock import day_of
from ci_gate.core.report import Source, Unjudged
from ci_gate.errors import GateError, Interrupted, UsageError
from ci_gate.gate.replay import plan_replay
from ci_gate.gate.saved_files import read_file, read_results, saved_status, status_beside
from ci_gate.gate.session import Plan
from ci_gate.kore.results_csv import report_name
from ci_gate.output.report_folder import is_same_place, lies_in
from ci_gate.redaction import redacted

if TYPE_CHECKING:
    from ci_gate.config.settings import CheckSettings
    from ci_gate.gate.session import CommandContext, Invocation


def plan_check(invocation: Invocation) -> Plan[CheckSettings]:
    """Plan ``check`` for a results file, or for a report folder if ``--replay`` is given.

    Raise ``UsageError`` unless exactly one of the two is given, if a file is missing, or if the results file or its
    status reply lies in the folder of the new reports, where it would be overwritten.
    """
    if "replay" in invocation.sources.flags:
        if invocation.argument:
            raise UsageError("both a results file and --replay are given", hint="leave one of them out")
        return plan_replay(invocation)
    if not invocation.argument:
        raise UsageError("no RESULTS.csv is given", hint="name a results file, or a report folder with --replay")
    results = Path(invocation.argument)
    _require(results)
    report = report_name(read_file(results, Limits().max_file_size, read_start))
    settings = resolve_check(invocation.sources, report, _name_of(results))
    if settings.status is None:
        settings = replace(settings, status=status_beside(results))
    else:
        _require(settings.status)
    for path in (results, settings.status or results):
        if lies_in(path, settings.output.report_dir):
            hint = "name another folder with --report-dir"
            raise UsageError(f"'{path}' lies in the report folder, where it would be overwritten", hint=hint)
    if any(suite.baseline_path and is_same_place(suite.baseline_path, results) for suite in settings.suites):
        note = f"'{results}' is its own baseline, so the comparison shows nothing: set --baseline to an earlier run"
        settings = replace(settings, notes=(*settings.notes, note))
    return Plan(settings, partial(judge_files, results=results))


def judge_files(context: CommandContext[CheckSettings], results: Path) -> tuple[SuiteOutcome, ...]:
    """Judge one results file together with its saved status reply, if there is one."""
    signals = context.runtime.signals
    with signals.raising():
        signals.stop_if_received("interrupted")
        return (_judged(context, results),)


def _judged(context: CommandContext[CheckSettings], results: Path) -> SuiteOutcome:
    settings = context.settings
    status = settings.status
    (suite,) = settings.suites
    subject = suite.subject(Source.FILES)
    try:
        reply = saved_status(status) if status else None
    except Interrupted:
        raise
    except GateError as error:
        return SuiteOutcome(report=Unjudged(subject, error))
    file = read_results(results, settings.limits)
    run_id = reply.reported.run_id or reply.reported.inner_run_id if reply else None
    return assess(
        replace(subject, run_id=run_id),
        status=reply,
        results=file,
        rules=suite.rules,
        expectation=suite.expectation(Source.FILES),
        today=day_of(context.runtime.clock.epoch()),
        baseline=context.baselines.by_label.get(suite.label),
        hash_utterances=settings.output.hash_utterances,
    )


def _require(path: Path) -> None:
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file may raise for an overlong path
        # ``path`` may be a download link, hence the hint.
        raise UsageError(f"there is no file '{path}'", hint="give the path of a file as it was downloaded or saved")


def _name_of(results: Path) -> str:
    """Return the name of a results file without its extensions, redacted because reports show the name."""
    return Path(redacted(str(results))).name.removesuffix(".csv").removesuffix(".results")
