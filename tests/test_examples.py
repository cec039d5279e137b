"""The examples end as their folders say; a file added to one of them is tested as well."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ci_gate.cli.app import main
from ci_gate.config.given import Given
from ci_gate.config.sources import read_file
from ci_gate.core.thresholds import read_threshold

EXAMPLES = Path(__file__).parents[1] / "examples"
CONFIG = EXAMPLES / "ci-gate.toml"
CODES = {"passing": 0, "failing": 1, "unjudged": 5}
RESULTS = sorted((EXAMPLES / "results").glob("*/*.csv"))
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
    file = read_file(Given((str(CONFIG),), "--config"))

    assert [suite.name for suite in file.suites] == [
        "Everyday banking",
        "Card services",
        "Flight changes",
        "Baggage and check-in",
    ]
    bound = read_threshold("min_f1", file.common["min_f1"].texts[0])
    assert bound is not None
    assert bound.bound_text == "0.90"
