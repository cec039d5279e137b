"""Installs the packages that the gate needs: with pip, pinned and hashed, and stopped when the step is cancelled."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from ast import literal_eval
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ci_gate.core.text.safe import log_safe, one_line
from ci_gate.errors import InternalError, Interrupted
from ci_gate.output.ci.github import group_end, group_start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ci_gate.signals import Signals

_LONGEST = 300.0  # s, for one call of pip
_INTERVAL = 0.1  # s, between two tests for a signal
_PATIENCE = 1.0  # s, between SIGTERM and SIGKILL
_PLAIN = ("--disable-pip-version-check", "--no-input", "--progress-bar=off", "--no-color")
_EXACT = ("--require-hashes", "--only-binary=:all:", "--no-compile")
# The settings of pip for fetching packages: indexes, proxies, certificates, timeouts and caches. ``use-feature`` and
# ``use-deprecated`` may choose the certificate store. All other settings are withheld from pip, since they could change
# what is installed, and how.
_SOURCES = frozenset(
    (
        *("index-url", "extra-index-url", "no-index", "find-links", "trusted-host", "cert", "client-cert", "proxy"),
        *("keyring-provider", "cache-dir", "no-cache-dir", "timeout", "default-timeout", "retries"),
        *("use-feature", "use-deprecated"),
    )
)
_SECTIONS = ("global", "install")  # of pip's configuration files; the later section takes precedence
_SETTING = re.compile(r"(\w+)\.([\w-]+)=('.*'|\".*\")")  # a line of ``pip config list``
_NOT_FOR_PIP = ("CI_GATE_", "INPUT_", "PYTHON", "PIP_")
_NO_PIP = (
    "install pip there (on Debian and Ubuntu: apt install python3-pip), or put actions/setup-python before this step, "
    "or name another interpreter with the input python-path"
)
_UNREACHABLE = (
    "can this runner reach a package index? the variable PIP_INDEX_URL names a mirror, HTTPS_PROXY a proxy; "
    "the files of a mirror must be those of the original index, since their hashes are checked"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """Installs packages with pip. ``show`` prints a line to the log; ``signals`` records a cancellation of the step."""

    environment: Mapping[str, str]
    signals: Signals
    show: Callable[[str], None]

    def fetch(self, lock: Path, *, python: Path, target: Path) -> None:
        """Install the packages of a lock file into ``target``, the package folder of the environment of ``python``.

        The environment may lack pip. Raise ``InternalError`` if pip is missing or fails, ``Interrupted`` at a signal.
        """
        alone = pip_environment(self.environment)
        if find_spec("pip"):
            pip, into = [sys.executable, "-I", "-m", "pip"], [f"--target={target}"]
        elif find_spec("ensurepip"):
            pip, into = [str(python), "-I", "-m", "pip"], []
            self._call([str(python), "-I", "-m", "ensurepip"], alone)
        else:
            raise InternalError(f"ci-gate could not be installed: '{sys.executable}' has no pip", hint=_NO_PIP)
        # Only pip can find all its configuration files: ask it for the settings; the installation ignores the files.
        files = {name: value for name, value in self.environment.items() if name == "PIP_CONFIG_FILE"}
        shown = self._call([*pip, "config", "list"], {**without_pip(self.environment), **files})
        environment = configured_sources(shown.decode("utf-8", "replace")) | alone
        self._call([*pip, "install", *_PLAIN, *_EXACT, *into, f"--requirement={lock}"], environment)

    def _call(self, command: Sequence[str], environment: Mapping[str, str]) -> bytes:
        """Run a command and return its output. Show the output and raise ``InternalError`` if the command fails."""
        with subprocess.Popen(  # noqa: S603 - no shell, and nothing of the user's in the command
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            try:
                output = self._wait_for(process)
            finally:
                _end(process)
        if process.returncode:
            self.show(group_start("output of pip").rstrip())
            for line in output.decode("utf-8", "replace").splitlines():
                self.show(log_safe(one_line(line)))
            self.show(group_end().rstrip())
            message = f"ci-gate could not be installed: pip ended with {process.returncode}; its output is in the log"
            raise InternalError(message, hint=_UNREACHABLE)
        return output

    def _wait_for(self, process: subprocess.Popen[bytes]) -> bytes:
        """Wait for a process to end, and return its output.

        Raise ``Interrupted`` at a signal, and ``InternalError`` after ``_LONGEST`` seconds.
        """
        for _ in range(round(_LONGEST / _INTERVAL)):
            try:
                return process.communicate(timeout=_INTERVAL)[0]
            except subprocess.TimeoutExpired:
                if self.signals.received is not None:
                    message = "interrupted while ci-gate was being installed"
                    hint = "no run was started"
                    raise Interrupted(message, signum=self.signals.received, hint=hint) from None
        message = f"ci-gate could not be installed: pip did not finish within {_LONGEST / 60:.0f} minutes"
        raise InternalError(message, hint=_UNREACHABLE)


def pip_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for pip, without secrets and without settings of pip that are not in ``_SOURCES``."""
    sources = {_variable_of(key) for key in _SOURCES}
    given = {name: value for name, value in environment.items() if name in sources}
    # With the null device in this variable, pip reads no configuration file at all.
    return without_pip(environment) | given | {"PIP_CONFIG_FILE": os.devnull}


def without_pip(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without secrets, and without the variables that configure Python or pip."""
    return {name: value for name, value in environment.items() if not name.startswith(_NOT_FOR_PIP)}


def configured_sources(listing: str) -> dict[str, str]:
    """Return the settings in ``_SOURCES`` from the output of ``pip config list``, as variables for pip."""
    found = [match.groups() for line in listing.splitlines() if (match := _SETTING.fullmatch(line.strip()))]
    return {
        _variable_of(key): literal_eval(value)
        for wanted in _SECTIONS
        for section, key, value in found
        if section == wanted and key in _SOURCES
    }


def _variable_of(key: str) -> str:
    return f"PIP_{key.replace('-', '_').upper()}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, if it still runs, and the processes that it started, which belong to its process group."""
    if process.poll() is None:
        _send(process, signal.SIGTERM)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            _send(process, signal.SIGKILL)
            process.wait()


def _send(process: subprocess.Popen[bytes], signum: signal.Signals) -> None:
    if os.name == "nt":
        process.terminate()
    else:
        os.killpg(process.pid, signum)
