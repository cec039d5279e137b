"""Each entry in the list of survivors has a reason and refers to code that still exists."""

from __future__ import annotations

import pytest

from tests.tools.mutation.listing import LIST, as_entry, complaints, read_list
from tests.tools.mutation.workshop import ROOT, Change

ONE = Change(file="ci_gate/core/a.py", place="Pacer.wait", was="return 'a'", now="return 'b'")
TWO = Change(file="ci_gate/core/b.py", place="find", was="case _:\n    assert_never(it)", now="")


def listed(*changes: Change, reason: str = "nobody can tell") -> str:
    return "\n".join((f"[[group]]\nreason = '{reason}'", *map(as_entry, changes)))


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_a_change_is_listed_as_it_is_printed() -> None:
    plain = Change(file=TWO.file, place=TWO.place, was="case _:\nassert_never(it)", now="")
    assert read_list(listed(ONE, plain)) == {ONE: "nobody can tell", plain: "nobody can tell"}


def test_a_change_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="without a reason"):
        read_list(listed(ONE, reason=" "))


def test_a_change_that_is_listed_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="listed twice"):
        read_list(listed(ONE, ONE))


def test_a_survivor_that_is_not_listed_is_a_complaint() -> None:
    (found,) = complaints([ONE, TWO], [TWO], whole=True)
    assert found.startswith("no test notices this")
    assert as_entry(ONE) in found


def test_what_is_listed_and_is_no_survivor_is_a_complaint_only_after_a_whole_run() -> None:
    (found,) = complaints([], [ONE], whole=True)
    assert found.startswith("listed, but noticed or gone")
    assert complaints([], [ONE], whole=False) == []


def test_every_listed_change_is_of_code_that_is_still_there() -> None:
    changes = read_list(LIST.read_text(encoding="utf-8"))
    assert changes
    for change in changes:
        source = lines((ROOT / change.file).read_text(encoding="utf-8"))
        assert set(lines(change.was)) <= {*source, ""}, change
