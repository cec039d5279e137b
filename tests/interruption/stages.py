"""Starts the command against a scripted platform, and stops it at a certain request or line of code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from ci_gate.core.text.safe import file_stem
from tests.tools.faults import good_run, machines
from tests.tools.faults.judging import CLIENT_ID, CLIENT_SECRET
from tests.tools.faults.model import Script
from tests.tools.faults.platform import ScriptedPlatform
from tests.tools.faults.replies import completed, file

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from tests.kore.scripted_server import Behaviour, ScriptedServer

PATIENCE = 30.0  # s, after which a test gives up
MANY = 10_000
"""The number of utterances whose reports take long enough to be interrupted."""

FOLDER = Path("ci-gate-report")
RUNS = FOLDER / "run.json"
RESULTS = FOLDER / f"{file_stem(good_run.SUITE)}.results.csv"

INSTALLED = ("-m", "ci_gate")


def stopped_at(*trap: str) -> tuple[str, ...]:
    """Return the program that runs the command with a trap of ``traps.py``."""
    return (str(Path(__file__).parent / "traps.py"), *trap, "--")


def on_machine(machine: Callable[[], None]) -> tuple[str, ...]:
    """Return the program that runs the command on a machine of the fault matrix."""
    return (str(Path(machines.__file__)), machine.__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """A request of which the test is notified."""

    reached: Event = field(default_factory=Event)

    def then(self, behaviour: Behaviour) -> Behaviour:
        """Return a behaviour that notifies the test first."""

        def behave(server: ScriptedServer, connection: socket.socket) -> None:
            self.reached.set()
            behaviour(server, connection)

        return behave


@dataclass(frozen=True, slots=True)
class Command:
    """A command that has been started against a platform."""

    process: subprocess.Popen[str]
    platform: ScriptedPlatform

    def come_to(self, is_there: Callable[[], object]) -> None:
        """Wait until ``is_there`` returns a true value."""
        until = time.monotonic() + PATIENCE
        while not is_there():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < until, "the command never came to that place"
            time.sleep(0.005)

    def end(self) -> tuple[int, str]:
        """Wait for the end; return exit code and output."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out + err


@contextmanager
def started(script: Script, *arguments: str, program: tuple[str, ...] = INSTALLED) -> Iterator[Command]:
    """Start the installed command in the working directory, against a platform that follows ``script``."""
    with ScriptedPlatform(script) as platform:
        environment = {
            "PATH": os.environ["PATH"],
            "CI": "true",
            "CI_GATE_HOST": platform.origin,
            "CI_GATE_BOT_ID": good_run.BOT_ID,
            "CI_GATE_SUITE": good_run.SUITE,
            "CI_GATE_CLIENT_ID": CLIENT_ID,
            "CI_GATE_CLIENT_SECRET": CLIENT_SECRET,
            "CI_GATE_MIN_F1": "0.9",
            "CI_GATE_COMMIT": "c0ffee1",
        }
        process = subprocess.Popen(
            [sys.executable, "-I", *program, *(arguments or ("run",))],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Command(process, platform)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def large() -> Script:
    """Return the script of a run of ``MANY`` recognised utterances."""
    counts = {"TP": MANY, "TN": 0, "FP": 0, "FN": 0, "success": MANY, "failure": 0}
    changes: dict[str, object] = {f"result.results.{name}": count for name, count in counts.items()}
    changes |= {"utterance_count": MANY, "result.utterance_count": MANY}
    changes |= dict.fromkeys(("result.f1_score", "result.precision", "result.recall"), "1.00")
    return Script(status=(completed(changes),), file=(file(_enlarged),))


def _enlarged(raw: bytes) -> bytes:
    text = raw.decode().replace(f'"Utterance count:","{good_run.UTTERANCES}"', f'"Utterance count:","{MANY}"')
    text = text.replace('"0.96"', '"1.00"').replace('"0.95"', '"1.00"').replace('"0.97"', '"1.00"')
    lines = text.splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if "utterance number" in line)
    row = lines[first]
    return "".join([*lines[:first], *(row.replace("number 1", f"number {number}") for number in range(MANY))]).encode()


def leave_yesterdays_green() -> None:
    """Write the reports of an earlier run that passed."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "junit.xml").write_text('<testsuites name="yesterday"/>', encoding="utf-8")
    report = {"verdict": "passed", "yesterday": True, "suites": [{"label": good_run.SUITE}]}
    (FOLDER / "report.json").write_text(json.dumps(report), encoding="utf-8")
    (FOLDER / "summary.md").write_text("yesterday: PASSED", encoding="utf-8")
    RESULTS.write_text("yesterday", encoding="utf-8")
