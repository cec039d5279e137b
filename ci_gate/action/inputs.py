"""Reads the environment of the step: inputs, which become the gate's variables, and secrets to mask in the log."""

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
"""Minimum length of a line to mask: the runner hides its text in the whole log, and a short text is often harmless."""


def mask_commands(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the commands that make the runner mask the secrets; by itself it masks only those in its own store."""
    for name in _HIDDEN:
        value = environment.get(name, "")
        if name == PRIVATE_KEY:
            if os.path.isfile(value.strip()):  # noqa: PTH113 - Path.is_file may raise for the text of a key
                continue
            # CI variables often hold the line breaks of a key as the two characters \n, or have lost them.
            value = _ARMOUR.sub("\n", value.replace("\\n", "\n"))
        for line in dict.fromkeys(part.strip() for part in value.splitlines()):
            if len(line) >= _SHORTEST:
                yield f"::add-mask::{escaped(line)}"


def gate_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with inputs as the gate's variables; an empty input overrides no variable of the job."""
    ours = {name: value for name, value in environment.items() if not name.startswith(INPUT)}
    given = {PREFIX + name.removeprefix(INPUT): value for name, value in environment.items() if name.startswith(INPUT)}
    return ours | {name: value for name, value in given.items() if value and name in VARIABLES}


def gate_arguments(environment: Mapping[str, str]) -> list[str]:
    """Return the arguments of the gate: attach to a run if its id was given, else start runs."""
    run_id = environment.get(RUN_ID, "")
    # The two dashes keep an id that begins with a dash from being read as an option.
    return ["gate", "--", run_id] if run_id else ["run"]
