"""Results files and status replies on disk: which belong together, and how a saved reply is read."""

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
    """Return the saved status reply of a results file if it lies beside it: ``X.status.json`` beside ``X.csv``."""
    beside = results.with_name(status_name(results.name))
    return beside if os.path.lexists(beside) else None


def saved_status(path: Path) -> RunStatus:
    """Read a saved status reply; only that of a completed run can be judged."""
    hint = "give the status reply as it was saved"
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
            f"{quoted(path)} is of a run that had not ended: '{status.word}'", hint="the command gate waits for its end"
        )
    raise PlatformError(f"{quoted(path)} is of a run that ended as '{status.word}', without a result")


def read_results(path: Path, limits: Limits) -> ResultsFile | UnreadableFile:
    """Read a results file; one that holds more than the limits allow is none."""
    try:
        return parse(read_file(path, limits.max_file_size), max_rows=limits.max_file_rows)
    except FileTooLarge as problem:
        return UnreadableFile(problem=f"{quoted(path)} is {problem.strerror}; the limit is --max-file-size")


def read_file(path: Path, limit: int, read: Callable[[Path, int], bytes] = read_bounded) -> bytes:
    """Return what a file holds. Raise ``UsageError`` if it cannot be read, ``FileTooLarge`` above ``limit`` bytes."""
    try:
        return read(path, limit)
    except FileTooLarge:
        raise
    except OSError as problem:
        raise UsageError(f"{quoted(path)} cannot be read: {problem.strerror}") from None


def quoted(path: Path) -> str:
    """Return a path as it may be shown: what was given may have been a signed link."""
    return f"'{redacted(str(path))}'"
