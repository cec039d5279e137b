"""Faults of bodies and headers: decompression bombs, HTML pages, empty replies, and replies of excessive size."""

from __future__ import annotations

import gzip
import json
import zlib
from functools import cache
from typing import TYPE_CHECKING

from tests.kore.scripted_server import answers, http
from tests.tools.faults.good_run import RUN_ID, results_file
from tests.tools.faults.model import FAILS, PASSES, STRICT, Fault, Script, ends
from tests.tools.faults.replies import accepts, completed, file, floods, says_text

if TYPE_CHECKING:
    from tests.kore.scripted_server import Behaviour

_ATTACH = f"attach again with: ci-gate gate {RUN_ID}"
_PERHAPS = ("a run may have started", "ci-gate gate ID --suite Smoke")
_PAGE = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"
_SOON = 4
_ACCEPTED = json.dumps({"status": "accepted", "requestId": RUN_ID}).encode()


@cache
def _bomb() -> bytes:
    """Compress 64 MiB of blanks to 64 KiB; ``tests/test_memory.py`` has a gigabyte."""
    deflate = zlib.compressobj(wbits=31)
    return b"".join((*(deflate.compress(b" " * 2**20) for _ in range(64)), deflate.flush()))


def _encoded(body: bytes, encoding: str = "gzip") -> Behaviour:
    return answers(http(200, body, Content_Encoding=encoding))


def _bombs(server: object, connection: object) -> None:
    _encoded(_bomb())(server, connection)  # type: ignore[arg-type]


def _status(name: str, behaviour: Behaviour, cause: str) -> tuple[Fault, ...]:
    return (
        Fault(f"status: {name}, once", Script(status=(behaviour, ...)), FAILS, STRICT),
        Fault(f"status: {name}, for ever", Script(status=(behaviour,)), ends(4, cause, mend=_ATTACH), timeout=_SOON),
    )


_BOMBS = (
    Fault("start: a gzip bomb", Script(start=(_bombs, ...)), ends(3, "the answer is too long", mend=_PERHAPS)),
    Fault("status: a gzip bomb", Script(status=(_bombs,)), ends(3, "too long to be a status reply", mend=_ATTACH[6:])),
    Fault(
        "file: a gzip bomb",
        Script(file=(_bombs,)),
        ends(5, "the results file is larger than 16 MiB", mend="--max-file-size"),
    ),
    Fault(
        "file: a gzip bomb in a gzip bomb",
        Script(file=(_encoded(b"", "gzip, gzip"),)),
        ends(5, "which was not asked for", mend="--tolerate no-file"),
        timeout=_SOON,
    ),
)

_ENCODINGS = (
    Fault("file: gzipped", Script(file=(_encoded(gzip.compress(results_file())),)), PASSES),
    Fault("file: deflated", Script(file=(_encoded(zlib.compress(results_file()), "deflate"),)), PASSES),
    Fault("file: in chunks that are none", Script(file=(_encoded(results_file(), "aws-chunked,"),)), PASSES),
    Fault(
        "file: gzipped in two members",
        Script(file=(_encoded(gzip.compress(b"Bot Name:,x\n") * 2),)),
        ends(5, "the compressed body is not whole", mend="--tolerate no-file"),
        timeout=_SOON,
    ),
    *_status("said to be gzipped, and is not", _encoded(b'{"status": "completed"}'), "error"),
    *_status("gzipped, and torn", _encoded(gzip.compress(_ACCEPTED)[:-12]), "the compressed body is not whole"),
    *_status("encoded in a way that nobody asked for", _encoded(b"x", "br"), "the body is encoded as 'br'"),
    Fault(
        "start: said to be gzipped, and is not",
        Script(start=(_encoded(_ACCEPTED), ...)),
        ends(3, "could not be reached", mend=_PERHAPS),
    ),
)

_TYPES = (
    Fault(
        "all answers are said to be HTML",
        Script(
            start=(answers(http(200, _ACCEPTED, Content_Type="text/html")),),
            file=(file(Content_Type="text/html"),),
        ),
        PASSES,
    ),
    Fault("file: said to be a picture", Script(file=(file(Content_Type="image/png"),)), PASSES),
    Fault(
        "file: said to be in another alphabet", Script(file=(file(Content_Type="text/csv; charset=utf-16"),)), PASSES
    ),
    *_status("a page of HTML under 200", says_text(200, _PAGE, "text/html"), "not JSON"),
    *_status("a page of HTML under 502", says_text(502, _PAGE, "text/html"), "the platform answered 502"),
    Fault(
        "start: a page of HTML under 200",
        Script(start=(says_text(200, _PAGE, "text/html"), ...)),
        ends(3, "its answer contains no run id", mend=_PERHAPS),
    ),
    Fault(
        "start: a page of HTML under 403",
        Script(start=(says_text(403, _PAGE, "text/html"), ...)),
        ends(6, "the platform answered 403", mend="is the bot id right?"),
    ),
)

_SIZES = (
    *_status("an empty body", answers(http(200, b"")), "not JSON"),
    *_status("204 without a body", answers(http(204, b"")), "not JSON"),
    *_status("blanks", answers(http(200, b" " * 1000)), "not JSON"),
    Fault(
        "start: an empty body",
        Script(start=(answers(http(200, b"")), ...)),
        ends(3, "its answer contains no run id", mend=_PERHAPS),
    ),
    Fault("start: accepted with 202", Script(start=(answers(http(202, _ACCEPTED)),)), PASSES),
    Fault("status: a body without end", Script(status=(floods(b" "),)), ends(3, "too long", mend=_ATTACH[6:])),
    Fault(
        "start: a body without end",
        Script(start=(floods(b" "), ...)),
        ends(3, "the answer is too long", mend=_PERHAPS),
    ),
    Fault(
        "file: a body without end",
        Script(file=(floods(b"x,"),)),
        ends(5, "the results file is larger than 16 MiB", mend="--max-file-size"),
        timeout=20,
    ),
    Fault(
        "file: without a length, until the connection is closed",
        Script(file=(answers(b"HTTP/1.0 200 OK\r\n\r\n" + results_file()),)),
        PASSES,
    ),
    Fault(
        "file: without a length, closed in the middle of a row",
        Script(file=(answers(b"HTTP/1.0 200 OK\r\n\r\n" + results_file()[:3000]),)),
        ends(5, "row", mend="download it again"),
    ),
)

_HEADS = (
    *_status("a head of a megabyte", answers(http(200, b"{}", X_More="x" * 2**20)), "header line of the answer"),
    *_status("a head with a NUL", answers(http(200, b"{}", X_More="a\x00b")), "header line of the answer"),
    *_status("two lengths", answers(http(200, b"{}", Content_Length="2\r\nContent-Length: 9")), "could not be reached"),
    *_status("a length that is a word", answers(http(200, b"{}", Content_Length="two")), "could not be reached"),
    *_status("a code of 99", answers(b"HTTP/1.1 99 Low\r\n\r\n"), "could not be reached"),
    *_status("a code of 999", answers(http(999)), "the platform answered 999"),
    Fault(
        "status: told to wait before the answer",
        Script(status=(completed(before=b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"),)),
        PASSES,
    ),
    Fault("start: accepted, with a cookie", Script(start=(accepts(Set_Cookie="a=b; Domain=example"),)), PASSES),
)

FAULTS = (*_BOMBS, *_ENCODINGS, *_TYPES, *_SIZES, *_HEADS)
