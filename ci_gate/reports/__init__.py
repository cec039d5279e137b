"""The report formats: one pure function each, from the gate's report to text. A new format is a module and a row here.

The report of a large suite may have many megabytes, so each function yields it in pieces, of which only one at a time
is in memory.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Final

from ci_gate.reports import json_, junit, markdown, text
from ci_gate.reports.junit_cases import JunitCases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ci_gate.core.report import GateReport

JUNIT, REPORT, SUMMARY = "junit.xml", "report.json", "summary.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """What a format may need besides the report. ``links`` maps texts to URLs, ``paths`` output names to files."""

    junit_cases: JunitCases = JunitCases.ALL
    color: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``name`` is the name of its file in the report folder.

    If ``is_file`` is false, there is no such file, and ``name`` is the purpose of the text.
    """

    name: str
    render: Callable[[GateReport, RenderOptions], Iterator[str]]
    _: KW_ONLY
    is_file: bool = True


REPORTS: Final = (
    Format(REPORT, lambda report, _: json_.render(report)),
    Format(SUMMARY, lambda report, _: markdown.render(report)),
    Format(JUNIT, lambda report, options: junit.render(report, cases=options.junit_cases)),
    Format("verdict", lambda report, options: text.render(report, color=options.color), is_file=False),
)
"""The formats that are written wherever the gate runs. A CI system may have further ones."""
