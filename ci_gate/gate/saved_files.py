"""Results files and status replies on disk: finds the reply that belongs to a file, and reads both."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ci_gate.bounded_files import SMALL, FileTooLarge, read_bounded
from ci_gate.core.model import ResultsFile, RunState, RunStatus, UnreadableFile
from ci_gate.errors import Inconclusive, PlatformError, UsageError
from ci_gate.kore.results_csv import parse
from ci_gate.kore.status import read_status
from ci_gate.output.report_folder import status_name
from ci_gate.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ci_gate.config.settings import Limits


def status_beside(results: Path) -> Path | None:
    """Return the path of the status reply beside a results file, ``X.status.json`` beside ``X.csv``, if it exists."""
    beside = results.with_name(status_name(results.name))
    return beside if os.path.lexists(beside) else None


def saved_status(path: Path) -> RunStatus:
    """Read the saved status reply of a completed run.

    Raise ``UsageError`` if the file cannot be read, ``Inconclusive`` if it is too large, malformed, or the reply of a
    run that had not ended, and ``PlatformError`` if the run ended without a result.
    """
    hint = "pass the status reply exactly as the platform sent it"
    try:
        status = read_status(read_file(path, SMALL))
    except PlatformError as error:
        raise Inconclusive(f"{quoted(path)}: {error.message}", hint=hint) from None
    except FileTooLarge as problem:
        raise Inconclusive(f"{quoted(path)} is {problem.strerror}", hint=hint) from None
    if status.state is RunState.COMPLETED:
        return status
    if status.state is RunState.WAITING:
        raise Inconclusive(
            f"{quoted(path)} is the reply of an unfinished run: '{status.word}'",
            hint="use ci-gate gate to wait for its end",
        )
    raise PlatformError(f"{quoted(path)} is of a run that ended as '{status.word}', without results")


def read_results(path: Path, limits: Limits) -> ResultsFile | UnreadableFile:
    """Read and parse a results file. Return an ``UnreadableFile`` if it exceeds a limit or is not a results file.

    Raise ``UsageError`` if the file cannot be read.
    """
    try:
        return parse(read_file(path, limits.max_file_size), max_rows=limits.max_file_rows)
    except FileTooLarge as problem:
        return UnreadableFile(problem=f"{quoted(path)} is {problem.strerror}; the limit is --max-file-size")


def read_file(path: Path, limit: int, read: Callable[[Path, int], bytes] = read_bounded) -> bytes:
    """Return a file's content. Raise ``UsageError`` if it cannot be read, ``FileTooLarge`` above ``limit`` bytes."""
    try:
        return read(path, limit)
    except FileTooLarge:
        raise
    except OSError as problem:
        raise UsageError(f"{quoted(path)} cannot be read: {problem.strerror}") from None


def quoted(path: Path) -> str:
    """Return a path in quotation marks, redacted: the user may have given a signed link in place of a path."""
    return f"'{redacted(str(path))}'"
