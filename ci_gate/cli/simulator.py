"""The command ``ci-gate simulator``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ci_gate.cli.options import settings_options
from ci_gate.simulator.scenario import SCENARIO_LIST

if TYPE_CHECKING:
    from ci_gate.config.sources import FlagValue
    from ci_gate.runtime import Runtime


@click.command(params=settings_options("simulator"), epilog=f"\b\n{SCENARIO_LIST}")
@click.pass_obj
def command(runtime: Runtime, /, **flags: FlagValue) -> int:
    """Serve a stand-in for the platform on loopback, with invented bots and suites, until it is interrupted.

    Prints its address, bots, suites and credentials as lines to paste into another terminal.
    """
    from ci_gate.gate.serve_simulator import serve

    return serve(flags, runtime)
