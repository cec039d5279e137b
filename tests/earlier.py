"""The report folder of an earlier run that passed."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from ci_gate.reports import REPORTS

GREEN_JUNIT = """\
<testsuites name="ci-gate" tests="1"><testsuite name="smoke" tests="1"><testcase name="f1"/></testsuite></testsuites>
"""
REPORT = {"schema_version": 2, "tool": {"name": "ci-gate"}, "exit_code": 0, "suites": [{"label": "smoke"}]}
OWN = (*(one.name for one in REPORTS if one.is_file), "smoke.results.csv", "smoke.status.json")
FOREIGN = ("notes.txt", "screenshot.results.csv", "other.status.json", "sub/report.json")


def leave_green(folder: str) -> Path:
    """Write the files of an earlier run of a suite "smoke" that passed, and files that are not the gate's."""
    path = Path(folder)
    (path / "sub").mkdir(parents=True)
    for name in (*OWN, *FOREIGN):
        (path / name).write_text("yesterday", encoding="utf-8")
    (path / "junit.xml").write_text(GREEN_JUNIT, encoding="utf-8")
    (path / "summary.md").write_text("## ✅ PASSED: <code>smoke</code>", encoding="utf-8")
    (path / "report.json").write_text(json.dumps(REPORT, indent=2), encoding="utf-8")
    return path


def problems_in(junit: Path) -> list[str]:
    """Return the messages of all failures and errors in a JUnit file."""
    root = ET.fromstring(junit.read_bytes())
    return [element.get("message", "") for tag in ("failure", "error") for element in root.iter(tag)]
