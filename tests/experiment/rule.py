"""What the gate makes of counts: its own functions judge them, and nothing of its rule is written down again here."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from ci_gate.core.baseline import Baseline, Origin
from ci_gate.core.checks import Outcome
from ci_gate.core.comparison import Comparison, Drop
from ci_gate.core.counts import Counts
from ci_gate.core.findings import FindingKind
from ci_gate.core.metrics import Metric, measure
from ci_gate.core.regression import doubts_about_change, judge_comparison
from ci_gate.core.rules import Rules
from ci_gate.core.statistics import chance_of_fall
from ci_gate.core.thresholds import BASELINE_DEFAULTS, DEFAULTS
from ci_gate.core.waivers import Waived

if TYPE_CHECKING:
    from fractions import Fraction

    from tests.experiment.draws import Change

DEFAULT_RULES = Rules(thresholds=(*DEFAULTS.values(), *BASELINE_DEFAULTS.values()))
"""What a suite with a baseline is judged by where nothing is asked for."""

_BASELINE = Baseline(name="drawn", origin=Origin(), utterances={})


class Ending(Enum):
    """What a comparison comes to."""

    FAILS = auto()
    WARNS = auto()
    PASSES = auto()


def ending_of(comparison: Comparison, rules: Rules) -> Ending:
    """Judge a comparison as the gate does: by its checks, and by its findings where no check fails."""
    if any(check.outcome is not Outcome.PASSED for check in judge_comparison(comparison, rules, Waived())):
        return Ending.FAILS
    kinds = (finding.kind for finding in doubts_about_change(comparison, rules))
    return Ending.WARNS if FindingKind.DROP in kinds else Ending.PASSES


def comparison_of(change: Change) -> Comparison:
    """Build the comparison of a suite without its utterances: how F1 changed is all that the default rules look at."""
    drop = Drop(
        was=_f1(change.utterances, change.passing),
        now=_f1(change.utterances, change.passing - change.worse + change.better),
        worse=change.worse,
        better=change.better,
        chance=chance_of_fall(change.worse, change.better),
    )
    return Comparison(
        baseline=_BASELINE,
        shared=change.utterances,
        newly_failing=(),
        fixed=(),
        still_failing=(),
        added=(),
        removed=(),
        relabelled=(),
        unevaluated=0,
        drops={Metric.F1_DROP: drop},
        detectable=None,
        intents=(),
    )


def _f1(utterances: int, passing: int) -> Fraction | None:
    return measure(Metric.F1, Counts(utterances=utterances, tp=passing, fp=utterances - passing, fn=0, tn=0))
