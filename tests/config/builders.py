"""Settings of each command from a file, an environment and flags, and the error when they make no sense."""

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
"""The variables that every suite needs: host, bot and credentials."""

SMOKE = '[[suites]]\nname = "Smoke"\n'
"""The start of a suite's entry in a settings file."""


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
    """Resolve the settings of ``ci-gate run`` in ``ENVIRONMENT`` and ``environment``; an empty variable is unset."""
    variables = {**ENVIRONMENT, **(environment or {})}
    return resolve_remote(given(file, variables, **flags), variables)


def suites(
    file: str | None = None, environment: Mapping[str, str] | None = None, /, **flags: FlagValue
) -> tuple[SuiteSettings, ...]:
    return run(file, environment, **flags).suites


def attach(file: str | None = None, run_id: str = "tr-1", /, **flags: FlagValue) -> RemoteSettings:
    return resolve_attached(given(file, ENVIRONMENT, **flags), ENVIRONMENT, run_id)


def compare(
    file: str | None = None, environment: Mapping[str, str] | None = None, suite: str = "Smoke", /, **flags: FlagValue
) -> CompareSettings:
    """Resolve the settings of ``ci-gate compare`` in ``ENVIRONMENT`` and ``environment``."""
    variables = {**ENVIRONMENT, **(environment or {})}
    return resolve_compare(given(file, variables, **flags), variables, suite)


def check(
    file: str | None = None,
    environment: Mapping[str, str] | None = None,
    results: tuple[str | None, str] = (None, "results"),
    /,
    **flags: FlagValue,
) -> CheckSettings:
    """Resolve the settings of ``ci-gate check``; ``results`` is a results file's report name and its own name."""
    return resolve_check(given(file, environment, **flags), *results)


def refusal(attempt: Callable[[], object]) -> UsageError:
    """Return the error of ``attempt``, whose message must be one line in lower case that shows no secret."""
    with pytest.raises(UsageError) as refused:
        attempt()
    error = refused.value
    assert "\n" not in error.message
    assert not error.message[0].isupper() or error.message[1].isupper(), "only the name of a variable starts big"
    assert CANARY not in "".join([repr(error), error.message, error.hint, *traceback.format_exception(error)])
    return error
