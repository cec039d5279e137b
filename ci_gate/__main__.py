"""The entry point: turns every ending, even that of a broken installation, into an exit code."""

from __future__ import annotations

import gc
import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from typing import TextIO

_UNREPORTED, _INTERNAL, _INTERRUPTED = 7, 70, 130


def main() -> NoReturn:
    """Run the command line and end the process."""
    # Collect garbage rarely: a short process that builds large trees of objects leaves hardly any cyclic garbage.
    gc.set_threshold(100_000, 20, 20)
    sys.stdout = _buffered(sys.stdout)
    sys.exit(_flushed(_run()))


def _run() -> int:
    """Run the command line, and return the exit code.

    The imports are inside the function, so that a missing package does not end in 1, the exit code of a failed gate.
    """
    try:
        from ci_gate.signals import Signals

        with Signals() as signals:
            from ci_gate.cli.app import main as run_command_line

            return signals.ending(run_command_line(sys.argv[1:], signals=signals))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BaseException as problem:
        with suppress(OSError, ValueError):
            print(f"ci-gate: the installation is broken: {problem}; install it again", file=sys.stderr)  # noqa: T201 - nothing else may work by now
        with suppress(Exception):
            _leave_reports(f"the installation is broken: {problem}")
        return _INTERNAL


def _leave_reports(message: str) -> None:
    """Replace earlier reports by reports of an ``InternalError`` if the command line names a judging command."""
    from ci_gate.commands import judging_command_in

    command = judging_command_in(sys.argv[1:])
    if command:
        from ci_gate.errors import InternalError
        from ci_gate.gate.session import report_unreadable_arguments
        from ci_gate.runtime import real_runtime

        error = InternalError(message, hint="install it again")
        report_unreadable_arguments(command, sys.argv[1:], real_runtime(), error)


def _buffered(stream: TextIO) -> TextIO:
    """Return a stream that raises an error if it cannot write all of a text.

    A stream with a buffer is returned unchanged. Python's own stream without a buffer (``python -u``) silently drops
    the rest of a text if only a part is accepted, for example by a non-blocking pipe or a disk that is nearly full.
    """
    if not isinstance(getattr(stream, "buffer", None), io.RawIOBase):
        return stream
    whole = io.BufferedWriter(io.FileIO(stream.fileno(), "w", closefd=False))
    return io.TextIOWrapper(whole, stream.encoding, stream.errors, line_buffering=stream.isatty())


def _flushed(code: int) -> int:
    """Flush the standard streams. Return ``code``, or 7 if ``code`` is 0 or 1 and standard output cannot be written.

    Without this, Python would end with exit code 120, or ignore the error.
    """
    _is_flushed(sys.stderr, 2)
    return code if _is_flushed(sys.stdout, 1) or code not in (0, 1) else _UNREPORTED


def _is_flushed(stream: TextIO, number: int) -> bool:
    try:
        stream.flush()
    except (AttributeError, OSError, ValueError):
        # Discard the unwritten text: the interpreter would try to write it again while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
        return False
    return True


if __name__ == "__main__":
    main()
