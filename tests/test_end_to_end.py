"""The installed command as a process, over real sockets and in real time; few tests, since each takes seconds."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ci_gate.simulator import Simulator
from tests.earlier import leave_green

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]

COMMAND = [sys.executable, "-I", "-m", "ci_gate"]


def environment(simulator: Simulator | None = None) -> dict[str, str]:
    """Return the variables that a CI job would set."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "HOME", "TMPDIR") if name in os.environ}
    if simulator is None:
        return kept
    bank = simulator.bots[0]
    return kept | {
        "CI_GATE_HOST": simulator.url,
        "CI_GATE_BOT_ID": bank.id,
        "CI_GATE_SUITE": bank.suites[1],
        "CI_GATE_CLIENT_ID": simulator.client_id,
        "CI_GATE_CLIENT_SECRET": simulator.client_secret,
        "CI_GATE_MIN_F1": "0.9",
    }


def run(*arguments: str, env: dict[str, str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=env, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_demo_needs_no_settings_and_prints_its_verdict_even_in_the_c_locale(tmp_path: Path) -> None:
    c_locale = {"LC_ALL": "C", "PYTHONUTF8": "0"}
    words = [*COMMAND, "demo", "--scenario", "failing", "--report-dir", "failing"]
    failing = subprocess.Popen(words, env=environment() | c_locale, stdout=subprocess.PIPE, text=True)
    done = run("demo", env=environment())
    assert done.returncode == 0, done.stderr
    assert "PASSED" in done.stdout
    assert json.loads((tmp_path / "ci-gate-demo" / "report.json").read_bytes())["verdict"] == "passed"
    out, _ = failing.communicate(timeout=120)
    assert failing.returncode == 1
    assert "FAILED" in out


def test_a_module_of_the_same_name_in_the_working_directory_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise SystemExit('the checkout was imported')\n", encoding="utf-8")
    done = run("--version", env=environment())
    assert (done.returncode, done.stderr) == (0, "")


def test_a_run_over_a_real_socket_passes_and_replays() -> None:
    with Simulator(duration=3.0) as simulator:
        done = run("run", env=environment(simulator))
    assert done.returncode == 0, done.stderr
    (results,) = Path("ci-gate-report").glob("*.results.csv")
    (status,) = Path("ci-gate-report").glob("*.status.json")
    again = run("check", str(results), "--status", str(status), "--min-f1", "0.9", env=environment())
    assert again.returncode == 0, again.stderr
    first, second = (
        json.loads((Path(folder) / "report.json").read_bytes())["suites"][0]
        for folder in ("ci-gate-report", "ci-gate-check")
    )
    same = ("counts", "scores", "checks", "mismatches", "run_id", "label")
    assert {field: first[field] for field in same} == {field: second[field] for field in same}


def code_with_closed_output(*arguments: str, env: dict[str, str]) -> int:
    """Run the command into a pipe that nothing reads; return its exit code."""
    process = subprocess.Popen([*COMMAND, *arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.close()
    return process.wait(timeout=60)


def test_a_closed_standard_output_never_ends_in_0_or_1() -> None:
    with Simulator(duration=1.0) as simulator:
        assert code_with_closed_output("run", env=environment(simulator)) == 7
    assert json.loads(Path("ci-gate-report/report.json").read_bytes())["exit_code"] == 7
    assert code_with_closed_output("run", "--help", env=environment()) == 7


def test_a_missing_package_is_a_broken_installation_and_not_a_failed_gate(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "click.py").write_text("raise ImportError('no click')\n", encoding="utf-8")
    program = f"import sys; sys.path.insert(0, {str(broken)!r}); from ci_gate.__main__ import main; main()"
    leave_green("reports")
    command = [sys.executable, "-I", "-c", program, "run", "--report-dir", "reports"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "installation is broken" in done.stderr
    assert json.loads(Path("reports/report.json").read_bytes())["exit_code"] == 70
    assert list(ET.parse("reports/junit.xml").iter("error"))
    assert "NOT JUDGED" in Path("reports/summary.md").read_text(encoding="utf-8")


def test_the_installed_simulator_prints_what_a_run_needs() -> None:
    command = [*COMMAND, "simulator", "--duration", "1s"]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        lines = itertools.takewhile(lambda line: not line.startswith("# bots"), process.stdout)
        words = [line.removeprefix("export ").strip() for line in lines if line.startswith("export CI_GATE_")]
        exports = dict(shlex.split(word)[0].split("=", 1) for word in words)
        done = run("run", env=environment() | exports | {"CI_GATE_MIN_F1": "0.9"})
        assert done.returncode == 0, done.stderr
    finally:
        watchdog.cancel()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 143


FULL = [((*flags,), line) for flags in ((), ("-u",)) for line in ("demo", "demo --scenario failing", "run --help")]


def test_a_full_output_that_does_not_block_never_ends_in_0_or_1() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, bytes(2**12))
    processes = {}
    for flags, line in FULL:
        folder = Path(f"{line} {''.join(flags)}")
        folder.mkdir()
        command = [sys.executable, "-I", *flags, "-m", "ci_gate", *line.split()]
        processes[folder] = subprocess.Popen(
            command, env=environment(), stdout=writing, stderr=subprocess.PIPE, cwd=folder
        )
    for folder, process in processes.items():
        _, err = process.communicate(timeout=120)
        assert process.returncode == 7, folder
        assert b"closed" not in err
        if folder.name.startswith("demo"):
            assert b"standard output is full and non-blocking" in err
            assert json.loads((folder / "ci-gate-demo/report.json").read_bytes())["exit_code"] == 7
    os.close(writing)
    os.close(reading)
