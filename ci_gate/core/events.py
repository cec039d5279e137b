"""The events while a suite is run and judged, and the commands that attach to its runs or repeat them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_gate.core.assess import SuiteOutcome
    from ci_gate.core.model import Run, RunStatus


@dataclass(frozen=True, slots=True)
class RunIdentified:
    """The id of the run is known from here on; ``way_back`` is the command that attaches to the run."""

    label: str
    run: Run
    way_back: str


@dataclass(frozen=True, slots=True)
class StatusReceived:
    """The platform answered a status request; ``left`` is the forecast of the remaining seconds, if there is one."""

    label: str
    status: RunStatus
    left: float | None


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """An attempt failed and will be retried after ``wait`` seconds."""

    label: str
    message: str
    wait: float


@dataclass(frozen=True, slots=True)
class Finished:
    """The report of a suite is complete."""

    label: str
    outcome: SuiteOutcome


Event = RunIdentified | StatusReceived | RetryScheduled | Finished


def attach_command(run_id: str, label: str, flags: Sequence[str] = ()) -> str:
    """Return the command that waits for an existing run; ``label`` distinguishes suites of the same name.

    ``flags`` are the other arguments of the original command, without which the run would be judged differently or not
    at all.
    """
    return _typed("gate", run_id, "--suite", label, *flags)


def run_command(label: str, flags: Sequence[str] = ()) -> str:
    """Return the command that starts another run of a suite."""
    return shlex.join(("ci-gate", "run", "--suite", label, *flags))


def compare_command(label: str, flags: Sequence[str] = (), *, base: str, head: str) -> str:
    """Return the command that compares two runs, whether they exist already or are still to be started."""
    return _typed("compare", label, "--base", base, "--head", head, *flags)


def replay_command(folder: str) -> str:
    """Return the command that judges a run again from the files in its report folder."""
    return shlex.join(("ci-gate", "check", "--replay", folder))


def _typed(command: str, argument: str, *flags: str) -> str:
    """Return a command line for a shell; an argument that looks like an option comes last, after ``--``."""
    words = (*flags, "--", argument) if argument.startswith("-") else (argument, *flags)
    return shlex.join(("ci-gate", command, *words))
