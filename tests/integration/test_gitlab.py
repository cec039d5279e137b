"""The GitLab examples, run unchanged: only the variables of the project differ."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import yaml

from ci_gate.simulator import Scenario, Simulator
from tests.integration.checkout import ROOT
from tests.integration.gitlab import REPORTS, Pipeline, Project, project
from tests.integration.platform import nowhere, own_values, secrets_of
from tests.integration.processes import comes_true, processes_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.board import Board
    from tests.integration.checkout import Checkout

pytestmark = pytest.mark.integration

EXAMPLES = ROOT / "examples" / "gitlab"
PLAIN = (EXAMPLES / ".gitlab-ci.yml").read_text(encoding="utf-8")
TEMPLATE = (EXAMPLES / "template.yml").read_text(encoding="utf-8")
TOLERANT = "\n\nbot-gate:\n  allow_failure:\n    exit_codes: [1]\n"
SHORT = {"CI_GATE_TIMEOUT": "2m"}
"""A short timeout, so that the gate of a cancelled job ends by itself if its test fails."""
SECRET = "a-secret-that-opens-nothing-at-all"


def tolerated(pipeline: str) -> str:
    """Return the plain file with the option that its comment explains, and a job that needs the gate."""
    option = "  # allow_failure:\n  #   exit_codes: [1]\n"
    assert option in pipeline
    after = "after:\n  stage: deploy\n  needs: [bot-gate]\n  script: [echo it said $GATE_VERDICT $GATE_EXIT_CODE]\n"
    return f"{pipeline.replace(option, option.replace('# ', ''))}\n{after}"


def including(**inputs: str) -> str:
    """Return a pipeline that contains only the template."""
    return yaml.safe_dump({"include": [{"local": "template.yml", "inputs": inputs}]})


def variables(checkout: Checkout, simulator: Simulator | None = None) -> dict[str, str]:
    """Return the variables that differ here: the package, the platform's address and its credentials."""
    if simulator is None:
        down = {"CI_GATE_HOST": nowhere(), "CI_GATE_TIMEOUT": "3s"}
        return {"GATE_PACKAGE": checkout.package, "CI_GATE_CLIENT_ID": "cs-x", "CI_GATE_CLIENT_SECRET": SECRET} | down
    return own_values(simulator, checkout) | secrets_of(simulator)


def assert_reported(pipeline: Pipeline, code: int) -> None:
    """Assert that every report that a job lists exists and agrees with the gate's exit code."""
    assert all((pipeline.folder / name).is_file() for name in REPORTS), pipeline.log
    assert f"GATE_EXIT_CODE={code}\n" in (pipeline.folder / "gate.env").read_text(encoding="utf-8")
    assert pipeline.report["exit_code"] == code
    assert bool(pipeline.problems) is (code != 0)


@pytest.fixture(params=["plain", "template"])
def written(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the files of a project, once for each way of writing the pipeline."""
    if request.param == "plain":
        return {".gitlab-ci.yml": PLAIN}
    example = {"package": "git+https://git.example.com/x@0123456789abcdef0123456789abcdef01234567", "min-f1": "0.90"}
    return {".gitlab-ci.yml": including(**example), "template.yml": TEMPLATE}


def system_of(written: dict[str, str]) -> str:
    """Return the name of this way of writing on the board."""
    return "GitLab CI, template" if "template.yml" in written else "GitLab CI"


@pytest.mark.parametrize(("scenario", "word", "code"), [(Scenario.PASSING, "PASS", 0), (Scenario.FAILING, "FAIL", 1)])
def test_a_judged_bot_is_green_or_blocked(
    scenario: Scenario, word: str, code: int, written: dict[str, str], tmp_path: Path, checkout: Checkout, board: Board
) -> None:
    with Simulator(scenario=scenario, duration=1.0) as simulator:
        pipeline = project(tmp_path, written, variables(checkout, simulator)).run("bot-gate")
        secret = simulator.client_secret
    assert pipeline.outcomes == {"bot-gate": word}, pipeline.log
    assert_reported(pipeline, code)
    assert secret not in pipeline.log
    shown = pipeline.problems[0][1] if code else "junit.xml, metrics.txt, annotations.json, gate.env"
    board.write(system_of(written), scenario.value, word, code, shown)


def test_a_platform_that_is_down_blocks_and_is_no_failed_bot(
    written: dict[str, str], tmp_path: Path, checkout: Checkout, board: Board
) -> None:
    # This also holds if a failed bot is tolerated. The job that would run next cannot be observed here: gitlab-ci-local
    # continues after any exit code of a job that tolerates some; only its word for the outcome distinguishes them.
    pipeline_file = written[".gitlab-ci.yml"] + TOLERANT if "template.yml" in written else tolerated(PLAIN)
    tolerant = written | {".gitlab-ci.yml": pipeline_file}
    here = variables(checkout) | {"CI_GATE_BOT_ID": "st-1", "CI_GATE_SUITE": "S"}
    pipeline = project(tmp_path, tolerant, here).run("bot-gate")
    assert pipeline.outcomes == {"bot-gate": "FAIL"}, pipeline.log
    assert_reported(pipeline, 3)
    assert [tag for tag, _ in pipeline.problems] == ["error"]
    board.write(system_of(written), "platform down", "FAIL", 3, pipeline.problems[0][1].partition("\n")[0])


def test_a_tolerated_failure_is_a_warning_and_lets_the_next_job_run(
    tmp_path: Path, checkout: Checkout, board: Board
) -> None:
    with Simulator(scenario=Scenario.FAILING, duration=1.0) as simulator:
        pipeline = project(tmp_path, {".gitlab-ci.yml": tolerated(PLAIN)}, variables(checkout, simulator)).run()
    assert pipeline.outcomes == {"bot-gate": "WARN", "after": "PASS"}, pipeline.log
    assert "it said failed 1" in pipeline.log
    board.write("GitLab CI", "failing, tolerated", "WARN", 1, "the next job reads GATE_VERDICT=failed")


@pytest.mark.parametrize(("scenario", "words"), [(Scenario.PASSING, ["PASS", "PASS"]), (Scenario.FAILING, ["FAIL"])])
def test_the_bot_is_published_only_behind_a_gate_that_passed(
    scenario: Scenario, words: list[str], tmp_path: Path, checkout: Checkout, board: Board
) -> None:
    with Simulator(scenario=scenario, duration=1.0) as simulator:
        tagged = variables(checkout, simulator) | {"CI_COMMIT_TAG": "v1", "CI_COMMIT_BRANCH": ""}
        pipeline = project(tmp_path, {".gitlab-ci.yml": PLAIN}, tagged).run()
    assert dict(zip(["bot-gate", "publish-bot"], words, strict=False)) == pipeline.outcomes, pipeline.log
    if scenario is Scenario.PASSING:
        assert re.search(r"The gate said passed, with an F1 of 0\.\d+\.", pipeline.log)
    board.write("GitLab CI", f"release, {scenario}", words[-1], pipeline.report["exit_code"], "publish-bot needs it")


@pytest.mark.parametrize(
    "suite", ['Banking "smoke"; $(touch pwned): {x}', "`touch pwned` 'x' $HOME && touch pwned | # %s \\"]
)
def test_inputs_are_data_whatever_they_hold(suite: str, tmp_path: Path, checkout: Checkout) -> None:
    example = including(package=f"git+https://git.example.com/x@{'0' * 40}", suite=suite, **{"min-f1": "0.90"})
    with Simulator() as simulator:
        given = variables(checkout, simulator)
        del given["CI_GATE_SUITE"]
        made = project(tmp_path, {".gitlab-ci.yml": example, "template.yml": TEMPLATE}, given)
        pipeline = made.run()
    assert pipeline.outcomes == {"bot-gate": "FAIL"}, pipeline.log
    assert [(entry["suite"], entry["exit_code"]) for entry in pipeline.report["suites"]] == [(suite, 3)]
    assert not list(tmp_path.rglob("pwned"))
    assert "CI_GATE_MIN_ACCURACY is empty" not in pipeline.log


@contextmanager
def waiting_job(folder: Path, checkout: Checkout) -> Iterator[tuple[Project, subprocess.Popen[bytes], str]]:
    """Yield a job whose gate waits for an endless run, the process that runs the job, and the platform's address."""
    asked: list[str] = []
    with Simulator(scenario=Scenario.STUCK, duration=1.0, log=asked.append) as simulator:
        made = project(folder, {".gitlab-ci.yml": PLAIN}, variables(checkout, simulator) | SHORT)
        with subprocess.Popen(
            made.command("--force-shell-executor", "bot-gate"),
            cwd=made.folder,
            env=made.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            assert comes_true(lambda: any(" GET " in line for line in asked), within=60)
            assert processes_of(simulator.url)
            yield made, process, simulator.url


def test_a_cancelled_job_leaves_its_reports_and_no_process(tmp_path: Path, checkout: Checkout, board: Board) -> None:
    with waiting_job(tmp_path, checkout) as (made, process, url):
        terminate_newest_first(url)
        pipeline = made.ended(process.communicate(timeout=60)[0])
        assert processes_of(url) == []
    assert pipeline.outcomes == {"bot-gate": "FAIL"}, pipeline.log
    assert_reported(pipeline, 143)
    board.write("GitLab CI", "cancelled", "FAIL", 143, pipeline.problems[0][1].partition("\n")[0])


def test_a_job_that_is_cancelled_as_a_group_leaves_its_reports_and_no_process(
    tmp_path: Path, checkout: Checkout
) -> None:
    with waiting_job(tmp_path, checkout) as (made, process, url):
        os.killpg(process.pid, signal.SIGTERM)  # as the shell executor does
        process.communicate(timeout=60)
        assert comes_true(lambda: not processes_of(url), within=10)
    # gitlab-ci-local belongs to the same process group, so it ends before it uploads anything.
    report = json.loads((made.folder / "ci-gate-report" / "report.json").read_bytes())
    assert report["exit_code"] == 143


def terminate_newest_first(url: str) -> None:
    """Terminate every process of a job in turn and wait for each, as the docker and kubernetes executors do."""

    def terminate(process: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
        comes_true(lambda: process not in processes_of(url), within=5)

    for process in sorted(processes_of(url), reverse=True):
        terminate(process)


def processes_of(url: str) -> list[int]:
    """Return the ids of the processes that run with the variables of a job: its shells and their children."""
    return [process.id for process in processes_with(f"CI_GATE_HOST={url}\0")]


def test_both_files_are_valid_for_gitlab(tmp_path: Path) -> None:
    example = including(package=f"git+https://git.example.com/x@{'0' * 40}", host="h", suite="S", **{"min-f1": "1"})
    made: Project = project(tmp_path, {".gitlab-ci.yml": example, "template.yml": TEMPLATE}, {})
    done = subprocess.run(
        made.command("--preview"), cwd=made.folder, env=made.environment(), capture_output=True, check=True, timeout=60
    )
    preview = tmp_path / "preview.yml"
    preview.write_bytes(done.stdout)
    for path in (EXAMPLES / ".gitlab-ci.yml", preview):
        check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(path)]
        checked = subprocess.run(check, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    links = json.dumps(yaml.safe_load(done.stdout)["bot-gate"]["artifacts"]["reports"])
    assert all(name in links for name in REPORTS)
