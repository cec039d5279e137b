"""Finds the commands that a row's command has printed anywhere, and runs them in the same folder."""

from __future__ import annotations

import html
import io
import json
import os
import re
import shlex
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from multiprocessing import get_context
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from xml.etree import ElementTree as ET

from ci_gate.cli.app import main
from ci_gate.commands import COMMANDS
from ci_gate.config.settings import CheckSettings
from ci_gate.gate import session
from ci_gate.runtime import real_runtime
from tests.tools.faults.judging import Typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_WORD = r"(?:'[^']*'|\"[^\"]*\"|[^\s'\"`;])+"
_NAMES = "|".join(command.name for command in COMMANDS)
_LINE = re.compile(rf"(?:(?<![\w./-])ci-gate|-m ci_gate)[ ](?:(?:{_NAMES})\b|(?<=^ci-gate )\w)(?:[ ]*{_WORD})*", re.M)
"""A ``ci-gate`` command anywhere, or any line that begins with the name; it ends at the end of the shell command."""

_CODE = re.compile(r"`([^`\n]*)`")
_TYPISTS = 2


def printed(output: str, written: Mapping[str, bytes]) -> list[str]:
    """Return each distinct command in the output or in a file, as a person would copy it."""
    pages = [_of_ci(output), *(page for name, content in written.items() for page in _pages(name, content))]
    return list(dict.fromkeys(found.rstrip() for page in pages for found in _LINE.findall(page)))


def _of_ci(output: str) -> str:
    """Return a log as displayed: GitHub's workflow commands escape some characters."""
    lines = output.splitlines()
    return "\n".join(
        re.sub("%(25|0D|0A)", lambda it: chr(int(it[1], 16)), one) if one.startswith("::") else one for one in lines
    )


def _pages(name: str, content: bytes) -> Iterator[str]:
    """Yield the readable text of a file; truncated files are judged elsewhere."""
    text, kind = content.decode("utf-8", "replace"), PurePath(name).suffix
    if kind == ".md":
        # Code is displayed verbatim.
        for place, part in enumerate(_CODE.split(text)):
            yield part if place % 2 else html.unescape(part.replace("<!-- -->", "").replace("<br>", "\n"))
    elif kind == ".json":
        try:
            yield from _advice(json.loads(text))
        except ValueError:
            return
    elif kind == ".xml":
        try:
            root = ET.fromstring(content)
        except ET.ParseError:
            return
        for element in root.iter():
            yield from (*element.attrib.values(), element.text or "")


def _advice(value: Any) -> Iterator[str]:
    """Yield the gate's own texts in a report, without those of the platform."""
    if isinstance(value, dict):
        yield from (text for key in ("message", "hint") if isinstance(text := value.get(key), str))
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _advice(one)


def type_all(folder: Path, environment: Mapping[str, str], lines: list[str]) -> tuple[Typed, ...]:
    """Run the lines in a folder, in a process that has loaded the program; lines that overwrite files run last."""
    if not lines:
        return ()
    order = sorted(lines, key=lambda line: "--replay" not in line)
    return _typists().submit(typed, str(folder), dict(environment), order).result()


@cache
def _typists() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(_TYPISTS, get_context("spawn"))


def typed(folder: str, environment: Mapping[str, str], lines: Iterable[str]) -> tuple[Typed, ...]:
    """Run the lines; a command that calls the platform, which is gone by now, only gets as far as its settings."""
    os.chdir(folder)
    with patch.object(session, "execute", _execute_offline):
        return tuple(_typed(environment, line) for line in lines)


_execute = session.execute


def _execute_offline(plan: Any, *others: Any) -> int:
    return _execute(plan, *others) if isinstance(plan.settings, CheckSettings) else 0


def _typed(environment: Mapping[str, str], line: str) -> Typed:
    said = io.StringIO()
    words = shlex.split(line)
    arguments = words[1:] if words[0] == "ci-gate" else words[2:]
    with redirect_stdout(said), redirect_stderr(said):
        code = main(arguments, real_runtime().in_environment(environment))
    return Typed(line, int(code), said.getvalue())
