"""The parts of the machine that a command uses: clock, randomness, signals, threads and the environment."""

from __future__ import annotations

import os
import random
import shlex
import shutil
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.core.clock import Clock, Stopped
from ci_gate.errors import no_thread
from ci_gate.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(slots=True)
class RealClock:
    """The machine's clock; when ``over`` is set, every sleep ends at once and raises ``Stopped``."""

    over: threading.Event = field(default_factory=threading.Event)

    def now(self) -> float:
        return time.monotonic()

    def epoch(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        if self.over.wait(seconds):
            raise Stopped


def start_thread(work: Callable[[], None], *, name: str) -> None:
    """Start a daemon thread. Raise ``PlatformError`` if the machine allows no further thread."""
    try:
        threading.Thread(target=work, daemon=True, name=name).start()
    except RuntimeError:  # Python raises it whenever the system refuses a thread
        raise no_thread() from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The parts of the machine that tests replace.

    ``stop`` ends every sleep of ``clock``; ``program`` is the command that starts this program, quoted for a shell.
    """

    clock: Clock
    stop: Callable[[], None]
    environment: Mapping[str, str] = field(repr=False)
    program: str = "ci-gate"
    signals: Signals = field(default_factory=Signals)
    uniform: Callable[[float, float], float] = random.uniform

    def in_environment(self, environment: Mapping[str, str]) -> Runtime:
        """Return the same runtime with another environment."""
        return replace(self, environment=environment)


def real_runtime(signals: Signals | None = None) -> Runtime:
    """Return the runtime of this machine; ``signals`` is the instance that handles signals already, if any."""
    clock = RealClock()
    return Runtime(
        clock=clock, stop=clock.over.set, environment=os.environ, program=_program(), signals=signals or Signals()
    )


def _program() -> str:
    """Return the command that starts this program, even if the working directory has been removed."""
    with suppress(FileNotFoundError):
        return _shortest(Path(sys.argv[0]))
    return shlex.quote(sys.argv[0])


def _shortest(started: Path) -> str:
    """Return the shortest command for the program: its bare name if a shell would find this program, else a path."""
    if started.name == "__main__.py":
        return f"{shlex.quote(_from_here(Path(sys.executable)))} -m ci_gate"
    found = shutil.which(started.name)
    return shlex.quote(started.name if found and Path(found) == started.absolute() else _from_here(started))


def _from_here(path: Path) -> str:
    """Return ``path`` relative to the working directory if it lies below that directory, else unchanged."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else path)
