"""JSON as ``report.json`` is written: ASCII, well-formed whatever the platform sent, and laid out to be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ci_gate.core.names import intent_text

if TYPE_CHECKING:
    from fractions import Fraction

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_encoder = json.JSONEncoder(ensure_ascii=True, allow_nan=False)


def laid_out(value: object, margin: str = "") -> Iterator[str]:
    """Write a line for each part of a value that holds others, and one line for every other value.

    The encoder's own ``indent`` would put each field on a line, and is several times slower. What is listed is made
    when its line is, and is of one kind, so that the first entry speaks for all.
    """
    inner = margin + "  "
    if isinstance(value, dict) and _holds_others(value):
        opening = "{"
        for key, part in value.items():
            yield f"{opening}\n{inner}{encoded(key)}: "
            yield from laid_out(part, inner)
            opening = ","
        yield f"\n{margin}}}"
    elif isinstance(value, Iterator):
        opening, nested = "[", False
        for entry in value:
            nested = nested or (opening == "[" and _holds_others(entry))
            yield f"{opening}\n{inner}"
            yield from laid_out(entry, inner) if nested else (encoded(entry),)
            opening = ","
        yield "[]" if opening == "[" else f"\n{margin}]"
    else:
        yield encoded(value)


def _holds_others(value: dict[str, object]) -> bool:
    return any(isinstance(part, dict | Iterator) for part in value.values())


def encoded(value: object) -> str:
    """Write a value as JSON on one line; ``##`` is spelled out, since a log that it is printed in may know commands."""
    return _encoder.encode(value).replace("##", "#\\u0023")


def text_of(text: str | None) -> str | None:
    """Replace lone surrogates, which JSON can spell but many readers refuse."""
    return text if text is None or text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def number_of(value: Fraction | None) -> float | None:
    """Return the nearest number that JSON's readers have."""
    return None if value is None else float(value)


def intent_of(intents: tuple[str, ...]) -> str | None:
    """Write the intents of an utterance; null for none."""
    return text_of(intent_text(intents)) if intents else None
