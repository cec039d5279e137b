"""Wrong arguments or settings: exit code 2, a message that names every error, and no earlier report left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from ci_gate.commands import COMMAND_BY_NAME, JUDGING, judging_command_in
from ci_gate.errors import ExitCode
from ci_gate.reports import REPORTS
from tests.earlier import FOREIGN, OWN, leave_green, problems_in
from tests.fakes import FakePlatform
from tests.files import write, write_settings
from tests.sandbox import run_cli
from tests.scripted import ENVIRONMENT

if TYPE_CHECKING:
    from tests.sandbox import Ending
    from tests.scripted import Play

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
"""What a run needs: its variables, and a part of the message if they are missing."""

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
"""Commands that are refused if no variable is set."""


def test_every_judging_command_is_among_the_refused_ones() -> None:
    assert {judging_command_in(arguments) for arguments in REFUSED} == set(JUDGING)


def assert_reported(ending: Ending) -> None:
    """Fail unless every report states that the arguments or settings were wrong."""
    assert ending.code == ExitCode.USAGE
    assert (ending.report["exit_code"], ending.report["verdict"]) == (2, "unjudged")
    assert ending.junit_problems
    assert all(ending.junit_problems)
    assert "exit code 2" in ending.summary.lower()


def refused(
    *arguments: str, environment: dict[str, str] | None = ENVIRONMENT, folder: str = "ci-gate-report"
) -> Ending:
    """Run a command that is refused in every report."""
    ending = run_cli(*arguments, environment=environment, folder=folder)
    assert_reported(ending)
    return ending


@pytest.mark.parametrize("arguments", ON_PLATFORM, ids=" ".join)
def test_a_command_without_any_settings_names_all_that_are_missing(arguments: tuple[str, ...]) -> None:
    ending = refused(*arguments, environment={})
    assert [how for _, how in NEEDED.values() if how not in ending.err] == []


@pytest.mark.parametrize("arguments", ON_PLATFORM, ids=" ".join)
@pytest.mark.parametrize("lacking", NEEDED)
def test_a_single_missing_setting_is_the_only_one_named(lacking: str, arguments: tuple[str, ...]) -> None:
    absent, _ = NEEDED[lacking]
    environment = {name: value for name, value in ENVIRONMENT.items() if name not in absent}
    ending = refused(*arguments, environment=environment)
    for text in (ending.err, ending.report["error"]["hint"]):
        assert [name for name, (_, how) in NEEDED.items() if how in text] == [lacking]


def test_a_missing_argument_is_named() -> None:
    assert "RUN_ID" in run_cli("gate").err
    assert "RESULTS.csv" in run_cli("check").err
    assert "there is no file 'nowhere.csv'" in run_cli("check", "nowhere.csv").err


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_a_refusal_replaces_the_reports_of_an_earlier_run_and_no_other_file(arguments: tuple[str, ...]) -> None:
    folder = COMMAND_BY_NAME[judging_command_in(arguments) or ""].report_dir
    left = leave_green(folder)
    refused(*arguments, environment={}, folder=folder)
    kept = ["smoke.results.csv", "smoke.status.json"] if "check" in arguments else []  # it may have been to judge them
    assert [name for name in OWN if (left / name).exists()] == [one.name for one in REPORTS if one.is_file] + kept
    assert [name for name in FOREIGN if not (left / name).exists()] == []


@pytest.mark.parametrize("flags", [(), ("--no-such-flag",)], ids=["settings", "unknown flag"])
def test_a_check_that_is_refused_keeps_the_files_that_it_was_to_judge(flags: tuple[str, ...]) -> None:
    folder = leave_green("ci-gate-report")
    results = folder / "smoke.results.csv"
    refused("check", str(results), "--min-f1", "0.9", "--report-dir", "ci-gate-report", *flags, environment={})
    assert results.read_text(encoding="utf-8") == "yesterday"
    assert (folder / "smoke.status.json").exists()


class Place(NamedTuple):
    """Flags and variables that name the report folder, or the settings file that names it as ``named``."""

    flags: tuple[str, ...] = ()
    environment: dict[str, str] | None = None
    file: str = ""
    named: str = "told"


COPY = "--junit-xml=copies/junit.xml"
PLACES = {
    "flag": Place(("--report-dir", "told", "--junit-xml", "copies/junit.xml")),
    "flag with =": Place(("--report-dir=told", COPY)),
    "last of two": Place(("--report-dir", "other", "--report-dir", "told", COPY)),
    "variable": Place((), {"CI_GATE_REPORT_DIR": "told", "CI_GATE_JUNIT_XML": "copies/junit.xml"}),
    "file": Place(file="ci-gate.toml"),
    "file of a flag": Place(("--config", "other.toml"), file="other.toml"),
    "file of a variable": Place((), {"CI_GATE_CONFIG": "other.toml"}, "other.toml"),
    "flag before variable": Place(("--report-dir", "told", COPY), {"CI_GATE_REPORT_DIR": "other"}),
    "variable before file": Place((), {"CI_GATE_REPORT_DIR": "told"}, "ci-gate.toml", "other"),
}


@pytest.mark.parametrize("more", [(), ("--no-such-flag",)], ids=["settings", "unknown flag"])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_refusal_is_reported_in_the_folder_that_the_settings_name(place: Place, more: tuple[str, ...]) -> None:
    if place.file:
        write(place.file, f'report_dir = "{place.named}"\njunit_xml = "copies/junit.xml"\ntimeout = "soon"\n')
    folder = leave_green("told")
    Path("copies").mkdir()
    ending = refused("run", *place.flags, *more, environment=place.environment, folder="told")
    assert not (folder / "smoke.results.csv").exists()
    assert problems_in(Path("copies/junit.xml")) == ending.junit_problems
    assert not Path("other").exists()


def test_a_report_folder_that_earlier_versions_used_does_not_stay_green() -> None:
    write("conf/other.toml", 'report_dir = "told"\n[thresholds]\nmin_f1 = 0.9\n')
    leave_green("told")
    results = write("new.csv", "Utterance,ExpectedIntent,MatchedIntent,ResultType\n")
    ending = refused("check", results, "--config", "conf/other.toml", environment={}, folder="told")
    assert f"there is no '{Path('conf/told')}', but there is 'told' in the working directory" in ending.err


@pytest.mark.parametrize("blank", ["", " "], ids=["empty", "blank"])
def test_a_blank_report_folder_is_refused_in_the_default_folder(blank: str) -> None:
    assert f"--report-dir: '{blank}' is not a path" in refused("run", "--report-dir", blank).err


@pytest.mark.parametrize(
    "text", ["[tool", 'report_dir = ["a", "b"]', "report_dir = true"], ids=["no TOML", "list", "boolean"]
)
def test_an_invalid_settings_file_is_refused_in_the_default_folder(text: str) -> None:
    write_settings(text)
    assert "ci-gate.toml" in refused("run").report["error"]["message"]


@pytest.mark.parametrize("junit_cases", ["all", "none"], ids=["valid settings", "invalid settings"])
@pytest.mark.parametrize("folder", ["taken", "taken/below"])
def test_a_file_in_place_of_the_report_folder_is_named_and_kept(folder: str, junit_cases: str) -> None:
    write("taken", "mine")
    arguments = ("--report-dir", folder, "--junit-cases", junit_cases)
    ending = run_cli("run", *arguments, environment=ENVIRONMENT | {"GITHUB_STEP_SUMMARY": "step.md"})
    assert ending.code == ExitCode.USAGE
    assert f"the report folder '{folder}' cannot be written: {folder}" in ending.err
    assert Path("taken").read_text(encoding="utf-8") == "mine"
    assert "exit code 2" in Path("step.md").read_text(encoding="utf-8").lower()


def test_a_report_that_cannot_be_replaced_does_not_prevent_the_others() -> None:
    folder = leave_green("ci-gate-report")
    (folder / "summary.md").unlink()
    (folder / "summary.md" / "mine").mkdir(parents=True)
    ending = run_cli("run", environment=ENVIRONMENT)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert "ci-gate-report/summary.md: " in ending.err
    assert "cannot be written" in ending.junit_problems[0]
    assert not (folder / "smoke.results.csv").exists()


def test_a_copy_that_cannot_be_written_leaves_no_green_report_in_the_folder() -> None:
    leave_green("ci-gate-report")
    write("taken", "mine")
    refused("run", "--junit-xml", "taken/junit.xml")


@pytest.mark.parametrize(
    ("environment", "file", "hint"),
    [
        ({"CI_GATE_MINF1": "0.9"}, "", "did you mean 'CI_GATE_MIN_F1'?"),
        ({"CI_GATE_SUITE": "Smok"}, "[[suites]]\nname = 'Smoke'", "did you mean 'Smoke'?"),
        ({}, "hosts = 'platform.example'", "did you mean 'host'?"),
    ],
    ids=["variable", "suite", "key"],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(environment: dict[str, str], file: str, hint: str) -> None:
    write_settings(file)
    assert hint in refused("run", environment=ENVIRONMENT | environment).err


def test_a_value_of_the_user_is_no_workflow_command() -> None:
    lines = refused("run", "--timeout", "x\n::error::broken ##[error]").err.splitlines()
    assert not [line for line in lines if line.startswith("::") or "##[" in line]


NO_GATE = "  a threshold for 'Smoke': such as --min-f1 0.9, CI_GATE_MIN_F1 or thresholds = { min_f1 = 0.9 }"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--min-f1", "0"), "--min-f1: '0' can never fail: to switch the threshold off, write 'off'"),
        (("--min-recall", "0%"), "--min-recall: '0%' can never fail: to switch the threshold off, write 'off'"),
        (("--min-f1", "off"), NO_GATE),
        (("--min-f1", "off", "--min-utterances", "1"), NO_GATE),
        (("--min-f1", "off", "--max-failed-utterances", "off", "--min-utterances", "1"), NO_GATE),
    ],
)
@pytest.mark.parametrize("command", ON_PLATFORM, ids=" ".join)
def test_a_gate_that_cannot_fail_is_refused_before_it_starts_a_run(
    command: tuple[str, ...], arguments: tuple[str, ...], words: str, play: Play
) -> None:
    platform = FakePlatform()
    ending = play(*command, *arguments, platform=platform)
    assert_reported(ending)
    assert words in ending.err
    assert platform.asked == []
    if words is NO_GATE:
        assert "a gate that cannot fail is not a gate" in ending.report["error"]["hint"]
