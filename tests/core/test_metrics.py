"""The formula of each metric, and when it is undefined."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.counts import Counts
from ci_gate.core.metrics import DROPS, SCORES, Metric, measure, parts
from tests.core.builders import threshold
from tests.core.reference_values import PLATFORM_SCORES

if TYPE_CHECKING:
    from collections.abc import Callable

FORMULAS: dict[Metric, tuple[tuple[str, ...], Callable[..., tuple[int, int]]]] = {
    Metric.F1: (("tp", "fp", "fn"), lambda tp, fp, fn: (2 * tp, 2 * tp + fp + fn)),
    Metric.PRECISION: (("tp", "fp"), lambda tp, fp: (tp, tp + fp)),
    Metric.RECALL: (("tp", "fn"), lambda tp, fn: (tp, tp + fn)),
    Metric.ACCURACY: (("tp", "tn", "utterances"), lambda tp, tn, total: (tp + tn, total)),
    Metric.ENTITY_MATCH: (("matched_entities", "entities"), lambda matched, total: (matched, total)),
    Metric.ENTITY_MISMATCHES: (("matched_entities", "entities"), lambda matched, total: (total - matched, 1)),
    Metric.MISMATCHES: (("fp", "fn"), lambda fp, fn: (fp + fn, 1)),
    Metric.FAILED_UTTERANCES: (("failed_utterances",), lambda failed: (failed, 1)),
    Metric.UTTERANCES: (("utterances",), lambda total: (total, 1)),
}
"""The counts that each metric needs, and its numerator and denominator."""

OF_TWO_RUNS = {
    Metric.F1_DROP: "f1 drop",
    Metric.PRECISION_DROP: "precision drop",
    Metric.RECALL_DROP: "recall drop",
    Metric.ACCURACY_DROP: "accuracy drop",
    Metric.NEW_FAILURES: "new failures",
}
"""Metrics that need a baseline, and their labels."""

known = st.integers(0, 5000)
any_counts = st.builds(
    Counts,
    **dict.fromkeys(
        ("utterances", "tp", "tn", "fp", "fn", "failed_utterances", "entities", "matched_entities"),
        st.none() | st.just(0) | known,
    ),
)


def test_every_metric_has_a_formula_here() -> None:
    assert FORMULAS.keys() | OF_TWO_RUNS.keys() == {*Metric}


@pytest.mark.parametrize("metric", FORMULAS)
@given(counts=any_counts)
def test_a_metric_follows_its_formula(metric: Metric, counts: Counts) -> None:
    names, formula = FORMULAS[metric]
    needed = [getattr(counts, name) for name in names]
    if None in needed:
        assert parts(metric, counts) is None
        assert measure(metric, counts) is None
        return
    numerator, denominator = formula(*needed)
    assert parts(metric, counts) == (numerator, denominator)
    assert measure(metric, counts) == (Fraction(numerator, denominator) if denominator else None)


@pytest.mark.parametrize(("tp", "fp", "fn", "precision", "recall", "f1"), PLATFORM_SCORES)
def test_scores_agree_with_a_reference(tp: int, fp: int, fn: int, precision: float, recall: float, f1: float) -> None:
    counts = Counts(tp=tp, fp=fp, fn=fn)
    measured = [measure(metric, counts) for metric in (Metric.PRECISION, Metric.RECALL, Metric.F1)]
    assert [float(value) for value in measured if value is not None] == pytest.approx([precision, recall, f1], rel=6e-6)


@given(tp=st.integers(1, 5000), fp=known, fn=known)
def test_f1_is_the_harmonic_mean_of_precision_and_recall(tp: int, fp: int, fn: int) -> None:
    counts = Counts(tp=tp, fp=fp, fn=fn)
    precision, recall = measure(Metric.PRECISION, counts), measure(Metric.RECALL, counts)
    assert precision is not None
    assert recall is not None
    assert measure(Metric.F1, counts) == 2 * precision * recall / (precision + recall)


def test_f1_is_zero_where_nothing_was_right_although_precision_has_no_denominator() -> None:
    counts = Counts(tp=0, fp=0, fn=7)
    assert measure(Metric.F1, counts) == Fraction(0)
    assert measure(Metric.PRECISION, counts) is None


@pytest.mark.parametrize(("metric", "counts"), [
    (Metric.F1, Counts(tp=0, fp=0, fn=0)),
    (Metric.PRECISION, Counts(tp=0, fp=0)),
    (Metric.RECALL, Counts(tp=0, fn=0)),
    (Metric.ACCURACY, Counts(tp=0, tn=0, utterances=0)),
    (Metric.ENTITY_MATCH, Counts(entities=0, matched_entities=0)),
])  # fmt: skip
def test_a_zero_denominator_is_no_data(metric: Metric, counts: Counts) -> None:
    assert measure(metric, counts) is None


def test_utterances_that_were_not_evaluated_stay_in_the_denominator_of_accuracy() -> None:
    assert measure(Metric.ACCURACY, Counts(utterances=10, tp=7, tn=1, fp=0, fn=0, failed_utterances=2)) == Fraction(
        8, 10
    )


def test_scores_that_equal_a_three_decimal_threshold_exactly_reach_it() -> None:
    """In floating point, hundreds of these would fall short of the threshold that they equal."""
    held = 0
    for tp in range(1, 121):
        for errors in range(60):
            f1 = measure(Metric.F1, Counts(tp=tp, fp=errors, fn=0))
            assert f1 is not None
            thousandths = f1 * 1000
            if thousandths.denominator != 1 or thousandths == 1000:
                continue
            held += 1
            assert threshold("min_f1", f"0.{thousandths.numerator:03d}").is_met_by(f1)
            assert not threshold("min_f1", f"0.{thousandths.numerator:03d}0000000000000001").is_met_by(f1)
    assert held > 200


@pytest.mark.parametrize("metric", OF_TWO_RUNS)
@given(counts=any_counts)
def test_counts_of_one_run_do_not_tell_what_changed_since_another(metric: Metric, counts: Counts) -> None:
    assert metric.needs_baseline
    assert parts(metric, counts) is None
    assert measure(metric, counts) is None


def test_scores_and_their_drops_are_shares_and_everything_else_is_a_number_of_things() -> None:
    assert [metric for metric in Metric if metric.is_score] == list(SCORES)
    assert [metric for metric in Metric if metric.is_share] == [*SCORES, *DROPS]
    assert [metric for metric in Metric if metric.needs_baseline] == list(OF_TWO_RUNS)


def test_drop_is_named_after_the_score_that_it_is_the_fall_of() -> None:
    assert [(drop.label, score.label) for drop, score in DROPS.items()] == [
        (f"{score} drop", score) for score in ("f1", "precision", "recall", "accuracy")
    ]


def test_size_of_a_run_says_nothing_of_how_good_the_bot_is() -> None:
    silent = [metric for metric in Metric if not metric.is_about_the_bot]
    assert silent == [Metric.FAILED_UTTERANCES, Metric.UTTERANCES]


def test_labels_are_words() -> None:
    own = "f1, precision, recall, accuracy, entity match, not evaluated, mismatches, entity mismatches, utterances"
    assert [metric.label for metric in Metric] == [*own.split(", "), *OF_TWO_RUNS.values()]
