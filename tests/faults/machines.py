"""Machines on which something is wrong: each function changes the process, and then the command begins in it.

Started as ``python -I machines.py NAME ARGUMENTS...``, so that the command finds only what is installed.
"""

from __future__ import annotations

import socket
import sys
import threading
from typing import NoReturn


def dead_resolver() -> None:
    """Let no look-up of a name ever come back."""

    def wait(*_arguments: object, **_settings: object) -> NoReturn:
        while True:
            threading.Event().wait()

    socket.getaddrinfo = wait


def main() -> NoReturn:
    """Become the machine, and run the command on it."""
    _, name, *arguments = sys.argv
    globals()[name]()
    from ci_gate.__main__ import main as run_command

    sys.argv = ["ci-gate", *arguments]
    run_command()


if __name__ == "__main__":
    main()
