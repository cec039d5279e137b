"""What became of a suite's utterances between the published version of a bot and the one in development."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_gate.simulator.scenario import SCRIPTS, Scenario
from ci_gate.simulator.understanding import Answer, Outcome, answers

if TYPE_CHECKING:
    from ci_gate.simulator.catalogue import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The answers of both versions to what only one of them gets right, and to what both get wrong in their own way."""

    newly_failing: tuple[tuple[Answer, Answer], ...]
    fixed: tuple[tuple[Answer, Answer], ...]
    wrong_otherwise: tuple[tuple[Answer, Answer], ...]


def answers_of(scenario: Scenario, suite: Suite, version: str) -> tuple[Answer, ...]:
    """What that version of the bot makes of the whole suite, whether or not the platform drops some of it."""
    return answers(suite, SCRIPTS[scenario].understanding_of(version))


def change(scenario: Scenario, suite: Suite) -> Change:
    """Hold the version in development against the published one, utterance by utterance."""
    published, developed = (answers_of(scenario, suite, version) for version in ("published", "inDevelopment"))
    pairs = [pair for pair in zip(published, developed, strict=True) if pair[0] != pair[1]]
    return Change(
        newly_failing=tuple(pair for pair in pairs if is_right(pair[0]) and not is_right(pair[1])),
        fixed=tuple(pair for pair in pairs if is_right(pair[1]) and not is_right(pair[0])),
        wrong_otherwise=tuple(pair for pair in pairs if is_right(pair[0]) is is_right(pair[1])),
    )


def is_right(answer: Answer) -> bool:
    """Whether the bot did what the suite expects."""
    return answer.outcome in (Outcome.TP, Outcome.TN)
