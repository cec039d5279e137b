"""All formats: golden files and grammar."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from ci_gate.output.formats import FORMATS
from ci_gate.reports import RenderOptions
from tests.reports.builders import reports
from tests.reports.regenerate import golden, rendered


def test_reports_equal_their_golden_files() -> None:
    shown, kept = rendered(), golden()
    assert shown.keys() == kept.keys()
    differing = [name for name in shown if shown[name] != kept[name]]
    assert {name: shown[name] for name in differing} == {name: kept[name] for name in differing}


def test_every_format_renders_every_ending_in_its_grammar() -> None:
    assert len({one.name for one in FORMATS}) == len(FORMATS)
    for report in reports().values():
        for one in FORMATS:
            content = "".join(one.render(report, RenderOptions()))
            if one.name.endswith(".xml"):
                ET.fromstring(content.encode())
            if one.name.endswith(".json"):
                json.loads(content)
            if one.name.endswith(".md"):
                assert content.startswith("#")
