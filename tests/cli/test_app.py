"""The program as a whole: its commands, its help, and the one place where an ending becomes a number."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from ci_gate import __version__
from ci_gate.cli.app import main
from ci_gate.commands import COMMANDS, JUDGING
from ci_gate.config.options import options_of
from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.files import write_results
from tests.sandbox import run_cli
from tests.streams import BrokenPipe, FullPipe

if TYPE_CHECKING:
    import io


def test_the_program_without_a_command_shows_its_help_and_does_nothing() -> None:
    ending = run_cli()
    assert ending.code == ExitCode.USAGE
    assert [row.name for row in COMMANDS if f"\n  {row.name:<9}  {row.help}\n" not in ending.err] == []
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command_in_the_order_of_the_table(flag: str) -> None:
    ending = run_cli(flag)
    assert ending.code == 0
    lines = [f"  {row.name:<9}  {row.help}" for row in COMMANDS]
    assert ending.out.partition("\nCommands:\n")[2].splitlines() == lines


@pytest.mark.parametrize("name", [row.name for row in COMMANDS])
def test_the_help_of_a_command_describes_all_its_options(name: str) -> None:
    for flag in ("--help", "-h"):
        ending = run_cli(name, flag)
        assert (ending.code, ending.err) == (0, "")
        assert f"Usage: ci-gate {name} [OPTIONS]" in ending.out
        assert [option for option in options_of(name) if f"{option.flag} " not in ending.out] == []
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("name", ["demo", "simulator"])
def test_the_help_of_a_command_with_scenarios_describes_each_of_them(name: str) -> None:
    shown = " ".join(run_cli(name, "--help").out.split())
    assert [scenario for scenario in Scenario if f"{scenario} {scenario.description}" not in shown] == []


def test_the_version_is_that_of_the_package() -> None:
    ending = run_cli("--version")
    assert (ending.code, ending.out) == (0, f"ci-gate {__version__}\n")


@pytest.mark.parametrize("arguments", [("rnu",), ("--no-such-flag",), ("simulator", "--no-such-flag")], ids=" ".join)
def test_a_mistake_that_concerns_no_gate_writes_no_reports(arguments: tuple[str, ...]) -> None:
    ending = run_cli(*arguments)
    assert ending.code == ExitCode.USAGE
    assert arguments[-1] in ending.err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("stream", [BrokenPipe(), None], ids=["broken pipe", "no stream"])
def test_a_mistake_keeps_its_exit_code_if_standard_error_is_lost(stream: io.StringIO | None) -> None:
    for arguments in ((), ("rnu",), ("run", "--no-such-flag"), ("run",)):
        assert run_cli(*arguments, stderr=stream).code == ExitCode.USAGE, arguments


def test_help_that_cannot_be_printed_is_neither_a_pass_nor_a_failure() -> None:
    assert run_cli("--help", stdout=BrokenPipe()).code == ExitCode.UNREPORTED
    assert run_cli("run", "--help", stdout=FullPipe()).code == ExitCode.UNREPORTED


def test_the_program_prints_its_completion_for_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_CI_GATE_COMPLETE", "zsh_source")
    ending = run_cli()
    assert ending.code == 0
    assert "compdef" in ending.out


def test_a_shell_completes_the_commands_of_the_table_with_their_help(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"_CI_GATE_COMPLETE": "zsh_complete", "COMP_WORDS": "ci-gate ", "COMP_CWORD": "1"}.items():
        monkeypatch.setenv(name, value)
    lines = run_cli().out.splitlines()
    assert list(zip(lines[1::3], lines[2::3], strict=True)) == [(row.name, row.help) for row in COMMANDS]


def let_fail(module: str, function: str, problem: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace a function of ``ci_gate.gate`` by one that raises ``problem``."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise problem

    monkeypatch.setattr(importlib.import_module(f"ci_gate.gate.{module}"), function, fail)


@pytest.mark.parametrize("name", JUDGING)
@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (ZeroDivisionError("a number that must not be shown"), ExitCode.INTERNAL),
        (ImportError("no such package"), ExitCode.INTERNAL),
    ],
    ids=["KeyboardInterrupt", "ZeroDivisionError", "ImportError"],
)
def test_an_unexpected_error_shows_its_traceback_only_with_verbose(
    name: str, problem: BaseException, code: ExitCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_fail("session", "run_command", problem, monkeypatch)
    arguments = (name, *(["x"] if name != "run" else []))
    usual, verbose = run_cli(*arguments), run_cli(*arguments, "--verbose")
    assert usual.code == verbose.code == code
    assert "Traceback" not in usual.err
    assert "must not be shown" not in usual.err
    assert ("Traceback" in verbose.err) is (code is ExitCode.INTERNAL)


@pytest.mark.parametrize("step", ["plan_check", "judge_files"])
def test_a_keyboard_interrupt_without_a_signal_is_an_interruption(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    let_fail("offline", step, KeyboardInterrupt(), monkeypatch)
    assert run_cli("check", write_results(), "--min-f1", "0.9").code == ExitCode.INTERRUPTED


def test_a_bug_keeps_its_exit_code_if_standard_error_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    let_fail("session", "run_command", ZeroDivisionError(), monkeypatch)
    assert run_cli("run", stderr=BrokenPipe()).code == ExitCode.INTERNAL


def test_the_program_uses_the_environment_of_the_process_by_default(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_GATE_MIN_FI", "0.9")
    assert main(["run"]) == ExitCode.USAGE
    assert "unknown variable CI_GATE_MIN_FI" in capsys.readouterr().err
