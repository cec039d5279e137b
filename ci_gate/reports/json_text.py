"""The form of JSON in ``report.json``: ASCII, well-formed whatever the platform sent, and easy to compare by lines."""

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
    """Yield ``value`` as JSON text: one line per entry of a nested container, and a single line for any other value.

    The encoder's own ``indent`` would put each field on a line, and is several times slower. The entries of an iterator
    must all be of one kind, since the first one decides on the layout.
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
    """Return a value as JSON on one line, with ``##`` escaped: in a log, it could start a CI system's command."""
    return _encoder.encode(value).replace("##", "#\\u0023")


def text_of(text: str | None) -> str | None:
    """Return ``text`` without lone surrogates, which JSON can express but many readers refuse."""
    return text if text is None or text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def number_of(value: Fraction | None) -> float | None:
    """Return the nearest floating-point number, the only kind of number that all readers of JSON support."""
    return None if value is None else float(value)


def intent_of(intents: tuple[str, ...]) -> str | None:
    """Return the intents of an utterance as one text; ``None``, which becomes null, if there are none."""
    return text_of(intent_text(intents)) if intents else None
