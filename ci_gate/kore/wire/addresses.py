"""The network backend: it finds an address that answers, and tries that one first next time. Only home of httpcore."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import httpcore

if TYPE_CHECKING:
    from collections.abc import Iterable

DEAD_SECONDS = 1.0
"""The seconds that all addresses but the last may take together in the first round, if none of them answers.

Each further round has three times as long as the one before.
"""

_GROWTH = 3.0
_LONGEST = 10.0


class UnknownName(httpcore.ConnectError):
    """The host name cannot be resolved, and has not been resolved before."""


class Addresses(httpcore.SyncBackend):
    """A network backend that limits the time for each address of a host.

    Without this limit, a single address that never answers would use up the time for all of them.
    """

    def __init__(self) -> None:
        self._answered: dict[str, str] = {}
        self._resolved: set[str] = set()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers.

        Addresses that did not answer in time get more time in the next round. Raise ``httpcore.ConnectTimeout`` after
        ``timeout`` seconds, and ``httpcore.ConnectError`` if every address refuses the connection.
        """
        addresses = self._addresses(host, port)
        until = time.monotonic() + (timeout or _LONGEST)
        refused: httpcore.ConnectError | None = None
        share = DEAD_SECONDS
        while addresses:
            for address in tuple(addresses):
                left = until - time.monotonic()
                if left <= 0:
                    raise httpcore.ConnectTimeout("no address answered in time")
                patience = left if len(addresses) == 1 else min(left, share / (len(addresses) - 1))
                try:
                    stream = super().connect_tcp(address, port, patience, local_address, socket_options)
                except httpcore.ConnectTimeout:
                    continue
                except httpcore.ConnectError as problem:
                    refused = problem
                    addresses.remove(address)
                    continue
                self._answered[host] = address
                return stream
            share *= _GROWTH
        raise refused or httpcore.ConnectError("the name has no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host; the one that answered last comes first."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as problem:
            is_unknown = isinstance(problem, socket.gaierror) and host not in self._resolved
            raise (UnknownName if is_unknown else httpcore.ConnectError)(type(problem).__name__) from problem
        self._resolved.add(host)
        addresses = dict.fromkeys(str(place[0]) for *_, place in found)
        return sorted(addresses, key=lambda address: address != self._answered.get(host))
