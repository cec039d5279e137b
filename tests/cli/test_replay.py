"""``check --replay``: the settings, the baseline and the day of the run decide, and nothing of today."""

from __future__ import annotations

import json
import re
import shutil
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.core.model import Run
from ci_gate.core.text.safe import file_stem
from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.cli.replays import FOLDER, assert_alike, replay
from tests.fakes import FakePlatform
from tests.files import write, write_settings
from tests.sandbox import Sandbox, check, run_simulated
from tests.scripted import WatchedPlatform

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scripted import Play

SETTINGS = """
    junit_cases = "gate"
    report_dir = "ci-gate-report"
    tolerate = ["score-mismatch"]
    [thresholds]
    min_accuracy = "85%"
    [intents]
    min_recall = 0.2
    max_regressions = 3
    [intents."Transfer Money"]
    min_f1 = 0.3
    min_support = 9
    [[forbidden]]
    expected = "Pay a bill"
    matched = "Loan status"
    [[suites]]
    name = "Banking regression"
    label = "Full"
    baseline = "old/report.json"
    thresholds = { min_f1 = 0.90, max_new_failures = 50 }
"""


def refused(*arguments: str, **environment: str) -> str:
    """Run a replay that is refused; return its error output."""
    ending = replay(*arguments, **environment)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    return ending.err


def contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in FOLDER.iterdir()}


def test_a_replay_uses_the_rules_and_the_baseline_of_the_run() -> None:
    with Sandbox(Scenario.REGRESSED) as sandbox:
        sandbox.run("--bot-version", "published", "--report-dir", "old", folder="old")
        write_settings(SETTINGS)
        ending = sandbox.command("run")
    assert ending.code == ExitCode.FAILED
    baseline = Path("old/report.json")
    assert (FOLDER / f"{file_stem('Full')}.baseline.json").read_bytes() == baseline.read_bytes()
    write_settings("[broken")
    baseline.unlink()
    again = replay(CI_GATE_MIN_F1="0.1", CI_GATE_REPORT_DIR=str(FOLDER))
    assert_alike(ending, again)
    changes = [{**one.suite["comparison"], "baseline": None} for one in (ending, again)]
    assert changes[0] == changes[1]
    (settings,) = again.report["settings"]["suites"].values()
    assert settings["thresholds"]["min_f1"] == {
        "value": "0.90",
        "origin": "ci-gate.toml: [[suites]] 1 'Banking regression': thresholds: min_f1",
    }
    assert settings == {**ending.report["settings"]["suites"]["Full"], "baseline": settings["baseline"]}


def test_a_comparison_is_replayed_with_the_base_that_was_kept() -> None:
    with Sandbox(Scenario.REGRESSED) as sandbox:
        ending = sandbox.command("compare", "{suite}")
    assert ending.code == ExitCode.FAILED
    assert "ci-gate check --replay ci-gate-report`" in ending.summary
    assert_alike(ending, replay())
    for path in FOLDER.glob("*.baseline.json"):
        path.unlink()
    refused()


def test_every_suite_of_the_run_is_judged_again() -> None:
    with Sandbox() as sandbox:
        first, second, *_ = sandbox.simulator.bots[0].suites
        ending = sandbox.command("run", "--suite", first, "--suite", second, "--min-f1", "0.94")
    again = replay()
    assert len(again.report["suites"]) == 2
    assert_alike(ending, again)


@pytest.mark.parametrize("has_reply", [True, False])
def test_a_check_is_replayed_with_the_status_reply_that_it_had(has_reply: bool) -> None:
    ran = run_simulated(Scenario.PASSING)
    shutil.copy(ran.file("*.results.csv"), "mine.csv")
    if has_reply:
        shutil.copy(ran.file("*.status.json"), "mine.status.json")
    ending = check("mine.csv", "--min-f1", "0.9")
    assert (ending.suite["observed"]["reply_hash"] is not None) is has_reply
    fact = "whether the run was partial is unknown without a status reply"
    assert [fact in text for text in (ending.out, ending.summary)] == [not has_reply] * 2
    assert_alike(ending, replay("ci-gate-check", folder="ci-gate-replay"))


def test_a_results_file_that_is_the_baseline_is_kept_with_its_status_reply() -> None:
    with Sandbox() as sandbox:
        old = sandbox.run("--report-dir", "old", folder="old")
        ending = sandbox.run("--baseline", str(old.file("*.results.csv")), "--max-f1-drop", "0.05")
        assert ending.code == ExitCode.PASSED
        assert {path.name.partition(".baseline")[2] for path in FOLDER.glob("*.baseline.*")} == {".csv", ".status.json"}
        assert_alike(ending, replay())
        sandbox.run()
    assert not [*FOLDER.glob("*.baseline.*")]


def test_a_run_without_a_baseline_is_replayed_without_one_that_appeared_since() -> None:
    with Sandbox(Scenario.REGRESSED) as sandbox:
        ending = sandbox.run("--baseline", "old/report.json", "--allow-missing-baseline")
        sandbox.run("--bot-version", "published", "--report-dir", "old", folder="old")
    again = replay()
    assert ending.code == again.code == ExitCode.PASSED
    assert again.suite["comparison"] is None


def test_a_waiver_that_has_expired_since_the_run_still_counts() -> None:
    with Sandbox(Scenario.FAILING) as sandbox:
        utterance = json.dumps(sandbox.run().suite["mismatches"][0]["utterance"])
        waiver = f"[[waivers]]\nutterance = {utterance}\nreason = 'r'\nowner = 'o'\nexpires = 2026-10-01\n"
        write_settings(f"must_pass = [{utterance}]\n{waiver}")
        ending = sandbox.command("run", "--suite", "{suite}")
    assert ending.suite["waivers"][0]["state"] == "used"
    assert_alike(ending, replay())


@pytest.mark.parametrize("name", ["results.csv", "status.json", "baseline.json", "report.json"])
def test_a_file_that_is_gone_is_named_in_the_refusal(name: str) -> None:
    with Sandbox() as sandbox:
        sandbox.run("--report-dir", "old", folder="old")
        path = sandbox.run("--baseline", "old/report.json").file(f"*{name}")
    path.unlink()
    ending = replay()
    assert ending.code == ExitCode.USAGE
    assert path.name in ending.report["error"]["message"]


def test_a_baseline_that_was_replaced_since_the_run_is_refused() -> None:
    with Sandbox(Scenario.REGRESSED) as sandbox:
        sandbox.run("--report-dir", "old", "--bot-version", "published", folder="old")
        ending = sandbox.run("--baseline", "old/report.json")
    shutil.copy(FOLDER / "report.json", ending.file("*.baseline.json"))
    assert "is not what suite 'Banking regression' was compared with" in refused()


def test_results_that_were_replaced_since_the_run_are_refused() -> None:
    kept = run_simulated(Scenario.FAILING).file("*.results.csv")
    with Sandbox() as sandbox:
        good = sandbox.run("--report-dir", "good", folder="good")
    shutil.copy(good.file("*.results.csv"), kept)
    assert "differs from the file that was judged" in refused()


def test_a_report_whose_thresholds_were_lowered_is_refused_for_its_other_verdict() -> None:
    ending = run_simulated(Scenario.FAILING)
    assert ending.code == ExitCode.FAILED
    report = ending.report
    for key in ("min_f1", "min_accuracy"):
        suite_settings(report)["thresholds"][key]["value"] = "0.01"
    write(FOLDER / "report.json", json.dumps(report))
    assert (
        "suite 'Banking regression' was failed (1) then, and is passed (0) by the files that are there now" in refused()
    )


def test_a_status_reply_that_was_mended_since_the_run_allows_no_pass() -> None:
    ending = run_simulated(Scenario.PARTIAL)
    assert ending.code == ExitCode.INCONCLUSIVE
    reply = ending.file("*.status.json")
    write(reply, reply.read_text(encoding="utf-8").replace("true", "false"))
    assert replay().code != ExitCode.PASSED


def suite_settings(document: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of the only suite of a report."""
    (settings,) = document["settings"]["suites"].values()
    return settings  # type: ignore[no-any-return]


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "version 1": lambda it: it.update(schema_version=1, settings=None),
    "no settings": lambda it: it.pop("settings"),
    "no suites": lambda it: it.update(suites=[]),
    "ended in 3": lambda it: it.update(exit_code=3),
    "an error": lambda it: it.update(error={"code": 2}),
    "nothing observed": lambda it: it["suites"][0].update(observed=None),
    "a day that is none": lambda it: it["suites"][0]["observed"].update(day="today"),
    "a thirteenth month": lambda it: it["suites"][0]["observed"].update(day="2026-13-01"),
    "a moment that is none": lambda it: it["suites"][0]["observed"].update(started="now"),
    "a moment beyond all calendars": lambda it: it["suites"][0]["observed"].update(started=1e300),
    "an exit code that is none": lambda it: it["suites"][0].update(exit_code=8),
    "an exit code that is not that of its suites": lambda it: it.update(exit_code=1),
    "another source": lambda it: it["suites"][0].update(source="heaven"),
    "another verdict": lambda it: it["suites"][0].update(verdict="perfect"),
    "a list in place of a text": lambda it: it["suites"][0].update(source=[]),
    "another label": lambda it: it["suites"][0].update(label="other"),
    "a suite twice": lambda it: it["suites"].append(it["suites"][0]),
    "a bound that is none": lambda it: suite_settings(it).update(bound={"value": "upper"}),
    "a waiver for a week": lambda it: suite_settings(it).update(
        waivers={"value": [{"intent": "a", "reason": "b", "owner": "c", "expires": "2026-W50-1"}]}
    ),
    "no rule that can fail": lambda it: suite_settings(it).update(thresholds={}),
    "limits": lambda it: it["settings"]["common"].pop("max_file_rows"),
    "suites that are none": lambda it: it["settings"].update(suites=[]),
    "unknown threshold": lambda it: suite_settings(it)["thresholds"].update(min_luck={"value": "0.9"}),
    "threshold that is off": lambda it: suite_settings(it)["thresholds"].update(min_f1={"value": "off"}),
    "number as text": lambda it: suite_settings(it)["thresholds"].update(min_f1={"value": 0.9}),
    "unknown kind": lambda it: suite_settings(it).update(tolerate={"value": ["everything"]}),
    "no list": lambda it: suite_settings(it).update(must_pass={"value": "all"}),
    "no rule": lambda it: suite_settings(it).update(set_for_this_suite={"value": ["luck"]}),
    "no name": lambda it: suite_settings(it).update(names_for_all_suites={"value": [["luck", "A"]]}),
    "neither true nor false": lambda it: suite_settings(it).update(strict_drop={"value": "no"}),
    "a floor that is none": lambda it: suite_settings(it)["intents"]["value"].update(min_f1="much"),
    "a baseline elsewhere": lambda it: suite_settings(it).update(baseline_file={"value": "../../etc/passwd"}),
}


def test_a_report_that_was_tampered_with_is_refused_in_words_for_a_reader() -> None:
    report = run_simulated(Scenario.PASSING).report
    messages = {}
    for name, change in BROKEN.items():
        document = deepcopy(report)
        change(document)
        write(FOLDER / "report.json", json.dumps(document))
        messages[name] = refused()
    start = "'ci-gate-report/report.json' cannot be replayed: "
    assert {name: text for name, text in messages.items() if start not in text} == {}
    of_python = re.compile(r"is not a valid|isoformat|must be in|object|None|\[\]|\{\}")
    assert {name: text for name, text in messages.items() if of_python.search(text)} == {}


def test_a_report_that_was_made_to_excuse_its_failure_is_refused() -> None:
    ending = run_simulated(Scenario.FAILING)
    report = ending.report
    suite_settings(report)["advisory"]["value"] = True
    write(FOLDER / "report.json", json.dumps(report))
    assert "was failed (1) then, and is failed (0) by the files that are there now" in refused()


def test_a_status_reply_that_was_changed_since_the_run_is_refused() -> None:
    reply = run_simulated(Scenario.PASSING).file("*.status.json")
    write(reply, json.dumps(json.loads(reply.read_bytes()) | {"note": "added"}))
    assert f"'{reply}' differs from the file that was judged" in refused()


REFUSED = [
    (("ci-gate-report", "--min-f1", "0.1"), "--min-f1 cannot be used with a replay"),
    (("ci-gate-report", "--config", "x.toml"), "--config cannot be used with a replay"),
    (("ci-gate-report", "--utterances", "hash"), "--utterances cannot be used with a replay"),
    (("ci-gate-report", "results.csv"), "both a results file and --replay are given"),
    (("ci-gate-report", "--report-dir", "ci-gate-report"), "would be overwritten"),
    (("ci-gate-report", "--junit-xml", "ci-gate-report/junit.xml"), "would be overwritten"),
    (("ci-gate-report", "--no-such-flag", "--report-dir=ci-gate-report"), "--no-such-flag"),
    (("nowhere",), "'nowhere/report.json' cannot be read"),
    (("ci-gate-report/report.json",), "--replay ci-gate-report\n"),
    (("gone/report.json",), "--replay gone\n"),
]


def test_arguments_that_make_no_sense_are_refused_and_the_report_folder_stays_as_it_is() -> None:
    run_simulated(Scenario.PASSING)
    before = contents()
    for arguments, words in REFUSED:
        assert words in refused(*arguments)
        assert contents() == before, arguments


def test_a_variable_for_the_junit_copy_does_not_let_a_replay_overwrite_the_folder() -> None:
    run_simulated(Scenario.PASSING)
    before = (FOLDER / "junit.xml").read_bytes()
    assert replay(CI_GATE_JUNIT_XML="ci-gate-report/junit.xml").code == ExitCode.PASSED
    assert (FOLDER / "junit.xml").read_bytes() == before


def test_a_replay_cannot_be_asked_for_by_a_variable() -> None:
    assert "unknown variable CI_GATE_REPLAY" in refused(CI_GATE_REPLAY="ci-gate-report")


def test_a_run_with_hidden_utterances_keeps_no_baseline_but_a_hidden_one_and_cannot_be_replayed() -> None:
    with Sandbox() as sandbox:
        shown = sandbox.run("--report-dir", "shown", folder="shown")
        sandbox.run("--report-dir", "hidden", "--utterances", "hash", folder="hidden")
        utterance = shown.suite["utterances"][0]["utterance"]
        write_settings(f"must_pass = [{json.dumps(utterance)}]")
        for baseline in ("shown", "hidden"):
            ending = sandbox.run("--baseline", f"{baseline}/report.json", "--utterances", "hash")
            assert ending.code == ExitCode.PASSED, ending.out
            assert bool([*FOLDER.glob("*.baseline.json")]) is (baseline == "hidden")
            assert utterance not in (FOLDER / "report.json").read_text(encoding="utf-8")
            assert "Replay" not in ending.summary
            assert suite_settings(ending.report)["must_pass"]["value"][0].startswith("#")
            refused()


def test_no_replay_is_offered_if_a_file_that_it_needs_was_not_written(play: Play) -> None:
    results = FOLDER / f"{file_stem('Smoke')}.results.csv"
    platform = WatchedPlatform(before_start=results.mkdir)
    for least, code in (("1", ExitCode.UNREPORTED), ("50", ExitCode.FAILED)):
        ending = play("run", "--min-f1", "0.1", "--min-utterances", least, platform=platform)
        assert ending.code == code, ending.output
        assert "Replay" not in ending.summary
        results.rmdir()


@pytest.mark.parametrize("reply", ["{", '{"status": "inprogress"}', '{"status": "failed"}'])
def test_a_baseline_beside_a_status_reply_that_allows_no_verdict_is_refused(reply: str) -> None:
    with Sandbox() as sandbox:
        old = sandbox.run("--report-dir", "old", folder="old")
        write(old.file("*.status.json"), reply)
        ending = sandbox.run("--baseline", str(old.file("*.results.csv")))
    assert ending.code == ExitCode.USAGE
    assert "cannot be used: its status reply is unusable" in ending.err


@pytest.mark.parametrize("run_id", ["tr-1", "tr-1/x?a"])
def test_a_replay_is_offered_only_if_the_run_id_is_recorded_unchanged(run_id: str, play: Play) -> None:
    ending = play(platform=FakePlatform(starts=(Run("Smoke", run_id),)))
    assert ending.code == ExitCode.PASSED
    assert ("--replay" in ending.summary) is (run_id == "tr-1")
