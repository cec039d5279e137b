"""What changed between a baseline and a run, on the utterances that both have, and what of it is not known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ci_gate.core.comparison.drops import Drop, measure_drops
from ci_gate.core.comparison.intent_changes import IntentChange, measure_intents
from ci_gate.core.comparison.pair import Pair
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.names import Spelling, hashed
from ci_gate.core.statistics.chance import detectable_fall

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ci_gate.core.comparison.baseline import Baseline
    from ci_gate.core.metrics import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The difference between a run and its baseline, on the utterances that both have unless a field says otherwise.

    ``shared`` counts the utterances that both runs evaluated, ``unevaluated`` those that one of them did not, of which
    ``may_be_failing`` may newly fail. Which ``adrift`` more are is not known, since a file lacks them: in
    ``adrift_then`` cases that of the baseline. ``removed`` are those of the baseline that are gone, those that failed
    in it first. ``detectable`` is the fall of the pass rate that would have shown.
    """

    baseline: Baseline
    pairs: tuple[Pair, ...] = field(repr=False)
    shared: int
    newly_failing: tuple[Pair, ...] = field(repr=False)
    may_be_failing: tuple[Pair, ...] = field(repr=False)
    fixed: tuple[Pair, ...] = field(repr=False)
    still_failing: tuple[Pair, ...] = field(repr=False)
    added: tuple[Utterance, ...] = field(repr=False)
    removed: tuple[Utterance, ...] = field(repr=False)
    relabelled: tuple[Pair, ...] = field(repr=False)
    unevaluated: int
    adrift: int
    adrift_then: int = 0
    drops: Mapping[Metric, Drop]
    detectable: float | None
    intents: tuple[IntentChange, ...]

    @property
    def worse_intents(self) -> tuple[IntentChange, ...]:
        return tuple(change for change in self.intents if change.is_worse)

    @property
    def changed(self) -> int:
        return len(self.newly_failing) + len(self.fixed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The utterances of two runs side by side; ``gone`` and ``new`` are those that only one of them has."""

    pairs: tuple[Pair, ...]
    gone: tuple[Utterance, ...]
    new: tuple[Utterance, ...]
    relabelled: tuple[Pair, ...]
    adrift: int
    adrift_then: int = 0


def matched(baseline: Baseline, utterances: Mapping[str, Utterance], *, absent: int = 0) -> Matched:
    """Return the utterances of a run beside those of its baseline.

    ``absent`` utterances were not evaluated and do not stand in the file of this run; the baseline has a number of its
    own. What one file lacks and the other has is one of them if they are enough for all of that; any more of them may
    be copies of what both have, or stand in both suites. If they are too few, it is not known which they are.
    """
    then = _spelled_alike(baseline.utterances, utterances.values())
    pairs = [Pair(was, utterances[key]) for key, was in then.items() if key in utterances]
    gone = [was for key, was in then.items() if key not in utterances]
    new = [now for key, now in utterances.items() if key not in then]
    relabelled = _relabelled(gone, new)
    moved = {one.key for pair in relabelled for one in (pair.was, pair.now)}
    gone = [was for was in gone if was.key not in moved]
    new = [now for now in new if now.key not in moved]
    adrift_now, adrift_then = absent, baseline.absent
    if len(gone) <= absent:
        pairs += [Pair(was, _blank(was)) for was in gone]
        adrift_now, gone = absent - len(gone), []
    if len(new) <= baseline.absent:
        pairs += [Pair(_blank(now), now) for now in new]
        adrift_then, new = baseline.absent - len(new), []
    return Matched(
        pairs=tuple(pairs),
        gone=tuple(gone),
        new=tuple(new),
        relabelled=relabelled,
        adrift=adrift_now + adrift_then,
        adrift_then=adrift_then,
    )


def compare(found: Matched, baseline: Baseline, *, level: float) -> Comparison:
    """Compare the two runs; every test has the same level."""
    sure = [pair for pair in found.pairs if pair.is_evaluated]
    changes = [pair for pair in sure if pair.was.passed is not pair.now.passed]
    return Comparison(
        baseline=baseline,
        pairs=found.pairs,
        shared=len(sure),
        newly_failing=tuple(pair for pair in changes if pair.got_worse),
        may_be_failing=tuple(pair for pair in found.pairs if pair.may_be_worse),
        fixed=tuple(pair for pair in changes if pair.got_better),
        still_failing=tuple(pair for pair in sure if pair.was.is_mismatch and pair.now.is_mismatch),
        added=found.new,
        removed=tuple(sorted(found.gone, key=lambda was: not was.is_mismatch)),
        relabelled=found.relabelled,
        unevaluated=len(found.pairs) - len(sure),
        adrift=found.adrift,
        adrift_then=found.adrift_then,
        drops=measure_drops(found.pairs),
        detectable=detectable_fall(len(sure), len(changes), alpha=level),
        intents=measure_intents(found.pairs, level),
    )


def _blank(utterance: Utterance) -> Utterance:
    """Return what stands for an utterance that a run did not evaluate, and that its file does not hold."""
    return replace(utterance, matched=(), result_type=ResultType.NOT_EVALUATED, may_be_fp=False)


def _spelled_alike(then: Mapping[str, Utterance], now: Iterable[Utterance]) -> dict[str, Utterance]:
    """Return the earlier run with its intents spelled as in the later one."""
    now = [*now]
    spelling = Spelling((utterance.expected for utterance in now), (utterance.matched for utterance in now))

    def written(was: Utterance) -> Utterance:
        expected, matched = spelling.spelled(was.expected), spelling.spelled(was.matched)
        is_same = (expected, matched) == (was.expected, was.matched)
        return was if is_same else replace(was, expected=expected, matched=matched)

    return {key: written(was) for key, was in then.items()}


def _relabelled(gone: Iterable[Utterance], new: Iterable[Utterance]) -> tuple[Pair, ...]:
    """Return what reads as before, and is expected to mean something else or to come after something else."""
    before: dict[str, list[Utterance]] = {}
    for was in gone:
        before.setdefault(hashed(was.text), []).append(was)  # either run may be known by hashes alone
    alike = ((before.get(hashed(now.text)), now) for now in new)
    return tuple(Pair(was.pop(0), now) for was, now in alike if was)
