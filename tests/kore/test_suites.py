"""The list of suites: which of them was probably meant."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.kore.refusals import nearest_suite


def listed(*names: object) -> bytes:
    """Write a list of suites: keyed by id, the prebuilt ones without a name, and a few counts beside them."""
    suites = {f"ts-{number}": {"testSuiteType": "custom", "name": name} for number, name in enumerate(names)}
    return json.dumps({"count": 36, "moreAvailable": True, **suites, "AllMlUtterances": {"results": []}}).encode()


@pytest.mark.parametrize(("name", "body", "hint"), [
    ("Smoke tests", listed("Full regression", "Smoke test"), "; did you mean 'Smoke test'?"),
    ("SMOKE", listed("Full regression", "smoke"), "; did you mean 'smoke'?"),
    (
        "Smoke",
        listed("Smoke"),
        "; the bot lists a suite of that very name: does it belong to another language or version?",
    ),
    ("Smoke", listed("Zzz", "Yyy"), "; the bot has 'Zzz', 'Yyy'"),
    ("Smoke", listed(*"ABCDEFG"), "; the bot has 'A', 'B', 'C', 'D', 'E'"),
    ("Smoke", listed("red\n::error::\x1b[31m"), "; the bot has 'red ::error:: [31m'"),
    ("Smoke", listed("Q" * 500), f"; the bot has '{'Q' * 100}'"),
    (
        "Smoke",
        listed("f.csv" * 15 + "https://me:password@h/f"),
        f"; the bot has '{'f.csv' * 15}https://(a link with cred'",
    ),
    ("Smoke", listed(5, None, "", " "), ""),
    ("Smoke", listed(), ""),
    ("Smoke", b"[]", ""),
    ("Smoke", b"<html>", ""),
    ("Smoke", b"\xff", ""),
    ("Smoke", b"[" * 100_000, ""),
])  # fmt: skip
def test_the_hint_names_what_is_nearest_else_a_few_that_exist(name: str, body: bytes, hint: str) -> None:
    assert nearest_suite(name, body) == hint


@given(st.text(), st.lists(st.text() | st.integers()))
def test_the_hint_is_one_line_whatever_the_names(name: str, names: list[object]) -> None:
    assert len(nearest_suite(name, listed(*names)).splitlines()) <= 1
