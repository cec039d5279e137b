"""Faults of the results file: where it is, what it is, and what it holds."""

from __future__ import annotations

from tests.faults.model import PASSES, Fault, Script, ends
from tests.faults.replies import file, says

FAULTS = (
    Fault("expired link once", Script(file=(says(403), ...)), PASSES),
    Fault(
        "cut off in the middle of a row",
        Script(file=(file(lambda raw: raw[:2000]),)),
        ends(5, "opens a quote that is never closed", mend="download it again"),
    ),
)
