"""Reads files: only regular files, and only up to a maximum size."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

SMALL = 2**20
"""Maximum size in bytes of settings, keys, records of runs and status replies; a few kilobytes are usual."""


class FileTooLarge(OSError):
    """A file is larger than the maximum size, which ``strerror`` states."""


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading. Raise ``OSError`` for any other kind of file.

    A device or a pipe is never opened: opening it may block for ever, and no signal would end the wait.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return path.open("rb")


def read_start(path: Path, size: int) -> bytes:
    """Return at most the first ``size`` bytes of a file. Raise ``OSError`` if it cannot be opened or read."""
    with open_regular(path) as file:
        return file.read(size)


def read_bounded(path: Path, limit: int = SMALL) -> bytes:
    """Return a file's content. Raise ``OSError`` if it cannot be read, ``FileTooLarge`` above ``limit`` bytes."""
    content = read_start(path, limit + 1)
    if len(content) > limit:
        raise FileTooLarge(errno.EFBIG, f"larger than {limit / 2**20:.4g} MiB", str(path))
    return content
