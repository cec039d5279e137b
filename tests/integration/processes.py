"""The processes that one step, job or build has started, identified by a marker in their environment variables."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A snapshot of a process. In ``command`` and ``variables``, a NUL ends each item."""

    id: int
    command: str
    variables: str


def processes_with(*marks: str) -> list[Process]:
    """Return the processes whose environment contains all of ``marks``."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        # A process that has ended meanwhile, or that belongs to another user, cannot be read.
        with suppress(OSError):
            command, variables = (os.fsdecode((folder / name).read_bytes()) for name in ("cmdline", "environ"))
            if all(mark in variables for mark in marks):
                found.append(Process(id=int(folder.name), command=command, variables=variables))
    return found


def comes_true(question: Callable[[], bool], *, within: float) -> bool:
    """Poll ``question`` until it returns true, for at most ``within`` seconds; return whether it did."""
    end = time.monotonic() + within
    while not question():
        if time.monotonic() >= end:
            return False
        time.sleep(0.05)
    return True
