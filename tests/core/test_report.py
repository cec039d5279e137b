"""The report of one suite and of all suites."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.checks.check import Check
from ci_gate.core.checks.scores import judge
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.report import GateReport, Judged, Judgement, Source, Subject, SuiteReport, Unjudged, conclude
from ci_gate.core.rules import Rules
from ci_gate.core.verdict import Verdict
from ci_gate.errors import (
    DeadlinePassed,
    Denied,
    ExitCode,
    GateError,
    Inconclusive,
    InternalError,
    Interrupted,
    PlatformError,
    Unreported,
    UsageError,
)
from tests.core.builders import evidence, threshold, whole

if TYPE_CHECKING:
    from ci_gate.core.counts import Counts
    from ci_gate.core.evidence.weigh import Evidence
    from ci_gate.core.thresholds import Threshold

SUBJECT = Subject(label="smoke", suite="Smoke", source=Source.RUN)
ADVISORY = replace(SUBJECT, advisory=True)
SOUND = evidence(whole(tp=30, tn=5, fp=3, fn=2))
PARTIAL = Finding(FindingKind.PARTIAL, "the run is partial")
MISMATCH = Finding(FindingKind.COUNT_MISMATCH, "the counts do not add up")
WRONG = Finding(FindingKind.WRONG_RUN, "the run is another")
LOST = Finding(FindingKind.NOT_EVALUATED, "1 of 40 was not evaluated")
NOTHING = Finding(FindingKind.NOTHING_MEASURED, "nothing was evaluated")
OTHER = Finding(FindingKind.NOT_COMPARABLE, "the baseline is of another suite")
UNRULED = Finding(FindingKind.NO_RULE, "none of the rules is about anything here")
SMALL = Finding(FindingKind.SMALL_SUITE, "the suite is small")
ONLY_NEGATIVE = evidence(whole(tn=40))


def assess(f1: str, *findings: Finding) -> Judgement:
    """Judge ``min_f1`` on sound evidence with these findings."""
    found = replace(SOUND, findings=findings)
    return Judgement(found, judge_all(found, threshold("min_f1", f1)))


def judge_all(found: Evidence, *thresholds: Threshold) -> tuple[Check, ...]:
    return tuple(one for one in judge(found, Rules(thresholds=thresholds)) if isinstance(one, Check))


PASSING, FAILING = assess("0.9"), assess("0.95")


def gate(*suites: SuiteReport, error: GateError | None = None) -> GateReport:
    at = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)
    return GateReport(suites=suites, started=at, finished=at, error=error)


def test_a_suite_passes_or_fails_by_its_thresholds() -> None:
    passed, failed = conclude(SUBJECT, PASSING), conclude(SUBJECT, FAILING)
    assert (passed, passed.exit_code) == (Judged(SUBJECT, PASSING, Verdict.PASSED), ExitCode.PASSED)
    assert (failed, failed.exit_code) == (Judged(SUBJECT, FAILING, Verdict.FAILED), ExitCode.FAILED)


def test_suite_that_failed_on_doubtful_evidence_failed_all_the_same() -> None:
    assert conclude(SUBJECT, assess("0.95", PARTIAL)).verdict is Verdict.FAILED


@pytest.mark.parametrize("f1", ["0.9", "0.95"])
def test_suite_of_which_there_is_no_evidence_neither_passed_nor_failed(f1: str) -> None:
    report = conclude(ADVISORY, assess(f1, WRONG))
    assert (report.verdict, report.exit_code) == (Verdict.UNJUDGED, ExitCode.INCONCLUSIVE)
    tolerated = conclude(SUBJECT, assess(f1, replace(WRONG, tolerated=True)))
    assert tolerated.verdict is (Verdict.PASSED if f1 == "0.9" else Verdict.FAILED)


RERUN = "run the suite again; to judge such evidence anyway: "
BASELINE = "name a baseline that is a whole run of this suite, by this bot, engine and language"
RULES = "set a threshold for this suite, like min_f1, or leave the suite out"
CONSOLE = "look at the run in the platform's console, then run the suite again"


def test_a_file_that_was_not_understood_is_to_be_used_as_it_was_downloaded() -> None:
    unreadable = assess("0.9", Finding(FindingKind.NO_FILE, "row 7 is not understood"))
    found, downloaded = (conclude(replace(SUBJECT, source=source), unreadable) for source in (Source.FILES, Source.RUN))
    assert isinstance(found, Unjudged)
    assert isinstance(downloaded, Unjudged)
    start = "use the results file as it was downloaded, or judge the files of another run; "
    assert found.error.hint == f"{start}to judge such evidence anyway: --tolerate no-file"
    assert downloaded.error.hint == f"{RERUN}--tolerate no-file"


@pytest.mark.parametrize(("findings", "message", "hint"), [
    ([PARTIAL], "the run is partial", RERUN + "--tolerate partial"),
    ([PARTIAL, SMALL, MISMATCH], "the run is partial (and 1 more)",
     RERUN + "--tolerate partial --tolerate count-mismatch"),
    ([MISMATCH, MISMATCH], "the counts do not add up (and 1 more)", RERUN + "--tolerate count-mismatch"),
    ([replace(PARTIAL, tolerated=True), MISMATCH], "the counts do not add up", RERUN + "--tolerate count-mismatch"),
    ([WRONG], "the run is another", RERUN + "--tolerate wrong-run"),
    ([PARTIAL, WRONG, MISMATCH], "the run is another (and 2 more)",
     RERUN + "--tolerate partial --tolerate count-mismatch --tolerate wrong-run"),
    ([PARTIAL, NOTHING], "nothing was evaluated (and 1 more)", CONSOLE),
    ([LOST], "1 of 40 was not evaluated", RERUN + "--max-failed-utterances 0"),
    ([OTHER, LOST], "the baseline is of another suite (and 1 more)", BASELINE),
    ([UNRULED], "none of the rules is about anything here", RULES),
])  # fmt: skip
def test_doubtful_evidence_is_inconclusive_with_a_hint(findings: list[Finding], message: str, hint: str) -> None:
    judgement = assess("0.9", *findings)
    report = conclude(SUBJECT, judgement)
    assert isinstance(report, Unjudged)
    assert isinstance(report.error, Inconclusive)
    assert (report.error.message, report.error.hint) == (message, hint)
    assert (report.verdict, report.exit_code) == (Verdict.UNJUDGED, ExitCode.INCONCLUSIVE)
    assert report.judgement is judgement
    of_files = conclude(replace(SUBJECT, source=Source.FILES), judgement)
    assert isinstance(of_files, Unjudged)
    assert of_files.error.hint == hint.replace("run the suite again", "judge the files of another run")


@pytest.mark.parametrize(
    ("counts", "write"),
    [(whole(tp=57, failed=3), "3"), (replace(whole(tp=57), utterances=None, failed_utterances=None), "off")],
)
def test_the_hint_lists_every_setting_that_would_allow_a_verdict(counts: Counts, write: str) -> None:
    found = replace(evidence(counts), findings=(LOST, PARTIAL))
    report = conclude(SUBJECT, Judgement(found, judge_all(found, threshold("min_f1", "0.9"))))
    assert isinstance(report, Unjudged)
    assert report.error.hint == f"{RERUN}--tolerate partial --max-failed-utterances {write}"


def test_metric_without_data_ends_inconclusive_and_the_hint_is_to_take_its_threshold_off() -> None:
    thresholds = [threshold("min_precision", "0.9"), threshold("min_recall", "0.9"), threshold("min_accuracy", "1")]
    report = conclude(SUBJECT, Judgement(ONLY_NEGATIVE, judge_all(ONLY_NEGATIVE, *thresholds)))
    assert isinstance(report, Unjudged)
    assert report.error.message.startswith("precision >= 0.90: no data (")
    assert report.error.message.endswith(" (and 1 more)")
    assert report.error.hint == (
        'switch the threshold off for this suite ("off"), or add utterances that the threshold can measure'
    )


@pytest.mark.parametrize(("subject", "judgement", "excused"), [
    (ADVISORY, FAILING, True),                  (SUBJECT, FAILING, False),
    (ADVISORY, PASSING, False),                 (ADVISORY, assess("0.95", SMALL), True),
    (ADVISORY, assess("0.95", PARTIAL), False),
], ids=["advisory and failed", "not advisory", "passed", "a warning", "doubtful"])  # fmt: skip
def test_an_advisory_failure_is_excused(subject: Subject, judgement: Judgement, excused: bool) -> None:
    report = conclude(subject, judgement)
    assert isinstance(report, Judged)
    assert report.excused is excused
    assert gate(report).excused is excused
    assert (report.exit_code is ExitCode.FAILED) is (report.verdict is Verdict.FAILED and not excused)


def test_advisory_does_not_excuse_what_the_platform_did_not_evaluate() -> None:
    found = evidence(whole(tp=57, failed=3))
    report = conclude(ADVISORY, Judgement(found, judge_all(found, threshold("max_failed_utterances", "0"))))
    assert isinstance(report, Judged)
    assert (report.excused, report.exit_code) == (False, ExitCode.FAILED)


def test_advisory_does_not_excuse_a_suite_that_could_not_be_judged() -> None:
    report = conclude(ADVISORY, assess("0.9", PARTIAL))
    assert report.exit_code is ExitCode.INCONCLUSIVE
    assert not gate(report).excused


PASSED, FAILED = conclude(SUBJECT, PASSING), conclude(SUBJECT, FAILING)
EXCUSED = conclude(ADVISORY, FAILING)
ENDINGS: tuple[GateError, ...] = (
    Interrupted("stopped", signum=2), InternalError("a bug"),     UsageError("no such suite"),
    PlatformError("no answer"),       DeadlinePassed("too late"), Inconclusive("no file"),
    Denied("refused"),
)  # fmt: skip
BY_PRECEDENCE: tuple[SuiteReport, ...] = (*(Unjudged(SUBJECT, error) for error in ENDINGS), FAILED, PASSED)


@pytest.mark.parametrize("worse", range(len(BY_PRECEDENCE)))
def test_gate_ends_as_its_worst_suite_in_either_order(worse: int) -> None:
    for other in range(worse, len(BY_PRECEDENCE)):
        pair = BY_PRECEDENCE[worse], BY_PRECEDENCE[other]
        assert gate(*pair).exit_code == gate(*reversed(pair)).exit_code == pair[0].exit_code


@pytest.mark.parametrize(("suites", "code", "verdict"), [
    ([PASSED, PASSED], ExitCode.PASSED, Verdict.PASSED),
    ([PASSED, FAILED], ExitCode.FAILED, Verdict.FAILED),
    ([PASSED, EXCUSED], ExitCode.PASSED, Verdict.PASSED),
    ([EXCUSED, FAILED], ExitCode.FAILED, Verdict.FAILED),
    ([FAILED, Unjudged(SUBJECT, Inconclusive("no file"))], ExitCode.INCONCLUSIVE, Verdict.UNJUDGED),
    ([EXCUSED, Unjudged(SUBJECT, Denied("refused"))], ExitCode.DENIED, Verdict.UNJUDGED),
])  # fmt: skip
def test_the_gates_verdict_fits_its_exit_code(suites: list[SuiteReport], code: ExitCode, verdict: Verdict) -> None:
    report = gate(*suites)
    assert (report.exit_code, report.verdict) == (code, verdict)


@pytest.mark.parametrize("error", [*ENDINGS, Interrupted("stopped", signum=15)], ids=lambda error: error.kind)
def test_ending_that_belongs_to_no_suite_counts_like_one(error: GateError) -> None:
    for suites in ((), (PASSED,), (FAILED,)):
        report = gate(*suites, error=error)
        assert (report.exit_code, report.verdict) == (error.code, Verdict.UNJUDGED)


def test_report_that_could_not_be_written_takes_a_pass_away_but_hides_nothing_graver() -> None:
    unwritten = Unreported("the folder is full")
    assert gate(PASSED, error=unwritten).exit_code is ExitCode.UNREPORTED
    assert gate(PASSED, error=unwritten).verdict is Verdict.UNJUDGED
    assert gate(Unjudged(SUBJECT, Denied("refused")), error=unwritten).exit_code is ExitCode.DENIED


def test_gate_without_a_single_suite_does_not_pass() -> None:
    assert gate().verdict is not Verdict.PASSED
