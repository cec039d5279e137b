"""Requests and replies, limited in time and size; no error holds a secret. Only home of httpx."""

from ci_gate.kore.wire.http import HttpWire
from ci_gate.kore.wire.messages import REPLY_LIMIT, Lost, Reply, Request, TooLarge, Wire

__all__ = ["REPLY_LIMIT", "HttpWire", "Lost", "Reply", "Request", "TooLarge", "Wire"]
