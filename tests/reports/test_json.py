"""``report.json``."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate import __version__
from ci_gate.core.counts import Counts
from ci_gate.core.findings import Expectation
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.model import Reported, ResultType
from ci_gate.core.report import Observed, Source
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.thresholds import Threshold
from ci_gate.errors import PlatformError
from ci_gate.reports import json_
from ci_gate.reports.json_text import text_of
from tests.reports.builders import (
    as_json,
    bank_cases,
    before,
    case,
    compared,
    failed,
    gate_of,
    json_text,
    judged,
    measured,
    numbered,
    passed,
    report,
    reports,
    subject,
    suite_of,
    thresholds,
)
from tests.reports.strategies import any_text, unhurried

if TYPE_CHECKING:
    from ci_gate.core.report import SuiteReport

ROOT = Path(__file__).parents[2]

TOP = "schema_version tool verdict exit_code advisory error started finished settings suites"
SUITE = """label suite report_name bot_id bot_name run_id run source bot_version language engine observed verdict
    exit_code error counts scores checks comparison waivers findings intents confusions mismatches utterances"""
COUNTS = """utterances tp tn fp fn success failure failed_utterances failed_entities entities matched_entities"""
SCORE = "judged exact reported values interval"
COMPARISON = """baseline shared unevaluated may_be_newly_failing detectable_drop drops newly_failing fixed still_failing
    added removed relabelled intents"""
DROP = "was now drop drops worse better chance chances"
CHANGES = {
    "newly_failing": "utterance expected was matched waived", "fixed": "utterance expected was matched",
    "still_failing": "utterance expected was matched", "added": "utterance expected passed",
    "removed": "utterance expected passed", "relabelled": "utterance was now",
    "intents": "intent shared worse better chance adjusted regressed",
}  # fmt: skip
FIELDS = {
    "checks": "name metric operator threshold actual outcome scope alpha message",
    "findings": "kind message blocking tolerated",
    "intents": "intent support tp fp fn precision recall f1",
    "confusions": "expected matched count",
    "mismatches": "utterance expected matched result_type row waived",
    "waivers": "of reason owner expires state mismatches",
    "utterances": "key utterance expected parent_intent matched passed result_type",
}


def document(name: str) -> Any:
    return as_json(reports()[name])


def only_suite(name: str) -> Any:
    (suite,) = document(name)["suites"]
    return suite


@pytest.mark.parametrize("name", reports())
def test_report_has_every_field_of_the_schema(name: str) -> None:
    fitting = {True: {"TP", "TN"}, False: {"FP", "FN"}, None: {"", "unknown"}}
    found = document(name)
    assert list(found) == TOP.split()
    for suite in found["suites"]:
        assert list(suite) == SUITE.split()
        assert sorted(suite["counts"]) == sorted(COUNTS.split())
        assert {tuple(score) for score in suite["scores"].values()} == {tuple(SCORE.split())}
        assert list(suite["scores"]) == ["f1", "precision", "recall", "accuracy", "entity_match"]
        for field, names in FIELDS.items():
            assert all(list(entry) == names.split() for entry in suite[field])
        assert (suite["error"] is None) == (suite["verdict"] != "unjudged")
        assert all(entry["result_type"] in fitting[entry["passed"]] for entry in suite["utterances"])


def test_comparison_has_every_field_of_the_schema() -> None:
    found = only_suite("regressed")["comparison"]
    assert list(found) == COMPARISON.split()
    assert list(found["baseline"]) == ["name", "run_id", "bot_version", "finished"]
    assert list(found["drops"]) == ["f1", "precision", "recall", "accuracy"]
    assert {tuple(drop) for drop in found["drops"].values()} == {tuple(DROP.split())}
    for field, names in CHANGES.items():
        assert found[field], field
        assert all(list(entry) == names.split() for entry in found[field])
    assert [only_suite(name)["comparison"] for name in ("passed", "not_comparable", "first_week")] == [None] * 3


def test_schema_is_documented_field_by_field() -> None:
    rows = (TOP, SUITE, COUNTS, SCORE, COMPARISON, DROP, *FIELDS.values(), *CHANGES.values())
    names = {name for row in rows for name in row.split()}
    page = (ROOT / "docs" / "report-json.md").read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in page] == []


def test_head_names_tool_verdict_and_time() -> None:
    found = document("usage")
    del found["suites"]
    assert found == {
        "schema_version": 2, "tool": {"name": "ci-gate", "version": __version__}, "verdict": "unjudged",
        "exit_code": 2, "advisory": False,
        "error": {"code": 2, "kind": "usage", "message": "there is no suite 'Smoke'", "hint": "did you mean 'smoke'?"},
        "started": "2026-03-02T09:30:00+00:00", "finished": "2026-03-02T09:31:13+00:00", "settings": None,
    }  # fmt: skip


def test_facts_that_a_replay_needs_are_recorded() -> None:
    expectation = Expectation(run_id="tr-1", suite="Smoke", bot_version="published", started=17.5, seen_utterances=30)
    observed = Observed(
        expectation=expectation,
        day=date(2026, 3, 2),
        answered_at=18.25,
        reply_hash="sha256:01",
        results_hash="sha256:00",
    )
    suite = replace(passed(), subject=subject(observed=observed))
    (found,) = as_json(report(suite))["suites"]
    assert found["observed"] == {
        "run_id": "tr-1", "suite": "Smoke", "bot_id": None, "bot_version": "published", "language": None,
        "engine": None, "started": 17.5, "utterances": 30, "answered_at": 18.25, "day": "2026-03-02",
        "reply_hash": "sha256:01", "results_hash": "sha256:00",
    }  # fmt: skip


def test_settings_are_written_without_invalid_characters() -> None:
    settings = {"common": {"status": {"value": "\udcff", "origin": "--status"}}, "suites": {"a": {"n": [1, None, 0.5]}}}
    found = as_json(replace(report(), settings=settings))["settings"]
    assert found["common"]["status"] == {"value": "\ufffd", "origin": "--status"}
    assert found["suites"] == settings["suites"]


def test_advisory_failure_is_marked_and_no_failure_is_an_error() -> None:
    assert (document("advisory")["advisory"], document("advisory")["verdict"]) == (True, "passed")
    assert (only_suite("advisory")["verdict"], only_suite("advisory")["exit_code"]) == ("failed", 0)
    assert as_json(report(failed()))["error"] is None


def test_score_shows_the_counts_behind_it() -> None:
    scores = only_suite("failed")["scores"]
    assert scores["f1"] | {"interval": None} == {
        "judged": 104 / 112, "exact": "104/112", "reported": "0.93", "values": [104 / 112, 104 / 112],
        "interval": None,
    }  # fmt: skip
    assert [round(end, 4) for end in scores["f1"]["interval"]] == [0.8626, 0.9642]
    assert set(scores["entity_match"].values()) == {None}


def test_counts_are_whole_numbers_and_no_data_is_null() -> None:
    checks = {check["metric"]: check for check in only_suite("no_data")["checks"]}
    assert repr(checks["utterances"]["threshold"]) == "1"
    assert repr(checks["utterances"]["actual"]) == "60"
    assert checks["entity_match"]["actual"] is None
    document = as_json(report(measured(Counts(), Threshold("max_mismatches", Fraction(3)))))
    (check,) = document["suites"][0]["checks"]
    assert (check["threshold"], check["actual"], check["outcome"]) == (3, None, "no_data")
    thresholds_without_data = [
        (check["threshold"], check["actual"])
        for name in ("no_data", "not_comparable", "unsettled")
        for check in only_suite(name)["checks"]
        if check["outcome"] == "no_data"
    ]
    assert thresholds_without_data == [(0.8, None), (0.01, None), (0.01, None)]


def test_check_has_a_level_of_significance_only_if_it_is_a_test() -> None:
    levels = {name: {c["name"]: c["alpha"] for c in only_suite(name)["checks"]} for name in ("regressed", "sharing")}
    tests = {name: level for name, level in levels["regressed"].items() if level is not None}
    assert tests == {"f1 drop beyond chance <= 0.01": 0.05}
    assert levels["sharing"] == {
        "utterances >= 1": None,
        "f1 drop beyond chance <= 0.01": 0.025,
        "intents worse beyond chance <= 0": 0.025,
    }


def test_open_score_has_both_of_its_bounds() -> None:
    scores = only_suite("under_limit")["scores"]
    assert (scores["f1"]["judged"], scores["f1"]["exact"]) == (110 / 112, "110/112")
    assert {name: scores[name]["values"] for name in ("f1", "recall", "accuracy", "entity_match")} == {
        "f1": [110 / 115, 116 / 118], "recall": [55 / 58, 1], "accuracy": [55 / 60, 58 / 60], "entity_match": None,
    }  # fmt: skip


def test_utterances_that_may_newly_fail_are_listed_apart() -> None:
    comparison = only_suite("half_measured")["comparison"]
    assert comparison["newly_failing"] == []
    open_ones = [entry["utterance"] for entry in comparison["may_be_newly_failing"]]
    assert open_ones == ["I want to show balance", "can you show balance", "let me show balance"]
    assert comparison["may_be_newly_failing"][0] == {
        "utterance": open_ones[0], "expected": "Show Balance", "was": "Show Balance", "matched": None,
    }  # fmt: skip
    assert comparison["unevaluated"] == 4


def test_open_drop_has_both_of_its_bounds_and_probabilities() -> None:
    for name, settled in (("half_measured", False), ("improved", True)):
        for score, drop in only_suite(name)["comparison"]["drops"].items():
            (least, most), (rarest, likeliest) = drop["drops"], drop["chances"]
            assert least <= most
            assert rarest <= likeliest == drop["chance"], score
            assert (least == most == drop["drop"]) is settled
    silent = numbered(case(f"hm {row}", ()) for row in range(40))
    (suite,) = as_json(report(compared(silent, before(silent), max_accuracy_drop="0.01")))["suites"]
    drops = suite["comparison"]["drops"]
    assert (drops["f1"]["drop"], drops["f1"]["drops"]) == (None, None)
    assert (drops["accuracy"]["drop"], drops["accuracy"]["drops"]) == (0, [0, 0])


def with_evidence(suite: SuiteReport, **fields: object) -> Any:
    """Return a suite of ``report.json`` with other evidence."""
    assert suite.judgement is not None
    evidence = replace(suite.judgement.evidence, **fields)  # type: ignore[arg-type]
    (found,) = as_json(report(replace(suite, judgement=replace(suite.judgement, evidence=evidence))))["suites"]
    return found


def test_names_in_the_results_file_stand_beside_the_requested_ones() -> None:
    suite = suite_of(bank_cases(), {"min_f1": "0.5"}, subject("smoke", suite="Banking smoke"))
    found = with_evidence(suite, file=Reported(suite="Smoke of March", bot_name="Teller"))
    names = [found[key] for key in ("label", "suite", "report_name", "bot_name")]
    assert names == ["smoke", "Banking smoke", "Smoke of March", "Teller"]


def test_bot_of_a_suite_from_files_is_taken_from_the_reply() -> None:
    suite = suite_of(bank_cases(), {"min_f1": "0.5"}, subject(source=Source.FILES, bot_id=None))
    assert with_evidence(suite)["bot_id"] is None
    assert suite.judgement is not None
    reported = replace(suite.judgement.evidence.reported, bot_id="st-of-the-reply")
    assert with_evidence(suite, reported=reported)["bot_id"] == "st-of-the-reply"


def test_finding_blocks_unless_it_is_tolerated() -> None:
    assert only_suite("partial")["findings"][0] == {
        "kind": "partial",
        "message": "the platform says that the run failed in part: some utterances were dropped",
        "blocking": True,
        "tolerated": False,
    }
    assert {f["kind"]: (f["blocking"], f["tolerated"]) for f in only_suite("tolerated")["findings"]} == {
        "partial": (False, True),
        "unconfirmed": (False, False),
    }


def test_utterances_without_intent_or_result_have_nulls() -> None:
    mismatches = only_suite("failed")["mismatches"]
    assert {"expected": None, "matched": "Find Branch"}.items() <= mismatches[-1].items()
    assert mismatches[3] == {
        "utterance": "move money | checking to savings", "expected": "Transfer Money",
        "matched": "Pay Bill | Open Account", "result_type": "FP", "row": 22, "waived": False,
    }  # fmt: skip
    passed = [utterance["passed"] for utterance in only_suite("unevaluated")["utterances"]]
    assert passed[:10] == [False, True, True, None, None, None, True, False, True, None]
    (suite,) = as_json(gate_of([replace(bank_cases()[0], result_type=ResultType.UNKNOWN)]))["suites"]
    assert suite["utterances"][0]["passed"] is None


def test_every_entry_is_one_line_and_labels_are_found_by_lines() -> None:
    lines = json_text(reports()["failed"]).splitlines()
    assert sum(line.startswith('        {"key": ') for line in lines) == 60
    assert sum(line.startswith('        {"utterance": ') for line in lines) == 8
    for one in reports().values():
        raw = json_text(one).encode().splitlines(keepends=True)
        assert [*json_.labels_in(raw)] == [text_of(suite.subject.label) for suite in one.suites]


@unhurried
@given(any_text, any_text)
def test_any_label_is_found_by_reading_lines(label: str, other: str) -> None:
    suites = (failed(label=label), suite_of(bank_cases(), {}, subject(other)))
    lines = json_text(report(*suites)).encode().splitlines(keepends=True)
    assert [*json_.labels_in(lines)] == [text_of(label), text_of(other)]


@unhurried
@given(any_text, any_text)
def test_any_text_is_encoded_as_ascii(utterance: str, label: str) -> None:
    cases = numbered([case(utterance, label, utterance)])
    error = PlatformError(utterance, hint=label)
    shown = json_text(report(suite_of(cases, {}, subject(label)), error=error))
    assert shown.isascii()
    assert shown.endswith("}\n")
    found = json.loads(shown)["suites"][0]["utterances"][0]["utterance"]
    assert found.encode().decode() == found
    assert found == utterance or "\ufffd" in found


@unhurried
@given(st.integers(0, 10**20), st.integers(0, 10**20), st.integers(0, 10**20))
def test_numbers_compare_like_the_exact_ones(tp: int, fp: int, bound: int) -> None:
    counts = Counts(utterances=tp + fp, tp=tp, tn=0, fp=fp, fn=0)
    suite = measured(counts, Threshold("min_precision", Fraction(bound, 10**20)))
    check = as_json(report(suite))["suites"][0]["checks"][0]
    if check["outcome"] != "no_data":
        exact = Fraction(tp, tp + fp)
        assert (check["actual"] >= check["threshold"]) == (exact >= Fraction(bound, 10**20))
        assert (check["actual"] <= check["threshold"]) == (exact <= Fraction(bound, 10**20))


@pytest.mark.parametrize(
    ("digits", "outcome"), [("0.90000000000000000001", "failed"), ("0.89999999999999999999", "passed")]
)
def test_difference_too_small_for_a_float_is_visible(digits: str, outcome: str) -> None:
    counts = Counts(utterances=10, tp=9, tn=0, fp=1, fn=0)
    suite = measured(counts, Threshold("min_precision", Fraction(digits)))
    check = as_json(report(suite))["suites"][0]["checks"][0]
    assert (check["outcome"], check["actual"] < check["threshold"]) == (outcome, outcome == "failed")
    assert check["actual"] != check["threshold"]


def test_scope_of_a_check_is_a_word_or_the_name_of_an_intent() -> None:
    rules = Rules(
        thresholds=tuple(thresholds(max_new_failures="0")),
        intents=IntentFloors(
            general=Floors(bounds={"min_recall": Fraction(1, 2)}),
            named={"Pay Bill": Floors(bounds={"min_f1": Fraction(1, 2)})},
        ),
        must_pass=("u0",),
        forbidden=(Forbidden("Pay Bill", "Block Card"),),
    )
    cases = numbered(case(f"u{row}", "Pay Bill") for row in range(3))
    gate = report(judged(cases, rules, before(cases)))
    checks = as_json(gate)["suites"][0]["checks"]
    assert {check["metric"]: check["scope"] for check in checks} == {
        "utterances": "suite", "new_failures": "baseline", "must_pass_failures": "must-pass",
        "forbidden_confusions": "forbidden", "f1": "Pay Bill", "recall": "intents",
    }  # fmt: skip
