"""Reference values of the tests for change, computed in fractions by enumeration, without the algorithms.

Drops of a score: each of the 2^d exchanges of the answers of d changed pairs. Intents: each number of verdicts that may
have got worse, with its weight. Unknown answers: each completion, and each exchange in it. Floors: the sum of all
binomial terms. Shared levels: each p-value times the number of tests.
"""

from __future__ import annotations

FLIPS: tuple[tuple[str, dict[str, int], float, float], ...] = (
    # score, pairs by what they changed between, mid-p, plain p
    ("recall", {"TP>TP": 12, "TP>FP": 15, "FN>FN": 3}, 1.52587890625e-05, 3.0517578125e-05),
    ("precision", {"TP>TP": 12, "TP>FN": 12, "FP>FP": 6}, 0.0001220703125, 0.000244140625),
    ("recall", {"TP>TP": 60, "TP>FN": 5, "FN>TP": 1}, 0.0625, 0.109375),
    ("recall", {"TP>TP": 60, "TP>FN": 4, "TP>FP": 3, "FP>FN": 2, "FN>TP": 1}, 0.01513671875, 0.0205078125),
    ("precision", {"TP>TP": 60, "TP>FP": 4, "TP>FN": 3, "FN>FP": 2, "FP>TP": 1}, 0.01513671875, 0.0205078125),
    ("precision", {"TP>TP": 80, "TN>TN": 10, "TN>FP": 5, "FP>FP": 4}, 0.015625, 0.03125),
    ("precision", {"TP>TP": 80, "TN>FP": 4, "FP>TP": 2, "TP>FN": 3, "FP>FP": 6}, 0.2138671875, 0.255859375),
    ("f1", {"TP>TP": 50, "TP>FP": 3, "TP>FN": 3, "FN>TP": 1}, 0.03515625, 0.0625),
    ("f1", {"TP>TP": 50, "TP>FP": 4, "TN>FP": 3, "FP>TN": 1, "TN>TN": 5}, 0.01171875, 0.01953125),
    ("f1", {"TP>TP": 50, "TN>FP": 5, "FP>TP": 1, "FP>FP": 5}, 0.1015625, 0.109375),
    ("accuracy", {"TP>TP": 50, "TP>FP": 4, "TN>FP": 3, "FP>TN": 1, "TN>TN": 5}, 0.01953125, 0.03515625),
    ("accuracy", {"TP>TP": 5, "FP>FN": 7}, 0.5, 1.0),
    ("f1", {"TP>TP": 5, "FP>FN": 7}, 0.5, 1.0),
    ("recall", {"TP>TP": 20, "FP>FN": 5, "FN>FN": 2}, 0.015625, 0.03125),
    ("precision", {"TP>TP": 20, "FP>FN": 5, "FP>FP": 1}, 0.984375, 1.0),
    ("f1", {"TP>FN": 4}, 0.03125, 0.0625),
    ("f1", {"TP>FN": 3}, 0.0625, 0.125),
    ("recall", {"TP>TP": 30, "TP>FN": 2, "FN>FP": 2, "FN>FN": 4}, 0.34375, 0.375),
    ("precision", {"TP>TP": 9, "TP>FN": 2, "FN>TP": 2, "FN>FP": 2, "FP>FN": 2, "TP>FP": 2, "FP>TP": 1},
     0.340087890625, 0.38232421875),
)  # fmt: skip
"""p-values of drops of a score."""

REGRESSIONS: tuple[tuple[tuple[tuple[int, int], ...], float], ...] = (
    # worse and better of each intent, least adjusted chance
    (((5, 0), *[(0, 0)] * 6), 0.015625), (((8, 0), *[(0, 0)] * 99), 0.001953125),
    (((8, 0), *[(1, 0)] * 9), 0.001953125), (((10, 4),), 0.059234619140625), (((4, 0), (4, 0)), 0.03125),
    (((5, 1), (3, 3), (6, 0)), 0.0234375), (((7, 1), (2, 2), (1, 3), (0, 5)), 0.05078125),
    (((6, 0), (5, 0), (4, 0)), 0.0078125), (((9, 2), (4, 4), (3, 2), (2, 5)), 0.062255859375),
    (((2, 0), (1, 1)), 0.25), (((4, 0), (1, 1), (2, 1), (1, 0)), 0.03125), ((*[(8, 0)] * 100,), 0.001953125),
    ((*[(4, 0)] * 50,), 0.03125), ((*[(3, 0)] * 50,), 0.0625), ((*[(5, 0)] * 20, *[(0, 1)] * 20), 0.015625),
    (((9, 1), (8, 2), (7, 2), (3, 3), (2, 4), (1, 1)), 0.013671875),
)  # fmt: skip
"""Smallest adjusted p-value of all intents."""

Unknown = tuple[str, dict[str, int], list[tuple[str | None, str | None, bool]], float, float, float, float]
UNKNOWN: tuple[Unknown, ...] = (
    # score, known pairs, pairs with an unknown side and whether no intent is expected,
    # least and largest mid-p, least and largest fall of the score
    ("f1", {"TP>TP": 20, "TP>FP": 3}, [("TP", None, False), ("TP", None, False)], 0.015625, 0.0625,
     0.06382978723404255, 0.1111111111111111),
    ("recall", {"TP>TP": 20, "TP>FN": 4}, [("TP", None, False), (None, "TP", False)], 0.015625, 0.109375,
     0.11538461538461539, 0.19230769230769232),
    ("precision", {"TP>TP": 20, "TP>FP": 4, "TP>FN": 1}, [("TP", None, False), ("TN", None, True)], 0.00390625,
     0.015625, 0.16, 0.23076923076923078),
    ("accuracy", {"TP>TP": 20, "TP>FP": 4}, [(None, None, False), (None, "FP", True)], 0.0078125, 0.109375,
     0.11538461538461539, 0.23076923076923078),
    ("precision", {"TP>TP": 15, "TP>FN": 3, "FN>FP": 3, "FP>TP": 1}, [(None, None, False)], 0.064453125, 0.3125, 0.05,
     0.15),
    ("recall", {"TP>TP": 15, "TP>FP": 3, "FP>FN": 3, "FN>TP": 1}, [("FN", None, False), (None, "FN", False)],
     0.064453125, 0.3125, 0.047619047619047616, 0.14285714285714285),
)  # fmt: skip
"""Ranges that unevaluated utterances leave open."""

FLOORS: tuple[tuple[int, int, str, str, str], ...] = (
    # right, counted, floor, alpha, outcome
    (0, 0, "0.8", "0.05", "no data"),  (0, 1, "0.8", "0.05", "no data"),  (0, 2, "0.8", "0.05", "failed"),
    (0, 5, "0.8", "0.05", "failed"),   (1, 2, "0.8", "0.05", "passed"),   (1, 5, "0.8", "0.05", "failed"),
    (3, 5, "0.8", "0.05", "passed"),   (8, 15, "0.8", "0.05", "failed"),  (9, 15, "0.8", "0.05", "passed"),
    (12, 20, "0.8", "0.05", "failed"), (13, 20, "0.8", "0.05", "passed"), (20, 20, "0.8", "0.05", "passed"),
    (0, 0, "0.7", "0.05", "no data"),  (0, 1, "0.7", "0.05", "no data"),  (0, 2, "0.7", "0.05", "no data"),
    (0, 5, "0.7", "0.05", "failed"),   (1, 2, "0.7", "0.05", "passed"),   (1, 5, "0.7", "0.05", "failed"),
    (3, 5, "0.7", "0.05", "passed"),   (8, 15, "0.7", "0.05", "passed"),  (9, 15, "0.7", "0.05", "passed"),
    (12, 20, "0.7", "0.05", "passed"), (13, 20, "0.7", "0.05", "passed"), (20, 20, "0.7", "0.05", "passed"),
    (0, 0, "0.3", "0.05", "no data"),  (0, 1, "0.3", "0.05", "no data"),  (0, 2, "0.3", "0.05", "no data"),
    (0, 5, "0.3", "0.05", "no data"),  (1, 2, "0.3", "0.05", "passed"),   (1, 5, "0.3", "0.05", "passed"),
    (3, 5, "0.3", "0.05", "passed"),   (8, 15, "0.3", "0.05", "passed"),  (9, 15, "0.3", "0.05", "passed"),
    (12, 20, "0.3", "0.05", "passed"), (13, 20, "0.3", "0.05", "passed"), (20, 20, "0.3", "0.05", "passed"),
    (0, 0, "0.9", "0.01", "no data"),  (0, 1, "0.9", "0.01", "no data"),  (0, 2, "0.9", "0.01", "failed"),
    (0, 5, "0.9", "0.01", "failed"),   (1, 2, "0.9", "0.01", "passed"),   (1, 5, "0.9", "0.01", "failed"),
    (3, 5, "0.9", "0.01", "passed"),   (8, 15, "0.9", "0.01", "failed"),  (9, 15, "0.9", "0.01", "failed"),
    (12, 20, "0.9", "0.01", "failed"), (13, 20, "0.9", "0.01", "failed"), (20, 20, "0.9", "0.01", "passed"),
)  # fmt: skip
"""Outcomes of tested floors."""

SHARED: tuple[tuple[tuple[float, ...], float, tuple[bool, ...]], ...] = (
    # chances of the tests of a command, alpha, which are beyond chance
    ((0.01, 0.04), 0.05, (True, False)),
    ((0.03, 0.04), 0.05, (False, False)),
    ((0.0156, 0.0156, 0.5), 0.05, (True, True, False)),
    ((0.025, 0.0251), 0.05, (True, False)),
    ((0.0167, 0.02, 0.06), 0.05, (False, False, False)),
    ((0.001, 0.012, 0.024, 0.049), 0.05, (True, True, False, False)),
    ((0.03, 0.2, 0.5), 0.05, (False, False, False)),
    ((0.0078125,) * 20, 0.05, (False,) * 20),
    ((0.04, 0.04, 0.04), 0.025, (False, False, False)),
)
"""Which of several tests are significant at their share of alpha."""

FEWEST_WORSE = (
    # level, then the fewest newly failing with 0, 1, 2, 3, 5, 10, 20 fixed
    (0.05, (4, 6, 8, 9, 12, 19, 32)),       (0.025, (5, 7, 9, 11, 14, 22, 35)),
    (0.05 / 3, (5, 8, 10, 12, 15, 23, 36)), (0.0125, (6, 8, 10, 12, 16, 23, 37)),
    (0.01, (6, 9, 11, 13, 16, 24, 38)),     (0.005, (7, 10, 12, 14, 18, 26, 40)),
    (0.001, (9, 12, 15, 17, 21, 30, 45)),
)  # fmt: skip
"""Smallest significant loss by the number of utterances that began to pass."""

REPEATS = (
    # passed, missing, runs, passes needed, outcome
    (0, 0, 3, 1, "failed"),        (1, 0, 3, 1, "passed"),        (2, 0, 3, 1, "passed"),
    (3, 0, 3, 1, "passed"),        (0, 1, 3, 1, "not evaluated"), (1, 1, 3, 1, "passed"),
    (2, 1, 3, 1, "passed"),        (0, 2, 3, 1, "not evaluated"), (1, 2, 3, 1, "passed"),
    (0, 3, 3, 1, "not evaluated"), (0, 0, 3, 2, "failed"),        (1, 0, 3, 2, "failed"),
    (2, 0, 3, 2, "passed"),        (3, 0, 3, 2, "passed"),        (0, 1, 3, 2, "failed"),
    (1, 1, 3, 2, "not evaluated"), (2, 1, 3, 2, "passed"),        (0, 2, 3, 2, "not evaluated"),
    (1, 2, 3, 2, "not evaluated"), (0, 3, 3, 2, "not evaluated"), (0, 0, 3, 3, "failed"),
    (1, 0, 3, 3, "failed"),        (2, 0, 3, 3, "failed"),        (3, 0, 3, 3, "passed"),
    (0, 1, 3, 3, "failed"),        (1, 1, 3, 3, "failed"),        (2, 1, 3, 3, "not evaluated"),
    (0, 2, 3, 3, "failed"),        (1, 2, 3, 3, "not evaluated"), (0, 3, 3, 3, "not evaluated"),
)  # fmt: skip
"""Outcome of a repeated utterance over every possible ending of its missing runs."""

KEPT_RIGHTS = (
    # right in each accepted run, their mean, their variance, what a further run keeps
    ((17, 17, 17), 17.0, 0.0, 17),
    ((262, 258, 260, 261, 259), 260.0, 2.5, 257),
    ((52, 50, 53, 52, 51), 51.6, 1.3, 49),
    ((868, 871, 865, 870, 866, 872, 869, 871, 868, 870), 869.0, 5.111111111111111, 865),
    ((52, 52, 52, 52, 53), 52.2, 0.2, 52),
)
"""Whole numbers of utterances by Student's t from printed tables, in fractions."""
