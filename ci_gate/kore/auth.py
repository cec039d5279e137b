"""Signed tokens for the platform's ``auth`` header. Only home of jwt."""

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
"""Seconds until a token expires. Platforms that enforce JTI allow up to an hour, but each token is used at once."""

LEEWAY = 60
"""Seconds by which ``iat`` lies in the past: this machine's clock may be ahead of the platform's."""

_LATEST = 1e12  # seconds since the epoch; a later time is implausible
_signing = threading.Lock()


def signer(*, client_id: str, key: str, algorithm: str, now: Callable[[], float]) -> Callable[[], str]:
    """Return a function that signs a fresh token at every call, since an app may accept each ``jti`` only once.

    The claims are those that the platform documents: ``appId`` (spelt so), ``sub``, ``iat``, ``exp`` and ``jti``.
    ``now`` returns seconds since the epoch. Raise ``UsageError`` here, before any run is started, if the key cannot
    sign.
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
        # The platform chooses the length of the secret, so the library's warning about it is of no use. All warnings
        # are ignored, since not every version has a class for this one. Filters are global, hence the lock.
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
        # A public key, a key with a passphrase and half a key each raise another exception. Its text is not repeated,
        # since it might quote the key.
        kind = "private key" if algorithm.startswith("RS") else "client secret"
        raise UsageError(
            f"the {kind} cannot sign with {algorithm}", hint="is it the right key, and complete?"
        ) from None
    return sign


def expiry(token: str) -> float | None:
    """Return when a token expires, in seconds since the epoch; ``None`` if it is no JWT or has no plausible ``exp``."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return None
    value = claims.get("exp")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < _LATEST else None
