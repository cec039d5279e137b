"""Valid inputs that do not match: a reply, a file, a run, a bot, a suite or a time of another one.

Each is complete and plausible by itself. Data of another run or bot is no evidence about this one, so the gate judges
nothing, not even a bot that this data shows to be bad; data that only counts differently still lets a bad bot fail.
Where a user may intend the mismatch, ``--tolerate`` accepts it, and the counts decide.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.tools.faults.families import mismatched_baselines
from tests.tools.faults.good_run import BOT_ID, RUN_ID, results_file
from tests.tools.faults.model import FAILS, PASSES, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.replies import ABSENT, accepts, completed, counts, file, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.tools.faults.replies import Edit

_OTHER_RUN = "tr-99999999-5d0e-4a0c-8f0c-9e2f0a1b2c3d"
_OTHER_BOT = "st-99999999-2f6d-5c7a-9a53-0d9c2f1b7e44"
_HOUR = 3600.0
_RUNS_IT = Start()
_ATTACHES = Start(arguments=("gate", RUN_ID))
_CHECKS = Start(arguments=("check", "r.csv", "--report-dir", "ci-gate-report"))
_STRICT = {"CI_GATE_MIN_F1": "0.99"}


def _same(raw: bytes) -> bytes:
    return raw


def _pair(
    name: str,
    cause: str,
    tolerate: str,
    *,
    changes: Mapping[str, Any] | None = None,
    edit: Edit = _same,
    mend: str = "",
    script: Script | None = None,
    voids: bool = False,
    bad: Ending = FAILS,
    start: Start = _RUNS_IT,
) -> Iterator[Fault]:
    """Yield a mismatch as it is, tolerated, and with a bad bot, which is not judged if the mismatch ``voids`` it."""

    def with_settings(**environment: str) -> Start:
        return replace(start, environment={**start.environment, **environment})

    script = script or Script(status=(completed(changes),), file=(file(edit),))
    wrong = ends(5, cause, mend=mend or f"--tolerate {tolerate}")
    yield Fault(name, script, wrong, start)
    yield Fault(f"{name}, of a bad bot", script, wrong if voids else bad, with_settings(**_STRICT))
    told = Ending(code=0, cause=("PASSED", f"tolerated: {tolerate}", cause))
    yield Fault(f"{name}, which is tolerated", script, told, with_settings(CI_GATE_TOLERATE=tolerate))
    if voids:
        strict = with_settings(**_STRICT, CI_GATE_TOLERATE=tolerate)
        yield Fault(f"{name}, of a bad bot, which is tolerated", script, bad, strict)


def _replaced(before: bytes, after: bytes) -> Edit:
    """Return an edit that replaces ``before`` by ``after``, and fails if ``before`` is absent."""

    def edit(raw: bytes) -> bytes:
        assert before in raw
        return raw.replace(before, after)

    return edit


def _says(name: str, changes: Mapping[str, Any], must: Ending = PASSES, **environment: str) -> Fault:
    return Fault(name, Script(status=(completed(changes),)), must, Start(environment=environment))


_IDS = (
    *_pair(
        "a reply about another run",
        f"run '{RUN_ID}' was asked for, but the status reply is about '{_OTHER_RUN}'",
        "other-id",
        changes=dict.fromkeys(("_id", "result._id"), _OTHER_RUN),
        mend='if your platform names runs otherwise in its replies, tolerate = ["other-id"]',
        voids=True,
    ),
    *_pair(
        "a reply about this run, with the result of another",
        f"about '{_OTHER_RUN}'",
        "other-id",
        changes={"result._id": _OTHER_RUN},
        voids=True,
    ),
    Fault(
        "a reply about another run, with the result of this one",
        Script(status=(completed({"_id": _OTHER_RUN}),)),
        ends(5, f"run '{RUN_ID}' was asked for, but the status reply is about '{_OTHER_RUN}'", mend="other-id"),
    ),
    Fault(
        "a reply that names no run, with the result of another",
        Script(status=(completed({"_id": ABSENT, "result._id": _OTHER_RUN}),)),
        ends(5, f"about '{_OTHER_RUN}'", mend="other-id"),
    ),
    Fault(
        "a reply about another run, where this command attached to one",
        Script(status=(completed(dict.fromkeys(("_id", "result._id"), _OTHER_RUN)),)),
        ends(5, f"run '{RUN_ID}' was asked for", mend="other-id"),
        _ATTACHES,
    ),
    _says("a reply about this run in capitals", dict.fromkeys(("_id", "result._id"), RUN_ID.upper())),
    _says("a reply that names no run", dict.fromkeys(("_id", "result._id"), ABSENT)),
    _says("a reply that names another suite by its id", dict.fromkeys(("testSuiteId", "result.testSuiteId"), "ts-0")),
)

_BOTS = (
    *_pair(
        "a reply about another bot",
        f"bot '{BOT_ID}' was asked for, but the status reply is about '{_OTHER_BOT}'",
        "other-bot",
        changes=dict.fromkeys(("streamId", "result.streamId"), _OTHER_BOT),
        voids=True,
    ),
    *_pair(
        "a reply about this bot, with the result of another",
        f"about '{_OTHER_BOT}'",
        "other-bot",
        changes={"result.streamId": _OTHER_BOT},
        voids=True,
    ),
    Fault(
        "a reply that names no bot, with the result of another",
        Script(status=(completed({"streamId": ABSENT, "result.streamId": _OTHER_BOT}),)),
        ends(5, f"about '{_OTHER_BOT}'", mend="--tolerate other-bot"),
    ),
    Fault(
        "a reply about another bot, and something else is tolerated",
        Script(status=(completed(dict.fromkeys(("streamId", "result.streamId"), _OTHER_BOT)),)),
        ends(5, f"bot '{BOT_ID}' was asked for", mend="--tolerate other-bot"),
        Start(environment={"CI_GATE_TOLERATE": "other-id\nwrong-run\npartial\nno-file"}),
    ),
    Fault(
        "a saved reply about another bot than the settings name",
        Script(),
        ends(5, f"bot '{BOT_ID}' was asked for, but the status reply is about '{_OTHER_BOT}'", mend="other-bot"),
        replace(
            _CHECKS,
            arguments=(*_CHECKS.arguments, "--status", "s.json"),
            files={
                "r.csv": results_file(),
                "s.json": json.dumps(
                    {"status": "completed", "streamId": _OTHER_BOT, "utterance_count": 40, "result": {}}
                ),
            },
        ),
    ),
    _says("a reply whose bot is named without the usual prefix", {"streamId": "5f0c8b1e"}),
)

_VERSIONS = (
    *_pair(
        "a reply about another version than was sent",
        "the bot version that was asked for is 'inDevelopment', but the run's is 'published' by the status reply",
        "wrong-run",
        changes={"result.runType": "published"},
        edit=_replaced(b'"inDevelopment"', b'"published"'),
        voids=True,
    ),
    Fault(
        "a reply about the version that was sent, with the file of another",
        Script(file=(file(_replaced(b'"inDevelopment"', b'"published"')),)),
        ends(5, "but the run's is 'published' by the results file", mend="--tolerate wrong-run"),
        STRICT,
    ),
    *_pair(
        "a reply about one version with the file of another, of a run that was started elsewhere",
        "the run's bot version is 'inDevelopment' by the status reply, 'published' by the results file",
        "wrong-run",
        script=Script(file=(file(_replaced(b'"inDevelopment"', b'"published"')),)),
        voids=True,
        start=_ATTACHES,
    ),
    _says("the version in the words that a conversation test has for it", {"result.runType": "configured"}),
    _says(
        "a version that nobody has documented",
        {"result.runType": "draft"},
        Ending(code=0, cause=("PASSED", "but the run's is 'draft' by the status reply")),
    ),
)

_LANGUAGES = (
    *_pair(
        "a reply about another language than was sent",
        "the language that was asked for is 'de', but the run's is 'en' by the status reply",
        "wrong-run",
        voids=True,
        start=Start(environment={"CI_GATE_LANGUAGE": "de"}),
    ),
    *_pair(
        "a reply about one language, with the file of another",
        "the run's language is 'en' by the status reply, 'de' by the results file",
        "wrong-run",
        edit=_replaced(b'"en"', b'"de"'),
        voids=True,
    ),
    _says("a language of the same kind as was sent", {"result.botLanguage": "en_GB"}, CI_GATE_LANGUAGE="en-US"),
    _says(
        "a language that is spelt out",
        {"result.botLanguage": "English"},
        Ending(code=0, cause=("PASSED", "but the run's is 'English' by the status reply")),
        CI_GATE_LANGUAGE="en",
    ),
)

_MOMENTS = (
    *_pair(
        "a run that ended before this command started it",
        "before this command started it at",
        "wrong-run",
        script=Script(status=(completed(ahead=-_HOUR),)),
        voids=True,
    ),
    *_pair(
        "a run that ended before it began",
        "before its start at",
        "wrong-run",
        changes={"result.startTime": "2099-01-01T00:00:00.000Z"},
        voids=True,
    ),
    *_pair(
        "a run that began before this command started it, and ended after",
        "the status reply says that the run started at 2020-01-01",
        "wrong-run",
        changes={"result.startTime": "2020-01-01T00:00:00.000Z"},
        mend='if your platform reports local times, tolerate = ["wrong-run"]',
        voids=True,
    ),
    Fault(
        "a run that ended a few minutes before this command started it, by clocks that differ",
        Script(status=(completed(ahead=-300),)),
        PASSES,
    ),
    Fault(
        "a platform whose clock is a day behind",
        Script(start=(accepts(ahead=-24 * _HOUR),), status=(completed(ahead=-24 * _HOUR),)),
        PASSES,
    ),
    Fault(
        "a platform whose clock is a day ahead, and yesterday's run",
        Script(start=(accepts(ahead=24 * _HOUR),), status=(completed(),)),
        ends(5, "before this command started it at", mend="--tolerate wrong-run"),
    ),
    Fault(
        "a run of yesterday, where this command attached to it",
        Script(status=(completed(ahead=-24 * _HOUR),)),
        PASSES,
        _ATTACHES,
    ),
    _says("a run that does not say when it was", dict.fromkeys(("result.startTime", "result.endTime"), ABSENT)),
    _says("a run that says when it was in words of its own", {"result.endTime": "just now"}),
)

# The counts and scores of one are so close to those of the other that no score differs by more than rounding.
_ELSEWHERE = (34, 3, 2, 1)
_LARGER = (44, 2, 3, 1)

_RUNS = (
    *_pair(
        "the reply of one run, and the file of another with other counts",
        "the results file counts otherwise than the status reply: TP 34 instead of 35, TN 3 instead of 2",
        "count-mismatch",
        script=Script(file=(file(measured=_ELSEWHERE),)),
        bad=Ending(code=1, cause=("FAILED", "< 0.99")),  # the lower of the two values is shown
    ),
    *_pair(
        "the reply of one run, and the file of a larger one",
        "the results file is of a run of 50 utterances, not of 40",
        "count-mismatch",
        script=Script(file=(file(measured=_LARGER, size=50),)),
    ),
    Fault(
        "the reply of one run, and the file of a smaller one",
        Script(status=(completed(counts(*_LARGER)),)),
        ends(5, "the results file holds 40 of 50 utterances", mend="download it again"),
        STRICT,
    ),
    Fault(
        "the reply of one suite, and the file of another with the same counts",
        Script(file=(file(_replaced(b'"Smoke"', b'"Full regression"')),)),
        Ending(code=0, cause=("PASSED", "calls itself 'Full regression', not 'Smoke': is it the right run?")),
    ),
)

_SUMS = (
    *_pair(
        "success is not TP+TN",
        "the status reply counts 40 as success, but TP+TN is 37",
        "count-mismatch",
        changes={"result.results.success": 40},
        mend='if your platform counts successes otherwise, tolerate = ["count-mismatch"]',
    ),
    *_pair(
        "failure is not the rest",
        "the status reply counts 0 as failure, but FP+FN is 3",
        "count-mismatch",
        changes={"result.results.failure": 0},
        mend='if your platform counts failures otherwise, tolerate = ["count-mismatch"]',
    ),
    *_pair(
        "success and failure are not all",
        "the status reply counts 37 as success and 2 as failure, but 40 utterances",
        "count-mismatch",
        changes={"result.results": {"success": 37, "failure": 2, "failedUtteranceCount": 0}},
        mend='if your platform counts differently, tolerate = ["count-mismatch"]',
    ),
    *_pair(
        "the file's own number of utterances is another",
        "the results file is of a run of 41 utterances, not of 40",
        "count-mismatch",
        edit=_replaced(b'"Utterance count:","40"', b'"Utterance count:","41"'),
    ),
    *_pair(
        "the file's own number of entities is another",
        "the number of entities is 5 by the status reply, 4 by the results file",
        "count-mismatch",
        changes=dict.fromkeys(("result.results.totalEntitiesCount", "result.results.matchedEntitiesCount"), 5),
        edit=_replaced(
            b'"Utterance count:"',
            b'"Total Entities Count:","4"\r\n"Matched Entities Count:","4"\r\n"Utterance count:"',
        ),
    ),
    *_pair(
        "the file's share of utterances that worked is another",
        "the results file gives a success ratio of 50.00 %",
        "score-mismatch",
        edit=_replaced(b'"Utterance count:"', b'"Success / Failure Ratio:","50.00"\r\n"Utterance count:"'),
    ),
    Fault(
        "the file's share of utterances that worked is the right one",
        Script(
            file=(file(_replaced(b'"Utterance count:"', b'"Success / Failure Ratio:","92.50"\r\n"Utterance count:"')),)
        ),
        PASSES,
    ),
    *_pair(
        "the file's own score is another, on the same side of the threshold",
        "f1 is 0.9589 by the counts, but the results file says 0.93",
        "score-mismatch",
        edit=_replaced(b'"F1 Score:","0.96"', b'"F1 Score:","0.93"'),
        bad=Ending(code=1, cause=("FAILED", "f1 0.93 < 0.99")),
    ),
    Fault(
        "the file's own score is another, on the other side of the threshold, which is tolerated",
        Script(file=(file(_replaced(b'"F1 Score:","0.96"', b'"F1 Score:","0.50"')),)),
        ends(5, "f1 >= 0.90: no data", "between 0.50 and 0.9589", mend="switch the threshold off"),
        Start(environment={"CI_GATE_TOLERATE": "score-mismatch"}),
    ),
    *_pair(
        "the result types do not follow from what was expected and matched",
        "the result type of 7 utterances does not follow from expected and matched intent",
        "type-mismatch",
        edit=_replaced(b'"Pay bill","Pay bill"', b'"Pay bill","Block card"'),
    ),
)

_WITHOUT_THREE = (32, 2, 2, 1)
_BLANK = b'"one more","Pay bill","None","None","None","",""\r\n'


def _told(failed: int) -> tuple[Any, ...]:
    """Return behaviours that report ``failed`` of 40 utterances as not evaluated, after one that reports none."""
    return running(), completed(counts(35 - failed, 2, 2, 1, failed=failed))


def _rows(name: str, script: Script, must: Ending, environment: Mapping[str, str | None] = _STRICT) -> Fault:
    return Fault(name, script, must, Start(environment={"CI_GATE_MAX_FAILED_UTTERANCES": "3", **environment}))


_ROWS = (
    *_pair(
        "a file that lacks rows which the platform evaluated",
        "the results file holds 37 of 40 utterances",
        "no-file",
        script=Script(file=(file(measured=_WITHOUT_THREE),)),
        voids=True,
    ),
    _rows(
        "a file that lacks just what was not evaluated",
        Script(status=_told(3), file=(file(measured=_WITHOUT_THREE),)),
        Ending(code=0, cause=("PASSED",), measured=_WITHOUT_THREE),
        {},
    ),
    _rows(
        "a file that holds what was not evaluated",
        Script(status=_told(3), file=(file(lambda raw: raw + 3 * _BLANK, measured=_WITHOUT_THREE),)),
        Ending(code=0, cause=("PASSED",), measured=_WITHOUT_THREE),
        {},
    ),
    _rows(
        "a file that holds what was not evaluated, and lacks as many others",
        Script(status=_told(3), file=(file(lambda raw: raw + 3 * _BLANK, measured=(29, 2, 2, 1)),)),
        ends(5, "the results file holds 37 of 40 utterances", mend="download it again"),
    ),
    _rows(
        "a file that lacks one more than was not evaluated",
        Script(status=_told(3), file=(file(measured=(31, 2, 2, 1)),)),
        ends(
            5,
            "the results file holds 36 of 40 utterances",
            "the platform says that it did not evaluate 3 of the others",
            mend="download it again",
        ),
    ),
    _rows(
        "a file that lacks one more than was not evaluated, which is tolerated",
        Script(status=_told(3), file=(file(measured=(31, 2, 2, 1)),)),
        Ending(code=0, cause=("PASSED", "tolerated: no-file"), measured=_WITHOUT_THREE),
        {"CI_GATE_TOLERATE": "no-file"},
    ),
    Fault(
        "a file without a status reply that lacks what its top block promises",
        Script(),
        ends(5, "the results file holds 37 of 40 utterances", mend="download it again"),
        replace(_CHECKS, files={"r.csv": results_file(_WITHOUT_THREE)}, environment=_STRICT),
    ),
)


def _twice(field: str, one: str, other: str) -> Fault:
    """Return a fault with a duplicate key in the reply, once with the right value and once with another."""
    right, wrong = (f'"{field}": "{told}"'.encode() for told in (one, other))
    return Fault(
        f"a reply that tells {field} twice, differently",
        Script(status=(completed(edit=lambda body: body.replace(right, wrong + b", " + right)),)),
        ends(5, f"the status reply tells {field} several times", mend="--tolerate"),
    )


_TWICE = (
    _twice("_id", RUN_ID, _OTHER_RUN),
    _twice("streamId", BOT_ID, _OTHER_BOT),
    _twice("botLanguage", "en", "de"),
    _twice("f1_score", "0.96", "0.50"),
)

FAULTS = (
    *_IDS,
    *_BOTS,
    *_VERSIONS,
    *_LANGUAGES,
    *_MOMENTS,
    *_RUNS,
    *_SUMS,
    *_TWICE,
    *_ROWS,
    *mismatched_baselines.FAULTS,
)
