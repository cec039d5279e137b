"""``ci-gate demo``."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ci_gate.cli.scenarios import SCENARIO_HELP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.config.settings import CompareSettings, RemoteSettings
    from ci_gate.runtime import Runtime
    from ci_gate.simulator import Scenario, Simulator

DURATION = 6.0
"""Seconds that a run takes."""

TIMEOUT = 120.0
IMPATIENT = {"stuck": 12.0, "no-results": 20.0}
"""Scenarios that end by running out of time get less of it."""


@click.command(short_help="See a whole gate run against the simulator; needs nothing.", epilog=SCENARIO_HELP)
@click.option("--scenario", metavar="NAME", default="passing", show_default=True, help="How the run ends; see below.")
@click.option("--report-dir", metavar="PATH", default="ci-gate-demo", show_default=True, help="Folder for the reports.")
@click.option("--verbose", is_flag=True, help="Print every request.")
@click.pass_obj
def command(runtime: Runtime, /, scenario: str, report_dir: str, *, verbose: bool) -> int:
    """Run the whole gate against the simulator in a few seconds: nothing to configure, no file or variable is read."""
    from ci_gate.config.parsers import read_word
    from ci_gate.errors import ExitCode
    from ci_gate.gate.compare_runs import judge_pair
    from ci_gate.gate.remote_runs import judge_on_platform
    from ci_gate.gate.session import execute
    from ci_gate.output.console import console_for
    from ci_gate.simulator import Scenario, Simulator

    try:
        chosen = Scenario(read_word(scenario, tuple(Scenario)))
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="--scenario") from None
    if not report_dir.strip():
        raise click.BadParameter(f"'{report_dir}' is not a path", param_hint="--report-dir")
    # What runs in a demonstration must not depend on the machine that it runs on.
    shown = {name: runtime.environment[name] for name in ("NO_COLOR", "TERM", "CI") if name in runtime.environment}
    console = console_for(shown, quiet=False, verbose=verbose, color=None)
    console.note(f"A stand-in for the platform starts on this machine; scenario '{chosen}': {chosen.description}.")
    with Simulator(scenario=chosen, duration=DURATION, clock=runtime.clock.epoch) as simulator:
        settings = _settings(simulator, chosen, Path(report_dir), verbose=verbose)
        if chosen is Scenario.REGRESSED:
            code = execute(_compared(settings), runtime.in_environment(shown), judge_pair)
        else:
            code = execute(settings, runtime.in_environment(shown), judge_on_platform)
    if code not in (ExitCode.USAGE, ExitCode.INTERRUPTED, ExitCode.TERMINATED):
        console.page(_what_next(runtime.program, Path(report_dir), code))
    return code


def _settings(simulator: Simulator, scenario: Scenario, report_dir: Path, *, verbose: bool) -> RemoteSettings:
    """Settle what a user would configure: one suite of the first bot, and two thresholds."""
    from ci_gate.config.settings import Credentials, Limits, Output, Remote, RemoteSettings, SuiteSettings
    from ci_gate.core.rules import Rules
    from ci_gate.core.thresholds import DEFAULTS, read_threshold

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
        output=Output(report_dir=report_dir, verbose=verbose),
        limits=Limits(timeout=IMPATIENT.get(scenario, TIMEOUT)),
        remote=Remote(host=simulator.url, credentials=credentials),
    )


def _compared(settings: RemoteSettings) -> CompareSettings:
    """Hold the version in development against the published one besides, which is worth another run."""
    from ci_gate.config.settings import DEFAULT_BOT_VERSION, CompareSettings, Side
    from ci_gate.core.thresholds import BASELINE_DEFAULTS

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
    """Say what there is to look at, and how to go on."""
    lines = [
        "",
        f"That was the whole gate; it ended with exit code {code}. What next:",
        f"  look at      {folder / 'summary.md'}, {folder / 'junit.xml'}, {folder / 'report.json'}",
        f"  see it pass  {program} demo" if code else f"  see it fail  {program} demo --scenario failing",
        # What the file alone shows of a run that was not judged may be a pass.
        *(f"  judge again  {program} check {judged}" for judged in (_judged(folder) if code in (0, 1) else ())),
        f"  your bot     {program} run --help",
    ]
    return "\n".join(lines) + "\n"


def _judged(folder: Path) -> Iterator[str]:
    """Give the arguments that judge again: a run by a threshold, or against what it was compared with."""
    from ci_gate.output.report_folder import BASE, RESULTS

    for file in sorted(folder.glob(f"*{RESULTS}")):
        base = file.with_name(file.name.removesuffix(RESULTS) + BASE + RESULTS)
        if base.exists():
            yield f"{shlex.quote(str(file))} --baseline {shlex.quote(str(base))}"
        elif not file.name.endswith(BASE + RESULTS):
            yield f"{shlex.quote(str(file))} --min-f1 0.9"
