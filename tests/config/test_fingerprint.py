"""The hash of the settings changes with all that decides a run and its verdict, and with nothing else."""

from __future__ import annotations

from dataclasses import fields

import pytest

from ci_gate.config.fingerprint import fingerprint
from ci_gate.config.settings import Limits, RemoteSettings, SuiteSettings
from tests.config.builders import CANARY, run

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


def test_the_same_number_is_the_same_however_it_is_written() -> None:
    settings = [run(FILE.replace('"0.90"', written)) for written in ("0.9", '".900"', '"90%"')]
    assert len({fingerprint(one.suites[0], one) for one in settings}) == 1


def test_no_secret_goes_into_it() -> None:
    assert hash_of({"CI_GATE_CLIENT_SECRET": f"{CANARY}-of-tomorrow"}) == hash_of()


def test_a_setting_that_is_added_is_decided_on() -> None:
    """Whoever adds one chooses whether a run may be gone on with when it changes."""
    hashed = {"thresholds", "engine", "language", "tolerate", "advisory"}
    beside = {"name", "label", "bot_id", "bot_version"}
    assert {field.name for field in fields(SuiteSettings)} - hashed - beside == {"max_age"}
    assert {field.name for field in fields(Limits)} == {"timeout", "max_file_size", "max_file_rows"}
    assert {field.name for field in fields(RemoteSettings)} == {
        "suites",
        "output",
        "limits",
        "notes",
        "remote",
        "resume",
    }
