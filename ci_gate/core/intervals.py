"""How sure a score is: the interval that it stands for, as if the suite were a sample of what users say."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.metrics import Metric, parts
from ci_gate.core.statistics import wilson

if TYPE_CHECKING:
    from ci_gate.core.counts import Counts


def interval(metric: Metric, counts: Counts) -> tuple[Fraction, Fraction] | None:
    """Give both ends of a score's 95 % interval.

    ``None`` where there is none: a count is missing, the denominator is zero, or the counts contradict each other.

    Wilson's interval of the share that the score is. F1 is no share, but grows with one, s = TP/(TP+FP+FN), and is
    2s/(1+s): its interval is that of s, so mapped.
    """
    found = parts(metric, counts)
    if not found or not 0 <= found[0] <= found[1] or not found[1]:
        return None
    part, whole = found
    if metric is Metric.F1:
        low, high = wilson(part // 2, whole - part // 2)
        return Fraction(2 * low / (1 + low)), Fraction(2 * high / (1 + high))
    low, high = wilson(part, whole)
    return Fraction(low), Fraction(high)
