"""The whole judgement: how findings and checks come together, and what a pass needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.duplicates import collapsed
from ci_gate.core.evidence.weigh import weigh
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.judgement import judge_suite
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Reported, ResultType
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import Source, Subject, Unjudged, conclude
from ci_gate.core.rules import MUST_PASS, Forbidden, Name, Rules
from ci_gate.core.tally import tally
from ci_gate.core.thresholds import BASELINE_DEFAULTS, DEFAULTS
from ci_gate.core.verdict import Verdict
from ci_gate.core.waivers import Waiver
from tests.core.builders import MISSING, case, cases, results, status, threshold, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_gate.core.model import Utterance
    from ci_gate.core.report import Judgement, SuiteReport

TODAY = date(2026, 6, 30)
TP, FP, LOST = ResultType.TP, ResultType.FP, ResultType.NOT_EVALUATED
GOOD = cases(tp=40)
BAD = cases(tp=28, fp=12)
DROP = (*BASELINE_DEFAULTS.values(),)
HALF = Fraction(1, 2)
LENIENT = Rules(thresholds=(threshold("min_f1", "0.5"),), demands_all=False)
NO_FILE = frozenset({FindingKind.NO_FILE})


def baseline(of: Sequence[Utterance] = GOOD, origin: Origin | None = None) -> Baseline:
    return Baseline(name="b.json", origin=origin or Origin(), utterances=collapsed(of))


def judged(
    suite: Sequence[Utterance] | None,
    rules: Rules,
    against: Baseline | MissingBaseline | None = None,
    origin: Origin | None = None,
    *,
    absent: int = 0,
) -> Judgement:
    """Judge a suite whose file lacks ``absent`` unevaluated utterances; ``None`` means no file."""
    listed = GOOD if suite is None else tuple(suite)
    lost = sum(not one.is_evaluated for one in listed) + absent
    counts = replace(tally(listed), utterances=len(listed) + absent, failed_utterances=lost)
    file = MISSING if suite is None else results(listed)
    found = weigh(status(counts), file, expectation=Expectation(), tolerate=rules.tolerate)
    return judge_suite(rules, found, today=TODAY, baseline=against, origin=origin or Origin())


def concluded(judgement: Judgement) -> SuiteReport:
    return conclude(Subject(label="s", suite="s", source=Source.RUN), judgement)


def findings(judgement: Judgement) -> list[tuple[str, str]]:
    return [(found.kind.value, found.message) for found in judgement.evidence.findings]


def test_without_a_baseline_there_is_no_comparison() -> None:
    found = judged(GOOD, Rules(thresholds=(threshold("min_f1", "0.9"),)))
    assert (found.comparison, findings(found), [check.name for check in found.checks]) == (None, [], ["f1 >= 0.90"])


def test_a_run_that_got_worse_fails_and_one_that_did_not_passes() -> None:
    rules = Rules(thresholds=DROP)
    assert concluded(judged(BAD, rules, baseline())).verdict is Verdict.FAILED
    assert concluded(judged(GOOD, rules, baseline(BAD))).verdict is Verdict.PASSED


def test_an_allowed_missing_baseline_warns_and_skips_the_comparison() -> None:
    rules = Rules(thresholds=(threshold("min_f1", "0.9"), *DROP), max_regressions=0)
    found = judged(GOOD, rules, MissingBaseline("base/report.json"))
    message = "NOTHING WAS COMPARED with an earlier run: there is no baseline 'base/report.json', which is allowed"
    assert findings(found) == [("no-baseline", message)]
    assert [check.name for check in found.checks] == ["f1 >= 0.90"]
    assert concluded(found).verdict is Verdict.PASSED


def test_an_incomparable_baseline_cannot_pass() -> None:
    rules = Rules(thresholds=(threshold("min_f1", "0.9"), *DROP))
    found = judged(GOOD, rules, baseline(origin=Origin(bot_id="st-1")), Origin(bot_id="st-2"))
    assert findings(found) == [("not-comparable", "the baseline is of bot 'st-1', not of 'st-2'")]
    assert [check.outcome for check in found.checks] == [Outcome.PASSED, Outcome.NO_DATA]
    report = concluded(found)
    assert isinstance(report, Unjudged)
    assert report.error.hint == "name a baseline that is a whole run of this suite, by this bot, engine and language"


@pytest.mark.parametrize("rules", [
    Rules(thresholds=DROP, tolerate=NO_FILE),
    Rules(must_pass=("utterance 1",), tolerate=NO_FILE),
    Rules(forbidden=(Forbidden("Rent Bike", "Pay"),), tolerate=NO_FILE),
    Rules(intents=IntentFloors(general=Floors(bounds={"min_f1": HALF})), tolerate=NO_FILE),
    Rules(intents=IntentFloors(named={"Rent Bike": Floors(bounds={"min_f1": HALF})}), tolerate=NO_FILE),
], ids=["drop", "must-pass", "forbidden", "floors", "named floor"])  # fmt: skip
def test_rules_about_utterances_have_no_data_without_a_file(rules: Rules) -> None:
    found = judged(None, rules, baseline() if rules.thresholds else None)
    assert concluded(found).verdict is Verdict.UNJUDGED
    assert {check.outcome for check in found.checks} == {Outcome.NO_DATA}


def test_a_missing_file_makes_the_baseline_incomparable() -> None:
    found = judged(None, Rules(thresholds=DROP, tolerate=NO_FILE), baseline())
    message = "without a readable results file there is nothing to compare with the baseline"
    assert ("not-comparable", message) in findings(found)


def test_defects_of_the_suite_are_reported() -> None:
    twice = [case(row=1), replace(case(), key="other", expected=("Pay Bill",), row=2)]
    unstable = [replace(cases(tp=1)[0], key="k", text="now and then", row=row) for row in (3, 4)]
    unstable[1] = replace(unstable[1], result_type=cases(fn=1)[0].result_type)
    twice[1] = replace(twice[1], text=twice[0].text)
    found = [one for one in findings(judged([*twice, *unstable], Rules())) if one[0] in ("unstable", "two-labels")]
    assert found == [
        ("unstable", "of these some copies passed and others did not, so they count as failed: 'now and then'"),
        (
            "two-labels",
            "these stand in the suite with several expected intents, of which at most one can pass: 'utterance 1'",
        ),
    ]


def test_a_common_name_that_is_missing_here_only_warns() -> None:
    rules = Rules(
        thresholds=(threshold("min_f1", "0.5"),),
        must_pass=("elsewhere",),
        common_names=frozenset({Name(MUST_PASS, "elsewhere")}),
        is_part=True,
    )
    message = "the must-pass utterance 'elsewhere' is not in this suite; the other suites were not searched for it"
    assert ("unknown-name", message) in findings(judged(GOOD, rules))
    assert findings(judged(GOOD, replace(rules, is_part=False))) == []
    assert findings(judged(GOOD, replace(rules, common_names=frozenset()))) == []


def test_idle_waivers_are_reported_unless_they_are_common() -> None:
    unused = Waiver(expected="Rent Bike", reason="why", owner="Ines", expires=TODAY)
    common = replace(unused, expected="Pay Bill", is_common=True)
    expired = replace(unused, expires=date(2026, 6, 29), is_common=True)
    found = judged(GOOD, Rules(waivers=(unused, common, expired)))
    assert findings(found) == [
        ("waiver", "the waiver of intent 'Rent Bike' covers nothing; it can be removed (Ines: why)"),
        ("waiver", "the waiver of intent 'Rent Bike' expired on 2026-06-29 and no longer applies (Ines: why)"),
    ]
    assert [use.state for use in found.waived.uses] == ["unused", "unused", "expired"]


def test_waivers_lower_counts_and_leave_scores() -> None:
    waiver = Waiver(expected="Rent Bike", matched="return bike", reason="why", owner="Ines", expires=TODAY)
    thresholds = (threshold("max_mismatches", "0"), threshold("min_f1", "1"))
    found = judged(BAD, Rules(thresholds=thresholds, waivers=(waiver,)))
    assert [(check.outcome, check.measured) for check in found.checks] == [
        (Outcome.PASSED, "0 (12 more are waived)"),
        (Outcome.FAILED, "0.8235"),
    ]


def test_every_rule_sees_the_utterances_and_the_waivers() -> None:
    rules = Rules(
        thresholds=(threshold("min_f1", "0.9"),),
        lower_bound=True,
        must_pass=("utterance 1", "utterance 30"),
        forbidden=(Forbidden("Rent Bike", "return bike"),),
        intents=IntentFloors(general=Floors(bounds={"min_recall": HALF})),
        waivers=(Waiver(expected="Rent Bike", matched="Return Bike", reason="why", owner="Ines", expires=TODAY),),
    )
    found = judged(BAD, rules)
    assert found.rules is rules
    assert [(check.name, check.outcome, check.measured) for check in found.checks] == [
        ("f1 lower bound >= 0.90", Outcome.FAILED, "0.7061 (f1 itself is 0.8235)"),
        ("must-pass utterances that fail <= 0", Outcome.PASSED, "0 of 2 must-pass utterances fail (1 more is waived)"),
        (
            "'Rent Bike' taken for 'return bike' <= 0",
            Outcome.PASSED,
            "'Rent Bike' was taken for 'return bike' 0 times (12 more are waived)",
        ),
        ("recall of Rent Bike beyond chance >= 0.50", Outcome.PASSED, "0.70 (28 of 40)"),
    ]


def test_too_small_intents_and_unknown_names_are_reported() -> None:
    rules = Rules(
        intents=IntentFloors(general=Floors(bounds={"min_recall": HALF}, min_support=50)),
        forbidden=(Forbidden("Rent Bike", "Nowhere"),),
    )
    assert [kind for kind, _ in findings(judged(GOOD, rules))] == ["small-support", "unknown-name"]


@pytest.mark.parametrize(
    ("counted", "in_file", "waived", "left"),
    [(12, 12, 5, 7), (5, 12, 5, 5), (5, 12, 9, 3), (12, 5, 5, 7), (5, 12, 0, 5)],
)
def test_a_waiver_excuses_rows_before_counts(counted: int, in_file: int, waived: int, left: int) -> None:
    suite = [*cases(fp=waived), *(case(FP, expected=("Pay Bill",), row=99 + row) for row in range(in_file - waived))]
    waiver = Waiver(expected="Rent Bike", reason="why", owner="Ines", expires=TODAY)
    tolerate = frozenset({FindingKind.COUNT_MISMATCH})
    found = weigh(status(whole(tp=40, fp=counted)), results(suite), expectation=Expectation(), tolerate=tolerate)
    rules = Rules(thresholds=(threshold("max_mismatches", "0"),), waivers=(waiver,), tolerate=tolerate)
    (check,) = judge_suite(rules, found, today=TODAY, origin=Origin()).checks
    assert check.actual == left


@pytest.mark.parametrize(("shared", "verdict"), [(20, Verdict.PASSED), (19, Verdict.UNJUDGED), (0, Verdict.UNJUDGED)])
def test_runs_that_share_less_than_half_of_the_baseline_are_not_compared(shared: int, verdict: Verdict) -> None:
    run = [*cases(tp=shared), *(case(FP, row=row) for row in range(100, 140 - shared))]
    found = judged(run, Rules(thresholds=DROP), baseline())
    assert concluded(found).verdict is verdict
    assert (found.comparison is None) is (verdict is Verdict.UNJUDGED)
    assert ("not-comparable" in dict(findings(found))) is (verdict is Verdict.UNJUDGED)


@pytest.mark.parametrize(("lost", "verdict"), [
    (1, Verdict.PASSED), (3, Verdict.PASSED), (4, Verdict.UNJUDGED), (20, Verdict.UNJUDGED), (21, Verdict.UNJUDGED),
])  # fmt: skip
def test_unevaluated_utterances_may_be_a_drop_beyond_chance(lost: int, verdict: Verdict) -> None:
    run = [case(LOST if row <= lost else TP, row=row) for row in range(1, 41)]
    assert concluded(judged(run, replace(LENIENT, thresholds=DROP), baseline())).verdict is verdict


TOO_LITTLE = "both runs evaluated 19, less than half: too few shared utterances for a comparison"


@pytest.mark.parametrize(("of_both", "verdict"), [(19, Verdict.UNJUDGED), (20, Verdict.PASSED)])
def test_half_of_the_baseline_must_be_evaluated_for_a_pass(of_both: int, verdict: Verdict) -> None:
    then = [*cases(tp=of_both), *(case(LOST, row=row) for row in range(of_both + 1, 41))]
    found = judged(GOOD, Rules(thresholds=DROP), baseline(then))
    assert concluded(found).verdict is verdict
    assert found.comparison is not None
    told = f"of the 40 utterances of the baseline {TOO_LITTLE}"
    assert (("not-comparable", told) in findings(found)) is (of_both == 19)


def test_a_mostly_unevaluated_comparison_can_fail() -> None:
    run = [case(FP if row <= 19 else LOST, row=row) for row in range(1, 41)]
    added = [case(TP, row=row) for row in range(41, 91)]
    found = judged([*run, *added], replace(LENIENT, thresholds=DROP), baseline())
    assert any(TOO_LITTLE in message for _, message in findings(found))
    assert concluded(found).verdict is Verdict.FAILED


def test_an_unevaluated_baseline_may_have_failed_too() -> None:
    then = [*cases(tp=19), *(case(LOST, row=row) for row in range(20, 41))]
    run = [case(FP if row <= 19 else TP, row=row) for row in range(1, 41)]
    found = judged(run, Rules(thresholds=DROP), baseline(then))
    assert [check.outcome for check in found.checks] == [Outcome.NO_DATA]
    assert concluded(found).verdict is Verdict.UNJUDGED


def test_a_rule_about_change_without_any_baseline_has_no_data() -> None:
    found = judged(GOOD, Rules(thresholds=(threshold("min_f1", "0.9"), *DROP), max_regressions=0))
    assert [check.outcome for check in found.checks] == [Outcome.PASSED, Outcome.NO_DATA, Outcome.NO_DATA]
    assert {check.measured for check in found.checks[1:]} == {"there was nothing to compare with"}


def test_a_suite_that_no_rule_is_about_cannot_pass() -> None:
    elsewhere = Rules(thresholds=(*DEFAULTS.values(),), must_pass=("said elsewhere",))
    report = concluded(judged(BAD, elsewhere))
    message = "no rule applies to anything in this suite, so the quality of the bot is not checked"
    assert isinstance(report, Unjudged)
    assert report.error.message == message
    assert report.error.hint == "set a threshold for this suite, like min_f1, or leave the suite out"
    for enough in (
        replace(elsewhere, must_pass=("utterance 1", "said elsewhere")),
        replace(elsewhere, thresholds=(threshold("min_f1", "0.5"),)),
        replace(elsewhere, must_pass=()),
    ):
        assert concluded(judged(BAD, enough)).verdict is Verdict.PASSED
    for key in ("max_failed_utterances", "min_utterances"):
        only_measured = replace(elsewhere, thresholds=(threshold(key, "3"),))
        assert ("no-rule", message) in findings(judged(BAD, only_measured))
    first_week = replace(elsewhere, thresholds=(*elsewhere.thresholds, *DROP))
    assert concluded(judged(BAD, first_week, MissingBaseline("b.json"))).verdict is Verdict.UNJUDGED


# --- a suite that is too small for its rules --------------------------------------------------------------------------
THREE = cases(tp=3)


def test_a_rule_that_cannot_fail_is_left_out_beside_another() -> None:
    found = judged(THREE, Rules(thresholds=(threshold("min_f1", "0.5"), *DROP)), baseline(THREE))
    assert [check.name for check in found.checks] == ["f1 >= 0.50"]
    told = [message for kind, message in findings(found) if kind == "small-suite"]
    assert told[-1].startswith("f1 drop beyond chance <= 0.01 is left out, since nothing could fail it here: 3 utter")
    assert concluded(found).verdict is Verdict.PASSED


@pytest.mark.parametrize("pressing", [frozenset[str](), frozenset({"max_f1_drop"})])
def test_nothing_passes_without_a_rule_that_could_fail(pressing: frozenset[str]) -> None:
    rules = Rules(thresholds=(*DEFAULTS.values(), *DROP), pressing=pressing)
    found = judged(THREE, rules, baseline(THREE))
    assert ("no-rule" in dict(findings(found))) is not bool(pressing)
    assert [check.metric for check in found.checks] == ["utterances", *(["f1_drop"] if pressing else [])]
    assert concluded(found).verdict is Verdict.UNJUDGED


# --- what was not evaluated -------------------------------------------------------------------------------------------
SOME_LOST = [*cases(tp=38), *(case(LOST, row=row) for row in (39, 40))]
TWO = "2 of 40 utterances were not evaluated by the platform"


def test_unevaluated_utterances_need_an_explicit_limit() -> None:
    message = f"{TWO}; to judge the others anyway, write max_failed_utterances = 2"
    for suite, absent in ((SOME_LOST, 0), (SOME_LOST[:39], 1), (SOME_LOST[:38], 2)):
        found = judged(suite, replace(LENIENT, demands_all=True), absent=absent)
        assert ("not-evaluated", message) in findings(found)
        assert concluded(found).verdict is Verdict.UNJUDGED
        lenient = judged(suite, LENIENT, absent=absent)
        assert "not-evaluated" not in dict(findings(lenient))
        assert concluded(lenient).verdict is Verdict.PASSED


def test_unevaluated_utterances_do_not_prevent_a_failure() -> None:
    rules = Rules(thresholds=(threshold("min_f1", "1"),))
    bad = [*SOME_LOST, case(FP, row=41)]
    assert concluded(judged(bad, rules)).verdict is Verdict.FAILED


def test_nothing_passes_if_the_number_of_failed_utterances_is_unknown() -> None:
    found = weigh(Reported(scores={Metric.F1: "0.95"}), MISSING, expectation=Expectation(), tolerate=NO_FILE)
    rules = replace(LENIENT, tolerate=NO_FILE, demands_all=True)
    told = judge_suite(rules, found, today=TODAY, origin=Origin()).evidence.findings
    (message,) = (one.message for one in told if one.kind is FindingKind.NOT_EVALUATED)
    assert message.startswith("it is not known whether all utterances were evaluated")
    assert 'write max_failed_utterances = "off"' in message


def test_an_outage_is_not_reported_as_a_missing_limit() -> None:
    found = judged([case(LOST, row=row) for row in range(1, 41)], replace(LENIENT, demands_all=True))
    assert "nothing-measured" in dict(findings(found))
    assert "not-evaluated" not in dict(findings(found))


@pytest.mark.parametrize(("rules", "of_all_suites"), [
    (Rules(must_pass=("utterance 40",)), True),
    (Rules(forbidden=(Forbidden("Pay Bill", "Rent Bike"),)), False),
    (Rules(intents=IntentFloors(named={"Pay Bill": Floors(bounds={"min_recall": HALF})})), False),
])  # fmt: skip
def test_a_missing_name_may_be_in_missing_rows(rules: Rules, of_all_suites: bool) -> None:
    common = frozenset(rules.names) if of_all_suites else frozenset[Name]()
    (name,) = rules.names
    found = judged(cases(tp=39), replace(rules, demands_all=False, common_names=common), absent=1)
    message = f"the {name.what} '{name.text}' may be among the 1 utterance that the file lacks"
    assert ("unknown-name", message) in findings(found)
    assert {check.outcome for check in found.checks} == {Outcome.NO_DATA}


def test_missing_rows_of_the_baseline_were_not_removed() -> None:
    rules = replace(LENIENT, thresholds=(threshold("max_new_failures", "1"),))
    found = judged(cases(tp=38), rules, baseline(), absent=2)
    assert found.comparison is not None
    assert (found.comparison.unevaluated, found.comparison.removed) == (2, ())
    assert concluded(found).verdict is Verdict.UNJUDGED
    whole_again = judged(cases(tp=38), replace(rules, thresholds=(threshold("max_new_failures", "2"),)), baseline())
    assert whole_again.comparison is not None
    assert len(whole_again.comparison.removed) == 2
    assert concluded(whole_again).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("tolerate", "lost", "removed"), [(frozenset(), 0, 2), (frozenset({FindingKind.PARTIAL}), 2, 0)]
)
def test_a_partial_run_lost_rows(tolerate: frozenset[FindingKind], lost: int, removed: int) -> None:
    reply, file = status(whole(tp=38), partial=True), results(cases(tp=38))
    found = weigh(reply, file, expectation=Expectation(), tolerate=tolerate)
    told = judge_suite(LENIENT, found, today=TODAY, baseline=baseline(), origin=Origin()).comparison
    assert told is not None
    assert (told.unevaluated, len(told.removed)) == (lost, removed)


# --- what may be compared ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("is_tolerated", [False, True])
def test_another_bot_name_is_tolerable_without_ids(is_tolerated: bool) -> None:
    rules = replace(LENIENT, tolerate=frozenset({FindingKind.OTHER_BOT}) if is_tolerated else frozenset())
    found = judged(GOOD, rules, baseline(origin=Origin(bot_name="Bank")), Origin(bot_name="Shop"))
    (odd,) = (one for one in found.evidence.findings if one.kind is FindingKind.NOT_COMPARABLE)
    assert (odd.tolerated, odd.blocks) == (is_tolerated, not is_tolerated)
    assert (found.comparison is not None) is is_tolerated
    assert concluded(found).verdict is (Verdict.PASSED if is_tolerated else Verdict.UNJUDGED)


def test_a_renamed_bot_is_compared_with_a_warning() -> None:
    then, now = Origin(bot_id="st-1", bot_name="Bank"), Origin(bot_id="st-1", bot_name="Shop")
    found = judged(GOOD, LENIENT, baseline(origin=then), now)
    assert [kind for kind, _ in findings(found)] == ["other-suite"]
    assert concluded(found).verdict is Verdict.PASSED


def test_every_test_uses_its_share_of_alpha() -> None:
    run = [case(FP if row <= 4 else TP, row=row) for row in range(1, 41)]
    for share, verdict in ((1, Verdict.FAILED), (2, Verdict.PASSED)):
        found = judged(run, Rules(thresholds=DROP, share=share), baseline())
        assert found.comparison is not None
        assert {change.level for change in found.comparison.intents} == {0.05 / share}
        assert concluded(found).verdict is verdict
