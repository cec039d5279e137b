"""``ci-gate gate RUN_ID``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ci_gate.cli.options import settings_options

if TYPE_CHECKING:
    from ci_gate.assess import Assessed
    from ci_gate.cli.session import Session
    from ci_gate.cli.world import World
    from ci_gate.config.settings import RemoteSettings
    from ci_gate.config.sources import Sources


@click.command(short_help="Wait for a run that was started elsewhere, judge, report.")
@click.argument("run_id", metavar="RUN_ID")
@settings_options("gate")
@click.pass_obj
def command(world: World, /, run_id: str, **flags: Any) -> int:
    """Wait for a run that was started elsewhere, judge its results and write the reports.

    RUN_ID is the id that starting the run gave (tr-...). It belongs to one suite: the one named with --suite, or the
    only one in the settings file. Starts nothing.
    """
    from ci_gate.cli.baselines import with_baselines
    from ci_gate.cli.session import conduct
    from ci_gate.config.resolve import resolve_attached

    def settle(sources: Sources) -> RemoteSettings:
        return with_baselines(resolve_attached(sources, world.environment, run_id))

    def work(session: Session[RemoteSettings]) -> tuple[Assessed, ...]:
        from ci_gate.cli.remote import judge_on_platform

        return judge_on_platform(session, attach=run_id.strip())

    return conduct("gate", flags, world, settle=settle, work=work)
