"""Secrets are hidden line by line, and inputs become variables exactly as they were written."""

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
VALUES = (
    'it\'s "quoted"', "two  blanks", "$(touch pwned) `id` ${HOME}", "first\nsecond", "a;b & c | d > e", "100%\t\\n",
)  # fmt: skip


@pytest.mark.parametrize(("value", "commands"), [
    ("", []),
    ("short", []),
    ("exactly8", ["::add-mask::exactly8"]),
    ("  surrounded by blanks \r\n", ["::add-mask::surrounded by blanks"]),
    ("first line\nsecond line\nfirst line", ["::add-mask::first line", "::add-mask::second line"]),
    ("100% secret", ["::add-mask::100%25 secret"]),
])  # fmt: skip
@pytest.mark.parametrize("name", ["CI_GATE_CLIENT_SECRET", "CI_GATE_JWT", "CI_GATE_PRIVATE_KEY"])
def test_every_line_of_a_secret_that_is_long_enough_is_hidden(name: str, value: str, commands: list[str]) -> None:
    assert list(mask_commands({name: value})) == commands


def test_the_client_id_is_no_secret_and_stays_readable() -> None:
    assert list(mask_commands({"CI_GATE_CLIENT_ID": "cs-an-invented-id"})) == []


@pytest.mark.parametrize("value", [PEM, PEM.replace("\n", "\\n"), PEM.replace("\n", "\r\n")], ids=["LF", "\\n", "CRLF"])
def test_a_private_key_is_hidden_without_its_first_and_last_line(value: str) -> None:
    assert list(mask_commands({"CI_GATE_PRIVATE_KEY": value})) == MASKED_PEM


def test_a_private_key_that_lost_its_line_breaks_is_hidden_all_the_same() -> None:
    (command,) = mask_commands({"CI_GATE_PRIVATE_KEY": PEM.replace("\n", "")})
    assert command == "::add-mask::" + "".join(line.removeprefix("::add-mask::") for line in MASKED_PEM)


def test_the_path_of_a_private_key_is_not_hidden(tmp_path: Path) -> None:
    (tmp_path / "private.pem").write_text(PEM, encoding="utf-8")
    assert list(mask_commands({"CI_GATE_PRIVATE_KEY": f" {tmp_path / 'private.pem'}\n"})) == []


@given(st.text())
def test_a_mask_is_one_line_whatever_the_secret(secret: str) -> None:
    for command in mask_commands({"CI_GATE_CLIENT_SECRET": secret}):
        assert "\n" not in command
        assert "\r" not in command


@pytest.mark.parametrize("value", VALUES)
def test_an_input_arrives_as_it_was_written(value: str) -> None:
    assert gate_environment({"INPUT_SUITE": value, "INPUT_MIN_F1": "0.9"}) == {
        "CI_GATE_SUITE": value,
        "CI_GATE_MIN_F1": "0.9",
    }


def test_an_input_beats_the_variable_of_the_job_and_one_that_is_not_given_does_not() -> None:
    environment = {"CI_GATE_HOST": "job", "CI_GATE_TIMEOUT": "5m", "INPUT_HOST": "step", "INPUT_TIMEOUT": ""}
    assert gate_environment(environment) == {"CI_GATE_HOST": "step", "CI_GATE_TIMEOUT": "5m"}


def test_what_is_on_unless_it_is_switched_off_can_be_switched_off_by_an_input() -> None:
    assert gate_environment({"INPUT_SHARE_ALPHA": "off", "INPUT_ALPHA": "0.1"}) == {
        "CI_GATE_SHARE_ALPHA": "off",
        "CI_GATE_ALPHA": "0.1",
    }


def test_what_is_no_setting_does_not_become_a_variable_and_what_is_no_input_stays() -> None:
    environment = {"INPUT_RUN_ID": "tr-1", "INPUT_PYTHON_PATH": "python3", "INPUT_BOT-ID": "st-1", "PATH": "/bin"}
    assert gate_environment(environment) == {"PATH": "/bin"}


@pytest.mark.parametrize("run_id", ["tr-1", "-tr-1", "--help", " "])
def test_a_run_id_attaches_whatever_it_begins_with(run_id: str) -> None:
    assert gate_arguments({"INPUT_RUN_ID": run_id}) == ["gate", "--", run_id]


@pytest.mark.parametrize("environment", [{}, {"INPUT_RUN_ID": ""}], ids=["absent", "empty"])
def test_without_a_run_id_runs_are_started(environment: dict[str, str]) -> None:
    assert gate_arguments(environment) == ["run"]
