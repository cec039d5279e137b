"""What several runs of one suite say together: an utterance that was repeated, and the floor that further runs keep."""

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
"""Of fewer runs it is not known how much they differ."""


def outcome_of_repeats(passed: int, missing: int, pass_at: int) -> Outcome:
    """Return what became of an utterance that ``passed`` in some of its runs, of which ``missing`` were not evaluated.

    It passes if it passed ``pass_at`` times, and fails if it no longer can; else what is missing decides.
    """
    if passed >= pass_at:
        return Outcome.PASSED
    return Outcome.FAILED if passed + missing < pass_at else Outcome.NO_DATA


def kept_rights(totals: Sequence[int]) -> int:
    """Return the number of utterances that a further run of the same bot gets right in about 95 of 100 cases.

    ``totals`` are those that were right in accepted runs of the same utterances, of which there must be ``LEAST_RUNS``.
    The lower prediction limit of one further draw, mean - t·s·√(1 + 1/m), rounded up to a whole utterance; a bot that
    never differs keeps its own score. Raise ``ValueError`` for fewer runs.
    """
    runs = len(totals)
    if runs < LEAST_RUNS:
        raise ValueError(f"{LEAST_RUNS} runs or more are needed to tell how much they differ, not {runs}")
    reach = _student(runs - 1) * stdev(totals) * math.sqrt(1 + 1 / runs)
    return math.ceil(fmean(totals) - reach - _ROUNDING)


def _student(freedom: int) -> float:
    """Return what 95 of 100 draws of Student's t stay below, by the first terms of its expansion in 1/freedom.

    Source: Fisher and Cornish's expansion; within 0.1 % from 4 degrees of freedom on.
    """
    z = NormalDist().inv_cdf(_SURE)
    terms = (z, (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96, (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384)
    return math.fsum(term / float(freedom) ** power for power, term in enumerate(terms))
