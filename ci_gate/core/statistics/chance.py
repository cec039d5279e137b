"""Statistics that tell a change from noise, in plain Python: exact tests, intervals, and the detectable fall.

Sources: McNemar's test and its mid-p form: Fagerland, Lydersen, Laake, BMC Medical Research Methodology 13:91 (2013).
Wilson's interval: Journal of the American Statistical Association 22 (1927).
"""

from __future__ import annotations

import math
from statistics import NormalDist

CONFIDENCE = 0.95
POWER = 0.8
"""The probability with which a test finds a fall of the size that is called detectable."""

_NORMAL = NormalDist()

_ROUNDING = 1e-12
"""The relative rounding error up to which a p-value above the level counts as equal to it."""


def beyond_chance(chance: float, level: float) -> bool:
    """Return whether the p-value ``chance`` is at most the significance level ``level``, up to rounding."""
    return chance <= level * (1 + _ROUNDING)


def chance_of_fall(worse: int, better: int) -> float:
    """Return the p-value of a fall: the probability that chance alone turns at least ``worse`` verdicts to the worse.

    This is the one-sided mid-p of McNemar's test: P(X > worse) + P(X = worse)/2, where X is the number of the
    ``worse + better`` changed verdicts that get worse, each with probability 1/2. It is exact up to one rounding, and
    0.5 if nothing changed.
    """
    changed = worse + better
    # ``ways`` is the number of outcomes with exactly ``size`` worse verdicts; the sum in halves stays an integer.
    ways = halves = math.comb(changed, worse)
    for size in range(worse, changed):
        ways = ways * (changed - size) // (size + 1)
        halves += 2 * ways
    return halves / (2 << changed)


def wilson(part: int, whole: int, *, confidence: float = CONFIDENCE, sides: int = 2) -> tuple[float, float]:
    """Return both ends of Wilson's score interval for the share ``part`` of ``whole``.

    With ``sides=1`` each end is a one-sided bound at this ``confidence``. The interval is 0 to 1 if ``whole`` is 0.
    """
    if whole == 0:
        return 0.0, 1.0
    z = _NORMAL.inv_cdf(1 - (1 - confidence) / sides)
    share, square = part / whole, z * z
    middle = share + square / (2 * whole)
    reach = z * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    scale = 1 + square / whole
    lowest = 0.0 if part == 0 else (middle - reach) / scale
    return lowest, 1.0 if part == whole else (middle + reach) / scale


def binomial_tail(successes: int, trials: int, share: float) -> float:
    """Return the probability of at most ``successes`` in ``trials`` that each succeed with probability ``share``."""
    if successes >= trials or share <= 0.0:
        return 1.0
    if share >= 1.0:
        return 0.0
    win, loss, ways = math.log(share), math.log1p(-share), math.lgamma(trials + 1)
    terms = (
        ways - math.lgamma(n + 1) - math.lgamma(trials - n + 1) + n * win + (trials - n) * loss
        for n in range(successes + 1)
    )
    return min(1.0, math.fsum(map(math.exp, terms)))


def detectable_fall(pairs: int, changed: int, *, alpha: float) -> float | None:
    """Return the smallest fall of the pass rate that a test of ``pairs`` detects with probability ``POWER``.

    ``changed`` of the pairs changed their verdict, in either direction: a fall has to stand out from this noise. The
    result is the smallest D with n·D² ≥ (z_alpha·√q + z_power·√(q - D²))². Here n is the number of pairs, and q is the
    share of changed verdicts or D, whichever is larger. ``None`` if not even a fall by 1 is detected.
    """
    if pairs == 0:
        return None
    z_alpha, z_power = _NORMAL.inv_cdf(1 - alpha), _NORMAL.inv_cdf(POWER)

    def shows(fall: float) -> bool:
        churn = max(changed / pairs, fall)
        needed = z_alpha * math.sqrt(churn) + z_power * math.sqrt(churn - fall * fall)
        return pairs * fall * fall >= needed * needed

    if not shows(1.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high
