"""Finds a secret in anything that was written, however it was encoded on the way there, whole or in part."""

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
"""Characters in a row that give a secret away; invented secrets are random enough that none stand there by chance."""

_STEP = 4
_DEPTH = 2
"""How many encodings may lie one in the other."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(r"(?:[0-9a-f]{2}){8,}", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:u00([0-9a-f]{2})|x([0-9a-f]{2})|([\"'\\/]))", re.IGNORECASE)
_FOLDS = re.compile(r"\s+|\\[rnt]|&#1[03];|%0[ad]", re.IGNORECASE)


def leaks(secrets: Mapping[str, str], written: Mapping[str, bytes]) -> list[str]:
    """List which of the secrets, by name, stands where; empty where none got out."""
    return [f"{name} in {place}" for place, content in written.items() for name in found_in(content, secrets)]


def found_in(content: bytes, secrets: Mapping[str, str]) -> Iterator[str]:
    """Name the secrets of which a piece can be read in these bytes."""
    views = _views(content)
    for name, secret in secrets.items():
        pieces = list(_pieces(_folded(secret)))
        if any(piece in view for view in views for piece in pieces):
            yield name


def written_below(folder: Path, planted: Iterable[Path] = ()) -> dict[str, bytes]:
    """Read every file below a folder, with its path, but for what the test itself put there."""
    left_out = {path.absolute() for path in planted}
    files = [path for path in folder.absolute().rglob("*") if path.is_file() and path not in left_out]
    return {
        (name := str(path.relative_to(folder.absolute()))): name.encode() + b"\n" + path.read_bytes() for path in files
    }


def _pieces(text: str) -> Iterator[str]:
    """Cut a secret so that every part of a dozen characters holds a whole piece."""
    assert len(text) >= PIECE, "too short to be told from chance"
    return (text[start : start + PIECE] for start in range(0, len(text) - PIECE + 1, _STEP))


def _views(content: bytes) -> set[str]:
    """Give all readings of some bytes: as they are, and with encodings undone."""
    texts = {content.replace(b"\0", b"").decode("utf-8", "replace")}
    readings = set(texts)
    for _ in range(_DEPTH):
        texts = {undo(text) for text in texts for undo in _UNDO} - readings
        readings |= texts
    return {_folded(text) for text in readings}


def _folded(text: str) -> str:
    """Leave out the breaks of lines and the difference of capitals."""
    return _FOLDS.sub("", text).casefold()


def _unescaped(text: str) -> str:
    """Undo the backslashes of JSON, of Python and of shells."""
    return _ESCAPE.sub(lambda match: match[3] or chr(int(match[1] or match[2], 16)), text)


def _from_hex(text: str) -> str:
    return "\n".join(binascii.unhexlify(match[0]).decode("latin-1") for match in _HEX.finditer(text))


def _from_base64(shift: int) -> Callable[[str], str]:
    """Undo base64 in either alphabet; a secret in the middle of what was encoded begins at any of its bytes."""

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
