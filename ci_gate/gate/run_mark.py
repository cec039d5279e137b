"""The mark of a recorded run: a MAC that proves that the recorder held the secret which signs requests."""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTEXT = b"ci-gate run.json"
"""The salt of the key derivation; it separates this key from any other key derived from the same secret."""

_ROUNDS = 100_000
"""The number of PBKDF2 iterations; they make it expensive to guess the secret from a mark."""


def mark_of(secret: str, run: Mapping[str, object]) -> str:
    """Return ``hmac-sha256:`` and the hexadecimal HMAC of ``run``, under a key that is derived from ``secret``."""
    content = json.dumps(run, sort_keys=True).encode()
    return "hmac-sha256:" + hmac.new(_key(secret), content, hashlib.sha256).hexdigest()


def is_mark_of(secret: str, run: Mapping[str, object], mark: str) -> bool:
    """Return whether ``mark`` is the mark of ``run`` under ``secret``; the marks are compared in constant time."""
    return hmac.compare_digest(mark_of(secret, run).encode(), mark.encode("utf-8", "replace"))


@cache
def _key(secret: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", secret.encode(), _CONTEXT, _ROUNDS)
