"""The environment is named after what it is made of, is whole or not used, and fails with words that help."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.action.installation import CRYPTO_LOCK, LOCK, MARKER, Installation, installation_of
from ci_gate.action.packages import Packages
from ci_gate.errors import ExitCode, InternalError
from ci_gate.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class FakePackages(Packages):
    """Takes notes instead of fetching anything, or fails."""

    problem: Exception | None = None
    locks: list[str] = field(default_factory=list)
    targets: list[Path] = field(default_factory=list)

    def fetch(self, lock: Path, *, python: Path, target: Path) -> None:
        """Note what was asked for."""
        assert os.path.lexists(python)
        assert target.is_dir()
        self.locks.append(lock.read_text(encoding="utf-8"))
        self.targets.append(target)
        if self.problem:
            raise self.problem


def packages(problem: Exception | None = None) -> FakePackages:
    """Fetch nothing."""
    return FakePackages(environment={}, signals=Signals(), show=print, problem=problem)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout of the action with next to nothing in it."""
    room = tmp_path / "action" / "ci_gate" / "action"
    (room / "__pycache__").mkdir(parents=True)
    (room / "__pycache__" / "start.pyc").write_bytes(b"compiled")
    (room / LOCK).write_text("click==8.5.1\n", encoding="utf-8")
    (room / CRYPTO_LOCK).write_text("cryptography==50.0.2\n", encoding="utf-8")
    (room.parent / "__main__.py").write_text("print('the gate')\n", encoding="utf-8")
    (tmp_path / "temp").mkdir()
    return tmp_path / "action"


def found(root: Path, *, with_crypto: bool = False) -> Installation:
    """Tell where it belongs."""
    return installation_of(root, str(root.parent / "temp"), with_crypto=with_crypto)


def test_the_second_step_of_a_job_finds_what_the_first_one_made(root: Path) -> None:
    assert not found(root).is_complete
    found(root).make(packages())
    assert found(root).is_complete
    assert found(root).python.exists()


def test_an_environment_that_lost_its_python_is_made_again(root: Path) -> None:
    found(root).make(packages())
    found(root).python.unlink()
    assert not found(root).is_complete


def test_packages_and_the_actions_own_code_lie_side_by_side_and_nothing_compiled_is_copied(root: Path) -> None:
    fetching = packages()
    found(root).make(fetching)
    (target,) = fetching.targets
    assert (target / "ci_gate" / "__main__.py").read_bytes() == b"print('the gate')\n"
    assert list(target.rglob("*.pyc")) == []
    assert fetching.locks == ["click==8.5.1\n"]


def test_a_private_key_brings_the_packages_that_sign_with_it(root: Path) -> None:
    fetching = packages()
    found(root, with_crypto=True).make(fetching)
    assert fetching.locks == ["cryptography==50.0.2\n"]
    assert not found(root).is_complete


def other_code(root: Path, _monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetch the action at another commit."""
    (root / "ci_gate" / "__main__.py").write_text("print('the Gate')\n", encoding="utf-8")


def other_lock(root: Path, _monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise a version."""
    (root / "ci_gate" / "action" / LOCK).write_text("click==8.5.2\n", encoding="utf-8")


def other_file(root: Path, _monkeypatch: pytest.MonkeyPatch) -> None:
    """Move what a file holds to another one."""
    (root / "ci_gate" / "__main__.py").rename(root / "ci_gate" / "main.py")


def other_version(_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let another version of Python stand where the first one stood."""
    monkeypatch.setattr(sys, "version", "3.14.0")


def other_python(_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put actions/setup-python between the steps."""
    monkeypatch.setattr(sys, "executable", "/opt/python/bin/python3")


@pytest.mark.parametrize("change", [other_code, other_lock, other_file, other_version, other_python])
def test_another_version_of_anything_belongs_elsewhere(
    root: Path, change: Callable[[Path, pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = found(root).folder
    assert found(root).folder == before
    change(root, monkeypatch)
    assert found(root).folder != before


def test_what_was_interrupted_is_made_anew(root: Path) -> None:
    torn = found(root)
    with pytest.raises(InternalError, match="pip ended"):
        torn.make(packages(InternalError("pip ended")))
    assert not torn.is_complete
    (torn.folder / "rubbish").touch()
    torn.make(packages())
    assert torn.is_complete
    assert not (torn.folder / "rubbish").exists()


def test_the_marker_comes_last(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = found(root)
    monkeypatch.setattr(Path, "touch", lambda path: path.write_text(str(sorted(p.name for p in made.folder.iterdir()))))
    made.make(packages())
    assert "pyvenv.cfg" in (made.folder / MARKER).read_text(encoding="utf-8")
    assert MARKER not in (made.folder / MARKER).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("problem", "words"),
    [(OSError(28, "No space left on device", "lib"), "No space left on device: 'lib'"), (ValueError("PATH"), "PATH")],
)
def test_a_disk_that_is_full_is_told_with_the_place(root: Path, problem: Exception, words: str) -> None:
    with pytest.raises(InternalError, match="could not be installed") as ending:
        found(root).make(packages(problem))
    assert ending.value.code == ExitCode.INTERNAL
    assert words in ending.value.message
    assert "RUNNER_TEMP" in ending.value.hint


def test_a_python_without_venv_is_told_with_its_cure(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "venv", None)
    with pytest.raises(InternalError, match="comes without a part of Python") as ending:
        found(root).make(packages())
    assert "python3-venv" in ending.value.hint


@pytest.mark.parametrize(("temporary", "words"), [("", "not set"), ("not/there", "'not/there', which is no folder")])
def test_without_a_temporary_folder_nothing_is_put_anywhere_else(root: Path, temporary: str, words: str) -> None:
    with pytest.raises(InternalError, match=f"RUNNER_TEMP is {words}"):
        installation_of(root, temporary, with_crypto=False)
    assert sorted(path.name for path in Path().iterdir()) == ["action", "temp"]


def test_the_folder_is_named_in_full_where_the_runner_names_it_in_short(root: Path) -> None:
    assert installation_of(root, "temp", with_crypto=False).folder == found(root).folder
