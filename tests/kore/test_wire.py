"""The wire over real sockets: what is sent, whether a lost request may have arrived, and the secrecy of errors."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import zlib
from threading import Event, Thread
from typing import TYPE_CHECKING

import httpx
import pytest

from ci_gate import __version__
from ci_gate.errors import PlatformError, UsageError
from ci_gate.kore.wire import HttpWire, Lost, Reply, Request, TooLarge
from tests.kore.certificates import self_signed
from tests.kore.conftest import requests_under_way
from tests.kore.scripted_server import PATIENCE, answers, answers_and_stays, drips, greets, hangs, http, resets, tunnels

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kore.scripted_server import Behaviour, ScriptedServer

    Serve = Callable[..., ScriptedServer]
    OpenWire = Callable[..., HttpWire]
    Patch = pytest.MonkeyPatch

TARGET = b"/a/%7E%7e~?s=IkFB$$&t='x'|y&u=%2f+z?"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2lnbmF0dXJl"
SHORT = 0.15  # s
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def get(server: ScriptedServer, target: bytes = TARGET) -> Request:
    return Request("GET", server.origin, target, {"auth": TOKEN})


def post(server: ScriptedServer) -> Request:
    return Request("POST", server.origin, b"/run", {"auth": TOKEN}, b'{"version": "published"}')


def lose(wire: HttpWire, request: Request, seconds: float = PATIENCE) -> Lost:
    """Return the loss of a request, which must not show a secret."""
    with pytest.raises(Lost) as caught:
        wire.exchange(request, seconds=seconds)
    assert TOKEN not in str(caught.value)
    assert "$$" not in str(caught.value)
    return caught.value


def zipped(body: bytes) -> bytes:
    """Compress ``body`` without the time, so that the bytes are the same in every process."""
    return gzip.compress(body, mtime=0)


def test_token_is_cut_out_of_the_answer_in_every_spelling(serve: Serve, wire: HttpWire) -> None:
    for written in ("abc/def+opaque", "abc\\/def+opaque", "abc%2Fdef%2Bopaque", r"\u0061bc/def+opaque"):
        server = serve(answers(http(401, f'{{"msg": "bad token {written}"}}'.encode())))
        request = Request("GET", server.origin, TARGET, {"auth": "abc/def+opaque"})
        assert wire.exchange(request, seconds=PATIENCE).body == b'{"msg": "bad token (a token)"}'


def test_request_is_sent_byte_for_byte(serve: Serve, wire: HttpWire) -> None:
    server = serve(answers(http(200, b"hello", X_Name="Value")), answers(http(202)))
    reply = wire.exchange(get(server), seconds=PATIENCE)
    assert (reply.code, reply.body, reply.headers["x-name"]) == (200, b"hello", "Value")
    line, *fields = server.requests[0].split(b"\r\n")
    assert line == b"GET " + TARGET + b" HTTP/1.1"
    needed = (f"Host: 127.0.0.1:{server.port}", f"auth: {TOKEN}", f"User-Agent: ci-gate/{__version__}")
    assert {field.encode() for field in needed} <= set(fields)
    assert wire.exchange(post(server), seconds=PATIENCE) == Reply(202, {"content-length": "0"}, b"")
    assert server.requests[1].endswith(b'\r\n\r\n{"version": "published"}')


def test_every_request_has_a_connection_of_its_own(serve: Serve, wire: HttpWire) -> None:
    server = serve(answers_and_stays(http(200, b"1")), answers_and_stays(http(200, b"2")))
    assert [wire.exchange(get(server), seconds=PATIENCE).body for _ in range(2)] == [b"1", b"2"]
    # The server waited for a second request on the first connection until that was closed.
    assert server.let_go >= 1
    assert len(server.requests) == 2


def test_wire_serves_several_threads(serve: Serve, wire: HttpWire) -> None:
    server = serve(answers(http(200, b"hello")))
    replies: list[Reply] = []
    threads = [Thread(target=lambda: replies.append(wire.exchange(get(server), seconds=PATIENCE))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [reply.body for reply in replies] == [b"hello"] * 8


def test_no_redirect_is_followed(serve: Serve, wire: HttpWire) -> None:
    for code in (301, 302, 303, 307, 308):
        server = serve(answers(http(code, Location="/elsewhere?s=1")))
        reply = wire.exchange(get(server), seconds=PATIENCE)
        assert (reply.code, reply.headers["location"]) == (code, "/elsewhere?s=1")
        assert len(server.requests) == 1
    for location in ("", "https://[::::/", "ht!tp://x:y:z"):
        reply = wire.exchange(get(serve(answers(http(302, b"moved", Location=location)))), seconds=PATIENCE)
        assert (reply.code, reply.headers["location"], reply.body) == (302, location, b"moved")


def test_nothing_is_sent_over_a_refused_connection(wire: HttpWire) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    lost = lose(wire, Request("POST", f"http://127.0.0.1:{port}", TARGET, {"auth": TOKEN}, b"{}"))
    assert not lost.sent
    assert lost.cause == str(lost) == "connection refused"


@pytest.mark.parametrize(("problem", "cause", "is_unknown"), [
    (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "name or service not known", True),
    (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), None, True),
    (OSError("no text of the system's"), "no connection", False),
], ids=["unknown", "temporary", "other"])  # fmt: skip
def test_nothing_is_sent_to_an_unknown_name(
    wire: HttpWire, monkeypatch: Patch, problem: OSError, cause: str | None, is_unknown: bool
) -> None:
    def look_up(*args: object, **options: object) -> None:
        raise problem

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    lost = lose(wire, Request("POST", "https://platform.invalid", TARGET))
    assert (lost.sent, lost.unknown_host) == (False, is_unknown)
    assert cause in (None, lost.cause)


@pytest.mark.parametrize(("behaviour", "cause"), [
    pytest.param(resets(after=1), "the connection", id="reset in the middle of the request"),
    pytest.param(resets(after=None), "the connection broke", id="reset after the request"),
    pytest.param(answers(b""), "in the middle of an answer", id="closed without an answer"),
    pytest.param(answers(b"HTTP/1.1 200 OK\r\nConte"), "in the middle of an answer", id="torn head"),
    pytest.param(answers(b"220 ready for mail\r\n\r\n"), "does not begin as one of HTTP", id="another protocol"),
    pytest.param(answers(b"HTTP/1.1 200 OK\r\nNo colon\r\n\r\n"), "header line", id="a header line that is none"),
    pytest.param(answers(b"HTTP/1.1 200 OK\r\nA closed: x\r\n\r\n"), "header line", id="a blank in a name"),
    pytest.param(answers(b"HTTP/1.1 200 OK\r\nA: closed\0\r\n\r\n"), "header line", id="a zero in a value"),
    pytest.param(answers(b"HTTP/1.1 200 OK\r\n A: x\r\n\r\n"), "header line", id="a continuation of nothing"),
    pytest.param(answers(http(200, b"x", Content_Length="one")), "header line", id="a length that is no number"),
    pytest.param(answers(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 2**20), "header line", id="a head without end"),
    pytest.param(answers(CHUNKED + b"4\r\ntornAA\r\n"), "parts of the answer's body", id="a chunk without end"),
    pytest.param(answers(http(200, b"torn", Content_Length="9")), "in the middle of an answer", id="torn by length"),
    pytest.param(answers(CHUNKED + b"4\r\ntorn\r\n"), "in the middle of an answer", id="torn between chunks"),
])  # fmt: skip
def test_broken_request_may_have_had_an_effect(serve: Serve, wire: HttpWire, behaviour: Behaviour, cause: str) -> None:
    lost = lose(wire, post(serve(behaviour)))
    assert lost.sent
    assert cause in lost.cause


def test_reset_before_the_request_is_a_loss(serve: Serve, wire: HttpWire) -> None:
    # Whether the request had begun to leave is decided by the sockets here.
    lose(wire, post(serve(resets(after=0))))


@pytest.mark.parametrize("behaviour", [
    pytest.param(hangs(), id="no answer"),
    pytest.param(hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"), id="half an answer"),
    pytest.param(drips(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"), id="dripping head"),
    pytest.param(drips(CHUNKED, b"1\r\nx\r\n"), id="dripping body"),
])  # fmt: skip
def test_no_call_exceeds_its_time_limit(serve: Serve, wire: HttpWire, behaviour: Behaviour) -> None:
    lost = lose(wire, post(serve(behaviour)), seconds=SHORT)
    assert lost.sent
    assert lost.cause in ("no whole answer within 0 s", "no answer in time", "the body came too slowly")


def test_slow_body_is_abandoned(serve: Serve, wire: HttpWire) -> None:
    server = serve(drips(CHUNKED, b"1\r\nx\r\n"))
    lose(wire, get(server), seconds=SHORT)
    for thread in requests_under_way():
        thread.join(PATIENCE)
    assert requests_under_way() == []
    assert not server.stopped.is_set()


def test_abandoned_request_is_never_sent(serve: Serve, wire: HttpWire, monkeypatch: Patch) -> None:
    # Otherwise a run that is started again would be started twice.
    server = serve(answers(http(200)))
    resolved, look_up = Event(), socket.getaddrinfo

    def look_up_slowly(*args: object, **options: object) -> object:
        resolved.wait(PATIENCE)
        return look_up(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up_slowly)
    lost = lose(wire, post(server), seconds=0.05)
    assert not lost.sent
    monkeypatch.undo()
    resolved.set()
    # The connection comes about after all, and is closed without a request.
    for _ in range(200):
        if server.let_go or server.stopped.wait(0.01):
            break
    assert server.let_go == 1
    assert server.requests == []


@pytest.mark.parametrize("encoding", [
    "gzip", "x-gzip", "GZIP", "gzip,", " , gzip", "identity, gzip, aws-chunked", "deflate", "identity", "", ",",
    "utf-8", "aws-chunked,",
])  # fmt: skip
def test_body_is_decoded(serve: Serve, wire: HttpWire, encoding: str) -> None:
    hello = b"hello" * 99
    body = zipped(hello) if "gzip" in encoding.lower() else zlib.compress(hello) if encoding == "deflate" else hello
    server = serve(answers(http(200, body, Content_Encoding=encoding)))
    assert wire.exchange(get(server), seconds=PATIENCE).body == hello


def test_empty_body_may_be_marked_as_compressed_and_others_are_limited(serve: Serve, wire: HttpWire) -> None:
    server = serve(answers(http(200, b"", Content_Encoding="gzip")))
    assert wire.exchange(get(server), seconds=PATIENCE).body == b""
    server = serve(answers(http(200, b"x" * 100_000)))
    assert len(wire.exchange(get(server), seconds=PATIENCE, limit=100_000).body) == 100_000
    bomb = http(200, zipped(bytes(10_000_000)), Content_Encoding="gzip")
    endless = drips(CHUNKED, b"1000\r\n" + b"x" * 0x1000 + b"\r\n", every=0.0)
    for behaviour, limit in ((answers(http(200, b"x" * 101)), 100), (answers(bomb), 100_000), (endless, 50_000)):
        with pytest.raises(TooLarge):
            wire.exchange(get(serve(behaviour)), seconds=PATIENCE, limit=limit)


@pytest.mark.parametrize(("encoding", "body", "cause"), [
    pytest.param("br", b"hello", "the body is encoded as 'br', which was not asked for", id="other"),
    pytest.param("gzip, gzip", b"hello", "the body is encoded as 'gzip, gzip', which was not asked for", id="twice"),
    pytest.param("x" * 99, b"hello", "the body is encoded, which was not asked for", id="long"),
    pytest.param(",br,", b"hello", "the body is encoded as 'br', which was not asked for", id="commas"),
    pytest.param(
        "secret, gzip", b"hello", "the body is encoded as '(unknown), gzip', which was not asked for", id="unknown"
    ),
    pytest.param("gzip", zipped(b"hello" * 99)[:-9], "the compressed body is not whole", id="torn"),
    pytest.param("gzip", zipped(b"hello")[:5], "the compressed body is not whole", id="torn head"),
    pytest.param("gzip", zipped(b"hello") * 2, "the compressed body is not whole", id="two bodies"),
    pytest.param("gzip", b"hello", "error", id="not compressed"),
])  # fmt: skip
def test_undecodable_body_is_lost(serve: Serve, wire: HttpWire, encoding: str, body: bytes, cause: str) -> None:
    lost = lose(wire, get(serve(answers(http(200, body, Content_Encoding=encoding)))))
    assert (lost.sent, lost.cause) == (True, cause)


def test_nothing_can_be_injected_into_a_request(serve: Serve, wire: HttpWire) -> None:
    server = serve(answers(http(200)))
    for value in (f"{TOKEN}\r\nX-Injected: 1", f"{TOKEN}\nX: 1", f"{TOKEN}\0", f"{TOKEN}\u00e9"):
        lost = lose(wire, Request("POST", server.origin, b"/run", {"auth": value}, b"{}"))
        assert lost.cause == "the request holds characters that HTTP does not allow"
    for target in (b"/a\r\nX-Injected: 1", b"/a b", b"/\xe9"):
        lose(wire, get(server, target))
    assert server.requests == []


def test_request_to_an_invalid_origin_is_not_sent(wire: HttpWire) -> None:
    for origin in ("http://[::1", "http://a:b", f"http://{'a' * 70}.example", "http://\u2603..example"):
        assert not lose(wire, Request("GET", origin, TARGET)).sent


def test_untrusted_certificate_is_an_error_with_a_hint(serve: Serve, open_wire: OpenWire, tmp_path: Path) -> None:
    context, ca_file = self_signed(tmp_path, "localhost")
    server = serve(answers(http(200, b"hello")), context=context)
    with pytest.raises(PlatformError) as caught:
        open_wire().exchange(post(server), seconds=PATIENCE)
    assert caught.value.message.startswith("the certificate of localhost is not trusted: self")
    assert "--ca-file, or SSL_CERT_FILE" in caught.value.hint
    assert server.requests == []
    assert open_wire(ca_file).exchange(get(server), seconds=PATIENCE).body == b"hello"
    context, ca_file = self_signed(tmp_path, "elsewhere.example")
    server = serve(answers(http(200)), context=context)
    with pytest.raises(PlatformError, match="the certificate of localhost is not trusted: Hostname mismatch"):
        open_wire(ca_file).exchange(get(server), seconds=PATIENCE)


def test_server_without_tls_is_a_lost_connection(serve: Serve, wire: HttpWire) -> None:
    server = serve(greets(b"220 ready for mail\r\n"))
    lost = lose(wire, Request("POST", server.origin.replace("http://", "https://"), b"/run", {"auth": TOKEN}))
    assert not lost.sent
    assert lost.cause


def test_proxy_for_http_receives_the_whole_url(serve: Serve, open_wire: OpenWire, monkeypatch: Patch) -> None:
    proxy = serve(answers(http(200, b"hello")))
    monkeypatch.setenv("HTTP_PROXY", proxy.origin)
    request = Request("GET", "http://platform.example:8080", TARGET)
    assert open_wire(use_proxies=True).exchange(request, seconds=PATIENCE).body == b"hello"
    assert proxy.requests[0].startswith(b"GET http://platform.example:8080" + TARGET + b" HTTP/1.1\r\n")


def test_proxy_for_https_receives_only_the_host(
    serve: Serve, open_wire: OpenWire, monkeypatch: Patch, tmp_path: Path
) -> None:
    context, ca_file = self_signed(tmp_path, "platform.example")
    proxy = serve(tunnels(context, http(200, b"hello")))
    monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
    request = Request("GET", "https://platform.example", TARGET, {"auth": TOKEN})
    assert open_wire(ca_file, use_proxies=True).exchange(request, seconds=PATIENCE).body == b"hello"
    opening, inside = proxy.requests
    assert opening.startswith(b"CONNECT platform.example:443 HTTP/1.1\r\n")
    assert TOKEN.encode() not in opening
    assert inside.startswith(b"GET " + TARGET + b" HTTP/1.1\r\n")


def test_nothing_is_sent_through_a_proxy_that_refuses(serve: Serve, open_wire: OpenWire, monkeypatch: Patch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", serve(answers(http(403, b"no"))).origin)
    lost = lose(open_wire(use_proxies=True), Request("POST", "https://platform.example", b"/run", {"auth": TOKEN}))
    assert (lost.sent, lost.cause) == (False, "the proxy refused")


@pytest.mark.parametrize("no_proxy", [None, "127.0.0.0/8", "127.0.0.1", "127.*", "http://127.0.0.1", "*"])
def test_proxy_is_not_used_if_it_is_switched_off_or_the_host_is_excepted(
    no_proxy: str | None, serve: Serve, open_wire: OpenWire, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    if no_proxy:
        monkeypatch.setenv("NO_PROXY", no_proxy)
    server = serve(answers(http(200, b"hello")))
    assert open_wire(use_proxies=no_proxy is not None).exchange(get(server), seconds=PATIENCE).body == b"hello"


def test_proxy_settings_that_make_no_sense_are_a_usage_error(monkeypatch: Patch) -> None:
    for name, text in {
        "ALL_PROXY": "socks5://127.0.0.1:1080",
        "HTTPS_PROXY": "gopher://127.0.0.1",
        "HTTP_PROXY": "http://127.0.0.1:port",
        "NO_PROXY": "http://[::1",
    }.items():
        with monkeypatch.context() as patch:
            patch.setenv(name, text)
            with pytest.raises(UsageError, match="the proxy settings make no sense") as caught:
                HttpWire()
        assert name in caught.value.hint


def test_ca_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    for content in (None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        if content is not None:
            ca_file.write_bytes(content)
        with pytest.raises(UsageError, match=r"the certificates of --ca-file '.*ca\.pem' cannot be read"):
            HttpWire(ca_file=str(ca_file))


def test_broken_store_of_certificates_is_a_usage_error(monkeypatch: Patch) -> None:
    def create() -> ssl.SSLContext:
        raise ssl.SSLError("unknown error")

    monkeypatch.setattr(ssl, "create_default_context", create)
    with pytest.raises(UsageError, match="the certificates of SSL_CERT_FILE or the system's store"):
        HttpWire()


def test_libraries_log_nothing(serve: Serve, wire: HttpWire, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(answers(http(302, Location="https://files.example.com/?s=SIGNATURE")))
    assert wire.exchange(get(server), seconds=PATIENCE).code == 302
    assert caplog.records == []


def test_requests_and_replies_show_no_secret() -> None:
    request = Request("GET", "https://files.example.com", b"/f?s=SIGNATURE", {"auth": TOKEN})
    reply = Reply(302, {"location": "/f?s=SIGNATURE"}, b"the body")
    assert repr(request) == "Request(method='GET', origin='https://files.example.com', content=None)"
    assert repr(reply) == "Reply(code=302)"


def test_timeout_of_the_library_is_reported_like_our_own(monkeypatch: Patch) -> None:
    def time_out(*_args: object, **_options: object) -> httpx.Response:
        raise httpx.ReadTimeout("too late")

    wire = HttpWire()
    monkeypatch.setattr(wire._client, "send", time_out)
    with pytest.raises(Lost, match="no answer in time"):
        wire.exchange(Request("GET", "https://bots.example.com", b"/"), seconds=5)
    wire.close()


def test_nothing_is_sent_if_no_thread_can_be_started(wire: HttpWire, monkeypatch: Patch) -> None:
    def refuse(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refuse)
    lost = lose(wire, Request("POST", "https://bots.example.com", b"/"))
    assert (lost.sent, lost.cause) == (False, "no thread can be started on this machine")
    assert "number of processes" in lost.hint
