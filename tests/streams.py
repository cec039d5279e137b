"""Streams that behave like a terminal, or like a pipe whose reader is gone or late."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable


class Terminal(io.StringIO):
    """A terminal that a person looks at."""

    def isatty(self) -> bool:
        return True


class BrokenPipe(io.StringIO):
    """A pipe whose reader is gone."""

    def write(self, _text: str) -> NoReturn:
        raise BrokenPipeError(32, "Broken pipe")


class FullPipe(io.StringIO):
    """A pipe that is full and does not block."""

    def write(self, _text: str) -> NoReturn:
        raise BlockingIOError(11, "write could not complete without blocking")


@dataclass
class Watched(io.StringIO):
    """A stream that calls ``at_first`` before the first write."""

    at_first: Callable[[], object]
    _begun: bool = field(default=False, init=False)

    def write(self, text: str) -> int:

        if not self._begun:
            self._begun = True
            self.at_first()
        return super().write(text)


def encoded_in(encoding: str) -> io.TextIOWrapper:
    """Return a stream that refuses characters which ``encoding`` lacks."""
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
