"""Where the time of ``ci-gate check`` goes: each stage by itself, as JSON on standard output.

Runs as a process of its own, so that the measuring process stays small: a child's peak memory starts at its parent's.
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

from ci_gate.assess import assess
from ci_gate.core.findings import Expectation
from ci_gate.core.model import UnreadableFile
from ci_gate.core.report import GateReport, Source, Subject
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import read_threshold
from ci_gate.kore.results_csv import parse
from ci_gate.reports import RENDERERS, junit, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.reports import Renderer

ROUNDS = 7
Made = TypeVar("Made")


def stages(path: Path) -> dict[str, float]:
    """Give the median seconds of each stage, each fed with what the one before made."""
    seconds: dict[str, float] = {}

    def timed(name: str, stage: Callable[[], Made]) -> Made:
        taken = []
        made = stage()  # the first time does not count: it may import
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            made = stage()
            taken.append(time.perf_counter() - begun)
        seconds[name] = median(taken)
        return made

    results = timed("parse", partial(parse, path.read_bytes()))
    if isinstance(results, UnreadableFile):
        raise SystemExit(results.problem)
    threshold = read_threshold("min_f1", "0.5")
    outcome = timed(
        "judge",
        partial(
            assess,
            Subject(label="benchmark", suite="benchmark", source=Source.FILES),
            status=None,
            results=results,
            rules=Rules(thresholds=(threshold,) if threshold else ()),
            expectation=Expectation(),
            today=datetime.now(UTC).date(),
            hash_utterances=False,
        ),
    )
    moment = datetime.now(UTC)
    report = GateReport(suites=(outcome.report,), started=moment, finished=moment)
    for name, render in {**RENDERERS, "junit.xml": junit.render}.items():
        timed(name, partial(_made, render, report))
    timed("standard output", partial(_made, text.render, report))
    return seconds


def _made(render: Renderer, report: GateReport) -> int:
    """Make every piece of a report, one at a time as they are written."""
    return sum(map(len, render(report)))


if __name__ == "__main__":
    print(json.dumps(stages(Path(sys.argv[1]))))
