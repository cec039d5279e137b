"""Runs a command as a process of its own, and measures its time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PYTHON = (sys.executable, "-I")
"""Isolated, so that neither the caller's variables nor the working directory change what is imported."""

CI_GATE = (*PYTHON, "-m", "ci_gate")
_BYTES = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss, which POSIX leaves open


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one process: wall-clock time in seconds, and peak memory in MB."""

    seconds: float
    megabytes: float


def run(
    command: tuple[str, ...], *, cwd: Path, code: int | None = 0, environment: Mapping[str, str] = MappingProxyType({})
) -> Cost:
    """Run a command in a folder and wait for it. Raise ``RuntimeError`` if the exit code is unexpected.

    If ``code`` is ``None``, any exit code of a verdict is accepted.
    """
    foreign = ("CI_GATE_", "GITHUB_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    with (cwd / "said.txt").open("w+b") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env={**inherited, **environment}, stdout=said, stderr=said)
        # wait4 instead of RUSAGE_CHILDREN, which returns the peak of the largest child so far
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in ((0, 1) if code is None else (code,)):
            said.seek(0)
            raise RuntimeError(f"{command} ended in {process.returncode}:\n{said.read().decode(errors='replace')}")
    return Cost(seconds, usage.ru_maxrss * _BYTES / 1e6)
