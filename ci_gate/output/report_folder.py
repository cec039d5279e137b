"""The report folder: tried before anything starts, never showing an earlier run, every file whole or not there."""

from __future__ import annotations

import codecs
import errno
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.bounded_files import open_regular, read_start
from ci_gate.core.text.safe import file_stem
from ci_gate.errors import GateError, InternalError, Unreported, UsageError
from ci_gate.reports import RENDERERS
from ci_gate.reports.json_ import labels_in
from ci_gate.reports.junit import JunitCases, placeholder
from ci_gate.reports.junit import render as render_junit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from ci_gate.core.assess import SuiteOutcome
    from ci_gate.core.report import GateReport
    from ci_gate.reports import Renderer

    Content: TypeAlias = bytes | Iterable[str]  # bytes as they came, or text in pieces, of which one is made at a time

JUNIT = "junit.xml"
REPORT = "report.json"
RUNS = "run.json"
RESULTS, STATUS = ".results.csv", ".status.json"
BASE = ".base"

_LONGEST_LINE = 2**16
_JUNIT_START = re.compile(rb"(?:<\?xml[^>]*>|<!--.*?-->|\s)*<testsuites?[\s/>]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ReportFolder:
    """One folder of reports, with an extra copy of the JUnit file where that is wanted."""

    path: Path
    junit_copy: Path | None = None
    junit_cases: JunitCases = JunitCases.ALL
    spares_results: bool = False
    """Whether results and status replies stay where they are: they may be what ``check`` was to judge."""
    more: Mapping[str, Renderer] = field(default_factory=dict)
    """Files that only one CI system reads, by name."""
    spared: Path | None = None
    """A file that stays for now, since it is still to be read: the baseline may lie here."""

    def prepare(self, labels: Iterable[str]) -> None:
        """Make the folder, leave a placeholder in it and remove the gate's own files of an earlier run.

        Raises ``UsageError`` when it cannot be written, after doing as much of this as is possible.
        """
        results = _files_of([*labels, *self._earlier_labels()])
        old = [self.path / name for name in (*RENDERERS, *self.more, *(() if self.spares_results else results))]
        halves = _temporaries(self.path, {JUNIT, RUNS, *RENDERERS, *self.more, *results})
        steps = [
            *(partial(self._put_placeholder, path) for path in self._junit_files()),
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

    def write(self, report: GateReport, outcomes: Iterable[SuiteOutcome] = ()) -> list[GateError]:
        """Write every file, each independently of the others, and say which could not be written."""
        junit = partial(render_junit, report, cases=self.junit_cases)
        contents: list[tuple[Path, Callable[[], Content]]] = [
            *_kept_files(self.path, outcomes),
            *((self.path / name, partial(render, report)) for name, render in {**RENDERERS, **self.more}.items()),
            # The page that most people look at comes last: while it is a placeholder, nothing is claimed.
            *((path, partial(self._junit, path, junit)) for path in self._junit_files()),
        ]
        return [problem for path, content in contents if (problem := _try_to_write(path, content))]

    def _junit_files(self) -> tuple[Path, ...]:
        return (self.path / JUNIT, *([self.junit_copy] if self.junit_copy else []))

    def _is_spared(self, path: Path) -> bool:
        return self.spared is not None and is_same_place(path, self.spared)

    def _put_placeholder(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, self._junit(path, placeholder))

    def _junit(self, path: Path, render: Callable[[], Iterator[str]]) -> Iterator[str]:
        """Make the content of a JUnit file; a copy may stand anywhere, so what it would replace is looked at."""
        if path == self.junit_copy:
            _refuse_foreign(path)
        return render()

    def _earlier_labels(self) -> list[str]:
        """Return the labels of the run before from its report, so that of its files no other ones are removed."""
        with suppress(OSError, ValueError), open_regular(self.path / REPORT) as report:
            return [*labels_in(iter(partial(report.readline, _LONGEST_LINE), b""))]
        return []


def is_same_place(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same file or folder, links included."""
    return os.path.realpath(one) == os.path.realpath(other)


def lies_in(path: Path, folder: Path) -> bool:
    """Whether a file stands in a folder; where the working directory is gone, nobody can tell, and nothing does."""
    with suppress(OSError):
        return os.path.dirname(os.path.realpath(path)) == os.path.realpath(folder)  # noqa: PTH120
    return False


def _refuse_foreign(path: Path) -> None:
    """Raise ``OSError`` where something else than a JUnit file would be lost to a mistyped path."""
    start = read_start(path, 4096).removeprefix(codecs.BOM_UTF8).lstrip() if path.is_file() else b""
    if start and not _JUNIT_START.match(start):
        raise OSError(errno.EEXIST, "it holds something else than a JUnit file", str(path))


def write_whole(path: Path, content: Content) -> None:
    """Write a file so that a reader finds either the old one or the new one, never half of it."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    target = Path(os.path.realpath(path))  # what a link leads to is replaced, not the link
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")  # the form that _temporaries knows
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
    """Find what a gate that was killed while it wrote one of these files has left behind, where that can be seen."""
    rule = re.compile(rf"\.({'|'.join(map(re.escape, names))})\.\d+\.tmp")
    with suppress(OSError):
        return [path for path in folder.glob(".*.tmp") if rule.fullmatch(path.name)]
    return []


def append(path: Path, content: Callable[[], Iterable[str]]) -> GateError | None:
    """Append to a file that belongs to the CI system; the answer says what went wrong, if anything."""
    return _try_to_write(path, content, _append)


def _kept_files(folder: Path, outcomes: Iterable[SuiteOutcome]) -> Iterator[tuple[Path, Callable[[], Content]]]:
    """Name the files that let anybody replay a judgement."""
    for outcome in outcomes:
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
    whole = b"".join(_encoded(content))  # a renderer with a bug appends nothing
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
    except Exception as bug:  # a renderer with a bug must not cost the other reports
        hint = "please report it; --verbose shows where it happened"
        error = InternalError(f"a bug in ci-gate: {type(bug).__name__} while {path} was made", hint=hint)
        error.__cause__ = bug
        return error
    return None


def _files_of(labels: Iterable[str]) -> set[str]:
    stems = [f"{file_stem(label)}{base}" for label in labels for base in ("", BASE)]
    return {f"{stem}{ending}" for stem in stems for ending in (RESULTS, STATUS)}
