"""The table of options agrees with itself and with the thresholds that exist."""

from __future__ import annotations

import pytest

from ci_gate.commands import JUDGING
from ci_gate.config.options import BY_NAME, COMMIT, OPTIONS, SECRETS, VARIABLES, Shape, options_of
from ci_gate.core.thresholds import BASELINE_DEFAULTS, DEFAULTS, THRESHOLDS


def test_no_two_options_share_a_name_a_flag_or_a_variable() -> None:
    assert len(BY_NAME) == len({option.flag for option in OPTIONS}) == len(OPTIONS)
    acting_once = [option for option in OPTIONS if option.acts_once]
    assert len(set(VARIABLES)) == len(OPTIONS) - len(acting_once) + len((*SECRETS, COMMIT))


def test_flag_and_variable_follow_from_the_key_unless_an_option_acts_once() -> None:
    assert [(option.flag, option.variable) for option in OPTIONS if option.acts_once] == [("--replay", "")]
    option = BY_NAME["max_failed_utterances"]
    assert (option.flag, option.variable) == ("--max-failed-utterances", "CI_GATE_MAX_FAILED_UTTERANCES")


@pytest.mark.parametrize("key", THRESHOLDS)
def test_every_threshold_is_an_option_of_every_command_that_judges(key: str) -> None:
    assert BY_NAME[key].commands == set(JUDGING)
    assert BY_NAME[key].metavar == ("SCORE" if THRESHOLDS[key].is_share else "COUNT")
    default, beside_baseline = DEFAULTS.get(key), BASELINE_DEFAULTS.get(key)
    otherwise = f"{beside_baseline.bound_text} with a baseline" if beside_baseline else "none"
    assert BY_NAME[key].default == (default.bound_text if default else otherwise)


def test_option_that_is_on_by_default_takes_a_word_so_that_it_can_be_switched_off() -> None:
    switched = {option.name: option for option in OPTIONS if option.shape is Shape.YES_NO}
    assert list(switched) == ["share_alpha"]
    assert all((option.metavar, option.default) == ("WORD", "on") for option in switched.values())


def test_every_option_has_a_help_text_and_a_placeholder_for_its_value() -> None:
    assert [option.name for option in OPTIONS if not option.help.endswith(".")] == []
    assert [option.name for option in OPTIONS if bool(option.metavar) is (option.shape is Shape.SWITCH)] == []
    assert not {option.variable for option in OPTIONS} & set(SECRETS), "secrets have no flag and no key"


@pytest.mark.parametrize(("command", "has", "lacks"), [
    ("run", {"host", "suite", "min_f1", "allow_http", "max_age", "resume"}, {"status", "port"}),
    ("gate", {"host", "suite", "min_f1", "max_age"}, {"resume", "status", "port"}),
    (
        "compare",
        {"host", "base", "head", "min_f1", "max_f1_drop", "alpha"},
        {"suite", "bot_version", "baseline", "allow_missing_baseline", "max_age", "resume", "status"},
    ),
    (
        "check",
        {"suite", "min_f1", "baseline", "status"},
        {"host", "bot_id", "timeout", "allow_http", "jwt_algorithm"},
    ),
    ("simulator", {"port", "scenario", "duration", "enforce_jti"}, {"host", "min_f1", "config"}),
])  # fmt: skip
def test_command_has_its_own_options(command: str, has: set[str], lacks: set[str]) -> None:
    names = {option.name for option in options_of(command)}
    assert has <= names
    assert not lacks & names


def test_only_options_about_the_machine_are_absent_from_the_file() -> None:
    assert {option.name for option in OPTIONS if not option.in_file and "run" in option.commands} == {
        "config", "results_host", "ca_file", "allow_http", "quiet", "verbose", "no_color", "resume",
    }  # fmt: skip
