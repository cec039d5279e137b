"""Faults of the process: its streams, its clock, its variables, and the resources that the system denies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tools.faults import machines
from tests.tools.faults.model import FAILS, PASSES, REPORTS, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.replies import lists, says

if TYPE_CHECKING:
    from collections.abc import Callable

_UNPRINTED = ends(7, "the verdict could not be printed", mend="standard output")
_UNSEEN = ends(7, "", mend="")  # the reports are the only place for the message


def _on(name: str, machine: Callable[[], None], must: Ending = PASSES, **environment: str | None) -> Fault:
    return Fault(name, Script(), must, Start(machine=machine, environment=environment))


def _in(name: str, must: Ending = PASSES, **environment: str | None) -> Fault:
    return Fault(name, Script(), must, Start(environment=environment))


_STREAMS = (
    _on("standard output is closed", machines.closed_output, _UNPRINTED),
    _on("standard output is read by nobody", machines.output_that_nobody_reads, _UNPRINTED),
    _on("standard output goes to a full disk", machines.output_on_a_full_disk, _UNPRINTED),
    _on("no stream is open", machines.closed_streams, _UNSEEN),
    _on("standard output is closed, of a bad bot", machines.closed_output, _UNPRINTED, **STRICT.environment),
)

_CLOCKS = (
    _on("a clock that jumps", machines.jumping_clock),
    _on("a clock that jumps, of a bad bot", machines.jumping_clock, FAILS, **STRICT.environment),
    _on("a clock of 1970", machines.clock_of_1970),
    Fault(
        "a clock of 1970, and the platform refuses",
        Script(start=(says(401, "Invalid SDK credentials", Date="Thu, 01 Jan 2026 00:00:00 GMT"),)),
        ends(6, "Invalid SDK credentials", mend="s behind the platform's"),
        Start(machine=machines.clock_of_1970),
    ),
    _in("no time zone", TZ=None),
    _in("an empty time zone", TZ=""),
    _in("a time zone that is none", TZ="Nowhere/At All"),
    _in("a time zone far away", TZ="XXX-167:59:59"),
)

_VARIABLES = (
    _in("no HOME", HOME=None),
    _in("a HOME that is not there", HOME="/nowhere/at/all"),
    _in("no PATH", PATH=None),
    _in("no TMPDIR that could be used", TMPDIR="/nowhere/at/all"),
    _in("the C locale", LC_ALL="C", LANG="C"),
    _in("the POSIX locale, for bytes only", LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
    _in("a locale that is not there", LC_ALL="xx_XX.UTF-9"),
    Fault(
        "the C locale, and words that it does not have",
        Script(start=(says(400, "Test Suite not found \u2603 \U0001f600"),), suites=(lists("Smok\u00e9"),)),
        ends(3, "Test Suite not found", mend="did you mean"),
        Start(environment={"LC_ALL": "C", "LANG": "C"}),
    ),
    _in("a terminal that is none", TERM="nothing", COLUMNS="0", LINES="-1", FORCE_COLOR="1"),
    _in("a width that is a word", COLUMNS="wide"),
    _in("a threshold that is a word", ends(2, "CI_GATE_MIN_F1", mend="0.9"), CI_GATE_MIN_F1="high"),
    _in("a threshold that is not a number", ends(2, "CI_GATE_MIN_F1", mend="0.9"), CI_GATE_MIN_F1="NaN"),
    _in("a threshold that is empty", ends(2, "no threshold", mend="--min-f1"), CI_GATE_MIN_F1=""),
    _in("a mistyped variable", ends(2, "CI_GATE_MIN_F2", mend="did you mean"), CI_GATE_MIN_F2="0.9"),
    _in("no secret", ends(2, "CI_GATE_CLIENT_SECRET", mend="CI_GATE_JWT"), CI_GATE_CLIENT_SECRET=None),
    _in("a timeout of no time", ends(2, "CI_GATE_TIMEOUT", mend="30m"), CI_GATE_TIMEOUT="0"),
    _in("a host that is none", ends(2, "CI_GATE_HOST", mend="https://"), CI_GATE_HOST="ht!tp://[["),
    _in("http to another machine", ends(2, "http", mend="--allow-http"), CI_GATE_HOST="http://platform.example"),
    _in(
        "a bot id that is a path",
        ends(2, "CI_GATE_BOT_ID", mend="in a URL it stands for a folder"),
        CI_GATE_BOT_ID="..",
    ),
    _in(
        "certificates that are not there",
        ends(2, "/nowhere.pem", mend="PEM"),
        CI_GATE_CA_FILE="/nowhere.pem",
    ),
)

_LIMITS = (
    _on(
        "a working directory that is gone",
        machines.gone_directory,
        ends(2, "the report folder", mend="--report-dir", without=REPORTS),
    ),
    _on("files that nobody may read", machines.narrow_mask),
    _on(
        "no socket is to be had",
        machines.no_sockets,
        ends(3, "could not be reached (too many open files)", mend="can this machine reach it"),
    ),
    _on(
        "no thread is to be had",
        machines.no_threads,
        ends(3, "no thread can be started on this machine", mend="is the number of processes limited?"),
    ),
    _on("a thread is to be had now and then", machines.threads_now_and_then),
    _on("few files may be open", machines.few_files),
)

FAULTS = (*_STREAMS, *_CLOCKS, *_VARIABLES, *_LIMITS)
