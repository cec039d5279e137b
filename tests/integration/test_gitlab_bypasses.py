"""Attempts to make a GitLab gate green, tolerated or overridden although the bot has not passed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ci_gate.simulator import Scenario, Simulator
from tests.integration.checkout import repository
from tests.integration.gitlab import project
from tests.integration.test_gitlab import PLAIN, TEMPLATE, TOLERANT, assert_reported, including, tolerated, variables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.board import Board
    from tests.integration.checkout import Checkout

pytestmark = pytest.mark.integration

PACKAGE = "git+https://git.example.com/x@0123456789abcdef0123456789abcdef01234567"
TAGGED = {"CI_COMMIT_TAG": "v1", "CI_COMMIT_BRANCH": ""}
PUBLISH = "publish-bot:\n  stage: deploy\n  needs: [bot-gate]\n  script:\n    - echo published\n"


def nothing(_folder: Path) -> str:
    """Return a repository that does not exist."""
    return f"git+file:///nowhere/ci-gate@{'0' * 40}"


def something_else(folder: Path) -> str:
    """Return a package that installs without an error but is not the gate."""
    build = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    wheel = '[tool.hatch.build.targets.wheel]\ninclude = ["other_tool.py"]\n'
    metadata = f'{build}[project]\nname = "other-tool"\nversion = "1"\n{wheel}'
    return repository(folder, {"pyproject.toml": metadata, "other_tool.py": ""}).package


@pytest.mark.parametrize(("name", "package"), [("nothing", nothing), ("something else", something_else)])
def test_an_installation_without_the_gate_is_never_tolerated_and_shows_no_older_report(
    name: str, package: Callable[[Path], str], tmp_path: Path, checkout: Checkout, board: Board
) -> None:
    wrong = variables(checkout) | {"GATE_PACKAGE": package(tmp_path / "other")}
    files = {".gitlab-ci.yml": tolerated(PLAIN), "ci-gate-report/junit.xml": "<testsuites/>"}
    pipeline = project(tmp_path, files, wrong).run("bot-gate")
    assert pipeline.outcomes == {"bot-gate": "FAIL"}, pipeline.log
    assert pipeline.codes == {"bot-gate": 70}
    assert not list(pipeline.artifacts.rglob("junit.xml"))
    board.write("GitLab CI", f"{name} installed", "FAIL", 70, "the log")


def test_without_secrets_the_gate_is_not_passed_and_says_why(tmp_path: Path, checkout: Checkout, board: Board) -> None:
    with Simulator() as simulator:
        none = {"CI_GATE_CLIENT_ID": "", "CI_GATE_CLIENT_SECRET": ""}
        pipeline = project(tmp_path, {".gitlab-ci.yml": tolerated(PLAIN)}, variables(checkout, simulator) | none).run(
            "bot-gate"
        )
    assert pipeline.outcomes == {"bot-gate": "FAIL"}, pipeline.log
    assert_reported(pipeline, 2)
    assert "forks and unprotected branches" in pipeline.log
    board.write("GitLab CI", "fork, no secrets", "FAIL", 2, pipeline.problems[0][1].partition("\n")[0])


def test_a_tolerant_template_does_not_tolerate_a_release(tmp_path: Path, checkout: Checkout, board: Board) -> None:
    example = including(**{"package": PACKAGE, "min-f1": "0.90"}) + TOLERANT + PUBLISH
    with Simulator(scenario=Scenario.FAILING, duration=1.0) as simulator:
        files = {".gitlab-ci.yml": example, "template.yml": TEMPLATE}
        pipeline = project(tmp_path, files, variables(checkout, simulator) | TAGGED).run()
    assert pipeline.outcomes == {"bot-gate": "FAIL"}, pipeline.log
    board.write("GitLab CI, template", "release, failing, tolerated elsewhere", "FAIL", 1, "publish-bot did not run")


@pytest.mark.parametrize("way", ["plain", "template"])
def test_a_release_is_not_gated_in_an_advisory_way(way: str, tmp_path: Path, checkout: Checkout, board: Board) -> None:
    example = including(**{"package": PACKAGE, "min-f1": "0.90"}) + "\n" + PUBLISH
    files = {"plain": {".gitlab-ci.yml": PLAIN}, "template": {".gitlab-ci.yml": example, "template.yml": TEMPLATE}}[way]
    with Simulator(scenario=Scenario.FAILING, duration=1.0) as simulator:
        release = variables(checkout, simulator) | TAGGED
        pipeline = project(tmp_path, files | {"ci-gate.toml": "advisory = true\n"}, release).run()
    (gate,) = pipeline.outcomes
    assert pipeline.outcomes == {gate: "FAIL"}, pipeline.log
    assert_reported(pipeline, 1)
    board.write("GitLab CI", f"release, failing, advisory in the file, {way}", "FAIL", 1, "publish-bot did not run")


def test_a_suite_that_is_advisory_in_the_file_is_not_published(tmp_path: Path, checkout: Checkout) -> None:
    with Simulator(scenario=Scenario.FAILING, duration=1.0) as simulator:
        release = variables(checkout, simulator) | TAGGED
        entry = f"[[suites]]\nname = '{release['CI_GATE_SUITE']}'\nadvisory = true\n"
        pipeline = project(tmp_path, {".gitlab-ci.yml": PLAIN, "ci-gate.toml": entry}, release).run()
    assert pipeline.outcomes == {"bot-gate": "PASS", "publish-bot": "FAIL"}, pipeline.log


def test_a_release_gate_that_came_to_be_tolerated_publishes_nothing(tmp_path: Path, checkout: Checkout) -> None:
    careless = tolerated(PLAIN).replace("      allow_failure: false", "      # allow_failure: false")
    with Simulator(scenario=Scenario.FAILING, duration=1.0) as simulator:
        pipeline = project(tmp_path, {".gitlab-ci.yml": careless}, variables(checkout, simulator) | TAGGED).run()
    assert pipeline.outcomes == {"bot-gate": "WARN", "publish-bot": "FAIL", "after": "PASS"}, pipeline.log


def test_an_earlier_job_changes_neither_settings_nor_report_nor_ending(tmp_path: Path, checkout: Checkout) -> None:
    earlier = """
default:
  before_script: ["false"]
early:
  stage: build
  before_script: []
  script:
    - echo CI_GATE_MIN_F1=0.01 > settings.env
    - echo CI_GATE_MIN_ACCURACY=0.01 >> settings.env
    - mkdir -p ci-gate-report && echo green > ci-gate-report/old.xml
  artifacts:
    paths: [ci-gate-report/]
    reports:
      dotenv: settings.env
"""
    text = re.sub("^stages: .*$", "stages: [build, test, deploy]", PLAIN, flags=re.MULTILINE) + earlier
    with Simulator(scenario=Scenario.FAILING, duration=1.0) as simulator:
        made = project(tmp_path, {".gitlab-ci.yml": text}, variables(checkout, simulator))
        pipeline = made.run("--shell-isolation")
    assert pipeline.outcomes == {"early": "PASS", "bot-gate": "FAIL"}, pipeline.log
    assert "f1 >= 0.90" in pipeline.log
    assert not (pipeline.artifacts / "bot-gate" / "ci-gate-report" / "old.xml").exists()


@pytest.mark.parametrize(
    ("context", "jobs"),
    [
        ({"CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_BRANCH": ""}, {"bot-gate"}),
        ({}, {"bot-gate"}),
        ({"CI_COMMIT_BRANCH": "feature"}, set()),
        (TAGGED, {"bot-gate", "publish-bot"}),
    ],
    ids=["merge request", "default branch", "another branch", "tag"],
)
def test_merge_requests_the_default_branch_and_tags_are_gated(
    context: dict[str, str], jobs: set[str], tmp_path: Path
) -> None:
    pipeline = project(tmp_path, {".gitlab-ci.yml": PLAIN}, context).run("--list-csv")
    listed = {line.split(";")[0] for line in pipeline.log.splitlines() if re.match(r"[a-z-]+;.*;on_success;", line)}
    assert listed == jobs, pipeline.log
