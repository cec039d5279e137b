"""The wording of a comparison: the baseline, the changes, waivers, and the certainty of a score."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.comparison.baseline import Baseline, Origin
from ci_gate.core.comparison.compare import compare, matched
from ci_gate.core.comparison.pair import Pair
from ci_gate.core.counts import Counts
from ci_gate.core.duplicates import collapsed
from ci_gate.core.metrics import Metric
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.report import Source
from ci_gate.core.rules import ALPHA, Rules
from ci_gate.core.waivers import Waiver, apply_waivers
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
    as_markdown,
    as_text,
    assessed,
    bank_cases,
    before,
    case,
    compared,
    good_cases,
    measured,
    numbered,
    report,
    reports,
    subject,
    suite_of,
    thresholds,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_gate.core.comparison.compare import Comparison

TP, FN, LOST = ResultType.TP, ResultType.FN, ResultType.NOT_EVALUATED
TODAY = date(2026, 6, 30)
BY_CHANCE = "a difference this large arises by chance in"
WOULD_SHOW = "in the share of utterances that work would have shown in 4 of 5 cases; a smaller one may be hidden"


def between(then: Iterable[Utterance], now: Iterable[Utterance], **fields: object) -> Comparison:
    """Return the comparison of two runs, with ``fields`` replaced."""
    baseline = Baseline(name="old.csv", origin=Origin(), utterances=collapsed(then))
    return replace(compare(matched(baseline, collapsed(now)), baseline, level=0.05), **fields)  # type: ignore[arg-type]


def turned(worse: int, better: int, same: int = 50) -> Comparison:
    """Return a comparison with numbers of utterances that broke, were fixed, and still work."""
    pairs = [*((TP, FN),) * worse, *((FN, TP),) * better, *((TP, TP),) * same]
    then, now = ([said(f"say {row}", pair[side], row=row) for row, pair in enumerate(pairs)] for side in (0, 1))
    return between(then, now)


def test_baseline_is_named_and_nothing_is_said_twice() -> None:
    assert baseline_sentence(turned(0, 0, 1)) == "old.csv, on 1 utterance that both have"
    assert baseline_sentence(turned(0, 0, 2)) == "old.csv, on 2 utterances that both have"
    for name, facts in {
        "baseline/report.json": "run tr-1, bot version published, finished 2026-02-01T08:00:00+00:00",
        "version published": "run tr-1, finished 2026-02-01T08:00:00+00:00",
        "run tr-1": "bot version published, finished 2026-02-01T08:00:00+00:00",
    }.items():
        known = Baseline(
            name=name, origin=Origin(), utterances={}, run_id="tr-1", bot_version="published",
            finished="2026-02-01T08:00:00+00:00",
        )  # fmt: skip
        sentence = baseline_sentence(compare(matched(known, {}), known, level=0.05))
        assert sentence == f"{name} ({facts}), on 0 utterances that both have"


@pytest.mark.parametrize(("worse", "better", "sentence"), [
    (0, 0, "no utterance changed sides"),
    (0, 1, "0 utterances that worked now fail, 1 was fixed"),
    (0, 2, "0 utterances that worked now fail, 2 were fixed"),
    (1, 1, "1 utterance that worked now fails, 1 was fixed"),
    (2, 3, "2 utterances that worked now fail, 3 were fixed"),
    (1, 0, f"1 utterance that worked now fails, 0 were fixed; {BY_CHANCE} 25 of 100 runs"),
    (6, 1, f"6 utterances that worked now fail, 1 was fixed; {BY_CHANCE} 4 of 100 runs"),
    (7, 1, f"7 utterances that worked now fail, 1 was fixed; {BY_CHANCE} 2 of 100 runs"),
])  # fmt: skip
def test_changes_are_counted_with_their_probability_if_more_got_worse(worse: int, better: int, sentence: str) -> None:
    assert change_sentence(turned(worse, better), ALPHA) == sentence
    failing = [said("still failing", FN)]
    assert change_sentence(between(failing, failing), ALPHA) == "no utterance changed sides"


def test_sentence_about_unevaluated_utterances_shows_the_highest_probability() -> None:
    known, lost = turned(7, 1), said("lost", LOST, row=99)
    then, now = ([getattr(pair, side) for pair in known.pairs] for side in ("was", "now"))
    sentence = change_sentence(between([*then, said("lost", FN, row=99)], [*now, lost]), ALPHA)
    assert sentence == f"7 utterances that worked now fail, 1 was fixed; {BY_CHANCE} at most 55 of 1,000 runs"


def test_utterances_that_are_not_compared_are_counted_by_reason() -> None:
    then = [
        said("gone", row=1), said("gone and failed", FN, row=2), said("moved", expected="A", row=3),
        said("lost", row=4), said("stays", row=5),
    ]  # fmt: skip
    now = [
        said("new", row=1), said("newer", row=2), said("moved", expected="B", row=3), said("lost", LOST, row=4),
        said("stays", row=5),
    ]  # fmt: skip
    assert left_out(between(then, now)) == [
        "2 added", "2 removed (1 of which failed)", "1 with another expected intent",
        "1 not evaluated in one of the runs (1 of which may newly fail)",
    ]  # fmt: skip
    assert left_out(between([then[0], then[-1]], then[-1:])) == ["1 removed"]
    assert left_out(between(then, then)) == []
    assert left_out(between((), (), unevaluated=3)) == ["3 not evaluated in one of the runs"]
    pair = Pair(then[0], then[0])
    assert left_out(between((), (), unevaluated=3, may_be_failing=(pair,), adrift=2)) == [
        "3 not evaluated in one of the runs (1 of which may newly fail)",
        "2 that a results file lacks and that cannot be identified",
    ]


def test_pass_is_reported_with_the_drop_that_would_have_shown() -> None:
    few = turned(0, 0, 2)
    assert few.detectable is None
    assert power_sentence(few) == "so few utterances show no drop at all, however large"
    many = turned(3, 2, 195)
    assert many.detectable is not None
    assert power_sentence(many) == f"a drop of {100 * many.detectable:.1f} points {WOULD_SHOW}"
    assert power_sentence(between((), (), detectable=0.0312)) == f"a drop of 3.1 points {WOULD_SHOW}"


USED = Waiver(expected="Pay Bill", reason="why", owner="Ines", expires=TODAY)
UNUSED = replace(USED, expected="Find Branch")
EXPIRED = replace(USED, expires=date(2026, 6, 29))


@pytest.mark.parametrize(("waivers", "mismatches", "sentence"), [
    ([USED], 1, "1 waiver: 1 used; 1 mismatch waived"),
    ([USED, USED, UNUSED], 2, "3 waivers: 2 used, 1 unused; 2 mismatches waived"),
    ([EXPIRED, UNUSED], 1, "2 waivers: 1 unused, 1 expired; 0 mismatches waived"),
    ([EXPIRED, UNUSED, USED], 1, "3 waivers: 1 used, 1 unused, 1 expired; 1 mismatch waived"),
], ids=["used", "unused", "expired", "every state"])  # fmt: skip
def test_waivers_are_counted_by_state(waivers: list[Waiver], mismatches: int, sentence: str) -> None:
    wrong = numbered(case(f"pay {row}", "Pay Bill", ()) for row in range(mismatches))
    assert waiver_sentence(apply_waivers(waivers, wrong, TODAY)) == sentence


def test_every_known_score_has_a_row_with_its_interval() -> None:
    rows = [*score_rows(assessed(bank_cases(wrong=8), thresholds(min_f1="0.95")))]
    assert [(name, value) for name, value, _ in rows] == [
        ("f1", "0.9286"), ("precision", "0.8966"), ("recall", "0.9630"), ("accuracy", "0.8667"),
    ]  # fmt: skip
    for _, value, ends in rows:
        low, high = map(float, ends.split(" to "))
        assert low < float(value) < high
    silent = numbered(case(f"hm {row}", ()) for row in range(40))
    assert [name for name, *_ in score_rows(assessed(silent, thresholds(min_accuracy="0.5")))] == ["accuracy"]
    cases = [replace(one, entities=1, matched_entities=1) for one in good_cases()]
    intervals = {name: ends for name, _, ends in score_rows(assessed(numbered(cases), thresholds(min_f1="0.5")))}
    assert set(intervals) == {"f1", "precision", "recall", "accuracy", "entity match"}
    assert all(ends == "not known" or " to " in ends for ends in intervals.values())


def test_resumed_run_is_marked() -> None:
    gate = report(suite_of(bank_cases(), {}, subject(source=Source.RESUMED)))
    for shown in (as_text(gate), as_markdown(gate)):
        assert ", started by this gate before, and resumed" in shown


def test_text_lists_ten_newly_failing_utterances_and_counts_the_others() -> None:
    now = numbered(case(f"say {row}", "Pay Bill", ()) for row in range(UTTERANCES_IN_BRIEF + 3))
    then = numbered(case(f"say {row}", "Pay Bill") for row in range(UTTERANCES_IN_BRIEF + 3))
    shown = as_text(report(compared(now, before(then))))
    assert len(re.findall(r"(?m)^  say \d+ +Pay Bill  \(no intent\)$", shown)) == UTTERANCES_IN_BRIEF
    assert "\n  and 3 more, in report.json\n" in shown


def test_comparison_without_changes_has_no_lists() -> None:
    same = report(compared(bank_cases(), before(bank_cases())))
    for shown in (as_text(same).lower(), as_markdown(same).lower()):
        assert "no utterance changed sides" in shown
        assert "not compared" not in shown
    assert "<details>" not in as_markdown(same).lower()


def test_unknown_values_are_no_measurements() -> None:
    lost = numbered(replace(one, result_type=LOST, matched=()) for one in good_cases())
    suite = compared(lost, before(bank_cases()), max_f1_drop="0.01", max_failed_utterances="60")
    assert {Metric.F1, Metric.F1_DROP}.isdisjoint(measurements(suite))
    for shown in (as_text(report(suite)), as_markdown(report(suite))):
        assert "95 % interval" not in shown
    known = measurements(measured(Counts(tp=30, tn=0, fp=0, fn=0)))
    assert Metric.F1 in known
    assert Metric.FAILED_UTTERANCES not in known


def test_measurements_of_change_exclude_waived_failures_and_unknown_drops() -> None:
    waiver = Waiver(expected="Show Balance", reason="why", owner="Ines", expires=STARTED.date())
    now, then = bank_cases(wrong=8), [replace(one, matched=one.expected) for one in bank_cases(wrong=8)]
    right = [replace(one, result_type=TP if one.expected else ResultType.TN) for one in then]
    for waivers, failing in (((), "8"), ((waiver,), "6")):
        suite = compared(now, before(right), Rules(waivers=waivers), max_new_failures="9")
        assert measurements(suite)[Metric.NEW_FAILURES] == failing
    (suite,) = reports()["improved"].suites
    assert suite.judgement is not None
    silent = [said("hm", ResultType.TN, row=1)]
    without = replace(suite, judgement=replace(suite.judgement, comparison=between(silent, silent)))
    found = measurements(without)
    assert (Metric.F1_DROP in found, found[Metric.ACCURACY_DROP], found[Metric.NEW_FAILURES]) == (False, "0.0000", "0")
