"""The published version of a bot, and its differences from the version in development."""

from __future__ import annotations

import csv
from collections import Counter
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from ci_gate.simulator import Scenario
from ci_gate.simulator.catalogue import load_bots
from ci_gate.simulator.understanding import Counts
from tests.simulator.versions import answers_of, change, is_right

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.simulator.catalogue import Suite
    from tests.simulator.caller import Caller

    Simulate = Callable[..., Caller]

SUITES = {suite.name: suite for bot in load_bots() for suite in bot.contents}
ALIKE = {Scenario.FAILING, Scenario.UNEVALUATED}
HEALTHY = [scenario for scenario in Scenario if scenario not in {*ALIKE, Scenario.REGRESSED}]

every_suite = pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)


@pytest.mark.parametrize(("name", "newly_failing", "fixed"), [
    ("Banking regression", 3, 7), ("Banking smoke", 0, 1), ("Airline regression", 2, 4),
])  # fmt: skip
@pytest.mark.parametrize("scenario", HEALTHY)
def test_healthy_bot_gains_more_than_it_loses(scenario: Scenario, name: str, newly_failing: int, fixed: int) -> None:
    found = change(scenario, SUITES[name])
    assert (len(found.newly_failing), len(found.fixed)) == (newly_failing, fixed)


@pytest.mark.parametrize(("scenario", "name", "newly_failing", "fixed"), [
    (Scenario.PASSING, "Banking regression", {"Transfer money": 1, "Open an account": 1, "Talk to an agent": 1}, {
        "Show transactions": 2, "Transfer money": 1, "Change PIN": 1, "Exchange rate": 1, "Update address": 1,
        "none": 1,
    }),
    (Scenario.PASSING, "Banking smoke", {}, {"Talk to an agent": 1}),
    (Scenario.PASSING, "Airline regression", {"Change booking": 1, "Travel with a pet": 1}, {
        "Change booking": 1, "Refund status": 1, "Loyalty points": 1, "none": 1,
    }),
    (Scenario.REGRESSED, "Banking regression", {"Transfer money": 13, "Show transactions": 5}, {
        "Transfer money": 1, "Show transactions": 2,
    }),
    (Scenario.REGRESSED, "Banking smoke", {"Pay a bill": 2, "Transfer money": 1}, {}),
    (Scenario.REGRESSED, "Airline regression", {"Change booking": 8, "Refund status": 3}, {
        "Change booking": 1, "Refund status": 1,
    }),
])  # fmt: skip
def test_changes_are_spread_over_intents_unless_the_bot_regressed(
    scenario: Scenario, name: str, newly_failing: dict[str, int], fixed: dict[str, int]
) -> None:
    found = change(scenario, SUITES[name])
    assert Counter(before.utterance.expected[0] for before, _ in found.newly_failing) == newly_failing
    assert Counter(before.utterance.expected[0] for before, _ in found.fixed) == fixed
    if scenario is Scenario.REGRESSED:
        assert 3 * max(newly_failing.values()) >= 2 * sum(newly_failing.values()), "mostly in one intent"


@pytest.mark.parametrize(("name", "cells", "f1"), [
    ("Banking regression", (222, 23, 16, 8), "0.95"), ("Banking smoke", (37, 4, 2, 1), "0.96"),
    ("Airline regression", (169, 20, 11, 8), "0.95"),
])  # fmt: skip
def test_published_version_is_a_good_one_in_every_scenario(name: str, cells: tuple[int, ...], f1: str) -> None:
    published = answers_of(Scenario.PASSING, SUITES[name], "published")
    counts = Counts.over(published)
    assert (counts.tp, counts.tn, counts.fp, counts.fn, counts.f1) == (*cells, f1)
    assert counts.success / counts.utterances > 0.9
    assert answers_of(Scenario.REGRESSED, SUITES[name], "published") == published


@pytest.mark.parametrize(("name", "worst", "published", "developed", "size"), [
    ("Banking regression", "Transfer money", 20, 8, 22), ("Banking smoke", "Pay a bill", 5, 3, 5),
    ("Airline regression", "Change booking", 14, 7, 16),
])  # fmt: skip
def test_worst_intent_stands_out(name: str, worst: str, published: int, developed: int, size: int) -> None:
    both = (answers_of(Scenario.REGRESSED, SUITES[name], version) for version in ("published", "inDevelopment"))
    before, after = (Counter(one.utterance.expected[0] for one in answers if is_right(one)) for answers in both)
    assert max(before, key=lambda intent: before[intent] - after[intent]) == worst
    assert (before[worst], after[worst]) == (published, developed)
    assert sum(utterance.expected[0] == worst for utterance in SUITES[name].utterances) == size


def f1(counts: Counts) -> float:
    return 2 * counts.tp / (2 * counts.tp + counts.fp + counts.fn)


@pytest.mark.parametrize(("name", "cells", "lost"), [
    ("Banking regression", (207, 23, 30, 9), 3.5), ("Banking smoke", (34, 4, 5, 1), 4.2),
    ("Airline regression", (160, 20, 20, 8), 2.7),
])  # fmt: skip
def test_regressed_bot_loses_a_few_points_of_f1(name: str, cells: tuple[int, ...], lost: float) -> None:
    published, developed = (
        Counts.over(answers_of(Scenario.REGRESSED, SUITES[name], version)) for version in ("published", "inDevelopment")
    )
    assert (developed.tp, developed.tn, developed.fp, developed.fn) == cells
    assert round(100 * (f1(published) - f1(developed)), 1) == lost
    assert f1(developed) >= 0.90
    assert developed.success / developed.utterances >= 0.85


@every_suite
@pytest.mark.parametrize("scenario", Scenario)
def test_changed_answer_is_right_in_one_of_the_versions(scenario: Scenario, suite: Suite) -> None:
    assert change(scenario, suite).wrong_otherwise == ()
    if scenario in ALIKE:
        assert answers_of(scenario, suite, "published") == answers_of(scenario, suite, "inDevelopment")


def test_ordered_version_is_the_one_that_answers(caller: Caller) -> None:
    matched = {}
    for version in ("published", "inDevelopment"):
        run_id = caller.run(version=version)
        caller.clock.advance(6)
        link = caller.status(run_id)["result"]["fileUrl"]
        rows = csv.reader(StringIO(caller.fetch(link).body.decode()))
        matched[version] = next(row[2] for row in rows if row[0] == "recent card payments")
    assert matched == {"published": "pay a bill", "inDevelopment": "show transactions"}
