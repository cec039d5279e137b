"""Faults of the machine: folders, streams, clocks, and what lies in the working directory."""

from __future__ import annotations

from tests.faults.model import PASSES, REPORTS, Fault, Script, Start, ends

FAULTS = (
    Fault(
        "a module of the same name in the working directory",
        Script(),
        PASSES,
        Start(files={"click.py": "raise SystemExit(0)\n"}),
    ),
    Fault(
        "a file where the report folder should be",
        Script(),
        ends(2, "the report folder", mend="--report-dir", without=REPORTS),
        Start(files={"ci-gate-report": "not a folder\n"}),
    ),
)
