"""Names: when two of them are the same, in which spelling each is shown, and how utterances are known across runs."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from ci_gate.core.text.safe import short_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_INTENT = "(no intent)"
"""How "no intent expected" and "nothing matched" are written for people; it is its own key."""

LONE_BAR = re.compile(r"(?<!\|)\|(?!\|)")
"""Parts several intents; a double bar belongs to one name: "trait: Loud||Calm" is one value."""

_USUAL = 80
_HASH = re.compile("#[0-9a-f]{12}")
_STEP = re.compile(r" ?(?:\|\||>>) ?")  # between a parent and its child, in either of the platform's spellings


def normalised(utterance: str) -> str:
    """Return an utterance as it is compared: neither spacing nor how Unicode composes its letters counts; case does."""
    return " ".join(unicodedata.normalize("NFC", utterance).split())


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """Return what two spellings of the name of an intent or a parent have in common.

    Neither case, spacing nor how Unicode composes letters counts, and ``A||B`` is ``A>>B``: the platform lower-cases
    what it matched, and writes chains of parents either way.
    """
    folded = unicodedata.normalize("NFC", normalised(name).casefold())
    if "||" in folded or ">>" in folded:  # to look for either is a tenth of the work of the expression
        folded = _STEP.sub(">>", folded)
    # Names of a usual length stay readable; for longer ones, which a file may hold by the megabyte, a digest stands.
    return folded if len(folded) <= _USUAL else folded[:_USUAL] + _digest(folded)


@lru_cache(maxsize=4096)
def intents_key(intents: tuple[str, ...]) -> tuple[str, ...]:
    """Return what two spellings of the same intents have in common; alternatives have no order."""
    return tuple(sorted({*map(name_key, intents)}))


def split_intents(text: str) -> tuple[str, ...]:
    """Return the intents of a text: one, or several between bars."""
    return tuple(filter(None, map(str.strip, LONE_BAR.split(text))))


def key_of(text: str) -> tuple[str, ...]:
    """Return what two spellings of a name in the rules have in common, of one intent or of several between bars."""
    return intents_key(split_intents(text))


@lru_cache(maxsize=4096)
def each_of(intents: tuple[str, ...]) -> frozenset[str]:
    """Return the key of each intent; of no intent if there are none, or if "none" is one of several alternatives."""
    keys = intents_key(intents)
    if len(keys) < 2:
        return frozenset(keys or (NO_INTENT,))
    return frozenset(NO_INTENT if key == "none" else key for key in keys)


@lru_cache(maxsize=4096)
def keys_of(intents: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """Return every key that a rule may know intents by: that of each, and that of all together."""
    keys = intents_key(intents) or (NO_INTENT,)
    return frozenset({keys, *((key,) for key in (*keys, *each_of(intents)))})


def all_keys(several: Iterable[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    """Return every key that a rule may know any of the intents by."""
    return frozenset(chain.from_iterable(map(keys_of, {*several})))


def same_name(one: str, other: str) -> bool:
    """Whether two names of intents, of several between bars too, mean the same."""
    return key_of(one) == key_of(other)


def intent_text(intents: tuple[str, ...]) -> str:
    """Return intents as people read them: alternatives joined by a bar, none in brackets."""
    return " | ".join(intents) or NO_INTENT


def all_names(several: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """Return how people write each of the intents, and those that stand together."""
    return frozenset(name for intents in {*several} for name in (*intents, intent_text(intents)))


def utterance_key(utterance: str, expected: tuple[str, ...], parent_intent: str | None) -> str:
    """Return what an utterance and its expected meaning are known by across runs, however either is spelt."""
    return _digest(normalised(utterance), " | ".join(intents_key(expected)), name_key(parent_intent or ""))


def utterance_key_of_version_1(utterance: str, expected: tuple[str, ...], parent_intent: str | None) -> str:
    """Return the key of an utterance in version 1 of ``report.json``, in which the spelling of intents counted."""
    return _digest(normalised(utterance), " | ".join(expected), parent_intent or "")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Spelling:
    """One spelling for every intent of a run: that of the suite if it expects the intent, else the platform's."""

    def __init__(self, expected: Iterable[tuple[str, ...]], matched: Iterable[tuple[str, ...]] = ()) -> None:
        """Count all that was expected and matched; the more frequent spelling wins, whatever the order of rows."""
        self._spelling: dict[str, str] = {}
        for source in (matched, expected):  # the later one has the last word
            times = Counter(intent for intents, number in Counter(source).items() for intent in intents * number)
            for intent, _ in sorted(times.items(), key=lambda item: (item[1], item[0])):
                self._spelling[name_key(intent)] = intent
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}

    def of(self, name: str) -> str:
        """Return a name of one intent, or of several between bars, as the suite writes it; one not known stays."""
        return " | ".join(self.spelled(split_intents(name))) or name

    def spelled(self, intents: tuple[str, ...]) -> tuple[str, ...]:
        known = self._known.get(intents)
        if known is None:
            known = tuple(self._spelling.get(name_key(intent), intent) for intent in intents)
            self._known[intents] = known = intents if known == intents else known
        return known


def is_hash(utterance: str) -> bool:
    return _HASH.fullmatch(utterance) is not None


def hashed(utterance: str) -> str:
    """Return the hash of an utterance however it is spaced; a hash stays as it is."""
    return utterance if is_hash(utterance) else short_hash(normalised(utterance))
