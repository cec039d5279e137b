"""The peak memory of commands at their limits, relative to the import of the packages that they need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.tools.benchmarks.peaks import YARDSTICK
from tests.tools.benchmarks.table import Table, against

TARGET = 150.0  # MB
_ROOT = Path(__file__).parents[3]


def measure() -> list[Table]:
    """Measure in another process, since this one may be large itself."""
    found = peaks()
    known = found.pop(YARDSTICK)
    rows = [(YARDSTICK, f"{known:.0f}", "", "1.0")]
    rows += [(name, f"{peak:.0f}", against(peak, TARGET), f"{peak / known:.1f}") for name, peak in found.items()]
    title = "Peak memory: results files at both limits (16 MiB, 20,000 utterances, all of them mismatched), and beyond"
    return [Table(title, ("command", "peak MB", "target", "ratio"), tuple(rows))]


def peaks() -> dict[str, float]:
    """Return the peak of each command in MB, by name."""
    command = (sys.executable, "-m", "tests.tools.benchmarks.peaks")
    said = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, float] = json.loads(said)
    return found
