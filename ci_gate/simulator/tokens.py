"""The credentials of the simulator's one client application, and the check of the tokens signed with them."""

from __future__ import annotations

import hmac
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ci_gate.simulator.wire import Refusal, invalid_credentials, json_object, malformed_token

if TYPE_CHECKING:
    from collections.abc import Mapping

CLIENT_ID = "cs-04d7b1e9-6f52-5c38-8a90-e1f63b27c5ad"
CLIENT_SECRET = "an-invented-secret-that-opens-nothing-but-the-simulator"  # noqa: S105 - it is meant to be read

DIGESTS = {"HS256": "sha256", "HS512": "sha512"}
CLOCK_SKEW = 60  # seconds by which a caller's clock may be ahead
JTI_HORIZON = 3600  # seconds that a token with a jti may be valid for


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    algorithm: object
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes


class Gate:
    """Accepts a token, or raises `Refusal`; remembers each jti if jtis are enforced."""

    def __init__(self, *, enforce_jti: bool) -> None:
        self._enforce_jti = enforce_jti
        self._seen: set[str] = set()

    def admit(self, raw: str | None, *, now: float) -> None:
        if not raw:
            raise invalid_credentials()
        token = _parse(raw)
        issued = _seconds(token.claims, "iat")
        expires = _seconds(token.claims, "exp")
        too_early = issued is not None and issued > now + CLOCK_SKEW
        too_late = expires is not None and expires <= now
        if too_early or too_late or not _is_genuine(token):
            raise invalid_credentials()
        if self._enforce_jti:
            self._use_once(token.claims.get("jti"), expires, now)

    def _use_once(self, jti: object, expires: float | None, now: float) -> None:
        if not isinstance(jti, str) or not jti:
            raise invalid_credentials()
        if expires is None or expires > now + JTI_HORIZON:
            raise Refusal(401, 'error verifying the jwt: if "jti" claim "exp" must be <= 1 hour(s)')
        if jti in self._seen:
            raise Refusal(401, "error verifying the jwt: possibly a replay")
        self._seen.add(jti)


def _parse(raw: str) -> _Token:
    signed, _, signature = raw.rpartition(".")
    parts = signed.split(".")
    if len(parts) != 2:
        raise malformed_token()
    header, claims = (json_object(_base64(part)) for part in parts)
    if header is None or claims is None:
        raise malformed_token()
    return _Token(algorithm=header.get("alg"), claims=claims, signed=signed.encode(), signature=_base64(signature))


def _base64(text: str) -> bytes:
    try:
        return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise malformed_token() from None


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None or isinstance(value, int | float):
        return value
    raise malformed_token()


def _is_genuine(token: _Token) -> bool:
    digest = DIGESTS.get(str(token.algorithm))
    if digest is None or token.claims.get("appId") != CLIENT_ID:
        return False
    return hmac.compare_digest(hmac.digest(CLIENT_SECRET.encode(), token.signed, digest), token.signature)
