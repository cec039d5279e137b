"""A run and a baseline that do not match: of different bots, suites, languages or engines, or only partly evaluated.

Each is a complete run by itself. A difference between runs of different subjects is no evidence of a change, so the
gate compares nothing, and a suite that requires a comparison does not pass.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.tools.faults.good_run import BOT_ID, MEASURED, RUN_ID, results_file, scores
from tests.tools.faults.model import PASSES, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.platform import by_path
from tests.tools.faults.replies import accepts, completed, counts, file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.kore.scripted_server import Behaviour

_OTHER_BOT = BOT_ID.replace("5f0c", "6f0c")
_NAME = "name a baseline that is a whole run of this suite"
_GIVE = "give the report.json of an earlier run that was judged"
_BASE = "base.csv"
_COMPARES = ("run", "--baseline", _BASE)
_EARLIER = "earlier/report.json"
_BEFORE = Start(arguments=("run", "--report-dir", "earlier"))
_EARLIER_RUN = RUN_ID.replace("0c3d", "9c3d")


def _file(name: str, raw: bytes, must: Ending, **environment: str) -> Fault:
    """Return a fault that compares the good run with a results file."""
    return Fault(name, Script(), must, Start(arguments=_COMPARES, environment=environment, files={_BASE: raw}))


def _first(changes: Mapping[str, object] | None = None, *, ahead: float = 0.0) -> Behaviour:
    """Return the result of the earlier run, which has an id of its own."""
    return completed({**dict.fromkeys(("_id", "result._id"), _EARLIER_RUN), **(changes or {})}, ahead=ahead)


_BOTH_GOOD = Script(status=(_first(), completed()))


def _report(
    name: str,
    must: Ending,
    *,
    script: Script = _BOTH_GOOD,
    earlier: Mapping[str, str | None] | None = None,
    now: Mapping[str, str | None] | None = None,
) -> Fault:
    """Return a fault that compares a run with an earlier report; ``earlier`` and ``now`` hold only the differences."""
    before = replace(_BEFORE, environment=earlier or {})
    return Fault(
        name,
        replace(script, start=(accepts({"requestId": _EARLIER_RUN}), accepts())),
        must,
        Start(arguments=("run", "--baseline", _EARLIER), environment=now or {}, earlier=before),
    )


def _replaced(before: bytes, after: bytes) -> bytes:
    raw = results_file()
    assert before in raw
    return raw.replace(before, after)


def _blank(*, right: int = 0, wrong: int = 0) -> bytes:
    """Return the good run's results file with ``right`` correct utterances and ``wrong`` FPs unevaluated."""
    tp, tn, fp, fn = MEASURED
    raw = results_file().replace(b'"TP"', b'""', right).replace(b'"FP"', b'""', wrong)
    both = scores(MEASURED), scores((tp - right, tn, fp - wrong, fn))
    for then, now in zip(*(told.values() for told in both), strict=True):
        raw = raw.replace(b':","%s"' % then.encode(), b':","%s"' % now.encode())
    return raw


_FILES = (
    _file("baseline: a file that says the same", results_file(), PASSES),
    _file(
        "baseline: of another bot",
        _replaced(b"Invented Bank", b"Invented Airline"),
        ends(5, "the baseline is of bot 'Invented Airline', not of 'Invented Bank'", mend='tolerate = ["other-bot"]'),
    ),
    _file(
        "baseline: of another bot, which is tolerated",
        _replaced(b"Invented Bank", b"Invented Airline"),
        Ending(code=0, cause=("PASSED", "the baseline is of bot 'Invented Airline', not of 'Invented Bank'")),
        CI_GATE_TOLERATE="other-bot",
    ),
    _file(
        "baseline: of another suite",
        _replaced(b'"Smoke"', b'"Full regression"'),
        ends(5, "the baseline is of report 'Full regression', not of 'Smoke'", mend='tolerate = ["other-bot"]'),
    ),
    _file(
        "baseline: of another suite, which is tolerated as if it were another run",
        _replaced(b'"Smoke"', b'"Full regression"'),
        ends(5, "the baseline is of report 'Full regression', not of 'Smoke'", mend='tolerate = ["other-bot"]'),
        CI_GATE_TOLERATE="wrong-run\nother-id",
    ),
    _file(
        "baseline: in another language",
        _replaced(b'"en"', b'"de"'),
        ends(5, "the baseline is of language 'de', not of 'en'", mend=_NAME),
    ),
    _file("baseline: in the same language of another country", _replaced(b'"en"', b'"en-GB"'), PASSES),
    _file("baseline: of the other version", _replaced(b'"inDevelopment"', b'"published"'), PASSES),
    _file(
        "baseline: of other utterances",
        _replaced(b"invented utterance", b"another utterance"),
        ends(5, "less than half", mend=_NAME),
    ),
    _file(
        "baseline: of which less than half was evaluated",
        _blank(right=21),
        ends(2, "the baseline 'base.csv' cannot be used", "less than half", mend=_GIVE),
    ),
    _file("baseline: of which a part was not evaluated, of what works now", _blank(right=10), PASSES),
    _file(
        "baseline: of which a part was not evaluated, of what fails now",
        _blank(wrong=2),
        ends(
            5,
            "new failures <= 0: no data",
            "2 utterances that both runs have were not",
            mend="switch the threshold off",
        ),
        CI_GATE_MAX_NEW_FAILURES="0",
    ),
    _file(
        "baseline: that lacks rows",
        results_file((32, 2, 2, 1)),
        ends(2, "the baseline 'base.csv' cannot be used", "holds 37 of 40 utterances", mend=_GIVE),
    ),
    _file(
        "baseline: that contradicts itself",
        _replaced(b'"F1 Score:","0.96"', b'"F1 Score:","0.50"'),
        ends(2, "the baseline 'base.csv' cannot be used", "the results file says 0.50", mend=_GIVE),
    ),
    _file(
        "baseline: that contradicts itself, which is tolerated, and the run does not",
        _replaced(b'"F1 Score:","0.96"', b'"F1 Score:","0.50"'),
        ends(5, "in the baseline score-mismatch was tolerated, and this run does not show the same", mend=_NAME),
        CI_GATE_TOLERATE="score-mismatch",
    ),
)

_TO_EACH_ITS_OWN = by_path(
    {_OTHER_BOT: _first(dict.fromkeys(("streamId", "result.streamId"), _OTHER_BOT)), BOT_ID: completed()}
)
_WORSE = (27, 2, 10, 1)

_REPORTS = (
    _report("baseline: an earlier report of the same", PASSES),
    _report(
        "baseline: an earlier report of the same, and the bot got worse",
        Ending(code=1, cause=("FAILED", "f1 fell by"), measured=_WORSE),
        script=Script(
            status=(_first(), completed(counts(*_WORSE))),
            file=(file(), file(measured=_WORSE)),
        ),
        now={"CI_GATE_MIN_F1": "0.5"},
    ),
    _report(
        "baseline: an earlier report of another bot",
        ends(5, f"the baseline is of bot '{_OTHER_BOT}', not of '{BOT_ID}'", mend=_NAME),
        script=Script(status=(_TO_EACH_ITS_OWN,)),
        earlier={"CI_GATE_BOT_ID": _OTHER_BOT},
    ),
    _report(
        "baseline: an earlier report of another bot, whose name is tolerated",
        ends(5, f"the baseline is of bot '{_OTHER_BOT}', not of '{BOT_ID}'", mend=_NAME),
        script=Script(status=(_TO_EACH_ITS_OWN,)),
        earlier={"CI_GATE_BOT_ID": _OTHER_BOT},
        now={"CI_GATE_TOLERATE": "other-bot"},
    ),
    _report(
        "baseline: an earlier report of the bot under another name",
        Ending(code=0, cause=("PASSED", "it seems to have been renamed")),
        script=Script(
            status=(_first(), completed()), file=(file(lambda raw: raw.replace(b"Invented Bank", b"Former Bank")), ...)
        ),
    ),
    _report(
        "baseline: an earlier report of another suite",
        ends(2, "has no suite 'Smoke'", mend="--allow-missing-baseline"),
        earlier={"CI_GATE_SUITE": "Full"},
    ),
    _report(
        "baseline: an earlier report with another engine",
        ends(5, "the baseline is of engine 'regression', not of the platform's choice", mend=_NAME),
        earlier={"CI_GATE_ENGINE": "regression"},
    ),
    _report(
        "baseline: an earlier report without the engine of now",
        ends(5, "the baseline is of engine the platform's choice, not of 'regression'", mend=_NAME),
        now={"CI_GATE_ENGINE": "regression"},
    ),
    _report(
        "baseline: an earlier report in another language",
        ends(5, "the baseline is of language 'de', not of 'en'", mend=_NAME),
        script=Script(
            status=(_first({"result.botLanguage": "de"}), completed()),
            file=(file(lambda raw: raw.replace(b'"en"', b'"de"')), ...),
        ),
    ),
    _report(
        "baseline: an earlier report of a run that was not judged",
        ends(2, "it was not judged", mend=_GIVE),
        script=Script(status=(_first({"result.isPartialFailure": True}), completed())),
    ),
    *(
        _report(
            f"baseline: an earlier report of a run with {kind}, which was tolerated",
            ends(2, f"its evidence was not sound: {kind}, which was tolerated", mend=_GIVE),
            script=Script(status=(wrong, completed())),
            earlier={"CI_GATE_TOLERATE": kind},
        )
        for kind, wrong in (
            ("partial", _first({"result.isPartialFailure": True})),
            ("wrong-run", _first(ahead=-3600.0)),
            ("other-id", _first({"result._id": RUN_ID.replace("0c3d", "1c3d")})),
        )
    ),
    _report(
        "baseline: an earlier report of a run with count-mismatch, which was tolerated, and this one shows none",
        ends(5, "in the baseline count-mismatch was tolerated, and this run does not show the same", mend=_NAME),
        script=Script(status=(_first({"result.results.success": 40}), completed())),
        earlier={"CI_GATE_TOLERATE": "count-mismatch"},
        now={"CI_GATE_TOLERATE": "count-mismatch"},
    ),
    _report(
        "baseline: an earlier report of a run with count-mismatch, which was tolerated, and this one shows it too",
        Ending(code=0, cause=("PASSED", "tolerated: count-mismatch")),
        script=Script(status=tuple(of({"result.results.success": 40}) for of in (_first, completed))),
        earlier={"CI_GATE_TOLERATE": "count-mismatch"},
        now={"CI_GATE_TOLERATE": "count-mismatch"},
    ),
    _report(
        "baseline: a sound one, and this run is tolerated as partial",
        Ending(code=0, cause=("PASSED", "tolerated: partial")),
        script=Script(status=(_first(), completed({"result.isPartialFailure": True}))),
        now={"CI_GATE_TOLERATE": "partial"},
    ),
)

_OWN = (
    Fault(
        "baseline: the report of this very run",
        Script(status=(completed(),)),
        ends(5, f"the baseline is of run '{RUN_ID}' itself", mend=_NAME),
        Start(arguments=("gate", RUN_ID, "--baseline", _EARLIER), earlier=_BEFORE),
    ),
    _report(
        "baseline: a report of a later run",
        Ending(code=0, cause=("PASSED", "newer-baseline: the run of the baseline ended at")),
        script=Script(status=(_first(), completed(ahead=-300.0))),
    ),
)

_SIDES = (
    Fault(
        "compare: the base is a run of another version than it is asked for",
        Script(status=(completed(),)),
        ends(5, "but the run's is 'inDevelopment'", mend="--tolerate wrong-run"),
        replace(STRICT, arguments=("compare", "Smoke", "--base", "published", "--head", "inDevelopment")),
        timeout=16,
    ),
)

FAULTS = (*_FILES, *_REPORTS, *_OWN, *_SIDES)
