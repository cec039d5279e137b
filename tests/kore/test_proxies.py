"""The proxy of a request, for every spelling of an exception."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.kore.wire.proxies import Proxies, _read, proxies_of_environment

PROXY = "http://proxy.example:3128"


def proxy_for(monkeypatch: pytest.MonkeyPatch, no_proxy: str, host: str, *, port: int | None = None) -> str | None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    return proxies_of_environment().of("https", host, port)


WITHOUT_PROXY = {
    "bots.example": (
        "bots.example", "*bots.example", "localhost,bots.example", "localhost bots.example", " , bots.example ,", "*",
        "localhost, *", "https://bots.example", "https://bots.example/", "all://bots.example", "bots.example:443",
        "*.example:443",
    ),
    "bots.Example.": ("BOTS.example",),
    "eu.bots.example": ("bots.example", ".bots.example", "*.bots.example", "eu.*.example"),
    "10.1.2.3": ("10.1.2.3", "10.1.2.3:443", "10.0.0.0/8", "10.9.9.9/8", "10.0.0.0/8:443", "10.*"),
    "::ffff:10.1.2.3": ("10.0.0.0/8",),
    "::1": ("::1", "[::1]", "[::1]:443", "https://[::1]:443/", "0:0:0:0:0:0:0:1"),
    "fd12::7": ("fd00::/8", "[fd00::]/8", "[fd00::/8]", "::/0"),
    "fe80::1%eth0": ("fe80::1%eth0",),
}  # fmt: skip
"""Hosts, and the values of ``NO_PROXY`` that except each of them."""

WITH_PROXY = {
    "bots.example": (
        "", ".bots.example", "*.bots.example", "http://bots.example", "bots.example:8443", "bots.example:port", "[]",
        "bots[.]example",
    ),
    "mybots.example": ("bots.example",), "bots.example.org": ("bots.example",), "::1": ("[::1]:8443",),
    "11.1.2.3": ("10.0.0.0/8",), "10.example": ("10.0.0.0/8",), "10.1.2.3": ("10.0.0.0/33", "fd00::/8"),
    "fe80::1": ("fd00::/8",), "fd00::1": ("10.0.0.0/8",),
}  # fmt: skip


def test_host_that_is_excepted_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(table: dict[str, tuple[str, ...]]) -> dict[tuple[str, str], str | None]:
        return {(host, no_proxy): proxy_for(monkeypatch, no_proxy, host) for host in table for no_proxy in table[host]}

    assert found(WITHOUT_PROXY) == dict.fromkeys(found(WITHOUT_PROXY))
    assert found(WITH_PROXY) == dict.fromkeys(found(WITH_PROXY), PROXY)
    assert proxy_for(monkeypatch, "bots.example:8443", "bots.example", port=8443) is None


def test_bracket_that_is_not_closed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for no_proxy in ("[::1", "::1]", "http://[::1"):
        with pytest.raises(ValueError, match="a bracket in NO_PROXY is not closed"):
            proxy_for(monkeypatch, no_proxy, "bots.example")


def test_each_scheme_has_its_proxy_or_the_common_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("ALL_PROXY", "http://other.example")
    proxies = proxies_of_environment()
    assert proxies.of("https", "bots.example", None) == PROXY
    assert proxies.of("http", "bots.example", None) == "http://other.example"


def test_password_of_a_proxy_is_not_shown() -> None:
    assert "secret" not in repr(Proxies({"https": "http://me:secret@proxy.example"}))


@given(st.text("abc.:/[]*%0123456789f", max_size=30))
def test_any_entry_is_read_if_its_brackets_are_closed(entry: str) -> None:
    try:
        found = _read(entry)
    except ValueError:
        assert entry.count("[") != entry.count("]")
    else:
        assert found is None or found.covers("https", "bots.example", 443) in (True, False)
