"""Tokens: their claims and signatures, and the error when a key cannot sign."""

from __future__ import annotations

import base64

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.errors import UsageError
from ci_gate.kore.auth import expiry, signer

NOW = 1_790_000_000.75
CLIENT = "cs-11111111-2222-5333-8444-555555555555"
SECRET = "an invented secret that is long enough for every digest in use, all 64 bytes"

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = RSA_KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, passphrase: bytes | None = None) -> str:
    how = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how).decode()


def unsigned(claims: bytes, header: bytes = b'{"alg": "HS256"}') -> str:
    """Return a token with an invalid signature."""
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, claims, b"signature"))


def test_every_token_is_new_and_lives_for_minutes() -> None:
    token = signer(client_id=CLIENT, key=SECRET, algorithm="HS256", now=lambda: NOW)()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims.pop("jti")
    assert claims == {"appId": CLIENT, "sub": CLIENT, "iat": 1_789_999_940, "exp": 1_790_000_240}
    assert claims["exp"] - claims["iat"] <= 300
    moments = iter((NOW, NOW + 1, NOW + 2, NOW + 3))
    sign = signer(client_id=CLIENT, key=SECRET, algorithm="HS256", now=lambda: next(moments))
    several = [jwt.decode(sign(), options={"verify_signature": False}) for _ in range(3)]
    assert len({claim["jti"] for claim in several}) == 3
    assert [claim["iat"] for claim in several] == [1_789_999_941, 1_789_999_942, 1_789_999_943]


def test_token_of_each_algorithm_can_be_verified() -> None:
    for algorithm, key, public in (
        *(("HS256", SECRET, SECRET.encode()), ("HS512", SECRET, SECRET.encode())),
        *(("RS256", pem(RSA_KEY), PUBLIC), ("RS512", pem(RSA_KEY), PUBLIC)),
    ):
        token = signer(client_id=CLIENT, key=key, algorithm=algorithm, now=lambda: NOW)()
        assert jwt.get_unverified_header(token)["alg"] == algorithm
        options = {"verify_exp": False, "verify_iat": False}
        claims = jwt.decode(token, public, algorithms=[algorithm], options=options)  # type: ignore[arg-type]
        assert claims["appId"] == CLIENT


def test_short_secret_signs_without_a_warning() -> None:
    # Warnings are errors in these tests.
    for algorithm in ("HS256", "HS512"):
        assert signer(client_id=CLIENT, key="short", algorithm=algorithm, now=lambda: NOW)()


@pytest.mark.parametrize(("algorithm", "key", "kind"), [
    pytest.param("HS256", pem(RSA_KEY), "client secret", id="private key as a secret"),
    pytest.param("RS256", "not-a-key-at-all", "private key", id="no PEM"),
    pytest.param("RS256", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "private key", id="torn"),
    pytest.param("RS512", pem(ec.generate_private_key(ec.SECP256R1())), "private key", id="elliptic curve"),
    pytest.param("RS256", pem(RSA_KEY, b"passphrase"), "private key", id="with a passphrase"),
    pytest.param("RS256", PUBLIC.decode(), "private key", id="public key"),
])  # fmt: skip
def test_key_that_cannot_sign_is_a_usage_error_that_does_not_show_it(algorithm: str, key: str, kind: str) -> None:
    with pytest.raises(UsageError) as caught:
        signer(client_id=CLIENT, key=key, algorithm=algorithm, now=lambda: NOW)
    assert caught.value.message == f"the {kind} cannot sign with {algorithm}"
    assert caught.value.__suppress_context__
    shown = caught.value.message + caught.value.hint
    assert not any(line in shown for line in key.splitlines())


def test_missing_cryptography_library_is_a_usage_error_that_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(*args: object, **options: object) -> str:
        raise NotImplementedError("Algorithm 'RS256' could not be found")

    monkeypatch.setattr(jwt, "encode", encode)
    with pytest.raises(UsageError, match="RS256 needs a cryptography library") as caught:
        signer(client_id=CLIENT, key=pem(RSA_KEY), algorithm="RS256", now=lambda: NOW)
    assert caught.value.hint == "pip install 'ci-gate[crypto]'"


def test_expiry_of_a_ready_token_is_read_if_it_has_one() -> None:
    seconds = {
        b'{"exp": 1790000240}': 1_790_000_240.0, b'{"exp": 1790000240.5}': 1_790_000_240.5, b'{"exp": 1}': 1.0,
        b"{}": None, b'{"exp": null}': None, b'{"exp": true}': None, b'{"exp": "1790000240"}': None,
        b'{"exp": [1790000240]}': None, b'{"exp": NaN}': None, b'{"exp": 1e999}': None,
        b'{"exp": ' + b"9" * 400 + b"}": None, b"[1790000240]": None, b"\xff": None,
    }  # fmt: skip
    assert {claims: expiry(unsigned(claims)) for claims in seconds} == seconds
    assert expiry("eyJhbGciOiJSU0EtT0FFUCJ9.key.iv.text.tag") is None, "an encrypted one"


@given(st.text(st.characters(codec="ascii")) | st.binary().map(unsigned))
def test_any_text_has_an_expiry_or_none(token: str) -> None:
    assert isinstance(expiry(token), float | None)
