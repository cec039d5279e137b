"""Two versions of a bot, or two runs, one held against the other: over the simulator, and after a script."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.core.model import ResultType, Run, RunState, UnreadableFile
from ci_gate.core.text.safe import file_stem
from ci_gate.errors import ExitCode, PlatformError
from ci_gate.simulator import Scenario
from tests.fakes import EPOCH, FakePlatform, completed, ended, file_of, waiting
from tests.scripted import InterruptedPlatform
from tests.stage import Stage

if TYPE_CHECKING:
    from tests.scripted import Play
    from tests.stage import Ending

RUNS = Path("ci-gate-report/run.json")


def recorded() -> list[tuple[str, str, str | None]]:
    """The runs of the file: label, bot version and verdict."""
    runs: list[dict[str, Any]] = json.loads(RUNS.read_bytes())["runs"]
    return [(run["label"], run["bot_version"], run["verdict"]) for run in runs]


def kept(ending: Ending) -> set[str]:
    """What is kept for a replay."""
    return {path.name for path in ending.folder.iterdir() if path.name.endswith((".results.csv", ".status.json"))}


def names_of(label: str) -> set[str]:
    """The files that are kept of both sides."""
    stem = file_stem(label)
    return {f"{stem}{base}{kind}" for base in ("", ".base") for kind in (".results.csv", ".status.json")}


# Over the simulator


@pytest.mark.parametrize(
    ("scenario", "arguments", "code", "words"),
    [
        (Scenario.REGRESSED, (), ExitCode.FAILED, "18 got worse, 3 better"),
        (Scenario.PASSING, (), ExitCode.PASSED, "PASSED"),
        (Scenario.REGRESSED, ("--max-f1-drop", "4%"), ExitCode.PASSED, "which 0.04 allows"),
        (Scenario.REGRESSED, ("--max-f1-drop", "off", "--max-new-failures", "18"), ExitCode.PASSED, "PASSED"),
        (Scenario.REGRESSED, ("--max-f1-drop", "off", "--max-new-failures", "17"), ExitCode.FAILED, "18 utterances"),
        (Scenario.REGRESSED, ("--advisory",), ExitCode.PASSED, "advisory"),
        (
            Scenario.REGRESSED,
            ("--base", "inDevelopment", "--head", "published"),
            ExitCode.PASSED,
            "3 got worse, 18 better",
        ),
    ],
    ids=["worse", "no worse", "allowed", "18 allowed", "17 allowed", "advisory", "the other way round"],
)
def test_the_version_in_development_is_held_against_the_published_one(
    scenario: Scenario, arguments: tuple[str, ...], code: ExitCode, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Stage(capsys, scenario) as stage:
        ending = stage.command("compare", stage.suite, *arguments)
    assert ending.code == ending.report["exit_code"] == code, ending.out + ending.err
    assert words in ending.out + ending.summary
    assert bool(ending.junit_problems) is (code != 0)


def test_both_runs_are_recorded_kept_and_only_the_second_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.REGRESSED) as stage:
        ending = stage.command("compare", stage.suite)
        label = stage.suite
    assert recorded() == [(f"{label} (base)", "published", "passed"), (label, "inDevelopment", "failed")]
    assert kept(ending) == names_of(label)
    (suite,) = ending.report["suites"]
    assert (suite["label"], suite["bot_version"], suite["verdict"]) == (label, "inDevelopment", "failed")
    run_ids = [run["run_id"] for run in json.loads(RUNS.read_bytes())["runs"]]
    assert suite["run_id"] == run_ids[1] != run_ids[0]
    assert ending.err.index("base: version published") < ending.err.index("head: version inDevelopment")


def test_what_was_kept_of_both_is_compared_to_the_same_end_without_a_platform(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Stage(capsys, Scenario.REGRESSED) as stage:
        ending = stage.command("compare", stage.suite)
        stem = ending.folder / file_stem(stage.suite)
        stage.environment.clear()
        files = (f"{stem}.results.csv", "--status", f"{stem}.status.json", "--baseline", f"{stem}.base.results.csv")
        replay = stage.command("check", *files, folder="ci-gate-check")
    assert replay.code == ExitCode.FAILED
    assert replay.report["suites"][0]["checks"] == ending.report["suites"][0]["checks"]


def test_a_pair_of_runs_is_compared_without_starting_any(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.REGRESSED) as stage:
        first = stage.command("compare", stage.suite)
        base, head = (run["run_id"] for run in json.loads(RUNS.read_bytes())["runs"])
        ending = stage.command("compare", stage.suite, "--base", base, "--head", head)
    assert ending.code == ExitCode.FAILED
    (suite,), (before,) = ending.report["suites"], first.report["suites"]
    assert (suite["source"], suite["run_id"]) == ("attached", head)
    assert suite["checks"] == before["checks"]
    assert [run["run_id"] for run in json.loads(RUNS.read_bytes())["runs"]] == [base, head]


def test_in_hash_mode_no_file_and_no_line_shows_what_people_said(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.REGRESSED) as stage:
        shown = stage.command("compare", stage.suite).report["suites"][0]
        hidden = stage.command("compare", stage.suite, "--utterances", "hash", "--verbose")
    said = {one["utterance"] for one in shown["utterances"] if len(one["utterance"]) > 8}
    assert hidden.code == ExitCode.FAILED
    assert len(said) > 200
    everything = hidden.out + hidden.err + "".join(path.read_text("utf-8") for path in hidden.folder.iterdir())
    assert not [utterance for utterance in said if utterance in everything]
    assert not [name for name in kept(hidden) if name.endswith(".csv")]
    checks = hidden.report["suites"][0]["checks"]
    assert [(one["name"], one["actual"]) for one in shown["checks"]] == [(it["name"], it["actual"]) for it in checks]


def test_floors_must_pass_and_confusions_are_judged_of_the_head(capsys: pytest.CaptureFixture[str]) -> None:
    Path("ci-gate.toml").write_text('[intents."Transfer money"]\nmin_recall = 0.9\npoint = true\n', encoding="utf-8")
    with Stage(capsys, Scenario.REGRESSED) as stage:
        ending = stage.command("compare", stage.suite, "--max-f1-drop", "off")
        other_way = stage.command(
            "compare", stage.suite, "--max-f1-drop", "off", "--base", "inDevelopment", "--head", "published"
        )
    assert ending.code == ExitCode.FAILED
    assert "recall of Transfer money" in ending.out
    assert {one["outcome"] for one in other_way.report["suites"][0]["checks"]} >= {"passed"}


@pytest.mark.parametrize(
    ("scenario", "code", "words"),
    [
        (Scenario.PLATFORM_FAILED, ExitCode.PLATFORM, "ended on the platform as 'failed'"),
        (Scenario.CANCELLED, ExitCode.PLATFORM, "ended on the platform as 'cancelled'"),
        (Scenario.UNKNOWN_SUITE, ExitCode.PLATFORM, "Test Suite not found"),
        (Scenario.STUCK, ExitCode.TIMEOUT, "the deadline passed"),
        (Scenario.PARTIAL, ExitCode.INCONCLUSIVE, "utterances while it went on, and"),
        (Scenario.NO_RESULTS, ExitCode.INCONCLUSIVE, "offers no results file"),
        (Scenario.DENIED, ExitCode.DENIED, "Invalid SDK credentials"),
    ],
)
def test_a_base_that_cannot_be_measured_ends_the_comparison_with_its_code(
    scenario: Scenario, code: ExitCode, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Stage(capsys, scenario) as stage:
        ending = stage.command("compare", stage.suite)
        runs = len(json.loads(RUNS.read_bytes())["runs"])
    assert ending.code == ending.report["exit_code"] == code, ending.out + ending.err
    (suite,) = ending.report["suites"]
    assert suite["error"]["message"].startswith("the base, version published: ")
    assert words in suite["error"]["message"]
    assert (suite["run_id"], suite["source"]) == (None, "run")
    assert runs <= 1, "the head is never started"
    assert "head: " not in ending.err


def test_a_base_without_a_results_file_says_nothing_even_where_that_is_tolerated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Stage(capsys, Scenario.NO_RESULTS) as stage:
        ending = stage.command("compare", stage.suite, "--tolerate", "no-file")
    assert ending.code == ExitCode.INCONCLUSIVE
    message = "the base, version published, has no results file: there is nothing to compare with"
    assert ending.report["suites"][0]["error"]["message"] == message
    assert recorded()[0][2] == "passed"


def test_a_base_that_was_dropped_in_part_is_nothing_to_compare_with_even_where_that_is_tolerated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Stage(capsys, Scenario.PARTIAL) as stage:
        ending = stage.command("compare", stage.suite, "--tolerate", "partial")
    assert ending.code == ExitCode.INCONCLUSIVE
    message = "the base, version published, is not sound evidence: partial"
    assert ending.report["suites"][0]["error"]["message"] == message
    assert "head: " not in ending.err


# On a platform with a script

ENVIRONMENT = {"CI_GATE_SUITE": "", "CI_GATE_MIN_F1": ""}


@dataclass(slots=True)
class TwoRuns(FakePlatform):
    """Gives each run an id of its own."""

    started: list[str] = field(default_factory=list)

    def start(self, suite: str) -> Run:
        """Start, and count."""
        FakePlatform.start(self, suite)
        self.started.append(suite)
        return Run(suite, f"tr-{len(self.started)}")


def test_the_base_is_measured_and_not_judged(play: Play) -> None:
    bad = replace(
        file_of(), utterances=tuple(replace(one, matched=(), result_type=ResultType.FN) for one in file_of().utterances)
    )
    platform = TwoRuns(statuses=(completed(right=0, wrong=40), completed()), files=(bad, file_of()))
    ending = play("compare", "Smoke", "--min-f1", "0.9", platform=platform, environment=ENVIRONMENT)
    assert ending.code == ExitCode.PASSED, ending.out + ending.err
    assert [run[2] for run in recorded()] == ["passed", "passed"]
    assert platform.started == ["Smoke", "Smoke"]


def test_one_id_for_both_runs_is_no_comparison(play: Play) -> None:
    ending = play("compare", "Smoke", platform=FakePlatform(), environment=ENVIRONMENT)
    assert ending.code == ExitCode.INCONCLUSIVE
    message = "base and head are both run 'tr-1', so that nothing was compared"
    assert ending.report["suites"][0]["error"]["message"] == message


def test_a_head_whose_file_names_another_bot_is_not_compared_where_no_id_tells_them_apart(play: Play) -> None:
    base, head = (
        replace(file_of(), reported=replace(file_of().reported, bot_name=name)) for name in ("Demo Bank", "Other Bank")
    )
    ending = play("compare", "Smoke", platform=TwoRuns(files=(base, head)), environment=ENVIRONMENT)
    told = ending.report["suites"][0]["findings"]
    # Both were asked of one bot, so that the name alone is a renaming.
    assert [finding["kind"] for finding in told if "Other Bank" in finding["message"]] == ["other-suite"]


def test_a_base_that_ended_badly_keeps_its_status_and_the_head_is_never_started(play: Play) -> None:
    platform = TwoRuns(statuses=(replace(ended(RunState.FAILED), document='{"status": "failed"}'),))
    ending = play("compare", "Smoke", platform=platform, environment=ENVIRONMENT)
    assert ending.code == ExitCode.PLATFORM
    assert platform.started == ["Smoke"]
    assert kept(ending) == {f"{file_stem('Smoke')}.base.status.json"}
    assert recorded() == [("Smoke (base)", "published", "unjudged")]


def test_a_head_that_ends_badly_ends_the_comparison_with_its_code(play: Play) -> None:
    platform = TwoRuns(statuses=(completed(), ended(RunState.CANCELLED)))
    ending = play("compare", "Smoke", platform=platform, environment=ENVIRONMENT)
    assert ending.code == ExitCode.PLATFORM
    assert ending.report["suites"][0]["error"]["message"].startswith("run tr-2 ended on the platform")
    assert [run[2] for run in recorded()] == ["passed", "unjudged"]


def test_a_head_without_a_results_file_cannot_be_compared(play: Play) -> None:
    platform = TwoRuns(files=(file_of(), UnreadableFile(problem="the platform offers no results file")))
    ending = play("compare", "Smoke", "--tolerate", "no-file", platform=platform, environment=ENVIRONMENT)
    assert ending.code == ExitCode.INCONCLUSIVE


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)]
)
def test_an_interruption_in_the_base_leaves_reports_and_starts_no_head(
    number: signal.Signals, code: ExitCode, play: Play
) -> None:
    platform = InterruptedPlatform(signals=(number,))
    ending = play("compare", "Smoke", platform=platform, environment=ENVIRONMENT)
    assert ending.code == ending.report["exit_code"] == code, ending.out + ending.err
    (suite,) = ending.report["suites"]
    assert suite["error"]["message"] == "the base, version published: interrupted"
    assert suite["error"]["hint"] == ("attach again with: ci-gate compare Smoke --base tr-1 --head inDevelopment")
    assert len(platform.times("start")) == 1
    assert recorded() == [("Smoke (base)", "published", None)]
    assert ending.junit_problems


def test_the_deadline_is_one_for_both(play: Play) -> None:
    platform = TwoRuns(statuses=(waiting(0.5), waiting(0.9), waiting(0.95), completed(), waiting(0.1)))
    ending = play("compare", "Smoke", "--timeout", "20s", platform=platform, environment=ENVIRONMENT)
    assert ending.code == ExitCode.TIMEOUT
    assert platform.clock.time == 20
    base, head = platform.times("start")
    assert base == 0 < head < 20
    assert "the deadline passed while run tr-2 was still going on" in ending.out
    assert (
        "raise --timeout, or attach again with: ci-gate compare Smoke --base tr-1 --head tr-2 --timeout 20s\n"
        in ending.out
    )
    assert "to attach again: ci-gate compare Smoke --base tr-1 --head inDevelopment" in ending.err
    assert "ci-gate gate" not in ending.out + ending.err


def test_a_bug_in_the_base_is_told_as_one(play: Play) -> None:
    platform = FakePlatform(starts=(RuntimeError("a bug"),))
    ending = play("compare", "Smoke", "--verbose", platform=platform, environment=ENVIRONMENT)
    assert ending.code == ExitCode.INTERNAL
    assert "RuntimeError: a bug" in ending.err


@pytest.mark.parametrize(
    ("arguments", "attached", "started"),
    [
        (("--base", "tr-7"), "run tr-7", 1),
        (("--head", "tr-7"), "version published", 1),
        (("--base", "tr-7", "--head", "tr-8"), "run tr-7", 0),
    ],
)
def test_a_side_that_is_a_run_is_attached_to(
    arguments: tuple[str, ...], attached: str, started: int, play: Play
) -> None:
    platform = TwoRuns()
    ending = play("compare", "Smoke", *arguments, platform=platform, environment=ENVIRONMENT)
    assert ending.code == ExitCode.PASSED, ending.out + ending.err
    assert f"base: {attached}" in ending.err
    assert len(platform.started) == started
    assert ending.report["suites"][0]["source"] == ("attached" if "--head" in arguments else "run")


def test_of_two_runs_that_are_both_named_either_may_have_ended_first(play: Play) -> None:
    platform = TwoRuns(statuses=(completed(ended=EPOCH), completed(ended=EPOCH - 3600)))
    ending = play("compare", "Smoke", "--head", "tr-7", platform=platform, environment=ENVIRONMENT)
    assert ending.code == ExitCode.PASSED, ending.out + ending.err
    assert "newer-baseline" not in ending.out


def test_a_comparison_says_nothing_of_a_baseline_that_may_be_missing(play: Play) -> None:
    Path("ci-gate.toml").write_text("allow_missing_baseline = true", encoding="utf-8")
    ending = play("compare", "Smoke", platform=TwoRuns(), environment=ENVIRONMENT)
    assert ending.code == ExitCode.PASSED
    assert "NOTHING IS COMPARED" not in ending.err


def test_a_head_that_would_be_attached_to_is_told_as_that_where_the_base_fails(play: Play) -> None:
    platform = FakePlatform(starts=(PlatformError("no such suite"),))
    ending = play("compare", "Smoke", "--head", "tr-7", platform=platform, environment=ENVIRONMENT)
    assert ending.report["suites"][0]["source"] == "attached"


def test_an_old_run_is_what_a_comparison_is_about(play: Play) -> None:
    platform = FakePlatform(statuses=(completed(ended=0.0),))
    environment = ENVIRONMENT | {"CI_GATE_MAX_AGE": "1h"}
    ending = play("compare", "Smoke", "--base", "tr-7", platform=platform, environment=environment)
    assert ending.code == ExitCode.PASSED
    assert ending.err.count("warning: CI_GATE_MAX_AGE is for single runs: compare goes by --base and --head alone") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Smoke", "--base", "inDevelopment"), "--base and --head are both version inDevelopment"),
        (("Smoke", "--base", "tr-1", "--head", "tr-1"), "--base and --head are both run tr-1"),
        (("Smoke", "--base", "TR-1", "--head", "tr-1"), "--base and --head are both run TR-1"),
        ((), "Missing argument 'SUITE'"),
        (("Smoke", "--baseline", "b.json"), "No such option '--baseline'"),
        (("",), "SUITE: it is empty"),
        (("Smokey",), "SUITE: ci-gate.toml lists no suite 'Smokey'"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused_before_anything_is_started(
    arguments: tuple[str, ...], words: str, play: Play
) -> None:
    Path("ci-gate.toml").write_text("[[suites]]\nname = 'Smoke'\n", encoding="utf-8")
    platform = FakePlatform()
    ending = play("compare", *arguments, platform=platform, environment=ENVIRONMENT)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert words in ending.err
    assert platform.asked == []


def test_a_suite_that_the_file_does_not_list_comes_with_the_nearest(play: Play) -> None:
    Path("ci-gate.toml").write_text("[[suites]]\nname = 'Smoke'\n", encoding="utf-8")
    ending = play("compare", "Smokey", environment=ENVIRONMENT)
    assert ending.report["error"]["hint"] == "did you mean 'Smoke'?"
