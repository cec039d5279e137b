"""The environment of the action: its name, completeness, and errors."""

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
    """Packages that are recorded instead of fetched, or that fail."""

    problem: Exception | None = None
    locks: list[str] = field(default_factory=list)
    targets: list[Path] = field(default_factory=list)

    def fetch(self, lock: Path, *, python: Path, target: Path) -> None:
        assert os.path.lexists(python)
        assert target.is_dir()
        self.locks.append(lock.read_text(encoding="utf-8"))
        self.targets.append(target)
        if self.problem:
            raise self.problem


def packages(problem: Exception | None = None) -> FakePackages:
    return FakePackages(environment={}, signals=Signals(), show=print, problem=problem)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    room = tmp_path / "action" / "ci_gate" / "action"
    (room / "__pycache__").mkdir(parents=True)
    (room / "__pycache__" / "start.pyc").write_bytes(b"compiled")
    (room / LOCK).write_text("click==8.5.1\n", encoding="utf-8")
    (room / CRYPTO_LOCK).write_text("cryptography==50.0.2\n", encoding="utf-8")
    (room.parent / "__main__.py").write_text("print('the gate')\n", encoding="utf-8")
    (tmp_path / "temp").mkdir()
    return tmp_path / "action"


def found(root: Path, *, with_crypto: bool = False) -> Installation:
    return installation_of(root, str(root.parent / "temp"), with_crypto=with_crypto)


def test_installation_is_complete_while_its_python_is_there(root: Path) -> None:
    assert not found(root).is_complete
    found(root).make(packages())
    assert found(root).is_complete
    assert found(root).python.exists()
    found(root).python.unlink()
    assert not found(root).is_complete


def test_own_code_is_copied_beside_the_packages_without_bytecode(root: Path) -> None:
    fetching = packages()
    found(root).make(fetching)
    (target,) = fetching.targets
    assert (target / "ci_gate" / "__main__.py").read_bytes() == b"print('the gate')\n"
    assert list(target.rglob("*.pyc")) == []
    assert fetching.locks == ["click==8.5.1\n"]


def test_private_key_needs_the_packages_that_sign_with_it(root: Path) -> None:
    fetching = packages()
    found(root, with_crypto=True).make(fetching)
    assert fetching.locks == ["cryptography==50.0.2\n"]
    assert not found(root).is_complete


def test_folder_depends_on_the_code_the_lock_and_the_python(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main, lock = root / "ci_gate" / "__main__.py", root / "ci_gate" / "action" / LOCK
    changes: dict[str, Callable[[], object]] = {
        "code": lambda: main.write_text("print('the Gate')\n", encoding="utf-8"),
        "lock": lambda: lock.write_text("click==8.5.2\n", encoding="utf-8"),
        "name of a file": lambda: main.rename(root / "ci_gate" / "main.py"),
        "version of Python": lambda: monkeypatch.setattr(sys, "version", "3.14.0"),
        "path of Python": lambda: monkeypatch.setattr(sys, "executable", "/opt/python/bin/python3"),
    }
    folders = [found(root).folder]
    assert found(root).folder == folders[0]
    for change in changes.values():
        change()
        folders.append(found(root).folder)
    assert len(set(folders)) == len(changes) + 1


def test_interrupted_installation_is_repeated(root: Path) -> None:
    torn = found(root)
    with pytest.raises(InternalError, match="pip ended"):
        torn.make(packages(InternalError("pip ended")))
    assert not torn.is_complete
    (torn.folder / "rubbish").touch()
    torn.make(packages())
    assert torn.is_complete
    assert not (torn.folder / "rubbish").exists()


def test_marker_is_written_last(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = found(root)
    monkeypatch.setattr(Path, "touch", lambda path: path.write_text(str(sorted(p.name for p in made.folder.iterdir()))))
    made.make(packages())
    assert "pyvenv.cfg" in (made.folder / MARKER).read_text(encoding="utf-8")
    assert MARKER not in (made.folder / MARKER).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("problem", "words"),
    [(OSError(28, "No space left on device", "lib"), "No space left on device: 'lib'"), (ValueError("PATH"), "PATH")],
)
def test_failed_installation_is_reported_with_the_place(root: Path, problem: Exception, words: str) -> None:
    with pytest.raises(InternalError, match="could not be installed") as ending:
        found(root).make(packages(problem))
    assert ending.value.code == ExitCode.INTERNAL
    assert words in ending.value.message
    assert "RUNNER_TEMP" in ending.value.hint


def test_python_without_venv_is_reported_with_the_remedy(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "venv", None)
    with pytest.raises(InternalError, match="comes without a part of Python") as ending:
        found(root).make(packages())
    assert "python3-venv" in ending.value.hint


@pytest.mark.parametrize(("temporary", "words"), [("", "not set"), ("not/there", "'not/there', which is no folder")])
def test_missing_temporary_folder_is_an_error(root: Path, temporary: str, words: str) -> None:
    with pytest.raises(InternalError, match=f"RUNNER_TEMP is {words}"):
        installation_of(root, temporary, with_crypto=False)
    assert sorted(path.name for path in Path().iterdir()) == ["action", "temp"]


def test_folder_is_absolute(root: Path) -> None:
    assert installation_of(root, "temp", with_crypto=False).folder == found(root).folder
