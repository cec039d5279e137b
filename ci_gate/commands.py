"""The table of commands. Imports only the standard library, so that it works even if the installation is broken."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Command:
    """One command. The module of the same name in ``ci_gate.cli`` implements it."""

    name: str
    help: str
    """The description of the command in ``ci-gate --help``."""
    _: KW_ONLY
    judges: bool = False
    """Whether the command judges the user's bot; such a command writes reports however it ends."""
    asks_platform: bool = False
    """Whether the command needs a connection to the platform."""
    report_dir: str = "ci-gate-report"
    """The default folder of the command's reports, if it writes any."""


COMMANDS = (
    Command("run", "Start a run of each suite, wait, judge, report.", judges=True, asks_platform=True),
    Command("gate", "Wait for a run that was started elsewhere, judge, report.", judges=True, asks_platform=True),
    Command("compare", "Judge the version in development against the published one.", judges=True, asks_platform=True),
    Command("check", "Judge results on disk; needs no network and no secret.", judges=True, report_dir="ci-gate-check"),
    Command("simulator", "Serve a stand-in for the platform on this machine."),
    Command("demo", "See a whole gate run against the simulator; needs nothing.", report_dir="ci-gate-demo"),
)
"""Every command, in the order of ``ci-gate --help``."""

COMMAND_BY_NAME = {command.name: command for command in COMMANDS}
JUDGING = tuple(command.name for command in COMMANDS if command.judges)
ASKING_PLATFORM = tuple(command.name for command in COMMANDS if command.asks_platform)


def judging_command_in(words: Iterable[str]) -> str | None:
    """Return the first word of a command line that is the name of a judging command, or ``None``."""
    return next((word for word in words if word in JUDGING), None)
