"""Requests and replies, bounded in time and size, and without a secret in any error. Only home of httpx."""

from ci_gate.kore.wire.http import HttpWire
from ci_gate.kore.wire.messages import REPLY_LIMIT, Lost, Reply, Request, TooLarge, Wire

__all__ = ["REPLY_LIMIT", "HttpWire", "Lost", "Reply", "Request", "TooLarge", "Wire"]
