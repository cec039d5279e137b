"""Reading files: regular ones alone, and no more of one than could be meant."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

SMALL = 2**20
"""Bytes; settings, keys, records of runs and status replies are a few kilobytes."""


class FileTooLarge(OSError):
    """A file holds more than may be read of it; ``strerror`` says how much that is."""


def open_regular(path: Path) -> BufferedReader:
    """Open a file for reading.

    Raise ``OSError`` for a folder, and for a device or a pipe, which is not even opened: to open one may take for ever,
    and no signal ends that.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return path.open("rb")


def read_start(path: Path, size: int) -> bytes:
    """Return no more than the first ``size`` bytes of a file. Raise ``OSError`` if it cannot be opened or read."""
    with open_regular(path) as file:
        return file.read(size)


def read_bounded(path: Path, limit: int = SMALL) -> bytes:
    """Return a whole file. Raise ``OSError`` if it cannot be read, ``FileTooLarge`` above ``limit`` bytes."""
    content = read_start(path, limit + 1)
    if len(content) > limit:
        raise FileTooLarge(errno.EFBIG, f"larger than {limit / 2**20:.4g} MiB", str(path))
    return content
