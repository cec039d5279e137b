"""Annotations and outputs for GitHub Actions, read back as its runner reads them."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given

from ci_gate.core.report import GateReport, Unjudged, conclude
from ci_gate.errors import PlatformError
from ci_gate.output.ci import github
from tests.reports.builders import (
    assessed,
    bank_cases,
    case,
    failed,
    numbered,
    passed,
    report,
    reports,
    subject,
    thresholds,
    timeout,
)
from tests.reports.strategies import any_text, unhurried

PATHS = {"junit_path": "r/junit.xml", "report_path": "r/report.json"}
SUITE_OUTPUTS = {"run-id", "f1", "precision", "recall", "accuracy", "failed-utterances"}
GATE_OUTPUTS = {"verdict", "exit-code", "advisory", "junit-path", "report-path", "results"}


def read_command(line: str) -> tuple[str, str, str]:
    """Return name, title and message of a workflow command."""
    match = re.fullmatch(r"::(error|warning) title=([^:,\r\n]*)::([^\r\n]*)\n", line)
    assert match, line
    name, title, message = match.groups()
    for code, sign in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        title, message = title.replace(code, sign), message.replace(code, sign)
    return name, title, message


def commands(gate: GateReport) -> list[tuple[str, str, str]]:
    return [read_command(line) for line in github.annotation_commands(gate)]


def read_outputs(text: str) -> dict[str, str]:
    """Return the outputs of a step as the runner reads them."""
    return dict(line.split("=", 1) for line in text.split("\n")[:-1])


def test_failed_checks_come_before_unjudged_suites_and_warnings() -> None:
    assert [(kind, title) for kind, title, _ in commands(report(timeout(), *reports()["several"].suites))] == [
        ("error", "Banking full: FAILED"), ("error", "Airline smoke: NOT JUDGED"),
        ("error", "Airline smoke: NOT JUDGED"), ("warning", "Small talk: FAILED, advisory"),
    ]  # fmt: skip


def test_there_is_an_error_unless_the_exit_code_is_0() -> None:
    assert commands(report(passed())) == []
    for gate in reports().values():
        kinds = [kind for kind, _, _ in commands(gate)]
        assert ("error" in kinds) is (gate.exit_code != 0)
        assert kinds == sorted(kinds)


def test_findings_are_annotated_once_with_their_remedy_or_as_a_warning() -> None:
    ((kind, _, message),) = commands(reports()["partial"])
    assert kind == "error"
    assert message.startswith("the platform says that the run failed in part")
    assert message.endswith("--tolerate partial")
    both = [message[:20] for _, _, message in commands(reports()["failed_and_partial"])]
    assert both == ["f1 0.9286 < 0.95", "the platform says th"]
    found = [(kind, message.partition(":")[0]) for kind, _, message in commands(reports()["tolerated"])]
    assert found == [("warning", "partial"), ("warning", "unconfirmed")]


def test_failed_check_of_an_unjudged_suite_is_not_annotated() -> None:
    ((kind, title, message),) = commands(reports()["voided"])
    assert (kind, title) == ("error", "Banking regression: NOT JUDGED")
    assert "0.9286" not in message
    assert message.startswith("run 'tr-5f6b0c4e' was asked for, but the status reply is about 'tr-77d1'")


@pytest.mark.parametrize(("number", "shown", "last"), [(10, 10, "f1 0.9286 < 0.95"), (11, 10, "and 2 more,")])
def test_at_most_ten_annotations_are_written_and_the_last_counts_the_others(number: int, shown: int, last: str) -> None:
    found = commands(report(*(failed(label=f"Suite {place}") for place in range(number))))
    assert len(found) == shown
    assert found[-1][2].startswith(last)


@unhurried
@given(any_text, any_text)
def test_foreign_text_is_escaped_in_an_annotation(label: str, message: str) -> None:
    gate = report(
        Unjudged(subject(label), PlatformError(message, hint=f"{label}\n{message}")), error=PlatformError(label)
    )
    for line in github.annotation_commands(gate):
        read_command(line)
        assert not re.search(r"##\w*\[", line)
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", line[:-1])


def test_special_characters_are_escaped_and_titles_are_one_line() -> None:
    (line,) = github.annotation_commands(report(Unjudged(subject("a:b,c%d"), PlatformError("100 % lost: all, really"))))
    assert line == "::error title=a%3Ab%2Cc%25d%3A NOT JUDGED::100 %25 lost: all, really\n"
    group = github.group_start("waiting\n::error::x") + github.group_end()
    assert group == "::group::waiting ::error::x\n::endgroup::\n"


def test_outputs_of_a_single_suite_stand_beside_those_of_the_gate() -> None:
    found = read_outputs("".join(github.outputs(reports()["failed"], PATHS)))
    assert set(found) == GATE_OUTPUTS | SUITE_OUTPUTS
    values = [found[name] for name in ("verdict", "exit-code", "f1", "run-id", "junit-path")]
    assert values == ["failed", "1", "0.9286", "tr-5f6b0c4e", "r/junit.xml"]


def test_results_of_several_suites_are_keyed_by_label() -> None:
    found = read_outputs("".join(github.outputs(reports()["several"], PATHS)))
    assert set(found) == GATE_OUTPUTS
    results = json.loads(found["results"])
    assert {label: (entry["verdict"], entry["exit_code"]) for label, entry in results.items()} == {
        "Banking regression": ("passed", 0),
        "Banking full": ("failed", 1),
        "Small talk": ("failed", 0),
        "Airline smoke": ("unjudged", 4),
    }
    assert results["Banking full"]["f1"] == 0.9286
    assert "f1" not in results["Airline smoke"]


def test_every_ending_sets_the_outputs_of_the_gate() -> None:
    for gate in reports().values():
        found = read_outputs("".join(github.outputs(gate, PATHS)))
        assert set(found) >= GATE_OUTPUTS
        assert (found["verdict"], found["exit-code"]) == (gate.verdict.value, str(gate.exit_code.value))


def test_score_is_printed_on_its_side_of_the_threshold() -> None:
    cases = numbered([case(f"u{i}") for i in range(9999)] + [case("wrong", matched=())])
    judged = conclude(subject(), assessed(cases, thresholds(min_accuracy="1", min_f1="0.5")))
    found = read_outputs("".join(github.outputs(report(judged), PATHS)))
    assert (found["accuracy"], found["f1"]) == ("0.9999", "0.9999")


@unhurried
@given(any_text, any_text)
def test_foreign_text_sets_no_output(label: str, run_id: str) -> None:
    judged = conclude(subject(label, run_id=run_id), assessed(bank_cases(), thresholds(min_f1="0.9")))
    text = "".join(github.outputs(report(judged), PATHS))
    found = read_outputs(text)
    assert set(found) <= GATE_OUTPUTS | SUITE_OUTPUTS
    assert text.count("\n") == len(found)
    assert list(json.loads(found["results"])) == [label]


@pytest.mark.parametrize("length", [10, 2000], ids=["short", "long"])
def test_command_in_an_annotation_is_complete_or_left_out(length: int) -> None:
    command = f"attach again with: ci-gate gate tr-1 --report-dir {'d' * length} --min-f1 0.9"
    (line,) = commands(report(Unjudged(subject("a"), PlatformError("it is late", hint=command))))
    elsewhere = "for a remedy, see the summary of this job"
    assert line[2] == f"it is late · {command if length == 10 else elsewhere}"


@pytest.mark.parametrize("hint", ["", "try again"], ids=["no hint", "a hint"])
def test_overlong_message_is_cut(hint: str) -> None:
    (line,) = commands(report(Unjudged(subject("a"), PlatformError("m" * 2000, hint=hint))))
    assert len(line[2]) == github.LENGTH
    assert line[2].endswith("this job") is bool(hint)
    assert line[2].startswith("m" * 900)
