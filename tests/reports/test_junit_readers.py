"""``junit.xml`` as readers show it: junitparser itself, GitLab and Jenkins by their rules."""

from __future__ import annotations

import math
from collections import Counter
from xml.etree import ElementTree as ET

import junitparser
import pytest

from ci_gate.core.outcome import Outcome
from ci_gate.reports import wording
from ci_gate.reports.junit import JunitCases, placeholder, render
from tests.reports.builders import reports

RAILS_TYPES = {"symbol", "date", "datetime", "yaml", "integer", "float", "decimal", "double", "boolean", "string"}
RAILS_TYPES |= {"base64Binary", "hexBinary", "file", "array", "hash", "bigdecimal", "duration", "time"}

every_ending = pytest.mark.parametrize("name", reports())


def cases_of(name: str) -> list[tuple[str, ET.Element]]:
    """Return every case with the name of its suite."""
    root = ET.fromstring("".join(render(reports()[name])).encode())
    return [(suite.get("name", ""), case) for suite in root for case in suite.iter("testcase")]


def shown_by_gitlab(case: ET.Element) -> tuple[str, str]:
    """Return status and text of a case; the message attribute is not shown, and an empty text is a Ruby hash."""
    for tag, status in (("failure", "failed"), ("error", "error"), ("skipped", "skipped")):
        mark = case.find(tag)
        if mark is not None:
            return status, "".join(mark.itertext())
    return "success", ""


def shown_by_jenkins(case: ET.Element) -> str:
    """Return the result of a case; skipped wins, and a mark without text and message passes."""
    if case.find("skipped") is not None:
        return "skipped"
    for tag in ("error", "failure"):
        mark = case.find(tag)
        if mark is not None and (mark.text is not None or mark.get("message") is not None):
            return "failed"
    return "passed"


@every_ending
def test_counts_of_junitparser_are_those_of_the_gate(name: str) -> None:
    gate = reports()[name]
    read = junitparser.JUnitXml.fromstring("".join(render(gate)).encode())
    assert read.tests == sum(suite.tests for suite in read)
    for suite in read:
        marks = Counter(type(mark).__name__ for case in suite for mark in case.result)
        assert (suite.failures, suite.errors, suite.skipped) == (marks["Failure"], marks["Error"], marks["Skipped"])
        assert all(len(case.result) <= 1 and case.time is not None and not math.isnan(case.time) for case in suite)
    for suite, judged in zip(read, gate.suites, strict=False):
        cases = (judged.judgement.evidence.utterances if judged.judgement else None) or ()
        utterances = [case for case in suite if not str(case.classname).endswith(".gate")]
        assert len(utterances) == len(cases)
        wrong = [case for case in utterances if case.result]
        assert len(wrong) == sum(not case.passed for case in cases)
        assert len(wrong) >= len(wording.mismatches(judged.judgement))


@every_ending
def test_gitlab_shows_a_text_unless_a_case_succeeded(name: str) -> None:
    for _, case in cases_of(name):
        status, text = shown_by_gitlab(case)
        assert status == "success" or text.strip()
        assert all(mark.get("type") not in RAILS_TYPES for mark in case)
        assert not (case.text or "").strip()


@every_ending
def test_jenkins_sees_a_failed_case_unless_the_exit_code_is_0(name: str) -> None:
    results = {shown_by_jenkins(case) for _, case in cases_of(name)}
    assert ("failed" in results) is (reports()[name].exit_code != 0)


@every_ending
def test_cases_are_unique_and_have_every_value_that_readers_use(name: str) -> None:
    keys = Counter(f"{suite}_{case.get('classname')}_{case.get('name')}" for suite, case in cases_of(name))
    assert set(keys.values()) == {1}
    root = ET.fromstring("".join(render(reports()[name])).encode())
    assert all(suite.get("name") and not suite.findall("testsuite") for suite in root)
    for case in root.iter("testcase"):
        assert case.get("name")
        assert case.get("classname")
        assert math.isfinite(float(case.get("time", "nan")))
        for mark in case:
            assert mark.get("message")
            assert mark.tag == "skipped" or mark.get("type")


@pytest.mark.parametrize(
    "name", [name for name, gate in reports().items() if not any(s.judgement for s in gate.suites)]
)
def test_report_without_a_judged_suite_has_one_error_per_suite(name: str) -> None:
    marks = [mark.tag for _, case in cases_of(name) for mark in case]
    assert marks == ["error"] * len(cases_of(name))
    assert len(marks) == max(1, len(reports()[name].suites))


def test_placeholder_is_one_error() -> None:
    read = junitparser.JUnitXml.fromstring("".join(placeholder()).encode())
    assert (read.tests, read.failures, read.errors) == (1, 0, 1)


def test_failed_check_does_not_depend_on_the_listed_utterances() -> None:
    gate = reports()["failed"]
    failed = [check for check in gate.suites[0].judgement.checks if check.outcome is Outcome.FAILED]  # type: ignore[union-attr]
    for choice in JunitCases:
        root = ET.fromstring("".join(render(gate, cases=choice)).encode())
        assert [mark.get("message") for mark in root.iter("failure")] == [check.message for check in failed]
