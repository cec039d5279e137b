"""``check``: judges results files, with or without the saved status reply, and needs no network."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import pytest

from ci_gate.core.text.safe import file_stem
from ci_gate.errors import ExitCode
from tests import sandbox
from tests.files import write, write_results, write_settings, write_status

if TYPE_CHECKING:
    from tests.sandbox import Ending

SMOKE = "downloads/smoke.results.csv"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forbid every connection, even to loopback."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a command that judges files used a socket")

    for name in ("connect", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def check(*arguments: str, **environment: str) -> Ending:
    """Run ``check`` with the usual threshold."""
    return sandbox.check(*arguments, "--min-f1", "0.9", **environment)


def test_a_results_file_is_enough_and_is_kept_beside_the_reports() -> None:
    ending = check(write_results(SMOKE))
    assert ending.code == 0
    assert (ending.suite["source"], ending.suite["run_id"], ending.suite["bot_id"]) == ("files", None, None)
    assert ending.suite["counts"]["failed_utterances"] == 0
    assert (ending.folder / "smoke.results.csv").read_bytes() == Path(SMOKE).read_bytes()


@pytest.mark.parametrize("bot", [None, "st-1"])
def test_a_status_reply_adds_the_run_the_bot_and_its_version(bot: str | None) -> None:
    ending = check(write_results(SMOKE), "--status", write_status(streamId=bot))
    suite = ending.suite
    assert ending.code == 0
    assert (suite["run_id"], suite["bot_version"], suite["bot_id"]) == ("tr-1", "inDevelopment", bot)
    assert {one.get("name"): one.get("value") for one in ending.junit.iter("property")}["run_id"] == "tr-1"
    assert json.loads((ending.folder / "smoke.status.json").read_bytes())["_id"] == "tr-1"


@pytest.mark.parametrize(("bot", "code"), [("st-1", ExitCode.PASSED), ("st-2", ExitCode.INCONCLUSIVE)])
def test_files_of_one_bot_are_not_compared_with_a_report_of_another(bot: str, code: ExitCode) -> None:
    assert check(write_results(), "--status", write_status()).code == 0
    Path("ci-gate-check/report.json").rename("baseline.json")
    status = write_status(_id="tr-2", streamId=bot)
    ending = check(write_results(), "--status", status, "--baseline", "baseline.json")
    assert ending.code == code
    assert ("the baseline is of bot 'st-1', not of 'st-2'" in ending.out) is (bot == "st-2")


def test_files_of_another_bot_than_the_settings_name_pass_only_if_that_is_tolerated() -> None:
    write_settings('bot_id = "st-2"')
    files = (write_results(), "--status", write_status())
    ending = check(*files)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "bot 'st-2' was asked for, but the status reply is about 'st-1'" in ending.out
    tolerated = check(*files, "--tolerate", "other-bot")
    assert tolerated.code == 0
    assert "(tolerated: other-bot)" in tolerated.out.splitlines()[0]
    assert tolerated.suite["bot_id"] == "st-1"


def test_a_failed_threshold_of_another_bot_is_no_failure_in_the_reports_for_people() -> None:
    write_settings('bot_id = "st-2"')
    ending = check(write_results(), "--status", write_status(), "--min-recall", "0.99")
    assert ending.code == ExitCode.INCONCLUSIVE
    outcomes = {one["name"]: one["outcome"] for one in ending.suite["checks"]}
    assert outcomes["recall >= 0.99"] == "failed", "report.json keeps the measured value"
    assert ending.junit.find(".//failure") is None
    assert "FAIL " not in ending.out
    assert "❌" not in ending.summary


class Reply(NamedTuple):
    """Changes to the status reply, the exit code, and a part of the message."""

    changes: dict[str, Any]
    code: ExitCode
    words: str


def _ended(word: str) -> dict[str, Any]:
    return {"status": word, "inner": {"status": word}}


REPLIES = {
    "partial": Reply({"inner": {"isPartialFailure": True}}, ExitCode.INCONCLUSIVE, "failed in part"),
    "other counts": Reply({"utterance_count": 41}, ExitCode.INCONCLUSIVE, "40"),
    "running": Reply(_ended("running"), ExitCode.INCONCLUSIVE, "is the reply of an unfinished run: 'running'"),
    "words that differ": Reply({"status": "running"}, ExitCode.INCONCLUSIVE, "'running / completed'"),
    "failed": Reply(_ended("failed"), ExitCode.PLATFORM, "is of a run that ended as 'failed', without results"),
    "cancelled": Reply(
        _ended("cancelled"), ExitCode.PLATFORM, "is of a run that ended as 'cancelled', without results"
    ),
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_status_reply_can_forbid_a_pass(reply: Reply) -> None:
    ending = check(write_results(), "--status", write_status(**reply.changes))
    assert ending.code == ending.report["exit_code"] == reply.code
    assert reply.words in ending.out
    assert [problem for problem in ending.junit_problems if reply.words in problem]


@pytest.mark.parametrize("text", ["", "<html>", "[]", "null", " " * 2**20 + "{}"], ids=lambda text: text[:9] or "empty")
def test_a_status_file_that_is_no_status_reply_is_inconclusive(text: str) -> None:
    ending = check(write_results(), "--status", write("status.json", text))
    assert ending.code == ExitCode.INCONCLUSIVE
    assert ("'status.json' is larger than 1 MiB" if len(text) > 2**20 else "'status.json': ") in ending.out
    assert "pass the status reply exactly as the platform sent it" in ending.out


def test_results_that_cannot_be_parsed_are_inconclusive_and_not_kept_if_utterances_are_hidden() -> None:
    page = write("page.csv", "<html>send money 1")
    ending = check(page)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert ending.suite["label"] == "page"
    hidden = check(page, "--utterances", "hash")
    assert hidden.code == ExitCode.INCONCLUSIVE
    assert not list(hidden.folder.glob("*.csv"))


def test_a_file_that_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    results = Path(write_results())
    usual = Path.open

    def refuse(path: Path, *arguments: Any, **more: Any) -> Any:
        if path == results:
            raise PermissionError(13, "Permission denied")
        return usual(path, *arguments, **more)

    monkeypatch.setattr(Path, "open", refuse)
    ending = check(str(results))
    assert ending.code == ExitCode.USAGE
    assert f"'{results}' cannot be read: Permission denied" in ending.err


@pytest.mark.parametrize("name", ["results", "status"])
def test_a_file_in_the_report_folder_is_refused_and_never_overwritten(name: str) -> None:
    folder = Path("ci-gate-check")
    results, status = write_results(), write_status()
    folder.mkdir()
    if name == "results":
        results = str(Path(results).rename(folder / "a.results.csv"))
    else:
        status = str(Path(status).rename(folder / "a.status.json"))
    before = Path(results).read_bytes(), Path(status).read_bytes()
    ending = check(results, "--status", status)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert "lies in the report folder, where it would be overwritten" in ending.err
    assert (Path(results).read_bytes(), Path(status).read_bytes()) == before


@pytest.mark.parametrize("victim", ["results.csv", "status.json"])
def test_a_copy_of_the_junit_file_never_overwrites_a_judged_file(victim: str) -> None:
    results, status = write_results(), write_status()
    before = Path(victim).read_bytes()
    ending = check(results, "--status", status, "--junit-xml", victim)
    assert ending.code == ExitCode.USAGE
    assert f"{victim}: the existing file is not a JUnit file" in ending.err
    assert Path(victim).read_bytes() == before


@pytest.mark.parametrize(
    ("flags", "report_name", "file", "expected"),
    [
        (("--suite", "Told"), "Inside", "file.csv", "Told"),
        ((), "Inside", "file.csv", "Inside"),
        ((), "", "file.csv", "file"),
        ((), "", "file.results.csv", "file"),
        ((), "..", "file.csv", "file"),
    ],
    ids=["flag", "report name", "file", "file that the gate kept", "report name of no use"],
)
def test_the_suite_is_named_by_the_flag_else_by_the_results_else_by_the_file(
    flags: tuple[str, ...], report_name: str, file: str, expected: str
) -> None:
    assert check(write_results(file, name=report_name), *flags).suite["suite"] == expected


SUITES = """
[[suites]]
name = "Smoke"
thresholds = { min_f1 = 0.99 }
[[suites]]
name = "Full regression"
label = "full"
"""


@pytest.mark.parametrize(
    ("flags", "report_name", "file", "code", "label"),
    [
        ((), "Smoke", "x.csv", ExitCode.FAILED, "Smoke"),
        ((), "", f"{file_stem('Smoke')}.results.csv", ExitCode.FAILED, "Smoke"),
        ((), "", "full.results.csv", ExitCode.PASSED, "full"),
        (("--suite", "full"), "", "x.csv", ExitCode.PASSED, "full"),
    ],
    ids=["report name", "file of the gate", "file of the gate, by label", "flag"],
)
def test_the_suite_of_the_settings_is_found_by_its_name_or_label(
    flags: tuple[str, ...], report_name: str, file: str, code: ExitCode, label: str
) -> None:
    write_settings(SUITES)
    ending = check(write_results(file, name=report_name), *flags)
    assert (ending.code, ending.suite["label"]) == (code, label), ending.output


@pytest.mark.parametrize(
    ("flags", "report_name", "words"),
    [
        ((), "Smokey", "did you mean 'Smoke'?"),
        (("--suite", "Smokey"), "", "did you mean 'Smoke'?"),
        ((), "", "choose one with --suite"),
    ],
    ids=["unknown name", "unknown flag", "no name"],
)
def test_a_suite_that_the_settings_lack_is_refused(flags: tuple[str, ...], report_name: str, words: str) -> None:
    write_settings(SUITES)
    ending = check(write_results("x.csv", name=report_name), *flags)
    assert ending.code == ExitCode.USAGE
    assert words in ending.err


def test_hidden_utterances_are_neither_shown_nor_kept() -> None:
    ending = check(write_results(), "--utterances", "hash")
    assert ending.code == 0
    assert "pay bill" not in ending.everything
    assert not list(ending.folder.glob("*.csv"))


class Line(NamedTuple):
    """Flags after the usual files, the exit code, and parts of standard output and standard error."""

    flags: str
    code: ExitCode
    out: tuple[str, ...] = ()
    err: str = ""


OTHER_SUITE = "the baseline is of report 'Full', not of 'Smoke'"
ITSELF = "warning: 'results.csv' is its own baseline, so the comparison shows nothing"
LINES = {
    "an advisory suite passes": Line("--min-recall 1 --advisory", ExitCode.PASSED, ("advisory",)),
    "a bot below the threshold fails": Line("--min-recall 1", ExitCode.FAILED, ("recall >= 1",)),
    "another bot version": Line("--bot-version published", ExitCode.INCONCLUSIVE, ("'published'",)),
    "too many bytes": Line("--max-file-size 100b", ExitCode.INCONCLUSIVE, ("is larger than", "--max-file-size")),
    "too many rows": Line("--max-file-rows 3", ExitCode.INCONCLUSIVE, ("3", "--max-file-rows")),
    "no such status": Line("--status nowhere.json", ExitCode.USAGE, err="there is no file 'nowhere.json'"),
    "no such baseline": Line("--baseline nowhere.csv", ExitCode.USAGE, err="there is no baseline 'nowhere.csv'"),
    "an allowed baseline": Line(
        "--baseline nowhere.csv --allow-missing-baseline", ExitCode.PASSED, err="NOTHING IS COMPARED"
    ),
    "a baseline of another suite": Line("--baseline full.csv", ExitCode.INCONCLUSIVE, (OTHER_SUITE,)),
    "its own baseline": Line("--baseline ./results.csv", ExitCode.PASSED, err=ITSELF),
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_command_ends_with_its_code_and_its_reason(line: Line) -> None:
    write_results("full.csv", name="Full")
    ending = check(write_results(name="Smoke"), "--status", write_status(), *line.flags.split())
    assert ending.code == ending.report["exit_code"] == line.code, ending.output
    assert [words for words in line.out if words not in ending.out] == []
    assert line.err in ending.err


def test_a_results_file_that_does_not_exist_is_refused() -> None:
    ending = check("nowhere.csv")
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert "there is no file 'nowhere.csv'" in ending.err


def test_an_empty_variable_of_a_threshold_causes_one_warning() -> None:
    ending = check(write_results(), CI_GATE_MIN_ACCURACY="")
    assert ending.code == 0
    assert ending.err.count("CI_GATE_MIN_ACCURACY is empty and sets no threshold") == 1
