"""Whatever the rules, the suite and its baseline: no pass without data for every rule; no waiver alters a score.

What must not pass is written down here once more, from the utterances alone and without the code under test.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING

from hypothesis import event, given
from hypothesis import strategies as st

from ci_gate.core.assess import assess
from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.duplicates import collapsed
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.model import Reported, ResultsFile, ResultType, RunState, RunStatus, UnreadableFile, Utterance
from ci_gate.core.names import utterance_key
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import GateReport, Judged, Source, Subject
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.tally import tally
from ci_gate.core.text.safe import short_hash
from ci_gate.core.thresholds import BASELINE_DEFAULTS, DEFAULTS, Threshold
from ci_gate.core.verdict import Verdict
from ci_gate.core.waivers import Waiver
from ci_gate.output.formats import FORMATS
from ci_gate.reports import RenderOptions, json_
from ci_gate.reports.read_back import read_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ci_gate.core.report import SuiteReport

TODAY = date(2026, 6, 30)
MOMENT = datetime(2026, 6, 30, 12, tzinfo=UTC)
SAID = ("alpha secret words", "bravo secret words", "charlie secret words", "delta secret words", "echo secret words")
INTENTS = ("Pay", "Rent", "Find")
NO_FILE = UnreadableFile(problem="not there")


def case(utterance: str, expected: str, matched: str, *, is_evaluated: bool) -> Utterance:
    wanted, got = ((intent,) if intent else () for intent in (expected, matched))
    result = ResultType.TP if wanted else ResultType.TN
    if wanted != got:
        result = ResultType.FP if got else ResultType.FN
    return Utterance(
        key=utterance_key(utterance, wanted, None),
        text=utterance,
        expected=wanted,
        matched=got if is_evaluated else (),
        parent_intent=None,
        result_type=result if is_evaluated else ResultType.NOT_EVALUATED,
        entities=0,
        matched_entities=0,
        row=1,
    )


any_case = st.builds(
    case,
    st.sampled_from(SAID),
    st.sampled_from(INTENTS),
    st.sampled_from((*INTENTS, "")),
    is_evaluated=st.sampled_from([True, True, True, False]),
)
right = st.builds(
    lambda said, intent: case(said, intent, intent, is_evaluated=True), *map(st.sampled_from, (SAID, INTENTS))
)
suites = st.lists(right | any_case, min_size=1, max_size=12).map(
    lambda found: tuple(replace(one, row=row) for row, one in enumerate(found, 1))
)
floors = st.builds(
    Floors,
    bounds=st.dictionaries(
        st.sampled_from(["min_f1", "min_precision", "min_recall"]), st.sampled_from([Fraction(1, 5), Fraction(9, 10)])
    ),
    min_support=st.integers(1, 3),
    point=st.booleans(),
)
waivers = st.builds(
    Waiver,
    utterance=st.just(""),
    expected=st.sampled_from(INTENTS),
    matched=st.sampled_from(("", *INTENTS)),
    reason=st.just("known"),
    owner=st.just("Ines"),
    expires=st.sampled_from([TODAY, date(2026, 1, 1)]),
) | st.builds(
    Waiver, utterance=st.sampled_from(SAID), reason=st.just("known"), owner=st.just("Ines"), expires=st.just(TODAY)
)
thresholds = st.lists(
    st.sampled_from(
        [
            Threshold("min_f1", Fraction(1, 2)),
            Threshold("max_mismatches", Fraction(1)),
            Threshold("max_new_failures", Fraction(0)),
            *BASELINE_DEFAULTS.values(),
        ]
    ),
    unique=True,
).map(lambda found: (*DEFAULTS.values(), *found))
any_rules = st.builds(
    Rules,
    thresholds=thresholds,
    tolerate=st.sampled_from([frozenset(), frozenset({FindingKind.NO_FILE})]),
    lower_bound=st.booleans(),
    strict_drop=st.booleans(),
    intents=st.builds(
        IntentFloors,
        general=floors | st.just(Floors()),
        named=st.dictionaries(st.sampled_from(INTENTS), floors, max_size=1),
    ),
    max_regressions=st.sampled_from([None, 0]),
    must_pass=st.lists(st.sampled_from(SAID), unique=True, max_size=2).map(tuple),
    forbidden=st.lists(st.builds(Forbidden, *map(st.sampled_from, (INTENTS, INTENTS))), max_size=1).map(tuple),
    waivers=st.lists(waivers, max_size=2).map(tuple),
    demands_all=st.sampled_from([False, False, False, True]),
)
baselines = st.none() | suites.map(
    lambda found: Baseline(name="base.json", origin=Origin(), utterances=collapsed(found))
)


def judged(
    suite: Sequence[Utterance] | None, rules: Rules, baseline: Baseline | None, *, hidden: bool = False
) -> SuiteReport:
    """Judge as the gate does; a suite without a results file has the counts of one that is perfect."""
    cases = tuple(suite or ())
    counts = tally(cases) if suite is not None else tally((case(SAID[0], "Pay", "Pay", is_evaluated=True),))
    counts = replace(counts, failed_utterances=(counts.utterances or 0) - (counts.evaluated or 0))
    results = NO_FILE if suite is None else ResultsFile(raw=b"", reported=Reported(counts=counts), utterances=cases)
    subject = Subject(label="s", suite="s", source=Source.RUN)
    reply = None if suite is not None else _reply(Reported(counts=counts))
    return assess(
        subject,
        status=reply,
        results=results,
        rules=rules,
        expectation=Expectation(),
        today=TODAY,
        baseline=baseline,
        hash_utterances=hidden,
    ).report


def _reply(reported: Reported) -> RunStatus:
    return RunStatus(state=RunState.COMPLETED, word="completed", reported=reported)


def reasons_against_a_pass(suite: Sequence[Utterance], rules: Rules, baseline: Baseline | None) -> Iterator[str]:
    """Say what about these utterances forbids a pass, by rules that have no data or are broken."""
    lost = [one for one in suite if not (one.passed or one.is_mismatch)]
    wrong = [one for one in suite if one.is_mismatch]
    waived = {id(one) for one in (*wrong, *lost) if _is_waived(one, rules)}
    if 2 * len(lost) > len(suite):
        yield "too little was evaluated"
    if lost and rules.demands_all:
        yield "not all was evaluated"
    for said in rules.must_pass:
        copies = [one for one in suite if one.text == said]
        if not all(one.passed or id(one) in waived for one in copies):
            yield f"'{said}' must pass, and fails or was not evaluated"
    for pair in rules.forbidden:
        expecting = [one for one in suite if pair.expected in one.expected and id(one) not in waived]
        if any(pair.matched in one.matched for one in expecting if one.is_mismatch):
            yield f"{pair} happened"
        if any(one in lost for one in expecting):
            yield f"{pair} may have happened"
    bounds = {threshold.key: threshold.bound for threshold in rules.thresholds}
    left = sum(id(one) not in waived for one in wrong) + len(lost)
    if left > bounds.get("max_mismatches", left) and bounds["max_mismatches"] < len(suite):
        yield "there may be too many mismatches"
    right = sum(one.passed for one in suite)
    if "min_f1" in bounds and Fraction(2 * right, 2 * right + len(wrong) + len(lost)) < bounds["min_f1"]:
        yield "F1 may be too low"
    for intent in INTENTS:
        yield from _of_floors(intent, suite, rules)
    if baseline is not None:
        yield from _of_change(suite, rules, baseline)


def _of_floors(intent: str, suite: Sequence[Utterance], rules: Rules) -> Iterator[str]:
    """Hold the recall of an intent against its floor, as if all that was not evaluated had been missed."""
    own = rules.intents.named.get(intent, rules.intents.general)
    copies: dict[str, list[Utterance]] = {}
    for one in suite:
        if intent in one.expected:
            copies.setdefault(one.key, []).append(one)
    right, support = sum(all(one.passed for one in alike) for alike in copies.values()), len(copies)
    floor = own.bounds.get("min_recall")
    if floor is None or not support:
        return
    least = own.min_support
    while not own.point and (1 - floor) ** least > rules.alpha:
        least += 1
    if support < least:
        if intent in rules.intents.named:
            yield f"{intent} is named in a floor and too small for it"
        return
    tail = sum(comb(support, n) * floor**n * (1 - floor) ** (support - n) for n in range(right + 1))
    if not right or (right < floor * support and (own.point or tail <= rules.alpha)):
        yield f"the recall of {intent} may be too low"


def _of_change(suite: Sequence[Utterance], rules: Rules, baseline: Baseline) -> Iterator[str]:
    """Hold a run against its baseline, in the worst case of what either did not evaluate."""
    copies: dict[str, list[Utterance]] = {}
    for one in suite:
        copies.setdefault(one.key, []).append(one)
    then = baseline.utterances
    shared = copies.keys() & then.keys()
    if 2 * len(shared) < len(then):
        yield "too little is shared with the baseline"
    known = [
        key
        for key in shared
        if then[key].is_evaluated
        and (any(one.is_mismatch for one in copies[key]) or all(one.passed for one in copies[key]))
    ]
    if 2 * len(known) < len(then):
        yield "too little was evaluated in both runs"
    fell = [key for key in shared if not then[key].is_mismatch and not all(one.passed for one in copies[key])]
    counted = [key for key in fell if any(not one.passed and not _is_waived(one, rules) for one in copies[key])]
    bounds = {threshold.key: threshold.bound for threshold in rules.thresholds}
    worked = sum(then[key].passed for key in shared)
    if len(counted) > bounds.get("max_new_failures", len(counted)) and worked > bounds["max_new_failures"]:
        yield "there may be too many new failures"
    # Of one intent alone its own verdicts decide, and no others.
    rose = [key for key in shared if then[key].is_mismatch and all(one.passed for one in copies[key])]
    changed = {then[key].expected for key in (*fell, *rose)}
    ways = [comb(len(fell) + len(rose), n) for n in range(len(fell), len(fell) + len(rose) + 1)]
    chance = Fraction(2 * sum(ways) - ways[0], 2 ** (len(fell) + len(rose) + 1))
    is_sure = len(fell) > len(rose) and chance <= rules.alpha
    if rules.max_regressions == 0 and len(changed) == 1 and is_sure:
        yield "an intent may have got worse beyond chance"


def _is_waived(one: Utterance, rules: Rules) -> bool:
    return any(waiver.expires >= TODAY and _covers(waiver, one) for waiver in rules.waivers)


def _covers(waiver: Waiver, one: Utterance) -> bool:
    """Whether a mismatch is waived; what was not evaluated only if it is whatever it turns out to be."""
    if waiver.utterance:
        return waiver.utterance == one.text
    return waiver.expected in one.expected and (
        not waiver.matched or (one.is_mismatch and one.matched == (waiver.matched,))
    )


@given(suite=suites, rules=any_rules, baseline=baselines)
def test_what_passes_had_data_for_every_rule(
    suite: tuple[Utterance, ...], rules: Rules, baseline: Baseline | None
) -> None:
    report = judged(suite, rules, baseline)
    event(report.verdict)
    if report.verdict is Verdict.PASSED:
        assert list(reasons_against_a_pass(suite, rules, baseline)) == []


@given(rules=any_rules, baseline=baselines)
def test_no_rule_about_utterances_passes_without_a_results_file(rules: Rules, baseline: Baseline | None) -> None:
    named = any(own.bounds for own in rules.intents.named.values())
    compares = rules.max_regressions is not None or any(one.metric.needs_baseline for one in rules.thresholds)
    asks = rules.must_pass or rules.forbidden or rules.intents.general.bounds or named or baseline or compares
    if asks or FindingKind.NO_FILE not in rules.tolerate:
        assert judged(None, rules, baseline).verdict is not Verdict.PASSED


@given(suite=suites, rules=any_rules, baseline=baselines)
def test_a_check_that_passes_beyond_its_bound_says_in_its_name_that_it_allows_for_chance(
    suite: tuple[Utterance, ...], rules: Rules, baseline: Baseline | None
) -> None:
    judgement = judged(suite, rules, baseline).judgement
    assert judgement is not None
    passed = [check for check in judgement.checks if check.outcome is Outcome.PASSED]
    for check in passed:
        assert check.actual is not None
        is_beyond = check.actual < check.bound if check.operator == ">=" else check.actual > check.bound
        event(f"beyond its bound: {is_beyond}")
        assert not is_beyond or "beyond chance" in check.name, check


@given(suite=suites, rules=any_rules, baseline=baselines)
def test_waivers_alter_no_score_no_floor_and_no_drop(
    suite: tuple[Utterance, ...], rules: Rules, baseline: Baseline | None
) -> None:
    with_them = judged(suite, rules, baseline).judgement
    without = judged(suite, replace(rules, waivers=()), baseline).judgement
    assert with_them is not None
    assert without is not None
    assert with_them.evidence.scores == without.evidence.scores
    pairs = zip(with_them.checks, without.checks, strict=True)
    assert all(one == other for one, other in pairs if one.is_share)


@given(suite=suites, rules=any_rules, baseline=baselines)
def test_hiding_utterances_changes_no_outcome_and_no_report_shows_one(
    suite: tuple[Utterance, ...], rules: Rules, baseline: Baseline | None
) -> None:
    shown, hidden = judged(suite, rules, baseline), judged(suite, rules, baseline, hidden=True)
    assert (shown.verdict, shown.exit_code) == (hidden.verdict, hidden.exit_code)
    assert shown.judgement is not None
    assert hidden.judgement is not None
    assert [(one.name, one.outcome, one.actual) for one in shown.judgement.checks] == [
        (one.name, one.outcome, one.actual) for one in hidden.judgement.checks
    ]
    gate = GateReport(suites=(hidden,), started=MOMENT, finished=MOMENT)
    files = ["".join(one.render(gate, RenderOptions())) for one in FORMATS]
    assert not [said for said in SAID for file in files if said in file]
    assert any(short_hash(said) in file for said in SAID for file in files)


@given(suite=suites, rules=any_rules, baseline=baselines)
def test_a_report_that_is_read_back_is_as_good_a_baseline_as_its_utterances(
    suite: tuple[Utterance, ...], rules: Rules, baseline: Baseline | None
) -> None:
    gate = GateReport(suites=(judged(suite, rules, baseline),), started=MOMENT, finished=MOMENT)
    document = "".join(json_.render(gate))
    (recorded,) = read_report(document.encode(), "report.json")
    told = {key: (one.passed, one.is_mismatch) for key, one in recorded.baseline.utterances.items()}
    assert told == {key: (one.passed, one.is_mismatch) for key, one in collapsed(suite).items()}
    blocking = [one for one in json.loads(document)["suites"][0]["findings"] if one["blocking"]]
    is_sound = isinstance(gate.suites[0], Judged) and not blocking
    assert (recorded.problem is None) is is_sound


def test_a_baseline_that_may_be_missing_needs_no_data() -> None:
    subject = Subject(label="s", suite="s", source=Source.RUN)
    suite = (case(SAID[0], "Pay", "Pay", is_evaluated=True),)
    found = assess(
        subject,
        status=None,
        results=ResultsFile(
            raw=b"", reported=Reported(counts=replace(tally(suite), failed_utterances=0)), utterances=suite
        ),
        rules=Rules(thresholds=(Threshold("min_f1", Fraction(1, 2)), *BASELINE_DEFAULTS.values())),
        expectation=Expectation(),
        today=TODAY,
        baseline=MissingBaseline("base.json"),
        hash_utterances=False,
    ).report
    assert found.verdict is Verdict.PASSED
