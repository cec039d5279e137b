"""The changes between a baseline and a run on the utterances that both contain."""

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
    """The difference between a run and its baseline, on the utterances that both contain unless a field says otherwise.

    ``shared`` is the number of utterances that both runs evaluated, ``unevaluated`` the number that at least one run
    did not evaluate; ``may_be_failing`` are the ones among the latter that may newly fail. ``adrift`` is the number of
    further unevaluated utterances that cannot be identified, since a file lacks them; ``adrift_then`` of these are
    missing from the file of the baseline.

    ``added`` utterances are only in the run; ``removed`` ones are only in the baseline, failures first. ``relabelled``
    ones have the same text in both, but other expected intents or another parent intent. ``detectable`` is the smallest
    fall of the pass rate that the test probably detects, as a share between 0 and 1; ``None`` if it detects none.
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
    """The utterances of two runs side by side; ``gone`` are only in the baseline, ``new`` only in the run.

    The other fields are those of ``Comparison``.
    """

    pairs: tuple[Pair, ...]
    gone: tuple[Utterance, ...]
    new: tuple[Utterance, ...]
    relabelled: tuple[Pair, ...]
    adrift: int
    adrift_then: int = 0


def matched(baseline: Baseline, utterances: Mapping[str, Utterance], *, absent: int = 0) -> Matched:
    """Match the utterances of a run with those of its baseline.

    ``absent`` is the number of unevaluated utterances that the file of this run lacks; ``baseline.absent`` is the same
    for the baseline. If a file lacks at least as many utterances as only the other file holds, these all count as not
    evaluated, and the rest of the number is ``adrift``: copies of shared utterances, or utterances that neither file
    holds. If a file lacks fewer, it is not known which ones, and the whole number is ``adrift``.
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
    """Return the comparison of two matched runs; ``level`` is the significance level of every test."""
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
    """Return ``utterance`` as it stands in the run that did not evaluate it and whose file lacks it."""
    return replace(utterance, matched=(), result_type=ResultType.NOT_EVALUATED, may_be_fp=False)


def _spelled_alike(then: Mapping[str, Utterance], now: Iterable[Utterance]) -> dict[str, Utterance]:
    """Return the utterances of the earlier run with their intents spelled as in the later run."""
    now = [*now]
    spelling = Spelling((utterance.expected for utterance in now), (utterance.matched for utterance in now))

    def written(was: Utterance) -> Utterance:
        expected, matched = spelling.spelled(was.expected), spelling.spelled(was.matched)
        is_same = (expected, matched) == (was.expected, was.matched)
        return was if is_same else replace(was, expected=expected, matched=matched)

    return {key: written(was) for key, was in then.items()}


def _relabelled(gone: Iterable[Utterance], new: Iterable[Utterance]) -> tuple[Pair, ...]:
    """Return the pairs of utterances with the same text but other expected intents or another parent intent."""
    before: dict[str, list[Utterance]] = {}
    for was in gone:
        before.setdefault(hashed(was.text), []).append(was)  # either run may hold hashes only
    alike = ((before.get(hashed(now.text)), now) for now in new)
    return tuple(Pair(was.pop(0), now) for was, now in alike if was)
