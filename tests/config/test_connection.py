"""Where the platform is and who asks it, without a suite."""

from __future__ import annotations

from ci_gate.config.connection import resolve_connection
from tests.config.builders import ENVIRONMENT, given, refusal


def test_the_platform_is_found_without_any_suite_or_rule() -> None:
    remote = resolve_connection(given(None, ENVIRONMENT), ENVIRONMENT)
    assert (remote.host, remote.credentials.client_id) == ("https://bots.example", "cs-1")


def test_what_a_command_lacks_besides_stands_between_the_host_and_the_credentials() -> None:
    error = refusal(lambda: resolve_connection(given(), {}, ["  a doctor"]))
    title, *lines = error.hint.splitlines()
    assert title == "missing:"
    assert [line.partition(":")[0].strip() for line in lines] == ["the platform's host", "a doctor", "credentials"]


def test_it_is_refused_for_what_a_command_lacks_besides_alone() -> None:
    error = refusal(lambda: resolve_connection(given(None, ENVIRONMENT), ENVIRONMENT, ["  a doctor"]))
    assert error.hint == "missing:\n  a doctor"
