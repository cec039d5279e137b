"""Tests the rules on suites drawn at random: ``python -m tests.tools.experiment [--suites N] [--seed N]``.

Exits with 1 if false alarms are too frequent, if a change that must be found is found too rarely, or if a rate differs
from that of an independent program. With another seed, a single such result may be chance: repeat it with one more.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from tests.tools.experiment import commands, counting, detection, drops, floors, regressions, scores
from tests.tools.experiment.rates import APART, LIMIT, OFTEN
from tests.tools.experiment.rule import DEFAULT_RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ci_gate.core.rules import Rules
    from tests.tools.benchmarks.table import Table
    from tests.tools.experiment.rates import Rate

    Measured = tuple[Table, list[Rate]]

SUITES, SEED = 10_000, 20_261_102
_FEWER = 10  # suites that are judged utterance by utterance take many times as long


def main(arguments: Sequence[str] | None = None, rules: Rules = DEFAULT_RULES) -> int:
    """Draw and judge the suites and print the results; return 0 only if all conditions hold."""
    options = _options(arguments)
    begun = time.monotonic()
    rates: list[Rate] = []
    parts = _parts(options.suites, options.seed, rules)
    wanted = [part for name in parts if options.only in (None, name) for part in parts[name]]
    for table, measured in _all_of(wanted, options.processes):
        sys.stdout.write(f"{table.markdown()}\n\n")
        sys.stdout.flush()
        rates += measured
    sys.stdout.write(f"{time.monotonic() - begun:.0f} s\n")
    sys.stdout.write("\n".join(closing_lines(rates)) + "\n")
    return int(any(rate.alarms_too_often or rate.is_too_rare or not rate.agrees for rate in rates))


def closing_lines(rates: Sequence[Rate]) -> Iterator[str]:
    """Yield one line each on the false alarms, the required detections, and the agreement with the known rates."""
    if alarms := [rate for rate in rates if rate.is_false_alarm]:
        highest = max(rate.share for rate in alarms)
        beyond = sum(rate.alarms_too_often for rate in alarms)
        said = f"at most {100 * highest:.1f} % in {len(alarms)} cells, {beyond} of them beyond the limit"
        yield f"false alarms: {said} ({100 * LIMIT:.0f} % plus what chance adds to so many draws)"
    if sought := [rate for rate in rates if rate.must_be_often]:
        rarest = min(rate.share for rate in sought)
        missed = sum(rate.is_too_rare for rate in sought)
        said = f"at least {100 * rarest:.1f} % in {len(sought)} cells, {missed} of them below {100 * OFTEN:.0f} %"
        yield f"what must be found: {said}"
    known = [rate for rate in rates if rate.known is not None]
    agree = sum(rate.agrees for rate in known)
    near = f"within {APART} standard errors of both samples of the known rates"
    yield f"known rates: {agree} of {len(known)} cells {near}"


def _parts(suites: int, seed: int, rules: Rules) -> Mapping[str, Sequence[Callable[[], Measured]]]:
    fewer = max(2, suites // _FEWER)
    return {
        "commands": [partial(commands.measure, example, fewer, seed) for example in commands.EXAMPLES],
        "detection": [
            partial(detection.measure_falls, max(2, suites // 2), seed),
            partial(detection.measure_breaks, 2 * fewer, seed),
        ],
        "counting": [partial(counting.measure, suites, seed)],
        "scores": [partial(scores.measure, rules, suites, seed)],
        "drops": [partial(drops.measure, fewer, seed)],
        "regressions": [partial(regressions.measure, 2 * fewer, seed)],
        "floors": [partial(floors.measure, max(2, suites // 2), seed)],
    }


def _all_of(parts: Sequence[Callable[[], Measured]], processes: int) -> Iterator[Measured]:
    """Yield the result of each part; the parts run in parallel if there are several processors."""
    if processes == 1:
        yield from map(_worked_out, parts)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_worked_out, parts)


def _worked_out(part: Callable[[], Measured]) -> Measured:
    return part()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.experiment", description=__doc__)
    parser.add_argument("--suites", type=int, default=SUITES, help=f"how many in a row (default: {SUITES})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the random numbers (default: {SEED})")
    parser.add_argument("--only", choices=[*_parts(0, 0, DEFAULT_RULES)], help="one part of it")
    processes = os.cpu_count() or 1
    parser.add_argument("--processes", type=int, default=processes, help="how many parts at a time (default: all)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
