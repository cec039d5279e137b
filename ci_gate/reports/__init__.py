"""The reports: one pure function per format, from the gate's answer to text. A new one is a module and a row here.

A large suite makes a report of many megabytes. Each piece is made when it is asked for, so that never more than one of
them is held.
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
    """What a format may need besides the report; ``links`` lead from texts to URLs, ``paths`` from names to files."""

    junit_cases: JunitCases = JunitCases.ALL
    color: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """One format; ``name`` is that of its file in the report folder, or the purpose of what is no file there."""

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
"""Those that there are wherever the gate runs; a CI system may have more."""
