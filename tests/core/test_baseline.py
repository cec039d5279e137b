"""What a run can be compared with: only its like."""

from __future__ import annotations

import pytest

from ci_gate.core.baseline import Baseline, Origin, doubt_about_overlap, obstacles
from ci_gate.core.copies import collapsed
from tests.core.builders import cases

TEN = collapsed(cases(tp=10))
KNOWN = Origin(suite="Smoke", report="Smoke test", bot_id="st-1", engine="regression", language="en")


def why_not(then: Origin, now: Origin, *, utterances: int = 10) -> list[str]:
    baseline = Baseline(name="b.json", origin=then, utterances=TEN)
    return list(obstacles(baseline, now, collapsed(cases(tp=utterances))))


def test_a_run_can_be_compared_with_its_like() -> None:
    assert why_not(KNOWN, KNOWN) == []
    assert why_not(KNOWN, Origin(suite="smoke", report="SMOKE TEST", bot_id="ST-1", language="EN")) == []


@pytest.mark.parametrize(
    ("then", "now", "reason"),
    [
        (Origin(suite="A"), Origin(suite="B"), "the baseline is of suite 'A', not of 'B'"),
        (Origin(report="A"), Origin(report="B"), "the baseline is of report 'A', not of 'B'"),
        (Origin(bot_id="st-1"), Origin(bot_id="st-2"), "the baseline is of bot 'st-1', not of 'st-2'"),
        (Origin(language="en"), Origin(language="de"), "the baseline is of language 'en', not of 'de'"),
        (Origin(engine="dgpt"), Origin(engine=""), "the baseline is of engine 'dgpt', not of the platform's choice"),
        (Origin(engine=""), Origin(engine="dgpt"), "the baseline is of engine the platform's choice, not of 'dgpt'"),
    ],
)
def test_another_suite_bot_language_or_engine_is_no_like(then: Origin, now: Origin, reason: str) -> None:
    assert why_not(then, now) == [reason]


def test_what_is_not_known_stands_in_the_way_of_nothing() -> None:
    assert why_not(Origin(), KNOWN) == why_not(KNOWN, Origin()) == []


@pytest.mark.parametrize("evaluated", [10, 5, 4, 0])
def test_half_of_the_baseline_must_have_been_evaluated_in_both_runs(evaluated: int) -> None:
    told = f"of the 10 utterances of the baseline both runs evaluated {evaluated}, less than 50%"
    doubt = doubt_about_overlap(Baseline(name="b.json", origin=Origin(), utterances=TEN), evaluated)
    assert doubt == (None if evaluated >= 5 else f"{told}: what they share says too little")


def test_a_baseline_of_one_utterance_is_told_of_in_the_singular() -> None:
    baseline = Baseline(name="b.json", origin=Origin(), utterances=collapsed(cases(tp=1)))
    (found,) = obstacles(baseline, Origin(), {})
    assert found.startswith("of the 1 utterance of the baseline this run has 0, ")


def test_a_baseline_without_utterances_is_no_obstacle_since_no_rule_has_data_then() -> None:
    assert list(obstacles(Baseline(name="b.json", origin=Origin(), utterances={}), Origin(), TEN)) == []


@pytest.mark.parametrize(
    ("utterances", "reasons"),
    [
        (5, []),
        (
            4,
            [
                "of the 10 utterances of the baseline this run has 4, less than 50%: what they share says too little",
            ],
        ),
        (0, ["of the 10 utterances of the baseline this run has 0, less than 50%: what they share says too little"]),
    ],
)
def test_half_of_the_baseline_must_be_there(utterances: int, reasons: list[str]) -> None:
    assert why_not(KNOWN, KNOWN, utterances=utterances) == reasons
