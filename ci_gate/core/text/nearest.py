"""Suggestions for an unknown name: the most similar known one, or one with at most a single typing slip per word."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from enum import StrEnum
from heapq import nlargest, nsmallest
from itertools import product
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

E = TypeVar("E", bound=StrEnum)

# These limits keep a search below 0.1 s: comparing two texts letter by letter takes the product of their lengths.
_LONGEST_TEXT = 600
_FEW_LETTERS = 20_000
_FIRST = 120
_BY_WORDS, _BY_LETTERS = 12, 4

_LEAST, _LONGEST_WORD = 3, 80
"""The least and the largest length of a word with a slip; at the least length, the only slip is a swap of letters."""


def read_member(words: type[E], word: str) -> E:
    """Return the member of ``words`` that is spelt ``word``. Raise ``ValueError`` if there is none."""
    if word not in {*words}:
        raise ValueError(f"'{word}' is none of {', '.join(words)}")
    return words(word)


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the word in ``known`` that is most similar to ``word``, ignoring case; ``None`` if none is similar."""
    if len(word) > _LONGEST_TEXT:
        return None
    folded: dict[str, str] = {}
    for name in known:
        key = name.casefold()
        folded[key] = min(name, folded.get(key, name))  # independent of the order of ``known``
    word = word.casefold()
    near = get_close_matches(word, _promising(word, folded), n=1, cutoff=0.5)
    return folded[near[0]] if near else None


def _promising(word: str, known: Collection[str]) -> Collection[str]:
    """Return ``known`` or, if ``known`` is large, the texts in it that are most like ``word``.

    These share the most words with ``word`` in their first ``_FIRST`` characters, or the longest start or end. Two
    texts that differ by a single mistake agree before or after it; shared words also find texts with several mistakes.
    """
    if sum(map(len, known)) <= _FEW_LETTERS:
        return known
    words = {*word.split()}
    found = nlargest(_BY_WORDS, known, key=lambda text: (len(words.intersection(text[:_FIRST].split())), text))
    found += _neighbours(word, known)
    found += [text[::-1] for text in _neighbours(word[::-1], [text[::-1] for text in known])]
    return dict.fromkeys(found)


def _neighbours(word: str, known: Iterable[str]) -> list[str]:
    """Return the neighbours of ``word`` in alphabetical order: these share the longest common prefixes with it."""
    before: list[str] = []
    after: list[str] = []
    for text in known:
        (before if text < word else after).append(text)
    return nlargest(_BY_LETTERS, before) + nsmallest(_BY_LETTERS, after)


class Slips:
    """Known names indexed by the parts that a slip leaves intact, so that a search compares only a few of them."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known: dict[tuple[str, ...], list[str]] = {}
        for name in known:
            for trace in _traces(_words(name)):
                self._known.setdefault(trace, []).append(name)

    def nearest(self, name: str) -> str | None:
        """Return the known name that differs from ``name`` by slips alone; ``None`` if there is none."""
        words = _words(name)
        found = {one for trace in _traces(words) for one in self._known.get(trace, ()) if _is_slip(words, _words(one))}
        nearest = closest(name, found) if len(found) > 1 else None
        return nearest or min(found, default=None)


def _is_slip(words: list[str], others: list[str]) -> bool:
    """Return whether one of two names, given as words, may be a misspelling of the other.

    Accents and the characters between words do not count. In each word one letter may be missing, added, replaced, or
    swapped with the next one. A word that contains a digit has to be equal.
    """
    whole, other = "".join(words), "".join(others)
    if len(words) != len(others):
        return _is_nearly(whole, other)
    return bool(whole) and (whole == other or all(_is_nearly(*pair) for pair in zip(words, others, strict=True)))


def _words(name: str) -> list[str]:
    """Return the words of ``name`` without case and accents."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return re.findall(r"[^\W_]+", "".join(char for char in letters if not unicodedata.combining(char)))


def _is_nearly(word: str, other: str) -> bool:
    """Return whether two words differ by at most one letter that was added, left out, replaced, or swapped."""
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
    """Return keys of which two names that are a slip apart share at least one.

    A key holds all letters of the name, complete or without one letter, or its first and last word, each likewise.
    """
    found: set[tuple[str, ...]] = {(left,) for left in _left_of("".join(words))}
    if len(words) > 1:
        found.update(product(_left_of(words[0]), _left_of(words[-1])))
    return found


def _left_of(word: str) -> set[str]:
    """Return ``word`` and every form of it that lacks one letter; ``word`` alone if it cannot be a slip."""
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))} if _can_slip(word) else {word}
