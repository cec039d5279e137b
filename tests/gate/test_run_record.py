"""The hash of the settings changes with all that decides a run and its verdict, and with nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.model import ResultType
from ci_gate.gate.run_record import identities_of
from tests.config.builders import CANARY, run
from tests.fakes import case

if TYPE_CHECKING:
    from ci_gate.config.settings import RemoteSettings

FILE = """
    [[suites]]
    name = "Smoke"
    thresholds = { min_f1 = "0.90" }
"""


def hash_in(settings: RemoteSettings, baseline: Baseline | MissingBaseline | None = None) -> str:
    """The hash that is recorded with a run of the first suite."""
    label = settings.suites[0].label
    return identities_of(settings, {label: baseline} if baseline else {}, None)[label].settings


def hash_of(environment: dict[str, str] | None = None, /, **flags: str | bool) -> str:
    return hash_in(run(FILE, environment, **flags))


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
    [
        {"timeout": "2h"},
        {"max_age": "2h"},
        {"results_host": "r.example"},
        {"report_dir": "x"},
        {"verbose": True},
        {"utterances": "hash"},
        {"resume": True},
    ],
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
    assert len({*map(hash_in, settings)}) == 2


def test_which_other_suites_are_judged_does_not() -> None:
    both = f'{RULES}{FILE}[[suites]]\nname = "Full"\nthresholds = {{ min_f1 = 0.9 }}'
    settings = [run(both), run(both, suite=("Smoke",))]
    assert len({*map(hash_in, settings)}) == 1


def test_a_baseline_changes_it_by_what_a_run_is_compared_with() -> None:
    right, wrong = case("one"), case("one", result_type=ResultType.FN, matched=None)
    found = [
        None,
        MissingBaseline("a.json"),
        *(Baseline(name=name, origin=Origin(), utterances={one.key: one}) for name in "ab" for one in (right, wrong)),
        Baseline(name="a", origin=Origin(), utterances={"another": right}),
    ]
    settings = run(FILE)
    hashes = [hash_in(settings, one) for one in found]
    assert len(set(hashes)) == 5
    assert hashes[2:4] == hashes[4:6]


def test_the_same_number_is_the_same_however_it_is_written() -> None:
    settings = [run(FILE.replace('"0.90"', written)) for written in ("0.9", '".900"', '"90%"')]
    assert len({*map(hash_in, settings)}) == 1


def test_no_secret_goes_into_it() -> None:
    assert hash_of({"CI_GATE_CLIENT_SECRET": f"{CANARY}-of-tomorrow"}) == hash_of()


def test_the_hash_of_a_suite_stays_what_it_was_whatever_is_renamed_in_the_code() -> None:
    """It stands in files of earlier versions; where it changes all the same, their runs cannot be resumed."""
    assert hash_in(run(f"{RULES}{FILE}")) == "sha256:8dcd99a440729e489b1052985b1416a2e259ccdf6ab49eb1e7a9875ce14d34d0"
