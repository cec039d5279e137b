"""The invented suites: large, varied and realistic."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import pytest

from ci_gate.simulator import Simulator
from ci_gate.simulator.catalogue import Suite, Understanding, load_bots
from ci_gate.simulator.understanding import Counts, Outcome, answers, outcome, two_decimals

SUITES = {suite.name: suite for bot in load_bots() for suite in bot.contents}
REGRESSIONS = [suite for suite in SUITES.values() if suite.name.endswith("regression")]
HARD_TO_CARRY = {
    "comma": ",", "double quote": '"', "pipe": r"\|", "workflow command": "^::error::", "markup": "<b>",
    "accent": "[éèáâ]", "umlaut": "[äöü]", "kana": "[\u3040-\u30ff]", "han": "[\u4e00-\u9fff]",
    "thai": "[\u0e00-\u0e7f]", "arabic": "[\u0600-\u06ff]", "emoji": "[\U0001f300-\U0001faff]",
}  # fmt: skip

every_suite = pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
every_regression = pytest.mark.parametrize("suite", REGRESSIONS, ids=lambda suite: suite.name)


def intents(suite: Suite) -> set[str]:
    return {intent for utterance in suite.utterances for intent in utterance.expected} - {"none"}


def test_two_bots_have_three_large_suites() -> None:
    bots = Simulator().bots
    assert [bot.suites for bot in bots] == [("Banking regression", "Banking smoke"), ("Airline regression",)]
    assert all(bot.id.startswith("st-") for bot in bots)
    for name, utterances, different in (
        ("Banking regression", 240, 14), ("Banking smoke", 40, 10), ("Airline regression", 200, 12),
    ):  # fmt: skip
        assert len(SUITES[name].utterances) >= utterances
        assert len(intents(SUITES[name])) >= different
    for suite in SUITES.values():
        negatives = sum(utterance.expected == ("none",) for utterance in suite.utterances)
        assert 0.09 < negatives / len(suite.utterances) < 0.13


@every_regression
def test_regressions_are_varied(suite: Suite) -> None:
    cases = suite.utterances
    assert sum(bool(case.entities) for case in cases) >= 50
    assert sum(len(case.entities) > 1 for case in cases) >= 3
    assert sum(len(case.expected) > 1 for case in cases) == 1
    assert sum(len(case.matched[Understanding.GOOD]) > 1 for case in cases) >= 1
    assert sum(case.parent is not None for case in cases) >= 20
    assert sum(entity.misread is not None for case in cases for entity in case.entities) >= 2


@every_suite
def test_copies_of_an_utterance_are_not_adjacent(suite: Suite) -> None:
    texts = [case.text for case in suite.utterances]
    assert max(Counter(texts).values()) == (2 if suite in REGRESSIONS else 1)
    assert not any(text == following for text, following in pairwise(texts))


@every_regression
def test_regressions_hold_text_that_is_hard_to_carry(suite: Suite) -> None:
    kinds = {kind for kind in HARD_TO_CARRY for case in suite.utterances if re.search(HARD_TO_CARRY[kind], case.text)}
    assert kinds == set(HARD_TO_CARRY)


@every_suite
def test_matches_name_intents_of_the_bot(suite: Suite) -> None:
    bot = next(bot for bot in load_bots() if suite in bot.contents)
    known = {intent for contents in bot.contents for intent in intents(contents)}
    for case in suite.utterances:
        good, poor, older = (case.matched[it] for it in (Understanding.GOOD, Understanding.POOR, Understanding.OLDER))
        assert {*good, *poor, *older} <= known
        assert case.matched[Understanding.WORSE] in (poor, older)
        assert "none" not in poor


@every_suite
def test_poor_bot_is_wrong_wherever_a_good_one_is(suite: Suite) -> None:
    for good, poor in zip(answers(suite, Understanding.GOOD), answers(suite, Understanding.POOR), strict=True):
        if good.outcome in (Outcome.FP, Outcome.FN):
            assert poor == good


@pytest.mark.parametrize(("name", "understanding", "cells", "f1"), [
    ("Banking regression", Understanding.GOOD, (225, 24, 14, 6), "0.96"),
    ("Banking regression", Understanding.POOR, (178, 22, 54, 15), "0.84"),
    ("Banking smoke", Understanding.GOOD, (38, 4, 2, 0), "0.97"),
    ("Banking smoke", Understanding.POOR, (30, 3, 9, 2), "0.85"),
    ("Airline regression", Understanding.GOOD, (170, 21, 10, 7), "0.95"),
    ("Airline regression", Understanding.POOR, (136, 19, 37, 16), "0.84"),
])  # fmt: skip
def test_scores_are_the_documented_ones(
    name: str, understanding: Understanding, cells: tuple[int, ...], f1: str
) -> None:
    counts = Counts.over(answers(SUITES[name], understanding))
    assert (counts.tp, counts.tn, counts.fp, counts.fn) == cells
    assert counts.f1 == f1


def test_ratios_are_rounded_half_up_to_two_decimals() -> None:
    ratios = {(1, 8): "0.13", (2, 3): "0.67", (1, 1): "1.00", (0, 5): "0.00", (0, 0): "0.00"}
    assert {(part, whole): two_decimals(part, whole) for part, whole in ratios} == ratios


def test_outcomes_follow_the_rule_measured_on_a_real_report() -> None:
    for expected, matched, right in (
        (("none",), (), "TN"), (("none",), ("A",), "FP"), (("A",), (), "FN"), (("A",), ("A",), "TP"),
        (("A",), ("B",), "FP"), (("A",), ("A", "B"), "FP"), (("A", "B"), ("B",), "TP"), (("A", "B"), ("B", "C"), "TP"),
        (("A", "B"), ("C",), "FP"), (("A", "B"), (), "FN"),
    ):  # fmt: skip
        assert outcome(expected, matched) == right
