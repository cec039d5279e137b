"""Finds the baseline of every suite before anything is started: one that is named must exist, and be worth its name."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING

from ci_gate.bounded_files import FileTooLarge, read_bounded
from ci_gate.config.parsers import nearest
from ci_gate.core.assess import baseline_of
from ci_gate.core.comparison.baseline import Baseline, Flaw, MissingBaseline
from ci_gate.core.evidence.readings import possible_readings
from ci_gate.core.evidence.weigh import weigh
from ci_gate.core.findings import NEVER_A_BASELINE, Expectation
from ci_gate.core.model import UnreadableFile
from ci_gate.core.names import is_hash
from ci_gate.core.report import Source, Subject
from ci_gate.errors import Inconclusive, PlatformError, UsageError
from ci_gate.gate.saved_files import saved_status, status_beside
from ci_gate.kore.results_csv import parse
from ci_gate.output.report_folder import RESULTS, baseline_names, lies_in, status_name
from ci_gate.reports import REPORT
from ci_gate.reports.read_back import Recorded, read_report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ci_gate.config.settings import Limits, Settings, SuiteSettings
    from ci_gate.core.findings import FindingKind
    from ci_gate.core.model import RunStatus

_FIRST_WEEK = "in the first week, before there is one, --allow-missing-baseline goes on without"
_ROOM = 8
"""How many times as large as the results file that it was made from a report may be."""


@dataclass(frozen=True, slots=True)
class BaselineFile:
    """A file that was named as a baseline, and the suites in it if it is a report.

    ``status`` is the saved status reply beside a results file.
    """

    raw: bytes = field(repr=False)
    recorded: tuple[Recorded, ...] | None = None
    status: RunStatus | None = None

    @property
    def is_hashed(self) -> bool:
        """Whether hashes stand for all utterances in it."""
        found = [utterance.text for one in self.recorded or () for utterance in one.baseline.utterances.values()]
        return bool(found) and all(map(is_hash, found))

    def kept_as(self, label: str) -> str:
        """Return the name under which it stays beside the reports."""
        return baseline_names(label)[0 if self.recorded is None else 1]

    def files(self, name: str) -> dict[str, bytes]:
        """Return what stays of it, by name; of a status reply what is fit to be kept."""
        beside = {} if self.status is None else {status_name(name): self.status.document.encode()}
        return {name: self.raw, **beside}


@dataclass(frozen=True, slots=True)
class Baselines:
    """What the suites of a command are compared with, by their labels; ``notes`` are to be shown to the user once.

    ``kept_as`` names the file that the report folder holds of each, ``files`` holds what is in those.
    """

    by_label: Mapping[str, Baseline | MissingBaseline] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    kept_as: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def read_baselines(settings: Settings) -> Baselines:
    """Read the baselines that the suites name. Raise ``UsageError`` if one is missing or cannot be one."""
    read = cache(partial(_read, limits=settings.limits))  # one file may serve many suites
    named = [(suite, suite.baseline_path) for suite in settings.suites if suite.baseline_path is not None]
    found = {suite.label: _baseline_of(suite, path, settings, read) for suite, path in named}
    missing = {label: one.name for label, one in found.items() if isinstance(one, MissingBaseline)}
    notes = [f"{label}: NOTHING IS COMPARED: there is no baseline '{name}' yet" for label, name in missing.items()]
    if unnamed := [one.label for one in settings.suites if one.allow_missing_baseline and one.baseline_path is None]:
        why = "a missing baseline is allowed, and none is named: is CI_GATE_BASELINE empty?"
        notes.append(f"{', '.join(unnamed)}: NOTHING IS COMPARED: {why}")
    for path in dict.fromkeys(path for suite, path in named if suite.label not in missing):
        if (path.name == REPORT or path.name.endswith(RESULTS)) and lies_in(path, settings.output.report_dir):
            replaced = f"the baseline '{path}' is replaced by this run's report"
            notes.append(f"{replaced}: pinned elsewhere it would show slow erosion")
    kept_as: dict[Path, str] = {}
    files: dict[str, bytes] = {}
    for suite, path in named:
        file = read(path)
        if file is not None and path not in kept_as and (not settings.output.hash_utterances or file.is_hashed):
            kept_as[path] = file.kept_as(suite.label)
            files |= file.files(kept_as[path])
    by_label = {suite.label: kept_as[path] for suite, path in named if path in kept_as}
    return Baselines(found, tuple(notes), by_label, files)


def baseline_of_results(
    raw: bytes, name: str, limits: Limits, tolerate: frozenset[FindingKind], status: RunStatus | None = None
) -> Baseline:
    """Make a baseline of a results file. Raise ``ValueError`` if it cannot be one, for all that is tolerated."""
    results, reply = parse(raw, max_rows=limits.max_file_rows), status.reported if status else None
    if isinstance(results, UnreadableFile):
        raise ValueError(results.problem)
    reading, *others = possible_readings(results, reply)
    if others:
        raise ValueError("it can be read in two ways, as adjacent rows say the same: give the report.json of that run")
    evidence = weigh(reply, reading, expectation=Expectation(), tolerate=tolerate - NEVER_A_BASELINE)
    run_id = reply.run_id or reply.inner_run_id if reply else None
    found = baseline_of(Subject(label=name, suite=name, source=Source.FILES, run_id=run_id), evidence, name)
    if isinstance(found, Flaw):
        raise ValueError(f"its evidence is not sound: {found.short}")
    return found


def _baseline_of(
    suite: SuiteSettings, path: Path, settings: Settings, read: Callable[[Path], BaselineFile | None]
) -> Baseline | MissingBaseline:
    try:
        file = read(path)
        if file is None:
            return _without(suite, f"there is no baseline '{path}'")
        if file.recorded is None:
            if len(settings.suites) > 1:
                raise ValueError("a results file is of one suite, and several are judged; a report.json can hold all")
            return baseline_of_results(file.raw, str(path), settings.limits, suite.rules.tolerate, file.status)
        found = _of_suite(file.recorded, suite, is_alone=len(settings.suites) == 1)
    except ValueError as problem:
        hint = "give the report.json of an earlier run that was judged, or its results file"
        raise UsageError(f"the baseline '{path}' cannot be used: {problem}", hint=hint) from None
    names = [one.baseline.origin.suite or one.label for one in file.recorded]
    return found or _without(suite, f"the baseline '{path}' has no suite '{suite.name}'", names)


def _without(suite: SuiteSettings, problem: str, names: list[str] | None = None) -> MissingBaseline:
    """Go on without a baseline if that is allowed, unless it leaves nothing that could fail."""
    if not suite.allow_missing_baseline:
        raise UsageError(problem, hint=f"{nearest(suite.name, names)}; {_FIRST_WEEK}" if names else _FIRST_WEEK)
    if not suite.rules.without_baseline().can_fail:
        hint = "set one that needs no baseline for so long, like --min-f1 0.8; a gate that cannot fail is not a gate"
        raise UsageError(f"{problem} yet, and suite '{suite.label}' has no threshold that needs none", hint=hint)
    return MissingBaseline(str(suite.baseline_path))


def _of_suite(recorded: tuple[Recorded, ...], suite: SuiteSettings, *, is_alone: bool) -> Baseline | None:
    """Find a suite in an earlier report by its name, and by its label among those of one name.

    A report that was made from files may call its suite anything: it is of the only suite that is judged, or of the
    one of its label.
    """

    def fits(one: Recorded) -> bool:
        name = one.baseline.origin.suite
        if name is None:
            return is_alone or one.label.casefold() == suite.label.casefold()
        return name.casefold() == suite.name.casefold()

    fitting = [one for one in recorded if fits(one)]
    if len(fitting) > 1:
        fitting = [one for one in fitting if one.label == suite.label]
        if not fitting:
            raise ValueError(f"several of its suites are called '{suite.name}', and none is labelled '{suite.label}'")
    if not fitting:
        return None
    if fitting[0].problem:
        raise ValueError(f"of suite '{fitting[0].label}', {fitting[0].problem}")
    return fitting[0].baseline


def _read(path: Path, limits: Limits) -> BaselineFile | None:
    """Read a file, but no more of it than could be meant. Raise ``ValueError`` for JSON that is no report."""
    try:
        raw = read_bounded(path, _ROOM * limits.max_file_size)
    except FileNotFoundError:
        return None
    except FileTooLarge as problem:
        raise UsageError(f"the baseline '{path}' is {problem.strerror}", hint="see --max-file-size") from None
    except OSError as problem:
        is_folder = os.path.isdir(path)  # noqa: PTH112 - what is too long for a path is no folder, and no error either
        hint = f"name the {REPORT} in it" if is_folder else "name another file"
        raise UsageError(f"the baseline '{path}' cannot be read: {problem.strerror}", hint=hint) from None
    is_json = raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    return BaselineFile(raw, read_report(raw, str(path))) if is_json else BaselineFile(raw, status=_status(path))


def _status(results: Path) -> RunStatus | None:
    """Read the status reply beside a results file. Raise ``ValueError`` if it is none that a run can be judged by."""
    beside = status_beside(results)
    try:
        return saved_status(beside) if beside else None
    except (PlatformError, Inconclusive) as error:
        raise ValueError(f"its status reply does not fit: {error.message}") from None
