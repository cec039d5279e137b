"""The rules that one suite is judged by, all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.floors import IntentFloors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.findings import FindingKind
    from ci_gate.core.thresholds import Threshold
    from ci_gate.core.waivers import Waiver

ALPHA = Fraction(1, 20)
INTENT, MUST_PASS = "intent", "must-pass utterance"


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A confusion that must never happen: one intent matched where another was expected."""

    expected: str
    matched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a suite is judged.

    ``alpha`` is the chance of a false alarm that a test may have. ``lower_bound`` holds the lower end of a score's
    interval against its threshold in place of the score. ``strict_drop`` lets a fall fail that may be chance.
    ``max_regressions`` bounds the intents that got worse beyond chance. ``common_names`` are those names that were
    written for all suites, of which each has to be known in one of them; where not all are judged, ``is_part``.
    """

    thresholds: tuple[Threshold, ...] = ()
    tolerate: frozenset[FindingKind] = frozenset()
    alpha: Fraction = ALPHA
    lower_bound: bool = False
    strict_drop: bool = False
    intents: IntentFloors = field(default_factory=IntentFloors)
    max_regressions: int | None = None
    must_pass: tuple[str, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    common_names: frozenset[Name] = frozenset()
    is_part: bool = False

    @property
    def names(self) -> Iterator[Name]:
        """The names in these rules that a suite must have, or another that they are written for."""
        yield from (Name(INTENT, intent) for intent in self.intents.named)
        yield from (Name(INTENT, pair.expected) for pair in self.forbidden)
        yield from (Name(MUST_PASS, utterance) for utterance in self.must_pass)


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a rule is about, and what it is the name of."""

    what: str
    text: str

    @property
    def is_utterance(self) -> bool:
        """Whether it is something that somebody said, rather than the name of an intent."""
        return self.what == MUST_PASS
