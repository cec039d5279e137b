"""The verdict on standard output."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from ci_gate.core.model import ResultType
from ci_gate.core.plain import log_safe
from ci_gate.core.report import Unjudged, conclude
from ci_gate.errors import PlatformError
from ci_gate.reports import markdown, text
from tests.reports.builders import assessed, case, failed, numbered, report, reports, subject, thresholds, timeout
from tests.reports.strategies import any_text, unhurried

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.core.report import GateReport

ANSI = re.compile("\x1b\\[[0-9;]+m")


def first_line(name: str) -> str:
    return "".join(text.render(reports()[name])).splitlines()[0]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("passed", "PASSED  Banking regression: all 4 checks passed"),
        ("failed", "FAILED  Banking regression: f1 0.9286 < 0.95"),
        ("unevaluated", "FAILED  Banking regression: 4 of 60 utterances were not evaluated by the platform"),
        ("no_data", "NOT JUDGED  Banking regression: entity match >= 0.80: no data (the suite has no entities)"),
        ("advisory", "PASSED WITH WARNINGS  1 suite: 1 failed but advisory"),
        ("tolerated", "PASSED  Banking regression: all 3 checks passed (tolerated: partial)"),
        ("several", "NOT JUDGED  4 suites: 1 failed, 1 not judged, 1 failed but advisory, 1 passed"),
        ("usage", "NOT JUDGED  there is no suite 'Smoke'"),
        ("interrupted", "NOT JUDGED  Banking regression: interrupted while run 'tr-5f6b0c4e' went on"),
        ("unreported", "NOT REPORTED  summary.md could not be written: the disk is full"),
    ],
)
def test_the_first_line_is_the_verdict(name: str, line: str) -> None:
    assert first_line(name) == line


def test_a_suite_of_several_failed_checks_names_the_first_and_counts_the_others() -> None:
    suite = conclude(subject(), assessed([case("hi", matched="Pay Bill")], thresholds(min_f1="1", min_accuracy="1")))
    assert "".join(text.render(report(suite))).startswith(
        "FAILED  Banking regression: f1 0.00 < 1.00 (and 1 more check)\n"
    )


def test_the_only_check_is_not_called_all_checks() -> None:
    suite = conclude(subject(), assessed(numbered([case("hi")]), thresholds(min_f1="1")[:1]))
    assert "".join(text.render(report(suite))).startswith("PASSED  Banking regression: its one check passed\n")


@pytest.mark.parametrize("name", ["advisory_and_partial", "advisory_unevaluated"])
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
    assert shown.count("expected Intent") == 5
    assert "and 55 other pairs, in report.json" in shown


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
