"""Which baselines a run is comparable with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ci_gate.core.comparison.baseline import Baseline, Origin, flaw_of, obstacles, too_little, with_current_keys
from ci_gate.core.counts import Counts
from ci_gate.core.duplicates import collapsed
from ci_gate.core.findings import NEVER_A_BASELINE, TOLERABLE, Finding, FindingKind
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.names import hashed, utterance_key_of_version_1
from tests.core.builders import cases, results, said, whole

TEN = Baseline(name="b.json", origin=Origin(), utterances=collapsed(cases(tp=10)))
KNOWN = Origin(suite="Smoke", report="Smoke test", bot_id="st-1", bot_name="Bank", engine="regression", language="en")
RENAMED = '; if it is the same bot under another name, tolerate = ["other-bot"]'
NOT_COMPARABLE, OTHER_SUITE = FindingKind.NOT_COMPARABLE, FindingKind.OTHER_SUITE


def test_a_baseline_shows_no_secret() -> None:
    link, shown = "https://h/f.csv?s=1", "https://h/f.csv"
    found = replace(TEN, name=link, run_id=link, bot_version=link, finished=link)
    assert (found.name, found.run_id, found.bot_version, found.finished) == (shown, shown, shown, shown)
    assert (TEN.name, TEN.run_id, TEN.bot_version, TEN.finished) == ("b.json", None, None, None)


def odd(
    then: Origin,
    now: Origin,
    findings: tuple[Finding, ...] = (),
    *,
    doubts: frozenset[FindingKind] = frozenset(),
    tolerate: frozenset[FindingKind] = frozenset(),
) -> list[Finding]:
    """Return the findings about a comparison of two origins."""
    return list(obstacles(replace(TEN, origin=then, doubts=doubts), now, findings, tolerate))


def test_a_run_is_comparable_with_its_like() -> None:
    assert odd(KNOWN, KNOWN) == []
    spelt = Origin(
        suite=" smoke", report="SMOKE  TEST", bot_id="ST-1", bot_name="bank", engine="Regression", language="EN-gb"
    )
    assert odd(KNOWN, spelt) == []


@pytest.mark.parametrize(("then", "now", "reason"), [
    (Origin(suite="A"), Origin(suite="B"), "the baseline is of suite 'A', not of 'B'"),
    (Origin(bot_id="st-1"), Origin(bot_id="st-2"), "the baseline is of bot 'st-1', not of 'st-2'"),
    (Origin(language="en"), Origin(language="de"), "the baseline is of language 'en', not of 'de'"),
    (Origin(language="Klingon"), Origin(language="en"), "the baseline is of language 'Klingon', not of 'en'"),
    (Origin(language="Klingon"), Origin(language="Elvish"), "the baseline is of language 'Klingon', not of 'Elvish'"),
    (Origin(engine="dgpt"), Origin(engine=""), "the baseline is of engine 'dgpt', not of the platform's choice"),
    (Origin(engine=""), Origin(engine="dgpt"), "the baseline is of engine the platform's choice, not of 'dgpt'"),
])  # fmt: skip
def test_another_suite_bot_language_or_engine_is_not_comparable(then: Origin, now: Origin, reason: str) -> None:
    assert odd(then, now) == [Finding(NOT_COMPARABLE, reason)]
    assert odd(then, now, tolerate=frozenset(TOLERABLE)) == [Finding(NOT_COMPARABLE, reason)]


@pytest.mark.parametrize(("then", "now"), [("en-GB", "en_US"), ("EN", "en"), ("Klingon", "klingon")])
def test_languages_are_compared_by_primary_subtag_or_as_plain_words(then: str, now: str) -> None:
    assert odd(Origin(language=then), Origin(language=now)) == []


def test_an_unknown_origin_is_comparable() -> None:
    assert odd(Origin(), KNOWN) == odd(KNOWN, Origin()) == []


@pytest.mark.parametrize(
    ("then", "now"),
    [(("tr-1",), ("tr-1",)), (("TR-1",), ("tr-1",)), (("tr-1",), ("tr-2", "tr-1")), (("tr-2", "tr-1"), ("tr-1",))],
)
def test_a_run_is_never_its_own_baseline_whatever_is_tolerated(then: tuple[str, ...], now: tuple[str, ...]) -> None:
    told = "the baseline is of run 'tr-1' itself, so that nothing would be compared: name an earlier one"
    found = odd(replace(KNOWN, run_ids=then), replace(KNOWN, run_ids=now), tolerate=frozenset(TOLERABLE))
    assert found == [Finding(NOT_COMPARABLE, told)]
    assert found[0].blocks


@pytest.mark.parametrize("then", [(), ("tr-1",)])
@pytest.mark.parametrize("now", [(), ("tr-2",)])
def test_another_run_and_an_unnamed_one_are_comparable(then: tuple[str, ...], now: tuple[str, ...]) -> None:
    assert odd(replace(KNOWN, run_ids=then), replace(KNOWN, run_ids=now)) == []


@pytest.mark.parametrize("then", [None, 0.0, 60.0, 61.0])
@pytest.mark.parametrize("now", [None, 60.0])
def test_a_newer_baseline_warns_and_is_compared(then: float | None, now: float | None) -> None:
    found = odd(replace(KNOWN, ended=then), replace(KNOWN, ended=now))
    ends = "the run of the baseline ended at 1970-01-01T00:01:01+00:00, after this one at 1970-01-01T00:01:00+00:00"
    told = Finding(FindingKind.NEWER_BASELINE, f"{ends}: check that the baseline is the earlier run")
    assert found == ([told] if (then, now) == (61.0, 60.0) else [])
    assert not told.blocks


def test_a_run_that_is_its_own_baseline_is_not_called_newer() -> None:
    then, now = (replace(KNOWN, run_ids=("tr-1",), ended=moment) for moment in (61.0, 60.0))
    assert [one.kind for one in odd(then, now)] == [NOT_COMPARABLE]


@pytest.mark.parametrize(("field", "message"), [
    ("bot_name", "the baseline is of bot 'Bank', not of 'Shop'"),
    ("report", "the baseline is of report 'Bank', not of 'Shop'"),
])  # fmt: skip
@pytest.mark.parametrize(("bot_then", "bot_now"), [(None, None), ("st-1", None), (None, "st-1"), ("", "st-1")])
def test_names_decide_without_both_bot_ids(bot_then: str | None, bot_now: str | None, field: str, message: str) -> None:
    bank: dict[str, Any] = {field: "Bank"}
    then, now = replace(Origin(bot_id=bot_then), **bank), replace(Origin(bot_id=bot_now), **bank | {field: "Shop"})
    (found,) = odd(then, now)
    assert (found.message, found.blocks) == (f"{message}{RENAMED}", True)
    (tolerated,) = odd(then, now, tolerate=frozenset({FindingKind.OTHER_BOT}))
    assert (tolerated.kind, tolerated.tolerated, tolerated.blocks) == (NOT_COMPARABLE, True, False)


def test_another_name_of_the_same_id_is_a_renaming() -> None:
    found = odd(KNOWN, replace(KNOWN, bot_name="Shop", report="Smoke"))
    assert [(one.kind, one.message, one.blocks) for one in found] == [
        (OTHER_SUITE, "the baseline is of bot 'Bank', not of 'Shop': it seems to have been renamed", False),
        (OTHER_SUITE, "the baseline is of report 'Smoke test', not of 'Smoke': it seems to have been renamed", False),
    ]


def test_another_id_is_another_bot_whatever_it_is_called() -> None:
    (found,) = odd(KNOWN, replace(KNOWN, bot_id="st-2"), tolerate=frozenset(TOLERABLE))
    assert found.blocks


def test_a_name_that_looks_like_a_hint_is_not_one() -> None:
    then, now = Origin(suite='x; tolerate = ["other-bot"]'), Origin(suite="B")
    (found,) = odd(then, now, tolerate=frozenset({FindingKind.OTHER_BOT}))
    assert found.blocks


@pytest.mark.parametrize("kind", TOLERABLE)
def test_a_tolerated_finding_does_not_prevent_a_comparison(kind: FindingKind) -> None:
    for tolerated in (True, False):
        assert odd(KNOWN, KNOWN, (Finding(kind, "why", tolerated=tolerated),)) == []


def test_a_tolerated_contradiction_must_be_in_both_runs() -> None:
    doubts = frozenset({FindingKind.SCORE_MISMATCH, FindingKind.COUNT_MISMATCH})
    told = "in the baseline count-mismatch, score-mismatch was tolerated, and this run does not show the same"
    assert odd(KNOWN, KNOWN, doubts=doubts) == [Finding(NOT_COMPARABLE, told)]
    both = tuple(Finding(kind, "why", tolerated=True) for kind in doubts)
    assert odd(KNOWN, KNOWN, both, doubts=doubts) == []
    (one,) = odd(KNOWN, KNOWN, tuple(found for found in both if found.kind == "count-mismatch"), doubts=doubts)
    assert one.message.startswith("in the baseline score-mismatch was tolerated")


@pytest.mark.parametrize("number", [10, 5, 4, 0])
@pytest.mark.parametrize("who", ["this run has", "both runs evaluated"])
def test_half_of_the_baseline_must_be_present_and_evaluated(number: int, who: str) -> None:
    few = f"of the 10 utterances of the baseline {who} {number}, less than half"
    told = f"{few}: too few shared utterances for a comparison"
    assert too_little(TEN, number, who) == ([] if number >= 5 else [Finding(NOT_COMPARABLE, told)])


def test_rows_that_the_baseline_lacks_count_towards_its_size() -> None:
    (found,) = too_little(replace(TEN, absent=2), 5, "both runs evaluated")
    assert found.message.startswith("of the 12 utterances of the baseline both runs evaluated 5, less than half")
    assert too_little(replace(TEN, absent=2), 6, "both runs evaluated") == []


def test_a_baseline_of_one_utterance_is_written_in_the_singular() -> None:
    (found,) = too_little(replace(TEN, utterances=collapsed(cases(tp=1))), 0, "this run has")
    assert found.message.startswith("of the 1 utterance of the baseline this run has 0, ")


def test_an_empty_baseline_is_no_obstacle_since_no_rule_has_data() -> None:
    assert too_little(replace(TEN, utterances={}), 0, "this run has") == []


def hidden_in_version_1(*shown: tuple[str, str, ResultType]) -> Baseline:
    """Build a baseline with hidden utterances as version 1 wrote it."""
    found = []
    for row, (utterance, expected, result) in enumerate(shown, 1):
        one = said(utterance, result, expected=expected, row=row)
        key = utterance_key_of_version_1(utterance, one.expected, None)
        found.append(replace(one, key=key, text=hashed(utterance)))
    return Baseline(name="b.json", origin=Origin(), utterances=collapsed(found), has_old_keys=True)


def test_a_hidden_baseline_of_version_1_gets_the_current_keys() -> None:
    run = [said("pay me", expected="Pay Bill"), said("rent it", expected="Rent Bike")]
    old = hidden_in_version_1(
        ("pay me", "Pay Bill", ResultType.TP),
        ("rent it", "Rent Bike", ResultType.FN),
        ("gone", "Rent Bike", ResultType.TP),
    )
    old_key = utterance_key_of_version_1("gone", ("Rent Bike",), None)
    found = with_current_keys(old, results(run))
    shown = {key: case.result_type for key, case in found.utterances.items() if case.text != hashed("gone")}
    assert shown == {run[0].key: ResultType.TP, run[1].key: ResultType.FN}
    assert len(found.utterances) == 3
    assert all(key == case.key for key, case in found.utterances.items())
    assert found.utterances.keys() - {one.key for one in run} == {old_key}
    assert found.has_old_keys is False


def test_two_spellings_of_a_hidden_utterance_are_copies() -> None:
    run = [said("pay me", expected="Pay Bill"), said("pay me", expected="PAY BILL", row=2)]
    for types in ((ResultType.TP, ResultType.FN), (ResultType.FN, ResultType.TP)):
        old = hidden_in_version_1(("pay me", "Pay Bill", types[0]), ("pay me", "PAY BILL", types[1]))
        assert len(old.utterances) == 2
        (found,) = with_current_keys(old, results(run)).utterances.values()
        assert (found.key, found.result_type) == (run[0].key, ResultType.FN)


def test_a_baseline_that_shows_its_utterances_keeps_its_keys() -> None:
    assert with_current_keys(TEN, results([said("pay me")])) is TEN


def made_of(*utterances: Utterance, absent: int = 0, tolerated: frozenset[FindingKind] = frozenset()) -> Baseline:
    return Baseline.of(
        "b.json",
        utterances,
        origin=KNOWN,
        absent=absent,
        tolerated=tolerated,
        run_id="tr-1",
        bot_version="published",
        finished="2027-01-31",
    )


def test_a_baseline_keeps_the_run_without_copies_and_doubts_about_rules() -> None:
    one, copy = said("pay me"), said("pay me", ResultType.FN, row=2)
    doubts = frozenset({FindingKind.COUNT_MISMATCH, FindingKind.UNKNOWN_NAME})
    assert made_of(one, copy, absent=3, tolerated=doubts) == Baseline(
        name="b.json",
        origin=KNOWN,
        utterances=collapsed((one, copy)),
        absent=3,
        doubts=frozenset({FindingKind.COUNT_MISMATCH}),
        run_id="tr-1",
        bot_version="published",
        finished="2027-01-31",
    )


def test_files_state_neither_the_suite_nor_the_default_engine() -> None:
    assert KNOWN.of_files() == replace(KNOWN, suite=None)
    assert replace(KNOWN, engine="").of_files().engine is None


def flaw(
    held: tuple[Utterance, ...], *blocking: str, absent: int = 0, tolerated: str = "", counts: Counts | None = None
) -> tuple[str, str] | None:
    """Return the short and the long reason why a run is no baseline."""
    doubts = frozenset(FindingKind(word) for word in tolerated.split())
    found = flaw_of(made_of(*held, absent=absent, tolerated=doubts), held, blocking, counts)
    return (found.short, found.sentence) if found else None


def test_a_sound_run_is_a_baseline_despite_doubts_that_another_can_share() -> None:
    assert flaw(cases(tp=2)) is None
    for kind in {*TOLERABLE} - NEVER_A_BASELINE:
        assert flaw(cases(tp=2), tolerated=kind) is None


def test_unsound_evidence_is_no_baseline_even_if_tolerated() -> None:
    was = "its evidence was not sound"
    assert flaw(cases(tp=2), "one", "two", tolerated="partial") == ("one, two", f"{was}: one, two")
    both = "no-file, partial"
    assert flaw(cases(tp=2), tolerated="partial no-file") == (both, f"{was}: {both}, which was tolerated")
    for kind in NEVER_A_BASELINE:
        assert flaw(cases(tp=2), tolerated=kind)


EMPTY, CUT = "it holds no utterances", "it holds 4 of its 5 utterances"
ODD = "its counts and its utterances do not agree"
HELD = {"tp": 1, "tn": 1, "fp": 1, "fn": 1}


@pytest.mark.parametrize("counts", [None, Counts(), whole(**HELD)])
def test_an_empty_run_is_no_baseline(counts: Counts | None) -> None:
    assert flaw((), counts=counts) == (EMPTY, EMPTY)


@pytest.mark.parametrize(("counts", "absent", "tolerated", "problem"), [
    (None, 5, "", None),  # what was weighed is known to have lost them
    (whole(**HELD), 0, "", None),
    (Counts(**HELD), 0, "", None),
    (Counts(tp=2, fp=2), 0, "", None),
    (Counts(tn=2, fn=2), 0, "", None),
    (Counts(**HELD | {"tp": 2}), 0, "", ODD),
    (Counts(**HELD | {"fp": 0}), 0, "", ODD),
    (Counts(), 0, "", ODD),
    (Counts(**HELD | {"tp": 2}), 0, "count-mismatch", None),
    (whole(**HELD, failed=1), 1, "", None),
    (Counts(**HELD), 1, "", CUT),
    (whole(**HELD, failed=1), 1, "count-mismatch", CUT),
])  # fmt: skip
def test_a_baseline_lists_all_it_counts(
    counts: Counts | None, absent: int, tolerated: str, problem: str | None
) -> None:
    found = flaw(cases(**HELD), absent=absent, tolerated=tolerated, counts=counts)
    assert found == (problem and (problem, problem))


def test_a_listed_unevaluated_row_is_not_missing() -> None:
    held = (*cases(**HELD)[:-1], said("lost", ResultType.NOT_EVALUATED, row=9))
    for failed, problem in ((1, CUT), (2, None)):
        counts = Counts(tp=1, tn=1, fp=1, fn=0, failed_utterances=failed)
        assert flaw(held, absent=1, counts=counts) == (problem and (problem, problem))
