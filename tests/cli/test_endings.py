"""Every ending of the gate, over a real socket, through the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import jwt
import pytest

from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.cli.replays import FOLDER, assert_alike, assert_printed_commands_end_alike, replay
from tests.files import write_settings
from tests.sandbox import USUAL, Sandbox, check, run_simulated

if TYPE_CHECKING:
    from tests.sandbox import Ending

MIN_F1 = ("--min-f1", "0.9")
PARTIAL = ("--tolerate", "partial")
NOTHING_EVALUATED = "no utterance was evaluated"


class Row(NamedTuple):
    """A scenario, flags beside the usual ones, the exit code, and a part of the output."""

    scenario: Scenario
    flags: tuple[str, ...]
    code: ExitCode
    words: str


ENDINGS = [
    Row(Scenario.PASSING, (), ExitCode.PASSED, "PASSED"),
    Row(Scenario.LATE_FILE, (), ExitCode.PASSED, "PASSED"),
    Row(Scenario.EXPIRED_LINK, (), ExitCode.PASSED, "PASSED"),
    Row(Scenario.FLAKY, (), ExitCode.PASSED, "PASSED"),
    Row(Scenario.SLOW, (), ExitCode.PASSED, "PASSED"),
    Row(Scenario.FAILING, (), ExitCode.FAILED, " < 0.90"),
    Row(Scenario.FAILING, ("--advisory",), ExitCode.PASSED, "advisory"),
    Row(Scenario.REGRESSED, (), ExitCode.PASSED, "PASSED"),
    Row(Scenario.PLATFORM_FAILED, (), ExitCode.PLATFORM, "ended on the platform as 'failed'"),
    Row(Scenario.CANCELLED, (), ExitCode.PLATFORM, "ended on the platform as 'cancelled'"),
    Row(Scenario.UNKNOWN_SUITE, (), ExitCode.PLATFORM, "Test Suite not found"),
    Row(Scenario.STUCK, (), ExitCode.TIMEOUT, "the deadline passed"),
    Row(Scenario.PARTIAL, (), ExitCode.INCONCLUSIVE, "failed in part"),
    Row(Scenario.PARTIAL, PARTIAL, ExitCode.INCONCLUSIVE, "33 utterances were not evaluated"),
    Row(
        Scenario.PARTIAL,
        (*PARTIAL, "--min-f1", "0.85", "--min-accuracy", "0.8"),
        ExitCode.PASSED,
        "(tolerated: partial)",
    ),
    Row(Scenario.PARTIAL, (*PARTIAL, "--min-f1", "0.97"), ExitCode.FAILED, "(tolerated: partial)"),
    Row(Scenario.NO_RESULTS, (), ExitCode.INCONCLUSIVE, "offers no results file"),
    Row(Scenario.NO_RESULTS, ("--tolerate", "no-file"), ExitCode.PASSED, "PASSED"),
    Row(Scenario.UNEVALUATED, (), ExitCode.INCONCLUSIVE, NOTHING_EVALUATED),
    Row(Scenario.UNEVALUATED, ("--advisory",), ExitCode.INCONCLUSIVE, NOTHING_EVALUATED),
    Row(Scenario.UNEVALUATED, ("--max-failed-utterances", "0"), ExitCode.INCONCLUSIVE, NOTHING_EVALUATED),
    Row(Scenario.UNEVALUATED, ("--max-failed-utterances", "off"), ExitCode.INCONCLUSIVE, NOTHING_EVALUATED),
    Row(Scenario.DENIED, (), ExitCode.DENIED, "Invalid SDK credentials"),
    Row(Scenario.NO_SCOPE, (), ExitCode.DENIED, "Scope is incorrect"),
]


@pytest.mark.parametrize("row", ENDINGS, ids=lambda row: " ".join((row.scenario, *row.flags)))
def test_every_scenario_ends_as_documented_in_every_report_and_replay(row: Row) -> None:
    with Sandbox(row.scenario) as sandbox:
        ending = sandbox.run(*row.flags)
        assert ending.code == row.code, ending.output
        assert row.words in ending.out
        assert_reports_agree(ending)
        assert_log_is_readable(ending)
        never_started = row.scenario in (Scenario.UNKNOWN_SUITE, Scenario.DENIED, Scenario.NO_SCOPE)
        assert ("to attach again: ci-gate gate tr-" in ending.err) is not never_started
        assert_files_are_judged_alike(ending, row)
        assert_folder_replays(ending)
        if "--tolerate" not in row.flags:  # a command that attaches late has not seen that the run shrank
            assert_printed_commands_end_alike(ending, sandbox)


def assert_reports_agree(ending: Ending) -> None:
    """Fail unless every report contains the exit code, the verdict and the error of the only suite."""
    verdict = {0: "passed", 1: "failed"}.get(ending.code, "unjudged")
    assert (ending.report["exit_code"], ending.report["verdict"]) == (ending.code, verdict)
    suite = ending.suite
    assert suite["exit_code"] == ending.code
    assert (suite["error"] is None) is (suite["verdict"] != "unjudged")
    assert bool(ending.junit_problems) is (ending.code != 0)
    assert all(ending.junit_problems), "a failure or error without a message"
    if suite["error"]:
        assert suite["error"]["message"] in ending.junit_problems
        assert suite["error"]["code"] == ending.code
    assert ending.summary.strip()


def assert_log_is_readable(ending: Ending) -> None:
    """Fail if the output has control characters, or a line for every request."""
    assert not [char for char in ending.output if ord(char) < 32 and char != "\n"]
    assert len(ending.err.splitlines()) < 45


def assert_files_are_judged_alike(ending: Ending, row: Row) -> None:
    """Run ``check`` on the files that a run left, and fail unless it comes to the same report."""
    suite = ending.suite
    if not list(ending.folder.glob("*.results.csv")):
        assert suite["verdict"] == "unjudged" or row.scenario is Scenario.NO_RESULTS
    elif row.scenario is not Scenario.PARTIAL:  # only a command that watches the run sees it shrink
        files = (str(ending.file("*.results.csv")), "--status", str(ending.file("*.status.json")))
        checked = check(*files, *USUAL, *row.flags)
        assert checked.code == row.code, checked.output
        same = ("suite", "label", "verdict", "counts", "scores", "checks", "mismatches", "utterances", "intents")
        again = checked.suite
        assert {field: again[field] for field in same} == {field: suite[field] for field in same}
        assert (again["source"], again["bot_id"]) == ("files", suite["bot_id"])


def assert_folder_replays(ending: Ending) -> None:
    """Run ``check --replay``, twice in a row; fail unless it comes to the same report or is refused as impossible."""
    is_possible = ending.code in (0, 1, 5) and bool([*FOLDER.glob("*.results.csv")])
    assert ("`ci-gate check --replay ci-gate-report`" in ending.summary) is is_possible
    report = ending.report
    again = replay()
    if is_possible:
        assert_alike(ending, again)
        assert "`ci-gate check --replay ci-gate-check`" in again.summary
        assert_alike(ending, replay("ci-gate-check", folder="ci-gate-replay"))
    else:
        assert again.code == again.report["exit_code"] == ExitCode.USAGE
        assert ending.report == report


def test_a_run_keeps_results_that_are_the_platforms_own_bytes_and_pass_without_a_status() -> None:
    ending = run_simulated(Scenario.PASSING)
    results = ending.file("*.results.csv")
    assert results.read_bytes().startswith(b'"Bot Name:"')
    assert b"\r\n" in results.read_bytes()
    alone = check(str(results), *MIN_F1)
    assert alone.code == 0
    assert alone.suite["counts"]["tp"] == ending.suite["counts"]["tp"]
    status = json.loads(ending.file("*.status.json").read_bytes())
    assert status["result"]["fileUrl"].endswith(".csv"), "the link is kept without its signature"


def test_a_command_can_attach_to_a_run_that_another_started() -> None:
    with Sandbox(Scenario.STUCK) as sandbox:
        lost = sandbox.run("--timeout", "20s")
        run_id = lost.suite["run_id"]
        again = sandbox.command("gate", run_id, "--suite", "{suite}", *MIN_F1, "--timeout", "30s")
    assert lost.code == again.code == ExitCode.TIMEOUT
    assert f"ci-gate gate {run_id}" in lost.out
    with Sandbox() as sandbox:
        run_id = sandbox.run().suite["run_id"]
        attached = sandbox.command("gate", run_id, "--suite", "{suite}", *MIN_F1, "--max-age", "1h")
        published = sandbox.command("gate", run_id, "--suite", "{suite}", *MIN_F1, "--bot-version", "published")
    assert (attached.code, attached.suite["source"]) == (0, "attached")
    assert published.code == ExitCode.INCONCLUSIVE
    assert "'published', but the run's is 'inDevelopment'" in published.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("gate", "tr-nobody", "--suite", "{suite}"), "Test Result not found"),
        (("run", "--suite", "Banking regresion"), "did you mean 'Banking regression'?"),
    ],
    ids=["run", "suite"],
)
def test_an_unknown_run_or_suite_ends_with_the_code_of_the_platform(arguments: tuple[str, ...], words: str) -> None:
    with Sandbox() as sandbox:
        ending = sandbox.command(*arguments, *MIN_F1)
    assert ending.code == ExitCode.PLATFORM
    assert words in ending.out


def test_several_suites_of_several_bots_make_one_report() -> None:
    with Sandbox(Scenario.FAILING) as sandbox:
        bank, airline = sandbox.simulator.bots
        write_settings(
            f"""
            [thresholds]
            min_f1 = 0.90
            [[suites]]
            name = "{bank.suites[0]}"
            [[suites]]
            name = "{bank.suites[1]}"
            label = "smoke"
            thresholds = {{ min_f1 = 0.10 }}
            [[suites]]
            name = "{airline.suites[0]}"
            bot_id = "{airline.id}"
            advisory = true
            """
        )
        ending = sandbox.command("run")
    assert ending.code == ExitCode.FAILED
    suites = {suite["label"]: suite for suite in ending.report["suites"]}
    assert [suite["verdict"] for suite in suites.values()] == ["failed", "passed", "failed"]
    assert [suite["exit_code"] for suite in suites.values()] == [1, 0, 0]
    assert [suite.get("name") for suite in ending.junit.iter("testsuite")] == list(suites)
    assert ending.report["advisory"] is True
    assert len(list(ending.folder.glob("*.results.csv"))) == 3


def test_every_request_has_a_token_that_the_platform_has_not_seen() -> None:
    with Sandbox(enforce_jti=True) as sandbox:
        assert sandbox.run().code == 0


def test_a_ready_token_is_sent_unchanged_and_its_expiry_is_announced() -> None:
    with Sandbox() as sandbox:
        claims = {"appId": sandbox.simulator.client_id, "sub": "me", "exp": int(sandbox.clock.epoch()) + 900}
        token = jwt.encode(claims, sandbox.simulator.client_secret, algorithm="HS256")
        del sandbox.environment["CI_GATE_CLIENT_ID"], sandbox.environment["CI_GATE_CLIENT_SECRET"]
        sandbox.environment["CI_GATE_JWT"] = f" {token}\n"
        long = sandbox.run()
        short = sandbox.run("--timeout", "10m")
        sandbox.clock.time += 2000
        late = sandbox.run()
    assert long.code == short.code == 0
    assert "the token in CI_GATE_JWT expires in 15 min, before the deadline" in long.err
    assert "CI_GATE_JWT" not in short.err
    assert late.code == ExitCode.DENIED
    assert "expires already" in late.err


def test_hidden_utterances_appear_nowhere() -> None:
    with Sandbox(Scenario.FAILING) as sandbox:
        shown = sandbox.run("--report-dir", "shown", folder="shown")
        hidden = sandbox.run("--utterances", "hash", "--verbose")
    assert not list(hidden.folder.glob("*.csv"))
    assert "Replay" in shown.summary
    assert "Replay" not in hidden.summary
    texts = [mismatch["utterance"] for mismatch in shown.suite["mismatches"]]
    assert len(texts) > 20
    assert not [text for text in texts if len(text) > 12 and text in hidden.everything]
    keys = [[one["key"] for one in ending.suite["utterances"]] for ending in (shown, hidden)]
    assert keys[0] == keys[1]
