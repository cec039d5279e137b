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
from ci_gate.reports import junit, markdown, text
from tests.reports.builders import (
    assessed,
    bank_cases,
    before,
    case,
    failed,
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
    from collections.abc import Callable

    from ci_gate.core.report import GateReport, SuiteReport

OTHER_BOT = Origin(bot_id="st-other")
ANSI = re.compile("\x1b\\[[0-9;]+m")


def first_line(name: str) -> str:
    return "".join(text.render(reports()[name])).splitlines()[0]


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
def test_the_first_line_is_the_verdict(name: str, line: str) -> None:
    assert first_line(name) == line


OUTCOME = re.compile(r"(?m)^  (pass|FAIL|no data|\\?) {2,}\\S")


@pytest.mark.parametrize("name", reports())
def test_in_a_suite_that_was_not_judged_no_check_passed_or_failed(name: str) -> None:
    for suite in reports()[name].suites:
        words = set(OUTCOME.findall("".join(text.render(report(suite)))))
        assert words <= ({"?", "no data"} if isinstance(suite, Unjudged) else {"pass", "FAIL", "no data"})


def test_a_check_of_a_suite_that_was_not_judged_is_neither_green_nor_red() -> None:
    shown = "".join(text.render(reports()["voided"], color=True))
    assert "\x1b[33m?\x1b[0m          f1 >= 0.95        0.9286" in shown
    assert "\x1b[33m?\x1b[0m          accuracy >= 0.85  0.8667" in shown
    assert not re.search("\x1b\\[3[12]m", shown)


def test_floors_that_held_in_a_suite_that_was_not_judged_are_counted_as_open() -> None:
    floors = IntentFloors(general=Floors(bounds={"min_recall": Fraction(1, 2)}))
    rules = Rules(thresholds=tuple(thresholds(max_f1_drop="0.01")), intents=floors)
    shown = "".join(text.render(report(judged(bank_cases(), rules, before(bank_cases(), origin=OTHER_BOT)))))
    assert re.search(r"(?m)^  \?          6 floors of intents +all in report\.json$", shown)
    shown = "".join(text.render(report(judged(bank_cases(), rules, before(bank_cases())))))
    assert re.search(r"(?m)^  pass       6 floors of intents +all in report\.json$", shown)


@pytest.mark.parametrize(("share", "told"), [
    (2, "judged at 0.025: the 2 tests share a false-alarm chance of 0.05"),
    (3, "judged at 0.017: the 3 tests share a false-alarm chance of 0.05"),
    (20, "judged at 0.0025: the 20 tests share a false-alarm chance of 0.05: set one drop per suite"),
])  # fmt: skip
def test_tests_that_share_a_chance_are_told_of_once_where_changes_are(share: int, told: str) -> None:
    suite = report(sharing(share))
    shown, page = "".join(text.render(suite)), "".join(markdown.render(suite))
    assert shown.count(f"\n  {told}\n") == 1
    assert page.count(f"<br>{markdown.prose(told[0].upper() + told[1:])}.<br>") == 1


def test_a_test_that_has_a_chance_of_its_own_says_nothing_of_sharing() -> None:
    for render in (text.render, markdown.render):
        shown = "".join(render(report(sharing(1))))
        assert "share" not in shown.replace("in the share of utterances", "")


TOLERATED = "(tolerated: partial, count-mismatch)"


def tolerating(verdict: Verdict) -> SuiteReport:
    """A suite in whose evidence two contradictions were tolerated, however it ended."""
    found = assessed(bank_cases(wrong=2), thresholds(min_f1="0.5"))
    doubts = [Finding(kind, "why", tolerated=True) for kind in (FindingKind.PARTIAL, FindingKind.COUNT_MISMATCH)]
    doubts += [doubts[0], Finding(FindingKind.DROP, "a warning")]
    told = replace(found, evidence=replace(found.evidence, findings=tuple(doubts)))
    if verdict is Verdict.UNJUDGED:
        return Unjudged(subject(), PlatformError("the platform is down"), told)
    failing = [replace(check, outcome=Outcome.FAILED) for check in told.checks]
    checks = tuple(failing if verdict is Verdict.FAILED else told.checks)
    return Judged(subject(), replace(told, checks=checks), verdict)


@pytest.mark.parametrize("verdict", Verdict)
def test_what_was_tolerated_stands_in_every_headline_once_by_name(verdict: Verdict) -> None:
    alone, among = report(tolerating(verdict)), report(tolerating(verdict), timeout())
    assert "".join(text.render(alone)).splitlines()[0].endswith(TOLERATED)
    assert f" {TOLERATED}</b>" in "".join(markdown.render(alone)).splitlines()[2]
    (link,) = json.loads("".join(job_links(alone, {"report": "https://a.example"})))["ci-gate"]
    assert link["external_link"]["label"].endswith(TOLERATED)
    assert any(line.endswith(TOLERATED) for line in "".join(text.render(among)).splitlines())
    assert f" {TOLERATED} |\n" in "".join(markdown.render(among))
    properties = ET.fromstring("".join(junit.render(alone))).iter("property")
    assert {"name": "tolerated", "value": "partial, count-mismatch"} in [one.attrib for one in properties]


def test_where_nothing_was_tolerated_no_headline_speaks_of_it() -> None:
    for name in ("passed", "failed", "voided", "timeout", "several"):
        assert "olerated" not in first_line(name)
        assert "(tolerated" not in "".join(markdown.render(reports()[name]))


def test_what_was_left_open_is_told_with_its_two_ends_and_what_would_settle_it() -> None:
    shown = "".join(text.render(reports()["half_measured"]))
    assert (
        "new failures <= 0              between 0 and 3: 3 utterances that both runs have were not evaluated" in shown
    )
    assert "4 not evaluated in one of the runs (3 of which may newly fail)" in shown


def test_a_suite_of_several_failed_checks_names_the_first_and_counts_the_others() -> None:
    suite = conclude(subject(), assessed([case("hi", matched="Pay Bill")], thresholds(min_f1="1", min_accuracy="1")))
    assert "".join(text.render(report(suite))).startswith(
        "FAILED  Banking regression: f1 0.00 < 1.00 (and 1 more check)\n"
    )


def test_the_only_check_is_not_called_all_checks() -> None:
    suite = conclude(subject(), assessed(numbered([case("hi")]), thresholds(min_f1="1")[:1]))
    assert "".join(text.render(report(suite))).startswith("PASSED  Banking regression: its one check passed\n")


@pytest.mark.parametrize("name", ["advisory_and_partial", "advisory_over_limit"])
def test_an_advisory_failure_that_counts_says_why_it_is_not_excused(name: str) -> None:
    assert first_line(name).endswith("; advisory excuses this on sound evidence only")


def test_a_gate_without_suites_never_reads_as_passed() -> None:
    assert "".join(text.render(report())).startswith("NOT JUDGED  there was no suite to judge\n")


@pytest.mark.parametrize("name", reports())
def test_the_last_line_says_what_the_process_ends_with(name: str) -> None:
    ending = reports()[name]
    assert "".join(text.render(ending)).splitlines()[-1].startswith(f"exit code {ending.exit_code.value}: ")


def test_an_excused_failure_is_not_said_to_have_passed_every_check() -> None:
    assert "".join(text.render(reports()["advisory"])).endswith(
        "exit code 0: every suite judged; what failed is advisory\n"
    )


def test_a_hint_of_several_lines_stays_aligned() -> None:
    assert "\n  hint       look at the bot id\n             publish the scopes\n" in "".join(
        text.render(reports()["denied"])
    )


def test_blocking_findings_come_before_tolerated_ones_and_those_before_warnings() -> None:
    words = re.findall(r"(?m)^  (blocks|tolerated|warning) ", "".join(text.render(reports()["tolerated"])))
    assert words == ["tolerated", "warning"]
    words = re.findall(r"(?m)^  (blocks|tolerated|warning) ", "".join(text.render(reports()["failed_and_partial"])))
    assert words == ["blocks"]


def test_long_lists_are_cut_with_the_rest_counted_and_named() -> None:
    slips = [case(f"number {i}", f"Intent {i}", f"Intent {i + 1}") for i in range(60)]
    shown = "".join(text.render(report(conclude(subject(), assessed(numbered(slips), thresholds(min_f1="0.5"))))))
    assert "60 mismatches, the first 50 in summary.md, all of them in report.json" in shown
    assert len(re.findall(r"(?m)^  Intent \d+ +Intent \d+ +1$", shown)) == 5
    assert shown.count("\n  and 55 more, in report.json\n") == 2


@pytest.mark.parametrize("render", [text.render, markdown.render])
def test_a_mismatch_that_concerns_no_intent_is_shown_without_a_table_of_intents(
    render: Callable[[GateReport], str],
) -> None:
    cases = numbered([case("hm", (), (), result_type=ResultType.FN), case("hi")])
    shown = "".join(render(report(conclude(subject(), assessed(cases, thresholds(min_f1="0.5"))))))
    assert "1 mismatch" in shown
    assert "weakest intents" not in shown


@pytest.mark.parametrize("name", reports())
def test_colour_adds_nothing_but_colour(name: str) -> None:
    plain, painted = ("".join(text.render(reports()[name], color=color)) for color in (False, True))
    assert "\x1b" not in plain
    assert ANSI.sub("", painted) == plain


def test_failed_is_red_and_not_judged_is_yellow() -> None:
    assert "".join(text.render(report(failed()), color=True)).startswith("\x1b[1;31mFAILED\x1b[0m  ")
    assert "".join(text.render(report(timeout()), color=True)).startswith("\x1b[1;33mNOT JUDGED\x1b[0m  ")
    assert "\x1b[31m" not in "".join(text.render(reports()["advisory"], color=True))


@unhurried
@given(any_text, any_text, any_text)
def test_nothing_from_elsewhere_reaches_the_log_as_a_command_or_control_character(
    label: str, intent: str, message: str
) -> None:
    judged = conclude(
        subject(label, suite=message, run_id=label),
        assessed([case("hi", intent, "Pay Bill")], thresholds(min_f1="0.5"), problem=message),
    )
    hinted = PlatformError(message, hint=message)
    shown = "".join(text.render(report(judged, Unjudged(subject(label), hinted), error=hinted)))
    assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char != "\n"]
    assert all(line == log_safe(line) for line in shown.splitlines())
