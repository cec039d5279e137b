"""Facts that a scenario shows twice agree, except for its own fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_gate.core.evidence.readings import possible_readings
from ci_gate.core.evidence.weigh import weigh
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.model import ResultsFile
from ci_gate.kore.results_csv import parse
from ci_gate.kore.status import read_status
from ci_gate.simulator import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.caller import Caller

    Simulate = Callable[..., Caller]

SUITES = ["Banking regression", "Banking smoke", "Airline regression"]
BLOCKING = {
    Scenario.PASSING: set(), Scenario.FAILING: set(), Scenario.REGRESSED: set(),
    Scenario.PARTIAL: {FindingKind.PARTIAL}, Scenario.UNEVALUATED: {FindingKind.NOTHING_MEASURED},
    Scenario.OTHER_BOT: {FindingKind.OTHER_BOT},
}  # fmt: skip


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("version", ["published", "inDevelopment"])
@pytest.mark.parametrize("scenario", BLOCKING)
def test_gate_finds_the_fault_of_the_scenario(simulate: Simulate, scenario: Scenario, version: str, suite: str) -> None:
    caller = simulate(scenario)
    number = 1 if suite.startswith("Airline") else 0
    base = (caller.bank, caller.airline)[number]
    started = caller.clock()
    run_id = caller.run(suite, version=version, base=base)
    while_running = read_status(caller.ask(run_id, suite, base=base).body)
    caller.clock.advance(6)
    reply = read_status(caller.ask(run_id, suite, base=base).body)
    assert reply.link is not None
    file = parse(caller.fetch(reply.link).body)
    assert isinstance(file, ResultsFile)
    (reading,) = possible_readings(file, reply.reported)
    evidence = weigh(
        reply.reported, reading,
        expectation=Expectation(
            run_id=run_id, suite=suite, bot_id=caller.simulator.bots[number].id, bot_version=version, language="en",
            started=started, seen_utterances=while_running.reported.counts.utterances,
        ),
    )  # fmt: skip
    assert {found.kind for found in evidence.findings if found.blocks} == BLOCKING[scenario]
    assert {found.kind for found in evidence.findings if not found.blocks} == set()
