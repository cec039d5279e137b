"""A mistyped flag is refused before the libraries for the network, tokens and XML are imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.subprocess

LATE = ("httpx", "jwt", "junit_xml", "ssl", "ci_gate.simulator.server")

HELP = {
    *("ci_gate", "ci_gate.__main__", "ci_gate.cli", "ci_gate.cli.app", "ci_gate.commands"),
    *("ci_gate.errors", "ci_gate.signals"),
}
"""The modules of the package that are needed to list the commands."""


def imported_by(line: str) -> tuple[int, set[str]]:
    """Run a command line; return its exit code and the modules that it loaded."""
    command = [sys.executable, "-I", "-X", "importtime", "-m", "ci_gate", *line.split()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    rows = [row for row in done.stderr.splitlines() if row.startswith("import time:")]
    return done.returncode, {row.rpartition("|")[2].strip() for row in rows}


@pytest.mark.parametrize("line", ["--help", "-h", "--version"])
def test_help_and_version_import_only_the_table_of_commands(line: str) -> None:
    code, imported = imported_by(line)
    assert code == 0
    assert {name for name in imported if name.partition(".")[0] == "ci_gate"} <= HELP


@pytest.mark.parametrize("line", ["", "rnu", "--no-such-flag"])
def test_a_line_without_a_command_imports_no_command(line: str) -> None:
    code, imported = imported_by(line)
    assert code == 2
    assert {name for name in imported if name.startswith("ci_gate.cli.")} == {"ci_gate.cli.app"}


@pytest.mark.parametrize(
    ("line", "code"), [("--version", 0), ("run", 2), ("run --no-such-flag", 2), ("gate tr-1", 2), ("check", 2)]
)
def test_a_refused_command_imports_no_library_for_later_steps(line: str, code: int) -> None:
    ended, imported = imported_by(line)
    assert ended == code
    assert "click" in imported
    assert imported.intersection(LATE) == set()
