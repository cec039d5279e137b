"""``ci-gate compare SUITE``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ci_gate.cli.options import settings_options

if TYPE_CHECKING:
    from ci_gate.config.settings import CompareSettings
    from ci_gate.config.sources import Sources
    from ci_gate.core.assess import SuiteOutcome
    from ci_gate.gate.session import CommandContext
    from ci_gate.runtime import Runtime


@click.command(short_help="Judge the version in development against the published one.")
@click.argument("suite", metavar="SUITE")
@settings_options("compare")
@click.pass_obj
def command(runtime: Runtime, /, suite: str, **flags: Any) -> int:
    """Run a suite on the published version of the bot, then on the one in development, and judge the second
    against the first: is what you are about to publish worse than what is live?

    SUITE is the name of the suite on the platform, or its label in the settings file. --base and --head take
    other pairs: a bot version, or the id of a run that exists already (tr-...). Without any threshold the suite
    fails where F1 fell by more than 0.01, and hardly by chance. All thresholds and rules hold for the second run
    alone; the first needs no more than sound evidence.
    """
    from ci_gate.config.resolve import resolve_compare
    from ci_gate.gate.session import run_command

    def settle(sources: Sources) -> CompareSettings:
        return resolve_compare(sources, runtime.environment, suite)

    def work(context: CommandContext[CompareSettings]) -> tuple[SuiteOutcome, ...]:
        from ci_gate.gate.compare_runs import judge_pair

        return judge_pair(context)

    return run_command("compare", flags, runtime, settle=settle, work=work)
