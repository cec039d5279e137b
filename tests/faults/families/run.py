"""Faults of the run: it is unknown, refused, lost, or takes a course of its own."""

from __future__ import annotations

from tests.faults.model import Fault, Script, ends
from tests.faults.replies import says

FAULTS = (
    Fault(
        "the suite is unknown",
        Script(start=(says(400, "Test suite not found"),)),
        ends(3, "Test suite not found", mend="the suite's display name, letter by letter"),
    ),
)
