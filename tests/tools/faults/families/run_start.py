"""Faults of starting a run: it is unknown, refused, put off, or accepted with an ambiguous reply."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.kore.scripted_server import answers, hangs, http
from tests.tools.faults.good_run import RUN_ID
from tests.tools.faults.judging import COMMAND
from tests.tools.faults.model import FAILS, PASSES, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.platform import by_path
from tests.tools.faults.replies import ABSENT, accepts, completed, lists, says

if TYPE_CHECKING:
    from tests.kore.scripted_server import Behaviour

_ATTACH = Start(arguments=("gate", RUN_ID))
_PERHAPS = ("a run may have started", "ci-gate gate ID --suite Smoke")
_PATH = "tr-1/../../x?a#b%2f"
_OTHER_ID = "tr-99999999-5d0e-4a0c-8f0c-9e2f0a1b2c3d"


def _says_under_200(message: str, code: int) -> Behaviour:
    return answers(http(200, json.dumps({"errors": [{"msg": message, "code": code}]}).encode()))


def _accepted(run_id: str) -> bytes:
    return http(200, json.dumps({"status": "accepted", "requestId": run_id}).encode())


def _without_id(name: str, given: Any) -> Fault:
    return Fault(
        f"start: accepted with {name}",
        # A retry would be accepted as usual, and start a second run.
        Script(start=(accepts({"requestId": given}), ...)),
        ends(3, "the platform accepted the request, but its answer contains no run id", mend=_PERHAPS),
    )


_UNKNOWN = (
    Fault(
        "the suite is unknown, and another has nearly its name",
        Script(start=(says(400, "Test Suite not found"),), suites=(lists("Pay", "Smoke 2"),)),
        ends(3, "Test Suite not found", mend="did you mean 'Smoke 2'?"),
    ),
    Fault(
        "the suite is unknown, and the app may not list suites",
        Script(start=(says(400, "Test Suite not found"),), suites=(says(401, "Permission denied."),)),
        ends(3, "Test Suite not found", mend="the suite's display name, letter by letter"),
    ),
    Fault(
        "the suite is unknown, told under 200",
        Script(start=(_says_under_200("Test Suite not found", 400),), suites=(lists("Smoke 2"),)),
        ends(3, "Test Suite not found", mend="did you mean 'Smoke 2'?"),
    ),
    Fault(
        "the list of suites hangs, for a suite that is unknown",
        Script(start=(says(400, "Test Suite not found"),), suites=(hangs(),)),
        ends(3, "Test Suite not found", mend="the suite's display name, letter by letter"),
        timeout=4,
    ),
    Fault(
        "the run to attach to is unknown",
        Script(status=(says(400, "Test Result not found."),)),
        ends(3, "Test Result not found.", mend="is it the id that starting the run gave"),
        _ATTACH,
    ),
    Fault(
        "the run to attach to is unknown, with 404",
        Script(status=(says(404),)),
        ends(3, "the platform answered 404", mend="are --host and the bot id right?"),
        _ATTACH,
    ),
)

_REFUSED = (
    Fault(
        "start: refused with 412",
        Script(start=(says(412, "Validation errors/ Invalid arguments"), ...)),
        ends(3, "Validation errors/ Invalid arguments", mend="is there a published version of the bot"),
    ),
    Fault(
        "start: refused with 412, told under 200",
        Script(start=(_says_under_200("Validation errors/ Invalid arguments", 412), ...)),
        ends(3, "Validation errors/ Invalid arguments", mend="is there a published version of the bot"),
    ),
    Fault(
        "start: refused with 400",
        Script(start=(says(400, "Bot is not trained"), ...)),
        ends(3, "Bot is not trained", mend="platform's console"),
    ),
    Fault(
        "start: refused in words that are commands",
        Script(start=(says(412, f"no\x1b[2J\r\n::stop-commands::{COMMAND}\n##[error]{COMMAND}\x9b31m"), ...)),
        ends(3, f"stop-commands::{COMMAND}", mend="is there a published version of the bot"),
    ),
    Fault(
        "another run of the bot goes on, and then ends",
        Script(start=(says(409, "Another execution is in progress"), ...)),
        PASSES,
    ),
    Fault(
        "another run of the bot goes on, told under 200, and then ends",
        Script(start=(answers(http(200, b'{"message": "A batch test is already running"}')), ...)),
        FAILS,
        STRICT,
    ),
    Fault(
        "another run of the bot goes on for ever",
        Script(start=(says(409, "Another execution is in progress"),)),
        ends(4, "the deadline passed before this suite could start", mend="a bot can execute only one run at a time"),
        timeout=4,
    ),
)

_WITHOUT_ID = (
    _without_id("no id", ABSENT),
    _without_id("an empty id", ""),
    _without_id("null as its id", None),
    _without_id("a number as its id", 4711),
    _without_id("an id that means the folder above", ".."),
    _without_id("an id with a line break", f"{RUN_ID}\r\n::stop-commands::{COMMAND}"),
    _without_id("an id of 100,000 characters", "t" * 100_000),
    Fault(
        "start: accepted with an id of more than a megabyte",
        Script(start=(accepts({"requestId": "t" * 2**20}), ...)),
        ends(3, "the answer is too long to be the platform's", mend=_PERHAPS),
    ),
    Fault(
        "start: accepted with an id that looks like a path",
        Script(
            start=(accepts({"requestId": _PATH}),),
            status=(
                by_path({"/tr-1%2F..%2F..%2Fx%3Fa%23b%252f/": completed(dict.fromkeys(("_id", "result._id"), _PATH))}),
            ),
        ),
        PASSES,
    ),
)

_LOST = (
    Fault(
        "start: accepted, and never said so",
        Script(start=(hangs(), ...)),
        ends(3, "could not be reached", mend=_PERHAPS),
        timeout=4,
    ),
    Fault(
        "start: the answer is torn JSON",
        Script(start=(answers(http(200, b'{"status": "accepted", "requestId": "tr-0c3')), ...)),
        ends(3, "contains no run id", mend=_PERHAPS),
    ),
    Fault(
        "start: the answer ends in the middle of the connection",
        Script(start=(answers(_accepted(RUN_ID)[:-20]), ...)),
        ends(3, "could not be reached", mend=_PERHAPS),
    ),
    Fault(
        "start: accepted twice, with two ids in one answer",
        Script(start=(answers(http(200, f'{{"requestId": "{_OTHER_ID}", "requestId": "{RUN_ID}"}}'.encode())), ...)),
        ends(3, "contains no run id", mend=_PERHAPS),
    ),
    Fault(
        "start: answered twice, with different ids",
        Script(start=(answers(_accepted(RUN_ID) + _accepted(_OTHER_ID)),), status=(by_path({RUN_ID: completed()}),)),
        Ending(code=0, cause=("PASSED", f"run {RUN_ID}")),
    ),
)

FAULTS = (*_UNKNOWN, *_REFUSED, *_WITHOUT_ID, *_LOST)
