"""Refusals: the meaning of every answer that is not a success."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.errors import Denied, GateError, PlatformError, Transient
from ci_gate.kore.refusals import BUSY_PAUSE, meant_code, refusal, retry_after, words_of

NOW = 1_751_371_200.0  # Tue, 01 Jul 2025 12:00:00 GMT
RATE_LIMIT = "Rate limit for this API has been reached. Please try again after some time."
MINUTE_LIMIT = "You've exceeded the per-minute rate limit"
BUSY = "Another batch test execution is in progress for this bot"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2lnbmF0dXJl"


def body_of(message: str, code: object = 400) -> bytes:
    """Return an error body in the platform's form."""
    return json.dumps({"errors": [{"msg": message, "code": code}]}).encode()


def refuse(code: int, body: bytes = b"", **headers: str) -> GateError | Transient:
    fields = {name.replace("_", "-"): text for name, text in headers.items()}
    return refusal(code, fields, body, what="asking", now=NOW)


def transient(code: int, body: bytes = b"", **headers: str) -> Transient:
    problem = refuse(code, body, **headers)
    assert isinstance(problem, Transient)
    return problem


def denied(code: int, body: bytes = b"", **headers: str) -> Denied:
    problem = refuse(code, body, **headers)
    assert isinstance(problem, Denied)
    return problem


SDK = "Invalid SDK credentials"


@pytest.mark.parametrize(("meant", "answers"), [
    (200, [
        (200, b'{"status": "running"}'), (200, b'{"status": "accepted", "requestId": "tr-1"}'),
        (200, b'{"requestId": "tr-1"}'), (201, b'{"requestId": "tr-1"}'), (202, b'{"status": "accepted"}'), (204, b""),
        (200, b'{"ts-1": {"name": "Smoke"}}'), (200, b"Utterance,ExpectedIntent"), (200, b'{"errors": []}'),
        (200, b'{"errors": null}'), (200, b'{"status": "running", "note": "rate limit"}'),
    ]),
    (302, [(302, b"")]),
    (400, [
        (200, body_of("Test Suite not found", 400)), (200, body_of("CSV format is incorrect", "ValidationError")),
        (200, body_of("All is well", 200)), (200, body_of("odd", 99_999)), (200, b'{"errors": ["odd"]}'),
        (200, b'{"errors": "odd"}'), (400, body_of("Test Suite not found")), (400, body_of("Internal", 500)),
    ]),
    (401, [
        (200, body_of(SDK, 4002)), (200, b'{"errors": {"msg": "Invalid SDK credentials", "code": 4002}}'),
        (200, body_of("possibly a replay", 401)), (400, body_of(SDK, 4002)),
    ]),
    (404, [(404, b"<html>Not Found</html>")]),
    (429, [
        (200, body_of(RATE_LIMIT, 200)), (200, RATE_LIMIT.encode()), (400, body_of(RATE_LIMIT)),
        (403, body_of(MINUTE_LIMIT, 403)), (500, b"<html>Too Many Requests</html>"), (503, b'"Rate-limit"'),
    ]),
    (500, [(200, body_of("Internal Server Error", 500)), (500, b"")]),
], ids=lambda value: value if isinstance(value, int) else "")  # fmt: skip
def test_code_of_an_answer_is_corrected_by_its_body(meant: int, answers: list[tuple[int, bytes]]) -> None:
    assert [(code, body) for code, body in answers if meant_code(code, body) != meant] == []


@given(st.integers(100, 599), st.binary())
def test_code_of_any_answer_is_its_own_or_a_known_one(code: int, body: bytes) -> None:
    assert meant_code(code, body) in (code, 200, 429)


def test_words_of_an_answer_are_one_escaped_line_or_none() -> None:
    words = {
        body_of("Test Suite not found"): "Test Suite not found",
        b'{"errors": [{"message": "Scope is incorrect!"}]}': "Scope is incorrect!",
        b'{"errors": [{"msg": "", "message": "second"}]}': "second",
        b'{"errors": [{"code": 5}, {"msg": "second"}, {"msg": "third"}]}': "second",
        b'{"errors": ["bare"]}': "bare", b'{"errors": {"msg": "no list"}}': "no list", b'{"errors": "text"}': "text",
        b'{"error": "text"}': "text", b'{"error": {"msg": "deep"}}': "deep", b'{"message": "outside"}': "outside",
        b'{"errors": [{"msg": "inside"}], "message": "outside"}': "inside",
        b'{"errors": [{"msg": 5}], "message": ["x"]}': "", b'{"errors": []}': "", b"{}": "", b"[]": "", b"": "",
        b"\xff": "", b"[" * 100_000: "", b"<html>A page of a proxy</html>": "",
        body_of("two\nlines\x1b[31m \u202e::error::"): "two lines [31m ::error::", body_of("w" * 1000): "w" * 300,
        body_of(f"bad token {TOKEN}, sorry"): "bad token (a token), sorry",
        body_of("w" * 280 + TOKEN): "w" * 280 + "(a token)",
    }  # fmt: skip
    assert {body: words_of(body) for body in words} == words


def test_retry_after_is_seconds_or_a_date() -> None:
    seconds = {
        "0": 0.0, "120": 120.0, " 5 ": 5.0, "Tue, 01 Jul 2025 12:01:30 GMT": 90.0,
        "Tue, 01 Jul 2025 12:01:30 -0000": 90.0, "Tue, 01 Jul 2025 14:01:30 +0200": 90.0,
        "Tue, 01 Jul 2025 11:00:00 GMT": 0.0, "": None, "-5": None, "1.5": None, "soon": None, "٣": None,
        "9" * 30: None, "Tue, 99 Jul 2025 12:01:30 GMT": None,
    }  # fmt: skip
    assert {text: retry_after({"retry-after": text}, NOW) for text in seconds} == seconds
    assert retry_after({}, NOW) is None


@given(st.text())
def test_any_retry_after_is_a_pause_or_nothing(text: str) -> None:
    wait = retry_after({"retry-after": text}, NOW)
    assert wait is None or wait >= 0


def test_too_many_requests_and_busy_bots_are_retried() -> None:
    problem = transient(429, body_of(RATE_LIMIT, 429), retry_after="7")
    assert (problem.retry_after, problem.rate_limited, problem.without_effect, problem.pause) == (7.0, True, True, None)
    assert problem.error.message == f"asking: the platform answered 429: {RATE_LIMIT}"
    assert "several pipelines" in problem.error.hint
    for code, body in (
        (409, b""),
        (400, body_of(BUSY)),
        (400, body_of("A test run is already running.")),
        (412, body_of("The bot is currently executing a batch test")),
        (500, body_of("Batch test execution in progress already")),
    ):
        problem = transient(code, body)
        assert (problem.pause, problem.without_effect, problem.rate_limited) == (BUSY_PAUSE, True, False)
        assert isinstance(problem.error, PlatformError)


def test_server_error_is_retried_although_it_may_have_had_an_effect() -> None:
    for code in (408, 425, 500, 502, 503, 504, 599):
        problem = transient(code, b"<html>Sorry</html>", retry_after="Tue, 01 Jul 2025 12:00:20 GMT")
        assert (problem.retry_after, problem.without_effect, problem.pause) == (20.0, False, None)
        assert problem.error.message == f"asking: the platform answered {code}"


@pytest.mark.parametrize(("hint", "answers"), [
    ("the token is never sent to the target of a redirect", [(301, b""), (308, b"")]),
    ("the proxy requires credentials", [(407, b"")]), ("letter by letter", [(400, body_of("Test Suite not found"))]),
    ("is it the id that starting the run gave", [
        (400, body_of("Test Result not found.")), (404, body_of("Run not found")),
    ]),
    ("neither the /bot/ nor the /stream/ form", [(404, b""), (405, b"")]),
    ("is there a published version", [(412, b"")]),
    ("can the suite be run in the platform's console?", [(418, b"")]),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_any_other_refusal_is_final_and_has_a_hint(hint: str, answers: list[tuple[int, bytes]]) -> None:
    for code, body in answers:
        problem = refuse(code, body)
        assert isinstance(problem, PlatformError)
        assert problem.message.startswith(f"asking: the platform answered {code}")
        assert hint in problem.hint


def test_hint_of_refused_credentials_lists_the_likely_causes_in_order() -> None:
    def places(problem: Denied, *words: str) -> list[int]:
        return [problem.hint.index(word) for word in words]

    for code in (401, 403):
        problem = denied(code, body_of(SDK, 4002))
        assert problem.message == f"asking: the platform answered {code}: Invalid SDK credentials"
        found = places(problem, "bot id", "scope", "published", "secret", "clock")
        assert found == sorted(found)
    for message in ("Permission denied. Scope is incorrect!", "insufficient SCOPES", "Permission denied."):
        found = places(denied(401, body_of(message, 4002)), "scope", "published", "bot id", "secret", "clock")
        assert found == sorted(found)


def test_hint_of_refused_credentials_compares_the_clocks() -> None:
    for skew, state in {
        0: "agrees with", 60: "agrees with", -60: "agrees with", 61: "is 61 s ahead of", -3600: "is 3600 s behind"
    }.items():  # fmt: skip
        date = format_datetime(datetime.fromtimestamp(NOW - skew, UTC), usegmt=True)
        assert denied(401, date=date).hint.endswith(f"this machine's clock {state} the platform's")
    for headers in ({}, {"date": ""}, {"date": "yesterday"}):
        assert denied(401, b"", **headers).hint.endswith("is this machine's clock right?")


@given(st.integers(100, 599), st.binary() | st.text().map(body_of), st.text())
def test_any_refusal_is_final_or_transient(code: int, body: bytes, header: str) -> None:
    problem = refusal(code, {"date": header, "retry-after": header}, body, what="asking", now=NOW)
    assert isinstance(problem, GateError | Transient)
    assert len(str(problem).splitlines()) == 1
