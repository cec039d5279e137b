"""Requests and replies, bounded in time and size, and without a secret in any error. Only home of httpx."""

from __future__ import annotations

import logging
import queue
import re
import ssl
import threading
import time
import zlib
from contextlib import closing
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import httpx

from ci_gate import __version__
from ci_gate.errors import PlatformError, UsageError
from ci_gate.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

REPLY_LIMIT = 2**20
"""Bytes of a status reply or an error page that are read; the platform's own are a few kilobytes."""

# These print whole URLs and headers, signatures included, once somebody configures logging. What is set for one of them
# by name outlives a level of its parent, so each is switched off, and what they say all the same ends at the parent.
for _name in ("httpx", *("httpcore" + part for part in ("", ".connection", ".http11", ".http2", ".proxy", ".socks"))):
    _logger = logging.getLogger(_name)
    _logger.disabled, _logger.propagate = True, False
    _logger.addHandler(logging.NullHandler())


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
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(eq=False)
class Lost(Exception):
    """No whole reply came, for a cause in words that hold no URL and no header.

    ``sent``: whether the request may have reached the platform.
    """

    cause: str
    _: KW_ONLY
    sent: bool


class TooLarge(Exception):
    """The body is longer than it may be."""


class Wire(Protocol):
    """What carries requests."""

    def exchange(self, request: Request, *, seconds: float, limit: int = REPLY_LIMIT) -> Reply:
        """Send a request and return the whole reply, within ``seconds`` and ``limit`` bytes.

        Raise ``Lost``, ``TooLarge``, or ``PlatformError`` if trying again cannot help.
        """
        ...


class HttpWire:
    """Carries requests over HTTP; may be used by several threads."""

    def __init__(self, *, ca_file: str | None = None, use_proxies: bool = True) -> None:
        """Prepare the connections. Raise ``UsageError`` if the certificates or the proxy settings make no sense."""
        try:
            context = ssl.create_default_context()
            # SSLKEYLOGFILE would leave a file that opens every recorded connection, token included.
            context.keylog_filename = None  # type: ignore[assignment]
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
                event_hooks={"response": [_set_location_aside]},
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
        self._client.close()

    def exchange(self, request: Request, *, seconds: float, limit: int = REPLY_LIMIT) -> Reply:
        """Send a request in a thread of its own.

        httpx has no limit in total, and a name look-up cannot be ended at all: what takes too long is left behind.
        """
        outcome: queue.SimpleQueue[Reply | BaseException] = queue.SimpleQueue()
        progress = _Progress()

        def work() -> None:
            try:
                outcome.put(self._exchange(request, progress, seconds, limit))
            except BaseException as problem:  # whatever it is, it belongs to the caller: a thread would print it
                outcome.put(problem)

        threading.Thread(target=work, daemon=True, name="request").start()
        try:
            result = outcome.get(timeout=seconds)
        except queue.Empty:
            raise Lost(f"no whole answer within {seconds:.0f} s", sent=progress.abandon()) from None
        if isinstance(result, BaseException):
            raise result
        return result

    def _exchange(self, request: Request, progress: _Progress, seconds: float, limit: int) -> Reply:
        """Send, receive and translate what httpx raises, whose texts may hold URLs and header values."""
        until = time.monotonic() + seconds
        try:
            outgoing = self._client.build_request(
                request.method,
                request.origin,
                headers=dict(request.headers),
                content=request.content,
                timeout=httpx.Timeout(min(seconds, 30.0), connect=min(seconds, 10.0)),
                extensions={"trace": progress.trace},
            )
            outgoing.url = _ExactURL(request.origin, request.target)
            with closing(self._client.send(outgoing, stream=True)) as response:
                body = _without_token(request, b"".join(_decoded(response, until, limit)))
                return Reply(response.status_code, _headers(response), body)
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


class _ExactURL(httpx.URL):
    """A URL whose path and query leave byte for byte; httpx would encode some characters of a signature anew.

    Its own means for that, the extension ``target``, also replaces the name of the host in what a proxy gets.
    """

    def __init__(self, origin: str, target: bytes) -> None:
        super().__init__(origin)
        self._target = target

    @property
    def raw_path(self) -> bytes:
        return self._target


_ENCODING = re.compile(r"(?:(?:identity|x-gzip|gzip|deflate|compress|br|zstd)(?:, *|$))+")
"""Encodings that can be told by their names; any other text of a header may be anything."""


class _Progress:
    """Watches whether a request has begun to leave, which decides whether it may be sent again."""

    def __init__(self) -> None:
        self.sent = False
        self._abandoned = False
        self._lock = threading.Lock()

    def abandon(self) -> bool:
        """Return whether the request has begun to leave; if it has not, it never will."""
        with self._lock:
            self._abandoned = True
            return self.sent

    def trace(self, event: str, info: Mapping[str, object]) -> None:
        """Listen to httpcore's events. What asks a proxy for a tunnel is not yet the request."""
        if not event.endswith("send_request_headers.started") or getattr(info["request"], "method", b"") == b"CONNECT":
            return
        with self._lock:
            if self._abandoned:
                raise Lost("given up before it was sent", sent=False)
            self.sent = True


def _decoded(response: httpx.Response, until: float, limit: int) -> Iterator[bytes]:
    """Read and decode the body piece by piece, so that neither a bomb nor a drip can do harm."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        named = f" as {encoding!r}" if _ENCODING.fullmatch(encoding) else ""
        raise Lost(f"the body is encoded{named}, which was not asked for", sent=True)
    inflate = zlib.decompressobj(wbits=47) if encoding not in ("identity", "") else None
    size = received = 0
    for piece in response.iter_raw():
        data = inflate.decompress(piece, limit + 1) if inflate else piece
        received += len(piece)
        size += len(data)
        if size > limit:
            raise TooLarge
        if time.monotonic() > until:
            raise Lost("the body came too slowly", sent=True)
        yield data
    if inflate and received and (not inflate.eof or inflate.unused_data):
        raise Lost("the compressed body is not whole", sent=True)


def _set_location_aside(response: httpx.Response) -> None:
    """Keep a redirect from httpx, which calls an address that it cannot read a broken connection, asked to or not."""
    response.extensions["location"] = response.headers.pop("location", None)


def _headers(response: httpx.Response) -> Mapping[str, str]:
    """Return the headers as they came, by their names in lower case."""
    headers = {name.lower(): text for name, text in response.headers.items()}
    location = response.extensions["location"]
    return headers if location is None else {**headers, "location": location}


def _without_token(request: Request, body: bytes) -> bytes:
    """Cut the token out of an answer that repeats it, however it does, before it can be passed on."""
    token = request.headers.get("auth")
    return redact(token, body.decode("latin-1"), "(a token)").encode("latin-1") if token else body


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    """Walk from an error to what it came from."""
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


def _certificate_problem(problem: httpx.TransportError) -> str | None:
    """Find a refused certificate among the causes of an error."""
    refused = (cause for cause in _causes(problem) if isinstance(cause, ssl.SSLCertVerificationError))
    return next((cause.verify_message for cause in refused), None)


def _cause(problem: httpx.TransportError) -> str:
    """Return in plain words why there was no answer."""
    texts: tuple[tuple[type[httpx.TransportError], Callable[[], str]], ...] = (
        (httpx.ProxyError, lambda: "the proxy refused"),
        (httpx.ConnectError, lambda: _connect_cause(problem)),
        (httpx.RemoteProtocolError, lambda: "the connection was closed in the middle of an answer"),
        (httpx.NetworkError, lambda: "the connection broke"),
    )
    return next((text() for kind, text in texts if isinstance(problem, kind)), type(problem).__name__)


def _connect_cause(problem: httpx.TransportError) -> str:
    """Return what the system says of a connection that was not made: an unknown name, or a refusal."""
    texts = (cause.strerror for cause in _causes(problem) if isinstance(cause, OSError))
    return (next(texts, None) or "no connection").lower()
