"""Settings that are read back from a report equal those that were written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ci_gate.config.recorded_settings import read_limits, read_suites
from ci_gate.config.settings import CheckSettings, Limits, Output, SuiteSettings
from ci_gate.config.settings_document import reported_settings
from ci_gate.core.findings import TOLERABLE
from ci_gate.core.floors import FLOORS, Floors, IntentFloors
from ci_gate.core.names import normalised
from ci_gate.core.rules import INTENT, MUST_PASS, RULES, Forbidden, Name, Rules
from ci_gate.core.thresholds import THRESHOLDS, Threshold
from ci_gate.core.waivers import Waiver

decimals = st.integers(1, 49_999).map(lambda number: Fraction(number, 100_000))
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).map(normalised).filter(bool)
floors = st.builds(
    Floors,
    bounds=st.dictionaries(st.sampled_from([*FLOORS]), decimals),
    min_support=st.integers(1, 99),
    point=st.booleans(),
)
waivers = st.builds(
    Waiver, utterance=texts | st.just(""), expected=texts | st.just(""), matched=texts | st.just(""), reason=texts,
    owner=texts, expires=st.dates(date(2000, 1, 1)), is_common=st.booleans(),
)  # fmt: skip


def threshold(key: str, bound: Fraction) -> Threshold:
    return Threshold(key, bound if THRESHOLDS[key].is_share else Fraction(bound.numerator))


rules = st.builds(
    Rules,
    thresholds=st.dictionaries(st.sampled_from([*THRESHOLDS]), decimals).map(
        lambda bounds: tuple(threshold(key, bound) for key, bound in bounds.items()),
    ),
    tolerate=st.frozensets(st.sampled_from(TOLERABLE)), alpha=decimals, share=st.integers(1, 40),
    lower_bound=st.booleans(), strict_drop=st.booleans(),
    intents=st.builds(IntentFloors, general=floors, named=st.dictionaries(texts, floors, max_size=3)),
    max_regressions=st.none() | st.integers(0, 99), must_pass=st.lists(texts, max_size=3).map(tuple),
    forbidden=st.lists(st.builds(Forbidden, texts, texts), max_size=3).map(tuple),
    waivers=st.lists(waivers, max_size=3).map(tuple), demands_all=st.booleans(),
    pressing=st.frozensets(st.sampled_from(RULES)),
    common_names=st.frozensets(st.builds(Name, st.sampled_from((INTENT, MUST_PASS)), texts), max_size=3),
    is_part=st.booleans(),
)  # fmt: skip


@given(rules.filter(lambda found: found.can_fail))
def test_any_rules_survive_the_report(written: Rules) -> None:
    suite = SuiteSettings(
        name="Smoke", label="smoke", rules=written, bot_id="st-1", bot_version="published", engine="dgpt",
        language="en", advisory=True, allow_missing_baseline=True,
        origins={"min_f1": "--min-f1", "advisory": "CI_GATE_ADVISORY"},
    )  # fmt: skip
    limits = Limits(max_file_size=2**30, max_file_rows=7)
    settings = CheckSettings(suites=(suite,), output=Output(report_dir=Path("x")), limits=limits)
    document = json.loads(json.dumps(reported_settings(settings, {}, {"smoke": "smoke.baseline.csv"})))
    (read,) = read_suites(document)
    assert read.settings == suite
    assert read.settings.rules.common_names == written.common_names
    assert (read.baseline_content, read.baseline_file) == (None, "smoke.baseline.csv")
    assert read_limits(document) == limits


def test_origin_of_a_setting_survives_the_report() -> None:
    suite = SuiteSettings(
        name="Smoke",
        label="smoke",
        rules=Rules(thresholds=(Threshold("min_f1", Fraction(9, 10)),)),
        origins={"min_f1": "--min-f1"},
    )
    settings = CheckSettings(suites=(suite,), output=Output(report_dir=Path("x")), limits=Limits())
    document = reported_settings(settings, {}, {})
    (read,) = read_suites(json.loads(json.dumps(document)))
    assert read.settings.origins == {"min_f1": "--min-f1"}
    other = replace(settings, suites=(replace(suite, origins={}),))
    assert '"origin": "--min-f1"' in json.dumps(document)
    assert "--min-f1" not in json.dumps(reported_settings(other, {}, {}))
