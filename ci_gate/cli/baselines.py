"""Finds the baseline of every suite before anything is started: one that is named must exist, and be worth its name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ci_gate.config.values import nearest
from ci_gate.core.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.copies import collapsed
from ci_gate.core.evidence import weigh
from ci_gate.core.findings import Expectation
from ci_gate.core.model import UnreadableFile
from ci_gate.core.secrecy import without_secrets
from ci_gate.errors import UsageError
from ci_gate.kore.results_csv import parse
from ci_gate.reports.recorded import Recorded, read_report

if TYPE_CHECKING:
    from pathlib import Path

    from ci_gate.config.settings import Limits, Settings, SuiteSettings

    S = TypeVar("S", bound=Settings)

_FIRST_WEEK = "in the first week, before there is one, --allow-missing-baseline goes on without"
_ROOM = 8
"""A report may be so many times as large as the results file that it was made from."""


def with_baselines(settings: S) -> S:
    """Read the baselines that the suites name. Raises ``UsageError`` where one is missing or cannot be one."""
    found = tuple(_with_baseline(suite, settings) for suite in settings.suites)
    missing = (suite for suite in found if isinstance(suite.baseline, MissingBaseline))
    notes = [f"{it.label}: NOTHING IS COMPARED: there is no baseline '{it.baseline_path}' yet" for it in missing]
    folder = settings.output.report_dir.resolve()
    replaced = dict.fromkeys(it.baseline_path for it in found if it.baseline_path)
    notes += [
        f"the baseline '{path}' is replaced by this run's report: pinned elsewhere it would show slow erosion"
        for path in replaced
        if path.resolve().parent == folder
    ]
    return replace(settings, suites=found, notes=(*settings.notes, *notes))


def baseline_of_results(raw: bytes, name: str, limits: Limits) -> Baseline:
    """Make a baseline of a results file. Raises ``ValueError`` where it cannot be one."""
    results = parse(raw, utterances=None, max_rows=limits.max_file_rows)
    if isinstance(results, UnreadableFile):
        raise ValueError(results.problem)
    evidence = weigh(None, results, expectation=Expectation())
    if blocking := [finding.message for finding in evidence.findings if finding.blocks]:
        raise ValueError(f"its evidence is not sound: {blocking[0]}")
    said = results.reported
    return Baseline(
        name=name,
        origin=Origin(report=said.suite, language=said.language),
        utterances=collapsed(results.cases),
        bot_version=said.bot_version,
    )


def _with_baseline(suite: SuiteSettings, settings: Settings) -> SuiteSettings:
    path = suite.baseline_path
    if path is None:
        return suite
    raw = _read(path, settings.limits)
    if raw is None:
        if not suite.allow_missing_baseline:
            raise UsageError(without_secrets(f"there is no baseline '{path}'"), hint=_FIRST_WEEK)
        return _without(suite, path)
    try:
        if _is_json(raw):
            found = _of_suite(read_report(raw, str(path)), suite, path)
            return _without(suite, path) if found is None else replace(suite, baseline=found)
        if len(settings.suites) > 1:
            raise ValueError("a results file is of one suite, and several are judged; a report.json can hold them all")
        return replace(suite, baseline=baseline_of_results(raw, str(path), settings.limits))
    except ValueError as problem:
        hint = "give the report.json of an earlier run that was judged, or its results file"
        raise UsageError(f"the baseline '{path}' cannot be used: {problem}", hint=hint) from None


def _without(suite: SuiteSettings, path: Path) -> SuiteSettings:
    """Go on without a baseline, unless that leaves nothing that could fail."""
    if not suite.can_fail_alone:
        raise UsageError(
            f"there is no baseline '{path}' yet, and suite '{suite.label}' has no other threshold",
            hint="set one that needs no baseline for so long, like --min-f1 0.8; a gate that cannot fail is not a gate",
        )
    return replace(suite, baseline=MissingBaseline(str(path)))


def _of_suite(recorded: tuple[Recorded, ...], suite: SuiteSettings, path: Path) -> Baseline | None:
    """Find a suite in an earlier report: by its label, by its name, or because there is but one."""
    fitting = [one for one in recorded if one.label == suite.label]
    fitting = fitting or [one for one in recorded if one.baseline.origin.suite == suite.name]
    fitting = fitting or [one for one in recorded if len(recorded) == 1]
    if len(fitting) > 1:
        raise ValueError(f"several of its suites are called '{suite.name}', and none is labelled '{suite.label}'")
    if not fitting:
        if suite.allow_missing_baseline:
            return None
        known = nearest(suite.label, [one.label for one in recorded]) if recorded else "it holds no suite"
        raise UsageError(f"the baseline '{path}' has no suite '{suite.label}'", hint=f"{known}; {_FIRST_WEEK}")
    if fitting[0].problem:
        raise ValueError(f"of suite '{fitting[0].label}', {fitting[0].problem}")
    return fitting[0].baseline


def _is_json(raw: bytes) -> bool:
    return raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def _read(path: Path, limits: Limits) -> bytes | None:
    """Read a file, but no more of it than could be meant; ``None`` where there is none."""
    limit = _ROOM * limits.max_file_size
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise UsageError(without_secrets(f"the baseline '{path}' cannot be read: {problem.strerror}")) from None
    if len(raw) > limit:
        raise UsageError(f"the baseline '{path}' is larger than {limit / 2**20:.4g} MiB", hint="see --max-file-size")
    return raw
