"""Mutates the code and counts the mutations that no test detects: ``python -m tests.tools.mutation PATTERN``."""

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
"""The percentage of mutations that must be detected."""


def main(patterns: Sequence[str]) -> int:
    """Test the mutations that match a pattern, or all; return 0 only if enough are detected and the rest is listed."""
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
