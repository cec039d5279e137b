"""The meaning of a refused request: wrong credentials, unknown suite or run, busy, rate limited, or a server error.

Some refusals arrive with code 200.
"""

from __future__ import annotations

import json
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from ci_gate.core.text.nearest import closest
from ci_gate.core.text.safe import shown
from ci_gate.errors import Denied, GateError, PlatformError, Transient

if TYPE_CHECKING:
    from collections.abc import Mapping

BUSY_PAUSE = 10.0
"""The pause between two attempts, in seconds, while another run of the bot is in progress."""

_RATE_LIMIT = re.compile(r"rate.?limit|too many requests", re.IGNORECASE)
_BUSY = re.compile(
    r"(already|another|still|currently).{0,60}(running|progress|execut|going on)|(running|progress).{0,40}already",
    re.IGNORECASE,
)
_SCOPE = re.compile(r"scope|permission", re.IGNORECASE)
"""Matches the platform's message to an app that lacks a scope; all other denials have one common message."""

_ACCEPTING = frozenset({"result", "requestId", "testRunId", "_id"})
"""Names of fields that only a successful reply has."""

_WORDS_OF_RUNS = ("accepted", "running", "inprogress", "in_progress", "queued", "completed")

_CLOCK_SKEW = 60.0  # seconds by which tokens are issued in the past
_CREDENTIALS = 4002


def meant_code(code: int, body: bytes) -> int:
    """Return the HTTP code that a reply means: the platform sends some refusals as 200, with the real code in the body.

    Body code 4002 means refused credentials (401). A rate limit (429) may come as plain text, under any code. The
    refusal to start a second run of a bot (409) may come with a code of success. Every other code from 200 to 299
    counts as 200.
    """
    reply = _object(body)
    if 200 <= code < 300:
        code = 200
        if _ACCEPTING & reply.keys() or str(reply.get("status")).casefold() in _WORDS_OF_RUNS:
            return code
        if _BUSY.search(words_of(body)):
            return 409
    if _RATE_LIMIT.search(words_of(body) if reply else body[:2000].decode("utf-8", "replace")):
        return 429
    errors = reply.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else errors
    if not first:
        return code
    inner = first.get("code") if isinstance(first, dict) else None
    if inner == _CREDENTIALS:
        return 401
    if code != 200:
        return code
    return inner if isinstance(inner, int) and 400 <= inner < 600 else 400


def refusal(code: int, headers: Mapping[str, str], body: bytes, *, what: str, now: float) -> GateError | Transient:
    """Return the error for a reply other than 200: an ending of the gate, or ``Transient`` if a retry may help.

    ``what`` names the request in the message; ``now`` is this machine's time in seconds since the epoch.
    """
    said = words_of(body)
    quoted = f": {said}" if said else ""
    answer = f"{what}: the platform answered {code}{quoted}"
    if code == 429:
        hint = "too many requests; do several pipelines ask about this bot at once?"
        wait = retry_after(headers, now)
        return Transient(PlatformError(answer, hint=hint), retry_after=wait, rate_limited=True, without_effect=True)
    if code in (401, 403):
        return Denied(answer, hint=_why_denied(said, headers, now))
    if code == 409 or _BUSY.search(said):
        wait = retry_after(headers, now)
        return Transient(PlatformError(answer), retry_after=wait, pause=BUSY_PAUSE, without_effect=True)
    if code >= 500 or code in (408, 425):
        return Transient(PlatformError(answer), retry_after=retry_after(headers, now))
    if 300 <= code < 400:
        hint = "the token is never sent to the target of a redirect; give the platform's own address as --host"
        return PlatformError(f"{answer} (a redirect)", hint=hint)
    if code == 407:
        return PlatformError(
            answer, hint="the proxy requires credentials: check the user name and password in HTTPS_PROXY"
        )
    return PlatformError(answer, hint=_why_refused(code, said))


def words_of(body: bytes) -> str:
    """Return the message of an error body: ``errors[].msg``, or its newer spelling ``message``; empty if there is none.

    Other bodies, such as pages of proxies and stack traces, are not repeated: they are long, and may hold anything.
    """
    fields = _object(body)
    errors = fields.get("errors")
    for entry in (*(errors if isinstance(errors, list) else [errors]), fields, fields.get("error")):
        texts = [entry.get("msg"), entry.get("message")] if isinstance(entry, dict) else [entry]
        for text in texts:
            if isinstance(text, str) and text.strip():
                return shown(text, 300)
    return ""


def _object(body: bytes) -> dict[str, object]:
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return reply if isinstance(reply, dict) else {}


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the header ``Retry-After`` (RFC 9110, 10.2.3) in seconds from ``now``; ``None`` if absent or invalid."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return float(text)
    moment = http_date(text)
    return None if moment is None else max(0.0, moment - now)


def http_date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _why_denied(said: str, headers: Mapping[str, str], now: float) -> str:
    """Return a hint with the likely causes of a denial, the likeliest first; the message ``said`` may name a scope."""
    clock = "is this machine's clock right?"
    moment = http_date(headers.get("date", ""))
    if moment is not None and abs(now - moment) > _CLOCK_SKEW:
        ahead = "ahead of" if now > moment else "behind"
        clock = f"this machine's clock is {abs(now - moment):.0f} s {ahead} the platform's"
    elif moment is not None:
        clock = "this machine's clock agrees with the platform's"
    bot = "is the bot id right?"
    scope = "is the scope 'Batch Tests Execution' given to the app, and was the app published since?"
    first, second = (scope, bot) if _SCOPE.search(said) else (bot, scope)
    return f"look at, in this order: {first} {second} do client id and secret belong to this bot's app? {clock}"


def _why_refused(code: int, said: str) -> str:
    text = said.casefold()
    if "suite not found" in text:
        return "the name must be the suite's display name, letter by letter"
    if "result not found" in text or "run not found" in text:
        return "is it the id that starting the run gave (tr-…), and of this suite and bot?"
    if code in (404, 405):
        return (
            "are --host and the bot id right? the platform knows neither the /bot/ nor the /stream/ form of this path"
        )
    if code == 412:
        return "the platform finds the request invalid: is there a published version of the bot, if one was asked for?"
    return "can the suite be run in the platform's console?"


def nearest_suite(name: str, body: bytes) -> str:
    """Return the end of a hint: the listed suite with the most similar name, else the first few suites.

    ``body`` is the platform's list of suites: an object keyed by suite, with a ``name`` for each that is not prebuilt.
    """
    entries = _object(body).values()
    given = (shown(e["name"], 100) for e in entries if isinstance(e, dict) and isinstance(e.get("name"), str))
    names = [listed for listed in given if listed]
    if name in names:
        return "; the bot lists a suite of exactly that name: does it belong to another language or version?"
    if near := closest(name, names):
        return f"; did you mean '{near}'?"
    return f"; the bot has {', '.join(repr(listed) for listed in names[:5])}" if names else ""
