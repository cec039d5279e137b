"""Waivers that cover nothing: the finding about them, with suggestions for names that do not occur."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.names import all_keys, all_names, each_of, is_hash, key_of, keys_of, normalised, split_intents
from ci_gate.core.text.nearest import closest
from ci_gate.core.text.safe import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ci_gate.core.model import Utterance
    from ci_gate.core.waivers import Waiver

_SHOWN = 3


def doubts_about_idle(waivers: Iterable[Waiver], utterances: Sequence[Utterance], where: str = "") -> Iterator[Finding]:
    """Yield a finding about ``waivers``, which cover nothing; those whose names do not occur come first.

    ``where`` follows "covers nothing" in the message. A waiver for an unevaluated utterance is left out, since it may
    cover that utterance.
    """
    lost = _Occurring(one for one in utterances if not one.is_evaluated)
    idle = [waiver for waiver in waivers if not lost.has_subject(waiver)]
    if not idle:
        return
    known = _Occurring(utterances)
    idle.sort(key=known.has_names)
    advice = [known.advice(waiver) for waiver in idle[:_SHOWN]]
    if len(idle) == 1:
        what = f": {advice[0]}" if advice[0] else "; it can be removed"
        message = f"the waiver of {idle[0].subject} covers nothing{where}{what} {idle[0].answerable}"
    else:
        hints = (f" ({one})" if one else "" for one in advice)
        named = ", ".join(f"{waiver.subject}{hint}" for waiver, hint in zip(idle, hints, strict=False))
        more = f" and {len(idle) - _SHOWN} more" if len(idle) > _SHOWN else ""
        message = f"{counted(len(idle), 'waiver')} cover nothing{where}: {named}{more}; correct or remove them"
    yield Finding(FindingKind.WAIVER, message)


class _Occurring:
    """The texts and intents of utterances, to find out which names of a waiver occur."""

    def __init__(self, utterances: Iterable[Utterance]) -> None:
        self._utterances = [*utterances]
        self._texts = {normalised(one.text) for one in self._utterances}
        self._expected = all_keys(one.expected for one in self._utterances)
        self._matched = all_keys(one.matched for one in self._utterances)

    def has_subject(self, waiver: Waiver) -> bool:
        """Return whether ``waiver`` is about any of the utterances, whatever was matched in them."""
        if waiver.utterance:
            return normalised(waiver.utterance) in self._texts
        return key_of(waiver.expected) in self._expected

    def has_names(self, waiver: Waiver) -> bool:
        """Return whether all names in ``waiver`` occur."""
        return self.has_subject(waiver) and self._has_matched(waiver)

    def _has_matched(self, waiver: Waiver) -> bool:
        names = each_of(split_intents(waiver.matched))
        return (self._expected | self._matched).issuperset((name,) for name in names)

    def advice(self, waiver: Waiver) -> str:
        """Return what to correct in ``waiver``; empty if nothing is known to be wrong with its names."""
        if self._is_half(waiver):
            return "another wrong intent was matched with it, which needs a waiver, too"
        near = self.nearest(waiver)
        return f"did you mean '{near}'?" if near else ""

    def _is_half(self, waiver: Waiver) -> bool:
        """Return whether the confusion of ``waiver`` occurred, but only together with another wrong intent."""
        if waiver.utterance or not waiver.matched:
            return False
        expected, names = key_of(waiver.expected), each_of(split_intents(waiver.matched))
        return any(
            one.is_wrong and expected in keys_of(one.expected) and names <= each_of(one.matched)
            for one in self._utterances
        )

    def nearest(self, waiver: Waiver) -> str | None:
        """Return the known name most similar to an unknown name in ``waiver``; ``None`` if none is, or for a hash."""
        if not self.has_subject(waiver):
            if not waiver.utterance:
                # Several intents that all occur, but never together, are not misspelt.
                if self._expected.issuperset((key,) for key in key_of(waiver.expected)):
                    return None
                return closest(waiver.expected, all_names(one.expected for one in self._utterances))
            return None if is_hash(waiver.utterance) else closest(waiver.utterance, self._texts)
        if self._has_matched(waiver):
            return None
        both = (intents for one in self._utterances for intents in (one.matched, one.expected))
        return closest(waiver.matched, all_names(both))
