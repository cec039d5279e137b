"""How reports tell what a run was compared with, what changed, what was waived, and how sure a score is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.comparison.baseline import Baseline, Origin
from ci_gate.core.comparison.compare import compare, matched
from ci_gate.core.counts import Counts
from ci_gate.core.duplicates import collapsed
from ci_gate.core.metrics import Metric
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.report import Source, conclude
from ci_gate.core.rules import ALPHA, Rules
from ci_gate.core.waivers import Waiver, apply_waivers
from ci_gate.reports import markdown, text
from ci_gate.reports.outline import UTTERANCES_IN_BRIEF
from ci_gate.reports.values import measurements
from ci_gate.reports.wording import (
    baseline_sentence,
    change_sentence,
    left_out,
    power_sentence,
    score_rows,
    waiver_sentence,
)
from tests.core.builders import said
from tests.reports.builders import (
    STARTED,
    assessed,
    bank_cases,
    before,
    case,
    good_cases,
    judged,
    measured,
    numbered,
    report,
    subject,
    thresholds,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_gate.core.comparison.compare import Comparison

TP, FN, LOST = ResultType.TP, ResultType.FN, ResultType.NOT_EVALUATED
TODAY = date(2026, 6, 30)
BY_CHANCE = "a difference this large arises by chance in"
WOULD_SHOW = "in the share of utterances that work would have shown in 4 of 5 cases; a smaller one may be hidden"


def hold(now: Iterable[Utterance], then: Iterable[Utterance]) -> Comparison:
    baseline = Baseline(name="old.csv", origin=Origin(), utterances=collapsed(then))
    return compare(matched(baseline, collapsed(now)), baseline, level=0.05)


def turned(worse: int, better: int, same: int = 50) -> Comparison:
    """Compare runs in which so many utterances fail now, work now, and work as before."""
    pairs = [*((TP, FN),) * worse, *((FN, TP),) * better, *((TP, TP),) * same]
    then, now = ([said(f"say {row}", pair[side], row=row) for row, pair in enumerate(pairs)] for side in (0, 1))
    return hold(now, then)


@pytest.mark.parametrize(("same", "told"), [(1, "1 utterance that both have"), (2, "2 utterances that both have")])
def test_a_baseline_of_which_nothing_is_known_goes_by_where_it_was_found(same: int, told: str) -> None:
    assert baseline_sentence(turned(0, 0, same)) == f"old.csv, on {told}"


@pytest.mark.parametrize(("worse", "better", "told"), [
    (0, 0, "no utterance changed sides"),
    (0, 1, "0 utterances that worked now fail, 1 was fixed"),
    (1, 1, "1 utterance that worked now fails, 1 was fixed"),
    (2, 3, "2 utterances that worked now fail, 3 were fixed"),
    (1, 0, f"1 utterance that worked now fails, 0 were fixed; {BY_CHANCE} 25 of 100 runs"),
    (
        7,
        1,
        "7 utterances that worked now fail, 1 was fixed; a difference this large arises by chance in 2 of 100 runs",
    ),
])  # fmt: skip
def test_what_changed_is_counted_and_chance_is_told_of_where_more_got_worse(worse: int, better: int, told: str) -> None:
    assert change_sentence(turned(worse, better), ALPHA) == told


def test_where_some_were_not_evaluated_chance_is_told_of_as_it_may_be_at_most() -> None:
    known, lost = turned(7, 1), said("lost", LOST, row=99)
    assert change_sentence(known, ALPHA).endswith(f"; {BY_CHANCE} 2 of 100 runs")
    then, now = ([getattr(pair, side) for pair in known.pairs] for side in ("was", "now"))
    sentence = change_sentence(hold([*now, lost], [*then, said("lost", FN, row=99)]), ALPHA)
    assert sentence == f"7 utterances that worked now fail, 1 was fixed; {BY_CHANCE} at most 55 of 1,000 runs"


def test_what_was_not_compared_is_counted_by_its_reason() -> None:
    then = [
        said("gone", row=1),
        said("gone and failed", FN, row=2),
        said("moved", expected="A", row=3),
        said("lost", row=4),
        said("stays", row=5),
    ]
    now = [
        said("new", row=1),
        said("newer", row=2),
        said("moved", expected="B", row=3),
        said("lost", LOST, row=4),
        said("stays", row=5),
    ]
    assert left_out(hold(now, then)) == [
        "2 added",
        "2 removed (1 of which failed)",
        "1 with another expected intent",
        "1 not evaluated in one of the runs (1 of which may newly fail)",
    ]
    assert left_out(hold(then[-1:], [then[0], then[-1]])) == ["1 removed"]
    assert left_out(hold(then, then)) == []


@pytest.mark.parametrize(("comparison", "told"), [
    (turned(0, 0, 2), "so few utterances show no drop at all, however large"),
    (turned(3, 2, 195), f"a drop of {{points}} points {WOULD_SHOW}"),
], ids=["few", "many"])  # fmt: skip
def test_a_pass_is_told_of_with_the_drop_that_would_have_shown(comparison: Comparison, told: str) -> None:
    points = "" if comparison.detectable is None else f"{100 * comparison.detectable:.1f}"
    assert power_sentence(comparison) == told.format(points=points)


USED = Waiver(expected="Pay Bill", reason="why", owner="Ines", expires=TODAY)
UNUSED = replace(USED, expected="Find Branch")
EXPIRED = replace(USED, expires=date(2026, 6, 29))


@pytest.mark.parametrize(("waivers", "mismatches", "told"), [
    ([USED], 1, "1 waiver: 1 used; 1 mismatch waived"),
    ([USED, USED, UNUSED], 2, "3 waivers: 2 used, 1 unused; 2 mismatches waived"),
    ([EXPIRED, UNUSED], 1, "2 waivers: 1 unused, 1 expired; 0 mismatches waived"),
    ([EXPIRED, UNUSED, USED], 1, "3 waivers: 1 used, 1 unused, 1 expired; 1 mismatch waived"),
])  # fmt: skip
def test_waivers_are_counted_by_what_became_of_them(waivers: list[Waiver], mismatches: int, told: str) -> None:
    wrong = numbered(case(f"pay {row}", "Pay Bill", ()) for row in range(mismatches))
    assert waiver_sentence(apply_waivers(waivers, wrong, TODAY)) == told


def test_every_score_that_is_known_stands_with_its_interval() -> None:
    rows = [*score_rows(assessed(bank_cases(wrong=8), thresholds(min_f1="0.95")))]
    assert [(name, value) for name, value, _ in rows] == [
        ("f1", "0.9286"),
        ("precision", "0.8966"),
        ("recall", "0.9630"),
        ("accuracy", "0.8667"),
    ]
    for _, value, ends in rows:
        low, high = map(float, ends.split(" to "))
        assert low < float(value) < high


def test_a_score_without_utterances_of_its_own_has_no_row() -> None:
    silent = numbered(case(f"hm {row}", ()) for row in range(40))
    assert [name for name, *_ in score_rows(assessed(silent, thresholds(min_accuracy="0.5")))] == ["accuracy"]


def test_a_score_of_entities_has_an_interval_of_its_own_or_none() -> None:
    cases = [replace(one, entities=1, matched_entities=1) for one in good_cases()]
    rows = {name: sure for name, _, sure in score_rows(assessed(numbered(cases), thresholds(min_f1="0.5")))}
    assert set(rows) == {"f1", "precision", "recall", "accuracy", "entity match"}
    assert all(sure == "not known" or " to " in sure for sure in rows.values())


def test_a_run_that_was_resumed_says_so() -> None:
    for render in (text.render, markdown.render):
        shown = "".join(render(report(conclude(subject(source=Source.RESUMED), assessed(bank_cases(), thresholds())))))
        assert ", started by this gate before, and resumed" in shown


def test_text_lists_ten_utterances_that_newly_fail_and_counts_the_others() -> None:
    now = numbered(case(f"say {row}", "Pay Bill", ()) for row in range(UTTERANCES_IN_BRIEF + 3))
    then = numbered(case(f"say {row}", "Pay Bill") for row in range(UTTERANCES_IN_BRIEF + 3))
    shown = "".join(text.render(report(judged(now, Rules(thresholds=tuple(thresholds())), before(then)))))
    assert len(re.findall(r"(?m)^  say \d+ +Pay Bill  \(no intent\)$", shown)) == UTTERANCES_IN_BRIEF
    assert "\n  and 3 more, in report.json\n" in shown


def test_what_did_not_change_is_told_without_lists_of_nothing() -> None:
    same = report(judged(bank_cases(), Rules(thresholds=tuple(thresholds())), before(bank_cases())))
    shown, page = "".join(text.render(same)).lower(), "".join(markdown.render(same)).lower()
    for told in (shown, page):
        assert "no utterance changed sides" in told
        assert "not compared" not in told
    assert "<details>" not in page


def test_nothing_measured_gives_neither_rows_of_scores_nor_falls() -> None:
    lost = numbered(replace(one, result_type=LOST, matched=()) for one in good_cases())
    rules = Rules(thresholds=tuple(thresholds(max_f1_drop="0.01", max_failed_utterances="60")))
    suite = judged(lost, rules, before(bank_cases()))
    assert {Metric.F1, Metric.F1_DROP}.isdisjoint(measurements(suite))
    for render in (text.render, markdown.render):
        assert "95 % interval" not in "".join(render(report(suite)))


def test_each_measurement_of_change_leaves_waived_failures_out() -> None:
    waiver = Waiver(expected="Show Balance", reason="why", owner="Ines", expires=STARTED.date())
    now, then = bank_cases(wrong=8), [replace(one, matched=one.expected) for one in bank_cases(wrong=8)]
    right = [replace(one, result_type=TP if one.expected else ResultType.TN) for one in then]
    for waivers, failing in (((), "8"), ((waiver,), "6")):
        rules = Rules(thresholds=tuple(thresholds(max_new_failures="9")), waivers=waivers)
        assert measurements(judged(now, rules, before(right)))[Metric.NEW_FAILURES] == failing


def test_a_count_that_the_platform_did_not_report_is_no_measurement() -> None:
    known = measurements(measured(Counts(tp=30, tn=0, fp=0, fn=0)))
    assert Metric.F1 in known
    assert Metric.FAILED_UTTERANCES not in known
