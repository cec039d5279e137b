"""``ci-gate run``."""

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


@click.command(short_help="Start a run of each suite, wait, judge, report.")
@settings_options("run")
@click.pass_obj
def command(runtime: Runtime, /, **flags: Any) -> int:
    """Start a run of each suite on the platform, wait for its end, judge the results and write the reports.

    Settings may also stand in ci-gate.toml or in the environment. Credentials come from the environment only:
    CI_GATE_CLIENT_ID with CI_GATE_CLIENT_SECRET, or a ready token in CI_GATE_JWT.

    With --baseline each suite is held against an earlier run too: it fails where F1 fell by more than --max-f1-drop,
    and hardly by chance. To compare two versions of the bot instead, see ci-gate compare.
    """
    from ci_gate.config.resolve import resolve_remote
    from ci_gate.gate.session import run_command

    def settle(sources: Sources) -> RemoteSettings:
        return resolve_remote(sources, runtime.environment)

    def work(context: CommandContext[RemoteSettings]) -> tuple[SuiteOutcome, ...]:
        from ci_gate.gate.remote_runs import judge_on_platform

        return judge_on_platform(context)

    return run_command("run", flags, runtime, settle=settle, work=work)
