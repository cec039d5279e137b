"""How reports tell what a run was compared with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.comparison.baseline import Baseline, Origin
from ci_gate.core.comparison.compare import compare, matched
from ci_gate.core.comparison.pair import Pair
from ci_gate.core.duplicates import collapsed
from ci_gate.core.metrics import Metric
from ci_gate.core.model import ResultType
from ci_gate.core.rules import ALPHA
from ci_gate.reports.values import measurements
from ci_gate.reports.wording import baseline_sentence, change_sentence, left_out, power_sentence
from tests.core.builders import case
from tests.reports.builders import reports

if TYPE_CHECKING:
    from ci_gate.core.comparison.compare import Comparison


def compared_with(name: str) -> Comparison:
    """Compare nothing with a baseline of that name."""
    baseline = Baseline(
        name=name, origin=Origin(), utterances={}, run_id="tr-1", bot_version="published",
        finished="2026-02-01T08:00:00+00:00",
    )  # fmt: skip
    return compare(matched(baseline, {}), baseline, level=0.05)


@pytest.mark.parametrize(("name", "told"), [
    ("baseline/report.json", "run tr-1, bot version published, finished 2026-02-01T08:00:00+00:00"),
    ("version published", "run tr-1, finished 2026-02-01T08:00:00+00:00"),
    ("run tr-1", "bot version published, finished 2026-02-01T08:00:00+00:00"),
], ids=["file", "version", "run"])  # fmt: skip
def test_what_a_baseline_is_called_after_is_not_said_twice(name: str, told: str) -> None:
    sentence = baseline_sentence(compared_with(name))
    assert sentence == f"{name} ({told}), on 0 utterances that both have"


def compared(*changes: tuple[ResultType, ResultType], **fields: object) -> Comparison:
    """Compare utterances that were the one and are the other."""
    rows = list(enumerate(changes, 1))
    was, now = ([case(types[side], row=row) for row, types in rows] for side in (0, 1))
    baseline = Baseline(name="b", origin=Origin(), utterances=collapsed(was))
    return replace(compare(matched(baseline, collapsed(now)), baseline, level=0.05), **fields)  # type: ignore[arg-type]


TP, FN = ResultType.TP, ResultType.FN
ARISES = "a difference this large arises by chance"
SHOWN = "in the share of utterances that work would have shown in 4 of 5 cases; a smaller one may be hidden"


@pytest.mark.parametrize(("changes", "told"), [
    ([(TP, TP), (FN, FN)], "no utterance changed sides"),
    ([(TP, FN)], f"1 utterance that worked now fails, 0 were fixed; {ARISES} in 25 of 100 runs"),
    ([(TP, FN)] * 6 + [(FN, TP)], f"6 utterances that worked now fail, 1 was fixed; {ARISES} in 4 of 100 runs"),
    ([(TP, FN), (FN, TP)], "1 utterance that worked now fails, 1 was fixed"),
    ([(FN, TP)] * 2, "0 utterances that worked now fail, 2 were fixed"),
], ids=["nothing", "one broke", "many broke", "as many each way", "better"])  # fmt: skip
def test_what_changed_is_said_in_utterances_and_how_easily_chance_does_that(
    changes: list[tuple[ResultType, ResultType]], told: str
) -> None:
    assert change_sentence(compared(*changes), ALPHA) == told


def test_what_is_not_compared_is_counted() -> None:
    shared, failing = case(TP), case(FN)
    fields = {"added": (shared,), "removed": (failing, shared), "relabelled": (Pair(shared, shared),), "unevaluated": 3}
    assert left_out(compared(**fields)) == [
        "1 added",
        "2 removed (1 of which failed)",
        "1 with another expected intent",
        "3 not evaluated in one of the runs",
    ]
    assert left_out(compared(unevaluated=3, may_be_failing=(Pair(shared, shared),), adrift=2)) == [
        "3 not evaluated in one of the runs (1 of which may newly fail)",
        "2 that a results file lacks, nobody can tell which",
    ]
    assert left_out(compared(removed=(shared,))) == ["1 removed"]
    assert left_out(compared()) == []


@pytest.mark.parametrize(
    ("detectable", "told"),
    [(None, "so few utterances show no drop at all, however large"), (0.0312, f"a drop of 3.1 points {SHOWN}")],
)
def test_a_report_says_which_drop_would_have_shown(detectable: float | None, told: str) -> None:
    assert power_sentence(compared(detectable=detectable)) == told


def test_a_drop_that_cannot_be_computed_is_no_measurement() -> None:
    none = ResultType.TN
    changed = compared((none, none))
    (suite,) = reports()["improved"].suites
    assert suite.judgement is not None
    without = replace(suite, judgement=replace(suite.judgement, comparison=changed))
    found = measurements(without)
    assert (Metric.F1_DROP in found, found[Metric.ACCURACY_DROP], found[Metric.NEW_FAILURES]) == (False, "0.0000", "0")
