"""The invented bots and their suites, read from the files in `suites/`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NO_INTENT = "none"  # how a suite says that nothing should match


class Understanding(StrEnum):
    """How well a bot understands its users."""

    GOOD = "good"
    OLDER = "older"  # nearly as well: what the bot was before its latest changes
    WORSE = "worse"  # than that, in a few intents
    POOR = "poor"
    ABSENT = "absent"  # the engine evaluates nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    name: str
    value: str
    misread: str | None = None  # what the bot extracts in place of the value, empty for nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One case of a suite: what is said, what should match, and what does with each understanding but an absent one."""

    text: str
    expected: tuple[str, ...]
    parent: str | None
    entities: tuple[Entity, ...]
    matched: Mapping[Understanding, tuple[str, ...]]  # empty for nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    id: str
    name: str
    description: str
    utterances: tuple[Utterance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    id: str
    name: str
    contents: tuple[Suite, ...]

    @property
    def suites(self) -> tuple[str, ...]:
        return tuple(suite.name for suite in self.contents)

    def suite(self, name: str) -> Suite | None:
        return next((suite for suite in self.contents if suite.name == name), None)


@cache
def load_bots() -> tuple[Bot, ...]:
    return tuple(
        Bot(id=bot["id"], name=bot["name"], contents=tuple(_suite(_read(suite)) for suite in bot["suites"]))
        for bot in _read("bots")["bot"]
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("ci_gate.simulator").joinpath("suites", f"{name}.toml").read_text(encoding="utf-8"))


def _suite(document: Mapping[str, Any]) -> Suite:
    return Suite(
        id=document["id"],
        name=document["name"],
        description=document["description"],
        utterances=tuple(utterance for intent in document["intent"] for utterance in _utterances(intent)),
    )


def _utterances(intent: Mapping[str, Any]) -> Iterator[Utterance]:
    for entry in intent["utterances"]:
        # What the keys mean is explained where they are written, at the top of banking-regression.toml.
        case: Mapping[str, Any] = {"text": entry} if isinstance(entry, str) else entry
        when_good = case.get("matched", intent["name"])
        when_poor, when_older = case.get("failing", when_good), case.get("published", when_good)
        misread = case.get("misread", {})
        yield Utterance(
            text=case["text"],
            expected=(intent["name"], case["also"]) if "also" in case else (intent["name"],),
            parent=intent.get("parent"),
            entities=tuple(
                Entity(name=name, value=value, misread=misread.get(name))
                for name, value in case.get("entities", {}).items()
            ),
            matched={
                Understanding.GOOD: _intents(when_good),
                Understanding.POOR: _intents(when_poor),
                Understanding.OLDER: _intents(when_older),
                Understanding.WORSE: _intents(when_poor if intent.get("regressed", False) else when_older),
            },
        )


def _intents(matched: str) -> tuple[str, ...]:
    return () if matched == NO_INTENT else tuple(matched.split(" | "))
