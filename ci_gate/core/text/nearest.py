"""What was probably meant by a word that is not known: the nearest of many, or the one that is a slip away."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from heapq import nlargest, nsmallest
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# What follows keeps a search below a tenth of a second: to compare all letters of two texts takes the product of both.
_LONGEST_TEXT = 600
_FEW_LETTERS = 20_000
_FIRST = 120
_BY_WORDS, _BY_LETTERS = 12, 4

_LEAST, _LONGEST_WORD = 3, 80
"""The lengths between which a word can be a slip of another; of the shortest, another letter makes another word."""


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, whatever its case; ``None`` if there is none like it."""
    if len(word) > _LONGEST_TEXT:
        return None
    folded: dict[str, str] = {}
    for name in known:
        key = name.casefold()
        folded[key] = min(name, folded.get(key, name))  # whatever the order in which they come
    word = word.casefold()
    near = get_close_matches(word, _promising(word, folded), n=1, cutoff=0.5)
    return folded[near[0]] if near else None


def _promising(word: str, known: Collection[str]) -> Collection[str]:
    """Return all that is known, or of very much what shares most words with ``word``, or begins or ends most alike.

    Before and after a single mistake two texts are the same; the words, of which the first ones do, are for several.
    """
    if sum(map(len, known)) <= _FEW_LETTERS:
        return known
    words = {*word.split()}
    found = nlargest(_BY_WORDS, known, key=lambda text: (len(words.intersection(text[:_FIRST].split())), text))
    found += _neighbours(word, known)
    found += [text[::-1] for text in _neighbours(word[::-1], [text[::-1] for text in known])]
    return dict.fromkeys(found)


def _neighbours(word: str, known: Iterable[str]) -> list[str]:
    """Return what stands next to a word in the order of the alphabet, where the longest common beginnings are."""
    before: list[str] = []
    after: list[str] = []
    for text in known:
        (before if text < word else after).append(text)
    return nlargest(_BY_LETTERS, before) + nsmallest(_BY_LETTERS, after)


class Slips:
    """Known names by what a slip leaves of them, so that none of thousands has to be compared with each other one."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known: dict[tuple[str, ...], list[str]] = {}
        for name in known:
            for trace in _traces(_words(name)):
                self._known.setdefault(trace, []).append(name)

    def nearest(self, name: str) -> str | None:
        """Return the known name that a name is a slip away from; ``None`` if there is none."""
        words = _words(name)
        found = {one for trace in _traces(words) for one in self._known.get(trace, ()) if _is_slip(words, _words(one))}
        nearest = closest(name, found) if len(found) > 1 else None
        return nearest or min(found, default=None)


def _is_slip(words: list[str], others: list[str]) -> bool:
    """Whether two names may be one that was written wrongly.

    Neither accents nor what stands between words counts. In each word a letter may be missing, too many, another, or
    have changed places with the next one; but a word with another digit is another word.
    """
    whole, other = "".join(words), "".join(others)
    if len(words) != len(others):
        return _is_nearly(whole, other)
    return bool(whole) and (whole == other or all(_is_nearly(*pair) for pair in zip(words, others, strict=True)))


def _words(name: str) -> list[str]:
    """Return the words of a name without case and accents."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return re.findall(r"[^\W_]+", "".join(char for char in letters if not unicodedata.combining(char)))


def _is_nearly(word: str, other: str) -> bool:
    """Whether one change of a letter makes a word another: added, left out, replaced, or swapped with the next."""
    if word == other:
        return True
    if not (_can_slip(word) and _can_slip(other)):
        return False
    least = min(len(word), len(other))
    at = next((n for n in range(least) if word[n] != other[n]), least)
    one, two = word[at:], other[at:]
    if one[:2] == two[1::-1] and one[2:] == two[2:]:
        return True
    return max(len(word), len(other)) > _LEAST and (one[1:] == two[1:] or one[1:] == two or one == two[1:])


def _can_slip(word: str) -> bool:
    return _LEAST <= len(word) <= _LONGEST_WORD and not any(map(str.isdigit, word))


def _traces(words: list[str]) -> set[tuple[str, ...]]:
    """Return what names that are a slip apart have in common: first and last word, or all letters, less one of each."""
    found: set[tuple[str, ...]] = {(left,) for left in _left_of("".join(words))}
    if len(words) > 1:
        found.update(product(_left_of(words[0]), _left_of(words[-1])))
    return found


def _left_of(word: str) -> set[str]:
    """Return a word, and what is left of it without any one letter."""
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))} if _can_slip(word) else {word}
