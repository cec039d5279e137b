"""What a command needs from the machine it runs on: time, chance, signals and the environment."""

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
    """The machine's own clock; a sleep ends at once when ``over`` is set."""

    over: threading.Event = field(default_factory=threading.Event)

    def now(self) -> float:
        return time.monotonic()

    def epoch(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        if self.over.wait(seconds):
            raise Stopped


def start_thread(work: Callable[[], None], *, name: str) -> None:
    """Start a thread that ends with the process. Raise ``PlatformError`` if the machine allows no more."""
    try:
        threading.Thread(target=work, daemon=True, name=name).start()
    except RuntimeError:  # so Python reports whatever the system says
        raise no_thread() from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Everything that tests replace. ``program`` is what the user types to start this program."""

    clock: Clock
    stop: Callable[[], None]
    environment: Mapping[str, str] = field(repr=False)
    program: str = "ci-gate"
    signals: Signals = field(default_factory=Signals)
    uniform: Callable[[float, float], float] = random.uniform

    def in_environment(self, environment: Mapping[str, str]) -> Runtime:
        """Return the same runtime with other variables."""
        return replace(self, environment=environment)


def real_runtime(signals: Signals | None = None) -> Runtime:
    """Return the machine as it is; ``signals`` is what listens already."""
    clock = RealClock()
    return Runtime(
        clock=clock, stop=clock.over.set, environment=os.environ, program=_program(), signals=signals or Signals()
    )


def _program() -> str:
    """Return how to start the program again, even if the working directory has been removed."""
    with suppress(FileNotFoundError):
        return _shortest(Path(sys.argv[0]))
    return shlex.quote(sys.argv[0])


def _shortest(started: Path) -> str:
    """Return the bare name of the program only if that is what a shell would find."""
    if started.name == "__main__.py":
        return f"{shlex.quote(_from_here(Path(sys.executable)))} -m ci_gate"
    found = shutil.which(started.name)
    return shlex.quote(started.name if found and Path(found) == started.absolute() else _from_here(started))


def _from_here(path: Path) -> str:
    """Return a path in its short form if it lies below the working directory."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else path)
