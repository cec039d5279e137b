"""Puts the rules to the test on suites drawn at random: ``python -m tests.experiment [--suites N] [--seed N]``.

Ends in 1 where there are more false alarms than allowed, or a rate is not what another program found. With a seed of
your own that may be chance: one more seed tells.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tests.experiment import floors, regressions, scores
from tests.experiment.rates import APART, LIMIT
from tests.experiment.rule import DEFAULT_RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_gate.core.rules import Rules
    from tests.experiment.rates import Rate

SUITES, SEED = 20_000, 20_261_102
_FEWER = 4  # suites in which every intent is judged take so many times as long


def main(arguments: Sequence[str] | None = None, rules: Rules = DEFAULT_RULES) -> int:
    """Draw, judge and tell; 0 only where all holds."""
    options = _options(arguments)
    begun = time.monotonic()
    rates: list[Rate] = []
    fewer = max(1, options.suites // _FEWER)
    for table, measured in (
        scores.measure(rules, options.suites, options.seed),
        regressions.measure(regressions.RULES, fewer, options.seed),
        floors.measure(options.suites, options.seed),
    ):
        sys.stdout.write(f"{table.markdown()}\n\n")
        rates += measured
    sys.stdout.write(f"{time.monotonic() - begun:.0f} s\n")
    sys.stdout.write("\n".join(closing_lines(rates)) + "\n")
    return int(any(rate.alarms_too_often or not rate.agrees for rate in rates))


def closing_lines(rates: Sequence[Rate]) -> tuple[str, str]:
    """Say in a line each whether there are few enough false alarms, and whether what should be found is."""
    alarms = [rate for rate in rates if rate.is_false_alarm]
    highest = max(rate.share for rate in alarms)
    beyond = sum(rate.alarms_too_often for rate in alarms)
    agree = sum(rate.agrees for rate in rates)
    said = f"at most {100 * highest:.1f} % in {len(alarms)} cells, {beyond} of them beyond the limit"
    found = f"{agree} of {len(rates)} cells within {APART} standard errors of both samples of the known rates"
    return (
        f"false alarms: {said} (limit {100 * LIMIT:.0f} % plus two standard errors)",
        f"detection: {found} (two would part some of so many by chance alone)",
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.experiment", description=__doc__)
    parser.add_argument("--suites", type=int, default=SUITES, help=f"how many in a row (default: {SUITES})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the random numbers (default: {SEED})")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
