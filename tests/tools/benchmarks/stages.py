"""The time that each stage of ``ci-gate check`` takes by itself, as JSON on standard output.

With the report of an earlier run as well, the stages are those of a comparison with that run. Runs as a process of its
own, so that the measuring process stays small: a child's peak memory starts at its parent's.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, TypeVar

from ci_gate.core.assess import assess
from ci_gate.core.findings import Expectation
from ci_gate.core.model import UnreadableFile
from ci_gate.core.report import GateReport, Source, Subject
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import read_threshold
from ci_gate.kore.results_csv import parse
from ci_gate.output.formats import FORMATS
from ci_gate.reports import RenderOptions
from ci_gate.reports.read_back import read_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.core.assess import SuiteOutcome
    from ci_gate.core.comparison.baseline import Baseline
    from ci_gate.core.model import ResultsFile
    from ci_gate.reports import Format

ROUNDS = 7
Made = TypeVar("Made")


class Stages:
    """The median time of each stage in seconds, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, stage: Callable[[], Made]) -> Made:
        """Time several repetitions of a stage, and return its result."""
        taken = []
        made = stage()  # the first time does not count: it may import
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            made = stage()
            taken.append(time.perf_counter() - begun)
        self.seconds[name] = median(taken)
        return made


def stages(path: Path) -> dict[str, float]:
    """Return the median time of each stage in seconds; each stage takes the previous stage's result."""
    lap = Stages()
    results = lap.timed("parse", partial(parse, path.read_bytes()))
    outcome = lap.timed("judge", partial(_judged, results, threshold="min_f1"))
    moment = datetime.now(UTC)
    report = GateReport(suites=(outcome.report,), started=moment, finished=moment)
    for one in FORMATS:
        lap.timed(one.name, partial(_made, one, report))
    return lap.seconds


def stages_of_comparison(path: Path, earlier: Path) -> dict[str, float]:
    """Return the median times in seconds from two files on disk to the verdict on their differences."""
    lap = Stages()
    (recorded,) = lap.timed("read the baseline", lambda: read_report(earlier.read_bytes(), str(earlier)))
    results = lap.timed("read the results", lambda: parse(path.read_bytes()))
    judge = partial(_judged, results, threshold="max_f1_drop", baseline=recorded.baseline)
    judgement = lap.timed("judge", judge).report.judgement
    if judgement is None or judgement.comparison is None:
        raise SystemExit(f"{path} could not be compared with {earlier}")
    return lap.seconds


def _judged(results: ResultsFile | UnreadableFile, *, threshold: str, baseline: Baseline | None = None) -> SuiteOutcome:
    if isinstance(results, UnreadableFile):
        raise SystemExit(results.problem)
    bound = read_threshold(threshold, "0.5")
    return assess(
        Subject(label="benchmark", suite="benchmark", source=Source.FILES),
        status=None,
        results=results,
        rules=Rules(thresholds=(bound,) if bound else ()),
        expectation=Expectation(),
        today=datetime.now(UTC).date(),
        baseline=baseline,
        hash_utterances=False,
    )


def _made(one: Format, report: GateReport) -> int:
    """Generate every piece of a report, one at a time as for writing; return the total length."""
    return sum(map(len, one.render(report, RenderOptions())))


if __name__ == "__main__":
    files = [Path(argument) for argument in sys.argv[1:]]
    print(json.dumps(stages(*files) if len(files) == 1 else stages_of_comparison(*files)))
