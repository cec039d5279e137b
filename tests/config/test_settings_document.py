"""The document of the settings: everything that decides a verdict, and no secret."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.config.settings import CheckSettings, Limits, Output, Remote, RemoteSettings, SuiteSettings
from ci_gate.config.settings_document import settings_document
from ci_gate.core.comparison.baseline import Baseline, MissingBaseline, Origin
from ci_gate.core.findings import FindingKind
from ci_gate.core.floors import Floors, IntentFloors
from ci_gate.core.rules import INTENT, Forbidden, Name, Rules
from ci_gate.core.thresholds import DEFAULTS
from ci_gate.core.waivers import Waiver
from tests.config.builders import CANARY, check, compare, run, write

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = """
    timeout = "45m"
    max_file_rows = 500
    tolerate = ["score-mismatch", "partial"]
    alpha = "5%"
    must_pass = ["where is my card"]
    [thresholds]
    min_f1 = "90%"
    max_failed_utterances = 2
    [intents]
    min_recall = 0.8
    max_regressions = 0
    [intents."Transfer money"]
    min_f1 = 0.955
    min_support = 9
    [[forbidden]]
    expected = "Cancel card"
    matched = "Order card"
    [[waivers]]
    confusion = { expected = "Pay bill", matched = "Send money" }
    reason = "known"
    owner = "Ada"
    expires = 2027-01-31
    [[suites]]
    name = "Smoke"
    label = "smoke"
    baseline = "old.json"
    engine = "dgpt"
    advisory = true
    max_age = "1h"
"""
GENERAL = {"min_recall": "0.80", "min_support": 5, "point": False}
DOCUMENT = {
    "common": {
        "timeout": 2700.0, "max_file_size": 16777216, "max_file_rows": 500, "host": "https://bots.example",
        "results_host": None, "ca_file": None,
    },
    "suites": {
        "smoke": {
            "name": "Smoke", "bot_id": "st-1", "bot_version": None, "engine": "dgpt", "language": None,
            "advisory": True, "max_age": 3600.0, "allow_missing_baseline": False,
            "thresholds": {
                "min_f1": "0.90", "max_failed_utterances": "2", "min_utterances": "1", "max_f1_drop": "0.01",
            },
            "all_must_be_evaluated": False, "bound": "point", "alpha": "0.05", "tests_that_share_alpha": 2,
            "strict_drop": False, "tolerate": ["partial", "score-mismatch"], "max_regressions": 0, "intents": GENERAL,
            "named_intents": {"Transfer money": {"min_f1": "0.955", **GENERAL, "min_support": 9}},
            "must_pass": ["where is my card"], "forbidden": [{"expected": "Cancel card", "matched": "Order card"}],
            "waivers": [
                {
                    "confusion": {"expected": "Pay bill", "matched": "Send money"}, "reason": "known", "owner": "Ada",
                    "expires": "2027-01-31",
                },
            ],
            "set_for_this_suite": ["max_failed_utterances", "max_regressions", "min_f1"], "baseline": "old.json",
            "baseline_content": "missing",
        },
    },
}  # fmt: skip


def test_document_holds_the_settings_under_their_public_names_and_no_secret() -> None:
    document = settings_document(run(FILE), {"smoke": MissingBaseline("old.json")})
    assert json.dumps(document, indent=1) == json.dumps(DOCUMENT, indent=1)
    assert CANARY not in json.dumps(settings_document(run(FILE), {}))


def test_document_holds_the_sides_of_a_comparison_and_the_status_reply_of_a_check() -> None:
    common = settings_document(compare(FILE, None, "smoke", base="tr-7"), {})["common"]
    assert (common["base"], common["head"]) == ("tr-7", "inDevelopment")
    write("", "status.json")
    for flags, status in (({}, None), ({"status": "status.json"}, "status.json")):
        common = settings_document(check("", None, (None, "results"), min_f1="0.9", **flags), {})["common"]
        assert common["status"] == status
        assert "host" not in common


def test_document_holds_the_name_and_a_hash_of_the_baseline() -> None:
    baseline = Baseline(name="old.json", origin=Origin(), utterances={})
    suite = settings_document(run(FILE), {"smoke": baseline})["suites"]["smoke"]
    assert suite["baseline"] == "old.json"
    assert str(suite["baseline_content"]).startswith("sha256:")
    suite = settings_document(run(FILE), {})["suites"]["smoke"]
    assert (suite["baseline"], suite["baseline_content"]) == (None, None)


# A new setting must be in the document, or be listed here with the reason

WAIVER = Waiver(utterance="pay me", expected="A", matched="B", reason="r", owner="o", expires=date(2027, 1, 31))
FLOORS = Floors(bounds={"min_f1": Fraction(1, 2)})
NAMED = IntentFloors(named={"A": FLOORS})
SUITE = SuiteSettings(name="Smoke", label="smoke", rules=Rules())


def of_rules(rules: Rules) -> SuiteSettings:
    return replace(SUITE, rules=rules)


# An object, how it gets into a suite, values that differ from its own, and fields that decide nothing.
TABLE: tuple[tuple[Any, Callable[[Any], SuiteSettings], dict[str, object], dict[str, str]], ...] = (
    (
        SUITE, lambda suite: suite,
        {
            "name": "Full", "rules": Rules(demands_all=False), "bot_id": "st-1", "bot_version": "published",
            "engine": "dgpt", "language": "de", "advisory": True, "max_age": 60.0, "allow_missing_baseline": True,
        },
        {
            "label": "it is the key of the suite", "baseline_path": "what was found there stands in it",
            "origins": "where a setting was written decides nothing",
        },
    ),
    (
        Rules(), of_rules,
        {
            "thresholds": tuple(DEFAULTS.values()), "tolerate": frozenset({FindingKind.PARTIAL}),
            "alpha": Fraction(1, 100), "share": 2, "lower_bound": True, "strict_drop": True, "intents": NAMED,
            "max_regressions": 0, "must_pass": ("pay me",), "forbidden": (Forbidden("A", "B"),), "waivers": (WAIVER,),
            "demands_all": False, "pressing": frozenset({"min_f1"}),
        },
        {
            "common_names": "they stand in it as must_pass, forbidden and named_intents",
            "is_part": "it says which other suites are judged",
        },
    ),
    (
        FLOORS, lambda floors: of_rules(Rules(intents=IntentFloors(general=floors))),
        {"bounds": {"min_f1": Fraction(1, 4)}, "min_support": 7, "point": True}, {},
    ),
    (NAMED, lambda intents: of_rules(Rules(intents=intents)), {"general": FLOORS, "named": {"B": FLOORS}}, {}),
    (
        WAIVER, lambda waiver: of_rules(Rules(waivers=(waiver,))),
        {"utterance": "", "expected": "C", "matched": "C", "reason": "x", "owner": "x", "expires": date(2027, 2, 1)},
        {"is_common": "it says where the waiver stands, not what it waives"},
    ),
    (Forbidden("A", "B"), lambda pair: of_rules(Rules(forbidden=(pair,))), {"expected": "C", "matched": "C"}, {}),
)  # fmt: skip


def written(suite: SuiteSettings) -> str:
    settings = CheckSettings(suites=(suite,), output=Output(report_dir=Path("x")), limits=Limits())
    return json.dumps([*settings_document(settings, {})["suites"].values()])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: type(row[0]).__name__)
def test_document_changes_with_every_setting_that_counts(row: tuple[Any, Any, Any, Any]) -> None:
    usual, placed, changes, left_out = row
    assert {field.name for field in fields(usual) if field.init} == {*changes, *left_out}
    for name, value in changes.items():
        assert written(placed(replace(usual, **{name: value}))) != written(placed(usual)), name


def test_document_ignores_settings_that_decide_nothing() -> None:
    others = Rules(common_names=frozenset({Name(INTENT, "A")}), is_part=True)
    assert written(replace(of_rules(others), label="other", baseline_path=Path("x"))) == written(SUITE)


def test_new_setting_of_a_command_needs_a_decision() -> None:
    assert {field.name for field in fields(Limits)} == {"timeout", "max_file_size", "max_file_rows"}
    assert {field.name for field in fields(Remote)} == {"host", "credentials", "results_host", "ca_file"}
    assert {field.name for field in fields(RemoteSettings)} == {
        "suites", "output", "limits", "notes", "origins", "remote", "flags", "resume",
    }  # fmt: skip
