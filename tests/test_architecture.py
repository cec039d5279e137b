"""The layout: layers and homes hold, files stay small, and names say what things are."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from ci_gate.commands import COMMAND_BY_NAME
from ci_gate.config.options import OPTIONS

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "ci_gate").rglob("*.py"))
VAGUE = {"utils", "helpers", "common", "manager", "handler", "service", "base"}


@pytest.mark.subprocess
def test_import_contracts_hold() -> None:
    program = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_in_one_sentence_what_it_owns_and_stays_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "every module opens with what it owns"
    assert len(text.splitlines()) <= 300
    assert path.stem not in VAGUE


@pytest.mark.parametrize(
    "folder", sorted({path.parent for path in SOURCES}), ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_folder_says_what_belongs_there_and_can_be_taken_in_at_a_glance(folder: Path) -> None:
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert len([path for path in SOURCES if path.parent == folder]) <= 25


def test_every_option_belongs_to_commands_that_exist() -> None:
    assert {command for option in OPTIONS for command in option.commands} <= set(COMMAND_BY_NAME)


def test_files_are_opened_for_reading_in_one_place() -> None:
    """What may be opened, and how much of it is read, is decided once; the action and the simulator stand alone."""
    elsewhere = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        if path.stem != "bounded_files" and path.parent.name not in ("action", "simulator")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
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
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 55
    ]
    assert too_long == []


def test_what_works_without_click_is_not_in_the_command_line() -> None:
    modules = [path for path in SOURCES if path.parent.name == "cli" and path.stem != "__init__"]
    strangers = [
        path.stem
        for path in modules
        if path.stem not in COMMAND_BY_NAME and "\nimport click\n" not in path.read_text(encoding="utf-8")
    ]
    assert strangers == []
    assert {path.stem for path in modules} >= set(COMMAND_BY_NAME)
