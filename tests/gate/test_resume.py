"""``--resume`` goes on with an open run, never judges one twice, and refuses what is not known to be the same."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci_gate.core.model import Run, RunState
from ci_gate.errors import Denied, ExitCode, PlatformError, UsageError
from ci_gate.gate.run_record import known_runs
from tests import scripted
from tests.fakes import EPOCH, FakePlatform, completed, ended, file_of, waiting
from tests.scripted import InterruptedPlatform

if TYPE_CHECKING:
    from tests.scripted import Play

FILE = Path("ci-gate-report/run.json")
NO_COMMIT = {"CI_GATE_COMMIT": ""}
READY_TOKEN = {"CI_GATE_CLIENT_ID": "", "CI_GATE_CLIENT_SECRET": "", "CI_GATE_JWT": "a-token-that-opens-nothing"}
ANEW = "to start anew, leave --resume out"


@pytest.fixture(autouse=True)
def in_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Build a commit that is known."""
    monkeypatch.setitem(scripted.ENVIRONMENT, "CI_GATE_COMMIT", "c0ffee1")


def recorded() -> list[dict[str, Any]]:
    """The runs of the file."""
    document = json.loads(FILE.read_bytes())
    assert document["schema_version"] == 2
    runs: list[dict[str, Any]] = document["runs"]
    return runs


def timed_out(play: Play, *arguments: str, **environment: str) -> None:
    """Leave an open run behind."""
    platform = FakePlatform(statuses=(waiting(0.5),))
    ending = play("run", "--timeout", "30s", *arguments, platform=platform, environment=environment)
    assert ending.code == ExitCode.TIMEOUT


def test_a_run_is_recorded_with_what_it_is_a_run_of(play: Play) -> None:
    timed_out(play)
    (run,) = recorded()
    assert re.fullmatch("hmac-sha256:[0-9a-f]{64}", run.pop("mark"))
    assert run.pop("settings").startswith("sha256:")
    assert run.pop("since").startswith("2026-")
    assert run == {
        "label": "Smoke",
        "suite": "Smoke",
        "bot_id": "st-1",
        "bot_version": "inDevelopment",
        "commit": "c0ffee1",
        "run_id": "tr-1",
        "verdict": None,
    }


def test_an_open_run_is_gone_on_with_instead_of_starting_another(play: Play) -> None:
    timed_out(play)
    platform = FakePlatform()
    ending = play("run", "--resume", "--timeout", "60s", platform=platform)
    assert ending.code == ExitCode.PASSED
    assert platform.times("start") == []
    assert platform.times("status") == [0.0]
    assert "Smoke: resuming run tr-1, known since 2026-" in ending.err
    assert "started by this gate before, and resumed" in ending.out
    suite = ending.suite
    assert (suite["source"], suite["run_id"]) == ("resumed", "tr-1")
    assert recorded()[0]["verdict"] == "passed"


def test_a_run_is_resumed_again_and_again_while_it_is_open(play: Play) -> None:
    timed_out(play)
    before = recorded()
    timed_out(play, "--resume")
    assert recorded() == before


def test_without_the_flag_another_run_is_started(play: Play) -> None:
    timed_out(play)
    platform = FakePlatform(starts=(Run("Smoke", "tr-2"),))
    assert play(platform=platform).report["suites"][0]["run_id"] == "tr-2"
    assert [run["run_id"] for run in recorded()] == ["tr-2"]


def test_the_variable_does_what_the_flag_does(play: Play) -> None:
    timed_out(play)
    platform = FakePlatform()
    play(platform=platform, environment={"CI_GATE_RESUME": "yes"})
    assert platform.times("start") == []


def test_where_there_is_no_file_a_run_is_started(play: Play) -> None:
    platform = FakePlatform()
    ending = play("run", "--resume", platform=platform)
    assert ending.code == ExitCode.PASSED
    assert len(platform.times("start")) == 1
    assert "Smoke: nothing to resume; starting a run" in ending.err


JUDGED = {
    "passed": FakePlatform(),
    "failed": FakePlatform(statuses=(completed(right=10, wrong=30),), files=(file_of(right=10, wrong=30),)),
    "without a result": FakePlatform(statuses=(ended(RunState.CANCELLED),)),
    "inconclusive": FakePlatform(statuses=(completed(right=40),), files=(file_of(right=7),)),
    "unknown": FakePlatform(statuses=(PlatformError("Test Result not found"),)),
}


@pytest.mark.parametrize("ending", JUDGED)
def test_a_run_that_has_come_to_an_end_is_never_judged_again(ending: str, play: Play) -> None:
    first = play(platform=JUDGED[ending])
    assert recorded()[0]["verdict"] == first.report["suites"][0]["verdict"]
    platform = FakePlatform(starts=(Run("Smoke", "tr-2"),))
    again = play("run", "--resume", platform=platform)
    assert (again.code, again.report["suites"][0]["run_id"]) == (ExitCode.PASSED, "tr-2")


OPEN = {
    "interrupted": InterruptedPlatform(),
    "denied": FakePlatform(statuses=(Denied("refused"),)),
    "a bug": FakePlatform(statuses=(ZeroDivisionError(),)),
}


@pytest.mark.parametrize("ending", OPEN)
def test_a_run_that_the_gate_left_alone_is_still_open(ending: str, play: Play) -> None:
    play(platform=OPEN[ending])
    assert recorded()[0]["verdict"] is None
    platform = FakePlatform()
    play("run", "--resume", platform=platform)
    assert platform.times("start") == []


def test_the_verdict_is_recorded_before_anything_is_told_of_it(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in between, the next command starts a run: it does not judge this one once more."""

    def killed(*_: object, **_between: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ci_gate.output.report_folder.ReportFolder.write", killed)
    assert play().code == ExitCode.INTERRUPTED
    assert recorded()[0]["verdict"] == "passed"


@pytest.mark.parametrize(
    ("arguments", "environment", "changed"),
    [
        ((), {"CI_GATE_COMMIT": "decaf17"}, "the commit was 'c0ffee1' and is 'decaf17'"),
        ((), {"CI_GATE_BOT_ID": "st-2"}, "the bot id was 'st-1' and is 'st-2'"),
        (("--bot-version", "published"), {}, "the bot version was 'inDevelopment' and is 'published'"),
        (("--min-f1", "0.1"), {}, "the settings are others (host, language, engine, rules, or the baseline)"),
        ((), {"CI_GATE_HOST": "other.example"}, "the settings are others"),
        (("--suite", "Full"), {}, "nobody asks for the suite labelled 'Smoke' any more"),
    ],
    ids=["commit", "bot", "version", "thresholds", "host", "suite"],
)
def test_anything_that_is_not_as_it_was_is_refused(
    arguments: tuple[str, ...], environment: dict[str, str], changed: str, play: Play
) -> None:
    timed_out(play)
    before = recorded()
    platform = FakePlatform()
    ending = play("run", "--resume", *arguments, platform=platform, environment=environment)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert f"run tr-1 of suite 'Smoke' cannot be resumed: {changed}" in ending.err
    assert "to start anew, leave --resume out" in ending.err
    assert "ci-gate gate tr-1 --suite Smoke" in ending.err
    assert platform.asked == []
    assert recorded() == before


def refused(play: Play, *arguments: str, **environment: str) -> tuple[str, str]:
    """Be refused before the platform is asked anything, with the record as it was; return message and hint."""
    before = FILE.read_bytes() if FILE.exists() else None
    platform = FakePlatform()
    ending = play("run", "--resume", *arguments, platform=platform, environment=environment)
    assert ending.code == ending.report["exit_code"] == ExitCode.USAGE
    assert platform.asked == []
    assert (FILE.read_bytes() if FILE.exists() else None) == before
    error = ending.report["error"]
    return error["message"], error["hint"]


@pytest.mark.parametrize("is_recorded", [True, False])
def test_without_a_known_commit_nothing_is_resumed(is_recorded: bool, play: Play) -> None:
    if is_recorded:
        timed_out(play)
    assert refused(play, **NO_COMMIT) == (
        "--resume needs the commit that is built, and neither a variable of a CI system nor git names it",
        f"set CI_GATE_COMMIT to it; {ANEW}",
    )


def test_two_commits_that_are_not_known_are_not_the_same(play: Play) -> None:
    timed_out(play, **NO_COMMIT)
    assert "needs the commit" in refused(play, **NO_COMMIT)[0]
    message, hint = refused(play)
    assert message.endswith("cannot be resumed: the commit was unknown and is 'c0ffee1'")
    assert hint == f"{ANEW}; to judge it as things are now: ci-gate gate tr-1 --suite Smoke"


def test_a_run_that_was_started_elsewhere_is_of_no_known_commit(play: Play) -> None:
    platform = FakePlatform(statuses=(waiting(0.5),))
    assert play("gate", "tr-9", "--timeout", "30s", platform=platform).code == ExitCode.TIMEOUT
    assert "run tr-9 of suite 'Smoke' cannot be resumed: the commit was unknown" in refused(play)[0]


def test_attaching_to_a_run_of_ours_leaves_it_one_that_can_be_resumed(play: Play) -> None:
    timed_out(play)
    before = recorded()
    platform = FakePlatform(statuses=(waiting(0.5),))
    assert play("gate", "tr-1", "--timeout", "30s", platform=platform).code == ExitCode.TIMEOUT
    assert recorded() == before
    assert play("run", "--resume").code == ExitCode.PASSED


# Who recorded it


def test_with_a_ready_token_alone_nothing_is_resumed(play: Play) -> None:
    timed_out(play)
    message, hint = refused(play, **READY_TOKEN)
    assert message.startswith("--resume needs a client secret or a private key: ")
    assert hint == f"set CI_GATE_CLIENT_ID and CI_GATE_CLIENT_SECRET in place of CI_GATE_JWT; {ANEW}"


def test_what_was_recorded_with_a_ready_token_bears_no_mark_and_is_not_resumed(play: Play) -> None:
    timed_out(play, **READY_TOKEN)
    assert recorded()[0]["mark"] is None
    told = f"in '{FILE}' it bears no mark, as if it had been recorded with a ready token"
    assert refused(play) == (f"run tr-1 of suite 'Smoke' cannot be resumed: {told}", ANEW)


def test_a_secret_in_place_of_the_commit_is_neither_recorded_nor_shown(play: Play) -> None:
    secret = scripted.ENVIRONMENT["CI_GATE_CLIENT_SECRET"]
    ending = play(environment={"CI_GATE_COMMIT": secret})
    assert ending.code == ExitCode.USAGE
    assert "CI_GATE_COMMIT holds a secret of the environment" in ending.err
    assert secret not in ending.output
    assert not FILE.exists()


def test_another_secret_resumes_nothing(play: Play) -> None:
    timed_out(play)
    message, hint = refused(play, CI_GATE_CLIENT_SECRET="another-secret-that-opens-nothing")
    told = f"its mark in '{FILE}' does not fit: the file or the secret is not the one of then"
    assert message == f"run tr-1 of suite 'Smoke' cannot be resumed: {told}"
    assert hint == ANEW, "what anybody may have recorded is not to be judged either"


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
def test_a_record_in_which_anything_was_changed_resumes_nothing(name: str, play: Play) -> None:
    if name == "verdict":
        play()
    else:
        timed_out(play)
    (run,) = recorded()
    change(run | {name: CHANGES.get(name)})
    assert "its mark in" in refused(play)[0]


def change(*runs: dict[str, Any]) -> None:
    """Put other runs into the record."""
    FILE.write_text(json.dumps({"schema_version": 2, "runs": runs}), encoding="utf-8")


def test_no_command_of_ours_marks_what_it_did_not_record(play: Play) -> None:
    """Else a forged run would be believed as soon as somebody attaches to another one."""
    timed_out(play)
    (run,) = recorded()
    forged = run | {"label": "Full", "suite": "Full"}
    change(forged)
    assert play("gate", "tr-2").code == ExitCode.PASSED
    assert [found["mark"] for found in recorded() if found["label"] == "Full"] == [forged["mark"]]
    assert "its mark in" in refused(play, CI_GATE_SUITE="Full")[0]


def test_nothing_of_the_secret_stands_in_the_record(play: Play) -> None:
    timed_out(play)
    secret = scripted.ENVIRONMENT["CI_GATE_CLIENT_SECRET"]
    (run,) = recorded()
    content = {name: value for name, value in run.items() if name != "mark"}
    plain = hmac.new(secret.encode(), json.dumps(content, sort_keys=True).encode(), "sha256").hexdigest()
    assert secret not in FILE.read_text(encoding="utf-8")
    assert plain not in run["mark"]


def test_a_suite_of_another_name_under_the_same_label_is_refused(play: Play) -> None:
    config = Path("ci-gate.toml")
    config.write_text("[[suites]]\nname = 'Smoke'\nlabel = 'a'\n", encoding="utf-8")
    environment = {"CI_GATE_SUITE": ""}
    timed_out(play, **environment)
    config.write_text("[[suites]]\nname = 'Full'\nlabel = 'a'\n", encoding="utf-8")
    ending = play("run", "--resume", environment=environment)
    assert "cannot be resumed: the suite was 'Smoke' and is 'Full'" in ending.err


def test_of_several_suites_each_goes_its_own_way(play: Play) -> None:
    environment = {"CI_GATE_SUITE": "A\nB"}
    first = FakePlatform(
        starts=(Run("A", "tr-a"), Run("B", "tr-b")), statuses=(completed(), waiting(0.5)), files=(file_of(),)
    )
    lost = play("run", "--timeout", "60s", platform=first, environment=environment)
    assert lost.code == ExitCode.TIMEOUT
    assert [(run["run_id"], run["verdict"]) for run in recorded()] == [("tr-a", "passed"), ("tr-b", None)]
    second = FakePlatform(starts=(Run("A", "tr-c"),))
    ending = play("run", "--resume", platform=second, environment=environment)
    assert "A: nothing to resume; starting a run" in ending.err
    assert "B: resuming run tr-b" in ending.err
    assert [(suite["run_id"], suite["source"]) for suite in ending.report["suites"]] == [
        ("tr-c", "run"),
        ("tr-b", "resumed"),
    ]


def entry_of(label: str = "Smoke", run_id: object = "tr-1", **changed: object) -> dict[str, object]:
    """One run of the file as it should be, but for what is changed."""
    identity = {"label": label, "suite": label, "bot_id": "st-1", "bot_version": "inDevelopment", "commit": None}
    rest = {"settings": "sha256:0", "run_id": run_id, "since": "2026-01-01", "verdict": None, "mark": None}
    return identity | rest | changed


def write(content: object) -> None:
    """Put a file where the gate looks for it."""
    FILE.parent.mkdir()
    FILE.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def test_attaching_closes_the_record_of_that_run_and_leaves_the_others(play: Play) -> None:
    write({"schema_version": 2, "runs": [entry_of("A", "tr-a"), entry_of("B", "tr-b")]})
    assert play("gate", "tr-a", "--suite", "A").code == ExitCode.PASSED
    assert [(run["run_id"], run["verdict"]) for run in recorded()] == [("tr-a", "passed"), ("tr-b", None)]


def test_attaching_to_a_run_that_was_started_elsewhere_records_it(play: Play) -> None:
    write(b"nonsense, which is no business of who attaches")
    assert play("gate", "tr-9").code == ExitCode.PASSED
    assert [(run["run_id"], run["verdict"]) for run in recorded()] == [("tr-9", "passed")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value"),
        (b"\xff", "can't decode"),
        (b"[" * 100_000, "recursion"),
        ([], "it is not of this version of ci-gate"),
        ({"schema_version": 3, "runs": []}, "it is not of this version of ci-gate"),
        ({"schema_version": 1, "runs": []}, "an earlier version of ci-gate wrote it, without marks that show who"),
        ({"schema_version": 2}, "it lists no runs"),
        ({"schema_version": 2, "runs": ["tr-1"]}, "a run in it has other fields than it should"),
        ({"schema_version": 2, "runs": [entry_of(more=1)]}, "a run in it has other fields than it should"),
        ({"schema_version": 2, "runs": [entry_of(run_id=1)]}, "a field in it is not a text"),
        ({"schema_version": 2, "runs": [entry_of(run_id=None)]}, "a field in it is not a text"),
        ({"schema_version": 2, "runs": [entry_of(run_id="..")]}, "'..' cannot be a name"),
        ({"schema_version": 2, "runs": [entry_of(), entry_of()]}, "it lists a suite twice"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_and_kept(content: object, reason: str, play: Play) -> None:
    write(content)
    before = FILE.read_bytes()
    platform = FakePlatform()
    ending = play("run", "--resume", platform=platform)
    assert ending.code == ExitCode.USAGE
    assert f"'{FILE}' cannot be read: " in ending.err
    assert reason in ending.err
    assert platform.asked == []
    assert FILE.read_bytes() == before


def test_a_folder_in_its_place_is_refused(play: Play) -> None:
    FILE.mkdir(parents=True)
    assert f"'{FILE}' cannot be read: Is a directory" in play("run", "--resume").err


def test_a_file_that_cannot_be_read_is_refused(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    write(b"")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match="cannot be read: Permission denied"):
        known_runs(FILE)


def test_a_mistake_in_the_settings_leaves_the_way_back(play: Play) -> None:
    timed_out(play)
    before = recorded()
    assert play("run", "--resume", "--min-f1", "nine").code == ExitCode.USAGE
    assert play("run", "--resum").code == ExitCode.USAGE
    assert recorded() == before


def test_where_it_cannot_be_written_the_gate_warns_and_goes_on(play: Play) -> None:
    FILE.mkdir(parents=True)
    ending = play()
    assert ending.code == ExitCode.PASSED
    assert f"warning: not written: {FILE}: not a regular file; --resume will not know of these runs" in ending.err


def test_an_old_run_can_be_refused(play: Play) -> None:
    timed_out(play)
    old = FakePlatform(statuses=(completed(ended=EPOCH - 7200),))
    ending = play("run", "--resume", "--max-age", "1h", platform=old)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "the run ended 120 minutes ago; --max-age allows 60" in ending.out


@pytest.mark.parametrize("ahead", [-7200, 0, 7200], ids="the platform is {} s ahead".format)
@pytest.mark.parametrize(("age", "code"), [(1800, ExitCode.PASSED), (7200, ExitCode.INCONCLUSIVE)])
def test_the_age_of_a_run_is_told_by_the_clock_that_told_its_end(
    age: int, code: ExitCode, ahead: int, play: Play
) -> None:
    now = EPOCH + ahead
    platform = FakePlatform(statuses=(replace(completed(ended=now - age), answered_at=now),))
    ending = play("gate", "tr-1", "--max-age", "1h", platform=platform)
    assert ending.code == code, ending.output
    if code:
        assert "the run ended 120 minutes ago; --max-age allows 60" in ending.out


def test_a_run_that_ended_later_than_the_platform_says_it_is_has_no_age(play: Play) -> None:
    platform = FakePlatform(statuses=(replace(completed(ended=EPOCH + 7200), answered_at=EPOCH),))
    ending = play("gate", "tr-1", "--max-age", "1h", platform=platform)
    assert ending.code == ExitCode.INCONCLUSIVE
    assert "the platform names no past moment when the run ended: its age is not known" in ending.out


def test_the_age_of_a_run_that_was_just_started_does_not_count(play: Play) -> None:
    old = FakePlatform(statuses=(completed(ended=EPOCH - 7200),))
    assert play("run", "--max-age", "1h", platform=old).code == ExitCode.PASSED


def test_another_baseline_is_another_question(play: Play) -> None:
    for name, wrong in (("one", 0), ("two", 3)):
        status, file = completed(right=40, wrong=wrong), file_of(wrong=wrong)
        play(platform=FakePlatform(starts=(Run("Smoke", "tr-0"),), statuses=(status,), files=(file,)))
        Path("ci-gate-report/report.json").rename(f"{name}.json")
    timed_out(play, "--baseline", "one.json")
    ending = play("run", "--resume", "--baseline", "two.json")
    assert ending.code == ExitCode.USAGE
    assert "the settings are others (host, language, engine, rules, or the baseline)" in ending.err
    assert play("run", "--resume", "--baseline", "one.json").code == ExitCode.PASSED


def test_another_rule_is_another_question(play: Play) -> None:
    config = Path("ci-gate.toml")
    config.write_text('must_pass = ["right 1"]', encoding="utf-8")
    timed_out(play)
    config.write_text('must_pass = ["right 2"]', encoding="utf-8")
    assert "the settings are others" in play("run", "--resume").err
    config.write_text('must_pass = ["right 1"]', encoding="utf-8")
    assert play("run", "--resume").code == ExitCode.PASSED


def test_a_run_that_was_to_be_compared_is_not_taken_for_one_to_be_judged(play: Play) -> None:
    environment = {"CI_GATE_SUITE": ""}
    platform = FakePlatform(statuses=(waiting(0.5),))
    assert play("compare", "Smoke", "--timeout", "30s", platform=platform, environment=environment).code == 4
    ending = play("run", "--resume")
    assert ending.code == ExitCode.USAGE
    assert "nobody asks for the suite labelled 'Smoke (base)' any more" in ending.err
