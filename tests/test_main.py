"""Every ending becomes an exit code, a broken installation and a broken pipe included."""

from __future__ import annotations

import io
import os
import runpy
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, NoReturn

import pytest

from ci_gate import __main__ as entry
from ci_gate import __version__
from ci_gate.cli import app
from ci_gate.commands import COMMAND_BY_NAME, COMMANDS, JUDGING
from tests.earlier import leave_green, problems_in
from tests.fakes import Panic
from tests.streams import BrokenPipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.signals import Signals


@pytest.fixture(autouse=True)
def replaced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep the test's own descriptors where they are, and note which would have been replaced."""
    targets: list[int] = []

    def dup2(source: int, target: int) -> None:
        os.close(source)
        targets.append(target)

    stand_in = SimpleNamespace(dup2=dup2, open=os.open, devnull=os.devnull, O_WRONLY=os.O_WRONLY)
    monkeypatch.setattr(entry, "os", stand_in)
    return targets


def ending(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """Start the program, and give what it hands to the system."""
    monkeypatch.setattr(sys, "argv", ["ci-gate", *arguments])
    with pytest.raises(SystemExit) as leaving:
        entry.main()
    return leaving.value.code


def fail_with(problem: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line fail in a way that it does not foresee."""

    def fail(_arguments: list[str], **_: object) -> NoReturn:
        raise problem

    monkeypatch.setattr(app, "main", fail)


def closed() -> io.TextIOBase:
    """A stream that was closed before."""
    stream = io.TextIOWrapper(io.BytesIO())
    stream.close()
    return stream


@pytest.mark.parametrize("code", [0, 1, 2, 5, 7, 70, 130])
def test_the_code_of_the_command_line_is_that_of_the_process(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "main", lambda arguments, signals: code if arguments == ["run", "--quiet"] else 99)
    assert ending(monkeypatch, "run", "--quiet") == code


@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM], ids=lambda signum: signum.name)
def test_a_program_that_was_told_to_stop_says_neither_passed_nor_failed(
    signum: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_arguments: list[str], signals: Signals) -> int:
        signal.raise_signal(signum)
        assert signals.received == signum
        return code

    monkeypatch.setattr(app, "main", run)
    assert ending(monkeypatch) == 128 + signum


def test_an_interruption_outside_of_a_command_has_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(KeyboardInterrupt(), monkeypatch)
    assert ending(monkeypatch) == 130


@pytest.mark.parametrize(
    "problem", [ImportError("no module named click"), SyntaxError("invalid syntax"), Panic("panicked")], ids=type
)
def test_a_broken_installation_is_no_failed_gate(
    problem: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(problem, monkeypatch)
    assert ending(monkeypatch) == 70
    assert capsys.readouterr().err == f"ci-gate: the installation is broken: {problem}; install it again\n"


@pytest.mark.parametrize("name", JUDGING)
def test_a_broken_installation_leaves_no_earlier_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(ImportError("no module named click"), monkeypatch)
    folder = leave_green(COMMAND_BY_NAME[name].report_dir)
    assert ending(monkeypatch, "--verbose", name, "x") == 70
    assert "the installation is broken" in problems_in(folder / "junit.xml")[0]


def test_what_judges_nothing_leaves_no_report_of_a_broken_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(ImportError("no module named click"), monkeypatch)
    assert {ending(monkeypatch, row.name) for row in COMMANDS if not row.judges} == {70}
    assert list(Path().iterdir()) == []


def test_a_package_that_is_missing_is_a_broken_installation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ci_gate.cli.app", None)
    assert ending(monkeypatch) == 70
    assert "the installation is broken" in capsys.readouterr().err


@pytest.mark.parametrize("stream", [BrokenPipe, closed, lambda: None], ids=["broken pipe", "closed", "not there"])
def test_a_broken_installation_that_nobody_can_read_of_is_still_one(
    stream: Callable[[], io.TextIOBase | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(ImportError("no module named click"), monkeypatch)
    monkeypatch.setattr(sys, "stderr", stream())
    assert ending(monkeypatch) == 70


class FullDisk(io.StringIO):
    """Takes what is written, and loses it."""

    def flush(self) -> NoReturn:
        """Say so too late."""
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize(("code", "final"), [(0, 7), (1, 7), (2, 2), (5, 5), (70, 70), (130, 130)])
@pytest.mark.parametrize("stream", [FullDisk, closed, lambda: None], ids=["full disk", "closed", "not there"])
def test_what_was_printed_and_lost_is_neither_0_nor_1(
    stream: Callable[[], io.TextIOBase | None],
    code: int,
    final: int,
    monkeypatch: pytest.MonkeyPatch,
    replaced: list[int],
) -> None:
    monkeypatch.setattr(app, "main", lambda _, signals: code)
    monkeypatch.setattr(sys, "stdout", stream())
    assert ending(monkeypatch) == final
    assert replaced == [1]


@pytest.mark.parametrize("stream", [FullDisk, closed, lambda: None], ids=["full disk", "closed", "not there"])
def test_progress_that_was_lost_changes_no_verdict(
    stream: Callable[[], io.TextIOBase | None], monkeypatch: pytest.MonkeyPatch, replaced: list[int]
) -> None:
    monkeypatch.setattr(app, "main", lambda _, signals: 1)
    monkeypatch.setattr(sys, "stderr", stream())
    assert ending(monkeypatch) == 1
    assert replaced == [2]


def test_the_package_can_be_started_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["ci_gate", "--version"])
    monkeypatch.delitem(sys.modules, "ci_gate.__main__")
    with pytest.raises(SystemExit) as leaving:
        runpy.run_module("ci_gate", run_name="__main__")
    assert leaving.value.code == 0
    assert capsys.readouterr().out == f"ci-gate {__version__}\n"
