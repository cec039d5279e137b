"""Waivers: mismatches that are accepted, for a reason and until a day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ci_gate.core.names import hashed, is_exactly, is_intent, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from ci_gate.core.model import Utterance


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

    def covers(self, utterance: Utterance) -> bool:
        # Of several intents that were matched, a waiver of one says nothing about the others.
        return self.is_about(utterance) and (not self.matched or is_exactly(self.matched, utterance.matched))

    def is_about(self, utterance: Utterance) -> bool:
        """Whether this is a waiver of the utterance, or of what is expected in it."""
        if self.utterance:
            return normalised(utterance.text) == normalised(self.utterance)
        return is_intent(self.expected, utterance.expected)

    @property
    def subject(self) -> str:
        if self.utterance:
            return f"utterance '{self.utterance}'"
        return f"'{self.expected}' taken for '{self.matched}'" if self.matched else f"intent '{self.expected}'"


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


@dataclass(frozen=True, slots=True)
class Waived:
    """Which mismatches of a run are waived: their rows, the keys all of whose mismatches are, and the waivers' use."""

    rows: frozenset[int] = frozenset()
    keys: Mapping[str, Waiver] = field(default_factory=dict)
    uses: tuple[WaiverUse, ...] = ()

    def covers_whatever(self, utterance: Utterance) -> bool:
        """Whether an utterance that was not evaluated would be waived, whatever it was matched as."""
        waivers = (use.waiver for use in self.uses if not use.expired)
        return any(waiver.is_about(utterance) and not waiver.matched for waiver in waivers)

    def waiver_of(self, key: str) -> Waiver | None:
        """Return the waiver of an utterance all of whose mismatches are waived."""
        return self.keys.get(key)


def apply_waivers(waivers: Iterable[Waiver], utterances: Iterable[Utterance], today: date) -> Waived:
    """Return the mismatches that waivers cover; one that has expired covers nothing."""
    wrong = [utterance for utterance in utterances if utterance.is_mismatch]
    rows: set[int] = set()
    keys: dict[str, Waiver] = {}
    uses = []
    for waiver in waivers:
        expired = today > waiver.expires
        covered = [] if expired else [utterance for utterance in wrong if waiver.covers(utterance)]
        rows.update(utterance.row for utterance in covered)
        for utterance in covered:
            keys.setdefault(utterance.key, waiver)
        uses.append(WaiverUse(waiver, len(covered), expired))
    half_waived = {utterance.key for utterance in wrong if utterance.row not in rows}
    return Waived(frozenset(rows), {key: waiver for key, waiver in keys.items() if key not in half_waived}, tuple(uses))
