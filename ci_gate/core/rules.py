"""The complete set of rules by which one suite is judged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from ci_gate.core.floors import FLOORS, IntentFloors
from ci_gate.core.metrics import DROPS
from ci_gate.core.names import hashed, key_of, normalised
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
POINT, LOWER = "point", "lower"
"""The values of the setting ``bound``: compare a threshold with the score, or with the lower end of its interval."""

RULES: Final = (*THRESHOLDS, MAX_REGRESSIONS, *(f"intents.{key}" for key in FLOORS), MUST_PASS_KEY, FORBIDDEN_KEY)
"""The settings keys of all rules."""


class Area(StrEnum):
    """The subject of a rule that is not about a single intent, by its name in ``report.json``."""

    SUITE = "suite"
    CHANGE = "baseline"
    EVERY_INTENT = "intents"
    MUST_PASS = "must-pass"  # noqa: S105 (a pass, not a password)
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class OneIntent:
    """A single intent; a type of its own, since an intent may have any name, ``suite`` included."""

    name: str


Scope = Area | OneIntent


class RuleCount(StrEnum):
    """The numbers bounded by rules that are not thresholds."""

    WORSE_INTENTS = "worse_intents"
    MUST_PASS_FAILURES = "must_pass_failures"  # noqa: S105 (a pass, not a password)
    FORBIDDEN_CONFUSIONS = "forbidden_confusions"


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A confusion that must never happen: ``matched`` in an utterance that expects ``expected``."""

    expected: str
    matched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one suite.

    ``alpha`` is the false-alarm probability that ``share`` tests have together. ``lower_bound`` compares the lower end
    of a score's confidence interval, instead of the score, with the threshold. ``strict_drop`` fails a fall that may be
    chance. ``max_regressions`` bounds the number of intents that got worse beyond chance. ``demands_all``: no setting
    allows unevaluated utterances, so that every utterance must be evaluated. ``pressing`` holds the keys of the rules
    that were set for this suite: such a rule must be able to fail in it. ``common_names`` are the names that were
    written for all suites: each has to occur in one of them. ``is_part``: not all suites are judged.
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
        """Return the rules as plain data, under the keys of the settings file if it has such keys."""
        return {
            "thresholds": {threshold.key: threshold.bound_text for threshold in self.thresholds},
            "all_must_be_evaluated": self.demands_all,
            "bound": LOWER if self.lower_bound else POINT,
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
        """Return these rules with hashes in place of utterances, so that they match the utterances of a hashed run."""
        return replace(
            self,
            must_pass=tuple(map(hashed, self.must_pass)),
            waivers=tuple(waiver.hashed() for waiver in self.waivers),
            common_names=frozenset(name.hashed() for name in self.common_names),
        )

    def without_baseline(self) -> Rules:
        """Return these rules without the ones that need a baseline."""
        thresholds = tuple(threshold for threshold in self.thresholds if not threshold.metric.needs_baseline)
        return replace(self, thresholds=thresholds, max_regressions=None)

    @property
    def can_fail(self) -> bool:
        """Whether any of the rules demands more than the defaults do."""
        return self.is_about_the_bot or any(not threshold.is_default for threshold in self.thresholds)

    @property
    def is_about_the_bot(self) -> bool:
        """Whether any of the rules bounds the quality of the bot, rather than how much is measured."""
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
        """The significance level of each test: ``alpha``, divided among ``share`` tests."""
        return self.alpha / self.share

    @property
    def tests(self) -> int:
        """The number of statistical tests among these rules; it depends on the rules alone, not on any run."""
        drops = sum(threshold.metric in DROPS for threshold in self.thresholds)
        return (0 if self.strict_drop else drops) + (self.max_regressions is not None)

    @property
    def names(self) -> Iterator[Name]:
        """The names in these rules that have to occur in this suite, or in another suite with the same rules."""
        yield from (Name(INTENT, intent) for intent in self.intents.named)
        yield from (Name(INTENT, pair.expected) for pair in self.forbidden)
        yield from (Name(MUST_PASS, utterance) for utterance in self.must_pass)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a rule: of an intent or of a must-pass utterance (``what``). Two spellings of one name are equal."""

    what: str
    text: str = field(compare=False)
    key: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compute the key that all spellings of the name share."""
        key = (normalised(self.text),) if self.is_utterance else key_of(self.text)
        object.__setattr__(self, "key", key)

    def hashed(self) -> Name:
        return replace(self, text=hashed(self.text)) if self.is_utterance else self

    @property
    def is_utterance(self) -> bool:
        return self.what == MUST_PASS
