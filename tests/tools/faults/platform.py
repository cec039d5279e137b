"""The platform that executes a script: it serves each connection over a real socket in its own thread."""

from __future__ import annotations

import re
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from tests.kore.scripted_server import ScriptedServer, following
from tests.tools.faults.good_run import MEDIA, SUITE
from tests.tools.faults.model import NEVER
from tests.tools.faults.replies import accepts, completed, file, lists, running, says

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Mapping

    from tests.kore.scripted_server import Behaviour
    from tests.tools.faults.model import Behaviours, Script

PATIENCE = 90.0  # s, longer than any row takes

_ROUTES = {
    "tunnel": re.compile(rb"CONNECT "),
    "start": re.compile(rb"POST \S+/run "),
    "status": re.compile(rb"GET \S+/status "),
    "file": re.compile(rb"GET \S*%s" % re.escape(MEDIA.encode())),
    "suites": re.compile(rb"GET \S+/testsuite[? ]"),
}


def lets_in(server: ScriptedServer, connection: socket.socket) -> None:
    """Read the request and answer by its target: the usual behaviour for a new connection."""
    assert isinstance(server, ScriptedPlatform)
    if server.context is None:
        server.answer(connection)
    else:
        with server.context.wrap_socket(connection, server_side=True) as encrypted:
            server.answer(encrypted)


def lets_in_unencrypted(server: ScriptedServer, connection: socket.socket) -> None:
    """Act as a proxy that speaks http, even if the platform behind it speaks https."""
    assert isinstance(server, ScriptedPlatform)
    server.answer(connection)


def opens_tunnel(server: ScriptedServer, connection: socket.socket) -> None:
    """Act as a proxy that opens a tunnel, and as the platform at its other end."""
    assert isinstance(server, ScriptedPlatform)
    assert server.context is not None
    server.read(connection)
    connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    with server.context.wrap_socket(connection, server_side=True) as encrypted:
        server.answer(encrypted)


def by_path(treated: Mapping[str, Behaviour]) -> Behaviour:
    """Answer a request by the first key of ``treated`` in its request line; refuse requests without any."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        assert isinstance(server, ScriptedPlatform)
        line = server.heard(connection).partition(b"\r\n")[0].decode("latin-1")
        behaviour = next((behaviour for text, behaviour in treated.items() if text in line), says(404))
        behaviour(server, connection)

    return behave


_USUAL: dict[str, tuple[Behaviour, ...]] = {
    "tunnel": (says(405),),
    "start": (accepts(),),
    "status": (running(), completed()),
    "file": (file(),),
    "suites": (lists(SUITE),),
    "door": (lets_in,),
}


class ScriptedPlatform(ScriptedServer):
    """A ``ScriptedServer`` that serves any number of connections at once, each by its request.

    ``met`` is set with every connection.
    """

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        super().__init__(*_whole("door", script.door), context=context, patience=PATIENCE)
        self._listener.settimeout(0.1)
        self._routes = {name: _whole(name, getattr(script, name)) for name in _ROUTES}
        self._opens_after = script.opens_after
        self.met = Event()
        self._heard: dict[socket.socket, bytes] = {}
        self._lock = Lock()

    def _open(self) -> None:
        if not self._opens_after:
            super()._open()

    def _serve(self) -> None:
        # The port stays bound meanwhile, but connections to it are refused.
        if self._opens_after:
            if self.stopped.wait(None if self._opens_after == NEVER else self._opens_after):
                return
            super()._open()
        super()._serve()

    def _meet(self, connection: socket.socket, behaviour: Behaviour) -> None:
        self.met.set()
        Thread(target=super()._meet, args=(connection, behaviour), daemon=True, name="scripted platform").start()

    def _treat(self, connection: socket.socket, behaviour: Behaviour) -> None:
        # At this point, the TLS handshake has not begun either.
        try:
            behaviour(self, connection)
        except OSError:
            self.let_go += 1

    def answer(self, connection: socket.socket) -> None:
        """Read a request and select the behaviour for it; the behaviour reads the request again."""
        request = self._heard[connection] = super().read(connection)
        self._route(request)(self, connection)

    def heard(self, connection: socket.socket) -> bytes:
        """Return the request to be answered, for functions that select a behaviour."""
        return self._heard[connection]

    def read(self, connection: socket.socket) -> bytes:
        """Return the request that ``answer`` has already read, or read one."""
        return self._heard.pop(connection, None) or super().read(connection)

    def _route(self, request: bytes) -> Behaviour:
        for name, rule in _ROUTES.items():
            if rule.match(request):
                with self._lock:
                    return following(self._routes[name])
        return says(404)


def _whole(name: str, behaviours: Behaviours) -> list[Behaviour]:
    """Replace ``...`` by the usual behaviours."""
    told = [behaviour for behaviour in behaviours if not isinstance(behaviour, type(...))]
    return told if len(told) == len(behaviours) else [*told, *_USUAL[name]]
