"""Conversion between text and exact fractions: parsing of decimal numbers, and rounding that does not mislead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Range:
    """The lowest and the highest value that a number may have; if ``open``, the number is less than ``high``."""

    low: Fraction
    high: Fraction
    open: bool = False


_DECIMAL = re.compile(r"(?:\d{1,12}(?:\.\d{0,20})?|\.\d{1,20})", re.ASCII)


def read_decimal(text: str) -> Fraction | None:
    """Parse a plain decimal number exactly; ``None`` for anything else (signs, exponents, words, decimal commas)."""
    return Fraction(text) if _DECIMAL.fullmatch(text) else None


def decimal_text(value: Fraction, places: int) -> str:
    """Return a fraction as text with ``places`` decimals, rounded half to even."""
    scaled = round(value * 10**places)
    whole, rest = divmod(abs(scaled), 10**places)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"


def exact_text(value: Fraction, places: int = 2) -> str:
    """Return ``value``, a finite decimal fraction, as text with all its decimals, at least ``places``."""
    while Fraction(decimal_text(value, places)) != value:
        places += 1
    return decimal_text(value, places)


def text_beside(value: Fraction, bound: Fraction, places: int = 4) -> str:
    """Return a measured value as text with enough decimals to lie on the same side of ``bound`` as the value itself.

    An exact text has at least two decimals and no trailing zeros beyond them; any other has at least ``places``.
    """
    while (Fraction(decimal_text(value, places)) >= bound) != (value >= bound) or (
        (Fraction(decimal_text(value, places)) <= bound) != (value <= bound)
    ):
        places += 1
    text = decimal_text(value, places)
    return exact_text(value) if Fraction(text) == value else text


def meant_by(text: str) -> Range | None:
    """Return all values that a rounded score between 0 and 1 can stand for: for 0.93, from 0.925 to below 0.935.

    ``None`` if ``text`` is not a score. A text with fewer than two decimals is read as if trailing zeros had been cut
    off.
    """
    shown = read_score(text)
    if shown is None:
        return None
    decimals = len(text.strip().partition(".")[2])
    reach = Fraction(1, 2 * 10 ** max(decimals, 2))
    high = shown + reach
    return Range(max(Fraction(0), shown - reach), min(Fraction(1), high), open=high <= 1)


def read_score(text: str) -> Fraction | None:
    """Parse a score between 0 and 1; ``None`` for anything else."""
    value = read_decimal(text.strip())
    return value if value is not None and value <= 1 else None
