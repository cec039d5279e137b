"""The copy that is changed does what the code does."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tests.mutation.workshop import ROOT, subjects, without_decorators

if TYPE_CHECKING:
    from collections.abc import Callable

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
