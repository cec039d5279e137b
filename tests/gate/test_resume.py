"""``--resume`` continues an open run, never judges a run twice, and refuses a record that does not fit."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from ci_gate.core.model import Run, RunState
from ci_gate.errors import Denied, ExitCode, PlatformError, UsageError
from ci_gate.gate.run_record import known_runs
from tests import scripted
from tests.fakes import EPOCH, TWO_RUNS, FakePlatform, completed, ended, file_of, waiting
from tests.files import write_settings
from tests.scripted import InterruptedPlatform

if TYPE_CHECKING:
    from tests.sandbox import Ending
    from tests.scripted import Play

FILE = Path("ci-gate-report/run.json")
NO_COMMIT = {"CI_GATE_COMMIT": ""}
READY_TOKEN = {"CI_GATE_CLIENT_ID": "", "CI_GATE_CLIENT_SECRET": "", "CI_GATE_JWT": "a-token-that-opens-nothing"}
ANEW = "to start new runs, leave --resume out"


@pytest.fixture(autouse=True)
def in_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the commit that is built."""
    monkeypatch.setitem(scripted.ENVIRONMENT, "CI_GATE_COMMIT", "c0ffee1")


def recorded() -> list[dict[str, Any]]:
    """Return the runs in the record."""
    document = json.loads(FILE.read_bytes())
    assert document["schema_version"] == 2
    runs: list[dict[str, Any]] = document["runs"]
    return runs


def verdicts() -> list[tuple[str, str | None]]:
    """Return run id and verdict of every run in the record."""
    return [(run["run_id"], run["verdict"]) for run in recorded()]


def times_out(play: Play, *arguments: str, **environment: str) -> None:
    """Run a command to its timeout, which leaves its run open."""
    platform = FakePlatform(statuses=(waiting(0.5),))
    words = arguments if arguments[:1] in (("gate",), ("compare",)) else ("run", *arguments)
    ending = play(*words, "--timeout", "30s", platform=platform, environment=environment)
    assert ending.code == ExitCode.TIMEOUT


def refused(play: Play, *arguments: str, **environment: str) -> tuple[str, str]:
    """Resume in vain: no call to the platform, and no change to the record; return message and hint."""
    before = FILE.read_bytes() if FILE.exists() else None
    platform = FakePlatform()
    ending = play("run", "--resume", *arguments, platform=platform, environment=environment)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert platform.asked == []
    assert (FILE.read_bytes() if FILE.exists() else None) == before
    error = ending.report["error"]
    assert error["message"] in ending.err
    return error["message"], error["hint"]


def not_resumed(why: str) -> str:
    return f"run tr-1 of suite 'Smoke' cannot be resumed: {why}"


def test_a_run_is_recorded_with_all_that_identifies_it(play: Play) -> None:
    times_out(play)
    (run,) = recorded()
    assert re.fullmatch("hmac-sha256:[0-9a-f]{64}", run.pop("mark"))
    assert run.pop("settings").startswith("sha256:")
    assert run.pop("since").startswith("2026-")
    identity = {"label": "Smoke", "suite": "Smoke", "bot_id": "st-1", "bot_version": "inDevelopment"}
    assert run == identity | {"commit": "c0ffee1", "run_id": "tr-1", "verdict": None}


def test_an_open_run_is_resumed_instead_of_starting_another(play: Play) -> None:
    times_out(play)
    platform = FakePlatform()
    ending = play("run", "--resume", "--timeout", "60s", platform=platform)
    assert ending.code == ExitCode.PASSED
    assert (platform.times("start"), platform.times("status")) == ([], [0.0])
    assert "Smoke: resuming run tr-1, recorded at 2026-" in ending.err
    assert "started by this gate before, and resumed" in ending.out
    assert (ending.suite["source"], ending.suite["run_id"]) == ("resumed", "tr-1")
    assert verdicts() == [("tr-1", "passed")]


def test_an_open_run_can_be_resumed_any_number_of_times(play: Play) -> None:
    times_out(play)
    before = recorded()
    times_out(play, "--resume")
    assert recorded() == before


def test_another_run_is_started_without_the_flag(play: Play) -> None:
    times_out(play)
    platform = FakePlatform(starts=(Run("Smoke", "tr-2"),))
    assert play(platform=platform).suite["run_id"] == "tr-2"
    assert [run["run_id"] for run in recorded()] == ["tr-2"]


def test_the_variable_has_the_effect_of_the_flag(play: Play) -> None:
    times_out(play)
    platform = FakePlatform()
    play(platform=platform, environment={"CI_GATE_RESUME": "yes"})
    assert platform.times("start") == []


def test_a_run_is_started_if_there_is_no_record(play: Play) -> None:
    platform = FakePlatform()
    ending = play("run", "--resume", platform=platform)
    assert ending.code == ExitCode.PASSED
    assert len(platform.times("start")) == 1
    assert "Smoke: nothing to resume; starting a run" in ending.err


JUDGED = {
    "passed": FakePlatform(),
    "failed": FakePlatform.judging(right=10, wrong=30),
    "without a result": FakePlatform(statuses=(ended(RunState.CANCELLED),)),
    "inconclusive": FakePlatform(statuses=(completed(right=40),), files=(file_of(right=7),)),
    "unknown": FakePlatform(statuses=(PlatformError("Test Result not found"),)),
}


@pytest.mark.parametrize("ending", JUDGED)
def test_a_run_that_has_ended_is_never_judged_again(ending: str, play: Play) -> None:
    first = play(platform=JUDGED[ending])
    assert recorded()[0]["verdict"] == first.suite["verdict"]
    again = play("run", "--resume", platform=FakePlatform(starts=(Run("Smoke", "tr-2"),)))
    assert (again.code, again.suite["run_id"]) == (ExitCode.PASSED, "tr-2")


OPEN = {
    "interrupted": InterruptedPlatform(),
    "denied": FakePlatform(statuses=(Denied("refused"),)),
    "a bug": FakePlatform(statuses=(ZeroDivisionError(),)),
}


@pytest.mark.parametrize("ending", OPEN)
def test_a_run_that_the_gate_did_not_see_end_is_still_open(ending: str, play: Play) -> None:
    play(platform=OPEN[ending])
    assert recorded()[0]["verdict"] is None
    platform = FakePlatform()
    play("run", "--resume", platform=platform)
    assert platform.times("start") == []


def test_the_verdict_is_recorded_before_it_is_reported(play: Play) -> None:
    """If the command is killed in between, the next one starts a run and does not judge this one again."""

    def killed(*_: object, **_between: object) -> None:
        raise KeyboardInterrupt

    play.monkeypatch.setattr("ci_gate.output.report_folder.ReportFolder.write", killed)
    assert play().code == ExitCode.INTERRUPTED
    assert recorded()[0]["verdict"] == "passed"


# What must be the same

OTHER_SETTINGS = "the settings have changed (host, language, engine, rules, or the baseline)"
AS_NOW = f"{ANEW}; to judge it under the present settings: ci-gate gate tr-1 --suite Smoke"
NEEDS_COMMIT = "--resume needs the commit that is built, which neither a CI variable nor git provides"
NO_MARK = f"in '{FILE}' it has no mark: was it recorded with a ready token?"
WRONG_MARK = f"its mark in '{FILE}' is invalid: the file or the secret has changed since the run was recorded"


class Change(NamedTuple):
    """The command that recorded the run, and the flags and variables of the one that cannot resume it."""

    message: str
    hint: str = AS_NOW
    flags: tuple[str, ...] = ()
    environment: dict[str, str] | None = None
    recorded: tuple[str, ...] = ()
    recorded_in: dict[str, str] | None = None


REFUSED = {
    "commit": Change(
        not_resumed("the commit was 'c0ffee1' and is 'decaf17'"), environment={"CI_GATE_COMMIT": "decaf17"}
    ),
    "bot": Change(not_resumed("the bot id was 'st-1' and is 'st-2'"), environment={"CI_GATE_BOT_ID": "st-2"}),
    "version": Change(
        not_resumed("the bot version was 'inDevelopment' and is 'published'"),
        f"{AS_NOW} --bot-version published",
        flags=("--bot-version", "published"),
    ),
    "thresholds": Change(not_resumed(OTHER_SETTINGS), f"{AS_NOW} --min-f1 0.1", flags=("--min-f1", "0.1")),
    "host": Change(not_resumed(OTHER_SETTINGS), environment={"CI_GATE_HOST": "other.example"}),
    # Without the suite, no command would judge its run.
    "suite": Change(not_resumed("the suite labelled 'Smoke' is no longer selected"), ANEW, flags=("--suite", "Full")),
    "unknown commit": Change(
        NEEDS_COMMIT, f"set CI_GATE_COMMIT to it; {ANEW}", recorded_in=NO_COMMIT, environment=NO_COMMIT
    ),
    "commit that is unknown now": Change(NEEDS_COMMIT, f"set CI_GATE_COMMIT to it; {ANEW}", environment=NO_COMMIT),
    "commit that was unknown": Change(not_resumed("the commit was unknown and is 'c0ffee1'"), recorded_in=NO_COMMIT),
    "run that was started elsewhere": Change(
        not_resumed("the commit was unknown and is 'c0ffee1'"), recorded=("gate", "tr-1")
    ),
    # No command to attach is offered: the run may not be ours.
    "ready token": Change(not_resumed(NO_MARK), ANEW, recorded_in=READY_TOKEN),
    "another secret": Change(
        not_resumed(WRONG_MARK), ANEW, environment={"CI_GATE_CLIENT_SECRET": "another-secret-that-opens-nothing"}
    ),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_a_run_that_differs_in_anything_is_refused_with_the_way_to_attach(change: Change, play: Play) -> None:
    times_out(play, *change.recorded, **(change.recorded_in or {}))
    assert refused(play, *change.flags, **(change.environment or {})) == (change.message, change.hint)


def test_a_command_without_a_known_commit_or_a_secret_of_its_own_resumes_nothing(play: Play) -> None:
    assert refused(play, **NO_COMMIT) == (NEEDS_COMMIT, f"set CI_GATE_COMMIT to it; {ANEW}")
    times_out(play)
    message, hint = refused(play, **READY_TOKEN)
    assert message.startswith("--resume needs a client secret or a private key: ")
    assert hint == f"set CI_GATE_CLIENT_ID and CI_GATE_CLIENT_SECRET in place of CI_GATE_JWT; {ANEW}"


def test_a_run_that_was_recorded_with_a_ready_token_has_no_mark(play: Play) -> None:
    times_out(play, **READY_TOKEN)
    assert recorded()[0]["mark"] is None


def test_a_suite_of_another_name_under_the_same_label_is_refused(play: Play) -> None:
    write_settings("[[suites]]\nname = 'Smoke'\nlabel = 'a'\n")
    times_out(play, CI_GATE_SUITE="")
    write_settings("[[suites]]\nname = 'Full'\nlabel = 'a'\n")
    message, _ = refused(play, CI_GATE_SUITE="")
    assert "cannot be resumed: the suite was 'Smoke' and is 'Full'" in message


def test_another_baseline_is_refused(play: Play) -> None:
    for name, wrong in (("one", 0), ("two", 3)):
        play(platform=replace(FakePlatform.judging(wrong=wrong), starts=(Run("Smoke", "tr-0"),)))
        Path("ci-gate-report/report.json").rename(f"{name}.json")
    times_out(play, "--baseline", "one.json")
    assert OTHER_SETTINGS in refused(play, "--baseline", "two.json")[0]
    assert play("run", "--resume", "--baseline", "one.json").code == ExitCode.PASSED


def test_another_rule_is_refused(play: Play) -> None:
    write_settings('must_pass = ["right 1"]')
    times_out(play)
    write_settings('must_pass = ["right 2"]')
    assert "the settings have changed" in refused(play)[0]
    write_settings('must_pass = ["right 1"]')
    assert play("run", "--resume").code == ExitCode.PASSED


def test_the_base_of_a_comparison_is_no_run_to_judge(play: Play) -> None:
    times_out(play, "compare", "Smoke", CI_GATE_SUITE="")
    assert "the suite labelled 'Smoke (base)' is no longer selected" in refused(play)[0]


def test_a_recorded_run_can_still_be_resumed_after_another_command_attached_to_it(play: Play) -> None:
    times_out(play)
    before = recorded()
    times_out(play, "gate", "tr-1")
    assert recorded() == before
    assert play("run", "--resume").code == ExitCode.PASSED


# Who recorded it


def test_a_secret_in_place_of_the_commit_is_neither_recorded_nor_shown(play: Play) -> None:
    secret = scripted.ENVIRONMENT["CI_GATE_CLIENT_SECRET"]
    ending = play(environment={"CI_GATE_COMMIT": secret})
    assert ending.code == ExitCode.USAGE
    assert "CI_GATE_COMMIT holds a secret of the environment" in ending.err
    assert secret not in ending.output
    assert not FILE.exists()


CHANGES: dict[str, object] = {
    "label": "Full",
    "suite": "Full",
    "bot_id": "st-2",
    "bot_version": "published",
    "commit": "decaf17",
    "settings": "sha256:0",
    "run_id": "tr-of-an-old-good-bot",
    "since": "2026-01-01T00:00:00+00:00",
    "mark": "hmac-sha256:é",
}


@pytest.mark.parametrize("name", [*CHANGES, "verdict"])
def test_a_record_with_a_changed_field_is_refused(name: str, play: Play) -> None:
    if name == "verdict":
        play()
    else:
        times_out(play)
    (run,) = recorded()
    write_record({"schema_version": 2, "runs": [run | {name: CHANGES.get(name)}]})
    assert "its mark in" in refused(play)[0]


def test_a_command_does_not_mark_a_run_that_it_did_not_record(play: Play) -> None:
    """Otherwise a forged run would be trusted as soon as a command attaches to another one."""
    times_out(play)
    (run,) = recorded()
    forged = run | {"label": "Full", "suite": "Full"}
    write_record({"schema_version": 2, "runs": [forged]})
    assert play("gate", "tr-2").code == ExitCode.PASSED
    assert [found["mark"] for found in recorded() if found["label"] == "Full"] == [forged["mark"]]
    assert "its mark in" in refused(play, CI_GATE_SUITE="Full")[0]


def test_the_record_reveals_nothing_about_the_secret(play: Play) -> None:
    times_out(play)
    secret = scripted.ENVIRONMENT["CI_GATE_CLIENT_SECRET"]
    (run,) = recorded()
    content = {name: value for name, value in run.items() if name != "mark"}
    plain = hmac.new(secret.encode(), json.dumps(content, sort_keys=True).encode(), "sha256").hexdigest()
    assert secret not in FILE.read_text(encoding="utf-8")
    assert plain not in run["mark"]


# Several suites


def test_each_suite_is_resumed_or_started_by_itself(play: Play) -> None:
    both = {"CI_GATE_SUITE": "A\nB"}
    first = FakePlatform(starts=TWO_RUNS, statuses=(completed(), waiting(0.5)))
    assert play("run", "--timeout", "60s", platform=first, environment=both).code == ExitCode.TIMEOUT
    assert verdicts() == [("tr-a", "passed"), ("tr-b", None)]
    ending = play("run", "--resume", platform=FakePlatform(starts=(Run("A", "tr-c"),)), environment=both)
    assert "A: nothing to resume; starting a run" in ending.err
    assert "B: resuming run tr-b" in ending.err
    found = [(suite["run_id"], suite["source"]) for suite in ending.report["suites"]]
    assert found == [("tr-c", "run"), ("tr-b", "resumed")]


def entry_of(label: str = "Smoke", run_id: object = "tr-1", **changed: object) -> dict[str, object]:
    """Return a run of the record, valid but for the fields in ``changed``."""
    identity = {"label": label, "suite": label, "bot_id": "st-1", "bot_version": "inDevelopment", "commit": None}
    rest = {"settings": "sha256:0", "run_id": run_id, "since": "2026-01-01", "verdict": None, "mark": None}
    return identity | rest | changed


def write_record(content: object) -> None:
    """Write the record from bytes or a JSON document."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def test_attaching_closes_the_record_of_that_run_and_keeps_the_others(play: Play) -> None:
    write_record({"schema_version": 2, "runs": [entry_of("A", "tr-a"), entry_of("B", "tr-b")]})
    assert play("gate", "tr-a", "--suite", "A").code == ExitCode.PASSED
    assert verdicts() == [("tr-a", "passed"), ("tr-b", None)]


def test_attaching_to_a_run_that_was_started_elsewhere_replaces_an_unreadable_record(play: Play) -> None:
    write_record(b"nonsense")
    assert play("gate", "tr-9").code == ExitCode.PASSED
    assert verdicts() == [("tr-9", "passed")]


# A record that cannot be read or written


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value"),
        (b"\xff", "can't decode"),
        (b"[" * 100_000, "recursion"),
        ([], "its schema version is not supported by this version of ci-gate"),
        ({"schema_version": 3, "runs": []}, "its schema version is not supported by this version of ci-gate"),
        ({"schema_version": 1, "runs": []}, "an earlier version of ci-gate, which did not authenticate its runs"),
        ({"schema_version": 2}, "it lists no runs"),
        ({"schema_version": 2, "runs": ["tr-1"]}, "a run in it has missing or unknown fields"),
        ({"schema_version": 2, "runs": [entry_of(more=1)]}, "a run in it has missing or unknown fields"),
        ({"schema_version": 2, "runs": [entry_of(run_id=1)]}, "a field of a run in it is not a text"),
        ({"schema_version": 2, "runs": [entry_of(run_id=None)]}, "a field of a run in it is not a text"),
        ({"schema_version": 2, "runs": [entry_of(run_id="..")]}, "'..' cannot be a name"),
        ({"schema_version": 2, "runs": [entry_of(), entry_of()]}, "it lists a suite twice"),
    ],
)
def test_an_invalid_record_is_refused_and_kept(content: object, reason: str, play: Play) -> None:
    write_record(content)
    message, _ = refused(play)
    assert message.startswith(f"'{FILE}' cannot be read: ")
    assert reason in message


def test_a_folder_in_place_of_the_record_is_refused(play: Play) -> None:
    FILE.mkdir(parents=True)
    assert f"'{FILE}' cannot be read: Is a directory" in play("run", "--resume").err


def test_a_record_without_read_permission_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    write_record(b"")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match="cannot be read: Permission denied"):
        known_runs(FILE)


def test_a_mistake_in_the_settings_keeps_the_record(play: Play) -> None:
    times_out(play)
    before = recorded()
    assert play("run", "--resume", "--min-f1", "nine").code == ExitCode.USAGE
    assert play("run", "--resum").code == ExitCode.USAGE
    assert recorded() == before


def test_a_record_that_cannot_be_written_causes_a_warning(play: Play) -> None:
    FILE.mkdir(parents=True)
    ending = play()
    assert ending.code == ExitCode.PASSED
    assert f"warning: not written: {FILE}: not a regular file; --resume cannot resume these runs" in ending.err


# How old it is

TOO_OLD = "the run ended 120 minutes ago; --max-age allows 60"


def test_an_old_run_can_be_refused_unless_it_was_just_started(play: Play) -> None:
    old = FakePlatform(statuses=(completed(ended=EPOCH - 7200),))
    assert play("run", "--max-age", "1h", platform=old).code == ExitCode.PASSED
    times_out(play)
    ending = play("run", "--resume", "--max-age", "1h", platform=old)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert TOO_OLD in ending.out


def attach(play: Play, ended: float, answered_at: float) -> Ending:
    """Attach to a run that ended at ``ended`` by the clock of a platform that answers at ``answered_at``."""
    platform = FakePlatform(statuses=(replace(completed(ended=ended), answered_at=answered_at),))
    return play("gate", "tr-1", "--max-age", "1h", platform=platform)


@pytest.mark.parametrize("ahead", [-7200, 0, 7200], ids="the platform is {} s ahead".format)
def test_the_age_of_a_run_is_measured_by_the_clock_of_the_platform(ahead: int, play: Play) -> None:
    now = EPOCH + ahead
    assert attach(play, now - 1800, now).code == ExitCode.PASSED
    ending = attach(play, now - 7200, now)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert TOO_OLD in ending.out


def test_a_run_that_ended_in_the_future_of_the_platform_has_an_unknown_age(play: Play) -> None:
    ending = attach(play, EPOCH + 7200, EPOCH)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "the age of the run is unknown, because the platform reports no valid end time" in ending.out
