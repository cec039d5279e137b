"""A report folder belongs to one gate at a time, and foreign files in it are kept."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, NoReturn

import pytest

from ci_gate.errors import ExitCode
from ci_gate.output import folder_claim
from ci_gate.output.folder_claim import LOCK, UnclaimedFolder, claimed
from ci_gate.output.report_folder import ReportFolder
from tests.earlier import leave_green, problems_in
from tests.fakes import FakePlatform

if TYPE_CHECKING:
    from tests.scripted import Play

FOLDER = Path("ci-gate-report")
BUSY = "error: another ci-gate is writing its reports in 'ci-gate-report'"
FOREIGN = {
    "junit.xml": '<testsuites name="pytest tests"/>', "report.json": '{"verdict": "passed"}',
    "summary.md": "# Summary of the book", "run.json": "{}", "smoke.results.csv": "a,b", "smoke.status.json": "{}",
    "smoke.baseline.csv": "a,b", "smoke.baseline.json": "{}",
}  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    "arguments", [("run",), ("gate", "tr-1"), ("compare", "Smoke")], ids=lambda arguments: str(arguments[0])
)
def test_second_gate_in_a_folder_is_refused(arguments: tuple[str, ...], play: Play) -> None:
    before = contents(leave_green(str(FOLDER)))
    platform = FakePlatform()
    with claimed(FOLDER, ()):
        environment = {"CI_GATE_SUITE": ""} if arguments[0] == "compare" else {}
        ending = play(*arguments, platform=platform, environment=environment)
    assert ending.code == ExitCode.USAGE
    assert BUSY in ending.err
    assert "--report-dir" in ending.err
    assert contents(FOLDER) == before
    assert platform.asked == []


def test_usage_error_leaves_the_folder_of_another_gate_alone(play: Play) -> None:
    before = contents(leave_green(str(FOLDER)))
    with claimed(FOLDER, ()):
        ending = play("run", "--timeout", "soon")
    assert ending.code == ExitCode.USAGE
    assert "'soon' is not a time" in ending.err
    assert "no report is written: another ci-gate is writing its reports" in ending.err
    assert contents(FOLDER) == before


def test_second_gate_writes_its_copy_and_outputs_elsewhere(play: Play) -> None:
    with claimed(FOLDER, ()):
        play("run", "--junit-xml", "copy.xml", environment={"GITHUB_OUTPUT": "outputs"})
        play("run", "--junit-xml", "ci-gate-report/copy.xml")
    assert problems_in(Path("copy.xml")) == ["another ci-gate is writing its reports in 'ci-gate-report'"]
    assert "exit-code=2\n" in Path("outputs").read_text(encoding="utf-8")
    assert contents(FOLDER) == {}


@pytest.mark.parametrize("arguments", [(), ("--timeout", "soon")], ids=["judging", "refused"])
def test_no_copy_is_written_into_the_folder_of_another_gate(arguments: tuple[str, ...], play: Play) -> None:
    with claimed(Path("theirs"), ()):
        ending = play("run", *arguments, "--junit-xml", "theirs/junit.xml")
    assert contents(Path("theirs")) == {}
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert bool(arguments) is ("another ci-gate is writing its reports in 'theirs'" not in ending.err)
    assert play("run", "--junit-xml", "theirs/junit.xml").code == ExitCode.PASSED


def test_second_gate_keeps_no_baseline_in_the_folder_of_the_first(play: Play) -> None:
    play("run", "--report-dir", "earlier")
    with claimed(FOLDER, ()):
        ending = play("run", "--baseline", "earlier/report.json")
    assert BUSY in ending.err
    assert contents(FOLDER) == {}


def test_folder_is_free_and_without_a_lock_when_the_gate_has_ended(play: Play) -> None:
    with claimed(FOLDER, ()):
        assert play().code == ExitCode.USAGE
    assert [play().code, play().code] == [ExitCode.PASSED, ExitCode.PASSED]
    play()
    assert not any(name.startswith(".") for name in contents(FOLDER))


def test_folder_is_the_same_in_every_spelling() -> None:
    FOLDER.mkdir()
    Path("link").symlink_to(FOLDER)
    with (
        claimed(FOLDER, ()),
        pytest.raises(UnclaimedFolder, match="another ci-gate"),
        claimed(Path("link") / ".." / FOLDER, ()),
    ):
        raise AssertionError


@pytest.mark.subprocess
def test_killed_gate_releases_its_folder(play: Play) -> None:
    holding = (
        "import sys, time; from pathlib import Path; from ci_gate.output.folder_claim import claimed\n"
        "with claimed(Path('ci-gate-report'), ()): print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-I", "-c", holding], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert play().code == ExitCode.USAGE
        process.send_signal(signal.SIGKILL)
    assert play().code == ExitCode.PASSED


def fail(*_: object) -> NoReturn:
    """Fail like a network file system without locks."""
    raise OSError(errno.ENOLCK, "No locks available")


def test_gate_runs_without_locks_if_there_are_none(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", fail)
    assert play().code == ExitCode.PASSED


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> set[tuple[int, int]]:
    """Simulate Windows, which locks bytes of a file; return the locked files by device and number."""
    locked: set[tuple[int, int]] = set()

    def locking(handle: int, _mode: int, _size: int) -> None:
        state = os.fstat(handle)
        if (state.st_dev, state.st_ino) in locked:
            raise PermissionError(errno.EACCES, "Permission denied")
        locked.add((state.st_dev, state.st_ino))

    msvcrt = ModuleType("msvcrt")
    msvcrt.__dict__.update(locking=locking, LK_NBLCK=2)
    monkeypatch.setitem(sys.modules, "msvcrt", msvcrt)
    monkeypatch.setattr(folder_claim, "sys", SimpleNamespace(platform="win32"))
    return locked


def test_on_windows_a_hidden_file_is_locked_and_removed(windows: set[tuple[int, int]]) -> None:
    with claimed(FOLDER, ()):
        assert len(windows) == 1
        assert list(contents(FOLDER)) == [LOCK]
        with pytest.raises(UnclaimedFolder, match="another ci-gate"), claimed(FOLDER, ()):
            raise AssertionError
    assert contents(FOLDER) == {}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("folder", [".", "docs"])
def test_foreign_file_is_not_overwritten(name: str, folder: str, play: Play) -> None:
    Path(folder).mkdir(exist_ok=True)
    Path(folder, name).write_text(FOREIGN[name], encoding="utf-8")
    platform = FakePlatform()
    ending = play(
        "run", "--report-dir", folder, "--suite", "smoke", platform=platform, environment={"GITLAB_CI": "true"}
    )
    assert ending.code == ExitCode.USAGE
    assert f"'{Path(folder, name)}' was not written by ci-gate and would be overwritten" in ending.err
    assert "--report-dir" in ending.err
    assert contents(Path(folder)) == {name: FOREIGN[name].encode()}
    assert platform.asked == []


def test_usage_error_overwrites_no_foreign_file(play: Play) -> None:
    Path("summary.md").write_text("mine", encoding="utf-8")
    ending = play("run", "--report-dir", ".", "--timeout", "soon")
    assert ending.code == ExitCode.USAGE
    assert "no report is written: 'summary.md' was not written by ci-gate and would be overwritten" in ending.err
    assert contents(Path()) == {"summary.md": b"mine"}


@pytest.mark.parametrize("left", [(), ("junit.xml",), ("summary.md", "run.json")], ids=str)
def test_reports_of_a_gate_are_replaced_even_if_some_were_removed(left: tuple[str, ...], play: Play) -> None:
    assert play("run", "--report-dir", ".", folder=".").code == ExitCode.PASSED
    for name in left:
        Path(name).unlink()
    assert play("run", "--report-dir", ".", folder=".").code == ExitCode.PASSED


def test_placeholder_empty_file_and_default_folder_are_not_foreign(play: Play) -> None:
    ReportFolder(Path("mine")).prepare(())
    assert play("run", "--report-dir", "mine", folder="mine").code == ExitCode.PASSED
    FOLDER.mkdir()
    (FOLDER / "report.json").write_text("{", encoding="utf-8")
    assert play().code == ExitCode.PASSED
    Path("report.json").touch()
    assert play("run", "--report-dir", ".", folder=".").code == ExitCode.PASSED


LOOKS_LIKE_OURS = {
    "junit.xml": '<testsuites name="all"><testsuite name="ci-gate"/></testsuites>',
    "report.json": '{"tools": ["ci-gate"]}',
    "summary.md": '# How we use "ci-gate"',
}


@pytest.mark.parametrize("name", LOOKS_LIKE_OURS)
def test_a_file_that_only_mentions_the_gate_is_not_its_own(name: str, play: Play) -> None:
    Path(name).write_text(LOOKS_LIKE_OURS[name], encoding="utf-8")
    ending = play("run", "--report-dir", ".", folder=".")
    assert ending.code == ExitCode.USAGE
    assert f"'{name}' was not written by ci-gate and would be overwritten" in ending.err
    assert contents(Path())[name].decode() == LOOKS_LIKE_OURS[name]


@pytest.mark.parametrize("name", ["report.json", "summary.md"])
def test_reports_of_a_gate_vouch_for_no_report_of_somebody_else(name: str, play: Play) -> None:
    assert play("run", "--report-dir", ".", folder=".").code == ExitCode.PASSED
    Path(name).write_text("mine", encoding="utf-8")
    assert play("run", "--report-dir", ".", folder=".").code == ExitCode.USAGE
    assert Path(name).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("ending", [(), ("--min-accuracy", "1"), ("--min-entity-match", "1"), ("--timeout", "soon")])
def test_a_gate_knows_its_own_reports_of_every_ending(ending: tuple[str, ...], play: Play) -> None:
    play("run", *ending, "--report-dir", ".", folder=".")
    assert play("run", "--report-dir", ".", folder=".").code == ExitCode.PASSED


def test_a_folder_that_cannot_be_asked_is_held_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not folder_claim.is_held(Path("nowhere"))

    def refuse(*_: object) -> NoReturn:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert not folder_claim.is_held(Path())


def test_on_windows_the_lock_file_shows_that_a_folder_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert not folder_claim.is_held(Path())
    Path(LOCK).touch()
    assert folder_claim.is_held(Path())
