"""Several runs of one suite taken together."""

from __future__ import annotations

from itertools import product
from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.outcome import Outcome
from ci_gate.core.repeats import kept_rights, outcome_of_repeats
from tests.core.reference_values_2 import KEPT_RIGHTS, REPEATS

WORDS = {"passed": Outcome.PASSED, "failed": Outcome.FAILED, "not evaluated": Outcome.NO_DATA}


@pytest.mark.parametrize(("passed", "missing", "runs", "pass_at", "word"), REPEATS)
def test_repeats_agree_with_a_reference(passed: int, missing: int, runs: int, pass_at: int, word: str) -> None:
    assert passed + missing <= runs
    assert outcome_of_repeats(passed, missing, pass_at) is WORDS[word]


@given(passed=st.integers(0, 4), missing=st.integers(0, 4), pass_at=st.integers(1, 5))
def test_a_repeated_utterance_holds_however_its_missing_runs_ended(passed: int, missing: int, pass_at: int) -> None:
    ends = {passed + sum(ended) >= pass_at for ended in product((0, 1), repeat=missing)}
    decided = Outcome.PASSED if ends == {True} else Outcome.FAILED
    assert outcome_of_repeats(passed, missing, pass_at) is (decided if len(ends) == 1 else Outcome.NO_DATA)


@pytest.mark.parametrize(("totals", "mean", "spread", "kept"), KEPT_RIGHTS)
def test_kept_rights_agree_with_a_reference(totals: tuple[int, ...], mean: float, spread: float, kept: int) -> None:
    assert (fmean(totals), variance(totals)) == pytest.approx((mean, spread))
    assert kept_rights(totals) == kept


@given(totals=st.lists(st.integers(0, 300), min_size=2, max_size=9), more=st.integers(1, 20))
def test_kept_rights_move_with_the_runs_and_stay_below_their_mean(totals: list[int], more: int) -> None:
    assert kept_rights(totals) <= fmean(totals) + 1
    assert kept_rights([total + more for total in totals]) == kept_rights(totals) + more


def test_one_run_does_not_tell_how_much_runs_differ() -> None:
    with pytest.raises(ValueError, match="2 runs or more are needed to tell how much they differ, not 1"):
        kept_rights([260])
