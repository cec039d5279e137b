"""Thresholds: their settings, how the values are parsed, and the name of each threshold in every report."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from ci_gate.core.metrics import Metric
from ci_gate.core.outcome import Outcome, outcome_of
from ci_gate.core.text.decimals import Range, exact_text, read_decimal

THRESHOLDS: Final = MappingProxyType(
    {
        "min_f1": Metric.F1,
        "min_precision": Metric.PRECISION,
        "min_recall": Metric.RECALL,
        "min_accuracy": Metric.ACCURACY,
        "min_entity_match": Metric.ENTITY_MATCH,
        "max_failed_utterances": Metric.FAILED_UTTERANCES,
        "max_mismatches": Metric.MISMATCHES,
        "max_entity_mismatches": Metric.ENTITY_MISMATCHES,
        "min_utterances": Metric.UTTERANCES,
        "max_f1_drop": Metric.F1_DROP,
        "max_precision_drop": Metric.PRECISION_DROP,
        "max_recall_drop": Metric.RECALL_DROP,
        "max_accuracy_drop": Metric.ACCURACY_DROP,
        "max_new_failures": Metric.NEW_FAILURES,
    }
)
"""The metric of each setting; the prefix ``min_`` or ``max_`` is the direction of the bound."""

OFF = "off"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One bound on one metric; a value equal to the bound passes."""

    key: str
    bound: Fraction

    @property
    def metric(self) -> Metric:
        return THRESHOLDS[self.key]

    @property
    def is_minimum(self) -> bool:
        """Whether the bound is the lowest value that passes, rather than the highest."""
        return self.key.startswith("min_")

    @property
    def is_default(self) -> bool:
        """Whether this threshold demands no more than the default one."""
        return self.key in DEFAULTS and self.bound <= DEFAULTS[self.key].bound

    @property
    def operator(self) -> str:
        return ">=" if self.is_minimum else "<="

    @property
    def bound_text(self) -> str:
        """The bound in its canonical spelling: 0.9, .90 and 90% are the same number."""
        return exact_text(self.bound) if self.metric.is_share else str(self.bound)

    @property
    def name(self) -> str:
        """The name of the check in every report; it contains no measured value, so that it is stable between runs."""
        return f"{self.metric.label} {self.operator} {self.bound_text}"

    def is_met_by(self, value: Fraction) -> bool:
        return value >= self.bound if self.is_minimum else value <= self.bound

    def outcome(self, values: Range) -> Outcome:
        """Return the outcome for a value that may lie anywhere in ``values``."""
        low = self.is_met_by(values.low)
        high = self.is_met_by(values.high) and not (self.is_minimum and values.open and values.high == self.bound)
        return outcome_of(worst=low, best=high) if self.is_minimum else outcome_of(worst=high, best=low)


DEFAULTS: Final = MappingProxyType({"min_utterances": Threshold("min_utterances", Fraction(1))})
"""The thresholds that apply by default: there must be an utterance to evaluate."""

BASELINE_DEFAULTS: Final = MappingProxyType({"max_f1_drop": Threshold("max_f1_drop", Fraction(1, 100))})
"""The further thresholds that apply by default if there is a baseline."""


def read_threshold(key: str, text: str) -> Threshold | None:
    """Parse the value of the setting ``key``; return ``None`` if it switches the threshold off.

    Raise ``ValueError`` with a message that says what to write instead.
    """
    text = text.strip()
    if text.lower() == OFF:
        return None
    if not THRESHOLDS[key].is_share:
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise ValueError(f"'{text}' is not a whole number of 0 or more, nor '{OFF}'")
        return Threshold(key, Fraction(int(text)))
    percent = text.endswith("%")
    value = read_decimal(text.removesuffix("%").rstrip())
    if value is None:
        comma = ": write the decimals after a point" if "," in text else ""
        raise ValueError(f"'{text}' is not a number like 0.9 or 90%, nor '{OFF}'{comma}")
    bound = value / 100 if percent else value
    meant = f": did you mean {text}%?" if not percent and value <= 100 else ""
    if bound >= 1 and THRESHOLDS[key].needs_baseline:
        raise ValueError(f"'{text}' allows any drop{meant}")
    if bound == 0 and key.startswith("min_"):
        raise ValueError(f"'{text}' can never fail: to switch the threshold off, write '{OFF}'")
    if bound > 1:
        raise ValueError(f"'{text}' is more than 1, which no score can reach{meant}")
    return Threshold(key, bound)
