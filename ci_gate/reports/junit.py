"""``junit.xml``: what the test pages of CI systems show, and the only home of junit_xml.

The file holds a ``<failure>`` or ``<error>`` exactly when the gate does not end in 0; what it says is decided in
``junit_cases``. junit_xml builds the elements of suites and cases, and what it gets wrong is mended here: it drops a
failure without a text, leaves ``time`` out and adds ``disabled``. It is imported only where a suite is written, since
a mistyped command has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ci_gate.reports.junit_cases import GATE, CaseEntry, JunitCases, Mark, SuiteElement, decided, gate_suite, totals

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from ci_gate.core.report import GateReport

__all__ = ["JunitCases", "placeholder", "render"]

LIMIT = 30_000_000
"""How many bytes a file may have: GitLab reads no larger one."""


def render(report: GateReport, *, cases: JunitCases = JunitCases.ALL) -> str:
    """Write the report as JUnit XML; with fewer utterances than asked for where the file would be too large."""
    text = _written(decided(report, cases))
    if len(text.encode()) > LIMIT and cases is not JunitCases.GATE:
        return render(report, cases=JunitCases.MISMATCHED if cases is JunitCases.ALL else JunitCases.GATE)
    return text


def placeholder(message: str = "the gate has not finished") -> str:
    """Write the file that stands in until the gate ends, and that is left when it never does."""
    return _written([gate_suite(GATE, message, [])])


def _written(suites: list[SuiteElement]) -> str:
    """Write the file, read it back, and make sure that it says what was decided."""
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", totals(GATE, [case for suite in suites for case in suite.cases]))
    root.set("time", f"{sum(suite.seconds for suite in suites):.3f}")
    root.extend(map(_element, suites))
    ET.indent(root)
    # Spelled out, since a log that the file is printed in may know commands that begin so.
    body = ET.tostring(root, encoding="unicode").replace("##", "#&#35;")
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
    _verify(ET.fromstring(text), suites)  # noqa: S314 - our own text, whose entities are numbers
    return text


def _element(suite: SuiteElement) -> Element:
    """Build a suite and own every attribute of it."""
    element = _bare(suite.cases[0]) if suite.bare else _built(suite)
    element.attrib.clear()
    element.attrib.update(suite.totals, time=f"{suite.seconds:.3f}")
    if suite.timestamp:
        element.set("timestamp", suite.timestamp)
    for case in element.iter("testcase"):
        case.set("time", "0.000")
    return element


def _bare(case: CaseEntry) -> Element:
    """Build a suite of one error without the library, whose import a usage error need not wait for."""
    from xml.etree import ElementTree as ET

    suite = ET.Element("testsuite")
    element = ET.SubElement(suite, "testcase", name=case.name, classname=case.classname)
    ET.SubElement(element, case.mark or "", type=case.kind, message=case.message).text = case.text
    return suite


def _built(suite: SuiteElement) -> Element:
    """Let the library build a suite from its cases."""
    from junit_xml import TestCase, TestSuite

    cases = []
    for entry in suite.cases:
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
    element: Element = TestSuite(suite.name, cases, properties=suite.properties).build_xml_doc()
    return element


def _verify(root: Element, suites: list[SuiteElement]) -> None:
    """Hold what a reader counts against what was decided: a failure that is not written is a failure that passes."""
    meant = [suite.totals for suite in suites]
    written = ("name", "tests", *(mark.counter for mark in Mark))
    announced = [{name: suite.get(name, "") for name in written} for suite in root]
    counted = [
        {
            "name": suite.get("name", ""),
            "tests": str(len(suite.findall("testcase"))),
            **{mark.counter: str(len(suite.findall(f"testcase/{mark}"))) for mark in Mark},
        }
        for suite in root
    ]
    if not meant == announced == counted:
        raise RuntimeError(f"junit.xml does not say what was decided: {counted} instead of {meant}")
