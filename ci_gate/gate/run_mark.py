"""The mark of a recorded run: it shows that whoever recorded the run held the secret that requests are signed with."""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTEXT = b"ci-gate run.json"
"""Keeps the key of marks apart from all else that is made of the same secret."""

_ROUNDS = 100_000
"""What each guess at the secret costs somebody who has a mark: as much as making one."""


def mark_of(secret: str, run: Mapping[str, object]) -> str:
    """Return the HMAC-SHA256 of all that is recorded of a run, under a key that is derived from the secret."""
    content = json.dumps(run, sort_keys=True).encode()
    return "hmac-sha256:" + hmac.new(_key(secret), content, hashlib.sha256).hexdigest()


def is_mark_of(secret: str, run: Mapping[str, object], mark: str) -> bool:
    """Return whether a mark is the one of this run under this secret, in a time that does not depend on either."""
    return hmac.compare_digest(mark_of(secret, run).encode(), mark.encode("utf-8", "replace"))


@cache
def _key(secret: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", secret.encode(), _CONTEXT, _ROUNDS)
