"""What a command does in a CI system beyond its reports."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.core.model import RunState
from ci_gate.errors import ExitCode
from ci_gate.gate.session import write_placeholder
from ci_gate.output.ci.github import GitHub
from ci_gate.output.ci.gitlab import GitLab
from ci_gate.reports import markdown
from tests.fakes import FakeClock, FakePlatform, ended, runtime_of, waiting
from tests.output.test_publication import ENDINGS, failing
from tests.scripted import WatchedPlatform
from tests.stage import command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scripted import Play
    from tests.stage import Ending

GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": "outputs", "GITHUB_STEP_SUMMARY": "step.md"}
GITLAB = {"GITLAB_CI": "true"}
REPORTS = tuple(one.name for one in GitLab.formats)


def outputs() -> dict[str, str]:
    """The outputs of the step so far."""
    return dict(line.split("=", 1) for line in Path("outputs").read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("code", ENDINGS, ids=lambda code: code.name)
def test_every_ending_sets_the_outputs_and_annotates_what_went_wrong(code: ExitCode, play: Play) -> None:
    ending = play(platform=ENDINGS[code](), environment=GITHUB)
    assert ending.code == code
    assert outputs()["exit-code"] == str(int(code))
    assert outputs()["verdict"] == {0: "passed", 1: "failed"}.get(code, "unjudged")
    assert Path(outputs()["junit-path"]).is_file()
    assert ("\n::error title=" in ending.err) is (code != 0)


def test_a_command_that_makes_no_sense_sets_them_too(play: Play) -> None:
    ending = play("run", "--timeout", "soon", environment=GITHUB)
    assert ending.code == ExitCode.USAGE
    assert (outputs()["verdict"], outputs()["exit-code"]) == ("unjudged", "2")
    assert "::error title=ci-gate::" in ending.err


def test_the_run_is_passed_on_as_soon_as_it_exists(play: Play) -> None:
    platform = WatchedPlatform(before_start=outputs)
    play(platform=platform, environment=GITHUB)
    assert platform.seen[0] == {
        "verdict": "unjudged",
        "junit-path": "ci-gate-report/junit.xml",
        "report-path": "ci-gate-report/report.json",
    }
    names = [line.partition("=")[0] for line in Path("outputs").read_text(encoding="utf-8").splitlines()]
    assert names[:5] == ["verdict", "junit-path", "report-path", "run-id", "verdict"]


def test_the_runs_of_several_suites_are_told_by_their_labels_only(play: Play) -> None:
    play(environment=GITHUB | {"CI_GATE_SUITE": "Smoke\nFull"})
    assert "run-id" not in outputs()
    assert {label: suite["run_id"] for label, suite in json.loads(outputs()["results"]).items()} == {
        "Smoke": "tr-1",
        "Full": "tr-1",
    }


def test_outputs_that_cannot_be_set_cost_a_pass_and_nothing_else(play: Play) -> None:
    nowhere = GITHUB | {"GITHUB_OUTPUT": "nowhere/outputs"}
    assert play(environment=nowhere).code == ExitCode.UNREPORTED
    assert play(platform=failing(), environment=nowhere).code == ExitCode.FAILED


@pytest.mark.parametrize("variable", GITHUB)
def test_each_variable_of_github_is_enough_to_be_told_by(variable: str, play: Play) -> None:
    ending = play(platform=failing(), environment={variable: GITHUB[variable]})
    assert "::error title=Smoke%3A FAILED::f1 " in ending.err
    assert Path("outputs").exists() is (variable == "GITHUB_OUTPUT")
    assert Path("step.md").exists() is (variable == "GITHUB_STEP_SUMMARY")


def test_what_goes_on_while_the_gate_waits_is_folded_and_the_verdict_is_not(play: Play) -> None:
    lines = play(environment=GITHUB).err.splitlines()
    inside = lines[lines.index("::group::waiting for the platform") : lines.index("::endgroup::")]
    assert any("to attach again" in line for line in inside)
    assert lines[lines.index("::endgroup::") + 1 :] == ["reports: ci-gate-report"]


def test_the_fold_ends_however_the_wait_ends(play: Play) -> None:
    ending = play(platform=FakePlatform(starts=(ZeroDivisionError(),)), environment=GITHUB)
    assert ending.err.index("::endgroup::") < ending.err.index("::error ")


@pytest.mark.parametrize("environment", [GITHUB, GITLAB], ids=["GitHub", "GitLab"])
def test_a_quiet_gate_folds_nothing(environment: dict[str, str], play: Play) -> None:
    assert play("run", "--quiet", environment=environment).err == ""


def test_a_summary_page_that_is_nearly_full_gets_what_fits(play: Play) -> None:
    Path("step.md").write_text("x" * (markdown.LIMIT - 600), encoding="utf-8")
    play(platform=failing(), environment=GITHUB)
    page = Path("step.md").read_text(encoding="utf-8")
    assert "**Cut here**" in page
    assert len(page.encode()) <= markdown.LIMIT


@pytest.mark.parametrize("code", ENDINGS, ids=lambda code: code.name)
def test_gitlab_finds_its_reports_after_every_ending(code: ExitCode, play: Play) -> None:
    ending = play(platform=ENDINGS[code](), environment=GITLAB)
    assert ending.code == code
    assert f"GATE_EXIT_CODE={int(code)}\n" in (ending.folder / "gate.env").read_text(encoding="utf-8")
    assert all((ending.folder / name).is_file() for name in REPORTS)
    assert "::" not in ending.err


def test_nothing_of_an_earlier_run_is_left_for_gitlab_while_the_gate_works(play: Play) -> None:
    def seen() -> bool:
        return any(Path("ci-gate-report", name).exists() for name in REPORTS)

    play(environment=GITLAB)
    platform = WatchedPlatform(before_start=seen)
    play(platform=platform, environment=GITLAB)
    assert platform.seen[0] is False


def test_outside_of_gitlab_there_are_no_such_files_and_foreign_ones_stay(play: Play) -> None:
    Path("ci-gate-report").mkdir()
    Path("ci-gate-report/metrics.txt").write_text("mine", encoding="utf-8")
    ending = play()
    assert (ending.folder / "metrics.txt").read_text(encoding="utf-8") == "mine"
    assert not (ending.folder / "gate.env").exists()


def test_the_links_lead_to_the_pages_of_this_job(play: Play) -> None:
    pages = {
        "CI_PIPELINE_URL": "https://gitlab.example/p/-/pipelines/7",
        "CI_JOB_URL": "https://gitlab.example/p/-/jobs/8",
        "CI_PROJECT_DIR": str(Path.cwd()),
    }
    ending = play("run", "--report-dir", "out/my reports", environment=GITLAB | pages, folder="out/my reports")
    entries = json.loads((ending.folder / "annotations.json").read_bytes())["ci-gate"]
    assert [entry["external_link"]["url"] for entry in entries] == [
        "https://gitlab.example/p/-/pipelines/7/test_report",
        "https://gitlab.example/p/-/jobs/8/artifacts/file/out/my%20reports/summary.md",
        "https://gitlab.example/p/-/jobs/8/artifacts/browse/out/my%20reports/",
    ]


def test_a_folder_outside_of_the_project_has_no_links_to_artifacts(play: Play) -> None:
    pages = {"CI_JOB_URL": "https://gitlab.example/p/-/jobs/8", "CI_PROJECT_DIR": "/somewhere/else"}
    ending = play(environment=GITLAB | pages)
    assert json.loads((ending.folder / "annotations.json").read_bytes()) == {"ci-gate": []}


def test_a_section_of_the_log_begins_and_ends_with_the_time(play: Play) -> None:
    err = play(platform=FakePlatform(statuses=(waiting(0.5), ended(RunState.FAILED))), environment=GITLAB).err
    start, end = re.findall(r"\x1b\[0Ksection_(start|end):(\d+):ci_gate(?:\[collapsed=true\])?\r\x1b\[0K", err)
    assert (start[0], end[0]) == ("start", "end")
    assert int(end[1]) > int(start[1])


def test_the_demo_leaves_the_ci_system_alone(capsys: pytest.CaptureFixture[str]) -> None:
    ending = command(capsys, "demo", "--scenario", "failing", environment=GITHUB | GITLAB, folder="ci-gate-demo")
    assert ending.code == ExitCode.FAILED
    assert not Path("outputs").exists()
    assert not Path("step.md").exists()
    assert "::" not in ending.err


def assert_agree(ending: Ending) -> None:
    """What was passed on, what was written and what the process ends with are one."""
    code = str(int(ending.code))
    assert (outputs()["exit-code"], str(ending.report["exit_code"])) == (code, code)
    assert (outputs()["verdict"] == "passed") is (ending.code == 0)
    assert bool(ending.junit_problems) is (ending.code != 0)


@pytest.mark.parametrize("page", ["nowhere/step.md", "x" * 300], ids=["nowhere", "overlong"])
def test_a_summary_page_that_is_lost_is_told_by_the_outputs_too(page: str, play: Play) -> None:
    ending = play(environment=GITHUB | {"GITHUB_STEP_SUMMARY": page})
    assert ending.code == ExitCode.UNREPORTED
    assert_agree(ending)


def test_a_signal_while_the_summary_is_written_is_told_by_the_outputs_too(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = markdown.render

    def interrupted(*arguments: Any, **options: Any) -> Iterator[str]:
        if options:  # the page, not the file
            signal.raise_signal(signal.SIGINT)
            monkeypatch.setattr(markdown, "render", render)
        return render(*arguments, **options)

    monkeypatch.setattr(markdown, "render", interrupted)
    ending = play(environment=GITHUB)
    assert ending.code == ExitCode.INTERRUPTED
    assert_agree(ending)
    assert "Exit code 130" in Path("step.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("hook", ["publish", "annotate"])
def test_a_bug_in_what_only_the_ci_system_gets_ends_in_70_everywhere(
    hook: str, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    real = getattr(GitHub, hook)

    def broken(*arguments: Any) -> Any:
        calls.append(hook)
        if len(calls) == 1:
            raise ZeroDivisionError
        return real(*arguments)

    monkeypatch.setattr(GitHub, hook, broken)
    ending = play(environment=GITHUB)
    assert ending.code == ExitCode.INTERNAL
    assert_agree(ending)


@pytest.mark.parametrize("system", [GITHUB, GITLAB], ids=["GitHub", "GitLab"])
def test_an_announced_gate_shows_nothing_of_an_earlier_one(system: dict[str, str], play: Play) -> None:
    play(environment=system)
    Path("outputs").unlink(missing_ok=True)
    write_placeholder("run", runtime_of(FakeClock(), system))
    left = {path.name for path in Path("ci-gate-report").iterdir()}
    assert left == {"junit.xml", "run.json"}  # which says nothing of any verdict
    assert "the gate has not finished" in Path("ci-gate-report/junit.xml").read_text(encoding="utf-8")
    if system is GITHUB:
        assert outputs() == {
            "verdict": "unjudged",
            "junit-path": "ci-gate-report/junit.xml",
            "report-path": "ci-gate-report/report.json",
        }


def test_a_folder_that_cannot_be_written_is_for_the_gate_itself_to_tell() -> None:
    Path("ci-gate-report").write_text("in the way", encoding="utf-8")
    write_placeholder("run", runtime_of(FakeClock(), GITHUB))
    assert outputs()["verdict"] == "unjudged"
