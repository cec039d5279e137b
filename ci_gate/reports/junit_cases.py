"""The contents of ``junit.xml``: its cases, their names, and the mark of each.

A failed check is a ``<failure>``, or ``<skipped>`` if it does not fail its suite. Anything that could not be judged is
an ``<error>``. A mismatched utterance is ``<skipped>`` whatever the verdict, so that its state does not flip with the
verdict; the one exception is an utterance that worked in the baseline and is not waived: it is a ``<failure>`` if its
suite failed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, assert_never

from ci_gate.core.model import Reported, ResultType, Utterance
from ci_gate.core.names import intent_text
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import Judged, Unjudged
from ci_gate.core.text.safe import one_line
from ci_gate.core.verdict import Verdict
from ci_gate.reports import wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ci_gate.core.checks.check import Check
    from ci_gate.core.report import GateReport, SuiteReport

GATE = "ci-gate"
NAME_LENGTH = 200
_JUDGED = "run judged"
# The complement of Char in XML 1.0: the positive form takes ten times as long to compile.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class JunitCases(StrEnum):
    """Which utterances are listed besides the cases of the gate itself."""

    ALL = "all"
    MISMATCHED = "mismatched"
    GATE = "gate"


class Mark(StrEnum):
    """The element that marks a case as failed, in error or skipped."""

    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"

    @property
    def counter(self) -> str:
        """Return the attribute of a suite that counts the cases with this mark."""
        return self.value if self is Mark.SKIPPED else f"{self.value}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry:
    """One case, ready to be written. If it has a mark, ``message`` is not empty, and ``text`` begins with ``message``.

    ``kind`` becomes the ``type`` of a failure or error. GitLab's reader converts the element by this attribute: a value
    such as "yaml", "date" or "symbol" makes the whole report unreadable.
    """

    classname: str
    name: str
    mark: Mark | None = None
    kind: str = ""
    message: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteElement:
    """One suite, ready to be written. A ``bare`` suite holds a single error and nothing else.

    ``cases`` makes the cases anew at each call, since those of a large suite do not fit into memory at once. ``marks``
    counts them by mark, and ``length`` is the number of characters in all their texts.
    """

    name: str
    cases: Callable[[], Iterator[CaseEntry]]
    marks: Counter[Mark | None]
    length: int
    seconds: float = 0.0
    timestamp: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False

    @property
    def totals(self) -> dict[str, str]:
        return totals(self.name, self.marks)


def totals(name: str, marks: Counter[Mark | None]) -> dict[str, str]:
    """Return the attributes of a suite, or of the whole file: its name and the number of its cases by mark."""
    return {"name": name, "tests": str(marks.total()), **{mark.counter: str(marks[mark]) for mark in Mark}}


class _Names:
    """Makes the names of cases unique: a name that is taken gets a number.

    Readers join class and name with an underscore to tell cases apart, so the joined text must be unique. Only hashes
    of the names are kept, since they may be many and long.
    """

    def __init__(self) -> None:
        self._taken: set[bytes] = set()
        self._repeats: Counter[bytes] = Counter()

    def claim(self, wanted: str, classname: str = "") -> str:
        """Return ``wanted`` if it is free, else that name with the next number that is free."""
        wanted = name = _line(wanted, NAME_LENGTH) or "(empty)"
        key = first = _digest(classname, name)
        while key in self._taken:
            self._repeats[first] += 1
            number = f" ({self._repeats[first] + 1})"
            name = wanted[: NAME_LENGTH - len(number)] + number
            key = _digest(classname, name)
        self._taken.add(key)
        return name


def _digest(classname: str, name: str) -> bytes:
    return hashlib.blake2b(f"{classname}_{name}".encode(), digest_size=16).digest()


def _line(text: str, length: int = 2000) -> str:
    """Return text as one line of at most ``length`` characters, with all characters that XML cannot hold replaced."""
    return _NOT_XML.sub("\ufffd", one_line(text))[:length]


def decided(report: GateReport, choice: JunitCases) -> list[SuiteElement]:
    """Return the suites of the file, with everything about them decided before the first of them is written."""
    names = _Names()
    timestamp = report.started.isoformat(timespec="seconds")
    suites = [_suite(suite, names.claim(suite.subject.label), choice, timestamp) for suite in report.suites]
    if report.error:
        hint = wording.hint_lines(report.error)
        suites.append(gate_suite(names.claim(GATE), report.error.message, hint, timestamp=timestamp))
    elif not suites:
        suites.append(gate_suite(GATE, wording.gate_reason(report), [], timestamp=timestamp))
    return suites


def gate_suite(name: str, message: str, hint: Iterable[str], *, timestamp: str | None = None) -> SuiteElement:
    """Return a suite with a single error, for a problem that belongs to no suite in particular."""
    error = _not_judged(_classname(name, "gate"), message, hint)
    return _weighed(lambda: iter((error,)), name=name, timestamp=timestamp, bare=True)


def _weighed(cases: Callable[[], Iterator[CaseEntry]], **attributes: Any) -> SuiteElement:
    """Return a suite whose marks and length come from a first pass, as both are needed before a case is written."""
    marks: Counter[Mark | None] = Counter()
    length = 0
    for case in cases():
        marks[case.mark] += 1
        length += len(case.classname) + len(case.name) + len(case.kind) + len(case.message) + len(case.text)
    return SuiteElement(cases=cases, marks=marks, length=length, **attributes)


def _suite(suite: SuiteReport, name: str, choice: JunitCases, timestamp: str) -> SuiteElement:
    subject, judgement = suite.subject, suite.judgement
    said = judgement.evidence.reported if judgement else Reported()
    known = {
        "run_id": subject.run_id,
        "bot_id": subject.bot_id,
        "bot_version": said.bot_version,
        "language": said.language,
        "source": subject.source.value,
        "cases": choice.value,
        "tolerated": wording.tolerated_kinds(suite) or None,
    }
    return _weighed(
        partial(_cases, suite, name, choice),
        name=name,
        seconds=subject.seconds,
        timestamp=timestamp,
        properties={key: _line(value) for key, value in known.items() if value is not None},
    )


def _cases(suite: SuiteReport, name: str, choice: JunitCases) -> Iterator[CaseEntry]:
    names = _Names()
    for case in _gate_cases(suite, _classname(name, "gate")):
        yield replace(case, name=names.claim(case.name, case.classname))
    yield from _utterances(suite, name, choice, names)


@lru_cache(maxsize=512)
def _classname(suite: str, part: str) -> str:
    """Return suite and part joined by a single dot, at which Jenkins splits package from class.

    The name holds no slash and does not end like the name of a YAML file, since GitLab would take it for a file.
    """
    halves = [_line(half, NAME_LENGTH).replace(".", "_").replace("/", "_") or "-" for half in (suite, part)]
    return ".".join(halves) + ("_" if halves[1].lower() in ("yaml", "yml") else "")


def _gate_cases(suite: SuiteReport, classname: str) -> Iterator[CaseEntry]:
    """Yield a case per check, then a case for each reason why there is no verdict."""
    judgement = suite.judgement
    for check in judgement.checks if judgement else ():
        yield _check(check, classname, _excuse(suite))
    if isinstance(suite, Unjudged):
        yield _not_judged(classname, suite.error.message, wording.hint_lines(suite.error))
    for finding in judgement.evidence.findings if judgement else ():
        if finding.blocks:
            hint = [finding.way_on] if finding.way_on else []
            yield _marked(Mark.ERROR, classname, finding.kind.value, finding.message, kind="EvidenceError", hint=hint)


def _not_judged(classname: str, message: str, hint: Iterable[str]) -> CaseEntry:
    return _marked(Mark.ERROR, classname, _JUDGED, message, kind="GateError", hint=hint)


def _excuse(suite: SuiteReport) -> str:
    """Return why a failed check does not fail the suite; empty if it does."""
    match suite:
        case Unjudged():
            return "not judged"
        case Judged():
            return "advisory" if suite.excused else ""
        case _:
            assert_never(suite)


def _check(check: Check, classname: str, excuse: str) -> CaseEntry:
    match check.outcome:
        case Outcome.PASSED:
            return CaseEntry(classname=classname, name=check.name)
        case Outcome.NO_DATA:
            return _marked(Mark.ERROR, classname, check.name, check.message, kind="NoData")
        case Outcome.FAILED if excuse:
            return _marked(Mark.SKIPPED, classname, check.name, f"{excuse}: {check.message}")
        case Outcome.FAILED:
            return _marked(Mark.FAILURE, classname, check.name, check.message, kind="ThresholdFailure")
        case _:
            assert_never(check.outcome)


def _marked(
    mark: Mark, classname: str, name: str, message: str, *, kind: str = "", hint: Iterable[str] = ()
) -> CaseEntry:
    """Return a case with the message in its text as well, since some readers show only one of the two."""
    message = _line(message) or "no reason was given"
    text = "\n".join((message, *map(_line, hint)))
    return CaseEntry(classname=classname, name=name, mark=mark, kind=kind, message=message, text=text)


def _broken(suite: SuiteReport) -> frozenset[int]:
    """Return the rows of the newly failing utterances that are not waived; none unless the suite failed."""
    if not isinstance(suite, Judged) or suite.verdict is not Verdict.FAILED or suite.excused:
        return frozenset()
    comparison, waived = suite.judgement.comparison, suite.judgement.waived
    pairs = comparison.newly_failing if comparison else ()
    return frozenset(pair.now.row for pair in pairs if waived.waiver_of(pair.now.key) is None)


def _utterances(suite: SuiteReport, name: str, choice: JunitCases, names: _Names) -> Iterator[CaseEntry]:
    """Yield a case per utterance. A mismatch is skipped, or a failure if its row is in ``_broken``."""
    if suite.judgement is None:
        return
    broken, waived = _broken(suite), suite.judgement.waived.rows
    for case in suite.judgement.evidence.utterances or ():
        if choice is JunitCases.GATE or (choice is JunitCases.MISMATCHED and case.passed):
            continue
        classname = _classname(name, intent_text(case.expected))
        title = names.claim(case.text, classname)
        if case.passed:
            yield CaseEntry(classname=classname, name=title)
        elif case.row in broken:
            message = f"worked in the baseline: {_difference(case)}"
            yield _marked(Mark.FAILURE, classname, title, message, kind="NewFailure")
        else:
            message = f"{'waived: ' if case.row in waived else ''}{_difference(case)}"
            yield _marked(Mark.SKIPPED, classname, title, message)


def _difference(case: Utterance) -> str:
    expected, matched = (_line(intent_text(intents), NAME_LENGTH) for intents in (case.expected, case.matched))
    if case.result_type is ResultType.NOT_EVALUATED:
        return f"not evaluated: expected {expected}"
    result = "" if case.is_mismatch else "result type not understood: "
    return f"{result}expected {expected}, matched {matched}"
