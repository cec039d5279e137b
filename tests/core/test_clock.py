"""Moments as text and text as moments."""

from __future__ import annotations

import pytest

from ci_gate.core.clock import moment_of, moment_text


@pytest.mark.parametrize(("text", "moment"), [
    ("1970-01-01T00:01:00+00:00", 60.0), ("1970-01-01T00:01:00Z", 60.0), ("1970-01-01T01:01:00+01:00", 60.0),
    ("1970-01-01 00:01:00.5", 60.5),     ("1970-01-02", 86400.0),        ("0001-01-01T00:00:00+14:00", None),
    ("yesterday", None),                 ("", None),
])  # fmt: skip
def test_a_text_that_is_no_moment_is_none(text: str, moment: float | None) -> None:
    assert moment_of(text) == moment


def test_a_moment_is_told_to_the_second_in_utc() -> None:
    assert moment_text(60.9) == "1970-01-01T00:01:00+00:00"
    assert moment_of(moment_text(60.9)) == 60.0
