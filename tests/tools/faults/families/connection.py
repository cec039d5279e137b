"""Faults of the connection: none or only a part of the data gets through."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from tests.kore.scripted_server import drips, greets, hangs, http, resets
from tests.tools.faults.families import connection_names
from tests.tools.faults.good_run import RUN_ID, results_file
from tests.tools.faults.good_run import completed as completed_run
from tests.tools.faults.model import FAILS, NEVER, PASSES, STRICT, Fault, Script, Start, ends
from tests.tools.faults.platform import lets_in
from tests.tools.faults.replies import breaks, completed, file, half_closes, in_pieces, says, stays_open

if TYPE_CHECKING:
    from tests.kore.scripted_server import Behaviour, ScriptedServer

_PERHAPS = ("a run may have started", "ci-gate gate ID --suite Smoke")
_ATTACH = f"attach again with: ci-gate gate {RUN_ID}"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"
_SOON = 4


def _lost_start(name: str, behaviour: Behaviour, cause: str = "the connection") -> Fault:
    """Return a fault that loses the reply to a start: a retry might start a second run."""
    return Fault(f"start: {name}", Script(start=(behaviour, ...)), ends(3, cause, mend=_PERHAPS), timeout=_SOON)


def _status(name: str, behaviour: Behaviour, cause: str = "could not be reached") -> tuple[Fault, ...]:
    return (
        Fault(f"status: {name}, once", Script(status=(behaviour, ...)), FAILS, STRICT),
        Fault(f"status: {name}, for ever", Script(status=(behaviour,)), ends(4, cause, mend=_ATTACH), timeout=_SOON),
    )


def _file(name: str, behaviour: Behaviour) -> tuple[Fault, ...]:
    mend = ("run the suite again", "--tolerate no-file")
    return (
        Fault(f"file: {name}, once", Script(file=(behaviour, ...)), PASSES),
        Fault(
            f"file: {name}, for ever",
            Script(file=(behaviour,)),
            ends(5, "the results file could not be fetched", mend=mend),
        ),
    )


def _completed(server: ScriptedServer) -> bytes:
    return http(200, json.dumps(completed_run(server.origin, word="completed", now=time.time())).encode())


_REFUSED = (
    Fault(
        "nobody listens",
        Script(opens_after=NEVER),
        ends(3, "could not be reached (connection refused)", mend="is --host right"),
    ),
    Fault("nobody listens at first", Script(opens_after=4), PASSES),
    Fault(
        "nobody listens, where a run is to be attached to",
        Script(opens_after=NEVER),
        ends(3, "could not be reached (connection refused)", mend="is --host right"),
        Start(arguments=("gate", RUN_ID)),
        timeout=_SOON,
    ),
)

_START = (
    Fault(
        "start: reset in the middle of it",
        Script(door=(resets(after=20), ...)),
        ends(3, "the connection", mend=_PERHAPS),
        timeout=_SOON,
    ),
    _lost_start("reset before it is read", resets(after=0)),
    _lost_start("reset after it was sent", resets(after=None)),
    _lost_start("reset in the head of the answer", breaks(b"HTTP/1.1 200 OK\r\nConte")),
    _lost_start("reset in the body of the answer", breaks(_HEAD + b'{"requestId": "tr')),
    _lost_start("closed without an answer", breaks(b"", gently=True)),
    _lost_start("an answer that drips", drips(_HEAD, b" "), "could not be reached"),
    _lost_start("another protocol", breaks(b"SSH-2.0-OpenSSH_9.6\r\n", gently=True)),
)

_STATUS = (
    Fault("status: reset twice before it is read", Script(door=(lets_in, *[resets(after=0)] * 2, ...)), PASSES),
    *_status("reset after it was sent", resets(after=None)),
    *_status("reset in the head of the answer", breaks(b"HTTP/1.1 200 OK\r\nConte")),
    *_status("reset in the body of the answer", breaks(_HEAD + b'{"status": "completed"')),
    *_status("closed without an answer", breaks(b"", gently=True)),
    *_status(
        "closed in the middle of a chunk",
        breaks(_HEAD.replace(b"Content-Length: 900", b"Transfer-Encoding: chunked") + b"40\r\n{", gently=True),
    ),
    *_status("another protocol", breaks(b"220 mail.example ESMTP\r\n", gently=True)),
    Fault("status: hangs once", Script(status=(hangs(), ...)), PASSES, timeout=50),
    Fault("status: hangs for ever", Script(status=(hangs(),)), ends(4, "could not be reached", mend=_ATTACH)),
    Fault(
        "status: hangs for ever in the middle of the body",
        Script(status=(hangs(_HEAD + b'{"status":'),)),
        ends(4, "could not be reached", mend=_ATTACH),
    ),
    Fault(
        "status: a head that drips for ever",
        Script(status=(drips(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),)),
        ends(4, "could not be reached", mend=_ATTACH),
        timeout=_SOON,
    ),
    Fault(
        "status: a body that drips for ever",
        Script(status=(drips(_HEAD.replace(b"900", b"900000"), b" "),)),
        ends(4, "could not be reached", mend=_ATTACH),
        timeout=_SOON,
    ),
)

_FILE = (
    *_file("reset after it was asked for", resets(after=None)),
    *_file("reset in the body", breaks(http(200, b"x" * 900)[:500])),
    *_file("closed before its length is reached", breaks(http(200, b"x" * 900)[:500], gently=True)),
    Fault(
        "file: hangs for ever",
        Script(file=(hangs(),)),
        ends(5, "the results file could not be fetched", mend="--tolerate no-file"),
    ),
    Fault(
        "file: drips for ever",
        Script(file=(drips(_HEAD.replace(b"900", b"900000"), b"x"),)),
        ends(5, "the results file could not be fetched", mend="--tolerate no-file"),
    ),
)

_SLOW = (
    Fault(
        "status and file come in small pieces",
        Script(status=(in_pieces(_completed),), file=(in_pieces(lambda _server: http(200, results_file())),)),
        PASSES,
    ),
    Fault("connections that are kept alive and then half closed", Script(status=(half_closes(completed()),)), PASSES),
    Fault("connections that stay open", Script(status=(stays_open(completed()),), file=(stays_open(file()),)), PASSES),
    Fault(
        "connections that are half closed, and 503 once on each kind",
        Script(status=(half_closes(says(503)), half_closes(completed())), file=(half_closes(says(503)), ...)),
        FAILS,
        STRICT,
    ),
    Fault(
        "the platform speaks first",
        Script(door=(greets(b"220 mail.example ESMTP\r\n"),)),
        ends(3, "could not be reached", mend=_PERHAPS),
        timeout=_SOON,
    ),
)

FAULTS = (*_REFUSED, *_START, *_STATUS, *_FILE, *_SLOW, *connection_names.FAULTS)
