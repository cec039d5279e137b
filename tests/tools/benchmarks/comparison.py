"""The time to compare a run with an earlier one, relative to one pass of ``csv.reader`` over its results file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.tools.benchmarks.invented import write_later_results, write_results
from tests.tools.benchmarks.processes import CI_GATE, run
from tests.tools.benchmarks.reports import pass_over
from tests.tools.benchmarks.table import Table, against

ROUNDS = 9
SIZE = 5_000
TARGET_SECONDS = 1.0
_ROOT = Path(__file__).parents[3]
_SUM, _WHOLE = "all of these", "ci-gate check --baseline, start-up and all reports included"


def measure() -> list[Table]:
    """Measure the stages of a comparison, and the whole command."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        earlier, later = folder / "earlier.csv", folder / "later.csv"
        write_results(earlier, SIZE)
        write_later_results(later, SIZE)
        run((*CI_GATE, "check", str(earlier), "--min-f1", "0.5", "--report-dir", "baseline"), cwd=folder)
        report = folder / "baseline" / "report.json"
        # 0.5 instead of the default, so that the later version may be worse
        command = (*CI_GATE, "check", str(later), "--baseline", str(report), "--max-f1-drop", "0.5")
        taken, passes = [], []
        for _ in range(ROUNDS):
            taken.append(run((*command, "--report-dir", "reports"), cwd=folder).seconds)
            passes.append(pass_over(later))
        stages = _stages(report, later)
    seconds = {**stages, _SUM: sum(stages.values()), _WHOLE: median(taken)}
    once = median(passes)
    rows = tuple(
        (
            what,
            f"{1000 * took:.1f}",
            f"{took / once:.1f}",
            against(took, TARGET_SECONDS) if what in (_SUM, _WHOLE) else "",
        )
        for what, took in seconds.items()
    )
    columns = ("stage", "ms", "ratio", "target s")
    title = f"A comparison of {SIZE:,} utterances with {SIZE:,} (medians)"
    note = f"`ratio` is to the pass of `csv.reader` over the new file, which took {1000 * once:.1f} ms in this run."
    return [Table(title, columns, rows, note)]


def _stages(report: Path, results: Path) -> dict[str, float]:
    command = (sys.executable, "-m", "tests.tools.benchmarks.stages", str(results), str(report))
    said = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True).stdout
    seconds: dict[str, float] = json.loads(said)
    return seconds
