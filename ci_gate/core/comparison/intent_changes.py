"""Which intents got worse between two runs, and how many of them chance alone would make look so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_gate.core.evidence.unevaluated import may_fail, may_pass
from ci_gate.core.names import intent_text, intents_key
from ci_gate.core.statistics.chance import beyond_chance, chance_of_fall
from ci_gate.core.statistics.sign_flip import fewest_worse, least_provable
from ci_gate.core.statistics.step_up import Flipped, adjusted_chances

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ci_gate.core.comparison.pair import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentChange:
    """How one intent fared: its shared utterances, those that got worse and better, and how likely chance is.

    ``shared``, ``worse``, ``better`` and ``chance`` are of what both runs evaluated, ``flipped`` holds what may be
    besides. ``adjusted`` is the chance after it was allowed for how many intents were looked at: the least and the
    largest that it may turn out to be. ``passed`` worked in the earlier run, ``may_have_passed`` did or were not
    evaluated.
    """

    intent: str
    shared: int
    worse: int
    better: int
    chance: float
    adjusted: tuple[float, float]
    level: float
    flipped: Flipped
    passed: int
    may_have_passed: int

    @property
    def is_worse(self) -> bool:
        """Whether it got worse beyond chance, whatever the unknown turns out to be."""
        return self.worse > self.better and beyond_chance(self.adjusted[1], self.level)

    @property
    def may_be_worse(self) -> bool:
        """Whether it may turn out to have got worse beyond chance."""
        return beyond_chance(self.adjusted[0], self.level)


def measure_intents(pairs: Iterable[Pair], level: float) -> tuple[IntentChange, ...]:
    """Test every intent at the same level; those first that got worse most surely."""
    groups: dict[tuple[str, ...], list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(intents_key(pair.now.expected), []).append(pair)
    flipped = [_flipped(group) for group in groups.values()]
    least, most = adjusted_chances(flipped)
    found = [
        IntentChange(
            intent=min(intent_text(pair.now.expected) for pair in group),
            shared=sum(pair.is_evaluated for pair in group),
            worse=change.worse,
            better=change.better,
            chance=chance_of_fall(change.worse, change.better),
            adjusted=(low, high),
            level=level,
            flipped=change,
            passed=sum(pair.was.passed for pair in group),
            may_have_passed=sum(may_pass(pair.was) for pair in group),
        )
        for group, change, low, high in zip(groups.values(), flipped, least, most, strict=True)
    ]
    return tuple(sorted(found, key=lambda change: (change.adjusted[1], change.better - change.worse, change.intent)))


def can_regress(intents: Sequence[IntentChange], allowed: int, level: float) -> tuple[bool, bool]:
    """Whether losing everything would make more intents worse than allowed: in each case of the unknown, and in any.

    An intent that is large enough by itself is always found. A smaller one may be found beside others, but not beside
    much larger ones, so that more utterances need not mean more intents; hence the bounds if not all is known.
    """
    if all(it.passed == it.may_have_passed for it in intents):
        is_found = _flagged([Flipped(worse=it.passed, better=0) for it in intents], level) > allowed
        return is_found, is_found
    least = least_provable(level)
    surely = sum(it.passed >= least for it in intents) > allowed
    one_is_large = any(it.may_have_passed >= least for it in intents)
    return surely, one_is_large and sum(it.may_have_passed > 0 for it in intents) > allowed


def fewest_lost_in(intents: Sequence[IntentChange], allowed: int, level: float) -> int | None:
    """Return the fewest newly failing utterances that would have made one intent more worse than is allowed.

    The others are as seen, and what is lost of each is more than chance by itself. Of one intent it is the fewest in
    any; several are looked for among those of which the fewest have to fail.
    """
    needs = {place: need for place, it in enumerate(intents) if (need := fewest_worse(level, it.better)) <= it.passed}
    if len(needs) <= allowed:
        return None
    if allowed:
        places = sorted(needs, key=needs.__getitem__)[: allowed + 1]
        return _fewest_in(intents, {place: needs[place] for place in places}, level)
    # Intents that fared alike differ in nothing but how much of them there is to lose.
    by_size = sorted(needs, key=lambda place: intents[place].passed)
    largest = {(intents[place].worse, intents[place].better): place for place in by_size}
    fewest = None
    for place in sorted(largest.values(), key=needs.__getitem__):
        found = _fewest_in(intents, {place: needs[place]}, level, below=fewest)
        fewest = fewest if found is None else found
    return fewest


def _fewest_in(
    intents: Sequence[IntentChange], lost: dict[int, int], level: float, *, below: int | None = None
) -> int | None:
    """Return the fewest of some intents' utterances, below a bound, whose loss makes each worse beyond chance."""
    others = [Flipped(worse=it.worse, better=it.better) for place, it in enumerate(intents) if place not in lost]
    while below is None or sum(lost.values()) < below:
        tried = [Flipped(worse=worse, better=intents[place].better) for place, worse in lost.items()]
        if _flagged([*tried, *others], level, first=len(lost)) == len(lost):
            return sum(lost.values())
        growing = [place for place, worse in lost.items() if worse < intents[place].passed]
        if not growing:
            return None
        lost[min(growing, key=lost.__getitem__)] += 1
    return None


def _flagged(intents: Sequence[Flipped], level: float, *, first: int | None = None) -> int:
    """Count those of the first intents that are worse beyond chance."""
    _, most = adjusted_chances(intents)
    return sum(beyond_chance(chance, level) for chance in most[:first])


def _flipped(pairs: Sequence[Pair]) -> Flipped:
    """Count how the utterances of one intent changed, and how those may have changed that were not evaluated."""
    worse = sum(pair.got_worse for pair in pairs)
    better = sum(pair.got_better for pair in pairs)
    return Flipped(
        worse=worse,
        better=better,
        may_worsen=sum(may_pass(pair.was) and may_fail(pair.now) for pair in pairs) - worse,
        may_improve=sum(may_fail(pair.was) and may_pass(pair.now) for pair in pairs) - better,
        unknown=sum(not pair.is_evaluated for pair in pairs),
    )
