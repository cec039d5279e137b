"""Writing to the terminal or log: verdict to standard output, everything else to standard error, nothing executable."""

from __future__ import annotations

import shutil
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_gate.config.credentials import secrets_of
from ci_gate.core.text.safe import log_safe, one_line
from ci_gate.redaction import redacted, without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from ci_gate.errors import GateError


_CLOSED = (AttributeError, OSError, ValueError)
"""What a stream raises that is closed or broken, or that the process was started without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Where a command writes. A standard error that is closed loses words, never the verdict."""

    quiet: bool = False
    verbose: bool = False
    color: bool = False
    is_terminal: bool = False
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """What no line of free text repeats; reports have been made without from the start."""

    def note(self, text: str) -> None:
        """Print a line that is good to know, unless it is to be quiet."""
        if not self.quiet:
            self._line(text)

    def detail(self, text: str) -> None:
        """Print a line that only ``--verbose`` asks for."""
        if self.verbose:
            self._line(text)

    def page(self, text: str) -> None:
        """Print words of our own that have lines and margins, unless it is to be quiet."""
        if not self.quiet:
            self._raw(text)

    def command(self, line: str) -> None:
        """Print a command for the CI system that reads the log; it was made safe where it was made."""
        self._raw(line)

    def warn(self, text: str) -> None:
        self._line(f"warning: {text}")

    def error(self, error: GateError) -> None:
        """Print what went wrong and what to do about it."""
        self._line(f"error: {error.message}")
        for line in error.hint.splitlines():
            self._line(line, indent="  " + line[: len(line) - len(line.lstrip())])
        self.explain(error)

    def explain(self, error: GateError) -> None:
        """Print the traceback of a bug, if ``--verbose`` asks for it."""
        if error.__cause__ is not None:
            for line in "".join(traceback.format_exception(error.__cause__)).splitlines():
                self.detail(redacted(line))  # which may quote whatever the bug came across

    @property
    def width(self) -> int:
        """Return the number of columns of a line that can be written over again."""
        return shutil.get_terminal_size().columns - 1

    def draw(self, text: str) -> None:
        """Write over the current line of a terminal; what goes beyond its width could not be written over again."""
        self._raw(f"\r\x1b[K{self._safe(text)[: self.width]}")

    def clear(self) -> None:
        self._raw("\r\x1b[K")

    def verdict(self, text: str) -> bool:
        """Print the verdict. Return ``False`` if standard output does not take it."""
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except _CLOSED:
            return False
        return True

    def _line(self, text: str, *, indent: str = "") -> None:
        self._raw(f"{self._safe(text, indent)}\n")

    def _safe(self, text: str, indent: str = "") -> str:
        return log_safe(indent + without_credentials(one_line(text), self.secrets))

    @staticmethod
    def _raw(text: str) -> None:
        with suppress(*_CLOSED):
            sys.stderr.write(text)
            sys.stderr.flush()


def console_for(environment: Mapping[str, str], *, quiet: bool, verbose: bool, color: bool | None) -> Console:
    """Return a console that suits where the output goes; ``color`` is ``None`` if it was not chosen."""
    for stream in (sys.stdout, sys.stderr):
        _tolerate_characters(stream)
    # Some runners give their steps a terminal that is not watched.
    is_terminal = _is_terminal(sys.stderr) and environment.get("TERM") != "dumb" and not environment.get("CI")
    wanted = color if color is not None else not environment.get("NO_COLOR")
    return Console(
        quiet=quiet,
        verbose=verbose,
        is_terminal=is_terminal,
        color=wanted and is_terminal and _is_terminal(sys.stdout),
        secrets=secrets_of(environment),
    )


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def _tolerate_characters(stream: TextIO) -> None:
    """Let a stream show a mark for what its encoding does not have, instead of failing the command."""
    with suppress(*_CLOSED):
        stream.reconfigure(errors="replace")  # type: ignore[attr-defined]
