"""Waivers: mismatches that are accepted, for a reason and until a day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ci_gate.core.names import each_of, hashed, key_of, keys_of, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from ci_gate.core.model import Utterance
    from ci_gate.core.rules import Forbidden

    _Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One ``[[waivers]]`` entry: of an utterance, of all that an intent expects, or of one confusion.

    An empty text says nothing about that part; ``expires`` is the last day on which it holds (UTC). One that
    ``is_common`` was written for all suites.
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
        """Whether this is a waiver of a forbidden pair itself, alone or with other intents that were matched too."""
        pairs = ((pair.expected, self.expected), (pair.matched, self.matched))
        return all({*key_of(forbidden)} <= {*key_of(waived)} for forbidden, waived in pairs)

    @property
    def subject(self) -> str:
        if self.utterance:
            return f"utterance '{self.utterance}'"
        return f"'{self.expected}' taken for '{self.matched}'" if self.matched else f"intent '{self.expected}'"

    @property
    def answerable(self) -> str:
        """Who is answerable for it, and why it is."""
        return f"({self.owner}: {self.reason})"


class WaiverState(StrEnum):
    """What became of a waiver in a run."""

    USED = "used"
    UNUSED = "unused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """What became of a waiver in a run: how many mismatches it covers, none if it has expired."""

    waiver: Waiver
    mismatches: int
    expired: bool

    @property
    def state(self) -> WaiverState:
        if self.expired:
            return WaiverState.EXPIRED
        return WaiverState.USED if self.mismatches else WaiverState.UNUSED


class _Index:
    """Waivers by what they are of, so that thousands of mismatches need not be held against thousands of them."""

    def __init__(self, waivers: Iterable[Waiver]) -> None:
        self.of_text: dict[str, list[Waiver]] = {}
        self.of_intent: dict[_Key, list[Waiver]] = {}
        self.of_confusion: dict[tuple[_Key, str], list[tuple[frozenset[str], Waiver]]] = {}
        for waiver in waivers:
            if waiver.utterance:
                self.of_text.setdefault(normalised(waiver.utterance), []).append(waiver)
            elif not waiver.matched:
                self.of_intent.setdefault(key_of(waiver.expected), []).append(waiver)
            elif matched := key_of(waiver.matched):
                named = self.of_confusion.setdefault((key_of(waiver.expected), matched[0]), [])
                named.append((frozenset(matched), waiver))

    def whole(self, utterance: Utterance) -> list[Waiver]:
        """Return the waivers of an utterance, or of what is expected in it: they cover it whatever was matched."""
        found = [*self.of_text.get(normalised(utterance.text), ())] if self.of_text else []
        return found + [waiver for key in keys_of(utterance.expected) for waiver in self.of_intent.get(key, ())]

    def covering(self, utterance: Utterance) -> list[Waiver]:
        """Return the waivers that cover a mismatch together: of a confusion only if all wrong intents are waived."""
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
    """Which mismatches of a run are waived: their rows, the keys all of whose mismatches are, and the waivers' use.

    ``covering`` has the waivers of each row that is waived, also of one that is wrong by its intents alone.
    """

    rows: frozenset[int] = frozenset()
    keys: Mapping[str, Waiver] = field(default_factory=dict)
    uses: tuple[WaiverUse, ...] = ()
    covering: Mapping[int, tuple[Waiver, ...]] = field(default_factory=dict)
    _index: _Index = field(default_factory=lambda: _Index(()), repr=False, compare=False)

    @property
    def idle(self) -> list[Waiver]:
        """The waivers that cover nothing, though they have not expired."""
        busy = {waiver for several in self.covering.values() for waiver in several}
        return [use.waiver for use in self.uses if not (use.expired or use.waiver in busy)]

    def covers_whatever(self, utterance: Utterance) -> bool:
        """Whether an utterance that was not evaluated would be waived, whatever it was matched as."""
        return bool(self._index.whole(utterance))

    def excuses(self, pair: Forbidden, utterance: Utterance) -> bool:
        """Whether a forbidden pair is waived where it happened: by a waiver of that pair or of that utterance."""
        return any(waiver.utterance or waiver.names(pair) for waiver in self.covering.get(utterance.row, ()))

    def excuses_whatever(self, utterance: Utterance) -> bool:
        """Whether any forbidden pair would be waived in an utterance that was not evaluated."""
        return any(waiver.utterance for waiver in self._index.whole(utterance))

    def waiver_of(self, key: str) -> Waiver | None:
        """Return the waiver of an utterance all of whose mismatches are waived."""
        return self.keys.get(key)


def apply_waivers(waivers: Iterable[Waiver], utterances: Iterable[Utterance], today: date) -> Waived:
    """Return the mismatches that waivers cover; one that has expired covers nothing."""
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
