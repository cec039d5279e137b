"""Runs every benchmark and prints its table; a figure that misses its target is shown but does not fail the run."""

from __future__ import annotations

import platform
import sys

from tests.tools.benchmarks import comparison, memory, polling, reports, rules, startup


def main() -> None:
    """Run the benchmarks one after the other, so that nothing competes with the measured process."""
    tables = []
    for benchmark in (startup, reports, comparison, rules, memory, polling):
        print(f"measuring {benchmark.__name__.rpartition('.')[2]} …", file=sys.stderr)
        tables += benchmark.measure()
    print(f"ci-gate on {platform.python_implementation()} {platform.python_version()}, {platform.system()}")
    for table in tables:
        print(f"\n{table.markdown()}")


if __name__ == "__main__":
    main()
