"""The command line with a platform that follows a script: no socket, no simulator, no waiting."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.cli.app import main
from ci_gate.core.clock import Stopped
from tests.fakes import FakePlatform, runtime_of, waiting
from tests.sandbox import Ending

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from ci_gate.core.model import Run, RunStatus

ENVIRONMENT = {
    "CI_GATE_HOST": "platform.example",
    "CI_GATE_BOT_ID": "st-1",
    "CI_GATE_SUITE": "Smoke",
    "CI_GATE_CLIENT_ID": "cs-of-nobody",
    "CI_GATE_CLIENT_SECRET": "a-secret-that-opens-nothing-at-all",
    "CI_GATE_MIN_F1": "0.9",
}
"""The settings that a run needs."""

PLATFORM = "ci_gate.kore.platform.KorePlatform"


@dataclass(frozen=True, slots=True)
class Play:
    """Runs commands against a platform that follows a script."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(
        self,
        *arguments: str,
        platform: FakePlatform | None = None,
        environment: dict[str, str] | None = None,
        folder: str = "ci-gate-report",
    ) -> Ending:
        """Run one command; the default is ``run``."""
        stand_in = platform or FakePlatform()

        def platform_of(*, bot_version: str, **_settings: object) -> FakePlatform:
            stand_in.bot_version = bot_version
            return stand_in

        self.monkeypatch.setattr(PLATFORM, platform_of)
        runtime = runtime_of(stand_in.clock, ENVIRONMENT | (environment or {}))
        if isinstance(stand_in, WatchedPlatform):
            runtime = replace(runtime, stop=stand_in.over.set)
        self.capsys.readouterr()
        with runtime.signals:
            code = main(list(arguments or ("run",)), runtime)
        captured = self.capsys.readouterr()
        return Ending(code, captured.out, captured.err, Path(folder))


@dataclass(slots=True)
class WatchedPlatform(FakePlatform):
    """A platform that calls a function before each start and each status; ``seen`` keeps the return values."""

    before_start: Callable[[], object] = lambda: None
    before_status: Callable[[], object] = lambda: None
    seen: list[object] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def start(self, suite: str) -> Run:
        self.seen.append(self.before_start())
        return FakePlatform.start(self, suite)

    def status(self, run: Run) -> RunStatus:
        self.seen.append(self.before_status())
        return FakePlatform.status(self, run)


@dataclass(slots=True)
class InterruptedPlatform(WatchedPlatform):
    """A platform that returns one status; at the next request it raises signals and never answers."""

    signals: tuple[signal.Signals, ...] = (signal.SIGINT,)

    def status(self, run: Run) -> RunStatus:
        if "running" not in self.seen:
            self.seen.append("running")
            return waiting(0.4)
        for number in self.signals:
            signal.raise_signal(number)
        self.over.wait(30)
        raise Stopped
