"""``summary.md``."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given

from ci_gate.core.report import Source, Unjudged, conclude
from ci_gate.errors import PlatformError
from ci_gate.reports import markdown
from ci_gate.reports.wording import shortened
from tests.reports.builders import (
    as_markdown,
    assessed,
    case,
    failed,
    gate_of,
    numbered,
    passed,
    report,
    reports,
    subject,
    thresholds,
)
from tests.reports.strategies import any_text, unhurried

OURS = re.compile(r"</?(?:code|b|sub|details|summary)>|<br>|<!-- -->")


@unhurried
@given(any_text)
def test_foreign_text_is_escaped_and_reads_as_it_was(text: str) -> None:
    shown = markdown.prose(text)
    assert not re.search(r"[<|`@\n\r\[\]*_~\\$!]|::|://|(?<!&)#|#(?!\d+;)|&(?!#\d+;)", shown.replace("<!-- -->", ""))
    assert html.unescape(shown.replace("<!-- -->", "")) == shortened(text, 600)


def test_mentions_and_references_stay_broken_when_entities_are_decoded() -> None:
    assert html.unescape(markdown.prose("@everyone #12")) == "@<!-- -->everyone #<!-- -->12"
    for reference in ("#12", "!34", "%5", "~bug", "&6", "$7", "GH-8"):
        shown = html.unescape(markdown.prose(f"see {reference}"))
        assert reference not in shown
        assert shown.replace("<!-- -->", "") == f"see {reference}"


@unhurried
@given(any_text, any_text, any_text)
def test_foreign_text_keeps_the_columns_of_tables(utterance: str, intent: str, message: str) -> None:
    cases = numbered([case(utterance, intent, "Pay Bill"), case("hi", ("Pay Bill",), (intent, utterance))])
    judged = conclude(subject(intent, suite=message), assessed(cases, thresholds(min_f1="0.5"), run_id=message))
    hinted = PlatformError(message, hint=f"{message}\n{utterance}")
    shown = as_markdown(report(judged, Unjudged(subject(utterance), hinted), error=hinted))
    assert "<" not in OURS.sub("", shown)
    assert "@" not in shown
    columns = 0
    for line in shown.split("\n"):
        columns = line.count("|") if line.startswith("|") and not columns else columns * line.startswith("|")
        assert line.count("|") == columns
        # What stands first on a line is always ours.
        assert re.match(
            r"$|## |### |<b>|<sub>|<details>|</details>|\| |run |suite |no run |What to do: |Replay |and \d", line
        )


def test_summary_begins_with_the_verdict_and_the_list_of_suites() -> None:
    headline = "## ❌ FAILED: <code>Banking regression</code>\n\n<b>f1 0.9286 &#60; 0.95</b>\n"
    assert as_markdown(reports()["failed"]).startswith(headline)
    lines = as_markdown(reports()["several"]).splitlines()
    assert lines[0] == "## ❔ NOT JUDGED"
    details = lines.index("### ✅ PASSED: <code>Banking regression</code>")
    assert "| ⚠️ failed, advisory | <code>Small talk</code> | f1 0.9286 &#60; 0.95 |" in lines[:details]


def test_only_a_failure_that_counts_has_the_sign_of_a_failure() -> None:
    no_data, partial, advisory = (as_markdown(reports()[name]) for name in ("no_data", "partial", "advisory"))
    assert "| ❔ no data | entity match >= 0.80 | the suite has no entities |" in no_data
    assert "| ❔ blocks a pass | partial: " in partial
    assert "| ⚠️ failed | f1 >= 0.95 | 0.9286 |" in advisory
    assert "❌" not in no_data + partial + advisory


def test_checks_of_an_unjudged_suite_are_open_and_keep_their_values() -> None:
    for name, gate in reports().items():
        for suite in gate.suites:
            shown = as_markdown(report(suite))
            signs = set(re.findall(r"(?m)^\| (\S+ (?:passed|failed|no data|not judged)) \| ", shown))
            unjudged = {"❔ not judged", "❔ no data"}
            assert (signs <= unjudged) is isinstance(suite, Unjudged), name
    shown = as_markdown(reports()["voided"])
    assert "| ❔ not judged | f1 >= 0.95 | 0.9286 |" in shown
    assert "| ❔ not judged | accuracy >= 0.85 | 0.8667 |" in shown


def test_at_most_fifty_mismatches_are_listed_and_the_others_counted() -> None:
    slips = numbered(case(f"utterance {i}", "Show Balance", "Pay Bill") for i in range(60))
    shown = as_markdown(gate_of(slips, min_f1="0.5"))
    assert shown.count("<code>utterance ") == 50
    assert "<summary>60 mismatches</summary>" in shown
    assert "\n\nand 10 more, in report.json\n\n</details>" in shown


def test_replay_is_shown_once_at_the_end_if_there_is_one() -> None:
    shown = as_markdown(report(passed(), failed(label="smoke"), replay="ci-gate check --replay 'my *reports*'"))
    assert shown.count("Replay") == 1
    assert "under the same settings: `ci-gate check --replay 'my *reports*'`\n\n<sub>Exit code" in shown
    assert "Replay" not in as_markdown(report(passed()))


@pytest.mark.parametrize("sign", ["x", "|", "@", "\U0001f600"])
def test_summary_is_cut_at_its_limit_and_says_so(sign: str) -> None:
    slips = numbered(case(f"{i}{sign * 300}", f"{i}{sign * 300}", sign * 300) for i in range(60))
    suite = conclude(subject(sign * 300), assessed(slips, thresholds(min_f1="0.5"), problem=sign * 900))
    for suites, cut in ((1, False), (40, True)):
        shown = as_markdown(report(*[suite] * suites))
        assert len(shown.encode()) <= markdown.LIMIT
        assert shown.endswith("</sub>\n")
        assert ("**Cut here**" in shown) == cut


def test_overlong_list_of_suites_is_cut() -> None:
    suite = conclude(subject(source=Source.FILES), assessed(numbered([case("hi")]), thresholds(min_f1="0.5")))
    shown = as_markdown(report(*[replace(suite, subject=subject(f"s{i}")) for i in range(120)]))
    assert "\nand 20 more, in report.json\n" in shown


def test_command_in_a_hint_is_complete() -> None:
    command = f"attach again with: ci-gate gate tr-1 --report-dir '{'x' * 3000} y' --min-f1 0.9"
    shown = as_markdown(report(Unjudged(subject("a"), PlatformError("it is late", hint=command))))
    assert command in html.unescape(shown.replace("<!-- -->", ""))
