"""Who mistypes a flag need not wait for the network, tokens or XML to be imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.subprocess

LATE = ("httpx", "jwt", "junit_xml", "ssl", "ci_gate.simulator.server")


@pytest.mark.parametrize(
    ("line", "code"), [("--version", 0), ("run", 2), ("run --no-such-flag", 2), ("gate tr-1", 2), ("check", 2)]
)
def test_what_is_not_needed_is_not_imported(line: str, code: int) -> None:
    command = [sys.executable, "-I", "-X", "importtime", "-m", "ci_gate", *line.split()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    imported = {row.rpartition("|")[2].strip() for row in done.stderr.splitlines() if row.startswith("import time:")}
    assert done.returncode == code
    assert "click" in imported
    assert imported.intersection(LATE) == set()
