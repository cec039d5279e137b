"""The address of a host that answers: dead ones before it cost a second in all, and only once."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpcore
import pytest

from ci_gate.kore.wire.addresses import Addresses, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT = 443
NEVER = 1e9


@dataclass(slots=True)
class Network:
    """A host of which each address answers after some seconds, or never, or refuses; only waiting moves the time."""

    answers: dict[str, float | OSError] = field(default_factory=dict)
    now: float = 0.0
    tried: list[tuple[str, float]] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)

    def resolve(self, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if not self.answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        # As with several kinds of sockets, each address comes twice.
        return [(socket.AF_INET, 1, 6, "", (address, port)) for address in self.answers for _ in range(2)]

    def connect(self, place: tuple[str, int], timeout: float, **_: object) -> socket.socket:
        address, _port = place
        self.tried.append((address, timeout))
        delay = self.answers[address]
        if isinstance(delay, OSError):
            raise delay
        self.now += min(delay, timeout)
        if delay > timeout:
            raise TimeoutError
        self.sockets.append(socket.socket())
        return self.sockets[-1]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """A network that is nowhere."""
    it = Network()
    monkeypatch.setattr(socket, "getaddrinfo", it.resolve)
    monkeypatch.setattr(socket, "create_connection", it.connect)
    with monkeypatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: it.now)
        yield it
    for opened in it.sockets:
        opened.close()


def connect(addresses: Addresses, timeout: float | None = 10.0) -> None:
    addresses.connect_tcp("bots.example", PORT, timeout)


@pytest.mark.parametrize("dead", [1, 2, 5])
def test_dead_addresses_before_a_live_one_cost_a_second_in_all_and_only_once(network: Network, dead: int) -> None:
    network.answers = {f"10.0.0.{n}": NEVER for n in range(dead)}
    network.answers["10.0.1.1"] = 0.05
    addresses = Addresses()
    connect(addresses)
    assert network.now == pytest.approx(1.05)
    connect(addresses)
    assert network.now == pytest.approx(1.1)


def test_a_single_address_has_all_the_time(network: Network) -> None:
    network.answers = {"10.0.0.1": 8.0}
    connect(Addresses())
    assert network.tried == [("10.0.0.1", 10.0)]


def test_without_a_limit_there_is_one(network: Network) -> None:
    network.answers = {"10.0.0.1": NEVER}
    with pytest.raises(httpcore.ConnectTimeout):
        connect(Addresses(), None)
    assert network.now == 10.0


def test_addresses_that_are_only_slow_get_more_time_in_the_next_round(network: Network) -> None:
    network.answers = {"10.0.0.1": 2.5, "10.0.0.2": NEVER}
    connect(Addresses())
    assert network.tried == [("10.0.0.1", 1.0), ("10.0.0.2", 1.0), ("10.0.0.1", 3.0)]


def test_where_nothing_answers_the_time_is_over_when_it_is(network: Network) -> None:
    network.answers = {"10.0.0.1": NEVER, "10.0.0.2": NEVER}
    with pytest.raises(httpcore.ConnectTimeout):
        connect(Addresses())
    assert network.now == pytest.approx(10.0)


def test_an_address_that_refuses_leaves_all_the_time_to_the_others(network: Network) -> None:
    network.answers = {"10.0.0.1": ConnectionRefusedError(111, "refused"), "10.0.0.2": 8.0}
    connect(Addresses())
    assert network.tried == [("10.0.0.1", 1.0), ("10.0.0.2", 10.0)]


def test_where_all_refuse_the_refusal_is_the_cause(network: Network) -> None:
    network.answers = dict.fromkeys(("10.0.0.1", "10.0.0.2"), ConnectionRefusedError(111, "refused"))
    with pytest.raises(httpcore.ConnectError) as caught:
        connect(Addresses())
    assert isinstance(caught.value.__cause__ or caught.value.__context__, ConnectionRefusedError)


def test_an_address_that_answered_and_died_is_forgotten_for_one_that_answers(network: Network) -> None:
    network.answers = {"10.0.0.1": NEVER, "10.0.0.2": 0.0}
    addresses = Addresses()
    connect(addresses)
    network.answers = {"10.0.0.1": 0.0, "10.0.0.2": NEVER}
    connect(addresses)
    network.tried.clear()
    connect(addresses)
    assert [address for address, _ in network.tried] == ["10.0.0.1"]


def test_a_name_that_was_never_resolved_is_unknown_and_one_that_was_is_not(network: Network) -> None:
    addresses = Addresses()
    with pytest.raises(UnknownName):
        connect(addresses)
    network.answers = {"10.0.0.1": 0.0}
    connect(addresses)
    network.answers = {}
    with pytest.raises(httpcore.ConnectError) as caught:
        connect(addresses)
    assert not isinstance(caught.value, UnknownName)


def test_a_name_without_an_address_cannot_be_connected_to(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [])
    with pytest.raises(httpcore.ConnectError, match="no address"):
        connect(Addresses())
