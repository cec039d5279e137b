"""The ``simulator`` command: serves the simulator until interrupted, and prints lines for another terminal."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ci_gate.config.resolve import resolve_simulator
from ci_gate.config.sources import gather
from ci_gate.errors import ExitCode, UsageError
from ci_gate.output.console import console_for
from ci_gate.simulator import Scenario, Simulator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_gate.config.sources import FlagValue
    from ci_gate.runtime import Runtime

TICK = 0.1
"""Interval between two tests for a signal, in seconds."""


def serve(flags: Mapping[str, FlagValue], runtime: Runtime) -> int:
    """Serve the simulator until a signal arrives, and return the exit code."""
    console = console_for(runtime.environment, quiet=False, verbose=False, color=False)
    try:
        settings = resolve_simulator(gather(flags, runtime.environment, without_file=True), tuple(Scenario))
    except UsageError as error:
        console.error(error)
        return error.code
    simulator = Simulator(
        scenario=Scenario(settings.scenario),
        port=settings.port,
        duration=settings.duration,
        enforce_jti=settings.enforce_jti,
        clock=runtime.clock.epoch,
        log=console.note,
    )
    try:
        simulator.start()
    except OSError as problem:
        console.error(UsageError(f"port {settings.port} is not free: {problem.strerror}", hint="leave --port out"))
        return ExitCode.USAGE
    try:
        if console.verdict(_welcome(simulator, settings.scenario, runtime.program)):
            return ExitCode.UNREPORTED
        while runtime.signals.received is None:
            runtime.clock.sleep(TICK)
    finally:
        simulator.close()
    return runtime.signals.ending(ExitCode.PASSED)


def _welcome(simulator: Simulator, scenario: str, program: str) -> str:
    """Return shell lines that configure and start a run, and a list of the simulated bots and suites."""
    bot = simulator.bots[0]
    lines = [
        f"# a stand-in for the platform, scenario '{scenario}'; Ctrl-C ends it. Paste into another terminal:",
        f"export CI_GATE_HOST={simulator.url}",
        f"export CI_GATE_BOT_ID={bot.id}",
        f"export CI_GATE_SUITE={shlex.quote(bot.suites[0])}",
        f"export CI_GATE_CLIENT_ID={simulator.client_id}",
        f"export CI_GATE_CLIENT_SECRET={simulator.client_secret}",
        "export CI_GATE_MIN_F1=0.90 CI_GATE_MIN_ACCURACY=0.85",
        f"{program} run",
        "# bots and suites:",
        *(f"#   {bot.name} {bot.id}: {', '.join(bot.suites)}" for bot in simulator.bots),
    ]
    return "\n".join(lines) + "\n"
