"""Several runs of one suite: the outcome of a repeated utterance, and how many utterances a further run gets right."""

from __future__ import annotations

import math
from statistics import NormalDist, fmean, stdev
from typing import TYPE_CHECKING

from ci_gate.core.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

_SURE = 0.95
_ROUNDING = 1e-9
LEAST_RUNS = 2
"""The spread of the totals cannot be estimated from fewer runs."""


def outcome_of_repeats(passed: int, missing: int, pass_at: int) -> Outcome:
    """Return the outcome of an utterance with ``passed`` passing runs, and ``missing`` runs that did not evaluate it.

    The utterance passes with at least ``pass_at`` passing runs, fails if the missing runs cannot raise the number to
    ``pass_at``, and has no data otherwise.
    """
    if passed >= pass_at:
        return Outcome.PASSED
    return Outcome.FAILED if passed + missing < pass_at else Outcome.NO_DATA


def kept_rights(totals: Sequence[int]) -> int:
    """Return a number of right utterances that a further run of the same bot reaches in about 95 of 100 cases.

    ``totals`` are the numbers of right utterances in m accepted runs of the same utterances. The result is the lower
    prediction limit of one further draw, mean - t·s·√(1 + 1/m), rounded up to a whole utterance; if all totals are
    equal, it is that total. Raise ``ValueError`` for fewer than ``LEAST_RUNS`` runs.
    """
    runs = len(totals)
    if runs < LEAST_RUNS:
        raise ValueError(f"{LEAST_RUNS} runs or more are needed to tell how much they differ, not {runs}")
    reach = _student(runs - 1) * stdev(totals) * math.sqrt(1 + 1 / runs)
    return math.ceil(fmean(totals) - reach - _ROUNDING)


def _student(freedom: int) -> float:
    """Return the 95 % quantile of Student's t with ``freedom`` degrees of freedom.

    Source: the first terms of Fisher and Cornish's expansion in 1/freedom; within 0.1 % from 4 degrees of freedom on.
    """
    z = NormalDist().inv_cdf(_SURE)
    terms = (z, (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96, (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384)
    return math.fsum(term / float(freedom) ** power for power, term in enumerate(terms))
