"""The status reply: what counts as an end, what is read of it, and that nothing in it can do harm."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.counts import Counts
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Progress, Reported, RunState, RunStatus
from ci_gate.errors import PlatformError
from ci_gate.kore.status import is_kept_whole, read_status

LINK = "https://files.example.com/api/getMediaStream/media/f-1.csv?e=1&n=2&s=SIGNATURE$$&batchtesting=true"
ABSENT = object()
FIELDS = (
    *("status", "_id", "utterance_count", "totalUtterances", "utterance_ran", "percentage", "result", "results"),
    *("isAvailable", "isPartialFailure", "fileUrl", "endTime", "f1_score", "TP", "runType", "botLanguage"),
    *("streamId", "startTime"),
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["completed", LINK, "0.90"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=8),
    max_leaves=10,
)
results = st.dictionaries(st.sampled_from(FIELDS), values, max_size=8)
replies = st.dictionaries(st.sampled_from(FIELDS), values | results, max_size=8)


def document(top: dict[str, Any] | None = None, result: dict[str, Any] | None = None, **counts: object) -> bytes:
    """Write the reply of a run that completed; ``ABSENT`` leaves a field out."""
    numbers = {
        "TP": 30, "TN": 4, "FP": 1, "FN": 2, "success": 34, "failure": 3, "traitSuccess": 0, "traitFailure": 0,
        "totalEntitiesCount": 12, "matchedEntitiesCount": 11, "failedUtteranceCount": 3, "failedEntitiesCount": 1,
        **counts,
    }  # fmt: skip
    inner = {
        "_id": "tr-1",
        "isPartialFailure": False,
        "status": "completed",
        "isAvailable": True,
        "streamId": "st-1",
        "botLanguage": "en",
        "runType": "inDevelopment",
        "utterance_count": 40,
        "startTime": "2025-07-01T11:58:00.250Z",
        "endTime": "2025-07-01T12:00:00.500Z",
        "__v": 0,
        "f1_score": "0.95",
        "precision": "0.97",
        "recall": "0.94",
        "fileUrl": LINK,
        "results": _present(numbers),
        **(result or {}),
    }
    outer = {
        "_id": "tr-1",
        "streamId": "st-1",
        "status": "completed",
        "utterance_count": 40,
        "result": _present(inner),
        **(top or {}),
    }
    return json.dumps(_present(outer)).encode()


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not ABSENT}


def test_a_completed_run_is_read_whole() -> None:
    status = read_status(document())
    assert (status.state, status.word, status.link) == (RunState.COMPLETED, "completed", LINK)
    assert (status.progress, status.answered_at) == (None, None)
    reported = status.reported
    assert (reported.run_id, reported.inner_run_id) == ("tr-1", "tr-1")
    assert (reported.bot_id, reported.inner_bot_id) == ("st-1", "st-1")
    assert (reported.bot_version, reported.language) == ("inDevelopment", "en")
    assert (reported.started, reported.ended) == (1_751_371_080.25, 1_751_371_200.5)
    assert not reported.partial
    assert reported.doubts == ()
    assert reported.scores == {Metric.F1: "0.95", Metric.PRECISION: "0.97", Metric.RECALL: "0.94"}
    assert reported.counts == Counts(
        utterances=40, tp=30, tn=4, fp=1, fn=2, success=34, failure=3, failed_utterances=3, failed_entities=1,
        entities=12, matched_entities=11,
    )  # fmt: skip


def test_an_empty_object_is_a_run_that_nothing_is_known_of() -> None:
    status = read_status(b"{}")
    assert (status.state, status.word, status.link) == (RunState.WAITING, "no status word", None)
    assert status.reported == Reported()


@pytest.mark.parametrize(("body", "problem"), [
    (b"", "not JSON"),
    (b"<html>Sign in</html>", "not JSON"),
    (b'{"status": "comple', "not JSON"),
    (b'{"status": "\xff"}', "not JSON"),
    (b"[]", "not a JSON object"),
    (b'"completed"', "not a JSON object"),
    (b"null", "not a JSON object"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested too deeply"),
])  # fmt: skip
def test_what_is_no_status_reply_is_an_error_of_the_platform(body: bytes, problem: str) -> None:
    with pytest.raises(PlatformError, match=problem):
        read_status(body)


@given(replies)
def test_any_json_object_is_a_status(fields: dict[str, Any]) -> None:
    assert isinstance(read_status(json.dumps(fields).encode()), RunStatus)


@given(st.binary() | values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_at_all_are_a_status_or_an_error_of_the_platform(body: bytes) -> None:
    try:
        status = read_status(body)
    except PlatformError:
        return
    assert isinstance(status, RunStatus)


@pytest.mark.parametrize(("outer", "inner", "state"), [
    ("completed", "completed", RunState.COMPLETED),
    ("Completed", " COMPLETED ", RunState.COMPLETED),
    ("completed", ABSENT, RunState.COMPLETED),
    (ABSENT, "completed", RunState.COMPLETED),
    ("completed", None, RunState.COMPLETED),
    ("failed", "failed", RunState.FAILED),
    ("FAILED", ABSENT, RunState.FAILED),
    *((word, word, RunState.CANCELLED) for word in ("cancelled", "canceled", "stopped", "Aborted")),
    *((word, word, RunState.CANCELLED) for word in ("terminated", "KILLED")),
    ("stopped", "cancelled", RunState.CANCELLED),
    ("completed", "running", RunState.WAITING),
    ("running", "completed", RunState.WAITING),
    ("completed", "failed", RunState.WAITING),
    ("cancelled", "failed", RunState.WAITING),
    ("completed", "", RunState.WAITING),
    ("running", "running", RunState.WAITING),
    ("queued", ABSENT, RunState.WAITING),
    ("success", "success", RunState.WAITING),
    ("completed.", "completed.", RunState.WAITING),
    (ABSENT, ABSENT, RunState.WAITING),
])  # fmt: skip
def test_a_run_has_ended_when_every_status_word_says_so(outer: object, inner: object, state: RunState) -> None:
    assert read_status(document({"status": outer}, {"status": inner})).state is state


@given(st.text().filter(lambda word: word.strip().casefold() not in {"completed", "failed"}), st.booleans())
def test_a_word_next_to_completed_never_completes_a_run(word: str, outside: bool) -> None:
    place = {"status": word}
    body = document(place if outside else None, None if outside else place)
    assert read_status(body).state is RunState.WAITING


@pytest.mark.parametrize(("outer", "inner", "word"), [
    ("running", "running", "running"), ("running", "queued", "running / queued"), (ABSENT, "queued", "queued"),
    (None, ABSENT, "no status word"), (5, ABSENT, "5"), (["failed"], "completed", '["failed"] / completed'),
    ("\x1b[31mred\n::error::", ABSENT, "[31mred ::error::"), ("w" * 100, ABSENT, "w" * 40),
])  # fmt: skip
def test_the_words_are_told_once_short_and_harmless(outer: object, inner: object, word: str) -> None:
    assert read_status(document({"status": outer}, {"status": inner})).word == word


@pytest.mark.parametrize(("outer", "inner", "link"), [
    (ABSENT, ABSENT, None), (LINK, ABSENT, LINK), (ABSENT, LINK, LINK),
    ("https://elsewhere.example.com/f.csv", LINK, LINK), (LINK, "", LINK), (ABSENT, " ", None), (ABSENT, 5, None),
    (ABSENT, [LINK], None),
])  # fmt: skip
def test_the_link_stands_in_the_result_or_beside_it(outer: object, inner: object, link: str | None) -> None:
    assert read_status(document({"fileUrl": outer}, {"fileUrl": inner})).link == link


@pytest.mark.parametrize(("outer", "inner", "is_there"), [
    (ABSENT, ABSENT, True), (ABSENT, True, True), (ABSENT, None, True), (ABSENT, False, False),
    (False, ABSENT, False), (False, True, True),
])  # fmt: skip
def test_a_file_that_is_not_available_has_no_link(outer: object, inner: object, is_there: bool) -> None:
    status = read_status(document({"isAvailable": outer}, {"isAvailable": inner}))
    assert (status.link is not None) is is_there


@pytest.mark.parametrize("told", ['"1.000"', "9" * 5000])
def test_a_count_of_thousands_is_no_count_of_few(told: str) -> None:
    status = read_status(document(TP=0).replace(b'"TP": 0', b'"TP": ' + told.encode()))
    assert status.reported.counts.tp is None
    assert status.reported.doubts == ("the status reply's TP is not a count",)


def test_a_name_that_is_told_twice_differently_has_no_value() -> None:
    body = (
        document(TP=0)
        .replace(b'"TP": 0', b'"TP": 3, "TP": 3, "TP": 7')
        .replace(b'"status"', b'"status": "failed", "status"')
    )
    status = read_status(body)
    assert status.reported.counts.tp is None
    assert status.state is RunState.WAITING


@pytest.mark.parametrize("told", [[7, 1], "7/1"])
def test_results_that_are_no_object_are_doubtful(told: object) -> None:
    assert read_status(document({}, {"results": told})).reported.doubts != ()


@pytest.mark.parametrize(("value", "count"), [
    (7, 7), ("7", 7), (" 7 ", 7), (7.0, 7), ("7.00", 7), (0, 0), ("000", 0), (999_999_999, 999_999_999),
])  # fmt: skip
def test_a_count_is_a_number_or_its_text(value: object, count: int) -> None:
    status = read_status(document(TP=value))
    assert status.reported.counts.tp == count
    assert status.reported.doubts == ()


@pytest.mark.parametrize("value", [None, ABSENT])
def test_a_count_that_is_missing_is_not_known(value: object) -> None:
    status = read_status(document(TP=value))
    assert status.reported.counts.tp is None
    assert status.reported.doubts == ()


@pytest.mark.parametrize("value", [
    -1, "-1", 7.5, "seven", "", True, False, [7], {"value": 7}, 10**30, 1e30, float("nan"), float("inf"), "٧", "7e0",
])  # fmt: skip
def test_a_count_that_makes_no_sense_is_a_doubt(value: object) -> None:
    reported = read_status(document(TP=value)).reported
    assert reported.counts.tp is None
    assert reported.doubts == ("the status reply's TP is not a count",)


@pytest.mark.parametrize("results", [ABSENT, None, [], "TP", 5])
def test_counts_that_are_not_where_they_belong_are_not_known(results: object) -> None:
    counts = read_status(document(None, {"results": results})).reported.counts
    assert counts == Counts(utterances=40)


@pytest.mark.parametrize("result", [ABSENT, None, [], "completed", 5])
def test_a_result_that_is_no_object_is_no_result(result: object) -> None:
    status = read_status(document({"result": result}))
    assert status.reported.counts == Counts(utterances=40)
    assert status.reported.scores == {}
    assert status.link is None


@pytest.mark.parametrize(("outer", "inner", "total", "count"), [
    (40, 40, ABSENT, 40), (40, ABSENT, 40, 40), (ABSENT, 40, 40, 40), (ABSENT, ABSENT, 50, 50),
    (ABSENT, ABSENT, ABSENT, None), ("40", 40.0, ABSENT, 40),
])  # fmt: skip
def test_the_size_of_the_suite_is_read_from_either_place(
    outer: object, inner: object, total: object, count: int | None
) -> None:
    reported = read_status(
        document({"utterance_count": outer, "totalUtterances": total}, {"utterance_count": inner})
    ).reported
    assert reported.counts.utterances == count
    assert reported.doubts == ()


def test_two_sizes_that_differ_are_a_doubt() -> None:
    reported = read_status(document({"utterance_count": 40, "totalUtterances": 50}, {"utterance_count": 39})).reported
    assert reported.doubts == ("the status reply gives several utterance counts: 40, 39, 50",)


@pytest.mark.parametrize("value", [False, None, 0, "", "false", "False", "no", "0", ABSENT])
def test_a_run_is_whole_when_the_flag_clearly_says_so(value: object) -> None:
    assert not read_status(document({"isPartialFailure": value}, {"isPartialFailure": value})).reported.partial


@pytest.mark.parametrize("value", [True, 1, "true", "True", "yes", "partly", [], {}, [False], 0.5])
@pytest.mark.parametrize("outside", [True, False])
def test_any_other_flag_in_either_place_makes_a_run_partial(value: object, outside: bool) -> None:
    place = {"isPartialFailure": value}
    assert read_status(document(place if outside else None, None if outside else place)).reported.partial


@pytest.mark.parametrize(("fields", "progress"), [
    ({"utterance_ran": 5, "totalUtterances": 40, "percentage": 12}, Progress(fraction=0.125, ran=5, total=40)),
    ({"utterance_ran": "5", "totalUtterances": "40"}, Progress(fraction=0.125, ran=5, total=40)),
    ({"utterance_ran": 41, "totalUtterances": 40}, Progress(fraction=1.0, ran=41, total=40)),
    ({"utterance_ran": 0, "totalUtterances": 40}, Progress(fraction=0.0, ran=0, total=40)),
    ({"utterance_ran": 0, "totalUtterances": 0, "percentage": 50}, Progress(fraction=0.5)),
    ({"utterance_ran": -5, "totalUtterances": 40, "percentage": 50}, Progress(fraction=0.5)),
    ({"totalUtterances": 40, "percentage": "12.5"}, Progress(fraction=0.125)),
    ({"percentage": 130}, Progress(fraction=1.0)),
    ({"percentage": -3}, None),
    ({"percentage": True}, None),
    ({"percentage": "half"}, None),
    ({"percentage": None}, None),
    ({"utterance_ran": 5}, None),
    ({}, None),
])  # fmt: skip
@pytest.mark.parametrize("outside", [True, False])
def test_progress_is_utterances_of_the_total_else_a_percentage(
    fields: dict[str, Any], progress: Progress | None, outside: bool
) -> None:
    assert read_status(document(fields if outside else None, None if outside else fields)).progress == progress


@pytest.mark.parametrize(("text", "score"), [
    ('"0.90"', "0.90"), ("0.90", "0.90"), ("0.9", "0.9"), ("1", "1"), ('" 0.90\\n"', "0.90"), ("NaN", "NaN"),
    ('"NaN"', "NaN"), ("1e999", "1e999"), ("true", None), ("null", None), ('""', None), ("[0.90]", None),
])  # fmt: skip
def test_a_score_stays_the_text_that_the_platform_wrote(text: str, score: str | None) -> None:
    body = b'{"result": {"f1_score": %s}}' % text.encode()
    assert read_status(body).reported.scores.get(Metric.F1) == score


@pytest.mark.parametrize(("outer", "inner", "ids"), [
    ("x-1", "x-2", ("x-1", "x-2")), (ABSENT, "x-2", (None, "x-2")), ("x-1", ABSENT, ("x-1", None)),
    (5, True, ("5", None)), ("", None, (None, None)), (True, {"id": "x-2"}, (None, None)),
    ("i" * 300, " x-2\n", ("i" * 200, "x-2")),
])  # fmt: skip
def test_run_and_bot_are_those_that_the_reply_names_and_those_that_its_result_does(
    outer: object, inner: object, ids: tuple[str | None, str | None]
) -> None:
    reported = read_status(document({"_id": outer}, {"_id": inner})).reported
    assert (reported.run_id, reported.inner_run_id) == ids
    assert (reported.bot_id, reported.inner_bot_id) == ("st-1", "st-1")
    reported = read_status(document({"streamId": outer}, {"streamId": inner})).reported
    assert (reported.bot_id, reported.inner_bot_id) == ids
    assert (reported.run_id, reported.inner_run_id) == ("tr-1", "tr-1")
    assert reported.doubts == ()


def test_successes_that_are_not_those_of_the_utterances_are_for_others_to_judge() -> None:
    reported = read_status(document(success=3, failure=37)).reported
    assert (reported.counts.success, reported.counts.failure, reported.doubts) == (3, 37, ())


@pytest.mark.parametrize(("text", "seconds"), [
    ("2025-07-01T12:00:00.500Z", 1_751_371_200.5), ("2025-07-01T14:00:00+02:00", 1_751_371_200.0),
    ("2025-07-01 12:00:00", 1_751_371_200.0), ("soon", None), ("", None), (None, None), ({}, None),
    ("9999-12-31T23:59:59-23:59", None),
])  # fmt: skip
@pytest.mark.parametrize("outside", [True, False])
@pytest.mark.parametrize("field", ["startTime", "endTime"])
def test_start_and_end_of_a_run_are_read_as_seconds(
    field: str, text: object, seconds: float | None, outside: bool
) -> None:
    place, nothing = {field: text}, {field: ABSENT}
    reported = read_status(document(place if outside else None, nothing if outside else place)).reported
    assert {"startTime": reported.started, "endTime": reported.ended} == {
        "startTime": 1_751_371_080.25,
        "endTime": 1_751_371_200.5,
        field: seconds,
    }


@pytest.mark.parametrize("field", ["startTime", "endTime"])
def test_the_moments_in_the_result_go_before_those_beside_it(field: str) -> None:
    outer, inner = {field: "2025-07-01T12:00:01Z"}, {field: "2025-07-01T12:00:02Z"}
    reported = read_status(document(outer, inner)).reported
    assert 1_751_371_202.0 in (reported.started, reported.ended)
    assert 1_751_371_201.0 not in (reported.started, reported.ended)


@pytest.mark.parametrize(("text", "kept"), [
    (LINK, LINK.partition("?")[0]),
    (f"  {LINK}", f"  {LINK.partition('?')[0]}"),
    ("HTTP://files.example.com?s=SIGNATURE", "HTTP://files.example.com"),
    ("//files.example.com/f.csv?s=SIGNATURE", "//files.example.com/f.csv"),
    ("/media/f.csv?s=SIGNATURE", "/media/f.csv"),
    ("media/f-1.csv?s=SIGNATURE", "media/f-1.csv"),
    ("f-1.csv?s=SIGNATURE", "f-1.csv"),
    ("https://files.example.com/f.csv#s=SIGNATURE", "https://files.example.com/f.csv"),
    ("https://files.example.com/f.csv?a b\ns=SIGNATURE", "https://files.example.com/f.csv"),
    ("see https://files.example.com/f.csv?s=SIGNATURE", "see https://files.example.com/f.csv"),
    ("https://files.example.com/f.csv", "https://files.example.com/f.csv"),
    ("what now?", "what now?"),
    ("suite #1", "suite #1"),
])  # fmt: skip
def test_the_document_holds_links_without_their_queries(text: str, kept: str) -> None:
    status = read_status(document({"list": [{"deep": text}]}, {"fileUrl": text}))
    saved = json.loads(status.document)
    assert saved["result"]["fileUrl"] == kept
    assert saved["list"] == [{"deep": kept}]
    assert "SIGNATURE" not in status.document
    assert "SIGNATURE" not in repr(status)


def test_the_document_is_otherwise_the_reply() -> None:
    status = read_status(document())
    saved = json.loads(status.document)
    assert saved.pop("result") | {"fileUrl": LINK} == json.loads(document())["result"]
    assert status.document.endswith("}\n")


@pytest.mark.parametrize("score", ["0.90", "0.9", "1.00", "1e999", "NaN", '"0.90"', "1"])
def test_a_saved_document_is_read_like_the_reply_itself(score: str) -> None:
    body = document().replace(b'"f1_score": "0.95"', b'"f1_score": ' + score.encode())
    status = read_status(body)
    again = read_status(status.document.encode())
    assert json.loads(status.document, parse_constant=pytest.fail)
    assert again.reported.scores[Metric.F1] == score.strip('"')
    assert replace(again, link=None, document="") == replace(status, link=None, document="")


@pytest.mark.parametrize("field", ["_id", "streamId"])
@pytest.mark.parametrize("place", ["outside", "inside"])
def test_an_id_that_is_told_several_times_is_a_doubt(field: str, place: str) -> None:
    told = {field: ["x-1", "x-2"]}
    reported = read_status(document(told if place == "outside" else {}, told if place == "inside" else {})).reported
    assert reported.doubts == (f"the status reply tells {field} several times",)


@pytest.mark.parametrize("field", ["runType", "botLanguage", "startTime", "endTime", "f1_score", "precision", "recall"])
def test_what_a_result_tells_several_times_is_a_doubt(field: str) -> None:
    reported = read_status(document({}, {field: ["one", "two"]})).reported
    assert reported.doubts == (f"the status reply tells {field} several times",)


def test_of_several_sizes_the_largest_shows_how_much_may_be_missing() -> None:
    reported = read_status(document({"utterance_count": 30}, {"utterance_count": 300})).reported
    assert reported.counts.utterances == 300


def test_halves_that_do_not_make_the_suite_are_a_doubt_where_no_types_are_told() -> None:
    size = {"utterance_count": 40}
    for failure, doubts in ((5, 0), (6, 1)):
        told = {"success": 35, "failure": failure}
        reported = read_status(document(size, {**size, "results": told})).reported
        assert sum("as success and" in doubt for doubt in reported.doubts) == doubts


@pytest.mark.parametrize(("run_id", "is_whole"), [("tr-1", True), ("", True), ("tr-1/x?a", False), ("tr-1#b", True)])
def test_an_id_that_looks_like_a_link_is_not_kept_whole(run_id: str, *, is_whole: bool) -> None:
    assert is_kept_whole(run_id) is is_whole
    assert (json.dumps(run_id) in read_status(json.dumps({"_id": run_id}).encode()).document) is is_whole
