"""What changed between a baseline and a run, on the utterances that both have, and how likely chance alone is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_gate.core.metrics import DROPS, Metric, measure
from ci_gate.core.model import Case, ResultType, intent_text, normalised
from ci_gate.core.statistics import benjamini_hochberg, chance_of_fall, detectable_fall
from ci_gate.core.tally import tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from fractions import Fraction

    from ci_gate.core.baseline import Baseline

FALSE_ALARMS = 0.10
"""Of the intents that are said to have got worse, the share that may be false alarms."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An utterance in the baseline and in this run."""

    was: Case
    now: Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """How a score changed on the shared utterances; ``was`` and ``now`` are ``None`` where it is not defined there.

    ``chance`` is the probability that chance alone turns at least so many of the verdicts that changed to the worse.
    """

    was: Fraction | None
    now: Fraction | None
    worse: int
    better: int
    chance: float

    @property
    def fall(self) -> Fraction | None:
        """How far it fell; below zero where it rose."""
        return None if self.was is None or self.now is None else self.was - self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentChange:
    """How one intent fared: its shared utterances, those that got worse and better, and how likely chance is.

    ``adjusted`` is ``chance`` after it was allowed for how many intents were looked at.
    """

    intent: str
    shared: int
    worse: int
    better: int
    chance: float
    adjusted: float

    @property
    def is_worse(self) -> bool:
        """Whether it got worse beyond chance."""
        return self.worse > self.better and self.adjusted <= FALSE_ALARMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A run held against its baseline. Nothing in it is of an utterance that only one of them has, but what says so.

    ``unevaluated`` counts shared utterances that one of the runs did not evaluate. ``removed`` are those of the
    baseline that are gone, those that failed in it first. ``detectable`` is the fall of the pass rate that would have
    shown.
    """

    baseline: Baseline
    shared: int
    newly_failing: tuple[Pair, ...] = field(repr=False)
    fixed: tuple[Pair, ...] = field(repr=False)
    still_failing: tuple[Pair, ...] = field(repr=False)
    added: tuple[Case, ...] = field(repr=False)
    removed: tuple[Case, ...] = field(repr=False)
    relabelled: tuple[Pair, ...] = field(repr=False)
    unevaluated: int
    drops: Mapping[Metric, Drop]
    detectable: float | None
    intents: tuple[IntentChange, ...]

    @property
    def worse_intents(self) -> tuple[IntentChange, ...]:
        """The intents that got worse beyond chance."""
        return tuple(change for change in self.intents if change.is_worse)


def compare(baseline: Baseline, utterances: Mapping[str, Case], *, alpha: float) -> Comparison:
    """Hold the utterances of a run, one for all its copies, against those of its baseline."""
    then = baseline.utterances
    both = [Pair(was, utterances[key]) for key, was in then.items() if key in utterances]
    pairs = [pair for pair in both if pair.was.is_evaluated and pair.now.is_evaluated]
    worse = tuple(pair for pair in pairs if pair.was.passed and pair.now.is_mismatch)
    better = tuple(pair for pair in pairs if pair.now.passed and pair.was.is_mismatch)
    gone = [was for key, was in then.items() if key not in utterances]
    new = [now for key, now in utterances.items() if key not in then]
    relabelled = _relabelled(gone, new)
    moved = {one.key for pair in relabelled for one in (pair.was, pair.now)}
    removed = [was for was in gone if was.key not in moved]
    return Comparison(
        baseline=baseline,
        shared=len(pairs),
        newly_failing=worse,
        fixed=better,
        still_failing=tuple(pair for pair in pairs if pair.was.is_mismatch and pair.now.is_mismatch),
        added=tuple(now for now in new if now.key not in moved),
        removed=tuple(sorted(removed, key=lambda was: not was.is_mismatch)),
        relabelled=relabelled,
        unevaluated=len(both) - len(pairs),
        drops=_drops(pairs),
        detectable=detectable_fall(len(pairs), len(worse) + len(better), alpha=alpha),
        intents=_intents(pairs),
    )


_WRONG: Mapping[Metric, Callable[[Case], bool]] = {
    Metric.F1: lambda one: one.is_mismatch,
    Metric.ACCURACY: lambda one: one.is_mismatch,
    Metric.PRECISION: lambda one: one.result_type is ResultType.FP,
    Metric.RECALL: lambda one: one.result_type is ResultType.FN,
}
"""What counts against a score: a wrong intent in place of none leaves F1 as it is, and not precision and recall."""


def _drops(pairs: Iterable[Pair]) -> dict[Metric, Drop]:
    """Measure how each score changed, from one count of either run."""
    then, now = tally(tuple(pair.was for pair in pairs)), tally(tuple(pair.now for pair in pairs))
    drops = {}
    for drop, metric in DROPS.items():
        wrong = _WRONG[metric]
        changes = [(wrong(pair.was), wrong(pair.now)) for pair in pairs]
        worse, better = changes.count((False, True)), changes.count((True, False))
        drops[drop] = Drop(
            was=measure(metric, then),
            now=measure(metric, now),
            worse=worse,
            better=better,
            chance=chance_of_fall(worse, better),
        )
    return drops


def _intents(pairs: Iterable[Pair]) -> tuple[IntentChange, ...]:
    """Test every intent on its own, those first that got worse most surely."""
    changes: dict[str, list[tuple[bool, bool]]] = {}
    for pair in pairs:
        changes.setdefault(intent_text(pair.now.expected), []).append((pair.was.passed, pair.now.passed))
    counted = [
        (intent, len(all_of), all_of.count((True, False)), all_of.count((False, True)))
        for intent, all_of in changes.items()
    ]
    chances = [chance_of_fall(worse, better) for _, _, worse, better in counted]
    found = [
        IntentChange(intent=intent, shared=shared, worse=worse, better=better, chance=chance, adjusted=adjusted)
        for (intent, shared, worse, better), chance, adjusted in zip(
            counted, chances, benjamini_hochberg(chances), strict=True
        )
    ]
    return tuple(sorted(found, key=lambda change: (change.adjusted, change.better - change.worse, change.intent)))


def _relabelled(gone: Iterable[Case], new: Iterable[Case]) -> tuple[Pair, ...]:
    """Find what reads as before, and is expected to mean something else or to come after something else."""
    before: dict[str, list[Case]] = {}
    for was in gone:
        before.setdefault(normalised(was.utterance), []).append(was)
    alike = ((before.get(normalised(now.utterance)), now) for now in new)
    return tuple(Pair(was.pop(0), now) for was, now in alike if was)
