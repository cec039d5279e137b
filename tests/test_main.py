"""Every ending becomes an exit code, a broken installation and a broken pipe included."""

from __future__ import annotations

import io
import json
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
from tests.sandbox import each_signal
from tests.streams import BrokenPipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.signals import Signals


MISSING = ImportError("no module named click")


@pytest.fixture(autouse=True)
def replaced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep the descriptors of the test, and return those that would have been replaced."""
    targets: list[int] = []

    def dup2(source: int, target: int) -> None:
        os.close(source)
        targets.append(target)

    stand_in = SimpleNamespace(dup2=dup2, open=os.open, devnull=os.devnull, O_WRONLY=os.O_WRONLY)
    monkeypatch.setattr(entry, "os", stand_in)
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    return targets


def ending(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """Start the program; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["ci-gate", *arguments])
    with pytest.raises(SystemExit) as leaving:
        entry.main()
    return leaving.value.code


def fail_with(problem: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the command line by a function that raises ``problem``."""

    def fail(_arguments: list[str], **_: object) -> NoReturn:
        raise problem

    monkeypatch.setattr(app, "main", fail)


def closed() -> io.TextIOBase:
    stream = io.TextIOWrapper(io.BytesIO())
    stream.close()
    return stream


class FullDisk(io.StringIO):
    """A stream that accepts text and fails when it is flushed."""

    def flush(self) -> NoReturn:
        raise OSError(28, "No space left on device")


LOST: dict[str, Callable[[], io.TextIOBase | None]] = {"closed": closed, "no stream": lambda: None}
lost_stream = pytest.mark.parametrize("stream", [FullDisk, *LOST.values()], ids=["full disk", *LOST])


@pytest.mark.parametrize("code", [0, 1, 2, 5, 7, 70, 130])
def test_the_process_has_the_exit_code_of_the_command_line(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "main", lambda arguments, signals: code if arguments == ["run", "--quiet"] else 99)
    assert ending(monkeypatch, "run", "--quiet") == code


@each_signal
def test_a_signal_replaces_pass_and_failure(signum: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for own in (0, 1):

        def run(_arguments: list[str], signals: Signals, own: int = own) -> int:
            signal.raise_signal(signum)
            assert signals.received == signum
            return own

        monkeypatch.setattr(app, "main", run)
        assert ending(monkeypatch) == code


def test_a_keyboard_interrupt_outside_of_a_command_is_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(KeyboardInterrupt(), monkeypatch)
    assert ending(monkeypatch) == 130


# A broken installation


@pytest.mark.parametrize("problem", [MISSING, SyntaxError("invalid syntax"), Panic("panicked")], ids=type)
def test_a_broken_installation_has_an_exit_code_of_its_own(
    problem: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(problem, monkeypatch)
    assert ending(monkeypatch) == 70
    assert capsys.readouterr().err == f"ci-gate: the installation is broken: {problem}; install it again\n"


def test_a_missing_package_breaks_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ci_gate.cli.app", None)
    assert ending(monkeypatch) == 70
    assert "the installation is broken" in capsys.readouterr().err


@pytest.mark.parametrize("name", JUDGING)
def test_a_broken_installation_replaces_an_earlier_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(MISSING, monkeypatch)
    folder = leave_green(COMMAND_BY_NAME[name].report_dir)
    assert ending(monkeypatch, "--verbose", name, "x") == 70
    assert "the installation is broken" in problems_in(folder / "junit.xml")[0]


@pytest.mark.parametrize("name", JUDGING)
def test_a_command_that_cannot_be_imported_replaces_the_last_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, f"ci_gate.cli.{name}", None)
    folder = leave_green(COMMAND_BY_NAME[name].report_dir)
    assert ending(monkeypatch, name, "x") == 70
    assert "the installation is broken" in problems_in(folder / "junit.xml")[0]
    assert json.loads((folder / "report.json").read_bytes())["exit_code"] == 70


def test_a_broken_installation_is_not_reported_for_commands_that_judge_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(MISSING, monkeypatch)
    assert {ending(monkeypatch, row.name) for row in COMMANDS if not row.judges} == {70}
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("stream", [BrokenPipe, *LOST.values()], ids=["broken pipe", *LOST])
def test_a_broken_installation_keeps_its_exit_code_if_standard_error_is_lost(
    stream: Callable[[], io.TextIOBase | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(MISSING, monkeypatch)
    monkeypatch.setattr(sys, "stderr", stream())
    assert ending(monkeypatch) == 70


# Streams


@lost_stream
def test_a_lost_output_is_neither_a_pass_nor_a_failure(
    stream: Callable[[], io.TextIOBase | None], monkeypatch: pytest.MonkeyPatch, replaced: list[int]
) -> None:
    for code, final in ((0, 7), (1, 7), (2, 2), (5, 5), (70, 70), (130, 130)):
        monkeypatch.setattr(app, "main", lambda _, signals, code=code: code)
        monkeypatch.setattr(sys, "stdout", stream())
        assert ending(monkeypatch) == final
        assert replaced == [1]
        replaced.clear()


@lost_stream
def test_a_lost_standard_error_changes_no_verdict(
    stream: Callable[[], io.TextIOBase | None], monkeypatch: pytest.MonkeyPatch, replaced: list[int]
) -> None:
    monkeypatch.setattr(app, "main", lambda _, signals: 1)
    monkeypatch.setattr(sys, "stderr", stream())
    assert ending(monkeypatch) == 1
    assert replaced == [2]


def test_the_package_can_run_as_a_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["ci_gate", "--version"])
    monkeypatch.delitem(sys.modules, "ci_gate.__main__")
    with pytest.raises(SystemExit) as leaving:
        runpy.run_module("ci_gate", run_name="__main__")
    assert leaving.value.code == 0
    assert capsys.readouterr().out == f"ci-gate {__version__}\n"


def test_a_stream_without_a_buffer_gets_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a buffer, Python silently loses what does not fit at once."""
    with (
        (tmp_path / "out").open("wb", buffering=0) as raw,
        io.TextIOWrapper(raw, encoding="ascii", errors="replace", write_through=True) as stream,
    ):
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(app, "main", lambda _, signals: 12 - sys.stdout.write("Überweisung\n"))
        assert ending(monkeypatch) == 0
        assert isinstance(sys.stdout, io.TextIOWrapper)
        assert isinstance(sys.stdout.buffer, io.BufferedWriter)
        assert (sys.stdout.encoding, sys.stdout.errors) == ("ascii", "replace")
    assert (tmp_path / "out").read_text(encoding="ascii") == "?berweisung\n"
