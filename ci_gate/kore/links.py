"""Which link to a results file may be followed, and in what form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin, urlsplit

from ci_gate.redaction import redact

REDIRECTS = 3
"""How often a download may be sent on."""

_SHORTEST_SIGNATURE = 12
_NO_URL = "the link to the results file is not a URL that can be fetched"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that may be fetched. ``target`` is path and query byte for byte, for the query holds the signature."""

    origin: str
    target: bytes = field(repr=False)

    @property
    def shown(self) -> str:
        """Return the link as it may be shown: without its query."""
        return self.origin + self.target.partition(b"?")[0].decode("ascii", "replace")

    def without_signature(self, page: bytes) -> bytes:
        """Cut this link's signature out of a page that quotes it, as file servers do when they refuse."""
        for part in self.target.partition(b"?")[2].decode("ascii").split("&"):
            given = part.partition("=")[2]
            value = unquote(given if given.strip("=") else part)
            if len(value) >= _SHORTEST_SIGNATURE:
                page = redact(value, page.decode("latin-1"), "(a secret)").encode("latin-1")
        return page


def allowed_link(text: str, *, host: str, results_host: str | None) -> Link:
    """Check a link of a status reply by the rules for downloads.

    https is fine anywhere. http on the configured host is lifted to https if the platform is reached that way; on
    another host it needs that host's name to be set. Raise ``ValueError`` that says what is wrong, without the query.
    """
    home = urlsplit(host)
    url = _absolute(f"{home.scheme}://{home.netloc}/", text)
    scheme, name, origin = _origin(url)
    if scheme not in ("http", "https"):
        raise ValueError("the link to the results file does not start with https:// or http://")
    if scheme == "http":
        if name == home.hostname and home.scheme == "https":
            # On the platform's own host the link's scheme and port are often those of an inner server.
            origin = f"{home.scheme}://{home.netloc}"
        elif name not in (home.hostname, results_host):
            raise ValueError(
                f"the results file is served over http by {name}, another host than the platform; "
                f"if that is meant: --results-host {name}"
            )
    return Link(origin, _target(url))


def redirected(link: Link, location: str) -> Link:
    """Follow one redirect of a download. Raise ``ValueError`` if it does not lead to https."""
    if not location.strip():
        raise ValueError("the download was sent on, but not to where")
    url = _absolute(link.shown, location)
    scheme, _, origin = _origin(url)
    if scheme != "https":
        raise ValueError("the download was sent on to a URL that does not start with https://")
    return Link(origin, _target(url))


def _absolute(base: str, text: str) -> str:
    """Complete a relative link; one that is complete stays as it is, byte for byte."""
    path, mark, query = text.strip().partition("?")
    if "://" in path:
        return path + mark + query
    try:
        # Without its query, in which joining would leave out what it thinks means nothing.
        return urljoin(base, path) + mark + query
    except ValueError:
        raise ValueError(_NO_URL) from None


def _origin(url: str) -> tuple[str, str, str]:
    """Return scheme, host name and origin of a URL."""
    try:
        parts = urlsplit(url)
        scheme, name, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        scheme, name, port = "", "", None
    if not re.fullmatch(r"[\w.:-]+", name, re.ASCII):
        raise ValueError(_NO_URL)
    shown = f"[{name}]" if ":" in name else name
    return scheme, name, f"{scheme}://{shown}{f':{port}' if port is not None else ''}"


def _target(url: str) -> bytes:
    """Cut path and query out of a URL without changing a byte of them."""
    rest = url.partition("://")[2].partition("#")[0]
    at = min((index for index in (rest.find("/"), rest.find("?")) if index >= 0), default=len(rest))
    try:
        encoded = rest[at:].encode("ascii")
    except UnicodeEncodeError:
        raise ValueError("the link to the results file holds characters that no URL has") from None
    if any(byte <= 0x20 or byte == 0x7F for byte in encoded):
        raise ValueError("the link to the results file holds blanks or control characters")
    return encoded if encoded.startswith(b"/") else b"/" + encoded
