"""Assessing a run: its origin, hidden utterances, and the files that are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.core.assess import SuiteOutcome, assess, baseline_of
from ci_gate.core.comparison.baseline import Baseline, Flaw, MissingBaseline, Origin
from ci_gate.core.counts import Counts
from ci_gate.core.duplicates import collapsed
from ci_gate.core.evidence.weigh import weigh
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.model import Reported, ResultsFile, ResultType, RunState, RunStatus, UnreadableFile
from ci_gate.core.names import hashed
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import Source, Subject
from ci_gate.core.rules import Forbidden, Rules
from ci_gate.core.thresholds import BASELINE_DEFAULTS
from ci_gate.core.verdict import Verdict
from ci_gate.core.waivers import Waiver
from tests.core.builders import MISSING, said, status, threshold, whole

if TYPE_CHECKING:
    from dataclasses import Field

    from ci_gate.core.evidence.weigh import Evidence
    from ci_gate.core.model import Utterance

TODAY = date(2026, 6, 30)
RAW = b"the platform's own bytes"
CASES = (*(said(f"say {row}", row=row) for row in range(1, 40)), said("my card is gone", ResultType.FP, row=40))
BEFORE = (*CASES[:-1], said("my card is gone", row=40))
RULES = Rules(
    thresholds=(threshold("min_f1", "0.9"), *BASELINE_DEFAULTS.values()),
    must_pass=("my  card is gone",),
    forbidden=(Forbidden("Rent Bike", "another"),),
    waivers=(Waiver(utterance="my card is gone", reason="rework", owner="Ines", expires=TODAY),),
)


def found(
    *,
    results: ResultsFile | UnreadableFile | None = None,
    subject: Subject | None = None,
    with_status: bool = True,
    rules: Rules = RULES,
    baseline: Baseline | MissingBaseline | None = None,
    hide: bool = False,
) -> SuiteOutcome:
    """Assess a run of forty utterances, the last of which fails."""
    reply = RunStatus(
        state=RunState.COMPLETED, word="completed", reported=status(whole(tp=39, fp=1)), document='{"a": 1}'
    )
    return assess(
        subject or Subject(label="s", suite="Smoke", source=Source.RUN, bot_id="st-1"),
        status=reply if with_status else None,
        results=results
        or ResultsFile(raw=RAW, reported=Reported(suite="Smoke test", counts=whole()), utterances=CASES),
        rules=rules,
        expectation=Expectation(),
        today=TODAY,
        baseline=baseline,
        hash_utterances=hide,
    )


def earlier(**origin: Any) -> Baseline:
    return Baseline(name="b.json", origin=Origin(**origin), utterances=collapsed(BEFORE))


def obstacles(assessed: SuiteOutcome) -> list[str]:
    assert assessed.report.judgement
    findings = assessed.report.judgement.evidence.findings
    return [one.message for one in findings if one.kind is FindingKind.NOT_COMPARABLE]


def test_the_files_that_replay_a_run_are_kept_as_they_came() -> None:
    assessed = found()
    assert (assessed.results, assessed.status_document, assessed.is_base) == (RAW, '{"a": 1}', False)
    assert not assessed.report.subject.hidden
    assert found(with_status=False).status_document is None


def test_the_results_file_of_a_hidden_run_is_not_kept() -> None:
    assessed = found(hide=True)
    assert (assessed.results, assessed.status_document) == (None, '{"a": 1}')
    assert assessed.report.subject.hidden


def test_an_unreadable_file_is_kept_and_never_passes() -> None:
    torn = UnreadableFile(problem="the results file is torn", raw=RAW)
    assert found(results=torn).results == RAW
    for hide in (False, True):
        assert found(results=torn, hide=hide).report.verdict is Verdict.UNJUDGED
    assert found(results=MISSING).results is None


def test_printing_an_assessment_shows_no_utterance() -> None:
    fields: dict[str, Field[object]] = SuiteOutcome.__dataclass_fields__
    assert not fields["results"].repr
    assert "own bytes" not in repr(found())


@pytest.mark.parametrize("baseline", [None, earlier(), MissingBaseline("b.json")], ids=["none", "earlier", "missing"])
def test_hiding_changes_neither_the_verdict_nor_any_outcome(baseline: Baseline | MissingBaseline | None) -> None:
    shown, hashed = found(baseline=baseline).report, found(baseline=baseline, hide=True).report
    assert shown.judgement
    assert hashed.judgement
    assert (shown.verdict, shown.exit_code) == (hashed.verdict, hashed.exit_code)
    assert [(check.name, check.outcome, check.actual) for check in shown.judgement.checks] == [
        (check.name, check.outcome, check.actual) for check in hashed.judgement.checks
    ]


def test_hashes_replace_utterances_in_run_rules_and_baseline() -> None:
    judgement = found(baseline=earlier(), hide=True).report.judgement
    assert judgement
    assert "card" not in repr(judgement)
    assert judgement.comparison
    (pair,) = judgement.comparison.newly_failing
    assert pair.was.text == pair.now.text == hashed("my card is gone")
    assert judgement.rules.must_pass == (hashed("my card is gone"),)


def test_rules_apply_to_hidden_utterances() -> None:
    (bare,) = (found(rules=Rules(must_pass=("my card is gone",)), hide=True).report,)
    assert bare.judgement
    assert [(check.outcome, check.message) for check in bare.judgement.checks] == [
        (Outcome.FAILED, f"1 of 1 must-pass utterances fails: '{hashed('my card is gone')}'")
    ]


UNLESS_RENAMED = '; if it is the same bot under another name, tolerate = ["other-bot"]'


@pytest.mark.parametrize(("origin", "message"), [
    ({"suite": "Other"}, "the baseline is of suite 'Other', not of 'Smoke'"),
    ({"report": "Other test"}, f"the baseline is of report 'Other test', not of 'Smoke test'{UNLESS_RENAMED}"),
    ({"bot_id": "st-2"}, "the baseline is of bot 'st-2', not of 'st-1'"),
    ({"language": "de"}, "the baseline is of language 'de', not of 'en'"),
    ({"engine": "dgpt"}, "the baseline is of engine 'dgpt', not of the platform's choice"),
])  # fmt: skip
def test_a_baseline_of_another_origin_is_not_compared(origin: dict[str, str], message: str) -> None:
    assessed = found(baseline=earlier(**origin))
    assert obstacles(assessed) == [message]
    assert assessed.report.verdict is Verdict.UNJUDGED


def test_the_requested_engine_is_that_of_the_run() -> None:
    subject = Subject(label="s", suite="Smoke", source=Source.RUN, engine="dgpt")
    assert obstacles(found(subject=subject, baseline=earlier(engine="DGPT"))) == []
    (message,) = obstacles(found(subject=subject, baseline=earlier(engine="regression")))
    assert message == "the baseline is of engine 'regression', not of 'dgpt'"


def test_the_engine_of_files_is_unknown() -> None:
    subject = Subject(label="s", suite="Smoke", source=Source.FILES)
    assert obstacles(found(subject=subject, baseline=earlier(engine="dgpt"))) == []


def test_another_version_of_the_bot_is_comparable() -> None:
    baseline = Baseline(
        name="b.json", origin=Origin(), utterances=collapsed(BEFORE), bot_version="published", finished="2020-01-01"
    )
    assert obstacles(found(baseline=baseline)) == []


def weighed(reported: Reported, utterances: tuple[Utterance, ...], *tolerate: FindingKind) -> Evidence:
    results = ResultsFile(raw=b"", reported=reported, utterances=utterances)
    return weigh(None, results, expectation=Expectation(), tolerate=frozenset(tolerate))


def test_a_judged_run_is_a_baseline_of_the_next() -> None:
    counts = Counts(utterances=40)
    reported = Reported(suite="Smoke test", bot_name="Bank", bot_version="published", language="en", counts=counts)
    subject = Subject(label="s", suite="Smoke", source=Source.RUN, bot_id="st-1", run_id="tr-1")
    origin = Origin(suite="Smoke", report="Smoke test", bot_id="st-1", bot_name="Bank", engine="", language="en")
    origin = replace(origin, run_ids=("tr-1",))
    assert baseline_of(subject, weighed(reported, CASES), "b") == Baseline(
        name="b", origin=origin, utterances=collapsed(CASES), run_id="tr-1", bot_version="published"
    )


def test_an_unsound_run_is_no_baseline_for_its_first_finding() -> None:
    subject, reported = Subject(label="s", suite="Smoke", source=Source.RUN), Reported(counts=Counts(utterances=41))
    flaw = baseline_of(subject, weighed(reported, CASES), "b")
    assert isinstance(flaw, Flaw)
    assert flaw.short == "the results file holds 40 of 41 utterances: download it again"
    tolerated = baseline_of(subject, weighed(reported, CASES, FindingKind.NO_FILE), "b")
    assert isinstance(tolerated, Flaw)
    assert tolerated.short == "no-file"
