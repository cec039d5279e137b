"""Decodes bodies piece by piece, so that neither a bomb nor a drip can do harm."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING

from ci_gate.kore.wire.messages import Lost, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_UNCHANGED = frozenset({"", "identity", "none", "binary", "utf-8", "utf8", "aws-chunked"})
"""What file servers write in ``Content-Encoding`` though the bytes are as they are, beside a list's empty members."""

_INFLATED = frozenset({"gzip", "x-gzip", "deflate"})
_OTHERS = frozenset({"compress", "br", "zstd"})


def decoded(pieces: Iterable[bytes], encoding: str, *, until: float, limit: int) -> Iterator[bytes]:
    """Decode a body by its header ``Content-Encoding``.

    Raise ``TooLarge`` beyond ``limit`` bytes, and ``Lost`` if the body is not whole, takes longer than to the moment
    ``until``, or is encoded otherwise than was asked for.
    """
    inflate = zlib.decompressobj(wbits=47) if _is_inflated(encoding) else None
    size = received = 0
    for piece in pieces:
        data = inflate.decompress(piece, limit + 1) if inflate else piece
        received += len(piece)
        size += len(data)
        if size > limit:
            raise TooLarge
        if time.monotonic() > until:
            raise Lost("the body came too slowly", sent=True)
        yield data
    if inflate and received and (not inflate.eof or inflate.unused_data):
        raise Lost("the compressed body is not whole", sent=True)


def _is_inflated(encoding: str) -> bool:
    """Return whether the body has to be inflated, once.

    Encodings are shown that can be told by their names; any other text of a header may be anything.
    """
    members = [member.strip() for member in encoding.lower().split(",")]
    effective = [member for member in members if member not in _UNCHANGED]
    if len(effective) <= 1 and _INFLATED.issuperset(effective):
        return bool(effective)
    known = [member if member in _INFLATED | _OTHERS else "(unknown)" for member in effective]
    named = f" as '{', '.join(known)}'" if set(known) != {"(unknown)"} else ""
    raise Lost(f"the body is encoded{named}, which was not asked for", sent=True)
