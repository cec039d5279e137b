"""What the action takes from its step: inputs that become the gate's variables, and secrets that no log may show."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from ci_gate.config.options import PREFIX, VARIABLES
from ci_gate.output.ci.github import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INPUT = "INPUT_"
RUN_ID = "INPUT_RUN_ID"
PRIVATE_KEY = "CI_GATE_PRIVATE_KEY"
_HIDDEN = ("CI_GATE_CLIENT_SECRET", "CI_GATE_JWT", PRIVATE_KEY)
_ARMOUR = re.compile(r"-----(?:BEGIN|END) [A-Z ]+-----")
_SHORTEST = 8
"""A mask blots out its text wherever that stands in the log, so it must be too long to stand there by chance."""


def mask_commands(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the commands that make the runner hide the secrets: it knows only those that came from its own store."""
    for name in _HIDDEN:
        value = environment.get(name, "")
        if name == PRIVATE_KEY:
            if os.path.isfile(value.strip()):  # noqa: PTH113 - a key with a NUL in it is no path, and no error either
                continue
            # CI variables often hold the line breaks of a key as the two characters \n, or none at all.
            value = _ARMOUR.sub("\n", value.replace("\\n", "\n"))
        for line in dict.fromkeys(part.strip() for part in value.splitlines()):
            if len(line) >= _SHORTEST:
                yield f"::add-mask::{escaped(line)}"


def gate_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with inputs as variables; an input that was not given hides no variable of the job."""
    ours = {name: value for name, value in environment.items() if not name.startswith(INPUT)}
    given = {PREFIX + name.removeprefix(INPUT): value for name, value in environment.items() if name.startswith(INPUT)}
    return ours | {name: value for name, value in given.items() if value and name in VARIABLES}


def gate_arguments(environment: Mapping[str, str]) -> list[str]:
    """Return the command line of the gate: to attach if a run's id was given, else to start runs."""
    run_id = environment.get(RUN_ID, "")
    # Behind the two dashes an id may begin with a dash itself.
    return ["gate", "--", run_id] if run_id else ["run"]
