"""The intents that got worse between two runs, tested together, since chance makes some of many look worse."""

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
    """The change of one intent on the shared utterances, and its probability by chance.

    ``shared``, ``worse``, ``better`` and ``chance`` cover the utterances that both runs evaluated; ``flipped`` adds the
    possible changes of the others. ``adjusted`` is the chance adjusted for the number of intents tested: its smallest
    and its largest possible value. ``passed`` is the number of utterances that passed in the earlier run;
    ``may_have_passed`` includes those that were not evaluated in it.
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
        """Whether the intent got worse beyond chance, whatever the unevaluated utterances would show."""
        return self.worse > self.better and beyond_chance(self.adjusted[1], self.level)

    @property
    def may_be_worse(self) -> bool:
        """Whether the intent may turn out to have got worse beyond chance."""
        return beyond_chance(self.adjusted[0], self.level)


def measure_intents(pairs: Iterable[Pair], level: float) -> tuple[IntentChange, ...]:
    """Test every intent at the same level; return the most significant changes for the worse first."""
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
    """Return whether more than ``allowed`` intents would certainly, or might, be worse if every utterance failed.

    The first value is about every possible result of the utterances that the earlier run did not evaluate, the second
    about at least one. An intent that is large enough by itself is always found to be worse. A smaller one may be found
    beside others, but not beside much larger ones, so that more utterances need not mean more intents. With unevaluated
    utterances the values are therefore cautious: the first may be false although it holds, the second true although it
    does not.
    """
    if all(change.passed == change.may_have_passed for change in intents):
        is_found = _flagged([Flipped(worse=change.passed, better=0) for change in intents], level) > allowed
        return is_found, is_found
    least = least_provable(level)
    surely = sum(change.passed >= least for change in intents) > allowed
    one_is_large = any(change.may_have_passed >= least for change in intents)
    return surely, one_is_large and sum(change.may_have_passed > 0 for change in intents) > allowed


def fewest_lost_in(intents: Sequence[IntentChange], allowed: int, level: float) -> int | None:
    """Return the fewest newly failing utterances that would have made more than ``allowed`` intents worse.

    Each of these intents loses enough to be beyond chance by itself; the other intents are as observed. If ``allowed``
    is 0, the result is the minimum over all intents; otherwise only the intents that need the fewest losses are tried.
    ``None`` if no such losses are found.
    """
    needs = {
        place: need
        for place, change in enumerate(intents)
        if (need := fewest_worse(level, change.better)) <= change.passed
    }
    if len(needs) <= allowed:
        return None
    if allowed:
        places = sorted(needs, key=needs.__getitem__)[: allowed + 1]
        return _fewest_in(intents, {place: needs[place] for place in places}, level)
    # Among intents with equal changes only the one with the most utterances to lose has to be tried.
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
    """Return the fewest losses, under ``below``, that make every intent of ``lost`` worse beyond chance.

    ``lost`` maps the position of an intent in ``intents`` to the number of losses to start with. ``None`` if no such
    losses exist.
    """
    others = [
        Flipped(worse=change.worse, better=change.better) for place, change in enumerate(intents) if place not in lost
    ]
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
    """Return how many intents are worse beyond chance: of the first ``first`` ones, or of all if that is ``None``."""
    _, most = adjusted_chances(intents)
    return sum(beyond_chance(chance, level) for chance in most[:first])


def _flipped(pairs: Sequence[Pair]) -> Flipped:
    """Count the changes of one intent's utterances, and the possible changes of the unevaluated ones."""
    worse = sum(pair.got_worse for pair in pairs)
    better = sum(pair.got_better for pair in pairs)
    return Flipped(
        worse=worse,
        better=better,
        may_worsen=sum(may_pass(pair.was) and may_fail(pair.now) for pair in pairs) - worse,
        may_improve=sum(may_fail(pair.was) and may_pass(pair.now) for pair in pairs) - better,
        unknown=sum(not pair.is_evaluated for pair in pairs),
    )
