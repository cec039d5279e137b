"""Whatever the suite, its baseline and its rules: no pass without data, none by a waiver of a score, none by hiding.

What allows a pass is written down here once more, from the suite itself and without the code under test.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING

from hypothesis import event, example, given
from hypothesis import strategies as st

from ci_gate.core.assess import assess
from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.duplicates import collapsed
from ci_gate.core.findings import TOLERABLE, Expectation, FindingKind
from ci_gate.core.floors import FLOORS, Floors, IntentFloors
from ci_gate.core.model import Reported, ResultsFile, ResultType, RunState, RunStatus, UnreadableFile, Utterance
from ci_gate.core.names import intent_text, utterance_key
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import GateReport, Judged, Source, Subject, Unjudged
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.tally import tally
from ci_gate.core.thresholds import DEFAULTS, Threshold
from ci_gate.core.verdict import Verdict
from ci_gate.core.waivers import Waiver
from ci_gate.errors import ExitCode
from ci_gate.output.formats import FORMATS
from ci_gate.reports import RenderOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ci_gate.core.report import Judgement, SuiteReport

TODAY = date(2026, 6, 30)
MOMENT = datetime(2026, 6, 30, tzinfo=UTC)
INTENTS = ("Rent Bike", "rent bike", "Return Bike", "Find Bike", "none")
EXPECTED = ((), *((intent,) for intent in INTENTS[:1] + INTENTS[2:]), ("Rent Bike", "Find Bike"))
NAMES = (*INTENTS, "RENT BIKE | find bike", "(no intent)", "Elsewhere")
SECRET = "zqxj"
"""Stands in every utterance, and in nothing else that a report may hold."""
UTTERANCES = tuple(f"{SECRET} says {number}" for number in range(24))
UNREADABLE = UnreadableFile(problem="the results file is torn")
RESULTS = (
    ResultType.TP,
    ResultType.TP,
    ResultType.TP,
    ResultType.FP,
    ResultType.FN,
    ResultType.NOT_EVALUATED,
    ResultType.UNKNOWN,
)


def liked(row: int) -> Utterance:
    """An utterance that the bot gets right."""
    utterance = f"{SECRET} likes {row}"
    return Utterance(
        key=utterance_key(utterance, ("Rent Bike",), None),
        text=utterance,
        expected=("Rent Bike",),
        matched=("rent bike",),
        parent_intent=None,
        result_type=ResultType.TP,
        entities=0,
        matched_entities=0,
        row=row,
    )


def _thresholds_of(asked: Mapping[str, Fraction]) -> tuple[Threshold, ...]:
    """Those asked for, and those that hold without being asked for."""
    bounds = {**{key: threshold.bound for key, threshold in DEFAULTS.items()}, **asked}
    return tuple(Threshold(key, bound) for key, bound in bounds.items())


@st.composite
def _case(draw: st.DrawFn) -> Utterance:
    """An utterance of few, so that there are copies, and copies with other intents."""
    utterance, expected = draw(st.sampled_from(UTTERANCES)), draw(st.sampled_from(EXPECTED))
    result = draw(st.sampled_from(RESULTS))
    if result is ResultType.TP and not expected:
        result = ResultType.TN
    wrong = tuple(draw(st.lists(st.sampled_from(INTENTS), min_size=1, max_size=2, unique=True)))
    matched = {ResultType.TP: expected[:1], ResultType.FP: wrong}.get(result, ())
    return Utterance(
        key=utterance_key(utterance, expected, None),
        text=draw(st.sampled_from([utterance, utterance.replace(" ", "  ")])),
        expected=expected,
        matched=matched,
        parent_intent=None,
        result_type=result,
        entities=0,
        matched_entities=0,
        row=0,
    )


@st.composite
def _suite(draw: st.DrawFn) -> tuple[Utterance, ...]:
    found = draw(st.lists(_case(), max_size=25))
    # Large suites of which little is wrong are those that pass.
    many = draw(st.sampled_from([0, 0, 12, 40]))
    found += [liked(number) for number in range(many)]
    return tuple(replace(case, row=row) for row, case in enumerate(found, 1))


_share = st.sampled_from([Fraction(n, 20) for n in (0, 5, 10, 16, 19, 20)])
_NAMES_OF_FLOORS = st.sampled_from([*FLOORS])
_bounds = st.dictionaries(_NAMES_OF_FLOORS, _share, max_size=2)
_floors = st.builds(Floors, bounds=_bounds, min_support=st.sampled_from([1, 2, 5, 8]), point=st.booleans())
_some_floors = st.builds(
    Floors,
    bounds=st.dictionaries(_NAMES_OF_FLOORS, _share, min_size=1, max_size=2),
    min_support=st.sampled_from([1, 5]),
)
_waiver = st.builds(
    lambda about, days: Waiver(**about, reason="why", owner="Ines", expires=TODAY + timedelta(days)),
    st.one_of(
        st.fixed_dictionaries({"utterance": st.sampled_from(UTTERANCES)}),
        st.fixed_dictionaries({"expected": st.sampled_from(NAMES)}),
        st.fixed_dictionaries({"expected": st.sampled_from(NAMES), "matched": st.sampled_from(NAMES)}),
    ),
    st.sampled_from([-1, 0, 30]),
)
_thresholds = st.fixed_dictionaries(
    {},
    optional={
        **{f"min_{name}": _share for name in ("f1", "precision", "recall", "accuracy")},
        **{f"max_{name}_drop": _share for name in ("f1", "precision", "recall", "accuracy")},
        **{name: st.integers(0, 6).map(Fraction) for name in ("max_new_failures", "max_mismatches")},
        "max_failed_utterances": st.sampled_from([Fraction(0), Fraction(20)]),
    },
).map(_thresholds_of)


@dataclass(frozen=True)
class Drawn:
    """A run, what it is held against, and by which rules."""

    cases: tuple[Utterance, ...] | None
    baseline: Baseline | MissingBaseline | None
    rules: Rules
    bot_id: str = "st-1"


def _baseline(cases: tuple[Utterance, ...], bot_id: str | None) -> Baseline:
    return Baseline(name="old.json", origin=Origin(bot_id=bot_id), utterances=collapsed(cases))


def _demanding(rules: Rules) -> Rules:
    """Let nothing go unevaluated unless it says how much may."""
    says = any(threshold.key == "max_failed_utterances" for threshold in rules.thresholds)
    return replace(rules, demands_all=not says)


_rules = st.builds(
    Rules,
    thresholds=_thresholds,
    tolerate=st.frozensets(st.sampled_from(TOLERABLE), max_size=2),
    lower_bound=st.booleans(),
    strict_drop=st.booleans(),
    intents=st.builds(
        IntentFloors, general=_floors, named=st.dictionaries(st.sampled_from(NAMES), _floors, max_size=2)
    ),
    max_regressions=st.none() | st.integers(0, 2),
    must_pass=st.lists(st.sampled_from([*UTTERANCES, f"{SECRET} likes 3"]), max_size=3, unique=True).map(tuple),
    forbidden=st.lists(
        st.builds(Forbidden, st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=2, unique=True
    ).map(tuple),
    waivers=st.lists(_waiver, max_size=3).map(tuple),
    pressing=st.frozensets(st.sampled_from(["max_f1_drop", "max_new_failures", "max_regressions"]), max_size=1),
).map(_demanding)


@st.composite
def _givens(draw: st.DrawFn) -> Drawn:
    cases = draw(_suite())
    before = draw(st.sampled_from([None, None, cases]) | _suite())
    kind = draw(st.sampled_from(["sound", "sound", "sound", "other bot", "missing"]))
    baseline: Baseline | MissingBaseline | None = None
    if before is not None:
        baseline = _baseline(before, "st-2" if kind == "other bot" else draw(st.sampled_from([None, "st-1"])))
        baseline = MissingBaseline("old.json") if kind == "missing" else baseline
    is_unreadable = draw(st.integers(0, 9)) == 0
    return Drawn(None if is_unreadable else cases, baseline, draw(_rules))


@st.composite
def _nearly_good(draw: st.DrawFn) -> Drawn:
    """A run with little wrong, a rule or two, and lenient thresholds: what one fault in a rule would let pass."""
    odd = draw(st.lists(_case(), min_size=1, max_size=3))
    if draw(st.integers(0, 3)) == 0:  # a copy of what works, of which nobody knows whether it does
        odd.append(replace(liked(0), matched=(), result_type=ResultType.NOT_EVALUATED))
    cases = tuple(
        replace(case, row=row)
        for row, case in enumerate([*map(liked, range(draw(st.sampled_from([12, 40])))), *odd], 1)
    )
    strange = draw(st.sampled_from(odd))
    intent = intent_text(strange.expected)
    covering = st.sampled_from([{"utterance": strange.text}, {"expected": intent}])
    waiver = st.builds(
        lambda about, days: Waiver(**about, reason="why", owner="Ines", expires=TODAY + timedelta(days)),
        covering,
        st.sampled_from([-1, 0]),
    )
    rules = Rules(
        thresholds=_thresholds_of(
            {"max_failed_utterances": Fraction(9)}
            | draw(st.sampled_from([{}, {}, {"max_mismatches": Fraction(0)}, {"max_new_failures": Fraction(0)}]))
        ),
        demands_all=False,
        waivers=tuple(draw(st.lists(waiver, max_size=1))),
    )
    match draw(st.sampled_from(["must-pass", "forbidden", "named", "general", "nothing"])):
        case "must-pass":
            rules = replace(rules, must_pass=(strange.text,))
        case "forbidden":
            matched = strange.matched[-1] if strange.matched else draw(st.sampled_from(["(no intent)", "Find Bike"]))
            rules = replace(rules, forbidden=(Forbidden(intent, matched),))
        case "named":
            rules = replace(rules, intents=IntentFloors(named={intent: draw(_some_floors)}))
        case "general":
            rules = replace(rules, intents=IntentFloors(general=draw(_some_floors)))
        case _:
            pass
    kind = draw(st.sampled_from(["none", "none", "same", "other bot", "longer", "much longer"]))
    if kind == "none":
        return Drawn(cases, None, rules)
    more = {"longer": 5, "much longer": 90}.get(kind, 0)
    before = (*cases, *(liked(row) for row in range(100, 100 + more)))
    right = tuple(
        replace(case, result_type=ResultType.TP if case.expected else ResultType.TN) if went_wrong(case) else case
        for case in before
    )
    return Drawn(cases, _baseline(right, "st-2" if kind == "other bot" else "st-1"), rules)


givens = _nearly_good() | _nearly_good() | _givens()


def judged(it: Drawn, *, hide: bool = False, counts_of: tuple[Utterance, ...] | None = None) -> SuiteReport:
    """Judge as the gate does, with a status reply that agrees with the file."""
    counts = tally(counts_of if counts_of is not None else it.cases or ())
    total, evaluated = counts.utterances or 0, counts.evaluated or 0
    reported = Reported(
        bot_version="inDevelopment", language="en", counts=replace(counts, failed_utterances=total - evaluated)
    )
    file = ResultsFile(raw=b"", reported=Reported(), utterances=it.cases) if it.cases is not None else UNREADABLE
    return assess(
        Subject(label="any", suite="any", source=Source.RUN, bot_id=it.bot_id, run_id="tr-1"),
        status=RunStatus(state=RunState.COMPLETED, word="completed", reported=reported),
        results=file,
        rules=it.rules,
        expectation=Expectation(),
        today=TODAY,
        baseline=it.baseline,
        hash_utterances=hide,
    ).report


def assessment_of(report: SuiteReport) -> Judgement:
    assert report.judgement is not None
    return report.judgement


# --- what forbids a pass, once more -----------------------------------------------------------------------------------


def named_as(name: str, intents: tuple[str, ...]) -> bool:
    """Whether a rule that says this is about these intents."""
    return name.lower() in [(" | ".join(intents) or "(no intent)").lower(), *map(str.lower, intents)]


def is_waived(case: Utterance, rules: Rules) -> bool:
    """Whether a mismatch is waived, or what was not evaluated would be, whatever it turned out to be."""
    return any(_covers(waiver, case) for waiver in rules.waivers if waiver.expires >= TODAY)


def _covers(waiver: Waiver, case: Utterance) -> bool:
    if waiver.utterance:
        return waiver.utterance.split() == case.text.split()
    if not named_as(waiver.expected, case.expected):
        return False
    return not waiver.matched or (went_wrong(case) and folded(waiver.matched) == folded(intent_text(case.matched)))


def is_excused(case: Utterance, pair: Forbidden, rules: Rules) -> bool:
    """Whether a forbidden pair is waived where it happened: a waiver of all that is expected there is not enough."""
    own = (one for one in rules.waivers if one.utterance or folded(pair.matched) <= folded(one.matched))
    return is_waived(case, rules) and any(_covers(one, case) for one in own if one.expires >= TODAY)


def folded(name: str) -> set[str]:
    """Several intents have no order and no case."""
    return {part.strip().lower() for part in name.split("|")}


def went_wrong(case: Utterance) -> bool:
    return case.result_type in (ResultType.FP, ResultType.FN)


def went_right(case: Utterance) -> bool:
    return case.result_type in (ResultType.TP, ResultType.TN)


def reasons_against_a_pass(it: Drawn) -> Iterator[str]:
    """Say what about a run forbids that it passes under its rules, should all that was not evaluated be wrong."""
    rules, cases = it.rules, it.cases
    if cases is None:
        if FindingKind.NO_FILE not in rules.tolerate:
            yield "there is no file"
        if rules.must_pass or rules.forbidden or rules.intents.general.bounds:
            yield "there is no file, and rules need one"
        if isinstance(it.baseline, Baseline):
            yield "there is no file to compare"
        return
    known = sum(went_wrong(case) or went_right(case) for case in cases)
    if not known or 2 * known < len(cases):
        yield "too little was evaluated"
    if known < len(cases) and rules.demands_all:
        yield "not all was evaluated, and nobody said how much may go unevaluated"
    yield from _of_names(cases, rules)
    yield from _of_floors(cases, rules)
    yield from _of_counts(cases, rules)
    if isinstance(it.baseline, Baseline):
        yield from _of_change(cases, it.baseline, it)


def _of_names(cases: tuple[Utterance, ...], rules: Rules) -> Iterator[str]:
    for said in rules.must_pass:
        for case in cases:
            if case.text.split() == said.split() and not (went_right(case) or is_waived(case, rules)):
                yield f"row {case.row} must pass"
    for pair in rules.forbidden:
        for case in cases:
            if named_as(pair.expected, case.expected) and not (went_right(case) or is_excused(case, pair, rules)):
                if not went_wrong(case):
                    yield f"row {case.row} may be a forbidden confusion"
                elif named_as(pair.matched, case.matched):
                    yield f"row {case.row} is a forbidden confusion"


def _of_floors(cases: tuple[Utterance, ...], rules: Rules) -> Iterator[str]:
    """Hold recall against its floors by exact arithmetic; a copy counts once, as right where all of them are."""
    worst: dict[str, tuple[str, bool]] = {}
    for case in sorted(cases, key=lambda case: not went_right(case)):
        if case.expected:
            worst[case.key] = intent_text(case.expected).lower(), went_right(case)
    total, right = Counter(name for name, _ in worst.values()), Counter(name for name, ok in worst.values() if ok)
    own = {name.lower(): floors for name, floors in reversed([*rules.intents.named.items()])}
    held = False
    for name, count in total.items():
        floors = own.get(name, rules.intents.general)
        floor = floors.bounds.get("min_recall")
        if floor is None:
            continue
        if count < _needed(floor, floors, rules):
            if name in own:
                yield f"{name} is named and too small"
            continue
        held = True
        rare = sum(comb(count, k) * floor**k * (1 - floor) ** (count - k) for k in range(right[name] + 1))
        if not right[name]:
            yield f"nothing of {name} was surely right"
        if right[name] < floor * count and (floors.point or rare <= rules.alpha):
            yield f"the recall of {name} is too low"
    if "min_recall" in rules.intents.general.bounds and not held:
        yield "no intent is large enough for its floor"


def _needed(floor: Fraction, floors: Floors, rules: Rules) -> int:
    """Count the utterances of which none right is more than bad luck."""
    least = floors.min_support
    while not floors.point and floor and (1 - floor) ** least > rules.alpha:
        least += 1
    return least


def _of_counts(cases: tuple[Utterance, ...], rules: Rules) -> Iterator[str]:
    allowed = {threshold.key: threshold.bound for threshold in rules.thresholds}
    kinds = Counter(case.result_type for case in cases)
    lost = kinds[ResultType.NOT_EVALUATED] + kinds[ResultType.UNKNOWN]
    left = sum(went_wrong(case) and not is_waived(case, rules) for case in cases) + lost
    if left > allowed.get("max_mismatches", left) and allowed["max_mismatches"] < len(cases):
        yield "there are too many mismatches"
    tp, tn, fp, fn = (kinds[kind] for kind in (ResultType.TP, ResultType.TN, ResultType.FP, ResultType.FN))
    worst = {
        "min_f1": (2 * tp, 2 * tp + fp + fn + lost),
        "min_precision": (tp, tp + fp + lost),
        "min_accuracy": (tp + tn, len(cases)),
    }
    for key, (part, whole) in worst.items():
        if key in allowed and (not whole or Fraction(part, whole) < allowed[key]):
            yield f"{key} may not be reached"
    if lost > allowed.get("max_failed_utterances", lost):
        yield "too much was not evaluated"


def _of_change(cases: tuple[Utterance, ...], baseline: Baseline, it: Drawn) -> Iterator[str]:
    if baseline.origin.bot_id not in (None, it.bot_id):
        yield "the baseline is of another bot"
    copies: dict[str, list[Utterance]] = {}
    for case in cases:
        copies.setdefault(case.key, []).append(case)
    shared = [key for key in baseline.utterances if key in copies]
    if 2 * len(shared) < len(baseline.utterances):
        yield "they share too little"
    then = baseline.utterances
    known = [
        key
        for key in shared
        if (went_right(then[key]) or went_wrong(then[key]))
        and (any(map(went_wrong, copies[key])) or all(map(went_right, copies[key])))
    ]
    if 2 * len(known) < len(baseline.utterances):
        yield "they evaluated too little together"
    allowed = {threshold.key: threshold.bound for threshold in it.rules.thresholds}
    broken = [
        key
        for key in shared
        if not went_wrong(then[key])
        and any(not (went_right(case) or is_waived(case, it.rules)) for case in copies[key])
    ]
    worked = sum(went_right(then[key]) for key in shared)
    bound = allowed.get("max_new_failures", Fraction(len(shared)))
    if len(broken) > bound and worked > bound:
        yield "too many utterances fail that did not"
    if "max_new_failures" in allowed and worked <= bound and "max_new_failures" in it.rules.pressing:
        yield "no more can newly fail than may, and that was asked of this suite"
    needs_pairs = [key for key in allowed if key.endswith("_drop") or key == "max_new_failures"]
    if (needs_pairs or it.rules.max_regressions is not None) and not known:
        yield "nothing was compared"
    if "max_accuracy_drop" in allowed:
        yield from _of_accuracy(copies, then, shared, it.rules, allowed["max_accuracy_drop"])


def _of_accuracy(
    copies: Mapping[str, list[Utterance]],
    then: Mapping[str, Utterance],
    shared: list[str],
    rules: Rules,
    allowed: Fraction,
) -> Iterator[str]:
    """Hold the fall of the pass rate against what is allowed: as if all had worked that may have, and failed now."""
    was = {key: not went_wrong(then[key]) for key in shared}
    now = {key: all(map(went_right, copies[key])) for key in shared}
    fell, rose = (sum(was[key] is old and now[key] is not old for key in shared) for old in (True, False))
    ways = [comb(fell + rose, number) for number in range(fell, fell + rose + 1)]
    chance = Fraction(2 * sum(ways) - ways[0], 2 ** (fell + rose + 1))
    is_sure = rules.strict_drop or chance <= rules.alpha
    if shared and Fraction(fell - rose, len(shared)) > allowed and is_sure:
        yield "accuracy may have fallen too far"


# --- the properties ---------------------------------------------------------------------------------------------------

GOOD = Drawn(
    cases=tuple(liked(row) for row in range(1, 41)),
    baseline=None,
    rules=Rules(
        thresholds=_thresholds_of({"min_f1": Fraction(9, 10)}),
        intents=IntentFloors(general=Floors(bounds={"min_recall": Fraction(9, 10)})),
        must_pass=(f"{SECRET} likes 3",),
        forbidden=(Forbidden("Rent Bike", "Return Bike"),),
    ),
)
"""Forty utterances that the bot gets right."""


FEW = replace(
    GOOD,
    cases=(*(GOOD.cases or ()), replace(liked(99), expected=("Find Bike",), matched=("find bike",))),
    rules=replace(GOOD.rules, intents=IntentFloors(named={"find bike": Floors(bounds={"min_recall": Fraction(1, 2)})})),
)
"""The same with an intent that is named in a floor and has one utterance."""


def test_an_intent_that_is_named_and_too_small_speaks_against_a_pass() -> None:
    assert list(reasons_against_a_pass(FEW)) == ["find bike is named and too small"]


def test_a_good_run_under_a_rule_of_every_kind_passes() -> None:
    assert judged(GOOD).verdict is Verdict.PASSED
    assert list(reasons_against_a_pass(GOOD)) == []


@given(givens)
@example(GOOD)
@example(FEW)
def test_what_passes_had_data_for_every_rule_and_nothing_against_it(it: Drawn) -> None:
    report = judged(it)
    judgement = assessment_of(report)
    event(report.verdict.value)
    if report.verdict is Verdict.PASSED:
        assert {check.outcome for check in judgement.checks} <= {Outcome.PASSED}
        assert not any(finding.blocks for finding in judgement.evidence.findings)
        assert list(reasons_against_a_pass(it)) == []
    else:
        assert isinstance(report, Unjudged) or any(c.outcome is Outcome.FAILED for c in judgement.checks)


@given(givens, st.lists(_waiver, max_size=4))
@example(GOOD, [])
def test_waivers_change_no_score_no_floor_and_no_fall(it: Drawn, waivers: list[Waiver]) -> None:
    without, with_more = (
        assessment_of(judged(replace(it, rules=replace(it.rules, waivers=tuple(some))))) for some in ((), waivers)
    )
    assert without.evidence.scores == with_more.evidence.scores
    assert without.evidence.counts == with_more.evidence.counts
    counting = ("mismatches", "new_failures", "must_pass_failures", "forbidden_confusions")
    told = [
        [
            (check.name, check.outcome, check.actual, check.message)
            for check in one.checks
            if check.metric not in counting
        ]
        for one in (without, with_more)
    ]
    assert told[0] == told[1]


@given(givens, _waiver)
@example(GOOD, Waiver(expected="Rent Bike", reason="why", owner="Ines", expires=TODAY))
def test_one_more_waiver_lets_nothing_count_for_more_than_it_did(it: Drawn, waiver: Waiver) -> None:
    more = replace(it, rules=replace(it.rules, waivers=(*it.rules.waivers, waiver)))
    before, after = (assessment_of(judged(one)).checks for one in (it, more))
    assert [check.name for check in before] == [check.name for check in after]
    order = (Outcome.FAILED, Outcome.NO_DATA, Outcome.PASSED)
    for old, new in zip(before, after, strict=True):
        assert order.index(old.outcome) <= order.index(new.outcome)
        assert old.actual is None or new.actual is None or new.actual <= old.actual
        if waiver.expires < TODAY:
            assert (old.outcome, old.actual) == (new.outcome, new.actual)


@given(givens)
@example(GOOD)
def test_hiding_changes_no_outcome_and_no_report_holds_what_was_said(it: Drawn) -> None:
    shown, hashed = judged(it), judged(it, hide=True)
    told = [
        (one.verdict, one.exit_code, [(c.name, c.outcome, c.actual) for c in assessment_of(one).checks])
        for one in (shown, hashed)
    ]
    assert told[0] == told[1]
    kinds = [[f.kind for f in assessment_of(one).evidence.findings] for one in (shown, hashed)]
    assert kinds[0] == kinds[1]
    for name, page in pages(hashed).items():
        assert SECRET not in page, name


def test_the_pages_of_a_run_that_is_not_hidden_do_hold_what_was_said() -> None:
    holding = {name for name, page in pages(judged(GOOD)).items() if SECRET in page}
    assert holding >= {"junit.xml", "report.json"}


def pages(suite: SuiteReport) -> dict[str, str]:
    """Render all that there is to render."""
    gate = GateReport(suites=(suite,), started=MOMENT, finished=MOMENT)
    plain = {one.name: "".join(one.render(gate, RenderOptions())) for one in FORMATS}
    coloured = {f"{one.name} in colour": "".join(one.render(gate, RenderOptions(color=True))) for one in FORMATS}
    return plain | coloured


@given(givens)
def test_every_format_tells_the_same_ending_whatever_the_rules(it: Drawn) -> None:
    suite = judged(it)
    found = pages(suite)
    assert json.loads(found["report.json"])["exit_code"] == suite.exit_code
    assert ("<failure" in found["junit.xml"] or "<error" in found["junit.xml"]) is (
        suite.exit_code is not ExitCode.PASSED
    )


NEEDS_A_FILE = st.one_of(
    st.builds(lambda it: Rules(must_pass=(it,)), st.sampled_from(UTTERANCES)),
    st.builds(lambda a, b: Rules(forbidden=(Forbidden(a, b),)), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.builds(lambda it: Rules(intents=IntentFloors(general=it)), _some_floors),
    st.builds(lambda name, it: Rules(intents=IntentFloors(named={name: it})), st.sampled_from(NAMES), _some_floors),
)


@given(
    rules=NEEDS_A_FILE,
    cases=_suite(),
    tolerate=st.frozensets(st.sampled_from(TOLERABLE)),
    waivers=st.lists(_waiver, max_size=2),
    hide=st.booleans(),
)
def test_a_file_that_is_missing_or_unreadable_passes_under_none_of_these_rules(
    rules: Rules, cases: tuple[Utterance, ...], tolerate: frozenset[FindingKind], waivers: list[Waiver], hide: bool
) -> None:
    it = Drawn(None, None, replace(rules, tolerate=tolerate, waivers=tuple(waivers)))
    report = judged(it, hide=hide, counts_of=cases)
    assert not isinstance(report, Judged)
    assert Outcome.PASSED not in {check.outcome for check in assessment_of(report).checks}
