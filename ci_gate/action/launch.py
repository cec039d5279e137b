"""Launches the gate from the step of the action; an error before the gate runs is reported like any other ending."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from ci_gate.action.inputs import PRIVATE_KEY, gate_arguments, gate_environment, mask_commands
from ci_gate.action.installation import installation_of
from ci_gate.errors import GateError, InternalError, Interrupted, bug_report
from ci_gate.gate.session import refuse, write_placeholder
from ci_gate.runtime import real_runtime
from ci_gate.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def launch(root: Path) -> int:
    """Install the gate of a checkout unless it is installed already, and replace this process by the gate.

    Return an exit code if the gate could not be launched, or on Windows, where the gate runs as a child process.
    """
    for command in mask_commands(os.environ):
        _show(command)
    environment, arguments = gate_environment(os.environ), gate_arguments(os.environ)
    try:
        with Signals() as signals:
            write_placeholder(arguments[0], real_runtime().in_environment(environment))
            python = _installed(root, environment, signals)
        # From here on a signal has its default effect, so that none is lost before the gate handles signals.
        if signals.received is not None:
            raise Interrupted("interrupted before the gate began", signum=signals.received, hint="no run was started")
        return _become_gate(python, arguments, environment)
    except Exception as problem:
        error = problem if isinstance(problem, GateError) else bug_report(problem)
        _report(error, arguments[0], environment)
        return error.code


def _become_gate(python: Path, arguments: list[str], environment: Mapping[str, str]) -> int:
    try:
        # The runner reads UTF-8, whatever the locale of the machine.
        return replace_process([str(python), "-I", "-X", "utf8", "-m", "ci_gate", *arguments], environment)
    except OSError as problem:
        hint = "may programs be run in the folder that RUNNER_TEMP names?"
        raise InternalError(f"ci-gate could not be started: {problem}", hint=hint) from problem


def replace_process(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Replace this process by a command, because the runner signals a cancellation only to the process it started.

    On Windows, which cannot replace a process, run the command and return its exit code.
    """
    if os.name != "nt":
        os.execve(command[0], list(command), dict(environment))  # noqa: S606 - no shell, by design
    # On Windows exec ends this process at once, and the new process continues without anything waiting for it.
    import subprocess

    process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own interpreter and arguments
    # Ctrl-C reaches both processes: ignore it here, and wait for the exit code of the gate.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return process.wait()


def _installed(root: Path, environment: Mapping[str, str], signals: Signals) -> Path:
    with_crypto = bool(environment.get(PRIVATE_KEY, "").strip())
    installation = installation_of(root, environment.get("RUNNER_TEMP", ""), with_crypto=with_crypto)
    if not installation.is_complete:
        from ci_gate.action.packages import Packages

        _show("installing ci-gate")
        began = time.monotonic()
        installation.make(Packages(environment=environment, signals=signals, show=_show))
        _show(f"installed ci-gate in {time.monotonic() - began:.1f} s, for all steps of this job")
    return installation.python


def _report(error: GateError, command: str, environment: Mapping[str, str]) -> None:
    """Print the error, and write reports of it."""
    from ci_gate.output.console import console_for

    console_for(environment, quiet=False, verbose=False, color=None).error(error)
    refuse(command, {}, real_runtime().in_environment(environment), error)


def _show(text: str) -> None:
    """Print a line to the log; bytes of the environment that are not valid text are printed unchanged."""
    sys.stdout.buffer.write(os.fsencode(f"{text}\n"))
    sys.stdout.buffer.flush()
