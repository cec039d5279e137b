"""All formats together, for whoever must try each of them; a new one goes into ``REPORTS`` or to its CI system."""

from __future__ import annotations

from typing import Final

from ci_gate.output.ci.detect import SYSTEMS
from ci_gate.reports import REPORTS

FORMATS: Final = (*REPORTS, *(one for system in SYSTEMS for one in system.formats))
