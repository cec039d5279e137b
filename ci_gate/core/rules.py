"""The rules that one suite is judged by, all of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from ci_gate.core.floors import FLOORS, IntentFloors
from ci_gate.core.metrics import DROPS
from ci_gate.core.names import hashed, intents_key, normalised, split_intents
from ci_gate.core.text.decimals import exact_text
from ci_gate.core.thresholds import THRESHOLDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.findings import FindingKind
    from ci_gate.core.thresholds import Threshold
    from ci_gate.core.waivers import Waiver

ALPHA = Fraction(1, 20)
MAX_REGRESSIONS, MUST_PASS_KEY, FORBIDDEN_KEY = "max_regressions", "must_pass", "forbidden"
INTENT, MUST_PASS = "intent", "must-pass utterance"

RULES: Final = (*THRESHOLDS, MAX_REGRESSIONS, *(f"intents.{key}" for key in FLOORS), MUST_PASS_KEY, FORBIDDEN_KEY)
"""Every rule there is, by its key in the settings."""


class Area(StrEnum):
    """What a rule that is not about a single intent is about, in the word that ``report.json`` has for it."""

    SUITE = "suite"
    CHANGE = "baseline"
    EVERY_INTENT = "intents"
    MUST_PASS = "must-pass"  # noqa: S105 (a pass, not a password)
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class OneIntent:
    """A single intent, which may be called anything, ``suite`` included."""

    name: str


Scope = Area | OneIntent


class RuleCount(StrEnum):
    """What rules count that are no thresholds: intents that got worse, and what must never happen by name."""

    WORSE_INTENTS = "worse_intents"
    MUST_PASS_FAILURES = "must_pass_failures"  # noqa: S105 (a pass, not a password)
    FORBIDDEN_CONFUSIONS = "forbidden_confusions"


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A confusion that must never happen: one intent matched where another was expected."""

    expected: str
    matched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a suite is judged.

    ``alpha`` is the chance of a false alarm that ``share`` tests have together. ``lower_bound`` compares the lower
    end of a score's interval with its threshold in place of the score. ``strict_drop`` lets a fall fail that may be
    chance. ``max_regressions`` bounds the intents that got worse beyond chance. ``demands_all``: no setting says how
    many utterances may go unevaluated, so that none may. ``pressing`` are the keys of what was set for this suite: such
    a rule must be able to fail in it. ``common_names`` are those names that were written for all suites, of which each
    has to be known in one of them; ``is_part`` if not all of them are judged.
    """

    thresholds: tuple[Threshold, ...] = ()
    tolerate: frozenset[FindingKind] = frozenset()
    alpha: Fraction = ALPHA
    share: int = 1
    lower_bound: bool = False
    strict_drop: bool = False
    intents: IntentFloors = field(default_factory=IntentFloors)
    max_regressions: int | None = None
    must_pass: tuple[str, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    demands_all: bool = True
    pressing: frozenset[str] = frozenset()
    common_names: frozenset[Name] = frozenset()
    is_part: bool = False

    def document(self) -> dict[str, object]:
        """Return the rules as plain data, under the keys of the settings file where those exist."""
        return {
            "thresholds": {threshold.key: threshold.bound_text for threshold in self.thresholds},
            "all_must_be_evaluated": self.demands_all,
            "bound": "lower" if self.lower_bound else "point",
            "alpha": exact_text(self.alpha),
            "tests_that_share_alpha": self.share,
            "strict_drop": self.strict_drop,
            "tolerate": sorted(self.tolerate),
            "max_regressions": self.max_regressions,
            "intents": self.intents.general.document(),
            "named_intents": {name: own.document() for name, own in self.intents.named.items()},
            "must_pass": [*self.must_pass],
            "forbidden": [{"expected": pair.expected, "matched": pair.matched} for pair in self.forbidden],
            "waivers": [waiver.document() for waiver in self.waivers],
            "set_for_this_suite": sorted(self.pressing),
        }

    def hashed(self) -> Rules:
        """Return these rules with hashes in place of utterances, so that they still fit those of a hashed run."""
        return replace(
            self,
            must_pass=tuple(map(hashed, self.must_pass)),
            waivers=tuple(waiver.hashed() for waiver in self.waivers),
            common_names=frozenset(name.hashed() for name in self.common_names),
        )

    def without_baseline(self) -> Rules:
        """Return the rules that are left if there is nothing to compare with."""
        thresholds = tuple(threshold for threshold in self.thresholds if not threshold.metric.needs_baseline)
        return replace(self, thresholds=thresholds, max_regressions=None)

    @property
    def can_fail(self) -> bool:
        """Whether any of the rules demands more than what is demanded without being asked for."""
        return self.is_about_the_bot or any(not threshold.is_default for threshold in self.thresholds)

    @property
    def is_about_the_bot(self) -> bool:
        """Whether any of the rules says how good the bot has to be; the others say how much has to be measured."""
        floors = (self.intents.general, *self.intents.named.values())
        return bool(
            any(threshold.metric.is_about_the_bot for threshold in self.thresholds)
            or any(own.bounds for own in floors)
            or self.must_pass
            or self.forbidden
            or self.max_regressions is not None
        )

    @property
    def level(self) -> Fraction:
        """The chance of a false alarm that each of the tests may have."""
        return self.alpha / self.share

    @property
    def tests(self) -> int:
        """The number of these rules that test something against chance; it depends on nothing but the rules."""
        drops = sum(threshold.metric in DROPS for threshold in self.thresholds)
        return (0 if self.strict_drop else drops) + (self.max_regressions is not None)

    @property
    def names(self) -> Iterator[Name]:
        """The names in these rules that a suite must have, or another that they are written for."""
        yield from (Name(INTENT, intent) for intent in self.intents.named)
        yield from (Name(INTENT, pair.expected) for pair in self.forbidden)
        yield from (Name(MUST_PASS, utterance) for utterance in self.must_pass)


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a rule is about, and what it is the name of; two spellings of one name are equal."""

    what: str
    text: str = field(compare=False)
    key: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Find what all spellings of the name have in common."""
        key = (normalised(self.text),) if self.is_utterance else intents_key(split_intents(self.text))
        object.__setattr__(self, "key", key)

    def hashed(self) -> Name:
        return replace(self, text=hashed(self.text)) if self.is_utterance else self

    @property
    def is_utterance(self) -> bool:
        return self.what == MUST_PASS
