"""The table of commands is the only list of commands and of their kinds."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from ci_gate import commands
from ci_gate.commands import ASKING_PLATFORM, COMMAND_BY_NAME, JUDGING, judging_command_in
from ci_gate.config.options import options_of


def test_the_table_imports_only_the_standard_library() -> None:
    tree = ast.parse(Path(commands.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    modules = [node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports]
    assert [name for name in modules if name.partition(".")[0] not in sys.stdlib_module_names] == []


def test_every_judging_command_has_thresholds_and_a_report_folder() -> None:
    assert JUDGING == ("run", "gate", "compare", "check")
    assert [name for name in COMMAND_BY_NAME if "min_f1" in {option.name for option in options_of(name)}] == [*JUDGING]
    assert [name for name in JUDGING if not COMMAND_BY_NAME[name].report_dir] == []


def test_every_command_that_uses_the_platform_has_the_option_host() -> None:
    assert [name for name in COMMAND_BY_NAME if "host" in {option.name for option in options_of(name)}] == [
        *ASKING_PLATFORM
    ]


@pytest.mark.parametrize(
    ("words", "command"),
    [(["--verbose", "compare", "run"], "compare"), (["demo"], None), (["--config=run"], None), ([], None)],
    ids=str,
)
def test_an_invalid_line_belongs_to_the_first_judging_command_in_it(words: list[str], command: str | None) -> None:
    assert judging_command_in(words) == command
