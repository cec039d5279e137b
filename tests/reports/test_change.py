"""How reports tell what a run was compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_gate.core.baseline import Baseline, Origin
from ci_gate.core.comparison import compare
from ci_gate.reports.change import baseline_sentence

if TYPE_CHECKING:
    from ci_gate.core.comparison import Comparison


def compared_with(name: str) -> Comparison:
    """Compare nothing with a baseline of that name."""
    known = {"run_id": "tr-1", "bot_version": "published", "finished": "2026-02-01T08:00:00+00:00"}
    return compare(Baseline(name=name, origin=Origin(), utterances={}, **known), {}, alpha=0.05)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("baseline/report.json", "run tr-1, bot version published, finished 2026-02-01T08:00:00+00:00"),
        ("version published", "run tr-1, finished 2026-02-01T08:00:00+00:00"),
        ("run tr-1", "bot version published, finished 2026-02-01T08:00:00+00:00"),
    ],
    ids=["file", "version", "run"],
)
def test_what_a_baseline_is_called_after_is_not_said_twice(name: str, told: str) -> None:
    sentence = baseline_sentence(compared_with(name))
    assert sentence == f"{name} ({told}), on 0 utterances that both have"
