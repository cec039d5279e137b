"""Every report format, for tests and tools that cover all of them. Add a format to ``REPORTS`` or to its CI system."""

from __future__ import annotations

from typing import Final

from ci_gate.output.ci.detect import SYSTEMS
from ci_gate.reports import REPORTS

FORMATS: Final = (*REPORTS, *(one for system in SYSTEMS for one in system.formats))
