"""The processes of this machine that one step, job or build has started: known by a mark among their variables."""

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
    """A process as it was found. In command and variables, a NUL ends each word."""

    id: int
    command: str
    variables: str


def processes_with(*marks: str) -> list[Process]:
    """Find the processes in whose variables all of the marks stand."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        # One that has ended meanwhile, or belongs to somebody else, cannot be read.
        with suppress(OSError):
            command, variables = (os.fsdecode((folder / name).read_bytes()) for name in ("cmdline", "environ"))
            if all(mark in variables for mark in marks):
                found.append(Process(id=int(folder.name), command=command, variables=variables))
    return found


def comes_true(question: Callable[[], bool], *, within: float) -> bool:
    """Wait so many seconds at most for something that no process tells us."""
    end = time.monotonic() + within
    while not question():
        if time.monotonic() >= end:
            return False
        time.sleep(0.05)
    return True
