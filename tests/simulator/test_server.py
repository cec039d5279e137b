"""The simulator as a server: start and stop, many callers, and a log without secrets."""

from __future__ import annotations

import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from ci_gate.simulator import Simulator
from tests.simulator.caller import SUITE, Caller, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    Simulate = Callable[..., Caller]


def test_simulator_has_realistic_credentials_and_an_address_while_it_runs() -> None:
    simulator = Simulator()
    assert simulator.client_id.startswith("cs-")
    assert len(simulator.client_secret) >= 32
    with simulator:
        assert simulator.url.startswith("http://127.0.0.1:")
    with pytest.raises(RuntimeError, match="unless it is running"):
        _ = simulator.url


def test_simulator_that_is_not_running_can_be_closed() -> None:
    simulator = Simulator()
    simulator.close()
    simulator.start()
    simulator.close()
    simulator.close()


def test_closing_frees_the_port_and_forgets_the_runs() -> None:
    clock = Clock()
    with Simulator(clock=clock) as first:
        port = urlsplit(first.url).port
        assert port is not None
        run_id = Caller(first, clock).run()
    with Simulator(port=port, clock=clock) as second:
        assert second.url == f"http://127.0.0.1:{port}"
        assert Caller(second, clock).ask(run_id).status == 400


def test_a_port_in_use_is_an_error(caller: Caller) -> None:
    taken = Simulator(port=urlsplit(caller.simulator.url).port or 0)
    with pytest.raises(OSError, match="in use"):
        taken.start()


def test_replies_are_dated_by_the_clock(caller: Caller) -> None:
    caller.clock.advance(90)
    connection = HTTPConnection(urlsplit(caller.simulator.url).netloc, timeout=10)
    connection.request("GET", "/")
    with connection.getresponse() as response:
        assert response.headers["Date"] == "Tue, 01 Jul 2025 12:01:30 GMT"
    connection.close()


def test_only_one_of_many_simultaneous_callers_gets_the_bot(caller: Caller) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: caller.order().status, range(8)))
    assert statuses == [200] + [400] * 7


def test_the_log_has_a_line_for_each_call_and_no_secret(simulate: Simulate) -> None:
    lines: list[str] = []
    caller = simulate(log=lines.append)
    url = caller.completed("Banking smoke")["result"]["fileUrl"]
    caller.fetch(url)
    caller.simulator.close()
    file = urlsplit(url)
    assert [line.split(" ", 2)[:2] for line in lines] == [["200", "POST"], ["200", "GET"], ["200", "GET"]]
    assert lines[0] == f"200 POST {caller.bank}/Banking%20smoke/run (whole)"
    assert lines[2] == f"200 GET {file.path} (whole)"
    assert not any(caller.token() in line or file.query in line for line in lines)


def test_nothing_is_printed(caller: Caller, capfd: pytest.CaptureFixture[str]) -> None:
    caller.fetch(caller.completed()["result"]["fileUrl"])
    caller.call("OPTIONS", "/")
    caller.simulator.close()
    assert capfd.readouterr() == ("", "")


def test_caller_that_hangs_up_is_ignored(caller: Caller, capfd: pytest.CaptureFixture[str]) -> None:
    address = urlsplit(caller.simulator.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(b"GET / HT")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert caller.order(SUITE).status == 200
    caller.simulator.close()
    assert capfd.readouterr() == ("", "")


def test_bug_of_the_simulator_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    broken = Event()

    def clock() -> float:
        broken.set()
        raise ArithmeticError("the clock is broken")

    with Simulator(clock=clock) as simulator, pytest.raises(ConnectionError):
        Caller(simulator, Clock()).order()
    assert broken.is_set()
    assert "ArithmeticError: the clock is broken" in capfd.readouterr().err
