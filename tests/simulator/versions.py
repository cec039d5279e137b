"""The differences between the published version of a bot and the one in development."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_gate.simulator.scenario import SCRIPTS, Scenario
from ci_gate.simulator.understanding import Answer, Outcome, answers

if TYPE_CHECKING:
    from ci_gate.simulator.catalogue import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Pairs of answers, published and in development, that differ; in ``wrong_otherwise`` both are wrong."""

    newly_failing: tuple[tuple[Answer, Answer], ...]
    fixed: tuple[tuple[Answer, Answer], ...]
    wrong_otherwise: tuple[tuple[Answer, Answer], ...]


def answers_of(scenario: Scenario, suite: Suite, version: str) -> tuple[Answer, ...]:
    """Return the answers of a version to the whole suite, even if the platform drops some of them."""
    return answers(suite, SCRIPTS[scenario].understanding_of(version))


def change(scenario: Scenario, suite: Suite) -> Change:
    published, developed = (answers_of(scenario, suite, version) for version in ("published", "inDevelopment"))
    pairs = [pair for pair in zip(published, developed, strict=True) if pair[0] != pair[1]]
    return Change(
        newly_failing=tuple(pair for pair in pairs if is_right(pair[0]) and not is_right(pair[1])),
        fixed=tuple(pair for pair in pairs if is_right(pair[1]) and not is_right(pair[0])),
        wrong_otherwise=tuple(pair for pair in pairs if is_right(pair[0]) is is_right(pair[1])),
    )


def is_right(answer: Answer) -> bool:
    return answer.outcome in (Outcome.TP, Outcome.TN)
