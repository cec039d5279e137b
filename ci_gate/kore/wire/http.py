"""The HTTP client. Each request runs in a thread of its own, so that its time as a whole can be limited."""

from __future__ import annotations

import logging
import queue
import threading
import time
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import httpx

from ci_gate import __version__
from ci_gate.errors import PlatformError, UsageError
from ci_gate.kore.wire.addresses import Addresses
from ci_gate.kore.wire.bodies import decoded
from ci_gate.kore.wire.causes import lost_for
from ci_gate.kore.wire.messages import REPLY_LIMIT, Lost, Reply, Request
from ci_gate.kore.wire.proxies import Proxies, proxies_of_environment
from ci_gate.kore.wire.trust import trusted
from ci_gate.redaction import redact
from ci_gate.runtime import start_thread

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

# These loggers print whole URLs and headers, signatures included, if logging is configured. A level that is set for one
# of them overrides that of its parent, so each is disabled; records of all other children end at the parent.
for _name in ("httpx", *("httpcore" + part for part in ("", ".connection", ".http11", ".http2", ".proxy", ".socks"))):
    _logger = logging.getLogger(_name)
    _logger.disabled, _logger.propagate = True, False
    _logger.addHandler(logging.NullHandler())


class HttpWire:
    """An HTTP client that several threads may share."""

    def __init__(self, *, ca_file: str | None = None, use_proxies: bool = True) -> None:
        """Prepare the client. Raise ``UsageError`` if the certificates or the proxy settings are invalid."""
        context = trusted(ca_file)
        try:
            routes = _Routes(context, proxies_of_environment() if use_proxies else Proxies())
        except (httpx.InvalidURL, ImportError, ValueError):
            names = "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY"
            raise UsageError(
                "the proxy settings make no sense", hint=f"look at {names}; socks is not supported"
            ) from None
        self._client = httpx.Client(
            transport=routes,
            trust_env=False,
            follow_redirects=False,
            event_hooks={"response": [_set_location_aside]},
            headers={"User-Agent": f"ci-gate/{__version__}", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"},
        )

    def close(self) -> None:
        self._client.close()

    def exchange(self, request: Request, *, seconds: float, limit: int = REPLY_LIMIT) -> Reply:
        """Send a request in a thread of its own.

        httpx limits each step but not the whole, and a name look-up cannot be cancelled. A thread that takes longer
        than ``seconds`` is therefore abandoned, and ``Lost`` is raised.
        """
        outcome: queue.SimpleQueue[Reply | BaseException] = queue.SimpleQueue()
        progress = _Progress()

        def work() -> None:
            try:
                outcome.put(self._exchange(request, progress, seconds, limit))
            except BaseException as problem:  # the caller raises it; the thread would only print it
                outcome.put(problem)

        try:
            start_thread(work, name="request")
        except PlatformError as problem:  # a limit on threads, which may be temporary
            raise Lost(problem.message, sent=False, hint=problem.hint) from None
        try:
            result = outcome.get(timeout=seconds)
        except queue.Empty:
            raise Lost(f"no whole answer within {seconds:.0f} s", sent=progress.abandon()) from None
        if isinstance(result, BaseException):
            raise result
        return result

    def _exchange(self, request: Request, progress: _Progress, seconds: float, limit: int) -> Reply:
        """Send a request and read the reply. Convert errors of httpx, whose texts may hold URLs and header values."""
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
                encoding = response.headers.get("content-encoding", "")
                body = b"".join(decoded(response.iter_raw(), encoding, until=until, limit=limit))
                return Reply(response.status_code, _headers(response), _without_token(request, body))
        except (httpx.TransportError, httpx.InvalidURL, UnicodeError, OSError, zlib.error) as problem:
            raise lost_for(problem, request.origin, sent=progress.sent) from None


class _Routes(httpx.BaseTransport):
    """A transport that sends each request through the proxy for it, or directly to its host."""

    def __init__(self, context: ssl.SSLContext, proxies: Proxies) -> None:
        self._proxies, self._addresses = proxies, Addresses()
        self._direct = self._transport(context)
        self._proxied = {url: self._transport(context, proxy=url) for url in {*proxies.urls.values()}}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        proxy = self._proxies.of(request.url.scheme, request.url.host, request.url.port)
        return (self._proxied[proxy] if proxy else self._direct).handle_request(request)

    def close(self) -> None:
        for transport in (self._direct, *self._proxied.values()):
            transport.close()

    def _transport(self, context: ssl.SSLContext, proxy: str | None = None) -> httpx.HTTPTransport:
        # Requests are seconds apart, and a connection that is kept may die unnoticed in between. If that happened to
        # the request that starts a run, it would be unknown whether the run was started.
        limits = httpx.Limits(max_keepalive_connections=0)
        transport = httpx.HTTPTransport(verify=context, trust_env=False, limits=limits, proxy=proxy)
        # httpx has no parameter for the network backend of httpcore.
        transport._pool._network_backend = self._addresses
        return transport


class _ExactURL(httpx.URL):
    """A URL whose path and query are sent byte for byte; httpx would encode some characters of a signature anew.

    The extension ``target`` of httpx cannot be used: it also replaces the name of the host in a request to a proxy.
    """

    def __init__(self, origin: str, target: bytes) -> None:
        super().__init__(origin)
        self._target = target

    @property
    def raw_path(self) -> bytes:
        return self._target


class _Progress:
    """Records whether the sending of a request has begun; if so, the platform may have received the request."""

    def __init__(self) -> None:
        self.sent = False
        self._abandoned = False
        self._lock = threading.Lock()

    def abandon(self) -> bool:
        """Return whether the sending of the request has begun. If not, prevent it."""
        with self._lock:
            self._abandoned = True
            return self.sent

    def trace(self, event: str, info: Mapping[str, object]) -> None:
        """Record the moment at which httpcore begins to send the request.

        A request to a proxy for a tunnel does not count. Raise ``Lost`` if the request was abandoned before.
        """
        if not event.endswith("send_request_headers.started") or getattr(info["request"], "method", b"") == b"CONNECT":
            return
        with self._lock:
            if self._abandoned:
                raise Lost("abandoned before it was sent", sent=False)
            self.sent = True


def _set_location_aside(response: httpx.Response) -> None:
    """Hide the target of a redirect from httpx, which raises an error for an invalid one even if it follows none."""
    response.extensions["location"] = response.headers.pop("location", None)


def _headers(response: httpx.Response) -> Mapping[str, str]:
    """Return the headers by name in lower case, including the target of a redirect."""
    headers = {name.lower(): text for name, text in response.headers.items()}
    location = response.extensions["location"]
    return headers if location is None else {**headers, "location": location}


def _without_token(request: Request, body: bytes) -> bytes:
    """Return ``body`` without the token of the request, which a server may repeat in any escaped form."""
    token = request.headers.get("auth")
    return redact(token, body.decode("latin-1"), "(a token)").encode("latin-1") if token else body
