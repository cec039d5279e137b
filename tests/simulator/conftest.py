"""Simulators that are closed with their test."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.simulator import Scenario, Simulator
from tests.simulator.caller import Caller, Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def simulate() -> Iterator[Callable[..., Caller]]:
    """Yield a function that starts a simulator and returns a caller of it, with a clock that stands still."""
    with ExitStack() as stack:

        def start(scenario: Scenario = Scenario.PASSING, **options: Any) -> Caller:
            clock = Clock()
            return Caller(stack.enter_context(Simulator(scenario=scenario, clock=clock, **options)), clock)

        yield start


@pytest.fixture
def caller(simulate: Callable[..., Caller]) -> Caller:
    """Return a caller of a simulator of the passing scenario."""
    return simulate()
