"""Whether counts and scores agree with each other, with the results file and with their own parts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.counts import Counts
from ci_gate.core.evidence import sums
from ci_gate.core.evidence.sums import rounded_values, values_of
from ci_gate.core.evidence.twins import TWINS
from ci_gate.core.evidence.weigh import facts_of
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.metrics import Metric, measure
from ci_gate.core.model import Reported, ResultType, Utterance
from ci_gate.core.text.decimals import Range, decimal_text
from tests.core.builders import case, cases, results, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ci_gate.core.evidence.facts import Contradiction, Facts

    Pair = Callable[[Facts], Iterator[Contradiction]]

COUNTS = whole(tp=30, tn=5, fp=3, fn=2)
ROWS = cases(tp=30, tn=5, fp=3, fn=2)
ENTITIES = tuple(replace(each, entities=1, matched_entities=int(each.row > 4)) for each in ROWS)
MATCHED = replace(COUNTS, entities=2, matched_entities=1)
SHARE_OF_TP = "75.00"
FORTY = Counts(utterances=40)
IN_PART = cases(tp=29, tn=5, fp=3, fn=2)


def told(
    counts: Counts | None = COUNTS,
    rows: tuple[Utterance, ...] | None = None,
    *,
    top: Counts = FORTY,
    said: Mapping[Metric, str] | None = None,
    filed: Mapping[Metric, str] | None = None,
    ratio: str | None = None,
    entity_ratio: str | None = None,
    breakdown: Mapping[ResultType, str] | None = None,
    engine: str | None = None,
) -> Facts:
    """Build the facts of a reply, rows and their top block; no counts mean no reply, no rows mean no file."""
    reply = None if counts is None else Reported(counts=counts, scores=said or {})
    top_block = Reported(
        counts=top, scores=filed or {}, success_ratio=ratio, entity_ratio=entity_ratio, breakdown=breakdown or {}
    )
    file = None if rows is None else results(rows, top_block)
    return facts_of(reply, file, Expectation(engine=engine))


def heard(pair: Pair, facts: Facts) -> list[str]:
    """Return the contradictions that a pair finds."""
    contradictions = [*pair(facts)]
    assert all(each.warning is None for each in contradictions)
    return [each.message for each in contradictions]


def row_of(pair: Pair, facts: Facts, *messages: str) -> tuple[Pair, Facts, list[str]]:
    return pair, facts, [*messages]


F1_TOLD, F1_FILED = {Metric.F1: "0.92"}, {Metric.F1: "0.50"}
PRECISE, EXACT = {Metric.PRECISION: "0.91"}, {Metric.PRECISION: "0.90"}

ROWS_OF_TABLE: dict[str, tuple[Pair, Facts, list[str]]] = {
    # success
    "success is TP and TN": row_of(sums.success_and_types, told(replace(COUNTS, success=35))),
    "success is another": row_of(sums.success_and_types, told(replace(COUNTS, success=34)),
        "the status reply counts 34 as success, but TP+TN is 35"),
    "success without TP": row_of(sums.success_and_types, told(replace(COUNTS, success=34, tp=None))),
    "success without TN": row_of(sums.success_and_types, told(replace(COUNTS, success=34, tn=None))),
    "no success": row_of(sums.success_and_types, told()),
    # failure
    "failure is FP and FN": row_of(sums.failure_and_types, told(replace(COUNTS, failure=5))),
    "failure is another": row_of(sums.failure_and_types, told(replace(COUNTS, failure=6)),
        "the status reply counts 6 as failure, but FP+FN is 5"),
    "failure without FP": row_of(sums.failure_and_types, told(replace(COUNTS, failure=6, fp=None))),
    "failure without FN": row_of(sums.failure_and_types, told(replace(COUNTS, failure=6, fn=None))),
    "no failure": row_of(sums.failure_and_types, told()),
    "failure holds what was not evaluated": row_of(sums.failure_and_types,
        told(replace(whole(tp=30, fp=3, fn=2, failed=5), failure=10))),
    "failure leaves out what was not evaluated": row_of(sums.failure_and_types,
        told(replace(whole(tp=30, fp=3, fn=2, failed=5), failure=5)),
        "the status reply counts 5 as failure, but FP+FN is 5, and 5 were not evaluated"),
    "failure holds what the counts leave": row_of(sums.failure_and_types,
        told(replace(COUNTS, utterances=42, failed_utterances=None, failure=7))),
    # the four types and the size
    "all make the suite": row_of(sums.types_and_size, told()),
    "all and what failed make the suite": row_of(sums.types_and_size, told(whole(tp=37, failed=3))),
    "all make less than the suite": row_of(sums.types_and_size, told(replace(COUNTS, utterances=41)),
        "40 utterances were evaluated (TP+TN+FP+FN) and 0 were not, which makes 40, but the suite has 41"),
    "an uncounted rest completes the suite": row_of(sums.types_and_size,
        told(replace(COUNTS, utterances=41, failed_utterances=None))),
    "no size": row_of(sums.types_and_size, told(replace(COUNTS, utterances=None))),
    "not all types": row_of(sums.types_and_size, told(replace(COUNTS, utterances=41, tp=None))),
    "a short file stands in for the types": row_of(sums.types_and_size,
        told(Counts(utterances=40, failed_utterances=0), IN_PART)),
    "a whole file stands in for the types": row_of(sums.types_and_size,
        told(Counts(utterances=40, failed_utterances=1), ROWS),
        "40 utterances were evaluated (TP+TN+FP+FN) and 1 were not, which makes 41, but the suite has 40"),
    "a file is short besides": row_of(sums.types_and_size,
        told(replace(COUNTS, utterances=41), IN_PART, top=Counts()),
        "40 utterances were evaluated (TP+TN+FP+FN) and 0 were not, which makes 40, but the suite has 41"),
    # entities
    "as many entities as matched": row_of(sums.entities_and_matched,
        told(replace(COUNTS, entities=4, matched_entities=4))),
    "more entities matched than there are": row_of(sums.entities_and_matched,
        told(replace(COUNTS, entities=4, matched_entities=5)), "5 entities matched of 4, which is impossible"),
    "matched entities of an unknown total": row_of(sums.entities_and_matched,
        told(replace(COUNTS, matched_entities=5))),
    "no matched entities": row_of(sums.entities_and_matched, told(replace(COUNTS, entities=5))),
    "the file's entities agree with the reply's": row_of(sums.entities_and_top_block,
        told(replace(COUNTS, entities=9, matched_entities=8), ROWS,
            top=replace(FORTY, entities=9, matched_entities=8))),
    "the file's entities are others": row_of(sums.entities_and_top_block,
        told(replace(COUNTS, entities=9, matched_entities=8), ROWS,
            top=replace(FORTY, entities=7, matched_entities=6)),
        "the number of entities is 9 by the status reply, 7 by the results file",
        "the number of matched entities is 8 by the status reply, 6 by the results file"),
    "the reply counts no entities": row_of(sums.entities_and_top_block,
        told(COUNTS, ROWS, top=replace(FORTY, entities=7, matched_entities=6))),
    "the file counts no entities": row_of(sums.entities_and_top_block,
        told(replace(COUNTS, entities=9, matched_entities=8), ROWS)),
    "entities without a reply": row_of(sums.entities_and_top_block,
        told(None, ROWS, top=replace(FORTY, entities=7, matched_entities=6))),
    "the rows matched as many": row_of(sums.matched_and_rows,
        told(replace(COUNTS, entities=40, matched_entities=36), ENTITIES)),
    "the rows matched others": row_of(sums.matched_and_rows,
        told(replace(COUNTS, entities=40, matched_entities=35), ENTITIES),
        "the number of matched entities is 35 by the platform's count, 36 by its file"),
    "the rows matched others than the top block says": row_of(sums.matched_and_rows,
        told(None, ENTITIES, top=replace(FORTY, entities=40, matched_entities=35)),
        "the number of matched entities is 35 by the platform's count, 36 by its file"),
    "the rows matched others as the top block says, which is told already": row_of(sums.matched_and_rows,
        told(replace(COUNTS, entities=40, matched_entities=35), ENTITIES,
            top=replace(FORTY, entities=40, matched_entities=36))),
    "the rows hold other entities": row_of(sums.matched_and_rows,
        told(replace(COUNTS, entities=41, matched_entities=35), ENTITIES)),
    "the rows are not all": row_of(sums.matched_and_rows,
        told(replace(COUNTS, entities=39, matched_entities=35), ENTITIES[:39])),
    # the size and the file
    "the file is of a run of that size": row_of(sums.size_and_top_block, told(COUNTS, ROWS)),
    "the file is of a run of another size": row_of(sums.size_and_top_block,
        told(COUNTS, ROWS, top=Counts(utterances=500)), "the results file is of a run of 500 utterances, not of 40"),
    "the file is of a run of another size than both halves make": row_of(sums.size_and_top_block,
        told(Counts(success=35, failure=6), ROWS), "the results file is of a run of 40 utterances, not of 41"),
    "the file does not tell its size": row_of(sums.size_and_top_block, told(COUNTS, ROWS, top=Counts())),
    "only the file tells a size": row_of(sums.size_and_top_block, told(None, ROWS)),
    "as many rows": row_of(sums.size_and_rows, told(COUNTS, ROWS, top=Counts())),
    "fewer rows": row_of(sums.size_and_rows, told(COUNTS, IN_PART, top=Counts())),
    "more rows": row_of(sums.size_and_rows, told(COUNTS, cases(tp=41), top=Counts()),
        "the results file holds 41 utterances, more than the 40 of the suite"),
    "more rows than the file itself says": row_of(sums.size_and_rows, told(None, cases(tp=41)),
        "the results file holds 41 utterances, more than the 40 of the suite"),
    "more rows, as its top block says, which is told already": row_of(sums.size_and_rows,
        told(COUNTS, cases(tp=41), top=Counts(utterances=41))),
    "an unknown number of rows": row_of(sums.size_and_rows, told(Counts(), ROWS, top=Counts())),
    "a file alone that does not say how many rows": row_of(sums.size_and_rows, told(None, ROWS, top=Counts()),
        "the file does not say how many utterances there were, so nothing shows that it is whole"),
    "no file": row_of(sums.size_and_rows, told()),
    # the types and the file
    "the rows have these types": row_of(sums.types_and_rows, told(COUNTS, ROWS)),
    "the rows have other types": row_of(sums.types_and_rows, told(COUNTS, cases(tp=31, tn=4, fp=2, fn=3)),
        "the results file counts otherwise than the status reply: TP 31 instead of 30, TN 4 instead of 5, FP 2 "
        "instead of 3, FN 3 instead of 2"),
    "a short file has fewer of them": row_of(sums.types_and_rows, told(COUNTS, IN_PART)),
    "a short file has more of one": row_of(sums.types_and_rows, told(COUNTS, cases(tp=29, tn=5, fp=4)),
        "the results file counts otherwise than the status reply: FP 4 instead of 3"),
    "a file that lacks what was not evaluated": row_of(sums.types_and_rows,
        told(whole(tp=30, failed=2), cases(tp=30))),
    "a file in which more was not evaluated": row_of(sums.types_and_rows,
        told(whole(tp=30, failed=2), cases(tp=29, not_evaluated=3)),
        "the results file counts otherwise than the status reply: TP 29 instead of 30"),
    "the reply counts some types": row_of(sums.types_and_rows, told(Counts(utterances=40, tp=31, fp=3), ROWS),
        "the results file counts otherwise than the status reply: TP 30 instead of 31"),
    "types without a file": row_of(sums.types_and_rows, told()),
    "types without a reply": row_of(sums.types_and_rows, told(None, ROWS)),
    # scores
    "the reply's score fits": row_of(sums.reply_scores_and_counts, told(said=F1_TOLD)),
    "the reply's score does not fit": row_of(sums.reply_scores_and_counts, told(said=F1_FILED),
        "f1 is 0.9231 by the counts, but the platform reports 0.50"),
    "the reply's score without counts": row_of(sums.reply_scores_and_counts, told(FORTY, said=F1_FILED)),
    "scores without a reply": row_of(sums.reply_scores_and_counts, told(None, ROWS, filed=F1_FILED)),
    "the file's score fits": row_of(sums.file_scores_and_counts, told(None, ROWS, filed=F1_TOLD)),
    "the file's score does not fit": row_of(sums.file_scores_and_counts, told(None, ROWS, filed=F1_FILED),
        "f1 is 0.9231 by the counts, but the results file says 0.50"),
    "the file's score does not fit beside a reply": row_of(sums.file_scores_and_counts,
        told(COUNTS, ROWS, said=F1_TOLD, filed=F1_FILED),
        "f1 is 0.9231 by the counts, but the results file says 0.50"),
    "the file's score does not fit, as the reply's, which is told already": row_of(sums.file_scores_and_counts,
        told(COUNTS, ROWS, said={Metric.F1: "0.5"}, filed=F1_FILED)),
    "no file to tell scores": row_of(sums.file_scores_and_counts, told(said=F1_FILED)),
    "scores of a file that lacks what may make them": row_of(sums.file_scores_and_counts,
        told(None, IN_PART, filed={Metric.F1: "0.90"})),
    "scores of a file that lacks less": row_of(sums.file_scores_and_counts,
        told(None, IN_PART, filed={Metric.F1: "0.89"}), "f1 is 0.9206 by the counts, but the results file says 0.89"),
    "reply and file tell the same score": row_of(sums.reply_scores_and_file,
        told(FORTY, cases(tp=41), said=PRECISE, filed=EXACT)),
    "reply and file tell different scores": row_of(sums.reply_scores_and_file,
        told(FORTY, cases(tp=41), said=F1_TOLD, filed=F1_FILED),
        "f1 is 0.92 by the status reply, 0.50 by the results file"),
    "reply and file tell different scores of what has none": row_of(sums.reply_scores_and_file,
        told(whole(tn=40), cases(tn=40), said={Metric.F1: "0.00"}, filed={Metric.F1: "1.00"}),
        "f1 is 0.00 by the status reply, 1.00 by the results file"),
    "the reply tells no score": row_of(sums.reply_scores_and_file, told(FORTY, cases(tp=41), filed=F1_FILED)),
    "the file tells no score": row_of(sums.reply_scores_and_file, told(FORTY, cases(tp=41), said=F1_TOLD)),
    "different scores beside counts": row_of(sums.reply_scores_and_file,
        told(COUNTS, ROWS, said=F1_TOLD, filed=F1_FILED)),
    "different scores without a reply": row_of(sums.reply_scores_and_file, told(None, cases(tp=41), filed=F1_FILED)),
    # the shares
    "the shares fit": row_of(sums.breakdown_and_counts, told(None, ROWS, breakdown={ResultType.TP: SHARE_OF_TP})),
    "a share is another": row_of(sums.breakdown_and_counts,
        told(None, cases(tp=30, fp=10), breakdown={ResultType.TP: "10", ResultType.FP: "25"}),
        "the results file gives 10.00 % TP, but by the counts there are 30 of 40"),
    "no file to tell shares": row_of(sums.breakdown_and_counts, told()),
    "a share of uncounted utterances": row_of(sums.breakdown_and_counts,
        told(FORTY, cases(tp=41), breakdown={ResultType.TP: "10"})),
    "a share of a file that lacks rows": row_of(sums.breakdown_and_counts,
        told(None, IN_PART, breakdown={ResultType.TP: "10"})),
    # the ratio of entities
    "the ratio of entities fits": row_of(sums.entity_ratio_and_counts, told(MATCHED, ROWS, entity_ratio="50.4")),
    "the ratio of entities is another": row_of(sums.entity_ratio_and_counts, told(MATCHED, ROWS, entity_ratio="0.00"),
        "1 of 2 entities matched by the counts, but the results file gives a ratio of 0.00 %"),
    "the ratio of no entities": row_of(sums.entity_ratio_and_counts,
        told(replace(COUNTS, entities=0, matched_entities=0), ROWS, entity_ratio="0.00")),
    "the ratio of entities is no number": row_of(sums.entity_ratio_and_counts, told(MATCHED, ROWS, entity_ratio="?")),
    "no ratio of entities": row_of(sums.entity_ratio_and_counts, told(MATCHED, ROWS)),
    # the ratio
    "the ratio fits": row_of(sums.ratio_and_counts, told(None, ROWS, ratio="87.50")),
    "the ratio of what was evaluated": row_of(sums.ratio_and_counts,
        told(None, cases(tp=30, not_evaluated=10), ratio="100")),
    "the ratio of everything": row_of(sums.ratio_and_counts,
        told(None, cases(tp=30, not_evaluated=10), ratio=" 75.0 ")),
    "the ratio of neither": row_of(sums.ratio_and_counts, told(None, cases(tp=30, not_evaluated=10), ratio="80"),
        "30 of 40 utterances worked by the counts, but the results file gives a success ratio of 80.00 %"),
    "the ratio is rounded": row_of(sums.ratio_and_counts, told(None, ROWS, ratio="88.5")),
    "the ratio is rounded too far": row_of(sums.ratio_and_counts, told(None, ROWS, ratio="88.51"),
        "35 of 40 utterances worked by the counts, but the results file gives a success ratio of 88.51 %"),
    "the ratio is no number": row_of(sums.ratio_and_counts, told(None, ROWS, ratio="35 / 5")),
    "no ratio": row_of(sums.ratio_and_counts, told(None, ROWS)),
    "no file to tell a ratio": row_of(sums.ratio_and_counts, told(ratio="10")),
    "the ratio of a file that lacks rows": row_of(sums.ratio_and_counts, told(None, IN_PART, ratio="10")),
    "the ratio of uncounted utterances": row_of(sums.ratio_and_counts, told(FORTY, cases(tp=41), ratio="10")),
    "the ratio of nothing": row_of(sums.ratio_and_counts, told(None, (), top=Counts(utterances=0), ratio="10")),
}  # fmt: skip


@pytest.mark.parametrize(("pair", "facts", "messages"), ROWS_OF_TABLE.values(), ids=ROWS_OF_TABLE)
def test_only_numbers_that_contradict_each_other_are_found(pair: Pair, facts: Facts, messages: list[str]) -> None:
    assert heard(pair, facts) == messages


def test_every_pair_has_a_row_with_and_without_a_contradiction() -> None:
    table = ROWS_OF_TABLE.values()
    checks = [twin.check for twin in TWINS if twin.check.__module__ == sums.__name__]
    pairs = {check.__name__ for check in checks} - {sums.types_and_intents.__name__}
    assert {pair.__name__ for pair, _, messages in table if messages} == pairs
    assert {pair.__name__ for pair, _, messages in table if not messages} == pairs


# --- scores ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["NaN", "", "1.01", "93%", "-0.5"])
def test_an_invalid_score_is_ignored_with_one_warning(text: str) -> None:
    both = told(COUNTS, ROWS, said={Metric.F1: text}, filed={Metric.F1: text})
    (aside,) = sums.reply_scores_and_counts(both)
    assert aside.warning is FindingKind.UNCONFIRMED
    assert aside.message == "the platform's f1 is not a number from 0 to 1 and was ignored"
    assert [*sums.file_scores_and_counts(both)] == []
    (of_file,) = sums.file_scores_and_counts(told(None, ROWS, filed={Metric.F1: text}))
    assert of_file == aside
    (of_other,) = sums.file_scores_and_counts(told(COUNTS, ROWS, said={Metric.F1: "n/a"}, filed={Metric.F1: text}))
    assert of_other == aside


@given(
    tp=st.integers(0, 400), fp=st.integers(0, 60), fn=st.integers(0, 60), off=st.integers(-3, 3), filed=st.booleans()
)
def test_a_score_fits_if_it_is_at_most_a_hundredth_off(tp: int, fp: int, fn: int, off: int, filed: bool) -> None:
    counts = whole(tp=tp, fp=fp, fn=fn)
    exact = measure(Metric.F1, counts)
    if exact is None or not 0 <= exact + Fraction(off, 100) <= 1:
        return
    text = {Metric.F1: decimal_text(exact + Fraction(off, 100), 2)}
    rows = cases(tp=tp, fp=fp, fn=fn)
    top = Counts(utterances=len(rows))
    if filed:
        messages = heard(sums.file_scores_and_counts, told(None, rows, top=top, filed=text))
    else:
        messages = heard(sums.reply_scores_and_counts, told(counts, rows, top=top, said=text))
    if off in (0, 2, 3, -2, -3):
        assert bool(messages) is (off != 0)


@pytest.mark.parametrize(("said", "filed", "values"), [
    ({}, {}, Range(Fraction(60, 65), Fraction(60, 65))),
    (F1_TOLD, F1_TOLD, Range(Fraction(60, 65), Fraction(60, 65))),
    (F1_FILED, {}, Range(Fraction(1, 2), Fraction(60, 65))),
    ({}, F1_FILED, Range(Fraction(1, 2), Fraction(60, 65))),
    ({Metric.F1: "0.95"}, F1_FILED, Range(Fraction(1, 2), Fraction(95, 100))),
    ({Metric.F1: "NaN"}, {}, Range(Fraction(60, 65), Fraction(60, 65))),
])  # fmt: skip
def test_a_disputed_score_has_several_values(said: dict[Metric, str], filed: dict[Metric, str], values: Range) -> None:
    assert values_of(Metric.F1, told(COUNTS, ROWS, said=said, filed=filed)) == values


def test_a_reported_score_does_not_define_an_undefined_one() -> None:
    assert values_of(Metric.F1, told(whole(tn=40), cases(tn=40), said=F1_TOLD, filed=F1_FILED)) is None


@pytest.mark.parametrize(("filed", "values"), [
    ({}, Range(Fraction(1, 2), Fraction(3, 5), open=True)),
    ({Metric.F1: "no"}, Range(Fraction(1, 2), Fraction(3, 5), open=True)),
    ({Metric.F1: "0.55"}, Range(Fraction(1, 2), Fraction(3, 5), open=True)),
    ({Metric.F1: "0.92"}, Range(Fraction(1, 2), Fraction("0.925"), open=True)),
    ({Metric.F1: "0.10"}, Range(Fraction("0.095"), Fraction(3, 5), open=True)),
    ({Metric.F1: "1.00"}, Range(Fraction(1, 2), Fraction(1))),
])  # fmt: skip
def test_a_rounded_score_has_every_value_that_reply_or_file_can_mean(filed: dict[Metric, str], values: Range) -> None:
    meant = Range(Fraction(1, 2), Fraction(3, 5), open=True)
    assert rounded_values(meant, Metric.F1, told(FORTY, cases(tp=41), filed=filed)) == values
    assert rounded_values(meant, Metric.F1, told(None, cases(tp=41), filed=filed)) == meant
    assert rounded_values(meant, Metric.F1, told(FORTY)) == meant


def test_an_end_that_one_of_two_ranges_includes_is_included() -> None:
    closed = Range(Fraction(1, 2), Fraction("0.925"))
    assert rounded_values(closed, Metric.F1, told(FORTY, cases(tp=41), filed=F1_TOLD)) == closed


# --- result types and intents ---------------------------------------------------------------------------------------
def mistyped(number: int, *, among: int = 40, uncertain: int = 0) -> tuple[Utterance, ...]:
    """Build ``among`` rows, ``number`` of them with a wrong type, and more whose type no certain rule gives."""
    odd = [case(ResultType.TP, matched=(), row=row) for row in range(1, number + 1)]
    several = [case(expected=("Pay", "Call"), matched=(), row=row) for row in range(1, uncertain + 1)]
    return (*odd, *several, *cases(tp=among - number))


@pytest.mark.parametrize(("number", "among", "uncertain", "becomes"), [
    (0, 40, 0, []),                          (1, 40, 0, [FindingKind.TYPE_MISMATCH]),
    (4, 40, 0, [FindingKind.TYPE_MISMATCH]), (5, 40, 0, [None]),
    (1, 10, 0, [FindingKind.TYPE_MISMATCH]), (1, 9, 0, [None]),
    (1, 9, 40, [None]),                      (0, 0, 40, []),
])  # fmt: skip
def test_many_odd_types_block(number: int, among: int, uncertain: int, becomes: list[FindingKind | None]) -> None:
    rows = mistyped(number, among=among, uncertain=uncertain)
    found = [*sums.types_and_intents(told(None, rows, top=Counts(utterances=len(rows))))]
    assert [each.warning for each in found] == becomes
    for each in found:
        assert each.message == (
            f"the result type of {number} utterances does not follow from expected and matched intent "
            "(first in row 1); the file's own was counted"
        )


def test_result_types_of_an_engine_with_unknown_rules_are_not_checked() -> None:
    assert [*sums.types_and_intents(told(None, mistyped(40), engine="dgpt"))] == []
    assert [*sums.types_and_intents(told())] == []
