"""The possible readings of a results file, and the verdict if there are several."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.assess import assess
from ci_gate.core.counts import Counts
from ci_gate.core.evidence.readings import possible_readings
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Reported, ResultsFile, ResultType
from ci_gate.core.report import Source, Subject, Unjudged
from ci_gate.core.rules import Rules
from ci_gate.core.verdict import Verdict
from ci_gate.errors import ExitCode
from ci_gate.kore.results_csv import parse
from tests.core.builders import case, cases, threshold, whole

if TYPE_CHECKING:
    from ci_gate.core.report import SuiteReport
    from ci_gate.core.thresholds import Threshold

MERGED = (*cases(tp=29), case(ResultType.FN, entities=2, row=30))
BY_ROW = (*MERGED[:-1], case(ResultType.FN, entities=1, row=30), case(ResultType.FN, entities=1, row=31))
FILE = ResultsFile(raw=b"", reported=Reported(), utterances=MERGED, row_by_row=BY_ROW)
DOCUMENTED, OTHER = FILE, replace(FILE, utterances=BY_ROW)


def above(utterances: int | None, **scores: str) -> ResultsFile:
    """Return the file with this number of utterances and these scores in its top block."""
    told = {Metric(name): text for name, text in scores.items()}
    return replace(FILE, reported=Reported(counts=Counts(utterances=utterances), scores=told))


def reply(counts: Counts, **scores: str) -> Reported:
    return Reported(counts=counts, scores={Metric(name): text for name, text in scores.items()})


def test_a_file_without_similar_adjacent_rows_has_one_reading() -> None:
    only = replace(FILE, row_by_row=None)
    assert possible_readings(only, reply(whole(tp=500))) == (only,)


F1_OF_30, F1_OF_31 = "0.98", "0.97"
READINGS: dict[str, tuple[ResultsFile, Reported | None, tuple[bool, bool]]] = {
    "no numbers at all": (above(None), None, (True, True)),
    "as many utterances as cases": (above(30), None, (True, False)),
    "as many utterances as rows": (above(31), None, (True, True)),
    "fewer utterances than either": (above(29), None, (True, False)),
    "as many utterances as cases, by the reply": (above(31), reply(Counts(utterances=30)), (True, False)),
    "as many utterances as rows, by the reply": (above(30), reply(Counts(utterances=31)), (True, True)),
    "the reply does not say how many": (above(30), reply(Counts()), (True, False)),
    "types of the cases": (above(None), reply(whole(tp=29, fn=1)), (True, False)),
    "types of the rows": (above(None), reply(whole(tp=29, fn=2)), (False, True)),
    "types of neither": (above(None), reply(whole(tp=30, fn=2)), (True, False)),
    "not all types": (above(31), reply(Counts(utterances=31, tp=29, tn=0, fp=0)), (True, True)),
    "score of the rows": (above(31, f1=F1_OF_31), None, (True, True)),
    "score of neither": (above(31, f1="0.50"), None, (True, False)),
    "score of the cases": (above(30, f1=F1_OF_30), None, (True, False)),
    "score that is none": (above(31, f1="n/a"), None, (True, True)),
    "score of the reply first": (above(31, f1="0.50"), reply(Counts(utterances=31), f1=F1_OF_31), (True, True)),
    "score of the reply alone": (above(31), reply(Counts(utterances=31), recall="0.50"), (True, False)),
    "score above where the reply has none": (above(31, f1="0.50"), reply(Counts(utterances=31)), (True, False)),
    "score of a suite of another size": (above(32, f1="0.50"), None, (True, True)),
}
"""File, reply, and whether they allow the documented reading and the reading row by row."""


@pytest.mark.parametrize(("file", "told", "allowed"), READINGS.values(), ids=READINGS)
def test_a_reading_must_fit_the_counts(file: ResultsFile, told: Reported | None, allowed: tuple[bool, bool]) -> None:
    both = (file, replace(file, utterances=BY_ROW))
    found = possible_readings(file, told)
    assert found == tuple(reading for reading, is_possible in zip(both, allowed, strict=True) if is_possible)


def test_an_undefined_score_reads_as_the_platform_prints_it() -> None:
    merged, by_row = cases(tn=3), cases(tn=4)
    file = replace(above(4, f1="0.00", precision="0.00"), utterances=merged, row_by_row=by_row)
    assert len(possible_readings(file, None)) == 2
    assert len(possible_readings(replace(file, reported=replace(file.reported, scores={Metric.F1: "1.00"})), None)) == 1


COLUMNS = "Utterance,ExpectedIntent,MatchedIntent,ResultType,Entity Name,Expected EntityValue,Entity Result"
ONE = ("say it,Pay,pay,TP,City,Rome,True", "say it,Pay,pay,TP,Day,Monday,True")
WRONG = ("say it,Pay,,FN,City,Rome,False", "say it,Pay,,FN,Day,Monday,False")


def judged(
    size: int,
    *doubled: tuple[str, ...],
    plain: int,
    rules: tuple[Threshold, ...] = (threshold("min_accuracy", "1"), threshold("max_mismatches", "0")),
    tolerate: frozenset[FindingKind] = frozenset(),
) -> SuiteReport:
    """Judge a file with ``plain`` single rows and the given pairs of adjacent rows."""
    lines = [f"Utterance count:,{size}", COLUMNS]
    for number, rows in enumerate(doubled):
        lines += [row.replace("say it", f"say {number}") for row in rows]
    lines += [f"tell {number},Pay,pay,TP,,," for number in range(plain)]
    file = parse("\n".join(lines).encode())
    assert isinstance(file, ResultsFile)
    return assess(
        Subject(label="any", suite="any", source=Source.FILES),
        status=None,
        results=file,
        rules=Rules(thresholds=rules, tolerate=tolerate),
        expectation=Expectation(),
        today=date(2026, 1, 1),
        hash_utterances=False,
    ).report


def test_utterances_with_two_rows_of_entities_count_once() -> None:
    assert judged(30, ONE, ONE, plain=28).verdict is Verdict.PASSED
    assert judged(30, ONE, WRONG, plain=28).verdict is Verdict.FAILED


@pytest.mark.parametrize("tolerate", [frozenset(), frozenset({FindingKind.NO_FILE})], ids=["strict", "tolerant"])
def test_a_file_that_may_lack_rows_is_ambiguous(tolerate: frozenset[FindingKind]) -> None:
    report = judged(30, ONE, ONE, plain=26, tolerate=tolerate)
    assert isinstance(report, Unjudged)
    assert report.exit_code is ExitCode.INCONCLUSIVE
    assert report.error.message == (
        "the results file can be read as 28 or 30 utterances, since adjacent rows say the same and name other "
        "entities, and the verdict depends on which reading is right"
    )
    hint = "judge the file with a status reply that counts TP, TN, FP and FN, or judge the files of another run"
    assert report.error.hint == hint
    assert report.judgement is not None
    blocking = [finding for finding in report.judgement.evidence.findings if finding.blocks]
    assert blocking[-1].message == report.error.message


def test_a_file_whose_readings_agree_is_judged() -> None:
    report = judged(30, ONE, WRONG, plain=26, tolerate=frozenset({FindingKind.NO_FILE}))
    assert report.verdict is Verdict.FAILED
    assert report.judgement is not None
    assert len(report.judgement.evidence.utterances or ()) == 28


def test_rows_that_name_the_same_entity_are_copies_in_every_reading() -> None:
    twice = (ONE[0], ONE[0])
    assert judged(30, twice, twice, plain=26).verdict is Verdict.PASSED
    assert judged(28, twice, twice, plain=26).verdict is Verdict.UNJUDGED
