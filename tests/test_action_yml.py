"""action.yml against the code: an input for every setting, passed on as a variable, and every output."""

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
"""The action runs these two commands: a setting of other commands alone is no input."""
OURS = {"run-id", "python-path"}


def test_there_is_an_input_for_every_setting_and_none_besides() -> None:
    assert set(ACTION["inputs"]) - OURS == {name.replace("_", "-") for name in SETTINGS}
    assert set(ACTION["inputs"]) >= OURS


def expected_description(name: str) -> tuple[str, str, bool]:
    """Return the start and the end of the description of an input, and whether it has one value per line."""
    option = BY_NAME[name]
    default = option.default.partition("; of check ")[0]  # the action does not run check
    has_default = default not in ("", "none", "off", "not sent")
    return option.help, f"Default: {default}." if has_default else "", option.shape is Shape.LIST


def test_every_input_is_described_as_its_setting_is() -> None:
    wrong = []
    for name in sorted(SETTINGS):
        description = ACTION["inputs"][name.replace("_", "-")]["description"]
        start, end, is_list = expected_description(name)
        fits = description.startswith(start) and description.endswith(end)
        if not fits or ("one per line" in description.lower()) is not is_list:
            wrong.append((name, description))
    assert wrong == []


def test_no_input_is_required_and_none_has_a_default() -> None:
    """A default would hide the settings file; the runner does not enforce ``required``."""
    assert all(set(one) == {"description"} for one in ACTION["inputs"].values())


def test_the_action_runs_only_the_commands_whose_settings_are_its_inputs() -> None:
    started = {gate_arguments(environment)[0] for environment in ({}, {"INPUT_RUN_ID": "tr-1"})}
    assert started == {"run", "gate"}
    alone = {option.name for command in ("compare", "check") for option in options_of(command)} - SETTINGS
    assert alone == {"base", "head", "status", "replay"}


def test_every_input_reaches_the_step_by_its_environment() -> None:
    wanted = {f"INPUT_{name.replace('-', '_').upper()}": f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
    assert STEP["env"] == wanted


def test_the_script_contains_no_expression_that_the_runner_expands() -> None:
    assert "${{" not in STEP["run"]
    assert STEP["shell"] == "bash"


def test_the_shell_of_windows_does_not_convert_the_values() -> None:
    assert STEP["run"].index("export MSYS2_ENV_CONV_EXCL='CI_GATE_;INPUT_'") < STEP["run"].index('"$@"')


def test_every_output_is_one_of_the_step() -> None:
    written = "".join(github.outputs(reports()["passed"], {"junit_path": "", "report_path": ""}))
    assert set(ACTION["outputs"]) == {line.partition("=")[0] for line in written.splitlines()}
    for name, output in ACTION["outputs"].items():
        assert output["value"] == f"${{{{ steps.{STEP['id']}.outputs.{name} }}}}"
        assert output["description"].endswith(".")


def test_the_action_has_what_the_marketplace_demands() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert ACTION["branding"] == {"icon": "check-circle", "color": "blue"}
    assert ACTION["name"]
    assert len(ACTION["description"]) <= 125


def take_the_step(tmp_path: Path, programs: Mapping[str, str], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the step on a machine with these programs, each a shell script."""
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
    done = take_the_step(tmp_path, {name: 'if [ "$2" = -c ]; then echo True; else echo "$0 $*"; fi'})
    assert done.stdout.endswith(f"/{name} -I /action/ci_gate/action/start.py\n")


WITHOUT_PYTHON = {
    "an empty folder": ("reports", {}, True),
    "reports of an earlier gate": ("reports", {"junit.xml": GREEN_JUNIT, "summary.md": "yesterday"}, True),
    "a folder with the name of the gate's": ("x/ci-gate-report", {"junit.xml": "<testsuites/>"}, True),
    "a JUnit file of another program": ("reports", {"junit.xml": '<testsuites name="pytest tests"/>'}, False),
    "a summary of another program": (".", {"summary.md": "of a book"}, False),
}
"""The report folder, its files, and whether a machine without Python replaces them."""


@pytest.mark.subprocess
@pytest.mark.parametrize("case", WITHOUT_PYTHON)
def test_a_machine_without_python_replaces_the_files_of_a_gate_and_no_others(case: str, tmp_path: Path) -> None:
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
