"""``ci-gate gate RUN_ID``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ci_gate.cli.options import settings_options

if TYPE_CHECKING:
    from ci_gate.config.settings import RemoteSettings
    from ci_gate.config.sources import Sources
    from ci_gate.core.assess import SuiteOutcome
    from ci_gate.gate.session import CommandContext
    from ci_gate.runtime import Runtime


@click.command(short_help="Wait for a run that was started elsewhere, judge, report.")
@click.argument("run_id", metavar="RUN_ID")
@settings_options("gate")
@click.pass_obj
def command(runtime: Runtime, /, run_id: str, **flags: Any) -> int:
    """Wait for a run that was started elsewhere, judge its results and write the reports.

    RUN_ID is the id that starting the run gave (tr-...). It belongs to one suite: the one named with --suite, or the
    only one in the settings file. Starts nothing.
    """
    from ci_gate.config.resolve import resolve_attached
    from ci_gate.gate.session import run_command

    def settle(sources: Sources) -> RemoteSettings:
        return resolve_attached(sources, runtime.environment, run_id)

    def work(context: CommandContext[RemoteSettings]) -> tuple[SuiteOutcome, ...]:
        from ci_gate.gate.remote_runs import judge_on_platform

        return judge_on_platform(context, attach=run_id.strip())

    return run_command("gate", flags, runtime, settle=settle, work=work)
