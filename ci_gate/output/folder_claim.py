"""The right to write in a report folder: of one gate at a time, and only if no file of anybody else would be lost."""

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
"""Where a folder itself cannot be locked; what collects artifacts passes over names that begin with a point."""

_OWN_NAMES = frozenset(command.report_dir for command in COMMANDS)
_SIGNATURE = b'"ci-gate"'
_START = 4096


class UnclaimedFolder(UsageError):
    """Nothing may be written in the report folder, not even that."""


@contextmanager
def claimed(folder: Path, names: Iterable[str]) -> Iterator[None]:
    """Hold a folder in which files of these ``names`` will be replaced.

    Raise ``UnclaimedFolder`` if another gate holds it, or if a file of such a name is not the gate's. The system lets
    go of the folder however the process ends. A folder that cannot be made is an error of those who write there, and on
    a file system that knows no locks the gate goes on without.
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
                with suppress(OSError):  # another gate may hold it by now
                    os.unlink(folder / LOCK)  # noqa: PTH108 - beside os.open and os.close


def _locked(folder: Path) -> int | None:
    """Lock a folder. Return the handle that holds it, or ``None`` if it cannot be locked at all."""
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
    """Lock what is open. Raise ``BlockingIOError``, on Windows ``PermissionError``, if another process has done so."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _foreign(folder: Path, names: Iterable[str]) -> Path | None:
    """Return a file that a gate would replace, and none has written.

    A folder of a name that the gate gives by itself is its own. So is one whose JUnit file, or else report, it wrote:
    every gate begins with the one, and some pipelines take it away.
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
