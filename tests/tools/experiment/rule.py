"""Judges counts with the gate's own functions, so that no rule is implemented a second time here."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.checks.changes import doubts_about_change
from ci_gate.core.comparison.baseline import Baseline, Origin
from ci_gate.core.comparison.compare import Matched, compare
from ci_gate.core.comparison.drops import Limit, Tally
from ci_gate.core.findings import FindingKind
from ci_gate.core.metrics import Metric
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import ALPHA, Rules
from ci_gate.core.statistics.sign_flip import Axis, Flips, Pool, chance_of_flips
from ci_gate.core.thresholds import BASELINE_DEFAULTS, DEFAULTS

if TYPE_CHECKING:
    from ci_gate.core.comparison.compare import Comparison
    from tests.tools.experiment.draws import Change

DEFAULT_RULES = Rules(thresholds=(*DEFAULTS.values(), *BASELINE_DEFAULTS.values()))
"""The rules for a suite with a baseline if the settings contain none."""

NOTHING = Matched(pairs=(), gone=(), new=(), relabelled=(), adrift=0)
BASELINE = Baseline(name="drawn", origin=Origin(), utterances={})

_LIKE = compare(NOTHING, BASELINE, level=float(ALPHA))
"""A comparison of empty suites, as a template."""

_NONE = Axis(0, 0)


class Ending(Enum):
    """The outcome of a comparison."""

    FAILS = auto()
    WARNS = auto()
    PASSES = auto()


def ending_of(comparison: Comparison, rules: Rules) -> Ending:
    """Judge the drops of a comparison as the gate does: by its failures or, without any, by its findings."""
    limits = [
        (drop, Limit(tolerance=threshold.bound, level=float(rules.level), strict=rules.strict_drop))
        for threshold in rules.thresholds
        if (drop := comparison.drops.get(threshold.metric))
    ]
    if any(drop.outcome(limit) is not Outcome.PASSED for drop, limit in limits):
        return Ending.FAILS
    kinds = (finding.kind for finding in doubts_about_change(comparison, rules))
    return Ending.WARNS if FindingKind.DROP in kinds else Ending.PASSES


def comparison_of(change: Change) -> Comparison:
    """Build the comparison of a suite without its utterances: the default rules use only the change of F1."""
    before = _tally(change.utterances, change.passing)
    after = _tally(change.utterances, change.passing - change.worse + change.better)
    flips = Flips(right_wrong=Axis(change.worse + change.better, change.worse), right_aside=_NONE, aside_wrong=_NONE)
    pool = Pool(before.right + after.right, before.wrong + after.wrong)
    chance = chance_of_flips(flips, (pool,), most=True)
    was, now = (tally.score or Fraction(0) for tally in (before, after))
    drop = replace(
        _LIKE.drops[Metric.F1_DROP],
        was=before,
        now=after,
        worse=change.worse,
        better=change.better,
        lost=change.worse,
        fixed=Flips(right_wrong=Axis(change.better, 0), right_aside=_NONE, aside_wrong=_NONE),
        before=(was, was),
        passed=change.passing,
        may_have_passed=change.passing,
        falls=(was - now, was - now),
        chances=(chance, chance),
    )
    return replace(_LIKE, shared=change.utterances, drops={Metric.F1_DROP: drop})


def _tally(utterances: int, passing: int) -> Tally:
    return Tally(passing, utterances - passing, weight=2)
