"""Waivers: mismatches that are accepted, for a stated reason and until a given day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ci_gate.core.names import each_of, hashed, key_of, keys_of, normalised, split_intents

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from ci_gate.core.model import Utterance
    from ci_gate.core.rules import Forbidden

    _Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One ``[[waivers]]`` entry: for an utterance, for every utterance of an intent, or for one confusion.

    An empty ``utterance``, ``expected`` or ``matched`` does not restrict the waiver. ``expires`` is the last day (UTC)
    on which the waiver applies. ``is_common``: the waiver was written for all suites.
    """

    utterance: str = ""
    expected: str = ""
    matched: str = ""
    reason: str
    owner: str
    expires: date
    is_common: bool = False

    def document(self) -> dict[str, object]:
        """Return the waiver as plain data, under the keys of the settings file."""
        confusion = {"expected": self.expected, "matched": self.matched}
        return {
            **({"utterance": self.utterance} if self.utterance else {}),
            **({"confusion": confusion} if self.matched else {"intent": self.expected} if self.expected else {}),
            "reason": self.reason,
            "owner": self.owner,
            "expires": self.expires.isoformat(),
        }

    def hashed(self) -> Waiver:
        return replace(self, utterance=hashed(self.utterance)) if self.utterance else self

    def names(self, pair: Forbidden) -> bool:
        """Return whether this waiver names both intents of the forbidden ``pair``, alone or together with others."""
        pairs = ((pair.expected, self.expected), (pair.matched, self.matched))
        return all(each_of(split_intents(forbidden)) <= each_of(split_intents(waived)) for forbidden, waived in pairs)

    @property
    def subject(self) -> str:
        if self.utterance:
            return f"utterance '{self.utterance}'"
        return f"'{self.expected}' taken for '{self.matched}'" if self.matched else f"intent '{self.expected}'"

    @property
    def answerable(self) -> str:
        """The owner and the reason, in parentheses."""
        return f"({self.owner}: {self.reason})"


class WaiverState(StrEnum):
    """The state of a waiver after a run."""

    USED = "used"
    UNUSED = "unused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """The use of a waiver in a run: the number of mismatches that it covers, 0 if it has expired."""

    waiver: Waiver
    mismatches: int
    expired: bool

    @property
    def state(self) -> WaiverState:
        if self.expired:
            return WaiverState.EXPIRED
        return WaiverState.USED if self.mismatches else WaiverState.UNUSED


class _Index:
    """Waivers indexed by subject, so that thousands of mismatches need not be compared with thousands of waivers."""

    def __init__(self, waivers: Iterable[Waiver]) -> None:
        self.of_text: dict[str, list[Waiver]] = {}
        self.of_intent: dict[_Key, list[Waiver]] = {}
        self.of_confusion: dict[tuple[_Key, str], list[tuple[frozenset[str], Waiver]]] = {}
        for waiver in waivers:
            if waiver.utterance:
                self.of_text.setdefault(normalised(waiver.utterance), []).append(waiver)
            elif not waiver.matched:
                self.of_intent.setdefault(key_of(waiver.expected), []).append(waiver)
            elif names := split_intents(waiver.matched):
                matched = each_of(names)
                named = self.of_confusion.setdefault((key_of(waiver.expected), min(matched)), [])
                named.append((matched, waiver))

    def whole(self, utterance: Utterance) -> list[Waiver]:
        """Return the waivers of the utterance or of its expected intents; these apply whatever was matched."""
        found = [*self.of_text.get(normalised(utterance.text), ())] if self.of_text else []
        return found + [waiver for key in keys_of(utterance.expected) for waiver in self.of_intent.get(key, ())]

    def covering(self, utterance: Utterance) -> list[Waiver]:
        """Return the waivers that cover a mismatch.

        Waivers of confusions cover it only if together they name every wrong intent, or if another waiver covers it
        anyway.
        """
        found = self.whole(utterance)
        if not self.of_confusion:
            return found
        matched = each_of(utterance.matched)
        parts = [
            (names, waiver)
            for key in keys_of(utterance.expected)
            for name in matched
            for names, waiver in self.of_confusion.get((key, name), ())
            if names <= matched
        ]
        named = frozenset[str]().union(*(names for names, _ in parts))
        is_whole = bool(parts) and utterance.wrong_intents <= named
        return found + [waiver for _, waiver in parts] if found or is_whole else []


@dataclass(frozen=True, slots=True)
class Waived:
    """The waived mismatches of a run, and the use of each waiver.

    ``rows`` are the rows of the waived mismatches. ``keys`` maps the key of an utterance to one of its waivers if all
    of its mismatches are waived. ``covering`` maps each waived row to its waivers; unlike ``rows``, it includes rows
    that match no expected intent although their result type is no mismatch.
    """

    rows: frozenset[int] = frozenset()
    keys: Mapping[str, Waiver] = field(default_factory=dict)
    uses: tuple[WaiverUse, ...] = ()
    covering: Mapping[int, tuple[Waiver, ...]] = field(default_factory=dict)
    _index: _Index = field(default_factory=lambda: _Index(()), repr=False, compare=False)

    @property
    def idle(self) -> list[Waiver]:
        """The waivers that have not expired and cover nothing."""
        busy = {waiver for several in self.covering.values() for waiver in several}
        return [use.waiver for use in self.uses if not (use.expired or use.waiver in busy)]

    def covers_whatever(self, utterance: Utterance) -> bool:
        """Return whether an unevaluated utterance would be waived, whatever the bot had matched."""
        return bool(self._index.whole(utterance))

    def excuses(self, pair: Forbidden, utterance: Utterance) -> bool:
        """Return whether the forbidden ``pair`` is waived in ``utterance``, by a waiver of either."""
        return any(waiver.utterance or waiver.names(pair) for waiver in self.covering.get(utterance.row, ()))

    def excuses_whatever(self, utterance: Utterance) -> bool:
        """Return whether every forbidden pair would be waived in an unevaluated utterance, whatever is matched."""
        return any(waiver.utterance for waiver in self._index.whole(utterance))

    def waiver_of(self, key: str) -> Waiver | None:
        """Return a waiver of the utterance ``key`` if all of its mismatches are waived; else ``None``."""
        return self.keys.get(key)


def apply_waivers(waivers: Iterable[Waiver], utterances: Iterable[Utterance], today: date) -> Waived:
    """Return the mismatches that ``waivers`` cover; a waiver that expired before ``today`` covers nothing."""
    waivers = tuple(waivers)
    if not waivers:
        return Waived()
    index = _Index(waiver for waiver in waivers if today <= waiver.expires)
    wrong = [utterance for utterance in utterances if utterance.is_wrong]
    covering = {utterance.row: tuple(found) for utterance in wrong if (found := index.covering(utterance))}
    mismatches = [utterance for utterance in wrong if utterance.is_mismatch]
    times = Counter(waiver for utterance in mismatches for waiver in {*covering.get(utterance.row, ())})
    half_waived = {utterance.key for utterance in mismatches if utterance.row not in covering}
    return Waived(
        rows=frozenset(utterance.row for utterance in mismatches if utterance.row in covering),
        keys={one.key: covering[one.row][0] for one in reversed(mismatches) if one.key not in half_waived},
        uses=tuple(WaiverUse(waiver, times[waiver], today > waiver.expires) for waiver in waivers),
        covering=covering,
        _index=index,
    )
