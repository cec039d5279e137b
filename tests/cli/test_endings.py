"""Every ending of the gate, over a real socket, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ci_gate.core.text.safe import file_stem
from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.stage import Ending, Stage

ENDINGS = [
    (Scenario.PASSING, (), ExitCode.PASSED, "PASSED"),
    (Scenario.LATE_FILE, (), ExitCode.PASSED, "PASSED"),
    (Scenario.EXPIRED_LINK, (), ExitCode.PASSED, "PASSED"),
    (Scenario.FLAKY, (), ExitCode.PASSED, "PASSED"),
    (Scenario.SLOW, (), ExitCode.PASSED, "PASSED"),
    (Scenario.FAILING, (), ExitCode.FAILED, " < 0.90"),
    (Scenario.FAILING, ("--advisory",), ExitCode.PASSED, "advisory"),
    (Scenario.REGRESSED, (), ExitCode.PASSED, "PASSED"),
    (Scenario.PLATFORM_FAILED, (), ExitCode.PLATFORM, "ended on the platform as 'failed'"),
    (Scenario.CANCELLED, (), ExitCode.PLATFORM, "ended on the platform as 'cancelled'"),
    (Scenario.UNKNOWN_SUITE, (), ExitCode.PLATFORM, "Test Suite not found"),
    (Scenario.STUCK, (), ExitCode.TIMEOUT, "the deadline passed"),
    (Scenario.PARTIAL, (), ExitCode.INCONCLUSIVE, "failed in part"),
    (Scenario.PARTIAL, ("--tolerate", "partial"), ExitCode.INCONCLUSIVE, "33 utterances were not evaluated"),
    (
        Scenario.PARTIAL,
        ("--tolerate", "partial", "--min-f1", "0.85", "--min-accuracy", "0.8"),
        ExitCode.PASSED,
        "(tolerated: partial)",
    ),
    (Scenario.PARTIAL, ("--tolerate", "partial", "--min-f1", "0.97"), ExitCode.FAILED, "(tolerated: partial)"),
    (Scenario.NO_RESULTS, (), ExitCode.INCONCLUSIVE, "offers no results file"),
    (Scenario.NO_RESULTS, ("--tolerate", "no-file"), ExitCode.PASSED, "PASSED"),
    *(
        (Scenario.UNEVALUATED, arguments, ExitCode.INCONCLUSIVE, "not one utterance was evaluated")
        for arguments in ((), ("--advisory",), ("--max-failed-utterances", "0"), ("--max-failed-utterances", "off"))
    ),
    (Scenario.DENIED, (), ExitCode.DENIED, "Invalid SDK credentials"),
    (Scenario.NO_SCOPE, (), ExitCode.DENIED, "Scope is incorrect"),
]


every_ending = pytest.mark.parametrize("staged", ENDINGS, ids=lambda row: " ".join((row[0], *row[1])), indirect=True)


@pytest.fixture
def staged(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> tuple[Ending, ExitCode, str, Scenario]:
    """One ending and what it must be."""
    scenario, arguments, code, words = request.param
    with Stage(capsys, scenario) as stage:
        return stage.run(*arguments), code, words, scenario


@every_ending
def test_every_scenario_ends_with_its_code_and_says_why(staged: tuple[Ending, ExitCode, str, Scenario]) -> None:
    ending, code, words, _ = staged
    assert ending.code == code, ending.out + ending.err
    assert words in ending.out


@every_ending
def test_every_report_says_the_same(staged: tuple[Ending, ExitCode, str, Scenario]) -> None:
    ending, code, _, _ = staged
    verdict = {ExitCode.PASSED: "passed", ExitCode.FAILED: "failed"}.get(code, "unjudged")
    report = ending.report
    assert (report["exit_code"], report["verdict"]) == (code, verdict)
    (suite,) = report["suites"]
    assert suite["exit_code"] == code
    assert (suite["error"] is None) is (suite["verdict"] != "unjudged")
    assert bool(ending.junit_problems) is (code != 0)
    assert all(ending.junit_problems), "every failure and error has a message"
    if suite["error"]:
        assert suite["error"]["message"] in ending.junit_problems
        assert suite["error"]["code"] == code
    assert ending.summary.strip()


@every_ending
def test_the_run_id_and_the_way_back_are_told_while_the_gate_waits(
    staged: tuple[Ending, ExitCode, str, Scenario],
) -> None:
    ending, _, _, scenario = staged
    started = scenario not in (Scenario.UNKNOWN_SUITE, Scenario.DENIED, Scenario.NO_SCOPE)
    assert ("to attach again: ci-gate gate tr-" in ending.err) is started


@every_ending
def test_a_log_shows_changes_and_no_control_characters(staged: tuple[Ending, ExitCode, str, Scenario]) -> None:
    ending, _, _, _ = staged
    assert not [char for char in ending.err + ending.out if ord(char) < 32 and char != "\n"]
    assert len(ending.err.splitlines()) < 45


@pytest.mark.parametrize(
    ("scenario", "arguments", "code"),
    [(scenario, arguments, code) for scenario, arguments, code, _ in ENDINGS if scenario is not Scenario.PARTIAL],
    ids=lambda value: value if isinstance(value, Scenario) else "",
)
def test_files_that_a_run_left_replay_to_the_same_report(
    scenario: Scenario, arguments: tuple[str, ...], code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    with Stage(capsys, scenario) as stage:
        ending = stage.run(*arguments)
    (suite,) = ending.report["suites"]
    stem = file_stem(suite["label"])
    results, status = ending.folder / f"{stem}.results.csv", ending.folder / f"{stem}.status.json"
    if not results.exists():
        assert suite["verdict"] == "unjudged" or scenario is Scenario.NO_RESULTS
        return
    flags = ("--min-f1", "0.90", "--min-accuracy", "0.85", *arguments)
    with Stage(capsys) as stage:
        stage.environment.clear()
        replay = stage.command("check", str(results), "--status", str(status), *flags, folder="ci-gate-check")
    assert replay.code == code, replay.out + replay.err
    (again,) = replay.report["suites"]
    for field in ("suite", "label", "verdict", "counts", "scores", "checks", "mismatches", "utterances", "intents"):
        assert again[field] == suite[field], field
    assert again["source"] == "files"
    assert again["bot_id"] == suite["bot_id"]


def test_a_results_file_alone_passes_without_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        ending = stage.run()
        (results,) = ending.folder.glob("*.results.csv")
        alone = stage.command("check", str(results), "--min-f1", "0.9", folder="ci-gate-check")
    assert alone.code == 0
    assert alone.report["suites"][0]["counts"]["tp"] == ending.report["suites"][0]["counts"]["tp"]


def test_the_kept_results_are_the_platforms_own_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        ending = stage.run()
    (results,) = ending.folder.glob("*.results.csv")
    assert results.read_bytes().startswith(b'"Bot Name:"')
    assert b"\r\n" in results.read_bytes()


def test_the_kept_status_has_no_signature(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        ending = stage.run()
    (status,) = ending.folder.glob("*.status.json")
    reply = json.loads(status.read_text(encoding="utf-8"))
    assert reply["result"]["fileUrl"].endswith(".csv")


def test_a_run_started_elsewhere_can_be_attached_to(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.STUCK) as stage:
        lost = stage.run("--timeout", "20s")
        run_id = lost.report["suites"][0]["run_id"]
        again = stage.command("gate", run_id, "--suite", stage.suite, "--min-f1", "0.9", "--timeout", "30s")
    assert lost.code == again.code == ExitCode.TIMEOUT
    assert f"ci-gate gate {run_id}" in lost.out
    with Stage(capsys) as stage:
        first = stage.run()
        run_id = first.report["suites"][0]["run_id"]
        attached = stage.command("gate", run_id, "--suite", stage.suite, "--min-f1", "0.9", "--max-age", "1h")
    assert attached.code == 0
    assert attached.report["suites"][0]["source"] == "attached"


def test_an_unknown_run_is_a_matter_of_the_platform(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        ending = stage.command("gate", "tr-nobody", "--suite", stage.suite, "--min-f1", "0.9")
    assert ending.code == ExitCode.PLATFORM
    assert "Test Result not found" in ending.out


def test_an_unknown_suite_is_met_with_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        ending = stage.command("run", "--suite", "Banking regresion", "--min-f1", "0.9")
    assert ending.code == ExitCode.PLATFORM
    assert "did you mean 'Banking regression'?" in ending.out


def test_several_suites_of_several_bots_make_one_report(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.FAILING) as stage:
        bank, airline = stage.simulator.bots
        Path("ci-gate.toml").write_text(
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
            """,
            encoding="utf-8",
        )
        ending = stage.command("run")
    assert ending.code == ExitCode.FAILED
    suites = {suite["label"]: suite for suite in ending.report["suites"]}
    assert [suite["verdict"] for suite in suites.values()] == ["failed", "passed", "failed"]
    assert [suite["exit_code"] for suite in suites.values()] == [1, 0, 0]
    assert [suite.get("name") for suite in ending.junit.iter("testsuite")] == list(suites)
    assert ending.report["advisory"] is True
    assert len(list(ending.folder.glob("*.results.csv"))) == 3


def test_a_fresh_token_goes_with_every_request(capsys: pytest.CaptureFixture[str]) -> None:
    """The platform refuses a token that it has seen, when it is told to enforce that."""
    with Stage(capsys, enforce_jti=True) as stage:
        assert stage.run().code == 0


def test_a_ready_token_is_used_as_it_is_and_its_end_is_foreseen(capsys: pytest.CaptureFixture[str]) -> None:
    import jwt

    with Stage(capsys) as stage:
        expires = int(stage.clock.epoch()) + 900
        claims = {"appId": stage.simulator.client_id, "sub": "me", "exp": expires}
        token = jwt.encode(claims, stage.simulator.client_secret, algorithm="HS256")
        del stage.environment["CI_GATE_CLIENT_ID"], stage.environment["CI_GATE_CLIENT_SECRET"]
        stage.environment["CI_GATE_JWT"] = f" {token}\n"
        long = stage.run()
        short = stage.run("--timeout", "10m")
        stage.clock.time += 2000
        late = stage.run()
    assert long.code == short.code == 0
    assert "the token in CI_GATE_JWT expires in 15 min, before the deadline" in long.err
    assert "CI_GATE_JWT" not in short.err
    assert late.code == ExitCode.DENIED
    assert "expires already" in late.err


def test_a_wrong_bot_version_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        run_id = stage.run().report["suites"][0]["run_id"]
        arguments = ("--suite", stage.suite, "--min-f1", "0.9", "--bot-version", "published")
        ending = stage.command("gate", run_id, *arguments)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "'published', but the run's is 'inDevelopment'" in ending.out


def test_hidden_utterances_appear_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.FAILING) as stage:
        shown = stage.run("--report-dir", "shown", folder="shown")
        hidden = stage.run("--utterances", "hash", "--verbose")
    assert not list(hidden.folder.glob("*.csv"))
    assert "Replay" in shown.summary
    assert "Replay" not in hidden.summary
    texts = [mismatch["utterance"] for mismatch in shown.report["suites"][0]["mismatches"]]
    everything = hidden.out + hidden.err + "".join(p.read_text(encoding="utf-8") for p in hidden.folder.iterdir())
    assert len(texts) > 20
    assert not [text for text in texts if len(text) > 12 and text in everything]
    keys = [[u["key"] for u in ending.report["suites"][0]["utterances"]] for ending in (shown, hidden)]
    assert keys[0] == keys[1]
