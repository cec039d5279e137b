"""Names of intents and utterances: when two are equal, which spelling is shown, and the keys used across runs."""

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
"""The displayed text for "no intent expected" and "nothing matched"; the key of both is the same text."""

LONE_BAR = re.compile(r"(?<!\|)\|(?!\|)")
"""The separator between several intents; a double bar is part of one name: "trait: Loud||Calm" is one value."""

_USUAL = 80
_HASH = re.compile("#[0-9a-f]{12}")
_STEP = re.compile(r" ?(?:\|\||>>) ?")  # between a parent and its child, in either of the platform's spellings


def normalised(utterance: str) -> str:
    """Return the form in which utterances are compared: Unicode composed (NFC), whitespace collapsed, case kept."""
    return " ".join(unicodedata.normalize("NFC", utterance).split())


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """Return the key that all spellings of the name of an intent or of a parent share.

    Case, spacing and Unicode composition do not count, and ``A||B`` equals ``A>>B``: the platform lower-cases the
    intents that it matched, and writes chains of parents in either form.
    """
    folded = unicodedata.normalize("NFC", normalised(name).casefold())
    if "||" in folded or ">>" in folded:  # this test costs a tenth of the regular expression
        folded = _STEP.sub(">>", folded)
    # Names of usual length stay readable; longer ones, which may take megabytes in a file, are cut and get a digest.
    return folded if len(folded) <= _USUAL else folded[:_USUAL] + _digest(folded)


@lru_cache(maxsize=4096)
def intents_key(intents: tuple[str, ...]) -> tuple[str, ...]:
    """Return the key that all spellings of the same intents share; it is sorted, since alternatives have no order."""
    return tuple(sorted({*map(name_key, intents)}))


def split_intents(text: str) -> tuple[str, ...]:
    """Return the intents in ``text``, which single bars separate."""
    return tuple(filter(None, map(str.strip, LONE_BAR.split(text))))


def key_of(text: str) -> tuple[str, ...]:
    """Return the key that all spellings of a name in the rules share; bars in ``text`` separate several intents."""
    return intents_key(split_intents(text))


@lru_cache(maxsize=4096)
def each_of(intents: tuple[str, ...]) -> frozenset[str]:
    """Return the key of each intent.

    It is ``NO_INTENT`` for an empty tuple, and for the name "none" among several alternatives.
    """
    keys = intents_key(intents)
    if len(keys) < 2:
        return frozenset(keys or (NO_INTENT,))
    return frozenset(NO_INTENT if key == "none" else key for key in keys)


@lru_cache(maxsize=4096)
def keys_of(intents: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """Return every key by which a rule may refer to ``intents``: the key of each, and the key of all together."""
    keys = intents_key(intents) or (NO_INTENT,)
    return frozenset({keys, *((key,) for key in (*keys, *each_of(intents)))})


def all_keys(several: Iterable[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    """Return every key by which a rule may refer to any of the tuples of intents."""
    return frozenset(chain.from_iterable(map(keys_of, {*several})))


def same_name(one: str, other: str) -> bool:
    """Return whether two names mean the same; each may consist of several intents between bars."""
    return key_of(one) == key_of(other)


def intent_text(intents: tuple[str, ...]) -> str:
    """Return the displayed text of ``intents``: alternatives joined by bars, or ``NO_INTENT`` if there are none."""
    return " | ".join(intents) or NO_INTENT


def all_names(several: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """Return the displayed text of each intent, and of each tuple of intents as a whole."""
    return frozenset(name for intents in {*several} for name in (*intents, intent_text(intents)))


def utterance_key(utterance: str, expected: tuple[str, ...], parent_intent: str | None) -> str:
    """Return the key of an utterance across runs, by its text, expected intents and parent intent.

    The spelling of the intents does not count.
    """
    return _digest(normalised(utterance), " | ".join(intents_key(expected)), name_key(parent_intent or ""))


def utterance_key_of_version_1(utterance: str, expected: tuple[str, ...], parent_intent: str | None) -> str:
    """Return the key of an utterance in version 1 of ``report.json``, which depended on the spelling of intents."""
    return _digest(normalised(utterance), " | ".join(expected), parent_intent or "")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Spelling:
    """One spelling for every intent of a run: the suite's if the suite expects the intent, else the platform's."""

    def __init__(self, expected: Iterable[tuple[str, ...]], matched: Iterable[tuple[str, ...]] = ()) -> None:
        """Choose the most frequent spelling of each intent; spellings in ``expected`` override those in ``matched``."""
        self._spelling: dict[str, str] = {}
        for source in (matched, expected):  # the later source overrides the earlier one
            times = Counter(intent for intents, number in Counter(source).items() for intent in intents * number)
            for intent, _ in sorted(times.items(), key=lambda item: (item[1], item[0])):
                self._spelling[name_key(intent)] = intent
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}

    def of(self, name: str) -> str:
        """Return ``name``, one intent or several between bars, in this spelling; an unknown intent stays as it is."""
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
    """Return the hash of the normalised utterance; an utterance that is a hash already stays as it is."""
    return utterance if is_hash(utterance) else short_hash(normalised(utterance))
