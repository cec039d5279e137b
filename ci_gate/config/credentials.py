"""Secrets: taken from the environment only, stripped, and checked before anything could print them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ci_gate.config.settings import Credentials
from ci_gate.config.values import read_word
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_gate.config.sources import Given

ALGORITHMS = ("HS256", "HS512", "RS256", "RS512")


def read_credentials(algorithm: Given | None, environment: Mapping[str, str]) -> tuple[Credentials | None, list[str]]:
    """Read the credentials, or say what is missing. Raises ``UsageError`` where they contradict each other."""
    token = _secret(environment, "CI_GATE_JWT")
    client_id = _secret(environment, "CI_GATE_CLIENT_ID")
    secret = _secret(environment, "CI_GATE_CLIENT_SECRET")
    private_key = environment.get("CI_GATE_PRIVATE_KEY", "").strip()
    chosen = algorithm.read(partial(read_word, words=ALGORITHMS)) if algorithm else "HS256"
    if token and (client_id or secret or private_key):
        raise UsageError(
            "two kinds of credentials are set: CI_GATE_JWT, and client id, secret or private key",
            hint="unset one of them, so that it is clear which is used",
        )
    if token:
        return Credentials(token=token), []
    wants_key = chosen.startswith("RS")
    if client_id and wants_key and private_key:
        return Credentials(client_id=client_id, key=_pem(private_key), algorithm=chosen), []
    if client_id and secret and not wants_key:
        return Credentials(client_id=client_id, key=secret, algorithm=chosen), []
    second = "CI_GATE_PRIVATE_KEY" if wants_key else "CI_GATE_CLIENT_SECRET"
    have = ["CI_GATE_CLIENT_ID"] * bool(client_id) + [second] * bool(private_key if wants_key else secret)
    state = f" ({have[0]} is set, the other is not)" if have else ""
    protected = "in CI: is the variable protected, or masked for this branch?"
    return None, [f"  credentials: CI_GATE_CLIENT_ID with {second}, or CI_GATE_JWT{state}; {protected}"]


def _secret(environment: Mapping[str, str], name: str) -> str:
    """Take a secret that fits into a header; its text never goes into a message."""
    value = environment.get(name, "").strip()
    if not (value.isascii() and value.isprintable()):
        raise UsageError(
            f"{name} holds characters that no secret or token has", hint="copy it again, without line breaks"
        )
    return value


def _pem(text: str) -> str:
    """Take a private key as PEM text or as the path of a file."""
    if "-----BEGIN" in text:
        # CI variables often hold the line breaks of a key as the two characters \n.
        return text.replace("\\n", "\n")
    try:
        key = Path(text).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        raise UsageError("CI_GATE_PRIVATE_KEY is neither PEM text nor the path of a readable file") from None
    if "-----BEGIN" not in key:
        raise UsageError("the file that CI_GATE_PRIVATE_KEY names is not a PEM key")
    return key
