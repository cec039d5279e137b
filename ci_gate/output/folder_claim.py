"""The claim on a report folder: held by one gate at a time, and only if no file of another program would be lost."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ci_gate.bounded_files import read_start
from ci_gate.commands import COMMANDS
from ci_gate.errors import UsageError
from ci_gate.reports import JUNIT, REPORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LOCK = ".ci-gate.lock"
"""The lock file on Windows, where folders cannot be locked; artifact collectors skip names with a leading dot."""

_OWN_NAMES = frozenset(command.report_dir for command in COMMANDS)
_SIGNATURE = b'"ci-gate"'
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
            hint = "name another folder with --report-dir, or take that file away"
            raise UnclaimedFolder(f"'{foreign}' would be overwritten, and ci-gate did not write it", hint=hint)
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


def _foreign(folder: Path, names: Iterable[str]) -> Path | None:
    """Return the first non-empty file among ``names`` that was not written by a gate, or ``None``.

    All files are the gate's in a folder with the name of a default report folder, and in one whose JUnit file carries
    the gate's name. If the JUnit file is missing, since some pipelines move it away, ``report.json`` decides.
    """
    with suppress(OSError):
        if os.path.basename(os.path.realpath(folder)) in _OWN_NAMES:  # noqa: PTH119 - beside realpath
            return None
        signed = next((path for name in (JUNIT, REPORT) if _holds_something(path := folder / name)), None)
        if signed is None or _SIGNATURE not in read_start(signed, _START):
            return next((path for name in sorted(names) if _holds_something(path := folder / name)), None)
    return None


def _holds_something(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
