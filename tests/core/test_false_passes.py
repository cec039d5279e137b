"""Whatever is judged by whatever rules: a pass needs every rule to have had data, and to hold.

What allows a pass is written down here once more, by plain counting and without the code under test.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from ci_gate.core.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.copies import collapsed
from ci_gate.core.counts import Counts
from ci_gate.core.evidence import weigh
from ci_gate.core.findings import TOLERABLE, Expectation, FindingKind
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.judgement import judge_by
from ci_gate.core.model import Case, Reported, ResultType, normalised
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.tally import tally
from ci_gate.core.thresholds import DEFAULTS, Threshold
from ci_gate.core.verdict import Verdict, verdict_of
from ci_gate.core.waivers import Waiver
from tests.core.builders import MISSING, results, said, threshold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ci_gate.core.report import Assessment

TP, TN, FP, FN, LOST = (
    ResultType.TP,
    ResultType.TN,
    ResultType.FP,
    ResultType.FN,
    ResultType.NOT_EVALUATED,
)
T = TypeVar("T")
TODAY = date(2026, 6, 30)
LENIENT = {"max_failed_utterances": threshold("max_failed_utterances", "99")}
INTENTS = ("Rent Bike", "Pay Bill", "Find Shop", "")
EACH, ALPHA = 5, Fraction(1, 20)
SIZE = EACH * len(INTENTS)
HERE = Origin(suite="Smoke", bot_id="st-1")


@dataclass(frozen=True, kw_only=True)
class World:
    """A run, what the platform says of it, what it is compared with, and the rules."""

    cases: tuple[Case, ...]
    rules: Rules
    baseline: Baseline | MissingBaseline | None = None
    has_file: bool = True
    has_status: bool = False
    is_partial: bool = False
    origin: Origin = field(default=HERE)


def suite(changes: dict[int, ResultType] | None = None, gone: Iterable[int] = ()) -> tuple[Case, ...]:
    """Give a suite in which all went well but some; of each intent there are five utterances."""
    found = []
    for row in sorted({*range(SIZE)}.difference(gone)):
        intent = INTENTS[row // EACH]
        result_type = (changes or {}).get(row, TP)
        if not intent and result_type in (TP, FN):
            result_type = TN
        one = said(f"say {row}", result_type, expected=intent, row=row + 1)
        found.append(replace(one, matched=("pay bill",)) if result_type is FP and intent != "Pay Bill" else one)
    return tuple(found)


def judged(world: World) -> Assessment:
    """Weigh the evidence and judge it."""
    file = results(world.cases, Reported(counts=Counts(utterances=len(world.cases)))) if world.has_file else MISSING
    lost = sum(case.result_type is LOST for case in world.cases)
    counts = replace(tally(world.cases), failed_utterances=lost)
    reply = Reported(counts=counts, partial=world.is_partial) if world.has_status else None
    evidence = weigh(reply, file, expectation=Expectation(), tolerate=world.rules.tolerate)
    return judge_by(world.rules, evidence, today=TODAY, baseline=world.baseline, origin=world.origin)


def verdict(world: World) -> Verdict:
    """Give the verdict of a suite."""
    found = judged(world)
    return verdict_of(found.checks, found.evidence)


# --- what may be judged ---------------------------------------------------------------------------------------------


def rarely(usual: T, strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """Give something unusual in one case of three: a pass is seldom where all is unusual at once."""
    return st.integers(0, 2).flatmap(lambda roll: strategy if roll == 0 else st.just(usual))


rows = st.sampled_from(range(0, SIZE, EACH)) | st.integers(0, SIZE - 1)
kinds = st.sampled_from([FP, FN, LOST])
changes: st.SearchStrategy[dict[int, ResultType]] = st.one_of(
    st.just({}),
    st.dictionaries(rows, kinds, max_size=3),
    st.builds(lambda start, kind: dict.fromkeys(range(start, start + EACH), kind), st.just(EACH), kinds),
    st.dictionaries(rows, kinds, max_size=SIZE),
)
gone = rarely(frozenset[int](), st.frozensets(rows, max_size=2) | st.frozensets(rows, max_size=SIZE))
utterances = (rows | st.just(SIZE)).map(lambda row: f"say  {row}")
names = st.sampled_from([*filter(None, INTENTS), "pay bill", "Nowhere"])
bounds = st.dictionaries(
    st.sampled_from(["min_f1", "min_precision", "min_recall"]),
    st.sampled_from([Fraction(1, 2), Fraction(4, 5), Fraction(1)]),
    max_size=2,
)
floors = st.builds(Floors, bounds=bounds, min_support=st.sampled_from([1, 3, 5]), point=st.booleans())
thresholds = st.dictionaries(
    st.sampled_from(
        [
            ("min_f1", "0.5"),
            ("min_f1", "0.8"),
            ("min_f1", "0.99"),
            ("min_accuracy", "0.5"),
            ("min_precision", "0.9"),
            ("max_mismatches", "1"),
            ("max_failed_utterances", "3"),
            ("max_failed_utterances", "0"),
            ("max_f1_drop", "0.01"),
            ("max_recall_drop", "0"),
            ("max_new_failures", "0"),
            ("max_new_failures", "2"),
        ]
    ),
    st.none(),
    max_size=2,
).map(lambda chosen: tuple(({**DEFAULTS, **LENIENT} | {key: threshold(key, text) for key, text in chosen}).values()))
waivers = st.builds(
    Waiver,
    utterance=st.just("") | utterances,
    expected=names,
    matched=st.just("") | names,
    reason=st.just("known"),
    owner=st.just("Ada"),
    expires=st.sampled_from([TODAY, TODAY - timedelta(days=1)]),
)
rules = st.builds(
    Rules,
    thresholds=thresholds,
    tolerate=rarely(frozenset(), st.frozensets(st.sampled_from(TOLERABLE))),
    lower_bound=rarely(usual=False, strategy=st.just(True)),
    strict_drop=st.booleans(),
    intents=st.builds(
        IntentFloors, general=rarely(Floors(), floors), named=rarely({}, st.dictionaries(names, floors, max_size=1))
    ),
    max_regressions=rarely(None, st.just(0)),
    must_pass=rarely((), st.lists(utterances, max_size=2).map(tuple)),
    forbidden=rarely((), st.lists(st.builds(Forbidden, names, names), max_size=2).map(tuple)),
    waivers=rarely((), st.lists(waivers, max_size=2).map(tuple)),
)
origins = st.sampled_from([HERE, HERE, HERE, Origin(), Origin(suite="Full", bot_id="st-1")])


@st.composite
def baselines(draw: st.DrawFn) -> Baseline | MissingBaseline | None:
    """Give an earlier run, none, or one that is allowed to be missing."""
    kind = draw(st.integers(0, 5))
    if kind < 2:
        return None if kind else MissingBaseline("old.csv")
    return Baseline(name="old.csv", origin=draw(origins), utterances=collapsed(suite(draw(changes), draw(gone))))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Give anything that may come to be judged."""
    cases = suite(draw(changes), draw(gone))
    copies = draw(st.lists(st.sampled_from(cases), max_size=3)) if cases else []
    wrong = [replace(case, result_type=draw(st.sampled_from([case.result_type, LOST, FN]))) for case in copies]
    return World(
        cases=tuple(replace(case, row=row) for row, case in enumerate([*cases, *wrong], 1)),
        rules=draw(rules),
        baseline=draw(baselines()),
        has_file=draw(st.integers(0, 9)) > 0,
        has_status=draw(st.booleans()),
        is_partial=draw(st.integers(0, 9)) == 0,
        origin=draw(origins),
    )


# --- what allows a pass, counted plainly ----------------------------------------------------------------------------


def is_right(case: Case) -> bool:
    return case.result_type in (TP, TN)


def is_known(case: Case) -> bool:
    return case.result_type is not LOST


def is_waived(case: Case, world: World) -> bool:
    """Whether some waiver that still holds is of this mismatch."""
    for waiver in world.rules.waivers:
        if waiver.expires < TODAY or is_right(case) or not is_known(case):
            continue
        by_utterance = waiver.utterance and normalised(waiver.utterance) == case.utterance
        by_intent = not waiver.utterance and waiver.expected.lower() in [one.lower() for one in case.expected]
        by_confusion = not waiver.matched or waiver.matched.lower() in [one.lower() for one in case.matched]
        if by_utterance or (by_intent and by_confusion):
            return True
    return False


def groups(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """Put the copies of an utterance together; of this suite each has its own text."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.utterance, []).append(case)
    return found


def state(copies: list[Case]) -> bool | None:
    """Say whether an utterance passed: all its copies that were evaluated did; ``None`` where none was."""
    known = [is_right(case) for case in copies if is_known(case)]
    return all(known) if known else None


def f1(right: int, wrong: int) -> Fraction | None:
    return Fraction(2 * right, 2 * right + wrong) if right or wrong else None


def objections(world: World) -> Iterator[str]:
    """Say why a world may not pass."""
    by = world.rules
    known = [case for case in world.cases if is_known(case)]
    if not known:
        yield "nothing was evaluated"
    if world.is_partial and world.has_status and FindingKind.PARTIAL not in by.tolerate:
        yield "the run is partial"
    if not world.has_file and (FindingKind.NO_FILE not in by.tolerate or not world.has_status):
        yield "there is no file"
    allowed = {one.key: one.bound for one in by.thresholds}
    if len(world.cases) - len(known) > allowed["max_failed_utterances"]:
        yield "too much was not evaluated"
    if names_something(by) and not applies(world):
        yield "no rule is about anything here"
    yield from bad_scores(world, allowed)
    if names_something(by) or by.intents.general.bounds:
        yield from bad_names(world)
    if isinstance(world.baseline, MissingBaseline):
        return
    compares = by.max_regressions is not None or any(one.metric.needs_baseline for one in by.thresholds)
    if world.baseline is None:
        if compares:
            yield "there is no baseline"
    else:
        yield from bad_changes(world, world.baseline, allowed)


def names_something(by: Rules) -> bool:
    return bool(by.must_pass or by.forbidden or any(own.bounds for own in by.intents.named.values()))


def applies(world: World) -> bool:
    """Whether any rule that was asked for is about what this suite has."""
    by = world.rules
    compares = [one for one in by.thresholds if one.metric.needs_baseline]
    alone = [one for one in by.thresholds if one not in compares and one != DEFAULTS.get(one.key)]
    is_compared = isinstance(world.baseline, Baseline) and bool(compares or by.max_regressions is not None)
    here = {intent.lower() for case in world.cases for intent in case.expected}
    named = {pair.expected for pair in by.forbidden} | {name for name, own in by.intents.named.items() if own.bounds}
    must_pass = {*map(normalised, by.must_pass)} & {case.utterance for case in world.cases}
    return bool(alone or is_compared or by.intents.general.bounds or must_pass or here & {*map(str.lower, named)})


def bad_scores(world: World, allowed: dict[str, Fraction]) -> Iterator[str]:
    """Hold the run's own scores against what is demanded."""
    types = Counter(case.result_type for case in world.cases)
    made_of = {
        "min_f1": (2 * types[TP], 2 * types[TP] + types[FP] + types[FN]),
        "min_precision": (types[TP], types[TP] + types[FP]),
        "min_accuracy": (types[TP] + types[TN], len(world.cases)),
    }
    for key, (part, whole) in made_of.items():
        if key in allowed and (not whole or Fraction(part, whole) < allowed[key]):
            yield f"{key} is not reached"
    waived = sum(is_waived(case, world) for case in world.cases) if world.has_file else 0
    if "max_mismatches" in allowed and types[FP] + types[FN] - waived > allowed["max_mismatches"]:
        yield "there are too many mismatches"


def bad_names(world: World) -> Iterator[str]:
    """Hold what is named against what happened."""
    by = world.rules
    if not world.has_file:
        yield "rules about utterances have no file"
    texts = {normalised(text) for text in by.must_pass}
    for text, copies in groups(world.cases).items():
        if text in texts and not state(copies):
            failed = [case for case in copies if is_known(case) and not is_right(case)]
            if not failed or not all(is_waived(case, world) for case in failed):
                yield f"'{text}' must pass"
    for case in world.cases:
        for pair in by.forbidden:
            expected, matched = ([one.lower() for one in intents] for intents in (case.expected, case.matched))
            if pair.expected.lower() not in expected:
                continue
            if not is_known(case):
                yield "nobody knows whether a forbidden confusion happened"
            elif not is_right(case) and pair.matched.lower() in matched and not is_waived(case, world):
                yield "a forbidden confusion happened"
    for intent in filter(None, INTENTS):
        yield from bad_intent(intent, world)


def bad_intent(intent: str, world: World) -> Iterator[str]:
    """Hold an intent against its floors on recall, which are those of what expects it."""
    named = {name.lower(): own for name, own in world.rules.intents.named.items()}
    own = named.get(intent.lower(), world.rules.intents.general)
    floor = own.bounds.get("min_recall")
    states = [state(copies) for copies in groups(c for c in world.cases if c.expected == (intent,)).values()]
    known = [one for one in states if one is not None]
    if floor is None or not states:
        return
    if len(known) < own.min_support and (intent.lower() in named or len(states) >= own.min_support):
        yield f"too few utterances of '{intent}' were evaluated"
    if len(known) < own.min_support or Fraction(sum(known), len(known)) >= floor:
        return
    tail = sum(math.comb(len(known), n) * floor**n * (1 - floor) ** (len(known) - n) for n in range(sum(known) + 1))
    if own.point or tail <= ALPHA:
        yield f"recall of '{intent}' is below its floor"


def bad_changes(world: World, baseline: Baseline, allowed: dict[str, Fraction]) -> Iterator[str]:
    """Hold what changed against what may change."""
    if not world.has_file:
        yield "there is nothing to compare"
    if baseline.origin.suite and world.origin.suite and baseline.origin.suite != world.origin.suite:
        yield "the baseline is of another suite"
    then = {case.utterance: state([case]) for case in baseline.utterances.values()}
    now = {text: state(copies) for text, copies in groups(world.cases).items()}
    pairs = {text: (then[text], now[text]) for text in then.keys() & now.keys()}
    both = {text: pair for text, pair in pairs.items() if None not in pair}
    if 2 * len(both) < len(then):
        yield "both evaluated too little of the baseline"
    worse = [text for text, pair in both.items() if pair == (True, False)]
    better = [text for text, pair in both.items() if pair == (False, True)]
    if "max_new_failures" in allowed:
        copies = groups(case for case in world.cases if is_known(case) and not is_right(case))
        counted = [text for text in worse if not all(is_waived(case, world) for case in copies[text])]
        if len(counted) > allowed["max_new_failures"]:
            yield "there are too many new failures"
    if "max_f1_drop" in allowed:
        # Where nothing is expected a right answer is no part of F1, and a wrong one is.
        silent = {case.utterance for case in world.cases if not case.expected}
        scores = [
            f1(
                sum(pair[side] is True for text, pair in both.items() if text not in silent),
                sum(pair[side] is False for pair in both.values()),
            )
            for side in (0, 1)
        ]
        if scores[0] is None or scores[1] is None:
            yield "a score that was to be compared does not exist"
            return
        changed = len(worse) + len(better)
        ways = sum(math.comb(changed, n) for n in range(len(worse) + 1, changed + 1))
        chance = (ways + Fraction(math.comb(changed, len(worse)), 2)) / 2**changed
        is_sure = world.rules.strict_drop or (len(worse) > len(better) and chance <= ALPHA)
        if scores[0] - scores[1] > allowed["max_f1_drop"] and is_sure:
            yield "f1 fell too far"


# --- what holds -----------------------------------------------------------------------------------------------------

GOOD = World(
    cases=suite(),
    rules=Rules(
        thresholds=(*DEFAULTS.values(), *(threshold(*one) for one in (("min_f1", "1"), ("max_f1_drop", "0")))),
        intents=IntentFloors(general=Floors(bounds={"min_recall": Fraction(1), "min_precision": Fraction(1)})),
        max_regressions=0,
        must_pass=("say 1",),
        forbidden=(Forbidden("Rent Bike", "Pay Bill"),),
    ),
    baseline=Baseline(name="old.csv", origin=HERE, utterances=collapsed(suite())),
)


LOST_INTENT = World(
    cases=suite(dict.fromkeys(range(EACH), LOST)),
    rules=Rules(
        thresholds=(*LENIENT.values(),), intents=IntentFloors(general=Floors(bounds={"min_recall": Fraction(1)}))
    ),
)
LOST_BASELINE = replace(
    GOOD,
    rules=Rules(thresholds=(*DEFAULTS.values(), threshold("max_f1_drop", "0"))),
    baseline=Baseline(
        name="old.csv", origin=HERE, utterances=collapsed(suite(dict.fromkeys(range(SIZE // 2 + 1), LOST)))
    ),
)


def test_a_run_without_a_fault_passes_every_rule() -> None:
    assert verdict(GOOD) is verdict(replace(GOOD, has_status=True)) is Verdict.PASSED
    assert [*objections(GOOD)] == []


@settings(max_examples=500)
@example(GOOD)
@example(LOST_INTENT)
@example(LOST_BASELINE)
@example(replace(GOOD, cases=suite({1: LOST}), rules=replace(GOOD.rules, thresholds=(Threshold("min_f1", ALPHA),))))
@given(world=worlds())
def test_a_pass_needs_every_rule_to_have_had_data_and_to_hold(world: World) -> None:
    found = judged(world)
    if verdict_of(found.checks, found.evidence) is not Verdict.PASSED:
        event("not passed")
        return
    event("passed")
    assert [*objections(world)] == []
    assert all(check.actual is not None for check in found.checks)
    held = {(check.metric, check.bound) for check in found.checks}
    for one in world.rules.thresholds:
        is_left_out = one.metric.needs_baseline and isinstance(world.baseline, MissingBaseline)
        assert ((one.metric.value, one.bound) in held) is not is_left_out


@given(world=worlds())
def test_what_was_not_evaluated_never_passes_unless_so_much_is_allowed(world: World) -> None:
    strict = tuple(DEFAULTS.get(one.key, one) for one in world.rules.thresholds)
    if not all(map(is_known, world.cases)):
        assert verdict(replace(world, rules=replace(world.rules, thresholds=strict))) is not Verdict.PASSED


@given(world=worlds(), row=rows, kind=st.sampled_from([FP, FN]))
def test_a_wrong_answer_never_turns_a_failure_into_a_pass(world: World, row: int, kind: ResultType) -> None:
    right = [place for place, case in enumerate(world.cases) if case.result_type is TP]
    if not right:
        return
    place = right[row % len(right)]
    wrong = replace(world.cases[place], result_type=kind, matched=("another",) if kind is FP else ())
    worse = replace(world, cases=(*world.cases[:place], wrong, *world.cases[place + 1 :]))
    if verdict(world) is Verdict.FAILED:
        assert verdict(worse) is not Verdict.PASSED


@settings(max_examples=300)
@given(world=worlds())
def test_a_waiver_that_has_expired_changes_no_check(world: World) -> None:
    expired = tuple(replace(waiver, expires=TODAY - timedelta(days=1)) for waiver in world.rules.waivers)
    with_them = judged(replace(world, rules=replace(world.rules, waivers=expired)))
    without = judged(replace(world, rules=replace(world.rules, waivers=())))
    assert with_them.checks == without.checks


@given(world=worlds())
def test_a_waiver_alters_no_score_and_no_fall(world: World) -> None:
    with_them, without = judged(world), judged(replace(world, rules=replace(world.rules, waivers=())))
    assert with_them.evidence.scores == without.evidence.scores
    excusable = {"mismatches", "new_failures", "must_pass_failures", "forbidden_confusions"}
    assert [check for check in with_them.checks if check.metric not in excusable] == [
        check for check in without.checks if check.metric not in excusable
    ]
    for waived, plain in zip(with_them.checks, without.checks, strict=True):
        assert (waived.actual is None) is (plain.actual is None) or plain.metric in excusable
