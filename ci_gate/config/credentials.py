"""The secrets: read from the environment only, stripped, and validated before anything could print them."""

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
"""Matches the name of a secret, as a key of a settings file or as a variable, which may be misspelt."""

_PRIVATE_KEY = "CI_GATE_PRIVATE_KEY"
_PROXY = re.compile(r"(?:https?|all)_proxy", re.IGNORECASE)
_PASSWORD = re.compile(r"(?:.*://)?[^:]*:(.*)@", re.DOTALL)
_PATH = re.compile(
    r"(?:~|\.\.?)[/\\]|[A-Za-z]:[/\\]|file:"
    r"|/(?:builds|dev|etc|home|mnt|opt|private|root|run|secrets?|tmp|Users|usr|var|vault|workspace)/"
)
"""Matches the start of a path. A slash alone is no sign of one, since a base64 secret may begin with a slash."""
_SHORTEST = 8
"""The minimum length of a text to redact, in characters: a shorter one would often occur in output by chance."""


def read_credentials(
    algorithm: RawValue | None, environment: Mapping[str, str]
) -> tuple[Credentials | None, list[str]]:
    """Return the credentials, or ``None`` with the lines that say what is missing.

    Raise ``UsageError`` if two kinds of credentials are set, or if a value is malformed.
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
    """Return the secrets in the environment that no output may contain, whether or not they are used or well-formed.

    The passwords of proxies are included. The client id is not: it names the app, as a user name does.
    """
    found: set[str] = set()
    for name, value in environment.items():
        if name == _PRIVATE_KEY:
            # The path of a key may be shown, but no line of a key, even if its line breaks are escaped or lost.
            is_path = os.path.isfile(value.strip())  # noqa: PTH113 - Path.is_file may raise for the text of a key
            found.update(() if is_path else re.split(r"\\n|\s+|-----[A-Z ]+-----", value))
        elif name.startswith(PREFIX) and name != "CI_GATE_CLIENT_ID" and SECRET_NAME.search(name):
            found.add(value.strip())
        elif _PROXY.fullmatch(name) and (match := _PASSWORD.match(value)):
            found.update((match[1], unquote(match[1])))
    return frozenset(text for text in found if len(text) >= _SHORTEST)


def _text(environment: Mapping[str, str], name: str) -> str:
    """Return a variable, stripped. Raise ``UsageError``, without quoting the value, if ``slip_in`` finds a mistake."""
    value = environment.get(name, "").strip()
    if slip := slip_in(value):
        raise UsageError(f"{name} {slip}", hint="set the variable to the bare text of the secret")
    return value


def _secret(environment: Mapping[str, str], name: str) -> str:
    """Return a secret that fits into an HTTP header: printable ASCII without blanks.

    Raise ``UsageError`` if it is anything else, or the path of a file.
    """
    value = _text(environment, name)
    if not re.fullmatch(r"[!-~]*", value):
        raise UsageError(
            f"{name} contains characters that cannot occur in an id, secret or token",
            hint="copy it again: one line of plain letters, digits and signs, without blanks or a word before it",
        )
    if _PATH.match(value) or os.path.isfile(value):  # noqa: PTH113 - is_file may raise on a long one
        raise UsageError(
            f"{name} is the path of a file instead of its contents",
            hint=f'give the text itself: {name}="$(cat FILE)"; only CI_GATE_PRIVATE_KEY may be a path',
        )
    return value


def _pem(text: str) -> str:
    """Return the private key; ``text`` is the key in PEM form, or the path of a PEM file."""
    if "-----BEGIN" in text:
        # In CI variables, the line breaks of a key are often written as the two characters \n.
        return text.replace("\\n", "\n")
    try:
        key = read_bounded(Path(text))
    except (OSError, ValueError):
        # The message does not quote the text, which may be a key that lost its first line.
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
