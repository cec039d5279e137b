"""The action becomes the gate; on Windows it waits for the gate instead and returns its exit code."""

from __future__ import annotations

import signal
import subprocess
import sys
from types import SimpleNamespace
from typing import NoReturn

import pytest

from ci_gate.action import launch
from ci_gate.action.launch import replace_process

COMMAND = ["/venv/python", "-m", "ci_gate"]


class Replaced(Exception):
    """The process has become another program."""


def test_process_becomes_the_gate_with_the_given_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def execve(*arguments: object) -> NoReturn:
        seen.extend(arguments)
        raise Replaced

    monkeypatch.setattr(launch, "os", SimpleNamespace(name="posix", execve=execve))
    with pytest.raises(Replaced):
        replace_process(COMMAND, {"CI_GATE_HOST": "localhost"})
    assert seen == ["/venv/python", COMMAND, {"CI_GATE_HOST": "localhost"}]


def test_on_windows_the_gate_is_waited_for_and_handles_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "os", SimpleNamespace(name="nt"))
    handled: list[tuple[int, object]] = []
    monkeypatch.setattr(signal, "signal", lambda *arguments: handled.append(arguments))
    started: list[tuple[object, object]] = []

    class FakeProcess:
        def __init__(self, command: object, *, env: object) -> None:
            assert handled == [], "a gate that is started afterwards would be deaf too"
            started.append((command, env))

        def wait(self) -> int:
            assert handled == [(signal.SIGINT, signal.SIG_IGN)]
            return 5

    monkeypatch.setattr(subprocess, "Popen", FakeProcess)
    assert replace_process(COMMAND, {"PATH": ""}) == 5
    assert started == [(COMMAND, {"PATH": ""})]


@pytest.mark.subprocess
def test_exit_code_of_a_gate_that_is_waited_for_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "os", SimpleNamespace(name="nt"))
    before = signal.getsignal(signal.SIGINT)
    try:
        assert replace_process([sys.executable, "-I", "-c", "raise SystemExit(3)"], {}) == 3
    finally:
        signal.signal(signal.SIGINT, before)
