"""A small experiment on the rules, so that the large one does not rot; and that it judges as the gate does."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from ci_gate.config.resolve import resolve_compare
from ci_gate.core.baseline import Baseline, Origin
from ci_gate.core.comparison import compare
from ci_gate.core.metrics import Metric
from ci_gate.core.model import ResultType
from ci_gate.core.thresholds import DEFAULTS, Threshold
from tests.config.builders import ENVIRONMENT, given
from tests.core.builders import case
from tests.experiment import regressions
from tests.experiment.__main__ import main
from tests.experiment.draws import Change, World, binomial, draw
from tests.experiment.rates import Rate
from tests.experiment.rule import DEFAULT_RULES, Ending, comparison_of, ending_of

if TYPE_CHECKING:
    from ci_gate.core.comparison import Comparison
    from ci_gate.core.rules import Rules

WORLDS = (World(200, 0.02, 0.0), World(200, 0.12, 0.02), World(1000, 0.06, 0.01), World(5000, 0.02, 0.01))
LENIENT = replace(DEFAULT_RULES, thresholds=(Threshold("max_f1_drop", Fraction(1, 2)),))
JUMPY = replace(DEFAULT_RULES, alpha=Fraction(1, 2))


def _in_full(change: Change) -> Comparison:
    """Compare two suites that hold every utterance of which the change tells."""
    stays = change.passing - change.worse
    fails = change.utterances - change.passing - change.better
    fates = (
        *[(ResultType.TP, ResultType.TP)] * stays,
        *[(ResultType.TP, ResultType.FP)] * change.worse,
        *[(ResultType.FN, ResultType.TP)] * change.better,
        *[(ResultType.FP, ResultType.FN)] * fails,
    )
    then = {str(row): replace(case(was, row=row), key=str(row)) for row, (was, _) in enumerate(fates)}
    now = {str(row): replace(case(became, row=row), key=str(row)) for row, (_, became) in enumerate(fates)}
    return compare(Baseline(name="full", origin=Origin(), utterances=then), now, alpha=float(DEFAULT_RULES.alpha))


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_counts_are_judged_like_the_utterances_that_they_count(world: World) -> None:
    for change in draw(world, random.Random(7), 5):
        counted, full = comparison_of(change), _in_full(change)
        assert counted.drops[Metric.F1_DROP] == full.drops[Metric.F1_DROP]
        assert (counted.shared, change.worse, change.better) == (full.shared, len(full.newly_failing), len(full.fixed))
        assert ending_of(counted, DEFAULT_RULES) is ending_of(full, DEFAULT_RULES)


@pytest.mark.parametrize(
    ("change", "ending"),
    [
        (Change(1000, 852, 30, 12), Ending.FAILS),
        (Change(200, 170, 10, 6), Ending.WARNS),
        (Change(5000, 4260, 150, 120), Ending.WARNS),
        (Change(300, 255, 0, 5), Ending.PASSES),
    ],
    ids=["a fall beyond chance", "a fall within chance", "a small fall beyond chance", "a rise"],
)
def test_every_ending_is_told_from_the_others(change: Change, ending: Ending) -> None:
    assert ending_of(comparison_of(change), DEFAULT_RULES) is ending


def test_the_default_rules_are_those_that_hold_where_nothing_is_asked_for() -> None:
    (suite,) = resolve_compare(given(None, ENVIRONMENT), ENVIRONMENT, "Smoke").suites
    assert {*suite.rules.thresholds} == {*DEFAULT_RULES.thresholds} > {*DEFAULTS.values()}
    assert replace(suite.rules, thresholds=DEFAULT_RULES.thresholds) == DEFAULT_RULES


@pytest.mark.parametrize("is_broken", [False, True])
def test_one_unchanged_utterance_of_an_intent_stands_for_all(is_broken: bool) -> None:
    chance = random.Random(11)
    for _ in range(3):
        fates = regressions.draw(chance, 1000, is_broken=is_broken)
        short, full = regressions.comparison_of(fates), regressions.compared(fates)
        assert short.shared < full.shared == sum(fate.support for fate in fates)
        assert [replace(change, shared=0) for change in short.intents] == [
            replace(change, shared=0) for change in full.intents
        ]


@pytest.mark.parametrize(("trials", "share"), [(5, 0.3), (12, 0.92), (1, 0.5)])
def test_successes_are_drawn_as_often_as_they_are_likely(trials: int, share: float) -> None:
    chance, draws = random.Random(3), 20_000
    drawn = Counter(binomial(chance, trials, share) for _ in range(draws))
    for successes in range(trials + 1):
        likely = math.comb(trials, successes) * share**successes * (1 - share) ** (trials - successes)
        assert abs(drawn[successes] / draws - likely) <= 4 * math.sqrt(likely * (1 - likely) / draws)
    assert drawn.total() == sum(drawn[successes] for successes in range(trials + 1))


@pytest.mark.parametrize(("trials", "share", "successes"), [(0, 0.5, 0), (9, 0.0, 0), (9, 1.0, 9)])
def test_what_is_certain_is_drawn_always(trials: int, share: float, successes: int) -> None:
    assert binomial(random.Random(1), trials, share) == successes


def test_rates_agree_when_they_lie_as_far_apart_as_chance_alone_puts_them() -> None:
    def rate(hits: int) -> Rate:
        return Rate(hits=hits, suites=10_000, known=50.0, known_suites=100_000, is_false_alarm=True)

    # One standard error of the difference is 0.52 points; the known rate is rounded to 0.05.
    assert [rate(hits).agrees for hits in (4830, 4842, 5158, 5170)] == [False, True, True, False]
    # Of what is rounded to nothing, a small sample may hold one.
    assert Rate(hits=1, suites=400, known=0.0, known_suites=100_000).agrees
    # One of a sample of this size is 0.22 points where the limit of 5 points is just kept.
    assert [rate(hits).alarms_too_often for hits in (543, 544)] == [False, True]


def test_a_small_experiment_finds_what_the_large_one_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--suites", "200"]) == 0
    alarms, detection = capsys.readouterr().out.splitlines()[-2:]
    assert alarms.startswith("false alarms: at most ")
    assert alarms.endswith(" in 15 cells, 0 of them beyond the limit (limit 5 % plus two standard errors)")
    assert detection.startswith("detection: 51 of 51 cells within 3 standard errors")


@pytest.mark.parametrize("rules", [LENIENT, JUMPY], ids=["one that hardly ever fails", "one that takes chances"])
def test_the_experiment_fails_with_a_rule_that_is_not_the_one_it_knows(rules: Rules) -> None:
    assert main(["--suites", "100"], rules) == 1
