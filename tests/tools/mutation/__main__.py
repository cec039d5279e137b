"""Changes the code in many small ways, and counts what no test notices: ``python -m tests.tools.mutation PATTERN``."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.tools.mutation.listing import LIST, complaints, read_list
from tests.tools.mutation.workshop import change_and_test, make_copy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.tools.mutation.workshop import Outcome

LEAST = 95
"""So many of a hundred changes must be noticed."""


def main(patterns: Sequence[str]) -> int:
    """Try the changes whose names fit a pattern, or all; 0 only when enough are noticed and the rest is listed."""
    listed = read_list(LIST.read_text(encoding="utf-8"))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ci-gate-mutants-") as folder:
        make_copy(Path(folder))
        outcome = change_and_test(Path(folder), patterns)
    wrong = complaints(outcome.survivors, listed, whole=not patterns)
    mutants, survived = sum(outcome.changes.values()), len(outcome.survivors)
    rate = 100 * (mutants - survived) / mutants if mutants else 0.0
    sys.stdout.write("\n".join(("", *wrong, *_table(outcome))) + f"\n\n{time.monotonic() - begun:.0f} s\n")
    if wrong:
        sys.stdout.write(
            f"{len(wrong)} differences from {LIST.name}: write a test, or list the change with its reason\n"
        )
    sys.stdout.write(f"{mutants} mutants, {mutants - survived} killed, {survived} survived, {rate:.1f} %\n")
    return int(bool(wrong) or rate < LEAST)


def _table(outcome: Outcome) -> list[str]:
    survived = Counter(change.file for change in outcome.survivors)
    width = max(map(len, outcome.changes), default=0)
    rows = [
        f"{file:{width}}  {count:>7}  {count - survived[file]:>6}  {survived[file]:>8}"
        for file, count in sorted(outcome.changes.items())
    ]
    return [f"{'':{width}}  {'mutants':>7}  {'killed':>6}  {'survived':>8}", *rows]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
