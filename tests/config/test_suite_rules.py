"""The rules of one suite: what beats what, what needs a baseline, and that a gate can fail."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from ci_gate.core.floors import MIN_SUPPORT
from ci_gate.core.rules import ALPHA, INTENT, MUST_PASS, Forbidden, Name
from ci_gate.core.thresholds import THRESHOLDS
from tests.config.builders import check, compare, refusal, run, suites

if TYPE_CHECKING:
    from ci_gate.config.settings import SuiteSettings
    from ci_gate.config.sources import FlagValue

BASELINE_HINT = "name one with --baseline, CI_GATE_BASELINE or baseline = …; or compare two versions: ci-gate compare"
NEEDS_BASELINE = [key for key, metric in THRESHOLDS.items() if metric.needs_baseline]


def suite_of(file: str = "", environment: dict[str, str] | None = None, /, **flags: FlagValue) -> SuiteSettings:
    """Settle the only suite of a run."""
    flags = flags if "[[suites]]" in file else {"suite": ("Smoke",), **flags}
    (found,) = suites(file, environment, **flags)
    return found


# Where values come from


@pytest.mark.parametrize(
    ("name", "text", "attribute", "value"),
    [
        ("alpha", "1%", "alpha", Fraction(1, 100)),
        ("bound", "LOWER", "lower_bound", True),
        ("bound", "point", "lower_bound", False),
        ("strict_drop", "true", "strict_drop", True),
        ("strict_drop", "no", "strict_drop", False),
    ],
)
def test_a_setting_of_the_rules_means_the_same_from_everywhere(
    name: str, text: str, attribute: str, value: object
) -> None:
    for found in (
        suite_of(**{name: text}, min_f1="0.9"),
        suite_of("", {f"CI_GATE_{name.upper()}": text}, min_f1="0.9"),
        suite_of(f'{name} = "{text}"', min_f1="0.9"),
        suite_of(f'[[suites]]\nname = "Smoke"\n{name} = "{text}"', min_f1="0.9"),
    ):
        assert getattr(found.rules, attribute) == value


def test_what_nobody_set_has_its_documented_default() -> None:
    rules = suite_of(min_f1="0.9").rules
    assert (rules.alpha, rules.lower_bound, rules.strict_drop) == (ALPHA, False, False)
    assert (rules.max_regressions, rules.must_pass, rules.forbidden, rules.waivers) == (None, (), (), ())
    assert (rules.intents.general.bounds, rules.intents.general.min_support) == ({}, MIN_SUPPORT)
    assert (rules.common_names, rules.is_part) == (frozenset(), False)


RULES = """
must_pass = ["one", "two"]
[intents]
min_recall = 0.8
min_f1 = 0.7
min_support = 10
[intents."Transfer money"]
min_recall = 0.95
min_support = 3
[[forbidden]]
expected = "Cancel card"
matched = "Order card"
[[waivers]]
intent = "Pay bill"
reason = "known"
owner = "Ada"
expires = 2027-01-31
[[suites]]
name = "Smoke"
must_pass = ["two", "three"]
[suites.intents]
min_recall = 0.6
min_precision = 0.5
max_regressions = 2
[suites.intents."transfer MONEY"]
min_recall = "off"
min_f1 = 0.99
point = true
[suites.intents."Pay bill"]
min_precision = "off"
[[suites.forbidden]]
expected = "Cancel card"
matched = "Pay bill"
[[suites.forbidden]]
expected = "Cancel card"
matched = "Order card"
[[suites.waivers]]
utterance = "four"
reason = "known"
owner = "Bob"
expires = 2027-02-28
[[suites]]
name = "Full"
"""


def test_own_floors_beat_common_ones_and_named_ones_beat_general_ones_key_by_key() -> None:
    smoke, full = (one.rules.intents for one in suites(RULES, baseline="b.json"))
    assert smoke.general.bounds == {
        "min_f1": Fraction(7, 10),
        "min_precision": Fraction(1, 2),
        "min_recall": Fraction(3, 5),
    }
    assert (smoke.general.min_support, smoke.general.point) == (10, False)
    money = smoke.of("transfer money")
    assert money.bounds == {"min_f1": Fraction(99, 100), "min_precision": Fraction(1, 2)}
    assert (money.min_support, money.point) == (3, True)
    assert smoke.of("Pay bill").bounds == {"min_f1": Fraction(7, 10), "min_recall": Fraction(3, 5)}
    assert len(smoke.named) == 2, "an intent in two spellings is one"
    assert full.general.bounds == {"min_f1": Fraction(7, 10), "min_recall": Fraction(4, 5)}
    assert full.of("Transfer money").bounds == {"min_f1": Fraction(7, 10), "min_recall": Fraction(19, 20)}
    assert list(full.named) == ["Transfer money"]


def test_own_lists_come_beside_common_ones_each_entry_once() -> None:
    smoke, full = (one.rules for one in suites(RULES, baseline="b.json"))
    order, pay = Forbidden("Cancel card", "Order card"), Forbidden("Cancel card", "Pay bill")
    assert (smoke.must_pass, full.must_pass) == (("one", "two", "three"), ("one", "two"))
    assert (smoke.forbidden, full.forbidden) == ((order, pay), (order,))
    assert [(one.owner, one.is_common) for one in smoke.waivers] == [("Bob", False), ("Ada", True)]
    assert [(one.expires, one.is_common) for one in full.waivers] == [(date(2027, 1, 31), True)]
    assert (smoke.max_regressions, full.max_regressions) == (2, None)


def test_names_that_were_written_for_all_suites_are_told_from_a_suites_own() -> None:
    smoke, full = (one.rules for one in suites(RULES, baseline="b.json"))
    common = {
        Name(INTENT, "Transfer money"),
        Name(INTENT, "Cancel card"),
        Name(MUST_PASS, "one"),
        Name(MUST_PASS, "two"),
    }
    assert smoke.common_names == full.common_names == common
    assert common <= set(smoke.names)
    assert set(smoke.names) - common == {Name(INTENT, "Pay bill"), Name(MUST_PASS, "three")}


@pytest.mark.parametrize(("asked", "is_part"), [((), False), (("Smoke", "Full"), False), (("Full",), True)])
def test_a_suite_knows_whether_others_of_the_file_are_not_judged(asked: tuple[str, ...], is_part: bool) -> None:
    assert {one.rules.is_part for one in suites(RULES, baseline="b.json", suite=asked)} == {is_part}


def test_rules_of_the_file_hold_for_suites_that_are_only_asked_for() -> None:
    (rules,) = (one.rules for one in suites('must_pass = ["one"]', suite=("Smoke",)))
    assert (rules.must_pass, rules.is_part) == (("one",), False)


# What needs a baseline


@pytest.mark.parametrize("key", NEEDS_BASELINE)
def test_a_threshold_on_change_needs_something_to_compare_with(key: str) -> None:
    for origin, attempt in (
        (f"--{key.replace('_', '-')}", lambda: suite_of(min_f1="0.9", **{key: "0"})),
        (f"CI_GATE_{key.upper()}", lambda: suite_of("", {f"CI_GATE_{key.upper()}": "0"}, min_f1="0.9")),
        (f"ci-gate.toml: thresholds: {key}", lambda: suite_of(f"[thresholds]\nmin_f1 = 0.9\n{key} = 0")),
        (
            f"ci-gate.toml: [[suites]] 1 'Smoke': thresholds: {key}",
            lambda: suite_of(f'[[suites]]\nname = "Smoke"\nthresholds = {{ min_f1 = 0.9, {key} = 0 }}'),
        ),
    ):
        error = refusal(attempt)
        assert error.message == f"{origin} compares with an earlier run, and none is named"
        assert error.hint == BASELINE_HINT


@pytest.mark.parametrize("where", ["", "[[suites]]\nname = 'Smoke'\n"], ids=["common", "own"])
def test_a_bound_on_intents_that_got_worse_needs_something_to_compare_with(where: str) -> None:
    table = "[suites.intents]" if where else "[intents]"
    file = f"thresholds = {{ min_f1 = 0.9 }}\n{where}{table}\nmax_regressions = 0"
    error = refusal(lambda: suite_of(file))
    place = "[[suites]] 1 'Smoke': " if where else ""
    assert error.message == (
        f"ci-gate.toml: {place}intents: max_regressions compares with an earlier run, and none is named"
    )
    assert error.hint == BASELINE_HINT
    assert suite_of(file, baseline="b.json").rules.max_regressions == 0
    assert suite_of(file.replace("regressions = 0", 'regressions = "off"')).rules.max_regressions is None


def test_a_number_of_intents_that_is_none_is_refused() -> None:
    error = refusal(lambda: suite_of('[intents]\nmax_regressions = "few"', baseline="b.json"))
    assert error.message == "ci-gate.toml: intents: max_regressions: 'few' is not a whole number of 0 or more"


def test_a_suite_can_switch_off_what_all_others_allow_of_worse_intents() -> None:
    file = """
    thresholds = { min_f1 = 0.9 }
    [intents]
    max_regressions = 1
    [[suites]]
    name = "Smoke"
    [suites.intents]
    max_regressions = "off"
    """
    assert suite_of(file).rules.max_regressions is None


def test_with_a_baseline_f1_may_hardly_fall_unless_somebody_says_otherwise() -> None:
    def bounds(**flags: FlagValue) -> dict[str, str]:
        return {one.key: one.bound_text for one in suite_of(baseline="b.json", **flags).rules.thresholds}

    assert bounds() == {"max_failed_utterances": "0", "min_utterances": "1", "max_f1_drop": "0.01"}
    assert bounds(max_f1_drop="2%")["max_f1_drop"] == "0.02"
    assert "max_f1_drop" not in bounds(max_f1_drop="off", min_f1="0.9")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1", "'1' is a drop of everything, which allows any: did you mean 1%?"),
        ("100%", "'100%' is a drop of everything, which allows any"),
        ("5", "'5' is a drop of everything, which allows any: did you mean 5%?"),
        ("-0.1", "'-0.1' is not a number like 0.9 or 90%, nor 'off'"),
    ],
)
def test_a_drop_that_allows_everything_is_refused(text: str, said: str) -> None:
    assert refusal(lambda: suite_of(baseline="b.json", max_f1_drop=text)).message == f"--max-f1-drop: {said}"


def test_two_versions_are_compared_without_any_baseline() -> None:
    (suite,) = compare(max_new_failures="0").suites
    assert [one.key for one in suite.rules.thresholds] == [
        "max_failed_utterances",
        "min_utterances",
        "max_f1_drop",
        "max_new_failures",
    ]
    assert suite.baseline_path is None


# A gate that cannot fail is not a gate

LINE = "  a threshold for 'Smoke': such as --min-f1 0.9, CI_GATE_MIN_F1 or thresholds = { min_f1 = 0.9 }"
FLOOR = "[intents]\nmin_recall = 0.8"


@pytest.mark.parametrize(
    "file",
    [
        "[intents]\npoint = true\nmin_support = 3",
        '[intents]\nmin_recall = "off"',
        '[intents]\nmax_regressions = "off"',
        '[intents."Pay bill"]\nmin_support = 3',
        '[intents."Pay bill"]\nmin_f1 = "off"',
        '[[waivers]]\nintent = "Pay bill"\nreason = "a"\nowner = "b"\nexpires = 2027-01-31',
        "must_pass = []\nforbidden = []",
        'alpha = 0.01\nbound = "lower"\nstrict_drop = true',
        f'{FLOOR}\n[[suites]]\nname = "Smoke"\n[suites.intents]\nmin_recall = "off"',
        f"{FLOOR}\n".replace("[intents]", '[[suites]]\nname = "Smoke"\n[suites.intents]').replace("0.8", '"off"'),
    ],
)
def test_rules_that_nothing_can_break_are_no_gate(file: str) -> None:
    error = refusal(lambda: suite_of(file))
    assert error.message == "not everything that is needed was given"
    assert LINE in error.hint


@pytest.mark.parametrize(
    "file",
    [
        FLOOR,
        '[intents."Pay bill"]\nmin_f1 = 0.9',
        'must_pass = ["one"]',
        '[[forbidden]]\nexpected = "a"\nmatched = "b"',
        f'[[suites]]\nname = "Smoke"\n{FLOOR.replace("[intents]", "[suites.intents]")}',
        '[[suites]]\nname = "Smoke"\nmust_pass = ["one"]',
    ],
)
def test_any_single_rule_makes_a_gate_that_needs_no_baseline(file: str) -> None:
    assert suite_of(file).can_fail_alone
    assert suite_of(file, baseline="b.json", max_f1_drop="off").can_fail_alone


@pytest.mark.parametrize(
    ("file", "flags", "can"),
    [
        ("", {}, True),
        ("", {"max_f1_drop": "off"}, False),
        ("", {"max_f1_drop": "off", "max_new_failures": "0"}, True),
        ("", {"max_f1_drop": "0.05"}, True),
        ("[intents]\nmax_regressions = 0", {"max_f1_drop": "off"}, True),
        ('[intents]\nmax_regressions = "off"', {"max_f1_drop": "off"}, False),
    ],
)
def test_with_a_baseline_it_is_a_gate_while_anything_of_the_comparison_can_fail(
    file: str, flags: dict[str, FlagValue], can: bool
) -> None:
    if can:
        assert not suite_of(file, baseline="b.json", **flags).can_fail_alone
        assert compare(file, **flags).suites
        return
    assert LINE in refusal(lambda: suite_of(file, baseline="b.json", **flags)).hint
    assert LINE in refusal(lambda: compare(file, **flags)).hint


def test_a_baseline_of_its_own_is_for_that_suite_alone() -> None:
    file = """
    baseline = "common.json"
    [[suites]]
    name = "Smoke"
    [[suites]]
    name = "Full"
    baseline = "full.json"
    allow_missing_baseline = true
    """
    found = [(str(one.baseline_path), one.allow_missing_baseline) for one in run(file).suites]
    assert found == [("common.json", False), ("full.json", True)]


def test_files_are_judged_by_the_same_rules() -> None:
    (suite,) = check(RULES, None, ("Full", "x"), baseline="b.json").suites
    assert suite.rules == suites(RULES, baseline="b.json", suite=("Full",))[0].rules
