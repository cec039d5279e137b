"""Writes the files that tests of the command line read: results files, status replies and settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS = '"Utterance","ExpectedIntent","MatchedIntent","ResultType"'


def write(path: str | Path, text: str) -> str:
    """Write a file, with its folders, without any translation of line ends; return its path."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8", newline="")
    return str(path)


def replace_in(path: str | Path, old: str, new: str, count: int = -1) -> None:
    """Replace ``old`` by ``new`` in a file that contains it."""
    text = Path(path).read_bytes().decode()
    assert old in text
    write(path, text.replace(old, new, count))


def write_settings(text: str) -> None:
    """Write the settings file that every command reads."""
    write("ci-gate.toml", text)


def write_results(
    path: str = "results.csv", *, total: int = 40, wrong: int = 2, name: str = "", count: int | None = None
) -> str:
    """Write a results file in which the last ``wrong`` of ``total`` utterances were not recognised; return its path."""
    rows = [f'"pay bill {n}","Pay bill","Pay bill","TP"' for n in range(total - wrong)]
    rows += [f'"pay bill {n}","Pay bill","None","FN"' for n in range(total - wrong, total)]
    return write_rows(path, rows, name=name, count=count)


def write_rows(path: str, rows: Iterable[str], *, name: str = "", count: int | None = None) -> str:
    """Write a results file with these rows; its top block states ``name`` and ``count`` (default: the rows)."""
    listed = [*rows]
    top = [f'"Report name:","{name}"'] if name else []
    top.append(f'"Utterance count:","{len(listed) if count is None else count}"')
    return write(path, "\r\n".join((*top, COLUMNS, *listed, "")))


def write_status(*, inner: dict[str, Any] | None = None, counts: dict[str, int] | None = None, **outer: object) -> str:
    """Write the status reply that fits the usual results but for the fields in the arguments; return its path."""
    known = {"TP": 38, "TN": 0, "FP": 0, "FN": 2, "failedUtteranceCount": 0} | (counts or {})
    result = {"status": "completed", "isPartialFailure": False, "runType": "inDevelopment", "results": known}
    reply = {"_id": "tr-1", "streamId": "st-1", "status": "completed", "utterance_count": 40}
    return write("status.json", json.dumps(reply | {"result": result | (inner or {})} | outer))
