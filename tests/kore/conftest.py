"""Wires and scripted servers that are closed with their test, threads and sockets included."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from ci_gate.kore.wire import HttpWire
from tests.kore.scripted_server import PATIENCE, ScriptedServer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from tests.kore.scripted_server import Behaviour


def requests_under_way() -> list[threading.Thread]:
    """Return the threads of unfinished requests, abandoned ones included."""
    return [thread for thread in threading.enumerate() if thread.name == "request"]


@pytest.fixture
def open_wire() -> Iterator[Callable[..., HttpWire]]:
    """Yield a function that opens wires; abandoned requests must end with the test."""
    with ExitStack() as stack:

        def open_one(ca_file: str | None = None, *, use_proxies: bool = False) -> HttpWire:
            wire = HttpWire(ca_file=ca_file, use_proxies=use_proxies)
            stack.callback(wire.close)
            return wire

        yield open_one
        for thread in requests_under_way():
            thread.join(PATIENCE)
        assert requests_under_way() == []


@pytest.fixture
def wire(open_wire: Callable[..., HttpWire]) -> HttpWire:
    return open_wire()


@pytest.fixture
def serve(open_wire: Callable[..., HttpWire]) -> Iterator[Callable[..., ScriptedServer]]:
    """Yield a function that starts servers; they close before the wires, so that nothing waits for them."""
    with ExitStack() as stack:

        def start(*behaviours: Behaviour, context: ssl.SSLContext | None = None) -> ScriptedServer:
            return stack.enter_context(ScriptedServer(*behaviours, context=context))

        yield start
