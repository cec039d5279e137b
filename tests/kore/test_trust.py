"""The trusted certificate authorities, and the hint when a certificate is refused."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import certifi
import pytest

from ci_gate.errors import PlatformError
from ci_gate.kore.wire import HttpWire, Request
from ci_gate.kore.wire.trust import trusted
from tests.kore.certificates import issued_by_a_lax_authority, self_signed
from tests.kore.scripted_server import PATIENCE, answers, http

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kore.scripted_server import ScriptedServer

    Serve = Callable[..., ScriptedServer]
    OpenWire = Callable[..., HttpWire]


def authorities(context: ssl.SSLContext) -> int:
    return context.cert_store_stats()["x509_ca"]


def store(monkeypatch: pytest.MonkeyPatch, file: Path, folder: Path) -> None:
    """Set the system's store of certificates."""
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))


def test_certifi_is_trusted_if_the_system_has_no_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    store(monkeypatch, tmp_path / "none.pem", tmp_path / "certs")
    alone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    alone.load_verify_locations(cafile=certifi.where())
    assert authorities(trusted(None)) == authorities(alone) > 50
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "README").touch()
    assert authorities(trusted(None)) == authorities(alone) > 50
    paths = ssl.get_default_verify_paths()._replace(capath="")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    assert authorities(trusted(None)) > 50


def test_store_of_the_system_is_used_if_there_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _, ca_file = self_signed(tmp_path, "localhost")
    store(monkeypatch, tmp_path / "certificate.pem", tmp_path / "none")
    assert authorities(trusted(None)) == 1
    assert authorities(trusted(ca_file)) == 1
    # A folder is read when an authority is needed.
    (tmp_path / "certificate.pem").rename(tmp_path / "0a1b2c3d.0")
    store(monkeypatch, tmp_path / "none.pem", tmp_path)
    assert authorities(trusted(None)) == 0


def test_certificate_that_only_strict_checks_refuse_has_a_hint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, serve: Serve, open_wire: OpenWire
) -> None:
    """Python checks strictly by default since 3.13."""
    context, ca_file = issued_by_a_lax_authority(tmp_path, "localhost")
    create = ssl.create_default_context

    def create_strict() -> ssl.SSLContext:
        made = create()
        made.verify_flags |= ssl.VERIFY_X509_STRICT
        return made

    request = Request("GET", serve(answers(http(200, b"hello")), context=context).origin, b"/")
    assert open_wire(ca_file).exchange(request, seconds=PATIENCE).body == b"hello"
    monkeypatch.setattr(ssl, "create_default_context", create_strict)
    with pytest.raises(PlatformError, match="the certificate of localhost is not trusted") as caught:
        open_wire(ca_file).exchange(request, seconds=PATIENCE)
    assert "Python 3.12" in caught.value.hint
    assert "is it the right host?" not in caught.value.hint
