"""Whatever the rules, the suite and its baseline: no pass without data for every rule; no waiver alters a score.

What must not pass is written down here once more, from the utterances alone and without the code under test.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import event, given
from hypothesis import strategies as st

from ci_gate.assess import assess
from ci_gate.core.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.copies import collapsed
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.model import (
    Case,
    Reported,
    ResultsFile,
    ResultType,
    RunState,
    RunStatus,
    UnreadableFile,
    case_key,
)
from ci_gate.core.plain import short_hash
from ci_gate.core.report import GateReport, Judged, Source, Subject
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.tally import tally
from ci_gate.core.thresholds import BASELINE_DEFAULTS, DEFAULTS, Threshold
from ci_gate.core.verdict import Verdict
from ci_gate.core.waivers import Waiver
from ci_gate.reports import RENDERERS, junit, text
from ci_gate.reports.recorded import read_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ci_gate.core.report import SuiteReport

TODAY = date(2026, 6, 30)
MOMENT = datetime(2026, 6, 30, 12, tzinfo=UTC)
SAID = ("alpha secret words", "bravo secret words", "charlie secret words", "delta secret words", "echo secret words")
INTENTS = ("Pay", "Rent", "Find")
NO_FILE = UnreadableFile(problem="not there")


def case(utterance: str, expected: str, matched: str, *, is_evaluated: bool) -> Case:
    wanted, got = ((intent,) if intent else () for intent in (expected, matched))
    result = ResultType.TP if wanted else ResultType.TN
    if wanted != got:
        result = ResultType.FP if got else ResultType.FN
    return Case(
        key=case_key(utterance, wanted, None),
        utterance=utterance,
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
).map(lambda found: (*found, replace(DEFAULTS["max_failed_utterances"], bound=Fraction(99))))
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
)
baselines = st.none() | suites.map(
    lambda found: Baseline(name="base.json", origin=Origin(), utterances=collapsed(found))
)


def judged(
    suite: Sequence[Case] | None, rules: Rules, baseline: Baseline | None, *, hidden: bool = False
) -> SuiteReport:
    """Judge as the gate does; a suite without a results file has the counts of one that is perfect."""
    cases = tuple(suite or ())
    counts = tally(cases) if suite is not None else tally((case(SAID[0], "Pay", "Pay", is_evaluated=True),))
    counts = replace(counts, failed_utterances=(counts.utterances or 0) - (counts.evaluated or 0))
    results = NO_FILE if suite is None else ResultsFile(raw=b"", reported=Reported(counts=counts), cases=cases)
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


def reasons_against_a_pass(suite: Sequence[Case], rules: Rules, baseline: Baseline | None) -> Iterator[str]:
    """Say what about these utterances forbids a pass, by rules that have no data or are broken."""
    waived = {id(one) for one in suite for waiver in rules.waivers if waiver.expires >= TODAY and _covers(waiver, one)}
    lost = [one for one in suite if not (one.passed or one.is_mismatch)]
    wrong = [one for one in suite if one.is_mismatch and id(one) not in waived]
    for said in rules.must_pass:
        if any(one.utterance == said for one in wrong):
            yield f"'{said}' must pass and fails"
        copies = {one.key for one in suite if one.utterance == said}
        if any(all(one in lost for one in suite if one.key == key) for key in copies):
            yield f"'{said}' must pass and was not evaluated"
    for pair in rules.forbidden:
        expecting = [one for one in suite if pair.expected in one.expected]
        if any(pair.matched in one.matched for one in expecting if one in wrong):
            yield f"{pair} happened"
        if any(one in lost for one in expecting):
            yield f"{pair} may have happened"
    for name, own in rules.intents.named.items():
        expecting = [one for one in suite if name in one.expected]
        if own.bounds and expecting and all(one in lost for one in expecting):
            yield f"{name} has a floor and was not evaluated"
    if all(one in lost for one in suite):
        yield "nothing was evaluated"
    if baseline is not None:
        shared = {one.key for one in suite} & {*baseline.utterances}
        if 2 * len(shared) < len(baseline.utterances):
            yield "too little is shared with the baseline"


def _covers(waiver: Waiver, one: Case) -> bool:
    if waiver.utterance:
        return waiver.utterance == one.utterance
    return waiver.expected in one.expected and (not waiver.matched or waiver.matched in one.matched)


@given(suite=suites, rules=any_rules, baseline=baselines)
def test_what_passes_had_data_for_every_rule(suite: tuple[Case, ...], rules: Rules, baseline: Baseline | None) -> None:
    report = judged(suite, rules, baseline)
    event(report.verdict)
    if report.verdict is Verdict.PASSED:
        assert list(reasons_against_a_pass(suite, rules, baseline)) == []


@given(rules=any_rules, baseline=baselines)
def test_no_rule_about_utterances_passes_without_a_results_file(rules: Rules, baseline: Baseline | None) -> None:
    named = any(own.bounds for own in rules.intents.named.values())
    asks = rules.must_pass or rules.forbidden or rules.intents.general.bounds or named or baseline
    if asks or FindingKind.NO_FILE not in rules.tolerate:
        assert judged(None, rules, baseline).verdict is not Verdict.PASSED


@given(suite=suites, rules=any_rules, baseline=baselines)
def test_waivers_alter_no_score_no_floor_and_no_drop(
    suite: tuple[Case, ...], rules: Rules, baseline: Baseline | None
) -> None:
    with_them = judged(suite, rules, baseline).assessment
    without = judged(suite, replace(rules, waivers=()), baseline).assessment
    assert with_them is not None
    assert without is not None
    assert with_them.evidence.scores == without.evidence.scores
    pairs = zip(with_them.checks, without.checks, strict=True)
    assert all(one == other for one, other in pairs if one.is_share)


@given(suite=suites, rules=any_rules, baseline=baselines)
def test_hiding_utterances_changes_no_outcome_and_no_report_shows_one(
    suite: tuple[Case, ...], rules: Rules, baseline: Baseline | None
) -> None:
    shown, hidden = judged(suite, rules, baseline), judged(suite, rules, baseline, hidden=True)
    assert (shown.verdict, shown.exit_code) == (hidden.verdict, hidden.exit_code)
    assert shown.assessment is not None
    assert hidden.assessment is not None
    assert [(one.name, one.outcome, one.actual) for one in shown.assessment.checks] == [
        (one.name, one.outcome, one.actual) for one in hidden.assessment.checks
    ]
    gate = GateReport(suites=(hidden,), started=MOMENT, finished=MOMENT)
    files = ["".join(render(gate)) for render in (*RENDERERS.values(), junit.render, text.render)]
    assert not [said for said in SAID for file in files if said in file]
    assert any(short_hash(said) in file for said in SAID for file in files)


@given(suite=suites, rules=any_rules, baseline=baselines)
def test_a_report_that_is_read_back_is_as_good_a_baseline_as_its_utterances(
    suite: tuple[Case, ...], rules: Rules, baseline: Baseline | None
) -> None:
    gate = GateReport(suites=(judged(suite, rules, baseline),), started=MOMENT, finished=MOMENT)
    document = "".join(RENDERERS["report.json"](gate))
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
        results=ResultsFile(raw=b"", reported=Reported(counts=replace(tally(suite), failed_utterances=0)), cases=suite),
        rules=Rules(thresholds=(Threshold("min_f1", Fraction(1, 2)), *BASELINE_DEFAULTS.values())),
        expectation=Expectation(),
        today=TODAY,
        baseline=MissingBaseline("base.json"),
        hash_utterances=False,
    ).report
    assert found.verdict is Verdict.PASSED
