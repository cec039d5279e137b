"""Scenarios as they appear on the wire."""

from __future__ import annotations

import csv
import http.client
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from ci_gate.simulator import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.caller import Caller

    Simulate = Callable[..., Caller]

RATE_LIMITED = (429, "Rate limit for this API has been reached. Please try again after some time.", 429)
SERVER_ERROR = (500, "Internal Server Error", 500)


def test_every_scenario_has_a_word_and_a_description_of_one_line() -> None:
    assert " ".join(Scenario) == (
        "passing failing regressed slow late-file expired-link flaky platform-failed cancelled unknown-suite stuck "
        "partial no-results unevaluated other-bot denied no-scope"
    )
    for scenario in Scenario:
        assert Scenario(scenario.value) is scenario
        assert 10 < len(scenario.description) < 90
        assert "\n" not in scenario.description


def test_scores_of_failing_and_regressed_are_poor(simulate: Simulate) -> None:
    result = simulate(Scenario.FAILING).completed()["result"]
    assert float(result["f1_score"]) < 0.86
    assert result["results"]["failure"] > 60
    caller = simulate(Scenario.REGRESSED)
    scores = []
    for version in ("published", "inDevelopment"):
        run_id = caller.run(version=version)
        caller.clock.advance(6)
        scores.append(caller.status(run_id)["result"]["f1_score"])
    assert scores == ["0.95", "0.91"]


def test_slow_takes_four_times_as_long(simulate: Simulate) -> None:
    caller = simulate(Scenario.SLOW)
    run_id = caller.run()
    caller.clock.advance(23)
    assert caller.status(run_id)["percentage"] == 95
    caller.clock.advance(1)
    assert caller.status(run_id)["status"] == "completed"


def test_file_is_late_or_never_available(simulate: Simulate) -> None:
    caller = simulate(Scenario.LATE_FILE)
    early = caller.completed()
    assert early["status"] == "completed"
    assert early["result"]["isAvailable"] is False
    assert not {"fileUrl", "fileId"} & set(early["result"])
    caller.clock.advance(4)
    assert "fileUrl" not in caller.status(early["_id"])["result"]
    caller.clock.advance(1)
    late = caller.status(early["_id"])["result"]
    assert late["isAvailable"] is True
    assert caller.fetch(late["fileUrl"]).status == 200
    caller = simulate(Scenario.NO_RESULTS)
    run_id = caller.completed()["_id"]
    caller.clock.advance(1_000_000)
    result = caller.status(run_id)["result"]
    assert (result["status"], result["isAvailable"], result["f1_score"]) == ("completed", False, "0.96")
    assert "fileUrl" not in result


def test_expired_link_is_followed_by_a_good_one(simulate: Simulate) -> None:
    caller = simulate(Scenario.EXPIRED_LINK)
    first = caller.completed()
    assert caller.fetch(first["result"]["fileUrl"]).error == (403, "Link has expired", 403)
    assert caller.fetch(caller.status(first["_id"])["result"]["fileUrl"]).status == 200


def test_a_flaky_run_call_is_rate_limited_once(simulate: Simulate) -> None:
    caller = simulate(Scenario.FLAKY)
    assert caller.order().error == RATE_LIMITED
    assert caller.order().status == 200


def test_a_flaky_status_call_goes_wrong_in_four_ways_and_then_works(simulate: Simulate) -> None:
    caller = simulate(Scenario.FLAKY)
    caller.order()
    run_id = caller.run()
    assert caller.ask(run_id).error == RATE_LIMITED
    assert caller.ask(run_id).error == SERVER_ERROR
    with pytest.raises(ConnectionResetError) as reset:
        caller.ask(run_id)
    assert not isinstance(reset.value, http.client.RemoteDisconnected)  # a reset, not a mere hanging up
    with pytest.raises(http.client.IncompleteRead):
        caller.ask(run_id)
    assert [caller.ask(run_id).status for _ in range(3)] == [200, 200, 200]


def test_a_flaky_file_is_torn_then_an_error_then_whole(simulate: Simulate) -> None:
    caller = simulate(Scenario.FLAKY)
    caller.order()
    run_id = caller.run()
    for _ in range(2):
        caller.ask(run_id)
    with pytest.raises(ConnectionResetError):
        caller.ask(run_id)
    with pytest.raises(http.client.IncompleteRead):
        caller.ask(run_id)
    caller.clock.advance(6)
    link = caller.status(run_id)["result"]["fileUrl"]
    with pytest.raises(http.client.IncompleteRead) as torn:
        caller.fetch(link)
    assert caller.fetch(link).error == SERVER_ERROR
    whole = caller.fetch(link).body
    assert whole.startswith(torn.value.partial)
    assert len(torn.value.partial) == len(whole) // 2


@pytest.mark.parametrize("word", ["platform-failed", "cancelled"])
def test_a_run_that_ends_early_has_an_end_but_no_scores(simulate: Simulate, word: str) -> None:
    caller = simulate(Scenario(word))
    run_id = caller.run()
    caller.clock.advance(2)
    assert caller.status(run_id)["percentage"] == 33
    caller.clock.advance(1)
    status = caller.status(run_id)
    assert status["status"] == status["result"]["status"] == word.removeprefix("platform-")
    assert status["result"]["endTime"] == "2025-07-01T12:00:02.400Z"
    assert status["result"]["isAvailable"] is False
    assert not {"results", "f1_score", "fileUrl"} & set(status["result"])
    assert caller.order().status == 200


def test_a_stuck_run_stays_at_forty_percent_and_keeps_its_bot_busy(simulate: Simulate) -> None:
    caller = simulate(Scenario.STUCK)
    run_id = caller.run("Airline regression", base=caller.airline)
    seen = set()
    for _ in range(3):
        caller.clock.advance(1000)
        status = caller.status(run_id, "Airline regression", base=caller.airline)
        seen.add((status["status"], status["utterance_ran"], status["totalUtterances"], status["percentage"]))
    assert seen == {("running", 83, 208, 39)}
    assert caller.order("Airline regression", base=caller.airline).status == 400


def test_partial_counts_add_up_to_fewer_utterances_than_the_suite_has(simulate: Simulate) -> None:
    caller = simulate(Scenario.PARTIAL)
    run_id = caller.run()
    running = caller.status(run_id)
    assert running["result"]["isPartialFailure"] is False
    caller.clock.advance(6)
    status = caller.status(run_id)
    counts = status["result"]["results"]
    assert status["result"]["isPartialFailure"] is True
    assert sum(counts[name] for name in ("TP", "TN", "FP", "FN")) == status["utterance_count"]
    assert counts["failedUtteranceCount"] == 0
    assert status["utterance_count"] < running["utterance_count"]


def test_unevaluated_looks_completed_and_counts_nothing(simulate: Simulate) -> None:
    caller = simulate(Scenario.UNEVALUATED)
    status = caller.completed()
    result, count = status["result"], status["utterance_count"]
    assert (result["isPartialFailure"], result["isAvailable"]) == (False, True)
    assert {result[name] for name in ("f1_score", "precision", "recall")} == {"0.00"}
    assert {name: number for name, number in result["results"].items() if number} == {
        "failure": count,
        "failedUtteranceCount": count,
    }
    rows = [row for row in csv.reader(StringIO(caller.fetch(result["fileUrl"]).body.decode())) if len(row) == 17][1:]
    assert len(rows) >= count
    assert {(row[2], row[5], row[9]) for row in rows} == {("None", "", "")}


def test_platform_that_confuses_bots_names_the_other_one_everywhere(simulate: Simulate) -> None:
    caller = simulate(Scenario.OTHER_BOT)
    bank, airline = caller.simulator.bots
    for suite, base, other in ((bank.suites[0], caller.bank, airline), (airline.suites[0], caller.airline, bank)):
        run_id = caller.run(suite, base=base)
        while_running = caller.status(run_id, suite, base=base)
        caller.clock.advance(6)
        at_its_end = caller.status(run_id, suite, base=base)
        for status in (while_running, at_its_end):
            assert {status["streamId"], status["result"]["streamId"]} == {other.id}
        rows = csv.reader(StringIO(caller.fetch(at_its_end["result"]["fileUrl"]).body.decode()))
        assert next(rows) == ["Bot Name:", other.name]


def test_client_without_rights_is_refused_everywhere(simulate: Simulate) -> None:
    for scenario, message in (
        (Scenario.DENIED, "Invalid SDK credentials"),
        (Scenario.NO_SCOPE, "Permission denied. Scope is incorrect!"),
    ):
        caller = simulate(scenario)
        refused = [caller.order().error, caller.ask("tr-1").error, caller.call("GET", caller.bank).error]
        assert refused == [(401, message, 4002)] * 3
        assert caller.bare("GET", caller.bank).error == (401, "Invalid SDK credentials", 4002)
