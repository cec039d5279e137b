"""Runs one row: the scripted platform, and the installed command against it in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.kore.certificates import self_signed
from tests.tools.faults.good_run import BOT_ID, SUITE
from tests.tools.faults.judging import CLIENT_ID, CLIENT_SECRET, GRACE, Outcome
from tests.tools.faults.platform import ScriptedPlatform
from tests.tools.faults.printed import printed, type_all

if TYPE_CHECKING:
    import ssl
    from threading import Event

    from tests.tools.faults.model import Fault, Start, Tls

_MACHINES = Path(__file__).parent / "machines.py"
_REPORT_DIR = "ci-gate-report"
_PATIENCE = GRACE + 5.0  # s after the deadline, when a command that does not end is killed
_AT_ONCE = 3
_starting = BoundedSemaphore(_AT_ONCE)
"""Loading the program takes most of the processor time: commands that all load at once would all be late."""

_LOADING = 1.5  # s, after which a command that has not connected to the platform is assumed to have loaded


def run(fault: Fault) -> Outcome:
    """Run the command with the fault until it ends."""
    with TemporaryDirectory(prefix="ci-gate-fault-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        places = {place: folder / place for place in ("checkout", "home", "tmp", "authority")}
        for place in places.values():
            place.mkdir()
        context, trusted = _authority(places["authority"], fault.script.tls)
        with ScriptedPlatform(fault.script, context) as platform:
            words = {"{origin}": platform.origin, "{port}": str(platform.port), "{folder}": str(folder)}
            given: dict[Path, bytes] = {}

            def told(start: Start) -> dict[str, str]:
                return _environment(fault.seconds, start, places, platform.origin, trusted, words)

            def play(start: Start) -> tuple[int | None, bytes, float]:
                given.update(_furnish(places["checkout"], start))
                environment = told(start)
                arguments = [_filled(argument, words) for argument in start.arguments]
                platform.met.clear()
                return _run(fault.seconds, start, arguments, environment, places["checkout"], platform.met)

            earlier: dict[str, bytes] = {}
            if fault.start.earlier:
                play(fault.start.earlier)
                earlier = _written(folder, given)
            code, output, seconds = play(fault.start)
        reports = places["checkout"] / _REPORT_DIR
        outcome = Outcome(
            code=code,
            seconds=seconds,
            output=output.decode("utf-8", "replace"),
            junit=_content(reports / "junit.xml"),
            report=_content(reports / "report.json"),
            written=_written(folder, given),
            requests=tuple(platform.requests),
            host=urlsplit(_filled(fault.start.environment.get("CI_GATE_HOST") or platform.origin, words)).netloc,
        )
        # The commands that an earlier command printed refer to that command's own ending.
        pages = {name: content for name, content in outcome.written.items() if earlier.get(name) != content}
        lines = printed(outcome.output, pages)
        return replace(outcome, typed=type_all(places["checkout"], told(fault.start), lines))


def _authority(folder: Path, tls: Tls | None) -> tuple[ssl.SSLContext | None, str | None]:
    """Create the platform's certificate; return its context and, if it is to be trusted, the path of the authority."""
    if tls is None:
        return None, None
    context, path = self_signed(folder, tls.name, expired=tls.expired)
    return context, path if tls.trusted else None


def _furnish(checkout: Path, start: Start) -> dict[Path, bytes]:
    """Write the row's files and return them; their contents are input, so they count as no leak."""
    given = {}
    for name, content in start.files.items():
        path = checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        given[path] = content.encode() if isinstance(content, str) else content
        path.write_bytes(given[path])
    start.prepare(checkout)
    return given


def _environment(
    timeout: int, start: Start, places: dict[str, Path], origin: str, trusted: str | None, words: dict[str, str]
) -> dict[str, str]:
    """Return the variables of a CI job and no others."""
    usual: dict[str, str | None] = {
        "PATH": os.environ.get("PATH"),
        "HOME": str(places["home"]),
        "TMPDIR": str(places["tmp"]),
        "CI": "true",
        "CI_GATE_HOST": origin,
        "CI_GATE_BOT_ID": BOT_ID,
        "CI_GATE_SUITE": SUITE,
        "CI_GATE_CLIENT_ID": CLIENT_ID,
        "CI_GATE_CLIENT_SECRET": CLIENT_SECRET,
        "CI_GATE_CA_FILE": trusted,
        "CI_GATE_MIN_F1": "0.9",
        "CI_GATE_TIMEOUT": f"{timeout}s",
    }
    told = {**usual, **start.environment}
    return {name: _filled(value, words) for name, value in told.items() if value is not None}


def _filled(text: str, words: dict[str, str]) -> str:
    for word, meant in words.items():
        text = text.replace(word, meant)
    return text


def _run(
    timeout: int, start: Start, arguments: list[str], environment: dict[str, str], checkout: Path, met: Event
) -> tuple[int | None, bytes, float]:
    program = [str(_MACHINES), start.machine.__name__] if start.machine else ["-m", "ci_gate"]
    with _starting:
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *start.flags, *program, *arguments],
            env=environment,
            cwd=checkout,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        while process.poll() is None and time.monotonic() < begun + _LOADING and not met.wait(0.05):
            pass
    try:
        output, _ = process.communicate(timeout=max(0.0, begun + timeout + _PATIENCE - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        return None, output, time.monotonic() - begun
    return process.returncode, output, time.monotonic() - begun


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _written(folder: Path, given: dict[Path, bytes]) -> dict[str, bytes]:
    """Read every file that the command created or changed."""
    contents = {path: _content(path) for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}
    return {
        str(path.relative_to(folder)): content
        for path, content in contents.items()
        if content is not None and given.get(path) != content and path.parent.name != "authority"
    }
