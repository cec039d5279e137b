"""Invented suites in which some utterances were not evaluated, and every result that those may have.

A world holds the true result of each utterance in the earlier run and in this one, or that the utterance was not
evaluated. A results file lists such an utterance or lacks it; a completion gives each of them a result.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import islice, product
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from ci_gate.core.assess import assess
from ci_gate.core.comparison.baseline import Baseline, Origin
from ci_gate.core.counts import Counts
from ci_gate.core.duplicates import collapsed
from ci_gate.core.findings import Expectation
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.model import Reported, ResultsFile, ResultType, RunState, RunStatus, Utterance
from ci_gate.core.report import Source, Subject, SuiteReport
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.tally import tally
from ci_gate.core.thresholds import THRESHOLDS, Threshold
from ci_gate.core.waivers import Waiver
from tests.core.builders import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TODAY = date(2026, 6, 30)
MOMENT = datetime(2026, 6, 30, tzinfo=UTC)
INTENTS = ("Pay Bill", "Find Shop", "Zürich>>Rent Bike")
ELSEWHERE = "Somewhere Else"
"""An intent that may be matched and that no utterance expects."""
SECRET = "zqxj"
"""A word of every utterance that occurs nowhere else in a report."""
MOST = 600
"""The number of completions to try; nearly all worlds have fewer."""

Answer = tuple[ResultType, tuple[str, ...]]
"""The result type of an utterance and the intents that were matched."""
BLANK: Answer = (ResultType.NOT_EVALUATED, ())


@dataclass(frozen=True)
class Said:
    """One row of a suite; a run without it has ``None``, and an unevaluated one may be left out of the file."""

    utterance: str
    expected: tuple[str, ...]
    was: Answer | None
    now: Answer | None
    is_left_out_then: bool = False
    is_left_out_now: bool = False


@dataclass(frozen=True)
class World:
    """A suite in two runs, and the rules for the later one."""

    rows: tuple[Said, ...]
    rules: Rules
    has_baseline: bool = True
    spelled: Callable[[str], str] = field(default=lambda name: name)
    """Spells a name as the earlier run does."""


def answers(expected: tuple[str, ...]) -> list[Answer]:
    """Return every possible answer to an utterance."""
    wrong: list[Answer] = [(ResultType.FP, (intent,)) for intent in (*INTENTS, ELSEWHERE) if intent not in expected]
    if not expected:
        return [(ResultType.TN, ()), *wrong]
    return [(ResultType.TP, expected[:1]), (ResultType.FN, ()), *wrong]


def completions(world: World) -> Iterator[World]:
    """Yield the world with a result for everything that was not evaluated, in every combination."""
    places = [(i, side) for i, row in enumerate(world.rows) for side in ("was", "now") if getattr(row, side) == BLANK]
    choices = product(*(answers(world.rows[place].expected) for place, _ in places))
    for chosen in islice(choices, MOST):
        rows = list(world.rows)
        for (place, side), answer in zip(places, chosen, strict=True):
            row = rows[place]
            if side == "was":
                rows[place] = replace(row, was=answer, is_left_out_then=False)
            else:
                rows[place] = replace(row, now=answer, is_left_out_now=False)
        yield replace(world, rows=tuple(rows))


def unknown_in(world: World) -> int:
    """Count the unevaluated utterances of both runs."""
    return sum(answer == BLANK for row in world.rows for answer in (row.was, row.now))


def cases_of(world: World, side: str, spelled: Callable[[str], str] = lambda name: name) -> tuple[Utterance, ...]:
    """Return the utterances that the results file of a run lists."""
    found: list[Utterance] = []
    for row in world.rows:
        answer = getattr(row, side)
        is_left_out = row.is_left_out_then if side == "was" else row.is_left_out_now
        if answer is None or (is_left_out and answer == BLANK):
            continue
        expected = tuple(map(spelled, row.expected))
        one = said(row.utterance, answer[0], expected=" | ".join(expected), row=len(found) + 1)
        found.append(replace(one, matched=tuple(map(spelled, answer[1]))))
    return tuple(found)


def size_of(world: World, side: str) -> int:
    """Count the utterances of a run, including those that its file lacks."""
    return sum(getattr(row, side) is not None for row in world.rows)


def judged(world: World, *, hide: bool = False) -> SuiteReport:
    """Judge a world by the files and the counts of its two runs, with its utterances shown or hidden."""
    cases = cases_of(world, "now")
    size = size_of(world, "now")
    counted = tally(cases)
    counts = replace(counted, utterances=size, failed_utterances=size - (counted.evaluated or 0))
    reply = Reported(counts=replace(counts, entities=None, matched_entities=None))
    results = ResultsFile(raw=b"", reported=Reported(counts=Counts(utterances=size)), utterances=cases)
    baseline = None
    if world.has_baseline:
        then = cases_of(world, "was", world.spelled)
        absent = size_of(world, "was") - len(then)
        baseline = Baseline(name="old.json", origin=Origin(), utterances=collapsed(then), absent=absent)
    return assess(
        Subject(label="s", suite="s", source=Source.RUN),
        status=RunStatus(state=RunState.COMPLETED, word="completed", reported=reply),
        results=results,
        rules=world.rules,
        expectation=Expectation(),
        today=TODAY,
        baseline=baseline,
        hash_utterances=hide,
    ).report


def respelled(name: str) -> str:
    """Spell the same name in another way."""
    return unicodedata.normalize("NFD", name).upper().replace(">>", " || ").replace(" ", "  ")


@st.composite
def rows(draw: st.DrawFn, *, most_unknown: int = 3) -> tuple[Said, ...]:
    """Draw a small suite in which most passes and little is unknown."""
    number = draw(st.integers(3, 12))
    left = draw(st.integers(0, most_unknown))
    found: list[Said] = []
    for place in range(number):
        expected = draw(st.sampled_from([(INTENTS[0],), (INTENTS[0],), (INTENTS[1],), (INTENTS[2],), (), INTENTS[:2]]))
        text = f"{SECRET} {draw(st.integers(0, place)) if draw(st.integers(0, 5)) == 0 else place}"
        told: dict[str, Answer | None] = {}
        for side in ("was", "now"):
            kind = draw(st.integers(0, 11))
            if kind == 0:
                told[side] = None
            elif kind <= 2 and left:
                told[side], left = BLANK, left - 1
            else:
                possible = answers(expected)
                told[side] = draw(st.sampled_from([possible[0]] * 5 + possible))
        hides = draw(st.sampled_from([(False, False)] * 3 + [(True, False), (False, True)]))
        # What one file lacks must stand in the other, or it would count as removed or new.
        if told["now"] == BLANK and hides[1]:
            told["was"] = told["was"] or answers(expected)[0]
        if told["was"] == BLANK and hides[0]:
            told["now"] = told["now"] or answers(expected)[0]
        # Its own text keeps it from being taken for a copy of another utterance.
        is_hidden = (told["was"] == BLANK and hides[0]) or (told["now"] == BLANK and hides[1])
        text = f"{text} ({place})" if is_hidden else text
        found.append(Said(text, expected, told["was"], told["now"], *hides))
    return tuple(found)


_SHARES = st.sampled_from([Fraction(n, 20) for n in (5, 8, 10, 13, 16, 19)])
_DROPS = st.sampled_from([Fraction(n, 100) for n in (0, 1, 10, 30)])
_floors = st.builds(
    Floors,
    bounds=st.dictionaries(st.sampled_from(["min_f1", "min_precision", "min_recall"]), _SHARES, max_size=2),
    min_support=st.sampled_from([1, 2, 5]),
    point=st.booleans(),
)
_waivers = st.builds(
    lambda about: Waiver(**about, reason="known", owner="Ines", expires=TODAY),
    st.one_of(
        st.fixed_dictionaries({"utterance": st.sampled_from([f"{SECRET} 1", f"{SECRET} 2"])}),
        st.fixed_dictionaries({"expected": st.sampled_from(INTENTS)}),
        st.fixed_dictionaries(
            {"expected": st.sampled_from(INTENTS), "matched": st.sampled_from((*INTENTS, ELSEWHERE))}
        ),
    ),
)
_thresholds = st.fixed_dictionaries(
    {},
    optional={
        **{f"min_{name}": _SHARES for name in ("f1", "precision", "recall", "accuracy")},
        **{f"max_{name}_drop": _DROPS for name in ("f1", "precision", "recall", "accuracy")},
        **{name: st.integers(0, 4).map(Fraction) for name in ("max_new_failures", "max_mismatches")},
    },
).map(lambda bounds: tuple(Threshold(key, bounds[key]) for key in THRESHOLDS if key in bounds))


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Draw rules of every kind that allow any number of unevaluated utterances."""
    thresholds = draw(_thresholds)
    return Rules(
        thresholds=thresholds,
        alpha=draw(st.sampled_from([Fraction(1, 20), Fraction(1, 5), Fraction(2, 5)])),
        share=draw(st.sampled_from([1, 1, 2])),
        lower_bound=draw(st.booleans()),
        strict_drop=draw(st.booleans()),
        intents=IntentFloors(
            general=draw(_floors | st.just(Floors())),
            named=draw(st.dictionaries(st.sampled_from(INTENTS), _floors, max_size=1)),
        ),
        max_regressions=draw(st.sampled_from([None, 0, 1])),
        must_pass=draw(st.sampled_from([(), (), (f"{SECRET} 1",), (f"{SECRET} 0", f"{SECRET} 2")])),
        forbidden=draw(
            st.sampled_from([(), (), (Forbidden(INTENTS[0], INTENTS[1]),), (Forbidden(INTENTS[1], ELSEWHERE),)])
        ),
        waivers=tuple(draw(st.lists(_waivers, max_size=2))),
        demands_all=False,
        pressing=frozenset(draw(st.sets(st.sampled_from([t.key for t in thresholds] or ["min_f1"])))),
    )


@st.composite
def worlds(draw: st.DrawFn, *, most_unknown: int = 3) -> World:
    has_baseline = draw(st.sampled_from([True, True, True, False]))
    asked = draw(rules())
    if not has_baseline:
        alone = tuple(threshold for threshold in asked.thresholds if not threshold.metric.needs_baseline)
        asked = replace(asked, thresholds=alone, max_regressions=None)
    return World(draw(rows(most_unknown=most_unknown)), asked, has_baseline)
