"""Numbers worked out elsewhere, with six significant digits, that the core must reproduce."""

from __future__ import annotations

PLATFORM_SCORES = (
    # tp, fp, fn, precision, recall, f1
    (80, 10, 10, 0.888889, 0.888889, 0.888889),
    (160, 20, 20, 0.888889, 0.888889, 0.888889),
    (184, 10, 6, 0.948454, 0.968421, 0.958333),
    (45, 3, 2, 0.9375, 0.957447, 0.947368),
    (20, 0, 0, 1.0, 1.0, 1.0),
    (0, 5, 5, 0.0, 0.0, 0.0),
    (900, 60, 40, 0.9375, 0.957447, 0.947368),
    (4600, 250, 150, 0.948454, 0.968421, 0.958333),
    (70, 10, 8, 0.875, 0.897436, 0.886076),
    (802, 97, 30, 0.892102, 0.963942, 0.926632),
)
"""Scores as the platform defines them: a wrong intent is a false positive and nothing else."""
