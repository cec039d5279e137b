"""Generates results files of any size in the platform's layout, seeded so that every run measures the same bytes."""

from __future__ import annotations

import csv
import random
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ci_gate.config.settings import Limits
from ci_gate.kore.results_csv import MAX_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

COLUMNS = (
    *("Utterance", "ExpectedIntent", "MatchedIntent", "Parent Intent", "TaskState", "ResultType"),
    *("Entity Name", "Expected EntityValue", "Matched EntityValue", "Entity Result"),
    *("Expected Entity Order", "Actual Entity Order"),
    *("EntityIdentifiedBy", "entityIdentifiedUsing", "entityNERConfidenceScore"),
    *("Matched Intent's Score", "Expected Intent's Score"),
)
_VERBS = ("show", "change", "cancel", "find", "explain", "order", "close", "renew", "pay", "move")
_THINGS = ("card", "loan", "ticket", "seat", "policy", "invoice", "parcel", "booking")
_OPENINGS = ("please", "can you", "I'd like to", "how do I", "könnten Sie", "quiero", "hi, I want to")
_ENDINGS = ("", " today", " before noon", ", thanks", " — it's urgent", ' (the "blue" one)', " for my mother")
_WRONG, _MISSED, _OFF_TOPIC, _WITH_ENTITY = 0.05, 0.02, 0.08, 0.25
_NEWLY_FAILS, _FIXED = 0.035, 0.4  # of the utterances that passed, and of those that did not


def write_results(path: Path, utterances: int) -> None:
    """Write a results file of ``utterances`` utterances: 10 % mismatched, 25 % with an entity."""
    _write(path, list(_rows(random.Random(utterances), utterances)))


def write_later_results(path: Path, utterances: int) -> None:
    """Write the results of a later version of the bot for the same utterances: some newly fail, and some are fixed."""
    chance = random.Random(f"{utterances} later")
    _write(path, [_later(chance, row) for row in _rows(random.Random(utterances), utterances)])


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows((("Bot Name:", "Invented"), ("Report name:", "benchmark"), ("Run Type:", "inDevelopment")))
        writer.writerow(("Utterance count:", str(len(rows))))
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def write_suite(path: Path, utterances: int, intents: int) -> None:
    """Write a results file with ``utterances`` and ``intents``: one utterance in nine is matched to another intent."""
    chance = random.Random(f"{utterances} {intents}")
    rest = ("",) * (len(COLUMNS) - 6)
    rows = []
    for number in range(utterances):
        expected = f"Intent {number % intents}"
        is_right = chance.random() > 1 / 9
        matched = expected.lower() if is_right else f"intent {chance.randrange(intents)}"
        kind = "TP" if matched == expected.lower() else "FP"
        rows.append((f"say it {number}", expected, matched, "None", "configured", kind, *rest))
    _write(path, rows)


def write_largest(path: Path, shape: str) -> None:
    """Write a file at the limits of size and rows with every utterance mismatched: the worst case for a verdict."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows((("Report name:", "benchmark"), ("Utterance count:", str(MAX_ROWS)), COLUMNS))
        rest = ("None", "configured", "FP", *("",) * (len(COLUMNS) - 6))
        spent = len(",".join(("", "", "", *rest))) + len("\r\n")
        room = (Limits().max_file_size - 500) // MAX_ROWS - spent
        writer.writerows((*SHAPES[shape](number, room), *rest) for number in range(MAX_ROWS))


def _filled(begin: str, room: int, filling: str = "x") -> str:
    """Pad ``begin`` with ``filling`` to ``room`` bytes."""
    return begin + filling * ((room - len(begin.encode())) // len(filling))


def _wide(begin: str, number: int, room: int, filling: str = "x") -> tuple[str, str, str]:
    """Return a row whose utterance takes nearly all of ``room``."""
    return _filled(f"{begin} {number} ", room - 20, filling), "Pay bill", "Show balance"


def _distinct(begin: str, number: int, room: int) -> tuple[str, str, str]:
    """Return a row whose utterance and two unique intents each take a third of ``room``."""
    names = (f"{begin} {number} ", f"{begin} {number} A ", f"{begin} {number} B ")
    utterance, expected, matched = (_filled(name, room // 3) for name in names)
    return utterance, expected, matched


SHAPES: Final[Mapping[str, Callable[[int, int], tuple[str, str, str]]]] = MappingProxyType(
    {
        "long utterances": partial(_wide, "pay"),
        "an emoji in each": partial(_wide, "😀"),  # Python then takes four bytes for every character of the text
        "much markup": partial(_wide, "pay", filling="<&"),
        "an intent for each": partial(_distinct, "pay"),
    }
)
"""Per shape, the function from a row's number and size in bytes to its utterance, expected and matched intent."""


def _rows(chance: random.Random, utterances: int) -> Iterator[tuple[str, ...]]:
    for number in range(utterances):
        verb, thing = chance.choice(_VERBS), chance.choice(_THINGS)
        text = f"{chance.choice(_OPENINGS)} {verb} {thing} {number}{chance.choice(_ENDINGS)}"
        expected, matched, kind = _understood(chance, f"{verb.title()} {thing}")
        entity = ("",) * 9
        if chance.random() < _WITH_ENTITY:
            found = chance.random() < 0.9
            shown = str(number) if found else "None"
            entity = ("Number", str(number), shown, str(found), "", "Number", "FM Engine", "systemEntity", "")
        scores = f"ML: {chance.uniform(0.7, 1):.3f}; RR: {chance.uniform(5000, 9010):.2f}"
        state = "None" if matched == "None" else "configured"
        yield text, expected, matched, "None", state, kind, *entity, scores, scores


def _understood(chance: random.Random, intent: str) -> tuple[str, str, str]:
    """Return an expected and a matched intent, and the result type that follows from them."""
    fate = chance.random()
    other = f"{chance.choice(_VERBS)} {chance.choice(_THINGS)}"
    if fate < _OFF_TOPIC:
        return ("none", "None", "TN") if fate > _OFF_TOPIC / 5 else ("none", other, "FP")
    if fate < _OFF_TOPIC + _MISSED:
        return intent, "None", "FN"
    if fate < _OFF_TOPIC + _MISSED + _WRONG and other != intent.lower():
        return intent, other, "FP"
    return intent, intent.lower(), "TP"


def _later(chance: random.Random, row: tuple[str, ...]) -> tuple[str, ...]:
    """Return the later version's row: hits may become misses and the reverse, except without an expected intent."""
    text, expected, _, parent, _, kind, *rest = row
    if expected == "none" or chance.random() >= (_NEWLY_FAILS if kind == "TP" else _FIXED):
        return row
    if kind == "TP":
        return text, expected, "None", parent, "None", "FN", *rest
    return text, expected, expected.lower(), parent, "configured", "TP", *rest
