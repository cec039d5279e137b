"""A report is read back: a run is compared with it as with the file that it was made from, or it says why not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.assess import assess
from ci_gate.core.comparison.baseline import Baseline, Origin, with_current_keys
from ci_gate.core.comparison.compare import compare, matched
from ci_gate.core.counts import Counts
from ci_gate.core.duplicates import collapsed
from ci_gate.core.findings import NEVER_A_BASELINE, TOLERABLE, Expectation, FindingKind
from ci_gate.core.model import Reported, ResultsFile, ResultType, Utterance
from ci_gate.core.names import is_hash, normalised, utterance_key, utterance_key_of_version_1
from ci_gate.core.report import GateReport, Source, Subject
from ci_gate.core.rules import Rules
from ci_gate.core.verdict import Verdict
from ci_gate.reports.json_ import render
from ci_gate.reports.read_back import read_report
from tests.reports.builders import case, reports

INTENTS = st.lists(st.sampled_from(["Pay bill", "Send money", "trait: Loud||Calm"]), max_size=2, unique=True).map(tuple)


@st.composite
def suites(draw: st.DrawFn) -> tuple[Utterance, ...]:
    """Draw the cases of a run; utterances may come twice."""
    cases = []
    for row in range(draw(st.integers(1, 8))):
        utterance = draw(st.sampled_from(["pay it", "pay  it", "señor", "👩‍💻", 'say "no"\n']))
        expected, matched, parent = draw(INTENTS), draw(INTENTS), draw(st.sampled_from([None, "Small talk"]))
        # What the platform calls right is TP where something is expected, else TN; how it counts an error is its own.
        right = ResultType.TP if expected else ResultType.TN
        cases.append(
            Utterance(
                key=utterance_key(utterance, expected, parent), text=utterance, expected=expected, matched=matched,
                parent_intent=parent,
                result_type=draw(st.sampled_from([right, ResultType.FP, ResultType.FN, ResultType.NOT_EVALUATED])),
                entities=1, matched_entities=1, row=row + 2,
            ),
        )  # fmt: skip
    return tuple(cases)


def written(cases: tuple[Utterance, ...], source: Source = Source.RUN, *, hidden: bool = False) -> bytes:
    """Write the report of a run with these cases."""
    said = Reported(
        suite="Smoke of March",
        bot_name="Teller",
        bot_version="published",
        language="en",
        counts=Counts(utterances=len(cases)),
    )
    outcome = assess(
        Subject(label="smoke", suite="Smoke", source=source, bot_id="st-1", run_id="tr-1", engine="dgpt"), status=None,
        results=ResultsFile(raw=b"", reported=said, utterances=cases), rules=Rules(), expectation=Expectation(),
        today=date(2027, 1, 31), hash_utterances=hidden,
    )  # fmt: skip
    moment = datetime(2027, 1, 31, tzinfo=UTC)
    return "".join(render(GateReport(suites=(outcome.report,), started=moment, finished=moment))).encode()


def as_version_1(raw: bytes, cases: tuple[Utterance, ...]) -> bytes:
    """Write a report as the first version of the document would have been."""
    whole = json.loads(raw)
    whole["schema_version"] = 1
    for suite in whole["suites"]:
        for field in ("report_name", "bot_name"):
            del suite[field]
        for entry, one in zip(suite["utterances"], cases, strict=True):
            del entry["result_type"]
            entry["key"] = utterance_key_of_version_1(one.text, one.expected, one.parent_intent)
    return json.dumps(whole).encode()


@given(suites(), st.booleans())
def test_what_was_written_is_read_back_with_the_same_keys_and_result_types(
    cases: tuple[Utterance, ...], hidden: bool
) -> None:
    (recorded,) = read_report(written(cases, hidden=hidden), "b.json")
    assert not recorded.baseline.has_old_keys
    found, meant = recorded.baseline.utterances, collapsed(cases)
    assert list(found) == list(meant)
    for key, one in meant.items():
        same = found[key]
        assert (same.result_type, same.expected, same.matched) == (one.result_type, one.expected, one.matched)
        assert (same.parent_intent, same.may_be_fp) == (one.parent_intent, one.may_be_fp)
        assert is_hash(same.text) is hidden


def ordered(cases: tuple[Utterance, ...]) -> tuple[Utterance, ...]:
    """Put the alternatives of every utterance in one order, which leaves its key as it is."""
    return tuple(replace(one, expected=tuple(sorted(one.expected))) for one in cases)


def changes_between(baseline: Baseline, now: tuple[Utterance, ...]) -> tuple[Any, ...]:
    """Say all that a comparison shows of two runs but how their utterances are spelt."""
    one = compare(matched(baseline, collapsed(now)), baseline, level=0.05)
    return (
        [pair.now for pair in one.newly_failing], [pair.now for pair in one.fixed],
        [pair.now for pair in one.still_failing], [it.key for it in one.added], [it.key for it in one.removed],
        len(one.relabelled), one.shared, one.unevaluated, one.drops, one.intents,
    )  # fmt: skip


@given(suites(), suites())
def test_a_run_is_compared_with_a_report_as_with_what_that_was_made_from(
    then: tuple[Utterance, ...], now: tuple[Utterance, ...]
) -> None:
    (recorded,) = read_report(written(then), "b.json")
    source = replace(recorded.baseline, utterances=collapsed(then))
    assert changes_between(recorded.baseline, now) == changes_between(source, now)


@given(suites(), suites(), st.booleans())
def test_a_report_of_version_1_is_compared_as_one_of_version_2_whether_or_not_it_hides_its_utterances(
    then: tuple[Utterance, ...], now: tuple[Utterance, ...], hidden: bool
) -> None:
    if hidden:  # the first version took alternatives in another order for something else
        then, now = ordered(then), ordered(now)
    raw = written(then, hidden=hidden)
    (new,), (old,) = (read_report(document, "b.json") for document in (raw, as_version_1(raw, then)))
    assert old.baseline.has_old_keys is hidden
    assert (new.baseline.has_old_keys, old.problem) == (False, new.problem)
    results = ResultsFile(raw=b"", reported=Reported(), utterances=now)
    both = [changes_between(with_current_keys(one.baseline, results), now) for one in (new, old)]
    # Of copies that the platform counts as errors of two kinds, alike in all else, version 1 tells one kind only.
    alike = {(normalised(one.text), one.expected, one.matched) for one in then if one.is_mismatch}
    kinds = {(normalised(one.text), one.expected, one.matched, one.result_type) for one in then if one.is_mismatch}
    if hidden:
        # Of what the run does not have, nobody can tell by which key version 2 would know it.
        both = [(*one[:4], len(one[4]), *one[5:]) for one in both]
    if len(alike) == len(kinds):
        assert both[0] == both[1]
    else:
        assert both[0][:8] == both[1][:8]


def test_the_keys_of_version_1_stand_only_where_utterances_are_hidden() -> None:
    cases = (case("where is my card", "Show Balance", row=2), case("pay it", ("Pay Bill", "Show Balance"), (), row=3))
    for hidden in (False, True):
        raw = written(cases, hidden=hidden)
        (old,) = read_report(as_version_1(raw, cases), "b.json")
        keys = [utterance_key_of_version_1(one.text, one.expected, None) if hidden else one.key for one in cases]
        assert list(old.baseline.utterances) == keys


def test_a_report_of_version_1_names_neither_the_bot_nor_the_suite_as_the_file_did() -> None:
    (old,) = read_report(as_version_1(written(BOTH), BOTH), "b.json")
    assert (old.baseline.origin.report, old.baseline.origin.bot_name) == (None, None)


RIGHT = case("where is my card", row=2)
WRONG = case("block it", matched="Pay Bill", row=3)
BOTH = (RIGHT, WRONG)


def document(cases: tuple[Utterance, ...] = BOTH, source: Source = Source.RUN, **changes: object) -> dict[str, Any]:
    """The report of a run as a document, but for what is changed in its suite."""
    whole: dict[str, Any] = json.loads(written(cases, source))
    whole["suites"][0] |= changes
    return whole


def read(whole: object) -> Any:
    """Read a report of one suite."""
    (recorded,) = read_report(json.dumps(whole).encode(), "b.json")
    return recorded


def counts(**changes: object) -> dict[str, Any]:
    """The counts of a report, but for what is changed in them."""
    found: dict[str, Any] = document()["suites"][0]["counts"]
    return found | changes


def refusal(raw: bytes) -> str:
    with pytest.raises(ValueError, match=r".") as refused:
        read_report(raw, "b.json")
    return str(refused.value)


def test_what_a_run_was_of_is_read_back() -> None:
    found = read(document())
    assert (found.label, found.problem) == ("smoke", None)
    baseline = found.baseline
    assert (baseline.name, baseline.run_id, baseline.bot_version) == ("b.json", "tr-1", "published")
    assert baseline.finished == "2027-01-31T00:00:00+00:00"
    assert baseline.origin == Origin(
        suite="Smoke", report="Smoke of March", bot_id="st-1", bot_name="Teller", engine="dgpt", language="en",
        run_ids=("tr-1",), ended=REPORTED,
    )  # fmt: skip
    assert list(baseline.utterances) == [RIGHT.key, WRONG.key]


REPORTED = datetime(2027, 1, 31, tzinfo=UTC).timestamp()
"""When the gate came to its end."""


@pytest.mark.parametrize(("changes", "ended"), [
    ({"run": {"started": None, "finished": "1970-01-01T00:01:00+00:00"}}, 60.0),
    ({"run": {"started": None, "finished": "1970-01-01T00:01:00"}}, 60.0),
    ({"run": {"started": None, "finished": "1970-01-01T01:01:00+01:00"}, "source": Source.FILES}, 60.0),
    ({"run": {"started": None, "finished": "yesterday"}}, None),
    ({"run": {"started": None, "finished": None}}, REPORTED),
    ({"run": None}, REPORTED),
    ({"run": None, "source": Source.RESUMED}, REPORTED),
    ({"run": None, "source": Source.ATTACHED}, None),
    ({"run": None, "source": Source.FILES}, None),
])  # fmt: skip
def test_a_run_ended_when_the_platform_says_else_when_a_gate_that_waited_for_it_did(
    changes: dict[str, Any], ended: float | None
) -> None:
    assert read(document(**changes)).baseline.origin.ended == ended


def test_a_run_of_no_known_id_has_none() -> None:
    assert read(document(run_id=None)).baseline.origin.run_ids == ()


def test_where_the_platform_chose_the_engine_that_is_known_of_a_run_and_not_of_files() -> None:
    assert read(document(engine=None)).baseline.origin.engine == ""
    assert read(document(source=Source.FILES, engine=None)).baseline.origin.engine is None
    assert read(document(source=Source.FILES)).baseline.origin.engine == "dgpt"


def test_a_suite_that_was_judged_from_files_may_be_any() -> None:
    found = read(document(source=Source.FILES))
    assert (found.label, found.baseline.origin.suite) == ("smoke", None)


@pytest.mark.parametrize(("told", "kind"), [
    ("FN", ResultType.FN), ("FP", ResultType.FP), ("TP", ResultType.FP), (None, ResultType.FP), (1, ResultType.FP),
])  # fmt: skip
def test_an_error_is_of_the_kind_that_the_report_says_else_of_the_one_that_follows(
    told: object, kind: ResultType
) -> None:
    whole = document()
    whole["suites"][0]["utterances"][1]["result_type"] = told
    assert read(whole).baseline.utterances[WRONG.key].result_type is kind
    old = json.loads(as_version_1(written(BOTH), BOTH))
    old["suites"][0]["mismatches"][0]["result_type"] = told
    assert read(old).baseline.utterances[WRONG.key].result_type is kind


@pytest.mark.parametrize(("passed", "told", "expected", "kind"), [
    (True, "TP", "Pay Bill", ResultType.TP), (True, "TP", None, ResultType.TP),
    (True, "TN", "Pay Bill", ResultType.TN), (True, "TN", None, ResultType.TN),
    (True, "FP", "Pay Bill", ResultType.TP), (True, None, None, ResultType.TN),
    (None, "TP", "Pay Bill", ResultType.NOT_EVALUATED), (None, "unknown", "Pay Bill", ResultType.NOT_EVALUATED),
    (False, "TN", "Pay Bill", ResultType.FP),
])  # fmt: skip
def test_whether_an_utterance_passed_beats_a_result_type_that_says_otherwise(
    passed: bool | None, told: str | None, expected: str | None, kind: ResultType
) -> None:
    whole = document()
    whole["suites"][0]["utterances"][0] |= {"passed": passed, "result_type": told, "expected": expected}
    assert next(iter(read(whole).baseline.utterances.values())).result_type is kind


def found(kind: str, *, blocking: object = False, tolerated: object = False) -> dict[str, object]:
    """A finding as a report has it."""
    return {"kind": kind, "message": "", "blocking": blocking, "tolerated": tolerated}


@pytest.mark.parametrize(("changes", "problem"), [
    ({"verdict": "failed"}, None),
    ({"findings": [found("small-suite")]}, None),
    ({"verdict": "unjudged"}, "it was not judged"),
    ({"verdict": None}, "it was not judged"),
    (
        {"findings": [found("partial", blocking=True), found("x", blocking=None)]},
        "its evidence was not sound: partial, x",
    ),
    ({"utterances": []}, "it holds no utterances"),
])  # fmt: skip
def test_only_what_was_judged_on_sound_evidence_is_worth_being_compared_with(
    changes: dict[str, Any], problem: str | None
) -> None:
    assert read(document(**changes)).problem == problem


@pytest.mark.parametrize("kind", TOLERABLE)
def test_of_what_was_tolerated_only_what_the_other_run_may_show_too_is_a_baseline(kind: FindingKind) -> None:
    recorded = read(document(findings=[found(kind, tolerated=True)]))
    if kind in NEVER_A_BASELINE:
        assert recorded.problem == f"its evidence was not sound: {kind}, which was tolerated"
    else:
        assert recorded.problem is None
        assert recorded.baseline.doubts == {kind} - {FindingKind.UNKNOWN_NAME}


@pytest.mark.parametrize(
    ("kind", "tolerated"), [("a kind that is yet to come", True), (None, True), ("count-mismatch", None)]
)
def test_what_was_tolerated_and_nobody_knows_is_as_good_as_the_worst(kind: object, tolerated: object) -> None:
    recorded = read(document(findings=[found(str(kind), tolerated=tolerated)]))
    assert (recorded.problem is None) is (kind == "count-mismatch")
    assert recorded.baseline.doubts == {FindingKind.COUNT_MISMATCH if kind == "count-mismatch" else FindingKind.NO_FILE}


def cut(utterances: int | None, failed: int | None, *, held: int = 2, **changes: Any) -> Any:
    """Read a report whose counts know of more utterances than it lists."""
    whole = document(tuple(case(f"pay it {row}", row=row) for row in range(held)), **changes)
    whole["suites"][0]["counts"] |= {"utterances": utterances, "failed_utterances": failed}
    return read(whole)


@pytest.mark.parametrize(("utterances", "failed", "absent", "problem"), [
    (2, 0, 0, None), (None, None, 0, None), (3, 1, 1, None), (4, 2, 2, None),
    (4, 1, 2, "it holds 2 of its 4 utterances"), (4, 0, 2, "it holds 2 of its 4 utterances"),
    (4, None, 2, "it holds 2 of its 4 utterances"), (1, 0, 0, None),
])  # fmt: skip
def test_a_list_that_lacks_more_than_was_not_evaluated_was_cut_off(
    utterances: int | None, failed: int | None, absent: int, problem: str | None
) -> None:
    recorded = cut(utterances, failed)
    assert (recorded.baseline.absent, recorded.problem) == (absent, problem)


@pytest.mark.parametrize(("failed", "problem"), [(1, "it holds 2 of its 3 utterances"), (2, None)])
def test_what_was_not_evaluated_and_stands_in_the_list_is_not_missing_besides(failed: int, problem: str | None) -> None:
    lost = case("b", matched=(), result_type=ResultType.NOT_EVALUATED, row=3)
    whole = document((case("a", row=2), lost), verdict="passed", findings=[])
    whole["suites"][0]["counts"] |= {"utterances": 3, "failed_utterances": failed}
    assert read(whole).problem == problem


@pytest.mark.parametrize("changes", [{"tp": 2}, {"fp": 0}, {"tn": 1}, {"tp": None}, {"fn": 1}], ids=str)
def test_utterances_that_do_not_add_up_to_the_counts_are_not_those_of_the_run(changes: dict[str, Any]) -> None:
    assert read(document(counts=counts(**changes))).problem == "its counts and its utterances do not agree"
    doubt = [found("count-mismatch", tolerated=True)]
    assert read(document(counts=counts(**changes), findings=doubt)).problem is None


def test_a_tolerated_contradiction_needs_every_utterance() -> None:
    doubt = [found("count-mismatch", tolerated=True)]
    assert cut(2, 0, findings=doubt).problem is None
    assert cut(3, 1, findings=doubt).problem == "it holds 2 of its 3 utterances"


def test_a_label_that_comes_twice_is_none_of_ours() -> None:
    whole = document()
    whole["suites"] *= 2
    assert refusal(json.dumps(whole).encode()) == "it is not a report.json of ci-gate: it lists a suite twice"


@pytest.mark.parametrize("name", sorted(reports()))
def test_whatever_ending_was_written_can_be_read(name: str) -> None:
    report = reports()[name]
    found = read_report("".join(render(report)).encode(), "b.json")
    assert [one.label for one in found] == [suite.subject.label for suite in report.suites]
    for one, suite in zip(found, report.suites, strict=True):
        findings = suite.judgement.evidence.findings if suite.judgement else ()
        sound = suite.verdict is not Verdict.UNJUDGED and not any(
            finding.blocks or (finding.tolerated and finding.kind in NEVER_A_BASELINE) for finding in findings
        )
        assert (one.problem is None) is (sound and bool(one.baseline.utterances))


FOREIGN = "it is not a report.json of ci-gate: something in it is not what it should be"


@pytest.mark.parametrize(("raw", "said"), [
    (b"{", "it is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    (b'{"a": "\xff"}', "it is not JSON: 'utf-8' codec can't decode byte 0xff in position 7: invalid start byte"),
    (b"[" * 100_000, "it is nested too deeply"),
    (b"[]", FOREIGN),
    (b"{}", "it is not a report.json of ci-gate: 'schema_version' is missing in it"),
    (b'{"schema_version": 1, "runs": []}', "it is not a report.json of ci-gate: 'finished' is missing in it"),
    (b'{"schema_version": 2}', "it is not a report.json of ci-gate: 'finished' is missing in it"),
    (b'{"schema_version": 3}', "its schema_version is 3, and this ci-gate reads 1 and 2"),
    (b'{"schema_version": 0}', "its schema_version is 0, and this ci-gate reads 1 and 2"),
    (b'{"schema_version": true}', "its schema_version is True, and this ci-gate reads 1 and 2"),
    (b'{"schema_version": [2]}', "its schema_version is [2], and this ci-gate reads 1 and 2"),
    (b'{"schema_version": "2"}', "its schema_version is 2 as a text, and this ci-gate reads 1 and 2"),
    (b'{"schema_version": 2, "finished": ' + b"7" * 5000 + b"}", "it holds a number that no report has"),
    (b'{"schema_version": "a version that has no end"}', "its schema_version is a version that has n, and this"),
    (b'{"schema_version": 1, "finished": null, "suites": 1}', FOREIGN),
    (b'{"schema_version": 1, "finished": null, "suites": [1]}', FOREIGN),
])  # fmt: skip
def test_what_is_no_report_of_ours_is_refused(raw: bytes, said: str) -> None:
    assert refusal(raw).startswith(said)


def entry(**changes: object) -> dict[str, Any]:
    """The first utterance of a report, but for what is changed in it."""
    first: dict[str, Any] = document()["suites"][0]["utterances"][0]
    return first | changes


@pytest.mark.parametrize("changes", [
    {"utterances": 1},
    {"utterances": ["u"]},
    {"utterances": [entry(passed=1)]},
    {"utterances": [entry(passed="yes")]},
    {"utterances": [entry(utterance=[])]},
    {"utterances": [entry(utterance=None)]},
    {"utterances": [entry(utterance="#0123456789ab", key=7)]},
    {"utterances": [entry(expected=1)]},
    {"utterances": [entry(matched=["a"])]},
    {"utterances": [entry(parent_intent=False)]},
    {"mismatches": [1]},
    {"mismatches": [{"utterance": [], "expected": None, "matched": None, "result_type": "FN"}]},
    {"findings": 1},
    {"counts": None},
    {"counts": counts(utterances="2")},
    {"counts": counts(utterances=2.0)},
    {"counts": counts(utterances=True)},
    {"counts": counts(failed_utterances="0")},
    {"counts": counts(tp="2")},
    {"label": 1},
    {"label": None},
    {"suite": 1},
    {"bot_id": []},
    {"bot_name": {}},
    {"report_name": 3},
    {"engine": False},
    {"language": 1.5},
    {"run_id": 7},
    {"run": 7},
    {"run": {"finished": 7}},
    {"bot_version": []},
], ids=str)  # fmt: skip
def test_a_report_that_was_tampered_with_is_refused(changes: dict[str, Any]) -> None:
    assert refusal(json.dumps(document(**changes)).encode()) == FOREIGN


def test_a_moment_that_is_no_text_is_refused() -> None:
    assert refusal(json.dumps(document() | {"finished": 7}).encode()) == FOREIGN


NEEDED = ("label", "suite", "source", "utterances", "mismatches", "findings", "verdict", "counts", "bot_id", "engine")


@pytest.mark.parametrize("key", [*NEEDED, "language", "run_id", "bot_version"])
def test_a_report_that_lacks_anything_is_refused(key: str) -> None:
    whole = document()
    del whole["suites"][0][key]
    assert refusal(json.dumps(whole).encode()) == f"it is not a report.json of ci-gate: '{key}' is missing in it"


@pytest.mark.parametrize("key", ["key", "utterance", "expected", "matched", "parent_intent", "passed", "result_type"])
def test_an_utterance_that_lacks_anything_that_is_needed_is_refused(key: str) -> None:
    whole = document()
    whole["suites"][0]["utterances"][0]["utterance"] = "#0123456789ab"
    del whole["suites"][0]["utterances"][0][key]
    assert refusal(json.dumps(whole).encode()) == f"it is not a report.json of ci-gate: '{key}' is missing in it"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.data())
def test_whatever_stands_in_place_of_a_value_is_read_or_refused_and_never_a_bug(data: st.DataObject) -> None:
    whole = document()
    place: Any = {"": whole}
    step: Any = ""
    while isinstance(place[step], dict | list) and place[step] and data.draw(st.booleans()):
        place = place[step]
        step = data.draw(st.sampled_from([*place] if isinstance(place, dict) else range(len(place))))
    place[step] = data.draw(anything)
    try:
        read_report(json.dumps(whole).encode(), "b.json")
    except ValueError as refused:
        assert str(refused)
