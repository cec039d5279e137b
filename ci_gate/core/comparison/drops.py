"""The fall of a score between two runs and its probability by chance, whatever unevaluated utterances would show.

Source of the test: the exact sign-flip test on the score's own counts. For each utterance that changed, a coin decides
which of its two answers was the old one; the fall is significant if few of all outcomes lower the score as far.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.evidence.unevaluated import options
from ci_gate.core.metrics import DROPS, Metric
from ci_gate.core.model import ResultType
from ci_gate.core.outcome import Outcome, outcome_of
from ci_gate.core.statistics.chance import beyond_chance
from ci_gate.core.statistics.sign_flip import Axis, Flips, Pool, chance_of_flips, fewest_worse, least_provable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ci_gate.core.comparison.pair import Pair

    _Options = tuple[ResultType, ...]
    _States = Counter[tuple[int, int]]

_RIGHT, _ASIDE, _WRONG = 2, 1, 0  # an answer counts for a score, not at all, or against it

_TP, _TN, _FP, _FN = ResultType.TP, ResultType.TN, ResultType.FP, ResultType.FN
_STATES: Mapping[Metric, Mapping[ResultType, int]] = {
    Metric.F1: {_TP: _RIGHT, _TN: _ASIDE, _FP: _WRONG, _FN: _WRONG},
    Metric.PRECISION: {_TP: _RIGHT, _TN: _ASIDE, _FP: _WRONG, _FN: _ASIDE},
    Metric.RECALL: {_TP: _RIGHT, _TN: _ASIDE, _FP: _ASIDE, _FN: _WRONG},
    Metric.ACCURACY: {_TP: _RIGHT, _TN: _RIGHT, _FP: _WRONG, _FN: _WRONG},
}
"""How an answer of each result type counts for each score."""

_LOSABLE: Mapping[Metric, frozenset[ResultType]] = {
    metric: frozenset({_TP} if metric is Metric.RECALL else {_TP, _TN}) for metric in _STATES
}
"""The passing result types whose failure counts against each score; recall ignores utterances without an intent."""

_NEAR = 4
"""The number of smaller losses that are tried below a failing one, since one of them may fail the check as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The limit of a drop: a tolerated fall and, unless ``strict``, the significance level of its test."""

    tolerance: Fraction
    level: float
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers of answers for and against a score in one run; F1 counts right answers twice (``weight`` 2)."""

    right: int
    wrong: int
    weight: int = 1

    @property
    def score(self) -> Fraction | None:
        """The exact score; ``None`` if no answer counts."""
        counted = self.weight * self.right + self.wrong
        return Fraction(self.weight * self.right, counted) if counted else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """The change of a score on the shared utterances.

    These fields cover only utterances that both runs evaluated: ``was`` and ``now``, the tallies of both runs;
    ``worse`` and ``better``, the numbers of answers that changed for this score; ``lost``, the number of answers that
    newly count against it; ``fixed``, the changes for the better; and ``silent``, the number of utterances without an
    expected intent that passed in the earlier run without counting for the score, but would count against it if they
    failed.

    These are pairs of the smallest and the largest value over all possible results of the utterances that a run did not
    evaluate: ``before``, the score of the earlier run; ``falls``, the fall of the score; and ``chances``, the
    probability that chance alone lowers the score as far.

    ``passed`` is the number of utterances that passed in the earlier run and would count against the score if they
    failed; ``may_have_passed`` includes those that were not evaluated in it.
    """

    metric: Metric
    was: Tally
    now: Tally
    worse: int
    better: int
    lost: int
    fixed: Flips
    silent: int
    before: tuple[Fraction, Fraction]
    passed: int
    may_have_passed: int
    falls: tuple[Fraction, Fraction]
    chances: tuple[float, float]

    @property
    def fall(self) -> Fraction | None:
        """The fall of the score, from evaluated answers; negative if it rose, ``None`` if no answer counts."""
        was, now = self.was.score, self.now.score
        return None if was is None or now is None else was - now

    def outcome(self, limit: Limit) -> Outcome:
        """Return FAILED if even the smallest fall is too large and even the largest chance is significant.

        Return PASSED if even the largest fall is tolerated, or if not even the smallest chance is significant; else
        NO_DATA. With ``limit.strict`` only the falls count.
        """
        (least, most), (rarest, likeliest) = self.falls, self.chances
        passes = most <= limit.tolerance or not (limit.strict or beyond_chance(rarest, limit.level))
        fails = least > limit.tolerance and (limit.strict or beyond_chance(likeliest, limit.level))
        return outcome_of(worst=passes, best=not fails)

    def falls_when_lost(self, lost: int, tolerance: Fraction) -> bool:
        """Return whether the score would fall too far if ``lost`` utterances, and no others, newly failed."""
        before, after = self.was.score, self._after(lost).score
        return before is not None and after is not None and before - after > tolerance

    def fails_when_lost(self, lost: int, limit: Limit) -> bool:
        """Return whether the check would fail if ``lost`` utterances, and no others, newly failed.

        Utterances that count for the score are lost first. The changes for the better in this run are kept.
        """
        if not self.falls_when_lost(lost, limit.tolerance):
            return False
        if limit.strict:
            return True
        before, after, fixed = self.was, self._after(lost), self.fixed
        of_right = min(lost, before.right)
        flips = Flips(
            right_wrong=Axis(fixed.right_wrong.changed + of_right, of_right),
            right_aside=fixed.right_aside,
            aside_wrong=Axis(fixed.aside_wrong.changed + lost - of_right, lost - of_right),
        )
        pool = Pool(before.right + after.right, before.wrong + after.wrong)
        return beyond_chance(chance_of_flips(flips, (pool,), most=True), limit.level)

    def _after(self, lost: int) -> Tally:
        """Return the tally of this run if ``lost`` utterances, and no others, newly failed."""
        before, fixed = self.was, self.fixed
        right = before.right + fixed.right_wrong.changed + fixed.right_aside.changed - min(lost, before.right)
        wrong = before.wrong - fixed.right_wrong.changed - fixed.aside_wrong.changed + lost
        return Tally(right, wrong, before.weight)


def measure_drops(pairs: Iterable[Pair]) -> dict[Metric, Drop]:
    pairs_by_options = Counter((options(pair.was), options(pair.now)) for pair in pairs)
    return {drop: _drop(metric, pairs_by_options) for drop, metric in DROPS.items()}


def can_ever_fail(drop: Drop, limit: Limit) -> tuple[bool, bool]:
    """Return whether the check would certainly fail, and whether it might fail, if every utterance failed.

    The first value is true if it would fail for every possible result of the utterances that the earlier run did not
    evaluate, the second if it would for at least one.
    """
    least = 1 if limit.strict else least_provable(limit.level)
    surely = drop.passed >= least and drop.before[0] > limit.tolerance
    return surely, drop.may_have_passed >= least and drop.before[1] > limit.tolerance


def fewest_lost(drop: Drop, limit: Limit) -> int | None:
    """Return the smallest number of new failures at which the check would have failed; ``None`` if there is none.

    The search starts at the smallest number that lowers the score by more than the tolerance and, unless
    ``limit.strict``, could be significant despite the utterances that this run fixed. From there on, more failures
    nearly always make the fall more significant. There are small exceptions, since the weight of one change depends on
    all changes; therefore up to ``_NEAR`` smaller numbers are tried too.
    """
    most = drop.was.right + drop.silent
    least = bisect_left(range(most + 1), 1, key=lambda lost: drop.falls_when_lost(lost, limit.tolerance))
    if not limit.strict:
        least = max(least, fewest_worse(limit.level, drop.fixed.right_wrong.changed))
    low, high, step = least - 1, min(least, most), 1
    while high < most and not drop.fails_when_lost(high, limit):
        low, high, step = high, min(high + step, most), 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if drop.fails_when_lost(middle, limit) else (middle, high)
    near = range(max(least, high - _NEAR), high + 1)
    return next((lost for lost in near if drop.fails_when_lost(lost, limit)), None)


def _drop(metric: Metric, pairs_by_options: Counter[tuple[_Options, _Options]]) -> Drop:
    state, losable = _STATES[metric], _LOSABLE[metric]
    silent = 0
    known: _States = Counter()
    unknown: list[tuple[set[int], set[int], int]] = []
    for (was, now), times in pairs_by_options.items():
        before, after = {state[one] for one in was}, {state[one] for one in now}
        if len(before) == len(after) == 1:
            known[min(before), min(after)] += times
            silent += times * (was == (_TN,) and _TN in losable and state[_TN] == _ASIDE)
        else:
            unknown.append((before, after, times))
    weight = 2 if metric is Metric.F1 else 1
    good, bad = _filled(known, unknown, min, max), _filled(known, unknown, max, min)
    pools = [_pool(known)]
    if unknown:
        pools = [_pool(_filled(known, unknown, pick, pick)) for pick in (min, max)]
    then, later = (_tally(known, side, weight) for side in (0, 1))
    improved = Counter({(before, after): times for (before, after), times in known.items() if before < after})
    lowest, highest = (_tally(end, 0, weight).score or Fraction(0) for end in (good, bad))
    return Drop(
        metric=metric,
        was=then,
        now=later,
        worse=sum(times for (before, after), times in known.items() if before > after),
        better=improved.total(),
        lost=known[_RIGHT, _WRONG] + known[_ASIDE, _WRONG],
        fixed=_flips(improved),
        silent=silent,
        before=(lowest, highest),
        passed=sum(times for (was, _), times in pairs_by_options.items() if losable.issuperset(was)),
        may_have_passed=sum(times for (was, _), times in pairs_by_options.items() if not losable.isdisjoint(was)),
        falls=(_fall(good, weight), _fall(bad, weight)),
        chances=(chance_of_flips(_flips(bad), pools, most=False), chance_of_flips(_flips(good), pools, most=True)),
    )


def _filled(
    known: _States,
    unknown: Iterable[tuple[set[int], set[int], int]],
    before: Callable[[set[int]], int],
    after: Callable[[set[int]], int],
) -> _States:
    """Return ``known`` plus the unknown pairs, with their states in both runs picked by ``before`` and ``after``."""
    filled = Counter(known)
    for was, now, times in unknown:
        filled[before(was), after(now)] += times
    return filled


def _tally(states: _States, side: int, weight: int) -> Tally:
    right, wrong = (sum(times for pair, times in states.items() if pair[side] == one) for one in (_RIGHT, _WRONG))
    return Tally(right, wrong, weight)


def _fall(states: _States, weight: int) -> Fraction:
    was, now = (_tally(states, side, weight).score or Fraction(0) for side in (0, 1))
    return was - now


def _pool(states: _States) -> Pool:
    was, now = (_tally(states, side, 1) for side in (0, 1))
    return Pool(was.right + now.right, was.wrong + now.wrong)


def _flips(states: _States) -> Flips:
    def axis(better: int, worse: int) -> Axis:
        fell = states[better, worse]
        return Axis(fell + states[worse, better], fell)

    return Flips(right_wrong=axis(_RIGHT, _WRONG), right_aside=axis(_RIGHT, _ASIDE), aside_wrong=axis(_ASIDE, _WRONG))
