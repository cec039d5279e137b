"""The program as a whole: its commands, its help, and the one place where an ending becomes a number."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from ci_gate import __version__
from ci_gate.cli.app import main
from ci_gate.commands import COMMANDS, JUDGING
from ci_gate.config.options import options_of
from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.stage import command
from tests.streams import BrokenPipe, FullPipe
from tests.tools.faults.good_run import results_file

if TYPE_CHECKING:
    import io
    from collections.abc import Callable


def test_the_program_without_a_command_shows_its_help_and_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    ending = command(capsys)
    assert ending.code == ExitCode.USAGE
    assert [row.name for row in COMMANDS if f"\n  {row.name:<9}  {row.help}\n" not in ending.err] == []
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command_in_the_order_of_the_table(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    ending = command(capsys, flag)
    assert ending.code == 0
    lines = [f"  {row.name:<9}  {row.help}" for row in COMMANDS]
    assert ending.out.partition("\nCommands:\n")[2].splitlines() == lines


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("name", [row.name for row in COMMANDS])
def test_every_command_has_a_help_with_all_its_options(
    name: str, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = command(capsys, name, flag)
    assert (ending.code, ending.err) == (0, "")
    assert f"Usage: ci-gate {name} [OPTIONS]" in ending.out
    assert [option for option in options_of(name) if f"{option.flag} " not in ending.out] == []
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("name", ["demo", "simulator"])
def test_every_scenario_is_explained_where_it_can_be_chosen(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = " ".join(command(capsys, name, "--help").out.split())
    assert [scenario for scenario in Scenario if f"{scenario} {scenario.description}" not in shown] == []


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    ending = command(capsys, "--version")
    assert (ending.code, ending.out) == (0, f"ci-gate {__version__}\n")


@pytest.mark.parametrize("arguments", [("rnu",), ("--no-such-flag",), ("simulator", "--no-such-flag")], ids=" ".join)
def test_what_is_no_gate_leaves_no_reports(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    ending = command(capsys, *arguments)
    assert ending.code == ExitCode.USAGE
    assert arguments[-1] in ending.err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("stream", [BrokenPipe, lambda: None], ids=["broken pipe", "not there"])
@pytest.mark.parametrize("arguments", [(), ("rnu",), ("run", "--no-such-flag"), ("run",)], ids=" ".join)
def test_a_refusal_that_nobody_can_read_is_still_a_refusal(
    arguments: tuple[str, ...],
    stream: Callable[[], io.StringIO | None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", stream())
    assert command(capsys, *arguments).code == ExitCode.USAGE


def test_help_that_nobody_can_read_is_neither_0_nor_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", BrokenPipe())
    assert command(capsys, "--help").code == ExitCode.UNREPORTED


def test_so_is_help_that_does_not_fit_into_an_output_that_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", FullPipe())
    assert main(["run", "--help"]) == ExitCode.UNREPORTED


def test_a_shell_gets_its_completion(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_CI_GATE_COMPLETE", "zsh_source")
    ending = command(capsys)
    assert ending.code == 0
    assert "compdef" in ending.out


def test_a_shell_completes_the_commands_of_the_table_with_their_help(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"_CI_GATE_COMPLETE": "zsh_complete", "COMP_WORDS": "ci-gate ", "COMP_CWORD": "1"}.items():
        monkeypatch.setenv(name, value)
    lines = command(capsys).out.splitlines()
    assert list(zip(lines[1::3], lines[2::3], strict=True)) == [(row.name, row.help) for row in COMMANDS]


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (ZeroDivisionError("a number that must not be shown"), ExitCode.INTERNAL),
        (ImportError("no such package"), ExitCode.INTERNAL),
    ],
    ids=lambda it: type(it).__name__ if isinstance(it, BaseException) else None,
)
@pytest.mark.parametrize("name", JUDGING)
def test_what_nobody_foresaw_never_ends_in_0_or_1(
    name: str,
    problem: BaseException,
    code: ExitCode,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise problem

    session = importlib.import_module("ci_gate.gate.session")
    monkeypatch.setattr(session, "run_command", fail)
    arguments = (name, *(["x"] if name != "run" else []))
    usual, curious = command(capsys, *arguments), command(capsys, *arguments, "--verbose")
    assert usual.code == curious.code == code
    assert "Traceback" not in usual.err
    assert "must not be shown" not in usual.err
    assert ("Traceback" in curious.err) is (code is ExitCode.INTERNAL)


@pytest.mark.parametrize("step", ["plan_check", "judge_files"])
def test_an_interruption_that_no_signal_announced_is_one_wherever_it_comes(
    step: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    Path("results.csv").write_bytes(results_file())
    monkeypatch.setattr(importlib.import_module("ci_gate.gate.offline"), step, interrupt)
    assert command(capsys, "check", "results.csv", "--min-f1", "0.9").code == ExitCode.INTERRUPTED


def test_a_bug_that_nobody_can_read_of_is_still_a_bug(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(sys, "stderr", BrokenPipe())
    monkeypatch.setattr(importlib.import_module("ci_gate.gate.session"), "run_command", fail)
    assert command(capsys, "run").code == ExitCode.INTERNAL


def test_without_another_world_the_machine_is_used_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_GATE_MIN_FI", "0.9")
    assert main(["run"]) == ExitCode.USAGE
    assert "unknown variable CI_GATE_MIN_FI" in capsys.readouterr().err
