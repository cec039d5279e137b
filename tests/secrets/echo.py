"""A platform that repeats what it should not: the token of a request, and the signature of a link."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.kore.scripted_server import ScriptedServer, http
from tests.secrets.canaries import signature, told_by
from tests.tools.faults import good_run

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    Answer = Callable[["Heard"], bytes]


@dataclass(slots=True)
class Heard:
    """What a hostile platform can put into its answers: the tokens that it received, and its own signed link."""

    origin: str = ""
    tokens: list[str] = field(default_factory=list)
    signature: str = field(default_factory=signature)

    @property
    def token(self) -> str:
        return self.tokens[-1]

    @property
    def link(self) -> str:
        return f"{self.origin}/media/results.csv?e=1&X-Amz-Signature={self.signature}"

    @property
    def secrets(self) -> dict[str, str]:
        """Return all that must not appear, by name."""
        tokens = {f"token {number}": told_by(token) for number, token in enumerate(self.tokens, 1)}
        return {"signature": self.signature, **tokens}


def usual(origin: str) -> dict[str, str]:
    """Return the variables of a run without credentials."""
    shared = {"CI_GATE_BOT_ID": good_run.BOT_ID, "CI_GATE_SUITE": good_run.SUITE, "CI_GATE_MIN_F1": "0.9"}
    return shared | {"CI_GATE_HOST": origin}


def accepted(_heard: Heard) -> bytes:
    """Answer that the run was started."""
    return told({"status": "accepted", "requestId": good_run.RUN_ID})


def completed(heard: Heard, change: Callable[[dict[str, Any]], object] = lambda _reply: None) -> bytes:
    """Answer with the status of a run that passes, with one change."""
    reply = json.loads(json.dumps(good_run.completed(heard.origin, word="completed", now=time.time())))
    reply["result"]["fileUrl"] = heard.link
    change(reply)
    return told(reply)


def results(_heard: Heard) -> bytes:
    """Answer with the results file."""
    return http(200, good_run.results_file())


def told(document: object) -> bytes:
    """Answer in JSON."""
    return http(200, json.dumps(document).encode())


def platform(
    heard: Heard, *, start: Answer = accepted, status: Answer = completed, file: Answer = results
) -> ScriptedServer:
    """Return a server that gives these answers."""

    def behave(server: ScriptedServer, connection: socket.socket) -> None:
        request = server.read(connection)
        if sent := re.search(rb"(?im)^auth: *(.*?)\r$", request):
            heard.tokens.append(sent[1].decode("latin-1"))
        heard.origin = server.origin
        line = request.partition(b"\r\n")[0]
        answer = start if line.startswith(b"POST") else status if b"/status " in line else file
        connection.sendall(answer(heard))

    return ScriptedServer(behave)
