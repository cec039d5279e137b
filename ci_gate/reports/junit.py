"""``junit.xml``, for the test pages of CI systems. Only home of junit_xml.

The file holds a ``<failure>`` or ``<error>`` exactly when the gate does not end in 0; its contents are decided in
``junit_cases``. The library junit_xml builds the elements of suites and cases. This module corrects its faults: it
drops a failure without a text, leaves ``time`` out and adds ``disabled``. The slow import of the library waits until a
suite is written, so that it does not delay a usage error.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, assert_never

from ci_gate.reports.junit_cases import GATE, CaseEntry, JunitCases, Mark, SuiteElement, decided, gate_suite, totals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from ci_gate.core.report import GateReport

__all__ = ["JunitCases", "placeholder", "render"]

LIMIT = 30_000_000
"""The maximum size of the file in bytes: GitLab does not read a larger one."""

_LARGEST = 6
"""The maximum number of bytes that a character becomes, as ``"`` becomes ``&quot;``."""

_SLICE = 200
"""The number of cases that are in memory at once."""

_SUITE_END = "\n  </testsuite>"


def render(report: GateReport, *, cases: JunitCases = JunitCases.ALL) -> Iterator[str]:
    """Yield the report as JUnit XML, with fewer utterances than asked for if the file would be too large."""
    suites = decided(report, cases)
    if cases is not JunitCases.GATE and _may_be_too_large(suites):
        size = 0
        for piece in _written(suites):
            size += len(piece.encode())
            yield ""  # the caller may stop between two pieces, and measuring takes as long as writing
        if size > LIMIT:
            yield from render(report, cases=JunitCases.MISMATCHED if cases is JunitCases.ALL else JunitCases.GATE)
            return
    yield from _written(suites)


def placeholder(message: str = "the gate has not finished") -> Iterator[str]:
    """Yield the file that is written before the gate runs, and that remains if the gate never ends."""
    return _written([gate_suite(GATE, message, [])])


def _may_be_too_large(suites: Sequence[SuiteElement]) -> bool:
    """Return whether a file could exceed the limit, by an upper bound that is cheaper than measuring the file."""
    markup = sum(1000 + 200 * suite.marks.total() for suite in suites)
    return markup + _LARGEST * sum(suite.length for suite in suites) > LIMIT


def _written(suites: Sequence[SuiteElement]) -> Iterator[str]:
    """Yield the text of the file. Raise ``RuntimeError`` at the end if the text differs from ``suites``."""
    reader = _Reader()
    for piece in _pieces(suites):
        # Escaped, since in a log ``##`` could be the start of a CI system's command.
        text = piece.replace("##", "#&#35;")
        reader.feed(text)
        yield text
    reader.verify(suites)


def _pieces(suites: Sequence[SuiteElement]) -> Iterator[str]:
    """Yield the file in pieces. Joined, they equal the whole tree as ``ElementTree.indent`` would lay it out."""
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", totals(GATE, sum((suite.marks for suite in suites), Counter())))
    root.set("time", f"{sum(suite.seconds for suite in suites):.3f}")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield ET.tostring(root, encoding="unicode").removesuffix(" />") + ">"
    for suite in suites:
        yield "\n  "
        for element in _slices(suite):
            ET.indent(element, level=1)
            yield ET.tostring(element, encoding="unicode").removeprefix("<testsuite>").removesuffix(_SUITE_END)
        yield _SUITE_END
    yield "\n</testsuites>\n"


def _slices(suite: SuiteElement) -> Iterator[Element]:
    """Yield a suite in slices of cases. Only the first slice has the attributes and properties of the suite."""
    attributes = {**suite.totals, "time": f"{suite.seconds:.3f}"}
    if suite.timestamp:
        attributes["timestamp"] = suite.timestamp
    properties = suite.properties
    cases = suite.cases()
    some = list(islice(cases, _SLICE))
    while some or attributes:
        element = _bare(some[0]) if suite.bare else _built(some, properties)
        element.attrib.clear()
        element.attrib.update(attributes)
        for case in element.iter("testcase"):
            case.set("time", "0.000")
        yield element
        attributes, properties = {}, {}
        some = list(islice(cases, _SLICE))


def _bare(case: CaseEntry) -> Element:
    """Return a suite of one error, built without junit_xml, whose slow import would delay a usage error."""
    from xml.etree import ElementTree as ET

    suite = ET.Element("testsuite")
    element = ET.SubElement(suite, "testcase", name=case.name, classname=case.classname)
    ET.SubElement(element, case.mark or "", type=case.kind, message=case.message).text = case.text
    return suite


def _built(entries: Sequence[CaseEntry], properties: Mapping[str, str]) -> Element:
    """Return a suite, or a slice of one, as junit_xml builds it from the cases."""
    from junit_xml import TestCase, TestSuite

    cases = []
    for entry in entries:
        case = TestCase(entry.name, entry.classname)
        match entry.mark:
            case Mark.FAILURE:
                case.add_failure_info(entry.message, entry.text, entry.kind)
            case Mark.ERROR:
                case.add_error_info(entry.message, entry.text, entry.kind)
            case Mark.SKIPPED:
                case.add_skipped_info(entry.message, entry.text)
            case None:
                pass
            case _:
                assert_never(entry.mark)
        cases.append(case)
    element: Element = TestSuite(GATE, cases, properties=properties).build_xml_doc()
    return element


class _Reader:
    """Counts what a reader finds in the file: the numbers that each suite states, and the cases that it holds."""

    def __init__(self) -> None:
        from xml.parsers import expat

        self._announced: list[dict[str, str]] = []
        self._found: list[Counter[str]] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start

    def feed(self, text: str) -> None:
        self._parser.Parse(text)

    def verify(self, suites: Sequence[SuiteElement]) -> None:
        """Raise ``RuntimeError`` if the file differs from ``suites``, since a missing failure looks like a pass."""
        self._parser.Parse("", True)  # noqa: FBT003 - expat takes it by position only
        meant = [suite.totals for suite in suites]
        counted = [
            {
                "name": announced["name"],
                "tests": str(found["testcase"]),
                **{mark.counter: str(found[mark]) for mark in Mark},
            }
            for announced, found in zip(self._announced, self._found, strict=True)
        ]
        if not meant == self._announced == counted:
            raise RuntimeError(f"junit.xml does not say what was decided: {counted} instead of {meant}")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "testsuite":
            written = ("name", "tests", *(mark.counter for mark in Mark))
            self._announced.append({name: attributes.get(name, "") for name in written})
            self._found.append(Counter())
        elif self._found:
            self._found[-1][tag] += 1
