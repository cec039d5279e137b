"""The settings as a plain document: all that decides what is run and how it is judged, under the names users know.

It holds no secret. Utterances stand in it as they are, even if reports show hashes of them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, TypedDict

from ci_gate.config.settings import CheckSettings, CompareSettings, RemoteSettings
from ci_gate.core.comparison.baseline import Baseline, MissingBaseline
from ci_gate.core.text.decimals import exact_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_gate.config.settings import Settings, SuiteSettings
    from ci_gate.core.floors import Floors
    from ci_gate.core.rules import Rules


_OF_SUITE_OTHERWISE = frozenset({"label", "rules", "baseline_path"})
"""Fields of a suite's settings that do not stand in the document under their own names."""

_WRITTEN_OTHERWISE = frozenset(
    {"thresholds", "demands_all", "lower_bound", "share", "intents", "pressing", "common_names", "is_part"}
)
"""Fields of the rules that do not stand in the document under their own names; the last two say nothing of a suite."""


class SettingsDocument(TypedDict):
    """What holds for the whole command, and what holds for each suite by its label; times are in seconds."""

    common: dict[str, object]
    suites: dict[str, dict[str, object]]


def settings_document(settings: Settings, baselines: Mapping[str, Baseline | MissingBaseline]) -> SettingsDocument:
    """Return the document of settings and of the baselines that they led to, by the labels of the suites."""
    return {
        "common": _common(settings),
        "suites": {suite.label: _suite(suite, baselines.get(suite.label)) for suite in settings.suites},
    }


def content_hash(value: object) -> str:
    """Return the SHA-256 of plain data, whatever the order of its keys."""
    return "sha256:" + hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _common(settings: Settings) -> dict[str, object]:
    found: dict[str, object] = {}
    if isinstance(settings, RemoteSettings):
        remote = settings.remote
        found = {"host": remote.host, "results_host": remote.results_host, "ca_file": remote.ca_file}
    if isinstance(settings, CompareSettings):
        found |= {"base": settings.base.text, "head": settings.head.text}
    if isinstance(settings, CheckSettings):
        found = {"status": settings.status and str(settings.status)}
    return found | asdict(settings.limits)


def _suite(suite: SuiteSettings, baseline: Baseline | MissingBaseline | None) -> dict[str, object]:
    return {
        **{one.name: getattr(suite, one.name) for one in fields(suite) if one.name not in _OF_SUITE_OTHERWISE},
        "baseline": baseline and baseline.name,
        "baseline_content": _content(baseline),
        **_rules(suite.rules),
    }


def _content(baseline: Baseline | MissingBaseline | None) -> str | None:
    """Tell one baseline from another by what a run is compared with, wherever it was found."""
    if isinstance(baseline, Baseline):
        return content_hash(sorted((key, one.result_type) for key, one in baseline.utterances.items()))
    return "missing" if baseline else None


def _rules(rules: Rules) -> dict[str, object]:
    return {
        "thresholds": {threshold.key: threshold.bound_text for threshold in rules.thresholds},
        "all_must_be_evaluated": rules.demands_all,
        "bound": "lower" if rules.lower_bound else "point",
        "tests_that_share_alpha": rules.share,
        "intents": _floors(rules.intents.general),
        "named_intents": {name: _floors(own) for name, own in rules.intents.named.items()},
        "set_for_this_suite": sorted(rules.pressing),
        **{one.name: _plain(getattr(rules, one.name)) for one in fields(rules) if one.name not in _WRITTEN_OTHERWISE},
    }


def _plain(value: object) -> object:
    """Return a value as JSON has it, whatever it is made of."""
    match value:
        case Fraction():
            return exact_text(value)
        case date():
            return value.isoformat()
        case frozenset():
            return sorted(map(str, value))
        case tuple():
            return [_plain(one) for one in value]
        case _ if is_dataclass(value):
            return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
        case _:
            return value


def _floors(floors: Floors) -> dict[str, object]:
    bounds = {key: exact_text(bound) for key, bound in floors.bounds.items()}
    return {**bounds, "min_support": floors.min_support, "point": floors.point}
