"""Links to a results file: which of them may be followed, and in which exact form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin, urlsplit

from ci_gate.redaction import redact

REDIRECTS = 3
"""The maximum number of redirects of a download."""

_SHORTEST_SIGNATURE = 12
_NO_URL = "the link to the results file is not a URL that can be fetched"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that may be fetched. ``target`` is path and query, unchanged because the query may hold a signature."""

    origin: str
    target: bytes = field(repr=False)

    @property
    def shown(self) -> str:
        """Return the link without its query, which must not be shown."""
        return self.origin + self.target.partition(b"?")[0].decode("ascii", "replace")

    def without_signature(self, page: bytes) -> bytes:
        """Return ``page`` without this link's signature, which file servers quote when they refuse a request."""
        for part in self.target.partition(b"?")[2].decode("ascii").split("&"):
            given = part.partition("=")[2]
            value = unquote(given if given.strip("=") else part)
            if len(value) >= _SHORTEST_SIGNATURE:
                page = redact(value, page.decode("latin-1"), "(a secret)").encode("latin-1")
        return page


def allowed_link(text: str, *, host: str, results_host: str | None) -> Link:
    """Return a link of a status reply, if the rules for downloads allow it.

    https is allowed for any host. A link with http on the platform's own host is changed to https if the platform is
    reached by https. Any other host may be reached by http only if it is ``results_host``. Raise ``ValueError``, which
    never quotes the query, for any other link.
    """
    home = urlsplit(host)
    url = _absolute(f"{home.scheme}://{home.netloc}/", text)
    scheme, name, origin = _origin(url)
    if scheme not in ("http", "https"):
        raise ValueError("the link to the results file does not start with https:// or http://")
    if scheme == "http":
        if name == home.hostname and home.scheme == "https":
            # On the platform's own host, the link often has the scheme and port of an internal server.
            origin = f"{home.scheme}://{home.netloc}"
        elif name not in (home.hostname, results_host):
            raise ValueError(
                f"the results file is served over http by {name}, another host than the platform; "
                f"if that is meant: --results-host {name}"
            )
    return Link(origin, _target(url))


def redirected(link: Link, location: str) -> Link:
    """Return the target of a redirect of a download. Raise ``ValueError`` if the target is not an https URL."""
    if not location.strip():
        raise ValueError("the download was redirected without a target")
    url = _absolute(link.shown, location)
    scheme, _, origin = _origin(url)
    if scheme != "https":
        raise ValueError("the download was redirected to a URL that does not start with https://")
    return Link(origin, _target(url))


def _absolute(base: str, text: str) -> str:
    """Return a relative link as an absolute one. An absolute link stays unchanged, byte for byte."""
    path, mark, query = text.strip().partition("?")
    if "://" in path:
        return path + mark + query
    try:
        # Joined without the query, since urljoin drops parts of a query that it considers empty.
        return urljoin(base, path) + mark + query
    except ValueError:
        raise ValueError(_NO_URL) from None


def _origin(url: str) -> tuple[str, str, str]:
    """Return the scheme, the host name and the origin of a URL. Raise ``ValueError`` if it has no valid host."""
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
    """Return path and query of a URL with every byte unchanged. Raise ``ValueError`` for characters that no URL has."""
    rest = url.partition("://")[2].partition("#")[0]
    at = min((index for index in (rest.find("/"), rest.find("?")) if index >= 0), default=len(rest))
    try:
        encoded = rest[at:].encode("ascii")
    except UnicodeEncodeError:
        raise ValueError("the link to the results file holds characters that no URL has") from None
    if any(byte <= 0x20 or byte == 0x7F for byte in encoded):
        raise ValueError("the link to the results file holds blanks or control characters")
    return encoded if encoded.startswith(b"/") else b"/" + encoded
