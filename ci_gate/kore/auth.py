"""Tokens for the platform's ``auth`` header. Only home of jwt."""

from __future__ import annotations

import threading
import uuid
import warnings
from typing import TYPE_CHECKING

import jwt

from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

LIFETIME = 240
"""Seconds from now that a token lives: platforms that enforce JTI allow an hour, and ours is used at once."""

LEEWAY = 60
"""Seconds by which tokens are issued in the past: a clock may be that much ahead of the platform's."""

_LATEST = 1e12  # s since the epoch; what is beyond is no moment
_signing = threading.Lock()


def signer(*, client_id: str, key: str, algorithm: str, now: Callable[[], float]) -> Callable[[], str]:
    """Return a function that signs a fresh token at every call, since an app may accept each ``jti`` only once.

    Claims as the platform documents them: ``appId`` (spelt so), ``sub``, ``iat``, ``exp`` and ``jti``. ``now`` returns
    seconds since the epoch. Raise ``UsageError`` here, before anything is started, if the key cannot sign.
    """

    def sign() -> str:
        signed_at = int(now())
        claims = {
            "appId": client_id,
            "sub": client_id,
            "iat": signed_at - LEEWAY,
            "exp": signed_at + LIFETIME,
            "jti": str(uuid.uuid4()),
        }
        # The length of the secret is the platform's choice; the library's warning about it would be of no use, and has
        # no name of its own in every version. Warning filters belong to the whole process, hence the lock.
        with _signing, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return jwt.encode(claims, key, algorithm=algorithm)

    try:
        sign()
    except NotImplementedError:
        raise UsageError(
            f"{algorithm} needs a cryptography library that is not installed", hint="pip install 'ci-gate[crypto]'"
        ) from None
    except Exception:
        # A public key, one with a passphrase, half a key: each fails in a way of its own. The library's own text is not
        # repeated: it might quote the key.
        kind = "private key" if algorithm.startswith("RS") else "client secret"
        raise UsageError(f"the {kind} cannot sign with {algorithm}", hint="is it the right one, and whole?") from None
    return sign


def expiry(token: str) -> float | None:
    """Return when a ready token expires, in seconds since the epoch; ``None`` if it does not say or is no JWT."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return None
    value = claims.get("exp")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < _LATEST else None
