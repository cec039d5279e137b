"""A small experiment on the rules, so that the large one keeps working; and its verdicts are those of the gate."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from ci_gate.config.resolve import resolve_compare
from ci_gate.core.checks.changes import judge_comparison
from ci_gate.core.checks.check import Check
from ci_gate.core.comparison.baseline import Baseline, Origin
from ci_gate.core.comparison.compare import compare, matched
from ci_gate.core.comparison.pair import Pair
from ci_gate.core.metrics import Metric
from ci_gate.core.model import ResultType
from ci_gate.core.names import name_key
from ci_gate.core.outcome import Outcome
from ci_gate.core.thresholds import DEFAULTS, Threshold
from ci_gate.core.waivers import Waived
from tests.config.builders import ENVIRONMENT, given
from tests.core.builders import case
from tests.tools.experiment import commands, counting, detection, regressions
from tests.tools.experiment.__main__ import main
from tests.tools.experiment.answers import Loss, expecting, expecting_none
from tests.tools.experiment.draws import Change, World, binomial, draw
from tests.tools.experiment.intents import supports
from tests.tools.experiment.rates import Rate
from tests.tools.experiment.rule import DEFAULT_RULES, Ending, comparison_of, ending_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.model import Utterance
    from ci_gate.core.rules import Rules

LEVEL = float(DEFAULT_RULES.level)
WORLDS = (World(200, 0.02, 0.0), World(200, 0.12, 0.02), World(1000, 0.06, 0.01), World(5000, 0.02, 0.01))
LENIENT = replace(DEFAULT_RULES, thresholds=(Threshold("max_f1_drop", Fraction(1, 2)),))
JUMPY = replace(DEFAULT_RULES, alpha=Fraction(1, 2))
TP, TN, FP, FN = ResultType.TP, ResultType.TN, ResultType.FP, ResultType.FN


def _compared(pairs: Iterable[tuple[Utterance, Utterance]]) -> Comparison:
    then, now = {}, {}
    for row, (was, became) in enumerate(pairs):
        key = str(row)
        then[key], now[key] = replace(was, key=key), replace(became, key=key)
    baseline = Baseline(name="full", origin=Origin(), utterances=then)
    return compare(matched(baseline, now), baseline, level=LEVEL)


def _in_full(change: Change) -> Comparison:
    """Compare two suites that contain every utterance of ``change``."""
    stays = change.passing - change.worse
    fails = change.utterances - change.passing - change.better
    fates = [*[(TP, TP)] * stays, *[(TP, FP)] * change.worse, *[(FN, TP)] * change.better, *[(FP, FN)] * fails]
    return _compared((case(was, row=row), case(became, row=row)) for row, (was, became) in enumerate(fates))


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_counts_are_judged_like_the_utterances_that_they_count(world: World) -> None:
    for change in draw(world, random.Random(7), 5):
        counted, full = comparison_of(change), _in_full(change)
        assert counted.drops[Metric.F1_DROP] == full.drops[Metric.F1_DROP]
        assert (counted.shared, change.worse, change.better) == (full.shared, len(full.newly_failing), len(full.fixed))
        checks = judge_comparison(full, DEFAULT_RULES, Waived())
        fails = any(isinstance(check, Check) and check.outcome is not Outcome.PASSED for check in checks)
        assert (ending_of(counted, DEFAULT_RULES) is Ending.FAILS) is fails
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


@pytest.mark.parametrize("loses", [0.0, 0.5, 1.0])
def test_changed_verdicts_of_intents_are_judged_like_their_utterances(loses: float) -> None:
    chance = random.Random(11)
    found = 0
    for _ in range(3):
        changes = regressions.draw(chance, supports(400), 0.06, broken=2, loses=loses)
        full = _compared(
            pair for number, change in enumerate(changes) for pair in _utterances_of(f"Intent {number}", change)
        )
        worse = {int(change.intent.split()[1]) for change in full.worse_intents}
        assert worse == {number for number, it in enumerate(regressions.are_worse(changes, LEVEL)) if it}
        found += len(worse)
    assert bool(found) is bool(loses)


def _utterances_of(intent: str, change: Change) -> Iterable[tuple[Utterance, Utterance]]:
    for number in range(change.utterances):
        is_worse = number < change.worse
        is_better = not is_worse and number < change.worse + change.better
        was, became = FN if is_better else TP, FN if is_worse else TP
        yield case(was, expected=(intent,)), case(became, expected=(intent,))


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


def test_answers_change_as_often_as_the_churn_says_and_half_of_them_either_way() -> None:
    fates = expecting(detection.BOT, 0.06).draw(random.Random(5), 100_000)
    changed = Counter(fate for fate in fates if fate[0] is not fate[1])
    assert changed.total() == pytest.approx(6000, abs=300)
    for was, now in ((TP, FP), (TP, FN), (FP, FN)):
        assert changed[was, now] == pytest.approx(changed[now, was], abs=300)
    assert sum(was is TP for was, _ in fates) == pytest.approx(87_000, abs=500)
    lost = Counter(expecting(detection.BOT, 0.0, Loss(to_wrong=0.10, to_missed=0.05)).draw(random.Random(5), 10_000))
    assert lost[TP, FP] == pytest.approx(1000, abs=120)
    assert lost[TP, FN] == pytest.approx(500, abs=90)
    none = Counter(expecting_none(detection.BOT, 0.06).draw(random.Random(5), 10_000))
    assert none[TN, FP] + none[FP, TN] == pytest.approx(600, abs=100)
    assert {*none} == {(TN, TN), (TN, FP), (FP, TN), (FP, FP)}


def test_rates_agree_when_they_lie_as_far_apart_as_chance_alone_puts_them() -> None:
    def rate(hits: int, *, is_one_of_many: bool = False) -> Rate:
        return Rate(
            hits=hits,
            suites=10_000,
            known=50.0,
            known_suites=100_000,
            is_false_alarm=True,
            is_one_of_many=is_one_of_many,
        )

    # One standard error of the difference is 0.52 points; the known rate is rounded to 0.05.
    assert [rate(hits).agrees for hits in (4780, 4790, 5210, 5220)] == [False, True, True, False]
    # A small sample may contain one case of a rate that is rounded to zero.
    assert Rate(hits=1, suites=400, known=0.0, known_suites=100_000).agrees
    # A rate known to whole per cents may additionally be off by half of one.
    assert [
        Rate(hits=hits, suites=10**6, known=50, known_suites=10**9, decimals=0).agrees for hits in (503_000, 507_000)
    ]
    assert Rate(hits=1, suites=2).agrees
    # One standard error of a sample of this size is 0.22 points if the true rate is at the limit of 5 points.
    assert [rate(hits).alarms_too_often for hits in (543, 544)] == [False, True]
    assert [rate(hits, is_one_of_many=True).alarms_too_often for hits in (587, 588)] == [False, True]
    assert [Rate(hits=hits, suites=10, must_be_often=True).is_too_rare for hits in (7, 8)] == [True, False]


def _suites_of(file: str) -> Sequence[commands.Suite]:
    example = next(one for one in commands.EXAMPLES if one.file == file)
    return [
        commands.Suite(rules, shape) for rules, shape in zip(commands.rules_of(example), example.shapes, strict=True)
    ]


def test_the_rules_of_an_example_are_those_of_its_file() -> None:
    shares = {example.file: [rules.share for rules in commands.rules_of(example)] for example in commands.EXAMPLES}
    assert shares == {
        "first-week.toml": [1],
        "pull-request.toml": [1],
        "nightly.toml": [3, 3],
        "before-publishing.toml": [2],
    }
    assert {*shares} == {path.name for path in commands.FOLDER.glob("*.toml")}
    _, smoke = _suites_of("nightly.toml")
    assert Threshold("max_new_failures", Fraction(counting.NIGHTLY)) in smoke.rules.thresholds


@pytest.mark.parametrize("named_flip", [False, True])
def test_what_the_rules_name_is_in_the_suite_and_flips_only_where_it_may(named_flip: bool) -> None:
    (suite,) = _suites_of("before-publishing.toml")
    world = commands.World(bot=detection.BOT, churn=0.1, named_flip=named_flip)
    chance = random.Random(2)
    broken, forbidden = Counter[bool](), Counter[bool]()
    for _ in range(60):
        was, now = suite.draw(chance, world)
        pairs = [Pair(*both) for both in zip(was, now, strict=True)]
        assert Counter(len(one.expected) for one in now) == {1: 280, 0: 20}
        assert [one.key for one in was] == [one.key for one in now]
        assert not any({*map(name_key, one.matched)} & {*map(name_key, one.expected)} for one in now if one.is_mismatch)
        must = [pair for pair in pairs if pair.was.text in suite.rules.must_pass]
        assert len(must) == len(suite.rules.must_pass) == 6
        broken.update(pair.got_worse for pair in must)
        (pair,) = suite.rules.forbidden
        forbidden.update(one.matched == (pair.matched,) for one in now if one.expected == (pair.expected,))
    assert (broken[True] > 0) is (forbidden[True] > 0) is named_flip


def test_an_intent_that_breaks_is_one_of_the_first_suite_and_is_found() -> None:
    suites = _suites_of("nightly.toml")
    calm = commands.World(bot=detection.BOT, churn=0.0)
    assert commands.failing([*suites], calm, 5, random.Random(1)) == Counter()
    why = commands.failing([*suites], replace(calm, breaks=True), 10, random.Random(1))
    assert why["worse intents"] >= 8
    assert why[""] >= why["worse intents"]
    assert why["new failures"] == 0


def test_the_figures_beside_the_examples_are_those_that_are_tried() -> None:
    page = (commands.FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.-]+)` \| (\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", page, re.MULTILINE)
    assert [(file, int(tests), tuple(map(float, known))) for file, tests, *known in rows] == [
        (one.file, commands.rules_of(one)[0].share, one.known) for one in commands.EXAMPLES
    ]


def test_the_price_of_counting_is_told_as_it_is_tried() -> None:
    nightly = " ".join((commands.FOLDER / "nightly.toml").read_text(encoding="utf-8").replace("#", "").split())
    at = {churn: counting.KNOWN_NIGHTLY[churn] for churn in (0.02, 0.05)}
    none = [round(counting.KNOWN[counting.SMOKE, churn][0]) for churn in at]
    few = f"in {10 * at[0.02]:.0f} of 1,000 nights at 2 % churn and in {10 * at[0.05]:.0f} of 1,000 at 5 %"
    assert few in nightly
    assert f"chance would fail {none[0]} and {none[1]} of 100 nights" in nightly


@pytest.mark.slow
def test_a_small_experiment_finds_what_the_large_one_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--suites", "100", "--seed", "7", "--processes", "1"]) == 0
    alarms, found, known = capsys.readouterr().out.splitlines()[-3:]
    assert re.fullmatch(r"false alarms: at most [\d.]+ % in 104 cells, 0 of them beyond the limit \(.*\)", alarms)
    assert re.fullmatch(r"what must be found: at least [\d.]+ % in 15 cells, 0 of them below 80 %", found)
    assert known == "known rates: 255 of 255 cells within 4 standard errors of both samples of the known rates"


@pytest.mark.parametrize(
    ("rules", "code"),
    [(DEFAULT_RULES, 0), (LENIENT, 1), (JUMPY, 1)],
    ids=["the one that it knows", "one that hardly ever fails", "one that takes chances"],
)
def test_the_experiment_fails_with_a_rule_that_is_not_the_one_it_knows(rules: Rules, code: int) -> None:
    assert main(["--suites", "100", "--only", "scores", "--processes", "1"], rules) == code
