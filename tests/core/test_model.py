"""The basic values: result types, counts and lists of texts."""

from __future__ import annotations

import pytest

from ci_gate.core.counts import Counts
from ci_gate.core.model import ResultType, listed
from tests.core.builders import case


@pytest.mark.parametrize(("result_type", "passed", "is_mismatch"), [
    (ResultType.TP, True, False),             (ResultType.TN, True, False),
    (ResultType.FP, False, True),             (ResultType.FN, False, True),
    (ResultType.NOT_EVALUATED, False, False), (ResultType.UNKNOWN, False, False),
])  # fmt: skip
def test_result_types_pass_mismatch_or_neither(result_type: ResultType, passed: bool, is_mismatch: bool) -> None:
    found = case(result_type)
    assert (found.passed, found.is_mismatch, found.is_evaluated) == (passed, is_mismatch, passed or is_mismatch)


@pytest.mark.parametrize("missing", ["tp", "tn", "fp", "fn"])
def test_one_unknown_count_leaves_the_number_of_evaluated_utterances_unknown(missing: str) -> None:
    counts = Counts(**{name: 1 for name in ("tp", "tn", "fp", "fn") if name != missing})
    assert (counts.confusion, counts.evaluated) == (None, None)


def test_evaluated_utterances_are_in_one_of_the_four_counts() -> None:
    counts = Counts(tp=4, tn=3, fp=2, fn=1, failed_utterances=5)
    assert (counts.confusion, counts.evaluated) == ((4, 3, 2, 1), 10)


@pytest.mark.parametrize(("counts", "lost"), [
    (Counts(), 0),
    (Counts(failed_utterances=2), 2),
    (Counts(utterances=10, tp=4, tn=3, fp=2, fn=1), 0),
    (Counts(utterances=12, tp=4, tn=3, fp=2, fn=1), 2),
    (Counts(utterances=12, tp=4, tn=3, fp=2, fn=1, failed_utterances=1), 2),
    (Counts(utterances=12, tp=4, tn=3, fp=2, fn=1, failed_utterances=3), 3),
    (Counts(utterances=9, tp=4, tn=3, fp=2, fn=1), 0),
    (Counts(tp=4, tn=3, fp=2, fn=1), 0),
])  # fmt: skip
def test_lost_is_the_larger_of_the_reported_and_the_derived_number(counts: Counts, lost: int) -> None:
    assert counts.lost == lost


def test_of_many_texts_the_first_five_are_named_and_the_rest_counted() -> None:
    assert listed("abcde") == "'a', 'b', 'c', 'd', 'e'"
    assert listed("abcdefg") == "'a', 'b', 'c', 'd', 'e' and 2 more"
    assert listed("abc", 1) == "'a' and 2 more"
    assert listed(()) == ""
