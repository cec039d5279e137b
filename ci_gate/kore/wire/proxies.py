"""The proxy for each request: the one in the usual variables, unless ``NO_PROXY`` exempts the host."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.request import getproxies

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORTS = {"http": 80, "https": 443}
_ENTRY = re.compile(
    r"(?:(?P<scheme>[a-z]+)://)?"
    r"(?:\[(?P<literal>[^\]]*)\](?P<range>/\d+)?|(?P<bare>[^:\[\]]*:[^\[\]]*:[^\[\]]*)|(?P<name>[^:\[\]]+))"
    r"(?::(?P<port>\d+))?"
)
"""An entry of ``NO_PROXY``: an IPv6 address or range, with or without brackets, or any other address, range or name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exemption:
    """One entry of ``NO_PROXY``: a range of addresses, or a pattern for names of hosts."""

    network: IPv4Network | IPv6Network | None
    pattern: re.Pattern[str]
    scheme: str | None
    port: int | None

    def covers(self, scheme: str, host: str, port: int) -> bool:
        if self.scheme not in (None, "all", scheme) or self.port not in (None, port):
            return False
        address = _address(host)
        if self.network is not None:
            return address is not None and address in self.network
        return bool(self.pattern.fullmatch(host))


@dataclass(frozen=True, slots=True)
class Proxies:
    """The URLs of the proxies by the scheme of the request, and the hosts that are reached without a proxy."""

    urls: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold a password
    exemptions: tuple[_Exemption, ...] = ()

    def of(self, scheme: str, host: str, port: int | None) -> str | None:
        """Return the URL of the proxy for requests to ``host``; ``None`` if the host is reached without one."""
        host = host.lower().rstrip(".").partition("%")[0]
        port = _PORTS.get(scheme, 0) if port is None else port
        if any(exemption.covers(scheme, host, port) for exemption in self.exemptions):
            return None
        return self.urls.get(scheme)


def proxies_of_environment() -> Proxies:
    """Read ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``, or the system's settings.

    The entries of ``NO_PROXY`` are separated by commas or blanks; one that is invalid exempts no host. Raise
    ``ValueError`` if a bracket is not closed.
    """
    given = getproxies()
    entries = re.split(r"[\s,]+", given.get("no", "").lower())
    if "*" in entries:
        return Proxies()
    urls = {scheme: url for scheme in ("http", "https") if (url := given.get(scheme) or given.get("all"))}
    return Proxies(
        {scheme: url if "://" in url else f"http://{url}" for scheme, url in urls.items()},
        tuple(exemption for entry in entries if (exemption := _read(entry))),
    )


def _read(entry: str) -> _Exemption | None:
    if entry.count("[") != entry.count("]"):
        raise ValueError("a bracket in NO_PROXY is not closed")
    found = _ENTRY.fullmatch(entry.rstrip("/"))
    if found is None:
        return None
    literal = found["literal"] and found["literal"] + (found["range"] or "")
    name = literal or found["bare"] or found["name"] or ""
    return _Exemption(
        network=_network(name),
        pattern=_pattern(name),
        scheme=found["scheme"],
        port=int(found["port"]) if found["port"] else None,
    )


def _network(text: str) -> IPv4Network | IPv6Network | None:
    with suppress(ValueError):
        return ip_network(re.sub("%[^/]*", "", text), strict=False)
    return None


def _pattern(name: str) -> re.Pattern[str]:
    """Return the pattern that an entry of ``NO_PROXY`` with this name stands for.

    It matches the name and all names below it. If the name begins with a dot, the pattern matches only names below it.
    If the name contains an asterisk, which stands for any text, no names below it are added.
    """
    anything = ".*".join(map(re.escape, name.split("*")))
    if name.startswith("."):
        return re.compile(f".*{anything}")
    return re.compile(anything if "*" in name else rf"(?:.*\.)?{anything}")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Parse an IP address; an IPv4 address that is mapped to IPv6 is returned as IPv4. Return ``None`` for a name."""
    with suppress(ValueError):
        address = ip_address(host)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return mapped or address
    return None
