"""The wire over real sockets: what arrives, what is lost and whether it had been sent, and what no error ever shows."""

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

TARGET = b"/a/%7E%7e~?s=IkFB$$&t='x'|y&u=%2f+z?"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2lnbmF0dXJl"
SHORT = 0.15  # s
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def get(server: ScriptedServer, target: bytes = TARGET) -> Request:
    """Ask for something, with a token."""
    return Request("GET", server.origin, target, {"auth": TOKEN})


def post(server: ScriptedServer) -> Request:
    """Send something."""
    return Request("POST", server.origin, b"/run", {"auth": TOKEN}, b'{"version": "published"}')


def lose(wire: HttpWire, request: Request, seconds: float = PATIENCE) -> Lost:
    """Make a request that must get lost, and check that its loss gives nothing away."""
    with pytest.raises(Lost) as caught:
        wire.exchange(request, seconds=seconds)
    assert TOKEN not in str(caught.value)
    assert "$$" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "written", ["abc/def+opaque", "abc\\/def+opaque", "abc%2Fdef%2Bopaque", r"\u0061bc/def+opaque"]
)
def test_a_token_that_is_repeated_does_not_come_back_however_it_is_written(
    written: str, serve: Serve, wire: HttpWire
) -> None:
    """A ready token need not look like one."""
    server = serve(answers(http(401, f'{{"msg": "bad token {written}"}}'.encode())))
    request = Request("GET", server.origin, TARGET, {"auth": "abc/def+opaque"})
    assert wire.exchange(request, seconds=PATIENCE).body == b'{"msg": "bad token (a token)"}'


def test_a_request_leaves_byte_for_byte(serve: Serve, wire: HttpWire) -> None:
    server = serve(answers(http(200, b"hello", X_Name="Value")))
    reply = wire.exchange(get(server), seconds=PATIENCE)
    assert (reply.code, reply.body, reply.headers["x-name"]) == (200, b"hello", "Value")
    (request,) = server.requests
    line, *fields = request.split(b"\r\n")
    assert line == b"GET " + TARGET + b" HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}".encode() in fields
    assert f"auth: {TOKEN}".encode() in fields
    assert f"User-Agent: ci-gate/{__version__}".encode() in fields


def test_a_body_is_sent_with_its_length(serve: Serve, wire: HttpWire) -> None:
    server = serve(answers(http(202)))
    assert wire.exchange(post(server), seconds=PATIENCE) == Reply(202, {"content-length": "0"}, b"")
    assert server.requests[0].endswith(b'\r\n\r\n{"version": "published"}')


def test_every_request_has_a_connection_of_its_own(serve: Serve, wire: HttpWire) -> None:
    server = serve(answers_and_stays(http(200, b"1")), answers_and_stays(http(200, b"2")))
    assert [wire.exchange(get(server), seconds=PATIENCE).body for _ in range(2)] == [b"1", b"2"]
    # The server waited for a second request on the first connection until that was closed.
    assert server.let_go >= 1
    assert len(server.requests) == 2


def test_a_wire_serves_several_threads(serve: Serve, wire: HttpWire) -> None:
    server = serve(answers(http(200, b"hello")))
    replies: list[Reply] = []
    threads = [Thread(target=lambda: replies.append(wire.exchange(get(server), seconds=PATIENCE))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [reply.body for reply in replies] == [b"hello"] * 8


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(serve: Serve, wire: HttpWire, code: int) -> None:
    server = serve(answers(http(code, Location="/elsewhere?s=1")))
    reply = wire.exchange(get(server), seconds=PATIENCE)
    assert (reply.code, reply.headers["location"]) == (code, "/elsewhere?s=1")
    assert len(server.requests) == 1


@pytest.mark.parametrize("location", ["", "https://[::::/", "ht!tp://x:y:z"])
def test_a_redirect_to_what_is_no_address_is_still_a_redirect(serve: Serve, wire: HttpWire, location: str) -> None:
    reply = wire.exchange(get(serve(answers(http(302, b"moved", Location=location)))), seconds=PATIENCE)
    assert (reply.code, reply.headers["location"], reply.body) == (302, location, b"moved")


def test_a_refused_connection_has_sent_nothing(wire: HttpWire) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    lost = lose(wire, Request("POST", f"http://127.0.0.1:{port}", TARGET, {"auth": TOKEN}, b"{}"))
    assert not lost.sent
    assert lost.cause == str(lost) == "connection refused"


@pytest.mark.parametrize(("problem", "cause"), [
    (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "name or service not known"),
    (OSError("no text of the system's"), "no connection"),
])  # fmt: skip
def test_a_name_that_nobody_knows_has_sent_nothing(
    wire: HttpWire, monkeypatch: pytest.MonkeyPatch, problem: OSError, cause: str
) -> None:
    def look_up(*args: object, **options: object) -> None:
        raise problem

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    lost = lose(wire, Request("POST", "https://platform.invalid", TARGET))
    assert (lost.sent, lost.cause) == (False, cause)


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
def test_what_breaks_after_the_request_left_may_have_had_an_effect(
    serve: Serve, wire: HttpWire, behaviour: Behaviour, cause: str
) -> None:
    lost = lose(wire, post(serve(behaviour)))
    assert lost.sent
    assert cause in lost.cause


def test_a_reset_before_the_request_is_a_loss_too(serve: Serve, wire: HttpWire) -> None:
    # Whether the request had begun to leave is decided by the sockets here.
    lose(wire, post(serve(resets(after=0))))


@pytest.mark.parametrize("behaviour", [
    pytest.param(hangs(), id="no answer"),
    pytest.param(hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"), id="half an answer"),
    pytest.param(drips(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"), id="dripping head"),
    pytest.param(drips(CHUNKED, b"1\r\nx\r\n"), id="dripping body"),
])  # fmt: skip
def test_no_call_takes_longer_than_it_may(serve: Serve, wire: HttpWire, behaviour: Behaviour) -> None:
    lost = lose(wire, post(serve(behaviour)), seconds=SHORT)
    assert lost.sent
    assert lost.cause in ("no whole answer within 0 s", "no answer in time", "the body came too slowly")


def test_a_body_that_drips_is_not_read_to_its_end(serve: Serve, wire: HttpWire) -> None:
    server = serve(drips(CHUNKED, b"1\r\nx\r\n"))
    lose(wire, get(server), seconds=SHORT)
    for thread in requests_under_way():
        thread.join(PATIENCE)
    assert requests_under_way() == []
    assert not server.stopped.is_set()


def test_a_request_that_was_given_up_before_it_left_never_leaves(
    serve: Serve, wire: HttpWire, monkeypatch: pytest.MonkeyPatch
) -> None:
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


@pytest.mark.parametrize(("encoding", "body"), [
    ("gzip", gzip.compress(b"hello" * 99)),
    ("x-gzip", gzip.compress(b"hello" * 99)),
    ("GZIP", gzip.compress(b"hello" * 99)),
    ("deflate", zlib.compress(b"hello" * 99)),
    ("identity", b"hello" * 99),
    ("", b"hello" * 99),
    (",", b"hello" * 99),
    ("utf-8", b"hello" * 99),
    ("aws-chunked,", b"hello" * 99),
    ("gzip,", gzip.compress(b"hello" * 99)),
    (" , gzip", gzip.compress(b"hello" * 99)),
    ("identity, gzip, aws-chunked", gzip.compress(b"hello" * 99)),
])  # fmt: skip
def test_a_compressed_body_is_decoded(serve: Serve, wire: HttpWire, encoding: str, body: bytes) -> None:
    server = serve(answers(http(200, body, Content_Encoding=encoding)))
    assert wire.exchange(get(server), seconds=PATIENCE).body == b"hello" * 99


def test_an_empty_body_may_claim_to_be_compressed(serve: Serve, wire: HttpWire) -> None:
    server = serve(answers(http(200, b"", Content_Encoding="gzip")))
    assert wire.exchange(get(server), seconds=PATIENCE).body == b""


@pytest.mark.parametrize(("encoding", "body", "cause"), [
    ("br", b"hello", "the body is encoded as 'br', which was not asked for"),
    ("gzip, gzip", b"hello", "the body is encoded as 'gzip, gzip', which was not asked for"),
    ("x" * 99, b"hello", "the body is encoded, which was not asked for"),
    (",br,", b"hello", "the body is encoded as 'br', which was not asked for"),
    ("secret, gzip", b"hello", "the body is encoded as '(unknown), gzip', which was not asked for"),
    ("gzip", gzip.compress(b"hello" * 99)[:-9], "the compressed body is not whole"),
    ("gzip", gzip.compress(b"hello")[:5], "the compressed body is not whole"),
    ("gzip", gzip.compress(b"hello") * 2, "the compressed body is not whole"),
    ("gzip", b"hello", "error"),
])  # fmt: skip
def test_a_body_that_cannot_be_decoded_is_lost(
    serve: Serve, wire: HttpWire, encoding: str, body: bytes, cause: str
) -> None:
    lost = lose(wire, get(serve(answers(http(200, body, Content_Encoding=encoding)))))
    assert lost.sent
    assert lost.cause == cause


def test_a_body_may_be_as_long_as_the_limit(serve: Serve, wire: HttpWire) -> None:
    server = serve(answers(http(200, b"x" * 100_000)))
    assert len(wire.exchange(get(server), seconds=PATIENCE, limit=100_000).body) == 100_000


@pytest.mark.parametrize(("reply", "limit"), [
    pytest.param(http(200, b"x" * 101), 100, id="a byte too many"),
    pytest.param(http(200, gzip.compress(bytes(10_000_000)), Content_Encoding="gzip"), 100_000, id="a bomb"),
])  # fmt: skip
def test_a_longer_body_is_not_taken_in(serve: Serve, wire: HttpWire, reply: bytes, limit: int) -> None:
    with pytest.raises(TooLarge):
        wire.exchange(get(serve(answers(reply))), seconds=PATIENCE, limit=limit)


def test_a_body_without_end_is_not_taken_in(serve: Serve, wire: HttpWire) -> None:
    server = serve(drips(CHUNKED, b"1000\r\n" + b"x" * 0x1000 + b"\r\n", every=0.0))
    with pytest.raises(TooLarge):
        wire.exchange(get(server), seconds=PATIENCE, limit=50_000)


@pytest.mark.parametrize("value", [f"{TOKEN}\r\nX-Injected: 1", f"{TOKEN}\nX: 1", f"{TOKEN}\0", f"{TOKEN}\u00e9"])
def test_no_header_can_be_injected(serve: Serve, wire: HttpWire, value: str) -> None:
    server = serve(answers(http(200)))
    lose(wire, Request("POST", server.origin, b"/run", {"auth": value}, b"{}"))
    assert server.requests == []


@pytest.mark.parametrize("value", [f"{TOKEN}\r\nX: 1", f"{TOKEN}\u00e9"])
def test_a_header_that_cannot_be_sent_is_told_in_words(serve: Serve, wire: HttpWire, value: str) -> None:
    lost = lose(wire, Request("POST", serve(answers(http(200))).origin, b"/run", {"auth": value}))
    assert lost.cause == "the request holds characters that HTTP does not allow"


@pytest.mark.parametrize("target", [b"/a\r\nX-Injected: 1", b"/a b", b"/\xe9"])
def test_no_line_can_be_injected(serve: Serve, wire: HttpWire, target: bytes) -> None:
    server = serve(answers(http(200)))
    lose(wire, get(server, target))
    assert server.requests == []


@pytest.mark.parametrize(
    "origin", ["http://[::1", "http://a:b", f"http://{'a' * 70}.example", "http://\u2603..example"]
)
def test_an_origin_that_is_none_has_sent_nothing(wire: HttpWire, origin: str) -> None:
    assert not lose(wire, Request("GET", origin, TARGET)).sent


def test_a_certificate_that_nobody_trusts_is_an_error_with_a_hint(
    serve: Serve, open_wire: Callable[..., HttpWire], tmp_path: Path
) -> None:
    context, ca_file = self_signed(tmp_path, "localhost")
    server = serve(answers(http(200, b"hello")), context=context)
    with pytest.raises(PlatformError) as caught:
        open_wire().exchange(post(server), seconds=PATIENCE)
    assert caught.value.message.startswith("the certificate of localhost is not trusted: self")
    assert "--ca-file, or SSL_CERT_FILE" in caught.value.hint
    assert server.requests == []
    assert open_wire(ca_file).exchange(get(server), seconds=PATIENCE).body == b"hello"


def test_a_certificate_of_another_host_is_not_trusted(
    serve: Serve, open_wire: Callable[..., HttpWire], tmp_path: Path
) -> None:
    context, ca_file = self_signed(tmp_path, "elsewhere.example")
    server = serve(answers(http(200)), context=context)
    with pytest.raises(PlatformError, match="the certificate of localhost is not trusted: Hostname mismatch"):
        open_wire(ca_file).exchange(get(server), seconds=PATIENCE)


def test_a_server_that_speaks_no_tls_is_a_lost_connection(serve: Serve, wire: HttpWire) -> None:
    server = serve(greets(b"220 ready for mail\r\n"))
    lost = lose(wire, Request("POST", server.origin.replace("http://", "https://"), b"/run", {"auth": TOKEN}))
    assert not lost.sent
    assert lost.cause


def test_a_proxy_for_http_is_told_the_whole_url(
    serve: Serve, open_wire: Callable[..., HttpWire], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(answers(http(200, b"hello")))
    monkeypatch.setenv("HTTP_PROXY", proxy.origin)
    request = Request("GET", "http://platform.example:8080", TARGET)
    assert open_wire(use_proxies=True).exchange(request, seconds=PATIENCE).body == b"hello"
    assert proxy.requests[0].startswith(b"GET http://platform.example:8080" + TARGET + b" HTTP/1.1\r\n")


def test_a_proxy_for_https_is_told_the_host_and_nothing_else(
    serve: Serve, open_wire: Callable[..., HttpWire], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
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


def test_a_proxy_that_refuses_has_let_nothing_through(
    serve: Serve, open_wire: Callable[..., HttpWire], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", serve(answers(http(403, b"no"))).origin)
    lost = lose(open_wire(use_proxies=True), Request("POST", "https://platform.example", b"/run", {"auth": TOKEN}))
    assert (lost.sent, lost.cause) == (False, "the proxy refused")


def test_proxies_are_left_alone_where_they_are_not_wanted(
    serve: Serve, wire: HttpWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert HttpWire(use_proxies=False).exchange(get(serve(answers(http(204)))), seconds=PATIENCE).code == 204


@pytest.mark.parametrize(("name", "text"), [
    ("ALL_PROXY", "socks5://127.0.0.1:1080"), ("HTTPS_PROXY", "gopher://127.0.0.1"),
    ("HTTP_PROXY", "http://127.0.0.1:port"), ("NO_PROXY", "http://[::1"),
])  # fmt: skip
def test_proxy_settings_that_make_no_sense_are_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(UsageError, match="the proxy settings make no sense") as caught:
        HttpWire()
    assert name in caught.value.hint


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_ca_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path, content: bytes | None) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)
    with pytest.raises(UsageError, match=r"the certificates of --ca-file '.*ca\.pem' cannot be read"):
        HttpWire(ca_file=str(ca_file))


def test_a_broken_store_of_certificates_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def create() -> ssl.SSLContext:
        raise ssl.SSLError("unknown error")

    monkeypatch.setattr(ssl, "create_default_context", create)
    with pytest.raises(UsageError, match="the certificates of SSL_CERT_FILE or the system's store"):
        HttpWire()


def test_nothing_is_logged_behind_the_gates_back(
    serve: Serve, wire: HttpWire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(answers(http(302, Location="https://files.example.com/?s=SIGNATURE")))
    assert wire.exchange(get(server), seconds=PATIENCE).code == 302
    assert caplog.records == []


def test_neither_requests_nor_replies_show_what_is_secret() -> None:
    request = Request("GET", "https://files.example.com", b"/f?s=SIGNATURE", {"auth": TOKEN})
    reply = Reply(302, {"location": "/f?s=SIGNATURE"}, b"the body")
    assert repr(request) == "Request(method='GET', origin='https://files.example.com', content=None)"
    assert repr(reply) == "Reply(code=302)"


def test_a_time_limit_of_the_library_is_told_like_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of the two ends a call first is a matter of chance."""

    def time_out(*_args: object, **_options: object) -> httpx.Response:
        raise httpx.ReadTimeout("too late")

    wire = HttpWire()
    monkeypatch.setattr(wire._client, "send", time_out)
    with pytest.raises(Lost, match="no answer in time"):
        wire.exchange(Request("GET", "https://bots.example.com", b"/"), seconds=5)
    wire.close()


def test_without_another_thread_a_request_is_lost_before_it_left(
    wire: HttpWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refuse)
    lost = lose(wire, Request("POST", "https://bots.example.com", b"/"))
    assert (lost.sent, lost.cause) == (False, "no thread can be started on this machine")
    assert "number of processes" in lost.hint


@pytest.mark.parametrize("no_proxy", ["127.0.0.0/8", "127.0.0.1", "127.*", "http://127.0.0.1", "*"])
def test_a_host_that_is_excepted_is_reached_without_the_proxy(
    no_proxy: str, serve: Serve, open_wire: Callable[..., HttpWire], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    server = serve(answers(http(200, b"hello")))
    assert open_wire(use_proxies=True).exchange(get(server), seconds=PATIENCE).body == b"hello"


def test_a_name_that_was_never_resolved_may_be_mistyped(wire: HttpWire, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*args: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert lose(wire, Request("POST", "https://platform.invalid", TARGET)).unknown_host
