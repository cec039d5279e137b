"""Refusals: what the platform means when it does not say yes, whatever code and words it says it with."""

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


def told(message: str, code: object = 400) -> bytes:
    """Write an error body as the platform does."""
    return json.dumps({"errors": [{"msg": message, "code": code}]}).encode()


def refuse(code: int, body: bytes = b"", **headers: str) -> GateError | Transient:
    """Read a refusal of an invented request."""
    fields = {name.replace("_", "-"): text for name, text in headers.items()}
    return refusal(code, fields, body, what="asking", now=NOW)


@pytest.mark.parametrize(("code", "body", "meant"), [
    (200, b'{"status": "running"}', 200),
    (200, b'{"status": "accepted", "requestId": "tr-1"}', 200),
    (200, b'{"requestId": "tr-1"}', 200),
    (201, b'{"requestId": "tr-1"}', 200),
    (202, b'{"status": "accepted"}', 200),
    (204, b"", 200),
    (200, b'{"ts-1": {"name": "Smoke"}}', 200),
    (200, b"Utterance,ExpectedIntent", 200),
    (200, b'{"errors": []}', 200),
    (200, b'{"errors": null}', 200),
    (200, told("Invalid SDK credentials", 4002), 401),
    (200, b'{"errors": {"msg": "Invalid SDK credentials", "code": 4002}}', 401),
    (200, told("possibly a replay", 401), 401),
    (200, told("Test Suite not found", 400), 400),
    (200, told("Internal Server Error", 500), 500),
    (200, told("CSV format is incorrect", "ValidationError"), 400),
    (200, told("All is well", 200), 400),
    (200, told("odd", 99_999), 400),
    (200, b'{"errors": ["odd"]}', 400),
    (200, b'{"errors": "odd"}', 400),
    (200, told(RATE_LIMIT, 200), 429),
    (200, RATE_LIMIT.encode(), 429),
    (200, b'{"status": "running", "note": "rate limit"}', 200),
    (400, told("Invalid SDK credentials", 4002), 401),
    (400, told(RATE_LIMIT), 429),
    (403, told(MINUTE_LIMIT, 403), 429),
    (500, b"<html>Too Many Requests</html>", 429),
    (503, b'"Rate-limit"', 429),
    (400, told("Test Suite not found"), 400),
    (400, told("Internal", 500), 400),
    (404, b"<html>Not Found</html>", 404),
    (500, b"", 500),
    (302, b"", 302),
])  # fmt: skip
def test_an_answer_means_what_its_body_says(code: int, body: bytes, meant: int) -> None:
    assert meant_code(code, body) == meant


@given(st.integers(100, 599), st.binary())
def test_every_answer_means_something(code: int, body: bytes) -> None:
    assert meant_code(code, body) in (code, 200, 429)


@pytest.mark.parametrize(("body", "words"), [
    (told("Test Suite not found"), "Test Suite not found"),
    (b'{"errors": [{"message": "Scope is incorrect!"}]}', "Scope is incorrect!"),
    (b'{"errors": [{"msg": "", "message": "second"}]}', "second"),
    (b'{"errors": [{"code": 5}, {"msg": "second"}, {"msg": "third"}]}', "second"),
    (b'{"errors": ["bare"]}', "bare"),
    (b'{"errors": {"msg": "no list"}}', "no list"),
    (b'{"errors": "text"}', "text"),
    (b'{"error": "text"}', "text"),
    (b'{"error": {"msg": "deep"}}', "deep"),
    (b'{"message": "outside"}', "outside"),
    (b'{"errors": [{"msg": "inside"}], "message": "outside"}', "inside"),
    (b'{"errors": [{"msg": 5}], "message": ["x"]}', ""),
    (b'{"errors": []}', ""),
    (b"{}", ""),
    (b"[]", ""),
    (b"", ""),
    (b"\xff", ""),
    (b"[" * 100_000, ""),
    (b"<html>A page of a proxy</html>", ""),
    (told("two\nlines\x1b[31m \u202e::error::"), "two lines [31m ::error::"),
    (told("w" * 1000), "w" * 300),
    (told(f"bad token {TOKEN}, sorry"), "bad token (a token), sorry"),
    (told("w" * 280 + TOKEN), "w" * 280 + "(a token)"),
])  # fmt: skip
def test_the_words_are_one_harmless_line_or_none(body: bytes, words: str) -> None:
    assert words_of(body) == words


@pytest.mark.parametrize(("text", "seconds"), [
    ("0", 0.0), ("120", 120.0), (" 5 ", 5.0), ("Tue, 01 Jul 2025 12:01:30 GMT", 90.0),
    ("Tue, 01 Jul 2025 12:01:30 -0000", 90.0), ("Tue, 01 Jul 2025 14:01:30 +0200", 90.0),
    ("Tue, 01 Jul 2025 11:00:00 GMT", 0.0), ("", None), ("-5", None), ("1.5", None), ("soon", None), ("٣", None),
    ("9" * 30, None), ("Tue, 99 Jul 2025 12:01:30 GMT", None),
])  # fmt: skip
def test_retry_after_is_seconds_or_a_date_and_nonsense_is_nothing(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


def test_a_wish_that_is_not_uttered_is_nothing() -> None:
    assert retry_after({}, NOW) is None


@given(st.text())
def test_no_wish_at_all_breaks_the_waiting(text: str) -> None:
    wait = retry_after({"retry-after": text}, NOW)
    assert wait is None or wait >= 0


def test_too_many_requests_are_tried_again_later_and_less_often() -> None:
    problem = refuse(429, told(RATE_LIMIT, 429), retry_after="7")
    assert isinstance(problem, Transient)
    assert (problem.retry_after, problem.rate_limited, problem.without_effect, problem.pause) == (7.0, True, True, None)
    assert problem.error.message == f"asking: the platform answered 429: {RATE_LIMIT}"
    assert "several pipelines" in problem.error.hint


@pytest.mark.parametrize(("code", "body"), [
    (409, b""),
    (400, told(BUSY)),
    (400, told("A test run is already running.")),
    (412, told("The bot is currently executing a batch test")),
    (500, told("Batch test execution in progress already")),
])  # fmt: skip
def test_a_busy_bot_is_asked_steadily_since_nothing_was_started(code: int, body: bytes) -> None:
    problem = refuse(code, body)
    assert isinstance(problem, Transient)
    assert (problem.pause, problem.without_effect, problem.rate_limited) == (BUSY_PAUSE, True, False)
    assert isinstance(problem.error, PlatformError)


@pytest.mark.parametrize("code", [408, 425, 500, 502, 503, 504, 599])
def test_a_server_out_of_order_is_tried_again_though_it_may_have_done_something(code: int) -> None:
    problem = refuse(code, b"<html>Sorry</html>", retry_after="Tue, 01 Jul 2025 12:00:20 GMT")
    assert isinstance(problem, Transient)
    assert (problem.retry_after, problem.without_effect, problem.pause) == (20.0, False, None)
    assert problem.error.message == f"asking: the platform answered {code}"


@pytest.mark.parametrize(("code", "body", "hint"), [
    (301, b"", "the token is never sent on after a redirect"),
    (308, b"", "the token is never sent on after a redirect"),
    (407, b"", "the proxy wants credentials"),
    (400, told("Test Suite not found"), "letter by letter"),
    (400, told("Test Result not found."), "is it the id that starting the run gave"),
    (404, told("Run not found"), "is it the id that starting the run gave"),
    (404, b"", "neither the /bot/ nor the /stream/ form"),
    (405, b"", "neither the /bot/ nor the /stream/ form"),
    (412, b"", "is there a published version"),
    (418, b"", "can the suite be run in the platform's console?"),
])  # fmt: skip
def test_any_other_refusal_is_an_ending_with_a_hint(code: int, body: bytes, hint: str) -> None:
    problem = refuse(code, body)
    assert isinstance(problem, PlatformError)
    assert problem.message.startswith(f"asking: the platform answered {code}")
    assert hint in problem.hint


@pytest.mark.parametrize("code", [401, 403])
def test_refused_credentials_say_what_to_look_at_in_order(code: int) -> None:
    problem = refuse(code, told("Invalid SDK credentials", 4002))
    assert isinstance(problem, Denied)
    assert problem.message == f"asking: the platform answered {code}: Invalid SDK credentials"
    places = [problem.hint.index(word) for word in ("bot id", "scope", "published", "secret", "clock")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "said", ["Permission denied. Scope is incorrect!", "insufficient SCOPES", "Permission denied."]
)
def test_trouble_with_a_scope_names_the_scope_first(said: str) -> None:
    problem = refuse(401, told(said, 4002))
    assert isinstance(problem, Denied)
    places = [problem.hint.index(word) for word in ("scope", "published", "bot id", "secret", "clock")]
    assert places == sorted(places)


@pytest.mark.parametrize(("skew", "clock"), [
    (0, "this machine's clock agrees with the platform's"),
    (60, "this machine's clock agrees with the platform's"),
    (-60, "this machine's clock agrees with the platform's"),
    (61, "this machine's clock is 61 s ahead of the platform's"),
    (-3600, "this machine's clock is 3600 s behind the platform's"),
])  # fmt: skip
def test_the_clock_is_held_against_the_date_of_the_reply(skew: float, clock: str) -> None:
    date = format_datetime(datetime.fromtimestamp(NOW - skew, UTC), usegmt=True)
    problem = refuse(401, date=date)
    assert isinstance(problem, Denied)
    assert problem.hint.endswith(clock)


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "yesterday"}])
def test_without_a_date_the_clock_is_a_question(headers: dict[str, str]) -> None:
    problem = refusal(401, headers, b"", what="asking", now=NOW)
    assert isinstance(problem, Denied)
    assert problem.hint.endswith("is this machine's clock right?")


@given(st.integers(100, 599), st.binary() | st.text().map(told), st.text())
def test_every_refusal_is_an_ending_or_a_reason_to_try_again(code: int, body: bytes, header: str) -> None:
    problem = refusal(code, {"date": header, "retry-after": header}, body, what="asking", now=NOW)
    assert isinstance(problem, GateError | Transient)
    assert len(str(problem).splitlines()) == 1
