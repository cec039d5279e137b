"""Which source each count is taken from, and what the counts leave open."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.counts import Counts
from ci_gate.core.evidence.believed import believed_counts, unevaluated_in
from ci_gate.core.evidence.unevaluated import Unevaluated
from ci_gate.core.evidence.weigh import weigh
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.metrics import SCORES, Metric
from ci_gate.core.model import Reported, ResultType, Utterance
from ci_gate.core.tally import tally
from tests.core.builders import case, cases, results, whole

if TYPE_CHECKING:
    from ci_gate.core.model import ResultsFile

ROWS = cases(tp=30, tn=5, fp=3, fn=2)
FORTY = Counts(utterances=40)
SILENT = Counts()
UNSAID = replace(whole(tp=38), utterances=40, failed_utterances=None)


def believed(
    said: Counts, rows: tuple[Utterance, ...] | None = None, top: Counts | None = None, *, alone: bool = False
) -> Counts:
    blank = sum(utterance.result_type is ResultType.NOT_EVALUATED for utterance in rows or ())
    tallied = None if rows is None else tally(rows)
    return believed_counts(said, None if top is None else Reported(counts=top), tallied, blank, alone=alone)


@pytest.mark.parametrize(("said", "top", "alone", "utterances"), [
    (FORTY, Counts(utterances=50), False, 40),
    (Counts(utterances=40, success=9, failure=9), SILENT, False, 40),
    (Counts(success=33, failure=8), Counts(utterances=50), False, 41),
    (Counts(success=33), Counts(utterances=50), False, 50),
    (Counts(failure=33), Counts(utterances=50), False, 50),
    (SILENT, Counts(utterances=50), False, 50),
    (SILENT, SILENT, False, None),
    (SILENT, SILENT, True, 40),
    (Counts(utterances=41), SILENT, True, 41),
],
    ids=["the reply", "the reply, though its halves make less", "both halves", "one half and the top block",
         "the other half and the top block", "the top block", "no source",
         "the rows of a file alone", "the top block of a file alone"],
)  # fmt: skip
def test_the_best_source_gives_the_size(said: Counts, top: Counts, alone: bool, utterances: int | None) -> None:
    assert believed(said, ROWS, top, alone=alone).utterances == utterances


@pytest.mark.parametrize(("said", "rows", "confusion"), [
    (whole(tp=40), ROWS, (40, 0, 0, 0)), (replace(whole(tp=40), fn=None), ROWS, (30, 5, 3, 2)),
    (FORTY, ROWS, (30, 5, 3, 2)),        (Counts(utterances=41), ROWS, (30, 5, 3, 2)),
    (Counts(utterances=39), ROWS, None), (SILENT, ROWS, None),
    (FORTY, None, None),                 (FORTY, (), (0, 0, 0, 0)),
],
    ids=["the reply", "not all in the reply", "the rows", "too few rows", "too many rows", "no size", "no file",
        "none"])  # fmt: skip
def test_types_come_from_a_complete_reply_or_from_fitting_rows(
    said: Counts, rows: tuple[Utterance, ...] | None, confusion: tuple[int, int, int, int] | None
) -> None:
    assert believed(said, rows).confusion == confusion


WITH_ENTITIES = (*cases(tp=39), case(entities=3, matched_entities=2, row=40))
FROM_FILE = (3, 2)


@pytest.mark.parametrize(("said", "top", "rows", "entities"), [
    (Counts(entities=9, matched_entities=8), Counts(entities=7, matched_entities=6), WITH_ENTITIES, (9, 8)),
    (Counts(entities=9), Counts(entities=7, matched_entities=6), WITH_ENTITIES, (7, 6)),
    (Counts(matched_entities=9), Counts(entities=7, matched_entities=6), WITH_ENTITIES, (7, 6)),
    (SILENT, Counts(entities=7), WITH_ENTITIES, FROM_FILE),
    (SILENT, Counts(matched_entities=7), WITH_ENTITIES, FROM_FILE),
    (SILENT, None, WITH_ENTITIES, FROM_FILE),
    (SILENT, None, WITH_ENTITIES[1:], (None, None)),
    (Counts(entities=9), None, None, (9, None)),
],
    ids=["the reply", "its total", "its matched", "total above", "matched above", "the rows", "too few rows",
        "no file"])  # fmt: skip
def test_entities_come_from_the_first_source_with_both_numbers(
    said: Counts, top: Counts | None, rows: tuple[Utterance, ...] | None, entities: tuple[int | None, int | None]
) -> None:
    found = believed(replace(said, utterances=40), rows, top)
    assert (found.entities, found.matched_entities) == entities


@pytest.mark.parametrize(("said", "rows", "alone", "failed"), [
    (whole(tp=38, failed=2), None, False, 2),
    (UNSAID, None, False, 2),
    (UNSAID, cases(tp=40), False, 2),
    (replace(UNSAID, tp=40), None, False, 0),
    (replace(UNSAID, utterances=37), None, False, None),
    (replace(UNSAID, utterances=None), None, False, None),
    (FORTY, None, False, None),                      (FORTY, cases(tp=38, unknown=2), False, 2),
    (FORTY, cases(tp=38, unknown=2), True, 0),       (FORTY, cases(tp=37, unknown=2, not_evaluated=1), True, 1),
    (FORTY, cases(tp=40), True, 0),                  (FORTY, cases(tp=37), True, 3),
    (FORTY, cases(tp=37, not_evaluated=3), True, 3), (FORTY, cases(tp=37, not_evaluated=2), True, 3),
    (FORTY, (), True, 40),                           (FORTY, cases(tp=41), True, None),
    (FORTY, None, True, None),                       (SILENT, cases(tp=40), True, 0),
    (SILENT, cases(tp=38, not_evaluated=2), True, 2),
])  # fmt: skip
def test_failed_utterances_are_reported_or_derived(
    said: Counts, rows: tuple[Utterance, ...] | None, alone: bool, failed: int | None
) -> None:
    assert believed(said, rows, alone=alone).failed_utterances == failed


TWO_BLANK = (
    *cases(tp=38),
    case(ResultType.NOT_EVALUATED, entities=2, row=39),
    case(ResultType.NOT_EVALUATED, expected=(), entities=1, matched_entities=1, row=40),
)


@pytest.mark.parametrize(("counts", "rows", "size", "unknown"), [
    (whole(tp=40), cases(tp=40), 40, Unevaluated()),
    (whole(tp=38, failed=2), TWO_BLANK, 40, Unevaluated(expecting=1, expecting_none=1, entities=2)),
    (replace(whole(tp=38, failed=2), failed_entities=5), TWO_BLANK, 40,
     Unevaluated(expecting=1, expecting_none=1, entities=5)),
    (whole(tp=37, failed=3), TWO_BLANK, 40, Unevaluated(expecting=1, expecting_none=1, unsure=1, entities=None)),
    (whole(tp=39, failed=1), TWO_BLANK, 40, Unevaluated(unsure=1, entities=None)),
    (whole(tp=40), TWO_BLANK, 40, Unevaluated(entities=2)),
    (whole(tp=38, failed=2), None, 40, Unevaluated(unsure=2, entities=None)),
    (whole(tp=40), cases(tp=40), 43, Unevaluated(unsure=3, entities=None)),
    (replace(whole(tp=38), failed_utterances=None), None, 40, Unevaluated(unsure=2, entities=None)),
    (replace(whole(tp=38), utterances=40, failed_utterances=0), None, 40, Unevaluated(unsure=2, entities=None)),
    (Counts(utterances=40, failed_utterances=2), None, 40, Unevaluated(unsure=2, entities=None)),
    (Counts(utterances=40, failed_utterances=2), None, 43, Unevaluated(unsure=5, entities=None)),
    (Counts(failed_utterances=2), None, 43, Unevaluated(unsure=2, entities=None)),
    (SILENT, None, 0, Unevaluated()),
])  # fmt: skip
def test_the_file_tells_what_the_unknown_expects(
    counts: Counts, rows: tuple[Utterance, ...] | None, size: int, unknown: Unevaluated
) -> None:
    assert unevaluated_in(counts, rows, size) == unknown


utterances = st.builds(
    lambda result_type, entities, missed: case(
        result_type,
        expected=() if result_type is ResultType.TN else ("Rent Bike",),
        entities=entities,
        matched_entities=max(0, entities - missed),
    ),
    st.sampled_from([ResultType.TP, ResultType.TN, ResultType.FP, ResultType.FN, ResultType.NOT_EVALUATED]),
    st.integers(0, 2),
    st.integers(0, 1),
)
suites = st.lists(utterances, min_size=1, max_size=12).filter(
    lambda suite: 2 * sum(each.is_evaluated for each in suite) >= len(suite)
)
FIELDS = [field.name for field in fields(Counts)]
silences = st.frozensets(st.sampled_from(FIELDS), max_size=len(FIELDS))


def honest(suite: list[Utterance]) -> Counts:
    """Return the counts that a complete reply has."""
    counts = tally(tuple(suite))
    right = (counts.tp or 0) + (counts.tn or 0)
    return replace(
        counts,
        success=right,
        failure=len(suite) - right,
        failed_utterances=len(suite) - (counts.evaluated or 0),
        failed_entities=0,
    )


def without(counts: Counts, silent: frozenset[str]) -> Counts:
    unsaid: dict[str, Any] = dict.fromkeys(silent)
    return replace(counts, **unsaid)


def file_of(suite: list[Utterance], silent: frozenset[str]) -> ResultsFile:
    """Build a results file whose top block lacks the fields in ``silent``."""
    counts = honest(suite)
    top = Counts(utterances=len(suite), entities=counts.entities, matched_entities=counts.matched_entities)
    return results(suite, Reported(counts=without(top, silent)))


@given(suite=suites, silent=silences, above=silences)
def test_missing_counts_change_no_others(suite: list[Utterance], silent: frozenset[str], above: frozenset[str]) -> None:
    true = honest(suite)
    found = weigh(Reported(counts=without(true, silent)), file_of(suite, above), expectation=Expectation())
    for name in ("utterances", "tp", "tn", "fp", "fn", "failed_utterances", "entities", "matched_entities"):
        assert getattr(found.counts, name) in (None, getattr(true, name))
    assert [finding.message for finding in found.findings if finding.blocks] == []
    knows_size = "utterances" not in silent & above or not {"success", "failure"} & silent
    assert (found.counts.utterances == len(suite)) is knows_size
    if knows_size:
        assert found.counts.confusion == true.confusion
        whole_run = weigh(Reported(counts=true), file_of(suite, frozenset()), expectation=Expectation())
        for metric in SCORES:
            assert found.scores[metric].values == whole_run.scores[metric].values


@given(suite=suites, above=silences)
def test_a_file_alone_is_believed_if_it_states_its_size(suite: list[Utterance], above: frozenset[str]) -> None:
    true = honest(suite)
    found = weigh(None, file_of(suite, above), expectation=Expectation())
    assert found.counts.confusion == true.confusion
    assert found.counts.failed_utterances == true.failed_utterances
    assert not found.is_reported
    blocking = {finding.kind for finding in found.findings if finding.blocks}
    assert blocking == ({FindingKind.COUNT_MISMATCH} if "utterances" in above else set())


def test_accuracy_counts_unevaluated_utterances_as_wrong_at_worst() -> None:
    suite = [*cases(tp=30), *cases(not_evaluated=10)]
    found = weigh(Reported(counts=honest(suite)), file_of(suite, frozenset()), expectation=Expectation())
    score = found.scores[Metric.ACCURACY]
    assert score.exact == score.judged == (score.values.low if score.values else None)
    assert score.values is not None
    assert score.values.high == 1
