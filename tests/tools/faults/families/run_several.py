"""Faults of a command with several suites, and of suites that are only advisory: none may hide another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tools.faults.good_run import BOT_ID, MEASURED, MEDIA
from tests.tools.faults.model import FAILS, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.platform import by_path
from tests.tools.faults.replies import completed, counts, file, running, says

if TYPE_CHECKING:
    from tests.kore.scripted_server import Behaviour

_MEASURED = (27, 2, 10, 1)
_BAD = completed(counts(*_MEASURED) | {"result.fileUrl": f"{MEDIA}bad.csv"})
_FILES = by_path({"bad.csv": file(measured=_MEASURED), MEDIA: file()})
_PARTIAL = completed({"result.isPartialFailure": True})
_GONE = says(503)
_ONE_LOST = (34, 2, 2, 1)
_AGAIN = "run the suite again"


def _two(
    name: str, smoke: Behaviour, full: Behaviour, must: Ending, *, timeout: int | None = None, bot: str = BOT_ID
) -> Fault:
    return Fault(
        name,
        Script(status=(by_path({"/Smoke/": smoke, "/Full/": full}),), file=(_FILES,)),
        must,
        Start(
            environment={"CI_GATE_SUITE": None},
            files={"ci-gate.toml": f'[[suites]]\nname = "Smoke"\n[[suites]]\nname = "Full"\nbot_id = "{bot}"\n'},
        ),
        timeout,
    )


_SEVERAL = (
    _two(
        "of two suites one passes and one fails",
        completed(),
        _BAD,
        Ending(code=1, cause=("FAILED  Full", "PASSED  Smoke")),
    ),
    _two(
        "of two suites one passes and one is cancelled",
        completed(),
        completed(word="cancelled"),
        ends(3, "PASSED  Smoke", "'cancelled', without results", mend=_AGAIN),
    ),
    _two(
        "of two suites one fails and one is out of reach",
        _BAD,
        _GONE,
        ends(4, "FAILED  Smoke", "the platform answered 503", mend="attach again with"),
    ),
    _two(
        "of two suites one fails and one is partial",
        _BAD,
        _PARTIAL,
        ends(5, "FAILED  Smoke", "the run failed in part", mend="--tolerate partial"),
    ),
    _two(
        "of two suites one is partial and one failed on the platform",
        _PARTIAL,
        completed(word="failed"),
        ends(3, "the run failed in part", "ended on the platform as 'failed'", mend=_AGAIN),
    ),
    _two(
        "of two suites one is partial and one does not end",
        _PARTIAL,
        running(),
        ends(4, "the run failed in part", "the platform's last status: running", mend="attach again with"),
    ),
    _two(
        "of two suites the first is denied",
        says(401, "Permission denied. Scope is incorrect!"),
        completed(),
        ends(6, "Permission denied.", "not tried, because", mend="is the scope 'Batch Tests Execution' given"),
    ),
    _two(
        "of two suites of two bots one fails and one is denied",
        _BAD,
        says(401, "Permission denied. Scope is incorrect!"),
        ends(6, "FAILED  Smoke", "Permission denied.", mend="is the scope 'Batch Tests Execution' given"),
        bot=BOT_ID.replace("5f0c", "6f0c"),
    ),
)


def _advisory(
    name: str,
    must: Ending,
    *status: Behaviour,
    measured: tuple[int, int, int, int] = MEASURED,
    timeout: int | None = None,
    **environment: str,
) -> Fault:
    return Fault(
        f"an advisory suite, {name}",
        Script(status=status or (...,), file=(file(measured=measured),)),
        must,
        Start(environment={**STRICT.environment, "CI_GATE_ADVISORY": "on", **environment}),
        timeout,
    )


_ADVISORY = (
    _advisory("of a bot that is not good enough", Ending(code=0, cause=("0.9589 < 0.99", "advisory"))),
    _advisory("of a bot that is not good enough, in part", FAILS, _PARTIAL),
    _advisory(
        "of a bot that is not good enough, by counts that contradict each other",
        Ending(code=1, cause=("FAILED", "0.9296 < 0.99"), measured=(33, 2, 4, 1)),
        completed(counts(33, 2, 4, 1) | {"result.results.success": 36}),
        measured=(33, 2, 4, 1),
    ),
    _advisory(
        "of a bot that is not good enough, whatever the utterances are that were not evaluated",
        Ending(code=1, cause=("FAILED", "1 of 40 utterances was not evaluated"), measured=_ONE_LOST),
        completed(counts(*_ONE_LOST, failed=1)),
        measured=_ONE_LOST,
    ),
    _advisory(
        "of a bot that is good enough, and of an utterance that was not evaluated",
        ends(5, "1 of 40 utterances was not evaluated", mend="max_failed_utterances = 1"),
        completed(counts(*_ONE_LOST, failed=1)),
        measured=_ONE_LOST,
        CI_GATE_MIN_F1="0.9",
    ),
    _advisory(
        "of more utterances that were not evaluated than are allowed",
        Ending(code=1, cause=("FAILED", "1 of 40 utterances was not evaluated by the platform"), measured=_ONE_LOST),
        completed(counts(*_ONE_LOST, failed=1)),
        measured=_ONE_LOST,
        CI_GATE_MIN_F1="0.9",
        CI_GATE_MAX_FAILED_UTTERANCES="0",
    ),
    _advisory(
        "that shrank",
        Ending(code=1, cause=("FAILED", "utterances 40 < 41")),
        CI_GATE_MIN_F1="0.9",
        CI_GATE_MIN_UTTERANCES="41",
    ),
    _advisory(
        "of an outage",
        ends(5, "only 19 of 40 utterances were evaluated", mend=_AGAIN),
        completed(counts(17, 1, 1, 0, failed=21)),
        measured=(17, 1, 1, 0),
    ),
    _advisory(
        "of a run that was cancelled",
        ends(3, "ended on the platform as 'cancelled'", mend=_AGAIN),
        completed(word="cancelled"),
    ),
    _advisory("that does not end", ends(4, "last status: running", mend="attach again with"), running(), timeout=4),
)

FAULTS = (*_SEVERAL, *_ADVISORY)
