"""The simulator as a server: loopback sockets, threads, and the ways in which a reply can get lost."""

from __future__ import annotations

import socket
import struct
import sys
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from ci_gate.simulator.catalogue import load_bots
from ci_gate.simulator.endpoints import Platform
from ci_gate.simulator.scenario import Scenario
from ci_gate.simulator.tokens import CLIENT_ID, CLIENT_SECRET
from ci_gate.simulator.wire import Delivery, Refusal, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"
MAX_BODY = 64 * 1024  # bytes, far more than any request of this API needs
SILENCE = 5  # seconds that a connection may keep its thread waiting
CLOSING_CHECK = 0.02  # seconds between two looks at whether to stop, hence the longest wait in close()


class Simulator:
    """The platform on a port of this machine (0: any free one), served by a thread from `start` to `close`.

    `clock` gives seconds since the epoch, and runs, tokens, links and the dates of replies go by it alone. `log` gets a
    line a request, never a token or a signature.
    """

    client_id = CLIENT_ID
    client_secret = CLIENT_SECRET

    def __init__(
        self,
        *,
        scenario: Scenario = Scenario.PASSING,
        port: int = 0,
        duration: float = 6.0,
        enforce_jti: bool = False,
        clock: Callable[[], float] = time.time,
        log: Callable[[str], None] | None = None,
    ) -> None:
        self.bots = load_bots()
        self._port = port
        self._log = log
        self._clock = clock
        self._platform_at = partial(
            Platform, bots=self.bots, scenario=scenario, duration=duration, enforce_jti=enforce_jti, clock=clock
        )
        self._serving: tuple[_Server, Thread] | None = None

    @property
    def url(self) -> str:
        if self._serving is None:
            raise RuntimeError("the simulator has no address unless it is running")
        return self._serving[0].origin

    def start(self) -> None:
        """Take the port and serve. Raise `OSError` if the port is not free."""
        server = _Server(self._port, self._platform_at, self._clock, self._log)
        thread = Thread(target=server.serve_forever, args=(CLOSING_CHECK,), name="simulator", daemon=True)
        thread.start()
        self._serving = server, thread

    def close(self) -> None:
        """Wait for replies under way, then free the port; do nothing if not running."""
        if self._serving is None:
            return
        server, thread = self._serving
        self._serving = None
        server.shutdown()
        thread.join()
        server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for them, and no socket outlives the server

    def __init__(
        self,
        port: int,
        platform_at: Callable[..., Platform],
        clock: Callable[[], float],
        log: Callable[[str], None] | None,
    ) -> None:
        super().__init__((HOST, port), _Exchange)
        self.origin = f"http://{HOST}:{self.server_address[1]}"
        self.platform = platform_at(origin=self.origin)
        self.clock = clock
        self.log = log

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's own would ask DNS for this machine's name, which can take seconds

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A caller that hangs up is its own affair; anything else is a mistake of the simulator and must be seen.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Exchange(BaseHTTPRequestHandler):
    """One request and its reply; the connection never outlives them."""

    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = SILENCE

    def _exchange(self) -> None:
        announced = self.headers.get("Content-Length", "")
        length = int(announced) if announced.isdecimal() else 0
        path, _, query = self.path.partition("?")
        if length > MAX_BODY:
            reply = Refusal(413, "Request Entity Too Large").reply
        else:
            request = Request(
                method=self.command,
                path=path,
                query=query,
                token=self.headers.get("auth"),
                language=self.headers.get("bot-language"),
                body=self.rfile.read(length),
            )
            reply = self.server.platform.answer(request)
        if self.server.log is not None:
            self.server.log(f"{reply.status} {self.command} {path} ({reply.delivery})")
        self._deliver(reply)  # last, so that the lines of one caller keep the order of its calls

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _exchange  # noqa: N815 - the names that http.server calls

    def _deliver(self, reply: Reply) -> None:
        if reply.delivery is Delivery.RESET:
            # Lingering for zero seconds makes the close an RST: the caller sees a connection reset by its peer.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.delivery is Delivery.TORN else reply.body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the date by the simulator's clock, with which a caller compares the times of a run."""
        return super().date_time_string(self.server.clock() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the inherited name
        """Nothing: http.server would log the whole target, signatures included."""
