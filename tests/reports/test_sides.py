"""A printed value never stands on the other side of its threshold, in any report."""

from __future__ import annotations

import re
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.counts import Counts
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.rules import Rules
from ci_gate.core.thresholds import Threshold
from ci_gate.output.ci import github, gitlab
from ci_gate.reports import junit
from tests.reports.builders import (
    as_json,
    as_markdown,
    as_text,
    before,
    case,
    compared,
    judged,
    measured,
    numbered,
    report,
    thresholds,
)
from tests.reports.strategies import unhurried


@unhurried
@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 10_000))
def test_printed_values_agree_with_the_outcome(tp: int, fp: int, fn: int, bound: int) -> None:
    counts = Counts(utterances=tp + fp + fn, tp=tp, tn=0, fp=fp, fn=fn)
    suite = measured(counts, Threshold("min_f1", Fraction(bound, 10_000)))
    if not (found := re.search(r"(?m)^  (pass|FAIL) +f1 >= (\S+)  (\S+)$", as_text(report(suite)))):
        assert tp + fp + fn == 0
        return
    outcome, shown_bound, shown = found.groups()
    assert (Fraction(shown) >= Fraction(shown_bound)) == (outcome == "pass")
    assert (2 * tp * 10_000 >= bound * (2 * tp + fp + fn)) == (outcome == "pass")
    assert f"| f1 >= {shown_bound} | {shown} |" in as_markdown(report(suite))
    failure = ET.fromstring("".join(junit.render(report(suite)))).find("testsuite/testcase/failure")
    assert (failure is None) == (outcome == "pass")
    if failure is not None:
        assert failure.get("message") == f"f1 {shown} < {shown_bound}"


@pytest.mark.parametrize(("drop", "fall"), [("0.07", "0.07003"), (None, "0.0700")])
@pytest.mark.parametrize("name", ["suite", "baseline", "must-pass", "forbidden", "intents", "Show Balance"])
def test_floors_of_an_intent_do_not_change_the_values_of_the_suite(name: str, drop: str | None, fall: str) -> None:
    right = [case(f"right {row}", name if row < 20 else "Pay Bill") for row in range(166)]
    wrong = [case(f"wrong {row}", "Pay Bill", ()) for row in range(25)]
    then = [case(one.text, one.expected) for one in wrong]
    half = Floors(bounds={f"min_{score}": Fraction(1, 2) for score in ("f1", "precision", "recall")})
    asked = {"min_f1": "0.93", "min_recall": "0.8691", **({"max_f1_drop": drop} if drop else {})}
    rules = Rules(thresholds=tuple(thresholds(**asked)), intents=IntentFloors(general=half, named={name: half}))
    gate = report(judged(numbered([*right, *wrong]), rules, before(numbered([*right, *then]))))

    assert {"f1=0.92997", "recall=0.86911"} <= {*"".join(github.outputs(gate, {})).split("\n")}
    assert {"GATE_F1=0.92997", "GATE_RECALL=0.86911"} <= {*"".join(gitlab.dotenv(gate)).split("\n")}
    metrics = dict(re.findall(r"(?m)^ci_gate_(\w+)\{.*\} (.+)$", "".join(gitlab.metrics(gate))))
    assert (metrics["f1"], metrics["recall"], metrics["f1_drop"]) == ("0.92997", "0.86911", fall)
    log = as_text(gate)
    assert re.search(r"(?m)^  FAIL +f1 >= 0.93 +0.92997 ", log)
    assert re.search(r"(?m)^  f1 +0.92997 ", log)
    assert re.search(r"(?m)^  recall +0.86911 ", log)
    summary = as_markdown(gate)
    assert "| f1 >= 0.93 | 0.92997 " in summary
    assert "| f1 | 0.92997 |" in summary
    assert "| recall | 0.86911 |" in summary
    failures = ET.fromstring("".join(junit.render(gate))).findall("testsuite/testcase/failure")
    assert any((failure.get("message") or "").startswith("f1 0.92997 < 0.93") for failure in failures)
    for check in as_json(gate)["suites"][0]["checks"]:
        is_met = check["actual"] >= check["threshold"] if check["operator"] == ">=" else None
        assert is_met in (None, check["outcome"] == "passed")


@pytest.mark.parametrize(("fall", "text"), [(Fraction(1, 20), "0.0500"), (Fraction(1, 3), "0.3333")])
def test_drop_has_four_decimals_if_they_are_on_its_side_of_the_threshold(fall: Fraction, text: str) -> None:
    size = fall.denominator * 20
    now = [case(f"u{row}", "Pay Bill", "Pay Bill" if row >= fall * size else ()) for row in range(size)]
    then = numbered(case(one.text, "Pay Bill") for one in now)
    gate = report(compared(numbered(now), before(then), max_recall_drop="0.04"))
    assert f"}} {text}\n" in "".join(gitlab.metrics(gate)).partition("ci_gate_recall_drop{")[2]


@pytest.mark.parametrize(("floor", "text"), [("0.5", "0.495"), ("0.4", "0.50"), (None, "0.50")])
def test_score_of_a_weak_intent_is_printed_on_its_side_of_the_floor(floor: str | None, text: str) -> None:
    weak = [case(f"w{row}", "Show Balance", "Show Balance" if row < 50 else "Pay Bill") for row in range(101)]
    extra = [case(f"x{row}", "Pay Bill", "Show Balance") for row in range(51)]
    bounds = {"min_f1": Fraction(floor)} if floor else {}
    rules = Rules(thresholds=tuple(thresholds(min_f1="0.1")), intents=IntentFloors(general=Floors(bounds=bounds)))
    gate = report(judged(numbered([*weak, *extra]), rules, None))
    assert re.search(rf"(?m)^  Show Balance +{text} ", as_text(gate))
    assert f"| <code>Show Balance</code> | {text} |" in as_markdown(gate)
