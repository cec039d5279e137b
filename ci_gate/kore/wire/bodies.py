"""Decoding of bodies piece by piece, with limits that stop decompression bombs and slow senders."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING

from ci_gate.kore.wire.messages import Lost, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_UNCHANGED = frozenset({"", "identity", "none", "binary", "utf-8", "utf8", "aws-chunked"})
"""Values of ``Content-Encoding`` that file servers send for bodies which are not encoded.

The empty value stands for an empty member in the header's list.
"""

_INFLATED = frozenset({"gzip", "x-gzip", "deflate"})
_OTHERS = frozenset({"compress", "br", "zstd"})


def decoded(pieces: Iterable[bytes], encoding: str, *, until: float, limit: int) -> Iterator[bytes]:
    """Yield the decoded pieces of a body; ``encoding`` is the header ``Content-Encoding``.

    Raise ``TooLarge`` if there are more than ``limit`` decoded bytes. Raise ``Lost`` if the body is incomplete, arrives
    after ``until`` on the monotonic clock, or has an encoding that was not asked for.
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
    """Return whether the body has to be decompressed. Raise ``Lost`` for an encoding that was not asked for.

    The message names known encodings only, since the header may hold any text.
    """
    members = [member.strip() for member in encoding.lower().split(",")]
    effective = [member for member in members if member not in _UNCHANGED]
    if len(effective) <= 1 and _INFLATED.issuperset(effective):
        return bool(effective)
    known = [member if member in _INFLATED | _OTHERS else "(unknown)" for member in effective]
    named = f" as '{', '.join(known)}'" if set(known) != {"(unknown)"} else ""
    raise Lost(f"the body is encoded{named}, which was not asked for", sent=True)
