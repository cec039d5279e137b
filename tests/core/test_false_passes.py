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

from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.counts import Counts
from ci_gate.core.duplicates import collapsed
from ci_gate.core.evidence.weigh import weigh
from ci_gate.core.findings import TOLERABLE, Expectation, FindingKind
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.judgement import judge_suite
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Reported, ResultType, Utterance
from ci_gate.core.names import normalised
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.tally import tally
from ci_gate.core.thresholds import DEFAULTS, THRESHOLDS, Threshold
from ci_gate.core.verdict import Verdict, verdict_of
from ci_gate.core.waivers import Waiver
from tests.core.builders import FN, FP, LOST, MISSING, TN, TP, results, said, threshold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ci_gate.core.report import Judgement

T = TypeVar("T")
TODAY = date(2026, 6, 30)
LENIENT = {"max_failed_utterances": threshold("max_failed_utterances", "99")}
INTENTS = ("Rent Bike", "Pay Bill", "Find Shop", "")
EACH, ALPHA = 5, Fraction(1, 20)
ENOUGH = 4
"""So many utterances of which all are lost are more than chance."""
SIZE = EACH * len(INTENTS)
HERE = Origin(suite="Smoke", bot_id="st-1")


@dataclass(frozen=True, kw_only=True)
class World:
    """A run, what the platform says of it, what it is compared with, and the rules."""

    cases: tuple[Utterance, ...]
    rules: Rules
    baseline: Baseline | MissingBaseline | None = None
    has_file: bool = True
    has_status: bool = False
    is_partial: bool = False
    absent: int = 0
    """How many utterances were not evaluated and do not stand in the file; only a status reply tells that."""
    origin: Origin = field(default=HERE)


def suite(changes: dict[int, ResultType] | None = None, gone: Iterable[int] = ()) -> tuple[Utterance, ...]:
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


def judged(world: World) -> Judgement:
    """Weigh the evidence and judge it."""
    size = len(world.cases) + world.absent
    file = results(world.cases, Reported(counts=Counts(utterances=size))) if world.has_file else MISSING
    lost = sum(case.result_type is LOST for case in world.cases) + world.absent
    counts = replace(tally(world.cases), utterances=size, failed_utterances=lost)
    reply = Reported(counts=counts, partial=world.is_partial) if world.has_status else None
    evidence = weigh(reply, file, expectation=Expectation(), tolerate=world.rules.tolerate)
    return judge_suite(world.rules, evidence, today=TODAY, baseline=world.baseline, origin=world.origin)


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
    demands_all=st.just(value=False),
    pressing=rarely(
        frozenset[str](),
        st.frozensets(
            st.sampled_from(["max_f1_drop", "max_recall_drop", "max_new_failures", "max_regressions", "max_mismatches"])
        ),
    ),
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
    has_status = draw(st.booleans())
    return World(
        cases=tuple(replace(case, row=row) for row, case in enumerate([*cases, *wrong], 1)),
        rules=draw(rules),
        baseline=draw(baselines()),
        has_file=draw(st.integers(0, 9)) > 0,
        has_status=has_status,
        absent=draw(rarely(0, st.integers(1, 3))) if has_status else 0,
        is_partial=draw(st.integers(0, 9)) == 0,
        origin=draw(origins),
    )


# --- what allows a pass, counted plainly ----------------------------------------------------------------------------


def is_right(case: Utterance) -> bool:
    return case.result_type in (TP, TN)


def is_known(case: Utterance) -> bool:
    return case.result_type is not LOST


def is_waived(case: Utterance, world: World) -> bool:
    """Whether some waiver that still holds is of this mismatch, or of whatever may come of what was not evaluated."""
    for waiver in world.rules.waivers:
        if waiver.expires < TODAY or is_right(case):
            continue
        by_utterance = waiver.utterance and normalised(waiver.utterance) == case.text
        by_intent = not waiver.utterance and waiver.expected.lower() in [one.lower() for one in case.expected]
        matched = {waiver.matched.lower()} == {one.lower() for one in case.matched} and is_known(case)
        if by_utterance or (by_intent and (not waiver.matched or matched)):
            return True
    return False


def groups(cases: Iterable[Utterance]) -> dict[str, list[Utterance]]:
    """Put the copies of an utterance together; of this suite each has its own text."""
    found: dict[str, list[Utterance]] = {}
    for case in cases:
        found.setdefault(case.text, []).append(case)
    return found


def state(copies: list[Utterance]) -> bool | None:
    """Say whether an utterance passed: no copy failed and all did; ``None`` where nobody knows."""
    if any(is_known(case) and not is_right(case) for case in copies):
        return False
    return True if all(map(is_known, copies)) else None


def f1(right: int, wrong: int) -> Fraction | None:
    return Fraction(2 * right, 2 * right + wrong) if right or wrong else None


def objections(world: World) -> Iterator[str]:
    """Say why a world may not pass."""
    by = world.rules
    known = [case for case in world.cases if is_known(case)]
    size = len(world.cases) + world.absent
    if not known or 2 * len(known) < size:
        yield "too little was evaluated"
    if world.is_partial and world.has_status and FindingKind.PARTIAL not in by.tolerate:
        yield "the run is partial"
    if not world.has_file and (FindingKind.NO_FILE not in by.tolerate or not world.has_status):
        yield "there is no file"
    allowed = {one.key: one.bound for one in by.thresholds}
    if size - len(known) > allowed.get("max_failed_utterances", 0):
        yield "too much was not evaluated"
    if asks_something(by) and not applies(world):
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


def asks_something(by: Rules) -> bool:
    """Whether any rule was asked for that says how good the bot has to be."""
    asked = {one.key for one in by.thresholds} - {"min_utterances", "max_failed_utterances"}
    return bool(asked or by.max_regressions is not None or by.intents.general.bounds) or names_something(by)


def applies(world: World) -> bool:
    """Whether any rule that was asked for is about what this suite has, and could fail in it."""
    by = world.rules
    asked = {one.key: one.bound for one in by.thresholds if one.key not in ("min_utterances", "max_failed_utterances")}
    alone = [key for key in asked if not THRESHOLDS[key].needs_baseline and not has_no_teeth(key, world)]
    compared = [key for key in asked if THRESHOLDS[key].needs_baseline and not has_no_teeth(key, world)]
    if by.max_regressions is not None and not has_no_teeth("max_regressions", world):
        compared.append("max_regressions")
    is_compared = not isinstance(world.baseline, MissingBaseline) and compared
    here = {intent.lower() for case in world.cases for intent in case.expected}
    named = {pair.expected for pair in by.forbidden} | {name for name, own in by.intents.named.items() if own.bounds}
    must_pass = {*map(normalised, by.must_pass)} & {case.text for case in world.cases}
    named_here = must_pass or here & {*map(str.lower, named)} or not world.has_file or world.absent
    return bool(alone or is_compared or by.intents.general.bounds or (names_something(by) and named_here))


def has_no_teeth(key: str, world: World) -> bool:
    """Whether losing everything would not break a rule, even if all that nobody knows of the baseline failed in it."""
    bound = {one.key: one.bound for one in world.rules.thresholds}.get(key, Fraction(0))
    if key == "max_mismatches":
        return bool(world.cases) and bound >= len(world.cases) + world.absent
    pairs = pairs_of(world)
    if pairs is None or not THRESHOLDS.get(key, Metric.F1_DROP).needs_baseline:
        return False
    worked = [text for text, (was, _) in pairs.items() if was]
    if key == "max_new_failures":
        return len(worked) <= bound
    if key == "max_regressions":
        return max(Counter(intent_of(text) for text in worked).values(), default=0) < ENOUGH
    silent = [text for text in worked if not intent_of(text)]
    right = len(worked) - len(silent)
    wrong = sum(was is not True for text, (was, _) in pairs.items() if key == "max_f1_drop" or intent_of(text))
    score = f1(right, wrong) if key == "max_f1_drop" else Fraction(right, right + wrong) if right + wrong else None
    losable = len(worked) if key == "max_f1_drop" else right
    least = 1 if world.rules.strict_drop else ENOUGH
    return score is not None and (losable < least or score <= bound)


def intent_of(text: str) -> str:
    """Give what is expected in an utterance of this suite."""
    return INTENTS[int(text.split()[1]) // EACH]


def bad_scores(world: World, allowed: dict[str, Fraction]) -> Iterator[str]:
    """Hold the run's own scores against what is demanded, with all that was not evaluated wrong."""
    types = Counter(case.result_type for case in world.cases)
    lost = types[LOST] + world.absent
    made_of = {
        "min_f1": (2 * types[TP], 2 * types[TP] + types[FP] + types[FN] + lost),
        "min_precision": (types[TP], types[TP] + types[FP] + lost),
        "min_accuracy": (types[TP] + types[TN], len(world.cases) + world.absent),
    }
    for key, (part, whole) in made_of.items():
        if key in allowed and (not whole or Fraction(part, whole) < allowed[key]):
            yield f"{key} is not reached"
    waived = sum(is_waived(case, world) for case in world.cases if is_known(case)) if world.has_file else 0
    if "max_mismatches" in allowed and types[FP] + types[FN] - waived + lost > allowed["max_mismatches"]:
        yield "there are too many mismatches"
    for key in allowed:
        if key in world.rules.pressing and not THRESHOLDS[key].needs_baseline and has_no_teeth(key, world):
            yield f"{key} was set for this suite and cannot fail in it"


def bad_names(world: World) -> Iterator[str]:
    """Hold what is named against what happened."""
    by = world.rules
    if not world.has_file:
        yield "rules about utterances have no file"
    texts = {normalised(text) for text in by.must_pass}
    if world.absent and (texts or by.forbidden):
        yield "what the file lacks may be what is named"
    for text, copies in groups(world.cases).items():
        if text in texts and not all(is_right(case) or is_waived(case, world) for case in copies):
            yield f"'{text}' must pass"
    for case in world.cases:
        for pair in by.forbidden:
            expected, matched = ([one.lower() for one in intents] for intents in (case.expected, case.matched))
            if pair.expected.lower() not in expected or is_waived(case, world):
                continue
            if not is_known(case):
                yield "nobody knows whether a forbidden confusion happened"
            elif not is_right(case) and pair.matched.lower() in matched:
                yield "a forbidden confusion happened"
    held = [list(bad_intent(intent, world)) for intent in filter(None, INTENTS)]
    yield from (why for found in held for why in found if why != "not held")
    if "min_recall" in by.intents.general.bounds and all(found == ["not held"] for found in held):
        yield "no intent is large enough for its floor"


def bad_intent(intent: str, world: World) -> Iterator[str]:
    """Hold an intent against its floor on recall, with all that was not evaluated missed."""
    named = {name.lower(): own for name, own in world.rules.intents.named.items()}
    own = named.get(intent.lower(), world.rules.intents.general)
    floor = own.bounds.get("min_recall")
    states = [state(copies) for copies in groups(c for c in world.cases if c.expected == (intent,)).values()]
    right, support = states.count(True), len(states)
    if floor is None or (intent.lower() in named and not support):
        yield "not held"
        return
    least = own.min_support
    while not own.point and (1 - floor) ** least > ALPHA:
        least += 1
    if world.absent and support < least <= support + world.absent:
        yield f"'{intent}' may be large enough"
    if support < least:
        yield f"'{intent}' is too small" if intent.lower() in named else "not held"
        return
    support += world.absent
    tail = sum(math.comb(support, n) * floor**n * (1 - floor) ** (support - n) for n in range(right + 1))
    if not right or (Fraction(right, support) < floor and (own.point or tail <= ALPHA)):
        yield f"recall of '{intent}' may be below its floor"


def pairs_of(world: World) -> dict[str, tuple[bool | None, bool | None]] | None:
    """Say of what both runs have whether it passed in each; what the file lacks was not evaluated."""
    if not isinstance(world.baseline, Baseline) or not world.has_file:
        return None
    then = {case.text: state([case]) for case in world.baseline.utterances.values()}
    now = {text: state(copies) for text, copies in groups(world.cases).items()}
    found: dict[str, tuple[bool | None, bool | None]] = {
        text: (then[text], now[text]) for text in then.keys() & now.keys()
    }
    lacking = then.keys() - now.keys()
    if len(lacking) <= world.absent:
        found |= {text: (then[text], None) for text in lacking}
    return found


def bad_changes(world: World, baseline: Baseline, allowed: dict[str, Fraction]) -> Iterator[str]:
    """Hold what changed against what may change, in the worst case of what was not evaluated."""
    pairs = pairs_of(world)
    if pairs is None:
        yield "there is nothing to compare"
        return
    if baseline.origin.suite and world.origin.suite and baseline.origin.suite != world.origin.suite:
        yield "the baseline is of another suite"
    both = {text: pair for text, pair in pairs.items() if None not in pair}
    if 2 * len(both) < len(baseline.utterances):
        yield "both evaluated too little of the baseline"
    adrift = world.absent - sum(text not in groups(world.cases) for text in pairs)
    tests = "max_f1_drop" in allowed or "max_recall_drop" in allowed or world.rules.max_regressions is not None
    if adrift and tests:
        yield "nobody can tell which utterances the file lacks"
    for key in (*allowed, "max_regressions"):
        if key in world.rules.pressing and THRESHOLDS.get(key, Metric.F1_DROP).needs_baseline:
            is_asked = key in allowed or world.rules.max_regressions is not None
            if is_asked and len(both) == len(pairs) and not adrift and has_no_teeth(key, world):
                yield f"{key} was set for this suite and cannot fail in it"
    worst = {text: (was is not False, now is True) for text, (was, now) in pairs.items()}
    worse = [text for text, pair in worst.items() if pair == (True, False)]
    if "max_new_failures" in allowed:
        copies = groups(case for case in world.cases if not is_right(case))
        counted = [text for text in worse if not (copies.get(text) and all(is_waived(c, world) for c in copies[text]))]
        if len(counted) + adrift > allowed["max_new_failures"] and not has_no_teeth("max_new_failures", world):
            yield "there may be too many new failures"
    if "max_f1_drop" in allowed:
        yield from bad_fall(world, both, worst, allowed["max_f1_drop"])
    if world.rules.max_regressions is not None:
        yield from bad_intents(worst)


def bad_fall(
    world: World,
    both: dict[str, tuple[bool | None, bool | None]],
    worst: dict[str, tuple[bool, bool]],
    allowed: Fraction,
) -> Iterator[str]:
    """Hold the fall of F1 against what is allowed; where nothing is expected a right answer is no part of it."""

    def counts(pairs: Mapping[str, tuple[bool | None, bool | None]], side: int) -> tuple[int, int]:
        right = sum(pair[side] is True for text, pair in pairs.items() if intent_of(text))
        return right, sum(pair[side] is False for pair in pairs.values())

    if None in (f1(*counts(both, 0)), f1(*counts(both, 1))):
        yield "a score that was to be compared does not exist"
        return
    was, now = (counts(worst, side) for side in (0, 1))
    before, after = f1(*was), f1(*now)
    if before is None or after is None or before - after <= allowed:
        return
    right, wrong = was[0] + now[0], was[1] + now[1]
    loud, quiet = (
        Counter(pair for text, pair in worst.items() if pair[0] is not pair[1] and bool(intent_of(text)) is expects)
        for expects in (True, False)
    )
    # Toss a coin for every pair that changed: where an intent is expected it is worth more than where none is.
    halves = 0
    for a in range(loud.total() + 1):
        for b in range(quiet.total() + 1):
            lost = (right + wrong) * (a - loud[True, False]) + right * (b - quiet[True, False])
            halves += ((lost > 0) + (lost >= 0)) * math.comb(loud.total(), a) * math.comb(quiet.total(), b)
    if world.rules.strict_drop or Fraction(halves, 2 ** (loud.total() + quiet.total() + 1)) <= ALPHA:
        yield "f1 may have fallen too far"


def bad_intents(worst: dict[str, tuple[bool, bool]]) -> Iterator[str]:
    """Where a single intent changed at all, its own changes say whether it got worse beyond chance."""
    changed = Counter((intent_of(text), pair) for text, pair in worst.items() if pair[0] is not pair[1])
    intents = {intent for intent, _ in changed}
    if len(intents) != 1:
        return
    (intent,) = intents
    fell, rose = changed[intent, (True, False)], changed[intent, (False, True)]
    ways = [math.comb(fell + rose, n) for n in range(fell, fell + rose + 1)]
    if fell > rose and Fraction(2 * sum(ways) - ways[0], 2 ** (fell + rose + 1)) <= ALPHA:
        yield f"'{intent}' may have got worse beyond chance"


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
HALF_A_BASELINE = replace(
    GOOD,
    rules=Rules(thresholds=(*DEFAULTS.values(), threshold("max_new_failures", "0"))),
    cases=suite({0: FN}),
    baseline=Baseline(name="old.csv", origin=HERE, utterances=collapsed(suite({0: LOST}))),
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
@example(HALF_A_BASELINE)
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
        assert ((one.metric.value, one.bound) in held) is not (is_left_out or has_no_teeth(one.key, world))


@given(world=worlds(), bound=st.sampled_from([None, "0"]))
def test_what_was_not_evaluated_never_passes_unless_so_much_is_allowed(world: World, bound: str | None) -> None:
    others = tuple(one for one in world.rules.thresholds if one.key != "max_failed_utterances")
    none = (threshold("max_failed_utterances", bound),) if bound else ()
    strict = replace(world.rules, thresholds=(*others, *none), demands_all=not bound)
    if world.absent or not all(map(is_known, world.cases)):
        assert verdict(replace(world, rules=strict)) is not Verdict.PASSED


@given(world=worlds())
def test_what_cannot_be_evaluated_is_worth_no_more_than_what_is_wrong(world: World) -> None:
    # What was lost may be wrong: where that would not pass, it does not pass now.
    if verdict(world) is Verdict.PASSED:
        wrong = tuple(
            case if is_known(case) else replace(case, result_type=FP, matched=("another",)) for case in world.cases
        )
        assert verdict(replace(world, cases=wrong)) is Verdict.PASSED


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
