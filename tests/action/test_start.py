"""The script of the action's step: needs only Python, and an incomplete checkout is no failed gate."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ci_gate.action import launch as launch_module
from ci_gate.action import start as module
from ci_gate.action.start import start

ROOT = Path(__file__).parents[2]
Patch = pytest.MonkeyPatch
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore the changes of the script to its process."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)


def test_script_launches_the_code_beside_it_without_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    roots: list[Path] = []

    def launch(root: Path) -> int:
        roots.append(root)
        return 4

    monkeypatch.setattr(launch_module, "launch", launch)
    with pytest.raises(SystemExit) as leaving:
        runpy.run_path(module.__file__, run_name="__main__")
    assert leaving.value.code == 4
    assert roots == [ROOT]
    assert sys.path[0] == str(ROOT)
    assert sys.dont_write_bytecode


@pytest.mark.parametrize(("problem", "code", "words"), [
    (SyntaxError("invalid syntax"), 70, "ci-gate: the action is broken: invalid syntax; fetch it again"),
    (KeyboardInterrupt(), 130, "ci-gate: interrupted"),
])  # fmt: skip
@pytest.mark.parametrize("outputs", ["outputs", "no/such/folder", None])
def test_error_before_any_report_has_an_exit_code_and_a_message(
    problem: BaseException, code: int, words: str, outputs: str | None, monkeypatch: Patch, capsys: Capture
) -> None:
    def launch(_root: Path) -> int:
        raise problem

    monkeypatch.setattr(launch_module, "launch", launch)
    if outputs:
        monkeypatch.setenv("GITHUB_OUTPUT", outputs)
    assert start(ROOT) == code
    assert capsys.readouterr().err == f"{words}\n"
    if outputs == "outputs":
        assert Path("outputs").read_text(encoding="utf-8") == f"verdict=unjudged\nexit-code={code}\n"


def test_error_without_a_standard_error_has_an_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ci_gate.action.launch", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert start(ROOT) == 70


@pytest.mark.subprocess
def test_python_without_packages_reports_the_failed_installation(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "ci_gate", tmp_path / "action" / "ci_gate", ignore=shutil.ignore_patterns("__pycache__"))
    script = tmp_path / "action" / "ci_gate" / "action" / "start.py"
    environment = {"GITHUB_OUTPUT": str(tmp_path / "outputs"), "INPUT_SUITE": "Smoke"}
    command = [sys.executable, "-I", "-S", str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 70, done.stderr
    assert "error: ci-gate could not be installed: RUNNER_TEMP is not set" in done.stderr
    assert json.loads(Path("ci-gate-report/report.json").read_bytes())["exit_code"] == 70
    assert "verdict=unjudged" in (tmp_path / "outputs").read_text(encoding="utf-8")
    assert list((tmp_path / "action").rglob("*.pyc")) == []
