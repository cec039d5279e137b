"""A platform that repeats the token and the link of its results file: neither appears in what the gate writes."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.errors import ExitCode
from tests.kore.scripted_server import http
from tests.secrets.canaries import odd
from tests.secrets.echo import Heard, completed, platform, told, usual
from tests.tools.faults import good_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.secrets.echo import Answer
    from tests.secrets.scene import Scene

PASSED, PLATFORM, TIMEOUT = ExitCode.PASSED, ExitCode.PLATFORM, ExitCode.TIMEOUT
INCONCLUSIVE, DENIED = ExitCode.INCONCLUSIVE, ExitCode.DENIED


def quoted(code: int, words: Callable[[Heard], str]) -> Answer:
    """Return an answer that refuses with a message."""
    return lambda heard: http(code, json.dumps({"errors": [{"msg": words(heard), "code": code}]}).encode())


def escaped(heard: Heard) -> str:
    """Return the token with every character escaped as JSON allows."""
    return "".join(f"\\u{ord(char):04x}" for char in heard.token)


def in_header(name: str, code: int) -> Answer:
    """Return an answer with the token in a header."""
    return lambda heard: http(code, b"{}", **{name: heard.token})


def by_token(heard: Heard) -> str:
    return f"the token {heard.token} is not good"


def by_link(heard: Heard) -> str:
    return f"fetch {heard.link} again, or '{heard.link.replace('://', '://user:' + heard.signature + '@')}'."


STARTS: dict[str, tuple[Answer, ExitCode]] = {
    "message of 401": (quoted(401, by_token), DENIED),
    "message of 403": (quoted(403, by_token), DENIED),
    "message of 404": (quoted(404, by_token), PLATFORM),
    "message of 409": (quoted(409, by_token), TIMEOUT),
    "message of 412": (quoted(412, by_token), PLATFORM),
    "message of 429": (quoted(429, by_token), TIMEOUT),
    "message of 500": (quoted(500, by_token), PLATFORM),
    "message of 302": (quoted(302, by_token), PLATFORM),
    "message under 200": (quoted(200, by_token), PLATFORM),
    "message with a link": (quoted(400, by_link), PLATFORM),
    "message in JSON's escapes": (lambda heard: http(401, f'{{"errors": "{escaped(heard)}"}}'.encode()), DENIED),
    "message in a gzipped body": (
        lambda heard: http(
            401, gzip.compress(json.dumps({"message": by_token(heard)}).encode()), Content_Encoding="gzip"
        ),
        DENIED,
    ),
    "page of HTML": (lambda heard: http(502, f"<h1>{by_token(heard)}</h1>".encode()), PLATFORM),
    "plain text of a rate limit": (lambda heard: http(400, f"Rate limit: {by_token(heard)}".encode()), TIMEOUT),
    # A run whose id is a secret cannot be shown, so it is refused.
    "id of the run": (lambda heard: told({"requestId": heard.token}), PLATFORM),
    "id of the run in JSON's escapes": (
        lambda heard: http(200, f'{{"requestId": "{escaped(heard)}"}}'.encode()),
        PLATFORM,
    ),
    "header of a redirect": (lambda heard: http(307, b"", Location=f"https://x.example/?t={heard.token}"), PLATFORM),
    "header of an encoding": (in_header("Content_Encoding", 200), PLATFORM),
    "headers of a pause": (in_header("Retry_After", 429), TIMEOUT),
    "header of a date": (in_header("Date", 401), DENIED),
    "header of a cookie": (in_header("Set_Cookie", 401), DENIED),
    "reason phrase": (lambda heard: f"HTTP/1.1 401 {heard.token}\r\nContent-Length: 0\r\n\r\n".encode(), DENIED),
    "broken status line": (lambda heard: f"HTTP/{heard.token}\r\n\r\n".encode(), PLATFORM),
    "broken header": (lambda heard: f"HTTP/1.1 200 OK\r\n{heard.token}\r\n\r\n".encode(), PLATFORM),
    "body cut short": (lambda heard: http(401, by_token(heard).encode(), Content_Length="9999")[:-20], PLATFORM),
}
"""Answers to the start of a run that repeat a secret, and the exit code."""


def changed(change: Callable[[dict[str, Any], Heard], object], word: str = "completed") -> Answer:
    """Return the status of a good run with one change."""

    def answer(heard: Heard) -> bytes:
        def both(reply: dict[str, Any]) -> None:
            reply["status"] = reply["result"]["status"] = word
            change(reply, heard)

        return completed(heard, both)

    return answer


def everywhere(reply: dict[str, Any], text: str, word: str | None = None) -> None:
    """Write ``text`` into every field that the gate knows, and into some that it does not."""
    known = {"_id": text, "runType": text, "botLanguage": text, "endTime": text, "isPartialFailure": text}
    unknown = {
        "deep": [[{"deeper": [text, {text: {text: 1}}]}]],
        text: text,
        "said": f"see <{text}>, please",
        "n": text,
    }
    reply.update({**known, **unknown, "status": word or text})
    reply["result"].update({**known, **unknown, "status": word or text, "f1_score": text})
    reply["result"]["results"].update(TP=text, totalEntitiesCount=text)


def with_password(heard: Heard) -> str:
    return heard.link.replace("://", f"://user:{heard.signature}@")


def percent(text: str) -> str:
    return text.replace("%", "%25").replace(":", "%3A").replace("/", "%2F").replace("?", "%3f").replace("=", "%3D")


STATUSES: dict[str, tuple[Answer, ExitCode]] = {
    "token everywhere": (changed(lambda reply, heard: everywhere(reply, heard.token, "completed")), INCONCLUSIVE),
    "token as the word": (changed(lambda reply, heard: everywhere(reply, heard.token)), TIMEOUT),
    "token of a run that failed": (
        changed(lambda reply, heard: everywhere(reply, heard.token, "failed"), "failed"),
        PLATFORM,
    ),
    "link everywhere": (changed(lambda reply, heard: everywhere(reply, heard.link, "completed")), INCONCLUSIVE),
    "link as the word": (changed(lambda reply, heard: everywhere(reply, heard.link)), TIMEOUT),
    "link of a run that was cancelled": (
        changed(lambda reply, heard: everywhere(reply, heard.link, "cancelled"), "cancelled"),
        PLATFORM,
    ),
    "link with a password everywhere": (
        changed(lambda reply, heard: everywhere(reply, with_password(heard), "completed")),
        INCONCLUSIVE,
    ),
    "link percent-encoded everywhere": (
        changed(lambda reply, heard: reply["result"].update(next=percent(heard.link), more=[percent(heard.link)])),
        PASSED,
    ),
    "link in JSON in a text": (
        changed(lambda reply, heard: reply.update(raw=json.dumps({"fileUrl": heard.link, "ok": True}))),
        PASSED,
    ),
    "link behind a question": (changed(lambda reply, heard: reply.update(note=f"all of it? {heard.link}")), PASSED),
    "link with a password to follow": (
        changed(lambda reply, heard: reply["result"].update(fileUrl=with_password(heard))),
        PASSED,
    ),
    "relative link to follow": (
        changed(lambda reply, heard: reply["result"].update(fileUrl="/media/" + heard.link.rpartition("/")[2])),
        PASSED,
    ),
    "link that is none": (
        changed(lambda reply, heard: reply["result"].update(fileUrl=f"media results ?s={heard.signature}")),
        INCONCLUSIVE,
    ),
    "link to another host": (
        changed(lambda reply, heard: reply["result"].update(fileUrl=f"http://files.example/?s={heard.signature}")),
        INCONCLUSIVE,
    ),
    "text that is no JSON": (lambda heard: http(200, f"{heard.link} {heard.token}".encode()), TIMEOUT),
    "message of 401": (quoted(401, by_token), DENIED),
    "message of 500": (quoted(500, by_link), TIMEOUT),
}


def refusal_page(heard: Heard) -> bytes:
    """Return the page of a file server that refuses a link, which quotes the signed text."""
    text = heard.link.replace("&", "&amp;")
    return f"<Error><Signature>{heard.signature}</Signature><StringToSign>{text}</StringToSign></Error>".encode()


def sent_on(to: Callable[[Heard], str]) -> Answer:
    return lambda heard: http(302, b"", Location=to(heard))


FILES: dict[str, tuple[Answer, ExitCode]] = {
    "page of 403": (lambda heard: http(403, refusal_page(heard)), INCONCLUSIVE),
    "page of 500": (lambda heard: http(500, refusal_page(heard)), INCONCLUSIVE),
    "page under 200": (lambda heard: http(200, refusal_page(heard)), INCONCLUSIVE),
    "text under 200": (lambda heard: http(200, f"Utterance\n{heard.link}".encode()), INCONCLUSIVE),
    "gzipped page": (
        lambda heard: http(403, gzip.compress(refusal_page(heard)), Content_Encoding="gzip"),
        INCONCLUSIVE,
    ),
    "header of an encoding": (lambda heard: http(200, b"", Content_Encoding=heard.signature), INCONCLUSIVE),
    "reason phrase": (lambda heard: f"HTTP/1.1 403 {heard.link}\r\n\r\n".encode(), INCONCLUSIVE),
    "redirect to https": (sent_on(lambda heard: f"https://127.0.0.1:1/f.csv?s={heard.signature}"), INCONCLUSIVE),
    "redirect to http": (sent_on(lambda heard: heard.link), INCONCLUSIVE),
    "redirect with a password": (sent_on(with_password), INCONCLUSIVE),
    "redirect to nowhere": (sent_on(lambda heard: f"::{heard.signature}"), INCONCLUSIVE),
    "redirect to a port that is none": (sent_on(lambda heard: f"https://x:{heard.signature}/"), INCONCLUSIVE),
}

READY = {"CI_GATE_JWT": odd()}
PAIR = {"CI_GATE_CLIENT_ID": "cs-of-nobody", "CI_GATE_CLIENT_SECRET": odd()}
ANSWERS = {"start": STARTS, "status": STATUSES, "file": FILES}


@pytest.mark.parametrize(("credentials", "system"), [(READY, "GitHub"), (PAIR, "GitLab")], ids=["token", "secret"])
@pytest.mark.parametrize("call", ANSWERS)
def test_an_answer_with_secrets_leaks_none(call: str, credentials: dict[str, str], system: str, scene: Scene) -> None:
    attaches = credentials is PAIR and call != "start"
    command = ("gate", good_run.RUN_ID) if attaches else ("run",)
    problems: dict[str, object] = {}
    for name, (answer, code) in ANSWERS[call].items():
        heard = Heard()
        with platform(heard, **{call: answer}) as server:
            environment = usual(server.origin) | credentials
            trace = scene.run(*command, "--verbose", "--timeout", "90s", environment=environment, system=system)
        leaks = trace.leaks(heard.secrets | credentials)
        # An attached run that never answered may not exist.
        if leaks or trace.code not in (code, PLATFORM if attaches else code) or not heard.tokens:
            problems[name] = (leaks, trace.code, trace.written["stderr"].decode())
    assert problems == {}


@pytest.mark.parametrize("credentials", [READY, PAIR], ids=["token", "secret"])
def test_a_run_of_a_well_behaved_platform_leaks_no_secret(credentials: dict[str, str], scene: Scene) -> None:
    heard = Heard()
    with platform(heard) as server:
        trace = scene.run("run", "--verbose", environment=usual(server.origin) | credentials, system="GitLab")
    assert (trace.code, trace.leaks(heard.secrets | credentials)) == (PASSED, [])
    assert heard.tokens
