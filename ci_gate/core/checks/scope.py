"""What a rule is about: the suite, its change since the baseline, its intents, or what the rules name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Area(Enum):
    """What a rule that is not about a single intent is about."""

    SUITE = auto()
    CHANGE = auto()
    EVERY_INTENT = auto()
    MUST_PASS = auto()
    FORBIDDEN = auto()


@dataclass(frozen=True, slots=True)
class OneIntent:
    """A single intent, which may be called anything, ``suite`` included."""

    name: str


Scope = Area | OneIntent
