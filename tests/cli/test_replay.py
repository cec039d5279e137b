"""``check --replay``: what a run left is judged again under the settings, the baseline and the day of then."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.core.model import Run
from ci_gate.core.text.safe import file_stem
from ci_gate.errors import ExitCode
from ci_gate.simulator import Scenario
from tests.cli.test_endings import ENDINGS
from tests.fakes import FakeClock, FakePlatform
from tests.scripted import WatchedPlatform
from tests.stage import Ending, Stage, command

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scripted import Play

FOLDER = Path("ci-gate-report")
SAME = (
    *("label", "suite", "source", "run_id", "bot_id", "engine", "observed", "verdict", "exit_code", "error"),
    *("counts", "scores", "checks", "waivers", "findings", "intents", "mismatches", "utterances"),
)
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


def replay(capsys: pytest.CaptureFixture[str], *arguments: str, folder: str = "ci-gate-check", **more: str) -> Ending:
    """Judge the usual report folder again, a year later."""
    words = arguments or (str(FOLDER),)
    clock = FakeClock(time=365 * 86400.0)
    return command(capsys, "check", "--replay", *words, clock=clock, environment=dict(more), folder=folder)


def alike(then: Ending, now: Ending) -> None:
    """Fail unless both reports say the same of every suite."""
    assert now.code == then.code, now.out + now.err
    for before, after in zip(then.report["suites"], now.report["suites"], strict=True):
        if before["error"]:  # what judges files starts no run
            assert "run the suite again" not in after["error"]["hint"]
            way_on = before["error"]["hint"].replace("run the suite again", "judge the files of another run")
            before["error"]["hint"] = way_on
        for field in SAME:
            assert after[field] == before[field], field


def changed(change: Callable[[dict[str, Any]], object]) -> None:
    """Change the report that was left."""
    path = FOLDER / "report.json"
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize("row", ENDINGS, ids=lambda row: " ".join((row[0], *row[1])))
def test_a_replay_ends_as_the_run_did_or_in_2_where_it_cannot(
    row: tuple[Scenario, tuple[str, ...], ExitCode, str], capsys: pytest.CaptureFixture[str]
) -> None:
    scenario, arguments, code, _ = row
    with Stage(capsys, scenario) as stage:
        ending = stage.run(*arguments)
    is_possible = code in (0, 1, 5) and bool([*FOLDER.glob("*.results.csv")])
    assert ("`ci-gate check --replay ci-gate-report`" in ending.summary) is is_possible
    again = replay(capsys)
    if is_possible:
        alike(ending, again)
        assert "`ci-gate check --replay ci-gate-check`" in again.summary
        alike(ending, replay(capsys, "ci-gate-check", folder="ci-gate-replay"))
    else:
        assert again.code == again.report["exit_code"] == ExitCode.USAGE
        assert ending.report == json.loads((FOLDER / "report.json").read_bytes())


def test_rules_baseline_and_what_shared_alpha_are_those_of_then(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.REGRESSED) as stage:
        stage.run("--bot-version", "published", "--report-dir", "old", folder="old")
        Path("ci-gate.toml").write_text(SETTINGS, encoding="utf-8")
        ending = stage.command("run")
    assert ending.code == ExitCode.FAILED
    baseline = Path("old/report.json")
    assert (FOLDER / f"{file_stem('Full')}.baseline.json").read_bytes() == baseline.read_bytes()
    Path("ci-gate.toml").write_text("[broken", encoding="utf-8")
    baseline.unlink()
    again = replay(capsys, CI_GATE_MIN_F1="0.1", CI_GATE_REPORT_DIR=str(FOLDER))
    alike(ending, again)
    changes = [{**one.report["suites"][0]["comparison"], "baseline": None} for one in (ending, again)]
    assert changes[0] == changes[1]
    (told,) = again.report["settings"]["suites"].values()
    assert told["thresholds"]["min_f1"] == {
        "value": "0.90",
        "origin": "ci-gate.toml: [[suites]] 1 'Banking regression': thresholds: min_f1",
    }
    assert told == {**ending.report["settings"]["suites"]["Full"], "baseline": told["baseline"]}


def test_a_comparison_is_replayed_against_the_base_that_was_kept(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.REGRESSED) as stage:
        ending = stage.command("compare", stage.suite)
    assert ending.code == ExitCode.FAILED
    assert "ci-gate check --replay ci-gate-report`" in ending.summary
    again = replay(capsys)
    alike(ending, again)
    for path in FOLDER.glob("*.baseline.json"):
        path.unlink()
    assert replay(capsys).code == ExitCode.USAGE


def test_every_suite_is_judged_again(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        suites = stage.simulator.bots[0].suites[:2]
        ending = stage.command("run", "--suite", suites[0], "--suite", suites[1], "--min-f1", "0.94")
    again = replay(capsys)
    assert len(again.report["suites"]) == 2
    alike(ending, again)


@pytest.mark.parametrize("has_reply", [True, False])
def test_what_check_judged_is_replayed_with_the_reply_that_it_had(
    has_reply: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with Stage(capsys) as stage:
        stage.run()
    (results,) = FOLDER.glob("*.results.csv")
    shutil.copy(results, "mine.csv")
    if has_reply:
        (status,) = FOLDER.glob("*.status.json")
        shutil.copy(status, "mine.status.json")
    ending = command(capsys, "check", "mine.csv", "--min-f1", "0.9", folder="ci-gate-check")
    assert (ending.report["suites"][0]["observed"]["reply_hash"] is not None) is has_reply
    fact = "without a status reply it cannot be told whether the run was partial"
    for text in (ending.out, ending.summary):
        assert (fact in text) is not has_reply
    again = replay(capsys, "ci-gate-check", folder="ci-gate-replay")
    alike(ending, again)


def test_a_baseline_of_results_is_kept_with_the_reply_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        stage.run("--report-dir", "old", folder="old")
        (results,) = Path("old").glob("*.results.csv")
        ending = stage.run("--baseline", str(results), "--max-f1-drop", "0.05")
    assert ending.code == ExitCode.PASSED
    kept = {path.name.partition(".baseline")[2] for path in FOLDER.glob("*.baseline.*")}
    assert kept == {".csv", ".status.json"}
    alike(ending, replay(capsys))
    with Stage(capsys) as stage:
        stage.run()
    assert not [*FOLDER.glob("*.baseline.*")]


def test_the_first_week_is_replayed_without_a_baseline_even_if_there_is_one_by_now(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Stage(capsys, Scenario.REGRESSED) as stage:
        ending = stage.run("--baseline", "old/report.json", "--allow-missing-baseline")
        stage.run("--bot-version", "published", "--report-dir", "old", folder="old")
    assert ending.code == ExitCode.PASSED
    again = replay(capsys)
    assert again.code == ExitCode.PASSED
    assert again.report["suites"][0]["comparison"] is None


def test_a_waiver_that_has_expired_since_still_counts(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.FAILING) as stage:
        stage.run()
        utterance = stage.run().report["suites"][0]["mismatches"][0]["utterance"]
        waiver = f"[[waivers]]\nutterance = {json.dumps(utterance)}\nreason = 'r'\nowner = 'o'\nexpires = 2026-10-01\n"
        Path("ci-gate.toml").write_text(f"must_pass = [{json.dumps(utterance)}]\n{waiver}", encoding="utf-8")
        ending = stage.command("run", "--suite", stage.suite)
    assert ending.report["waivers" if "waivers" in ending.report else "suites"][0]["waivers"][0]["state"] == "used"
    alike(ending, replay(capsys))


@pytest.mark.parametrize("name", ["results.csv", "status.json", "baseline.json", "report.json"])
def test_a_file_that_is_gone_is_named_and_ends_in_2(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        stage.run("--report-dir", "old", folder="old")
        stage.run("--baseline", "old/report.json")
    (path,) = FOLDER.glob(f"*{name}")
    path.unlink()
    ending = replay(capsys)
    assert ending.code == ExitCode.USAGE
    assert path.name in ending.report["error"]["message"]


def test_another_baseline_than_that_of_then_ends_in_2(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.REGRESSED) as stage:
        stage.run("--report-dir", "old", "--bot-version", "published", folder="old")
        stage.run("--baseline", "old/report.json")
    (path,) = FOLDER.glob("*.baseline.json")
    shutil.copy(FOLDER / "report.json", path)
    ending = replay(capsys)
    assert ending.code == ExitCode.USAGE
    assert "is not what suite 'Banking regression' was compared with" in ending.err


def test_other_results_than_those_of_then_end_in_2(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.FAILING) as stage:
        stage.run()
    with Stage(capsys) as stage:
        stage.run("--report-dir", "good", folder="good")
    for path in Path("good").glob("*.results.csv"):
        shutil.copy(path, FOLDER / path.name)
    ending = replay(capsys)
    assert ending.code == ExitCode.USAGE
    assert "is not what was judged then" in ending.err


def test_what_ends_otherwise_than_it_did_was_changed(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.FAILING) as stage:
        assert stage.run("--min-accuracy", "0.85").code == ExitCode.FAILED
    keys = ("min_f1", "min_accuracy")
    changed(lambda it: [suite_settings(it)["thresholds"][key].update(value="0.01") for key in keys])
    ending = replay(capsys)
    assert ending.code == ExitCode.USAGE
    assert "suite 'Banking regression' was failed (1) then, and is passed (0) by what lies there now" in ending.err


def test_a_saved_reply_that_was_mended_since_ends_in_2(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.PARTIAL) as stage:
        assert stage.run().code == ExitCode.INCONCLUSIVE
    (reply,) = FOLDER.glob("*.status.json")
    reply.write_text(reply.read_text(encoding="utf-8").replace("true", "false"), encoding="utf-8")
    assert replay(capsys).code != ExitCode.PASSED


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


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_a_report_that_was_tampered_with_judges_nothing(
    change: Callable[[dict[str, Any]], object], capsys: pytest.CaptureFixture[str]
) -> None:
    with Stage(capsys) as stage:
        stage.run()
    changed(change)
    ending = replay(capsys)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert "'ci-gate-report/report.json' cannot be replayed: " in ending.err
    # Words of Python's own, which say nothing to a reader.
    assert not re.search(r"is not a valid|isoformat|must be in|object|None|\[\]|\{\}", ending.err), ending.err


def test_a_report_that_was_made_to_excuse_its_failure_judges_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys, Scenario.FAILING) as stage:
        assert stage.run().code == ExitCode.FAILED
    changed(lambda it: suite_settings(it).update(advisory={"value": True}))
    ending = replay(capsys)
    assert ending.code == ExitCode.USAGE
    assert "was failed (1) then, and is failed (0) by what lies there now" in ending.err


def test_a_status_reply_that_was_changed_judges_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        stage.run()
    (status,) = FOLDER.glob("*.status.json")
    document = json.loads(status.read_bytes())
    status.write_text(json.dumps(document | {"note": "added"}), encoding="utf-8")
    ending = replay(capsys)
    assert ending.code == ExitCode.USAGE
    assert f"'{status}' is not what was judged then" in ending.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ci-gate-report", "--min-f1", "0.1"), "--min-f1 has no say in a replay"),
        (("ci-gate-report", "--config", "x.toml"), "--config has no say in a replay"),
        (("ci-gate-report", "--utterances", "hash"), "--utterances has no say in a replay"),
        (("ci-gate-report", "results.csv"), "both a results file and --replay are given"),
        (("ci-gate-report", "--report-dir", "ci-gate-report"), "would be overwritten"),
        (("ci-gate-report", "--junit-xml", "ci-gate-report/junit.xml"), "would be overwritten"),
        (("ci-gate-report", "--no-such-flag", "--report-dir=ci-gate-report"), "--no-such-flag"),
        (("nowhere",), "'nowhere/report.json' cannot be read"),
        (("ci-gate-report/report.json",), "--replay ci-gate-report\n"),
        (("gone/report.json",), "--replay gone\n"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_replay_that_makes_no_sense_is_refused_and_touches_nothing(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Stage(capsys) as stage:
        stage.run()
    before = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    ending = replay(capsys, *arguments)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert words in ending.err
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == before


def test_a_copy_that_a_variable_names_is_left_to_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(capsys) as stage:
        stage.run()
    before = (FOLDER / "junit.xml").read_bytes()
    assert replay(capsys, CI_GATE_JUNIT_XML="ci-gate-report/junit.xml").code == ExitCode.PASSED
    assert (FOLDER / "junit.xml").read_bytes() == before


def test_a_replay_is_no_variable(capsys: pytest.CaptureFixture[str]) -> None:
    ending = replay(capsys, CI_GATE_REPLAY="ci-gate-report")
    assert ending.code == ExitCode.USAGE
    assert "unknown variable CI_GATE_REPLAY" in ending.err


def test_what_is_hidden_is_not_kept_but_for_a_baseline_that_is_hidden_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Stage(capsys) as stage:
        stage.run("--report-dir", "shown", folder="shown")
        stage.run("--report-dir", "hidden", "--utterances", "hash", folder="hidden")
        (utterance, *_) = (
            one["utterance"] for one in json.loads(Path("shown/report.json").read_bytes())["suites"][0]["utterances"]
        )
        Path("ci-gate.toml").write_text(f"must_pass = [{json.dumps(utterance)}]", encoding="utf-8")
        for baseline in ("shown", "hidden"):
            ending = stage.run("--baseline", f"{baseline}/report.json", "--utterances", "hash")
            assert ending.code == ExitCode.PASSED, ending.out
            assert bool([*FOLDER.glob("*.baseline.json")]) is (baseline == "hidden")
            assert utterance not in (FOLDER / "report.json").read_text(encoding="utf-8")
            assert "Replay" not in ending.summary
            (told,) = ending.report["settings"]["suites"].values()
            assert told["must_pass"]["value"][0].startswith("#")
            assert replay(capsys).code == ExitCode.USAGE


def test_a_replay_is_not_offered_where_what_it_takes_could_not_be_written(play: Play) -> None:
    results = FOLDER / f"{file_stem('Smoke')}.results.csv"
    platform = WatchedPlatform(before_start=results.mkdir)
    for least, code in (("1", ExitCode.UNREPORTED), ("50", ExitCode.FAILED)):
        ending = play("run", "--min-f1", "0.1", "--min-utterances", least, platform=platform)
        assert ending.code == code, ending.out + ending.err
        assert "Replay" not in ending.summary
        results.rmdir()


@pytest.mark.parametrize("reply", ["{", '{"status": "inprogress"}', '{"status": "failed"}'])
def test_a_baseline_with_a_reply_beside_it_that_no_run_is_judged_by_is_refused(
    reply: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Stage(capsys) as stage:
        stage.run("--report-dir", "old", folder="old")
        (results,) = Path("old").glob("*.results.csv")
        (status,) = Path("old").glob("*.status.json")
        status.write_text(reply, encoding="utf-8")
        ending = stage.run("--baseline", str(results))
    assert ending.code == ExitCode.USAGE
    assert "cannot be used: its status reply does not fit" in ending.err


@pytest.mark.parametrize("run_id", ["tr-1", "tr-1/x?a"])
def test_a_replay_is_offered_only_where_the_id_of_the_run_is_kept_whole(run_id: str, play: Play) -> None:
    ending = play(platform=FakePlatform(starts=(Run("Smoke", run_id),)))
    assert ending.code == ExitCode.PASSED
    assert ("--replay" in ending.summary) is (run_id == "tr-1")
