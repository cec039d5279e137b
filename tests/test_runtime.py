"""The real runtime: the clock, the environment, and how the program was started."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.clock import Stopped
from ci_gate.runtime import RealClock, real_runtime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_the_clock_is_that_of_the_machine() -> None:
    clock = RealClock()
    assert clock.now() <= time.monotonic()
    assert abs(clock.epoch() - time.time()) < 5


def test_a_sleep_ends_when_the_command_is_stopped() -> None:
    runtime = real_runtime()
    runtime.clock.sleep(0.001)
    runtime.stop()
    with pytest.raises(Stopped):
        runtime.clock.sleep(3600)


def test_the_environment_is_that_of_the_process_and_can_be_replaced() -> None:
    runtime = real_runtime()
    assert runtime.environment is os.environ
    other = runtime.in_environment({"TERM": "dumb"})
    assert (other.environment, other.clock) == ({"TERM": "dumb"}, runtime.clock)
    assert 0.9 <= runtime.uniform(0.9, 1.1) <= 1.1


def executable(path: Path) -> Path:
    """Write an executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


STARTS: dict[str, tuple[Callable[[Path], tuple[str, str]], str]] = {
    "by its name": (lambda here: (str(here / "bin/ci-gate"), str(here / "bin")), "ci-gate"),
    "by a path below here": (lambda here: ("venv/bin/ci-gate", str(here / "bin")), "venv/bin/ci-gate"),
    "by an absolute path below here": (lambda here: (str(here / "venv/bin/ci-gate"), ""), "venv/bin/ci-gate"),
    "by a path elsewhere": (lambda here: (str(here.parent / "ci-gate"), ""), "{parent}/ci-gate"),
}
"""Functions that return the name of the program and the PATH, and the command that starts it again."""


@pytest.mark.parametrize("how", STARTS)
def test_the_program_is_named_as_it_can_be_started(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "bin/ci-gate")
    executable(tmp_path / "venv/bin/ci-gate")
    start, expected = STARTS[how]
    called, searched = start(tmp_path)
    monkeypatch.setattr(sys, "argv", [called, "demo"])
    monkeypatch.setenv("PATH", searched)
    assert real_runtime().program == expected.format(parent=tmp_path.parent)


def test_a_program_that_was_started_as_a_module_is_named_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/ci_gate/__main__.py"])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv/bin/python"))
    assert real_runtime().program == "venv/bin/python -m ci_gate"


def test_a_program_in_a_removed_folder_is_named_as_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setattr(sys, "argv", ["./ci gate", "run"])
    assert real_runtime().program == "'./ci gate'"
