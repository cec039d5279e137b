"""A server on loopback that sends raw bytes: everything that a network can do to a call."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    Behaviour = Callable[["ScriptedServer", socket.socket], None]

PATIENCE = 5.0  # s, after which a test that went wrong ends instead of hanging
_GLANCE = 0.01  # s


class ScriptedServer:
    """A server that applies one behaviour to each connection in turn, and repeats the last one.

    ``requests`` are the bytes of each request; ``stopped`` is set on closing, so that what hangs or drips comes to its
    end; ``let_go`` counts the connections that the other side closed.
    """

    def __init__(
        self, *behaviours: Behaviour, context: ssl.SSLContext | None = None, patience: float = PATIENCE
    ) -> None:
        self.behaviours = list(behaviours)
        self.context = context
        self.patience = patience
        self.requests: list[bytes] = []
        self.let_go = 0
        self.stopped = Event()
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.settimeout(_GLANCE)
        self.port: int = self._listener.getsockname()[1]
        self._thread = Thread(target=self._serve, name="scripted server", daemon=True)

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}" if self.context else f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._open()
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stopped.set()
        with suppress(OSError):  # Linux wakes the thread that accepts; elsewhere it looks soon
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self._listener.close()

    def _open(self) -> None:
        self._listener.listen()

    def _serve(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                if self.stopped.is_set():
                    return
                raise
            self._meet(connection, following(self.behaviours))

    def _meet(self, connection: socket.socket, behaviour: Behaviour) -> None:
        with connection:
            connection.settimeout(self.patience)
            self._treat(connection, behaviour)

    def _treat(self, connection: socket.socket, behaviour: Behaviour) -> None:
        try:
            if self.context is None:
                behaviour(self, connection)
            else:
                with self.context.wrap_socket(connection, server_side=True) as encrypted:
                    behaviour(self, encrypted)
        except OSError:
            self.let_go += 1

    def read(self, connection: socket.socket) -> bytes:
        """Read one request and record it."""
        request = b""
        while b"\r\n\r\n" not in request:
            request += _some(connection)
        head, _, body = request.partition(b"\r\n\r\n")
        (length,) = [
            int(line.partition(b":")[2]) for line in head.splitlines() if line.lower().startswith(b"content-length:")
        ] or [0]
        while len(body) < length:
            body += _some(connection)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]


def following(behaviours: list[Behaviour]) -> Behaviour:
    """Return the next behaviour; the last one repeats."""
    return behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the other side hung up")
    return data


def http(code: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """Return a whole reply; underscores in the names of headers become hyphens."""
    fields = {"Content-Length": str(len(body)), **{name.replace("_", "-"): text for name, text in headers.items()}}
    lines = [f"HTTP/1.1 {code} Whatever", *(f"{name}: {text}" for name, text in fields.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def answers(reply: bytes) -> Behaviour:
    """Read the request, send these bytes and hang up."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(reply)

    return behave


def answers_and_stays(reply: bytes) -> Behaviour:
    """Read the request, send these bytes and wait for another request."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(reply)
        server.read(connection)

    return behave


def greets(greeting: bytes) -> Behaviour:
    """Send first, then wait for the other side to hang up."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        connection.sendall(greeting)
        while True:
            _some(connection)

    return behave


def resets(*, after: int | None) -> Behaviour:
    """Reset the connection after ``after`` bytes of the request, or after all of it if ``None``."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        if after is None:
            server.read(connection)
        elif after:
            connection.recv(after)
        # Lingering for no time at all makes the close a reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def hangs(begin: bytes = b"") -> Behaviour:
    """Read the request, send the beginning of a reply, and then nothing until the server is closed."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(begin)
        server.stopped.wait(server.patience)

    return behave


def drips(begin: bytes, drop: bytes, *, every: float = 0.02) -> Behaviour:
    """Read the request, send the beginning of a reply, and then a drop at a time until the other side has enough."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(begin)
        while not server.stopped.wait(every):
            connection.sendall(drop)

    return behave


def tunnels(context: ssl.SSLContext, reply: bytes) -> Behaviour:
    """Be a proxy that opens a tunnel, and the server at its other end."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as encrypted:
            server.read(encrypted)
            encrypted.sendall(reply)

    return behave
