"""The start-up time of a command that does nothing, relative to the import of click, which every command needs."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.tools.benchmarks.processes import CI_GATE, PYTHON, Cost, run
from tests.tools.benchmarks.table import Table, against

ROUNDS = 25
TARGETS = {"ci-gate --version": 1.3, "ci-gate --help": 1.3}
_YARDSTICK = "import click"
_COMMANDS = {
    "python alone": ((*PYTHON, "-c", "pass"), 0),
    _YARDSTICK: ((*PYTHON, "-c", "import click"), 0),
    "ci-gate --version": ((*CI_GATE, "--version"), 0),
    "ci-gate --help": ((*CI_GATE, "--help"), 0),
    "ci-gate run --help": ((*CI_GATE, "run", "--help"), 0),
    "ci-gate run --min-f1 nonsense": ((*CI_GATE, "run", "--min-f1", "nonsense"), 2),
}


def measure() -> list[Table]:
    """Run the commands in turn, so that a slower machine slows all of them alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in _COMMANDS}
    with TemporaryDirectory() as folder:
        for lap in range(ROUNDS + 1):
            for name, (command, code) in _COMMANDS.items():
                cost = run(command, cwd=Path(folder), code=code)
                if lap:  # the first lap writes byte code and fills the system's caches
                    costs[name].append(cost)
    seconds = {name: median(cost.seconds for cost in taken) for name, taken in costs.items()}
    rows = []
    for name, taken in costs.items():
        ratio = seconds[name] / seconds[_YARDSTICK]
        target = against(ratio, TARGETS[name]) if name in TARGETS else ""
        memory = max(cost.megabytes for cost in taken)
        rows.append((name, f"{1000 * seconds[name]:.0f}", f"{ratio:.2f}", target, f"{memory:.0f}"))
    title = f"Start-up (median of {ROUNDS} interleaved runs)"
    return [Table(title, ("command", "ms", "ratio to import click", "target", "peak MB"), tuple(rows))]
