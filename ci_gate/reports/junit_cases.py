"""What ``junit.xml`` says: which cases there are, how they are called, and what is the matter with each.

A mismatched utterance is ``<skipped>`` in every ending, so that its state does not flip with the verdict of the suite.
A ``<failure>`` is a check that failed and, in a suite that failed, an utterance that worked in the baseline and is not
waived; an ``<error>`` is what could not be judged.
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
# XML 1.0's Char, written as what it leaves out: the positive form takes ten times as long to compile.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class JunitCases(StrEnum):
    """Which utterances are listed besides the cases of the gate itself."""

    ALL = "all"
    MISMATCHED = "mismatched"
    GATE = "gate"


class Mark(StrEnum):
    """The element that says what is the matter with a case, and the word with which its suite counts them."""

    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"

    @property
    def counter(self) -> str:
        """Return the attribute of a suite that counts such cases."""
        return self.value if self is Mark.SKIPPED else f"{self.value}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry:
    """A case as decided; if there is a mark, ``message`` is never empty and ``text`` starts with it.

    ``kind`` becomes the ``type`` of a failure or error. GitLab's reader executes that attribute: words like "yaml",
    "date" or "symbol" there cost the whole report.
    """

    classname: str
    name: str
    mark: Mark | None = None
    kind: str = ""
    message: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteElement:
    """A suite as decided; a ``bare`` one holds a single error and nothing else.

    ``cases`` decides them anew each time, since of a large suite not all can be held at once. ``marks`` are those that
    they have, and ``length`` how many characters hold whatever is said in them.
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
    """Return the attributes that name a suite, or all of them, and count the cases in it by their marks."""
    return {"name": name, "tests": str(marks.total()), **{mark.counter: str(marks[mark]) for mark in Mark}}


class _Names:
    """Names handed out so far; a repeat gets a number, and so does what looks like a numbered repeat.

    Readers join class and name with an underscore to tell cases apart, so that is what has to differ. Of the names,
    which may be many and long, only hashes are kept.
    """

    def __init__(self) -> None:
        self._taken: set[bytes] = set()
        self._repeats: Counter[bytes] = Counter()

    def claim(self, wanted: str, classname: str = "") -> str:
        """Return the wanted name if it is free, else the next one that is."""
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
    """Fold text into one line of at most ``length`` characters, all of which XML can hold."""
    return _NOT_XML.sub("\ufffd", one_line(text))[:length]


def decided(report: GateReport, choice: JunitCases) -> list[SuiteElement]:
    """Decide what the file says, before anything is written."""
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
    """Return a suite of one error, for what belongs to no suite in particular."""
    error = _not_judged(_classname(name, "gate"), message, hint)
    return _weighed(lambda: iter((error,)), name=name, timestamp=timestamp, bare=True)


def _weighed(cases: Callable[[], Iterator[CaseEntry]], **attributes: Any) -> SuiteElement:
    """Go through the cases once for what has to be known before the first of them is written."""
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
    """Join suite and part with the one dot at which Jenkins splits package from class.

    A slash or an ending like that of a YAML file would make GitLab take it for a file.
    """
    halves = [_line(half, NAME_LENGTH).replace(".", "_").replace("/", "_") or "-" for half in (suite, part)]
    return ".".join(halves) + ("_" if halves[1].lower() in ("yaml", "yml") else "")


def _gate_cases(suite: SuiteReport, classname: str) -> Iterator[CaseEntry]:
    """Yield a case per check, then what stands in the way of a verdict."""
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
    """Return why a check that did not hold fails nothing, or nothing if it does."""
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
    """Return a case that says twice what is the matter: some readers show the message alone, others the text alone."""
    message = _line(message) or "no reason was given"
    text = "\n".join((message, *map(_line, hint)))
    return CaseEntry(classname=classname, name=name, mark=mark, kind=kind, message=message, text=text)


def _broken(suite: SuiteReport) -> frozenset[int]:
    """Return the rows of what fails now and passed in the baseline: in a suite that failed, that is what to look at."""
    if not isinstance(suite, Judged) or suite.verdict is not Verdict.FAILED or suite.excused:
        return frozenset()
    comparison, waived = suite.judgement.comparison, suite.judgement.waived
    pairs = comparison.newly_failing if comparison else ()
    return frozenset(pair.now.row for pair in pairs if waived.waiver_of(pair.now.key) is None)


def _utterances(suite: SuiteReport, name: str, choice: JunitCases, names: _Names) -> Iterator[CaseEntry]:
    """Yield a case per utterance; what the bot was wrong about is skipped, unless it broke since the baseline."""
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
