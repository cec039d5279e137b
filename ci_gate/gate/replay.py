"""``check --replay``: judges a report folder again, with the settings, the baseline and the date recorded in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ci_gate.bounded_files import FileTooLarge
from ci_gate.config.recorded_settings import read_limits, read_suites
from ci_gate.config.resolve import resolve_replay
from ci_gate.config.settings import CheckSettings
from ci_gate.config.settings_document import MISSING, baseline_content
from ci_gate.core.assess import SuiteOutcome, assess
from ci_gate.errors import UsageError
from ci_gate.gate.saved_files import quoted, read_file, read_results, saved_status
from ci_gate.gate.session import Plan
from ci_gate.output.report_folder import apart_from, baseline_names, is_same_place, lies_in, results_name, status_name
from ci_gate.reports import REPORT
from ci_gate.reports.read_back import read_gate

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from ci_gate.config.recorded_settings import RecordedSuite
    from ci_gate.config.settings import SuiteSettings
    from ci_gate.gate.session import CommandContext, Invocation
    from ci_gate.reports.read_back import RecordedRun

_MOST = 2**28
"""Maximum size of the ``report.json`` to replay, in bytes."""

_CHANGED = "a file in the folder has changed since the run: download the whole report folder again"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSuite:
    """One suite of a report folder: its recorded settings, the record of its run, and the paths of its files.

    ``baseline_content`` is the recorded hash of the baseline, ``MISSING`` if a missing baseline was allowed, or
    ``None`` if none was configured.
    """

    settings: SuiteSettings
    run: RecordedRun
    baseline_content: str | None
    results: Path
    status: Path | None


def plan_replay(invocation: Invocation) -> Plan[CheckSettings]:
    """Plan to judge a report folder again.

    Raise ``UsageError`` if the folder lacks a required file or setting, or if the new reports would overwrite it.
    """
    folder, output = resolve_replay(invocation.sources)
    is_aimed_at = "report_dir" in invocation.sources.flags and is_same_place(folder, output.report_dir)
    if is_aimed_at or (output.junit_xml and lies_in(output.junit_xml, folder)):
        hint = "name another place with --report-dir or --junit-xml"
        raise UsageError(f"the reports of '{folder}' would be overwritten by the new ones", hint=hint)
    if folder.name == REPORT and not folder.is_dir():
        raise UsageError(
            f"'{folder}' is only the report; a replay needs its whole folder", hint=f"--replay {folder.parent}"
        )
    path = folder / REPORT
    try:
        gate = read_gate(read_file(path, _MOST))
        suites, limits = read_suites(gate.settings), read_limits(gate.settings)
        runs = {run.label: run for run in gate.runs}
        labels = [suite.settings.label for suite in suites]
        if sorted(labels) != sorted(runs):
            raise ValueError("its settings and its results cover different suites")
        kept = tuple(_kept(folder, suite, runs[suite.settings.label], labels) for suite in suites)
    except (FileTooLarge, ValueError) as problem:
        hint = "judge the results file instead, and pass the settings: ci-gate check --help"
        raise UsageError(f"'{path}' cannot be replayed: {problem}", hint=hint) from None
    settings = CheckSettings(
        suites=tuple(one.settings for one in kept),
        output=replace(output, report_dir=apart_from(folder, output.report_dir)),
        limits=limits,
    )
    return Plan(settings, partial(judge_again, kept=kept))


def judge_again(context: CommandContext[CheckSettings], kept: tuple[KeptSuite, ...]) -> tuple[SuiteOutcome, ...]:
    """Judge every suite of a report folder again, and return the outcomes.

    Raise ``UsageError`` if a file or a verdict differs from the recorded one.
    """
    signals = context.runtime.signals
    with signals.raising():
        signals.stop_if_received("interrupted")
        return tuple(_judged(context, one) for one in kept)


def _judged(context: CommandContext[CheckSettings], kept: KeptSuite) -> SuiteOutcome:
    suite, observed = kept.settings, kept.run.observed
    baseline, path = context.baselines.by_label.get(suite.label), suite.baseline_path
    if path and kept.baseline_content not in (None, baseline_content(baseline)):
        raise UsageError(f"{quoted(path)} is not what suite '{suite.label}' was compared with", hint=_CHANGED)
    context.console.note(f"{suite.label}: judged as of {observed.day}, under the recorded settings")
    outcome = assess(
        replace(suite.subject(kept.run.source), run_id=kept.run.run_id, is_replayed=True),
        status=saved_status(kept.status) if kept.status else None,
        results=read_results(kept.results, context.settings.limits),
        rules=suite.rules,
        expectation=observed.expectation,
        today=observed.day,
        baseline=baseline,
        hash_utterances=False,
    )
    subject, now = outcome.report.subject, (outcome.report.verdict, outcome.report.exit_code)
    found = subject.observed or observed
    for path, before, after in (
        (kept.results, observed.results_hash, found.results_hash),
        (kept.status, observed.reply_hash, found.reply_hash),
    ):
        if path and before != after:
            raise UsageError(f"{quoted(path)} differs from the file that was judged", hint=_CHANGED)
    if now != (kept.run.verdict, kept.run.exit_code):
        before, after = (f"{verdict} ({code.value})" for verdict, code in ((kept.run.verdict, kept.run.exit_code), now))
        ending = f"suite '{suite.label}' was {before} then, and is {after} by the files that are there now"
        raise UsageError(ending, hint=_CHANGED)
    # Keep the recorded observation: it has the time of the platform's reply, which the saved files lack.
    return replace(outcome, report=replace(outcome.report, subject=replace(subject, observed=observed)))


def _kept(folder: Path, recorded: RecordedSuite, run: RecordedRun, labels: Collection[str]) -> KeptSuite:
    """Find the files of a suite in ``folder``. Raise ``ValueError`` if one is missing."""
    suite = recorded.settings
    results = folder / results_name(suite.label)
    status = folder / status_name(results.name) if run.observed.reply_hash else None
    baseline = _baseline(folder, recorded, labels)
    is_expected = baseline is not None and recorded.baseline_content != MISSING
    for path in (results, status, baseline if is_expected else None):
        if path is not None and not path.is_file():
            raise ValueError(f"'{path}' is not there")
    return KeptSuite(
        settings=replace(suite, baseline_path=baseline),
        run=run,
        baseline_content=recorded.baseline_content,
        results=results,
        status=status,
    )


def _baseline(folder: Path, recorded: RecordedSuite, labels: Collection[str]) -> Path | None:
    """Return the path of the kept baseline of a suite, or ``None`` if the suite had no baseline.

    Raise ``ValueError`` if the recorded name is not a name of a kept baseline of any suite in ``labels``.
    """
    name, own = recorded.baseline_file, baseline_names(recorded.settings.label)
    if name is None:
        return None if recorded.baseline_content is None else folder / own[1]
    if name not in {known for label in labels for known in baseline_names(label)}:
        raise ValueError(f"'{name}' is not the baseline file of any of its suites")
    return folder / name
