"""The one list of the formats that the gate reports in, those of CI systems included."""

from __future__ import annotations

from typing import Final

from ci_gate.output.ci.detect import SYSTEMS
from ci_gate.reports import REPORTS

FORMATS: Final = (*REPORTS, *(one for system in SYSTEMS for one in system.formats))
