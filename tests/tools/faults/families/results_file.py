"""Faults of the results file: its location, its format and its contents."""

from __future__ import annotations

import gzip
import io
import zipfile
from operator import itemgetter
from typing import TYPE_CHECKING

from tests.kore.scripted_server import answers, http
from tests.tools.faults.families import results_links
from tests.tools.faults.good_run import results_file
from tests.tools.faults.model import FAILS, PASSES, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.replies import completed, file

if TYPE_CHECKING:
    from tests.tools.faults.replies import Edit

_SIZE = len(results_file())
_ROWS = 40
_AGAIN = "download it again"
_COUNTS = "--tolerate count-mismatch"
_SOON = 6
"""Deadline in seconds; a file that is unreadable twice is not requested a third time."""


def _lines(raw: bytes) -> list[bytes]:
    return raw.splitlines(keepends=True)


def _bad(name: str, edit: Edit, cause: str, mend: str = _AGAIN) -> Fault:
    return Fault(name, Script(file=(file(edit),)), ends(5, cause, mend=mend))


def _good(name: str, edit: Edit, must: Ending = PASSES, **environment: str) -> Fault:
    return Fault(name, Script(file=(file(edit),)), must, Start(environment=environment))


def _zipped(raw: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("results.csv", raw)
    return packed.getvalue()


def _header_at(raw: bytes) -> int:
    return next(number for number, line in enumerate(_lines(raw)) if line.startswith(b'"Utterance",'))


def _without_header(raw: bytes) -> bytes:
    return b"".join(line for number, line in enumerate(_lines(raw)) if number != _header_at(raw))


def _first_row(change: Edit) -> Edit:
    """Return an edit that changes only the first row of results."""

    def edit(raw: bytes) -> bytes:
        lines, at = _lines(raw), _header_at(raw) + 1
        return b"".join((*lines[:at], change(lines[at]), *lines[at + 1 :]))

    return edit


def _last_row(change: Edit) -> Edit:
    def edit(raw: bytes) -> bytes:
        *lines, last = _lines(raw)
        return b"".join((*lines, change(last)))

    return edit


def _two_entities(raw: bytes) -> bytes:
    """Return the file with two entities for the last utterance, each in a row of its own."""
    *lines, last = _lines(raw.replace(b',"Entity Name"', b',"Entity Name","Entity Result"'))
    rows = (last.replace(b'"FN",""', b'"FN","%s","False"' % name) for name in (b"Amount", b"Date"))
    header = next(number for number, line in enumerate(lines) if line.startswith(b'"Utterance",'))
    others = (line.replace(b"\r\n", b',""\r\n') for line in lines[header + 1 :])
    return b"".join((*lines[: header + 1], *others, *rows))


def _with_first_row_below(raw: bytes) -> bytes:
    return raw + _lines(raw)[_header_at(raw) + 1]


_CUT = (
    _bad("cut off in the middle of a row", lambda raw: raw[:2000], "opens a quote that is never closed"),
    _bad("cut off between cells", lambda raw: raw[: raw.rindex(b'","TP"') + 1], "ends after column"),
    _bad("cut off between rows", lambda raw: b"".join(_lines(raw)[:-1]), "holds 39 of 40 utterances"),
    _bad("cut off behind the columns", lambda raw: b"".join(_lines(raw)[: _header_at(raw) + 1]), "0 of 40 utterances"),
    Fault(
        "cut off between rows, of a bot that fails whatever was in them",
        Script(file=(file(lambda raw: b"".join(_lines(raw)[:-1])),)),
        ends(5, "holds 39 of 40 utterances", mend="--tolerate no-file"),
        STRICT,
    ),
    _bad(
        "cut off in the top block",
        lambda raw: b"".join(_lines(raw)[:4]),
        "no column row found",
        "is it a results file?",
    ),
    Fault(
        "cut off once, and whole a moment later",
        Script(file=(file(lambda raw: raw[:2000]), ...)),
        FAILS,
        STRICT,
    ),
    Fault(
        "growing with every look",
        Script(file=(*(file(itemgetter(slice(size))) for size in (500, 1500)), ...)),
        PASSES,
    ),
    Fault(
        "cut off between rows, and the status reply counts nothing",
        Script(
            status=(completed({"result.results": {}}),),
            file=(file(lambda raw: b"".join(_lines(raw)[:-3])),),
        ),
        ends(5, "the results file holds 37 of 40 utterances", mend=_AGAIN),
    ),
)

_COLUMNS = (
    _bad("no header", _without_header, "no column row found", "is it a results file?"),
    _bad(
        "other columns",
        lambda raw: raw.replace(b'"MatchedIntent"', b'"Score"'),
        "does not name",
        "is it a results file?",
    ),
    _bad(
        "a column that is there twice",
        lambda raw: raw.replace(b'"Parent Intent"', b'"MatchedIntent"'),
        "names the column",
        "remove one of them",
    ),
    _bad("semicolons", lambda raw: raw.replace(b'","', b'";"'), "separated by semicolons", "as it was downloaded"),
    _bad(
        "a row with more cells than columns",
        _last_row(lambda row: row.rstrip() + b',"more"\r\n'),
        "columns are named",
        "download the file again",
    ),
    _good("columns in another order of capitals", lambda raw: raw.replace(b'"ResultType"', b'" RESULT type "')),
    _good("columns that nobody knows", lambda raw: raw.replace(b'"TaskState"', b'"Whatever"')),
)

_FOREIGN = (
    _good(
        "of another suite, with the same counts",
        lambda raw: raw.replace(b'"Smoke"', b'"Full regression"'),
        Ending(code=0, cause=("PASSED", "Full regression")),
    ),
    Fault(
        "of another suite, with other counts",
        Script(file=(file(lambda raw: raw.replace(b'"Smoke"', b'"Full"'), measured=(20, 10, 5, 5)),)),
        ends(
            5,
            "the results file counts otherwise than the status reply",
            "calls itself 'Full', not 'Smoke'",
            mend="run the suite again",
        ),
    ),
    # Equal rows are one utterance only if each has a different entity; otherwise one of them is a duplicate.
    _bad(
        "a row that is there twice, one below the other",
        _last_row(lambda row: row * 2),
        "FN 2 instead of 1",
        _COUNTS,
    ),
    _good("a row for each of two entities", _two_entities),
    _bad("a row that is there twice, far apart", _with_first_row_below, "the results file counts otherwise", _COUNTS),
    _bad("all rows twice", lambda raw: raw + b"".join(_lines(raw)[_header_at(raw) + 1 :]), "counts otherwise", _COUNTS),
    _bad("the whole file twice", lambda raw: raw * 2, "row", "--tolerate"),
    _bad(
        "a result type that nobody knows",
        _first_row(lambda row: row.replace(b'"TP"', b'"XX"')),
        "counts otherwise",
        _COUNTS,
    ),
)

_BYTES = (
    Fault("file: empty once", Script(file=(file(lambda _: b""), ...)), PASSES),
    _bad("empty", lambda _: b"", "the file is empty"),
    _bad("blank", lambda _: b" \r\n\t\n" * 100, "the file is empty"),
    _bad("UTF-16", lambda raw: raw.decode().encode("utf-16"), "UTF-16", "use the file as it was downloaded"),
    _bad("UTF-16 without a mark", lambda raw: raw.decode().encode("utf-16-le"), "UTF-16", "as it was downloaded"),
    _bad("UTF-32", lambda raw: raw.decode().encode("utf-32"), "UTF-32", "use the file as it was downloaded"),
    _bad("not UTF-8", _first_row(lambda row: row.replace(b"number", b"n\xfcmber")), "bytes that are not UTF-8"),
    _bad("half a character at its end", lambda raw: raw + b"\xe2\x82", "bytes that are not UTF-8"),
    _bad(
        "a quote that is never closed",
        _first_row(lambda row: row.replace(b'"', b"", 1).replace(b'",', b',"', 1)),
        "row",
        "--tolerate no-file",
    ),
    _bad("a quote that is opened at its end", lambda raw: raw + b'"', "opens a quote that is never closed"),
    _bad(
        "a page of HTML",
        lambda _: b"\r\n <!DOCTYPE html><html>expired</html>",
        "the download is a web page",
        "its link may have expired",
    ),
    _bad(
        "a page of XML",
        lambda _: b"<?xml version='1.0'?><Error/>",
        "the download is a web page",
        "its link may have expired",
    ),
    _bad("an object of JSON", lambda _: b'{"errors": []}', "the download is JSON", "its link may have expired"),
    _bad("gzipped without saying so", gzip.compress, "compressed by gzip: unpack it", "--tolerate no-file"),
    _bad("a zip archive", _zipped, "a zip archive", "--tolerate no-file"),
    _bad("nothing but NULs", lambda _: bytes(5000), "row", "--tolerate no-file"),
    _good("NULs within utterances", lambda raw: raw.replace(b"utterance number", b"utterance\x00number")),
    _good("a byte order mark", lambda raw: b"\xef\xbb\xbf" + raw),
    _good("line feeds only", lambda raw: raw.replace(b"\r\n", b"\n")),
    _good("blank rows between the rows", lambda raw: raw.replace(b"\r\n", b"\r\n\r\n")),
    _good("line ends within utterances", lambda raw: raw.replace(b"utterance number", b"utterance\r\nnumber")),
    _good(
        "formulas, markup and commands",
        lambda raw: raw.replace(
            b"invented utterance",
            b"=cmd|'/c x'!A1 <b>]]>&\r\n::error::canary-command\r\n##[error]canary-command \x1b[31m \x07",
        ),
    ),
    _bad("a line of 20,000 cells", lambda raw: raw + b"," * 20_000, "more than 10000 cells", "--tolerate no-file"),
    _bad(
        "a cell of 200,000 characters",
        _first_row(lambda row: row.replace(b"invented", b"x" * 200_000)),
        "holds a cell of more than 131072 characters",
        "--tolerate no-file",
    ),
)

_LIMITS = (
    _good("exactly as large as allowed", lambda raw: raw, CI_GATE_MAX_FILE_SIZE=str(_SIZE)),
    Fault(
        "one byte larger than allowed",
        Script(),
        ends(5, "the results file is larger than", mend="--max-file-size"),
        Start(environment={"CI_GATE_MAX_FILE_SIZE": str(_SIZE - 1)}),
    ),
    Fault(
        "one byte larger than allowed, gzipped",
        Script(file=(answers(http(200, gzip.compress(results_file()), Content_Encoding="gzip")),)),
        ends(5, "the results file is larger than", mend="--max-file-size"),
        Start(environment={"CI_GATE_MAX_FILE_SIZE": str(_SIZE - 1)}),
    ),
    _good("exactly as many rows as allowed", lambda raw: raw, CI_GATE_MAX_FILE_ROWS=str(_ROWS)),
    Fault(
        "one row more than allowed",
        Script(),
        ends(5, f"exceeds the limit of {_ROWS - 1} rows of results", mend="raise --max-file-rows"),
        Start(environment={"CI_GATE_MAX_FILE_ROWS": str(_ROWS - 1)}),
    ),
)

FAULTS = (*results_links.FAULTS, *_CUT, *_COLUMNS, *_FOREIGN, *_BYTES, *_LIMITS)
