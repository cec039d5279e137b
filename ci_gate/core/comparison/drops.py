"""How far a score fell between two runs, and how likely chance alone is, however the unknown turns out.

Source of the test: the exact sign-flip test on the score's own counts. In each utterance that changed, a coin decides
which of its two answers was the old one; the fall is rare if few of all such tosses lower the score as far.
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

_RIGHT, _ASIDE, _WRONG = 2, 1, 0  # what counts for a score, what counts nothing, and what counts against it

_TP, _TN, _FP, _FN = ResultType.TP, ResultType.TN, ResultType.FP, ResultType.FN
_STATES: Mapping[Metric, Mapping[ResultType, int]] = {
    Metric.F1: {_TP: _RIGHT, _TN: _ASIDE, _FP: _WRONG, _FN: _WRONG},
    Metric.PRECISION: {_TP: _RIGHT, _TN: _ASIDE, _FP: _WRONG, _FN: _ASIDE},
    Metric.RECALL: {_TP: _RIGHT, _TN: _ASIDE, _FP: _ASIDE, _FN: _WRONG},
    Metric.ACCURACY: {_TP: _RIGHT, _TN: _RIGHT, _FP: _WRONG, _FN: _WRONG},
}
"""What each result type is to each score."""

_LOSABLE: Mapping[Metric, frozenset[ResultType]] = {
    metric: frozenset({_TP} if metric is Metric.RECALL else {_TP, _TN}) for metric in _STATES
}
"""What passed and would count against a score if it failed; if no intent is expected, recall sees nothing."""

_NEAR = 4
"""How far below a loss that fails a smaller one is looked for that fails too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a drop fails beyond: a tolerance and, unless it is ``strict``, the chance that its level allows."""

    tolerance: Fraction
    level: float
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """What counts for a score and against it, in one run; F1 counts what is right twice."""

    right: int
    wrong: int
    weight: int = 1

    @property
    def score(self) -> Fraction | None:
        """The score; ``None`` if nothing counts."""
        counted = self.weight * self.right + self.wrong
        return Fraction(self.weight * self.right, counted) if counted else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """How a score changed on the shared utterances.

    ``was``, ``now``, ``worse`` and ``better`` (verdicts that changed for this score) are of what both runs evaluated,
    and so are those ``lost``, which count against it now, and what is ``fixed``, the changes for the better.
    ``falls`` and ``chances`` are the least and the largest over all that the rest may turn out to be; a chance is the
    probability that chance alone lowers the score as far. ``before`` is the least and the largest that the score of the
    earlier run may be. ``passed`` passed then, and failing would count against the score; ``may_have_passed`` did or
    were not evaluated; ``silent`` did without counting for it, since no intent was expected.
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
        """How far it fell, by what was evaluated; below zero if it rose, ``None`` if nothing counts for it."""
        was, now = self.was.score, self.now.score
        return None if was is None or now is None else was - now

    def outcome(self, limit: Limit) -> Outcome:
        """Fail if the least fall is too large and never chance; pass if the largest is not, or always may be."""
        (least, most), (rarest, likeliest) = self.falls, self.chances
        passes = most <= limit.tolerance or not (limit.strict or beyond_chance(rarest, limit.level))
        fails = least > limit.tolerance and (limit.strict or beyond_chance(likeliest, limit.level))
        return outcome_of(worst=passes, best=not fails)

    def falls_when_lost(self, lost: int, tolerance: Fraction) -> bool:
        """Whether it would fall by more than the tolerance if ``lost`` more had failed, and nothing else had."""
        before, after = self.was.score, self._after(lost).score
        return before is not None and after is not None and before - after > tolerance

    def fails_when_lost(self, lost: int, limit: Limit) -> bool:
        """Whether the check would fail if ``lost`` more had failed and nothing else: first those that count for it."""
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
        """Return what would count for and against it then; what got better did so all the same."""
        before, fixed = self.was, self.fixed
        right = before.right + fixed.right_wrong.changed + fixed.right_aside.changed - min(lost, before.right)
        wrong = before.wrong - fixed.right_wrong.changed - fixed.aside_wrong.changed + lost
        return Tally(right, wrong, before.weight)


def measure_drops(pairs: Iterable[Pair]) -> dict[Metric, Drop]:
    pairs_by_options = Counter((options(pair.was), options(pair.now)) for pair in pairs)
    return {drop: _drop(metric, pairs_by_options) for drop, metric in DROPS.items()}


def can_ever_fail(drop: Drop, limit: Limit) -> tuple[bool, bool]:
    """Whether losing everything would make the check fail: in every case of what is unknown, and in any of them."""
    least = 1 if limit.strict else least_provable(limit.level)
    surely = drop.passed >= least and drop.before[0] > limit.tolerance
    return surely, drop.may_have_passed >= least and drop.before[1] > limit.tolerance


def fewest_lost(drop: Drop, limit: Limit) -> int | None:
    """Return the fewest newly failing utterances that would have failed the check in this run; ``None``: not even all.

    Fewer neither lower the score far enough nor are more than chance while as many others began to pass. From there on
    each further one makes chance less likely, but for trifles, since what one change weighs moves with all of them.
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
    """Return what is known with all that is not as ``before`` picks for the earlier run, ``after`` for the later."""
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
