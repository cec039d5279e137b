"""Faults of the status reply: of its form, of its identity, and of its counts."""

from __future__ import annotations

from typing import Any

from tests.kore.scripted_server import answers, http
from tests.tools.faults.families import status_counts
from tests.tools.faults.good_run import RUN_ID
from tests.tools.faults.judging import COMMAND
from tests.tools.faults.model import FAILS, PASSES, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.replies import ABSENT, completed, counts, file, says

_ATTACH = f"ci-gate gate {RUN_ID}"
_SOON = 4  # s, enough for two looks at what does not change
_COMMANDS = f"x\ud800\x1b]0;y\x07\r\n::stop-commands::{COMMAND}\n##[error]{COMMAND} <b>`]]>\x9b31m\u2028\u202e"


def _nested(depth: int) -> bytes:
    return b'{"x": ' + b"[" * depth + b"]" * depth + b", "


def _body(name: str, body: bytes, cause: str) -> Fault:
    return Fault(
        f"the reply is {name}",
        Script(status=(answers(http(200, body)),)),
        ends(4, cause, mend=_ATTACH),
        timeout=_SOON,
    )


def _says(name: str, changes: dict[str, Any], must: Ending, **environment: str | None) -> Fault:
    return Fault(name, Script(status=(completed(changes),)), must, Start(environment=environment))


_FORM = (
    Fault(
        "torn once, of a bot that is not good enough",
        Script(status=(completed(edit=lambda body: body[:200]), ...)),
        FAILS,
        STRICT,
    ),
    Fault(
        "torn for ever",
        Script(status=(completed(edit=lambda body: body[:200]),)),
        ends(4, "not JSON", mend=_ATTACH),
        timeout=_SOON,
    ),
    Fault("an array, and then a reply", Script(status=(answers(http(200, b"[]")), ...)), PASSES),
    _body("an array", b"[]", "not a JSON object"),
    _body("a number", b"200", "not a JSON object"),
    _body("an empty object", b"{}", "no status word"),
    _body("arrays in arrays without end", b"[" * 200_000, "nested too deeply"),
    _body("not UTF-8", b'{"status": "completed", "name": "\xfc\xff"}', "not JSON"),
    Fault(
        "a whole reply with arrays in arrays",
        Script(status=(completed(edit=lambda body: body.replace(b"{", _nested(200_000), 1)),)),
        ends(4, "nested too deeply", mend=_ATTACH),
        timeout=_SOON,
    ),
    Fault(
        "a whole reply with a few arrays in arrays",
        Script(status=(completed(edit=lambda body: body.replace(b"{", _nested(200), 1)),)),
        PASSES,
    ),
    _says("a reply of 2 MB", {"x": "x" * 2**21}, ends(3, "too long to be a status reply", mend=_ATTACH)),
    _says("a reply of 0.9 MB", {"x": "x" * 900_000}, PASSES),
    _says(
        "the result is null",
        {"result": None},
        ends(5, "no results file", mend="run the suite again"),
    ),
    _says(
        "the result is text",
        {"result": "passed"},
        ends(5, "no results file", mend="run the suite again"),
    ),
    _says("the counts are null", {"result.results": None}, PASSES),
    _says(
        "the counts are a list",
        {"result.results": [35, 2, 2, 1]},
        ends(5, "the status reply's results", mend="--tolerate count-mismatch"),
    ),
    _says(
        "the counts are text",
        {"result.results": "35/2/2/1"},
        ends(5, "the status reply's results", mend="--tolerate count-mismatch"),
    ),
    _says("the counts are at the top", {"result.results": ABSENT, "TP": 35, "TN": 2, "FP": 2, "FN": 1}, PASSES),
    _says(
        "the fields hold commands",
        {"_id": _COMMANDS, "result.botLanguage": _COMMANDS, "result.f1_score": _COMMANDS, _COMMANDS: _COMMANDS},
        Ending(code=0, cause=("PASSED", "but the status reply is about 'x")),
    ),
    _says(
        "the version holds commands",
        {"result.runType": _COMMANDS},
        # An undocumented word contradicts nothing; the word in the file is the right one.
        Ending(code=0, cause=("PASSED", "the bot version that was asked for is 'inDevelopment', but the run's is 'x")),
    ),
    _says(
        "the link holds commands",
        {"result.fileUrl": _COMMANDS},
        ends(5, "the results file", mend="--tolerate no-file"),
    ),
)

_PARTIAL = (
    *(
        _says(
            f"partial is {name}",
            {"result.isPartialFailure": given},
            ends(5, "the run failed in part", mend="--tolerate partial"),
        )
        for name, given in (("true", True), ("a text", "true"), ("1", 1), ("yes", "yes"), ("an object", {"rows": 3}))
    ),
    _says("partial at the top", {"isPartialFailure": True}, ends(5, "failed in part", mend="--tolerate partial")),
    Fault(
        "partial is told twice, true and then false",
        Script(status=(completed(edit=lambda body: body.replace(b'"isP', b'"isPartialFailure": true, "isP')),)),
        ends(5, "failed in part", mend="--tolerate partial"),
    ),
    _says("partial is the text false", {"result.isPartialFailure": "false"}, PASSES),
    _says("partial is missing", {"result.isPartialFailure": ABSENT}, PASSES),
    _says("partial, of a bad bot", {"result.isPartialFailure": True}, FAILS, **STRICT.environment),
    _says("partial, which is tolerated", {"result.isPartialFailure": True}, PASSES, CI_GATE_TOLERATE="partial"),
    _says(
        "partial, and something else is tolerated",
        {"result.isPartialFailure": True},
        ends(5, "failed in part", mend="--tolerate partial"),
        CI_GATE_TOLERATE="count-mismatch",
    ),
    _says(
        "partial is tolerated, and the counts contradict the total",
        {"result.isPartialFailure": True, "result.results.TP": 34},
        ends(5, "39", mend=("--tolerate count-mismatch", "--max-failed-utterances 1")),
        CI_GATE_TOLERATE="partial",
    ),
    Fault(
        "no file, which is tolerated",
        Script(file=(says(404),)),
        PASSES,
        Start(environment={"CI_GATE_TOLERATE": "no-file"}),
        timeout=6,
    ),
)


def _measured(name: str, measured: tuple[int, int, int, int], must: Ending) -> Fault:
    """Return a fault whose reply and file have the same counts."""
    script = Script(status=(completed(counts(*measured)),), file=(file(measured=measured, size=sum(measured)),))
    return Fault(name, script, must)


_NOT_EVALUATED = counts(32, 2, 2, 1, failed=3)
_WITHOUT_THREE = file(measured=(32, 2, 2, 1))

_MEASURED = (
    _says(
        "completed, and the only utterance was not evaluated",
        counts(0, 0, 0, 0, failed=1),
        ends(5, "no utterance was evaluated", mend="run the suite again"),
    ),
    _says(
        "completed, and less than half was evaluated, of a bot that is not good enough",
        counts(10, 0, 5, 4, failed=21),
        ends(5, "only 19 of 40 utterances were evaluated", mend="run the suite again"),
        CI_GATE_TOLERATE="partial\ncount-mismatch\nscore-mismatch\nno-file",
        CI_GATE_MAX_FAILED_UTTERANCES="0",
    ),
    _says(
        "completed, nothing was evaluated, and none has to be",
        counts(0, 0, 0, 0, failed=40) | {"result.f1_score": "1.00"},
        ends(5, "no utterance was evaluated", mend="run the suite again"),
        CI_GATE_MAX_FAILED_UTTERANCES="off",
        CI_GATE_TOLERATE="partial\ncount-mismatch\nno-file",
    ),
    _says(
        "completed, with nothing but zeros",
        {f"result.results.{name}": 0 for name in ("TP", "TN", "FP", "FN", "success", "failure")},
        ends(5, "no utterance was evaluated", mend="run the suite again"),
    ),
    _measured(
        "completed, of an empty suite",
        (0, 0, 0, 0),
        ends(5, "no utterance was evaluated", mend="run the suite again"),
    ),
    _measured("nothing but TN", (0, 40, 0, 0), ends(5, "no data", "TP+FP+FN is 0", mend="switch the threshold off")),
    _measured(
        "nothing but FN",
        (0, 0, 0, 40),
        Ending(code=1, cause=("FAILED", "f1 0.00 < 0.90"), measured=(0, 0, 0, 40)),
    ),
    Fault(
        "as many utterances not evaluated as are allowed",
        Script(status=(completed(_NOT_EVALUATED),), file=(_WITHOUT_THREE,)),
        Ending(code=0, cause=("PASSED",), measured=(32, 2, 2, 1)),
        Start(environment={"CI_GATE_MAX_FAILED_UTTERANCES": "3"}),
    ),
    Fault(
        "utterances that were not evaluated, and nobody said how many may be",
        Script(status=(completed(_NOT_EVALUATED),), file=(_WITHOUT_THREE,)),
        ends(5, "3 of 40 utterances were not evaluated by the platform", mend="max_failed_utterances = 3"),
    ),
    Fault(
        "utterances that were not evaluated, and nobody said how many may be, of a bot that fails whatever they are",
        Script(status=(completed(_NOT_EVALUATED),), file=(_WITHOUT_THREE,)),
        Ending(code=1, cause=("FAILED", "0.9552 < 0.99"), measured=(32, 2, 2, 1)),
        STRICT,
    ),
    Fault(
        "as many utterances not evaluated as are allowed, which could turn the verdict",
        Script(status=(completed(_NOT_EVALUATED),), file=(_WITHOUT_THREE,)),
        ends(5, "between 0.9143 and 0.9589", mend="switch the threshold off"),
        Start(environment={"CI_GATE_MAX_FAILED_UTTERANCES": "3", "CI_GATE_MIN_F1": "0.95"}),
    ),
    Fault(
        "one more utterance not evaluated than is allowed",
        Script(status=(completed(_NOT_EVALUATED),), file=(_WITHOUT_THREE,)),
        Ending(
            code=1,
            cause=("FAILED", "3 of 40 utterances were not evaluated by the platform (2 allowed)"),
            measured=(32, 2, 2, 1),
        ),
        Start(environment={"CI_GATE_MAX_FAILED_UTTERANCES": "2"}),
    ),
    _says(
        "a suite that shrank",
        {},
        Ending(code=1, cause=("FAILED", "utterances 40 < 41")),
        CI_GATE_MIN_UTTERANCES="41",
    ),
    _measured("f1 is the threshold", (27, 7, 4, 2), Ending(code=0, cause=("PASSED",), measured=(27, 7, 4, 2))),
    _says("accuracy is the threshold", {}, PASSES, CI_GATE_MIN_ACCURACY="92.5%"),
    _says(
        "f1 is below the threshold, and rounded it is not",
        {},
        Ending(code=1, cause=("FAILED", "f1 0.9589 < 0.96 (the platform shows 0.96)")),
        CI_GATE_MIN_F1="0.96",
    ),
)

FAULTS = (*_FORM, *_PARTIAL, *status_counts.FAULTS, *_MEASURED)
