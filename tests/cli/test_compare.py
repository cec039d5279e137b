"""``compare``: two versions of a bot, or two runs, against the simulator and against scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.core.model import ResultType, Run, RunState, UnreadableFile
from ci_gate.core.text.safe import file_stem
from ci_gate.errors import ExitCode, PlatformError
from ci_gate.simulator import Scenario
from tests.fakes import EPOCH, FakePlatform, completed, ended, file_of, waiting
from tests.files import write_settings
from tests.sandbox import Sandbox, check, each_signal
from tests.scripted import InterruptedPlatform

if TYPE_CHECKING:
    import signal

    from tests.sandbox import Ending
    from tests.scripted import Play

RUNS = Path("ci-gate-report/run.json")


def recorded() -> list[tuple[str, str, str | None]]:
    """Return label, bot version and verdict of every run in ``run.json``."""
    runs: list[dict[str, Any]] = json.loads(RUNS.read_bytes())["runs"]
    return [(run["label"], run["bot_version"], run["verdict"]) for run in runs]


def kept(ending: Ending) -> set[str]:
    """Return the names of the files that were kept for a replay."""
    return {path.name for path in ending.folder.iterdir() if path.name.endswith((".results.csv", ".status.json"))}


# Against the simulator


def simulate(scenario: Scenario, *arguments: str) -> Ending:
    """Compare the versions of the usual suite of a simulator that plays ``scenario``."""
    with Sandbox(scenario) as sandbox:
        return sandbox.command("compare", "{suite}", *arguments)


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
def test_the_version_in_development_is_compared_with_the_published_one(
    scenario: Scenario, arguments: tuple[str, ...], code: ExitCode, words: str
) -> None:
    ending = simulate(scenario, *arguments)
    assert ending.code == ending.report["exit_code"] == code, ending.output
    assert words in ending.out + ending.summary
    assert bool(ending.junit_problems) is (code != 0)


def test_both_runs_are_recorded_and_kept_and_can_be_compared_again() -> None:
    with Sandbox(Scenario.REGRESSED) as sandbox:
        ending = sandbox.command("compare", "{suite}")
        label, first = sandbox.suite, ending.suite
        base, head = (run["run_id"] for run in json.loads(RUNS.read_bytes())["runs"])
        assert recorded() == [(f"{label} (base)", "published", "passed"), (label, "inDevelopment", "failed")]
        stem = ending.folder / file_stem(label)
        sides, kinds = ("", ".base"), (".results.csv", ".status.json")
        assert kept(ending) == {f"{stem.name}{side}{kind}" for side in sides for kind in kinds}
        again = sandbox.command("compare", "{suite}", "--base", base, "--head", head)
    assert (first["label"], first["bot_version"], first["verdict"]) == (label, "inDevelopment", "failed")
    assert first["run_id"] == head != base
    assert ending.err.index("base: version published") < ending.err.index("head: version inDevelopment")
    assert again.code == ExitCode.FAILED
    assert (again.suite["source"], again.suite["run_id"]) == ("attached", head)
    assert [run["run_id"] for run in json.loads(RUNS.read_bytes())["runs"]] == [base, head], "no other run was started"
    files = (f"{stem}.results.csv", "--status", f"{stem}.status.json", "--baseline", f"{stem}.base.results.csv")
    checked = check(*files)
    assert checked.code == ExitCode.FAILED
    assert first["checks"] == again.suite["checks"] == checked.suite["checks"]


def test_hidden_utterances_appear_nowhere_and_change_no_check() -> None:
    shown = simulate(Scenario.REGRESSED).suite
    hidden = simulate(Scenario.REGRESSED, "--utterances", "hash", "--verbose")
    texts = {one["utterance"] for one in shown["utterances"] if len(one["utterance"]) > 8}
    assert hidden.code == ExitCode.FAILED
    assert len(texts) > 200
    everything = hidden.everything
    assert not [text for text in texts if text in everything]
    assert not [name for name in kept(hidden) if name.endswith(".csv")]
    checks = [[(one["name"], one["actual"]) for one in suite["checks"]] for suite in (shown, hidden.suite)]
    assert checks[0] == checks[1]


def test_the_floors_of_intents_apply_to_the_head() -> None:
    write_settings('[intents."Transfer money"]\nmin_recall = 0.9\npoint = true\n')
    ending = simulate(Scenario.REGRESSED, "--max-f1-drop", "off")
    assert ending.code == ExitCode.FAILED
    assert "recall of Transfer money" in ending.out
    swapped = simulate(Scenario.REGRESSED, "--max-f1-drop", "off", "--base", "inDevelopment", "--head", "published")
    assert {one["outcome"] for one in swapped.suite["checks"]} >= {"passed"}


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
def test_a_base_without_a_result_ends_the_comparison_with_its_code_before_the_head_is_started(
    scenario: Scenario, code: ExitCode, words: str
) -> None:
    ending = simulate(scenario)
    assert ending.code == ending.report["exit_code"] == code, ending.output
    suite = ending.suite
    assert suite["error"]["message"].startswith("the base, version published: ")
    assert words in suite["error"]["message"]
    assert (suite["run_id"], suite["source"]) == (None, "run")
    assert len(recorded()) <= 1
    assert "head: " not in ending.err


@pytest.mark.parametrize(
    ("scenario", "kind", "message"),
    [
        (Scenario.NO_RESULTS, "no-file", ", has no results file that can be read: there is nothing to compare with"),
        (Scenario.PARTIAL, "partial", ", is not sound evidence: partial"),
    ],
)
def test_a_base_without_sound_evidence_is_inconclusive_even_if_tolerated(
    scenario: Scenario, kind: str, message: str
) -> None:
    ending = simulate(scenario, "--tolerate", kind)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert ending.suite["error"]["message"] == f"the base, version published{message}"
    assert recorded()[0][2] == "passed"
    assert "head: " not in ending.err


# Against a platform that follows a script

ENVIRONMENT = {"CI_GATE_SUITE": "", "CI_GATE_MIN_F1": ""}


def compare(play: Play, *arguments: str, platform: FakePlatform, **environment: str) -> Ending:
    """Compare the versions of the suite ``Smoke``."""
    return play("compare", "Smoke", *arguments, platform=platform, environment=ENVIRONMENT | environment)


@dataclass(slots=True)
class TwoRuns(FakePlatform):
    """A platform that gives each run an id of its own."""

    started: list[str] = field(default_factory=list)

    def start(self, suite: str) -> Run:
        FakePlatform.start(self, suite)
        self.started.append(suite)
        return Run(suite, f"tr-{len(self.started)}")


def test_a_base_below_the_thresholds_does_not_fail_the_comparison(play: Play) -> None:
    missed = tuple(replace(one, matched=(), result_type=ResultType.FN) for one in file_of().utterances)
    bad = replace(file_of(), utterances=missed)
    platform = TwoRuns(statuses=(completed(right=0, wrong=40), completed()), files=(bad, file_of()))
    ending = compare(play, "--min-f1", "0.9", platform=platform)
    assert ending.code == ExitCode.PASSED, ending.output
    assert [run[2] for run in recorded()] == ["passed", "passed"]
    assert platform.started == ["Smoke", "Smoke"]


def test_one_id_for_both_runs_is_inconclusive(play: Play) -> None:
    ending = compare(play, platform=FakePlatform())
    assert ending.code == ExitCode.INCONCLUSIVE
    message = "base and head are both run 'tr-1', so nothing was compared"
    assert ending.suite["error"]["message"] == message


def test_another_bot_name_in_the_file_of_the_head_is_a_finding_if_no_id_differs(play: Play) -> None:
    base, head = (
        replace(file_of(), reported=replace(file_of().reported, bot_name=name)) for name in ("Demo Bank", "Other Bank")
    )
    ending = compare(play, platform=TwoRuns(files=(base, head)))
    found = ending.suite["findings"]
    # Both were asked of one bot, so that the name alone is a renaming.
    assert [finding["kind"] for finding in found if "Other Bank" in finding["message"]] == ["other-suite"]


def test_a_base_that_failed_on_the_platform_keeps_its_status_and_the_head_is_never_started(play: Play) -> None:
    platform = TwoRuns(statuses=(replace(ended(RunState.FAILED), document='{"status": "failed"}'),))
    ending = compare(play, platform=platform)
    assert ending.code == ExitCode.PLATFORM
    assert platform.started == ["Smoke"]
    assert kept(ending) == {f"{file_stem('Smoke')}.base.status.json"}
    assert recorded() == [("Smoke (base)", "published", "unjudged")]


def test_a_head_that_is_cancelled_on_the_platform_ends_the_comparison_with_that_code(play: Play) -> None:
    platform = TwoRuns(statuses=(completed(), ended(RunState.CANCELLED)))
    ending = compare(play, platform=platform)
    assert ending.code == ExitCode.PLATFORM
    assert ending.suite["error"]["message"].startswith("run tr-2 ended on the platform")
    assert [run[2] for run in recorded()] == ["passed", "unjudged"]


def test_a_head_without_a_results_file_cannot_be_compared(play: Play) -> None:
    platform = TwoRuns(files=(file_of(), UnreadableFile(problem="the platform offers no results file")))
    ending = compare(play, "--tolerate", "no-file", platform=platform)
    assert ending.code == ExitCode.INCONCLUSIVE


@each_signal
def test_an_interruption_of_the_base_starts_no_head(signum: signal.Signals, code: ExitCode, play: Play) -> None:
    platform = InterruptedPlatform(signals=(signum,))
    ending = compare(play, platform=platform)
    assert ending.code == ending.report["exit_code"] == code, ending.output
    suite = ending.suite
    assert suite["error"]["message"] == "the base, version published: interrupted"
    assert suite["error"]["hint"] == ("attach again with: ci-gate compare Smoke --base tr-1 --head inDevelopment")
    assert len(platform.times("start")) == 1
    assert recorded() == [("Smoke (base)", "published", None)]
    assert ending.junit_problems


def test_both_runs_share_one_deadline(play: Play) -> None:
    platform = TwoRuns(statuses=(waiting(0.5), waiting(0.9), waiting(0.95), completed(), waiting(0.1)))
    ending = compare(play, "--timeout", "20s", platform=platform)
    assert ending.code == ExitCode.TIMEOUT
    assert platform.clock.time == 20
    base, head = platform.times("start")
    assert base == 0 < head < 20
    assert "the deadline passed while run tr-2 was still active" in ending.out
    assert (
        "raise --timeout, or attach again with: ci-gate compare Smoke --base tr-1 --head tr-2 --timeout 20s\n"
        in ending.out
    )
    assert "to attach again: ci-gate compare Smoke --base tr-1 --head inDevelopment" in ending.err
    assert "ci-gate gate" not in ending.output


def test_a_bug_during_the_base_is_reported_as_a_bug(play: Play) -> None:
    platform = FakePlatform(starts=(RuntimeError("a bug"),))
    ending = compare(play, "--verbose", platform=platform)
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
def test_a_run_id_as_a_side_is_attached_to(arguments: tuple[str, ...], attached: str, started: int, play: Play) -> None:
    platform = TwoRuns()
    ending = compare(play, *arguments, platform=platform)
    assert ending.code == ExitCode.PASSED, ending.output
    assert f"base: {attached}" in ending.err
    assert len(platform.started) == started
    assert ending.suite["source"] == ("attached" if "--head" in arguments else "run")


def test_a_base_that_ended_after_the_head_causes_no_warning(play: Play) -> None:
    platform = TwoRuns(statuses=(completed(ended=EPOCH), completed(ended=EPOCH - 3600)))
    ending = compare(play, "--head", "tr-7", platform=platform)
    assert ending.code == ExitCode.PASSED, ending.output
    assert "newer-baseline" not in ending.out


def test_a_comparison_does_not_mention_a_missing_baseline(play: Play) -> None:
    write_settings("allow_missing_baseline = true")
    ending = compare(play, platform=TwoRuns())
    assert ending.code == ExitCode.PASSED
    assert "NOTHING IS COMPARED" not in ending.err


def test_the_report_of_a_base_that_failed_says_that_the_head_was_to_be_attached_to(play: Play) -> None:
    platform = FakePlatform(starts=(PlatformError("no such suite"),))
    ending = compare(play, "--head", "tr-7", platform=platform)
    assert ending.suite["source"] == "attached"


def test_the_maximum_age_does_not_apply_to_a_comparison(play: Play) -> None:
    platform = FakePlatform(statuses=(completed(ended=0.0),))
    ending = compare(play, "--base", "tr-7", platform=platform, CI_GATE_MAX_AGE="1h")
    assert ending.code == ExitCode.PASSED
    assert ending.err.count("warning: CI_GATE_MAX_AGE applies to single runs only: compare uses --base and --head") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Smoke", "--base", "inDevelopment"), "--base and --head are both version inDevelopment"),
        (("Smoke", "--base", "tr-1", "--head", "tr-1"), "--base and --head are both run tr-1"),
        (("Smoke", "--base", "TR-1", "--head", "tr-1"), "--base and --head are both run TR-1"),
        ((), "Missing argument 'SUITE'"),
        (("Smoke", "--baseline", "b.json"), "No such option '--baseline'"),
        (("",), "SUITE: the value is empty"),
        (("Smokey",), "SUITE: ci-gate.toml lists no suite 'Smokey'"),
        (("Smokey",), "did you mean 'Smoke'?"),
    ],
)
def test_invalid_arguments_are_refused_before_a_run_is_started(
    arguments: tuple[str, ...], words: str, play: Play
) -> None:
    write_settings("[[suites]]\nname = 'Smoke'\n")
    platform = FakePlatform()
    ending = play("compare", *arguments, platform=platform, environment=ENVIRONMENT)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert words in ending.err
    assert platform.asked == []
