"""Network errors in words of our own, since the texts of libraries may hold URLs and header values."""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from ci_gate.kore.wire.addresses import UnknownName
from ci_gate.kore.wire.messages import Lost
from ci_gate.kore.wire.trust import distrusted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.errors import PlatformError

_CLOSED = "the connection was closed in the middle of an answer"
_RULES_OF_HTTP = (
    (r"closed|disconnected", _CLOSED),
    (r"status line|status code|response line", "the answer does not begin as one of HTTP does"),
    (r"header|continuation|content-length|transfer-encoding|buffer", "a header line of the answer is broken"),
    (r"chunk", "the parts of the answer's body are broken"),
)
"""Patterns for the library's text, and our words for the way in which the answer breaks HTTP.

Only the start of the library's text is matched, before the part that quotes the answer.
"""

_UNSENDABLE = "the request holds characters that HTTP does not allow"


def lost_for(problem: Exception, origin: str, *, sent: bool) -> Lost | PlatformError:
    """Return the error to raise after a network error in a request to ``origin``.

    It is a ``PlatformError`` if the server's certificate is not trusted, and ``Lost`` otherwise.
    """
    causes = tuple(_causes(problem))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return distrusted(urlsplit(origin).hostname, cause)
    is_unknown = any(isinstance(cause, UnknownName) for cause in causes)
    return Lost(_words(problem, causes), sent=sent, unknown_host=is_unknown)


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, then each error that caused the one before."""
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


def _words(problem: Exception, causes: tuple[BaseException, ...]) -> str:
    match problem:
        case httpx.TimeoutException():
            return "no answer in time"
        case httpx.ProxyError():
            return "the proxy refused"
        case httpx.ConnectError():
            texts = (cause.strerror for cause in causes if isinstance(cause, OSError))
            return (next(texts, None) or "no connection").lower()
        case httpx.RemoteProtocolError():
            said = re.split(r": | b['\"]", str(problem))[0].lower()
            found = (words for pattern, words in _RULES_OF_HTTP if re.search(pattern, said))
            return next(found, "the answer breaks the rules of HTTP")
        case httpx.NetworkError():
            return "the connection broke"
        case httpx.LocalProtocolError() | UnicodeError():
            return _UNSENDABLE
        case _:
            return type(problem).__name__
