"""The blocks of the README, pasted as a new user would: with an own host, bot and suite, and two secrets."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ci_gate.simulator import Scenario, Simulator
from tests.integration.github.act import Act, pull_request
from tests.integration.github.test_lint import WORKFLOW_LINTERS, lint
from tests.integration.gitlab import project
from tests.integration.jenkins.builds import paste
from tests.integration.platform import secrets_of
from tests.integration.test_jenkins import lint as lint_jenkinsfile
from tests.test_docs_blocks import block

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.board import Board
    from tests.integration.checkout import Checkout

pytestmark = pytest.mark.integration

ENDINGS = [(Scenario.PASSING, 0), (Scenario.FAILING, 1), (Scenario.PLATFORM_FAILED, 3)]
every_ending = pytest.mark.parametrize(("scenario", "code"), ENDINGS)


def with_own_values(text: str, simulator: Simulator) -> str:
    """Replace the platform, the bot and the suite, each of which occurs once in the block."""
    bank = simulator.bots[0]
    for theirs, own in (
        ("https://platform.kore.ai", simulator.url),
        ("st-00000000-0000-0000-0000-000000000000", bank.id),
        ("Full regression", bank.suites[1]),
    ):
        assert text.count(theirs) == 1
        text = text.replace(theirs, own)
    return text


@every_ending
def test_the_block_for_github(
    scenario: Scenario, code: int, tmp_path_factory: pytest.TempPathFactory, checkout: Checkout, board: Board
) -> None:
    act = Act(tmp_path_factory.mktemp("act"), checkout, tmp_path_factory.mktemp("cache"))
    with Simulator(scenario=scenario, duration=1.0) as simulator:
        played = act.play(with_own_values(block("github"), simulator), pull_request(), secrets=secrets_of(simulator))
    assert played.results() == {"Bot gate": "failure" if code else "success"}, played.log
    assert played.report()["exit_code"] == code
    board.write("README, GitHub", scenario.value, played.results()["Bot gate"], code, "the uploaded reports")


@every_ending
def test_the_block_for_gitlab(scenario: Scenario, code: int, tmp_path: Path, checkout: Checkout, board: Board) -> None:
    with Simulator(scenario=scenario, duration=1.0) as simulator:
        text = with_own_values(block("gitlab"), simulator)
        variables = secrets_of(simulator) | {"GATE_PACKAGE": checkout.package}
        pipeline = project(tmp_path, {".gitlab-ci.yml": text}, variables).run()
    assert pipeline.outcomes == {"bot-gate": "FAIL" if code else "PASS"}, pipeline.log
    assert pipeline.report["exit_code"] == code
    board.write("README, GitLab", scenario.value, pipeline.outcomes["bot-gate"], code, "the artifacts")


@every_ending
def test_the_block_for_jenkins(scenario: Scenario, code: int, tmp_path: Path, checkout: Checkout, board: Board) -> None:
    with Simulator(scenario=scenario, duration=1.0) as simulator:
        build = paste(block("jenkins"), simulator, checkout, tmp_path)
    assert (build.result == "SUCCESS") is (code == 0), build.log
    assert build.report["exit_code"] == code
    assert build.junit is not None
    board.write("README, Jenkins", scenario.value, build.result, code, f"{build.junit['total']} tests on the page")


@pytest.mark.parametrize("linter", WORKFLOW_LINTERS)
def test_every_linter_finds_the_block_for_github_clean(linter: str, tmp_path: Path) -> None:
    workflow = tmp_path / ".github" / "workflows" / "bot-gate.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(block("github"), encoding="utf-8")
    clean, said = lint(WORKFLOW_LINTERS[linter](workflow), tmp_path)
    assert clean, said


def test_the_block_for_gitlab_is_valid_for_gitlab(tmp_path: Path) -> None:
    pipeline = tmp_path / ".gitlab-ci.yml"
    pipeline.write_text(block("gitlab"), encoding="utf-8")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(pipeline)]
    done = subprocess.run(check, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_linter_finds_no_error_in_the_block_for_jenkins(tmp_path: Path) -> None:
    (tmp_path / "Jenkinsfile").write_text(block("jenkins"), encoding="utf-8")
    done = lint_jenkinsfile(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
