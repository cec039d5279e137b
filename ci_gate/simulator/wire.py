"""What crosses the wire, apart from sockets: a request, a reply, and the platform's words for no."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call; `path` and `query` are as they were sent, percent signs included."""

    method: str
    path: str
    query: str = ""
    token: str | None = None  # header `auth`
    language: str | None = None  # header `bot-language`
    body: bytes = b""


class Delivery(StrEnum):
    """How much of a reply reaches the caller."""

    WHOLE = "whole"
    TORN = "torn"  # the head promises more than is sent
    RESET = "reset"  # the connection breaks before the first byte


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    delivery: Delivery = Delivery.WHOLE


class Refusal(Exception):
    """A no in the platform's error shape, raised wherever it becomes clear and sent as `reply`."""

    def __init__(self, status: int, message: str, code: int | None = None) -> None:
        super().__init__(message)
        errors = [{"msg": message, "code": status if code is None else code}]
        self.reply = json_reply({"errors": errors}, status=status)


def json_reply(document: dict[str, Any], *, status: int = 200) -> Reply:
    return Reply(status=status, body=json.dumps(document, ensure_ascii=False).encode())


def json_object(raw: bytes) -> dict[str, Any] | None:
    """Return the JSON object in `raw`, or None if it holds anything else."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):  # recursion: a few kilobytes of opening brackets are enough
        return None
    return document if isinstance(document, dict) else None


# The first three share a code on the platform: only the text tells a bad token from a missing scope.
invalid_credentials = partial(Refusal, 401, "Invalid SDK credentials", 4002)
wrong_scope = partial(Refusal, 401, "Permission denied. Scope is incorrect!", 4002)
malformed_token = partial(Refusal, 401, "Invalid JWT token", 4002)
invalid_arguments = partial(Refusal, 412, "Validation errors/ Invalid arguments")
suite_not_found = partial(Refusal, 400, "Test Suite not found")
run_not_found = partial(Refusal, 400, "Test Result not found.")
