"""Secrets: taken from the environment only, stripped, and checked before anything could print them."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ci_gate.bounded_files import read_bounded
from ci_gate.config.options import PREFIX
from ci_gate.config.parsers import read_word, slip_in
from ci_gate.config.settings import Credentials
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_gate.config.raw_value import RawValue

ALGORITHMS = ("HS256", "HS512", "RS256", "RS512")
SECRET_NAME = re.compile(r"secret|jwt$|token|client[_-]?id|private[_-]?key|password", re.IGNORECASE)
"""What a secret is called, in a settings file or by a mistyped variable."""

_PRIVATE_KEY = "CI_GATE_PRIVATE_KEY"
_PROXY = re.compile(r"(?:https?|all)_proxy", re.IGNORECASE)
_PASSWORD = re.compile(r"(?:.*://)?[^:]*:(.*)@", re.DOTALL)
_PATH = re.compile(
    r"(?:~|\.\.?)[/\\]|[A-Za-z]:[/\\]|file:"
    r"|/(?:builds|dev|etc|home|mnt|opt|private|root|run|secrets?|tmp|Users|usr|var|vault|workspace)/"
)
"""How a path begins that no secret begins with by chance, since those in base64 may begin with a slash, too."""
_SHORTEST = 8
"""A mark replaces its text wherever that is shown, so it must be too long to stand there by chance."""


def read_credentials(
    algorithm: RawValue | None, environment: Mapping[str, str]
) -> tuple[Credentials | None, list[str]]:
    """Return the credentials, or what is missing in lines that can be shown.

    Raise ``UsageError`` if they contradict each other, or cannot be what they are meant to be.
    """
    token = _secret(environment, "CI_GATE_JWT")
    client_id = _secret(environment, "CI_GATE_CLIENT_ID")
    secret = _secret(environment, "CI_GATE_CLIENT_SECRET")
    private_key = _text(environment, _PRIVATE_KEY)
    parts = {"CI_GATE_CLIENT_ID": client_id, "CI_GATE_CLIENT_SECRET": secret, "CI_GATE_PRIVATE_KEY": private_key}
    given = [name for name, value in parts.items() if value]
    chosen = algorithm.read(partial(read_word, words=ALGORITHMS)) if algorithm else "HS256"
    if token and given:
        raise UsageError(
            f"two kinds of credentials are set: CI_GATE_JWT, and {', '.join(given)}",
            hint="unset one kind, so that it is clear which is used",
        )
    if token:
        return Credentials(token=token), []
    wants_key = chosen.startswith("RS")
    if client_id and wants_key and private_key:
        return Credentials(client_id=client_id, key=_pem(private_key), algorithm=chosen), []
    if client_id and secret and not wants_key:
        return Credentials(client_id=client_id, key=secret, algorithm=chosen), []
    second = "CI_GATE_PRIVATE_KEY" if wants_key else "CI_GATE_CLIENT_SECRET"
    line = f"  credentials: CI_GATE_CLIENT_ID with {second}, or CI_GATE_JWT, as environment variables"
    if given:
        line += f"; so far there is {', '.join(given)}"
    if private_key and not wants_key:
        line += "; a private key needs --jwt-algorithm RS256 or RS512"
    if secret and wants_key:
        line += f"; {chosen} signs with a private key, HS256 and HS512 with a secret"
    return None, [f"{line}; CI systems keep secrets from forks and unprotected branches"]


def secrets_of(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the texts of secrets that the environment holds, whether or not they are used or well-formed.

    The client id is none: it names the app, as a user name does.
    """
    found: set[str] = set()
    for name, value in environment.items():
        if name == _PRIVATE_KEY:
            # Its path may be shown, its lines not, nor what is left of them if the line breaks got lost.
            found.update(() if os.path.isfile(value.strip()) else re.split(r"\\n|\s+|-----[A-Z ]+-----", value))  # noqa: PTH113
        elif name.startswith(PREFIX) and name != "CI_GATE_CLIENT_ID" and SECRET_NAME.search(name):
            found.add(value.strip())
        elif _PROXY.fullmatch(name) and (match := _PASSWORD.match(value)):
            found.update((match[1], unquote(match[1])))
    return frozenset(text for text in found if len(text) >= _SHORTEST)


def _text(environment: Mapping[str, str], name: str) -> str:
    """Return the text of a variable, which never goes into a message."""
    value = environment.get(name, "").strip()
    if slip := slip_in(value):
        raise UsageError(f"{name} {slip}", hint="set the variable to the bare text of the secret")
    return value


def _secret(environment: Mapping[str, str], name: str) -> str:
    """Return a secret of the environment that fits into a header."""
    value = _text(environment, name)
    if not re.fullmatch(r"[!-~]*", value):
        raise UsageError(
            f"{name} holds characters that no id, secret or token has",
            hint="copy it again: one line of plain letters, digits and signs, without blanks or a word before it",
        )
    if _PATH.match(value) or os.path.isfile(value):  # noqa: PTH113 - what is too long for a path is no file, and no error
        raise UsageError(
            f"{name} is the path of a file, and not what stands in it",
            hint=f'give the text itself: {name}="$(cat FILE)"; only CI_GATE_PRIVATE_KEY may be a path',
        )
    return value


def _pem(text: str) -> str:
    """Return a private key, which is given as PEM text or as the path of a file."""
    if "-----BEGIN" in text:
        # CI variables often hold the line breaks of a key as the two characters \n.
        return text.replace("\\n", "\n")
    try:
        key = read_bounded(Path(text))
    except (OSError, ValueError):
        # What is no path may be a key without its first line, so it is not repeated.
        raise UsageError(
            "CI_GATE_PRIVATE_KEY is neither PEM text nor the path of a file that can be read",
            hint="give the key from -----BEGIN to its last line, or the path of its file",
        ) from None
    if b"-----BEGIN" not in key:
        raise UsageError(
            "the file that CI_GATE_PRIVATE_KEY names is not a PEM key",
            hint="a PEM key starts with -----BEGIN; openssl converts other forms",
        )
    return key.decode("utf-8", "replace").strip()
