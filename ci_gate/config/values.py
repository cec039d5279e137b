"""How the text of a setting becomes a value; every function raises ``ValueError`` that says what to write instead."""

from __future__ import annotations

import re
from difflib import get_close_matches
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s?)?", re.ASCII)
_SIZE = re.compile(r"(\d{1,12})\s*(b|kib|mib|gib|kb|mb|gb)?", re.ASCII)
_UNITS = {"b": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30, "kb": 10**3, "mb": 10**6, "gb": 10**9}
_LONGEST = 7 * 24 * 3600.0


def nearest(word: str, known: Iterable[str]) -> str:
    """Name the known word that was probably meant, as the end of a sentence."""
    known = list(dict.fromkeys(known))
    folded = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), folded, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{folded[close[0]]}'?"
    return "known are " + ", ".join(known) if known else "none is known"


def read_word(text: str, words: Iterable[str]) -> str:
    """Read one of a few words, whatever its case."""
    words = tuple(words)
    for word in words:
        if word.casefold() == text.strip().casefold():
            return word
    raise ValueError(f"'{text}' is not one of {', '.join(words)}")


def read_switch(text: str) -> bool:
    """Read yes or no."""
    word = read_word(text, ("true", "false", "yes", "no", "on", "off", "1", "0"))
    return word in ("true", "yes", "on", "1")


def read_duration(text: str) -> float:
    """Read a time such as 90s, 45m, 1h30m, or plain seconds; the result is in seconds."""
    match = _DURATION.fullmatch(text.strip())
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    total = float(hours * 3600 + minutes * 60 + seconds)
    if not total:
        raise ValueError(f"'{text}' is not a time like 90s, 45m or 1h30m, nor a number of seconds above 0")
    if total > _LONGEST:
        raise ValueError(f"'{text}' is longer than a week")
    return total


def read_size(text: str) -> int:
    """Read a size such as 16MiB, or plain bytes."""
    match = _SIZE.fullmatch(text.strip().lower())
    if not match or not int(match[1]):
        raise ValueError(f"'{text}' is not a size like 16MiB, nor a number of bytes above 0")
    return int(match[1]) * _UNITS[match[2] or "b"]


def read_count(text: str) -> int:
    """Read a whole number above 0."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text)):
        raise ValueError(f"'{text}' is not a whole number above 0")
    return int(text)


def read_port(text: str) -> int:
    """Read a port number; 0 means any free one."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise ValueError(f"'{text}' is not a port from 0 to 65535")
    return int(text)


def read_name(text: str) -> str:
    """Read a name that becomes one segment of a URL."""
    name = text.strip()
    if name in ("", ".", ".."):
        raise ValueError(f"'{text}' cannot be used as a name")
    if not name.isprintable():
        raise ValueError("the name holds control characters")
    return name


def read_base_url(text: str, *, allow_http: bool) -> str:
    """Read the platform's address: a host name or a base URL, without a slash at its end."""
    text = text.strip()
    url = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as problem:
        raise ValueError(f"'{text}' is not a URL: {problem}") from None
    if parts.username or parts.password:
        raise ValueError("the URL holds a user name or password; credentials belong into the environment")
    if not host or not re.fullmatch(r"[\w.:%-]+", host) or parts.scheme not in ("http", "https"):
        raise ValueError(f"'{text}' is not a host name or a URL that starts with https://")
    if parts.query or parts.fragment:
        raise ValueError(f"'{text}' has a query or a fragment; give the base URL only")
    if parts.scheme == "http" and not (allow_http or is_loopback(host)):
        raise ValueError(f"'{text}' would send the token unencrypted; use https, or --allow-http if that is meant")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port is not None else ''}{parts.path.rstrip('/')}"


def read_host(text: str) -> str:
    """Read a bare host name."""
    host = text.strip().lower()
    if not re.fullmatch(r"[\w.:-]+", host):
        raise ValueError(f"'{text}' is not a host name")
    return host


def is_loopback(host: str) -> bool:
    """Whether a host name stands for this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
