"""The reports: one pure function per format, from the gate's answer to text, which comes in pieces.

A large suite makes a report of many megabytes. Each piece is made when it is asked for, so that never more than one of
them is held.

``RENDERERS`` holds the files that need nothing but the report. ``junit.xml`` is not among them, since how many cases it
lists is the user's choice: ``junit.render(report, cases=…)``. The verdict on standard output is ``text.render``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ci_gate.reports import json_, markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from ci_gate.core.report import GateReport

    Renderer: TypeAlias = Callable[[GateReport], Iterator[str]]

RENDERERS: Final[Mapping[str, Renderer]] = MappingProxyType(
    {"report.json": json_.render, "summary.md": markdown.render}
)
"""File name to renderer."""
