"""The examples end as their folders say; a file added to one of them is tested as well."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ci_gate.cli.app import main
from ci_gate.config.raw_value import RawValue
from ci_gate.config.sources import read_file
from ci_gate.core.thresholds import read_threshold
from ci_gate.simulator import Scenario
from tests.sandbox import Sandbox

EXAMPLES = Path(__file__).parents[1] / "examples"
CONFIG = EXAMPLES / "ci-gate.toml"
RULES = EXAMPLES / "rules"
CODES = {"passing": 0, "failing": 1, "unjudged": 5}
VERSIONS = EXAMPLES / "results" / "two-versions"
RESULTS = sorted(path for path in (EXAMPLES / "results").glob("*/*.csv") if path.parent != VERSIONS)
STATUSES = sorted((EXAMPLES / "results").glob("*/*.status.json"))


def _check(results: Path) -> int:
    """Judge an example as its README says, with the status reply that lies beside it."""
    status = results.with_suffix(".status.json")
    beside = ["--status", str(status)] if status.exists() else []
    return main(["check", str(results), *beside, "--config", str(CONFIG), "--report-dir", "reports"])


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("results", RESULTS, ids=_name)
def test_an_example_ends_as_its_folder_says(results: Path) -> None:
    assert _check(results) == CODES[results.parent.name]


@pytest.mark.parametrize("results", RESULTS, ids=_name)
def test_the_reports_of_an_example_can_be_read_and_agree(results: Path) -> None:
    code = _check(results)

    junit = ET.parse("reports/junit.xml").getroot()
    report = json.loads(Path("reports/report.json").read_bytes())
    summary = Path("reports/summary.md").read_text(encoding="utf-8")

    assert report["exit_code"] == code
    assert any(case.find(mark) is not None for case in junit.iter("testcase") for mark in ("failure", "error")) is (
        code != 0
    )
    (suite,) = report["suites"]
    assert suite["source"] == "files"
    assert (suite["error"] is None) is (code != CODES["unjudged"])
    assert suite["label"] in summary


def test_every_ending_has_examples_and_every_status_belongs_to_a_file() -> None:
    assert {path.parent.name for path in RESULTS} == set(CODES)
    assert [path for path in STATUSES if path.with_suffix("").with_suffix(".csv") not in RESULTS] == []


def test_the_model_settings_file_is_read_without_complaint() -> None:
    file = read_file(RawValue((str(CONFIG),), "--config"))

    assert [suite.name for suite in file.suites] == [
        "Everyday banking",
        "Card services",
        "Flight changes",
        "Baggage and check-in",
    ]
    bound = read_threshold("min_f1", file.common["min_f1"].texts[0])
    assert bound is not None
    assert bound.bound_text == "0.90"


def _judged(version: str, *arguments: str) -> int:
    """Judge one of the two versions of a bot."""
    return main(["check", str(VERSIONS / f"{version}.csv"), *arguments])


def _tables(page: Path) -> list[list[list[str]]]:
    """Read the tables of a page: their rows without the head, and the cells of each."""
    tables = re.findall(r"^\|.*\n\|[-|]+\n((?:\|.*\n)+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [[row.strip("| ").split(" | ") for row in table.splitlines()] for table in tables]


SITUATIONS, FALSE_ALARMS = _tables(RULES / "README.md")


@pytest.mark.parametrize(("settings", "older", "newer", "_why"), SITUATIONS, ids=[row[0] for row in SITUATIONS])
def test_the_settings_of_a_situation_judge_two_versions_as_their_page_says(
    settings: str, older: str, newer: str, _why: str
) -> None:
    """They are used as they stand, in the way that their page shows."""
    file = settings.split("`")[1]
    shutil.copytree(RULES, ".", dirs_exist_ok=True)
    assert _judged("older", "--config", "first-week.toml") == 0
    if not settings.endswith("without a baseline"):
        Path("baseline").mkdir()
        shutil.copy("ci-gate-check/report.json", "baseline")
    beside = ["--baseline", str(VERSIONS / "older.csv")] if file == "before-publishing.toml" else []
    assert _judged("older", "--config", file, *beside) == int(older)
    assert _judged("newer", "--config", file, *beside) == int(newer)


def test_every_settings_file_of_a_situation_is_on_their_page() -> None:
    files = {path.name for path in RULES.glob("*.toml")}
    assert {row[0].split("`")[1] for row in SITUATIONS} == files
    assert {row[0].split("`")[1] for row in FALSE_ALARMS} == files


def test_what_changed_between_the_two_versions_is_what_their_page_says() -> None:
    assert _judged("newer", "--baseline", str(VERSIONS / "older.csv")) == 1

    (suite,) = json.loads(Path("ci-gate-check/report.json").read_bytes())["suites"]
    *_, newly_failing, fixed = _tables(EXAMPLES / "results" / "README.md")
    comparison = suite["comparison"]
    assert newly_failing == [_told(pair, "matched") for pair in comparison["newly_failing"]]
    assert fixed == [_told(pair, "was") for pair in comparison["fixed"]]
    assert len(comparison["still_failing"]) == 21
    assert (suite["counts"]["utterances"], comparison["added"], comparison["removed"]) == (269, [], [])


def test_the_settings_of_every_situation_judge_runs_of_the_simulator() -> None:
    """Where several suites share a file, every rule must make sense for each of them."""
    shutil.copytree(RULES, ".", dirs_exist_ok=True)
    with Sandbox(scenario=Scenario.REGRESSED) as stage:
        nightly = ("run", "--config", "nightly.toml")
        first = stage.command(*nightly, "--bot-version", "published", "--min-f1", "0.8", "--allow-missing-baseline")
        Path("baseline").mkdir()
        shutil.copy("ci-gate-report/report.json", "baseline")
        published = stage.command(*nightly, "--bot-version", "published")
        worse = stage.command(*nightly)
        request = stage.command("run", "--config", "pull-request.toml")
        publishing = stage.command("compare", stage.suite, "--config", "before-publishing.toml")
    assert [ending.code for ending in (first, published, worse, request, publishing)] == [0, 0, 1, 1, 1]


def _typed(page: Path) -> list[tuple[list[str], int | None]]:
    """Return the commands of a page as words, each with the exit code that the page says it ends with."""
    lines = re.findall(r"^\$ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    codes = (re.search(r"# ends with (\d+)$", line) for line in lines)
    return [
        (shlex.split(line, comments=True), int(code[1]) if code else None)
        for line, code in zip(lines, codes, strict=True)
    ]


@pytest.mark.parametrize("folder", ["results", "rules"])
def test_the_commands_of_a_page_run_one_after_the_other_in_the_root_of_the_checkout(folder: str) -> None:
    shutil.copytree(EXAMPLES, "examples")
    typed = _typed(EXAMPLES / folder / "README.md")
    with Sandbox(scenario=Scenario.REGRESSED) as stage:
        for words, code in typed:
            if words[0] == ".venv/bin/ci-gate":
                assert (stage.command(*words[1:]).code, words) == (code, words)
            else:
                subprocess.run(shlex.join(words).replace("'&&'", "&&"), shell=True, check=True)
    assert [words[0] for words, code in typed if code is None] == (
        [] if folder == "results" else ["mkdir", "rm", "mkdir", "rm"]
    )


def _told(pair: dict[str, str | None], side: str) -> list[str]:
    return [str(pair["utterance"]), str(pair["expected"]), (pair[side] or "(no intent)").replace(" | ", " and ")]


@pytest.mark.parametrize("version", ["older", "newer"])
def test_floors_alone_do_not_tell_the_two_versions_apart(version: str) -> None:
    assert _judged(version, "--min-f1", "0.90", "--min-accuracy", "0.85") == 0
