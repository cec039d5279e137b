"""Judging files on disk: the platform's results, with or without the saved status reply, and no network at all."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from ci_gate.core.text.safe import file_stem
from ci_gate.errors import ExitCode
from tests.stage import command

if TYPE_CHECKING:
    from tests.stage import Ending

COLUMNS = '"Utterance","ExpectedIntent","MatchedIntent","ResultType"'


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even loopback."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("files were to be judged, and a socket was used")

    for name in ("connect", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def leave_results(path: str = "downloads/smoke.results.csv", *, name: str = "", right: int = 38, wrong: int = 2) -> str:
    """Leave a results file in which so many utterances were recognised and so many not."""
    lines = [f'"Report name:","{name}"'] if name else []
    lines += [f'"Utterance count:","{right + wrong}"', COLUMNS]
    lines += [f'"pay bill {number}","Pay Bill","Pay Bill","TP"' for number in range(right)]
    lines += [f'"send money {number}","Send Money","None","FN"' for number in range(wrong)]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def leave_status(**changes: Any) -> str:
    """Leave the status reply of a completed run that fits the results."""
    counts = {"TP": 38, "TN": 0, "FP": 0, "FN": 2, "failedUtteranceCount": 0}
    result = {"status": "completed", "isPartialFailure": False, "runType": "published", "results": counts}
    reply = {"_id": "tr-1", "status": "completed", "utterance_count": 40, "result": result | changes.pop("result", {})}
    Path("status.json").write_text(json.dumps(reply | changes), encoding="utf-8")
    return "status.json"


def check(capsys: pytest.CaptureFixture[str], *arguments: str, **environment: str) -> Ending:
    """Judge with the usual threshold."""
    usual = ("--min-f1", "0.9")
    return command(capsys, "check", *arguments, *usual, environment=environment, folder="ci-gate-check")


def test_a_results_file_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    ending = check(capsys, leave_results())
    (suite,) = ending.report["suites"]
    assert ending.code == 0
    assert (suite["source"], suite["run_id"], suite["bot_id"]) == ("files", None, None)
    assert suite["counts"]["failed_utterances"] == 0


def test_a_bot_that_is_not_good_enough_fails(capsys: pytest.CaptureFixture[str]) -> None:
    ending = check(capsys, leave_results(right=20, wrong=20))
    assert ending.code == ExitCode.FAILED
    assert check(capsys, leave_results(right=20, wrong=20), "--advisory").code == ExitCode.PASSED


def test_the_status_reply_is_weighed_too(capsys: pytest.CaptureFixture[str]) -> None:
    ending = check(capsys, leave_results(), "--status", leave_status())
    (suite,) = ending.report["suites"]
    assert ending.code == 0
    assert (suite["run_id"], suite["bot_version"]) == ("tr-1", "published")


def test_the_bot_of_a_status_reply_is_the_one_that_was_judged(capsys: pytest.CaptureFixture[str]) -> None:
    for told, bot in (({}, None), ({"streamId": "st-1"}, "st-1")):
        ending = check(capsys, leave_results(), "--status", leave_status(**told))
        assert (ending.code, ending.report["suites"][0]["bot_id"]) == (0, bot)
        properties = {one.get("name"): one.get("value") for one in ending.junit.iter("property")}
        assert properties.get("run_id") == "tr-1"


@pytest.mark.parametrize(("bot", "code"), [("st-1", ExitCode.PASSED), ("st-2", ExitCode.INCONCLUSIVE)])
def test_files_of_one_bot_are_not_compared_with_a_report_of_another(
    bot: str, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(capsys, leave_results(), "--status", leave_status(streamId="st-1")).code == 0
    Path("ci-gate-check/report.json").rename("baseline.json")
    ending = check(
        capsys, leave_results(), "--status", leave_status(_id="tr-2", streamId=bot), "--baseline", "baseline.json"
    )
    assert ending.code == code
    assert ("the baseline is of bot 'st-1', not of 'st-2'" in ending.out) is (bot == "st-2")


def test_files_of_another_bot_than_the_settings_name_are_no_pass_unless_that_is_tolerated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("ci-gate.toml").write_text('bot_id = "st-2"', encoding="utf-8")
    files = (leave_results(), "--status", leave_status(streamId="st-1"))
    ending = check(capsys, *files)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "bot 'st-2' was asked for, but the status reply is about 'st-1'" in ending.out
    tolerated = check(capsys, *files, "--tolerate", "other-bot")
    assert tolerated.code == 0
    assert "(tolerated: other-bot)" in tolerated.out.splitlines()[0]
    assert tolerated.report["suites"][0]["bot_id"] == "st-1"


def test_a_run_that_failed_its_thresholds_and_is_of_another_bot_is_not_judged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("ci-gate.toml").write_text('bot_id = "st-2"', encoding="utf-8")
    ending = check(capsys, leave_results(), "--status", leave_status(streamId="st-1"), "--min-recall", "0.99")
    assert ending.code == ExitCode.INCONCLUSIVE
    outcomes = {one["name"]: one["outcome"] for one in ending.report["suites"][0]["checks"]}
    assert outcomes["recall >= 0.99"] == "failed", "report.json keeps what was measured"
    assert ending.junit.find(".//failure") is None
    assert "FAIL " not in ending.out
    assert "❌" not in ending.summary


WORDS: dict[str, tuple[dict[str, Any], ExitCode, str]] = {
    "partial": ({"result": {"isPartialFailure": True}}, ExitCode.INCONCLUSIVE, "failed in part"),
    "other counts": ({"utterance_count": 41}, ExitCode.INCONCLUSIVE, "40"),
    "running": (
        {"status": "running", "result": {"status": "running"}},
        ExitCode.INCONCLUSIVE,
        "is of a run that had not ended: 'running'",
    ),
    "words that differ": ({"status": "running"}, ExitCode.INCONCLUSIVE, "'running / completed'"),
    "failed": (
        {"status": "failed", "result": {"status": "failed"}},
        ExitCode.PLATFORM,
        "is of a run that ended as 'failed', without a result",
    ),
    "cancelled": (
        {"status": "cancelled", "result": {"status": "cancelled"}},
        ExitCode.PLATFORM,
        "is of a run that ended as 'cancelled', without a result",
    ),
}
"""What is otherwise in the status reply, how that ends, and what is said."""


@pytest.mark.parametrize("word", WORDS)
def test_a_status_reply_that_allows_no_pass_is_no_pass(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    changes, code, told = WORDS[word]
    ending = check(capsys, leave_results(), "--status", leave_status(**changes))
    assert ending.code == ending.report["exit_code"] == code
    assert told in ending.out
    assert [problem for problem in ending.junit_problems if told in problem]


@pytest.mark.parametrize("text", ["", "<html>", "[]", "null"], ids=lambda text: text or "empty")
def test_a_status_file_that_is_no_status_reply_is_inconclusive(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("status.json").write_text(text, encoding="utf-8")
    ending = check(capsys, leave_results(), "--status", "status.json")
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "'status.json': " in ending.out
    assert "give the status reply as it was saved" in ending.out


def test_a_status_file_that_is_too_large_is_inconclusive(capsys: pytest.CaptureFixture[str]) -> None:
    Path(leave_status()).write_text(" " * 2**20 + "{}", encoding="utf-8")
    ending = check(capsys, leave_results(), "--status", "status.json")
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "'status.json' is larger than 1 MiB" in ending.out
    assert "give the status reply as it was saved" in ending.out


def test_results_that_are_not_understood_are_inconclusive(capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.csv").write_text("<html>", encoding="utf-8")
    ending = check(capsys, "page.csv")
    assert ending.code == ExitCode.INCONCLUSIVE
    assert ending.report["suites"][0]["label"] == "page"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("--max-file-size", "100b"), "is larger than"), (("--max-file-rows", "3"), "3")],
    ids=["bytes", "rows"],
)
def test_results_that_are_too_large_are_inconclusive(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = check(capsys, leave_results(), *arguments)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert told in ending.out
    assert arguments[0] in ending.out


@pytest.mark.parametrize("name", ["results", "status"])
def test_a_file_that_is_not_there_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    results = leave_results()
    arguments = ("nowhere.csv",) if name == "results" else (results, "--status", "nowhere.csv")
    ending = check(capsys, *arguments)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert "there is no file 'nowhere.csv'" in ending.err


def test_a_file_that_cannot_be_read_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = Path(leave_results())
    usual = Path.open

    def refuse(path: Path, *arguments: Any, **more: Any) -> Any:
        if path == results:
            raise PermissionError(13, "Permission denied")
        return usual(path, *arguments, **more)

    monkeypatch.setattr(Path, "open", refuse)
    ending = check(capsys, str(results))
    assert ending.code == ExitCode.USAGE
    assert f"'{results}' cannot be read: Permission denied" in ending.err


@pytest.mark.parametrize("name", ["results", "status"])
def test_what_is_replayed_is_never_overwritten(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path("ci-gate-check")
    inside = leave_results(str(folder / "a.results.csv")) if name == "results" else ""
    results, status = inside or leave_results(), leave_status()
    if name == "status":
        folder.mkdir()
        status = str(Path(status).rename(folder / "a.status.json"))
    before = Path(results).read_bytes(), Path(status).read_bytes()
    ending = check(capsys, results, "--status", status)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert "lies in the report folder, where it would be overwritten" in ending.err
    assert (Path(results).read_bytes(), Path(status).read_bytes()) == before


def test_the_files_are_kept_beside_the_reports(capsys: pytest.CaptureFixture[str]) -> None:
    results = leave_results()
    ending = check(capsys, results, "--status", leave_status())
    assert (ending.folder / "smoke.results.csv").read_bytes() == Path(results).read_bytes()
    assert json.loads((ending.folder / "smoke.status.json").read_bytes())["_id"] == "tr-1"


NAMES = {
    "flag": (("--suite", "Told"), "Inside", "downloads/file.csv", "Told"),
    "report name": ((), "Inside", "downloads/file.csv", "Inside"),
    "file": ((), "", "downloads/file.csv", "file"),
    "file that the gate kept": ((), "", "downloads/file.results.csv", "file"),
    "report name of no use": ((), "..", "downloads/file.csv", "file"),
}
"""What was said, what the results file says, how it is called; and the suite's name."""


@pytest.mark.parametrize("case", NAMES)
def test_a_suite_is_called_as_asked_else_as_the_file_says_else_as_the_file(
    case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    flags, name, path, expected = NAMES[case]
    ending = check(capsys, leave_results(path, name=name), *flags)
    assert ending.report["suites"][0]["suite"] == expected


SUITES = """
[[suites]]
name = "Smoke"
thresholds = { min_f1 = 0.99 }
[[suites]]
name = "Full regression"
label = "full"
"""

CHOICES = {
    "report name": ((), "Smoke", "x.csv", ExitCode.FAILED, "Smoke"),
    "file of the gate": ((), "", f"{file_stem('Smoke')}.results.csv", ExitCode.FAILED, "Smoke"),
    "file of the gate, by label": ((), "", "full.results.csv", ExitCode.PASSED, "full"),
    "flag": (("--suite", "full"), "", "x.csv", ExitCode.PASSED, "full"),
    "name that is not listed": ((), "Smokey", "x.csv", ExitCode.USAGE, "did you mean 'Smoke'?"),
    "flag that is not listed": (("--suite", "Smokey"), "", "x.csv", ExitCode.USAGE, "did you mean 'Smoke'?"),
    "no name at all": ((), "", "x.csv", ExitCode.USAGE, "choose one with --suite"),
}
"""What was said, what the results file says, how it is called; how that ends, and as what or why."""


@pytest.mark.parametrize("choice", CHOICES)
def test_a_file_that_lists_suites_is_searched_for_the_one_that_is_meant(
    choice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    flags, name, path, code, told = CHOICES[choice]
    Path("ci-gate.toml").write_text(SUITES, encoding="utf-8")
    ending = check(capsys, leave_results(f"downloads/{path}", name=name), *flags)
    assert ending.code == code, ending.out + ending.err
    if code is ExitCode.USAGE:
        assert told in ending.err
    else:
        assert ending.report["suites"][0]["label"] == told


def test_a_version_that_was_not_meant_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (leave_results(), "--status", leave_status(), "--bot-version", "inDevelopment")
    assert check(capsys, *arguments).code == ExitCode.INCONCLUSIVE


def test_hidden_utterances_are_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    ending = check(capsys, leave_results(), "--utterances", "hash")
    assert ending.code == 0
    everything = ending.out + ending.err + "".join(path.read_text("utf-8") for path in ending.folder.iterdir())
    assert "send money" not in everything
    assert not list(ending.folder.glob("*.csv"))


def test_an_empty_threshold_is_mentioned_once(capsys: pytest.CaptureFixture[str]) -> None:
    ending = check(capsys, leave_results(), CI_GATE_MIN_ACCURACY="")
    assert ending.code == 0
    assert ending.err.count("CI_GATE_MIN_ACCURACY is empty and sets no threshold") == 1


@pytest.mark.parametrize("victim", ["results", "status"])
def test_a_copy_of_the_junit_file_never_overwrites_what_is_judged(
    victim: str, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {"results": leave_results(), "status": leave_status()}
    before = Path(paths[victim]).read_bytes()
    ending = check(capsys, paths["results"], "--status", paths["status"], "--junit-xml", paths[victim])
    assert ending.code == ExitCode.USAGE
    assert f"{paths[victim]}: it holds something else than a JUnit file" in ending.err
    assert Path(paths[victim]).read_bytes() == before


def test_a_baseline_in_the_report_folder_is_read_before_it_is_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    check(capsys, leave_results(right=40, wrong=0))
    baseline = "ci-gate-check/report.json"
    ending = check(capsys, leave_results(right=25, wrong=15), "--baseline", baseline, "--max-new-failures", "0")
    assert ending.code == ExitCode.FAILED
    assert f"warning: the baseline '{baseline}' is replaced by this run's report" in ending.err


def test_a_baseline_that_is_not_there_is_refused_and_can_be_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (leave_results(), "--baseline", "nowhere.csv")
    ending = check(capsys, *arguments)
    assert (ending.code, ending.report["error"]["message"]) == (2, "there is no baseline 'nowhere.csv'")
    ending = check(capsys, *arguments, CI_GATE_ALLOW_MISSING_BASELINE="yes")
    assert ending.code == ExitCode.PASSED
    assert "NOTHING IS COMPARED" in ending.err


def test_it_is_said_where_results_are_compared_with_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    results = leave_results()
    ending = check(capsys, results, "--baseline", f"./{results}")
    assert ending.code == 0
    assert f"warning: '{results}' is compared with itself, which shows nothing" in ending.err


def test_results_of_another_suite_are_no_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    old, new = leave_results("old.csv", name="Full"), leave_results("new.csv", name="Smoke")
    ending = check(capsys, new, "--baseline", old)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "the baseline is of report 'Full', not of 'Smoke'" in ending.out


def test_hidden_utterances_are_compared_with_those_that_were_shown(capsys: pytest.CaptureFixture[str]) -> None:
    old, new = leave_results("old.csv", right=40, wrong=0), leave_results("new.csv")
    shown, hidden = (
        check(capsys, new, "--baseline", old, "--max-new-failures", "0", *more).report["suites"][0]
        for more in ((), ("--utterances", "hash"))
    )
    assert [(it["name"], it["actual"]) for it in shown["checks"]] == [
        (it["name"], it["actual"]) for it in hidden["checks"]
    ]


def test_a_hidden_suite_without_a_readable_file_shows_nothing_either(capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.csv").write_text("<html>send money 1", encoding="utf-8")
    ending = check(capsys, "page.csv", "--utterances", "hash")
    assert ending.code == ExitCode.INCONCLUSIVE
    assert not list(ending.folder.glob("*.csv"))
