"""Reports as baselines: comparing with one equals comparing with its source, or the problem is named."""

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

Cases = tuple[Utterance, ...]
INTENTS = st.lists(st.sampled_from(["Pay bill", "Send money", "trait: Loud||Calm"]), max_size=2, unique=True).map(tuple)


@st.composite
def suites(draw: st.DrawFn) -> tuple[Utterance, ...]:
    """Draw the utterances of a run, some of them twice."""
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
    reported = Reported(
        suite="Smoke of March", bot_name="Teller", bot_version="published", language="en",
        counts=Counts(utterances=len(cases)),
    )  # fmt: skip
    outcome = assess(
        Subject(label="smoke", suite="Smoke", source=source, bot_id="st-1", run_id="tr-1", engine="dgpt"), status=None,
        results=ResultsFile(raw=b"", reported=reported, utterances=cases), rules=Rules(), expectation=Expectation(),
        today=date(2027, 1, 31), hash_utterances=hidden,
    )  # fmt: skip
    moment = datetime(2027, 1, 31, tzinfo=UTC)
    return "".join(render(GateReport(suites=(outcome.report,), started=moment, finished=moment))).encode()


def as_version_1(raw: bytes, cases: tuple[Utterance, ...]) -> bytes:
    """Return a report in the first version of the document."""
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
def test_report_is_read_back_with_the_same_keys_and_result_types(cases: tuple[Utterance, ...], hidden: bool) -> None:
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
    """Return ``cases`` with their alternatives sorted, which does not change their keys."""
    return tuple(replace(one, expected=tuple(sorted(one.expected))) for one in cases)


def changes_between(baseline: Baseline, now: tuple[Utterance, ...]) -> tuple[Any, ...]:
    """Return everything that a comparison shows, except for the spelling of utterances."""
    one = compare(matched(baseline, collapsed(now)), baseline, level=0.05)
    return (
        [pair.now for pair in one.newly_failing], [pair.now for pair in one.fixed],
        [pair.now for pair in one.still_failing], [it.key for it in one.added], [it.key for it in one.removed],
        len(one.relabelled), one.shared, one.unevaluated, one.drops, one.intents,
    )  # fmt: skip


@given(suites(), suites())
def test_report_is_compared_like_its_source(then: Cases, now: Cases) -> None:
    (recorded,) = read_report(written(then), "b.json")
    source = replace(recorded.baseline, utterances=collapsed(then))
    assert changes_between(recorded.baseline, now) == changes_between(source, now)


@given(suites(), suites(), st.booleans())
def test_version_1_is_compared_like_version_2(then: Cases, now: Cases, hidden: bool) -> None:
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


def test_report_of_version_1_has_old_keys_only_if_hidden_and_no_names() -> None:
    cases = (case("where is my card", "Show Balance", row=2), case("pay it", ("Pay Bill", "Show Balance"), (), row=3))
    for hidden in (False, True):
        raw = written(cases, hidden=hidden)
        (old,) = read_report(as_version_1(raw, cases), "b.json")
        keys = [utterance_key_of_version_1(one.text, one.expected, None) if hidden else one.key for one in cases]
        assert list(old.baseline.utterances) == keys
    (old,) = read_report(as_version_1(written(BOTH), BOTH), "b.json")
    assert (old.baseline.origin.report, old.baseline.origin.bot_name) == (None, None)


RIGHT = case("where is my card", row=2)
WRONG = case("block it", matched="Pay Bill", row=3)
BOTH = (RIGHT, WRONG)


def document(cases: tuple[Utterance, ...] = BOTH, source: Source = Source.RUN, **changes: object) -> dict[str, Any]:
    """Return the report of a run as a document, with ``changes`` in its suite."""
    whole: dict[str, Any] = json.loads(written(cases, source))
    whole["suites"][0] |= changes
    return whole


def read(whole: object) -> Any:
    (recorded,) = read_report(json.dumps(whole).encode(), "b.json")
    return recorded


def counts(**changes: object) -> dict[str, Any]:
    return {**document()["suites"][0]["counts"], **changes}


def refusal(raw: bytes) -> str:
    with pytest.raises(ValueError, match=r".") as refused:
        read_report(raw, "b.json")
    return str(refused.value)


def test_origin_of_a_run_is_read_back() -> None:
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
"""When the gate finished."""


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
def test_end_of_a_run_is_the_reported_one_or_that_of_its_gate(changes: dict[str, Any], ended: float | None) -> None:
    assert read(document(**changes)).baseline.origin.ended == ended


def test_unknown_facts_about_a_run_stay_unknown() -> None:
    assert read(document(run_id=None)).baseline.origin.run_ids == ()
    # The platform chose the engine of a run for which none was set; of files that is not known.
    assert read(document(engine=None)).baseline.origin.engine == ""
    assert read(document(source=Source.FILES, engine=None)).baseline.origin.engine is None
    found = read(document(source=Source.FILES))
    assert (found.label, found.baseline.origin.suite, found.baseline.origin.engine) == ("smoke", None, "dgpt")


def test_kind_of_a_mismatch_is_the_recorded_one_or_a_false_positive() -> None:
    for recorded, kind in (
        ("FN", ResultType.FN), ("FP", ResultType.FP), ("TP", ResultType.FP), (None, ResultType.FP), (1, ResultType.FP),
    ):  # fmt: skip
        whole = document()
        whole["suites"][0]["utterances"][1]["result_type"] = recorded
        assert read(whole).baseline.utterances[WRONG.key].result_type is kind
        old = json.loads(as_version_1(written(BOTH), BOTH))
        old["suites"][0]["mismatches"][0]["result_type"] = recorded
        assert read(old).baseline.utterances[WRONG.key].result_type is kind


@pytest.mark.parametrize(("passed", "recorded", "expected", "kind"), [
    (True, "TP", "Pay Bill", ResultType.TP), (True, "TP", None, ResultType.TP),
    (True, "TN", "Pay Bill", ResultType.TN), (True, "TN", None, ResultType.TN),
    (True, "FP", "Pay Bill", ResultType.TP), (True, None, None, ResultType.TN),
    (None, "TP", "Pay Bill", ResultType.NOT_EVALUATED), (None, "unknown", "Pay Bill", ResultType.NOT_EVALUATED),
    (False, "TN", "Pay Bill", ResultType.FP),
])  # fmt: skip
def test_passed_overrides_a_contradicting_result_type(
    passed: object, recorded: object, expected: object, kind: ResultType
) -> None:
    whole = document()
    whole["suites"][0]["utterances"][0] |= {"passed": passed, "result_type": recorded, "expected": expected}
    assert next(iter(read(whole).baseline.utterances.values())).result_type is kind


def found(kind: str, *, blocking: object = False, tolerated: object = False) -> dict[str, object]:
    """Return a finding in the form of a report."""
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
def test_baseline_must_be_judged_on_sound_evidence(changes: dict[str, Any], problem: str | None) -> None:
    assert read(document(**changes)).problem == problem


@pytest.mark.parametrize("kind", TOLERABLE)
def test_tolerated_finding_rules_out_a_baseline_unless_both_runs_may_have_it(kind: FindingKind) -> None:
    recorded = read(document(findings=[found(kind, tolerated=True)]))
    if kind in NEVER_A_BASELINE:
        assert recorded.problem == f"its evidence was not sound: {kind}, which was tolerated"
    else:
        assert recorded.problem is None
        assert recorded.baseline.doubts == {kind} - {FindingKind.UNKNOWN_NAME}


def test_tolerated_finding_of_an_unknown_kind_is_treated_like_the_worst() -> None:
    for kind, tolerated in (("a kind that is yet to come", True), (None, True), ("count-mismatch", None)):
        recorded = read(document(findings=[found(str(kind), tolerated=tolerated)]))
        is_known = kind == "count-mismatch"
        assert (recorded.problem is None) is is_known
        assert recorded.baseline.doubts == {FindingKind.COUNT_MISMATCH if is_known else FindingKind.NO_FILE}


def cut(utterances: int | None, failed: int | None, *, held: int = 2, **changes: Any) -> Any:
    """Read a report with ``held`` listed utterances and other counts."""
    whole = document(tuple(case(f"pay it {row}", row=row) for row in range(held)), **changes)
    whole["suites"][0]["counts"] |= {"utterances": utterances, "failed_utterances": failed}
    return read(whole)


@pytest.mark.parametrize(("utterances", "failed", "absent", "problem"), [
    (2, 0, 0, None), (None, None, 0, None), (3, 1, 1, None), (4, 2, 2, None),
    (4, 1, 2, "it holds 2 of its 4 utterances"), (4, 0, 2, "it holds 2 of its 4 utterances"),
    (4, None, 2, "it holds 2 of its 4 utterances"), (1, 0, 0, None),
])  # fmt: skip
def test_list_without_all_evaluated_utterances_is_incomplete(
    utterances: Any, failed: Any, absent: int, problem: str | None
) -> None:
    recorded = cut(utterances, failed)
    assert (recorded.baseline.absent, recorded.problem) == (absent, problem)


def test_listed_utterance_without_a_result_is_not_missing() -> None:
    lost = case("b", matched=(), result_type=ResultType.NOT_EVALUATED, row=3)
    whole = document((case("a", row=2), lost), verdict="passed", findings=[])
    for failed, problem in ((1, "it holds 2 of its 3 utterances"), (2, None)):
        whole["suites"][0]["counts"] |= {"utterances": 3, "failed_utterances": failed}
        assert read(whole).problem == problem


def test_utterances_that_do_not_add_up_to_the_counts_are_unsound_unless_that_is_tolerated() -> None:
    doubt = [found("count-mismatch", tolerated=True)]
    for changes in ({"tp": 2}, {"fp": 0}, {"tn": 1}, {"tp": None}, {"fn": 1}):
        assert read(document(counts=counts(**changes))).problem == "its counts and its utterances do not agree"
        assert read(document(counts=counts(**changes), findings=doubt)).problem is None
    assert cut(2, 0, findings=doubt).problem is None
    assert cut(3, 1, findings=doubt).problem == "it holds 2 of its 3 utterances"


def test_suite_that_is_listed_twice_is_refused() -> None:
    whole = document()
    whole["suites"] *= 2
    assert refusal(json.dumps(whole).encode()) == "it is not a report.json of ci-gate: it lists a suite twice"


@pytest.mark.parametrize("name", sorted(reports()))
def test_report_of_every_ending_can_be_read(name: str) -> None:
    report = reports()[name]
    found = read_report("".join(render(report)).encode(), "b.json")
    assert [one.label for one in found] == [suite.subject.label for suite in report.suites]
    for one, suite in zip(found, report.suites, strict=True):
        findings = suite.judgement.evidence.findings if suite.judgement else ()
        sound = suite.verdict is not Verdict.UNJUDGED and not any(
            finding.blocks or (finding.tolerated and finding.kind in NEVER_A_BASELINE) for finding in findings
        )
        assert (one.problem is None) is (sound and bool(one.baseline.utterances))


OTHER = "it is not a report.json of ci-gate"
FOREIGN = f"{OTHER}: a value in it has the wrong type"


@pytest.mark.parametrize(("raw", "message"), [
    (b"{", "it is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    (b'{"a": "\xff"}', "it is not JSON: 'utf-8' codec can't decode byte 0xff in position 7: invalid start byte"),
    (b"[" * 100_000, "it is nested too deeply"),
    (b"[]", FOREIGN),
    (b"{}", f"{OTHER}: 'schema_version' is missing in it"),
    (b'{"schema_version": 1, "runs": []}', f"{OTHER}: 'finished' is missing in it"),
    (b'{"schema_version": 2}', f"{OTHER}: 'finished' is missing in it"),
    *(
        (b'{"schema_version": %s}' % raw, f"its schema_version is {shown}, and this ci-gate reads 1 and 2")
        for raw, shown in ((b"3", "3"), (b"0", "0"), (b"true", "True"), (b"[2]", "[2]"), (b'"2"', "2 as a text"))
    ),
    (b'{"schema_version": 2, "finished": ' + b"7" * 5000 + b"}", "it contains a number that is out of range"),
    (b'{"schema_version": "a version that has no end"}', "its schema_version is a version that has n, and this"),
    (b'{"schema_version": 1, "finished": null, "suites": 1}', FOREIGN),
    (b'{"schema_version": 1, "finished": null, "suites": [1]}', FOREIGN),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_other_document_is_refused(raw: bytes, message: str) -> None:
    assert refusal(raw).startswith(message)


def test_value_of_another_type_is_refused() -> None:
    first = document()["suites"][0]["utterances"][0]
    entries: tuple[dict[str, Any], ...] = (
        {"passed": 1}, {"passed": "yes"}, {"utterance": []}, {"utterance": None},
        {"utterance": "#0123456789ab", "key": 7}, {"expected": 1}, {"matched": ["a"]}, {"parent_intent": False},
    )  # fmt: skip
    changed: tuple[dict[str, Any], ...] = (
        {"utterances": 1}, {"utterances": ["u"]}, *({"utterances": [first | entry]} for entry in entries),
        {"mismatches": [1]},
        {"mismatches": [{"utterance": [], "expected": None, "matched": None, "result_type": "FN"}]}, {"findings": 1},
        {"counts": None}, {"counts": counts(utterances="2")}, {"counts": counts(utterances=2.0)},
        {"counts": counts(utterances=True)}, {"counts": counts(failed_utterances="0")}, {"counts": counts(tp="2")},
        {"label": 1}, {"label": None}, {"suite": 1}, {"bot_id": []}, {"bot_name": {}}, {"report_name": 3},
        {"engine": False}, {"language": 1.5}, {"run_id": 7}, {"run": 7}, {"run": {"finished": 7}}, {"bot_version": []},
    )  # fmt: skip
    for changes in changed:
        assert refusal(json.dumps(document(**changes)).encode()) == FOREIGN, changes
    assert refusal(json.dumps(document() | {"finished": 7}).encode()) == FOREIGN


def test_report_that_lacks_a_value_is_refused() -> None:
    for key in (
        *("label", "suite", "source", "utterances", "mismatches", "findings", "verdict", "counts", "bot_id", "engine"),
        *("language", "run_id", "bot_version"),
    ):
        whole = document()
        del whole["suites"][0][key]
        assert refusal(json.dumps(whole).encode()) == f"{OTHER}: '{key}' is missing in it"
    for key in ("key", "utterance", "expected", "matched", "parent_intent", "passed", "result_type"):
        whole = document()
        whole["suites"][0]["utterances"][0]["utterance"] = "#0123456789ab"
        del whole["suites"][0]["utterances"][0][key]
        assert refusal(json.dumps(whole).encode()) == f"{OTHER}: '{key}' is missing in it"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.data())
def test_any_value_is_read_or_refused(data: st.DataObject) -> None:
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
