"""Requests and replies, bounded in time and size, and without a secret in any error. Only home of httpx."""

from __future__ import annotations

import logging
import queue
import ssl
import threading
import time
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import httpx

from ci_gate import __version__
from ci_gate.errors import PlatformError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

REPLY_LIMIT = 2**20
"""Bytes of a status reply or an error page that are read; the platform's own are a few kilobytes."""

# httpx prints whole URLs, signatures included, once somebody configures logging.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).disabled = True


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``target`` is path and query byte for byte; ``headers`` may hold the token."""

    method: str
    origin: str
    target: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply; header names are in lower case, the body is decoded."""

    code: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Lost(Exception):
    """No whole reply came. ``sent``: whether the request may have reached the platform."""

    def __init__(self, cause: str, *, sent: bool) -> None:
        """Keep the cause in words that hold no URL and no header."""
        super().__init__(cause)
        self.cause = cause
        self.sent = sent


class TooLarge(Exception):
    """The body is longer than it may be."""


class Wire(Protocol):
    """What carries requests."""

    def exchange(self, request: Request, *, seconds: float, limit: int = REPLY_LIMIT) -> Reply:
        """Send a request and give the whole reply, within so many seconds and bytes.

        Raises ``Lost``, ``TooLarge``, or ``PlatformError`` where trying again cannot help.
        """
        ...


class HttpWire:
    """Carries requests over HTTP; may be used by several threads."""

    def __init__(self, *, ca_file: str | None = None, use_proxies: bool = True) -> None:
        """Prepare the connections. Raises ``UsageError`` when the certificates or the proxy settings make no sense."""
        try:
            context = ssl.create_default_context()
            if ca_file is not None:
                context.load_verify_locations(cafile=ca_file)
        except OSError:
            where = f"--ca-file '{ca_file}'" if ca_file is not None else "SSL_CERT_FILE or the system's store"
            raise UsageError(
                f"the certificates of {where} cannot be read", hint="a file in PEM form is wanted"
            ) from None
        try:
            self._client = httpx.Client(
                verify=context,
                trust_env=use_proxies,
                follow_redirects=False,
                timeout=httpx.Timeout(30.0, connect=10.0),
                # Requests are seconds apart. A connection of its own for each cannot have died unnoticed meanwhile,
                # which for starting a run would leave open whether it was started.
                limits=httpx.Limits(max_keepalive_connections=0),
                headers={"User-Agent": f"ci-gate/{__version__}", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"},
            )
        except (httpx.InvalidURL, ImportError, ValueError):
            names = "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY"
            raise UsageError(
                "the proxy settings make no sense", hint=f"look at {names}; socks is not supported"
            ) from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def exchange(self, request: Request, *, seconds: float, limit: int = REPLY_LIMIT) -> Reply:
        """Send a request in a thread of its own.

        httpx has no limit in total, and a name look-up cannot be ended at all: what takes too long is left behind.
        """
        outcome: queue.SimpleQueue[Reply | Exception] = queue.SimpleQueue()
        progress = _Progress()

        def work() -> None:
            try:
                outcome.put(self._exchange(request, progress, time.monotonic() + seconds, limit))
            except Exception as problem:  # whatever it is, it belongs to the caller
                outcome.put(problem)

        threading.Thread(target=work, daemon=True, name="request").start()
        try:
            result = outcome.get(timeout=seconds)
        except queue.Empty:
            raise Lost(f"no whole answer within {seconds:.0f} s", sent=progress.sent) from None
        if isinstance(result, Exception):
            raise result
        return result

    def _exchange(self, request: Request, progress: _Progress, until: float, limit: int) -> Reply:
        """Send, receive and translate what httpx raises, whose texts may hold URLs and header values."""
        extensions = {"target": request.target, "trace": progress.trace}
        try:
            with self._client.stream(
                request.method,
                request.origin,
                headers=dict(request.headers),
                content=request.content,
                extensions=extensions,
            ) as response:
                body = b"".join(_decoded(response, until, limit))
                return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)
        except httpx.TimeoutException:
            raise Lost("no answer in time", sent=progress.sent) from None
        except httpx.TransportError as problem:
            certificate = _certificate_problem(problem)
            if certificate is not None:
                host = urlsplit(request.origin).hostname
                raise PlatformError(
                    f"the certificate of {host} is not trusted: {certificate}",
                    hint="is it the right host? for a private authority: --ca-file, or SSL_CERT_FILE",
                ) from None
            raise Lost(_cause(problem), sent=progress.sent) from None
        except (httpx.InvalidURL, UnicodeError, OSError, zlib.error) as problem:
            raise Lost(type(problem).__name__, sent=progress.sent) from None


class _Progress:
    """Watches whether a request has begun to leave, which decides whether it may be sent again."""

    def __init__(self) -> None:
        self.sent = False

    def trace(self, event: str, _info: object) -> None:
        """Listen to httpcore's events."""
        if event.endswith("send_request_headers.started"):
            self.sent = True


def _decoded(response: httpx.Response, until: float, limit: int) -> Iterator[bytes]:
    """Read and decode the body piece by piece, so that neither a bomb nor a drip can do harm."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise Lost(f"the body is encoded as {encoding[:20]!r}, which was not asked for", sent=True)
    inflate = zlib.decompressobj(wbits=47) if encoding not in ("identity", "") else None
    size = 0
    for piece in response.iter_raw(65536):
        data = inflate.decompress(piece, limit + 1) if inflate else piece
        size += len(data)
        if size > limit:
            raise TooLarge
        if time.monotonic() > until:
            raise Lost("the body came too slowly", sent=True)
        yield data
    if inflate and not inflate.eof and size:
        raise Lost("the compressed body was cut off", sent=True)


def _certificate_problem(problem: BaseException | None) -> str | None:
    """Find a refused certificate among the causes of an error."""
    while problem is not None:
        if isinstance(problem, ssl.SSLCertVerificationError):
            return problem.verify_message
        problem = problem.__cause__ or problem.__context__
    return None


def _cause(problem: httpx.TransportError) -> str:
    """Say in plain words why there was no answer."""
    texts: tuple[tuple[type[httpx.TransportError], Callable[[], str]], ...] = (
        (httpx.ProxyError, lambda: "the proxy refused"),
        (httpx.ConnectError, lambda: _connect_cause(problem)),
        (httpx.RemoteProtocolError, lambda: "the connection was closed in the middle of an answer"),
        (httpx.NetworkError, lambda: "the connection broke"),
    )
    return next((text() for kind, text in texts if isinstance(problem, kind)), type(problem).__name__)


def _connect_cause(problem: BaseException | None) -> str:
    """Tell an unknown name from a refused connection."""
    while problem is not None:
        if isinstance(problem, OSError):
            return (problem.strerror or "no connection").lower()
        problem = problem.__cause__ or problem.__context__
    return "no connection"
