"""All families of the fault matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tools.faults.families import (
    connection,
    http,
    local,
    machine_environments,
    mismatched_pairs,
    results_file,
    run,
    status_reply,
    verdicts,
    waivers,
)

if TYPE_CHECKING:
    from tests.tools.faults.model import Fault

FAMILIES: dict[str, tuple[Fault, ...]] = {
    "connection": connection.FAULTS,
    "http": http.FAULTS,
    "run": run.FAULTS,
    "status reply": status_reply.FAULTS,
    "results file": results_file.FAULTS,
    "mismatched pairs": mismatched_pairs.FAULTS,
    "verdict": verdicts.FAULTS,
    "waivers": waivers.FAULTS,
    "local": local.FAULTS,
    "environments": machine_environments.FAULTS,
}
