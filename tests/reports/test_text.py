"""The verdict on standard output."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from ci_gate.core.comparison.baseline import Origin
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.model import ResultType
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import Judged, Unjudged, conclude
from ci_gate.core.rules import Rules
from ci_gate.core.text.safe import log_safe
from ci_gate.core.verdict import Verdict
from ci_gate.errors import PlatformError
from ci_gate.output.ci.gitlab import job_links
from ci_gate.reports import junit, markdown
from tests.reports.builders import (
    as_markdown,
    as_text,
    assessed,
    bank_cases,
    before,
    case,
    failed,
    gate_of,
    judged,
    numbered,
    report,
    reports,
    sharing,
    subject,
    thresholds,
    timeout,
)
from tests.reports.strategies import any_text, unhurried

if TYPE_CHECKING:
    from ci_gate.core.report import SuiteReport

OTHER_BOT = Origin(bot_id="st-other")
ANSI = re.compile("\x1b\\[[0-9;]+m")


def first_line(name: str) -> str:
    return as_text(reports()[name]).splitlines()[0]


@pytest.mark.parametrize(("name", "line"), [
    ("passed", "PASSED  Banking regression: all 3 checks passed"),
    ("failed", "FAILED  Banking regression: f1 0.9286 < 0.95"),
    ("over_limit", "FAILED  Banking regression: 3 of 60 utterances were not evaluated by the platform (2 allowed)"),
    ("under_limit", "PASSED  Banking regression: all 3 checks passed"),
    ("no_data", "NOT JUDGED  Banking regression: entity match >= 0.80: no data (the suite has no entities)"),
    ("advisory", "PASSED WITH WARNINGS  1 suite: 1 failed but advisory"),
    ("tolerated", "PASSED  Banking regression: all 2 checks passed (tolerated: partial)"),
    ("several", "NOT JUDGED  4 suites: 1 failed, 1 not judged, 1 failed but advisory, 1 passed"),
    ("usage", "NOT JUDGED  there is no suite 'Smoke'"),
    ("interrupted", "NOT JUDGED  Banking regression: interrupted while run 'tr-5f6b0c4e' went on"),
    ("unreported", "NOT REPORTED  summary.md could not be written: the disk is full"),
])  # fmt: skip
def test_first_line_is_the_verdict(name: str, line: str) -> None:
    assert first_line(name) == line


OUTCOME = re.compile(r"(?m)^  (pass|FAIL|no data|\\?) {2,}\\S")


def test_unjudged_suite_shows_no_check_as_passed_or_failed() -> None:
    for gate in reports().values():
        for suite in gate.suites:
            words = set(OUTCOME.findall(as_text(report(suite))))
            assert words <= ({"?", "no data"} if isinstance(suite, Unjudged) else {"pass", "FAIL", "no data"})


def test_colour_marks_the_verdict_and_adds_nothing_else() -> None:
    for gate in reports().values():
        plain, painted = (as_text(gate, color=color) for color in (False, True))
        assert "\x1b" not in plain
        assert ANSI.sub("", painted) == plain
    assert as_text(report(failed()), color=True).startswith("\x1b[1;31mFAILED\x1b[0m  ")
    assert as_text(report(timeout()), color=True).startswith("\x1b[1;33mNOT JUDGED\x1b[0m  ")
    assert "\x1b[31m" not in as_text(reports()["advisory"], color=True)
    shown = as_text(reports()["voided"], color=True)
    assert "\x1b[33m?\x1b[0m          f1 >= 0.95        0.9286" in shown
    assert "\x1b[33m?\x1b[0m          accuracy >= 0.85  0.8667" in shown
    assert not re.search("\x1b\\[3[12]m", shown)


def test_floors_of_an_unjudged_suite_are_counted_as_open() -> None:
    floors = IntentFloors(general=Floors(bounds={"min_recall": Fraction(1, 2)}))
    rules = Rules(thresholds=tuple(thresholds(max_f1_drop="0.01")), intents=floors)
    shown = as_text(report(judged(bank_cases(), rules, before(bank_cases(), origin=OTHER_BOT))))
    assert re.search(r"(?m)^  \?          6 floors of intents +all in report\.json$", shown)
    shown = as_text(report(judged(bank_cases(), rules, before(bank_cases()))))
    assert re.search(r"(?m)^  pass       6 floors of intents +all in report\.json$", shown)


@pytest.mark.parametrize(("share", "sentence"), [
    (2, "judged at 0.025: the 2 tests share a false-alarm chance of 0.05"),
    (3, "judged at 0.017: the 3 tests share a false-alarm chance of 0.05"),
    (20, "judged at 0.0025: the 20 tests share a false-alarm chance of 0.05: set one drop per suite"),
])  # fmt: skip
def test_shared_alpha_is_reported_once_beside_the_changes(share: int, sentence: str) -> None:
    suite = report(sharing(share))
    shown, page = as_text(suite), as_markdown(suite)
    assert shown.count(f"\n  {sentence}\n") == 1
    assert page.count(f"<br>{markdown.prose(sentence[0].upper() + sentence[1:])}.<br>") == 1


def test_single_test_shares_nothing() -> None:
    for shown in (as_text(report(sharing(1))), as_markdown(report(sharing(1)))):
        assert "share" not in shown.replace("in the share of utterances", "")


TOLERATED = "(tolerated: partial, count-mismatch)"


def tolerating(verdict: Verdict) -> SuiteReport:
    """Return a suite with a verdict, in whose evidence two findings were tolerated."""
    found = assessed(bank_cases(wrong=2), thresholds(min_f1="0.5"))
    doubts = [Finding(kind, "why", tolerated=True) for kind in (FindingKind.PARTIAL, FindingKind.COUNT_MISMATCH)]
    doubts += [doubts[0], Finding(FindingKind.DROP, "a warning")]
    tolerated = replace(found, evidence=replace(found.evidence, findings=tuple(doubts)))
    if verdict is Verdict.UNJUDGED:
        return Unjudged(subject(), PlatformError("the platform is down"), tolerated)
    failing = [replace(check, outcome=Outcome.FAILED) for check in tolerated.checks]
    checks = tuple(failing if verdict is Verdict.FAILED else tolerated.checks)
    return Judged(subject(), replace(tolerated, checks=checks), verdict)


@pytest.mark.parametrize("verdict", Verdict)
def test_every_headline_names_tolerated_findings_once(verdict: Verdict) -> None:
    alone, among = report(tolerating(verdict)), report(tolerating(verdict), timeout())
    assert as_text(alone).splitlines()[0].endswith(TOLERATED)
    assert f" {TOLERATED}</b>" in as_markdown(alone).splitlines()[2]
    (link,) = json.loads("".join(job_links(alone, {"report": "https://a.example"})))["ci-gate"]
    assert link["external_link"]["label"].endswith(TOLERATED)
    assert any(line.endswith(TOLERATED) for line in as_text(among).splitlines())
    assert f" {TOLERATED} |\n" in as_markdown(among)
    properties = ET.fromstring("".join(junit.render(alone))).iter("property")
    assert {"name": "tolerated", "value": "partial, count-mismatch"} in [one.attrib for one in properties]


def test_headline_without_tolerated_findings_does_not_mention_them() -> None:
    for name in ("passed", "failed", "voided", "timeout", "several"):
        assert "olerated" not in first_line(name)
        assert "(tolerated" not in as_markdown(reports()[name])


def test_headlines_and_open_checks_have_their_reason() -> None:
    failed_checks = gate_of([case("hi", matched="Pay Bill")], min_f1="1", min_accuracy="1")
    assert as_text(failed_checks).startswith("FAILED  Banking regression: f1 0.00 < 1.00 (and 1 more check)\n")
    only = conclude(subject(), assessed(numbered([case("hi")]), thresholds(min_f1="1")[:1]))
    assert as_text(report(only)).startswith("PASSED  Banking regression: its one check passed\n")
    for name in ("advisory_and_partial", "advisory_over_limit"):
        assert first_line(name).endswith("; advisory excuses this on sound evidence only")
    assert as_text(report()).startswith("NOT JUDGED  there was no suite to judge\n")
    shown = as_text(reports()["half_measured"])
    reason = "between 0 and 3: 3 utterances that both runs have were not evaluated"
    assert f"new failures <= 0              {reason}" in shown
    assert "4 not evaluated in one of the runs (3 of which may newly fail)" in shown


def test_last_line_names_the_exit_code() -> None:
    for gate in reports().values():
        assert as_text(gate).splitlines()[-1].startswith(f"exit code {gate.exit_code.value}: ")
    assert as_text(reports()["advisory"]).endswith("exit code 0: every suite judged; what failed is advisory\n")


def test_findings_are_sorted_by_weight_and_hints_are_aligned() -> None:
    assert "\n  hint       look at the bot id\n             publish the scopes\n" in as_text(reports()["denied"])
    for name, words in {"tolerated": ["tolerated", "warning"], "failed_and_partial": ["blocks"]}.items():
        assert re.findall(r"(?m)^  (blocks|tolerated|warning) ", as_text(reports()[name])) == words


def test_long_list_is_cut_with_the_number_of_the_others() -> None:
    slips = [case(f"number {i}", f"Intent {i}", f"Intent {i + 1}") for i in range(60)]
    shown = as_text(gate_of(numbered(slips), min_f1="0.5"))
    assert "60 mismatches, the first 50 in summary.md, all of them in report.json" in shown
    assert len(re.findall(r"(?m)^  Intent \d+ +Intent \d+ +1$", shown)) == 5
    assert shown.count("\n  and 55 more, in report.json\n") == 2


def test_mismatch_without_an_intent_needs_no_table_of_intents() -> None:
    cases = numbered([case("hm", (), (), result_type=ResultType.FN), case("hi")])
    for shown in (as_text(gate_of(cases, min_f1="0.5")), as_markdown(gate_of(cases, min_f1="0.5"))):
        assert "1 mismatch" in shown
        assert "weakest intents" not in shown


@unhurried
@given(any_text, any_text, any_text)
def test_foreign_text_is_escaped_in_the_log(label: str, intent: str, message: str) -> None:
    judged = conclude(
        subject(label, suite=message, run_id=label),
        assessed([case("hi", intent, "Pay Bill")], thresholds(min_f1="0.5"), problem=message),
    )
    hinted = PlatformError(message, hint=message)
    shown = as_text(report(judged, Unjudged(subject(label), hinted), error=hinted))
    assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char != "\n"]
    assert all(line == log_safe(line) for line in shown.splitlines())
