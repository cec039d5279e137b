"""What goes over the wire, what comes back, and what can become of it on the way."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

REPLY_LIMIT = 2**20
"""Bytes of a status reply or an error page that are read; the platform's own are a few kilobytes."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``target`` is path and query byte for byte; ``headers`` may hold the token."""

    method: str
    origin: str
    target: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply; header names are in lower case, the body is decoded."""

    code: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(eq=False)
class Lost(Exception):
    """No whole reply came, for a cause in words that hold no URL and no header.

    ``sent``: whether the request may have reached the platform. ``hint`` says how to mend it if the cause is not the
    network. ``unknown_host``: whether the name of the host could not be resolved, now or ever before.
    """

    cause: str
    _: KW_ONLY
    sent: bool
    hint: str = ""
    unknown_host: bool = False


class TooLarge(Exception):
    """The body is longer than it may be."""


class Wire(Protocol):
    """What carries requests."""

    def exchange(self, request: Request, *, seconds: float, limit: int = REPLY_LIMIT) -> Reply:
        """Send a request and return the whole reply, within ``seconds`` and ``limit`` bytes.

        Raise ``Lost``, ``TooLarge``, or ``PlatformError`` if trying again cannot help.
        """
        ...
