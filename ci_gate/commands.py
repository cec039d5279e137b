"""The table of commands. It imports Python alone, so that it can be read even if the installation is broken."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Command:
    """One command; its module in ``ci_gate.cli`` has the same name."""

    name: str
    help: str
    """Its line in ``ci-gate --help``."""
    _: KW_ONLY
    judges: bool = False
    """Whether it judges the user's bot: it leaves reports however it ends, and ends in a verdict."""
    asks_platform: bool = False
    """Whether it needs a connection to the platform."""
    report_dir: str = "ci-gate-report"
    """The folder of its reports, if it writes any, unless the user names another."""


COMMANDS = (
    Command("run", "Start a run of each suite, wait, judge, report.", judges=True, asks_platform=True),
    Command("gate", "Wait for a run that was started elsewhere, judge, report.", judges=True, asks_platform=True),
    Command("compare", "Judge the version in development against the published one.", judges=True, asks_platform=True),
    Command("check", "Judge results that are on disk; no network, no secret.", judges=True, report_dir="ci-gate-check"),
    Command("simulator", "Serve a stand-in for the platform on this machine."),
    Command("demo", "See a whole gate run against the simulator; needs nothing.", report_dir="ci-gate-demo"),
)
"""Every command, in the order in which a newcomer meets them."""

COMMAND_BY_NAME = {command.name: command for command in COMMANDS}
JUDGING = tuple(command.name for command in COMMANDS if command.judges)
ASKING_PLATFORM = tuple(command.name for command in COMMANDS if command.asks_platform)


def judging_command_in(words: Iterable[str]) -> str | None:
    """Return the first of the ``words`` of a command line that names a judging command, if one does."""
    return next((word for word in words if word in JUDGING), None)
