"""Requests, replies, and the ways in which an exchange can fail."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

REPLY_LIMIT = 2**20
"""The maximum size of a status reply or an error page in bytes; the platform's own are a few kilobytes."""


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
    """One reply. The names of headers are in lower case, and the body is decoded."""

    code: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(eq=False)
class Lost(Exception):
    """No complete reply arrived. ``cause`` says why, without a URL or a header.

    ``sent`` means that the request may have reached the platform; ``unknown_host``, that the name of the host could not
    be resolved, and has not been resolved before. ``hint`` says what to do if the cause is not the network.
    """

    cause: str
    _: KW_ONLY
    sent: bool
    hint: str = ""
    unknown_host: bool = False


class TooLarge(Exception):
    """The body is larger than its limit."""


class Wire(Protocol):
    """A client that sends requests."""

    def exchange(self, request: Request, *, seconds: float, limit: int = REPLY_LIMIT) -> Reply:
        """Send a request and return the complete reply, of at most ``limit`` bytes, within ``seconds``.

        Raise ``Lost`` if no complete reply arrives, ``TooLarge`` if it is too large, and ``PlatformError`` if a retry
        cannot help.
        """
        ...
