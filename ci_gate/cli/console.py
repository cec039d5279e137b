"""Writing to the terminal or log: verdict to standard output, everything else to standard error, nothing executable."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_gate.core.plain import log_safe, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from ci_gate.errors import GateError


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Where a command speaks. A standard error that is closed loses words, never the verdict."""

    quiet: bool = False
    verbose: bool = False
    color: bool = False
    is_terminal: bool = False

    def note(self, text: str) -> None:
        """Tell something that is good to know, unless it is to be quiet."""
        if not self.quiet:
            self._line(text)

    def detail(self, text: str) -> None:
        """Tell something that only the curious want to know."""
        if self.verbose:
            self._line(text)

    def warn(self, text: str) -> None:
        """Tell something that should not be overlooked."""
        self._line(f"warning: {text}")

    def error(self, error: GateError) -> None:
        """Tell what went wrong and what to do about it."""
        self._line(f"error: {error.message}")
        for line in error.hint.splitlines():
            self._line(line, indent="  " + line[: len(line) - len(line.lstrip())])

    def draw(self, text: str) -> None:
        """Write over the current line of a terminal."""
        self._raw(f"\r\x1b[K{log_safe(one_line(text))}")

    def clear(self) -> None:
        """Empty the current line of a terminal."""
        self._raw("\r\x1b[K")

    def verdict(self, text: str) -> bool:
        """Print the verdict; ``False`` when standard output does not take it."""
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (OSError, ValueError):
            return False
        return True

    def _line(self, text: str, *, indent: str = "") -> None:
        self._raw(f"{log_safe(indent + one_line(text))}\n")

    @staticmethod
    def _raw(text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def console_for(environment: Mapping[str, str], *, quiet: bool, verbose: bool, color: bool | None) -> Console:
    """Look at where the output goes. ``color`` is ``None`` where nobody said."""
    for stream in (sys.stdout, sys.stderr):
        _tolerate_characters(stream)
    is_terminal = _is_terminal(sys.stderr) and environment.get("TERM") != "dumb"
    wanted = color if color is not None else not environment.get("NO_COLOR")
    return Console(
        quiet=quiet, verbose=verbose, is_terminal=is_terminal, color=wanted and is_terminal and _is_terminal(sys.stdout)
    )


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def _tolerate_characters(stream: TextIO) -> None:
    """Let a stream show a mark for what its encoding does not have, instead of failing the command."""
    with suppress(AttributeError, OSError, ValueError):
        stream.reconfigure(errors="replace")  # type: ignore[attr-defined]
