"""Faults of HTTP: complete responses that are not the platform's, or not the expected ones."""

from __future__ import annotations

from tests.tools.faults.families import http_bodies, http_redirects
from tests.tools.faults.good_run import RUN_ID
from tests.tools.faults.model import FAILS, PASSES, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.replies import says, says_later, says_text

_ATTACH = f"attach again with: ci-gate gate {RUN_ID}"
_PERHAPS = ("a run may have started", "ci-gate gate ID --suite Smoke")
_SCOPES = "is the bot id right? is the scope 'Batch Tests Execution' given to the app"
_SOON = 4

_PASSING = (408, 425, 429, 500, 501, 502, 503, 504, 505, 507, 511, 599)
"""Status codes of temporary errors."""

_USUAL = (408, 429, 500, 502, 503, 504)
"""The temporary errors that are common for proxies and platforms."""

_STAYING = (400, 402, 406, 410, 411, 413, 414, 415, 418, 422, 423, 424, 426, 428, 431, 451, 499)
"""Status codes of permanent errors."""


def _meaning(code: int) -> Ending:
    """Return the ending for a permanent error."""
    if code in (401, 403):
        return ends(6, f"the platform answered {code}", mend=_SCOPES)
    return ends(3, f"the platform answered {code}", mend=("can the suite be run in the platform's console?",))


_STATUS = (
    *(Fault(f"status: {code} once", Script(status=(says(code), ...)), PASSES) for code in _PASSING),
    *(
        Fault(f"status: {code} twice", Script(status=(says(code), says(code), ...)), FAILS, STRICT)
        for code in _PASSING
        if code in _USUAL
    ),
    *(
        Fault(
            f"status: {code} for ever",
            Script(status=(says(code),)),
            ends(4, f"the platform answered {code}", mend=_ATTACH),
            timeout=_SOON,
        )
        for code in _PASSING
    ),
    *(Fault(f"status: {code}", Script(status=(says(code), ...)), _meaning(code)) for code in (401, 403, *_STAYING)),
    *(Fault(f"status: {code} once", Script(status=(says(code), ...)), PASSES) for code in (404, 405)),
    *(Fault(f"status: {code} twice", Script(status=(says(code), says(code), ...)), PASSES) for code in (404, 405)),
    *(
        Fault(
            f"status: {code} for ever",
            Script(status=(says(code),)),
            ends(3, f"the platform answered {code}", mend="are --host and the bot id right?"),
            timeout=30,
        )
        for code in (404, 405)
    ),
    Fault(
        "status: 407",
        Script(status=(says(407),)),
        ends(3, "the platform answered 407", mend="the proxy requires credentials"),
    ),
    Fault(
        "status: 412",
        Script(status=(says(412),)),
        ends(3, "the platform answered 412", mend="is there a published version of the bot"),
    ),
    Fault("status: 409 once", Script(status=(says(409), ...)), PASSES),
    Fault(
        "status: 409 for ever",
        Script(status=(says(409),)),
        ends(4, "the platform answered 409", mend=_ATTACH),
        timeout=_SOON,
    ),
)

_START = (
    # After a server error, it is unknown whether the run has started.
    *(
        Fault(
            f"start: {code} once",
            Script(start=(says(code), ...)),
            ends(3, f"the platform answered {code}", mend=_PERHAPS),
        )
        for code in _PASSING
        if code != 429
    ),
    *(
        Fault(f"start: {code}", Script(start=(says(code), ...)), _meaning(code))
        for code in (401, 403, *_STAYING)
        if code < 420
    ),
    *(Fault(f"start: {code} once", Script(start=(says(code), ...)), PASSES) for code in (404, 405)),
    *(
        Fault(
            f"start: {code} for ever",
            Script(start=(says(code),)),
            ends(3, f"the platform answered {code}", mend="are --host and the bot id right?"),
        )
        for code in (404, 405)
    ),
    Fault("start: 429 once", Script(start=(says(429), ...)), PASSES),
    Fault("start: 429 twice", Script(start=(says(429), says(429), ...)), FAILS, STRICT),
    Fault(
        "start: 429 for ever",
        Script(start=(says(429),)),
        ends(4, "the deadline passed before this suite could start", mend="raise --timeout"),
        timeout=_SOON,
    ),
)

_FILE = (
    *(
        Fault(f"file: {code} once", Script(file=(says(code), ...)), PASSES)
        for code in (400, 401, 404, 410, 416, 429, 500, 503)
    ),
    *(
        Fault(
            f"file: {code} for ever",
            Script(file=(says(code),)),
            ends(5, f"the server answered {code}", mend="--tolerate no-file"),
            timeout=_SOON,
        )
        for code in (400, 401, 410, 416, 429, 500, 503)
    ),
)

_RATES = (
    Fault("start: 429 with seconds", Script(start=(says(429, Retry_After="3"), ...)), PASSES),
    Fault("status: 429 with seconds", Script(status=(says(429, Retry_After="3"), ...)), PASSES),
    Fault("start: 429 with a date", Script(start=(says_later(429, seconds=3), ...)), PASSES),
    Fault("status: 429 with a date", Script(status=(says_later(429, seconds=3), ...)), FAILS, STRICT),
    Fault("status: 429 with a date that has passed", Script(status=(says_later(429, seconds=-900), ...)), PASSES),
    *(
        Fault(f"status: 429 with {name}", Script(status=(says(429, Retry_After=text), ...)), PASSES)
        for name, text in (
            ("a word", "soon"),
            ("0 seconds", "0"),
            ("negative seconds", "-5"),
            ("a decimal", "2.5"),
            ("a date that is none", "Thu, 99 Foo 2026 25:61:61 GMT"),
            ("no text at all", ""),
            ("digits of another script", "\xb2\xb3"),
        )
    ),
    Fault(
        "status: 429 with a day",
        Script(status=(says(429, Retry_After="86400"),)),
        ends(4, "the platform answered 429", mend=_ATTACH),
        timeout=_SOON,
    ),
    Fault(
        "status: 429 with 5,000 digits",
        Script(status=(says(429, Retry_After="9" * 5000), ...)),
        PASSES,
    ),
    Fault("start: a rate limit as text under 400", Script(start=(says_text(400, "Rate limit exceeded"), ...)), PASSES),
    Fault("status: a rate limit as text under 400", Script(status=(says_text(400, "Too many requests"), ...)), PASSES),
    Fault("status: a rate limit as text under 200", Script(status=(says_text(200, "Too Many Requests"), ...)), PASSES),
    Fault(
        "status: a rate limit in words under 400",
        Script(status=(says(400, "Rate limit reached for this app"), ...)),
        FAILS,
        STRICT,
    ),
    Fault(
        "start: a rate limit as text under 400, for ever",
        Script(start=(says_text(400, "Rate limit exceeded"),)),
        ends(4, "the deadline passed before this suite could start", mend=("do several pipelines", "raise --timeout")),
        timeout=_SOON,
    ),
    Fault("status: 503 with seconds", Script(status=(says(503, Retry_After="3"), ...)), PASSES),
    Fault(
        "status: 401 for an attached run",
        Script(status=(says(401, "Invalid SDK credentials"),)),
        ends(6, "Invalid SDK credentials", mend=_SCOPES),
        Start(arguments=("gate", RUN_ID)),
    ),
)

FAULTS = (*_STATUS, *_START, *_FILE, *_RATES, *http_redirects.FAULTS, *http_bodies.FAULTS)
