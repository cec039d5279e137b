"""The settings as a plain document: all that decides what is run and how it is judged, under the names users know.

It holds no secret. Utterances stand in it as they are; the one for reports has hashes of them if reports show those.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from ci_gate.config.settings import CheckSettings, CompareSettings, RemoteSettings
from ci_gate.core.comparison.baseline import Baseline, MissingBaseline
from ci_gate.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_gate.config.settings import Settings, SuiteSettings


MISSING = "missing"
"""What stands for a baseline that is not there yet."""

DEFAULT = "default"
"""The origin of what was not given."""

_WRITTEN_AS = {
    "all_must_be_evaluated": "max_failed_utterances",
    "tests_that_share_alpha": "share_alpha",
    "baseline_content": "baseline",
    "baseline_file": "baseline",
}
"""What in the document follows from a setting of another name."""


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


def reported_settings(
    settings: Settings, baselines: Mapping[str, Baseline | MissingBaseline], kept_as: Mapping[str, str]
) -> dict[str, object]:
    """Return the same document with the origin of each value, and with what it takes to judge again.

    ``kept_as`` names the file in the report folder that holds the baseline of a suite, by the suite's label. Hashes
    stand for utterances if reports show hashes.
    """
    if settings.output.hash_utterances:
        suites = tuple(replace(suite, rules=suite.rules.hashed()) for suite in settings.suites)
        settings = replace(settings, suites=suites)
    document = settings_document(settings, baselines)
    entries: dict[str, object] = {}
    for suite in settings.suites:
        again = {
            "baseline_file": kept_as.get(suite.label),
            "names_for_all_suites": sorted([name.what, name.text] for name in suite.rules.common_names),
            "waivers_for_all_suites": [at for at, waiver in enumerate(suite.rules.waivers) if waiver.is_common],
            "is_part": suite.rules.is_part,
        }
        entries[suite.label] = _with_origins(document["suites"][suite.label] | again, suite.origins)
    shown = {"utterances": "hash" if settings.output.hash_utterances else "show"}
    return {"common": _with_origins(document["common"] | shown, settings.origins), "suites": entries}


def _with_origins(values: Mapping[str, object], origins: Mapping[str, str]) -> dict[str, object]:
    """Return each value with its origin: the flag, the variable, the place in the file, or "default"."""
    found: dict[str, object] = {}
    for key, value in values.items():
        if key == "thresholds" and isinstance(value, dict):
            found[key] = _with_origins(value, origins)
        else:
            found[key] = {"value": _shown(value), "origin": redacted(origins.get(_WRITTEN_AS.get(key, key), DEFAULT))}
    return found


def _shown(value: object) -> object:
    """Return a value as it may be shown: a path or a reason may hold what opens the file behind it."""
    match value:
        case str():
            return redacted(value)
        case list():
            return [_shown(part) for part in value]
        case dict():
            return {key: _shown(part) for key, part in value.items()}
        case _:
            return value


def content_hash(value: object) -> str:
    """Return the SHA-256 of plain data, whatever the order of its keys."""
    return "sha256:" + hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _common(settings: Settings) -> dict[str, object]:
    limits = settings.limits
    found: dict[str, object] = {
        "timeout": limits.timeout,
        "max_file_size": limits.max_file_size,
        "max_file_rows": limits.max_file_rows,
    }
    if isinstance(settings, RemoteSettings):
        remote = settings.remote
        found |= {"host": remote.host, "results_host": remote.results_host, "ca_file": remote.ca_file}
    if isinstance(settings, CompareSettings):
        found |= {"base": settings.base.text, "head": settings.head.text}
    if isinstance(settings, CheckSettings):
        found |= {"status": settings.status and str(settings.status)}
    return found


def _suite(suite: SuiteSettings, baseline: Baseline | MissingBaseline | None) -> dict[str, object]:
    return suite.document() | {"baseline": baseline and baseline.name, "baseline_content": baseline_content(baseline)}


def baseline_content(baseline: Baseline | MissingBaseline | None) -> str | None:
    """Return the hash of what a run is compared with, wherever it was found; ``None`` without a baseline."""
    if isinstance(baseline, Baseline):
        return content_hash(sorted((key, one.result_type) for key, one in baseline.utterances.items()))
    return MISSING if baseline else None
