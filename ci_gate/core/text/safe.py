"""Text from outside, made harmless before it reaches a terminal, a log or a file name."""

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
"""The names of devices on Windows, with any extension: ``aux.results.csv`` cannot be a file."""


def one_line(text: str) -> str:
    """Return ``text`` as one line without control characters, lone surrogates or bidirectional marks."""
    if text.isprintable():
        return " ".join(text.split())
    text = _BIDI.sub("", text)
    return " ".join("".join(" " if unicodedata.category(char) in _CONTROL else char for char in text).split())


def shown(text: str, most: int | None = None) -> str:
    """Return a text as it may be quoted: one line, redacted, and cut to at most ``most`` characters.

    The text is cut after it is redacted, since a secret that is cut in half is not recognised.
    """
    return redacted(one_line(text))[:most]


def log_safe(text: str) -> str:
    """Return the line ``text`` in a form that no CI system executes as a command.

    Runners execute ``::name::`` at the start of a line (after blanks) and the older ``##[name]`` anywhere in a line;
    other systems execute ``##word[…]``.
    """
    text = _BRACKET_COMMAND.sub("# #", text)
    bare = text.lstrip()
    return text[: len(text) - len(bare)] + ": :" + bare[2:] if bare.startswith("::") else text


def file_stem(label: str) -> str:
    """Return the file name stem of a suite: its label if safe on every system, else a slug and eight hex digits.

    Only lower-case labels stay as they are, since some file systems do not distinguish "Smoke" from "smoke".
    """
    slug = _SLUG.sub("-", label.lower()).strip(".-_")[:60]
    if device := _DEVICE.match(slug):
        slug = f"{device[0]}-{slug[device.end() + 1 :]}".rstrip("-")
    elif slug and slug == label:
        return slug
    digest = hashlib.sha256(label.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug}-{digest}" if slug else digest


def short_hash(text: str) -> str:
    """Return the hash shown in place of a secret text: ``#`` and 12 hex digits, the same in every run."""
    return "#" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural if needed: "1 mismatch", "2 mismatches"."""
    plural = "es" if noun.endswith("h") else "s"
    return f"{number} {noun}" if number == 1 else f"{number} {noun}{plural}"
