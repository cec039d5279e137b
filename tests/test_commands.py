"""The table of commands: whatever lists commands, or knows what kind one is, reads it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from ci_gate import commands
from ci_gate.commands import ASKING_PLATFORM, COMMAND_BY_NAME, JUDGING, judging_command_in
from ci_gate.config.options import options_of


def test_the_table_needs_python_alone() -> None:
    tree = ast.parse(Path(commands.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    modules = [node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports]
    assert [name for name in modules if name.partition(".")[0] not in sys.stdlib_module_names] == []


def test_what_judges_has_thresholds_and_a_folder_for_its_reports() -> None:
    assert JUDGING == ("run", "gate", "compare", "check")
    assert [name for name in COMMAND_BY_NAME if "min_f1" in {option.name for option in options_of(name)}] == [*JUDGING]
    assert [name for name in JUDGING if not COMMAND_BY_NAME[name].report_dir] == []


def test_what_asks_the_platform_can_be_given_its_host() -> None:
    assert [name for name in COMMAND_BY_NAME if "host" in {option.name for option in options_of(name)}] == [
        *ASKING_PLATFORM
    ]


@pytest.mark.parametrize(
    ("words", "command"),
    [(["--verbose", "compare", "run"], "compare"), (["demo"], None), (["--config=run"], None), ([], None)],
    ids=str,
)
def test_a_line_that_cannot_be_read_is_of_the_first_judging_command_that_it_names(
    words: list[str], command: str | None
) -> None:
    assert judging_command_in(words) == command
