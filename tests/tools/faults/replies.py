"""The platform's possible replies to a request, in addition to the functions of ``scripted_server``."""

from __future__ import annotations

import json
import socket
import time
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formatdate
from typing import TYPE_CHECKING, Any

from tests.kore.scripted_server import answers, http, resets
from tests.tools.faults import good_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.kore.scripted_server import Behaviour, ScriptedServer

    Edit = Callable[[bytes], bytes]

ABSENT = object()
"""As the value of a changed field: the field is absent."""


def sends(make: Callable[[ScriptedServer], bytes]) -> Behaviour:
    """Read the request, send the result of ``make`` (called late, so that ``server.origin`` is known), and close."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        answers(make(server))(server, connection)

    return behave


def says(code: int, message: str = "", **headers: str) -> Behaviour:
    """Reply with a status code and, if given, a message of the platform."""
    body = {"errors": [{"msg": message, "code": code}]} if message else {}
    return answers(http(code, json.dumps(body).encode(), **headers))


def says_text(code: int, text: str, kind: str = "text/plain") -> Behaviour:
    """Reply with text that is not JSON."""
    return answers(http(code, text.encode(), Content_Type=kind))


def says_later(code: int, *, seconds: float) -> Behaviour:
    """Reply with a status code and a ``Retry-After`` date."""

    def make(_server: ScriptedServer) -> bytes:
        moment = datetime.now(UTC) + timedelta(seconds=seconds)
        return http(code, b"{}", Retry_After=format_datetime(moment, usegmt=True))

    return sends(make)


def sends_on(target: Callable[[str], str], code: int = 302) -> Behaviour:
    """Redirect to ``target(origin)``, a URL made from the platform's own address."""
    return sends(lambda server: http(code, b"", Location=target(server.origin)))


def floods(drop: bytes) -> Behaviour:
    """Send an endless body as fast as the client reads it."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not server.stopped.is_set():
            connection.sendall(drop * 2**15)

    return behave


def accepts(changes: Mapping[str, Any] | None = None, *, ahead: float = 0.0, **headers: str) -> Behaviour:
    """Accept the start of a run, with a clock that is ``ahead`` seconds ahead of this machine's."""
    fields = _changed({"status": "accepted", "requestId": good_run.RUN_ID}, changes)
    body = json.dumps(fields).encode()
    return sends(lambda _server: http(200, body, **{"Date": formatdate(time.time() + ahead, usegmt=True), **headers}))


def running(changes: Mapping[str, Any] | None = None, *, ran: int = 20, word: str = "running") -> Behaviour:
    """Reply that the run is in progress: ``ran`` of 40 utterances, with the status ``word``."""

    def make(_server: ScriptedServer) -> bytes:
        fields = _changed(good_run.running(ran=ran, word=word, now=time.time()), changes)
        return http(200, json.dumps(fields).encode())

    return sends(make)


def counts(tp: int, tn: int, fp: int, fn: int, *, failed: int = 0) -> dict[str, Any]:
    """Return changes of all counts and scores of a reply that agree with each other."""
    numbers = {"TP": tp, "TN": tn, "FP": fp, "FN": fn, "success": tp + tn, "failure": fp + fn + failed}
    told = {f"result.results.{name}": number for name, number in numbers.items()}
    totals = dict.fromkeys(("utterance_count", "result.utterance_count"), sum((tp, tn, fp, fn, failed)))
    scores = {f"result.{name}": score for name, score in good_run.scores((tp, tn, fp, fn)).items()}
    return told | totals | scores | {"result.results.failedUtteranceCount": failed}


def completed(
    changes: Mapping[str, Any] | None = None,
    *,
    word: str = "completed",
    edit: Edit = lambda body: body,
    before: bytes = b"",
    ahead: float = 0.0,
) -> Behaviour:
    """Reply with the result; ``changes`` are fields by path (``"result.results.TP"``), ``edit`` changes the bytes.

    ``before`` is sent ahead of the reply. The run has just ended, by a clock that is ``ahead`` seconds ahead.
    """

    def make(server: ScriptedServer) -> bytes:
        now = time.time() + ahead
        fields = _changed(good_run.completed(server.origin, word=word, now=now), changes)
        return before + http(200, edit(json.dumps(fields).encode()))

    return sends(make)


def completed_with_link(place: Callable[[str], str]) -> Behaviour:
    """Reply with the result and a link to the server ``place(origin)``, a URL made from the platform's own address."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        link = good_run.link(place(server.origin))
        completed({"result.fileUrl": link})(server, connection)

    return behave


def file(
    edit: Edit = lambda raw: raw,
    *,
    measured: tuple[int, int, int, int] = good_run.MEASURED,
    size: int = good_run.UTTERANCES,
    **headers: str,
) -> Behaviour:
    """Send the results file; ``measured`` are the TP, TN, FP and FN of its suite of ``size`` utterances."""
    body = edit(good_run.results_file(measured, size=size))
    return answers(http(200, body, **{"Content_Type": "text/csv; charset=utf-8", **headers}))


def lists(*suites: str) -> Behaviour:
    """List the bot's suites."""
    listed = {f"ts-{name}": {"testSuiteType": "custom", "name": name, "results": []} for name in suites}
    return answers(http(200, json.dumps({"count": len(suites), "moreAvailable": False, **listed}).encode()))


def breaks(begin: bytes, *, gently: bool = False) -> Behaviour:
    """Read the request, send the beginning of a reply, and reset the connection, or close it ``gently``."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(begin)
        if not gently:
            server.stopped.wait(0.1)  # or the reset would overtake the data
            resets(after=0)(server, connection)

    return behave


def in_pieces(make: Callable[[ScriptedServer], bytes], *, size: int = 100, every: float = 0.02) -> Behaviour:
    """Read the request, and send the result of ``make`` in pieces of ``size`` bytes."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        server.read(connection)
        whole = make(server)
        for start in range(0, len(whole), size):
            server.stopped.wait(every)
            connection.sendall(whole[start : start + size])

    return behave


def half_closes(behaviour: Behaviour) -> Behaviour:
    """Reply as on a persistent connection, shut down the sending half, and wait for the other side."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        behaviour(server, connection)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)

    return behave


def stays_open(behaviour: Behaviour) -> Behaviour:
    """Reply, and leave the connection open until the other side closes it."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        behaviour(server, connection)
        connection.recv(1)

    return behave


def elsewhere(origin: str) -> str:
    """Return the address of the same server under another host name; a token sent there is a leak."""
    names = ("127.0.0.1", "localhost")
    return origin.replace(*(names if names[0] in origin else names[::-1]))


def _changed(fields: dict[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    fields = deepcopy(fields)
    for path, value in (changes or {}).items():
        *parents, name = path.split(".")
        place = fields
        for parent in parents:
            place = place[parent]
        if value is ABSENT:
            del place[name]
        else:
            place[name] = value
    return fields
