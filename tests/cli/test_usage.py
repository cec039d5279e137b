"""What makes no sense ends in 2, says everything that is missing, and leaves no earlier green report standing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_gate.commands import COMMAND_BY_NAME, JUDGING, judging_command_in
from ci_gate.errors import ExitCode
from ci_gate.reports import REPORTS
from tests.earlier import FOREIGN, OWN, leave_green, problems_in
from tests.fakes import FakePlatform
from tests.scripted import ENVIRONMENT
from tests.stage import command

if TYPE_CHECKING:
    from tests.scripted import Play
    from tests.stage import Ending

NEEDED = {
    "host": (("CI_GATE_HOST",), "--host URL, CI_GATE_HOST, or host ="),
    "suite": (("CI_GATE_SUITE",), "--suite NAME, CI_GATE_SUITE, or [[suites]] name ="),
    "bot id": (("CI_GATE_BOT_ID",), "--bot-id ID, CI_GATE_BOT_ID, or bot_id ="),
    "threshold": (("CI_GATE_MIN_F1",), "--min-f1 0.9, CI_GATE_MIN_F1 or thresholds = { min_f1 = 0.9 }"),
    "credentials": (
        ("CI_GATE_CLIENT_ID", "CI_GATE_CLIENT_SECRET"),
        "credentials: CI_GATE_CLIENT_ID with CI_GATE_CLIENT_SECRET, or CI_GATE_JWT",
    ),
}
"""What a run needs: the variables that give it, and how its lack is told."""

ON_PLATFORM = [("run",), ("gate", "tr-1")]

REFUSED = [
    ("run",),
    ("run", "--timeout", "soon"),
    ("run", "--no-such-flag"),
    ("run", "--timeout"),
    ("run", "surplus"),
    ("--no-such-flag", "run"),
    ("gate",),
    ("gate", "tr-1"),
    ("gate", ""),
    ("gate", "tr-1", "--no-such-flag"),
    ("compare",),
    ("compare", "Smoke"),
    ("compare", "Smoke", "--no-such-flag"),
    ("check",),
    ("check", "nowhere.csv"),
    ("check", "nowhere.csv", "--status"),
]
"""Commands that make no sense where nothing is set."""


def folder_of(arguments: tuple[str, ...]) -> str:
    """The default folder of a command."""
    return COMMAND_BY_NAME[judging_command_in(arguments) or ""].report_dir


def test_every_judging_command_is_refused_in_some_way() -> None:
    assert {judging_command_in(arguments) for arguments in REFUSED} == set(JUDGING)


def assert_reported(ending: Ending) -> None:
    """The reports are there and say that the command made no sense."""
    assert ending.code == ExitCode.USAGE
    assert (ending.report["exit_code"], ending.report["verdict"]) == (2, "unjudged")
    assert ending.junit_problems
    assert all(ending.junit_problems)
    assert "exit code 2" in ending.summary.lower()


@pytest.mark.parametrize("arguments", ON_PLATFORM, ids=" ".join)
def test_where_nothing_is_given_everything_that_is_missing_is_named(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    ending = command(capsys, *arguments)
    assert_reported(ending)
    assert [how for _, how in NEEDED.values() if how not in ending.err] == []


@pytest.mark.parametrize("arguments", ON_PLATFORM, ids=" ".join)
@pytest.mark.parametrize("lacking", NEEDED)
def test_what_alone_is_missing_is_named_alone(
    lacking: str, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    absent, _ = NEEDED[lacking]
    environment = {name: value for name, value in ENVIRONMENT.items() if name not in absent}
    ending = command(capsys, *arguments, environment=environment)
    assert_reported(ending)
    assert [name for name, (_, how) in NEEDED.items() if how in ending.err] == [lacking]
    assert [name for name, (_, how) in NEEDED.items() if how in ending.report["error"]["hint"]] == [lacking]


@pytest.mark.parametrize(
    ("arguments", "lacking"),
    [(("gate",), "RUN_ID"), (("check",), "RESULTS.csv"), (("check", "nowhere.csv"), "there is no file 'nowhere.csv'")],
    ids=["gate", "check", "check nowhere.csv"],
)
def test_a_missing_argument_is_named(
    arguments: tuple[str, ...], lacking: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lacking in command(capsys, *arguments).err


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_the_reports_are_written_all_the_same(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert_reported(command(capsys, *arguments, folder=folder_of(arguments)))


@pytest.mark.parametrize("arguments", [row for row in REFUSED if "check" not in row], ids=" ".join)
def test_only_what_the_gate_left_itself_is_gone(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    folder = leave_green("ci-gate-report")
    command(capsys, *arguments)
    assert [name for name in OWN if (folder / name).exists()] == [one.name for one in REPORTS if one.is_file]
    assert [name for name in FOREIGN if not (folder / name).exists()] == []


@pytest.mark.parametrize(
    "arguments", [("--report-dir", "ci-gate-report"), ("--report-dir", "ci-gate-report", "--no-such-flag")], ids=len
)
def test_a_refused_replay_does_not_touch_what_it_was_to_replay(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = leave_green("ci-gate-report")
    results = str(folder / "smoke.results.csv")
    ending = command(capsys, "check", results, "--min-f1", "0.9", *arguments)
    assert_reported(ending)
    assert Path(results).read_text(encoding="utf-8") == "yesterday"
    assert (folder / "smoke.status.json").exists()


def toml(folder: str) -> str:
    """A settings file that names the folder, and something that makes no sense."""
    return f'report_dir = "{folder}"\njunit_xml = "copies/junit.xml"\ntimeout = "soon"\n'


PLACES = {
    "flag": (("--report-dir", "told", "--junit-xml", "copies/junit.xml"), {}, ""),
    "flag with =": (("--report-dir=told", "--junit-xml=copies/junit.xml"), {}, ""),
    "last of two": (("--report-dir", "other", "--report-dir", "told", "--junit-xml=copies/junit.xml"), {}, ""),
    "variable": ((), {"CI_GATE_REPORT_DIR": "told", "CI_GATE_JUNIT_XML": "copies/junit.xml"}, ""),
    "file": ((), {}, "ci-gate.toml"),
    "file of a flag": (("--config", "other.toml"), {}, "other.toml"),
    "file of a variable": ((), {"CI_GATE_CONFIG": "other.toml"}, "other.toml"),
    "flag before variable": (
        ("--report-dir", "told", "--junit-xml", "copies/junit.xml"),
        {"CI_GATE_REPORT_DIR": "other"},
        "",
    ),
    "variable before file": ((), {"CI_GATE_REPORT_DIR": "told"}, "ci-gate.toml"),
}
"""How the folder and the copy can be told: by flags, variables, or the named file."""


@pytest.mark.parametrize("more", [(), ("--no-such-flag",)], ids=["settings", "unknown flag"])
@pytest.mark.parametrize("place", PLACES)
def test_the_folder_is_found_however_it_is_told(
    place: str, more: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    flags, environment, file = PLACES[place]
    if file:
        Path(file).write_text(toml("other" if place == "variable before file" else "told"), encoding="utf-8")
    folder = leave_green("told")
    Path("copies").mkdir()
    ending = command(capsys, "run", *flags, *more, environment=environment, folder="told")
    assert_reported(ending)
    assert not (folder / "smoke.results.csv").exists()
    assert problems_in(Path("copies/junit.xml")) == ending.junit_problems
    assert not Path("other").exists()


def test_earlier_reports_where_a_settings_file_once_led_do_not_stay_green(capsys: pytest.CaptureFixture[str]) -> None:
    Path("conf").mkdir()
    Path("conf/other.toml").write_text('report_dir = "told"\n[thresholds]\nmin_f1 = 0.9\n', encoding="utf-8")
    leave_green("told")
    results = Path("new.csv")
    results.write_text("Utterance,ExpectedIntent,MatchedIntent,ResultType\n", encoding="utf-8")
    ending = command(capsys, "check", str(results), "--config", "conf/other.toml", folder="told")
    assert_reported(ending)
    assert f"there is no '{Path('conf/told')}', but there is 'told' in the working directory" in ending.err


@pytest.mark.parametrize("blank", ["", " "], ids=["empty", "blank"])
def test_a_folder_without_a_name_is_refused_and_told_in_the_default_folder(
    blank: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = command(capsys, "run", "--report-dir", blank, environment=ENVIRONMENT)
    assert_reported(ending)
    assert f"--report-dir: '{blank}' is not a path" in ending.err


@pytest.mark.parametrize(
    "text", ["[tool", 'report_dir = ["a", "b"]', "report_dir = true"], ids=["no TOML", "list", "boolean"]
)
def test_a_file_that_makes_no_sense_is_told_in_the_default_folder(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("ci-gate.toml").write_text(text, encoding="utf-8")
    ending = command(capsys, "run", environment=ENVIRONMENT)
    assert_reported(ending)
    assert "ci-gate.toml" in ending.report["error"]["message"]


@pytest.mark.parametrize("junit_cases", ["all", "none"], ids=["settings make sense", "settings do not"])
@pytest.mark.parametrize("folder", ["taken", "taken/below"])
def test_a_file_where_the_folder_should_be_is_told_and_survives(
    folder: str, junit_cases: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("taken").write_text("mine", encoding="utf-8")
    arguments = ("--report-dir", folder, "--junit-cases", junit_cases)
    ending = command(capsys, "run", *arguments, environment=ENVIRONMENT | {"GITHUB_STEP_SUMMARY": "step.md"})
    assert ending.code == ExitCode.USAGE
    assert f"the report folder '{folder}' cannot be written: {folder}" in ending.err
    assert Path("taken").read_text(encoding="utf-8") == "mine"
    assert "exit code 2" in Path("step.md").read_text(encoding="utf-8").lower()


def test_one_file_that_cannot_be_replaced_keeps_no_other_from_telling(capsys: pytest.CaptureFixture[str]) -> None:
    folder = leave_green("ci-gate-report")
    (folder / "summary.md").unlink()
    (folder / "summary.md" / "mine").mkdir(parents=True)
    ending = command(capsys, "run", environment=ENVIRONMENT)
    assert ending.code == ExitCode.USAGE
    assert "ci-gate-report/summary.md: " in ending.err
    assert ending.report["exit_code"] == 2
    assert "cannot be written" in ending.junit_problems[0]
    assert not (folder / "smoke.results.csv").exists()


def test_a_copy_that_cannot_be_written_leaves_no_green_report_in_the_folder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    leave_green("ci-gate-report")
    Path("taken").write_text("mine", encoding="utf-8")
    ending = command(capsys, "run", "--junit-xml", "taken/junit.xml", environment=ENVIRONMENT)
    assert_reported(ending)


@pytest.mark.parametrize(
    ("environment", "file", "told"),
    [
        ({"CI_GATE_MINF1": "0.9"}, "", "did you mean 'CI_GATE_MIN_F1'?"),
        ({"CI_GATE_SUITE": "Smok"}, "[[suites]]\nname = 'Smoke'", "did you mean 'Smoke'?"),
        ({}, "hosts = 'platform.example'", "did you mean 'host'?"),
    ],
    ids=["variable", "suite", "key"],
)
def test_a_name_that_matches_nothing_is_met_with_the_nearest(
    environment: dict[str, str], file: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("ci-gate.toml").write_text(file, encoding="utf-8")
    ending = command(capsys, "run", environment=ENVIRONMENT | environment)
    assert_reported(ending)
    assert told in ending.err


def test_text_of_the_user_is_no_workflow_command(capsys: pytest.CaptureFixture[str]) -> None:
    ending = command(capsys, "run", "--timeout", "x\n::error::broken ##[error]", environment=ENVIRONMENT)
    assert_reported(ending)
    assert not [line for line in ending.err.splitlines() if line.startswith("::") or "##[" in line]


NO_GATE = "  a threshold for 'Smoke': such as --min-f1 0.9, CI_GATE_MIN_F1 or thresholds = { min_f1 = 0.9 }"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--min-f1", "0"), "--min-f1: '0' is a threshold that nothing can fail: to have none, write 'off'"),
        (("--min-recall", "0%"), "--min-recall: '0%' is a threshold that nothing can fail: to have none, write 'off'"),
        (("--min-f1", "off"), NO_GATE),
        (("--min-f1", "off", "--min-utterances", "1"), NO_GATE),
        (("--min-f1", "off", "--max-failed-utterances", "off", "--min-utterances", "1"), NO_GATE),
    ],
)
@pytest.mark.parametrize("name", ["run", "gate"])
def test_a_gate_that_nothing_can_fail_is_refused_before_anything_is_started(
    name: str, arguments: tuple[str, ...], words: str, play: Play
) -> None:
    platform = FakePlatform()
    ending = play(name, *(("tr-1",) if name == "gate" else ()), *arguments, platform=platform)
    assert_reported(ending)
    assert words in ending.err
    assert platform.asked == []
    if words is NO_GATE:
        assert "a gate that cannot fail is not a gate" in ending.report["error"]["hint"]
