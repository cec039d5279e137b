"""The hash of the settings changes with all that decides a run and its verdict, and with nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.model import ResultType
from ci_gate.gate.run_mark import _ROUNDS as ROUNDS
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
    """Return the hash that is recorded with a run of the first suite."""
    label = settings.suites[0].label
    return identities_of(settings, {label: baseline} if baseline else {}, None)[label].settings


def hash_of(environment: dict[str, str] | None = None, /, **flags: str | bool) -> str:
    return hash_in(run(FILE, environment, **flags))


DECISIVE: list[dict[str, str | bool | tuple[str, ...]]] = [
    {"host": "others.example"},
    {"engine": "dgpt"},
    {"language": "de"},
    {"min_accuracy": "0.8"},
    {"max_failed_utterances": "1"},
    {"tolerate": ("partial",)},
    {"advisory": True},
    {"max_file_size": "1MiB"},
    {"max_file_rows": "10"},
    {"bound": "lower"},
    {"alpha": "0.01"},
    {"strict_drop": True},
]
INDIFFERENT: list[dict[str, str | bool]] = [
    {"timeout": "2h"},
    {"max_age": "2h"},
    {"results_host": "r.example"},
    {"report_dir": "x"},
    {"verbose": True},
    {"utterances": "hash"},
    {"resume": True},
]


def test_every_setting_that_decides_a_run_or_its_verdict_changes_the_hash() -> None:
    assert [flags for flags in DECISIVE if hash_of(**flags) == hash_of()] == []  # type: ignore[arg-type]


def test_no_other_setting_changes_the_hash() -> None:
    assert [flags for flags in INDIFFERENT if hash_of(**flags) != hash_of()] == []


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
CHANGES = [
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
]


def test_every_rule_changes_the_hash() -> None:
    assert [before for before, _ in CHANGES if before not in RULES] == []
    usual = hash_in(run(f"{RULES}{FILE}"))
    same = [(old, new) for old, new in CHANGES if hash_in(run(f"{RULES.replace(old, new)}{FILE}")) == usual]
    assert same == []


def test_the_other_suites_of_a_command_do_not_change_the_hash() -> None:
    both = f'{RULES}{FILE}[[suites]]\nname = "Full"\nthresholds = {{ min_f1 = 0.9 }}'
    settings = [run(both), run(both, suite=("Smoke",))]
    assert len({*map(hash_in, settings)}) == 1


def test_a_baseline_changes_the_hash_by_its_utterances_and_not_by_its_name() -> None:
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


def test_the_spelling_of_a_number_does_not_change_the_hash() -> None:
    settings = [run(FILE.replace('"0.90"', written)) for written in ("0.9", '".900"', '"90%"')]
    assert len({*map(hash_in, settings)}) == 1


def test_a_secret_does_not_change_the_hash() -> None:
    assert hash_of({"CI_GATE_CLIENT_SECRET": f"{CANARY}-of-tomorrow"}) == hash_of()


def test_the_hash_of_a_suite_is_the_same_in_every_version() -> None:
    """Records of earlier versions contain the hash; if it changes, their runs cannot be resumed."""
    assert hash_in(run(f"{RULES}{FILE}")) == "sha256:8dcd99a440729e489b1052985b1416a2e259ccdf6ab49eb1e7a9875ce14d34d0"


def test_the_secret_is_expensive_to_guess_from_a_mark() -> None:
    assert ROUNDS == 100_000
