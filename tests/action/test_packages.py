"""Fetching packages: with any pip, without the secrets, and ended by a cancellation."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest

from ci_gate.action import packages
from ci_gate.action.packages import Packages, configured_sources, pip_environment
from ci_gate.errors import ExitCode, InternalError, Interrupted
from ci_gate.signals import Signals

PYTHON, TARGET, LOCK = Path("venv/bin/python"), Path("venv/lib"), Path("requirements.lock")
LISTING = """\
:env:.user='1'
global.index-url='https://beaten.example/simple'
global.extra-index-url='https://one.example\\nhttps://two.example'
global.target='elsewhere'
install.index-url="https://mirror.example/o'simple"
install.no-deps='true'
global.index-url='https://beaten.example/again'
list.index-url='https://never.example'
global.retries='3'
"""
"""The output of ``pip config list``; most of these settings would change the work of pip."""
EXACT = {"--require-hashes", "--only-binary=:all:"}


@dataclass(slots=True)
class FakeProcess:
    """A process that ends after ``lasts`` polls or a signal; a ``stubborn`` one only after SIGKILL."""

    code: int = 0
    output: bytes = b""
    lasts: float = 0
    stubborn: bool = False
    returncode: int | None = None
    received: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        """Check that the process has ended."""
        assert self.returncode is not None

    def communicate(self, timeout: float) -> tuple[bytes, None]:
        if self.lasts > 0:
            self.lasts -= 1
            raise subprocess.TimeoutExpired("pip", timeout)
        self.returncode = self.code
        return self.output, None

    def poll(self) -> int | None:
        return self.returncode

    @property
    def pid(self) -> int:
        """Return the process id, which is also that of its group."""
        return 4711

    def tell(self, group: int, signum: int) -> None:
        """Replace ``os.killpg``."""
        assert group == self.pid
        self.received.append(signal.Signals(signum).name)
        if signum == signal.SIGKILL or not self.stubborn:
            self.returncode = -signum

    def terminate(self) -> None:
        """End the process as on Windows."""
        self.received.append("terminate")
        self.returncode = 1

    def wait(self, timeout: float | None = None) -> None:
        if self.returncode is None:
            raise subprocess.TimeoutExpired("pip", timeout or 0)


@dataclass(slots=True)
class Machine:
    """A machine, the commands that were started on it, and the log."""

    process: FakeProcess = field(default_factory=FakeProcess)
    signals: Signals = field(default_factory=Signals)
    modules: tuple[str, ...] = ("pip", "ensurepip")
    commands: list[list[str]] = field(default_factory=list)
    environments: list[dict[str, str]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def start(self, command: list[str], *, env: dict[str, str], start_new_session: bool, **_more: Any) -> FakeProcess:
        """Replace ``subprocess.Popen``."""
        assert start_new_session
        self.commands.append(command)
        self.environments.append(env)
        return self.process

    def fetch(self, **environment: str) -> None:
        fetching = Packages(environment=environment, signals=self.signals, show=self.log.append)
        fetching.fetch(LOCK, python=PYTHON, target=TARGET)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(subprocess, "Popen", machine.start)
    monkeypatch.setattr(os, "killpg", lambda group, signum: machine.process.tell(group, signum))
    monkeypatch.setattr(packages, "find_spec", lambda name: name if name in machine.modules else None)
    return machine


def test_pip_of_the_machine_installs_only_pinned_files(machine: Machine) -> None:
    machine.fetch()
    _, command = machine.commands
    assert command[:5] == [sys.executable, "-I", "-m", "pip", "install"]
    assert {*EXACT, f"--target={TARGET}", f"--requirement={LOCK}"} <= set(command)
    assert machine.log == []


def test_missing_pip_is_installed_into_the_environment_first(machine: Machine) -> None:
    machine.modules = ("ensurepip",)
    machine.fetch()
    first, _, second = machine.commands
    assert first == [str(PYTHON), "-I", "-m", "ensurepip"]
    assert second[:5] == [str(PYTHON), "-I", "-m", "pip", "install"]
    assert set(second) >= {*EXACT, f"--requirement={LOCK}"}
    assert not any(word.startswith("--target") for word in second)


def test_machine_without_pip_and_ensurepip_is_an_error_with_a_remedy(machine: Machine) -> None:
    machine.modules = ()
    with pytest.raises(InternalError, match="has no pip") as ending:
        machine.fetch()
    assert sys.executable in ending.value.message
    assert "python-path" in ending.value.hint
    assert machine.commands == []


def test_output_of_a_failing_pip_is_shown_folded_and_escaped(machine: Machine) -> None:
    machine.process = FakeProcess(code=1, output=b"no such index\n::error::x\n##[error]y\n\x1b[31mred\xff\n")
    with pytest.raises(InternalError, match="pip ended with 1") as ending:
        machine.fetch()
    assert ending.value.code == ExitCode.INTERNAL
    assert "PIP_INDEX_URL" in ending.value.hint
    assert machine.log == [
        "::group::output of pip", "no such index", ": :error::x", "# #[error]y", "[31mred\ufffd", "::endgroup::",
    ]  # fmt: skip


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_cancellation_ends_pip(machine: Machine, signum: signal.Signals, code: int) -> None:
    machine.process = FakeProcess(lasts=float("inf"))
    machine.signals.received = signum
    with pytest.raises(Interrupted, match="interrupted while ci-gate was being installed") as ending:
        machine.fetch()
    assert ending.value.code == code
    assert machine.process.received == ["SIGTERM"]


def test_cancelled_pip_is_killed_if_it_goes_on(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.signals.received = signal.SIGINT
    machine.process = FakeProcess(lasts=float("inf"), stubborn=True)
    with pytest.raises(Interrupted):
        machine.fetch()
    assert machine.process.received == ["SIGTERM", "SIGKILL"]
    machine.process = FakeProcess(lasts=float("inf"))
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(Interrupted):
        machine.fetch()
    assert machine.process.received == ["terminate"]


def test_slow_pip_is_waited_for_until_its_time_limit(machine: Machine) -> None:
    machine.process = FakeProcess(lasts=100)
    machine.fetch()
    assert machine.process.received == []
    machine.process = FakeProcess(lasts=float("inf"))
    with pytest.raises(InternalError, match="pip did not finish within 5 minutes"):
        machine.fetch()
    assert machine.process.received == ["SIGTERM"]


def test_pip_gets_no_secret_and_nothing_that_changes_its_work() -> None:
    needed = ("PATH", "HTTPS_PROXY", "SSL_CERT_FILE", "PIP_INDEX_URL", "PIP_CERT", "PIP_CACHE_DIR")
    removed = (
        *("CI_GATE_CLIENT_SECRET", "CI_GATE_PRIVATE_KEY", "CI_GATE_JWT", "INPUT_SUITE"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONWARNINGS"),
        *("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_NO_BINARY", "PIP_CONSTRAINT", "PIP_REQUIREMENT", "PIP_DRY_RUN"),
    )
    found = pip_environment(dict.fromkeys((*needed, *removed), "value"))
    assert {name: found.get(name) for name in (*needed, *removed)} == {
        **dict.fromkeys(needed, "value"),
        **dict.fromkeys(removed),
    }


def test_configuration_of_pip_only_sets_the_sources(machine: Machine) -> None:
    machine.process = FakeProcess(output=LISTING.encode())
    machine.fetch(PIP_USER="1", PIP_REQUIRE_VIRTUALENV="1", PIP_CONFIG_FILE="pip.conf", PIP_RETRIES="9")
    asking, installing = machine.environments
    assert machine.commands[0] == [sys.executable, "-I", "-m", "pip", "config", "list"]
    assert asking == {"PIP_CONFIG_FILE": "pip.conf"}
    assert installing == {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "https://mirror.example/o'simple",
        "PIP_EXTRA_INDEX_URL": "https://one.example\nhttps://two.example",
        "PIP_RETRIES": "9",
    }


@pytest.mark.parametrize("listing", ["", "WARNING: nothing to be found\n", "global.index-url=\n", "a.b='c'\n"])
def test_other_output_of_pip_sets_nothing(listing: str) -> None:
    assert configured_sources(listing) == {}


@pytest.mark.subprocess
def test_configuration_is_read_in_the_form_that_pip_writes(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex_url = https://mirror.example/simple\ntarget = elsewhere\n"
        "[install]\nextra-index-url =\n  https://one.example\n  https://two.example\n",
        encoding="utf-8",
    )
    environment = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-I", "-m", "pip", "config", "list"]
    listing = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    found = configured_sources(listing)
    assert found["PIP_INDEX_URL"] == "https://mirror.example/simple"
    assert found["PIP_EXTRA_INDEX_URL"].split() == ["https://one.example", "https://two.example"]
    assert "PIP_TARGET" not in found
