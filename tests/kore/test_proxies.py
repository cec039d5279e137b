"""Which proxy a request goes through, by all the ways in which people write the exceptions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.kore.wire.proxies import Proxies, _read, proxies_of_environment

PROXY = "http://proxy.example:3128"


def proxy_for(monkeypatch: pytest.MonkeyPatch, no_proxy: str, host: str, *, port: int | None = None) -> str | None:
    """Return the proxy of an https request."""
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    return proxies_of_environment().of("https", host, port)


@pytest.mark.parametrize(("no_proxy", "host"), [
    ("bots.example", "bots.example"), ("BOTS.example", "bots.Example."), ("bots.example", "eu.bots.example"),
    (".bots.example", "eu.bots.example"), ("*.bots.example", "eu.bots.example"), ("*bots.example", "bots.example"),
    ("eu.*.example", "eu.bots.example"), ("localhost,bots.example", "bots.example"),
    ("localhost bots.example", "bots.example"), (" , bots.example ,", "bots.example"), ("*", "bots.example"),
    ("localhost, *", "bots.example"), ("https://bots.example", "bots.example"),
    ("https://bots.example/", "bots.example"), ("all://bots.example", "bots.example"),
    ("bots.example:443", "bots.example"), ("*.example:443", "bots.example"), ("10.1.2.3", "10.1.2.3"),
    ("10.1.2.3:443", "10.1.2.3"), ("10.0.0.0/8", "10.1.2.3"), ("10.9.9.9/8", "10.1.2.3"),
    ("10.0.0.0/8:443", "10.1.2.3"), ("10.*", "10.1.2.3"), ("10.0.0.0/8", "::ffff:10.1.2.3"), ("::1", "::1"),
    ("[::1]", "::1"), ("[::1]:443", "::1"), ("https://[::1]:443/", "::1"), ("0:0:0:0:0:0:0:1", "::1"),
    ("fd00::/8", "fd12::7"), ("[fd00::]/8", "fd12::7"), ("[fd00::/8]", "fd12::7"), ("fe80::1%eth0", "fe80::1%eth0"),
    ("::/0", "fd12::7"),
])  # fmt: skip
def test_what_is_excepted_needs_no_proxy(monkeypatch: pytest.MonkeyPatch, no_proxy: str, host: str) -> None:
    assert proxy_for(monkeypatch, no_proxy, host) is None


@pytest.mark.parametrize(("no_proxy", "host"), [
    ("", "bots.example"), ("bots.example", "mybots.example"), ("bots.example", "bots.example.org"),
    (".bots.example", "bots.example"), ("*.bots.example", "bots.example"), ("http://bots.example", "bots.example"),
    ("bots.example:8443", "bots.example"), ("[::1]:8443", "::1"), ("10.0.0.0/8", "11.1.2.3"),
    ("10.0.0.0/8", "10.example"), ("10.0.0.0/33", "10.1.2.3"), ("fd00::/8", "fe80::1"), ("fd00::/8", "10.1.2.3"),
    ("10.0.0.0/8", "fd00::1"), ("bots.example:port", "bots.example"), ("[]", "bots.example"),
    ("bots[.]example", "bots.example"),
])  # fmt: skip
def test_what_is_not_excepted_needs_the_proxy(monkeypatch: pytest.MonkeyPatch, no_proxy: str, host: str) -> None:
    assert proxy_for(monkeypatch, no_proxy, host) == PROXY


def test_an_exception_for_another_port_holds_for_that_port(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for(monkeypatch, "bots.example:8443", "bots.example", port=8443) is None


@pytest.mark.parametrize("no_proxy", ["[::1", "::1]", "http://[::1"])
def test_a_bracket_that_is_not_closed_makes_no_sense(monkeypatch: pytest.MonkeyPatch, no_proxy: str) -> None:
    with pytest.raises(ValueError, match="a bracket in NO_PROXY is not closed"):
        proxy_for(monkeypatch, no_proxy, "bots.example")


def test_each_scheme_has_its_proxy_and_the_one_for_all_serves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("ALL_PROXY", "http://other.example")
    proxies = proxies_of_environment()
    assert proxies.of("https", "bots.example", None) == PROXY
    assert proxies.of("http", "bots.example", None) == "http://other.example"


def test_a_password_for_a_proxy_is_not_shown() -> None:
    assert "secret" not in repr(Proxies({"https": "http://me:secret@proxy.example"}))


@given(st.text("abc.:/[]*%0123456789f", max_size=30))
def test_no_entry_breaks_the_reading_but_for_its_brackets(entry: str) -> None:
    try:
        found = _read(entry)
    except ValueError:
        assert entry.count("[") != entry.count("]")
    else:
        assert found is None or found.covers("https", "bots.example", 443) in (True, False)
