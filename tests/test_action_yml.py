"""action.yml against the code: an input for every setting, handed on by the environment, and every output."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ci_gate.action.inputs import gate_arguments
from ci_gate.config.options import BY_NAME, Shape, options_of
from ci_gate.output.ci import github
from tests.earlier import GREEN_JUNIT, problems_in
from tests.reports.builders import reports

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def take_the_step(tmp_path: Path, programs: Mapping[str, str], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the step where there are these programs, each a script, and what the shell itself needs."""
    (tmp_path / "bin").mkdir()
    for name, script in programs.items():
        (tmp_path / "bin" / name).write_text(f"#!{shutil.which('sh')}\n{script}\n", encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    for name in ("cat", "mkdir", "rm"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or "")
    command = [shutil.which("bash") or "", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEP["run"]]
    environment = {"PATH": str(tmp_path / "bin"), "GITHUB_ACTION_PATH": "/action", **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.subprocess
@pytest.mark.parametrize("name", ["python3", "python", "python3.11", "python3.13", "python3.14", "python3.20"])
def test_the_step_finds_every_python_that_is_new_enough(name: str, tmp_path: Path) -> None:
    answer = 'if [ "$2" = -c ]; then echo True; else echo "$0 $*"; fi'
    done = take_the_step(tmp_path, {name: answer})
    assert done.stdout.endswith(f"/{name} -I /action/ci_gate/action/start.py\n")


WITHOUT_PYTHON = {
    "an empty folder": ("reports", {}, True),
    "reports of an earlier gate": ("reports", {"junit.xml": GREEN_JUNIT, "summary.md": "yesterday"}, True),
    "a folder of the gate's own name": ("x/ci-gate-report", {"junit.xml": "<testsuites/>"}, True),
    "a JUnit file of somebody else": ("reports", {"junit.xml": '<testsuites name="pytest tests"/>'}, False),
    "a summary of somebody else": (".", {"summary.md": "of a book"}, False),
}
"""The folder of the reports, what lies there, and whether a machine without a Python replaces it."""


@pytest.mark.subprocess
@pytest.mark.parametrize("case", WITHOUT_PYTHON)
def test_a_machine_without_a_python_replaces_what_a_gate_wrote_and_nothing_else(case: str, tmp_path: Path) -> None:
    folder, files, is_replaced = WITHOUT_PYTHON[case]
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        Path(folder, name).write_text(text, encoding="utf-8")
    done = take_the_step(tmp_path, {}, INPUT_REPORT_DIR=folder)
    assert done.returncode == 2
    left = {path.name: path.read_text(encoding="utf-8") for path in Path(folder).iterdir() if path.is_file()}
    if is_replaced:
        assert list(left) == ["junit.xml"]
        assert problems_in(Path(folder, "junit.xml"))
    else:
        assert left == files
