"""The example workflows for GitHub Actions, executed as they stand, against the simulator."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ci_gate.simulator import Scenario, Simulator
from tests.integration.checkout import surroundings
from tests.integration.github import examples
from tests.integration.github.act import HEAD, NUMBER, Act, Event, pull_request
from tests.integration.github.api import FakeGitHub
from tests.integration.platform import nowhere, secrets_of
from tests.simulator.caller import Caller, Clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.board import Board
    from tests.integration.checkout import Checkout

pytestmark = pytest.mark.integration

GITHUB = "GitHub Actions"
TAG = Event("push", {"ref": "refs/tags/v1.2.3"})
HOSTILE = """it's "quoted"; touch pwned; $(touch pwned) `touch pwned` ${{ github.token }} \\ ::error::x"""


@pytest.fixture(scope="session")
def act(tmp_path_factory: pytest.TempPathFactory, checkout: Checkout) -> Act:
    """Return an ``Act`` with one package cache for all workflows."""
    return Act(tmp_path_factory.mktemp("act"), checkout, tmp_path_factory.mktemp("cache"))


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """Yield the API that receives the comment."""
    with FakeGitHub() as fake:
        yield fake


def unreachable(name: str) -> str:
    """Return an example with an unreachable platform and a timeout of three seconds."""
    text = (examples.FOLDER / name).read_text(encoding="utf-8")
    (patience,) = {line.strip() for line in text.splitlines() if line.strip().startswith("timeout:")}
    changes = {examples.HOST: nowhere(), examples.BANKING: "st-5f0c8b1e-2f6d-5c7a-9a53-0d9c2f1b7e44"}
    return examples.example(name, changes | {patience: "timeout: 3s"})


ANYBODY = {"CI_GATE_CLIENT_ID": "cs-0000", "CI_GATE_CLIENT_SECRET": "an-invented-secret-for-nothing-at-all"}


def test_a_bot_that_passes_makes_the_pull_request_green(act: Act, board: Board, github: FakeGitHub) -> None:
    with Simulator(duration=1.0) as simulator:
        played = act.play(
            examples.at(simulator, "pull-request.yml"), pull_request(), secrets=secrets_of(simulator), api=github.url
        )

    assert (played.exit_code, played.results()) == (0, {"Bot gate": "success", "Comment": "success"})
    assert played.report()["verdict"] == "passed"
    assert "## ✅ PASSED: <code>Banking regression</code>" in played.summary
    (comment,) = github.by_bot(NUMBER)
    assert f"Commit {HEAD}: gate **success**, exit code 0" in comment
    assert "## ✅ PASSED: <code>Banking regression</code>" in comment
    board.write(GITHUB, "pass", "success", played.report()["exit_code"], "summary, artifact, comment")


def test_a_bot_that_fails_blocks_the_pull_request_until_it_is_mended(
    act: Act, board: Board, github: FakeGitHub
) -> None:
    with Simulator(scenario=Scenario.FAILING, duration=1.0) as simulator:
        failed = act.play(
            examples.at(simulator, "pull-request.yml"), pull_request(), secrets=secrets_of(simulator), api=github.url
        )
    comments = github.by_bot(NUMBER)
    with Simulator(duration=1.0) as simulator:
        mended = act.play(
            examples.at(simulator, "pull-request.yml"), pull_request(), secrets=secrets_of(simulator), api=github.url
        )

    assert (failed.exit_code, failed.results()) == (1, {"Bot gate": "failure", "Comment": "success"})
    assert (failed.report()["verdict"], failed.report()["exit_code"]) == ("failed", 1)
    assert any("FAILED::f1 0.8376 < 0.90" in text for text in failed.annotations)
    assert "| ❌ failed | f1 >= 0.90 | 0.8376 |" in failed.summary
    assert {path.name for path in failed.artifacts.joinpath("ci-gate-report-1").iterdir()} >= {
        "junit.xml",
        "summary.md",
        "report.json",
    }
    assert [comment.count("gate **failure**, exit code 1") for comment in comments] == [1]
    assert "| ❌ failed | f1 >= 0.90 | 0.8376 |" in comments[0]
    assert mended.exit_code == 0
    assert ["gate **success**" in comment for comment in github.by_bot(NUMBER)] == [True]
    board.write(GITHUB, "fail", failed.results()["Bot gate"], 1, "annotations, summary, artifact, comment")


def test_a_platform_that_is_down_blocks_and_is_not_taken_for_a_bad_bot(
    act: Act, board: Board, github: FakeGitHub
) -> None:
    played = act.play(unreachable("pull-request.yml"), pull_request(), secrets=ANYBODY, api=github.url)

    assert (played.exit_code, played.results()) == (1, {"Bot gate": "failure", "Comment": "success"})
    assert (played.report()["verdict"], played.report()["exit_code"]) == ("unjudged", 3)
    assert played.annotations != []
    assert not any("FAILED" in text for text in [*played.annotations, played.summary])
    (comment,) = github.by_bot(NUMBER)
    assert "gate **failure**, exit code 3" in comment
    assert "❔" in comment
    assert "FAILED" not in comment
    board.write(GITHUB, "platform down", played.results()["Bot gate"], 3, "annotations, summary, artifact, comment")


def test_a_pull_request_from_a_fork_is_red_and_says_that_it_has_no_secrets(
    act: Act, board: Board, github: FakeGitHub
) -> None:
    asked: list[str] = []
    with Simulator(duration=1.0, log=asked.append) as simulator:
        played = act.play(
            examples.at(simulator, "pull-request.yml"),
            pull_request(head="stranger/banking"),
            secrets={},
            api=github.url,
        )

    assert (played.exit_code, played.results()) == (1, {"Bot gate": "failure"})
    assert (played.report()["verdict"], played.report()["exit_code"]) == ("unjudged", 2)
    assert any("CI_GATE_CLIENT_ID" in text and "forks" in text for text in played.annotations)
    assert "keep secrets from forks" in played.summary
    assert (asked, github.comments, github.writes) == ([], [], [])
    board.write(GITHUB, "fork, no secrets", played.results()["Bot gate"], 2, "annotations, summary, artifact")


def test_a_merge_queue_is_gated_too_and_gets_no_comment(act: Act, github: FakeGitHub) -> None:
    event = Event("merge_group", {"action": "checks_requested", "merge_group": {"head_sha": HEAD}})
    with Simulator(duration=1.0) as simulator:
        played = act.play(
            examples.at(simulator, "pull-request.yml"), event, secrets=secrets_of(simulator), api=github.url
        )

    assert (played.exit_code, played.results()) == (0, {"Bot gate": "success"})
    assert github.writes == []


@pytest.fixture
def publications(tmp_path: Path) -> tuple[Path, Path]:
    """Return a folder with a fake ``gh`` that only records its arguments, and the file of the records."""
    notes = tmp_path / "notes"
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "gh").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>"{notes}"\n', encoding="utf-8")
    (programs / "gh").chmod(0o755)
    return programs, notes


def test_a_release_is_published_after_all_its_suites_passed(act: Act, publications: tuple[Path, Path]) -> None:
    programs, notes = publications
    with Simulator(duration=1.0) as simulator:
        played = act.play(examples.at(simulator, "release.yml"), TAG, secrets=secrets_of(simulator), programs=programs)

    assert (played.exit_code, played.results()) == (0, {"Release gate": "success", "Publish": "success"})
    assert [suite["suite"] for suite in played.report()["suites"]] == ["Banking smoke", "Banking regression"]
    assert notes.read_text(encoding="utf-8").split()[:3] == ["release", "create", "v1.2.3"]


def test_nothing_is_published_after_a_failed_gate(act: Act, board: Board, publications: tuple[Path, Path]) -> None:
    programs, notes = publications
    with Simulator(scenario=Scenario.FAILING, duration=1.0) as simulator:
        played = act.play(examples.at(simulator, "release.yml"), TAG, secrets=secrets_of(simulator), programs=programs)

    assert (played.exit_code, played.results()) == (1, {"Release gate": "failure"})
    assert played.report()["exit_code"] == 1
    assert not notes.exists()
    board.write(GITHUB, "release, fail", "not published", 1, "annotations, summary, artifact")


def test_nothing_is_published_while_the_platform_is_down(
    act: Act, board: Board, publications: tuple[Path, Path]
) -> None:
    programs, notes = publications
    played = act.play(unreachable("release.yml"), TAG, secrets=ANYBODY, programs=programs)

    assert (played.exit_code, played.results()) == (1, {"Release gate": "failure"})
    assert played.report()["exit_code"] == 3
    assert not notes.exists()
    board.write(GITHUB, "release, platform down", "not published", 3, "annotations, summary, artifact")


def test_the_nightly_gate_runs_the_suites_of_the_file_but_sends_the_secrets_only_where_the_workflow_says(
    act: Act,
) -> None:
    with Simulator(duration=1.0) as simulator:
        settings = f"""
            host = "{nowhere()}"
            bot_id = "{simulator.bots[0].id}"
            thresholds = {{ min_f1 = 0.9 }}
            suites = [{{ name = "Banking smoke" }}, {{ name = "Banking regression", label = "full" }}]
        """
        played = act.play(
            examples.at(simulator, "nightly.yml"),
            Event("schedule"),
            secrets=secrets_of(simulator),
            files={"ci-gate.toml": settings},
        )

    assert (played.exit_code, played.results()) == (0, {"Nightly gate": "success"})
    assert [suite["label"] for suite in played.report()["suites"]] == ["Banking smoke", "full"]


@pytest.mark.parametrize(("airlines_f1", "code", "together"), [("0.80", 0, "success"), ("1.00", 1, "failure")])
def test_one_check_over_all_bots_is_green_only_when_each_of_them_passed(
    act: Act, airlines_f1: str, code: int, together: str
) -> None:
    with Simulator(duration=1.0) as simulator:
        workflow = examples.at(simulator, "bots.yml", {"min-f1: 0.80": f"min-f1: {airlines_f1}"})
        played = act.play(workflow, pull_request(), secrets=secrets_of(simulator))

    # The failure of one bot must not prevent the verdict on the other.
    reports = {bot: played.report(f"ci-gate-report-{bot}-1")["exit_code"] for bot in ("banking", "airline")}
    assert reports == {"banking": 0, "airline": code}
    # act has one result for the whole matrix, so only the check over all of its jobs can be compared with that.
    assert (played.results()["All bots"], played.exit_code) == (together, code)


@pytest.mark.parametrize(
    ("result", "code"), [("success", 0), ("failure", 1), ("cancelled", 1), ("skipped", 1), ("", 1)]
)
def test_no_other_result_of_the_bots_than_success_makes_their_check_green(result: str, code: int) -> None:
    (step,) = yaml.safe_load(examples.example("bots.yml", {}))["jobs"]["all"]["steps"]
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]], env=surroundings(RESULT=result), capture_output=True, timeout=10
    )
    assert done.returncode == code
    assert done.stdout.startswith(b"::error title=All bots::") is (code != 0)


def dispatched(**payload: Any) -> Event:
    return Event("repository_dispatch", {"action": "bot-test-started", "client_payload": payload})


def test_a_run_that_was_started_elsewhere_is_judged_by_its_id(act: Act) -> None:
    asked: list[str] = []
    with Simulator(duration=1.0, log=asked.append) as simulator:
        run_id = Caller(simulator, Clock(time.time())).run()
        workflow = examples.at(simulator, "attach.yml")
        by_event = act.play(workflow, dispatched(**{"run-id": run_id}), secrets=secrets_of(simulator))
        by_hand = act.play(
            workflow, Event("workflow_dispatch", {"inputs": {"run-id": run_id}}), secrets=secrets_of(simulator)
        )

    for played in (by_event, by_hand):
        assert (played.exit_code, played.results()) == (0, {"Gate of a given run": "success"})
        (suite,) = played.report()["suites"]
        assert (suite["source"], suite["run_id"]) == ("attached", run_id)
    assert len([line for line in asked if "POST" in line]) == 1


@pytest.mark.parametrize("run_id", [None, "  ", HOSTILE, "-h"])
def test_without_the_id_of_a_run_nothing_is_started_and_nothing_is_green(act: Act, run_id: str | None) -> None:
    asked: list[str] = []
    with Simulator(duration=1.0, log=asked.append) as simulator:
        event = dispatched() if run_id is None else dispatched(**{"run-id": run_id})
        played = act.play(examples.at(simulator, "attach.yml"), event, secrets=secrets_of(simulator))

    assert (played.exit_code, played.results()) == (1, {"Gate of a given run": "failure"})
    assert [line for line in asked if "POST" in line] == []
    assert played.written("pwned") == []


def test_inputs_arrive_as_they_are_whatever_they_hold(act: Act) -> None:
    """The values come from the repository's variables, which a user may write in place of the examples' literals."""
    with Simulator(duration=1.0) as simulator:
        workflow = examples.at(simulator, "pull-request.yml", {"Banking regression": "${{ vars.SUITES }}"})
        played = act.play(
            workflow,
            pull_request(head="stranger/banking"),
            secrets=secrets_of(simulator),
            variables={"SUITES": f"Banking smoke\n{HOSTILE}\n"},
        )

    assert [suite["suite"] for suite in played.report()["suites"]] == ["Banking smoke", HOSTILE]
    assert [suite["exit_code"] for suite in played.report()["suites"]] == [0, 3]
    assert played.report()["exit_code"] == 3
    assert played.written("pwned") == []
