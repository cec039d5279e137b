"""The endpoints: the documented answers and refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from ci_gate.simulator import Scenario
from tests.simulator.caller import SUITE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.caller import Caller

NO_SUCH_SUITE = (400, "Test Suite not found", 400)
NO_SUCH_RUN = (400, "Test Result not found.", 400)
BAD_BODY = (412, "Validation errors/ Invalid arguments", 412)
BUSY = (400, "Another batch test execution is in progress for this bot", 400)
BODY = b'{"version": "published"}'


def test_run_is_accepted_with_an_id(caller: Caller) -> None:
    response = caller.order()
    assert response.status == 200
    assert set(response.document) == {"status", "requestId"}
    assert response.document["status"] == "accepted"
    assert response.document["requestId"].startswith("tr-")
    assert response.content_type == "application/json; charset=utf-8"
    assert json.loads(response.body)


def test_older_path_leads_to_the_same_bot(caller: Caller) -> None:
    older = caller.bank.replace("/bot/", "/stream/")
    run_id = caller.run(base=older)
    assert caller.status(run_id)["_id"] == run_id


def test_engine_is_optional(caller: Caller, simulate: Callable[..., Caller]) -> None:
    for one, body in ((caller, b'{"version": "published", "engine": "regression"}'), (simulate(), BODY)):
        assert one.call("POST", f"{one.bank}/{quote(SUITE)}/run", body).status == 200


def test_bad_body_is_refused(caller: Caller) -> None:
    path = f"{caller.bank}/{quote(SUITE)}/run"
    for body in (
        *(
            None,
            b"",
            b"{",
            b"\xff",
            b"[]",
            b"{}",
            b"[" * 60_000,
            b'{"version": "draft"}',
            b'{"version": ["published"]}',
        ),
        b'{"version": "published", "engine": 5}',
    ):
        assert caller.call("POST", path, body).error == BAD_BODY
    assert caller.call("POST", path, headers={"Content-Length": "many"}).error == BAD_BODY
    too_large = caller.call("POST", path, headers={"Content-Length": "1000000"})
    assert too_large.error == (413, "Request Entity Too Large", 413)


def test_status_of_an_open_run_has_its_progress(caller: Caller) -> None:
    run_id = caller.run()
    caller.clock.advance(3)
    status = caller.status(run_id)
    count = status["utterance_count"]
    result = status.pop("result")
    bot = caller.simulator.bots[0]
    assert status == {
        "_id": run_id, "streamId": bot.id, "testSuiteId": bot.contents[0].id, "status": "running",
        "utterance_count": count, "totalUtterances": count, "utterance_ran": count // 2, "percentage": 49,
    }  # fmt: skip
    assert result == {
        "_id": run_id, "isPartialFailure": False, "status": "running", "testSuiteId": bot.contents[0].id,
        "triggeredBy": result["triggeredBy"], "streamId": bot.id, "botLanguage": "en", "runType": "inDevelopment",
        "utterance_count": count, "startTime": "2025-07-01T12:00:00.000Z", "__v": 0,
    }  # fmt: skip


def test_progress_is_linear_and_ends_with_the_duration(caller: Caller) -> None:
    run_id = caller.run("Banking smoke")
    seen = []
    for _ in range(6):
        seen.append(caller.status(run_id, "Banking smoke")["utterance_ran"])
        caller.clock.advance(1)
    assert seen == [0, 7, 14, 22, 29, 36]
    assert caller.status(run_id, "Banking smoke")["status"] == "completed"


def test_status_of_a_completed_run_has_scores_counts_and_file(caller: Caller) -> None:
    status = caller.completed("Banking smoke")
    result = status["result"]
    assert set(status) == {"_id", "streamId", "testSuiteId", "status", "utterance_count", "result"}
    assert status["status"] == result["status"] == "completed"
    assert (result["startTime"], result["endTime"]) == ("2025-07-01T12:00:00.000Z", "2025-07-01T12:00:06.000Z")
    assert (result["isAvailable"], result["isPartialFailure"]) == (True, False)
    assert (result["f1_score"], result["precision"], result["recall"]) == ("0.97", "0.95", "1.00")
    assert len(bytes.fromhex(result["fileId"])) == 12
    assert result["fileUrl"].startswith(f"{caller.simulator.url}/api/getMediaStream/media/f-")
    assert result["results"] == {
        "TP": 38, "TN": 4, "FP": 2, "FN": 0, "success": 42, "failure": 2, "traitSuccess": 0, "traitFailure": 0,
        "totalEntitiesCount": 12, "matchedEntitiesCount": 11, "totalTraitsCount": 0, "matchedTraitsCount": 0,
        "failedUtteranceCount": 0, "failedEntitiesCount": 0,
    }  # fmt: skip


def test_run_without_a_duration_completes_at_once(simulate: Callable[..., Caller]) -> None:
    caller = simulate(duration=0)
    assert caller.status(caller.run())["status"] == "completed"


def test_version_and_language_of_the_run_are_returned(caller: Caller) -> None:
    path = f"{caller.bank}/{quote(SUITE)}"
    run_id = caller.call("POST", f"{path}/run", BODY, {"bot-language": "es"}).document["requestId"]
    for headers in ({"bot-language": "de"}, {}):
        result = caller.call("GET", f"{path}/{run_id}/status", headers=headers).document["result"]
        assert (result["botLanguage"], result["runType"]) == ("es", "published")
    caller.clock.advance(6)
    assert caller.status(caller.run(version="inDevelopment"))["result"]["runType"] == "inDevelopment"


def test_unknown_suite_or_run_is_refused(caller: Caller) -> None:
    for name in ("Banking regresion", "banking regression", "a/b?c#d%", "Airline regression"):
        assert caller.order(name).error == NO_SUCH_SUITE
        assert caller.ask("tr-1", name).error == NO_SUCH_SUITE
    run_id = caller.run()
    assert caller.ask("tr-1").error == NO_SUCH_RUN
    assert caller.ask(run_id, "Banking smoke").error == NO_SUCH_RUN
    assert caller.ask(run_id, "Airline regression", base=caller.airline).error == NO_SUCH_RUN


def test_bot_takes_one_run_at_a_time(caller: Caller) -> None:
    caller.run()
    assert caller.order("Banking smoke").error == BUSY
    assert caller.order("Airline regression", base=caller.airline).status == 200
    caller.clock.advance(6)
    assert caller.order("Banking smoke").status == 200


def test_wrong_method_or_path_is_refused(caller: Caller) -> None:
    for method, path in (
        ("GET", "/Banking%20smoke/run"), ("POST", "/Banking%20smoke/tr-1/status"), ("DELETE", ""), ("PUT", ""),
        ("PATCH", ""),
    ):  # fmt: skip
        assert caller.call(method, caller.bank + path).error == (405, "Method Not Allowed", 405)
    for path in (
        "/",
        "/api/public/bot/",
        "/api/1.2/public",
        f"{caller.bank}/Banking%20smoke",
        f"{caller.bank}/a/b/c/d",
    ):
        assert caller.call("GET", path).error == (404, "Not Found", 404)


def test_suites_are_listed_by_id(caller: Caller) -> None:
    listed = caller.call("GET", f"{caller.bank}?skip=0&limit=10").document
    regression, smoke = caller.simulator.bots[0].contents
    assert list(listed) == ["count", "moreAvailable", regression.id, smoke.id, "AllMlUtterances", "Last100sentences"]
    assert (listed["count"], listed["moreAvailable"]) == (2, False)
    about = {"name": "Banking smoke", "description": smoke.description}
    assert listed[smoke.id] == {"testSuiteType": "custom", **about, "results": []}
    assert listed["AllMlUtterances"] == {"testSuiteType": "prebuilt", "results": []}


def test_list_has_pages(caller: Caller) -> None:
    suites = caller.simulator.bots[0].contents
    for query, shown, more in (
        ("", [0, 1], False), ("?limit=1", [0], True), ("?skip=1&limit=1", [1], False), ("?skip=7", [], False),
    ):  # fmt: skip
        listed = caller.call("GET", caller.bank + query).document
        assert [key for key in listed if key.startswith("ts-")] == [suites[index].id for index in shown]
        assert listed["moreAvailable"] is more
    for query in ("?skip=-1", "?limit=all"):
        assert caller.call("GET", caller.bank + query).error == BAD_BODY


def test_listed_runs_have_scores_once_completed(caller: Caller) -> None:
    completed = caller.completed("Banking smoke")
    running = caller.run("Banking smoke")
    listed = caller.call("GET", caller.bank).document[completed["testSuiteId"]]["results"]
    counts = {name: count for name, count in completed["result"]["results"].items() if "trait" not in name.lower()}
    scores = {name: completed["result"][name] for name in ("recall", "precision", "f1_score")}
    assert listed == [
        {"_id": completed["_id"].replace("tr-", "tx-"), "version": "inDevelopment", "results": counts} | scores,
        {"_id": running.replace("tr-", "tx-"), "version": "inDevelopment"},
    ]


def test_scenario_of_an_unknown_suite_still_lists_its_suites(simulate: Callable[..., Caller]) -> None:
    caller = simulate(Scenario.UNKNOWN_SUITE)
    assert caller.order().error == NO_SUCH_SUITE
    assert caller.ask("tr-1").error == NO_SUCH_SUITE
    assert SUITE in caller.call("GET", caller.bank).body.decode()
