"""Runs the fault matrix, and prints its one table: ``python -m tests.tools.faults``, with options in ``--help``."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from tests.tools.faults.families import FAMILIES
from tests.tools.faults.judging import Judgement, Kind, Outcome, judge
from tests.tools.faults.runner import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.tools.faults.model import Fault

FEWEST = 100
"""The minimum number of rows of a whole matrix."""

_LAST_LINES = 12  # of the output of a row that went wrong


@dataclass(frozen=True, slots=True)
class Row:
    """A fault and its outcome."""

    family: str
    fault: Fault
    outcome: Outcome
    judgement: Judgement


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the selected rows; return 0 only if each ended as required."""
    options = _options(arguments)
    chosen = [
        (family, fault)
        for family, faults in FAMILIES.items()
        for fault in faults
        if options.family in (None, family) and options.k.casefold() in fault.name.casefold()
    ]
    begun = time.monotonic()
    rows = _run_all(chosen, options.jobs)
    sys.stderr.write("\n")
    is_whole = options.family is None and not options.k
    sys.stdout.write("\n".join((*_table(rows), *_details(rows), *_totals(rows))) + "\n")
    sys.stdout.write(f"\n{time.monotonic() - begun:.0f} s with {options.jobs} at a time\n")
    if not rows or (is_whole and len(rows) < FEWEST):
        sys.stdout.write(f"too few faults: at least {FEWEST if is_whole else 1} are wanted\n")
    kinds = Counter(row.judgement.kind for row in rows)
    typed = Counter(it.line.split()[1] for row in rows for it in row.outcome.typed)
    kinds_typed = ", ".join(f"{count} of {name}" for name, count in sorted(typed.items()))
    sys.stdout.write(f"{typed.total()} printed commands typed again: {kinds_typed}\n")
    passes, failures = kinds[Kind.FALSE_PASS], kinds[Kind.FALSE_FAILURE]
    sys.stdout.write(f"{len(rows)} faults, {passes} false passes, {failures} false failures\n")
    return int(bool(passes or failures) or len(rows) < (FEWEST if is_whole else 1))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.faults", description=__doc__)
    parser.add_argument("--family", choices=tuple(FAMILIES), help="only the faults of this family")
    parser.add_argument("-k", metavar="WORDS", default="", help="only faults whose names hold these words")
    parser.add_argument("--jobs", type=int, default=16, help="how many at a time; they mostly wait (default: 16)")
    return parser.parse_args(arguments)


def _run_all(chosen: list[tuple[str, Fault]], jobs: int) -> list[Row]:
    done, lock = Counter[Kind](), Lock()

    def work(family: str, fault: Fault) -> Row:
        outcome = run(fault)
        row = Row(family, fault, outcome, judge(fault, outcome))
        with lock:
            done[row.judgement.kind] += 1
            if sys.stderr.isatty():
                wrong = done.total() - done[Kind.RIGHT]
                sys.stderr.write(f"\r{done.total()} of {len(chosen)} faults, {wrong} wrong so far")
        return row

    # The longest rows start first, so that none of them runs alone at the end.
    order = sorted(chosen, key=lambda pair: -pair[1].seconds)
    with ThreadPoolExecutor(jobs) as pool:
        ran = {pair[1].name: pool.submit(work, *pair) for pair in order}
        rows = [ran[fault.name].result() for _, fault in chosen]
    # A command that was only late may have been slowed down by the others, so it is repeated alone before it is judged.
    return [work(row.family, row.fault) if row.judgement.is_only_late else row for row in rows]


def _table(rows: list[Row]) -> list[str]:
    cells = [("family", "fault", "ending", "seconds", "")]
    for row in rows:
        ending = "none" if row.outcome.code is None else str(row.outcome.code)
        is_right = row.judgement.kind is Kind.RIGHT
        verdict = "" if is_right else f"{row.judgement.kind.upper()}: {'; '.join(row.judgement.wrongs)}"
        cells.append((row.family, row.fault.name, ending, f"{row.outcome.seconds:.1f}", verdict))
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    lines = [
        f"{family:<{widths[0]}}  {name:<{widths[1]}}  {ending:>{widths[2]}}  {seconds:>{widths[3]}}  {verdict}".rstrip()
        for family, name, ending, seconds, verdict in cells
    ]
    return [lines[0], "-" * len(lines[0]), *lines[1:], ""]


def _details(rows: list[Row]) -> list[str]:
    """Return the output of the commands that did not end as required."""
    lines = []
    for row in rows:
        if row.judgement.kind is not Kind.RIGHT:
            said = row.outcome.output.splitlines()[-_LAST_LINES:]
            requests = [request.partition(b"\r\n")[0].decode("latin-1") for request in row.outcome.requests[:8]]
            lines += [f"{row.family}: {row.fault.name}", *(f"    {line}" for line in said)]
            lines += [*(f"    > {request[:120].partition('?')[0]}" for request in requests), ""]
    return lines


def _totals(rows: list[Row]) -> list[str]:
    cells = [("family", "faults", *Kind)]
    for family in dict.fromkeys(row.family for row in rows):
        kinds = Counter(row.judgement.kind for row in rows if row.family == family)
        cells.append((family, str(kinds.total()), *(str(kinds[kind]) for kind in Kind)))
    width = max(len(cell[0]) for cell in cells)
    return [f"{name:<{width}}" + "".join(f"{figure:>15}" for figure in figures) for name, *figures in cells]


if __name__ == "__main__":
    sys.exit(main())
