"""The client for one suite on the platform: it starts a run, asks for its status and fetches its results."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING
from urllib.parse import quote

from ci_gate.core.events import attach_command
from ci_gate.core.model import ResultsFile, Run, RunStatus, UnreadableFile
from ci_gate.errors import Inconclusive, PlatformError, Transient, UnknownHost
from ci_gate.kore.links import REDIRECTS, Link, allowed_link, redirected
from ci_gate.kore.refusals import http_date, meant_code, nearest_suite, refusal, retry_after
from ci_gate.kore.results_csv import MAX_ROWS, parse
from ci_gate.kore.status import keep_repeated_keys, read_status
from ci_gate.kore.wire import Lost, Reply, Request, TooLarge, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

CALL_SECONDS = 30.0
DOWNLOAD_SECONDS = 120.0
LAST_LOOK_SECONDS = 3.0
"""The seconds by which a call may exceed the deadline, so that even the last call can be answered."""

_FORMS = ("bot", "stream")
"""The two forms of every path: the one in the vendor's description, and the one in the vendor's samples."""

_NO_SUCH_PATH = (404, 405)

_LONGEST_ID = 200

_MISSES = 3
"""The number of consecutive replies that do not know an existing run, after which the run counts as unknown.

The platform may have several servers, and one may not have the run yet.
"""


@dataclass(slots=True, kw_only=True)
class KorePlatform:
    """The ``Platform`` for one suite of one bot.

    ``token`` returns a token for the next request. ``time_left`` returns the seconds until the deadline of the whole
    command. ``log`` takes one line per request. ``way_back`` returns the command that attaches to the run with a given
    id. Sources: the vendor's pages on batch test execution and its status.
    """

    wire: Wire
    host: str
    bot_id: str
    token: Callable[[], str] = field(repr=False)
    bot_version: str = "inDevelopment"
    engine: str | None = None
    language: str | None = None
    results_host: str | None = None
    max_file_size: int = 16 * 2**20
    max_file_rows: int = MAX_ROWS
    time_left: Callable[[], float] = lambda: CALL_SECONDS
    now: Callable[[], float] = time.time
    log: Callable[[str], None] = lambda _line: None
    way_back: Callable[[str], str] | None = None
    _forms: tuple[str, ...] = field(default=_FORMS, init=False)
    _exists: bool = field(default=False, init=False)
    _misses: int = field(default=0, init=False)

    def start(self, suite: str) -> Run:
        """Start a run.

        Raise ``Transient`` only if the platform cannot have accepted the request, since a retry must not start a second
        run. Raise ``GateError`` for all other failures. If a run may have started, the hint of the error says how to
        attach to it.
        """
        body = {"version": self.bot_version, **({"engine": self.engine} if self.engine else {})}
        what = f"starting suite '{suite}'"
        path = f"/testsuite/{quote(suite, safe='')}/run"
        before = self.now()
        try:
            reply = self._call("POST", path, content=json.dumps(body).encode())
        except Lost as lost:
            unreachable = self._unreachable(what, lost)
            if not lost.sent:
                raise Transient(unreachable) from None
            raise self._perhaps_started(unreachable.message, suite) from None
        except TooLarge:
            raise self._perhaps_started(f"{what}: the answer is too long to be the platform's", suite) from None
        if reply.code != 200:
            raise self._refused_start(reply, what, suite)
        run_id = _run_id(reply.body)
        if run_id is None:
            raise self._perhaps_started(
                f"{what}: the platform accepted the request, but its answer contains no run id", suite
            )
        self._exists = True
        reported = _answered_at(reply)
        return Run(suite, run_id, before if reported is None else reported)

    def status(self, run: Run) -> RunStatus:
        what = f"asking for run {run.id}"
        path = f"/testsuite/{quote(run.suite, safe='')}/{quote(run.id, safe='')}/status"
        try:
            reply = self._call("GET", path)
        except Lost as lost:
            raise Transient(self._unreachable(what, lost)) from None
        except TooLarge:
            raise PlatformError(f"{what}: the answer is too long to be a status reply") from None
        if reply.code != 200:
            raise self._perhaps_missed(reply, self._refused(reply, what, run.suite))
        try:
            status = read_status(reply.body)
        except PlatformError as error:
            # This may be a reply that was cut off on the way, or the page of a proxy: both may be temporary.
            raise Transient(error) from None
        self._exists, self._misses = True, 0
        age = _age(reply)
        word = status.word if age is None else f"{status.word} (from a cache)"
        reported = replace(status.reported, age=age)
        return replace(status, word=word, reported=reported, answered_at=_answered_at(reply))

    def results(self, status: RunStatus) -> ResultsFile | UnreadableFile:
        """Download and parse the results file.

        Return an ``UnreadableFile`` if the link is not allowed, if a retry cannot help, or if the file is too large or
        unreadable. Raise ``Transient`` if there is no link yet or the download fails, since the next status reply has a
        fresh link.
        """
        if status.link is None:
            raise Transient(Inconclusive("the run is completed, but the platform offers no results file"))
        try:
            links = [allowed_link(status.link, host=self.host, results_host=self.results_host)]
            reply = self._download(links)
        except ValueError as problem:
            return UnreadableFile(problem=str(problem))
        except TooLarge:
            size = f"{self.max_file_size / 2**20:.4g} MiB"
            return UnreadableFile(problem=f"the results file is larger than {size}; the limit is --max-file-size")
        except PlatformError as error:
            return UnreadableFile(problem=f"the results file could not be fetched: {error.message}")
        except Lost as lost:
            raise Transient(Inconclusive(f"the results file could not be fetched: {lost.cause}")) from None
        if reply.code != 200:
            late = Inconclusive(f"the results file could not be fetched: the server answered {reply.code}")
            raise Transient(late, retry_after=retry_after(reply.headers, self.now()))
        file = parse(reply.body, max_rows=self.max_file_rows)
        if isinstance(file, ResultsFile) or file.raw is None:
            return file
        # An unreadable file may be the page of a file server that quotes the link which it refuses.
        return replace(file, raw=reduce(lambda page, link: link.without_signature(page), links, file.raw))

    def _call(self, method: str, path: str, *, content: bytes | None = None) -> Reply:
        """Make an API call; if the platform does not know the path, try its other form.

        The code of the reply is its ``meant_code``.
        """
        headers = {"Accept": "application/json"}
        if self.language:
            headers["bot-language"] = self.language
        if content is not None:
            headers["Content-Type"] = "application/json"
        else:
            # A cache may return an old status, so that the end of the run is noticed too late.
            headers["Cache-Control"] = "no-cache, no-store"
        scheme, _, address = self.host.partition("://")
        name, slash, prefix = address.partition("/")

        def ask(form: str) -> Reply:
            target = f"{slash}{prefix}/api/public/{form}/{quote(self.bot_id, safe='')}{path}".encode()
            signed = {**headers, "auth": self.token()}
            return self._exchange(Request(method, f"{scheme}://{name}", target, signed, content), CALL_SECONDS)

        form, *others = self._forms
        reply = ask(form)
        if others and reply.code in _NO_SUCH_PATH:
            (form,) = others
            reply = ask(form)
        code = meant_code(reply.code, reply.body)
        # A code of 429 or above 499 does not show whether the platform knows this form of path.
        if code < 500 and code not in (*_NO_SUCH_PATH, 429):
            self._forms = (form,)
        return replace(reply, code=code)

    def _download(self, links: list[Link]) -> Reply:
        """Fetch a file without the token. Follow up to ``REDIRECTS`` redirects, and append each to ``links``."""
        for _ in range(REDIRECTS + 1):
            request = Request("GET", links[-1].origin, links[-1].target)
            reply = self._exchange(request, DOWNLOAD_SECONDS, limit=self.max_file_size)
            if reply.code not in (301, 302, 303, 307, 308):
                return reply
            links.append(redirected(links[-1], reply.headers.get("location", "")))
        raise ValueError(f"the download was redirected more than {REDIRECTS} times")

    def _exchange(self, request: Request, seconds: float, **limits: int) -> Reply:
        """Send a request within ``seconds`` and the time left, and log it without its query."""
        line = f"{request.method} {request.origin}{request.target.partition(b'?')[0].decode()}"
        begun = time.monotonic()
        seconds = min(seconds, max(0.0, self.time_left()) + LAST_LOOK_SECONDS)
        try:
            reply = self.wire.exchange(request, seconds=seconds, **limits)
        except (Lost, TooLarge, PlatformError) as problem:
            self.log(f"{line} -> {type(problem).__name__} {problem}".rstrip())
            raise
        self.log(f"{line} -> {reply.code}, {len(reply.body)} bytes in {time.monotonic() - begun:.2f} s")
        return reply

    def _unreachable(self, what: str, lost: Lost) -> PlatformError:
        usual = "is --host right, and can this machine reach it? proxies are taken from HTTPS_PROXY and NO_PROXY"
        kind = UnknownHost if lost.unknown_host else PlatformError
        return kind(f"{what}: {self.host} could not be reached ({lost.cause})", hint=lost.hint or usual)

    def _perhaps_started(self, message: str, suite: str) -> PlatformError:
        command = self.way_back("ID") if self.way_back else attach_command("ID", suite)
        hint = f"a run may have started; find its id in the console, then: {command}"
        return PlatformError(message, hint=hint)

    def _refused_start(self, reply: Reply, what: str, suite: str) -> Exception:
        """Return the error for a refused start.

        After a server error, a run may have started all the same; the returned error then says so.
        """
        refused = self._refused(reply, what, suite)
        if isinstance(refused, Transient) and not refused.without_effect:
            return self._perhaps_started(refused.error.message, suite)
        return refused

    def _refused(self, reply: Reply, what: str, suite: str) -> Exception:
        refused = refusal(reply.code, reply.headers, reply.body, what=what, now=self.now())
        if isinstance(refused, PlatformError) and "suite not found" in refused.message.casefold():
            return PlatformError(refused.message, hint=f"{refused.hint}{self._nearest(suite)}")
        return refused

    def _perhaps_missed(self, reply: Reply, refused: Exception) -> Exception:
        """Return ``Transient`` for the first few replies that do not know an existing run, else ``refused``."""
        unknown = reply.code in _NO_SUCH_PATH or b"result not found" in reply.body.lower()
        if isinstance(refused, PlatformError) and unknown and self._exists:
            self._misses += 1
            if self._misses < _MISSES:
                return Transient(refused)
        return refused

    def _nearest(self, suite: str) -> str:
        """Return the end of a hint with the suite that was probably meant; empty if the app may not list suites."""
        try:
            reply = self._call("GET", "/testsuite?skip=0&limit=100")
        except (Lost, TooLarge, PlatformError):
            return ""
        return nearest_suite(suite, reply.body) if reply.code == 200 else ""


def _answered_at(reply: Reply) -> float | None:
    """Return when the platform sent the reply by its own clock, in seconds since the epoch; ``None`` if unknown."""
    return http_date(reply.headers.get("date", ""))


def _age(reply: Reply) -> int | None:
    """Return how long a cache had kept the reply, in seconds (RFC 9111, 5.1); ``None`` if no cache had."""
    text = reply.headers.get("age", "").strip()
    return int(text) or None if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


def _run_id(body: bytes) -> str | None:
    """Return the id of an accepted run, if it can be used in a path, else ``None``."""
    try:
        reply = json.loads(body, object_pairs_hook=keep_repeated_keys)
    except (ValueError, RecursionError):
        return None
    given = reply.get("requestId") if isinstance(reply, dict) else None
    run_id = given.strip() if isinstance(given, str) and given.isprintable() else ""
    # An id contains no blank: a text with a blank is a sentence, or the mark that replaces a token.
    is_one = re.fullmatch(rf"\S{{1,{_LONGEST_ID}}}", run_id) and run_id not in (".", "..")
    return run_id if is_one else None
