"""The baseline: read before a run is started, refused if it is no sound evidence, and announced if it is missing."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from ci_gate.core.clock import moment_text
from ci_gate.core.model import ResultType, Run
from ci_gate.core.names import utterance_key_of_version_1
from ci_gate.core.text.safe import file_stem
from ci_gate.errors import ExitCode
from ci_gate.gate.session import write_placeholder
from tests.fakes import EPOCH, FakeClock, FakePlatform, completed, file_of, runtime_of
from tests.files import COLUMNS, replace_in, write, write_results, write_settings, write_status
from tests.sandbox import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox import Ending
    from tests.scripted import Play

USABLE = "give the report.json of an earlier run that was judged, or its results file"
FIRST_WEEK = "until the first baseline exists, --allow-missing-baseline goes on without one"
BASELINE = "baseline.json"
OF_TWO = {"CI_GATE_SUITE": "A\nB"}
NO_SUITE = {"CI_GATE_SUITE": ""}
HASH = ("--utterances", "hash")
leave_results = partial(write_results, name="Smoke")


def platform_of(wrong: int) -> FakePlatform:
    """Return a platform on which the last ``wrong`` of 40 utterances are missed."""
    file = file_of()
    right, others = file.utterances[: 40 - wrong], file.utterances[40 - wrong :]
    cases = (*right, *(replace(one, matched=(), result_type=ResultType.FN) for one in others))
    return FakePlatform(statuses=(completed(right=40 - wrong, wrong=wrong),), files=(replace(file, utterances=cases),))


def keep(ending: Ending) -> str:
    """Copy the report of a command to ``BASELINE``; return that path."""
    return str(shutil.copy(ending.folder / "report.json", BASELINE))


def keep_changed(report: dict[str, Any]) -> None:
    write(BASELINE, json.dumps(report))


def leave_report(play: Play, *, wrong: int = 0, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Write the report of an earlier run in which ``wrong`` of 40 utterances were missed; return it."""
    earlier = replace(platform_of(wrong), starts=(Run("Smoke", "tr-0"),))
    ending = play("run", platform=earlier, environment=environment)
    keep(ending)
    return ending.report


# What is compared


def test_a_results_file_is_compared_with_another_without_a_platform() -> None:
    old, same, worse = leave_results("old.csv"), leave_results("same.csv"), leave_results("worse.csv", wrong=12)
    assert check(same, "--baseline", old).code == ExitCode.PASSED
    ending = check(worse, "--baseline", old)
    assert ending.code == ending.report["exit_code"] == ExitCode.FAILED
    assert "F1 drop" in ending.out or "f1 drop" in ending.out
    assert check(old, "--baseline", worse).code == ExitCode.PASSED


def test_a_report_of_files_is_a_baseline_under_any_file_name() -> None:
    old, new = leave_results("old.csv", name=""), leave_results("new.csv", name="", wrong=12)
    ending = check(old, "--min-f1", "0.9")
    keep(ending)
    assert ending.suite["suite"] == "old"
    assert check(new, "--baseline", BASELINE).code == ExitCode.FAILED
    assert check(old, "--baseline", BASELINE).code == ExitCode.PASSED


def test_a_report_of_files_serves_the_only_suite_and_otherwise_the_suite_of_its_label(play: Play) -> None:
    results = leave_results("old.csv")
    keep(play("check", results, "--suite", "a", folder="ci-gate-check", environment=NO_SUITE))
    flags = ("--baseline", BASELINE, "--allow-missing-baseline")
    alone = play("run", *flags, environment={"CI_GATE_SUITE": "B"})
    assert "NOTHING IS COMPARED" not in alone.err
    both = play("run", *flags, environment=OF_TWO)
    assert "A: NOTHING IS COMPARED" not in both.err
    assert "B: NOTHING IS COMPARED" in both.err


def test_files_of_an_unknown_bot_are_compared_with_the_report_of_any_bot() -> None:
    write_settings("bot_id = 'st-2'")
    report = check(leave_results("old.csv"), "--min-f1", "0.9").report
    assert report["suites"][0]["bot_id"] is None
    report["suites"][0] |= {"source": "run", "bot_id": "st-1"}
    keep_changed(report)
    assert check(leave_results("new.csv"), "--baseline", BASELINE).code == ExitCode.PASSED


@pytest.mark.parametrize("wrong", [0, 12])
def test_a_report_is_the_same_baseline_as_its_results_file(wrong: int) -> None:
    old, new = leave_results("old.csv"), leave_results("new.csv", wrong=wrong)
    keep(check(old, "--min-f1", "0.9"))
    first, second = (check(new, "--baseline", path).suite for path in (old, BASELINE))
    assert (first["checks"], first["verdict"]) == (second["checks"], second["verdict"])


@pytest.mark.parametrize("arguments", [("run",), ("gate", "tr-1")], ids=" ".join)
def test_a_run_is_compared_with_the_report_of_an_earlier_one(arguments: tuple[str, ...], play: Play) -> None:
    leave_report(play)
    flags = ("--baseline", BASELINE, "--min-f1", "off")
    assert play(*arguments, *flags, platform=platform_of(0)).code == ExitCode.PASSED
    assert play(*arguments, *flags, platform=platform_of(12)).code == ExitCode.FAILED


def test_one_report_is_the_baseline_of_all_suites(play: Play) -> None:
    leave_report(play, environment=OF_TWO)
    ending = play("run", "--baseline", BASELINE, platform=platform_of(12), environment=OF_TWO)
    assert [suite["verdict"] for suite in ending.report["suites"]] == ["failed", "failed"]


@pytest.mark.parametrize(("flags", "alpha"), [((), 0.025), (("--share-alpha", "off"), 0.05), (("--alpha", "2%"), 0.01)])
def test_the_tests_of_a_command_share_one_significance_level_and_every_report_says_so(
    flags: tuple[str, ...], alpha: float, play: Play
) -> None:
    leave_report(play, environment=OF_TWO)
    ending = play("run", "--baseline", BASELINE, *flags, environment=OF_TWO)
    assert ending.code == ExitCode.PASSED
    levels = [check["alpha"] for suite in ending.report["suites"] for check in suite["checks"]]
    assert [level for level in levels if level is not None] == [alpha, alpha]
    shared = f"judged at {alpha}: the 2 tests share a false-alarm chance of {2 * alpha:g}"
    is_shared = alpha < 0.05
    assert ending.out.count(shared) == (2 if is_shared else 0)
    assert ("2 tests share" in ending.out) is ("2 tests share" in ending.summary) is is_shared


def test_suites_of_one_name_are_distinguished_by_their_labels(play: Play) -> None:
    write_settings("[[suites]]\nname='Smoke'\nlabel='a'\n[[suites]]\nname='Smoke'\nlabel='b'\n")
    leave_report(play, environment=NO_SUITE)
    assert play("run", "--baseline", BASELINE, environment=NO_SUITE).code == ExitCode.PASSED
    write_settings("[[suites]]\nname='Smoke'\nlabel='c'\n")
    ending = play("run", "--baseline", BASELINE, environment=NO_SUITE)
    assert refused(ending) == unusable("several of its suites are called 'Smoke', and none is labelled 'c'")


def test_a_suite_with_a_new_label_is_found_by_its_name(play: Play) -> None:
    leave_report(play)
    write_settings("[[suites]]\nname='smoke'\nlabel='renamed'\n")
    assert play("run", "--baseline", BASELINE, environment=NO_SUITE).code == ExitCode.PASSED


# What is no baseline


def refused(ending: Ending) -> tuple[str, str]:
    """Return message and hint of a command that was refused."""
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE, ending.output
    error = ending.report["error"]
    assert f"error: {error['message']}" in ending.err
    return error["message"], error["hint"]


def unusable(why: str, path: str = BASELINE) -> tuple[str, str]:
    """Return message and hint of the refusal of a baseline."""
    return f"the baseline '{path}' cannot be used: {why}", USABLE


def refused_by(play: Play, *arguments: str) -> tuple[str, str]:
    """Run a command that is refused before it asks the platform for anything; return message and hint."""
    platform = FakePlatform()
    found = refused(play("run", *arguments, platform=platform))
    assert platform.asked == []
    return found


def test_a_missing_baseline_is_refused_before_a_run_is_started(play: Play) -> None:
    assert refused_by(play, "--baseline", "nowhere.json") == ("there is no baseline 'nowhere.json'", FIRST_WEEK)


LIMITED = ("--max-file-size", "100b")
TOO_LARGE = "the baseline 'baseline.json' is larger than 0.0007629 MiB"
FOREIGN = "cannot be used: it is not a report.json of ci-gate: "


@pytest.mark.parametrize(
    ("content", "arguments", "message", "hint"),
    [
        (None, (), "the baseline 'baseline.json' cannot be read: Is a directory", "name the report.json in it"),
        (b"x" * 801, LIMITED, TOO_LARGE, "see --max-file-size"),
        (b"", (), "cannot be used: the file is empty: download it again", USABLE),
        (b"hello", (), "cannot be used: no column row found: none of 1 rows starts with 'Utterance'; is it a", USABLE),
        (b"<html>", (), "cannot be used: the download is a web page, not a results file: its link may have", USABLE),
        (b"{", (), "cannot be used: it is not JSON: Expecting property name enclosed in double quotes", USABLE),
        (b"\xef\xbb\xbf\r\n {", (), "cannot be used: it is not JSON: ", USABLE),
        (b"{}", (), f"{FOREIGN}'schema_version' is missing in it", USABLE),
        (b"[]", (), f"{FOREIGN}a value in it has the wrong type", USABLE),
        (b'{"schema_version": 3}', (), "cannot be used: its schema_version is 3, and this ci-gate reads 1", USABLE),
    ],
    ids=["folder", "large", "empty", "text", "page", "cut", "mark", "foreign", "list", "version"],
)
def test_a_file_that_is_no_report_and_no_results_file_is_refused_even_if_a_baseline_may_be_missing(
    content: bytes | None, arguments: tuple[str, ...], message: str, hint: str, play: Play
) -> None:
    if content is None:
        Path(BASELINE).mkdir()
    else:
        Path(BASELINE).write_bytes(content)
    for allowed in ((), ("--allow-missing-baseline",)):
        found = refused_by(play, "--baseline", BASELINE, *arguments, *allowed)
        assert message in found[0]
        assert found[1] == hint


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"verdict": "unjudged"}, "it was not judged"),
        (
            {"findings": [{"kind": "partial", "blocking": True, "tolerated": False}]},
            "its evidence was not sound: partial",
        ),
        (
            {"findings": [{"kind": "partial", "blocking": False, "tolerated": True}]},
            "its evidence was not sound: partial, which was tolerated",
        ),
        ({"utterances": []}, "it holds no utterances"),
    ],
    ids=["unjudged", "partial", "partial and tolerated", "empty"],
)
def test_a_report_without_sound_evidence_is_refused(changes: dict[str, object], problem: str, play: Play) -> None:
    report = leave_report(play)
    report["suites"][0] |= changes
    keep_changed(report)
    flags = ("--baseline", BASELINE, "--allow-missing-baseline")
    assert refused_by(play, *flags) == unusable(f"of suite 'Smoke', {problem}")


def test_a_run_that_failed_is_a_baseline_too(play: Play) -> None:
    assert leave_report(play, wrong=20)["verdict"] == "failed"
    ending = play("run", "--baseline", BASELINE, "--min-f1", "off", platform=platform_of(20))
    assert ending.code == ExitCode.PASSED


@pytest.mark.parametrize(
    ("count", "tail", "problem"),
    [
        (40, '"pay bill 99","Pay b', "row 44 opens a quote that is never closed: the file seems to be cut off"),
        (39, "", "its evidence is not sound: the results file holds 40 utterances, more than the 39 of the suite"),
    ],
    ids=["cut off", "too many rows"],
)
def test_an_incomplete_results_file_is_refused(count: int, tail: str, problem: str) -> None:
    old, new = leave_results("old.csv", count=count), leave_results("new.csv")
    with Path(old).open("a", encoding="utf-8") as file:
        file.write(tail)
    message, hint = refused(check(new, "--baseline", old))
    assert message.startswith(f"the baseline '{old}' cannot be used: {problem}")
    assert hint == USABLE


def test_a_results_file_is_no_baseline_of_several_suites(play: Play) -> None:
    old = leave_results("old.csv")
    ending = play("run", "--baseline", old, environment={"CI_GATE_SUITE": "Smoke\nFull"})
    why = "a results file covers one suite, but several are judged; a report.json can cover all of them"
    assert refused(ending) == unusable(why, old)


@pytest.mark.parametrize(("asked", "near"), [("Smokey", "did you mean 'Smoke'?"), ("Full", "known are Smoke")])
def test_a_report_without_the_suite_is_refused_with_the_nearest_name(asked: str, near: str, play: Play) -> None:
    leave_report(play)
    found = refused_by(play, "--baseline", BASELINE, "--suite", asked)
    assert found == (f"the baseline '{BASELINE}' has no suite '{asked}'", f"{near}; {FIRST_WEEK}")


def test_the_report_of_a_refusal_has_no_suite(play: Play) -> None:
    keep(play("run", "--min-f1", "nine"))
    assert refused_by(play, "--baseline", BASELINE) == (f"the baseline '{BASELINE}' has no suite 'Smoke'", FIRST_WEEK)


def test_a_refusal_repeats_no_secret_of_the_file(play: Play) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl"
    report = leave_report(play)
    report["suites"][0] |= {"suite": token, "label": token}
    keep_changed(report)
    ending = play("run", "--baseline", BASELINE)
    assert ending.code == ExitCode.USAGE
    assert token not in ending.everything


def test_a_refusal_repeats_no_signature_of_a_link(play: Play) -> None:
    link = "https://files.example/report.json?sig=CanarySignature"
    for allowed in ((), ("--allow-missing-baseline",)):
        ending = play("run", "--baseline", link, *allowed)
        assert "there is no baseline" in ending.err
        assert "CanarySignature" not in ending.everything


def test_a_file_name_that_no_system_accepts_is_refused(play: Play) -> None:
    message, hint = refused_by(play, "--baseline", "x" * 300)
    assert message.endswith("cannot be read: File name too long")
    assert hint == "name another file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only Unix has named pipes")
def test_a_pipe_is_refused_without_waiting_for_its_writer(play: Play) -> None:
    os.mkfifo(BASELINE)
    message, _ = refused_by(play, "--baseline", BASELINE)
    assert message == f"the baseline '{BASELINE}' cannot be read: not a regular file"


# What an earlier version wrote


def keep_as_version_1(report: dict[str, Any]) -> None:
    """Write a report of results as the first version did: with other keys, and less about each utterance."""
    report["schema_version"] = 1
    (suite,) = report["suites"]
    for number, entry in enumerate(suite["utterances"]):
        del entry["result_type"]
        entry["key"] = utterance_key_of_version_1(f"pay bill {number}", ("Pay bill",), None)
    assert len(suite["utterances"]) == 40
    del suite["report_name"], suite["bot_name"]
    keep_changed(report)


def changes_of(ending: Ending) -> tuple[int, ...]:
    """Return the numbers of shared, newly failing, added and removed utterances."""
    comparison = ending.suite["comparison"]
    return (comparison["shared"], *(len(comparison[part]) for part in ("newly_failing", "added", "removed")))


@pytest.mark.parametrize("then", ["show", "hash"])
@pytest.mark.parametrize("now", ["show", "hash"])
def test_a_report_of_the_first_version_is_a_baseline_with_shown_and_hidden_utterances(then: str, now: str) -> None:
    old, same, worse = leave_results("old.csv"), leave_results("same.csv"), leave_results("worse.csv", wrong=12)
    keep_as_version_1(check(old, "--min-f1", "0.9", "--utterances", then).report)
    flags = ("--baseline", BASELINE, "--utterances", now, "--max-new-failures", "9")
    ending = check(same, *flags)
    assert ending.code == ExitCode.PASSED, ending.output
    assert changes_of(ending) == (40, 0, 0, 0)
    ending = check(worse, *flags)
    assert ending.code == ExitCode.FAILED
    assert changes_of(ending) == (40, 10, 0, 0)
    newly_failing = ending.suite["comparison"]["newly_failing"]
    assert [entry["utterance"].startswith("#") for entry in newly_failing] == [now == "hash"] * 10


def test_a_hidden_report_of_the_first_version_shares_only_the_utterances_of_the_run() -> None:
    keep_as_version_1(check(leave_results("old.csv"), "--min-f1", "0.9", *HASH).report)
    assert changes_of(check(leave_results("more.csv", total=50), "--baseline", BASELINE)) == (40, 0, 10, 0)
    assert changes_of(check(leave_results("few.csv", total=30), "--baseline", BASELINE)) == (30, 2, 0, 10)


# What was tolerated


def leave_swapped(path: str) -> str:
    """Write results in which six result types contradict the intents."""
    leave_results(path, wrong=0)
    replace_in(path, '"TP"', '"FP"', 6)
    return path


def leave_short(path: str) -> str:
    """Write results that lack their last row."""
    return leave_results(path, total=39, wrong=1, count=40)


class Contradiction(NamedTuple):
    """Functions that write the results and the status reply, and the flags that make them contradictory."""

    results: Callable[[str], str] = leave_results
    status: Callable[[], str] | None = write_status
    flags: tuple[str, ...] = ()


CONTRADICTIONS = {
    "partial": Contradiction(status=lambda: write_status(inner={"isPartialFailure": True})),
    "no-file": Contradiction(results=leave_short),
    "wrong-run": Contradiction(flags=("--bot-version", "published")),
    "other-id": Contradiction(status=lambda: write_status(inner={"_id": "tr-2"})),
    "other-bot": Contradiction(status=lambda: write_status(inner={"streamId": "st-2"})),
    "count-mismatch": Contradiction(status=lambda: write_status(counts={"success": 30, "failure": 10})),
    "score-mismatch": Contradiction(status=lambda: write_status(inner={"f1_score": "0.90"})),
    "type-mismatch": Contradiction(results=leave_swapped, status=None),
}
UNCERTAIN = ("partial", "no-file", "wrong-run", "other-id")
LENIENT = ("--min-f1", "0.5", "--max-failed-utterances", "1")


def judge_contradictory(kind: str, path: str, *flags: str) -> Ending:
    """Judge contradictory results, written to ``path``, of a run that is named after it."""
    contradiction = CONTRADICTIONS[kind]
    arguments = [contradiction.results(path), *contradiction.flags]
    if contradiction.status:
        status = contradiction.status()
        replace_in(status, '"_id": "tr-1"', f'"_id": "tr-of-{path}"', 1)
        arguments += ["--status", status]
    return check(*arguments, *LENIENT, *flags)


@pytest.mark.parametrize("kind", CONTRADICTIONS)
def test_each_contradiction_is_inconclusive_unless_it_is_tolerated(kind: str) -> None:
    assert judge_contradictory(kind, "old.csv").code == ExitCode.INCONCLUSIVE
    ending = judge_contradictory(kind, "old.csv", "--tolerate", kind)
    assert ending.code == ExitCode.PASSED, ending.output
    assert ending.out.splitlines()[0].endswith(f"(tolerated: {kind})")


@pytest.mark.parametrize("kind", UNCERTAIN)
def test_evidence_that_may_be_of_another_run_is_compared_if_tolerated_but_is_never_a_baseline(kind: str) -> None:
    sound = leave_results("sound.csv")
    ending = judge_contradictory(kind, "old.csv", "--tolerate", kind, "--baseline", sound)
    assert ending.code == ExitCode.PASSED
    assert ending.suite["comparison"] is not None
    keep(judge_contradictory(kind, "old.csv", "--tolerate", kind))
    flags = ("--tolerate", kind, "--baseline", BASELINE)
    for again in (judge_contradictory(kind, "new.csv", *flags), check(sound, *LENIENT, *flags)):
        message, _ = refused(again)
        assert message.endswith(f"its evidence was not sound: {kind}, which was tolerated")


def test_utterances_that_a_partial_run_lost_do_not_count_as_removed() -> None:
    old, new = leave_results("old.csv", wrong=0), leave_results("new.csv", wrong=0, total=36)
    write("status.json", '{"status": "completed", "result": {"status": "completed", "isPartialFailure": true}}')
    flags = ("--status", "status.json", "--tolerate", "partial", "--max-new-failures", "3", "--baseline", old)
    ending = check(new, *flags)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "4 utterances that both runs have were not evaluated in one of them" in ending.out


@pytest.mark.parametrize("kind", ["count-mismatch", "score-mismatch", "type-mismatch", "other-bot"])
def test_a_tolerated_contradiction_allows_a_comparison_only_if_both_runs_show_it(kind: str) -> None:
    keep(judge_contradictory(kind, "old.csv", "--tolerate", kind))
    flags = ("--tolerate", kind, "--baseline", BASELINE)
    ending = judge_contradictory(kind, "new.csv", *flags)
    assert ending.code == ExitCode.PASSED, ending.output
    assert ending.suite["comparison"]["shared"] == 40
    sound = check(leave_results("sound.csv"), "--status", write_status(), *LENIENT, *flags)
    assert sound.code == ExitCode.INCONCLUSIVE
    assert f"in the baseline {kind} was tolerated, and this run does not show the same" in sound.out


def test_contradictory_results_are_a_baseline_only_of_results_that_show_the_same_and_if_that_is_tolerated() -> None:
    old, new = leave_swapped("old.csv"), leave_swapped("new.csv")
    flags = (*LENIENT, "--tolerate", "type-mismatch", "--baseline", old)
    ending = check(new, *flags)
    assert ending.code == ExitCode.PASSED, ending.output
    message, _ = refused(check(new, *LENIENT, "--baseline", old))
    assert "its evidence is not sound: the result type of 6 utterances" in message
    sound = check(leave_results("sound.csv"), *flags)
    assert sound.code == ExitCode.INCONCLUSIVE
    assert "in the baseline type-mismatch was tolerated, and this run does not show the same" in sound.out


def test_an_incomplete_results_file_is_no_baseline_whatever_is_tolerated() -> None:
    old, new = leave_short("old.csv"), leave_results("new.csv")
    for kind in UNCERTAIN:
        message, _ = refused(check(new, *LENIENT, "--tolerate", kind, "--baseline", old))
        assert "the results file holds 39 of 40 utterances" in message


def test_an_ambiguous_results_file_is_no_baseline() -> None:
    lines = Path(leave_results("new.csv", wrong=0)).read_text(encoding="utf-8").splitlines()
    head, rows = [*lines[:2], COLUMNS + ',"Entity Name"'], [f'{line},""' for line in lines[3:]]
    twice = [rows[0].replace('""', f'"{name}"') for name in ("Amount", "Day")]
    write("old.csv", "\n".join([*head, *twice, *rows[1:-1]]))
    message, _ = refused(check("new.csv", "--baseline", "old.csv"))
    assert "it is ambiguous, because adjacent rows are identical: use the report.json of that run" in message


def test_a_run_whose_new_bot_name_was_tolerated_is_a_baseline_of_the_next() -> None:
    for name, bot in (("old.csv", "Demo Bank"), ("new.csv", "Renamed Bank")):
        text = Path(leave_results(name, wrong=0)).read_bytes().decode()
        write(name, f"Bot Name:,{bot}\r\n{text}")
    assert check("new.csv", "--baseline", "old.csv").code == ExitCode.INCONCLUSIVE
    renamed = check("new.csv", "--baseline", "old.csv", "--tolerate", "other-bot")
    assert renamed.code == ExitCode.PASSED
    assert "(tolerated: other-bot)" in renamed.out.splitlines()[0]
    assert check("new.csv", "--baseline", keep(renamed)).code == ExitCode.PASSED


# What is missing


def test_a_missing_baseline_can_be_allowed_and_is_announced_in_every_report(play: Play) -> None:
    ending = play("run", "--baseline", "nowhere.json", "--allow-missing-baseline")
    assert ending.code == ExitCode.PASSED
    assert "warning: Smoke: NOTHING IS COMPARED: there is no baseline 'nowhere.json' yet" in ending.err
    for place in (ending.out, ending.summary, json.dumps(ending.report)):
        assert "NOTHING WAS COMPARED" in place


@pytest.mark.parametrize("suites", ["Smoke", "Smoke\nFull"])
def test_an_allowed_baseline_without_a_name_causes_one_warning(suites: str, play: Play) -> None:
    environment = {"CI_GATE_BASELINE": "", "CI_GATE_SUITE": suites}
    ending = play("run", "--allow-missing-baseline", environment=environment)
    assert ending.code == ExitCode.PASSED
    names = suites.replace("\n", ", ")
    why = "a missing baseline is allowed, but none is configured: is CI_GATE_BASELINE empty?"
    assert ending.err.count(f"warning: {names}: NOTHING IS COMPARED: {why}") == ending.err.count("NOTHING IS") == 1


def test_a_suite_that_the_baseline_lacks_can_be_allowed(play: Play) -> None:
    leave_report(play)
    flags = ("--baseline", BASELINE, "--allow-missing-baseline")
    ending = play("run", *flags, environment={"CI_GATE_SUITE": "Smoke\nFull"})
    assert ending.code == ExitCode.PASSED
    assert ending.err.count("NOTHING IS COMPARED") == 1
    assert "warning: Full: NOTHING IS COMPARED" in ending.err


def test_a_gate_that_could_not_fail_without_its_missing_baseline_is_refused(play: Play) -> None:
    assert refused_by(play, "--baseline", "nowhere.json", "--allow-missing-baseline", "--min-f1", "off") == (
        "there is no baseline 'nowhere.json' yet, and suite 'Smoke' has no threshold that works without a baseline",
        "until then, set a threshold that needs no baseline, like --min-f1 0.8; otherwise the gate could never fail",
    )


# Which run it is of, and when that ended


def test_a_run_is_never_its_own_baseline(play: Play) -> None:
    keep(play("run"))
    for run_id in ("tr-1", "TR-1"):
        ending = play("gate", run_id, "--baseline", BASELINE)
        assert ending.code == ExitCode.INCONCLUSIVE
        assert f"the baseline is of run '{run_id}' itself" in ending.out


def test_a_baseline_that_ended_after_the_run_is_mentioned_and_compared(play: Play) -> None:
    leave_report(play)
    platform = FakePlatform(statuses=(completed(ended=EPOCH - 60),))
    ending = play("gate", "tr-1", "--baseline", BASELINE, platform=platform)
    assert ending.code == ExitCode.PASSED
    assert ending.suite["run"] == {"started": None, "finished": moment_text(EPOCH - 60)}
    assert "newer-baseline: the run of the baseline ended at " in ending.out
    assert "newer-baseline" not in play("run", "--baseline", BASELINE).out


@pytest.mark.parametrize("then", ["show", "hash"])
@pytest.mark.parametrize("now", ["show", "hash"])
def test_a_hidden_and_a_shown_report_are_the_same_baseline(then: str, now: str) -> None:
    old, new = leave_results("old.csv", wrong=4), leave_results("new.csv", wrong=12)
    replace_in(new, '"pay bill 0","Pay bill","Pay bill"', '"pay bill 0","Rent","Rent"')
    replace_in(new, '"pay bill 1",', '"another",')
    keep(check(old, "--min-f1", "0.5", "--utterances", then))
    ending = check(new, "--baseline", BASELINE, "--utterances", now)
    assert ending.code == ExitCode.FAILED
    assert changes_of(ending) == (38, 8, 1, 1)
    comparison = ending.suite["comparison"]
    assert [len(comparison[part]) for part in ("still_failing", "relabelled")] == [4, 1]


# Where it lies


def test_a_baseline_in_the_report_folder_is_read_before_it_is_replaced_with_a_warning(play: Play) -> None:
    leave_report(play)
    path = "ci-gate-report/report.json"
    ending = play("run", "--baseline", path, "--min-f1", "off", platform=platform_of(12))
    assert (ending.code, ending.report["verdict"]) == (ExitCode.FAILED, "failed")
    replaced = f"the baseline '{path}' is replaced by this run's report"
    warning = f"{replaced}: kept in another folder it would show a gradual decline"
    assert ending.err.count(f"warning: {warning}") == 1


@pytest.mark.parametrize(("name", "is_warned_of"), [("old.results.csv", True), ("old.csv", False)])
def test_results_in_the_report_folder_cause_a_warning_if_replaceable(name: str, is_warned_of: bool, play: Play) -> None:
    old = leave_results(f"ci-gate-report/{name}")
    ending = play("run", "--baseline", old)
    assert ("is replaced by this run's report" in ending.err) is is_warned_of
    assert Path(old).exists(), "the command judges no suite of that name"


def test_a_baseline_elsewhere_or_a_missing_one_causes_no_warning(play: Play) -> None:
    leave_report(play)
    assert "is replaced" not in play("run", "--baseline", BASELINE).err
    Path("ci-gate-report/report.json").unlink()
    ending = play("run", "--baseline", "ci-gate-report/report.json", "--allow-missing-baseline")
    assert ending.code == ExitCode.PASSED
    assert "is replaced" not in ending.err


@pytest.mark.parametrize("source", ["variable", "file"])
def test_the_placeholder_of_a_gate_does_not_replace_its_baseline(source: str, play: Play) -> None:
    """The action writes the placeholder before it installs the gate, which then reads the baseline."""
    leave_report(play)
    results = f"{file_stem('Smoke')}.results.csv"
    environment = {"CI_GATE_BASELINE": "./ci-gate-report/report.json"} if source == "variable" else {}
    if source == "file":
        write_settings(f"baseline = 'ci-gate-report/{results}'")
    write_placeholder("run", runtime_of(FakeClock(), environment))
    left = {path.name for path in Path("ci-gate-report").iterdir()}
    assert left == {"junit.xml", "run.json", "report.json" if source == "variable" else results}


@pytest.mark.parametrize("arguments", [("run",), ("check", "new.csv")], ids=" ".join)
def test_a_report_folder_that_is_a_link_to_itself_is_refused(arguments: tuple[str, ...], play: Play) -> None:
    leave_report(play)
    leave_results("new.csv")
    Path("loop").symlink_to("loop")
    flags = ("--baseline", BASELINE, "--report-dir", "loop", "--bot-version", "published")
    ending = play(*arguments, *flags)
    assert ending.code == ExitCode.USAGE
    assert "the report folder 'loop' cannot be written" in ending.err
