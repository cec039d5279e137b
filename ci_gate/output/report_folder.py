"""The report folder: tested and cleared of earlier reports before any work, each of its files written atomically."""

from __future__ import annotations

import codecs
import errno
import os
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.bounded_files import open_regular, read_start
from ci_gate.commands import COMMAND_BY_NAME
from ci_gate.core.report import GateReport, Judged
from ci_gate.core.text.safe import file_stem
from ci_gate.errors import GateError, InternalError, Unreported, UsageError
from ci_gate.output.folder_claim import claimed, is_held
from ci_gate.reports import JUNIT, REPORT, REPORTS, Format, RenderOptions, json_
from ci_gate.reports.junit import placeholder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from ci_gate.core.assess import SuiteOutcome

    Content: TypeAlias = bytes | Iterable[str]  # raw bytes, or pieces of text made one at a time

RUNS = "run.json"
RESULTS, STATUS = ".results.csv", ".status.json"
BASE, BASELINE = ".base", ".baseline"

_LONGEST_LINE = 2**16
_RESULTS_END = re.compile(r"(?:\.results)?\.csv$", re.IGNORECASE)
_JUNIT_START = re.compile(rb"(?:<\?xml[^>]*>|<!--.*?-->|\s)*<testsuites?[\s/>]", re.DOTALL)


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class ReportFolder:
    """A folder of reports, and optionally a further copy of its JUnit file at ``junit_copy``."""

    path: Path
    junit_copy: Path | None = None
    options: RenderOptions = field(default_factory=RenderOptions)
    spares_results: bool = False
    """Whether ``prepare`` keeps results files and status replies, since they may be the input of ``check``."""
    more: tuple[Format, ...] = ()
    """The additional formats of the CI system in use."""
    spared: Path | None = None
    """A file that ``prepare`` does not delete because it is read later: the baseline may lie in the folder."""
    baselines: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """The contents of the baselines to keep, by file name in the folder."""
    is_claimed: bool = True
    """Whether files may be written in the folder; if not, only the JUnit copy is written."""

    @contextmanager
    def claimed(self, labels: Iterable[str]) -> Iterator[None]:
        """Claim the folder for the duration of the context; ``labels`` are those of the suites to be reported.

        Raise ``UnclaimedFolder`` if this gate may not write there.
        """
        kept = set() if self.spares_results else _files_of(labels)
        reports = (one.name for one in (*REPORTS, *self.more) if one.is_file)
        with claimed(self.path, {RUNS, *kept, *reports}):
            yield

    @property
    def held_by_another(self) -> Path | None:
        """The folder of the JUnit copy, if that is the report folder of another gate that is running."""
        copy = self.junit_copy
        return copy.parent if copy and not lies_in(copy, self.path) and is_held(copy.parent) else None

    def unclaimed(self) -> ReportFolder:
        """Return a variant that writes nothing in the folder, only the JUnit copy if that lies elsewhere."""
        copy = None if self.junit_copy and lies_in(self.junit_copy, self.path) else self.junit_copy
        return replace(self, junit_copy=copy, is_claimed=False, baselines={})

    def prepare(self, labels: Iterable[str]) -> None:
        """Create the folder, write placeholders for the JUnit files and delete the gate's files of an earlier run.

        If a step fails, carry out the remaining steps, then raise ``UsageError``.
        """
        results = _files_of([*labels, *self._earlier_labels()])
        places = [*self._places()]
        old = [path for path, one in places if one.name != JUNIT]
        old += [] if self.spares_results else [self.path / name for name in results]
        halves = _temporaries(self.path, {RUNS, *results, *(one.name for _, one in places)})
        steps = [
            *(partial(self._put_placeholder, path) for path, one in places if one.name == JUNIT),
            *(partial(path.unlink, missing_ok=True) for path in (*old, *halves) if not self._is_spared(path)),
        ]
        problems = [problem for step in steps if (problem := _problem_of(step))]
        if problems:
            where = problems[0].filename or self.path
            if str(where) == str(self.junit_copy):
                hint = "name another file with --junit-xml"
                raise UsageError(f"'{where}' cannot be written: {problems[0].strerror}", hint=hint)
            raise UsageError(
                f"the report folder '{self.path}' cannot be written: {where}: {problems[0].strerror}",
                hint="name another with --report-dir",
            )

    def write(
        self, report: GateReport, outcomes: Iterable[SuiteOutcome] = (), *, between: Callable[[], None] = _nothing
    ) -> list[GateError]:
        """Write every file independently of the others, and return an error for each file that was not written.

        ``between`` is called before every piece of a report; if it raises a ``GateError``, that file is not written.
        """
        contents: list[tuple[Path, Callable[[], Content]]] = [
            *_kept_files(self.path, outcomes, report),
            *((self.path / name, partial(_same, raw)) for name, raw in self.baselines.items()),
            *((path, partial(self._pieces, path, one, report, between)) for path, one in self._places()),
        ]
        return [problem for path, content in contents if (problem := _try_to_write(path, content))]

    def _places(self) -> Iterator[tuple[Path, Format]]:
        """Yield the path of each format. JUnit files come last: their placeholders stay until all else is written."""
        for one in sorted((*REPORTS, *self.more), key=lambda one: one.name == JUNIT):
            if one.is_file and self.is_claimed:
                yield self.path / one.name, one
            if one.name == JUNIT and self.junit_copy:
                yield self.junit_copy, one

    def _is_spared(self, path: Path) -> bool:
        return self.spared is not None and is_same_place(path, self.spared)

    def _put_placeholder(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._refuse_foreign(path)
        write_whole(path, placeholder())

    def _pieces(self, path: Path, one: Format, report: GateReport, between: Callable[[], None]) -> Iterator[str]:
        between()
        if one.name == JUNIT:
            self._refuse_foreign(path)
        for piece in one.render(report, self.options):
            yield piece
            between()

    def _refuse_foreign(self, path: Path) -> None:
        """Raise ``OSError`` if ``path`` is the JUnit copy but holds another kind of file: the path may be wrong."""
        if path != self.junit_copy or not path.is_file():
            return
        start = read_start(path, 4096).removeprefix(codecs.BOM_UTF8).lstrip()
        if start and not _JUNIT_START.match(start):
            raise OSError(errno.EEXIST, "the existing file is not a JUnit file", str(path))

    def _earlier_labels(self) -> list[str]:
        """Return the labels in the earlier report, to delete their files; no labels if the report is unreadable."""
        with suppress(OSError, ValueError), open_regular(self.path / REPORT) as report:
            return [*json_.labels_in(iter(partial(report.readline, _LONGEST_LINE), b""))]
        return []


def results_name(label: str) -> str:
    return file_stem(label) + RESULTS


def baseline_names(label: str) -> tuple[str, str]:
    """Return the names of a suite's kept baseline: first for a results file, then for a report."""
    return f"{file_stem(label)}{BASELINE}.csv", f"{file_stem(label)}{BASELINE}.json"


def status_name(results: str) -> str:
    """Return the name of the status reply that belongs to a results file: ``X.status.json`` for ``X.csv``."""
    return _RESULTS_END.sub("", results) + STATUS


def apart_from(replayed: Path | None, folder: Path) -> Path:
    """Return the folder for new reports: ``folder``, or a default folder if ``folder`` is the replayed one."""
    places = (folder, Path(COMMAND_BY_NAME["check"].report_dir), Path("ci-gate-replay"))
    return next(place for place in places if replayed is None or not is_same_place(place, replayed))


def is_same_place(one: Path, other: Path) -> bool:
    """Return whether two paths lead to the same file or folder once symbolic links are resolved."""
    return os.path.realpath(one) == os.path.realpath(other)


def lies_in(path: Path, folder: Path) -> bool:
    """Return whether a file lies directly in a folder; ``False`` if the working directory has been removed."""
    with suppress(OSError):
        return os.path.dirname(os.path.realpath(path)) == os.path.realpath(folder)  # noqa: PTH120
    return False


def write_whole(path: Path, content: Content) -> None:
    """Write a file atomically: a reader finds the old content or the new. Raise ``OSError`` on failure."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    target = Path(os.path.realpath(path))  # replace the target of a link, not the link
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")  # the pattern of _temporaries
    try:
        with temporary.open("wb") as file:
            file.writelines(_encoded(content))
        temporary.replace(target)
    except OSError as problem:
        problem.filename = str(path)
        raise
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _temporaries(folder: Path, names: Iterable[str]) -> list[Path]:
    """Return the temporary files for ``names`` that killed gates left behind; none if the folder is unreadable."""
    rule = re.compile(rf"\.({'|'.join(map(re.escape, names))})\.\d+\.tmp")
    with suppress(OSError):
        return [path for path in folder.glob(".*.tmp") if rule.fullmatch(path.name)]
    return []


def append(path: Path, content: Callable[[], Iterable[str]]) -> GateError | None:
    """Append to a file of the CI system. Return the error, or ``None`` if there was none."""
    return _try_to_write(path, content, _append)


def _kept_files(
    folder: Path, outcomes: Iterable[SuiteOutcome], report: GateReport
) -> Iterator[tuple[Path, Callable[[], Content]]]:
    """Yield the path and content of each file that a replay needs; a base is also written as a baseline report."""
    for outcome in outcomes:
        if outcome.is_base and isinstance(outcome.report, Judged):
            base = GateReport(suites=(outcome.report,), started=report.started, finished=report.finished)
            yield folder / baseline_names(outcome.report.subject.label)[1], partial(json_.render, base)
        stem = file_stem(outcome.report.subject.label) + (BASE if outcome.is_base else "")
        if outcome.results is not None:
            yield folder / f"{stem}{RESULTS}", partial(_same, outcome.results)
        if outcome.status_document is not None:
            yield folder / f"{stem}{STATUS}", partial(_same, [outcome.status_document])


def _same(content: Content) -> Content:
    return content


def _encoded(content: Content) -> Iterable[bytes]:
    return [content] if isinstance(content, bytes) else (piece.encode("utf-8", "replace") for piece in content)


def _append(path: Path, content: Content) -> None:
    whole = b"".join(_encoded(content))  # rendered in full first, so that a bug in a renderer appends nothing
    with path.open("ab") as file:
        file.write(whole)


def _problem_of(step: Callable[[], None]) -> OSError | None:
    try:
        step()
    except OSError as problem:
        return problem
    return None


def _try_to_write(
    path: Path, content: Callable[[], Content], write: Callable[[Path, Content], None] = write_whole
) -> GateError | None:
    try:
        write(path, content())
    except OSError as problem:
        return Unreported(f"{path}: {problem.strerror}")
    except GateError as ending:
        return ending
    except Exception as bug:  # a bug in one renderer must not prevent other reports
        hint = "please report it; --verbose shows where it happened"
        error = InternalError(f"a bug in ci-gate: {type(bug).__name__} while {path} was made", hint=hint)
        error.__cause__ = bug
        return error
    return None


def _files_of(labels: Iterable[str]) -> set[str]:
    endings = (RESULTS, STATUS, f"{BASE}{RESULTS}", f"{BASE}{STATUS}", f"{BASELINE}.csv", f"{BASELINE}.json")
    return {f"{file_stem(label)}{ending}" for label in labels for ending in (*endings, f"{BASELINE}{STATUS}")}
