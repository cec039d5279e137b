"""The formats as a whole: every golden file says what the reports say today."""

from __future__ import annotations

import pytest

from ci_gate.reports import RENDERERS
from tests.reports.builders import reports
from tests.reports.regenerate import FOLDER, rendered

RENDERED = rendered()


@pytest.mark.parametrize("name", RENDERED)
def test_a_report_reads_as_its_golden_file(name: str) -> None:
    assert RENDERED[name] == (FOLDER / name).read_bytes().decode()


def test_every_golden_file_stands_for_a_report() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(RENDERED)


@pytest.mark.parametrize("name", reports())
def test_the_registry_renders_every_ending(name: str) -> None:
    report = reports()[name]
    assert {file: next(render(report))[:1] for file, render in RENDERERS.items()} == {
        "report.json": "{",
        "summary.md": "#",
    }
