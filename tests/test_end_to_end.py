"""The installed command as a process of its own, over real sockets and in real time; few, since each takes seconds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from ci_gate.simulator import Scenario, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]

COMMAND = [sys.executable, "-I", "-m", "ci_gate"]
SEED_SAMPLE = Path(__file__).parent / "data" / "nothing-evaluated.status.json"


def environment(simulator: Simulator | None = None) -> dict[str, str]:
    """Only what a CI job would set."""
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
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], env=env, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def stuck() -> Iterator[Simulator]:
    """A platform whose runs never end."""
    with Simulator(scenario=Scenario.STUCK) as simulator:
        yield simulator


def test_the_demo_needs_nothing_and_passes(tmp_path: Path) -> None:
    done = run("demo", env=environment())
    assert done.returncode == 0, done.stderr
    assert "PASSED" in done.stdout
    report = json.loads((tmp_path / "ci-gate-demo" / "report.json").read_bytes())
    assert report["verdict"] == "passed"


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
    for field in ("counts", "scores", "checks", "mismatches", "run_id", "label"):
        assert first[field] == second[field]


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_a_signal_leaves_complete_reports_within_three_seconds(
    stuck: Simulator, signum: signal.Signals, code: int
) -> None:
    process = subprocess.Popen(
        [*COMMAND, "run"], env=environment(stuck), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines: list[str] = []
    for line in process.stderr:
        lines.append(line)
        if "running" in line:
            break
    begun = time.monotonic()
    process.send_signal(signum)
    out, _ = process.communicate(timeout=30)
    assert time.monotonic() - begun < 3
    assert process.returncode == code
    assert "interrupted" in out
    (suite,) = json.loads(Path("ci-gate-report/report.json").read_bytes())["suites"]
    assert suite["run_id"].startswith("tr-")
    assert f"ci-gate gate {suite['run_id']}" in suite["error"]["hint"]
    assert list(ET.parse("ci-gate-report/junit.xml").iter("error"))


def test_a_closed_standard_output_never_ends_in_0_or_1() -> None:
    with Simulator(duration=1.0) as simulator:
        process = subprocess.Popen(
            [*COMMAND, "run"], env=environment(simulator), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(timeout=60) == 7
    assert json.loads(Path("ci-gate-report/report.json").read_bytes())["exit_code"] == 7


def test_help_into_a_closed_pipe_never_ends_in_0_or_1() -> None:
    process = subprocess.Popen(
        [*COMMAND, "run", "--help"], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 7


def test_a_missing_package_is_a_broken_installation_and_not_a_failed_gate(tmp_path: Path) -> None:
    """A module that cannot be imported stands where click should be found."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "click.py").write_text("raise ImportError('no click')\n", encoding="utf-8")
    program = f"import sys; sys.path.insert(0, {str(broken)!r}); from ci_gate.__main__ import main; main()"
    Path("reports").mkdir()
    for name in ("junit.xml", "report.json", "summary.md"):
        Path("reports", name).write_text('<testsuites name="ci-gate">yesterday</testsuites>', encoding="utf-8")
    command = [sys.executable, "-I", "-c", program, "run", "--report-dir", "reports"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "installation is broken" in done.stderr
    assert json.loads(Path("reports/report.json").read_bytes())["exit_code"] == 70
    assert list(ET.parse("reports/junit.xml").iter("error"))
    assert "yesterday" not in Path("reports/summary.md").read_text(encoding="utf-8")


def test_the_c_locale_loses_no_report() -> None:
    done = run("demo", "--scenario", "failing", env=environment() | {"LC_ALL": "C", "PYTHONUTF8": "0"})
    assert done.returncode == 1, done.stderr
    assert "FAILED" in done.stdout


def test_the_simulator_serves_the_documented_requests() -> None:
    """The sample requests of the vendor's pages, with curl's own way of sending them."""
    process = subprocess.Popen(
        [*COMMAND, "simulator", "--duration", "1s"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        exports = {}
        for line in process.stdout:
            if line.startswith("export CI_GATE_"):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                exports[name] = value.strip("'")
            if line.startswith("# bots"):
                break
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        done = run("run", env=environment() | exports | {"CI_GATE_MIN_F1": "0.9"})
        watchdog.cancel()
        assert done.returncode == 0, done.stderr
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 143


@pytest.mark.parametrize("flags", [(), ("-u",)], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("arguments", [("demo",), ("demo", "--scenario", "failing"), ("run", "--help")], ids=" ".join)
def test_a_full_output_that_does_not_wait_never_ends_in_0_or_1(
    arguments: tuple[str, ...], flags: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, bytes(2**12))
    command = [sys.executable, "-I", *flags, "-m", "ci_gate", *arguments]
    done = subprocess.run(command, env=environment(), stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    os.close(reading)
    assert done.returncode == 7
    assert b"closed" not in done.stderr
    if arguments[0] == "demo":
        assert b"standard output is full, and does not wait for its reader" in done.stderr
        assert json.loads(Path("ci-gate-demo/report.json").read_bytes())["exit_code"] == 7
