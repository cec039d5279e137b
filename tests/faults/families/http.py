"""Faults of HTTP: whole answers that are not the platform's, or not the wanted ones."""

from __future__ import annotations

from tests.faults.good_run import RUN_ID
from tests.faults.model import PASSES, Fault, Script, ends
from tests.faults.replies import says

FAULTS = (
    Fault("status: 503 twice", Script(status=(says(503), says(503), ...)), PASSES),
    Fault(
        "status: 503 for ever",
        Script(status=(says(503),)),
        ends(4, "the platform answered 503", mend=f"attach again with: ci-gate gate {RUN_ID}"),
    ),
    Fault("start: 429 with seconds", Script(start=(says(429, Retry_After="3"), ...)), PASSES),
)
