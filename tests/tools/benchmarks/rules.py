"""The time that thousands of rules add to a check of thousands of utterances, relative to a check without rules."""

from __future__ import annotations

import random
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.tools.benchmarks.invented import write_suite
from tests.tools.benchmarks.processes import CI_GATE, run
from tests.tools.benchmarks.table import Table, against

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDS = 5
SIZE, INTENTS, MANY_INTENTS = 20_000, 300, 2_000
ONE_KIND, TOGETHER, FLOORS = 1.2, 1.5, 2.0
"""The allowed ratios to the time of a check without rules: one kind, all kinds, and three floors of every intent."""

_LAST = 'reason = "known"\nowner = "NLU"\nexpires = 2099-01-01\n'


def measure() -> list[Table]:
    """Measure a check under each set of rules and one without, in turn, so that load affects all alike."""
    rows = []
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for intents, limits in ((INTENTS, _rules()), (MANY_INTENTS, _general_floors())):
            write_suite(folder / "suite.csv", SIZE, intents)
            (folder / "none.toml").write_text("", encoding="utf-8")
            for name, (text, limit) in limits.items():
                (folder / "rules.toml").write_text(text, encoding="utf-8")
                ratio = median(_check(folder, "rules.toml") / _check(folder, "none.toml") for _ in range(ROUNDS))
                rows.append((name, f"{intents:,}", f"{ratio:.2f}", against(ratio, limit)))
    title = f"Rules over {SIZE:,} utterances, as a ratio to the check without them (medians of {ROUNDS} pairs)"
    return [Table(title, ("rules", "intents", "ratio", "target"), tuple(rows))]


def _check(folder: Path, config: str) -> float:
    command = (*CI_GATE, "check", "suite.csv", "--min-f1", "0.1", "--config", config, "--report-dir", "reports")
    return run(command, cwd=folder, code=None).seconds


def _rules() -> Mapping[str, tuple[str, float]]:
    """Return the settings file and the limit of each set of rules, by description."""
    chance = random.Random(SIZE)
    pairs = [chance.sample(range(INTENTS), 2) for _ in range(1_000)]
    forbidden = "".join(
        f'[[forbidden]]\nexpected = "Intent {one}"\nmatched = "Intent {other}"\n' for one, other in pairs
    )
    confusions = "".join(
        f'[[waivers]]\nconfusion = {{ expected = "Intent {one}", matched = "Intent {other}" }}\n{_LAST}'
        for one, other in pairs[:500]
    )
    utterances = "".join(f'[[waivers]]\nutterance = "say it {number}"\n{_LAST}' for number in range(500))
    must_pass = f"must_pass = {[f'say it {number}' for number in range(0, SIZE, 4)]}\n"
    floors = "".join(f'[intents."Intent {number}"]\nmin_f1 = 0.1\nmin_recall = 0.1\n' for number in range(INTENTS))
    return {
        "1,000 forbidden pairs": (forbidden, ONE_KIND),
        "1,000 waivers": (confusions + utterances, ONE_KIND),
        "5,000 must-pass lines": (must_pass, ONE_KIND),
        "300 named floors, two scores each": (floors, ONE_KIND),
        "all of these": (must_pass + forbidden + confusions + utterances + floors, TOGETHER),
    }


def _general_floors() -> Mapping[str, tuple[str, float]]:
    text = "[intents]\nmin_f1 = 0.5\nmin_precision = 0.5\nmin_recall = 0.5\n"
    return {"three floors of every intent": (text, FLOORS)}
