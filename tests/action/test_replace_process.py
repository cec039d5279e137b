"""The action becomes the gate; where a process cannot do that, it passes on how the gate ended."""

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
    """Stands for a process that is another program from here on."""


def test_the_process_becomes_the_gate_with_just_this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def execve(*arguments: object) -> NoReturn:
        seen.extend(arguments)
        raise Replaced

    monkeypatch.setattr(launch, "os", SimpleNamespace(name="posix", execve=execve))
    with pytest.raises(Replaced):
        replace_process(COMMAND, {"CI_GATE_HOST": "localhost"})
    assert seen == ["/venv/python", COMMAND, {"CI_GATE_HOST": "localhost"}]


def test_on_windows_the_gate_is_waited_for_and_a_ctrl_c_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_where_it_is_waited_for_its_exit_code_is_the_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "os", SimpleNamespace(name="nt"))
    before = signal.getsignal(signal.SIGINT)
    try:
        assert replace_process([sys.executable, "-I", "-c", "raise SystemExit(3)"], {}) == 3
    finally:
        signal.signal(signal.SIGINT, before)
