"""``ci-gate check RESULTS.csv``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ci_gate.cli.options import settings_options

if TYPE_CHECKING:
    from ci_gate.config.settings import CheckSettings
    from ci_gate.config.sources import Sources
    from ci_gate.core.assess import SuiteOutcome
    from ci_gate.gate.session import CommandContext
    from ci_gate.runtime import Runtime


@click.command(short_help="Judge results that are on disk; no network, no secret.")
@click.argument("results", metavar="RESULTS.csv")
@settings_options("check")
@click.pass_obj
def command(runtime: Runtime, /, results: str, **flags: Any) -> int:
    """Judge a results file that is on disk, with the same rules and reports as a run.

    It may have been downloaded from the platform's console, or be the one that an earlier run left in its report
    folder. Needs no host, bot, secret or network. With --status the saved status reply is weighed too; without it the
    file's own top block plays its part.

    With --baseline it is held against an earlier run too: a report.json, or another results file of the same suite.
    It fails where F1 fell by more than --max-f1-drop, and hardly by chance.
    """
    from ci_gate.gate.offline import judge_files, settle_files
    from ci_gate.gate.session import run_command

    path = Path(results)

    def settle(sources: Sources) -> CheckSettings:
        return settle_files(sources, path)

    def work(context: CommandContext[CheckSettings]) -> tuple[SuiteOutcome, ...]:
        return judge_files(context, path)

    return run_command("check", flags, runtime, settle=settle, work=work)
