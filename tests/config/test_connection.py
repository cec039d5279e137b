"""The host and the credentials, without a suite."""

from __future__ import annotations

from ci_gate.config.connection import resolve_connection
from tests.config.builders import ENVIRONMENT, given, refusal


def test_connection_needs_no_suite_and_no_rule() -> None:
    remote = resolve_connection(given(None, ENVIRONMENT), ENVIRONMENT)
    assert (remote.host, remote.credentials.client_id) == ("https://bots.example", "cs-1")


def test_other_missing_settings_stand_between_host_and_credentials() -> None:
    error = refusal(lambda: resolve_connection(given(), {}, ["  a doctor"]))
    title, *lines = error.hint.splitlines()
    assert title == "missing:"
    assert [line.partition(":")[0].strip() for line in lines] == ["the platform's host", "a doctor", "credentials"]


def test_other_missing_settings_alone_are_refused() -> None:
    error = refusal(lambda: resolve_connection(given(None, ENVIRONMENT), ENVIRONMENT, ["  a doctor"]))
    assert error.hint == "missing:\n  a doctor"
