"""The rules of one suite: precedence, baselines, and gates that can fail."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.core.floors import MIN_SUPPORT
from ci_gate.core.rules import ALPHA, INTENT, MUST_PASS, Forbidden, Name
from ci_gate.core.thresholds import THRESHOLDS
from tests.config.builders import SMOKE, check, compare, refusal, run, suites

if TYPE_CHECKING:
    from ci_gate.config.settings import SuiteSettings
    from ci_gate.config.sources import FlagValue

BASELINE_HINT = (
    "name one with --baseline, CI_GATE_BASELINE or baseline = …; or compare two versions: ci-gate compare --help"
)
NEEDS_BASELINE = [key for key, metric in THRESHOLDS.items() if metric.needs_baseline]


def suite_of(file: str = "", environment: dict[str, str] | None = None, /, **flags: FlagValue) -> SuiteSettings:
    flags = flags if "[[suites]]" in file else {"suite": ("Smoke",), **flags}
    (found,) = suites(file, environment, **flags)
    return found


@pytest.mark.parametrize(("name", "text", "attribute", "value"), [
    ("alpha", "1%", "alpha", Fraction(1, 100)), ("bound", "LOWER", "lower_bound", True),
    ("bound", "point", "lower_bound", False), ("strict_drop", "true", "strict_drop", True),
    ("strict_drop", "no", "strict_drop", False),
])  # fmt: skip
def test_rule_setting_means_the_same_from_everywhere(name: str, text: str, attribute: str, value: object) -> None:
    for found in (
        suite_of(**{name: text}, min_f1="0.9"),
        suite_of("", {f"CI_GATE_{name.upper()}": text}, min_f1="0.9"),
        suite_of(f'{name} = "{text}"', min_f1="0.9"),
        suite_of(f'[[suites]]\nname = "Smoke"\n{name} = "{text}"', min_f1="0.9"),
    ):
        assert getattr(found.rules, attribute) == value


def test_rules_have_their_documented_defaults() -> None:
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


def test_own_floors_override_common_ones_and_named_ones_general_ones_key_by_key() -> None:
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


def test_own_lists_are_added_to_common_ones_and_names_are_distinguished() -> None:
    smoke, full = (one.rules for one in suites(RULES, baseline="b.json"))
    order, pay = Forbidden("Cancel card", "Order card"), Forbidden("Cancel card", "Pay bill")
    assert (smoke.must_pass, full.must_pass) == (("one", "two", "three"), ("one", "two"))
    assert (smoke.forbidden, full.forbidden) == ((order, pay), (order,))
    assert [(one.owner, one.is_common) for one in smoke.waivers] == [("Bob", False), ("Ada", True)]
    assert [(one.expires, one.is_common) for one in full.waivers] == [(date(2027, 1, 31), True)]
    assert (smoke.max_regressions, full.max_regressions) == (2, None)
    smoke, full = (one.rules for one in suites(RULES, baseline="b.json"))
    common = {
        Name(INTENT, "Transfer money"), Name(INTENT, "Cancel card"), Name(MUST_PASS, "one"), Name(MUST_PASS, "two"),
    }  # fmt: skip
    assert smoke.common_names == full.common_names == common
    assert common <= set(smoke.names)
    assert set(smoke.names) - common == {Name(INTENT, "Pay bill"), Name(MUST_PASS, "three")}


def test_suite_knows_whether_others_of_the_file_are_not_judged() -> None:
    for asked, is_part in (((), False), (("Smoke", "Full"), False), (("Full",), True)):
        assert {one.rules.is_part for one in suites(RULES, baseline="b.json", suite=asked)} == {is_part}
    (suite,) = suites('must_pass = ["one"]', suite=("Smoke",))
    assert (suite.rules.must_pass, suite.rules.is_part) == (("one",), False)


@pytest.mark.parametrize("key", NEEDS_BASELINE)
def test_threshold_on_change_needs_a_baseline(key: str) -> None:
    variable, own = f"CI_GATE_{key.upper()}", f"{SMOKE}thresholds = {{ min_f1 = 0.9, {key} = 0 }}"
    for origin, attempt in (
        (f"--{key.replace('_', '-')}", lambda: suite_of(min_f1="0.9", **{key: "0"})),
        (variable, lambda: suite_of("", {variable: "0"}, min_f1="0.9")),
        (f"ci-gate.toml: thresholds: {key}", lambda: suite_of(f"[thresholds]\nmin_f1 = 0.9\n{key} = 0")),
        (f"ci-gate.toml: [[suites]] 1 'Smoke': thresholds: {key}", lambda: suite_of(own)),
    ):
        error = refusal(attempt)
        assert error.message == f"{origin} compares with an earlier run, and none is named"
        assert error.hint == BASELINE_HINT


def test_bound_on_intents_that_got_worse_needs_a_baseline() -> None:
    for where, table, place in (("", "[intents]", ""), (SMOKE, "[suites.intents]", "[[suites]] 1 'Smoke': ")):
        file = f"thresholds = {{ min_f1 = 0.9 }}\n{where}{table}\nmax_regressions = 0"
        error = refusal(lambda file=file: suite_of(file))  # type: ignore[misc]
        assert error.message == (
            f"ci-gate.toml: {place}intents: max_regressions compares with an earlier run, and none is named"
        )
        assert error.hint == BASELINE_HINT
        assert suite_of(file, baseline="b.json").rules.max_regressions == 0
        assert suite_of(file.replace("regressions = 0", 'regressions = "off"')).rules.max_regressions is None
    error = refusal(lambda: suite_of('[intents]\nmax_regressions = "few"', baseline="b.json"))
    assert error.message == "ci-gate.toml: intents: max_regressions: 'few' is not a whole number of 0 or more"
    own = f'[intents]\nmax_regressions = 1\n{SMOKE}[suites.intents]\nmax_regressions = "off"'
    assert suite_of(f"thresholds = {{ min_f1 = 0.9 }}\n{own}").rules.max_regressions is None


def test_default_drop_of_f1_applies_when_there_is_something_to_compare_with() -> None:
    def bounds(**flags: FlagValue) -> dict[str, str]:
        return {one.key: one.bound_text for one in suite_of(baseline="b.json", **flags).rules.thresholds}

    assert bounds() == {"min_utterances": "1", "max_f1_drop": "0.01"}
    assert bounds(max_f1_drop="2%")["max_f1_drop"] == "0.02"
    assert "max_f1_drop" not in bounds(max_f1_drop="off", min_f1="0.9")
    (suite,) = compare(max_new_failures="0").suites
    assert [one.key for one in suite.rules.thresholds] == ["min_utterances", "max_f1_drop", "max_new_failures"]
    assert suite.baseline_path is None


def test_drop_that_allows_everything_is_refused() -> None:
    everything = "allows any drop"
    for text, problem in {
        "1": f"{everything}: did you mean 1%?",
        "100%": everything,
        "5": f"{everything}: did you mean 5%?",
        "-0.1": "is not a number like 0.9 or 90%, nor 'off'",
    }.items():
        error = refusal(lambda text=text: suite_of(baseline="b.json", max_f1_drop=text))  # type: ignore[misc]
        assert error.message == f"--max-f1-drop: '{text}' {problem}"


LINE = "  a threshold for 'Smoke': such as --min-f1 0.9, CI_GATE_MIN_F1 or thresholds = { min_f1 = 0.9 }"
FLOOR = "[intents]\nmin_recall = 0.8"


IN_SMOKE = FLOOR.replace("[intents]", f"{SMOKE}[suites.intents]")


@pytest.mark.parametrize("file", [
    "[intents]\npoint = true\nmin_support = 3", '[intents]\nmin_recall = "off"', '[intents]\nmax_regressions = "off"',
    '[intents."Pay bill"]\nmin_support = 3', '[intents."Pay bill"]\nmin_f1 = "off"',
    '[[waivers]]\nintent = "Pay bill"\nreason = "a"\nowner = "b"\nexpires = 2027-01-31',
    "must_pass = []\nforbidden = []", 'alpha = 0.01\nbound = "lower"\nstrict_drop = true',
    f'{FLOOR}\n{SMOKE}[suites.intents]\nmin_recall = "off"', IN_SMOKE.replace("0.8", '"off"'),
])  # fmt: skip
def test_rules_that_nothing_can_break_are_no_gate(file: str) -> None:
    error = refusal(lambda: suite_of(file))
    assert error.message == "not everything that is needed was given"
    assert LINE in error.hint


@pytest.mark.parametrize("file", [
    FLOOR, '[intents."Pay bill"]\nmin_f1 = 0.9', 'must_pass = ["one"]',
    '[[forbidden]]\nexpected = "a"\nmatched = "b"', IN_SMOKE, f'{SMOKE}must_pass = ["one"]',
])  # fmt: skip
def test_any_single_rule_makes_a_gate_that_needs_no_baseline(file: str) -> None:
    assert suite_of(file).rules.without_baseline().can_fail
    assert suite_of(file, baseline="b.json", max_f1_drop="off").rules.without_baseline().can_fail


@pytest.mark.parametrize(("file", "flags", "can"), [
    ("", {}, True),
    ("", {"max_f1_drop": "off"}, False),
    ("", {"max_f1_drop": "off", "max_new_failures": "0"}, True),
    ("", {"max_f1_drop": "0.05"}, True),
    ("[intents]\nmax_regressions = 0", {"max_f1_drop": "off"}, True),
    ('[intents]\nmax_regressions = "off"', {"max_f1_drop": "off"}, False),
])  # fmt: skip
def test_baseline_makes_a_gate_if_the_comparison_can_fail(file: str, flags: dict[str, FlagValue], can: bool) -> None:
    if can:
        assert not suite_of(file, baseline="b.json", **flags).rules.without_baseline().can_fail
        assert compare(file, **flags).suites
        return
    assert LINE in refusal(lambda: suite_of(file, baseline="b.json", **flags)).hint
    assert LINE in refusal(lambda: compare(file, **flags)).hint


def test_own_baseline_is_for_that_suite_alone() -> None:
    full = '[[suites]]\nname = "Full"\nbaseline = "full.json"\nallow_missing_baseline = true'
    found = [
        (str(one.baseline_path), one.allow_missing_baseline)
        for one in run(f'baseline = "common.json"\n{SMOKE}{full}').suites
    ]
    assert found == [("common.json", False), ("full.json", True)]


def test_files_are_judged_by_the_same_rules() -> None:
    (suite,) = check(RULES, None, ("Full", "x"), baseline="b.json").suites
    smoke, full = suites(RULES, baseline="b.json")
    assert smoke.rules.share == 3
    assert suite.rules == replace(full.rules, is_part=True)
    (alone,) = check(RULES, None, ("Full", "x"), baseline="b.json", suite=("Full",)).suites
    assert alone.rules == suites(RULES, baseline="b.json", suite=("Full",))[0].rules


FAMILY = """
baseline = "b.json"
thresholds = { max_recall_drop = 0.02 }
[intents]
max_regressions = 0
[[suites]]
name = "Smoke"
thresholds = { max_recall_drop = "off" }
[[suites]]
name = "Full"
[[suites]]
name = "Apart"
alpha = 0.1
[suites.intents]
max_regressions = "off"
[[suites]]
name = "Strict"
strict_drop = true
[[suites]]
name = "None"
strict_drop = true
[suites.intents]
max_regressions = "off"
"""


def shares(file: str = FAMILY, environment: dict[str, str] | None = None, /, **flags: FlagValue) -> dict[str, int]:
    """Return the number of tests that share alpha with each suite, its own included."""
    return {one.name: one.rules.share for one in suites(file, environment, **flags)}


def test_every_test_of_a_command_counts_but_those_of_suites_that_stand_apart() -> None:
    found = {one.name: (one.rules.tests, one.rules.share, one.rules.level) for one in suites(FAMILY)}
    # F1 and regressions, the same with recall, F1 and recall, regressions alone, and nothing.
    together = Fraction(1, 20) / 6
    assert found == {
        "Smoke": (2, 6, together), "Full": (3, 6, together), "Apart": (2, 2, Fraction(1, 20)),
        "Strict": (1, 6, together), "None": (0, 6, together),
    }  # fmt: skip


def test_only_the_suites_that_are_judged_share() -> None:
    for shared in ({"Smoke": 2}, {"Full": 4, "Strict": 4}, {"Apart": 2}, {"Apart": 2, "Smoke": 2}, {"None": 1}):
        assert shares(suite=tuple(shared)) == shared
    assert shares(suite=("Apart", "None")) == {"Apart": 2, "None": 1}


def test_sharing_can_be_switched_from_everywhere() -> None:
    for word in ("off", "FALSE", "no", "0"):
        by_flag, by_variable = shares(share_alpha=word), shares(FAMILY, {"CI_GATE_SHARE_ALPHA": word})
        for found in (by_flag, by_variable, shares(f'share_alpha = "{word}"{FAMILY}')):
            assert set(found.values()) == {1}
    assert set(shares(f"share_alpha = false{FAMILY}").values()) == {1}
    for word in ("on", "true", "Yes", "1"):
        assert shares(share_alpha=word) == shares(f'share_alpha = "{word}"{FAMILY}') == shares()
    assert shares(f"share_alpha = true{FAMILY}") == shares()
    assert shares(f"share_alpha = false{FAMILY}", share_alpha="on") == shares()


def test_alpha_for_all_suites_is_shared_by_all_that_test_anything() -> None:
    fifth, tenth = Fraction(1, 5), Fraction(1, 10)
    found = suites(f"alpha = 0.1{FAMILY}", {"CI_GATE_ALPHA": "0.2"})
    assert [(one.rules.alpha, one.rules.share) for one in found[:3]] == [(fifth, 6), (fifth, 6), (tenth, 2)]
    rules = suite_of("[intents]\nmin_f1 = 0.9").rules
    assert (rules.tests, rules.share, rules.level) == (0, 1, ALPHA)
    error = refusal(lambda: suites(f"{SMOKE}share_alpha = false"))
    assert error.message == "ci-gate.toml: [[suites]] 1 'Smoke': unknown key 'share_alpha'"
    assert "write it above all tables" in error.hint


@pytest.mark.parametrize(("flags", "share"), [
    ({}, 1),
    ({"max_f1_drop": "off", "max_accuracy_drop": "0.01"}, 1),
    ({"max_accuracy_drop": "0.01"}, 2),
    ({"max_precision_drop": "1%", "max_recall_drop": "1%", "max_accuracy_drop": "1%"}, 4),
    ({"max_new_failures": "0", "min_f1": "0.9"}, 1),
    ({"strict_drop": True, "max_accuracy_drop": "0.01"}, 1),
    ({"max_f1_drop": "off", "max_new_failures": "0"}, 1),
])  # fmt: skip
def test_rule_that_is_no_test_takes_no_share(flags: dict[str, FlagValue], share: int) -> None:
    assert suite_of(baseline="b.json", **flags).rules.share == share
    (compared,) = compare(**flags).suites
    assert compared.rules.share == share


@pytest.mark.parametrize(("results", "flags", "share"), [
    (("Smoke", "x"), {}, 6), ((None, "Full"), {}, 6), (("Apart", "x"), {}, 2),
    (("Smoke", "x"), {"suite": ("Smoke",)}, 2), (("Smoke", "x"), {"suite": ("Smoke", "Full")}, 5),
    (("Smoke", "x"), {"share_alpha": "off"}, 1),
])  # fmt: skip
def test_replay_has_the_level_of_its_run(results: tuple[Any, str], flags: dict[str, FlagValue], share: int) -> None:
    (suite,) = check(FAMILY, None, results, **flags).suites
    assert suite.rules.share == share


@pytest.mark.parametrize(("flags", "pressing"), [
    ({}, set()),
    ({"max_f1_drop": "0.02"}, {"max_f1_drop"}),
    ({"max_new_failures": "1", "max_mismatches": "3"}, {"max_new_failures", "max_mismatches"}),
])  # fmt: skip
def test_every_threshold_presses_a_suite_that_is_alone(flags: dict[str, FlagValue], pressing: set[str]) -> None:
    variables = {f"CI_GATE_{key.upper()}": str(text) for key, text in flags.items()}
    common = "".join(f"{key} = {text}\n" for key, text in flags.items())
    for found in (
        suite_of(baseline="b.json", **flags),
        suite_of("", variables, baseline="b.json"),
        suite_of(f"[thresholds]\n{common}", baseline="b.json"),
        compare(**flags).suites[0],
    ):
        assert found.rules.pressing == pressing


SEVERAL = """
baseline = "b.json"
thresholds = { max_recall_drop = 0.02, max_new_failures = 1 }
[intents]
max_regressions = 1
[[suites]]
name = "Smoke"
thresholds = { max_recall_drop = 0.02 }
[suites.intents]
max_regressions = 0
[[suites]]
name = "Full"
"""


def test_among_several_suites_only_own_thresholds_press() -> None:
    smoke, full = suites(SEVERAL, {"CI_GATE_MAX_MISMATCHES": "9"}, max_accuracy_drop="0.01")
    assert smoke.rules.pressing == {"max_recall_drop", "max_regressions"}
    assert full.rules.pressing == frozenset()
    (full,) = suites(SEVERAL, suite=("Full",))
    assert full.rules.pressing == {"max_recall_drop", "max_new_failures", "max_regressions"}, "the only one"
    for same in suites(SEVERAL):
        (found,) = check(SEVERAL, None, (same.name, "x")).suites
        assert found.rules.pressing == same.rules.pressing


SPELT = """
thresholds = { min_f1 = 0.9 }
[intents."Money||Transfer"]
min_recall = 0.95
[[forbidden]]
expected = "Cancel card"
matched = "Order  card"
[[suites]]
name = "Smoke"
[suites.intents."money>>transfer"]
min_precision = 0.5
[suites.intents."B | A"]
min_f1 = 0.5
[[suites.forbidden]]
expected = "CANCEL card"
matched = "order card"
[[suites]]
name = "Full"
[suites.intents."A|b"]
min_f1 = 0.6
"""


def test_name_is_the_same_in_the_entry_of_a_suite_in_every_spelling() -> None:
    smoke, full = (one.rules for one in suites(SPELT))
    for spelling in ("Money||Transfer", "money >> TRANSFER", "Money>>Transfer"):
        assert smoke.intents.of(spelling).bounds == {"min_recall": Fraction(19, 20), "min_precision": Fraction(1, 2)}
        assert full.intents.of(spelling).bounds == {"min_recall": Fraction(19, 20)}
    for spelling in ("A | B", "b|a"):
        assert smoke.intents.of(spelling).bounds == {"min_f1": Fraction(1, 2)}
        assert full.intents.of(spelling).bounds == {"min_f1": Fraction(3, 5)}
    assert len(smoke.intents.named) == 2
    assert smoke.forbidden == full.forbidden == (Forbidden("Cancel card", "Order  card"),)
    assert smoke.common_names == full.common_names == {Name(INTENT, "MONEY>>TRANSFER"), Name(INTENT, "cancel card")}
    assert {name.text for name in smoke.names if name not in smoke.common_names} == {"B | A"}
