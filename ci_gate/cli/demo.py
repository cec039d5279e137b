"""The command ``ci-gate demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ci_gate.commands import COMMAND_BY_NAME
from ci_gate.simulator.scenario import SCENARIO_LIST, Scenario

if TYPE_CHECKING:
    from ci_gate.runtime import Runtime

_FOLDER = COMMAND_BY_NAME["demo"].report_dir


@click.command(epilog=f"\b\n{SCENARIO_LIST}")
@click.option("--scenario", metavar="NAME", default="passing", show_default=True, help="How the run ends; see below.")
@click.option("--report-dir", metavar="PATH", default=_FOLDER, show_default=True, help="Folder for the reports.")
@click.option("--verbose", is_flag=True, help="Print every request.")
@click.pass_obj
def command(runtime: Runtime, /, scenario: str, report_dir: str, *, verbose: bool) -> int:
    """Run the whole gate against the simulator in a few seconds: nothing to configure, no file or variable is read."""
    from ci_gate.config.parsers import read_word
    from ci_gate.gate.demo import demonstrate

    try:
        chosen = Scenario(read_word(scenario, tuple(Scenario)))
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="--scenario") from None
    if not report_dir.strip():
        raise click.BadParameter(f"'{report_dir}' is not a path", param_hint="--report-dir")
    return demonstrate(chosen, runtime, report_dir=Path(report_dir), verbose=verbose)
