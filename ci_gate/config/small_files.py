"""Reads files that people write by hand, and nothing that never ends in their place."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 2**20
"""Bytes; settings and keys are a few kilobytes."""


def require_file(path: Path) -> None:
    """Raise ``OSError`` where there is a device or a pipe: to open one may take for ever, and no signal ends that."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "not a regular file", str(path))


def read_small(path: Path) -> bytes:
    """Read the whole file. Raises ``OSError`` where it cannot be read, is no file, or is far too large."""
    require_file(path)
    with path.open("rb") as file:
        content = file.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise OSError(errno.EFBIG, "larger than 1 MiB", str(path))
    return content
