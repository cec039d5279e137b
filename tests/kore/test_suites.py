"""The list of suites: which one was probably meant."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from ci_gate.kore.refusals import nearest_suite


def listed(*names: object) -> bytes:
    """Return a list of suites in the platform's form: keyed by id, beside counts and an unnamed prebuilt suite."""
    suites = {f"ts-{number}": {"testSuiteType": "custom", "name": name} for number, name in enumerate(names)}
    return json.dumps({"count": 36, "moreAvailable": True, **suites, "AllMlUtterances": {"results": []}}).encode()


OTHER = "; the bot lists a suite of exactly that name: does it belong to another language or version?"
NO_LISTS = (listed(5, None, "", " "), listed(), b"[]", b"<html>", b"\xff", b"[" * 100_000)


def test_hint_names_the_nearest_suite_or_a_few_that_exist() -> None:
    long = "f.csv" * 15
    for name, body, hint in (
        ("Smoke tests", listed("Full regression", "Smoke test"), "; did you mean 'Smoke test'?"),
        ("SMOKE", listed("Full regression", "smoke"), "; did you mean 'smoke'?"),
        ("Smoke", listed("Smoke"), OTHER),
        ("Smoke", listed("Zzz", "Yyy"), "; the bot has 'Zzz', 'Yyy'"),
        ("Smoke", listed(*"ABCDEFG"), "; the bot has 'A', 'B', 'C', 'D', 'E'"),
        ("Smoke", listed("red\n::error::\x1b[31m"), "; the bot has 'red ::error:: [31m'"),
        ("Smoke", listed("Q" * 500), f"; the bot has '{'Q' * 100}'"),
        ("Smoke", listed(f"{long}https://me:password@h/f"), f"; the bot has '{long}https://(a link with cred'"),
        *(("Smoke", body, "") for body in NO_LISTS),
    ):
        assert nearest_suite(name, body) == hint


@given(st.text(), st.lists(st.text() | st.integers()))
def test_hint_is_one_line_for_any_names(name: str, names: list[object]) -> None:
    assert len(nearest_suite(name, listed(*names)).splitlines()) <= 1
