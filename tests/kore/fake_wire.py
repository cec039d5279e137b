"""A wire without a network: returns prepared replies and records the requests."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_gate.kore.wire import REPLY_LIMIT, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class FakeWire:
    """A wire that returns its ``replies`` in order, and raises those that are exceptions."""

    replies: list[Reply | Exception]
    requests: list[Request] = field(default_factory=list)
    bounds: list[tuple[float, int]] = field(default_factory=list)

    def exchange(self, request: Request, *, seconds: float, limit: int = REPLY_LIMIT) -> Reply:
        """Return the next reply; one request too many raises ``IndexError``."""
        self.requests.append(request)
        self.bounds.append((seconds, limit))
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    @property
    def lines(self) -> list[str]:
        """Return method, origin and target of every request."""
        return [f"{request.method} {request.origin}{request.target.decode()}" for request in self.requests]


def reply(code: int = 200, document: object = None, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply; a ``document`` that is not bytes is encoded as JSON."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Reply(code, headers or {}, body)


def refused(code: int, message: str, inner: int | None = None, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a refusal in the platform's form."""
    return reply(code, {"errors": [{"msg": message, "code": code if inner is None else inner}]}, headers)
