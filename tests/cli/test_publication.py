"""However a command ends, exit code, JUnit file, report and summary page say the same."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from ci_gate.core.model import RunState
from ci_gate.errors import Denied, ExitCode, PlatformError
from tests.cli.scripted import ENVIRONMENT, PLATFORM, WatchedPlatform
from tests.cli.streams import BrokenPipe, Watched
from tests.fakes import FakePlatform, completed, ended, file_of, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.scripted import Play
    from tests.cli.stage import Ending

SUMMARY = Path("ci-gate-report/summary.md")


def failing() -> FakePlatform:
    """A run that ends below its threshold."""
    return FakePlatform(statuses=(completed(right=30, wrong=10),), files=(file_of(right=30, wrong=10),))


def interrupting(signum: signal.Signals) -> FakePlatform:
    """A run in the middle of which a signal comes."""
    return WatchedPlatform(before_status=partial(signal.raise_signal, signum), statuses=(waiting(0.1),) * 20)


ENDINGS: dict[ExitCode, Callable[[], FakePlatform]] = {
    ExitCode.PASSED: FakePlatform,
    ExitCode.FAILED: failing,
    ExitCode.PLATFORM: lambda: FakePlatform(statuses=(ended(RunState.FAILED),)),
    ExitCode.TIMEOUT: lambda: FakePlatform(statuses=(waiting(0.4),)),
    ExitCode.INCONCLUSIVE: lambda: FakePlatform(files=(file_of(right=20),)),
    ExitCode.DENIED: lambda: FakePlatform(starts=(Denied("no"),)),
    ExitCode.UNREPORTED: lambda: (
        WatchedPlatform(before_start=(SUMMARY / "mine").mkdir_with_parents)
        if hasattr(SUMMARY, "mkdir_with_parents")
        else WatchedPlatform(before_start=partial((SUMMARY / "mine").mkdir, parents=True))
    ),
    ExitCode.INTERNAL: lambda: FakePlatform(starts=(ZeroDivisionError(),)),
    ExitCode.INTERRUPTED: partial(interrupting, signal.SIGINT),
    ExitCode.TERMINATED: partial(interrupting, signal.SIGTERM),
}
"""A platform for every ending that a run can have."""
