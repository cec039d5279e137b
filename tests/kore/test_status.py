"""The status reply: the end of a run, the values that are read, and the safety of what is shown."""

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
    """Return the status reply of a completed run; ``ABSENT`` leaves a field out."""
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


def read(outer: dict[str, Any] | None = None, inner: dict[str, Any] | None = None, **counts: object) -> RunStatus:
    return read_status(document(outer, inner, **counts))


def in_both_places(fields: dict[str, Any]) -> tuple[RunStatus, RunStatus]:
    """Read a reply with ``fields`` beside the result, and one with them in it."""
    return read(fields), read(None, fields)


def test_completed_run_is_read_completely() -> None:
    status = read()
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


def test_empty_object_is_a_run_about_which_nothing_is_known() -> None:
    status = read_status(b"{}")
    assert (status.state, status.word, status.link) == (RunState.WAITING, "no status word", None)
    assert status.reported == Reported()


@pytest.mark.parametrize(("problem", "bodies"), [
    ("not JSON", (b"", b"<html>Sign in</html>", b'{"status": "comple', b'{"status": "\xff"}')),
    ("not a JSON object", (b"[]", b'"completed"', b"null")),
    ("nested too deeply", (b"[" * 100_000, b'{"a":' * 5000 + b"1" + b"}" * 5000)),
], ids=["no JSON", "no object", "too deep"])  # fmt: skip
def test_other_reply_is_an_error_of_the_platform(problem: str, bodies: tuple[bytes, ...]) -> None:
    for body in bodies:
        with pytest.raises(PlatformError, match=problem):
            read_status(body)


@given(replies)
def test_any_json_object_is_a_status(fields: dict[str, Any]) -> None:
    assert isinstance(read_status(json.dumps(fields).encode()), RunStatus)


@given(st.binary() | values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_status_or_an_error_of_the_platform(body: bytes) -> None:
    try:
        status = read_status(body)
    except PlatformError:
        return
    assert isinstance(status, RunStatus)


@pytest.mark.parametrize(("state", "words"), [
    (RunState.COMPLETED, [
        ("completed", "completed"), ("Completed", " COMPLETED "), ("completed", ABSENT), (ABSENT, "completed"),
        ("completed", None),
    ]),
    (RunState.FAILED, [("failed", "failed"), ("FAILED", ABSENT)]),
    (RunState.CANCELLED, [
        *((word, word) for word in ("cancelled", "canceled", "stopped", "Aborted", "terminated", "KILLED")),
        ("stopped", "cancelled"),
    ]),
    (RunState.WAITING, [
        ("completed", "running"), ("running", "completed"), ("completed", "failed"), ("cancelled", "failed"),
        ("completed", ""), ("running", "running"), ("queued", ABSENT), ("success", "success"),
        ("completed.", "completed."), (ABSENT, ABSENT),
    ]),
], ids=lambda value: value if isinstance(value, RunState) else "")  # fmt: skip
def test_run_has_ended_if_every_status_word_says_so(state: RunState, words: list[tuple[object, object]]) -> None:
    found = [(outer, inner) for outer, inner in words if read({"status": outer}, {"status": inner}).state is not state]
    assert found == []


@given(st.text().filter(lambda word: word.strip().casefold() not in {"completed", "failed"}))
def test_other_word_beside_completed_never_completes_a_run(word: str) -> None:
    assert {status.state for status in in_both_places({"status": word})} == {RunState.WAITING}


@pytest.mark.parametrize(("outer", "inner", "word"), [
    ("running", "running", "running"), ("running", "queued", "running / queued"), (ABSENT, "queued", "queued"),
    (None, ABSENT, "no status word"), (5, ABSENT, "5"), (["failed"], "completed", '["failed"] / completed'),
    ("\x1b[31mred\n::error::", ABSENT, "[31mred ::error::"), ("w" * 100, ABSENT, "w" * 40),
])  # fmt: skip
def test_status_words_are_shown_once_short_and_escaped(outer: object, inner: object, word: str) -> None:
    assert read({"status": outer}, {"status": inner}).word == word


def test_link_is_read_from_the_result_or_beside_it_if_the_file_is_available() -> None:
    for outer, inner, link in (
        (ABSENT, ABSENT, None), (LINK, ABSENT, LINK), (ABSENT, LINK, LINK), (LINK, "", LINK), (ABSENT, " ", None),
        ("https://elsewhere.example.com/f.csv", LINK, LINK), (ABSENT, 5, None), (ABSENT, [LINK], None),
    ):  # fmt: skip
        assert read({"fileUrl": outer}, {"fileUrl": inner}).link == link
    for outer, inner, has_link in (
        (ABSENT, ABSENT, True), (ABSENT, True, True), (ABSENT, None, True), (ABSENT, False, False),
        (False, ABSENT, False), (False, True, True),
    ):  # fmt: skip
        assert (read({"isAvailable": outer}, {"isAvailable": inner}).link is not None) is has_link


def test_count_is_a_number_or_its_text() -> None:
    for value, count in (
        (7, 7), ("7", 7), (" 7 ", 7), (7.0, 7), ("7.00", 7), (0, 0), ("000", 0), (999_999_999, 999_999_999),
        (None, None), (ABSENT, None),
    ):  # fmt: skip
        reported = read(TP=value).reported
        assert (reported.counts.tp, reported.doubts) == (count, ())


def test_count_that_makes_no_sense_is_a_doubt() -> None:
    for value in (
        *(-1, "-1", 7.5, "seven", "", True, False, [7], {"value": 7}, 10**30, 1e30, float("nan"), float("inf")),
        *("٧", "7e0", "1.000"),
    ):
        reported = read(TP=value).reported
        assert (reported.counts.tp, reported.doubts) == (None, ("the status reply's TP is not a count",))
    reported = read_status(document(TP=0).replace(b'"TP": 0', b'"TP": ' + b"9" * 5000)).reported
    assert (reported.counts.tp, reported.doubts) == (None, ("the status reply's TP is not a count",))


def test_key_with_several_values_has_none() -> None:
    body = document(TP=0).replace(b'"TP": 0', b'"TP": 3, "TP": 3, "TP": 7')
    status = read_status(body.replace(b'"status"', b'"status": "failed", "status"'))
    assert status.reported.counts.tp is None
    assert status.state is RunState.WAITING


def test_counts_and_results_that_are_no_objects_are_unknown() -> None:
    for results in (ABSENT, None, [], "TP", 5):
        assert read(None, {"results": results}).reported.counts == Counts(utterances=40)
    for results in ([7, 1], "7/1"):
        assert read({}, {"results": results}).reported.doubts != ()
    for result in (ABSENT, None, [], "completed", 5):
        status = read({"result": result})
        assert (status.reported.counts, status.reported.scores, status.link) == (Counts(utterances=40), {}, None)


def test_size_of_the_suite_is_read_from_either_place_and_a_contradiction_is_a_doubt() -> None:
    for outer, inner, total, count in (
        (40, 40, ABSENT, 40), (40, ABSENT, 40, 40), (ABSENT, 40, 40, 40), (ABSENT, ABSENT, 50, 50),
        (ABSENT, ABSENT, ABSENT, None), ("40", 40.0, ABSENT, 40),
    ):  # fmt: skip
        reported = read({"utterance_count": outer, "totalUtterances": total}, {"utterance_count": inner}).reported
        assert (reported.counts.utterances, reported.doubts) == (count, ())
    reported = read({"utterance_count": 40, "totalUtterances": 50}, {"utterance_count": 39}).reported
    assert reported.doubts == ("the status reply gives several utterance counts: 40, 39, 50",)
    reported = read({"utterance_count": 30}, {"utterance_count": 300}).reported
    assert reported.counts.utterances == 300, "the largest shows how much may be missing"


def test_run_is_complete_only_if_the_flag_clearly_says_so() -> None:
    for value in (False, None, 0, "", "false", "False", "no", "0", ABSENT):
        assert not read({"isPartialFailure": value}, {"isPartialFailure": value}).reported.partial
    for value in (True, 1, "true", "True", "yes", "partly", [], {}, [False], 0.5):
        assert [status.reported.partial for status in in_both_places({"isPartialFailure": value})] == [True, True]


@pytest.mark.parametrize(("fields", "progress"), [
    ({"utterance_ran": 5, "totalUtterances": 40, "percentage": 12}, Progress(fraction=0.125, ran=5, total=40)),
    ({"utterance_ran": "5", "totalUtterances": "40"}, Progress(fraction=0.125, ran=5, total=40)),
    ({"utterance_ran": 41, "totalUtterances": 40}, Progress(fraction=1.0, ran=41, total=40)),
    ({"utterance_ran": 0, "totalUtterances": 40}, Progress(fraction=0.0, ran=0, total=40)),
    ({"utterance_ran": 0, "totalUtterances": 0, "percentage": 50}, Progress(fraction=0.5)),
    ({"utterance_ran": -5, "totalUtterances": 40, "percentage": 50}, Progress(fraction=0.5)),
    ({"totalUtterances": 40, "percentage": "12.5"}, Progress(fraction=0.125)),
    ({"percentage": 130}, Progress(fraction=1.0)),
    *(({"percentage": value}, None) for value in (-3, True, "half", None)), ({"utterance_ran": 5}, None), ({}, None),
])  # fmt: skip
def test_progress_is_utterances_of_the_total_or_a_percentage(fields: dict[str, Any], progress: Progress | None) -> None:
    assert [status.progress for status in in_both_places(fields)] == [progress, progress]


@pytest.mark.parametrize(("text", "score"), [
    ('"0.90"', "0.90"), ("0.90", "0.90"), ("0.9", "0.9"), ("1", "1"), ('" 0.90\\n"', "0.90"), ("NaN", "NaN"),
    ('"NaN"', "NaN"), ("1e999", "1e999"), ("true", None), ("null", None), ('""', None), ("[0.90]", None),
])  # fmt: skip
def test_score_stays_the_text_that_the_platform_wrote(text: str, score: str | None) -> None:
    body = b'{"result": {"f1_score": %s}}' % text.encode()
    assert read_status(body).reported.scores.get(Metric.F1) == score


@pytest.mark.parametrize(("outer", "inner", "ids"), [
    ("x-1", "x-2", ("x-1", "x-2")), (ABSENT, "x-2", (None, "x-2")), ("x-1", ABSENT, ("x-1", None)),
    (5, True, ("5", None)), ("", None, (None, None)), (True, {"id": "x-2"}, (None, None)),
    ("i" * 300, " x-2\n", ("i" * 200, "x-2")),
])  # fmt: skip
def test_ids_are_read_from_both_places(outer: object, inner: object, ids: tuple[str | None, str | None]) -> None:
    reported = read({"_id": outer}, {"_id": inner}).reported
    assert (reported.run_id, reported.inner_run_id) == ids
    assert (reported.bot_id, reported.inner_bot_id) == ("st-1", "st-1")
    reported = read({"streamId": outer}, {"streamId": inner}).reported
    assert (reported.bot_id, reported.inner_bot_id) == ids
    assert (reported.run_id, reported.inner_run_id) == ("tr-1", "tr-1")
    assert reported.doubts == ()


def test_only_contradicting_sums_without_types_are_a_doubt() -> None:
    reported = read(success=3, failure=37).reported
    assert (reported.counts.success, reported.counts.failure, reported.doubts) == (3, 37, ())
    size = {"utterance_count": 40}
    for failure, doubts in ((5, 0), (6, 1)):
        sums = {"success": 35, "failure": failure}
        reported = read(size, {**size, "results": sums}).reported
        assert sum("as success and" in doubt for doubt in reported.doubts) == doubts


@pytest.mark.parametrize("field", ["startTime", "endTime"])
def test_start_and_end_of_a_run_are_read_as_seconds(field: str) -> None:
    usual = {"startTime": 1_751_371_080.25, "endTime": 1_751_371_200.5}
    for text, seconds in (
        ("2025-07-01T12:00:00.500Z", 1_751_371_200.5), ("2025-07-01T14:00:00+02:00", 1_751_371_200.0),
        ("2025-07-01 12:00:00", 1_751_371_200.0), ("soon", None), ("", None), (None, None), ({}, None),
        ("9999-12-31T23:59:59-23:59", None),
    ):  # fmt: skip
        for status in (read({field: text}, {field: ABSENT}), read(None, {field: text})):
            found = {"startTime": status.reported.started, "endTime": status.reported.ended}
            assert found == {**usual, field: seconds}
    reported = read({field: "2025-07-01T12:00:01Z"}, {field: "2025-07-01T12:00:02Z"}).reported
    assert 1_751_371_202.0 in (reported.started, reported.ended), "the one in the result"
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
def test_document_holds_links_without_their_queries(text: str, kept: str) -> None:
    status = read({"list": [{"deep": text}]}, {"fileUrl": text})
    saved = json.loads(status.document)
    assert saved["result"]["fileUrl"] == kept
    assert saved["list"] == [{"deep": kept}]
    assert "SIGNATURE" not in status.document
    assert "SIGNATURE" not in repr(status)


def test_document_is_otherwise_the_reply() -> None:
    status = read()
    saved = json.loads(status.document)
    assert saved.pop("result") | {"fileUrl": LINK} == json.loads(document())["result"]
    assert status.document.endswith("}\n")


@pytest.mark.parametrize("score", ["0.90", "0.9", "1.00", "1e999", "NaN", '"0.90"', "1"])
def test_saved_document_is_read_like_the_reply(score: str) -> None:
    body = document().replace(b'"f1_score": "0.95"', b'"f1_score": ' + score.encode())
    status = read_status(body)
    again = read_status(status.document.encode())
    assert json.loads(status.document, parse_constant=pytest.fail)
    assert again.reported.scores[Metric.F1] == score.strip('"')
    assert replace(again, link=None, document="") == replace(status, link=None, document="")


def test_field_with_several_values_is_a_doubt() -> None:
    for field in ("_id", "streamId"):
        for status in in_both_places({field: ["x-1", "x-2"]}):
            assert status.reported.doubts == (f"the status reply tells {field} several times",)
    for field in ("runType", "botLanguage", "startTime", "endTime", "f1_score", "precision", "recall"):
        reported = read({}, {field: ["one", "two"]}).reported
        assert reported.doubts == (f"the status reply tells {field} several times",)


@pytest.mark.parametrize(("run_id", "is_whole"), [("tr-1", True), ("", True), ("tr-1/x?a", False), ("tr-1#b", True)])
def test_id_that_looks_like_a_link_is_cut(run_id: str, *, is_whole: bool) -> None:
    assert is_kept_whole(run_id) is is_whole
    assert (json.dumps(run_id) in read_status(json.dumps({"_id": run_id}).encode()).document) is is_whole
