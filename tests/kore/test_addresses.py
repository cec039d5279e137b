"""The choice of an address: dead ones cost a second in all, and only once."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpcore
import pytest

from ci_gate.kore.wire.addresses import Addresses, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT = 443
NEVER = 1e9


@dataclass(slots=True)
class Network:
    """A host whose addresses answer after some seconds, never, or refuse; only waiting advances the time."""

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
    invented = Network()
    monkeypatch.setattr(socket, "getaddrinfo", invented.resolve)
    monkeypatch.setattr(socket, "create_connection", invented.connect)
    with monkeypatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: invented.now)
        yield invented
    for opened in invented.sockets:
        opened.close()


def connect(addresses: Addresses, timeout: float | None = 10.0) -> None:
    addresses.connect_tcp("bots.example", PORT, timeout)


@pytest.mark.parametrize("dead", [1, 2, 5])
def test_dead_addresses_cost_a_second_in_all_and_only_once(network: Network, dead: int) -> None:
    network.answers = {f"10.0.0.{n}": NEVER for n in range(dead)}
    network.answers["10.0.1.1"] = 0.05
    addresses = Addresses()
    connect(addresses)
    assert network.now == pytest.approx(1.05)
    connect(addresses)
    assert network.now == pytest.approx(1.1)


@pytest.mark.parametrize(("answers", "tried"), [
    pytest.param({"10.0.0.1": 8.0}, [("10.0.0.1", 10.0)], id="a single address has all the time"),
    pytest.param(
        {"10.0.0.1": 2.5, "10.0.0.2": NEVER}, [("10.0.0.1", 1.0), ("10.0.0.2", 1.0), ("10.0.0.1", 3.0)],
        id="slow addresses have more time in the next round",
    ),
    pytest.param(
        {"10.0.0.1": ConnectionRefusedError(111, "refused"), "10.0.0.2": 8.0},
        [("10.0.0.1", 1.0), ("10.0.0.2", 10.0)], id="an address that refuses leaves all the time to the others",
    ),
])  # fmt: skip
def test_time_is_shared_among_addresses(network: Network, answers: dict[str, Any], tried: list[object]) -> None:
    network.answers = answers
    connect(Addresses())
    assert network.tried == tried


def test_attempt_ends_at_its_time_limit(network: Network) -> None:
    network.answers = {"10.0.0.1": NEVER}
    with pytest.raises(httpcore.ConnectTimeout):
        connect(Addresses(), None)
    assert network.now == 10.0, "the default"
    network.answers["10.0.0.2"] = NEVER
    with pytest.raises(httpcore.ConnectTimeout):
        connect(Addresses())
    assert network.now == pytest.approx(20.0)


def test_connection_error_names_the_refusal_or_the_missing_address(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.answers = dict.fromkeys(("10.0.0.1", "10.0.0.2"), ConnectionRefusedError(111, "refused"))
    with pytest.raises(httpcore.ConnectError) as caught:
        connect(Addresses())
    assert isinstance(caught.value.__cause__ or caught.value.__context__, ConnectionRefusedError)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [])
    with pytest.raises(httpcore.ConnectError, match="no address"):
        connect(Addresses())


def test_address_that_died_is_replaced_by_one_that_answers(network: Network) -> None:
    network.answers = {"10.0.0.1": NEVER, "10.0.0.2": 0.0}
    addresses = Addresses()
    connect(addresses)
    network.answers = {"10.0.0.1": 0.0, "10.0.0.2": NEVER}
    connect(addresses)
    network.tried.clear()
    connect(addresses)
    assert [address for address, _ in network.tried] == ["10.0.0.1"]


def test_name_is_unknown_only_if_it_was_never_resolved(network: Network) -> None:
    addresses = Addresses()
    with pytest.raises(UnknownName):
        connect(addresses)
    network.answers = {"10.0.0.1": 0.0}
    connect(addresses)
    network.answers = {}
    with pytest.raises(httpcore.ConnectError) as caught:
        connect(addresses)
    assert not isinstance(caught.value, UnknownName)
