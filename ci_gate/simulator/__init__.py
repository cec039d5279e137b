"""A stand-in for the platform on loopback, a second reading of its documents that shares no code with the client."""

from ci_gate.simulator.scenario import Scenario
from ci_gate.simulator.server import Simulator

__all__ = ["Scenario", "Simulator"]
