"""Printed commands are found anywhere in the output, and one that ends differently makes the row fail."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import pytest

from tests.tools.faults import printed
from tests.tools.faults.judging import Kind, Typed, judge
from tests.tools.faults.test_runner import HEALS, RIGHT, STAYS

if TYPE_CHECKING:
    from pathlib import Path

REPLAY = "ci-gate check --replay 'a folder; of `mine`, $HOME'"
GATE = "ci-gate gate tr-1 --suite 'It'\"'\"'s 100% mine'"
SETTINGS = {"CI_GATE_HOST": "http://127.0.0.1:1", "CI_GATE_BOT_ID": "st-1", "CI_GATE_MIN_F1": "0.9"}
KNOWN = {**SETTINGS, "CI_GATE_CLIENT_ID": "cs-1", "CI_GATE_CLIENT_SECRET": "invented"}


def in_json(command: str) -> bytes:
    """Return a report with a command in the hint of a suite, next to an utterance that looks like a command."""
    error = {"message": "it is late", "hint": f"attach again with: {command}; or raise --timeout"}
    return json.dumps({"suites": [{"error": error, "utterance": "ci-gate run"}], "error": None}).encode()


def in_xml(command: str) -> bytes:
    """Put a command into the message of an error."""
    return f"<testsuites><error message={quoteattr(f'again: {command}; or not')}/></testsuites>".encode()


@pytest.mark.parametrize("command", [REPLAY, GATE])
@pytest.mark.parametrize(
    ("output", "files"),
    [
        ("late; attach again with: {}; or raise --timeout\n", {}),
        ("hint  {}\nnext line", {}),
        ("", {"ci-gate-report/report.json": in_json}),
        ("", {"junit.xml": in_xml}),
        (
            "",
            {
                "summary.md": lambda command: (
                    f"Replay: `x`<br>{html.escape(command).replace(chr(96), '&#96;')}<br>more\n".encode()
                )
            },
        ),
        ("{}", {"report.json": in_json, "junit.xml": in_xml}),
    ],
    ids=["a sentence", "a hint", "report.json", "junit.xml", "summary.md", "all of them"],
)
def test_a_command_is_found_once_wherever_it_stands(command: str, output: str, files: dict[str, Any]) -> None:
    written = {name: make(command) for name, make in files.items()}
    assert printed.printed(output.format(command), written) == [command]


def test_what_is_set_as_code_is_copied_as_it_stands() -> None:
    page = b"Replay: `ci-gate check --replay 'x&amp;<br>'`<br>`ci-gate check --replay dot.`"
    assert printed.printed("", {"summary.md": page}) == [
        "ci-gate check --replay 'x&amp;<br>'",
        "ci-gate check --replay dot.",
    ]


def test_a_command_to_github_is_read_as_github_shows_it() -> None:
    assert printed.printed("::error title=x::late%0Aci-gate gate tr-1 --suite '100%25'", {}) == [
        "ci-gate gate tr-1 --suite '100%'"
    ]


@pytest.mark.parametrize("name", ["report.json", "junit.xml", "x.results.csv", "run.json"])
def test_what_is_no_page_of_ours_holds_no_command(name: str) -> None:
    assert printed.printed("reports: ci-gate-report; ci-gate wrote it", {name: b"{ci-gate run"}) == []


def test_a_line_that_begins_with_our_name_is_meant_as_a_command() -> None:
    assert printed.printed("ci-gate chekc x.csv\nx/python -m ci_gate demo", {}) == [
        "ci-gate chekc x.csv",
        "-m ci_gate demo",
    ]


@pytest.mark.parametrize(
    ("line", "environment", "code", "said"),
    [
        ("ci-gate gate tr-1 --suite Smoke", KNOWN, 0, ""),
        ("-m ci_gate run --suite Smoke --timeout 5m", KNOWN, 0, ""),
        ("ci-gate run --suite Smoke", SETTINGS, 2, "error: "),
        ("ci-gate compare", KNOWN, 2, "Error: Missing argument"),
        ("ci-gate run --suite Smoke --no-such-flag", KNOWN, 2, "no-such-flag"),
        ("ci-gate check --replay nowhere", {}, 2, "'nowhere/report.json' cannot be read"),
        ("ci-gate check --help", {}, 0, "Judge a results file"),
        ("ci-gate check 'my results.csv' --min-accuracy 0.1", {}, 5, "NOT JUDGED  my results"),
    ],
)
def test_a_line_is_typed_as_far_as_it_goes_without_a_platform(
    line: str, environment: dict[str, str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my results.csv").write_text("nothing\n", encoding="utf-8")
    (ending,) = printed.typed(str(tmp_path), environment, [line])
    assert (ending.line, ending.code) == (line, code), ending.said
    assert said in ending.said


def test_another_process_types_the_lines_and_those_that_overwrite_come_last(tmp_path: Path) -> None:
    assert printed.type_all(tmp_path, {}, []) == ()
    lines = ["ci-gate check --help", "ci-gate check --replay nowhere"]
    assert [ending.line for ending in printed.type_all(tmp_path, {}, lines)] == lines[::-1]


@pytest.mark.parametrize(
    ("line", "code", "said", "is_right"),
    [
        ("ci-gate check --replay x", 0, "", True),
        ("ci-gate check --replay x", 1, "", False),
        ("ci-gate check --replay x", 2, "error: it is not there", False),
        ("ci-gate gate tr-1", 0, "", True),
        ("ci-gate gate tr-1", 5, "", False),
        ("ci-gate gate tr-1", 2, "Error: No such option", False),
    ],
)
def test_a_printed_command_that_ends_otherwise_is_a_false_failure(
    line: str, code: int, said: str, *, is_right: bool
) -> None:
    judgement = judge(HEALS, replace(RIGHT[HEALS.name], typed=(Typed(line, code, said),)))
    assert judgement.kind is (Kind.RIGHT if is_right else Kind.FALSE_FAILURE)
    assert bool(judgement.wrongs) is not is_right


def test_a_setting_that_the_row_was_refused_for_is_refused_again() -> None:
    outcome = RIGHT[STAYS.name]
    outcome = replace(outcome, output=f"{outcome.output}error: no host\n")
    for said, kind in (("error: no host\n", Kind.RIGHT), ("error: no suite\n", Kind.FALSE_FAILURE)):
        assert judge(STAYS, replace(outcome, typed=(Typed("ci-gate run", 2, said),))).kind is kind
