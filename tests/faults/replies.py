"""What the platform can do with a request, to be used beside the functions of ``scripted_server``."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from tests.faults import good_run
from tests.kore.scripted_server import answers, http

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from tests.kore.scripted_server import Behaviour, ScriptedServer

    Edit = Callable[[bytes], bytes]

ABSENT = object()
"""As the value of a changed field: the field is not there."""


def sends(make: Callable[[ScriptedServer], bytes]) -> Behaviour:
    """Read the request, send what is made only now (``server.origin`` is known, and the time), and hang up."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        answers(make(server))(server, connection)

    return behave


def says(code: int, message: str = "", **headers: str) -> Behaviour:
    """Answer with a code, and with the platform's own words where it has some."""
    body = {"errors": [{"msg": message, "code": code}]} if message else {}
    return answers(http(code, json.dumps(body).encode(), **headers))


def accepts(changes: Mapping[str, Any] | None = None) -> Behaviour:
    """Accept the start of a run."""
    fields = _changed({"status": "accepted", "requestId": good_run.RUN_ID}, changes)
    return answers(http(200, json.dumps(fields).encode()))


def running(changes: Mapping[str, Any] | None = None, *, ran: int = 20, word: str = "running") -> Behaviour:
    """Tell that the run goes on: so many of 40 utterances, in this status word."""
    fields = _changed(good_run.running(ran=ran, word=word), changes)
    return answers(http(200, json.dumps(fields).encode()))


def completed(
    changes: Mapping[str, Any] | None = None, *, word: str = "completed", edit: Edit = lambda body: body
) -> Behaviour:
    """Tell the result; ``changes`` are fields by path (``"result.results.TP"``), ``edit`` is for the reply's bytes."""

    def make(server: ScriptedServer) -> bytes:
        fields = _changed(good_run.completed(server.origin, word=word), changes)
        return http(200, edit(json.dumps(fields).encode()))

    return sends(make)


def file(
    edit: Edit = lambda raw: raw, *, measured: tuple[int, int, int, int] = good_run.MEASURED, **headers: str
) -> Behaviour:
    """Send the results file; ``measured`` are the TP, TN, FP and FN that it holds."""
    return answers(
        http(200, edit(good_run.results_file(measured)), **{"Content_Type": "text/csv; charset=utf-8", **headers})
    )


def lists(*suites: str) -> Behaviour:
    """List the bot's suites."""
    listed = {f"ts-{name}": {"testSuiteType": "custom", "name": name, "results": []} for name in suites}
    return answers(http(200, json.dumps({"count": len(suites), "moreAvailable": False, **listed}).encode()))


def elsewhere(origin: str) -> str:
    """Name the same server as if it were another host; a token that is sent there is a leak."""
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
