"""The list of scenarios as help texts show it."""

from __future__ import annotations

from ci_gate.simulator import Scenario

_WIDTH = max(len(scenario) for scenario in Scenario)

SCENARIO_HELP = "\n".join(["\b", "Scenarios:", *(f"  {s.value:<{_WIDTH}}  {s.description}" for s in Scenario)])
"""One scenario a line, for click to print as it stands."""
