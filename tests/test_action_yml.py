"""action.yml against the code: an input for every setting, handed on by the environment, and every output."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ci_gate.action.inputs import gate_arguments
from ci_gate.config.options import BY_NAME, Shape, options_of
from ci_gate.output.ci import github
from tests.reports.builders import reports

PATH = Path(__file__).parent.parent / "action.yml"
ACTION: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
(STEP,) = ACTION["runs"]["steps"]
SETTINGS = {option.name for command in ("run", "gate") for option in options_of(command)}
"""The action runs these two commands: what belongs to others alone is no input."""
OURS = {"run-id", "python-path"}


def test_there_is_an_input_for_every_setting_and_none_besides() -> None:
    assert set(ACTION["inputs"]) - OURS == {name.replace("_", "-") for name in SETTINGS}
    assert set(ACTION["inputs"]) >= OURS


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_an_input_is_described_as_its_setting_is(name: str) -> None:
    option = BY_NAME[name]
    description = ACTION["inputs"][name.replace("_", "-")]["description"]
    assert description.startswith(option.help)
    assert ("one per line" in description.lower()) is (option.shape is Shape.LIST)
    # What check does and this action does not is left out of the default.
    default = option.default.partition("; of check ")[0]
    if default not in ("", "none", "off", "not sent"):
        assert description.endswith(f"Default: {default}.")


def test_no_input_is_required_since_a_file_or_a_variable_may_have_it() -> None:
    """A default would hide those; the runner does not enforce ``required``, so it would only mislead."""
    assert all(set(one) == {"description"} for one in ACTION["inputs"].values())


def test_the_action_runs_only_the_commands_whose_settings_are_its_inputs() -> None:
    started = {gate_arguments(environment)[0] for environment in ({}, {"INPUT_RUN_ID": "tr-1"})}
    assert started == {"run", "gate"}
    alone = {option.name for command in ("compare", "check") for option in options_of(command)} - SETTINGS
    assert alone == {"base", "head", "status", "replay"}


def test_every_input_reaches_the_step_by_its_environment() -> None:
    wanted = {f"INPUT_{name.replace('-', '_').upper()}": f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
    assert STEP["env"] == wanted


def test_nothing_is_written_into_the_script_before_a_shell_reads_it() -> None:
    assert "${{" not in STEP["run"]
    assert STEP["shell"] == "bash"


def test_the_shell_of_windows_is_told_to_leave_values_alone_before_a_program_gets_them() -> None:
    assert STEP["run"].index("export MSYS2_ENV_CONV_EXCL='CI_GATE_;INPUT_'") < STEP["run"].index('"$@"')


def test_every_output_is_that_of_the_step() -> None:
    written = "".join(github.outputs(reports()["passed"], {"junit_path": "", "report_path": ""}))
    assert set(ACTION["outputs"]) == {line.partition("=")[0] for line in written.splitlines()}
    for name, output in ACTION["outputs"].items():
        assert output["value"] == f"${{{{ steps.{STEP['id']}.outputs.{name} }}}}"
        assert output["description"].endswith(".")


def test_it_can_be_listed() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert ACTION["branding"] == {"icon": "check-circle", "color": "blue"}
    assert ACTION["name"]
    assert len(ACTION["description"]) <= 125
