"""Whole commands, judged with each example's settings: how often one fails without a change, and by which rule.

The settings are read as a command reads them. Two equally good versions of a bot answer a suite; the earlier run is
used as a baseline only if it passes with the same settings, as a user would require before accepting it.
"""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ci_gate.config.resolve import resolve_compare, resolve_remote
from ci_gate.config.sources import gather
from ci_gate.core.assess import assess
from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.duplicates import collapsed
from ci_gate.core.findings import Expectation
from ci_gate.core.model import Reported, ResultsFile, ResultType, Utterance
from ci_gate.core.names import utterance_key
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import Source, Subject
from tests.tools.benchmarks.table import Table
from tests.tools.experiment.answers import Bot, Loss, expecting, expecting_none
from tests.tools.experiment.rates import Rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.checks.check import Check
    from ci_gate.core.rules import Rules
    from tests.tools.experiment.answers import Fate

FOLDER = Path(__file__).parents[3] / "examples" / "rules"
CHURNS = (0.003, 0.02, 0.05)
LOUD = 0.06
"""The churn at which a broken intent has to be found."""

_GOOD = Bot(right=0.87, wrong=0.078, missed=0.052, right_about_none=0.93)
_CLOSE = Bot(right=0.90, wrong=0.06, missed=0.04, right_about_none=0.93)
_BETTER = Bot(right=0.95, wrong=0.03, missed=0.02, right_about_none=0.93)
_SECRETS: Final = MappingProxyType(
    {"CI_GATE_BOT_ID": "st-1", "CI_GATE_CLIENT_ID": "cs-1", "CI_GATE_CLIENT_SECRET": "of-nobody-at-all"}
)
_TODAY = date(2026, 1, 1)
_FIRST = MissingBaseline("none")


@dataclass(frozen=True, slots=True)
class Shape:
    """The number of utterances of a suite that expect each of its intents, and of those that expect none."""

    intents: tuple[int, ...]
    none: int


REGRESSION, SMOKE = Shape((20,) * 14, 20), Shape((2,) * 9, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The true state of two runs: the share that flips by chance, whether named utterances flip, and a break.

    If an intent ``breaks``, one of the first suite loses half of its right answers, equally often to a wrong intent and
    to none.
    """

    bot: Bot
    churn: float
    named_flip: bool = False
    breaks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A settings file, its suites, the bot, and how often its commands fail without a cause.

    ``known`` holds these rates by churn, in per cent; ``others`` are further worlds with their known failure rates. An
    independent program computed the rates.
    """

    file: str
    shapes: tuple[Shape, ...] = (REGRESSION,)
    bot: Bot = _GOOD
    compares: bool = False
    known: tuple[float, float, float]
    others: tuple[tuple[str, World, float | None], ...] = ()


_FLIPPING = "what is named flips too"
EXAMPLES = (
    Example(file="first-week.toml", known=(0.0, 1.9, 4.5)),
    Example(
        file="pull-request.toml",
        known=(0.0, 1.9, 4.5),
        others=(
            (_FLIPPING, World(bot=_GOOD, churn=0.02, named_flip=True), 8.3),
            (_FLIPPING, World(bot=_GOOD, churn=0.05, named_flip=True), 17.9),
        ),
    ),
    Example(
        file="nightly.toml",
        shapes=(REGRESSION, SMOKE),
        known=(0.1, 1.8, 3.2),
        others=(("an intent loses half", World(bot=_GOOD, churn=LOUD, breaks=True), None),),
    ),
    Example(
        file="before-publishing.toml",
        bot=_BETTER,
        compares=True,
        known=(0.0, 1.6, 3.4),
        others=(
            (_FLIPPING, World(bot=_BETTER, churn=0.02, named_flip=True), None),
            (_FLIPPING, World(bot=_BETTER, churn=0.05, named_flip=True), None),
            ("5 points above the floor", World(bot=_CLOSE, churn=0.02), 8.6),
            ("5 points above the floor", World(bot=_CLOSE, churn=0.05), 15.2),
        ),
    ),
)
"""Before publishing, the bot is 7 points above the floor of F1 that it has to prove."""

KNOWN_COMMANDS = 10_000


class Suite:
    """The utterances of a suite that contains every name in its rules, ready to be answered."""

    def __init__(self, rules: Rules, shape: Shape) -> None:
        """Assign the intents: first those that the rules name, then unnamed ones, so that no rule names the last."""
        pairs = rules.forbidden
        named = dict.fromkeys([*rules.intents.named, *(it for pair in pairs for it in (pair.expected, pair.matched))])
        self.intents = [*named, *(f"Intent {number}" for number in range(len(shape.intents) - len(named)))]
        self.rules = rules
        self._expected = [name for name, size in zip(self.intents, shape.intents, strict=True) for _ in range(size)]
        self._none = shape.none
        self._last = shape.intents[-1]
        # The must-pass utterances belong to the last but one intent: the last is the one that breaks.
        self._must_pass = dict(enumerate(rules.must_pass, len(self._expected) - sum(shape.intents[-2:])))
        self._cases: dict[tuple[int, ResultType, str], Utterance] = {}

    def draw(self, chance: random.Random, world: World) -> tuple[tuple[Utterance, ...], tuple[Utterance, ...]]:
        """Return the answers of an earlier and a later version."""
        expected = len(self._expected)
        fates = expecting(world.bot, world.churn).draw(chance, expected)
        if world.breaks:
            broken = expecting(world.bot, world.churn, Loss(world.bot.right / 4, world.bot.right / 4))
            fates[expected - self._last :] = broken.draw(chance, self._last)
        for row in self._must_pass:
            fails = world.named_flip and chance.random() < world.churn / 2
            fates[row] = (ResultType.TP, ResultType.FP if fails else ResultType.TP)
        fates += expecting_none(world.bot, world.churn).draw(chance, self._none)
        drawn = [self._answered(chance, row, fate, world) for row, fate in enumerate(fates)]
        return tuple(was for was, _ in drawn), tuple(now for _, now in drawn)

    def _answered(self, chance: random.Random, row: int, fate: Fate, world: World) -> tuple[Utterance, Utterance]:
        taken = ""
        if ResultType.FP in fate:
            own = self._expected[row] if row < len(self._expected) else ""
            shunned = {own} if world.named_flip else {own, *self._forbidden(own)}
            taken = own
            while taken in shunned:
                taken = chance.choice(self.intents)
        was, now = (self._case(row, result, taken if result is ResultType.FP else "") for result in fate)
        return was, now

    def _forbidden(self, expected: str) -> Iterator[str]:
        return (pair.matched for pair in self.rules.forbidden if pair.expected == expected)

    def _case(self, row: int, result: ResultType, taken: str) -> Utterance:
        found = self._cases.get((row, result, taken))
        if found is None:
            found = self._cases[row, result, taken] = self._new(row, result, taken)
        return found

    def _new(self, row: int, result: ResultType, taken: str) -> Utterance:
        expected = (self._expected[row],) if row < len(self._expected) else ()
        utterance = self._must_pass.get(row, f"utterance {row}")
        return Utterance(
            key=utterance_key(utterance, expected, None),
            text=utterance,
            expected=expected,
            matched=(taken,) if taken else expected if result is ResultType.TP else (),
            parent_intent=None,
            result_type=result,
            entities=0,
            matched_entities=0,
            row=row + 1,
        )


def rules_of(example: Example) -> tuple[Rules, ...]:
    """Read the rules of each suite as a command does that is started in the folder of the file."""
    with contextlib.chdir(FOLDER):
        sources = gather({"config": example.file}, _SECRETS)
        name = sources.file.suites[0].name
        settings = resolve_compare(sources, _SECRETS, name) if example.compares else resolve_remote(sources, _SECRETS)
    return tuple(suite.rules for suite in settings.suites)


def measure(example: Example, commands: int, seed: int) -> tuple[Table, list[Rate]]:
    """Judge ``commands`` commands at each churn without a change for the worse, and half as many in other worlds."""
    suites = [Suite(rules, shape) for rules, shape in zip(rules_of(example), example.shapes, strict=True)]
    calm = [
        ("nothing changed", World(bot=example.bot, churn=churn), known)
        for churn, known in zip(CHURNS, example.known, strict=True)
    ]
    rows, rates = [], []
    for what, world, known in (*calm, *example.others):
        is_calm = (what, world, known) in calm
        number = commands if is_calm else commands // 2
        why = failing(suites, world, number, random.Random(f"{seed} {example.file} {world}"))
        rate = Rate(
            hits=why[""],
            suites=number,
            known=known,
            known_suites=KNOWN_COMMANDS,
            is_false_alarm=is_calm,
            must_be_often=world.breaks,
        )
        rates.append(rate)
        rows.append((what, f"{100 * world.churn:g}%", f"{number:,}", *rate.cells, _listed(why, number)))
    tests = suites[0].rules.share
    title = f"{example.file}: {tests} {'test' if tests == 1 else 'tests'} at {float(suites[0].rules.level):.2g}"
    columns = ("commands", "churn", "drawn", "fail %", "±", "known %", "agrees", "by which rule, %")
    return Table(f"{title} (seed {seed})", columns, tuple(rows)), rates


def failing(suites: list[Suite], world: World, commands: int, chance: random.Random) -> Counter[str]:
    """Count the commands that do not pass, under the empty string, and those that each rule fails."""
    found: Counter[str] = Counter()
    accepted = 0
    worlds = [world, *[replace(world, breaks=False)] * (len(suites) - 1)]
    while accepted < commands:
        drawn = [(suite, *suite.draw(chance, own)) for suite, own in zip(suites, worlds, strict=True)]
        if not all(_passes(_checks(suite.rules, was, None)) for suite, was, _ in drawn):
            continue
        accepted += 1
        why = {
            _rule_of(check)
            for suite, was, now in drawn
            for check in _checks(suite.rules, now, was)
            if check.outcome is not Outcome.PASSED
        }
        found.update({*why, ""} if why else ())
    return found


def _checks(rules: Rules, now: tuple[Utterance, ...], was: tuple[Utterance, ...] | None) -> tuple[Check, ...]:
    """Judge a run, compared with an earlier one if there is one."""
    judged = assess(
        Subject(label="drawn", suite="drawn", source=Source.FILES),
        status=None,
        results=ResultsFile(raw=b"", reported=Reported(), utterances=now),
        rules=rules,
        expectation=Expectation(),
        today=_TODAY,
        baseline=_FIRST if was is None else Baseline(name="drawn", origin=Origin(), utterances=collapsed(was)),
        hash_utterances=False,
    )
    judgement = judged.report.judgement
    return judgement.checks if judgement else ()


def _passes(checks: tuple[Check, ...]) -> bool:
    return all(check.outcome is Outcome.PASSED for check in checks)


def _rule_of(check: Check) -> str:
    return "floors of intents" if check.is_of_intent else check.metric.replace("_", " ")


def _listed(why: Counter[str], commands: int) -> str:
    return ", ".join(f"{rule} {100 * times / commands:.1f}" for rule, times in why.most_common() if rule) or "none"
