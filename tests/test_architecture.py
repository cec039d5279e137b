"""The layout: import contracts hold, modules stay small, and their names are telling."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ci_gate.commands import COMMAND_BY_NAME
from ci_gate.config.options import OPTIONS

ROOT = Path(__file__).parent.parent
TREES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "ci_gate").rglob("*.py"))
}
VAGUE = {"utils", "helpers", "common", "manager", "handler", "service", "base"}


@pytest.mark.subprocess
def test_import_contracts_hold() -> None:
    program = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_module_is_small_has_a_docstring_and_a_telling_name() -> None:
    assert [name for name, tree in TREES.items() if not ast.get_docstring(tree)] == []
    assert [name for name in TREES if len((ROOT / name).read_text(encoding="utf-8").splitlines()) > 300] == []
    assert [name for name in TREES if Path(name).stem in VAGUE] == []


def test_every_folder_has_a_docstring_and_no_more_modules_than_can_be_overlooked() -> None:
    modules = Counter(str(Path(name).parent) for name in TREES)
    assert [folder for folder in modules if f"{folder}/__init__.py" not in TREES] == []
    assert [folder for folder, number in modules.items() if number > 25] == []


def test_every_option_belongs_to_commands_that_exist() -> None:
    assert {command for option in OPTIONS for command in option.commands} <= set(COMMAND_BY_NAME)


def test_files_are_opened_for_reading_in_one_module() -> None:
    """It decides which files are opened and how much is read; the action and the simulator stand alone."""
    elsewhere = [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        if Path(name).stem != "bounded_files" and Path(name).parent.name not in ("action", "simulator")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _opens_for_reading(node)
    ]
    assert elsewhere == []


def _opens_for_reading(call: ast.Call) -> bool:
    match call:
        case ast.Call(func=ast.Attribute(attr="read_bytes" | "read_text") | ast.Name(id="open")):
            return True
        case ast.Call(func=ast.Attribute(attr="open"), args=[] | [ast.Constant(value="r" | "rb"), *_]):
            return True
        case _:
            return False


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 55
    ]
    assert too_long == []


def test_the_command_line_contains_only_commands_and_modules_that_use_click() -> None:
    modules = {Path(name).stem: name for name in TREES if Path(name).parent.name == "cli"}
    del modules["__init__"]
    rest = modules.keys() - COMMAND_BY_NAME.keys()
    assert [stem for stem in rest if "\nimport click\n" not in (ROOT / modules[stem]).read_text(encoding="utf-8")] == []
    assert COMMAND_BY_NAME.keys() <= modules.keys()
