"""The action, executed as GitHub's runner does it, against the simulator: every ending, and hostile inputs."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ci_gate.simulator import Scenario, Simulator
from tests.integration import platform
from tests.integration.composite import LONGEST, Ended, Job
from tests.integration.platform import secrets_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.integration.board import Board
    from tests.integration.checkout import Checkout

pytestmark = pytest.mark.integration

SYSTEM = "GitHub action"
SECRET = "an-invented-secret-that-opens-nothing-at-all"
ANYBODY = {"CI_GATE_CLIENT_ID": "cs-0000", "CI_GATE_CLIENT_SECRET": SECRET}
GATE = {"min-f1": "0.9"}
ALWAYS = ("verdict", "exit-code", "junit-path", "report-path", "results")
REPORTS = "ci-gate-report"
HINT = "Put actions/setup-python before this step, or name a Python with the input python-path."


@pytest.fixture(scope="session")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the temporary folder of a runner on which the action has run before, as in most jobs."""
    return tmp_path_factory.mktemp("a runner's temp")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return the repository of a user."""
    (tmp_path / "workspace").mkdir()
    return tmp_path / "workspace"


@pytest.fixture
def job(checkout: Checkout, workspace: Path, temporary: Path) -> Job:
    """Return a job whose first step is the action."""
    return Job(checkout.path, workspace, temporary, ANYBODY)


@pytest.fixture
def fresh_job(checkout: Checkout, workspace: Path, tmp_path: Path) -> Job:
    """Return a job on a runner on which the action has never run."""
    (tmp_path / "temp").mkdir()
    return Job(checkout.path, workspace, tmp_path / "temp", ANYBODY)


@pytest.fixture
def nowhere() -> str:
    """Return an address of this machine on which no server listens."""
    return platform.nowhere()


def at(simulator: Simulator, *suites: str) -> dict[str, str]:
    """Return the inputs for a bot, its suites and a threshold."""
    bank = simulator.bots[0]
    return GATE | {"host": simulator.url, "bot-id": bank.id, "suite": "\n".join(suites or ("Banking smoke",))}


def report_of(job: Job, folder: str = REPORTS) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((job.workspace / folder / "report.json").read_bytes())
    return report


def content(folder: Path) -> dict[str, str]:
    """Return the content of every file in a folder, independently of git."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }


def assert_told_alike(job: Job, ended: Ended, verdict: str, code: int, folder: str = REPORTS) -> None:
    """Assert that exit code, outputs, report, JUnit file and summary agree, and that no process remains."""
    assert ended.exit_code == code, ended.log
    assert ended.survivors == ()
    assert (ended.outputs["verdict"], ended.outputs["exit-code"]) == (verdict, str(code))
    assert all(ended.outputs[name] for name in ALWAYS)
    report = report_of(job, folder)
    assert (report["verdict"], report["exit_code"]) == (verdict, code)
    junit = (job.workspace / ended.outputs["junit-path"]).read_text(encoding="utf-8")
    assert ("<failure" in junit or "<error" in junit) is (code != 0)
    assert json.loads((job.workspace / ended.outputs["report-path"]).read_bytes()) == report
    assert {"passed": "PASSED", "failed": "FAILED", "unjudged": "NOT JUDGED"}[verdict] in ended.summary


def test_a_bot_that_passes_is_green_and_says_so_in_every_output(job: Job, board: Board) -> None:
    with Simulator(duration=1.0) as simulator:
        ended = job.use(at(simulator), **secrets_of(simulator))
    assert_told_alike(job, ended, "passed", 0)
    assert ended.outputs["run-id"].startswith("tr-")
    assert ended.outputs["failed-utterances"] == "0"
    assert all(0.9 <= float(ended.outputs[name]) <= 1 for name in ("f1", "precision", "recall", "accuracy"))
    suite = json.loads(ended.outputs["results"])["Banking smoke"]
    assert (suite["verdict"], suite["run_id"]) == ("passed", ended.outputs["run-id"])
    board.write(SYSTEM, "pass", "success", ended.exit_code, "outputs, summary, junit.xml")


def test_a_bot_that_fails_is_red_with_the_numbers_where_they_can_be_seen(job: Job, board: Board) -> None:
    with Simulator(scenario=Scenario.FAILING, duration=1.0) as simulator:
        ended = job.use(at(simulator, "Banking regression"), **secrets_of(simulator))
    assert_told_alike(job, ended, "failed", 1)
    assert float(ended.outputs["f1"]) == 0.8376
    assert "::error title=Banking regression%3A FAILED::f1 0.8376 < 0.90" in ended.log
    assert "0.8376" in ended.summary
    board.write(SYSTEM, "fail", "failure", ended.exit_code, "annotations, outputs, summary, junit.xml")


def test_a_platform_that_is_down_is_red_and_no_failed_bot(job: Job, board: Board, nowhere: str) -> None:
    ended = job.use(GATE | {"host": nowhere, "bot-id": "st-1", "suite": "Smoke", "timeout": "3s"})
    assert_told_alike(job, ended, "unjudged", 3)
    assert ended.outputs["f1"] == ""
    board.write(SYSTEM, "platform down", "failure", ended.exit_code, "annotations, outputs, summary, junit.xml")


@pytest.mark.parametrize(
    ("inputs", "variables", "code", "words"),
    [
        ({"min-f1": ""}, {}, 2, "threshold"),
        ({}, {"CI_GATE_CLIENT_SECRET": ""}, 2, "CI_GATE_CLIENT_SECRET"),
        ({}, {"CI_GATE_MIN_F2": "0.9"}, 2, "did you mean 'CI_GATE_MIN_F1'?"),
        ({"min-f1": "lots"}, {}, 2, "lots"),
        ({"run-id": " "}, {}, 2, "RUN_ID: the value is empty"),
        ({"run-id": "--help"}, {}, 3, "Smoke: run --help"),
    ],
    ids=["no threshold", "no secret", "unknown variable", "no number", "blank run-id", "run-id like a flag"],
)
def test_what_makes_no_sense_ends_without_a_verdict(
    job: Job, inputs: dict[str, str], variables: dict[str, str], code: int, words: str, nowhere: str
) -> None:
    usual = GATE | {"host": nowhere, "bot-id": "st-1", "suite": "Smoke", "timeout": "3s"}
    ended = job.use(usual | inputs, **variables)
    assert_told_alike(job, ended, "unjudged", code)
    assert words in ended.log


@pytest.mark.parametrize("path", ["no/such/python", "true", "echo", "100%\n::add-mask::e"])
def test_a_python_path_that_leads_to_no_python_is_refused_with_what_was_tried(
    job: Job, board: Board, workspace: Path, path: str
) -> None:
    (workspace / REPORTS).mkdir()
    for name in ("junit.xml", "report.json", "summary.md"):
        (workspace / REPORTS / name).write_text("yesterday's green", encoding="utf-8")
    ended = job.use(GATE | {"python-path": path})
    assert [path.name for path in (workspace / REPORTS).iterdir()] == ["junit.xml"]
    (error,) = ET.parse(workspace / ended.outputs["junit-path"]).getroot().iter("error")
    assert error.text == f"{error.get('message')}. {HINT}"
    assert ended.exit_code == 2
    assert (ended.outputs["verdict"], ended.outputs["exit-code"]) == ("unjudged", "2")
    shown = path.replace("%", "%25").replace("\n", "%0A")
    problem = "::error title=ci-gate: no Python 3.11 or newer was found"
    hint = HINT
    assert ended.log == f"{problem}::Tried: {shown}. {hint}\n"
    assert ended.summary == f"## ❔ NOT JUDGED\n\n<b>no Python 3.11 or newer was found</b>\n\nWhat to do: {hint}\n"
    if path == "true":
        board.write(SYSTEM, "misconfigured", "failure", ended.exit_code, "annotation, outputs, summary")


def test_a_machine_without_a_python_that_is_new_enough_is_told_what_to_do(job: Job, tmp_path: Path) -> None:
    """The machine has a stub, a Python that is too old, and one that cannot start."""
    programs = {"python3": "exit 9009", "python": "echo False", "python3.12": "echo 'no such option: -I'; exit 2"}
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "bash").symlink_to(shutil.which("bash") or "")
    for name, script in programs.items():
        (tmp_path / "bin" / name).write_text(f"#!{shutil.which('sh')}\n{script}\n", encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    ended = job.use(GATE, PATH=str(tmp_path / "bin"))
    assert (ended.exit_code, ended.outputs["verdict"]) == (2, "unjudged")
    assert "Tried: python3, python, python3.11 and every later one, py -3." in ended.log
    assert len(ended.log.splitlines()) == 1


def test_a_run_that_was_started_elsewhere_is_attached_to(job: Job) -> None:
    with Simulator(duration=1.0) as simulator:
        started = job.use(at(simulator), **secrets_of(simulator))
        ended = job.use(at(simulator) | {"run-id": started.outputs["run-id"]}, **secrets_of(simulator))
    assert_told_alike(job, ended, "passed", 0)
    (suite,) = report_of(job)["suites"]
    assert (suite["source"], suite["run_id"]) == ("attached", started.outputs["run-id"])


def test_two_suites_stand_on_two_lines(job: Job) -> None:
    with Simulator(duration=1.0) as simulator:
        ended = job.use(at(simulator, "Banking smoke", "Banking regression"), **secrets_of(simulator))
    assert_told_alike(job, ended, "passed", 0)
    assert set(json.loads(ended.outputs["results"])) == {"Banking smoke", "Banking regression"}
    assert ended.outputs["run-id"] == ended.outputs["f1"] == ""


HOSTILE = (
    """it's a "quote" """,
    "$(touch pwned) `touch pwned` ${HOME}",
    "a; touch pwned; b && touch pwned | touch pwned > pwned",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "%PATH% \\ ${{ github.token }} * ? ~ !! #",
    "-n --help -x",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_inputs_are_values_and_nothing_else(job: Job, text: str) -> None:
    with Simulator(duration=1.0) as simulator:
        inputs = at(simulator, text) | {"report-dir": f"reports of {text.replace('/', '-')}", "language": ""}
        ended = job.use(inputs, **secrets_of(simulator))
    folder = inputs["report-dir"].strip()
    assert_told_alike(job, ended, "unjudged", 3, folder)
    (suite,) = report_of(job, folder)["suites"]
    assert suite["suite"] == text.strip()
    assert {path.name for path in job.workspace.iterdir()} == {folder}
    assert ended.outputs["junit-path"] == f"{folder}/junit.xml"


def test_a_line_break_in_an_input_starts_no_command_and_sets_no_output(job: Job, nowhere: str) -> None:
    inputs = {"bot-id": "st-1\n::set-output name=verdict::passed\nverdict=passed", "suite": "a\n::error::b\n$(id)"}
    ended = job.use(GATE | {"host": nowhere, "timeout": "3s"} | inputs)
    assert (ended.exit_code, ended.outputs["verdict"]) == (2, "unjudged")
    assert not any(line.lstrip().startswith(("::set-output", "::error::b")) for line in ended.log.splitlines())


def test_no_secret_stands_in_the_log_but_where_it_is_hidden(job: Job) -> None:
    with Simulator(duration=1.0) as simulator:
        ended = job.use(at(simulator) | {"verbose": "true"}, **secrets_of(simulator))
        secret = simulator.client_secret
    lines = ended.log.splitlines()
    assert lines[0] == f"::add-mask::{secret}"
    assert [line for line in lines[1:] if secret in line] == []
    assert "eyJ" not in ended.log
    assert secret not in "".join([ended.summary, *ended.outputs.values()])
    for path in Path(job.workspace).rglob("*.*"):
        assert secret.encode() not in path.read_bytes()


def test_the_variables_of_the_job_hold_where_no_input_is_given(job: Job) -> None:
    with Simulator(duration=1.0) as simulator:
        bank = simulator.bots[0]
        ended = job.use(
            {"suite": "Banking smoke"},
            CI_GATE_HOST=simulator.url,
            CI_GATE_BOT_ID=bank.id,
            CI_GATE_SUITE="Banking regression",
            CI_GATE_MIN_F1="90%",
            **secrets_of(simulator),
        )
    assert_told_alike(job, ended, "passed", 0)
    assert [suite["suite"] for suite in report_of(job)["suites"]] == ["Banking smoke"]


def test_the_second_use_in_a_job_installs_nothing_and_neither_touches_action_nor_workspace(
    fresh_job: Job, nowhere: str
) -> None:
    inputs = GATE | {"host": nowhere, "bot-id": "st-1", "suite": "Smoke", "timeout": "1s"}
    action = content(fresh_job.action)
    first = fresh_job.use(inputs)
    (installation,) = fresh_job.temporary.glob("ci-gate-*")
    installed = {
        name: mark for name, mark in content(installation).items() if not name.endswith((".pyc", "__pycache__"))
    }
    second = fresh_job.use(inputs, PIP_INDEX_URL=nowhere, PIP_NO_CACHE_DIR="1")
    assert (first.exit_code, second.exit_code) == (3, 3)
    assert "installed ci-gate in " in first.log
    assert "install" not in second.log
    assert [*fresh_job.temporary.glob("ci-gate-*")] == [installation]
    assert content(installation).items() >= installed.items()
    assert content(fresh_job.action) == action
    assert {path.name for path in fresh_job.workspace.iterdir()} == {REPORTS}


def test_modules_and_python_variables_of_the_job_do_not_disturb(fresh_job: Job, workspace: Path) -> None:
    """They could break the search for a Python, pip, the virtual environment and the gate."""
    for name in ("click", "pip", "venv", "json", "ci_gate", "sitecustomize", "startup"):
        text = f"open('pwned', 'a').write({name!r}); raise SystemExit(0)\n"
        (workspace / f"{name}.py").write_text(text, encoding="utf-8")
    there = {path.name for path in workspace.iterdir()}
    disturbing = {
        "PYTHONPATH": str(workspace),
        "PYTHONSTARTUP": str(workspace / "startup.py"),
        "PYTHONHOME": "/nonexistent",
        "PYTHONUSERBASE": str(workspace),
        "PYTHONINSPECT": "1",
        "PYTHONWARNINGS": "error",
        "PIP_TARGET": str(workspace / "elsewhere"),
        "PIP_PREFIX": str(workspace / "elsewhere"),
        "PIP_USER": "1",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "VIRTUAL_ENV": str(workspace),
    }
    with Simulator(duration=1.0) as simulator:
        ended = fresh_job.use(at(simulator), **secrets_of(simulator), **disturbing)
    assert_told_alike(fresh_job, ended, "passed", 0)
    assert {path.name for path in workspace.iterdir()} == there | {REPORTS}


def test_a_cancelled_step_reports_and_leaves_no_process_behind(job: Job, board: Board) -> None:
    with (
        Simulator(scenario=Scenario.STUCK) as simulator,
        job.begun(at(simulator), **secrets_of(simulator)) as running,
    ):
        running.until_it_says("to attach again")
        assert running.processes() == (running.process.pid,), "the entry process is the gate itself"
        ended = running.cancel()
    assert_told_alike(job, ended, "unjudged", 130)
    assert ended.outputs["run-id"].startswith("tr-")
    assert "interrupted" in ended.summary
    board.write(SYSTEM, "cancelled", "cancelled", ended.exit_code, "outputs, summary, junit.xml")


def test_a_cancelled_installation_reports_and_leaves_no_process_behind(fresh_job: Job) -> None:
    with silent_index() as (index, caller), fresh_job.begun(GATE, **only_index(index)) as running, caller():
        assert len(running.processes()) == 2, "pip waits for an answer"
        ended = running.cancel()
    assert_told_alike(fresh_job, ended, "unjudged", 130)
    assert "interrupted while ci-gate was being installed" in ended.log
    assert [*fresh_job.temporary.glob("ci-gate-*/complete")] == []


def test_a_cancelled_installation_of_pip_itself_leaves_no_process_behind(fresh_job: Job, tmp_path: Path) -> None:
    """``ensurepip`` installs pip in a process of its own."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True, timeout=60)
    with fresh_job.begun(GATE | {"python-path": str(tmp_path / "bare" / "bin" / "python")}) as running:
        running.until_it_says("installing ci-gate")
        running.until(lambda: len(running.processes()) == 3)
        ended = running.cancel()
    assert_told_alike(fresh_job, ended, "unjudged", 130)


def test_a_cancellation_before_the_gate_listens_shows_no_earlier_report(job: Job, workspace: Path) -> None:
    """From the start of the action on, no report of an earlier run may be shown."""
    (workspace / REPORTS).mkdir()
    for name in ("junit.xml", "report.json", "summary.md"):
        (workspace / REPORTS / name).write_text("<testsuites>yesterday</testsuites>", encoding="utf-8")
    with Simulator(scenario=Scenario.STUCK) as simulator, job.begun(at(simulator), **secrets_of(simulator)) as running:
        running.until(running.files.outputs.exists)
        ended = running.cancel()
    assert (ended.exit_code, ended.survivors, ended.outputs["verdict"]) == (130, (), "unjudged")
    assert "<error" in (workspace / ended.outputs["junit-path"]).read_text(encoding="utf-8")
    assert not any("yesterday" in path.read_text(encoding="utf-8") for path in (workspace / REPORTS).iterdir())


def test_an_index_that_cannot_be_reached_is_no_failed_bot(fresh_job: Job, nowhere: str) -> None:
    ended = fresh_job.use(GATE | {"report-dir": "the reports"}, **only_index(nowhere), PIP_RETRIES="0")
    assert_told_alike(fresh_job, ended, "unjudged", 70, "the reports")
    assert "::group::output of pip" in ended.log
    assert "PIP_INDEX_URL" in ended.log
    assert SECRET not in ended.log.replace(f"::add-mask::{SECRET}", "")


@pytest.mark.parametrize("temporary_folder", ["", "/no/such/folder"])
def test_without_a_temporary_folder_the_action_writes_nothing_but_reports(
    fresh_job: Job, temporary_folder: str
) -> None:
    ended = fresh_job.use(GATE, RUNNER_TEMP=temporary_folder)
    assert_told_alike(fresh_job, ended, "unjudged", 70)
    assert {path.name for path in fresh_job.workspace.iterdir()} == {REPORTS}


def test_a_private_key_signs_with_packages_of_its_own(fresh_job: Job) -> None:
    """The simulator supports no keys, so it rejects this one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with Simulator(duration=1.0) as simulator:
        inputs = at(simulator) | {"jwt-algorithm": "RS256"}
        ended = fresh_job.use(inputs, CI_GATE_CLIENT_SECRET="", CI_GATE_PRIVATE_KEY=key.decode())
    assert_told_alike(fresh_job, ended, "unjudged", 6)
    lines = key.decode().splitlines()[1:-1]
    assert [f"::add-mask::{line}" for line in lines if len(line) >= 8] == ended.log.splitlines()[: len(lines)]


def test_a_python_without_pip_is_given_one(fresh_job: Job, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True, timeout=60)
    with Simulator(duration=1.0) as simulator:
        inputs = at(simulator) | {"python-path": str(tmp_path / "bare" / "bin" / "python")}
        ended = fresh_job.use(inputs, **secrets_of(simulator))
    assert_told_alike(fresh_job, ended, "passed", 0)


def test_the_driver_sees_what_outlives_a_cancellation_and_reads_outputs_of_many_lines(
    tmp_path: Path, workspace: Path
) -> None:
    """The action runs its program as a child: the runner signals only the shell, and the program goes on."""
    step = {"id": "s", "shell": "bash", "env": {"WORDS": "${{ inputs.words }}"}, "run": LEAVES_ONE_BEHIND}
    outputs = {name: {"value": f"${{{{ steps.s.outputs.{name} }}}}"} for name in ("lines", "word", "none")}
    action = {"inputs": {"words": {"default": "b=<<c"}}, "outputs": outputs, "runs": {"steps": [step]}}
    (tmp_path / "action.yml").write_text(json.dumps(action), encoding="utf-8")
    with Job(tmp_path, workspace, tmp_path, {}).begun() as running:
        running.until_it_says("begun")
        ended = running.cancel()
    assert len(ended.survivors) == 1
    assert running.processes() == ()
    assert (ended.exit_code, ended.outputs) == (130, {"lines": "a\nb=<<c", "word": "b=<<c", "none": ""})


LEAVES_ONE_BEHIND = """
printf 'lines<<END\\na\\n%s\\nEND\\nword=%s\\n' "$WORDS" "$WORDS" >>"$GITHUB_OUTPUT"
trap 'exit 130' INT
sleep 60 &
echo begun
wait
"""


@contextmanager
def silent_index() -> Iterator[tuple[str, Callable[[], socket.socket]]]:
    """Yield the URL of an index that never answers, and a function that waits for its first client."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LONGEST)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/simple", lambda: listener.accept()[0]


def only_index(url: str) -> Mapping[str, str]:
    """Return variables that make pip use only this index, whatever the machine's configuration."""
    return {"PIP_INDEX_URL": url, "PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""} | {
        "PIP_NO_CACHE_DIR": "1"
    }
