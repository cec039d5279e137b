"""The settings as a plain document, under the names that users know.

The document contains everything that determines what is run and how it is judged, but no secret. Its utterances are in
plain text; only in the document for reports, hashes replace them if ``utterances`` is ``hash``.
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
"""Stands in the document for the hash of a baseline that does not exist yet."""

DEFAULT = "default"
"""The origin of a setting that was not given."""

_WRITTEN_AS = {
    "all_must_be_evaluated": "max_failed_utterances",
    "tests_that_share_alpha": "share_alpha",
    "baseline_content": "baseline",
    "baseline_file": "baseline",
}
"""Maps a key of the document to the setting that it derives from, if that setting has another name."""


class SettingsDocument(TypedDict):
    """The settings for the whole command, and those of each suite by its label. Durations are in seconds."""

    common: dict[str, object]
    suites: dict[str, dict[str, object]]


def settings_document(settings: Settings, baselines: Mapping[str, Baseline | MissingBaseline]) -> SettingsDocument:
    """Return the document of the settings and the baselines; ``baselines`` maps suite labels to the baselines."""
    return {
        "common": _common(settings),
        "suites": {suite.label: _suite(suite, baselines.get(suite.label)) for suite in settings.suites},
    }


def reported_settings(
    settings: Settings, baselines: Mapping[str, Baseline | MissingBaseline], kept_as: Mapping[str, str]
) -> dict[str, object]:
    """Return the document for reports: with the origin of each value, and with further values that a replay needs.

    ``kept_as`` maps the label of a suite to the file in the report folder that holds its baseline. Hashes replace the
    utterances if the output settings demand it.
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
    """Return each value with its origin: the flag, the variable, the place in the file, or ``default``."""
    found: dict[str, object] = {}
    for key, value in values.items():
        if key == "thresholds" and isinstance(value, dict):
            found[key] = _with_origins(value, origins)
        else:
            found[key] = {"value": _shown(value), "origin": redacted(origins.get(_WRITTEN_AS.get(key, key), DEFAULT))}
    return found


def _shown(value: object) -> object:
    """Return ``value`` with every text redacted: a path or the reason of a waiver may hold a signed link."""
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
    """Return the SHA-256 of plain data, which does not depend on the order of keys."""
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
    """Return the hash of a baseline's utterances and their result types, wherever the baseline was found.

    Return ``MISSING`` if the baseline does not exist yet, and ``None`` if no baseline was named.
    """
    if isinstance(baseline, Baseline):
        return content_hash(sorted((key, one.result_type) for key, one in baseline.utterances.items()))
    return MISSING if baseline else None
