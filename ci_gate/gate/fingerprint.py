"""One hash for all settings that decide which run is made of a suite, and what is made of the run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ci_gate.core.comparison.baseline import Baseline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_gate.config.settings import RemoteSettings, SuiteSettings


_BESIDE: Mapping[str, Any] = {
    "thresholds": (),
    "tolerate": frozenset(),
    "common_names": frozenset(),
    "is_part": False,
}
"""Parts of the rules that are written by themselves, or say nothing of this suite but of which others are judged."""


def fingerprint(suite: SuiteSettings, settings: RemoteSettings) -> str:
    """Give the SHA-256 of what must be the same for a run to be gone on with: where, what, and held against what.

    Settings that change neither the run nor its verdict are left out, such as the deadline: a run for which that was
    too short is gone on with under a longer one. So are secrets.
    """
    decisive = {
        "host": settings.remote.host,
        "engine": suite.engine,
        "language": suite.language,
        "thresholds": {threshold.key: str(threshold.bound) for threshold in suite.rules.thresholds},
        "tolerate": sorted(suite.rules.tolerate),
        "rules": repr(replace(suite.rules, **_BESIDE)),
        "baseline": _baseline(suite),
        "advisory": suite.advisory,
        "max_file_size": settings.limits.max_file_size,
        "max_file_rows": settings.limits.max_file_rows,
    }
    return "sha256:" + hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def _baseline(suite: SuiteSettings) -> object:
    """Tell one baseline from another by what a run is compared with."""
    if not isinstance(suite.baseline, Baseline):
        return suite.baseline is not None
    return sorted((key, utterance.result_type) for key, utterance in suite.baseline.utterances.items())
