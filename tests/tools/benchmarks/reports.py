"""The time from a results file to all reports, relative to one pass of ``csv.reader`` over the same file."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.tools.benchmarks.invented import write_results
from tests.tools.benchmarks.processes import CI_GATE, run
from tests.tools.benchmarks.table import Table, against

ROUNDS = 9
SIZES = (1_000, 10_000)
TARGET_SECONDS, TARGET_MEGABYTES = 1.0, 120.0  # of the largest size
_ROOT = Path(__file__).parents[3]


def measure() -> list[Table]:
    """Measure the whole command, including start-up, and its stages."""
    rows: list[tuple[str, ...]] = []
    split: list[dict[str, float]] = []
    passes: list[float] = []
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for size in SIZES:
            file = folder / f"{size}.csv"
            write_results(file, size)
            whole, megabytes, once = _whole(file)
            is_largest = size == SIZES[-1]
            rows.append(
                (
                    f"{size:,}",
                    f"{whole:.2f}",
                    against(whole, TARGET_SECONDS) if is_largest else "",
                    f"{1000 * once:.1f}",
                    f"{whole / once:.1f}",
                    f"{megabytes:.0f}",
                    against(megabytes, TARGET_MEGABYTES) if is_largest else "",
                )
            )
            split.append(_stages(file))
            passes.append(once)
    columns = ("utterances", "s", "target", "csv.reader ms", "ratio", "peak MB", "target")
    title = f"ci-gate check, from the file to all reports (median of {ROUNDS} runs)"
    return [Table(title, columns, tuple(rows)), _split_table(split, passes)]


def _whole(file: Path) -> tuple[float, float, float]:
    """Measure the command and the reference pass in turn."""
    command = (*CI_GATE, "check", str(file), "--min-f1", "0.5", "--min-accuracy", "0.5", "--report-dir", "reports")
    costs, passes = [], []
    for _ in range(ROUNDS):
        costs.append(run(command, cwd=file.parent))
        passes.append(pass_over(file))
    return median(cost.seconds for cost in costs), max(cost.megabytes for cost in costs), median(passes)


def pass_over(file: Path) -> float:
    """Time one pass that reads every record and keeps none: the minimum for any program that reads the file."""
    begun = time.perf_counter()
    with file.open(encoding="utf-8", newline="") as text:
        for _ in csv.reader(text):
            pass
    return time.perf_counter() - begun


def _stages(file: Path) -> dict[str, float]:
    command = (sys.executable, "-m", "tests.tools.benchmarks.stages", str(file))
    said = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True).stdout
    seconds: dict[str, float] = json.loads(said)
    return seconds


def _split_table(split: list[dict[str, float]], passes: list[float]) -> Table:
    """Return a table of the stages for each size, in milliseconds and in passes of ``csv.reader``."""
    columns = ["stage"]
    for size in SIZES:
        columns += [f"{size:,}: ms", "ratio"]
    sums = [{**stages, "all of these": sum(stages.values())} for stages in split]
    rows = [
        (
            stage,
            *(
                cell
                for stages, once in zip(sums, passes, strict=True)
                for cell in (f"{1000 * stages[stage]:.1f}", f"{stages[stage] / once:.1f}")
            ),
        )
        for stage in sums[0]
    ]
    note = "Not among them: start-up, and writing the files. `ratio` is to the pass of `csv.reader`."
    return Table("Its stages", tuple(columns), tuple(rows), note)
