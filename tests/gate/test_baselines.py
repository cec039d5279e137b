"""The baseline: found before anything is started, refused where it is none, and told of where it is missing."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.core.clock import moment_text
from ci_gate.core.model import ResultType, Run
from ci_gate.core.names import utterance_key_of_version_1
from ci_gate.core.text.safe import file_stem
from ci_gate.errors import ExitCode
from ci_gate.gate.session import write_placeholder
from tests.fakes import EPOCH, FakeClock, FakePlatform, completed, file_of, runtime_of
from tests.files import write_settings
from tests.sandbox import run_cli

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox import Ending
    from tests.scripted import Play

COLUMNS = '"Utterance","ExpectedIntent","MatchedIntent","ResultType"'
USABLE = "give the report.json of an earlier run that was judged, or its results file"
FIRST_WEEK = "in the first week, before there is one, --allow-missing-baseline goes on without"
BASELINE = "baseline.json"


def leave_results(path: str, *, wrong: int = 2, total: int = 40, name: str = "Smoke", count: int | None = None) -> str:
    """Leave a results file in which the last few utterances were not recognised."""
    lines = [f'"Report name:","{name}"', f'"Utterance count:","{total if count is None else count}"', COLUMNS]
    lines += [f'"pay bill {n}","Pay bill","Pay bill","TP"' for n in range(total - wrong)]
    lines += [f'"pay bill {n}","Pay bill","None","FN"' for n in range(total - wrong, total)]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def leave_report(play: Play, *, wrong: int = 0, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Leave the report of an earlier run in which so many of 40 utterances were wrong."""
    earlier = replace(platform_of(wrong), starts=(Run("Smoke", "tr-0"),))
    play("run", platform=earlier, environment=environment)
    shutil.copy("ci-gate-report/report.json", BASELINE)
    report: dict[str, Any] = json.loads(Path(BASELINE).read_bytes())
    return report


def platform_of(wrong: int) -> FakePlatform:
    """A platform on which the last of 40 utterances go wrong, as many as that."""
    file = file_of(right=40, wrong=0)
    right, others = file.utterances[: 40 - wrong], file.utterances[40 - wrong :]
    cases = (*right, *(replace(one, matched=(), result_type=ResultType.FN) for one in others))
    return FakePlatform(statuses=(completed(right=40 - wrong, wrong=wrong),), files=(replace(file, utterances=cases),))


def check(*arguments: str) -> Ending:
    """Judge files, without any threshold but what comes with a baseline."""
    return run_cli("check", *arguments, folder="ci-gate-check")


# What is compared


def test_a_results_file_is_held_against_another_without_a_platform() -> None:
    old, same, worse = leave_results("old.csv"), leave_results("same.csv"), leave_results("worse.csv", wrong=12)
    assert check(same, "--baseline", old).code == ExitCode.PASSED
    ending = check(worse, "--baseline", old)
    assert ending.code == ending.report["exit_code"] == ExitCode.FAILED
    assert "F1 drop" in ending.out or "f1 drop" in ending.out
    assert check(old, "--baseline", worse).code == ExitCode.PASSED


def test_a_report_of_files_is_a_baseline_whatever_the_files_are_called() -> None:
    old, new = leave_results("old.csv", name=""), leave_results("new.csv", name="", wrong=12)
    check(old, "--min-f1", "0.9")
    shutil.copy("ci-gate-check/report.json", BASELINE)
    assert json.loads(Path(BASELINE).read_bytes())["suites"][0]["suite"] == "old"
    assert check(new, "--baseline", BASELINE).code == ExitCode.FAILED
    assert check(old, "--baseline", BASELINE).code == ExitCode.PASSED


def test_a_report_of_files_is_taken_for_the_only_suite_and_else_for_the_one_of_its_label(play: Play) -> None:
    play("check", leave_results("old.csv"), "--suite", "a", folder="ci-gate-check", environment={"CI_GATE_SUITE": ""})
    shutil.copy("ci-gate-check/report.json", BASELINE)
    flags = ("--baseline", BASELINE, "--allow-missing-baseline")
    alone = play("run", *flags, environment={"CI_GATE_SUITE": "B"})
    assert "NOTHING IS COMPARED" not in alone.err
    both = play("run", *flags, environment={"CI_GATE_SUITE": "A\nB"})
    assert "A: NOTHING IS COMPARED" not in both.err
    assert "B: NOTHING IS COMPARED" in both.err


def test_nobody_knows_of_which_bot_files_are() -> None:
    write_settings("bot_id = 'st-2'")
    old, new = leave_results("old.csv"), leave_results("new.csv")
    ending = check(old, "--min-f1", "0.9")
    report = ending.report
    assert report["suites"][0]["bot_id"] is None
    report["suites"][0] |= {"source": "run", "bot_id": "st-1"}
    Path(BASELINE).write_text(json.dumps(report), encoding="utf-8")
    assert check(new, "--baseline", BASELINE).code == ExitCode.PASSED


@pytest.mark.parametrize("wrong", [0, 12])
def test_a_report_judges_as_the_results_file_that_it_came_from(wrong: int) -> None:
    old, new = leave_results("old.csv"), leave_results("new.csv", wrong=wrong)
    check(old, "--min-f1", "0.9")
    shutil.copy("ci-gate-check/report.json", BASELINE)
    first, second = (check(new, "--baseline", path).report["suites"][0] for path in (old, BASELINE))
    assert first["checks"] == second["checks"]
    assert first["verdict"] == second["verdict"]


@pytest.mark.parametrize("arguments", [("run",), ("gate", "tr-1")], ids=" ".join)
def test_a_run_is_held_against_the_report_of_an_earlier_one(arguments: tuple[str, ...], play: Play) -> None:
    leave_report(play)
    flags = ("--baseline", BASELINE, "--min-f1", "off")
    assert play(*arguments, *flags, platform=platform_of(0)).code == ExitCode.PASSED
    assert play(*arguments, *flags, platform=platform_of(12)).code == ExitCode.FAILED


def test_one_report_serves_all_suites(play: Play) -> None:
    environment = {"CI_GATE_SUITE": "A\nB"}
    leave_report(play, environment=environment)
    ending = play("run", "--baseline", BASELINE, platform=platform_of(12), environment=environment)
    assert [suite["verdict"] for suite in ending.report["suites"]] == ["failed", "failed"]


@pytest.mark.parametrize(("flags", "alpha"), [((), 0.025), (("--share-alpha", "off"), 0.05), (("--alpha", "2%"), 0.01)])
def test_the_tests_of_a_command_share_one_chance_and_every_report_says_so(
    flags: tuple[str, ...], alpha: float, play: Play
) -> None:
    environment = {"CI_GATE_SUITE": "A\nB"}
    leave_report(play, environment=environment)
    ending = play("run", "--baseline", BASELINE, *flags, environment=environment)
    assert ending.code == ExitCode.PASSED
    levels = [check["alpha"] for suite in ending.report["suites"] for check in suite["checks"]]
    assert [level for level in levels if level is not None] == [alpha, alpha]
    told = f"judged at {alpha}: the 2 tests share a false-alarm chance of {2 * alpha:g}"
    is_shared = alpha < 0.05
    assert ending.out.count(told) == (2 if is_shared else 0)
    assert ("2 tests share" in ending.out) is ("2 tests share" in ending.summary) is is_shared


def test_suites_of_one_name_are_told_apart_by_their_labels(play: Play) -> None:
    environment = {"CI_GATE_SUITE": ""}
    config = Path("ci-gate.toml")
    config.write_text("[[suites]]\nname='Smoke'\nlabel='a'\n[[suites]]\nname='Smoke'\nlabel='b'\n", encoding="utf-8")
    leave_report(play, environment=environment)
    assert play("run", "--baseline", BASELINE, environment=environment).code == ExitCode.PASSED
    config.write_text("[[suites]]\nname='Smoke'\nlabel='c'\n", encoding="utf-8")
    ending = play("run", "--baseline", BASELINE, environment=environment)
    assert refused(ending, ExitCode.USAGE) == (
        f"the baseline '{BASELINE}' cannot be used: several of its suites are called 'Smoke', and none is labelled 'c'",
        USABLE,
    )


def test_a_suite_that_got_another_label_is_found_by_its_name(play: Play) -> None:
    leave_report(play)
    write_settings("[[suites]]\nname='smoke'\nlabel='renamed'\n")
    ending = play("run", "--baseline", BASELINE, environment={"CI_GATE_SUITE": ""})
    assert ending.code == ExitCode.PASSED


# What is no baseline


def refused(ending: Ending, code: ExitCode) -> tuple[str, str]:
    """Message and hint of a refusal, as every report has them."""
    assert ending.code == ending.report["exit_code"] == code, ending.output
    error = ending.report["error"]
    assert f"error: {error['message']}" in ending.err
    return error["message"], error["hint"]


def test_a_baseline_that_is_named_must_be_there_before_anything_is_started(play: Play) -> None:
    platform = FakePlatform()
    ending = play("run", "--baseline", "nowhere.json", platform=platform)
    assert refused(ending, ExitCode.USAGE) == ("there is no baseline 'nowhere.json'", FIRST_WEEK)
    assert platform.asked == []


@pytest.mark.parametrize(
    ("content", "arguments", "message", "hint"),
    [
        (None, (), "the baseline 'baseline.json' cannot be read: Is a directory", "name the report.json in it"),
        (
            b"x" * 801,
            ("--max-file-size", "100b"),
            "the baseline 'baseline.json' is larger than 0.0007629 MiB",
            "see --max-file-size",
        ),
        (b"", (), "cannot be used: the file is empty: download it again", USABLE),
        (b"hello", (), "cannot be used: no column row found: none of 1 rows starts with 'Utterance'; is it a", USABLE),
        (b"<html>", (), "cannot be used: the download is a web page, not a results file: its link may have", USABLE),
        (b"{", (), "cannot be used: it is not JSON: Expecting property name enclosed in double quotes", USABLE),
        (b"\xef\xbb\xbf\r\n {", (), "cannot be used: it is not JSON: ", USABLE),
        (b"{}", (), "cannot be used: it is not a report.json of ci-gate: 'schema_version' is missing in it", USABLE),
        (b"[]", (), "cannot be used: it is not a report.json of ci-gate: something in it is not what it", USABLE),
        (b'{"schema_version": 3}', (), "cannot be used: its schema_version is 3, and this ci-gate reads 1", USABLE),
    ],
    ids=["folder", "large", "empty", "text", "page", "cut", "mark", "foreign", "list", "version"],
)
def test_what_cannot_be_a_baseline_is_refused_before_anything_is_started(
    content: bytes | None, arguments: tuple[str, ...], message: str, hint: str, play: Play
) -> None:
    if content is None:
        Path(BASELINE).mkdir()
    else:
        Path(BASELINE).write_bytes(content)
    platform = FakePlatform()
    for allowed in ((), ("--allow-missing-baseline",)):
        said, mend = refused(
            play("run", "--baseline", BASELINE, *arguments, *allowed, platform=platform), ExitCode.USAGE
        )
        assert message in said
        assert mend == hint
    assert platform.asked == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"verdict": "unjudged"}, "of suite 'Smoke', it was not judged"),
        (
            {"findings": [{"kind": "partial", "blocking": True, "tolerated": False}]},
            "of suite 'Smoke', its evidence was not sound: partial",
        ),
        (
            {"findings": [{"kind": "partial", "blocking": False, "tolerated": True}]},
            "of suite 'Smoke', its evidence was not sound: partial, which was tolerated",
        ),
        ({"utterances": []}, "of suite 'Smoke', it holds no utterances"),
    ],
)
def test_a_suite_that_was_not_judged_on_sound_evidence_is_no_baseline(
    changes: dict[str, object], problem: str, play: Play
) -> None:
    report = leave_report(play)
    report["suites"][0] |= changes
    Path(BASELINE).write_text(json.dumps(report), encoding="utf-8")
    ending = play("run", "--baseline", BASELINE, "--allow-missing-baseline")
    assert refused(ending, ExitCode.USAGE) == (f"the baseline '{BASELINE}' cannot be used: {problem}", USABLE)


def test_a_run_that_failed_is_a_baseline_too(play: Play) -> None:
    assert leave_report(play, wrong=20)["verdict"] == "failed"
    ending = play("run", "--baseline", BASELINE, "--min-f1", "off", platform=platform_of(20))
    assert ending.code == ExitCode.PASSED


@pytest.mark.parametrize(
    ("count", "tail", "problem"),
    [
        (40, '"pay bill 99","Pay b', "row 44 opens a quote that is never closed: the file seems to be cut off"),
        (39, "", "its evidence is not sound: the results file holds 40 utterances, more than the 39 of the suite"),
        (None, "", ""),
    ],
)
def test_a_results_file_that_is_not_whole_is_no_baseline(count: int | None, tail: str, problem: str) -> None:
    old, new = leave_results("old.csv", count=count), leave_results("new.csv")
    with Path(old).open("a", encoding="utf-8") as file:
        file.write(tail)
    ending = check(new, "--baseline", old)
    if not problem:
        assert ending.code == ExitCode.PASSED
        return
    message, hint = refused(ending, ExitCode.USAGE)
    assert message.startswith(f"the baseline '{old}' cannot be used: {problem}")
    assert hint == USABLE


def test_a_results_file_is_no_baseline_of_several_suites(play: Play) -> None:
    leave_results("old.csv")
    ending = play("run", "--baseline", "old.csv", environment={"CI_GATE_SUITE": "Smoke\nFull"})
    why = "a results file is of one suite, and several are judged; a report.json can hold all"
    assert refused(ending, ExitCode.USAGE) == (f"the baseline 'old.csv' cannot be used: {why}", USABLE)


@pytest.mark.parametrize(("asked", "near"), [("Smokey", "did you mean 'Smoke'?"), ("Full", "known are Smoke")])
def test_a_report_without_the_suite_is_refused_and_the_nearest_named(asked: str, near: str, play: Play) -> None:
    leave_report(play)
    ending = play("run", "--baseline", BASELINE, "--suite", asked)
    assert refused(ending, ExitCode.USAGE) == (
        f"the baseline '{BASELINE}' has no suite '{asked}'",
        f"{near}; {FIRST_WEEK}",
    )


def test_a_report_of_a_refusal_has_no_suite_at_all(play: Play) -> None:
    play("run", "--min-f1", "nine")
    shutil.copy("ci-gate-report/report.json", BASELINE)
    assert refused(play("run", "--baseline", BASELINE), ExitCode.USAGE) == (
        f"the baseline '{BASELINE}' has no suite 'Smoke'",
        FIRST_WEEK,
    )


def test_nothing_secret_is_repeated_of_what_was_never_meant_to_be_a_baseline(play: Play) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl"
    report = leave_report(play)
    report["suites"][0] |= {"suite": token, "label": token}
    Path(BASELINE).write_text(json.dumps(report), encoding="utf-8")
    ending = play("run", "--baseline", BASELINE)
    assert ending.code == ExitCode.USAGE
    assert token not in ending.output + ending.summary + json.dumps(ending.report)


def test_a_name_that_no_system_takes_is_refused(play: Play) -> None:
    message, hint = refused(play("run", "--baseline", "x" * 300), ExitCode.USAGE)
    assert message.endswith("cannot be read: File name too long")
    assert hint == "name another file"


# What an earlier version wrote


def as_version_1(report: dict[str, Any], *, total: int = 40) -> None:
    """Leave a report of results as the first version wrote it: with other keys, and less of each utterance."""
    report["schema_version"] = 1
    (suite,) = report["suites"]
    for number, entry in enumerate(suite["utterances"]):
        del entry["result_type"]
        entry["key"] = utterance_key_of_version_1(f"pay bill {number}", ("Pay bill",), None)
    assert len(suite["utterances"]) == total
    del suite["report_name"], suite["bot_name"]
    Path(BASELINE).write_text(json.dumps(report), encoding="utf-8")


@pytest.mark.parametrize("then", ["show", "hash"])
@pytest.mark.parametrize("now", ["show", "hash"])
def test_a_report_of_the_first_version_is_still_a_baseline_whether_or_not_utterances_are_hidden(
    then: str, now: str
) -> None:
    old, same, worse = leave_results("old.csv"), leave_results("same.csv"), leave_results("worse.csv", wrong=12)
    as_version_1(check(old, "--min-f1", "0.9", "--utterances", then).report)
    flags = ("--baseline", BASELINE, "--utterances", now, "--max-new-failures", "9")
    ending = check(same, *flags)
    assert ending.code == ExitCode.PASSED, ending.output
    comparison = ending.suite["comparison"]
    assert (comparison["shared"], comparison["added"], comparison["removed"]) == (40, [], [])
    ending = check(worse, *flags)
    assert ending.code == ExitCode.FAILED
    comparison = ending.suite["comparison"]
    assert (comparison["shared"], len(comparison["newly_failing"]), comparison["removed"]) == (40, 10, [])
    hashed = [entry["utterance"].startswith("#") for entry in comparison["newly_failing"]]
    assert hashed == [now == "hash"] * 10


def test_a_hidden_report_of_the_first_version_shares_what_the_run_has_and_no_more() -> None:
    old, more = leave_results("old.csv"), leave_results("more.csv", total=50)
    as_version_1(check(old, "--min-f1", "0.9", "--utterances", "hash").report)
    ending = check(more, "--baseline", BASELINE)
    comparison = ending.suite["comparison"]
    assert (comparison["shared"], len(comparison["added"]), comparison["removed"]) == (40, 10, [])
    few = leave_results("few.csv", total=30)
    ending = check(few, "--baseline", BASELINE)
    comparison = ending.suite["comparison"]
    assert (comparison["shared"], comparison["added"], len(comparison["removed"])) == (30, [], 10)


# What was tolerated

RESULT = {"TP": 38, "TN": 0, "FP": 0, "FN": 2, "failedUtteranceCount": 0}


def leave_status(*, inner: dict[str, Any] | None = None, counts: dict[str, int] | None = None, **outer: Any) -> str:
    """Leave the status reply that fits the results, but for what is changed in it."""
    result = {"status": "completed", "runType": "inDevelopment", "results": RESULT | (counts or {})} | (inner or {})
    reply = {"_id": "tr-1", "streamId": "st-1", "status": "completed", "utterance_count": 40, "result": result}
    Path("status.json").write_text(json.dumps(reply | outer), encoding="utf-8")
    return "status.json"


def leave_swapped(path: str) -> str:
    """Leave results of which a few types do not follow from the intents."""
    leave_results(path, wrong=0)
    text = Path(path).read_text(encoding="utf-8").replace('"TP"', '"FP"', 6)
    Path(path).write_text(text, encoding="utf-8", newline="")
    return path


def leave_short(path: str) -> str:
    """Leave results that lack their last row."""
    lines = Path(leave_results(path)).read_text(encoding="utf-8").splitlines()
    Path(path).write_text("\r\n".join([*lines[:-1], ""]), encoding="utf-8", newline="")
    return path


CONTRADICTIONS: dict[str, tuple[Callable[[str], str], Callable[[], str] | None, tuple[str, ...]]] = {
    "partial": (leave_results, lambda: leave_status(inner={"isPartialFailure": True}), ()),
    "no-file": (leave_short, leave_status, ()),
    "wrong-run": (leave_results, leave_status, ("--bot-version", "published")),
    "other-id": (leave_results, lambda: leave_status(inner={"_id": "tr-2"}), ()),
    "other-bot": (leave_results, lambda: leave_status(inner={"streamId": "st-2"}), ()),
    "count-mismatch": (leave_results, lambda: leave_status(counts={"success": 30, "failure": 10}), ()),
    "score-mismatch": (leave_results, lambda: leave_status(inner={"f1_score": "0.90"}), ()),
    "type-mismatch": (leave_swapped, None, ()),
}
"""By kind: results and status reply that show it, and what has to be asked for besides."""


def contradictory(kind: str, path: str) -> list[str]:
    """Give the arguments that judge results in which something is contradictory."""
    results, status, flags = CONTRADICTIONS[kind]
    flags = () if kind == "wrong-run" and path == "sound.csv" else flags
    if status is None:
        return [results(path), *flags]
    reply = Path(status())
    reply.write_text(reply.read_text(encoding="utf-8").replace('"tr-1"', f'"tr-of-{path}"'), encoding="utf-8")
    return [results(path), *flags, "--status", str(reply)]


LENIENT = ("--min-f1", "0.5", "--max-failed-utterances", "1")


@pytest.mark.parametrize("kind", CONTRADICTIONS)
def test_each_contradiction_blocks_unless_it_is_tolerated(kind: str) -> None:
    arguments = contradictory(kind, "old.csv")
    assert check(*arguments, *LENIENT).code == ExitCode.INCONCLUSIVE
    ending = check(*arguments, *LENIENT, "--tolerate", kind)
    assert ending.code == ExitCode.PASSED, ending.output
    assert ending.out.splitlines()[0].endswith(f"(tolerated: {kind})")


@pytest.mark.parametrize("kind", ["partial", "no-file", "wrong-run", "other-id"])
def test_evidence_that_may_be_of_something_else_is_never_a_baseline(kind: str) -> None:
    check(*contradictory(kind, "old.csv"), *LENIENT, "--tolerate", kind)
    shutil.copy("ci-gate-check/report.json", BASELINE)
    for arguments in (contradictory(kind, "new.csv"), [leave_results("sound.csv")]):
        ending = check(*arguments, *LENIENT, "--tolerate", kind, "--baseline", BASELINE)
        message, _ = refused(ending, ExitCode.USAGE)
        assert message.endswith(f"its evidence was not sound: {kind}, which was tolerated")


@pytest.mark.parametrize("kind", ["partial", "no-file", "wrong-run", "other-id"])
def test_what_is_tolerated_as_no_certain_evidence_is_compared_all_the_same(kind: str) -> None:
    old = leave_results("sound.csv")
    ending = check(*contradictory(kind, "new.csv"), *LENIENT, "--tolerate", kind, "--baseline", old)
    assert ending.code == ExitCode.PASSED
    assert ending.suite["comparison"] is not None


def test_what_a_run_lost_that_failed_in_part_is_not_taken_for_removed() -> None:
    old = leave_results("sound.csv", wrong=0, total=40)
    new = leave_results("new.csv", wrong=0, total=36)
    Path("status.json").write_text(
        json.dumps({"status": "completed", "result": {"status": "completed", "isPartialFailure": True}}),
        encoding="utf-8",
    )
    arguments = (new, "--status", "status.json", "--tolerate", "partial", "--max-new-failures", "3", "--baseline", old)
    ending = check(*arguments)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "4 utterances that both runs have were not evaluated in one of them" in ending.out


@pytest.mark.parametrize("kind", ["count-mismatch", "score-mismatch", "type-mismatch", "other-bot"])
def test_what_the_platform_shows_in_every_run_stops_no_comparison_where_both_runs_show_it(kind: str) -> None:
    check(*contradictory(kind, "old.csv"), *LENIENT, "--tolerate", kind)
    shutil.copy("ci-gate-check/report.json", BASELINE)
    flags = (*LENIENT, "--tolerate", kind, "--baseline", BASELINE)
    ending = check(*contradictory(kind, "new.csv"), *flags)
    assert ending.code == ExitCode.PASSED, ending.output
    assert ending.suite["comparison"]["shared"] == 40
    sound = check(leave_results("sound.csv"), "--status", leave_status(), *flags)
    assert sound.code == ExitCode.INCONCLUSIVE
    assert f"in the baseline {kind} was tolerated, and this run does not show the same" in sound.out


def test_results_of_which_a_contradiction_is_tolerated_are_a_baseline_of_results_that_show_it_too() -> None:
    old, new = leave_swapped("old.csv"), leave_swapped("new.csv")
    ending = check(new, *LENIENT, "--tolerate", "type-mismatch", "--baseline", old)
    assert ending.code == ExitCode.PASSED, ending.output
    ending = check(new, *LENIENT, "--baseline", old)
    assert "its evidence is not sound: the result type of 6 utterances" in refused(ending, ExitCode.USAGE)[0]
    sound = check(leave_results("sound.csv"), *LENIENT, "--tolerate", "type-mismatch", "--baseline", old)
    assert sound.code == ExitCode.INCONCLUSIVE
    assert "in the baseline type-mismatch was tolerated, and this run does not show the same" in sound.out


@pytest.mark.parametrize("kind", ["no-file", "partial", "other-id", "wrong-run"])
def test_a_results_file_that_is_not_whole_is_no_baseline_whatever_is_tolerated(kind: str) -> None:
    old, new = leave_short("old.csv"), leave_results("new.csv")
    ending = check(new, *LENIENT, "--tolerate", kind, "--baseline", old)
    assert "the results file holds 39 of 40 utterances" in refused(ending, ExitCode.USAGE)[0]


def test_results_that_can_be_read_in_two_ways_are_no_baseline() -> None:
    lines = Path(leave_results("new.csv", wrong=0)).read_text(encoding="utf-8").splitlines()
    head, rows = [*lines[:2], COLUMNS + ',"Entity Name"'], [f'{line},""' for line in lines[3:]]
    twice = [rows[0].replace('""', f'"{name}"') for name in ("Amount", "Day")]
    Path("old.csv").write_text("\n".join([*head, *twice, *rows[1:-1]]), encoding="utf-8")
    message, _ = refused(check("new.csv", "--baseline", "old.csv"), ExitCode.USAGE)
    assert "it can be read in two ways, as adjacent rows say the same: give the report.json of that run" in message


# What is not there yet


def test_a_baseline_that_is_not_there_yet_can_be_allowed_and_that_is_told_loudly(play: Play) -> None:
    ending = play("run", "--baseline", "nowhere.json", "--allow-missing-baseline")
    assert ending.code == ExitCode.PASSED
    assert "warning: Smoke: NOTHING IS COMPARED: there is no baseline 'nowhere.json' yet" in ending.err
    for place in (ending.out, ending.summary, json.dumps(ending.report)):
        assert "NOTHING WAS COMPARED" in place


@pytest.mark.parametrize("suites", ["Smoke", "Smoke\nFull"])
def test_a_baseline_that_may_be_missing_and_is_not_even_named_is_told_once(suites: str, play: Play) -> None:
    environment = {"CI_GATE_BASELINE": "", "CI_GATE_SUITE": suites}
    ending = play("run", "--allow-missing-baseline", environment=environment)
    assert ending.code == ExitCode.PASSED
    names = suites.replace("\n", ", ")
    why = "a missing baseline is allowed, and none is named: is CI_GATE_BASELINE empty?"
    assert ending.err.count(f"warning: {names}: NOTHING IS COMPARED: {why}") == ending.err.count("NOTHING IS") == 1


def test_a_run_is_never_its_own_baseline(play: Play) -> None:
    play("run")
    shutil.copy("ci-gate-report/report.json", BASELINE)
    for run_id in ("tr-1", "TR-1"):
        ending = play("gate", run_id, "--baseline", BASELINE)
        assert ending.code == ExitCode.INCONCLUSIVE
        assert f"the baseline is of run '{run_id}' itself" in ending.out


def test_a_report_says_when_the_run_ended_and_not_only_when_the_gate_did(play: Play) -> None:
    ending = play("gate", "tr-1", platform=FakePlatform(statuses=(completed(ended=EPOCH - 60),)))
    assert ending.suite["run"] == {"started": None, "finished": moment_text(EPOCH - 60)}


def test_a_baseline_that_ended_later_than_the_run_is_told_and_compared(play: Play) -> None:
    leave_report(play)
    platform = FakePlatform(statuses=(completed(ended=EPOCH - 60),))
    ending = play("gate", "tr-1", "--baseline", BASELINE, platform=platform)
    assert ending.code == ExitCode.PASSED
    assert "newer-baseline: the run of the baseline ended at " in ending.out
    assert play("run", "--baseline", BASELINE).out.count("newer-baseline") == 0


@pytest.mark.parametrize("then", ["show", "hash"])
@pytest.mark.parametrize("now", ["show", "hash"])
def test_a_hashed_and_a_shown_report_are_the_same_baseline(then: str, now: str) -> None:
    old, new = leave_results("old.csv", wrong=4), leave_results("new.csv", wrong=12)
    text = (
        Path(new)
        .read_text(encoding="utf-8")
        .replace('"pay bill 0","Pay bill","Pay bill"', '"pay bill 0","Rent","Rent"')
    )
    Path(new).write_text(text.replace('"pay bill 1",', '"another",'), encoding="utf-8", newline="")
    check(old, "--min-f1", "0.5", "--utterances", then)
    shutil.copy("ci-gate-check/report.json", BASELINE)
    ending = check(new, "--baseline", BASELINE, "--utterances", now)
    comparison = ending.suite["comparison"]
    assert ending.code == ExitCode.FAILED
    assert comparison["shared"] == 38
    parts = ("newly_failing", "still_failing", "added", "removed", "relabelled")
    assert [len(comparison[part]) for part in parts] == [8, 4, 1, 1, 1]


def test_a_link_in_place_of_a_path_is_not_repeated_with_what_opens_it(play: Play) -> None:
    link = "https://files.example/report.json?sig=CanarySignature"
    for allowed in ((), ("--allow-missing-baseline",)):
        ending = play("run", "--baseline", link, *allowed)
        assert "there is no baseline" in ending.err
        for place in (ending.out, ending.err, ending.summary, json.dumps(ending.report)):
            assert "CanarySignature" not in place


def test_a_suite_that_is_not_in_the_baseline_yet_can_be_allowed(play: Play) -> None:
    leave_report(play)
    ending = play(
        "run", "--baseline", BASELINE, "--allow-missing-baseline", environment={"CI_GATE_SUITE": "Smoke\nFull"}
    )
    assert ending.code == ExitCode.PASSED
    assert ending.err.count("NOTHING IS COMPARED") == 1
    assert "warning: Full: NOTHING IS COMPARED" in ending.err


def test_what_is_allowed_to_be_missing_leaves_a_gate_that_can_fail(play: Play) -> None:
    platform = FakePlatform()
    flags = ("--baseline", "nowhere.json", "--allow-missing-baseline", "--min-f1", "off")
    assert refused(play("run", *flags, platform=platform), ExitCode.USAGE) == (
        "there is no baseline 'nowhere.json' yet, and suite 'Smoke' has no threshold that needs none",
        "set one that needs no baseline for so long, like --min-f1 0.8; a gate that cannot fail is not a gate",
    )
    assert platform.asked == []


# Where it lies


def test_a_baseline_in_the_report_folder_is_read_before_it_is_replaced_and_that_is_told(play: Play) -> None:
    leave_report(play)
    path = "ci-gate-report/report.json"
    ending = play("run", "--baseline", path, "--min-f1", "off", platform=platform_of(12))
    assert ending.code == ExitCode.FAILED
    warned = f"the baseline '{path}' is replaced by this run's report: pinned elsewhere it would show slow erosion"
    assert ending.err.count(f"warning: {warned}") == 1
    assert ending.report["verdict"] == "failed"


@pytest.mark.parametrize(("name", "told"), [("old.results.csv", True), ("old.csv", False)])
def test_results_in_the_report_folder_are_told_of_where_they_may_be_replaced(name: str, told: bool, play: Play) -> None:
    old = leave_results(f"ci-gate-report/{name}")
    ending = play("run", "--baseline", old)
    assert ("is replaced by this run's report" in ending.err) is told
    assert Path(old).exists(), "it is of no suite that this command judges"


def test_a_baseline_that_lies_elsewhere_or_is_missing_is_not_said_to_be_replaced(play: Play) -> None:
    leave_report(play)
    assert "is replaced" not in play("run", "--baseline", BASELINE).err
    Path("ci-gate-report/report.json").unlink()
    ending = play("run", "--baseline", "ci-gate-report/report.json", "--allow-missing-baseline")
    assert ending.code == ExitCode.PASSED
    assert "is replaced" not in ending.err


@pytest.mark.parametrize("source", ["variable", "file"])
def test_a_gate_that_is_announced_leaves_the_baseline_to_the_gate(source: str, play: Play) -> None:
    """The action announces the gate before it installs it, and so before the gate can read what lies in its folder."""
    leave_report(play)
    stem = file_stem("Smoke")
    environment = {"CI_GATE_BASELINE": "./ci-gate-report/report.json"} if source == "variable" else {}
    if source == "file":
        write_settings(f"baseline = 'ci-gate-report/{stem}.results.csv'")
    write_placeholder("run", runtime_of(FakeClock(), environment))
    left = {path.name for path in Path("ci-gate-report").iterdir()}
    assert left == {"junit.xml", "run.json", "report.json" if source == "variable" else f"{stem}.results.csv"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are the business of Unix")
def test_a_pipe_in_place_of_a_baseline_is_not_waited_for(play: Play) -> None:
    os.mkfifo(BASELINE)
    ending = play("run", "--baseline", BASELINE)
    assert refused(ending, ExitCode.USAGE)[0] == f"the baseline '{BASELINE}' cannot be read: not a regular file"


@pytest.mark.parametrize("command_name", ["run", "check"])
def test_a_report_folder_that_leads_to_itself_is_no_bug_of_ours(command_name: str, play: Play) -> None:
    leave_report(play)
    Path("loop").symlink_to("loop")
    arguments = (leave_results("new.csv"),) if command_name == "check" else ()
    ending = play(
        command_name, *arguments, "--baseline", BASELINE, "--report-dir", "loop", "--bot-version", "published"
    )
    assert ending.code == ExitCode.USAGE
    assert "the report folder 'loop' cannot be written" in ending.err


def test_a_run_for_which_another_name_of_the_bot_was_tolerated_is_a_baseline_of_the_next() -> None:
    for name, bot in (("old.csv", "Demo Bank"), ("new.csv", "Renamed Bank")):
        leave_results(name, wrong=0)
        path = Path(name)
        path.write_text(f"Bot Name:,{bot}\r\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    blocked = check("new.csv", "--baseline", "old.csv")
    assert blocked.code == ExitCode.INCONCLUSIVE
    renamed = check("new.csv", "--baseline", "old.csv", "--tolerate", "other-bot")
    assert renamed.code == ExitCode.PASSED
    assert "(tolerated: other-bot)" in renamed.out.splitlines()[0]
    shutil.copy(renamed.folder / "report.json", "kept.json")
    assert check("new.csv", "--baseline", "kept.json").code == ExitCode.PASSED
