"""Reference values from other programs, with six significant digits."""

from __future__ import annotations

PLATFORM_SCORES = (
    # tp, fp, fn, precision, recall, f1
    (80, 10, 10, 0.888889, 0.888889, 0.888889), (160, 20, 20, 0.888889, 0.888889, 0.888889),
    (184, 10, 6, 0.948454, 0.968421, 0.958333), (45, 3, 2, 0.9375, 0.957447, 0.947368),
    (20, 0, 0, 1.0, 1.0, 1.0),                  (0, 5, 5, 0.0, 0.0, 0.0),
    (900, 60, 40, 0.9375, 0.957447, 0.947368),  (4600, 250, 150, 0.948454, 0.968421, 0.958333),
    (70, 10, 8, 0.875, 0.897436, 0.886076),     (802, 97, 30, 0.892102, 0.963942, 0.926632),
)  # fmt: skip
"""Scores as the platform defines them: a wrong intent is a false positive and nothing else."""

MCNEMAR = (
    # got worse, got better, one-sided mid-p
    (0, 0, 0.5),           (1, 0, 0.25),           (0, 1, 0.75),         (4, 0, 0.03125),
    (5, 0, 0.015625),      (5, 5, 0.5),            (6, 1, 0.0351562),    (7, 1, 0.0195312),
    (8, 2, 0.0327148),     (10, 2, 0.0112305),     (2, 10, 0.98877),     (12, 5, 0.0481262),
    (15, 5, 0.0133018),    (30, 12, 0.00270079),   (45, 25, 0.00849733), (60, 40, 0.023022),
    (150, 120, 0.0341006), (700, 600, 0.00277178),
)  # fmt: skip
"""One-sided mid-p values of McNemar's test."""

WILSON = (
    # part, whole, confidence, sides, lowest, highest
    (0, 10, 0.95, 2, 0.0, 0.277533),           (10, 10, 0.95, 2, 0.722467, 1.0),
    (1, 1, 0.95, 2, 0.206549, 1.0),            (9, 10, 0.95, 2, 0.59585, 0.982124),
    (45, 50, 0.95, 2, 0.786398, 0.956524),     (92, 100, 0.95, 2, 0.850019, 0.958907),
    (184, 200, 0.95, 2, 0.874011, 0.950159),   (920, 1000, 0.95, 2, 0.901534, 0.935252),
    (4600, 5000, 0.95, 2, 0.912154, 0.927201), (92, 100, 0.9, 2, 0.863535, 0.954337),
    (92, 100, 0.95, 1, 0.863535, 0.954337),    (460, 500, 0.99, 2, 0.88297, 0.946029),
)  # fmt: skip
"""Wilson confidence intervals; with one side each end is a bound of its own."""

F1_INTERVALS = (
    # tp, fp, fn, lowest, highest
    (80, 10, 10, 0.83121, 0.928552),   (160, 20, 20, 0.85001, 0.918655),
    (184, 10, 6, 0.93277, 0.974443),   (45, 3, 2, 0.880428, 0.977779),
    (20, 0, 0, 0.912378, 1.0),         (0, 5, 5, 0.0, 0.434482),
    (900, 60, 40, 0.936084, 0.956752), (4600, 250, 150, 0.954059, 0.962226),
)  # fmt: skip
"""95 % confidence intervals of F1."""

BINOMIAL_TAIL = (
    # successes, trials, share, probability of at most that many
    (0, 10, 0.8, 1.024e-07),  (5, 10, 0.8, 0.0327935),     (12, 20, 0.8, 0.0321427),
    (70, 100, 0.8, 0.011249), (880, 1000, 0.9, 0.0219961), (7, 10, 0.9, 0.0701908),
)  # fmt: skip
"""Lower tails of the binomial distribution."""

DETECTABLE_FALLS = (
    # pairs, of which changed their verdict, smallest fall of the pass rate that shows, in points with one decimal
    (100, 2, 6.1),    (100, 6, 6.1),    (100, 12, 8.5),   (200, 4, 3.1),    (200, 12, 4.3),
    (200, 24, 6.1),   (500, 10, 1.6),   (500, 30, 2.7),   (500, 60, 3.8),   (1000, 20, 1.1),
    (1000, 60, 1.9),  (1000, 120, 2.7), (2000, 40, 0.8),  (2000, 120, 1.4), (2000, 240, 1.9),
    (5000, 100, 0.5), (5000, 300, 0.9), (5000, 600, 1.2),
)  # fmt: skip
"""Smallest drops that a paired test at 5 % detects with a power of 0.8.

Three rows exceed those of the other program: 100 pairs with 2 and 6 changes, and 200 with 4. It looks no further than
the given share of changes, and its own figure (2.0 points of 200 pairs if nothing but the drop changes) has less power
than it claims. Here a larger drop brings the changes that it consists of.
"""

VERDICTS = (
    # shared utterances, passed in the baseline, got worse, got better, allowed drop, F1 drop, mid-p, verdict
    (1000, 852, 30, 12, "0.01", 0.0105989, 0.00270079, "fail"),
    (200, 170, 12, 5, "0.01", 0.0208473, 0.0481262, "fail"),
    (200, 170, 6, 1, "0.01", 0.0148093, 0.0351562, "fail"),
    (200, 170, 3, 0, "0.01", 0.00883718, 0.0625, "pass"),
    (200, 170, 10, 6, "0.01", 0.0118151, 0.166153, "warn"),
    (5000, 4260, 150, 120, "0.01", 0.00351001, 0.0341006, "warn"),
    (5000, 4260, 150, 120, "0.002", 0.00351001, 0.0341006, "fail"),
    (300, 255, 0, 0, "0.01", 0.0, 0.5, "pass"),
    (300, 255, 0, 5, "0.01", -0.00965251, 0.984375, "pass"),
    (50, 45, 5, 0, "0.01", 0.0584795, 0.015625, "fail"),
    (50, 45, 4, 0, "0.01", 0.0462695, 0.03125, "fail"),
    (50, 45, 2, 0, "0.01", 0.0226372, 0.125, "warn"),
)
"""Comparisons with a baseline at a significance level of 0.05; every utterance expects an intent."""
