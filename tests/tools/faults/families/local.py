"""Faults of the machine: folders, streams, clocks, and the contents of the working directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.tools.faults import machines
from tests.tools.faults.families import local_process
from tests.tools.faults.good_run import BOT_ID, RUN_ID, SUITE
from tests.tools.faults.model import FAILS, PASSES, REPORTS, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.replies import completed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FOLDER = "ci-gate-report"
_ELSEWHERE = "--report-dir"
_GREEN = "<testsuites><testsuite><testcase name='yesterday'/></testsuite></testsuites>"


def _closed(mode: int, *, folder: str = ".") -> Callable[[Path], None]:
    """Return a ``prepare`` function that sets the permissions of ``folder`` to ``mode``."""

    def prepare(checkout: Path) -> None:
        (checkout / folder).mkdir(exist_ok=True)
        (checkout / folder).chmod(mode)

    return prepare


def _closed_but_for_reports(checkout: Path) -> None:
    _closed(0o755, folder="reports")(checkout)
    checkout.chmod(0o555)


def _folder_named(name: str) -> Callable[[Path], None]:
    return lambda checkout: (checkout / name).mkdir(parents=True)


def _link_to_itself(checkout: Path) -> None:
    (checkout / _FOLDER).symlink_to(_FOLDER)


def _dangling(checkout: Path) -> None:
    (checkout / _FOLDER).mkdir()
    (checkout / _FOLDER / "junit.xml").symlink_to("/nowhere/at/all")


def _cannot(name: str, start: Start, problem: str = "cannot be written", *without: str) -> Fault:
    return Fault(name, Script(), ends(2, problem, mend=_ELSEWHERE, without=without or REPORTS), start)


_FOLDERS = (
    _cannot("a file where the report folder should be", Start(files={_FOLDER: "not a folder\n"}), "the report folder"),
    _cannot(
        "a report folder that cannot be written",
        Start(machine=machines.without_rights, prepare=_closed(0o555, folder=_FOLDER)),
    ),
    _cannot("a checkout that cannot be written", Start(machine=machines.without_rights, prepare=_closed(0o555))),
    Fault(
        "a checkout that cannot be written, and a report folder elsewhere",
        Script(),
        Ending(code=0, cause=("PASSED", "reports: reports"), without=REPORTS),
        Start(
            arguments=("run", "--report-dir", "reports"),
            machine=machines.without_rights,
            prepare=_closed_but_for_reports,
        ),
    ),
    _cannot("a report folder that is a link to itself", Start(prepare=_link_to_itself)),
    _cannot("a folder where junit.xml should be", Start(prepare=_folder_named(f"{_FOLDER}/junit.xml")), "junit.xml"),
    _cannot(
        "a folder where report.json should be",
        Start(prepare=_folder_named(f"{_FOLDER}/report.json")),
        "report.json",
        "report.json",
    ),
    _cannot("a link to nowhere where junit.xml should be", Start(prepare=_dangling), "junit.xml"),
    Fault(
        "a report folder with a NUL in its name",
        Script(),
        ends(2, "report_dir", mend="is not a path"),
        Start(files={"ci-gate.toml": 'report_dir = "a\\u0000b"\n'}),
    ),
    _cannot("a report folder with a name that is too long", Start(environment={"CI_GATE_REPORT_DIR": "x" * 300})),
    _cannot("a disk that is full", Start(machine=machines.full_disk)),
    Fault(
        "a disk that fills up before the reports are written",
        Script(),
        ends(7, "PASSED", "report.json", mend="check --report-dir and the free disk space", without=REPORTS),
        Start(machine=machines.disk_that_fills_up),
    ),
    Fault(
        "a disk that fills up, of a bot that is not good enough",
        Script(),
        Ending(code=1, cause=("FAILED", "report.json"), without=REPORTS),
        Start(machine=machines.disk_that_fills_up, environment=STRICT.environment),
    ),
    Fault(
        "a disk that fills up, of a bot that was not judged",
        Script(status=(completed({"result.isPartialFailure": True}),)),
        ends(5, "failed in part", "report.json", mend="--tolerate partial", without=REPORTS),
        Start(machine=machines.disk_that_fills_up),
    ),
    Fault(
        "a summary that goes to a full disk",
        Script(),
        ends(7, "PASSED", "/dev/full", mend="check --report-dir and the free disk space"),
        Start(environment={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "/dev/full"}),
    ),
    Fault(
        "a copy of junit.xml that would replace something else",
        Script(),
        ends(2, "the existing file is not a JUnit file", mend="--junit-xml"),
        Start(environment={"CI_GATE_JUNIT_XML": "precious.txt"}, files={"precious.txt": "do not lose me\n"}),
    ),
    Fault(
        "a copy of junit.xml that goes to a device",
        Script(),
        ends(2, "not a regular file", mend="--junit-xml"),
        Start(environment={"CI_GATE_JUNIT_XML": "/dev/full"}),
    ),
    Fault(
        "yesterday's green report, and nobody there",
        Script(status=(completed(word="failed"),)),
        ends(3, "ended on the platform as 'failed'", mend="run the suite again"),
        Start(files={f"{_FOLDER}/junit.xml": _GREEN, f"{_FOLDER}/report.json": '{"exit_code": 0}'}),
    ),
)


def _lying(name: str, files: dict[str, str], must: Ending = PASSES, flags: tuple[str, ...] = ("-I",)) -> Fault:
    return Fault(f"in the working directory: {name}", Script(), must, Start(files=files, flags=flags))


_QUITS = "raise SystemExit(0)\n"
_BROKEN = ends(70, "the installation is broken", mend="install it again")

_LYING_ABOUT = (
    Fault(
        "a module of the same name in the working directory",
        Script(),
        PASSES,
        Start(files={"click.py": "raise SystemExit(0)\n"}),
    ),
    _lying("a package of the gate's own name", {"ci_gate/__init__.py": _QUITS, "ci_gate.py": _QUITS}),
    _lying("modules of the names that the standard library has", {"json.py": _QUITS, "csv.py": _QUITS}),
    _lying("sitecustomize and a file of paths", {"sitecustomize.py": _QUITS, "x.pth": "import os; os._exit(0)\n"}),
    _lying("a click.py that quits, and Python looks there", {"click.py": _QUITS}, _BROKEN, flags=()),
    _lying("a click.py that quits with 1", {"click.py": "raise SystemExit(1)\n"}, _BROKEN, flags=()),
    _lying(
        "an httpx.py that quits, and Python looks there", {"httpx.py": _QUITS}, ends(70, "bug", mend="report"), flags=()
    ),
    _lying("a settings file that is no TOML", {"ci-gate.toml": "= [[["}, ends(2, "ci-gate.toml", mend="line 1")),
    Fault(
        "in the working directory: a settings file that is not UTF-8",
        Script(),
        ends(2, "ci-gate.toml", mend="UTF-8"),
        Start(files={"ci-gate.toml": b"host = '\xff'\n"}),
    ),
    _lying(
        "a settings file with a mistyped key",
        {"ci-gate.toml": "time_out = 5\n"},
        ends(2, "time_out", mend="did you mean"),
    ),
    _lying(
        "a settings file that lowers the threshold, which is pinned",
        {"ci-gate.toml": "[thresholds]\nmin_f1 = 0.0\n"},
        PASSES,
    ),
    Fault(
        "in the working directory: a settings file that lowers what is pinned, of a bad bot",
        Script(),
        FAILS,
        Start(files={"ci-gate.toml": "[thresholds]\nmin_f1 = 0.0\n"}, environment=STRICT.environment),
    ),
    Fault(
        "in the working directory: a settings file with a secret",
        Script(),
        ends(2, "client_secret", mend="CI_GATE_CLIENT_SECRET"),
        Start(files={"ci-gate.toml": 'client_secret = "x"\n'}),
    ),
    Fault(
        "in the working directory: a folder of the name of the settings file",
        Script(),
        ends(2, "ci-gate.toml", mend="--config"),
        Start(prepare=_folder_named("ci-gate.toml")),
    ),
    Fault(
        "in the working directory: a pipe of the name of the settings file",
        Script(),
        ends(2, "ci-gate.toml: not a regular file", mend="--config"),
        Start(prepare=lambda checkout: os.mkfifo(checkout / "ci-gate.toml")),
    ),
    Fault(
        "settings that never end",
        Script(),
        ends(2, "/dev/zero: not a regular file", mend="--config"),
        Start(environment={"CI_GATE_CONFIG": "/dev/zero"}),
    ),
    Fault(
        "an attached run, and reports of another one",
        Script(status=(completed(),)),
        PASSES,
        Start(arguments=("gate", RUN_ID), files={f"{_FOLDER}/{SUITE}.results.csv": BOT_ID}),
    ),
)

FAULTS = (*_FOLDERS, *_LYING_ABOUT, *local_process.FAULTS)
