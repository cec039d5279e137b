"""Guards for every test: no network beyond loopback, no real sleeping, no environment of the caller, its own folder."""

from __future__ import annotations

import os
import socket
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import certifi
import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scripted import Play

# `make test` draws few examples of each property, `make check` more. A slow example on a busy machine is no failure.
for _name, _examples in {"quick": 40, "full": 150, "thorough": 20_000}.items():
    settings.register_profile(
        _name,
        deadline=None,
        max_examples=_examples,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
settings.register_profile("mutation", settings.get_profile("full"), max_examples=100, derandomize=True, database=None)
if settings.get_current_profile_name() in ("default", "ci"):  # those that hypothesis chooses by itself
    settings.load_profile("quick")

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_OURS = ("CI_GATE_", "GITHUB_", "CI", "GITLAB_", "JENKINS_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_connect = socket.socket.connect


def _connect_to_loopback_only(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:
        raise AssertionError(f"a test tried to connect to {address[0]}")
    _connect(self, address)


def _no_sleep(_seconds: float) -> NoReturn:
    raise AssertionError("a test slept in real time; pass a clock in instead")


@pytest.fixture(scope="session")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("tests")
    return (root / str(number) for number in count())


@pytest.fixture
def tmp_path(_folders: Iterator[Path]) -> Path:
    """Return an empty folder of this test.

    Cheaper than pytest's own fixture, which lists the folders of all earlier tests to find the next free number.
    """
    folder = next(_folders)
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def _authority(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a file with a single authority: to load all of the system's takes most of a short command."""
    path = tmp_path_factory.mktemp("authorities") / "one.pem"
    first, end, _ = Path(certifi.where()).read_text(encoding="utf-8").partition("-----END CERTIFICATE-----\n")
    path.write_text(first + end, encoding="utf-8")
    return str(path)


@pytest.fixture(autouse=True)
def guard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, _authority: str) -> None:
    """Block the network and the clock, remove the caller's variables, and work in the folder of the test."""
    for name in list(os.environ):
        if name.startswith(_OURS) or name in _PROXIES:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    if not any(request.node.get_closest_marker(name) for name in ("subprocess", "integration")):
        monkeypatch.setattr(socket.socket, "connect", _connect_to_loopback_only)
        monkeypatch.setattr(time, "sleep", _no_sleep)
        monkeypatch.setenv("SSL_CERT_FILE", _authority)
        from ci_gate.gate import run_mark

        monkeypatch.setattr(run_mark, "_ROUNDS", 1)  # many rounds are slow on purpose


@pytest.fixture
def play(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Play:
    """Run commands against a platform that follows a script."""
    from tests.scripted import Play

    return Play(capsys, monkeypatch)
