"""Inputs of the action: secrets are masked line by line, and inputs become variables as they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gate.action.inputs import gate_arguments, gate_environment, mask_commands

if TYPE_CHECKING:
    from pathlib import Path

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----\n"
MASKED_PEM = ["::add-mask::MIIEvQIBADANBg", "::add-mask::kqhkiG9w0BAQEF"]


def test_input_becomes_a_variable_as_it_was_written() -> None:
    for value in (
        *('it\'s "quoted"', "two  blanks", "$(touch pwned) `id` ${HOME}", "first\nsecond", "a;b & c | d > e"),
        "100%\t\\n",
    ):
        found = gate_environment({"INPUT_SUITE": value, "INPUT_MIN_F1": "0.9"})
        assert found == {"CI_GATE_SUITE": value, "CI_GATE_MIN_F1": "0.9"}
    found = gate_environment({"INPUT_SHARE_ALPHA": "off", "INPUT_ALPHA": "0.1"})
    assert found == {"CI_GATE_SHARE_ALPHA": "off", "CI_GATE_ALPHA": "0.1"}


def test_input_overrides_the_variable_of_the_job_if_it_is_given() -> None:
    environment = {"CI_GATE_HOST": "job", "CI_GATE_TIMEOUT": "5m", "INPUT_HOST": "step", "INPUT_TIMEOUT": ""}
    assert gate_environment(environment) == {"CI_GATE_HOST": "step", "CI_GATE_TIMEOUT": "5m"}


def test_only_settings_become_variables_and_other_variables_stay() -> None:
    environment = {"INPUT_RUN_ID": "tr-1", "INPUT_PYTHON_PATH": "python3", "INPUT_BOT-ID": "st-1", "PATH": "/bin"}
    assert gate_environment(environment) == {"PATH": "/bin"}


def test_gate_attaches_to_a_run_id_and_starts_runs_without_one() -> None:
    for run_id in ("tr-1", "-tr-1", "--help", " "):
        assert gate_arguments({"INPUT_RUN_ID": run_id}) == ["gate", "--", run_id]
    assert gate_arguments({}) == gate_arguments({"INPUT_RUN_ID": ""}) == ["run"]


@pytest.mark.parametrize("name", ["CI_GATE_CLIENT_SECRET", "CI_GATE_JWT", "CI_GATE_PRIVATE_KEY"])
def test_every_long_line_of_a_secret_is_masked(name: str) -> None:
    for value, masked in {
        "": (),
        "short": (),
        "exactly8": ("exactly8",),
        "  surrounded by blanks \r\n": ("surrounded by blanks",),
        "first line\nsecond line\nfirst line": ("first line", "second line"),
        "100% secret": ("100%25 secret",),
    }.items():
        assert list(mask_commands({name: value})) == [f"::add-mask::{line}" for line in masked]
    assert list(mask_commands({"CI_GATE_CLIENT_ID": "cs-an-invented-id"})) == []


def test_private_key_is_masked_without_its_first_and_last_line(tmp_path: Path) -> None:
    for value in (PEM, PEM.replace("\n", "\\n"), PEM.replace("\n", "\r\n")):
        assert list(mask_commands({"CI_GATE_PRIVATE_KEY": value})) == MASKED_PEM
    (command,) = mask_commands({"CI_GATE_PRIVATE_KEY": PEM.replace("\n", "")})
    assert command == "::add-mask::" + "".join(line.removeprefix("::add-mask::") for line in MASKED_PEM)
    (tmp_path / "private.pem").write_text(PEM, encoding="utf-8")
    assert list(mask_commands({"CI_GATE_PRIVATE_KEY": f" {tmp_path / 'private.pem'}\n"})) == []


@given(st.text())
def test_mask_of_any_secret_is_one_line(secret: str) -> None:
    for command in mask_commands({"CI_GATE_CLIENT_SECRET": secret}):
        assert "\n" not in command
        assert "\r" not in command
