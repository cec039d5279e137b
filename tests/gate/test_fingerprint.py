"""The hash of the settings changes with all that decides a run and its verdict, and with nothing else."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from ci_gate.config.settings import Limits, RemoteSettings, SuiteSettings
from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.model import ResultType
from ci_gate.gate.fingerprint import fingerprint
from tests.config.builders import CANARY, run
from tests.fakes import case

FILE = """
    [[suites]]
    name = "Smoke"
    thresholds = { min_f1 = "0.90" }
"""


def hash_of(environment: dict[str, str] | None = None, /, **flags: str | bool) -> str:
    settings = run(FILE, environment, **flags)
    return fingerprint(settings.suites[0], settings)


@pytest.mark.parametrize(
    "changed",
    [
        {"host": "others.example"},
        {"engine": "dgpt"},
        {"language": "de"},
        {"min_accuracy": "0.8"},
        {"max_failed_utterances": "1"},
        {"tolerate": "partial"},
        {"advisory": True},
        {"max_file_size": "1MiB"},
        {"max_file_rows": "10"},
        {"bound": "lower"},
        {"alpha": "0.01"},
        {"strict_drop": True},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_decides_the_run_or_its_verdict_changes_it(changed: dict[str, str | bool]) -> None:
    flags = {name: (value,) if name == "tolerate" else value for name, value in changed.items()}
    assert hash_of(**flags) != hash_of()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [{"timeout": "2h"}, {"report_dir": "x"}, {"verbose": True}, {"utterances": "hash"}, {"resume": True}],
    ids=lambda changed: next(iter(changed)),
)
def test_what_decides_neither_does_not(changed: dict[str, str | bool]) -> None:
    assert hash_of(**changed) == hash_of()


RULES = """
    must_pass = ["where is my card"]
    [intents]
    min_recall = 0.8
    min_support = 5
    [intents."Transfer money"]
    min_recall = 0.95
    [[forbidden]]
    expected = "Cancel card"
    matched = "Order card"
    [[waivers]]
    intent = "Cancel card"
    reason = "known"
    owner = "Ada"
    expires = 2027-01-31
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("where is my card", "where is my purse"),
        ("min_recall = 0.8", "min_recall = 0.7"),
        ("min_recall = 0.8", "min_f1 = 0.8"),
        ("min_support = 5", "min_support = 6"),
        ("min_support = 5", "point = true"),
        ("Transfer money", "Send money"),
        ('"Order card"', '"Open account"'),
        ('intent = "Cancel card"', 'intent = "Order card"'),
        ('"Ada"', '"Bob"'),
        ("2027-01-31", "2027-02-01"),
    ],
)
def test_every_rule_changes_it(before: str, after: str) -> None:
    assert before in RULES
    settings = [run(f"{rules}{FILE}") for rules in (RULES, RULES.replace(before, after))]
    assert len({fingerprint(one.suites[0], one) for one in settings}) == 2


def test_which_other_suites_are_judged_does_not() -> None:
    both = f'{RULES}{FILE}[[suites]]\nname = "Full"\nthresholds = {{ min_f1 = 0.9 }}'
    settings = [run(both), run(both, suite=("Smoke",))]
    assert len({fingerprint(one.suites[0], one) for one in settings}) == 1


def test_a_baseline_changes_it_by_what_a_run_is_compared_with() -> None:
    right, wrong = case("one"), case("one", result_type=ResultType.FN, matched=None)
    found = [
        None,
        MissingBaseline("a.json"),
        *(Baseline(name=name, origin=Origin(), utterances={one.key: one}) for name in "ab" for one in (right, wrong)),
        Baseline(name="a", origin=Origin(), utterances={"another": right}),
    ]
    settings = run(FILE)
    hashes = [fingerprint(replace(settings.suites[0], baseline=one), settings) for one in found]
    assert len(set(hashes)) == 5
    assert hashes[2:4] == hashes[4:6]


def test_the_same_number_is_the_same_however_it_is_written() -> None:
    settings = [run(FILE.replace('"0.90"', written)) for written in ("0.9", '".900"', '"90%"')]
    assert len({fingerprint(one.suites[0], one) for one in settings}) == 1


def test_no_secret_goes_into_it() -> None:
    assert hash_of({"CI_GATE_CLIENT_SECRET": f"{CANARY}-of-tomorrow"}) == hash_of()


def test_a_setting_that_is_added_is_decided_on() -> None:
    """Whoever adds one chooses whether a run may be gone on with when it changes."""
    hashed = {"rules", "engine", "language", "advisory", "baseline"}
    beside = {"name", "label", "bot_id", "bot_version"}
    found_by = {"baseline_path", "allow_missing_baseline", "can_fail_alone"}
    assert {field.name for field in fields(SuiteSettings)} - hashed - beside - found_by == {"max_age"}
    assert {field.name for field in fields(Limits)} == {"timeout", "max_file_size", "max_file_rows"}
    assert {field.name for field in fields(RemoteSettings)} == {
        "suites",
        "output",
        "limits",
        "notes",
        "remote",
        "resume",
    }
