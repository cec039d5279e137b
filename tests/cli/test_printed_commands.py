"""Every command that an output prints ends, typed as it is printed, as the output states."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.cli.replays import assert_printed_commands_end_alike, printed
from tests.sandbox import USUAL, Sandbox

ELSEWHERE = ("--report-dir", "first run")


class Row(NamedTuple):
    """A command and the scenario of the simulator; test_endings has those with the usual thresholds."""

    scenario: Scenario
    words: tuple[str, ...]


ROWS = (
    Row(Scenario.OTHER_BOT, ("run", "--suite", "{suite}", *USUAL)),
    Row(Scenario.STUCK, ("run", "--suite", "{suite}", *USUAL, "--timeout", "5m")),
    Row(
        Scenario.FAILING, ("run", "--suite", "{suite}", "--max-mismatches", "400", "--tolerate", "partial", *ELSEWHERE)
    ),
    Row(Scenario.PASSING, ("run", "--suite", "{suite}", "--min-f1", "0.999", "--bot-version", "published")),
    Row(Scenario.REGRESSED, ("compare", "{suite}")),
    Row(Scenario.PASSING, ("compare", "{suite}", "--max-f1-drop", "0.2", *ELSEWHERE)),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join((row.scenario, *row.words)))
def test_every_printed_command_ends_as_the_first_one_did(row: Row) -> None:
    with Sandbox(row.scenario) as sandbox:
        folder = "first run" if "first run" in row.words else "ci-gate-report"
        assert_printed_commands_end_alike(sandbox.command(*row.words, folder=folder), sandbox)


@pytest.mark.parametrize("words", [(), ("--status", "mine.status.json")], ids=len)
def test_the_report_of_a_check_prints_the_command_that_replays_it(words: tuple[str, ...]) -> None:
    with Sandbox(Scenario.FAILING) as sandbox:
        ran = sandbox.run()
        for ending in ("results.csv", "status.json"):
            Path(f"mine.{ending}").write_bytes(ran.file(f"*.{ending}").read_bytes())
        checked = sandbox.command("check", "mine.results.csv", *USUAL, *words, folder="ci-gate-check")
        (line,) = printed(checked)
        again = sandbox.command(*shlex.split(line)[1:], folder="ci-gate-replay")
    assert line == "ci-gate check --replay ci-gate-check"
    assert again.code == checked.code == ExitCode.FAILED
    assert again.suite["checks"] == checked.suite["checks"]


def test_a_refused_resume_prints_how_to_attach_with_the_flags_of_this_command() -> None:
    with Sandbox(Scenario.STUCK, environment={"CI_GATE_COMMIT": "c0ffee1"}) as sandbox:
        sandbox.run("--timeout", "5m")
        refused = sandbox.run("--timeout", "6m", "--resume", "--max-mismatches", "7")
    assert refused.code == ExitCode.USAGE
    (line,) = printed(refused)
    _, run_id, *flags = shlex.split(line)[1:]
    assert run_id.startswith("tr-")
    usual = dict(zip(USUAL[::2], USUAL[1::2], strict=True))
    expected = {"--suite": sandbox.suite, **usual, "--max-mismatches": "7", "--timeout": "6m"}
    assert dict(zip(flags[::2], flags[1::2], strict=True)) == expected


def test_the_report_of_a_run_that_is_too_old_prints_how_to_start_another_with_the_same_flags() -> None:
    with Sandbox() as sandbox:
        run_id = sandbox.run().suite["run_id"]
        sandbox.clock.sleep(7200)
        old = sandbox.command("gate", run_id, "--suite", "{suite}", *USUAL, "--max-age", "1h")
        assert old.code == ExitCode.INCONCLUSIVE
        (line,) = [line for line in printed(old) if " run " in line]
        assert sandbox.command(*shlex.split(line)[1:]).code == ExitCode.PASSED
    assert "--max-age 1h" in line


@pytest.mark.parametrize("folder", ["a `b`", "reports/link?sig=CanarySignature"])
def test_no_replay_is_printed_for_a_folder_that_no_line_can_hold(folder: str) -> None:
    with Sandbox() as sandbox:
        ending = sandbox.run("--report-dir", folder, folder=folder)
    assert ending.code == ExitCode.PASSED
    assert "--replay" not in ending.summary
    assert ending.report["settings"]
