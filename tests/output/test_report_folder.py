"""The report folder: no report of an earlier run, and every file complete or absent."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.core.report import GateReport
from ci_gate.core.text.safe import file_stem
from ci_gate.errors import InternalError, Unreported, UsageError
from ci_gate.output.report_folder import ReportFolder, append, lies_in, write_whole
from tests.earlier import FOREIGN, OWN, leave_green, problems_in
from tests.reports.builders import reports
from tests.scripted import WatchedPlatform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scripted import Play

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
REFUSED = GateReport(suites=(), started=MOMENT, finished=MOMENT, error=UsageError("nothing was given"))


def listing(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("arguments", [("run",), ("gate", "tr-1")], ids=" ".join)
def test_placeholder_is_written_before_the_first_request(arguments: tuple[str, ...], play: Play) -> None:
    folder = leave_green("ci-gate-report")
    copy = Path("copies/junit.xml")

    def look() -> tuple[list[str], list[str], list[str]]:
        # The run that is attached to may just be on its way into run.json, which another thread writes.
        found = [name for name in listing(folder) if not name.startswith(".run.json.")]
        return found, problems_in(folder / "junit.xml"), problems_in(copy)

    platform = WatchedPlatform(before_start=look, before_status=look)
    ending = play(*arguments, "--junit-xml", str(copy), platform=platform)
    unfinished = ["the gate has not finished"]
    assert platform.seen[0] == (sorted([*FOREIGN, "junit.xml", "run.json"]), unfinished, unfinished)
    assert ending.code == 0
    assert copy.read_bytes() == (folder / "junit.xml").read_bytes()


def test_run_replaces_the_files_of_an_earlier_one_and_keeps_foreign_ones(play: Play) -> None:
    folder = leave_green("ci-gate-report")
    play()
    stem = file_stem("Smoke")
    own = {"junit.xml", "report.json", "run.json", "summary.md", f"{stem}.results.csv", f"{stem}.status.json"}
    assert set(listing(folder)) == own | set(FOREIGN)


def test_files_of_an_earlier_run_or_comparison_are_removed(play: Play) -> None:
    folder = leave_green("ci-gate-report")
    play("run", "--suite", "Another")
    assert not (folder / "smoke.results.csv").exists()
    play("compare", "Smoke", environment={"CI_GATE_SUITE": ""})
    base = Path(f"ci-gate-report/{file_stem('Smoke')}.base.results.csv")
    assert base.exists()
    play("run")
    assert not base.exists()


@pytest.mark.parametrize("report", [
    "", "{", "[]", "{}", '{"suites": 1}', '{"suites": [1]}', '{"suites": [{}]}', '{"suites": [{"label": 1}]}',
    "[" * 9999, '{\n      "label": "\\x",\n}', '{\n      "label": 1,\n}',
], ids=lambda text: text[:24] or "empty")  # fmt: skip
def test_foreign_report_names_no_files_to_remove(report: str) -> None:
    folder = leave_green("reports")
    (folder / "report.json").write_text(report, encoding="utf-8")
    ReportFolder(folder).prepare(())
    assert listing(folder) == sorted({*OWN, *FOREIGN} - {"report.json", "summary.md"})


def test_label_of_an_earlier_report_cannot_lead_out_of_the_folder() -> None:
    folder = leave_green("reports")
    outside = Path("outside.results.csv")
    outside.write_text("mine", encoding="utf-8")
    (folder / "report.json").write_text('{\n      "label": "../outside",\n}', encoding="utf-8")
    ReportFolder(folder).prepare(["../outside"])
    assert outside.exists()


def test_files_of_the_suites_of_an_earlier_report_are_removed() -> None:
    folder = ReportFolder(Path("reports"))
    folder.prepare(())
    folder.write(reports()["several"])
    kept = [folder.path / f"{file_stem(suite.subject.label)}.results.csv" for suite in reports()["several"].suites]
    for path in kept:
        path.write_text("yesterday", encoding="utf-8")
    folder.prepare(())
    assert kept
    assert not any(path.exists() for path in kept)


def test_temporary_files_of_a_killed_gate_are_removed() -> None:
    folder = leave_green("reports")
    ours = [".junit.xml.4711.tmp", ".run.json.1.tmp", ".report.json.12.tmp", ".smoke.results.csv.4711.tmp"]
    others = [".junit.xml.tmp", ".notes.txt.4711.tmp", ".junit.xml.4711.tmp.bak"]
    for name in (*ours, *others):
        (folder / name).write_text("half", encoding="utf-8")
    ReportFolder(folder).prepare(["smoke"])
    assert {path.name for path in folder.glob(".*")} == set(others)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are the business of Unix")
def test_pipe_in_the_place_of_a_report_is_not_waited_for() -> None:
    Path("reports").mkdir()
    os.mkfifo("reports/report.json")
    ReportFolder(Path("reports")).prepare(["smoke"])
    assert listing(Path("reports")) == ["junit.xml"]


def test_failed_write_reports_its_first_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"cannot be written: .*File name too long"):
        ReportFolder(Path("x" * 300)).prepare(["smoke"])
    fail_at("open", monkeypatch)
    fail_at("unlink", monkeypatch)
    with pytest.raises(OSError, match="junit"):
        write_whole(Path("junit.xml"), b"new")


def fail_at(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a step of writing a file fail; if that is ``open``, half of the file is written before."""
    real = getattr(Path, call)

    def fail(path: Path, mode: object = None, *_: object, **__: object) -> Any:
        if call == "open" and mode != "wb":
            return real(path, mode or "r")
        if call == "open":
            with real(path, "wb") as file:
                file.write(b"half")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, call, fail)


@pytest.mark.parametrize("call", ["open", "replace"])
def test_failed_write_leaves_the_old_file_as_it_is(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path("reports")
    folder.mkdir()
    (folder / "junit.xml").write_bytes(b"old")
    with monkeypatch.context() as broken:
        fail_at(call, broken)
        with pytest.raises(OSError, match="No space left") as raised:
            write_whole(folder / "junit.xml", b"new")
    assert raised.value.filename == str(folder / "junit.xml")
    assert listing(folder) == ["junit.xml"]
    assert (folder / "junit.xml").read_bytes() == b"old"


def stops_half_way(_report: GateReport | None = None) -> Iterator[str]:
    """Yield a part of a report, then fail like a renderer with a bug."""
    yield "half"
    raise ZeroDivisionError


def test_renderer_with_a_bug_leaves_the_old_file_as_it_is() -> None:
    Path("report.json").write_bytes(b"old")
    with pytest.raises(ZeroDivisionError):
        write_whole(Path("report.json"), stops_half_way())
    assert isinstance(append(Path("report.json"), stops_half_way), InternalError)
    assert listing(Path()) == ["report.json"]
    assert Path("report.json").read_bytes() == b"old"


@pytest.mark.parametrize("call", ["open", "replace"])
def test_full_disk_leaves_the_placeholder(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ReportFolder(Path("reports"), Path("copies/junit.xml"))
    folder.prepare(())
    with monkeypatch.context() as broken:
        fail_at(call, broken)
        problems = folder.write(REFUSED)
    paths = ["reports/report.json", "reports/summary.md", "reports/junit.xml", "copies/junit.xml"]
    assert [problem.message for problem in problems] == [f"{path}: No space left on device" for path in paths]
    assert listing(folder.path) == ["junit.xml"]
    assert problems_in(folder.path / "junit.xml") == ["the gate has not finished"]


def test_renderer_with_a_bug_only_costs_its_own_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ci_gate.reports.json_.render", stops_half_way)
    folder = ReportFolder(Path("reports"))
    folder.prepare(())
    (problem,) = folder.write(REFUSED)
    assert isinstance(problem, InternalError)
    assert isinstance(problem.__cause__, ZeroDivisionError)
    assert "reports/report.json" in problem.message
    assert listing(folder.path) == ["junit.xml", "summary.md"]
    assert problems_in(folder.path / "junit.xml") == ["nothing was given"]


def test_file_of_the_ci_system_is_appended_to() -> None:
    path = Path("step.md")
    assert append(path, lambda: ["# new", "\n"]) is None
    assert path.read_bytes() == b"# new\n"
    assert append(path, lambda: ["# \ud800\n"]) is None
    assert path.read_bytes() == b"# new\n# ?\n"
    problem = append(Path("nowhere/step.md"), lambda: ["# new\n"])
    assert isinstance(problem, Unreported)
    assert problem.message == "nowhere/step.md: No such file or directory"


def test_target_of_a_link_is_replaced_and_a_device_is_not() -> None:
    Path("real.xml").write_bytes(b"old")
    Path("link.xml").symlink_to("real.xml")
    write_whole(Path("link.xml"), b"new")
    assert Path("link.xml").is_symlink()
    assert Path("real.xml").read_bytes() == b"new"
    with pytest.raises(OSError, match="not a regular file"):
        write_whole(Path(os.devnull), b"new")


def test_copy_replaces_nothing_but_a_junit_file() -> None:
    for content in (b"a,b,c\n", b"\n" * 100 + b"a,b\n", b"<project/>", b"<?xml version='1.0'?>\n<html>", b'{"a": 1}'):
        Path("copy.xml").write_bytes(content)
        folder = ReportFolder(Path("reports"), Path("copy.xml"))
        with pytest.raises(UsageError, match="the existing file is not a JUnit file") as caught:
            folder.prepare(())
        assert "--junit-xml" in caught.value.hint
        assert [type(problem) for problem in folder.write(REFUSED)] == [Unreported]
        assert Path("copy.xml").read_bytes() == content
        assert problems_in(Path("reports/junit.xml"))
    with_comment = b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- ours -->\n<testsuite name='x'>"
    for content in (b"", b" \n", b"<testsuites/>", with_comment):
        Path("copy.xml").write_bytes(content)
        ReportFolder(Path("reports"), Path("copy.xml")).prepare(())
        assert problems_in(Path("copy.xml"))


@pytest.mark.parametrize("name", ["a" * 300 + ".xml", "loop.xml", "folder"])
def test_copy_that_cannot_be_written_leaves_no_earlier_report(name: str) -> None:
    folder = leave_green("reports")
    Path("loop.xml").symlink_to("loop.xml")
    Path("folder").mkdir()
    with suppress(UsageError):
        ReportFolder(folder, Path(name)).prepare(())
    assert problems_in(folder / "junit.xml")
    assert not (folder / "report.json").exists()


@pytest.mark.parametrize(
    "spared", ["reports/report.json", "./reports/../reports/report.json", "reports/smoke.results.csv"]
)
def test_file_that_is_still_to_be_read_is_kept(spared: str) -> None:
    leave_green("reports")
    ReportFolder(Path("reports"), spared=Path(spared)).prepare(["smoke"])
    assert listing(Path("reports")) == sorted({*FOREIGN, "junit.xml", Path(spared).name})


def test_nothing_lies_in_a_removed_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert lies_in(here / "report.json", Path())
    here.rmdir()
    assert not lies_in(tmp_path / "report.json", Path("reports"))
