"""Which counts and scores are used, and the findings about them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.counts import Counts
from ci_gate.core.evidence.unevaluated import Unevaluated
from ci_gate.core.evidence.weigh import Evidence, Score, weigh
from ci_gate.core.findings import TOLERABLE, Expectation, Finding, FindingKind
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Reported, ResultsFile, ResultType, UnreadableFile, Utterance
from ci_gate.core.tally import tally
from ci_gate.core.text.decimals import Range
from tests.core.builders import MISSING, case, cases, evidence, results, status, whole

ANY_RUN = Expectation()
SOUND = whole(tp=30, tn=5, fp=3, fn=2)
SOUND_FILE = results(cases(tp=30, tn=5, fp=3, fn=2))
ENTITY_FILE = results(replace(case, entities=1) for case in SOUND_FILE.utterances)
TOP_BLOCK = Reported(bot_version="inDevelopment", language="en", counts=Counts(utterances=40))


def kinds(found: Evidence) -> list[FindingKind]:
    return [finding.kind for finding in found.findings]


def blocking(found: Evidence) -> list[FindingKind]:
    """Return the kinds of the findings that block a pass."""
    return [finding.kind for finding in found.findings if finding.blocks]


def messages(found: Evidence, kind: FindingKind) -> list[str]:
    return [finding.message for finding in found.findings if finding.kind is kind]


class Situation(NamedTuple):
    """Evidence and what was expected of it."""

    reported: Reported | None
    file: ResultsFile | UnreadableFile = SOUND_FILE
    expectation: Expectation = ANY_RUN

    def weigh(self) -> Evidence:
        return weigh(self.reported, self.file, expectation=self.expectation)


def typed(result_type: ResultType, expected: tuple[str, ...], matched: tuple[str, ...]) -> ResultsFile:
    """Build a file of 39 sound utterances and this one."""
    odd = case(result_type, expected=expected, matched=matched, row=40)
    return results((*cases(tp=39), odd))


def mistyped(number: int) -> ResultsFile:
    """Build a file of 40 utterances, ``number`` of which should have the type FN."""
    odd = [case(ResultType.TP, matched=(), row=41 - row) for row in range(1, number + 1)]
    return results((*cases(tp=40 - number), *odd))


# --- findings -------------------------------------------------------------------------------------------------------
UNLESS = 'if your platform counts utterances otherwise, tolerate = ["count-mismatch"]'

FINDINGS: dict[str, tuple[FindingKind, str, Situation, Situation]] = {
    "nothing says which version ran": (FindingKind.UNCONFIRMED,
        "nothing confirms the bot version 'published': the platform does not say which one it ran",
        Situation(Reported(counts=SOUND), SOUND_FILE, Expectation(bot_version="published")),
        Situation(Reported(counts=SOUND), SOUND_FILE, ANY_RUN)),
    "the file calls itself otherwise": (FindingKind.OTHER_SUITE,
        "the results file calls itself 'Other', not 'Smoke': is it the right run?",
        Situation(status(SOUND), replace(SOUND_FILE, reported=Reported(suite="Other")), Expectation(suite="Smoke")),
        Situation(status(SOUND), replace(SOUND_FILE, reported=Reported(suite="smoke")), Expectation(suite="Smoke"))),
    "the run shrank while it went on": (FindingKind.PARTIAL,
        "the run had 41 utterances while it went on, and 40 at its end",
        Situation(status(SOUND), SOUND_FILE, Expectation(seen_utterances=41)),
        Situation(status(SOUND), SOUND_FILE, Expectation(seen_utterances=40))),
    "the file matched other entities than the platform counts": (FindingKind.COUNT_MISMATCH,
        "the number of matched entities is 40 by the platform's count, 0 by its file",
        Situation(status(replace(SOUND, entities=40, matched_entities=40)), ENTITY_FILE),
        Situation(status(replace(SOUND, entities=40, matched_entities=0)), ENTITY_FILE)),
    "the platform says that the run is partial": (FindingKind.PARTIAL,
        "the platform says that the run failed in part: some utterances were dropped",
        Situation(status(SOUND, partial=True)), Situation(status(SOUND, partial=False))),
    "the counts make fewer utterances than the suite has": (FindingKind.COUNT_MISMATCH,
        f"40 utterances were evaluated (TP+TN+FP+FN) and 0 were not, which makes 40, but the suite has 41; {UNLESS}",
        Situation(status(replace(SOUND, utterances=41))),
        Situation(status(replace(SOUND, utterances=41, failed_utterances=1)))),
    "the counts make more utterances than the suite has": (FindingKind.COUNT_MISMATCH,
        f"40 utterances were evaluated (TP+TN+FP+FN) and 1 were not, which makes 41, but the suite has 40; {UNLESS}",
        Situation(status(replace(SOUND, failed_utterances=1))),
        Situation(status(replace(SOUND, failed_utterances=0)))),
    "the file's tally differs from the status counts": (FindingKind.COUNT_MISMATCH,
        "the results file counts otherwise than the status reply: FP 2 instead of 3, FN 3 instead of 2",
        Situation(status(SOUND), results(cases(tp=30, tn=5, fp=2, fn=3))),
        Situation(status(SOUND), results(cases(fn=2, fp=3, tn=5, tp=30)))),
    "the file has lost an utterance that was evaluated": (FindingKind.NO_FILE,
        "the results file holds 39 of 40 utterances: download it again",
        Situation(status(SOUND), results(cases(tp=29, tn=5, fp=3, fn=2))),
        Situation(status(whole(tp=29, tn=5, fp=3, fn=2, failed=1)), results(cases(tp=29, tn=5, fp=3, fn=2)))),
    "the file holds more utterances than the suite": (FindingKind.COUNT_MISMATCH,
        "the results file holds 41 utterances, more than the 40 of the suite",
        Situation(status(SOUND), results(cases(tp=30, tn=5, fp=3, fn=2, not_evaluated=1))),
        Situation(status(whole(tp=30, tn=5, fp=3, fn=2, failed=1)), results(cases(tp=30, tn=5, fp=3, fn=2,
            not_evaluated=1)))),
    "the status reply contradicts itself": (FindingKind.COUNT_MISMATCH,
        "two states at once",
        Situation(replace(status(SOUND), doubts=("two states at once",))),
        Situation(replace(status(SOUND), doubts=()))),
    "the file alone does not say how many utterances there were": (FindingKind.COUNT_MISMATCH,
        "the file does not say how many utterances there were, so nothing shows that it is whole",
        Situation(None, results(cases(tp=40))), Situation(None, results(cases(tp=40), TOP_BLOCK))),
    "the file alone holds an unknown word": (FindingKind.COUNT_MISMATCH,
        "1 of the file's result types are not TP, TN, FP or FN (first in row 40, in the column of result types)",
        Situation(None, results(cases(tp=39, unknown=1), TOP_BLOCK)),
        Situation(None, results(cases(tp=39, not_evaluated=1), TOP_BLOCK))),
    "the file is missing or unreadable": (FindingKind.NO_FILE,
        "the platform offers no results file",
        Situation(status(SOUND), MISSING), Situation(status(SOUND))),
    "the run was on another bot version": (FindingKind.WRONG_RUN,
        "the bot version that was asked for is 'published', but the run's is 'inDevelopment' by the status reply",
        Situation(status(SOUND), expectation=Expectation(bot_version="published")),
        Situation(status(SOUND), expectation=Expectation(bot_version="INDEVELOPMENT"))),
    "the run was in another language": (FindingKind.WRONG_RUN,
        "the language that was asked for is 'de', but the run's is 'en' by the status reply",
        Situation(status(SOUND), expectation=Expectation(language="de")),
        Situation(status(SOUND), expectation=Expectation(language="EN"))),
    "the reply says no version to hold against": (FindingKind.WRONG_RUN,
        "the bot version that was asked for is 'inDevelopment', but the run's is 'published' by the status reply",
        Situation(replace(status(SOUND), bot_version="published"),
            expectation=Expectation(bot_version="inDevelopment")),
        Situation(replace(status(SOUND), bot_version=None), expectation=Expectation(bot_version="inDevelopment"))),
    "no utterance was evaluated": (FindingKind.NOTHING_MEASURED,
        "no utterance was evaluated, so there is nothing to judge",
        Situation(status(whole(failed=40)), results(cases(not_evaluated=40))),
        Situation(status(whole(tn=20, failed=20)), results(cases(tn=20, not_evaluated=20)))),
    "less than half was evaluated": (FindingKind.NOTHING_MEASURED,
        "only 19 of 40 utterances were evaluated: less than half of the suite, which is too little for a verdict",
        Situation(status(whole(tp=19, failed=21)), results(cases(tp=19, not_evaluated=21))),
        Situation(status(whole(tp=20, failed=20)), results(cases(tp=20, not_evaluated=20)))),
    "less than half of what the run began with was evaluated": (FindingKind.NOTHING_MEASURED,
        "only 40 of 81 utterances were evaluated: less than half of the suite, which is too little for a verdict",
        Situation(status(SOUND), SOUND_FILE, Expectation(seen_utterances=81)),
        Situation(status(SOUND), SOUND_FILE, Expectation(seen_utterances=80))),
    "not one utterance of the file was evaluated": (FindingKind.NOTHING_MEASURED,
        "no utterance was evaluated, so there is nothing to judge",
        Situation(status(Counts(utterances=40)), results(cases(not_evaluated=40))),
        Situation(status(Counts(utterances=40)), results(cases(not_evaluated=20, fp=20)))),
    "the platform's score differs from the counts": (FindingKind.SCORE_MISMATCH,
        "recall is 0.9375 by the counts, but the platform reports 0.95",
        Situation(status(SOUND, {Metric.RECALL: "0.95"})), Situation(status(SOUND, {Metric.RECALL: "0.94"}))),
    "the platform's score is no number": (FindingKind.UNCONFIRMED,
        "the platform's f1 is not a number from 0 to 1 and was ignored",
        Situation(status(SOUND, {Metric.F1: "NaN"})), Situation(status(SOUND, {Metric.F1: " 0.92 "}))),
    "the reply came from a cache": (FindingKind.UNCONFIRMED,
        "the status reply came from a cache, which had kept it for 40 s, although caching was not allowed",
        Situation(replace(status(SOUND), age=40)), Situation(replace(status(SOUND), age=None))),
    "only the rounded score is known": (FindingKind.ROUNDED_SCORE,
        ("f1 may be anything from 0.915 to below 0.925, which the platform rounds to 0.92: the counts behind "
         "it are not known"),
        Situation(status(Counts(utterances=40), {Metric.F1: "0.92"}), MISSING),
        Situation(status(Counts(utterances=40)), MISSING)),
    "a result type does not follow from expected and matched": (FindingKind.TYPE_MISMATCH,
        ("the result type of 1 utterances does not follow from expected and matched intent (first in row 40); "
         "the file's own was counted"),
        Situation(status(whole(tp=40)), typed(ResultType.TP, ("Pay",), ("rent bike",))),
        Situation(status(whole(tp=40)), typed(ResultType.TP, ("Pay",), ("PAY",)))),
    "more than a tenth of the result types do not follow from expected and matched": (FindingKind.TYPE_MISMATCH,
        ("the result type of 5 utterances does not follow from expected and matched intent (first in row 40); "
         "the file's own was counted"),
        Situation(status(whole(tp=40)), mistyped(5)), Situation(status(whole(tp=40)), mistyped(0))),
    "the suite is small": (FindingKind.SMALL_SUITE,
        "the suite has 29 utterances; under 30 every single one changes a score by several points",
        Situation(status(whole(tp=29)), results(cases(tp=29))),
        Situation(status(whole(tp=30)), results(cases(tp=30)))),
    "the reply is about another run": (FindingKind.OTHER_ID,
        ("run 'tr-1' was asked for, but the status reply is about 'tr-2'; if your platform names runs "
         'otherwise in its replies, tolerate = ["other-id"]'),
        Situation(status(SOUND, run_id="tr-2"), expectation=Expectation(run_id="tr-1")),
        Situation(status(SOUND, run_id="tr-1"), expectation=Expectation(run_id="tr-1"))),
    "the reply is about another bot": (FindingKind.OTHER_BOT,
        "bot 'st-1' was asked for, but the status reply is about 'st-2'",
        Situation(replace(status(SOUND), bot_id="st-2"), expectation=Expectation(bot_id="st-1")),
        Situation(replace(status(SOUND), bot_id="ST-1"), expectation=Expectation(bot_id="st-1"))),
    "entities were not evaluated": (FindingKind.FAILED_ENTITIES,
        "1 entities were not evaluated by the platform",
        Situation(status(replace(SOUND, failed_entities=1))), Situation(status(replace(SOUND, failed_entities=0)))),
}  # fmt: skip

ONLY_WARNS = {"a result type does not follow from expected and matched"}
"""Findings that only warn in small numbers."""

BLOCKING = {
    FindingKind.PARTIAL,        FindingKind.COUNT_MISMATCH, FindingKind.NO_FILE,
    FindingKind.WRONG_RUN,      FindingKind.OTHER_ID,       FindingKind.OTHER_BOT,
    FindingKind.SCORE_MISMATCH, FindingKind.TYPE_MISMATCH,  FindingKind.NOTHING_MEASURED,
}  # fmt: skip

OF_RULES = (
    FindingKind.NOT_EVALUATED, FindingKind.NOT_COMPARABLE, FindingKind.NO_RULE,
    FindingKind.NO_BASELINE,   FindingKind.NEWER_BASELINE, FindingKind.DROP,
    FindingKind.REGRESSION,    FindingKind.SMALL_SUPPORT,  FindingKind.UNSTABLE,
    FindingKind.TWO_LABELS,    FindingKind.UNKNOWN_NAME,   FindingKind.WAIVER,
)  # fmt: skip
"""Findings that the rules make, not the evidence itself."""


@pytest.mark.parametrize("name", FINDINGS)
def test_a_finding_has_its_trigger_and_words_and_its_neighbour_has_none(name: str) -> None:
    kind, message, with_it, without_it = FINDINGS[name]
    assert messages(with_it.weigh(), kind) == [message]
    assert (kind in blocking(with_it.weigh())) is (kind in BLOCKING and name not in ONLY_WARNS)
    assert kind not in kinds(without_it.weigh())


@pytest.mark.parametrize("kind", OF_RULES)
def test_few_findings_about_rules_block_a_pass(kind: FindingKind) -> None:
    held_against_nothing = (FindingKind.NOT_COMPARABLE, FindingKind.NO_RULE, FindingKind.UNKNOWN_NAME)
    assert Finding(kind, "").blocks is (kind in (FindingKind.NOT_EVALUATED, *held_against_nothing))


def test_every_finding_about_the_evidence_has_its_trigger_here() -> None:
    assert {kind for kind, *_ in FINDINGS.values()} | {*OF_RULES} == {*FindingKind}


def test_sound_evidence_has_no_findings() -> None:
    found = Situation(status(SOUND, {Metric.F1: "0.92"}, run_id="tr-1")).weigh()
    assert found.findings == ()
    assert found.utterances == SOUND_FILE.utterances


def test_rows_that_the_platform_left_unevaluated_agree_with_its_count_of_them() -> None:
    found = weigh(status(whole(tp=38, failed=2)), results(cases(tp=38, not_evaluated=2)), expectation=ANY_RUN)
    assert found.findings == ()


def test_an_unconfirmed_version_and_language_warn() -> None:
    expectation = Expectation(run_id="tr-1", bot_version="published", language="de")
    found = Situation(Reported(counts=SOUND), SOUND_FILE, expectation).weigh()
    assert kinds(found) == [FindingKind.UNCONFIRMED, FindingKind.UNCONFIRMED]
    assert blocking(found) == []


def test_a_file_of_another_version_is_the_wrong_run() -> None:
    file = replace(SOUND_FILE, reported=Reported(bot_version="published", language="de"))
    found = Situation(status(SOUND), file, Expectation(language="en")).weigh()
    assert blocking(found) == [FindingKind.WRONG_RUN, FindingKind.WRONG_RUN]


def test_counts_that_do_not_add_up_are_quoted() -> None:
    found = Situation(status(replace(SOUND, utterances=43, failed_utterances=1))).weigh()
    unless = 'if your platform counts utterances otherwise, tolerate = ["count-mismatch"]'
    assert messages(found, FindingKind.COUNT_MISMATCH) == [
        f"40 utterances were evaluated (TP+TN+FP+FN) and 1 were not, which makes 41, but the suite has 43; {unless}"
    ]


def test_counts_that_differ_between_file_and_status_are_named() -> None:
    found = Situation(status(SOUND), results(cases(tp=30, tn=5, fp=2, fn=3))).weigh()
    assert messages(found, FindingKind.COUNT_MISMATCH) == [
        "the results file counts otherwise than the status reply: FP 2 instead of 3, FN 3 instead of 2"
    ]


def test_the_problem_of_an_unreadable_file_is_quoted() -> None:
    found = Situation(status(SOUND), UnreadableFile(problem="row 7 ends early")).weigh()
    assert messages(found, FindingKind.NO_FILE) == ["row 7 ends early"]
    assert found.utterances is None


def test_the_first_unknown_word_of_a_file_is_located() -> None:
    found = Situation(None, results(cases(tp=38, unknown=2), TOP_BLOCK)).weigh()
    assert any("first in row 39" in text for text in messages(found, FindingKind.COUNT_MISMATCH))


def test_unknown_words_block_if_the_reply_has_no_counts() -> None:
    found = Situation(status(Counts(utterances=40)), results(cases(tp=35, unknown=5))).weigh()
    assert FindingKind.COUNT_MISMATCH in blocking(found)


@pytest.mark.parametrize("failed", [0, 1, None])
def test_a_short_file_blocks_unless_the_reply_explains_it(failed: int | None) -> None:
    counts = Counts(utterances=40, failed_utterances=failed)
    found = Situation(status(counts, {Metric.F1: "0.95"}), results(cases(tp=38))).weigh()
    assert FindingKind.NO_FILE in blocking(found)


def test_nothing_was_measured_if_every_utterance_failed() -> None:
    found = Situation(status(Counts(utterances=40, failed_utterances=40), {Metric.F1: "0.00"}), MISSING).weigh()
    assert FindingKind.NOTHING_MEASURED in blocking(found)


# --- the file's result types ----------------------------------------------------------------------------------------
CERTAIN = [
    (("Pay",), ("pay",), ResultType.TP), (("Pay",), ("rent bike",), ResultType.FP),
    (("Pay",), (), ResultType.FN),       (("Pay",), ("pay", "rent bike"), ResultType.FP),
    ((), (), ResultType.TN),             ((), ("pay",), ResultType.FP),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "matched", "certain"), CERTAIN)
@pytest.mark.parametrize("given_type", [ResultType.TP, ResultType.TN, ResultType.FP, ResultType.FN])
def test_a_result_type_is_checked_if_the_rule_is_certain(
    expected: tuple[str, ...], matched: tuple[str, ...], certain: ResultType, given_type: ResultType
) -> None:
    found = Situation(None, typed(given_type, expected, matched)).weigh()
    is_small_talk = given_type is ResultType.FN and not expected and bool(matched)  # which may be called missed
    assert (FindingKind.TYPE_MISMATCH in kinds(found)) is (given_type is not certain and not is_small_talk)


@pytest.mark.parametrize(("file", "engine"), [
    (typed(ResultType.FP, ("Pay", "Rent Bike"), ("pay",)), None),
    (typed(ResultType.TP, ("Pay", "Rent Bike"), ("pay",)), None),
    (typed(ResultType.FP, ("Trait_Mood:Angry",), ("trait_mood:angry",)), None),
    (typed(ResultType.TP, ("Pay",), ("pay", "trait_mood:angry")), None),
    (typed(ResultType.NOT_EVALUATED, ("Pay",), ("rent bike",)), None),
    (typed(ResultType.UNKNOWN, ("Pay",), ("rent bike",)), None),
    (typed(ResultType.FP, ("Pay",), ("pay",)), "dgpt"),
],
    ids=["alternatives", "alternatives that passed", "trait expected", "trait matched", "not evaluated",
        "unknown word", "dgpt"])  # fmt: skip
def test_a_result_type_is_not_checked_if_the_rule_is_uncertain(file: ResultsFile, engine: str | None) -> None:
    found = Situation(None, file, Expectation(engine=engine)).weigh()
    assert FindingKind.TYPE_MISMATCH not in kinds(found)


def test_wrong_result_types_warn_once_and_still_count() -> None:
    odd = [case(ResultType.TP, expected=("Pay",), matched=(), row=row) for row in (4, 9)]
    found = Situation(None, results((*odd, *cases(tp=38)), TOP_BLOCK)).weigh()
    (message,) = messages(found, FindingKind.TYPE_MISMATCH)
    assert message.startswith("the result type of 2 utterances does not follow from expected and matched intent")
    assert message.endswith("(first in row 4); the file's own was counted")
    assert found.counts.tp == 40


# --- tolerance ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", FINDINGS)
def test_a_tolerable_finding_is_tolerated_by_its_own_name_alone(name: str) -> None:
    kind, _, with_it, _ = FINDINGS[name]
    named = weigh(with_it.reported, with_it.file, expectation=with_it.expectation, tolerate=frozenset({kind}))
    others = frozenset(FindingKind) - {kind}
    unnamed = weigh(with_it.reported, with_it.file, expectation=with_it.expectation, tolerate=others)
    assert {finding.tolerated for finding in named.findings if finding.kind is kind} == {kind in TOLERABLE}
    assert {finding.blocks for finding in named.findings if finding.kind is kind} == {kind in BLOCKING - {*TOLERABLE}}
    assert {finding.tolerated for finding in unnamed.findings if finding.kind is kind} == {False}


def test_the_tolerable_findings_are_these() -> None:
    tolerable = "partial count-mismatch no-file wrong-run other-id other-bot score-mismatch type-mismatch unknown-name"
    assert {kind.value for kind in TOLERABLE} == {*tolerable.split()}


# --- where the counts come from -------------------------------------------------------------------------------------
def test_status_counts_come_before_the_file() -> None:
    found = weigh(status(SOUND), results(cases(tp=40)), expectation=ANY_RUN)
    assert found.counts.confusion == (30, 5, 3, 2)


@pytest.mark.parametrize("missing", ["tp", "tn", "fp", "fn"])
def test_a_whole_file_replaces_incomplete_status_counts(missing: str) -> None:
    found = weigh(status(replace(SOUND, **{missing: None})), SOUND_FILE, expectation=ANY_RUN)
    assert found.counts.confusion == SOUND.confusion
    assert found.findings == ()


def test_a_file_that_is_too_long_replaces_nothing() -> None:
    counts = Counts(utterances=39, failed_utterances=0)
    found = weigh(status(counts, {Metric.F1: "0.92"}), SOUND_FILE, expectation=ANY_RUN)
    assert found.counts.confusion is None
    assert found.scores[Metric.F1].judged == Fraction(915, 1000)


def test_a_file_that_is_too_short_leaves_its_missing_rows_open() -> None:
    found = weigh(status(Counts(utterances=41, failed_utterances=1)), SOUND_FILE, expectation=ANY_RUN)
    assert found.counts.confusion == SOUND.confusion
    assert found.unevaluated == Unevaluated(unsure=1, entities=None)
    assert found.scores[Metric.F1].values == Range(Fraction(60, 66), Fraction(62, 67))
    assert found.absent == 1
    assert found.findings == ()


def test_a_rounded_score_without_counts_has_every_value_it_can_mean() -> None:
    counts = Counts(utterances=40, failed_utterances=0)
    found = weigh(status(counts, {Metric.F1: "0.93"}), MISSING, expectation=ANY_RUN)
    low, high = Fraction(925, 1000), Fraction(935, 1000)
    assert found.scores[Metric.F1] == Score(judged=low, exact=None, reported="0.93", values=Range(low, high, open=True))
    between = "f1 may be anything from 0.925 to below 0.935, which the platform rounds to 0.93"
    assert messages(found, FindingKind.ROUNDED_SCORE) == [f"{between}: the counts behind it are not known"]


def test_rounded_score_of_everything_may_be_everything() -> None:
    found = weigh(status(Counts(utterances=40), {Metric.F1: "1.00"}), MISSING, expectation=ANY_RUN)
    between = "f1 may be anything from 0.995 to 1.00, which the platform rounds to 1.00"
    assert messages(found, FindingKind.ROUNDED_SCORE) == [f"{between}: the counts behind it are not known"]


@pytest.mark.parametrize(("counts", "seen"), [
    (Counts(utterances=40), None),
    (Counts(utterances=40, failed_utterances=1), None),
    (Counts(utterances=40, failed_utterances=0), 41),
], ids=["nobody knows how many", "not all", "the run shrank"])  # fmt: skip
def test_a_rounded_score_has_no_values_if_not_all_was_evaluated(counts: Counts, seen: int | None) -> None:
    expectation = Expectation(seen_utterances=seen)
    found = weigh(status(counts, {Metric.F1: "0.93"}), MISSING, expectation=expectation, tolerate=frozenset(TOLERABLE))
    assert found.scores[Metric.F1].values is None
    assert found.scores[Metric.F1].judged == Fraction(925, 1000)


@pytest.mark.parametrize(("filed", "values"), [
    ("0.93", Range(Fraction(925, 1000), Fraction(935, 1000), open=True)),
    ("0.50", Range(Fraction(495, 1000), Fraction(935, 1000), open=True)),
    ("1.00", Range(Fraction(925, 1000), Fraction(1))),
    ("n/a", Range(Fraction(925, 1000), Fraction(935, 1000), open=True)),
])  # fmt: skip
def test_rounded_scores_of_reply_and_file_are_united(filed: str, values: Range) -> None:
    file = results(cases(tp=41), Reported(scores={Metric.F1: filed}))
    counts = Counts(utterances=40, failed_utterances=0)
    found = Situation(status(counts, {Metric.F1: "0.93"}), file).weigh()
    assert found.scores[Metric.F1].values == values


def test_rounded_scores_stand_in_unless_their_denominator_is_zero() -> None:
    scores = {Metric.F1: "0.93", Metric.ENTITY_MATCH: "0.93"}
    without = weigh(status(Counts(utterances=40, entities=0), scores), MISSING, expectation=ANY_RUN)
    uncounted = weigh(status(Counts(utterances=40), scores), MISSING, expectation=ANY_RUN)
    assert without.scores[Metric.F1].judged == Fraction(925, 1000)
    assert without.scores[Metric.ENTITY_MATCH].judged is None
    assert uncounted.scores[Metric.ENTITY_MATCH].judged == Fraction(925, 1000)


def test_no_score_is_judged_if_nothing_was_measured() -> None:
    found = weigh(status(whole(failed=40), {Metric.ACCURACY: "0.00"}), MISSING, expectation=ANY_RUN)
    assert {score.judged for score in found.scores.values()} == {None}
    assert found.scores[Metric.ACCURACY] == Score(judged=None, exact=Fraction(0), reported="0.00")


@pytest.mark.parametrize("scores", [{}, {Metric.F1: "n/a"}], ids=["no score", "no number"])
def test_without_counts_and_score_there_is_no_data(scores: dict[Metric, str]) -> None:
    found = weigh(status(Counts(utterances=40), scores), MISSING, expectation=ANY_RUN)
    assert found.scores[Metric.F1].judged is None


# --- exact scores and the platform's own ----------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "judged"), [
    ("0.79", Fraction(80, 100)),   ("0.81", Fraction(80, 100)), ("0.7899", Fraction(7899, 10000)),
    ("0.8101", Fraction(80, 100)), ("0.78", Fraction(78, 100)), ("0.82", Fraction(80, 100)),
    ("1.00", Fraction(80, 100)),   ("0.00", Fraction(0)),       ("0.80", Fraction(80, 100)),
])  # fmt: skip
def test_scores_more_than_a_hundredth_apart_may_both_be_right(text: str, judged: Fraction) -> None:
    exact = Fraction(80, 100)
    apart = abs(Fraction(text) - exact) > Fraction(1, 100)
    values = Range(min(exact, Fraction(text)), max(exact, Fraction(text))) if apart else Range(exact, exact)
    found = evidence(whole(tp=80, fp=20), {Metric.PRECISION: text})
    assert found.scores[Metric.PRECISION] == Score(judged=judged, exact=exact, reported=text, values=values)
    assert blocking(found) == kinds(found) == [FindingKind.SCORE_MISMATCH] * apart


def test_a_contradiction_of_scores_names_both_values() -> None:
    found = evidence(whole(tp=802, tn=71, fp=97, fn=30), {Metric.F1: "0.95"})
    assert messages(found, FindingKind.SCORE_MISMATCH) == ["f1 is 0.9266 by the counts, but the platform reports 0.95"]


def test_an_invalid_score_gives_way_to_the_exact_one() -> None:
    found = evidence(SOUND, {Metric.F1: "NaN"})
    assert found.scores[Metric.F1].judged == found.scores[Metric.F1].exact == Fraction(60, 65)
    assert messages(found, FindingKind.UNCONFIRMED) == ["the platform's f1 is not a number from 0 to 1 and was ignored"]
    assert blocking(found) == []


@pytest.mark.parametrize("metric", [Metric.F1, Metric.PRECISION, Metric.RECALL, Metric.ENTITY_MATCH])
@pytest.mark.parametrize("text", ["0.00", "1.00"])
def test_an_undefined_metric_ignores_what_the_platform_prints(metric: Metric, text: str) -> None:
    counts = replace(whole(tn=40), entities=0, matched_entities=0)
    found = evidence(counts, {metric: text})
    assert found.scores[metric] == Score(judged=None, exact=None, reported=text)
    assert found.findings == ()


def test_a_suite_without_entities_has_no_entity_match() -> None:
    found = weigh(status(replace(SOUND, entities=0), {Metric.ENTITY_MATCH: "1.00"}), MISSING, expectation=ANY_RUN)
    assert found.scores[Metric.ENTITY_MATCH].judged is None


@given(tp=st.integers(0, 500), fp=st.integers(0, 500), fn=st.integers(0, 500), hundredths=st.integers(0, 100))
def test_the_judged_score_exceeds_neither_source(tp: int, fp: int, fn: int, hundredths: int) -> None:
    shown = Fraction(hundredths, 100)
    score = evidence(whole(tp=tp, fp=fp, fn=fn), {Metric.F1: f"{hundredths / 100:.2f}"}).scores[Metric.F1]
    if score.exact is None:
        assert score.judged is None
    else:
        assert score.judged is not None
        assert score.judged <= score.exact
        assert score.judged <= shown + Fraction(1, 100)
        assert score.judged in (score.exact, shown)
        assert score.values is not None
        assert {score.values.low, score.values.high} <= {score.exact, shown}


# --- files alone ----------------------------------------------------------------------------------------------------
def test_a_whole_file_alone_is_judged_by_its_tally() -> None:
    found = Situation(None, results(cases(tp=30, tn=5, fp=3, fn=2), TOP_BLOCK)).weigh()
    assert found.counts.confusion == (30, 5, 3, 2)
    assert found.scores[Metric.ACCURACY].judged == Fraction(35, 40)
    assert found.findings == ()


def test_a_short_file_alone_leaves_its_missing_rows_open() -> None:
    file = results(cases(tp=37), replace(TOP_BLOCK, scores={Metric.F1: "0.96"}))
    found = Situation(None, file).weigh()
    assert found.counts.confusion == (37, 0, 0, 0)
    assert found.scores[Metric.F1].values == Range(Fraction(74, 77), Fraction(1))
    assert kinds(found) == blocking(found) == [FindingKind.NO_FILE]
    assert not found.is_reported


@pytest.mark.parametrize(("failed", "rows", "missing"), [
    (3, cases(tp=37), ""),
    (3, cases(tp=37, not_evaluated=3), ""),
    (3, cases(tp=37, not_evaluated=2), ""),
    (3, cases(tp=36, not_evaluated=3), "39 of 40 utterances: "),
    (3, cases(tp=36), "36 of 40 utterances, and the platform says that it did not evaluate 3 of the others: "),
    (0, cases(tp=39), "39 of 40 utterances: "),
    (5, cases(tp=36, not_evaluated=5), ""),
], ids=["dropped", "blank", "both", "blank and lost", "dropped and lost", "lost", "more than there are"])  # fmt: skip
def test_only_evaluated_rows_are_missed_in_a_file(failed: int, rows: tuple[Utterance, ...], missing: str) -> None:
    counts = whole(tp=40 - failed, failed=failed)
    found = Situation(status(counts), results(rows)).weigh()
    told = [f"the results file holds {missing}download it again"] if missing else []
    assert messages(found, FindingKind.NO_FILE) == told


@pytest.mark.parametrize("found", [
    Situation(status(replace(SOUND, entities=1, matched_entities=5))),
    Situation(status(SOUND), replace(SOUND_FILE, reported=replace(TOP_BLOCK, doubts=("row 3 is no count",)))),
    Situation(status(SOUND), replace(SOUND_FILE, reported=replace(TOP_BLOCK, counts=Counts(utterances=500)))),
    Situation(None, results(cases(tp=41), TOP_BLOCK)),
], ids=["too many matched entities", "doubts about the top block", "a file of another run", "a long file"])  # fmt: skip
def test_contradictory_numbers_block(found: Situation) -> None:
    assert blocking(found.weigh()) == [FindingKind.COUNT_MISMATCH]


def test_a_file_alone_without_its_size_blocks() -> None:
    found = Situation(None, results(cases(tp=40))).weigh()
    assert found.counts.utterances == found.counts.tp == 40
    assert blocking(found) == [FindingKind.COUNT_MISMATCH]


def test_an_unreadable_file_alone_leaves_nothing_known() -> None:
    found = Situation(None, MISSING).weigh()
    assert (found.counts, found.utterances) == (Counts(), None)
    assert blocking(found) == [FindingKind.NO_FILE]


def test_a_file_alone_is_compared_with_the_requested_version_and_language() -> None:
    file = results(cases(tp=40), TOP_BLOCK)
    found = Situation(None, file, Expectation(bot_version="published", language="de")).weigh()
    assert blocking(found) == [FindingKind.WRONG_RUN, FindingKind.WRONG_RUN]
    assert messages(found, FindingKind.WRONG_RUN) == [
        "the bot version that was asked for is 'published', but the run's is 'inDevelopment' by the results file",
        "the language that was asked for is 'de', but the run's is 'en' by the results file",
    ]


# --- the tally ------------------------------------------------------------------------------------------------------
any_cases = st.lists(
    st.builds(case, st.sampled_from(ResultType), entities=st.integers(0, 3), matched_entities=st.integers(0, 3))
).map(tuple)


@given(any_cases, any_cases)
def test_counts_of_two_files_add_up(one: tuple[Utterance, ...], other: tuple[Utterance, ...]) -> None:
    both = tally((*one, *other))
    for name in ("utterances", "tp", "tn", "fp", "fn", "entities", "matched_entities"):
        assert getattr(both, name) == getattr(tally(one), name) + getattr(tally(other), name)
    assert both.evaluated == (tally(one).evaluated or 0) + (tally(other).evaluated or 0)


def test_a_tally_lacks_what_only_the_platform_counts() -> None:
    counts = tally(cases(tp=3, not_evaluated=1))
    assert (counts.failed_utterances, counts.failed_entities, counts.success, counts.failure) == (None,) * 4
