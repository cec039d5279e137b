"""The settings as a plain document: all that decides what is run and how it is judged, under the names users know.

It holds no secret. Utterances stand in it as they are, even if reports show hashes of them.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, TypedDict

from ci_gate.config.settings import CheckSettings, CompareSettings, RemoteSettings
from ci_gate.core.comparison.baseline import Baseline, MissingBaseline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_gate.config.settings import Settings, SuiteSettings


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
    return suite.document() | {"baseline": baseline and baseline.name, "baseline_content": _content(baseline)}


def _content(baseline: Baseline | MissingBaseline | None) -> str | None:
    """Tell one baseline from another by what a run is compared with, wherever it was found."""
    if isinstance(baseline, Baseline):
        return content_hash(sorted((key, one.result_type) for key, one in baseline.utterances.items()))
    return "missing" if baseline else None
