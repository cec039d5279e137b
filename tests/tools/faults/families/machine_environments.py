"""Realistic environments of the machine: other gates and files in the folder, streams, variables, files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tools.faults import machines
from tests.tools.faults.model import PASSES, REPORTS, Ending, Fault, Script, Start, ends
from tests.tools.faults.replies import file

if TYPE_CHECKING:
    from collections.abc import Callable

_FULL = ends(7, "the verdict could not be printed", mend="standard output is full and non-blocking")
_PRECIOUS = "precious, and no gate wrote it\n"


def _in(name: str, must: Ending, machine: Callable[[], None] | None = None, **environment: str) -> Fault:
    return Fault(name, Script(), must, Start(machine=machine, environment=environment))


def _foreign(name: str) -> Fault:
    must = ends(2, f"'{name}' was not written by ci-gate", mend="--report-dir", without=REPORTS)
    start = Start(arguments=("run", "--report-dir", "."), files={name: _PRECIOUS})
    return Fault(f"a {name} of somebody else where the reports are to go", Script(), must, start)


def _instead(name: str, content: bytes, cause: str, mend: str) -> Fault:
    return Fault(f"{name} in place of the results", Script(file=(file(lambda _: content),)), ends(5, cause, mend=mend))


_STREAMS = (
    _in("a standard output that is full and does not wait", _FULL, machines.full_output),
    Fault(
        "a standard output that is full and does not wait, without a buffer",
        Script(),
        _FULL,
        Start(machine=machines.full_output, flags=("-I", "-u")),
    ),
)

_FOLDERS = (
    _in(
        "another gate in the same folder",
        ends(2, "another ci-gate is writing its reports", mend="--report-dir", without=REPORTS),
        machines.folder_of_another_gate,
    ),
    _in("a file system without locks", PASSES, machines.no_locks),
    *map(_foreign, ("junit.xml", "report.json", "summary.md", "run.json")),
)

_VARIABLES = (
    _in(
        "outputs of a step that cannot be written",
        ends(7, "GITHUB_OUTPUT", mend="check --report-dir and the free disk space"),
        GITHUB_ACTIONS="true",
        GITHUB_OUTPUT="/nowhere/outputs",
    ),
    _in(
        "a summary of a step that cannot be written",
        ends(7, "GITHUB_STEP_SUMMARY", mend="check --report-dir and the free disk space"),
        GITHUB_ACTIONS="true",
        GITHUB_STEP_SUMMARY="/nowhere/step.md",
    ),
    _in(
        "a Kubernetes service of the gate's name",
        PASSES,
        CI_GATE_SERVICE_HOST="10.0.0.1",
        CI_GATE_SERVICE_PORT="80",
        CI_GATE_SERVICE_PORT_HTTP="80",
        CI_GATE_PORT="tcp://10.0.0.1:80",
        CI_GATE_PORT_80_TCP="tcp://10.0.0.1:80",
        CI_GATE_PORT_80_TCP_PROTO="tcp",
        CI_GATE_PORT_80_TCP_PORT="80",
        CI_GATE_PORT_80_TCP_ADDR="10.0.0.1",
    ),
    _in("a linked Docker container of the gate's name", PASSES, CI_GATE_NAME="/web/ci-gate", CI_GATE_ENV_LANG="C"),
    _in(
        "a chance of a false alarm that no number shows",
        ends(2, "CI_GATE_ALPHA", mend="0.05"),
        CI_GATE_ALPHA="0.00000000000000001",
    ),
)

_FILES = (
    _instead("a pointer of Git LFS", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS", "git lfs pull"),
    _instead("what gzip compressed", b"\x1f\x8b\x08\x00", "compressed by gzip", "unpack it"),
    _instead("a zip archive", b"PK\x03\x04", "a zip archive", "unpack it"),
)

FAULTS = (*_STREAMS, *_FOLDERS, *_VARIABLES, *_FILES)
