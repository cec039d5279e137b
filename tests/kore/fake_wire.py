"""A wire without a network: it gives prepared replies and keeps what it was asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_gate.kore.wire import REPLY_LIMIT, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class FakeWire:
    """Gives its ``replies`` one after the other, and raises those that are exceptions."""

    replies: list[Reply | Exception]
    requests: list[Request] = field(default_factory=list)
    bounds: list[tuple[float, int]] = field(default_factory=list)

    def exchange(self, request: Request, *, seconds: float, limit: int = REPLY_LIMIT) -> Reply:
        """Answer from the list; a request too many is a mistake of the code under test."""
        self.requests.append(request)
        self.bounds.append((seconds, limit))
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    @property
    def lines(self) -> list[str]:
        """Method, origin and target of every request."""
        return [f"{request.method} {request.origin}{request.target.decode()}" for request in self.requests]


def reply(code: int = 200, document: object = None, headers: Mapping[str, str] | None = None) -> Reply:
    """Write a reply; bytes stay as they are, anything else becomes JSON."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Reply(code, headers or {}, body)


def refused(code: int, message: str, inner: int | None = None, headers: Mapping[str, str] | None = None) -> Reply:
    """Write a refusal in the platform's shape."""
    return reply(code, {"errors": [{"msg": message, "code": code if inner is None else inner}]}, headers)
