"""Commands in a CI system: outputs, annotations, folds and files."""

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
from tests.sandbox import run_cli
from tests.scripted import WatchedPlatform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox import Ending
    from tests.scripted import Play

GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": "outputs", "GITHUB_STEP_SUMMARY": "step.md"}
GITLAB = {"GITLAB_CI": "true"}
REPORTS = tuple(one.name for one in GitLab.formats)


def outputs() -> dict[str, str]:
    return dict(line.split("=", 1) for line in Path("outputs").read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("code", ENDINGS, ids=lambda code: code.name)
def test_every_ending_sets_the_outputs_and_annotates_errors(code: ExitCode, play: Play) -> None:
    ending = play(platform=ENDINGS[code](), environment=GITHUB)
    assert ending.code == code
    assert outputs()["exit-code"] == str(int(code))
    assert outputs()["verdict"] == {0: "passed", 1: "failed"}.get(code, "unjudged")
    assert Path(outputs()["junit-path"]).is_file()
    assert ("\n::error title=" in ending.err) is (code != 0)


def test_usage_error_sets_the_outputs_and_unwritable_ones_only_cost_a_pass(play: Play) -> None:
    ending = play("run", "--timeout", "soon", environment=GITHUB)
    assert ending.code == ExitCode.USAGE
    assert (outputs()["verdict"], outputs()["exit-code"]) == ("unjudged", "2")
    assert "::error title=ci-gate::" in ending.err
    nowhere = GITHUB | {"GITHUB_OUTPUT": "nowhere/outputs"}
    assert play(environment=nowhere).code == ExitCode.UNREPORTED
    assert play(platform=failing(), environment=nowhere).code == ExitCode.FAILED


ANNOUNCED = {
    "verdict": "unjudged", "junit-path": "ci-gate-report/junit.xml", "report-path": "ci-gate-report/report.json",
}  # fmt: skip


def test_run_is_an_output_as_soon_as_it_exists(play: Play) -> None:
    platform = WatchedPlatform(before_start=outputs)
    play(platform=platform, environment=GITHUB)
    assert platform.seen[0] == ANNOUNCED
    names = [line.partition("=")[0] for line in Path("outputs").read_text(encoding="utf-8").splitlines()]
    assert names[:5] == ["verdict", "junit-path", "report-path", "run-id", "verdict"]


def test_runs_of_several_suites_are_keyed_by_label(play: Play) -> None:
    play(environment=GITHUB | {"CI_GATE_SUITE": "Smoke\nFull"})
    assert "run-id" not in outputs()
    results = json.loads(outputs()["results"])
    assert {label: suite["run_id"] for label, suite in results.items()} == {"Smoke": "tr-1", "Full": "tr-1"}


@pytest.mark.parametrize("variable", GITHUB)
def test_each_variable_of_github_has_its_effect(variable: str, play: Play) -> None:
    ending = play(platform=failing(), environment={variable: GITHUB[variable]})
    assert "::error title=Smoke%3A FAILED::f1 " in ending.err
    assert Path("outputs").exists() is (variable == "GITHUB_OUTPUT")
    assert Path("step.md").exists() is (variable == "GITHUB_STEP_SUMMARY")


def test_wait_is_folded_and_the_verdict_is_not(play: Play) -> None:
    lines = play(environment=GITHUB).err.splitlines()
    inside = lines[lines.index("::group::waiting for the platform") : lines.index("::endgroup::")]
    assert any("to attach again" in line for line in inside)
    assert lines[lines.index("::endgroup::") + 1 :] == ["reports: ci-gate-report"]
    ending = play(platform=FakePlatform(starts=(ZeroDivisionError(),)), environment=GITHUB)
    assert ending.err.index("::endgroup::") < ending.err.index("::error ")
    for environment in (GITHUB, GITLAB):
        assert play("run", "--quiet", environment=environment).err == ""


def test_summary_page_is_filled_up_to_its_limit(play: Play) -> None:
    Path("step.md").write_text("x" * (markdown.LIMIT - 600), encoding="utf-8")
    play(platform=failing(), environment=GITHUB)
    page = Path("step.md").read_text(encoding="utf-8")
    assert "**Cut here**" in page
    assert len(page.encode()) <= markdown.LIMIT


@pytest.mark.parametrize("code", ENDINGS, ids=lambda code: code.name)
def test_reports_for_gitlab_exist_after_every_ending(code: ExitCode, play: Play) -> None:
    ending = play(platform=ENDINGS[code](), environment=GITLAB)
    assert ending.code == code
    assert f"GATE_EXIT_CODE={int(code)}\n" in (ending.folder / "gate.env").read_text(encoding="utf-8")
    assert all((ending.folder / name).is_file() for name in REPORTS)
    assert "::" not in ending.err


def test_reports_of_an_earlier_run_are_removed_before_the_run(play: Play) -> None:
    def seen() -> bool:
        return any(Path("ci-gate-report", name).exists() for name in REPORTS)

    play(environment=GITLAB)
    platform = WatchedPlatform(before_start=seen)
    play(platform=platform, environment=GITLAB)
    assert platform.seen[0] is False


def test_no_reports_for_gitlab_are_written_elsewhere(play: Play) -> None:
    Path("ci-gate-report").mkdir()
    Path("ci-gate-report/metrics.txt").write_text("mine", encoding="utf-8")
    ending = play()
    assert (ending.folder / "metrics.txt").read_text(encoding="utf-8") == "mine"
    assert not (ending.folder / "gate.env").exists()


def test_links_lead_to_the_pages_of_this_job(play: Play) -> None:
    project = "https://gitlab.example/p/-"
    pages = {
        "CI_PIPELINE_URL": f"{project}/pipelines/7", "CI_JOB_URL": f"{project}/jobs/8",
        "CI_PROJECT_DIR": str(Path.cwd()),
    }  # fmt: skip
    ending = play("run", "--report-dir", "out/my reports", environment=GITLAB | pages, folder="out/my reports")
    entries = json.loads((ending.folder / "annotations.json").read_bytes())["ci-gate"]
    assert [entry["external_link"]["url"] for entry in entries] == [
        f"{project}/pipelines/7/test_report",
        f"{project}/jobs/8/artifacts/file/out/my%20reports/summary.md",
        f"{project}/jobs/8/artifacts/browse/out/my%20reports/",
    ]
    ending = play(environment=GITLAB | {"CI_JOB_URL": f"{project}/jobs/8", "CI_PROJECT_DIR": "/somewhere/else"})
    assert json.loads((ending.folder / "annotations.json").read_bytes()) == {"ci-gate": []}


def test_section_of_the_log_has_its_times(play: Play) -> None:
    err = play(platform=FakePlatform(statuses=(waiting(0.5), ended(RunState.FAILED))), environment=GITLAB).err
    start, end = re.findall(r"\x1b\[0Ksection_(start|end):(\d+):ci_gate(?:\[collapsed=true\])?\r\x1b\[0K", err)
    assert (start[0], end[0]) == ("start", "end")
    assert int(end[1]) > int(start[1])


def test_demo_writes_nothing_for_the_ci_system() -> None:
    ending = run_cli("demo", "--scenario", "failing", environment=GITHUB | GITLAB, folder="ci-gate-demo")
    assert ending.code == ExitCode.FAILED
    assert not Path("outputs").exists()
    assert not Path("step.md").exists()
    assert "::" not in ending.err


def assert_agree(ending: Ending) -> None:
    """Check that outputs, reports and exit code agree."""
    code = str(int(ending.code))
    assert (outputs()["exit-code"], str(ending.report["exit_code"])) == (code, code)
    assert (outputs()["verdict"] == "passed") is (ending.code == 0)
    assert bool(ending.junit_problems) is (ending.code != 0)


@pytest.mark.parametrize("page", ["nowhere/step.md", "x" * 300], ids=["nowhere", "overlong"])
def test_outputs_agree_when_the_summary_page_is_lost(page: str, play: Play) -> None:
    ending = play(environment=GITHUB | {"GITHUB_STEP_SUMMARY": page})
    assert ending.code == ExitCode.UNREPORTED
    assert_agree(ending)


def test_outputs_agree_after_a_signal_during_the_summary(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_bug_in_the_code_for_a_ci_system_ends_in_70(hook: str, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_placeholder_removes_the_results_of_an_earlier_run(system: dict[str, str], play: Play) -> None:
    play(environment=system)
    Path("outputs").unlink(missing_ok=True)
    write_placeholder("run", runtime_of(FakeClock(), system))
    left = {path.name for path in Path("ci-gate-report").iterdir()}
    assert left == {"junit.xml", "run.json"}  # which says nothing of any verdict
    assert "the gate has not finished" in Path("ci-gate-report/junit.xml").read_text(encoding="utf-8")
    if system is GITHUB:
        assert outputs() == ANNOUNCED


def test_placeholder_ignores_a_folder_that_cannot_be_written() -> None:
    Path("ci-gate-report").write_text("in the way", encoding="utf-8")
    write_placeholder("run", runtime_of(FakeClock(), GITHUB))
    assert outputs()["verdict"] == "unjudged"


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_unwritable_file_of_github_is_reported_before_a_run_is_started(name: str, play: Play) -> None:
    ending = play(environment={"GITHUB_ACTIONS": "true", name: "nowhere/file"})
    assert ending.code == ExitCode.UNREPORTED
    words = f"warning: the file that {name} names cannot be written: nowhere/file: No such file or directory"
    assert ending.err.index(words) < ending.err.index("Smoke: run tr-1")
