"""The copy of the code to be mutated: creates the copy, and runs mutmut in it."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).parents[3]
SETTINGS = Path(__file__).with_name("mutmut.cfg")

JOBS = 2
_NO_TESTS_RUN = 255
_NEEDED = ("ci_gate", "tests", "README.md", "pyproject.toml")
_CHANGED_ALL_THE_SAME = ("staticmethod", "classmethod")
_RESULT = re.compile(r"^ +(?P<name>ci_gate\.\S+): (?P<status>.+)$")
_NAME = re.compile(r"(?P<module>[\w.]+)\.x_?(?P<place>.+)__mutmut_\d+")


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One mutation: its file and function, and the lines before and after."""

    file: str
    place: str
    was: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of all mutations: their number in each file, and the survivors."""

    changes: dict[str, int]
    survivors: tuple[Change, ...]


def make_copy(folder: Path) -> None:
    """Copy the required files, and prepare the functions that mutmut would otherwise skip."""
    for name in _NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    shutil.copy(SETTINGS, folder / "setup.cfg")
    for path in subjects(folder):
        path.write_text(without_decorators(path.read_text(encoding="utf-8")), encoding="utf-8")


def subjects(folder: Path) -> Iterator[Path]:
    """Yield the files to be mutated."""
    settings = ConfigParser()
    settings.read(SETTINGS, encoding="utf-8")
    for pattern in settings["mutmut"]["only_mutate"].split():
        yield from folder.glob(pattern)


def without_decorators(source: str) -> str:
    """Return ``source`` with decorators applied below the functions: mutmut skips decorated functions."""
    while node := next(_left_out(ast.parse(source)), None):
        lines = source.splitlines()
        value = node.name
        for decorator in reversed(node.decorator_list):
            value = f"{ast.unparse(decorator)}({value})"
        lines.insert(node.end_lineno or node.lineno, f"{' ' * node.col_offset}{node.name} = {value}")
        del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
        source = "\n".join(lines) + "\n"
    return source


def _left_out(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the functions that mutmut would skip."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            names = [decorator.id for decorator in node.decorator_list if isinstance(decorator, ast.Name)]
            if len(node.decorator_list) > 1 or not {*names} & {*_CHANGED_ALL_THE_SAME}:
                yield node


def change_and_test(folder: Path, patterns: Sequence[str]) -> Outcome:
    """Test the mutations that match a pattern, or all. Raise an error if the tests fail on the original code."""
    _mutmut(folder, "run", "--max-children", str(JOBS), *patterns, shown=True)
    if broken := without_tests(folder):
        _mutmut(folder, "run", "--max-children", "1", *broken, shown=True)
    found = filter(None, map(_RESULT.match, _results(folder)))
    statuses = {match["name"]: match["status"] for match in found}
    tried = {name: status for name, status in statuses.items() if status != "not checked"}
    changes: dict[str, int] = {}
    for name in tried:
        file, _ = _where(name)
        changes[file] = changes.get(file, 0) + 1
    broken = without_tests(folder)
    unnoticed = [
        name for name, status in tried.items() if name in broken or status not in ("killed", "timeout", "segfault")
    ]
    return Outcome(changes=changes, survivors=tuple(sorted(_change(folder, name) for name in unnoticed)))


def without_tests(folder: Path) -> list[str]:
    """Return the mutations for which pytest did not even start, which mutmut reports as timeouts."""
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in (folder / "mutants").rglob("*.meta")]
    codes = {name: code for document in documents for name, code in document["exit_code_by_key"].items()}
    return sorted(name for name, code in codes.items() if code == _NO_TESTS_RUN)


def _results(folder: Path) -> list[str]:
    return _mutmut(folder, "results", "--all", "true").splitlines()


def _change(folder: Path, name: str) -> Change:
    """Return a mutation, parsed from mutmut's diff."""
    _, _, difference = _mutmut(folder, "show", name).partition("@@\n")
    lines = difference.splitlines()
    was, now = (_joined(line[1:] for line in lines if line.startswith(sign)) for sign in "-+")
    return Change(*_where(name), was, now)


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(line.strip() for line in lines)


def _where(name: str) -> tuple[str, str]:
    """Return the file and the function in mutmut's name of a mutation."""
    match = _NAME.fullmatch(name)
    assert match, name
    return match["module"].replace(".", "/") + ".py", match["place"].strip("ǁ").replace("ǁ", ".")


def _mutmut(folder: Path, *arguments: str, shown: bool = False) -> str:
    command = (sys.executable, "-m", "mutmut", *arguments)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=sys.stderr if shown else subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(
            f"mutmut {arguments[0]} ended with {done.returncode}: do the tests pass on the unchanged code?"
        )
    return done.stdout or ""
