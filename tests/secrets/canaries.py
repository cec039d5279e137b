"""The secrets that are planted: invented anew for every run of the tests."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes import EPOCH

_SIGNS = "\"<&'%+/=>$"


def odd(pieces: int = 8) -> str:
    """Return a secret of which every few characters change in some encoding."""
    return secrets.choice("xyz") + "".join(secrets.token_hex(2) + secrets.choice(_SIGNS) for _ in range(pieces))


def signature() -> str:
    """Return a signature that a URL contains without escapes."""
    return secrets.token_urlsafe(24) + "$$"


def token(*, expires_in: float = 3600.0) -> str:
    """Return a token in the form of a JWT."""
    header, claims = ({"alg": "HS256"}, {"sub": secrets.token_hex(8), "exp": EPOCH + expires_in})
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), secrets.token_bytes(32)]
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def told_by(a_token: str) -> str:
    """Return a token without its header, which is the same in all tokens."""
    return a_token.partition(".")[2] or a_token


@cache
def private_key() -> str:
    """Return a private key in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


def body_of(pem: str) -> str:
    """Return a key without its first and last line."""
    return "".join(pem.splitlines()[1:-1])
