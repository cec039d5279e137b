"""Becoming the gate: the runner tells only the process that it started of a cancellation, so that must be the gate."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def replace_process(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Replace this process by a command; where that is not possible, run it and give its exit code."""
    if os.name != "nt":
        os.execve(command[0], list(command), dict(environment))  # noqa: S606 - no shell, by design
    # On Windows exec returns to the caller at once, while the new process goes on unseen.
    import subprocess

    process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own interpreter and arguments
    # Ctrl-C reaches both; the gate reports and ends, and its exit code is what counts.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return process.wait()
