"""Compares the outcome of a command with the requirements of its row, without side effects."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from tests.tools.faults.good_run import MEDIA, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.tools.faults.model import Ending, Fault

CLIENT_ID = "cs-CanaryClient4b7e1a"
CLIENT_SECRET = "CanarySecret-0d6f38b2c5a94e71-8e"

GRACE = 5.0
"""The seconds after the deadline within which the command has to end."""

MOST_REQUESTS = 60
"""The allowed number of requests per minute; no row takes longer than a minute."""

UNUSABLE = 2
"""The exit code of a command with invalid arguments."""

_TOOK = "took"
_NEVER_ENDED = "never ended"

_CANARIES = {
    "the client id": re.compile(CLIENT_ID.encode()),
    "the client secret": re.compile(CLIENT_SECRET.encode()),
    "a token": re.compile(rb"eyJ[\w-]{8,}"),
    "the signature of a link": re.compile(SIGNATURE.encode()),
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
COMMAND = "canary-command"
"""A name in the scripts' embedded terminal and CI commands; the gate itself has no such name."""

_COMMANDS = re.compile(rf"(?m)^\s*::[\w-]+[^\n]*{COMMAND}|##\w*\[[^\n]*{COMMAND}")
_AUTH = re.compile(rb"^auth(?:orization)?:", re.IGNORECASE | re.MULTILINE)
_HOST = re.compile(rb"^host: *(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Typed:
    """The ending and the output of a printed command that was run."""

    line: str
    code: int
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of a command. ``code`` is ``None`` if it had to be killed; ``written`` are the files it changed.

    ``typed`` are the commands that it printed, run after it had ended.
    """

    code: int | None
    seconds: float
    output: str
    junit: bytes | None
    report: bytes | None
    written: Mapping[str, bytes] = field(default_factory=dict)
    requests: tuple[bytes, ...] = ()
    host: str = ""
    typed: tuple[Typed, ...] = ()


class Kind(StrEnum):
    """The kinds of judgement."""

    RIGHT = "right"
    FALSE_PASS = "false pass"
    FALSE_FAILURE = "false failure"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The kind of an outcome, and everything that is wrong with it."""

    kind: Kind
    wrongs: tuple[str, ...]

    @property
    def is_only_late(self) -> bool:
        """Return whether only the time is wrong, for which the load of other commands may be the cause."""
        was_late = bool(self.wrongs) and all(wrong.startswith(_TOOK) for wrong in self.wrongs)
        return was_late or _NEVER_ENDED in self.wrongs


def judge(fault: Fault, outcome: Outcome) -> Judgement:
    """Compare an outcome with its row. A wrong pass, in any form, outweighs everything else."""
    must = fault.must
    passes = tuple(_passes(must, outcome))
    others = (
        *_ending(fault, outcome),
        *_words(must, outcome),
        *_reports(must, outcome),
        *_leaks(outcome),
        *_printed(outcome),
    )
    kind = Kind.FALSE_PASS if passes else Kind.FALSE_FAILURE if others else Kind.RIGHT
    return Judgement(kind, (*passes, *others))


def _passes(must: Ending, outcome: Outcome) -> Iterator[str]:
    """Yield every sign of a pass that the evidence does not allow."""
    report = _loaded(outcome.report)
    if must.code == 0:
        measured = _measured(report)
        if outcome.code == 0 and report is not None and measured != must.measured:
            yield f"passed on {measured} instead of {must.measured}"
        return
    if outcome.code == 0:
        yield f"exit code 0 instead of {must.code}"
    if report is not None and (report.get("exit_code") == 0 or (report.get("verdict") == "passed" and must.code != 7)):
        yield "report.json says passed"
    if _problems(outcome.junit) == 0:
        yield "junit.xml holds neither failure nor error"
    # One suite of several may pass, if the row allows it.
    may_pass = must.code == 7 or any(text.startswith("PASSED ") for text in must.cause)
    if not may_pass and re.search(r"^PASSED\b", outcome.output, re.MULTILINE):
        yield "the output says PASSED"


def _ending(fault: Fault, outcome: Outcome) -> Iterator[str]:
    if outcome.code is None:
        yield _NEVER_ENDED
    elif outcome.code not in (0, fault.must.code):  # exit code 0 is reported among the passes
        yield f"exit code {outcome.code} instead of {fault.must.code}"
    if outcome.seconds > fault.seconds + GRACE:
        yield f"{_TOOK} {outcome.seconds:.1f} s with a deadline of {fault.seconds} s"
    if len(outcome.requests) > MOST_REQUESTS:
        yield f"sent {len(outcome.requests)} requests"


def _words(must: Ending, outcome: Outcome) -> Iterator[str]:
    said = _plain(outcome.output)
    for what, texts in (("cause", must.cause), ("mend", must.mend)):
        for text in texts:
            if _plain(text) not in said:
                yield f"{what} not told: {text}"
    for text in must.once:
        if (times := said.count(_plain(text))) != 1:
            yield f"told {times} times: {text}"
    if "traceback" in said:
        yield "a traceback"
    if _CONTROL.search(outcome.output):
        yield "a control character on the output"
    if _COMMANDS.search(outcome.output):
        yield "a command of the platform's on the output"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _reports(must: Ending, outcome: Outcome) -> Iterator[str]:
    if "report.json" not in must.without:
        report = _loaded(outcome.report)
        if report is None:
            yield "report.json is missing or torn"
        elif report.get("exit_code") != must.code:
            yield f"report.json says exit code {report.get('exit_code')}"
        elif must.code == 1 and _measured(report) != must.measured:
            yield f"failed on {_measured(report)} instead of {must.measured}"
    if "junit.xml" not in must.without:
        problems = _problems(outcome.junit)
        if problems is None:
            yield "junit.xml is missing or torn"
        elif problems and must.code == 0:
            yield "junit.xml holds a failure or an error"


def _leaks(outcome: Outcome) -> Iterator[str]:
    for place, content in {"the output": outcome.output.encode(), **outcome.written}.items():
        for what, rule in _CANARIES.items():
            if rule.search(content):
                yield f"{what} leaked into {place}"
    for request in outcome.requests:
        line, _, rest = request.partition(b"\r\n")
        told = _HOST.search(rest)
        is_foreign = told is not None and bool(outcome.host) and told[1].decode("latin-1") != outcome.host
        if _AUTH.search(rest.partition(b"\r\n\r\n")[0]) and (is_foreign or MEDIA.encode() in line):
            yield "the token was sent to where it does not belong"


def _printed(outcome: Outcome) -> Iterator[str]:
    """Yield the printed commands whose ending differs from the promise of the command that printed them."""
    for it in outcome.typed:
        # A setting that was refused is refused again; the text of a printed command must never be.
        is_known = any(line.startswith("error: ") and line in outcome.output for line in it.said.splitlines())
        wanted = outcome.code if "--replay" in it.line else 0
        if (it.code == UNUSABLE and not is_known) or it.code not in (UNUSABLE, wanted):
            yield f"printed `{it.line}`, which ends in {it.code}: {_plain(it.said)[:300]}"


def _loaded(report: bytes | None) -> dict[str, Any] | None:
    try:
        loaded = json.loads(report or b"")
    except ValueError:
        return None
    return loaded if isinstance(loaded, dict) else None


def _measured(report: dict[str, Any] | None) -> tuple[int, ...] | None:
    """Return the counts by which the only suite was judged."""
    suites = (report or {}).get("suites") or [{}]
    counts = suites[0].get("counts")
    return tuple(counts.get(name) for name in ("tp", "tn", "fp", "fn")) if counts else None


def _problems(junit: bytes | None) -> int | None:
    """Return the number of failures and errors, or ``None`` if there is no complete file."""
    try:
        root = ET.fromstring(junit or b"")
    except ET.ParseError:
        return None
    return sum(1 for tag in ("failure", "error") for _ in root.iter(tag))
