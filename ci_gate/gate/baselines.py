"""Reads the baselines of all suites before any run is started, so that an unusable baseline costs no run."""

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

_FIRST_WEEK = "until the first baseline exists, --allow-missing-baseline goes on without one"
_ROOM = 8
"""A baseline may be this many times as large as ``--max-file-size``: a report is larger than its results file."""


@dataclass(frozen=True, slots=True)
class BaselineFile:
    """The content of a file that is configured as a baseline.

    ``recorded`` lists the suites of a report and is ``None`` for a results file. ``status`` is the status reply saved
    beside a results file, if there is one.
    """

    raw: bytes = field(repr=False)
    recorded: tuple[Recorded, ...] | None = None
    status: RunStatus | None = None

    @property
    def is_hashed(self) -> bool:
        """Whether the file is a report that lists hashes in place of all its utterances."""
        found = [utterance.text for one in self.recorded or () for utterance in one.baseline.utterances.values()]
        return bool(found) and all(map(is_hash, found))

    def kept_as(self, label: str) -> str:
        """Return the file name for a copy of this baseline in the report folder; ``label`` names the suite."""
        return baseline_names(label)[0 if self.recorded is None else 1]

    def files(self, name: str) -> dict[str, bytes]:
        """Return the contents to copy, by file name: the baseline as ``name``, and its status reply without links."""
        beside = {} if self.status is None else {status_name(name): self.status.document.encode()}
        return {name: self.raw, **beside}


@dataclass(frozen=True, slots=True)
class Baselines:
    """The baselines of a command.

    ``by_label`` maps the label of a suite to the baseline of that suite. ``notes`` are warnings to print once.
    ``kept_as`` maps a label to the file name of the copy in the report folder; a baseline that is not copied has no
    entry. ``files`` maps the file names of the copies, and of their status replies, to the contents.
    """

    by_label: Mapping[str, Baseline | MissingBaseline] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    kept_as: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def read_baselines(settings: Settings) -> Baselines:
    """Read the configured baselines. Raise ``UsageError`` if one is unusable, or missing although it is required."""
    read = cache(partial(_read, limits=settings.limits))  # several suites may share one file
    named = [(suite, suite.baseline_path) for suite in settings.suites if suite.baseline_path is not None]
    found = {suite.label: _baseline_of(suite, path, settings, read) for suite, path in named}
    missing = {label: one.name for label, one in found.items() if isinstance(one, MissingBaseline)}
    notes = [f"{label}: NOTHING IS COMPARED: there is no baseline '{name}' yet" for label, name in missing.items()]
    if unnamed := [one.label for one in settings.suites if one.allow_missing_baseline and one.baseline_path is None]:
        why = "a missing baseline is allowed, but none is configured: is CI_GATE_BASELINE empty?"
        notes.append(f"{', '.join(unnamed)}: NOTHING IS COMPARED: {why}")
    for path in dict.fromkeys(path for suite, path in named if suite.label not in missing):
        if (path.name == REPORT or path.name.endswith(RESULTS)) and lies_in(path, settings.output.report_dir):
            replaced = f"the baseline '{path}' is replaced by this run's report"
            notes.append(f"{replaced}: kept in another folder it would show a gradual decline")
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
    """Return the baseline made from the results file ``raw`` and its ``status`` reply.

    Raise ``ValueError`` if the file is unreadable, ambiguous, or not sound evidence. The findings in ``tolerate`` do
    not count against it, except those that disqualify any baseline.
    """
    results, reply = parse(raw, max_rows=limits.max_file_rows), status.reported if status else None
    if isinstance(results, UnreadableFile):
        raise ValueError(results.problem)
    reading, *others = possible_readings(results, reply)
    if others:
        raise ValueError("it is ambiguous, because adjacent rows are identical: use the report.json of that run")
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
                raise ValueError(
                    "a results file covers one suite, but several are judged; a report.json can cover all of them"
                )
            return baseline_of_results(file.raw, str(path), settings.limits, suite.rules.tolerate, file.status)
        found = _of_suite(file.recorded, suite, is_alone=len(settings.suites) == 1)
    except ValueError as problem:
        hint = "give the report.json of an earlier run that was judged, or its results file"
        raise UsageError(f"the baseline '{path}' cannot be used: {problem}", hint=hint) from None
    names = [one.baseline.origin.suite or one.label for one in file.recorded]
    return found or _without(suite, f"the baseline '{path}' has no suite '{suite.name}'", names)


def _without(suite: SuiteSettings, problem: str, names: list[str] | None = None) -> MissingBaseline:
    """Return a ``MissingBaseline`` if ``suite`` may be judged without a baseline.

    Raise ``UsageError`` if a missing baseline is not allowed, or if no check that could fail would remain.
    """
    if not suite.allow_missing_baseline:
        raise UsageError(problem, hint=f"{nearest(suite.name, names)}; {_FIRST_WEEK}" if names else _FIRST_WEEK)
    if not suite.rules.without_baseline().can_fail:
        hint = (
            "until then, set a threshold that needs no baseline, like --min-f1 0.8; otherwise the gate could never fail"
        )
        raise UsageError(
            f"{problem} yet, and suite '{suite.label}' has no threshold that works without a baseline", hint=hint
        )
    return MissingBaseline(str(suite.baseline_path))


def _of_suite(recorded: tuple[Recorded, ...], suite: SuiteSettings, *, is_alone: bool) -> Baseline | None:
    """Return the baseline of ``suite`` from an earlier report, or ``None`` if the report does not contain the suite.

    Suites are matched by name; if several entries have that name, the label decides. A report of ``check`` does not
    record the name on the platform: its entry matches if only one suite is judged (``is_alone``), else by label.
    Raise ``ValueError`` if several entries match and none has the label, or if the matching entry is unusable.
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
    """Read a baseline file; return ``None`` if it does not exist.

    Raise ``UsageError`` if the file is too large or cannot be read, ``ValueError`` if it is JSON but not a report, or
    if its status reply is unusable.
    """
    try:
        raw = read_bounded(path, _ROOM * limits.max_file_size)
    except FileNotFoundError:
        return None
    except FileTooLarge as problem:
        raise UsageError(f"the baseline '{path}' is {problem.strerror}", hint="see --max-file-size") from None
    except OSError as problem:
        is_folder = os.path.isdir(path)  # noqa: PTH112 - Path.is_dir may raise for an overlong path
        hint = f"name the {REPORT} in it" if is_folder else "name another file"
        raise UsageError(f"the baseline '{path}' cannot be read: {problem.strerror}", hint=hint) from None
    is_json = raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    return BaselineFile(raw, read_report(raw, str(path))) if is_json else BaselineFile(raw, status=_status(path))


def _status(results: Path) -> RunStatus | None:
    """Read the status reply beside a results file, if any. Raise ``ValueError`` if the reply is unusable."""
    beside = status_beside(results)
    try:
        return saved_status(beside) if beside else None
    except (PlatformError, Inconclusive) as error:
        raise ValueError(f"its status reply is unusable: {error.message}") from None
