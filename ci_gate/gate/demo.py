"""The ``demo`` command: runs the whole gate against the simulator, independently of settings on the machine."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from ci_gate.config.settings import (
    DEFAULT_BOT_VERSION,
    CompareSettings,
    Credentials,
    Limits,
    Output,
    Remote,
    RemoteSettings,
    Side,
    SuiteSettings,
)
from ci_gate.core.report import OF_EVIDENCE
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import BASELINE_DEFAULTS, DEFAULTS, read_threshold
from ci_gate.errors import ExitCode
from ci_gate.gate.compare_runs import judge_pair
from ci_gate.gate.remote_runs import judge_on_platform
from ci_gate.gate.session import Plan, execute
from ci_gate.output.console import console_for
from ci_gate.output.report_folder import RESULTS
from ci_gate.reports import JUNIT, REPORT, SUMMARY
from ci_gate.simulator import Scenario, Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from ci_gate.runtime import Runtime

_DURATION = 6.0
"""Duration of a simulated run, in seconds."""
_IMPATIENT = {Scenario.STUCK: 12.0, Scenario.NO_RESULTS: 20.0}
"""Timeout in seconds for the scenarios that end in a timeout or without results; all others have 120 s."""


def demonstrate(scenario: Scenario, runtime: Runtime, *, report_dir: Path, verbose: bool) -> int:
    """Run the gate in a scenario of the simulator, print suggestions for what to try next, and return the exit code."""
    # Only these variables are passed on, so that the demonstration is the same on every machine.
    shown = {name: runtime.environment[name] for name in ("NO_COLOR", "TERM", "CI") if name in runtime.environment}
    console = console_for(shown, quiet=False, verbose=verbose, color=None)
    console.note(f"A stand-in for the platform starts on this machine; scenario '{scenario}': {scenario.description}.")
    with Simulator(scenario=scenario, duration=_DURATION, clock=runtime.clock.epoch) as simulator:
        settings = _settings(simulator, scenario, Output(report_dir=report_dir, verbose=verbose))
        machine = runtime.in_environment(shown)
        if scenario is Scenario.REGRESSED:
            code = execute(Plan(_compared(settings), judge_pair), machine)
        else:
            code = execute(Plan(settings, judge_on_platform), machine)
    if code not in (ExitCode.USAGE, ExitCode.INTERRUPTED, ExitCode.TERMINATED):
        console.page(_what_next(runtime.program, report_dir, code))
    return code


def _settings(simulator: Simulator, scenario: Scenario, output: Output) -> RemoteSettings:
    """Return settings like those of a user: one suite of the simulator's first bot, with two thresholds on scores."""
    bot = simulator.bots[0]
    scores = (read_threshold("min_f1", "0.90"), read_threshold("min_accuracy", "0.85"))
    suite = SuiteSettings(
        name=bot.suites[0],
        label=bot.suites[0],
        bot_id=bot.id,
        rules=Rules(thresholds=(*(threshold for threshold in scores if threshold), *DEFAULTS.values())),
    )
    credentials = Credentials(client_id=simulator.client_id, key=simulator.client_secret)
    return RemoteSettings(
        suites=(suite,),
        output=output,
        limits=Limits(timeout=_IMPATIENT.get(scenario, 120.0)),
        remote=Remote(host=simulator.url, credentials=credentials),
    )


def _compared(settings: RemoteSettings) -> CompareSettings:
    """Return settings that compare the version in development with the published one, with the default thresholds."""
    (suite,) = settings.suites
    thresholds = (*suite.rules.thresholds, *BASELINE_DEFAULTS.values())
    return CompareSettings(
        suites=(replace(suite, rules=replace(suite.rules, thresholds=thresholds)),),
        output=settings.output,
        limits=settings.limits,
        remote=settings.remote,
        base=Side(version="published"),
        head=Side(version=DEFAULT_BOT_VERSION),
    )


def _what_next(program: str, folder: Path, code: int) -> str:
    """Return a page with the exit code, the report files and the commands to try next."""
    is_kept = code in OF_EVIDENCE and any(folder.glob(f"*{RESULTS}"))
    again = shlex.join(("check", "--replay", str(folder)))
    lines = [
        "",
        f"That was the whole gate; it ended with exit code {code}. What next:",
        f"  look at      {folder / SUMMARY}, {folder / JUNIT}, {folder / REPORT}",
        f"  see it pass  {program} demo" if code else f"  see it fail  {program} demo --scenario failing",
        *([f"  judge again  {program} {again}"] if is_kept else []),
        f"  your bot     {program} run --help",
    ]
    return "\n".join(lines) + "\n"
