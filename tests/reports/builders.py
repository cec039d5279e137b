"""Reports of every ending, judged by the real core from the invented suites of a bank and an airline."""

from __future__ import annotations

import signal
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.duplicates import collapsed
from ci_gate.core.evidence.weigh import weigh
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.judgement import judge_suite
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Reported, ResultsFile, ResultType, UnreadableFile, Utterance
from ci_gate.core.names import utterance_key
from ci_gate.core.report import GateReport, Judgement, Source, Subject, SuiteReport, Unjudged, conclude
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.tally import tally
from ci_gate.core.thresholds import DEFAULTS, Threshold
from ci_gate.core.waivers import Waiver
from ci_gate.errors import DeadlinePassed, Denied, GateError, Interrupted, Unreported, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ci_gate.core.counts import Counts
    from ci_gate.core.evidence.weigh import Evidence

STARTED = datetime(2026, 3, 2, 9, 30, 0, 250_000, UTC)

INTENTS = ("Show Balance", "Transfer Money", "Pay Bill", "Block Card", "Find Branch", "Open Account")
OPENINGS = ("please", "I want to", "can you", "hey,", "now", "kindly", "could I", "help me", "let me", "today:")


def case(
    utterance: str,
    expected: str | tuple[str, ...] = "Show Balance",
    matched: str | tuple[str, ...] | None = None,
    *,
    result_type: ResultType | None = None,
    row: int = 1,
    entities: int = 0,
    matched_entities: int = 0,
) -> Utterance:
    """One utterance; what was matched defaults to what was expected, the result type follows from both."""
    wanted = (expected,) if isinstance(expected, str) else expected
    got = wanted if matched is None else (matched,) if isinstance(matched, str) else matched
    if result_type is None:
        if wanted == got:
            result_type = ResultType.TP if wanted else ResultType.TN
        else:
            result_type = ResultType.FP if got else ResultType.FN
    return Utterance(
        key=utterance_key(utterance, wanted, None), text=utterance, expected=wanted, matched=got, parent_intent=None,
        result_type=result_type, entities=entities, matched_entities=matched_entities, row=row,
    )  # fmt: skip


def numbered(cases: Iterable[Utterance]) -> tuple[Utterance, ...]:
    """Give every utterance its row."""
    return tuple(replace(one, row=row) for row, one in enumerate(cases, 1))


def good_cases() -> list[Utterance]:
    """Sixty utterances that the bot gets right."""
    return [case(f"{opening} {intent.lower()}", intent) for intent in INTENTS for opening in OPENINGS]


def bank_cases(*, wrong: int = 0) -> tuple[Utterance, ...]:
    """Sixty utterances, the first few of three intents mismatched in ways that testers meet."""
    cases = good_cases()
    slips = (
        ("send 50 euros to Maria", "Transfer Money", "Pay Bill"),
        ("pay Maria back for lunch", "Transfer Money", "Pay Bill"),
        ("where do I stand this month", "Show Balance", ()),
        ("move money | checking to savings", "Transfer Money", ("Pay Bill", "Open Account")),
        ("my card is gone", "Block Card", "Find Branch"),
        ("¿Cuánto dinero me queda?", "Show Balance", ()),
        ("settle up with my flatmate", "Transfer Money", "Pay Bill"),
        ("tell me a joke", (), "Find Branch"),
    )
    for place, (utterance, expected, matched) in enumerate(slips[:wrong]):
        cases[place * 7] = case(utterance, expected, matched)
    return numbered(cases)


def thresholds(**bounds: str) -> list[Threshold]:
    """Thresholds by key, with the one that holds without being asked for."""
    asked = {key: Threshold(key, Fraction(bound)) for key, bound in bounds.items()}
    return [*({**asked, **{key: value for key, value in DEFAULTS.items() if key not in asked}}.values())]


def measured(counts: Counts, *bounds: Threshold) -> SuiteReport:
    """A suite of which only the counts are known, and that is good enough."""
    evidence = weigh(
        Reported(counts=counts),
        UnreadableFile(problem="not kept"),
        expectation=Expectation(),
        tolerate=frozenset({FindingKind.NO_FILE}),
    )
    return conclude(subject(), by_rules(evidence, bounds))


def by_rules(evidence: Evidence, bounds: Iterable[Threshold]) -> Judgement:
    """Hold thresholds against evidence, on the second of March 2026."""
    bounds = tuple(bounds)
    demands_all = not any(bound.metric is Metric.FAILED_UTTERANCES for bound in bounds)
    rules = Rules(thresholds=bounds, demands_all=demands_all)
    return judge_suite(rules, evidence, today=STARTED.date(), origin=Origin())


def shown(counts: Counts) -> dict[Metric, str]:
    """What the platform prints of its scores: two decimals."""
    if not counts.confusion or not counts.tp:
        return {}
    tp, tn, fp, fn = counts.confusion
    return {
        Metric.F1: f"{2 * tp / (2 * tp + fp + fn):.2f}",
        Metric.PRECISION: f"{tp / (tp + fp):.2f}",
        Metric.RECALL: f"{tp / (tp + fn):.2f}",
        Metric.ACCURACY: f"{(tp + tn) / (counts.utterances or 1):.2f}",
    }


def assessed(
    cases: Iterable[Utterance] | None,
    bounds: Iterable[Threshold],
    *,
    run_id: str | None = "tr-5f6b0c4e",
    partial: bool = False,
    tolerate: Iterable[FindingKind] = (),
    problem: str = "the results file holds no header row",
) -> Judgement:
    """Weigh a status reply that agrees with the cases, and hold the thresholds against it."""
    listed = None if cases is None else tuple(cases)
    counts = tally(bank_cases() if listed is None else listed)
    counts = replace(counts, failed_utterances=(counts.utterances or 0) - (counts.evaluated or 0))
    reported = Reported(
        run_id=run_id, bot_version="inDevelopment", language="en", partial=partial, counts=counts, scores=shown(counts)
    )
    results: ResultsFile | UnreadableFile = UnreadableFile(problem=problem)
    if listed is not None:
        results = ResultsFile(raw=b"", reported=Reported(), utterances=listed)
    evidence = weigh(reported, results, expectation=Expectation(run_id="tr-5f6b0c4e"), tolerate=frozenset(tolerate))
    return by_rules(evidence, bounds)


def subject(label: str = "Banking regression", **fields: object) -> Subject:
    """A suite that this gate ran."""
    known = Subject(
        label=label, suite=label, source=Source.RUN, bot_id="st-bank", run_id="tr-5f6b0c4e", seconds=72.4314
    )
    return replace(known, **fields)  # type: ignore[arg-type]


REPLAY = "ci-gate check --replay ci-gate-report"


def report(*suites: SuiteReport, error: GateError | None = None, replay: str = "") -> GateReport:
    """A gate that took a minute and a bit."""
    finished = STARTED + timedelta(seconds=73)
    return GateReport(suites=suites, started=STARTED, finished=finished, error=error, replay=replay)


STRICT = {"min_f1": "0.95", "min_accuracy": "0.85"}
DEADLINE = DeadlinePassed(
    "30m passed before run 'tr-77d1' ended; the platform's last word was IN_PROGRESS at 58 %",
    hint="attach to it again: ci-gate gate tr-77d1\nor allow it more time: --timeout 45m",
)
DENIED = Denied("the platform refuses the credentials (401)", hint="look at the bot id\npublish the scopes")


def passed() -> SuiteReport:
    """Everything right but one utterance."""
    return conclude(subject(), assessed(bank_cases(wrong=1), thresholds(min_f1="0.95", min_accuracy="0.85")))


def failed(**fields: object) -> SuiteReport:
    """F1 is too low; accuracy is not."""
    return conclude(subject(**fields), assessed(bank_cases(wrong=8), thresholds(**STRICT)))  # type: ignore[arg-type]


def failed_and_partial(**fields: object) -> SuiteReport:
    """F1 is too low, and the run was dropped in part."""
    evidence = assessed(bank_cases(wrong=8), thresholds(**STRICT), partial=True)
    return conclude(subject(**fields), evidence)  # type: ignore[arg-type]


def with_lost(cases: Iterable[Utterance], *places: int) -> list[Utterance]:
    """Leave the utterances at these places unevaluated."""
    return [
        replace(one, matched=(), result_type=ResultType.NOT_EVALUATED) if place in places else one
        for place, one in enumerate(cases)
    ]


def unevaluated(**fields: object) -> SuiteReport:
    """Three utterances were not evaluated, and the type of one is a new word."""
    cases = with_lost(bank_cases(wrong=2), 3, 4, 5)
    cases[9] = replace(cases[9], result_type=ResultType.UNKNOWN)
    return conclude(subject(**fields), assessed(cases, thresholds(min_f1="0.9")))  # type: ignore[arg-type]


def over_limit(**fields: object) -> SuiteReport:
    """Three utterances were not evaluated by the platform, and the user allows two."""
    cases = with_lost(bank_cases(wrong=2), 3, 4, 5)
    bounds = thresholds(min_f1="0.9", max_failed_utterances="2")
    return conclude(subject(**fields), assessed(cases, bounds))  # type: ignore[arg-type]


def under_limit() -> SuiteReport:
    """Three utterances were not evaluated by the platform, which the user allows and nothing hangs on."""
    cases = with_lost(bank_cases(wrong=2), 3, 4, 5)
    return conclude(subject(), assessed(cases, thresholds(min_f1="0.9", max_failed_utterances="3")))


def voided(**fields: object) -> SuiteReport:
    """F1 is too low and accuracy is not, in what turned out to be another run."""
    evidence = assessed(bank_cases(wrong=8), thresholds(**STRICT), run_id="tr-77d1")
    return conclude(subject(**fields), evidence)  # type: ignore[arg-type]


def no_data() -> SuiteReport:
    """A bound on entities in a suite without any."""
    return conclude(subject(), assessed(bank_cases(wrong=1), thresholds(min_f1="0.95", min_entity_match="0.8")))


def advisory() -> SuiteReport:
    """Failed with sound evidence, and only to be warned about."""
    return failed(label="Small talk", advisory=True)


def timeout(label: str = "Airline smoke") -> SuiteReport:
    """The deadline passed while the run went on."""
    return Unjudged(subject(label, run_id="tr-77d1", seconds=1800.0), DEADLINE)


def denied() -> SuiteReport:
    """The credentials were refused, so there is no run."""
    return Unjudged(subject("Airline full", run_id=None, seconds=0.3), DENIED)


def partial() -> SuiteReport:
    """Every check passed, on a run that was dropped in part."""
    return conclude(subject(), assessed(bank_cases(), thresholds(min_f1="0.95"), partial=True))


def tolerated() -> SuiteReport:
    """The same, tolerated by name; the platform writes the id of the run in another way."""
    evidence = assessed(
        bank_cases(), thresholds(min_f1="0.95"), partial=True, tolerate=[FindingKind.PARTIAL], run_id="5f6b0c4e"
    )
    return conclude(subject(source=Source.ATTACHED), evidence)


def without_file() -> SuiteReport:
    """The counts of the reply are good, but the results file was not understood."""
    return conclude(subject(), assessed(None, thresholds(min_f1="0.95")))


def interrupted() -> SuiteReport:
    """Somebody pressed Ctrl-C."""
    return Unjudged(
        subject(seconds=4.0), Interrupted("interrupted while run 'tr-5f6b0c4e' went on", signum=signal.SIGINT)
    )


def before(cases: Iterable[Utterance], **fields: object) -> Baseline:
    """An earlier run of the bank, with these utterances."""
    known = Baseline(
        name="baseline/report.json", origin=Origin(suite="Banking regression", bot_id="st-bank"),
        utterances=collapsed(cases), run_id="tr-0b1d", bot_version="published", finished="2026-02-01T08:00:00+00:00",
    )  # fmt: skip
    return replace(known, **fields)  # type: ignore[arg-type]


def earlier_cases() -> tuple[Utterance, ...]:
    """The bank as it was: right where it is wrong now, once the other way round, and with other utterances."""
    now = bank_cases(wrong=8)
    was = [replace(it, matched=it.expected, result_type=ResultType.TP if it.expected else ResultType.TN) for it in now]
    was[1] = replace(was[1], matched=("Find Branch",), result_type=ResultType.FP)
    was[7] = now[7]
    gone = case("send a pigeon", "Transfer Money", "Pay Bill")
    moved = case(now[3].text, "Find Branch")
    return numbered([*was[:3], moved, *was[4:-1], gone])


def judged(
    cases: Iterable[Utterance], rules: Rules, baseline: Baseline | MissingBaseline | None, **fields: object
) -> SuiteReport:
    """Judge by all rules, on the second of March 2026."""
    found = assessed(cases, ())
    evidence = replace(found.evidence, findings=())
    known = subject(**fields)  # type: ignore[arg-type]
    origin = Origin(suite=known.suite, bot_id=known.bot_id)
    return conclude(known, judge_suite(rules, evidence, today=STARTED.date(), baseline=baseline, origin=origin))


WAIVERS = (
    Waiver(
        expected="Transfer Money",
        matched="Pay Bill",
        reason="known since spring",
        owner="Ines",
        expires=date(2026, 9, 30),
    ),
    Waiver(utterance="my card is gone", reason="rework", owner="Ola", expires=date(2026, 1, 31)),
    Waiver(expected="Open Account", reason="new intent", owner="Ola", expires=date(2026, 9, 30)),
)


def regressed(**fields: object) -> SuiteReport:
    """Worse than before, with a rule of every kind, and a waiver in every state."""
    rules = Rules(
        thresholds=tuple(thresholds(min_f1="0.85", max_f1_drop="0.01", max_new_failures="2", max_mismatches="9")),
        intents=IntentFloors(
            general=Floors(bounds={"min_recall": Fraction(1, 2)}),
            named={"Transfer Money": Floors(bounds={"min_recall": Fraction(95, 100)}, point=True)},
        ),
        must_pass=("tell me a joke", "my card is gone"),
        forbidden=(Forbidden("Transfer Money", "Pay Bill"), Forbidden("Block Card", "Find Branch")),
        waivers=WAIVERS,
    )
    return judged(bank_cases(wrong=8), rules, before(earlier_cases()), **fields)


def sharing(share: int = 2) -> SuiteReport:
    """A drop and the regressions of intents, which so many tests of the command share a chance with."""
    rules = Rules(thresholds=tuple(thresholds(max_f1_drop="0.01")), max_regressions=0, share=share)
    return judged(bank_cases(wrong=8), rules, before(earlier_cases()))


def unsettled() -> SuiteReport:
    """Worse than before, beyond chance or not: that hangs on one utterance that the earlier run did not evaluate."""
    rules = Rules(thresholds=tuple(thresholds(max_f1_drop="0.01")))
    return judged(bank_cases(wrong=8), rules, before(with_lost(earlier_cases(), 5)))


def half_measured() -> SuiteReport:
    """Of the baseline and of this run some were not evaluated, which leaves open whether anything got worse."""
    rules = Rules(thresholds=tuple(thresholds(max_f1_drop="0.01", max_new_failures="0")), demands_all=False)
    now, then = with_lost(bank_cases(), 1, 2, 8), with_lost(bank_cases(wrong=1), 2, 3)
    return judged(now, rules, before(then))


def improved() -> SuiteReport:
    """Better than before, and by default nothing else is asked for."""
    rules = Rules(thresholds=tuple(thresholds(max_f1_drop="0.01")))
    return judged(bank_cases(wrong=1), rules, before(bank_cases(wrong=5)))


def within_chance() -> SuiteReport:
    """A little worse than before, which may be chance."""
    rules = Rules(thresholds=tuple(thresholds(max_f1_drop="0.01")))
    return judged(bank_cases(wrong=3), rules, before(bank_cases(wrong=1)))


def not_comparable() -> SuiteReport:
    """Held against the run of another bot."""
    rules = Rules(thresholds=tuple(thresholds(min_f1="0.8", max_f1_drop="0.01")))
    return judged(bank_cases(wrong=1), rules, before(bank_cases(), origin=Origin(bot_id="st-other")))


def first_week() -> SuiteReport:
    """There is no baseline yet, which is allowed."""
    rules = Rules(thresholds=tuple(thresholds(min_f1="0.8", max_f1_drop="0.01")))
    return judged(bank_cases(wrong=1), rules, MissingBaseline("baseline/report.json"))


@cache
def reports() -> Mapping[str, GateReport]:
    """Every ending by name."""
    usage = UsageError("there is no suite 'Smoke'", hint="did you mean 'smoke'?")
    return {
        "passed": report(passed(), replay=REPLAY),
        "failed": report(failed(), replay=REPLAY),
        "failed_and_partial": report(failed_and_partial()),
        "advisory_and_partial": report(failed_and_partial(advisory=True)),
        "unevaluated": report(unevaluated()),
        "advisory_unevaluated": report(unevaluated(advisory=True)),
        "over_limit": report(over_limit()),
        "advisory_over_limit": report(over_limit(advisory=True)),
        "under_limit": report(under_limit()),
        "voided": report(voided()),
        "advisory_voided": report(voided(advisory=True)),
        "no_data": report(no_data()),
        "advisory": report(advisory()),
        "timeout": report(timeout()),
        "denied": report(denied()),
        "partial": report(partial()),
        "tolerated": report(tolerated()),
        "without_file": report(without_file()),
        "files": report(
            conclude(
                subject("smoke", suite="Banking smoke", source=Source.FILES, bot_id=None),
                assessed(numbered(good_cases()[:12]), thresholds(min_f1="1")),
            )
        ),
        "several": report(passed(), failed(label="Banking full"), advisory(), timeout()),
        "usage": report(error=usage),
        "interrupted": report(interrupted()),
        "regressed": report(regressed(), replay=REPLAY),
        "regressed_advisory": report(regressed(advisory=True)),
        "sharing": report(sharing(), replay=REPLAY),
        "unsettled": report(unsettled()),
        "half_measured": report(half_measured()),
        "improved": report(improved()),
        "within_chance": report(within_chance()),
        "not_comparable": report(not_comparable()),
        "first_week": report(first_week()),
        "unreported": report(passed(), error=Unreported("summary.md could not be written: the disk is full")),
    }
