"""The copy to be mutated behaves like the original code."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tests.tools.mutation.workshop import ROOT, subjects, without_decorators, without_tests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DECORATED = '''
class Box:
    @property
    def content(self):
        """Stay as it is."""
        return 7

    @classmethod
    def empty(cls):
        return cls()


@twice
@lru_cache(
    maxsize=2,
)
def double(number):
    return 2 * number


def last():
    return double(3) + Box.empty().content
'''


def twice(function: Callable[[int], int]) -> Callable[[int], int]:
    return lambda number: function(function(number))


def test_decorated_functions_are_the_same_without_decorators() -> None:
    plain = without_decorators(DECORATED)
    assert [line.strip() for line in plain.splitlines() if "@" in line] == ["@classmethod"]
    names: dict[str, Any] = {"lru_cache": lru_cache, "twice": twice}
    exec(plain, names)
    assert names["last"]() == 19


def test_core_and_parser_are_changed_and_stay_code() -> None:
    files = {path.relative_to(ROOT).as_posix(): path for path in subjects(ROOT)}
    assert {"ci_gate/core/verdict.py", "ci_gate/core/findings.py", "ci_gate/kore/results_csv.py"} <= {*files}
    for name, path in files.items():
        compile(without_decorators(path.read_text(encoding="utf-8")), name, "exec")


def test_a_change_that_no_test_was_run_against_is_told_from_one_that_made_the_tests_endless(tmp_path: Path) -> None:
    (tmp_path / "mutants").mkdir()
    codes = {"noticed": 1, "unnoticed": 0, "endless": -24, "not run": 255, "not yet": None}
    (tmp_path / "mutants" / "a.py.meta").write_text(json.dumps({"exit_code_by_key": codes}), encoding="utf-8")
    assert without_tests(tmp_path) == ["not run"]
