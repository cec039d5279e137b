"""Finds a secret, whole or in part, in anything that was written, in any encoding."""

from __future__ import annotations

import binascii
import html
import re
from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

PIECE = 8
"""The length of a match; invented secrets are random enough that none occurs by chance."""

_STEP = 4
_DEPTH = 2
"""The maximum number of nested encodings."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(r"(?:[0-9a-f]{2}){8,}", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:u00([0-9a-f]{2})|x([0-9a-f]{2})|([\"'\\/]))", re.IGNORECASE)
_FOLDS = re.compile(r"\s+|\\[rnt]|&#1[03];|%0[ad]", re.IGNORECASE)


def leaks(secrets: Mapping[str, str], written: Mapping[str, bytes]) -> list[str]:
    """Return which secret, by name, appears in which place."""
    return [f"{name} in {place}" for place, content in written.items() for name in found_in(content, secrets)]


def found_in(content: bytes, secrets: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of the secrets of which a piece occurs in ``content``."""
    views = _views(content)
    for name, secret in secrets.items():
        pieces = list(_pieces(_folded(secret)))
        if any(piece in view for view in views for piece in pieces):
            yield name


def written_below(folder: Path, planted: Iterable[Path] = ()) -> dict[str, bytes]:
    """Read every file below a folder, with its path, except those in ``planted``."""
    left_out = {path.absolute() for path in planted}
    files = [path for path in folder.absolute().rglob("*") if path.is_file() and path not in left_out]
    return {
        (name := str(path.relative_to(folder.absolute()))): name.encode() + b"\n" + path.read_bytes() for path in files
    }


def _pieces(text: str) -> Iterator[str]:
    """Cut a secret so that every part of twelve characters contains a whole piece."""
    assert len(text) >= PIECE, "too short to be told from chance"
    return (text[start : start + PIECE] for start in range(0, len(text) - PIECE + 1, _STEP))


def _views(content: bytes) -> set[str]:
    """Return all readings of some bytes: as they are, and decoded."""
    texts = {content.replace(b"\0", b"").decode("utf-8", "replace")}
    readings = set(texts)
    for _ in range(_DEPTH):
        texts = {undo(text) for text in texts for undo in _UNDO} - readings
        readings |= texts
    return {_folded(text) for text in readings}


def _folded(text: str) -> str:
    """Remove line breaks and differences of case."""
    return _FOLDS.sub("", text).casefold()


def _unescaped(text: str) -> str:
    """Undo the backslashes of JSON, Python and shells."""
    return _ESCAPE.sub(lambda match: match[3] or chr(int(match[1] or match[2], 16)), text)


def _from_hex(text: str) -> str:
    return "\n".join(binascii.unhexlify(match[0]).decode("latin-1") for match in _HEX.finditer(text))


def _from_base64(shift: int) -> Callable[[str], str]:
    """Return a decoder of base64 in either alphabet; a secret inside the encoded text begins at any of its bytes."""

    def undo(text: str) -> str:
        runs = (match[0][shift:].replace("-", "+").replace("_", "/") for match in _BASE64.finditer(text))
        return "\n".join(b64decode(run[: len(run) // 4 * 4]).decode("latin-1") for run in runs)

    return undo


_UNDO: tuple[Callable[[str], str], ...] = (
    unquote,
    html.unescape,
    _unescaped,
    _from_hex,
    *(_from_base64(shift) for shift in range(4)),
)
