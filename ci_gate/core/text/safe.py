"""Text from elsewhere made harmless before it reaches a terminal, a log or a file name."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from ci_gate.redaction import redacted

_CONTROL = {"Cc", "Cs", "Zl", "Zp"}
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BRACKET_COMMAND = re.compile(r"##(?=\w*\[)")
_SLUG = re.compile(r"[^a-z0-9._-]+")
_DEVICE = re.compile(r"(?:aux|con|nul|prn|conin|conout|(?:com|lpt)[0-9])(?=\.|$)")
"""What Windows takes for a device, whatever stands behind a point: ``aux.results.csv`` is no file."""


def one_line(text: str) -> str:
    """Return text as one line without control characters, lone surrogates or marks that reorder what is read."""
    if text.isprintable():
        return " ".join(text.split())
    text = _BIDI.sub("", text)
    return " ".join("".join(" " if unicodedata.category(char) in _CONTROL else char for char in text).split())


def shown(text: str, most: int | None = None) -> str:
    """Return what may be quoted of a text: one line without secrets, cut off last: half of one has no shape."""
    return redacted(one_line(text))[:most]


def log_safe(text: str) -> str:
    """Return a line that no CI system reads as a command.

    Runners execute ``::name::`` at the start of a line (after blanks) and the older ``##[name]`` anywhere in it; other
    systems have ``##word[…]``.
    """
    text = _BRACKET_COMMAND.sub("# #", text)
    bare = text.lstrip()
    return text[: len(text) - len(bare)] + ": :" + bare[2:] if bare.startswith("::") else text


def file_stem(label: str) -> str:
    """Return the name of a suite's files: its label if safe everywhere, else a readable form and eight hex digits.

    Only lower case stays as it is, since file systems differ in whether they tell "Smoke" from "smoke".
    """
    slug = _SLUG.sub("-", label.lower()).strip(".-_")[:60]
    if device := _DEVICE.match(slug):
        slug = f"{device[0]}-{slug[device.end() + 1 :]}".rstrip("-")
    elif slug and slug == label:
        return slug
    digest = hashlib.sha256(label.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug}-{digest}" if slug else digest


def short_hash(text: str) -> str:
    """Return what stands for a text that must not be shown: stable between runs, unreadable, recognisable as such."""
    return "#" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def counted(number: int, noun: str) -> str:
    """Return a number of things as text: "1 mismatch", "2 mismatches"."""
    plural = "es" if noun.endswith("h") else "s"
    return f"{number} {noun}" if number == 1 else f"{number} {noun}{plural}"
