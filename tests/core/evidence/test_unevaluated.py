"""Unevaluated utterances: every possible result lies between the best and the worst case."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ci_gate.core.checks.check import Check
from ci_gate.core.checks.scores import judge
from ci_gate.core.counts import Counts
from ci_gate.core.evidence.unevaluated import (
    Unevaluated,
    corner,
    entity_corner,
    may_fail,
    may_pass,
    options,
    score_range,
)
from ci_gate.core.evidence.weigh import Evidence, weigh
from ci_gate.core.findings import TOLERABLE, Expectation
from ci_gate.core.metrics import SCORES, Metric, interval, measure
from ci_gate.core.model import Reported, ResultType, Utterance
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import Rules
from ci_gate.core.tally import tally
from ci_gate.core.text.decimals import Range
from ci_gate.core.thresholds import THRESHOLDS, Threshold
from tests.core.builders import MISSING, case, cases, results, status, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TP, TN, FP, FN, LOST, ODD = ResultType
OF_INTENTS = [metric for metric in SCORES if metric is not Metric.ENTITY_MATCH]

OPTIONS: dict[str, tuple[Utterance, set[ResultType]]] = {
    "recognised": (case(TP), {TP}),
    "rightly silent": (case(TN), {TN}),
    "taken for another": (case(FP), {FP}),
    "missed": (case(FN), {FN}),
    "blank, an intent expected": (case(LOST), {TP, FP, FN}),
    "blank, none expected": (case(LOST, expected=()), {TN, FP}),
    "an unknown word, an intent expected": (case(ODD), {TP, FP, FN}),
    "an unknown word, none expected": (case(ODD, expected=()), {TN, FP}),
    "missed, and a copy is blank": (replace(case(FN), may_be_fp=True), {FN, FP}),
    "taken for another, and a copy is blank": (replace(case(FP), may_be_fp=True), {FP}),
}


@pytest.mark.parametrize(("utterance", "types"), OPTIONS.values(), ids=OPTIONS)
def test_an_utterance_has_the_results_its_expectation_allows(utterance: Utterance, types: set[ResultType]) -> None:
    assert {*options(utterance)} == types
    assert len(options(utterance)) == len(types)
    assert may_pass(utterance) is bool(types & {TP, TN})
    assert may_fail(utterance) is bool(types & {FP, FN})


evaluated = st.builds(Counts, tp=st.integers(0, 6), tn=st.integers(0, 3), fp=st.integers(0, 4), fn=st.integers(0, 4))
lost = st.builds(Unevaluated, expecting=st.integers(0, 3), expecting_none=st.integers(0, 2), unsure=st.integers(0, 2))
PLACES = {TP: "tp", TN: "tn", FP: "fp", FN: "fn"}


def completions(counts: Counts, unknown: Unevaluated) -> Iterator[Counts]:
    """Yield the counts with every combination of results for the unevaluated utterances."""
    every = [
        *[options(case(LOST))] * unknown.expecting,
        *[options(case(LOST, expected=()))] * unknown.expecting_none,
        *[tuple(PLACES)] * unknown.unsure,
    ]
    for types in product(*every):
        added = {name: (getattr(counts, name) or 0) + types.count(result) for result, name in PLACES.items()}
        yield replace(counts, **added, failed_utterances=0)


def run_of(counts: Counts, unknown: Unevaluated) -> Counts:
    total = (counts.evaluated or 0) + unknown.total
    return replace(counts, utterances=total, failed_utterances=unknown.total)


@pytest.mark.parametrize("metric", OF_INTENTS)
@given(counts=evaluated, unknown=lost)
@example(counts=Counts(tp=0, tn=0, fp=0, fn=0), unknown=Unevaluated(expecting=1))
@example(counts=Counts(tp=1, tn=0, fp=0, fn=0), unknown=Unevaluated(unsure=2))
def test_a_score_range_holds_every_case_and_reaches_both(metric: Metric, counts: Counts, unknown: Unevaluated) -> None:
    run = run_of(counts, unknown)
    values = [measure(metric, done) for done in completions(run, unknown)]
    found = score_range(metric, run, unknown)
    if found is None:
        assert measure(metric, run) is None
        return
    known = [value for value in values if value is not None]
    assert known == values
    assert found == Range(min(known), max(known))


@pytest.mark.parametrize("metric", [Metric.PRECISION, Metric.RECALL])
@given(unknown=lost.filter(lambda unknown: unknown.total > 0))
def test_a_score_that_may_not_exist_has_no_range(metric: Metric, unknown: Unevaluated) -> None:
    run = run_of(Counts(tp=0, tn=2, fp=0, fn=0), unknown)
    assert None in [measure(metric, done) for done in completions(run, unknown)]
    assert score_range(metric, run, unknown) is None


@pytest.mark.parametrize("metric", OF_INTENTS)
@given(counts=evaluated, unknown=lost)
def test_intervals_start_between_those_of_both_extremes(metric: Metric, counts: Counts, unknown: Unevaluated) -> None:
    run = run_of(counts, unknown)
    if measure(metric, run) is None:
        return
    corners = [corner(metric, run, unknown, best=best) for best in (False, True)]
    ends = [interval(metric, end) for end in corners if end]
    lows = [found[0] for done in completions(run, unknown) if (found := interval(metric, done))]
    worst, best = (end[0] for end in ends if end)
    assert (worst, best) == (min(lows), max(lows))


@given(counts=evaluated, best=st.booleans(), metric=st.sampled_from(OF_INTENTS))
def test_nothing_lost_leaves_the_counts_as_they_are(counts: Counts, best: bool, metric: Metric) -> None:
    assert corner(metric, counts, Unevaluated(), best=best) is counts
    assert corner(metric, Counts(utterances=9), Unevaluated(unsure=3), best=best) == Counts(utterances=9)


def test_contradictory_counts_make_no_share_above_one() -> None:
    counts = Counts(utterances=3, tp=3, tn=0, fp=0, fn=0, failed_utterances=2)
    found = score_range(Metric.ACCURACY, counts, Unevaluated(unsure=2))
    assert found == Range(Fraction(3, 5), Fraction(1))


@given(matched=st.integers(0, 5), missed=st.integers(0, 5), more=st.integers(0, 4), held=st.booleans())
def test_unevaluated_entities_may_all_have_matched_or_none(matched: int, missed: int, more: int, held: bool) -> None:
    entities = matched + missed + (more if held else 0)
    counts = Counts(entities=entities, matched_entities=matched)
    unknown = Unevaluated(expecting=1, entities=more)
    all_of_them = entities + (0 if held else more)
    done = [
        Counts(entities=all_of_them, matched_entities=min(all_of_them, matched + right)) for right in range(more + 1)
    ]
    found = score_range(Metric.ENTITY_MATCH, counts, unknown)
    if found is None:
        assert entities == 0
        return
    for each in done:
        value = measure(Metric.ENTITY_MATCH, each)
        assert value is not None
        assert found.low <= value <= found.high
        worst, best = (entity_corner(counts, unknown, best=best) for best in (False, True))
        assert worst is not None
        assert best is not None
        mistakes = [measure(Metric.ENTITY_MISMATCHES, one) or 0 for one in (best, each, worst)]
        assert mistakes == sorted(mistakes)


@pytest.mark.parametrize(("counts", "unknown"), [
    (Counts(entities=9, matched_entities=8), Unevaluated(unsure=1, entities=None)),
    (Counts(entities=9), Unevaluated(expecting=1, entities=2)),
    (Counts(matched_entities=8), Unevaluated(expecting=1, entities=2)),
    (Counts(), Unevaluated()),
])  # fmt: skip
def test_entity_match_needs_the_number_of_entities(counts: Counts, unknown: Unevaluated) -> None:
    assert score_range(Metric.ENTITY_MATCH, counts, unknown) is None
    assert entity_corner(counts, unknown, best=True) is entity_corner(counts, unknown, best=False) is None


def test_too_many_matched_entities_give_an_ordered_range() -> None:
    found = score_range(Metric.ENTITY_MATCH, Counts(entities=3, matched_entities=4), Unevaluated())
    assert found == Range(Fraction(1), Fraction(4, 3))


typed = st.sampled_from([(TP, True), (TN, False), (FP, True), (FP, False), (FN, True), (LOST, True), (LOST, False)])
utterances = st.builds(
    lambda kind, entities, missed: case(
        kind[0],
        expected=("Rent Bike",) if kind[1] else (),
        entities=entities,
        matched_entities=0 if kind[0] is LOST else max(0, entities - missed),
    ),
    typed,
    st.integers(0, 2),
    st.integers(0, 1),
)
suites = st.lists(utterances, min_size=1, max_size=5).filter(
    lambda suite: 2 * sum(each.is_evaluated for each in suite) >= len(suite)
)
shares = st.sampled_from([Fraction(n, 20) for n in range(1, 21)])
numbers = st.integers(0, 6).map(Fraction)
limits = st.sampled_from(
    [key for key, metric in THRESHOLDS.items() if metric.is_about_the_bot and not metric.needs_baseline]
).flatmap(lambda key: (shares if THRESHOLDS[key].is_share else numbers).map(lambda bound: Threshold(key, bound)))
SOURCES = ("reply and file", "file alone", "reply and a file without them", "reply alone")


def weighed(suite: Sequence[Utterance], source: str) -> Evidence:
    """Weigh a suite as described by ``source``."""
    counts = tally(tuple(suite))
    told = replace(counts, failed_utterances=len(suite) - (counts.evaluated or 0))
    tolerate = frozenset(TOLERABLE)
    if source == "file alone":
        file = results(suite, Reported(counts=Counts(utterances=len(suite))))
        return weigh(None, file, expectation=Expectation(), tolerate=tolerate)
    if source == "reply alone":
        return weigh(status(told), MISSING, expectation=Expectation(), tolerate=tolerate)
    held = suite if source == "reply and file" else [each for each in suite if each.is_evaluated]
    return weigh(status(told), results(held), expectation=Expectation(), tolerate=tolerate)


def ways(suite: Sequence[Utterance]) -> Iterator[tuple[Utterance, ...]]:
    """Yield the suite with every combination of results for its unevaluated utterances."""
    every = [
        [each]
        if each.is_evaluated
        else [
            replace(each, result_type=result, matched_entities=matched)
            for result in options(each)
            for matched in range(each.entities + 1)
        ]
        for each in suite
    ]
    return product(*every)


def held(threshold: Threshold, evidence: Evidence, *, lower_bound: bool) -> Check:
    """Return the check of a threshold that was set for this suite."""
    rules = Rules(thresholds=(threshold,), lower_bound=lower_bound, pressing=frozenset({threshold.key}))
    (found,) = judge(evidence, rules)
    assert isinstance(found, Check)
    return found


@pytest.mark.parametrize("source", SOURCES)
@given(suite=suites, threshold=limits, lower_bound=st.booleans())
@example(suite=[case(TP), case(LOST)], threshold=Threshold("min_f1", Fraction(1)), lower_bound=False)
def test_a_verdict_of_a_check_holds_in_every_case(
    source: str, suite: list[Utterance], threshold: Threshold, lower_bound: bool
) -> None:
    judged = held(threshold, weighed(suite, source), lower_bound=lower_bound).outcome
    every = {held(threshold, weighed(done, source), lower_bound=lower_bound).outcome for done in ways(suite)}
    if judged is not Outcome.NO_DATA:
        assert every == {judged}


@pytest.mark.parametrize("metric", [*OF_INTENTS, Metric.MISMATCHES])
@given(suite=suites, data=st.data())
def test_no_data_only_if_some_cases_differ(metric: Metric, suite: list[Utterance], data: st.DataObject) -> None:
    (key,) = (key for key, bounded in THRESHOLDS.items() if bounded is metric)
    threshold = Threshold(key, data.draw(shares if metric.is_share else numbers))
    evidence = weighed(suite, "reply and file")
    judged = held(threshold, evidence, lower_bound=False)
    if judged.outcome is not Outcome.NO_DATA or measure(metric, evidence.counts) is None:
        return
    every = {held(threshold, weighed(done, "reply and file"), lower_bound=False).outcome for done in ways(suite)}
    assert len(every) > 1 or "in all" in judged.measured


@pytest.mark.parametrize(("source", "unknown"), [
    ("reply and file", Unevaluated(expecting=2, expecting_none=1, entities=3)),
    ("file alone", Unevaluated(expecting=2, expecting_none=1, entities=3)),
    ("reply and a file without them", Unevaluated(unsure=3, entities=None)),
    ("reply alone", Unevaluated(unsure=3, entities=None)),
])  # fmt: skip
def test_unevaluated_utterances_are_known_as_far_as_the_file_lists_them(source: str, unknown: Unevaluated) -> None:
    blank = [case(LOST, entities=2), case(LOST, entities=1), case(LOST, expected=())]
    found = weighed([*cases(tp=3), *blank], source)
    assert found.unevaluated == unknown
    assert found.unevaluated.total == 3


def test_a_fully_evaluated_run_leaves_nothing_open() -> None:
    for source in SOURCES:
        found = weighed(cases(tp=3, tn=1, fp=1, fn=1), source)
        assert found.unevaluated == Unevaluated()
        assert all(score.values is None or score.values.low == score.values.high for score in found.scores.values())


def test_a_tolerated_shrunken_run_leaves_its_lost_utterances_open() -> None:
    found = weigh(
        status(whole(tp=30)),
        results(cases(tp=30)),
        expectation=Expectation(seen_utterances=32),
        tolerate=frozenset(TOLERABLE),
    )
    assert found.unevaluated == Unevaluated(unsure=2, entities=None)
    assert found.scores[Metric.ACCURACY].values == Range(Fraction(30, 32), Fraction(1))
