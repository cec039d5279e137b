"""The platform: its requests, the meaning of each answer, and the secrecy of the token."""

from __future__ import annotations

import json
import shlex
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.counts import Counts
from ci_gate.core.model import Reported, ResultsFile, Run, RunState, RunStatus, UnreadableFile
from ci_gate.errors import Denied, GateError, Inconclusive, PlatformError, Transient, UnknownHost
from ci_gate.kore.auth import signer
from ci_gate.kore.platform import KorePlatform
from ci_gate.kore.refusals import meant_code
from ci_gate.kore.wire import REPLY_LIMIT, HttpWire, Lost, Reply, TooLarge
from ci_gate.simulator import Scenario, Simulator
from tests.kore.fake_wire import FakeWire, refused, reply
from tests.simulator.caller import SUITE, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "https://bots.example.com"
BASE = f"{HOST}/api/public/bot/st-1/testsuite"
STREAM = BASE.replace("/bot/", "/stream/")
NOW = 1_751_371_200.0
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2lnbmF0dXJl"
LINK = "https://files.example.org/m/f-1.csv?e=1&s=SIGNATURE$$&t=%7E%7e'|?"
RUN = Run("Smoke", "tr-1")
STARTED = Run("Smoke", "tr-1", NOW)
DATES = [
    ("Tue, 01 Jul 2025 11:50:00 GMT", NOW - 600), ("Tue, 01 Jul 2025 14:50:00 +0200", NOW + 3000),
    ("Tuesday, 01-Jul-25 11:50:00 GMT", NOW - 600), ("Tue, 01 Jul 2025 11:50:00 -0000", NOW - 600), ("soon", None),
    ("1751371200", None), ("", None), (None, None),
]  # fmt: skip
"""Values of the header ``Date``, and the moment that each means."""

FILE = (Path(__file__).parent / "data" / "measured.csv").read_bytes()

ACCEPTED = reply(200, {"status": "accepted", "requestId": "tr-1"})
RUNNING = reply(200, {"status": "running", "percentage": 50})
NOT_FOUND = reply(404, b"<html>Not Found</html>")
NO_METHOD = reply(405, b"")
RATE_LIMIT = "Rate limit for this API has been reached. Please try again after some time."
BUSY = "Another batch test execution is in progress for this bot"

CALLS: tuple[Callable[[KorePlatform], object], ...] = (
    lambda platform: platform.start("Smoke"),
    lambda platform: platform.status(RUN),
)

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@dataclass
class Rig:
    """A platform on a fake wire, with numbered tokens, and the lines that it logs."""

    wire: FakeWire
    platform: KorePlatform
    lines: list[str] = field(default_factory=list)

    @property
    def tokens(self) -> list[str | None]:
        return [request.headers.get("auth") for request in self.wire.requests]


def rig(
    *replies: Reply | Exception,
    host: str = HOST,
    bot_id: str = "st-1",
    engine: str | None = None,
    language: str | None = None,
    results_host: str | None = None,
    max_file_size: int = 2**20,
    time_left: float = 1000.0,
) -> Rig:
    wire = FakeWire(list(replies))
    lines: list[str] = []
    tokens = (f"{TOKEN}{number}" for number in range(99))
    platform = KorePlatform(
        wire=wire, host=host, bot_id=bot_id, token=lambda: next(tokens), engine=engine, language=language,
        results_host=results_host, max_file_size=max_file_size, time_left=lambda: time_left, now=lambda: NOW,
        log=lines.append,
    )  # fmt: skip
    return Rig(wire, platform, lines)


def completed(link: str | None = LINK) -> RunStatus:
    return RunStatus(state=RunState.COMPLETED, word="completed", reported=Reported(), link=link)


def start_error(*replies: Reply | Exception, suite: str = "Smoke") -> PlatformError:
    """Return the final error of starting a suite."""
    with pytest.raises(PlatformError) as caught:
        rig(*replies).platform.start(suite)
    return caught.value


def start_trouble(*replies: Reply | Exception) -> Transient:
    """Return the transient error of starting a suite."""
    with pytest.raises(Transient) as caught:
        rig(*replies).platform.start("Smoke")
    return caught.value


def may_have_started(error: GateError) -> bool:
    """Return whether the hint of ``error`` explains how to find a run that may have started."""
    return error.hint.startswith("a run may have started; find its id in the console, then: ci-gate gate ID")


def test_run_is_ordered_with_the_version_alone_by_default() -> None:
    it = rig(ACCEPTED)
    assert it.platform.start("Full regression") == Run("Full regression", "tr-1", NOW)
    (request,) = it.wire.requests
    assert it.wire.lines == [f"POST {BASE}/Full%20regression/run"]
    assert json.loads(request.content or b"") == {"version": "inDevelopment"}
    assert request.headers == {"Accept": "application/json", "Content-Type": "application/json", "auth": f"{TOKEN}0"}


def test_engine_and_language_are_sent_if_they_are_set() -> None:
    it = rig(ACCEPTED, RUNNING, engine="dgpt", language="de")
    it.platform.start("Smoke")
    it.platform.status(RUN)
    order, look = it.wire.requests
    assert json.loads(order.content or b"") == {"version": "inDevelopment", "engine": "dgpt"}
    assert (order.headers["bot-language"], look.headers["bot-language"]) == ("de", "de")
    assert look.content is None
    assert look.headers["Cache-Control"] == "no-cache, no-store"
    assert "Content-Type" not in look.headers


def test_every_request_has_a_token_of_its_own() -> None:
    it = rig(NOT_FOUND, ACCEPTED, RUNNING)
    it.platform.start("Smoke")
    it.platform.status(RUN)
    assert it.tokens == [f"{TOKEN}0", f"{TOKEN}1", f"{TOKEN}2"]


def test_request_for_a_status_names_suite_and_run_below_any_base_url() -> None:
    for host in (HOST, "https://gateway.example.com/kore", "http://localhost:8080", "https://[::1]:8443/a/b"):
        it = rig(RUNNING, host=host)
        status = it.platform.status(RUN)
        assert (status.state, status.word) == (RunState.WAITING, "running")
        assert it.wire.lines == [f"GET {host}/api/public/bot/st-1/testsuite/Smoke/tr-1/status"]


@given(names, names, names)
def test_bot_suite_and_run_are_one_segment_of_the_path_each(bot: str, suite: str, run: str) -> None:
    it = rig(RUNNING, bot_id=bot)
    it.platform.status(Run(suite, run))
    target = it.wire.requests[0].target.decode("ascii")
    assert target.isprintable()
    assert not set(" ?#") & set(target)
    parts = [unquote(part) for part in target.split("/")]
    assert parts == ["", "api", "public", "bot", bot, "testsuite", suite, run, "status"]


def test_a_platform_needs_no_clock_and_no_log() -> None:
    wire = FakeWire([RUNNING])
    platform = KorePlatform(wire=wire, host=HOST, bot_id="st-1", token=lambda: TOKEN)
    assert platform.status(RUN).word == "running"
    assert wire.bounds == [(30.0, REPLY_LIMIT)]
    assert TOKEN not in repr(platform)


@pytest.mark.parametrize("unknown", [NOT_FOUND, NO_METHOD])
def test_unknown_path_is_repeated_in_the_other_form_unless_one_has_worked(unknown: Reply) -> None:
    it = rig(unknown, ACCEPTED, RUNNING, NOT_FOUND)
    run = it.platform.start("Smoke")
    it.platform.status(run)
    with pytest.raises(Transient):
        it.platform.status(run)
    assert it.wire.lines == [
        *(f"POST {BASE}/Smoke/run", f"POST {STREAM}/Smoke/run"), *(f"GET {STREAM}/Smoke/tr-1/status",) * 2,
    ]  # fmt: skip
    assert it.wire.requests[0].content == it.wire.requests[1].content
    it = rig(RUNNING, NOT_FOUND)
    it.platform.status(RUN)
    with pytest.raises(Transient, match="404"):
        it.platform.status(RUN)
    assert it.wire.lines == [f"GET {BASE}/Smoke/tr-1/status"] * 2


@pytest.mark.parametrize("unknown", [NOT_FOUND, refused(400, "Test Result not found.")])
def test_a_run_that_exists_may_be_unknown_twice_in_a_row(unknown: Reply) -> None:
    it = rig(ACCEPTED, unknown, unknown, RUNNING, unknown, unknown, unknown)
    run = it.platform.start("Smoke")
    for ending in (Transient, Transient, None, Transient, Transient, PlatformError):
        with pytest.raises(ending) if ending else nullcontext():
            it.platform.status(run)


@pytest.mark.parametrize("first", [NOT_FOUND, NO_METHOD])
def test_hint_says_that_neither_form_is_known(first: Reply) -> None:
    it = rig(first, NOT_FOUND, first, NOT_FOUND)
    for _ in range(2):
        with pytest.raises(PlatformError, match="starting suite 'Smoke': the platform answered 404") as caught:
            it.platform.start("Smoke")
        assert "neither the /bot/ nor the /stream/ form" in caught.value.hint
    assert len(it.wire.requests) == 4


@pytest.mark.parametrize("busy", [reply(503, b""), refused(429, RATE_LIMIT), refused(400, RATE_LIMIT)])
def test_form_is_not_remembered_after_an_answer_that_is_not_about_the_path(busy: Reply) -> None:
    it = rig(busy, NOT_FOUND, RUNNING)
    with pytest.raises(Transient):
        it.platform.status(RUN)
    assert it.platform.status(RUN).word == "running"
    assert it.wire.lines[-1] == f"GET {STREAM}/Smoke/tr-1/status"


@pytest.mark.parametrize(("first", "pause", "rate_limited"), [
    pytest.param(Lost("connection refused", sent=False), None, False, id="refused before it was written"),
    pytest.param(refused(429, "slow down"), None, True, id="429"),
    pytest.param(refused(400, RATE_LIMIT), None, True, id="rate limit under 400"),
    pytest.param(refused(200, RATE_LIMIT), None, True, id="rate limit under 200"),
    pytest.param(reply(500, RATE_LIMIT.encode()), None, True, id="rate limit in plain text"),
    pytest.param(refused(400, BUSY), 10.0, False, id="busy"),
    pytest.param(refused(200, BUSY, 400), 10.0, False, id="busy under 200"),
    pytest.param(reply(409, b""), 10.0, False, id="conflict"),
])  # fmt: skip
def test_run_that_was_not_accepted_is_retried(
    first: Reply | Exception, pause: float | None, rate_limited: bool
) -> None:
    it = rig(first, ACCEPTED)
    with pytest.raises(Transient) as caught:
        it.platform.start("Smoke")
    assert (caught.value.pause, caught.value.rate_limited) == (pause, rate_limited)
    assert isinstance(caught.value.error, PlatformError)
    assert "may have started" not in caught.value.error.hint
    assert it.platform.start("Smoke") == STARTED


@pytest.mark.parametrize("answer", [
    pytest.param(Lost("the connection broke", sent=True), id="lost after it was sent"),
    pytest.param(TooLarge(), id="endless"), pytest.param(reply(500, b"<html>"), id="500"),
    pytest.param(refused(200, "Internal Server Error", 500), id="500 under 200"),
    pytest.param(reply(502, b""), id="502"), pytest.param(reply(503, b"", {"retry-after": "5"}), id="503"),
    pytest.param(reply(504, b""), id="504"), pytest.param(reply(408, b""), id="408"),
    pytest.param(reply(204, b""), id="204"), pytest.param(reply(200, b""), id="empty"),
    pytest.param(reply(200, b"<html>"), id="page"), pytest.param(reply(200, b"[" * 100_000), id="deep"),
    pytest.param(reply(200, ["tr-1"]), id="list"), pytest.param(reply(200, {"status": "accepted"}), id="no id"),
    pytest.param(reply(200, {"status": "accepted", "requestId": "t" * 201}), id="long id"),
    pytest.param(reply(200, b'{"requestId": "tr-1", "requestId": "tr-2"}'), id="two ids"),
    *(
        pytest.param(reply(200, {"status": "accepted", "requestId": given}), id=repr(given))
        for given in (None, 5, "", " ", ".", "..", "tr-1\n", "tr\x00", ["tr-1"], "\ud800", "(a token)")
    ),
])  # fmt: skip
def test_run_that_may_have_been_accepted_is_not_ordered_again(answer: Reply | Exception) -> None:
    it = rig(answer)
    with pytest.raises(PlatformError, match=r"^starting suite 'Smoke'") as caught:
        it.platform.start("Smoke")
    assert may_have_started(caught.value)
    assert len(it.wire.requests) == 1
    assert may_have_started(start_error(NOT_FOUND, answer)), "in the second form, too"


def test_start_is_accepted_by_every_success_code_and_dated_by_the_order() -> None:
    for code in (200, 201, 202):
        it = rig(reply(code, {"status": "accepted", "requestId": " tr-1 "}))
        assert it.platform.start("Smoke") == STARTED
    it = rig(NOT_FOUND, ACCEPTED)
    it.platform.now = lambda: NOW + len(it.wire.requests)
    assert it.platform.start("Smoke").started == NOW


@pytest.mark.parametrize(("date", "moment"), DATES)
def test_start_and_answer_are_dated_by_the_platforms_clock(date: str | None, moment: float | None) -> None:
    headers = {} if date is None else {"date": date}
    it = rig(Reply(200, headers, ACCEPTED.body))
    it.platform.now = iter([NOW]).__next__
    assert it.platform.start("Smoke").started == (NOW if moment is None else moment)
    assert rig(Reply(200, headers, RUNNING.body)).platform.status(RUN).answered_at == moment


@pytest.mark.parametrize("code", [302, 307, 400, 412, 413])
def test_clear_refusal_is_final_and_starts_no_run(code: int) -> None:
    it = rig(reply(code, b"", {"location": "https://elsewhere.example.com"}))
    with pytest.raises(PlatformError, match=f"the platform answered {code}") as caught:
        it.platform.start("Smoke")
    assert not may_have_started(caught.value)
    assert len(it.wire.requests) == 1


def test_hint_of_a_start_can_be_pasted_and_a_final_error_keeps_its_message() -> None:
    command = start_error(reply(500, b""), suite="It's; a $(suite)").hint.partition("then: ")[2]
    assert shlex.split(command) == ["ci-gate", "gate", "ID", "--suite", "It's; a $(suite)"]
    problem = PlatformError("the certificate of bots.example.com is not trusted")
    assert "not trusted" in start_error(problem).message


def test_error_without_a_connection_names_the_host_and_the_likely_cause() -> None:
    error = start_trouble(Lost("name or service not known", sent=False)).error
    assert error.message == f"starting suite 'Smoke': {HOST} could not be reached (name or service not known)"
    assert "HTTPS_PROXY" in error.hint
    assert not isinstance(error, UnknownHost)
    unknown = Lost("name or service not known", sent=False, unknown_host=True)
    assert isinstance(start_trouble(unknown).error, UnknownHost)
    local = Lost("no thread can be started on this machine", sent=False, hint="see ulimit -u")
    assert start_trouble(local).error.hint == "see ulimit -u"


@pytest.mark.parametrize(("answer", "first"), [
    (refused(401, "Invalid SDK credentials", 4002), "is the bot id right?"),
    (refused(403, "Permission denied. Scope is incorrect!", 4002), "is the scope 'Batch Tests Execution' given"),
    (refused(400, "Invalid SDK credentials", 4002), "is the bot id right?"),
    (refused(200, "Invalid SDK credentials", 4002), "is the bot id right?"),
    (refused(200, "error verifying the jwt: possibly a replay", 401), "is the bot id right?"),
])  # fmt: skip
def test_refused_credentials_are_final(answer: Reply, first: str) -> None:
    for call in CALLS:
        with pytest.raises(Denied) as caught:
            call(rig(answer).platform)
        assert caught.value.hint.startswith(f"look at, in this order: {first}")


def test_hints_of_refused_credentials_and_unknown_runs() -> None:
    it = rig(reply(401, b"", {"date": "Tue, 01 Jul 2025 11:50:00 GMT"}))
    with pytest.raises(Denied) as caught:
        it.platform.status(RUN)
    assert caught.value.hint.endswith("this machine's clock is 600 s ahead of the platform's")
    it = rig(refused(400, "Test Result not found."))
    with pytest.raises(PlatformError, match="asking for run tr-1: the platform answered 400") as unknown:
        it.platform.status(RUN)
    assert "the id that starting the run gave" in unknown.value.hint
    assert len(it.wire.requests) == 1


def test_hint_of_an_unknown_suite_names_the_nearest_one() -> None:
    for call in CALLS:
        it = rig(refused(400, "Test Suite not found"), reply(200, {"count": 1, "ts-1": {"name": "Smoke tests"}}))
        with pytest.raises(PlatformError, match=r"Test Suite not found$") as caught:
            call(it.platform)
        assert caught.value.hint.endswith("letter by letter; did you mean 'Smoke tests'?")
        assert it.wire.lines[-1] == f"GET {BASE}?skip=0&limit=100"


def test_unavailable_list_of_suites_only_shortens_the_hint() -> None:
    for answer in (
        refused(401, "Permission denied. Scope is incorrect!", 4002), refused(429, RATE_LIMIT), reply(500, b""),
        reply(200, b"<html>"), Lost("the connection broke", sent=True), TooLarge(), PlatformError("no"),
    ):  # fmt: skip
        error = start_error(refused(400, "Test Suite not found"), answer)
        assert error.message.endswith("Test Suite not found")
        assert error.hint.endswith("letter by letter")


def test_status_error_that_may_pass_is_transient() -> None:
    at = {"retry-after": "Tue, 01 Jul 2025 12:00:20 GMT"}
    for answer, retry_after in (
        (Lost("connection refused", sent=False), None), (Lost("the connection broke", sent=True), None),
        (refused(429, RATE_LIMIT, headers={"retry-after": "7"}), 7.0), (reply(500, b""), None),
        (reply(503, b"", at), 20.0), (reply(503, b"", {"retry-after": "soon"}), None),
        (reply(200, b'{"status": "runn'), None), (reply(200, b"<html>Sign in</html>"), None), (reply(200, b""), None),
        (reply(204, b""), None),
    ):  # fmt: skip
        with pytest.raises(Transient) as caught:
            rig(answer).platform.status(RUN)
        assert caught.value.retry_after == retry_after
        assert isinstance(caught.value.error, PlatformError)


@pytest.mark.parametrize(("answer", "problem"), [
    (TooLarge(), "asking for run tr-1: the answer is too long to be a status reply"),
    (reply(302, b""), "asking for run tr-1: the platform answered 302"),
    (reply(400, b""), "asking for run tr-1: the platform answered 400"),
    (PlatformError("the certificate is not trusted"), "the certificate is not trusted"),
])  # fmt: skip
def test_status_error_that_cannot_pass_is_final(answer: Reply | Exception, problem: str) -> None:
    with pytest.raises(PlatformError, match=problem):
        rig(answer).platform.status(RUN)


@pytest.mark.parametrize(("age", "seconds", "word"), [
    ("40", 40, "running (from a cache)"), (" 1 ", 1, "running (from a cache)"), ("0", None, "running"),
    ("", None, "running"), ("-3", None, "running"), ("old", None, "running"), ("9" * 30, None, "running"),
])  # fmt: skip
def test_status_from_a_cache_is_marked(age: str, seconds: int | None, word: str) -> None:
    status = rig(Reply(200, {"age": age}, RUNNING.body)).platform.status(RUN)
    assert (status.reported.age, status.word) == (seconds, word)


def test_file_is_fetched_as_linked_and_without_the_token() -> None:
    it = rig(reply(200, FILE))
    results = it.platform.results(completed())
    assert isinstance(results, ResultsFile)
    assert results.raw == FILE
    (request,) = it.wire.requests
    assert request.origin + request.target.decode() == LINK
    assert request.headers == {}
    it = rig(reply(302, b"", {"location": f"{HOST}/again?s=1"}), reply(200, FILE))
    it.platform.results(completed(f"{HOST}/f.csv?s=1"))
    assert it.wire.lines == [f"GET {HOST}/f.csv?s=1", f"GET {HOST}/again?s=1"]
    assert it.tokens == [None, None]


def test_count_of_the_platform_does_not_choose_how_the_file_is_read() -> None:
    row = "a,A,a,TP,{},x,True"
    rows = ["Utterance,ExpectedIntent,MatchedIntent,ResultType,Entity Name,Expected EntityValue,Entity Result"]
    body = "\n".join([*rows, row.format("Day"), row.format("City")]).encode()
    for count in (1, 2, 3):
        status = replace(completed(), reported=Reported(counts=Counts(utterances=count)))
        results = rig(reply(200, body)).platform.results(status)
        assert isinstance(results, ResultsFile)
        assert (len(results.utterances), len(results.row_by_row or ())) == (1, 2)


def test_three_redirects_are_followed() -> None:
    for code in (301, 302, 303, 307, 308):
        it = rig(*(reply(code, b"", {"location": f"/{number}?s=$$%7e"}) for number in range(3)), reply(200, FILE))
        assert isinstance(it.platform.results(completed()), ResultsFile)
        assert it.wire.lines[-1] == "GET https://files.example.org/2?s=$$%7e"
        assert len(it.wire.requests) == 4


def test_file_is_unreadable_if_a_fresh_link_would_not_help_or_it_is_a_web_page() -> None:
    unencrypted = reply(302, b"", {"location": "http://files.example.org/?s=SIGNATURE"})
    for replies, problem in (
        ([reply(302, b"", {"location": "/f?s=SIGNATURE"})] * 4, "the download was redirected more than 3 times"),
        ([unencrypted], "does not start with https://"),
        ([reply(302, b"")], "the download was redirected without a target"),
        ([TooLarge()], "the results file is larger than 1 MiB; the limit is --max-file-size"),
        ([PlatformError("the certificate is not trusted")], "could not be fetched: the certificate is not trusted"),
    ):
        results = rig(*replies).platform.results(completed())
        assert isinstance(results, UnreadableFile)
        assert problem in results.problem
        assert "SIGNATURE" not in results.problem
    results = rig(reply(200, b"<html>Sign in</html>")).platform.results(completed())
    assert isinstance(results, UnreadableFile)
    assert results.raw == b"<html>Sign in</html>"


@pytest.mark.parametrize(("answer", "problem", "retry_after"), [
    (reply(403, b"Link has expired"), "the server answered 403", None),
    (reply(404, b""), "the server answered 404", None), (reply(206, FILE), "the server answered 206", None),
    (reply(503, b"", {"retry-after": "9"}), "the server answered 503", 9.0),
    (Lost("the connection broke", sent=True), "the connection broke", None),
], ids=["403", "404", "206", "503", "lost"])  # fmt: skip
def test_failed_download_needs_a_fresh_link(answer: Reply | Exception, problem: str, retry_after: float | None) -> None:
    with pytest.raises(Transient, match=f"^the results file could not be fetched: {problem}$") as caught:
        rig(answer).platform.results(completed())
    assert caught.value.retry_after == retry_after
    assert isinstance(caught.value.error, Inconclusive)
    it = rig()
    with pytest.raises(Transient, match="offers no results file") as caught:
        it.platform.results(completed(None))
    assert isinstance(caught.value.error, Inconclusive)
    assert it.wire.requests == []


def test_link_that_may_not_be_followed_is_not_requested() -> None:
    for link in ("http://files.example.org/f.csv?s=SIGNATURE", "ftp://x/?s=SIGNATURE", "//[/?s=S"):
        it = rig()
        results = it.platform.results(completed(link))
        assert isinstance(results, UnreadableFile)
        assert "SIGNATURE" not in results.problem
        assert it.wire.requests == []
    it = rig(reply(200, FILE), results_host="files.example.org")
    assert isinstance(it.platform.results(completed("http://files.example.org/f.csv")), ResultsFile)


def test_call_and_download_are_limited_in_time_and_size() -> None:
    for left, seconds in {1000.0: 30.0, 27.0: 30.0, 20.0: 23.0, 0.0: 3.0, -50.0: 3.0}.items():
        it = rig(RUNNING, time_left=left)
        it.platform.status(RUN)
        assert it.wire.bounds == [(seconds, REPLY_LIMIT)]
    for left, seconds in {1000.0: 120.0, 20.0: 23.0, 0.0: 3.0}.items():
        it = rig(reply(200, FILE), time_left=left, max_file_size=5000)
        it.platform.results(completed())
        assert it.wire.bounds == [(seconds, 5000)]


@pytest.mark.parametrize("answer", [
    refused(401, f"Invalid JWT token {TOKEN}0", 4002), refused(400, f"bad token: {TOKEN}0"),
    refused(500, f"cannot verify {TOKEN}0"), refused(429, f"rate limit of {TOKEN}0"),
    reply(500, f"<html>{TOKEN}0</html>".encode()),
    reply(302, b"", {"location": "https://files.example.org/?s=SIGNATURE$$"}),
    reply(200, f'{{"token": "{TOKEN}0"'.encode()), reply(403, b"SIGNATURE$$ is wrong"), reply(200, b"SIGNATURE$$"),
    Lost("the connection broke", sent=True), Lost("connection refused", sent=False), TooLarge(),
    PlatformError("the certificate is not trusted"),
])  # fmt: skip
def test_no_error_shows_a_secret(answer: Reply | Exception) -> None:
    download: Callable[[KorePlatform], object] = lambda platform: platform.results(completed())  # noqa: E731
    for call in (*CALLS, download):
        it = rig(*[answer] * 4)
        shown = [repr(it.platform.token)]
        try:
            outcome = call(it.platform)
            assert isinstance(outcome, UnreadableFile)
            shown.append(outcome.problem)
        except GateError as error:
            shown += [error.message, error.hint, repr(error)]
        except Transient as trouble:
            shown += [str(trouble), trouble.error.message, trouble.error.hint, repr(trouble)]
        text = "\n".join([*shown, *it.lines, repr(it.wire.requests)])
        assert [secret for secret in (TOKEN[:20], "SIGNATURE", "?e=") if secret in text] == []


def test_every_request_is_one_line_without_its_query() -> None:
    it = rig(
        RUNNING, reply(302, b"", {"location": "/g?s=SIGNATURE"}), reply(200, FILE), TooLarge(), Lost("gone", sent=True)
    )
    it.platform.status(Run("A suite\n::error::", "tr-1"))
    it.platform.results(completed())
    with pytest.raises(PlatformError):
        it.platform.status(RUN)
    with pytest.raises(Transient):
        it.platform.status(RUN)
    ends = [line.partition(" in ")[0] for line in it.lines]
    assert ends == [
        f"GET {BASE}/A%20suite%0A%3A%3Aerror%3A%3A/tr-1/status -> 200, {len(RUNNING.body)} bytes",
        "GET https://files.example.org/m/f-1.csv -> 302, 0 bytes",
        f"GET https://files.example.org/g -> 200, {len(FILE)} bytes",
        f"GET {BASE}/Smoke/tr-1/status -> TooLarge",
        f"GET {BASE}/Smoke/tr-1/status -> Lost gone",
    ]


def platform_of(simulator: Simulator, wire: HttpWire, clock: Clock) -> KorePlatform:
    token = signer(client_id=simulator.client_id, key=simulator.client_secret, algorithm="HS256", now=clock)
    return KorePlatform(wire=wire, host=simulator.url, bot_id=simulator.bots[0].id, token=token, now=clock)


def test_a_run_goes_from_its_order_to_its_results(wire: HttpWire) -> None:
    clock = Clock()
    with Simulator(clock=clock, enforce_jti=True) as simulator:
        platform = platform_of(simulator, wire, clock)
        run = platform.start(SUITE)
        with pytest.raises(Transient) as caught:
            platform.start(SUITE)
        assert (caught.value.pause, caught.value.without_effect) == (10.0, True)
        clock.advance(3)
        half = platform.status(run)
        assert (half.state, half.link) == (RunState.WAITING, None)
        assert half.progress is not None
        assert 0 < half.progress.fraction < 1
        clock.advance(3)
        status = platform.status(run)
        assert status.state is RunState.COMPLETED
        assert status.reported.doubts == ()
        results = platform.results(status)
    assert isinstance(results, ResultsFile)
    assert len(results.utterances) == status.reported.counts.utterances


def test_an_expired_link_is_worth_a_fresh_one(wire: HttpWire) -> None:
    clock = Clock()
    with Simulator(clock=clock, scenario=Scenario.EXPIRED_LINK) as simulator:
        platform = platform_of(simulator, wire, clock)
        run = platform.start(SUITE)
        clock.advance(6)
        with pytest.raises(Transient, match="the server answered 403"):
            platform.results(platform.status(run))
        assert isinstance(platform.results(platform.status(run)), ResultsFile)


def test_faults_of_the_network_are_transient(wire: HttpWire) -> None:
    clock = Clock()
    with Simulator(clock=clock, scenario=Scenario.FLAKY) as simulator:
        platform = platform_of(simulator, wire, clock)
        with pytest.raises(Transient):
            platform.start(SUITE)
        run = platform.start(SUITE)
        clock.advance(6)
        for _ in range(4):
            with pytest.raises(Transient):
                platform.status(run)
        status = platform.status(run)
        for _ in range(2):
            with pytest.raises(Transient):
                platform.results(status)
        assert isinstance(platform.results(status), ResultsFile)


def test_refused_credentials_and_unknown_suites_are_recognised(wire: HttpWire) -> None:
    clock = Clock()
    for scenario in (Scenario.DENIED, Scenario.NO_SCOPE):
        with Simulator(clock=clock, scenario=scenario) as simulator, pytest.raises(Denied):
            platform_of(simulator, wire, clock).start(SUITE)
    with Simulator(clock=clock) as simulator, pytest.raises(PlatformError) as caught:
        platform_of(simulator, wire, clock).start(SUITE.upper())
    assert caught.value.hint.endswith(f"did you mean '{SUITE}'?")


def test_refusal_under_200_with_a_status_word_is_retried() -> None:
    for message, pause in ((RATE_LIMIT, None), (BUSY, 10.0)):
        trouble = start_trouble(reply(200, {"status": "error", "message": message}))
        assert trouble.without_effect
        assert trouble.pause == pause
    for document in (
        {"status": "accepted", "testRunId": "tr-1", "message": BUSY},
        {"status": "running", "message": "the batch test is still running"},
        {"_id": "tr-1", "status": "failed", "message": RATE_LIMIT},
    ):
        assert meant_code(200, json.dumps(document).encode()) == 200, "an answer with similar words"
