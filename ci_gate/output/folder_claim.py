"""The claim on a report folder: held by one gate at a time, and only if no file of another program would be lost."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ci_gate.bounded_files import read_start
from ci_gate.commands import COMMANDS
from ci_gate.errors import UsageError
from ci_gate.reports import JUNIT, REPORT, SUMMARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LOCK = ".ci-gate.lock"
"""The lock file on Windows, where folders cannot be locked; artifact collectors skip names with a leading dot."""

_OWN_NAMES = frozenset(command.report_dir for command in COMMANDS)
_SIGNATURES = {
    JUNIT: re.compile(rb"(?:<\?xml[^>]*>\s*)?<testsuites name=\"ci-gate\""),
    REPORT: re.compile(rb'\{\s*"schema_version":\s*\d+,\s*"tool":\s*\{\s*"name":\s*"ci-gate"'),
    SUMMARY: re.compile(rb"## \S+ (?:PASSED|FAILED|NOT )"),
}
"""Patterns for the start of a gate's reports; its other files cannot be recognised by their content."""

_START = 4096


class UnclaimedFolder(UsageError):
    """This gate may not write in the report folder, not even a report of this error."""


@contextmanager
def claimed(folder: Path, names: Iterable[str]) -> Iterator[None]:
    """Lock a folder in which the files ``names`` will be replaced, for the duration of the context.

    Raise ``UnclaimedFolder`` if another gate holds the lock, or if a file of such a name was not written by a gate. The
    operating system releases the lock however the process ends. If the folder cannot be created or the file system
    supports no locks, no lock is held and no error is raised: a failure to write is reported by the writer.
    """
    handle = _locked(folder)
    try:
        if foreign := _foreign(folder, names):
            hint = "name another folder with --report-dir, or remove that file"
            raise UnclaimedFolder(f"'{foreign}' was not written by ci-gate and would be overwritten", hint=hint)
        yield
    finally:
        if handle is not None:
            os.close(handle)
            if sys.platform == "win32":
                with suppress(OSError):  # another gate may have opened it meanwhile
                    os.unlink(folder / LOCK)  # noqa: PTH108 - beside os.open and os.close


def _locked(folder: Path) -> int | None:
    """Lock a folder, and create it if needed. Return the file descriptor that holds the lock.

    Return ``None`` if the folder cannot be locked at all. Raise ``UnclaimedFolder`` if another gate holds the lock.
    """
    with suppress(OSError):
        if not folder.is_dir():
            folder.mkdir(parents=True)
        handle = _opened(folder)
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError):
            os.close(handle)
            message = f"another ci-gate is writing its reports in '{folder}'"
            raise UnclaimedFolder(message, hint="name another folder with --report-dir, or wait for it") from None
        except OSError:
            os.close(handle)
            raise
        return handle
    return None


def _opened(folder: Path) -> int:
    if sys.platform == "win32":
        return os.open(folder / LOCK, os.O_RDWR | os.O_CREAT)
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)


def _lock(handle: int) -> None:
    """Lock an open file. Raise ``BlockingIOError``, on Windows ``PermissionError``, if it is locked already."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_held(folder: Path) -> bool:
    """Return whether a gate is writing its reports in ``folder`` now; on Windows, whether its lock file is there."""
    if sys.platform == "win32":
        return (folder / LOCK).exists()
    import fcntl

    with suppress(OSError):
        handle = _opened(folder)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
    return False


def _foreign(folder: Path, names: Iterable[str]) -> Path | None:
    """Return a file that a gate would replace although no gate wrote it, or ``None``.

    If the folder has a default name of report folders, every file in it counts as a gate's. In any other folder, a
    report must begin like a gate's, and other files count as a gate's if its JUnit file or ``report.json`` is there.
    """
    with suppress(OSError):
        if os.path.basename(os.path.realpath(folder)) in _OWN_NAMES:  # noqa: PTH119 - beside realpath
            return None
        is_ours = any(_is_signed(folder / name) for name in (JUNIT, REPORT))
        for name in sorted(names):
            path = folder / name
            if _holds_something(path) and not (_is_signed(path) if name in _SIGNATURES else is_ours):
                return path
    return None


def _is_signed(path: Path) -> bool:
    return path.is_file() and _SIGNATURES[path.name].match(read_start(path, _START)) is not None


def _holds_something(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
