"""What a user gives in few words: a settings file, an environment that is complete, and the refusal that follows."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.config.resolve import resolve_attached, resolve_check, resolve_compare, resolve_remote
from ci_gate.config.sources import gather
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ci_gate.config.settings import CheckSettings, CompareSettings, RemoteSettings, SuiteSettings
    from ci_gate.config.sources import FlagValue, Sources

CANARY = "Canary-5ecret-Tweets"

ENVIRONMENT: Mapping[str, str] = {
    "CI_GATE_HOST": "bots.example",
    "CI_GATE_BOT_ID": "st-1",
    "CI_GATE_CLIENT_ID": "cs-1",
    "CI_GATE_CLIENT_SECRET": CANARY,
}
"""What is the same for every suite: where, whose, and who asks."""


def write(text: str | bytes, name: str = "ci-gate.toml") -> Path:
    """Write a file into the working directory."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def given(file: str | None = None, environment: Mapping[str, str] | None = None, /, **flags: FlagValue) -> Sources:
    """Gather flags, variables and the text of a settings file."""
    if file is not None:
        write(file)
    return gather(flags, environment or {})


def run(file: str | None = None, environment: Mapping[str, str] | None = None, /, **flags: FlagValue) -> RemoteSettings:
    """Settle ``ci-gate run`` in an environment that says where and who; what is set to nothing is taken away."""
    variables = {**ENVIRONMENT, **(environment or {})}
    return resolve_remote(given(file, variables, **flags), variables)


def suites(
    file: str | None = None, environment: Mapping[str, str] | None = None, /, **flags: FlagValue
) -> tuple[SuiteSettings, ...]:
    """Settle ``ci-gate run`` and look at its suites."""
    return run(file, environment, **flags).suites


def attach(file: str | None = None, run_id: str = "tr-1", /, **flags: FlagValue) -> RemoteSettings:
    """Settle ``ci-gate gate``."""
    return resolve_attached(given(file, ENVIRONMENT, **flags), ENVIRONMENT, run_id)


def compare(
    file: str | None = None, environment: Mapping[str, str] | None = None, suite: str = "Smoke", /, **flags: FlagValue
) -> CompareSettings:
    """Settle ``ci-gate compare`` in an environment that says where and who."""
    variables = {**ENVIRONMENT, **(environment or {})}
    return resolve_compare(given(file, variables, **flags), variables, suite)


def check(
    file: str | None = None,
    environment: Mapping[str, str] | None = None,
    results: tuple[str | None, str] = (None, "results"),
    /,
    **flags: FlagValue,
) -> CheckSettings:
    """Settle ``ci-gate check`` of results with a report name, or none, in a file of some name."""
    return resolve_check(given(file, environment, **flags), *results)


def refusal(attempt: Callable[[], object]) -> UsageError:
    """Make a mistake and give the error; every one is a line that starts small and keeps the secret."""
    with pytest.raises(UsageError) as refused:
        attempt()
    error = refused.value
    assert "\n" not in error.message
    assert not error.message[0].isupper() or error.message[1].isupper(), "only the name of a variable starts big"
    assert CANARY not in "".join([repr(error), error.message, error.hint, *traceback.format_exception(error)])
    return error
