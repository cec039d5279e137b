"""A report is read back: a run is compared with it as with the file that it was made from, or it says why not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.assess import assess
from ci_gate.core.baseline import Origin
from ci_gate.core.comparison import compare
from ci_gate.core.copies import collapsed
from ci_gate.core.counts import Counts
from ci_gate.core.findings import Expectation
from ci_gate.core.model import Case, Reported, ResultsFile, ResultType, case_key
from ci_gate.core.report import GateReport, Source, Subject
from ci_gate.core.rules import Rules
from ci_gate.core.verdict import Verdict
from ci_gate.reports.json_ import render
from ci_gate.reports.recorded import read_report
from tests.reports.builders import case, reports

INTENTS = st.lists(st.sampled_from(["Pay bill", "Send money", "trait: Loud||Calm"]), max_size=2, unique=True).map(tuple)


@st.composite
def suites(draw: st.DrawFn) -> tuple[Case, ...]:
    """Draw the cases of a run; utterances may come twice."""
    cases = []
    for row in range(draw(st.integers(1, 8))):
        utterance = draw(st.sampled_from(["pay it", "pay  it", "señor", "👩‍💻", 'say "no"\n']))
        expected, matched, parent = draw(INTENTS), draw(INTENTS), draw(st.sampled_from([None, "Small talk"]))
        # What the platform calls right is TP where something is expected, else TN; how it counts an error is its own.
        right = ResultType.TP if expected else ResultType.TN
        cases.append(
            Case(
                key=case_key(utterance, expected, parent),
                utterance=utterance,
                expected=expected,
                matched=matched,
                parent_intent=parent,
                result_type=draw(st.sampled_from([right, ResultType.FP, ResultType.FN, ResultType.NOT_EVALUATED])),
                entities=1,
                matched_entities=1,
                row=row + 2,
            )
        )
    return tuple(cases)


def written(cases: tuple[Case, ...], source: Source = Source.RUN) -> bytes:
    """Write the report of a run with these cases."""
    said = Reported(bot_version="published", language="en", counts=Counts(utterances=len(cases)))
    outcome = assess(
        Subject(label="smoke", suite="Smoke", source=source, bot_id="st-1", run_id="tr-1", engine="dgpt"),
        status=None,
        results=ResultsFile(raw=b"", reported=said, cases=cases),
        rules=Rules(),
        expectation=Expectation(),
        today=date(2027, 1, 31),
        hash_utterances=False,
    )
    moment = datetime(2027, 1, 31, tzinfo=UTC)
    return "".join(render(GateReport(suites=(outcome.report,), started=moment, finished=moment))).encode()


@given(suites(), suites())
def test_a_run_is_compared_with_a_report_as_with_what_that_was_made_from(
    then: tuple[Case, ...], now: tuple[Case, ...]
) -> None:
    (recorded,) = read_report(written(then), "b.json")
    source = replace(recorded.baseline, utterances=collapsed(then))
    both = [compare(baseline, collapsed(now), alpha=0.05) for baseline in (recorded.baseline, source)]
    facts = [
        (
            [pair.now for pair in one.newly_failing],
            [pair.now for pair in one.fixed],
            [pair.now for pair in one.still_failing],
            [it.key for it in one.added],
            [it.key for it in one.removed],
            len(one.relabelled),
            one.shared,
            one.unevaluated,
            one.drops,
            one.intents,
        )
        for one in both
    ]
    # Two copies of an utterance that the platform counts as errors of two kinds, alike in all else, are not told apart.
    alike = {(one.utterance, one.expected, one.matched) for one in then if one.is_mismatch}
    kinds = {(one.utterance, one.expected, one.matched, one.result_type) for one in then if one.is_mismatch}
    if len(alike) == len(kinds):
        assert facts[0] == facts[1]
    else:
        assert facts[0][:8] == facts[1][:8]


RIGHT = case("where is my card", row=2)
WRONG = case("block it", matched="Pay Bill", row=3)
BOTH = (RIGHT, WRONG)


def document(cases: tuple[Case, ...] = BOTH, source: Source = Source.RUN, **changes: object) -> dict[str, Any]:
    """The report of a run as a document, but for what is changed in its suite."""
    whole: dict[str, Any] = json.loads(written(cases, source))
    whole["suites"][0] |= changes
    return whole


def read(whole: object) -> Any:
    """Read a report of one suite."""
    (recorded,) = read_report(json.dumps(whole).encode(), "b.json")
    return recorded


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
    assert baseline.origin == Origin(suite="Smoke", bot_id="st-1", engine="dgpt", language="en")
    assert list(baseline.utterances) == [RIGHT.key, WRONG.key]


def test_where_the_platform_chose_the_engine_that_is_known_of_a_run_and_not_of_files() -> None:
    assert read(document(engine=None)).baseline.origin.engine == ""
    assert read(document(source=Source.FILES, engine=None)).baseline.origin.engine is None
    assert read(document(source=Source.FILES)).baseline.origin.engine == "dgpt"


def test_a_suite_that_was_judged_from_files_may_be_any() -> None:
    found = read(document(source=Source.FILES))
    assert (found.label, found.baseline.origin.suite) == ("smoke", None)


@pytest.mark.parametrize(
    ("told", "kind"),
    [("FN", ResultType.FN), ("FP", ResultType.FP), ("TP", ResultType.FP), (None, ResultType.FP), (1, ResultType.FP)],
)
def test_an_error_is_of_the_kind_that_the_list_of_mismatches_says_else_of_the_one_that_follows(
    told: object, kind: ResultType
) -> None:
    whole = document()
    whole["suites"][0]["mismatches"][0]["result_type"] = told
    assert read(whole).baseline.utterances[WRONG.key].result_type is kind


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"verdict": "failed"}, None),
        ({"findings": [{"kind": "small-suite", "blocking": False}]}, None),
        ({"verdict": "unjudged"}, "it was not judged"),
        ({"verdict": None}, "it was not judged"),
        (
            {"findings": [{"kind": kind, "blocking": blocks} for kind, blocks in (("partial", True), ("x", None))]},
            "its evidence was not sound: partial, x",
        ),
        ({"utterances": []}, "it holds no utterances"),
    ],
)
def test_only_what_was_judged_on_sound_evidence_is_worth_being_compared_with(
    changes: dict[str, Any], problem: str | None
) -> None:
    assert read(document(**changes)).problem == problem


@pytest.mark.parametrize("name", sorted(reports()))
def test_whatever_ending_was_written_can_be_read(name: str) -> None:
    report = reports()[name]
    found = read_report("".join(render(report)).encode(), "b.json")
    assert [one.label for one in found] == [suite.subject.label for suite in report.suites]
    for one, suite in zip(found, report.suites, strict=True):
        sound = suite.verdict is not Verdict.UNJUDGED and not any(
            finding.blocks for finding in (suite.assessment.evidence.findings if suite.assessment else ())
        )
        assert (one.problem is None) is (sound and bool(one.baseline.utterances))


FOREIGN = "it is not a report.json of ci-gate: something in it is not what it should be"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"{", "it is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b'{"a": "\xff"}', "it is not JSON: 'utf-8' codec can't decode byte 0xff in position 7: invalid start byte"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b"[]", FOREIGN),
        (b"{}", "it is not a report.json of ci-gate: 'schema_version' is missing in it"),
        (b'{"schema_version": 1, "runs": []}', "it is not a report.json of ci-gate: 'finished' is missing in it"),
        (b'{"schema_version": 2}', "its schema_version is 2, and this ci-gate reads 1"),
        (b'{"schema_version": "a version that has no end"}', "its schema_version is a version that has n, and this"),
        (b'{"schema_version": 1, "finished": null, "suites": 1}', FOREIGN),
        (b'{"schema_version": 1, "finished": null, "suites": [1]}', FOREIGN),
    ],
)
def test_what_is_no_report_of_ours_is_refused(raw: bytes, said: str) -> None:
    assert refusal(raw).startswith(said)


@pytest.mark.parametrize(
    "changes",
    [
        {"utterances": 1},
        {"utterances": ["u"]},
        {"utterances": [{**document()["suites"][0]["utterances"][0], "passed": 1}]},
        {"utterances": [{**document()["suites"][0]["utterances"][0], "utterance": []}]},
        {"mismatches": [1]},
        {"findings": 1},
    ],
)
def test_a_report_that_was_tampered_with_is_refused(changes: dict[str, Any]) -> None:
    assert refusal(json.dumps(document(**changes)).encode()) == FOREIGN


@pytest.mark.parametrize("key", ["label", "suite", "source", "utterances", "mismatches", "findings", "verdict"])
def test_a_report_that_lacks_anything_is_refused(key: str) -> None:
    whole = document()
    del whole["suites"][0][key]
    assert refusal(json.dumps(whole).encode()) == f"it is not a report.json of ci-gate: '{key}' is missing in it"
