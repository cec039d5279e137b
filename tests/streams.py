"""Streams that behave like a terminal, or like a pipe whose reader has gone."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable


class Terminal(io.StringIO):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class BrokenPipe(io.StringIO):
    """Nobody reads what is written here."""

    def write(self, _text: str) -> NoReturn:
        """Refuse."""
        raise BrokenPipeError(32, "Broken pipe")


class FullPipe(io.StringIO):
    """It does not wait for its reader, who is late."""

    def write(self, _text: str) -> NoReturn:
        """Refuse."""
        raise BlockingIOError(11, "write could not complete without blocking")


@dataclass
class Watched(io.StringIO):
    """Does something at the first thing that is written."""

    at_first: Callable[[], object]
    _begun: bool = field(default=False, init=False)

    def write(self, text: str) -> int:
        """Write, after that."""
        if not self._begun:
            self._begun = True
            self.at_first()
        return super().write(text)


def encoded_in(encoding: str) -> io.TextIOWrapper:
    """A stream whose encoding does not have every character, and which insists on that."""
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
