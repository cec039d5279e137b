"""The HTTP libraries log nothing, however logging is configured, and write no session keys."""

from __future__ import annotations

import io
import logging
import ssl
from typing import TYPE_CHECKING

import pytest

from ci_gate.kore.wire import HttpWire, Request
from tests.fakes import Panic
from tests.kore.certificates import self_signed
from tests.kore.scripted_server import ScriptedServer, answers, http

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAMILIES = ("httpx", "httpcore", "h11", "hpack", "h2", "anyio", "asyncio")


def of_a_family(name: str) -> bool:
    return name.partition(".")[0] in FAMILIES


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    """Collect what arrives at the root logger, which has the lowest level."""
    text = io.StringIO()
    listener = logging.StreamHandler(text)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(listener)
    root.setLevel(level)


@pytest.mark.parametrize("switched_on", [False, True], ids=["level", "level and switched on again"])
def test_no_logger_of_a_library_writes_even_if_its_own_level_is_set(
    switched_on: bool, heard: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    HttpWire(use_proxies=False).close()
    names = [name for name in logging.root.manager.loggerDict if of_a_family(name)]
    assert {"httpx", "httpcore.http11", "httpcore.connection"} <= set(names)
    for name in names:
        logger = logging.getLogger(name)
        monkeypatch.setattr(logger, "level", logging.DEBUG)
        monkeypatch.setattr(logger, "_cache", {})
        if switched_on:  # as dictConfig does for one that it names
            monkeypatch.setattr(logger, "disabled", False)
    wire = HttpWire(use_proxies=False)
    with ScriptedServer(answers(http(200, b"hello"))) as server:
        request = Request("GET", server.origin, b"/f.csv?s=signature", {"auth": "a-token"})
        assert wire.exchange(request, seconds=5).body == b"hello"
    wire.close()
    assert heard.getvalue() == ""


def test_no_file_of_session_keys_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = tmp_path / "keys.log"
    context, ca_file = self_signed(tmp_path, "localhost")
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    assert ssl.create_default_context().keylog_filename == str(keys)
    wire = HttpWire(ca_file=ca_file, use_proxies=False)
    with ScriptedServer(answers(http(200, b"hello")), context=context) as server:
        wire.exchange(Request("GET", server.origin, b"/"), seconds=5)
    wire.close()
    assert b"SECRET" not in keys.read_bytes()


def test_an_error_that_is_no_exception_is_raised_in_the_caller_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread would print the error, with all that it quotes."""

    def panic(*_given: object) -> None:
        raise Panic("a-token")

    wire = HttpWire(use_proxies=False)
    monkeypatch.setattr(wire, "_exchange", panic)
    with pytest.raises(Panic):
        wire.exchange(Request("GET", "http://127.0.0.1:1", b"/"), seconds=5)
    wire.close()
