"""Reports of every ending, judged by the real core from the invented suites of a bank and an airline."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

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
from ci_gate.reports import json_, markdown, text

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
    """Return an utterance; ``matched`` defaults to ``expected``, and the result type follows from both."""
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
    return tuple(replace(one, row=row) for row, one in enumerate(cases, 1))


def good_cases() -> list[Utterance]:
    return [case(f"{opening} {intent.lower()}", intent) for intent in INTENTS for opening in OPENINGS]


def bank_cases(*, wrong: int = 0) -> tuple[Utterance, ...]:
    """Return sixty utterances with ``wrong`` mismatches of several kinds."""
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
    """Return thresholds by key, and the defaults of the others."""
    asked = {key: Threshold(key, Fraction(bound)) for key, bound in bounds.items()}
    return [*({**asked, **{key: value for key, value in DEFAULTS.items() if key not in asked}}.values())]


def measured(counts: Counts, *bounds: Threshold) -> SuiteReport:
    """Return the report of a suite of which only the counts are known."""
    evidence = weigh(
        Reported(counts=counts),
        UnreadableFile(problem="not kept"),
        expectation=Expectation(),
        tolerate=frozenset({FindingKind.NO_FILE}),
    )
    return conclude(subject(), by_rules(evidence, bounds))


def by_rules(evidence: Evidence, bounds: Iterable[Threshold]) -> Judgement:
    """Return the judgement of ``evidence`` by thresholds, on the second of March 2026."""
    bounds = tuple(bounds)
    demands_all = not any(bound.metric is Metric.FAILED_UTTERANCES for bound in bounds)
    rules = Rules(thresholds=bounds, demands_all=demands_all)
    return judge_suite(rules, evidence, today=STARTED.date(), origin=Origin())


def shown(counts: Counts) -> dict[Metric, str]:
    """Return the scores as the platform prints them: with two decimals."""
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
    """Return the judgement of a run whose status reply agrees with the cases."""
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
    """Return a suite that this gate ran."""
    known = Subject(
        label=label, suite=label, source=Source.RUN, bot_id="st-bank", run_id="tr-5f6b0c4e", seconds=72.4314
    )
    return replace(known, **fields)  # type: ignore[arg-type]


REPLAY = "ci-gate check --replay ci-gate-report"


def report(*suites: SuiteReport, error: GateError | None = None, replay: str = "") -> GateReport:
    finished = STARTED + timedelta(seconds=73)
    return GateReport(suites=suites, started=STARTED, finished=finished, error=error, replay=replay)


STRICT = {"min_f1": "0.95", "min_accuracy": "0.85"}
LATE = DeadlinePassed(
    "30m passed before run 'tr-77d1' ended; the platform's last word was IN_PROGRESS at 58 %",
    hint="attach to it again: ci-gate gate tr-77d1\nor allow it more time: --timeout 45m",
)
DENIED = Denied("the platform refuses the credentials (401)", hint="look at the bot id\npublish the scopes")
INTERRUPTED = Interrupted("interrupted while run 'tr-5f6b0c4e' went on", signum=signal.SIGINT)


def suite_of(
    cases: Iterable[Utterance] | None, bounds: Mapping[str, str], about: Subject | None = None, **how: Any
) -> SuiteReport:
    """Return the report of a suite with these utterances and thresholds; ``how`` is passed on to ``assessed``."""
    return conclude(about or subject(), assessed(cases, thresholds(**bounds), **how))


def gate_of(cases: Iterable[Utterance], **bounds: str) -> GateReport:
    return report(suite_of(cases, bounds))


def passed() -> SuiteReport:
    return suite_of(bank_cases(wrong=1), STRICT)


def failed(**fields: object) -> SuiteReport:
    """Return a suite whose F1 is too low while its accuracy is not."""
    return suite_of(bank_cases(wrong=8), STRICT, subject(**fields))  # type: ignore[arg-type]


def timeout(label: str = "Airline smoke") -> SuiteReport:
    return Unjudged(subject(label, run_id="tr-77d1", seconds=1800.0), LATE)


def denied() -> SuiteReport:
    return Unjudged(subject("Airline full", run_id=None, seconds=0.3), DENIED)


def with_lost(cases: Iterable[Utterance], *places: int) -> list[Utterance]:
    """Return ``cases`` without a result at ``places``."""
    return [
        replace(one, matched=(), result_type=ResultType.NOT_EVALUATED) if place in places else one
        for place, one in enumerate(cases)
    ]


def before(cases: Iterable[Utterance], **fields: object) -> Baseline:
    """Return a baseline: an earlier run of the bank with these utterances."""
    known = Baseline(
        name="baseline/report.json", origin=Origin(suite="Banking regression", bot_id="st-bank"),
        utterances=collapsed(cases), run_id="tr-0b1d", bot_version="published", finished="2026-02-01T08:00:00+00:00",
    )  # fmt: skip
    return replace(known, **fields)  # type: ignore[arg-type]


def earlier_cases() -> tuple[Utterance, ...]:
    """Return an earlier state of ``bank_cases(wrong=8)`` with a change of every kind."""
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
    """Return the report of a suite that is judged by all rules, on the second of March 2026."""
    found = assessed(cases, ())
    evidence = replace(found.evidence, findings=())
    known = subject(**fields)  # type: ignore[arg-type]
    origin = Origin(suite=known.suite, bot_id=known.bot_id)
    return conclude(known, judge_suite(rules, evidence, today=STARTED.date(), baseline=baseline, origin=origin))


def compared(
    cases: Iterable[Utterance], baseline: Baseline | MissingBaseline, rules: Rules | None = None, /, **bounds: str
) -> SuiteReport:
    """Return the report of a suite that is compared with a baseline."""
    return judged(cases, replace(rules or Rules(), thresholds=tuple(thresholds(**bounds))), baseline)


def regressed(**fields: object) -> SuiteReport:
    """Return a suite that got worse, with a rule of every kind, and a waiver in every state."""
    rules = Rules(
        thresholds=tuple(thresholds(min_f1="0.85", max_f1_drop="0.01", max_new_failures="2", max_mismatches="9")),
        intents=IntentFloors(
            general=Floors(bounds={"min_recall": Fraction(1, 2)}),
            named={"Transfer Money": Floors(bounds={"min_recall": Fraction(95, 100)}, point=True)},
        ),
        must_pass=("tell me a joke", "my card is gone"),
        forbidden=(Forbidden("Transfer Money", "Pay Bill"), Forbidden("Block Card", "Find Branch")),
        waivers=(
            Waiver(
                expected="Transfer Money", matched="Pay Bill", reason="known since spring", owner="Ines",
                expires=date(2026, 9, 30),
            ),
            Waiver(utterance="my card is gone", reason="rework", owner="Ola", expires=date(2026, 1, 31)),
            Waiver(expected="Open Account", reason="new intent", owner="Ola", expires=date(2026, 9, 30)),
        ),
    )  # fmt: skip
    return judged(bank_cases(wrong=8), rules, before(earlier_cases()), **fields)


def sharing(share: int = 2) -> SuiteReport:
    """Return a suite whose drop and regressions of intents are ``share`` tests that share alpha."""
    rules = Rules(max_regressions=0, share=share)
    return compared(bank_cases(wrong=8), before(earlier_cases()), rules, max_f1_drop="0.01")


@cache
def reports() -> Mapping[str, GateReport]:
    bank = bank_cases(wrong=1)
    lost = with_lost(bank_cases(wrong=2), 3, 4, 5)
    strange = [*lost[:9], replace(lost[9], result_type=ResultType.UNKNOWN), *lost[10:]]
    advised = subject(advisory=True)
    small_talk = failed(label="Small talk", advisory=True)
    wrong, drop = bank_cases(wrong=8), {"max_f1_drop": "0.01"}
    usage = UsageError("there is no suite 'Smoke'", hint="did you mean 'smoke'?")
    suites = {
        "failed_and_partial": suite_of(wrong, STRICT, partial=True),
        "advisory_and_partial": suite_of(wrong, STRICT, advised, partial=True),
        # Three utterances were not evaluated, and the type of one is a new word.
        "unevaluated": suite_of(strange, {"min_f1": "0.9"}),
        "advisory_unevaluated": suite_of(strange, {"min_f1": "0.9"}, advised),
        # Three utterances were not evaluated, and the user allows two, or three.
        "over_limit": suite_of(lost, {"min_f1": "0.9", "max_failed_utterances": "2"}),
        "advisory_over_limit": suite_of(lost, {"min_f1": "0.9", "max_failed_utterances": "2"}, advised),
        "under_limit": suite_of(lost, {"min_f1": "0.9", "max_failed_utterances": "3"}),
        # F1 is too low and accuracy is not, in the results of another run.
        "voided": suite_of(wrong, STRICT, run_id="tr-77d1"),
        "advisory_voided": suite_of(wrong, STRICT, advised, run_id="tr-77d1"),
        # A bound on entities in a suite without any.
        "no_data": suite_of(bank, {"min_f1": "0.95", "min_entity_match": "0.8"}),
        "advisory": small_talk,
        "timeout": timeout(),
        "denied": denied(),
        # Every check passed, on a run that failed in part.
        "partial": suite_of(bank_cases(), {"min_f1": "0.95"}, partial=True),
        # The same, tolerated by name; the platform writes the id of the run in another way.
        "tolerated": suite_of(
            bank_cases(), {"min_f1": "0.95"}, subject(source=Source.ATTACHED), partial=True,
            tolerate=[FindingKind.PARTIAL], run_id="5f6b0c4e",
        ),
        # The counts of the reply are good, but the results file is unreadable.
        "without_file": suite_of(None, {"min_f1": "0.95"}),
        "files": suite_of(
            numbered(good_cases()[:12]), {"min_f1": "1"},
            subject("smoke", suite="Banking smoke", source=Source.FILES, bot_id=None),
        ),
        "interrupted": Unjudged(subject(seconds=4.0), INTERRUPTED),
        "regressed_advisory": regressed(advisory=True),
        # Whether the drop is beyond chance depends on one utterance that the earlier run did not evaluate.
        "unsettled": compared(wrong, before(with_lost(earlier_cases(), 5)), **drop),
        # Some utterances of both runs were not evaluated, so that it is open whether anything got worse.
        "half_measured": compared(
            with_lost(bank_cases(), 1, 2, 8), before(with_lost(bank, 2, 3)), Rules(demands_all=False),
            max_f1_drop="0.01", max_new_failures="0",
        ),
        "improved": compared(bank, before(bank_cases(wrong=5)), **drop),
        "within_chance": compared(bank_cases(wrong=3), before(bank), **drop),
        "not_comparable": compared(bank, before(bank_cases(), origin=Origin(bot_id="st-other")), min_f1="0.8", **drop),
        "first_week": compared(bank, MissingBaseline("baseline/report.json"), min_f1="0.8", **drop),
    }  # fmt: skip
    return {
        "passed": report(passed(), replay=REPLAY),
        "failed": report(failed(), replay=REPLAY),
        **{name: report(suite) for name, suite in suites.items()},
        "several": report(passed(), failed(label="Banking full"), small_talk, timeout()),
        "usage": report(error=usage),
        "regressed": report(regressed(), replay=REPLAY),
        "sharing": report(sharing(), replay=REPLAY),
        "unreported": report(passed(), error=Unreported("summary.md could not be written: the disk is full")),
    }


def as_text(gate: GateReport, *, color: bool = False) -> str:
    return "".join(text.render(gate, color=color))


def as_markdown(gate: GateReport) -> str:
    return "".join(markdown.render(gate))


def json_text(gate: GateReport) -> str:
    return "".join(json_.render(gate))


def as_json(gate: GateReport) -> Any:
    return json.loads(json_text(gate))
