"""A pass needs data for every rule and nothing that speaks against it, whatever the suite, its baseline and its rules.

``objections`` states once more what forbids a pass, by plain counting and without the code under test.
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
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.tally import tally
from ci_gate.core.thresholds import DEFAULTS, THRESHOLDS, Threshold
from ci_gate.core.verdict import Verdict, verdict_of
from ci_gate.core.waivers import Waiver
from tests.core.builders import FN, FP, LOST, MISSING, TN, TP, results, said, threshold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ci_gate.core.report import Judgement

    Pairs = Mapping[str, tuple[bool | None, bool | None]]
    """Whether each utterance passed in the baseline and in this run; ``None`` if it was not evaluated."""

T = TypeVar("T")
TODAY = date(2026, 6, 30)
LENIENT = {"max_failed_utterances": threshold("max_failed_utterances", "99")}
INTENTS = ("Rent Bike", "Pay Bill", "Find Shop", "Find Shop | Pay Bill", "")
NO_INTENT = "(no intent)"
UNKNOWN = ResultType.UNKNOWN
EACH, ALPHA = 5, Fraction(1, 20)
ENOUGH = 4
"""The smallest number of utterances whose complete loss is significant."""
SIZE = EACH * len(INTENTS)
HERE = Origin(suite="Smoke", bot_id="st-1")


@dataclass(frozen=True, kw_only=True)
class World:
    """A run, the sources that describe it, its baseline and its rules."""

    cases: tuple[Utterance, ...]
    rules: Rules
    baseline: Baseline | MissingBaseline | None = None
    has_file: bool = True
    has_status: bool = False
    is_partial: bool = False
    absent: int = 0
    """The number of utterances that were not evaluated and that the file lacks; only a status reply counts them."""
    origin: Origin = field(default=HERE)


def suite(changes: dict[int, ResultType] | None = None, gone: Iterable[int] = ()) -> tuple[Utterance, ...]:
    """Build a suite of five utterances per intent, in which everything passes but ``changes``."""
    found = []
    for row in sorted({*range(SIZE)}.difference(gone)):
        intent = INTENTS[row // EACH]
        result_type = (changes or {}).get(row, TP)
        if not intent and result_type in (TP, FN):
            result_type = TN
        one = said(f"say {row}", result_type, expected=intent, row=row + 1)
        found.append(replace(one, matched=("pay bill",)) if result_type is FP and "Pay Bill" not in intent else one)
    return tuple(found)


def judged(world: World) -> Judgement:
    size = len(world.cases) + world.absent
    file = results(world.cases, Reported(counts=Counts(utterances=size))) if world.has_file else MISSING
    counts = replace(tally(world.cases), utterances=size, failed_utterances=failed_in(world))
    reply = Reported(counts=counts, partial=world.is_partial) if world.has_status else None
    evidence = weigh(reply, file, expectation=Expectation(), tolerate=world.rules.tolerate)
    return judge_suite(world.rules, evidence, today=TODAY, baseline=world.baseline, origin=world.origin)


def verdict(world: World) -> Verdict:
    found = judged(world)
    return verdict_of(found.checks, found.evidence)


# --- what may be judged ---------------------------------------------------------------------------------------------
def rarely(usual: T, strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """Draw from ``strategy`` in one case of three: a world that is unusual everywhere hardly ever passes."""
    return st.integers(0, 2).flatmap(lambda roll: strategy if roll == 0 else st.just(usual))


rows = st.sampled_from(range(0, SIZE, EACH)) | st.integers(0, SIZE - 1)
kinds = st.sampled_from([FP, FN, LOST, LOST, UNKNOWN])
changes: st.SearchStrategy[dict[int, ResultType]] = st.one_of(
    st.just({}),
    st.dictionaries(rows, kinds, max_size=3),
    st.builds(lambda start, kind: dict.fromkeys(range(start, start + EACH), kind), st.just(EACH), kinds),
    st.dictionaries(rows, kinds, max_size=SIZE),
)
gone = rarely(frozenset[int](), st.frozensets(rows, max_size=2) | st.frozensets(rows, max_size=SIZE))
utterances = (rows | st.just(SIZE)).map(lambda row: f"say  {row}")
intent_names = st.sampled_from([*filter(None, INTENTS), "pay bill", "PAY BILL | find shop", "Nowhere"])
names = intent_names | st.just(NO_INTENT)
bounds = st.dictionaries(
    st.sampled_from(["min_f1", "min_precision", "min_recall"]),
    st.sampled_from([Fraction(1, 2), Fraction(4, 5), Fraction(1)]),
    max_size=2,
)
floors = st.builds(Floors, bounds=bounds, min_support=st.sampled_from([1, 3, 5]), point=st.booleans())
limits = (
    *(("min_f1", text) for text in ("0.5", "0.8", "0.99")),
    *(("min_accuracy", "0.5"), ("min_precision", "0.9"), ("max_mismatches", "1")),
    *(("max_failed_utterances", "3"), ("max_failed_utterances", "0")),
    *(("max_f1_drop", "0.01"), ("max_recall_drop", "0"), ("max_accuracy_drop", "0"), ("max_accuracy_drop", "0.1")),
    *(("max_new_failures", "0"), ("max_new_failures", "2")),
)
thresholds = st.dictionaries(st.sampled_from(limits), st.none(), max_size=2).map(
    lambda chosen: tuple(({**DEFAULTS, **LENIENT} | {key: threshold(key, text) for key, text in chosen}).values())
)
waivers = st.builds(
    Waiver,
    utterance=st.just("") | utterances,
    expected=names,
    matched=st.just("") | names,
    reason=st.just("known"),
    owner=st.just("Ada"),
    expires=st.sampled_from([TODAY, TODAY - timedelta(days=1)]),
)
PRESSING = (
    "max_f1_drop", "max_recall_drop", "max_accuracy_drop", "max_new_failures", "max_regressions", "max_mismatches",
)  # fmt: skip
rules = st.builds(
    Rules,
    thresholds=thresholds,
    tolerate=rarely(frozenset(), st.frozensets(st.sampled_from(TOLERABLE))),
    lower_bound=rarely(usual=False, strategy=st.just(True)),
    strict_drop=st.booleans(),
    intents=st.builds(
        IntentFloors,
        general=rarely(Floors(), floors),
        named=rarely({}, st.dictionaries(intent_names, floors, max_size=1)),
    ),
    max_regressions=rarely(None, st.just(0)),
    must_pass=rarely((), st.lists(utterances, max_size=2).map(tuple)),
    forbidden=rarely((), st.lists(st.builds(Forbidden, names, names), max_size=2).map(tuple)),
    demands_all=st.just(value=False),
    pressing=rarely(frozenset[str](), st.frozensets(st.sampled_from(PRESSING))),
    waivers=rarely((), st.lists(waivers, max_size=2).map(tuple)),
)
OTHERS = (Origin(), Origin(suite="Full", bot_id="st-1"), Origin(suite="Smoke", bot_id="st-2"))
origins = st.sampled_from([HERE, HERE, HERE, HERE, *OTHERS])


@st.composite
def baselines(draw: st.DrawFn) -> Baseline | MissingBaseline | None:
    """Draw an earlier run, none, or one that may be missing."""
    kind = draw(st.integers(0, 5))
    if kind < 2:
        return None if kind else MissingBaseline("old.csv")
    return Baseline(name="old.csv", origin=draw(origins), utterances=collapsed(suite(draw(changes), draw(gone))))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    cases = suite(draw(changes), draw(gone))
    copies = draw(st.lists(st.sampled_from(cases), max_size=3)) if cases else []
    wrong = [
        replace(case, result_type=draw(st.sampled_from([case.result_type, LOST, FN if case.expected else LOST])))
        for case in copies
    ]
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
    return case.result_type not in (LOST, UNKNOWN)


def failed_in(world: World) -> int:
    """Count what the platform did not evaluate; without its reply an unknown word is not known to be that."""
    unknown = (LOST, UNKNOWN) if world.has_status else (LOST,)
    return sum(case.result_type in unknown for case in world.cases) + world.absent


def folded(name: str) -> set[str]:
    """Return the parts of a name without order and letter case."""
    return {part.strip().lower() for part in name.split("|")}


def goes_by(name: str, intents: tuple[str, ...]) -> bool:
    """Whether ``name`` means one of ``intents``, or all of them."""
    return folded(name) in [folded(" | ".join(intents) or NO_INTENT), *map(folded, intents)]


def waivers_of(case: Utterance, world: World) -> list[Waiver]:
    """Return the waivers that hold today and cover a mismatch, or whatever an unevaluated utterance turns out to be."""
    if is_right(case):
        return []
    return [waiver for waiver in world.rules.waivers if waiver.expires >= TODAY and covers(waiver, case)]


def covers(waiver: Waiver, case: Utterance) -> bool:
    if waiver.utterance:
        return normalised(waiver.utterance) == case.text
    if not goes_by(waiver.expected, case.expected):
        return False
    is_it = is_known(case) and folded(waiver.matched) == folded(" | ".join(case.matched) or NO_INTENT)
    return not waiver.matched or is_it


def is_waived(case: Utterance, world: World) -> bool:
    return bool(waivers_of(case, world))


def is_excused(case: Utterance, pair: Forbidden, world: World) -> bool:
    """Whether a waiver of the utterance or of the forbidden pair covers ``case``; one of its intent is not enough."""
    return any(
        waiver.utterance
        or (folded(pair.expected) <= folded(waiver.expected) and folded(pair.matched) <= folded(waiver.matched))
        for waiver in waivers_of(case, world)
    )


def groups(cases: Iterable[Utterance]) -> dict[str, list[Utterance]]:
    """Group the copies of each utterance, which here share one text."""
    found: dict[str, list[Utterance]] = {}
    for case in cases:
        found.setdefault(case.text, []).append(case)
    return found


def state(copies: list[Utterance]) -> bool | None:
    """Return whether all copies passed (``False`` if one failed), or ``None`` if that is unknown."""
    if any(is_known(case) and not is_right(case) for case in copies):
        return False
    return True if all(map(is_known, copies)) else None


def f1(right: int, wrong: int) -> Fraction | None:
    return Fraction(2 * right, 2 * right + wrong) if right or wrong else None


def objections(world: World) -> Iterator[str]:
    """Yield every reason why a world must not pass, with all that is unknown at its worst."""
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
    if failed_in(world) > allowed.get("max_failed_utterances", 0):
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
    """Whether any rule demands something of the bot."""
    asked = {one.key for one in by.thresholds} - {"min_utterances", "max_failed_utterances"}
    return bool(asked or by.max_regressions is not None or by.intents.general.bounds) or names_something(by)


def applies(world: World) -> bool:
    """Whether any rule that was set concerns this suite and could fail in it."""
    by = world.rules
    asked = {one.key: one.bound for one in by.thresholds if one.key not in ("min_utterances", "max_failed_utterances")}
    alone = [key for key in asked if not THRESHOLDS[key].needs_baseline and not has_no_teeth(key, world)]
    compared = [key for key in asked if THRESHOLDS[key].needs_baseline and not has_no_teeth(key, world)]
    if by.max_regressions is not None and not has_no_teeth("max_regressions", world):
        compared.append("max_regressions")
    is_compared = not isinstance(world.baseline, MissingBaseline) and compared
    named = {pair.expected for pair in by.forbidden} | {name for name, own in by.intents.named.items() if own.bounds}
    must_pass = {*map(normalised, by.must_pass)} & {case.text for case in world.cases}
    is_expected = any(goes_by(name, case.expected) for name in named for case in world.cases)
    named_here = must_pass or is_expected or not world.has_file or world.absent
    return bool(alone or is_compared or by.intents.general.bounds or (names_something(by) and named_here))


def has_no_teeth(key: str, world: World) -> bool:
    """Whether a rule holds even if everything fails now and everything unknown failed in the baseline."""
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
    right, wrong = worked, [text for text, (was, _) in pairs.items() if was is not True]
    if key != "max_accuracy_drop":
        right = [text for text in worked if intent_of(text)]
    if key == "max_recall_drop":
        wrong = [text for text in wrong if intent_of(text)]
    f = 2 if key == "max_f1_drop" else 1
    score = Fraction(f * len(right), f * len(right) + len(wrong)) if right or wrong else None
    losable = right if key == "max_recall_drop" else worked
    least = 1 if world.rules.strict_drop else ENOUGH
    return score is not None and (len(losable) < least or score <= bound)


def intent_of(text: str) -> str:
    """Return the intent that an utterance of this suite expects."""
    return INTENTS[int(text.split()[1]) // EACH]


def bad_scores(world: World, allowed: dict[str, Fraction]) -> Iterator[str]:
    """Compare the run's own scores with their bounds, counting whatever was not evaluated as wrong."""
    types = Counter(case.result_type for case in world.cases)
    lost = types[LOST] + types[UNKNOWN] + world.absent
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
    """Compare the named utterances, confusions and intents with what happened."""
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
            if not goes_by(pair.expected, case.expected) or is_excused(case, pair, world):
                continue
            if not is_known(case):
                yield "a forbidden confusion may have happened"
            elif not is_right(case) and goes_by(pair.matched, case.matched):
                yield "a forbidden confusion happened"
    held = [list(bad_intent(intent, world)) for intent in filter(None, INTENTS)]
    yield from (why for found in held for why in found if why != "not held")
    if "min_recall" in by.intents.general.bounds and all(found == ["not held"] for found in held):
        yield "no intent is large enough for its floor"


def bad_intent(intent: str, world: World) -> Iterator[str]:
    """Compare the recall of an intent with its floor, counting whatever was not evaluated as missed."""
    named = [own for name, own in world.rules.intents.named.items() if folded(name) == folded(intent)]
    own = named[0] if named else world.rules.intents.general
    floor = own.bounds.get("min_recall")
    states = [state(copies) for copies in groups(c for c in world.cases if " | ".join(c.expected) == intent).values()]
    right, support = states.count(True), len(states)
    if floor is None or (named and not support):
        yield "not held"
        return
    least = own.min_support
    while not own.point and (1 - floor) ** least > ALPHA:
        least += 1
    if world.absent and support < least <= support + world.absent:
        yield f"'{intent}' may be large enough"
    if support < least:
        yield f"'{intent}' is too small" if named else "not held"
        return
    support += world.absent
    tail = sum(math.comb(support, n) * floor**n * (1 - floor) ** (support - n) for n in range(right + 1))
    if not right or (Fraction(right, support) < floor and (own.point or tail <= ALPHA)):
        yield f"recall of '{intent}' may be below its floor"


def pairs_of(world: World) -> Pairs | None:
    """Return the utterances of both runs; those of the baseline that the file lacks were not evaluated."""
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
    """Compare the changes with their bounds, in the worst case of whatever was not evaluated."""
    pairs = pairs_of(world)
    if pairs is None:
        yield "there is nothing to compare"
        return
    if baseline.origin.suite and world.origin.suite and baseline.origin.suite != world.origin.suite:
        yield "the baseline is of another suite"
    if baseline.origin.bot_id and world.origin.bot_id and baseline.origin.bot_id != world.origin.bot_id:
        yield "the baseline is of another bot"
    both = {text: pair for text, pair in pairs.items() if None not in pair}
    if 2 * len(both) < len(baseline.utterances):
        yield "both evaluated too little of the baseline"
    adrift = world.absent - sum(text not in groups(world.cases) for text in pairs)
    if adrift and (any(key.endswith("_drop") for key in allowed) or world.rules.max_regressions is not None):
        yield "it is unknown which utterances the file lacks"
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
        yield from bad_f1_drop(world, both, worst, allowed["max_f1_drop"])
    if "max_accuracy_drop" in allowed:
        yield from bad_accuracy_drop(world, both, worst, allowed["max_accuracy_drop"])
    if world.rules.max_regressions is not None:
        yield from bad_intents(worst)


def bad_accuracy_drop(world: World, both: Pairs, worst: Pairs, allowed: Fraction) -> Iterator[str]:
    if not both:
        yield "a score that was to be compared does not exist"
        return
    fell, rose = ([*worst.values()].count(pair) for pair in ((True, False), (False, True)))
    is_large = Fraction(fell - rose, len(worst)) > allowed
    if is_large and (world.rules.strict_drop or chance_of_sign_test(fell, rose) <= ALPHA):
        yield "accuracy may have fallen too far"


def chance_of_sign_test(fell: int, rose: int) -> Fraction:
    """Return the one-sided mid-p value of McNemar's test."""
    ways = [math.comb(fell + rose, n) for n in range(fell, fell + rose + 1)]
    return Fraction(2 * sum(ways) - ways[0], 2 ** (fell + rose + 1))


def bad_f1_drop(world: World, both: Pairs, worst: Pairs, allowed: Fraction) -> Iterator[str]:
    """Compare the drop of F1 with its bound; a right answer counts only where an intent is expected."""

    def counts(pairs: Pairs, side: int) -> tuple[int, int]:
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
    # A coin is tossed for every pair that changed; pairs that expect an intent weigh more than the others.
    halves = 0
    for a in range(loud.total() + 1):
        for b in range(quiet.total() + 1):
            lost = (right + wrong) * (a - loud[True, False]) + right * (b - quiet[True, False])
            halves += ((lost > 0) + (lost >= 0)) * math.comb(loud.total(), a) * math.comb(quiet.total(), b)
    if world.rules.strict_drop or Fraction(halves, 2 ** (loud.total() + quiet.total() + 1)) <= ALPHA:
        yield "f1 may have fallen too far"


def bad_intents(worst: Pairs) -> Iterator[str]:
    """Test the intent that changed; with several, the correction for multiple tests is not repeated here."""
    changed = Counter((intent_of(text), pair) for text, pair in worst.items() if pair[0] is not pair[1])
    intents = {intent for intent, _ in changed}
    if len(intents) != 1:
        return
    (intent,) = intents
    fell, rose = changed[intent, (True, False)], changed[intent, (False, True)]
    if fell > rose and chance_of_sign_test(fell, rose) <= ALPHA:
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


TOO_SMALL = replace(
    GOOD,
    cases=suite(gone=range(2 * EACH + 1, 3 * EACH)),
    rules=replace(
        GOOD.rules,
        thresholds=(threshold("min_f1", "0.9"),),
        intents=IntentFloors(named={"find shop": Floors(bounds={"min_recall": Fraction(1, 2)})}),
    ),
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


def test_a_faultless_run_passes_every_rule() -> None:
    assert verdict(GOOD) is verdict(replace(GOOD, has_status=True)) is Verdict.PASSED
    assert [*objections(GOOD)] == []


def test_a_named_intent_that_is_too_small_for_its_floor_does_not_pass() -> None:
    assert [*objections(TOO_SMALL)] == ["'Find Shop' is too small"]
    assert verdict(TOO_SMALL) is Verdict.UNJUDGED


@settings(max_examples=4 * settings().max_examples)
@example(GOOD)
@example(TOO_SMALL)
@example(LOST_INTENT)
@example(LOST_BASELINE)
@example(HALF_A_BASELINE)
@example(replace(GOOD, cases=suite({1: LOST}), rules=replace(GOOD.rules, thresholds=(Threshold("min_f1", ALPHA),))))
@given(world=worlds())
def test_a_run_passes_only_if_every_rule_has_data_and_holds(world: World) -> None:
    found = judged(world)
    outcome = verdict_of(found.checks, found.evidence)
    if outcome is not Verdict.PASSED:
        event("not passed")
        assert outcome is Verdict.UNJUDGED or any(check.outcome is Outcome.FAILED for check in found.checks)
        return
    event("passed")
    assert [*objections(world)] == []
    for check in found.checks:
        assert check.actual is not None
        is_beyond = check.actual < check.bound if check.operator == ">=" else check.actual > check.bound
        assert not is_beyond or "beyond chance" in check.name
    held = {(check.metric, check.bound) for check in found.checks}
    for one in world.rules.thresholds:
        is_left_out = one.metric.needs_baseline and isinstance(world.baseline, MissingBaseline)
        assert ((one.metric.value, one.bound) in held) is not (is_left_out or has_no_teeth(one.key, world))


@given(world=worlds(), bound=st.sampled_from([None, "0"]))
def test_unevaluated_utterances_pass_only_if_that_many_are_allowed(world: World, bound: str | None) -> None:
    others = tuple(one for one in world.rules.thresholds if one.key != "max_failed_utterances")
    none = (threshold("max_failed_utterances", bound),) if bound else ()
    strict = replace(world.rules, thresholds=(*others, *none), demands_all=not bound)
    if failed_in(world):
        assert verdict(replace(world, rules=strict)) is not Verdict.PASSED


@given(world=worlds())
def test_an_unevaluated_utterance_counts_for_no_more_than_a_wrong_one(world: World) -> None:
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


@settings(max_examples=2 * settings().max_examples)
@given(world=worlds())
def test_a_waiver_that_has_expired_changes_no_check(world: World) -> None:
    expired = tuple(replace(waiver, expires=TODAY - timedelta(days=1)) for waiver in world.rules.waivers)
    with_them = judged(replace(world, rules=replace(world.rules, waivers=expired)))
    without = judged(replace(world, rules=replace(world.rules, waivers=())))
    assert with_them.checks == without.checks


@given(world=worlds())
def test_a_waiver_alters_no_score_and_no_drop(world: World) -> None:
    with_them, without = judged(world), judged(replace(world, rules=replace(world.rules, waivers=())))
    assert with_them.evidence.scores == without.evidence.scores
    assert with_them.evidence.counts == without.evidence.counts
    excusable = {"mismatches", "new_failures", "must_pass_failures", "forbidden_confusions"}
    for waived, plain in zip(with_them.checks, without.checks, strict=True):
        assert waived == plain or (waived.metric in excusable and waived.name == plain.name)


@given(world=worlds(), waiver=waivers)
def test_one_more_waiver_only_excuses(world: World, waiver: Waiver) -> None:
    more = replace(world, rules=replace(world.rules, waivers=(*world.rules.waivers, waiver)))
    order = (Outcome.FAILED, Outcome.NO_DATA, Outcome.PASSED)
    for old, new in zip(judged(world).checks, judged(more).checks, strict=True):
        assert old.name == new.name
        assert order.index(old.outcome) <= order.index(new.outcome)
        assert old.actual is None or new.actual is None or new.actual <= old.actual


@given(world=worlds())
def test_no_rule_about_utterances_passes_without_a_results_file(world: World) -> None:
    only = replace(world.rules, thresholds=(), max_regressions=None)
    if names_something(only) or only.intents.general.bounds:
        without = replace(world, has_file=False, has_status=True, rules=only, baseline=None)
        assert Outcome.PASSED not in {check.outcome for check in judged(without).checks}
        assert verdict(without) is Verdict.UNJUDGED
