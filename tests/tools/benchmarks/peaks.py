"""The peak memory of the installed command at its limits, as JSON on standard output.

Runs as a process of its own, so that the measuring process stays small: a child's peak memory starts at its parent's.
"""

from __future__ import annotations

import json
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from ci_gate.kore.results_csv import MAX_ROWS
from tests.tools.benchmarks.invented import SHAPES, write_largest
from tests.tools.benchmarks.processes import CI_GATE, PYTHON, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

YARDSTICK = "import click, httpx, jwt, junit_xml"
_JUDGED, _UNANSWERED, _INCONCLUSIVE = 1, 3, 5
_PIECE = 2**16
_WIDEST = ("an emoji in each", "an intent for each")
"""The shapes that need most memory. Only these are also run: a run takes seconds longer than ``check``, and differs
only in how it gets the file.
"""


def peaks() -> dict[str, float]:
    """Return the peak of each command in MB, by name; two jobs run at a time, each in its own folder."""
    with TemporaryDirectory() as temporary, ThreadPoolExecutor(2) as at_once:
        folder = Path(temporary)
        jobs = [
            *(partial(_legal, folder / f"shape-{number}", shape) for number, shape in enumerate(SHAPES)),
            partial(_hostile, folder / "zeros", "", Body(_zeros)),
            partial(_hostile, folder / "bomb", " in gzip", Body(_bomb, "gzip")),
        ]
        found = {YARDSTICK: run((*PYTHON, "-c", YARDSTICK), cwd=folder).megabytes}
        for job in [at_once.submit(job) for job in jobs]:
            found |= job.result()
    return found


def _legal(folder: Path, shape: str) -> dict[str, float]:
    folder.mkdir()
    file = folder / "results.csv"
    write_largest(file, shape)
    command = (*CI_GATE, "check", str(file), "--min-f1", "0.5", "--report-dir", "reports")
    found = {f"check, {shape}": run(command, cwd=folder, code=_JUDGED).megabytes}
    if shape in _WIDEST:
        found[f"run, {shape}"] = _run(folder, code=_JUDGED, results=Body(partial(_content, file)))
    return found


def _hostile(folder: Path, how: str, body: Body) -> dict[str, float]:
    folder.mkdir()
    return {
        f"run, results file of 1 GiB{how}": _run(folder, code=_INCONCLUSIVE, results=body),
        f"run, status reply of 1 GiB{how}": _run(folder, code=_UNANSWERED, status=body),
    }


class Body(NamedTuple):
    """The body of a reply, generated while it is sent, and its encoding."""

    pieces: Callable[[], Iterator[bytes]]
    encoding: str = "identity"


def _run(folder: Path, *, code: int, **bodies: Body) -> float:
    """Run a suite on a platform that replies with ``bodies``, write all kinds of reports, and return the peak in MB."""
    environment = {
        "CI_GATE_CLIENT_ID": "cs-1",
        "CI_GATE_CLIENT_SECRET": "invented" * 4,
        "GITHUB_OUTPUT": "outputs.txt",
        "GITHUB_STEP_SUMMARY": "page.md",
    }
    with _platform(bodies) as host:
        asked = ("--host", host, "--bot-id", "st-1", "--suite", "Smoke", "--min-f1", "0.5")
        places = ("--report-dir", "reports", "--junit-xml", "copy.xml")
        command = (*CI_GATE, "run", *asked, *places)
        return run(command, cwd=folder, code=code, environment=environment).megabytes


@contextmanager
def _platform(bodies: Mapping[str, Body]) -> Iterator[str]:
    """Serve a platform on loopback and yield its address."""
    with _Server(("127.0.0.1", 0), _Exchange) as server:
        server.bodies = {"start": Body(_accepted), "status": Body(_completed), **bodies}
        serving = Thread(target=server.serve_forever, args=(0.02,), name="platform")
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            serving.join()


class _Server(ThreadingHTTPServer):
    bodies: Mapping[str, Body]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that hangs up, as it should."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Exchange(BaseHTTPRequestHandler):
    server: _Server

    def _exchange(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = self.server.bodies[self.path.rpartition("/")[2].replace("run", "start")]
        self.send_response(200)
        self.send_header("Content-Encoding", body.encoding)
        self.end_headers()
        for piece in body.pieces():
            self.wfile.write(piece)

    do_GET = do_POST = _exchange  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the inherited name
        """Suppress the log of requests."""


def _accepted() -> Iterator[bytes]:
    yield json.dumps({"status": "accepted", "requestId": "tr-1"}).encode()


def _completed() -> Iterator[bytes]:
    result = {
        "utterance_count": MAX_ROWS,
        "fileUrl": "/results",
        "results": {"TP": 0, "TN": 0, "FP": MAX_ROWS, "FN": 0},
    }
    yield json.dumps({"_id": "tr-1", "status": "completed", "result": result}).encode()


def _content(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        yield from iter(partial(opened.read, _PIECE), b"")


def _zeros() -> Iterator[bytes]:
    return repeat(bytes(_PIECE), 2**30 // _PIECE)


def _bomb() -> Iterator[bytes]:
    deflate = zlib.compressobj(wbits=31)
    yield from map(deflate.compress, _zeros())
    yield deflate.flush()


if __name__ == "__main__":
    print(json.dumps(peaks()))
