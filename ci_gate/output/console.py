"""Writes to the terminal or log: the verdict to standard output, all other text, made safe, to standard error."""

from __future__ import annotations

import errno
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
"""The exceptions of a stream that is closed, broken or ``None``, as in a process that was started without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The standard streams of a command. If standard error is closed, messages are lost, but never the verdict."""

    quiet: bool = False
    verbose: bool = False
    color: bool = False
    is_terminal: bool = False
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """The secrets of the environment, which are cut out of every line of free text; reports contain none of them."""

    def note(self, text: str) -> None:
        """Print a line for information, unless ``quiet`` is set."""
        if not self.quiet:
            self._line(text)

    def detail(self, text: str) -> None:
        """Print a line only if ``verbose`` is set."""
        if self.verbose:
            self._line(text)

    def page(self, text: str) -> None:
        """Print a text of the gate itself unchanged, with its lines and margins, unless ``quiet`` is set."""
        if not self.quiet:
            self._raw(text)

    def command(self, line: str) -> None:
        """Print a command for the CI system that reads the log; the caller has escaped its values."""
        self._raw(line)

    def warn(self, text: str) -> None:
        self._line(f"warning: {text}")

    def error(self, error: GateError) -> None:
        """Print the message and the hint of an error, and the traceback behind it if ``verbose`` is set."""
        self._line(f"error: {error.message}")
        for line in error.hint.splitlines():
            self._line(line, indent="  " + line[: len(line) - len(line.lstrip())])
        self.explain(error)

    def explain(self, error: GateError) -> None:
        """If ``verbose`` is set, print the traceback of the exception behind the error, if there is one."""
        if error.__cause__ is not None:
            for line in "".join(traceback.format_exception(error.__cause__)).splitlines():
                self.detail(redacted(line))  # a traceback may quote any value

    @property
    def width(self) -> int:
        """The largest number of columns of a line that ``draw`` can overwrite."""
        return shutil.get_terminal_size().columns - 1

    def draw(self, text: str) -> None:
        """Overwrite the current line of a terminal with ``text``, cut to ``width``: a wrapped line would remain."""
        self._raw(f"\r\x1b[K{self._safe(text)[: self.width]}")

    def clear(self) -> None:
        self._raw("\r\x1b[K")

    def verdict(self, text: str) -> str:
        """Print the verdict. Return the reason if standard output does not accept it, else an empty text."""
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BlockingIOError:
            return "standard output is full and non-blocking"
        except _CLOSED as problem:
            no_room = isinstance(problem, OSError) and problem.errno == errno.ENOSPC
            return "standard output has no room left" if no_room else "standard output is closed"
        return ""

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
    """Return a console for the standard streams; unless ``color`` is ``None``, it overrides ``NO_COLOR``."""
    for stream in (sys.stdout, sys.stderr):
        _tolerate_characters(stream)
    # Some CI runners give their steps a terminal although the output goes to a log.
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
    """Make a stream print a mark for characters that its encoding lacks, instead of raising an error."""
    with suppress(*_CLOSED):
        stream.reconfigure(errors="replace")  # type: ignore[attr-defined]
