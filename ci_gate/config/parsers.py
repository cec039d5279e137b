"""Parsers for the text of single settings; each raises ``ValueError`` with a message on what to write instead."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ci_gate.core.text.decimals import read_decimal
from ci_gate.core.text.nearest import closest

if TYPE_CHECKING:
    from collections.abc import Iterable

# A number without a unit means seconds, so it must stand alone: in 1h30, most people would take 30 for minutes.
_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?|(\d{1,8})", re.ASCII)
_SIZE = re.compile(r"(\d{1,12})\s*(b|kib|mib|gib|kb|mb|gb)?", re.ASCII)
_UNITS = {"b": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30, "kb": 10**3, "mb": 10**6, "gb": 10**9}
_LEAST_ALPHA = Fraction(1, 1_000_000)
"""The smallest accepted significance level.

No feasible number of runs could verify a lower rate of false alarms. In addition, 1 minus the part of alpha that a
single test gets must differ from 1 in floating point.
"""
_LONGEST = 7 * 24 * 3600.0
_LARGEST = 2**30
_CONTROL = ("Cc", "Cs", "Zl", "Zp")
_QUOTES = "\"'`“”„‘’"
_UNEXPANDED = re.compile(r"\$[a-z_]\w*|\$\{.*\}|\$\(.*\)|%[a-z_]\w*%|\{\{.*\}\}", re.ASCII | re.IGNORECASE | re.DOTALL)
_PLACEHOLDER = re.compile(r"st-0{8}-(?:0{4}-){3}0{10}\d\d|.*(?:…|\.\.\.).*", re.ASCII | re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
_ONE_SLASH = re.compile(r"https?:(?!//)", re.IGNORECASE)


def nearest(word: str, known: Iterable[str], *, prefix: str = "") -> str:
    """Return a hint for an unknown ``word``: the most similar known word, or all of them if none is similar.

    ``prefix`` is left out of the comparison, since it would make all words look alike.
    """
    names = {name.removeprefix(prefix).casefold(): name for name in known}
    near = closest(word.removeprefix(prefix), names)
    return f"did you mean '{names[near]}'?" if near else f"known are {', '.join(names.values())}"


def read_word(text: str, words: Iterable[str]) -> str:
    """Return the entry of ``words`` that equals ``text``, whatever the case of either."""
    words = tuple(words)
    for word in words:
        if word.casefold() == text.strip().casefold():
            return word
    raise ValueError(f"'{text}' is not one of {', '.join(words)}")


def read_switch(text: str) -> bool:
    word = read_word(text, ("true", "false", "yes", "no", "on", "off", "1", "0"))
    return word in ("true", "yes", "on", "1")


def read_duration(text: str) -> float:
    """Parse a duration such as 90s, 45m, 1h30m or a bare number of seconds. Return seconds, at most a week."""
    match = _DURATION.fullmatch(text.strip())
    hours, minutes, seconds, bare = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    total = float(hours * 3600 + minutes * 60 + seconds + bare)
    if not total:
        raise ValueError(f"'{text}' is not a time like 90s, 45m or 1h30m, nor a number of seconds above 0")
    if total > _LONGEST:
        raise ValueError(f"'{text}' is longer than the maximum of one week")
    return total


def read_size(text: str) -> int:
    """Parse a size such as 16MiB or a bare number of bytes. Return bytes, at most 1 GiB."""
    match = _SIZE.fullmatch(text.strip().lower())
    if not match or not int(match[1]):
        raise ValueError(f"'{text}' is not a size like 16MiB, nor a number of bytes above 0")
    size = int(match[1]) * _UNITS[match[2] or "b"]
    if size > _LARGEST:
        raise ValueError(f"'{text}' is more than 1GiB, which is the most")
    return size


def read_count(text: str) -> int:
    """Parse an integer above 0."""
    return read_whole(text, least=1, wanted="above 0")


def read_whole(text: str, *, least: int, wanted: str = "") -> int:
    """Parse an integer of at least ``least``; ``wanted`` describes that range in the error message."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= least):
        raise ValueError(f"'{text}' is not a whole number {wanted or f'of {least} or more'}")
    return int(text)


def read_alpha(text: str) -> Fraction:
    """Parse a significance level between 0 and 0.5, such as 0.05 or 5%."""
    percent = text.strip().endswith("%")
    value = read_decimal(text.strip().removesuffix("%").rstrip())
    alpha = value / 100 if percent and value is not None else value
    if alpha is None or not 0 < alpha < Fraction(1, 2):
        raise ValueError(f"'{text}' is not a chance between 0 and 0.5, like 0.05 or 5%")
    if alpha < _LEAST_ALPHA:
        raise ValueError(f"'{text}' is a chance below 0.000001, which no test can be held to; 0.05 or 5% is usual")
    return alpha


def read_port(text: str) -> int:
    """Parse a port number; 0 stands for any free port."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise ValueError(f"'{text}' is not a port from 0 to 65535")
    return int(text)


def read_name(text: str) -> str:
    """Parse a name or an id that becomes one segment of a URL."""
    name = text.strip()
    if not name:
        raise ValueError("the value is empty; give a name, or leave the setting out")
    if name in (".", ".."):
        raise ValueError(f"'{name}' cannot be a name: in a URL it stands for a folder")
    if any(unicodedata.category(char) in _CONTROL for char in name):
        raise ValueError("the name holds a line break or another control character; write it on one line")
    return name


def slip_in(text: str) -> str:
    """Return the mistake in an id or a secret, as the end of a sentence; an empty text if none is found.

    Two mistakes are recognised: quotation marks around the text, and the name of a variable that was not expanded.
    """
    if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES:
        return "is in quotation marks, which become part of the value: remove them"
    if _UNEXPANDED.fullmatch(text):
        return "is the name of a variable that was not expanded: is that variable defined in this job?"
    return ""


def read_bot_id(text: str) -> str:
    """Parse the bot id for requests. Raise ``ValueError`` for common mistakes, such as a client id or a placeholder."""
    name = read_name(text)
    if slip := slip_in(name):
        raise ValueError(f"'{name}' {slip}")
    if any(map(str.isspace, name)):
        raise ValueError(
            f"'{name}' contains a blank, which no bot id does; is this the bot's name? the id begins with st-"
        )
    if name.casefold().startswith("cs-"):
        raise ValueError("what begins with cs- is a client id, for CI_GATE_CLIENT_ID; the id of a bot begins with st-")
    if _PLACEHOLDER.fullmatch(name):
        raise ValueError(f"'{name}' is a placeholder from the README or the examples: use the id of your own bot")
    return name


def read_code(text: str) -> str:
    """Parse a language code, which is sent as an HTTP header."""
    code = text.strip()
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,35}", code):
        raise ValueError(f"'{text}' is not a language code like en, de or pt-BR")
    return code


def read_path(text: str) -> Path:
    """Parse the path of a file or folder, which need not exist."""
    if not text.strip() or "\0" in text:
        raise ValueError(f"'{text}' is not a path")
    return Path(text)


def read_existing_file(text: str) -> str:
    """Parse the path of a file that must exist."""
    if "-----BEGIN" in text:
        raise ValueError("expected the path of a file, not its contents; save the text to a file first")
    try:
        found = read_path(text).is_file()
    except OSError as problem:
        raise ValueError(f"'{text}' cannot be read: {problem.strerror}") from None
    if not found:
        raise ValueError(f"there is no file '{text}'")
    return text


def read_base_url(text: str, *, allow_http: bool) -> str:
    """Parse the platform's address, a host name or a base URL. Return a base URL without a trailing slash.

    A host name gets https. Plain http is accepted for a loopback host, or for any host with ``allow_http``.
    """
    text = text.strip()
    # The text may hold a password or a signature, so these two messages do not quote it.
    if "@" in text:
        instead = "set CI_GATE_CLIENT_ID and CI_GATE_CLIENT_SECRET, or CI_GATE_JWT"
        raise ValueError(f"the URL contains a user name or a password: remove it, and {instead}")
    if "?" in text or "#" in text:
        raise ValueError("the URL has a query or a fragment; give the base URL only, like https://platform.kore.ai")
    url = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        hint = "a port is a number up to 65535, and an IPv6 address must be in brackets"
        raise ValueError(f"'{text}' is not a URL: {hint}") from None
    whole = re.fullmatch(r"[!-~]+", text) and not _ONE_SLASH.match(text)
    if not whole or not _is_host(host) or parts.scheme not in ("http", "https"):
        raise ValueError(f"'{text}' is not a host name, nor a URL that starts with https://")
    if parts.scheme == "http" and not (allow_http or is_loopback(host)):
        raise ValueError(f"'{text}' would send the token unencrypted; use https, or --allow-http if that is meant")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port is not None else ''}{parts.path.rstrip('/')}"


def read_host(text: str) -> str:
    """Parse a bare host name, or an IPv6 address with or without brackets. Return it in lower case, unbracketed."""
    host = re.sub(r"^\[(.*)\]$", r"\1", text.strip().lower())
    if not _is_host(host):
        raise ValueError(f"'{text}' is not a bare host name; leave out https://, port and path")
    return host


def is_loopback(host: str) -> bool:
    """Return whether ``host`` is a loopback address or ``localhost``."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_host(name: str) -> bool:
    """Return whether ``name`` is safe to look up.

    Labels that are empty or too long make the resolver fail, and IPv6 zones make the HTTP client fail.
    """
    if ":" not in name:
        return _HOST.fullmatch(name) is not None
    try:
        return "%" not in str(ip_address(name))
    except ValueError:
        return False
