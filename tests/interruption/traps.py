"""Stops the command from inside its process: at an import, or at a change in the report folder.

Started as ``python -I traps.py TRAP -- ARGUMENTS...``, where TRAP is ``import MODULE SIGNAL``, ``touch NUMBER`` or
``report SIGNAL``.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

_TOUCHES = {"open", "os.remove", "os.rename", "os.mkdir"}


def at_import(module: str, number: str) -> None:
    """Send the process a signal when it begins to import a module."""

    class Finder:
        """An import hook that finds nothing and sees every name."""

        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == module:
                signal.raise_signal(signal.Signals[number])

    sys.meta_path.insert(0, Finder)


def at_touch(number: str) -> None:
    """Kill the process before its nth change in the report folder."""
    left = int(number)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _TOUCHES and "ci-gate-report" in str(arguments[0]) and _changes(event, arguments):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def at_report(number: str) -> None:
    """Send the process a signal twice between its first report and the others."""

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.rename" and str(arguments[1]).endswith("report.json"):
            signal.raise_signal(signal.Signals[number])
            signal.raise_signal(signal.Signals[number])

    sys.addaudithook(hook)


def _changes(event: str, arguments: tuple[object, ...]) -> bool:
    return event != "open" or any(letter in str(arguments[1]) for letter in "wax+")


def main() -> NoReturn:
    """Set the trap, and run the command."""
    split = sys.argv.index("--")
    match sys.argv[1:split]:
        case ["import", module, number]:
            at_import(module, number)
        case ["touch", number]:
            at_touch(number)
        case ["report", number]:
            at_report(number)
        case _:
            raise SystemExit(__doc__)
    sys.argv = ["ci-gate", *sys.argv[split + 1 :]]
    from ci_gate.__main__ import main as run_command

    run_command()


if __name__ == "__main__":
    main()
