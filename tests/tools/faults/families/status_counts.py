"""Faults of the counts and scores of a status reply: missing, of another type, or in contradiction to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.tools.faults.model import FAILS, PASSES, STRICT, Ending, Fault, Script, Start, ends
from tests.tools.faults.replies import ABSENT, completed, counts, file, says

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOTALS = ("utterance_count", "result.utterance_count")
_TYPES = ("TP", "TN", "FP", "FN")
_SCORES = ("result.f1_score", "result.precision", "result.recall")
_TOLERATE = "--tolerate count-mismatch"
_AGAIN = "run the suite again"
_ANYHOW = {"CI_GATE_TOLERATE": "no-file"}


def _says(name: str, changes: Mapping[str, Any], must: Ending, **environment: str | None) -> Fault:
    return Fault(name, Script(status=(completed(changes),)), must, Start(environment=environment))


def _no_count(name: str, given: Any, field: str = "TP") -> Fault:
    """Return a fault with an invalid count in the reply; the file agrees with the probable meaning."""
    must = ends(5, f"the status reply's {field} is not a count", mend=_TOLERATE)
    return _says(f"a count is {name}", {f"result.results.{field}": given}, must)


def _replaced(name: str, before: bytes, after: bytes, must: Ending) -> Fault:
    return Fault(name, Script(status=(completed(edit=lambda body: body.replace(before, after)),)), must)


def _by_scores(code: int, *cause: str) -> Ending:
    return Ending(code=code, cause=cause, measured=(None,) * 4)


_MISSING = (
    _says("a count is missing", {"result.results.TP": ABSENT}, PASSES),
    _says("a count is null, and the bot not good enough", {"result.results.FN": None}, FAILS, **STRICT.environment),
    _says("the number of failed utterances is missing", {"result.results.failedUtteranceCount": ABSENT}, PASSES),
    _says("all counts are missing", {"result.results": {}}, PASSES),
    Fault(
        "all counts are missing, and the file lacks rows",
        Script(status=(completed({"result.results": None}),), file=(file(measured=(32, 2, 2, 1)),)),
        ends(5, "the results file holds 37 of 40 utterances", mend="download it again"),
    ),
    _says("the number of utterances is missing", dict.fromkeys(_TOTALS, ABSENT), PASSES),
    Fault(
        "the number of utterances is missing everywhere",
        Script(
            status=(completed({**dict.fromkeys(_TOTALS, ABSENT), "result.results": ABSENT}),),
            file=(file(lambda raw: raw.replace(b'"Utterance count:","40"\r\n', b"")),),
        ),
        ends(
            5,
            "it is not known whether all utterances were evaluated",
            "utterances >= 1",
            mend='max_failed_utterances = "off"',
        ),
    ),
    Fault(
        "counts and file are missing, which is tolerated",
        Script(status=(completed({"result.results": ABSENT}),), file=(says(404),)),
        ends(5, "it is not known whether all utterances were evaluated", mend='max_failed_utterances = "off"'),
        Start(environment=_ANYHOW),
    ),
    # Scores cover only the evaluated utterances; without counts, the evaluated share of the suite is unknown.
    Fault(
        "nothing is left but scores, which is tolerated",
        Script(status=(completed({"result.results": ABSENT}),), file=(says(404),)),
        ends(5, "f1 >= 0.90: no data", "nor whether all utterances were evaluated", mend="switch the threshold off"),
        Start(environment={**_ANYHOW, "CI_GATE_MAX_FAILED_UTTERANCES": "off"}),
        timeout=4,
    ),
    *(
        Fault(
            f"nothing is left but scores of a whole suite, which {name}",
            Script(
                status=(completed({"result.results": {"failedUtteranceCount": 0}, "result.f1_score": f1}),),
                file=(says(404),),
            ),
            must,
            Start(environment=_ANYHOW),
            timeout=6,
        )
        for name, f1, must in (
            ("are good enough", "0.96", _by_scores(0, "PASSED", "f1 may be anything from 0.955 to below 0.965")),
            ("are not", "0.80", _by_scores(1, "FAILED", "f1 0.795 < 0.9")),
            (
                "can stand for too little",
                "0.90",
                ends(5, "between 0.895 and 0.905, which the platform rounds to 0.90", mend="switch the threshold off"),
            ),
        )
    ),
)

_NO_COUNTS = (
    _no_count("negative", -1),
    _no_count("not a number", float("nan")),
    _no_count("infinite", float("inf")),
    _replaced("a count is 1e400", b'"TP": 35', b'"TP": 1e400', ends(5, "TP is not a count", mend=_TOLERATE)),
    _no_count("huge", 10**30),
    _replaced(
        "a count has 5,000 digits", b'"TP": 35', b'"TP": ' + b"9" * 5000, ends(5, "TP is not a count", mend=_TOLERATE)
    ),
    _no_count("a word", "thirty"),
    _no_count("a decimal with a comma", "35,0"),
    _no_count("a broken number", 35.5),
    _no_count("true, where 1 is right", True, "FN"),
    _no_count("a list of itself", [35]),
    _no_count("negative, of the utterances that failed", -1, "failedUtteranceCount"),
    _says("a count has a thousands separator", {"result.results.TP": "1.000"}, ends(5, "count", mend=_TOLERATE)),
    _says(
        "all counts are text",
        dict.fromkeys(_TOTALS, "40")
        | {f"result.results.{n}": t for n, t in zip(_TYPES, ("35", " 2 ", "2", "1"), strict=True)},
        PASSES,
    ),
    _says("a count is a decimal without a rest", {"result.results.TP": 35.0}, PASSES),
    _says(
        "the number of utterances is told twice, differently",
        {"utterance_count": 41},
        ends(5, "several utterance counts: 41, 40", mend=_TOLERATE),
    ),
    _replaced(
        "a count is told twice, differently",
        b'"TP": 35',
        b'"TP": 3, "TP": 35',
        ends(5, "TP", mend=_TOLERATE),
    ),
    _replaced("a count is told twice, the same", b'"TP": 35', b'"TP": 35, "TP": 35', PASSES),
)

_CONTRADICTIONS = (
    _says(
        "counts contradict the total",
        {"result.results.TP": 34},
        ends(5, "which makes 39, but the suite has 40", mend="if your platform counts utterances otherwise, tolerate"),
    ),
    _says(
        "counts contradict the total by so much that it could turn the verdict",
        {"result.results.TP": 30},
        ends(5, "5 of 40 utterances were not evaluated", mend="if your platform counts utterances otherwise, tolerate"),
    ),
    _says(
        "counts contradict the file",
        {"result.results.TP": 36, "result.results.FP": 1},
        ends(5, "the results file counts otherwise than the status reply: TP 35 instead of 36", mend=_TOLERATE),
    ),
    _says(
        "more entities matched than there are",
        {"result.results.totalEntitiesCount": 3, "result.results.matchedEntitiesCount": 5},
        ends(5, "5 entities matched of 3, which is impossible", mend=_TOLERATE),
    ),
    _says(
        "counts contradict the file, and the scores with them, which is tolerated",
        counts(34, 2, 3, 1),
        Ending(code=0, cause=("PASSED", "TP 35 instead of 34"), measured=(34, 2, 3, 1)),
        CI_GATE_TOLERATE="count-mismatch\nscore-mismatch",
    ),
    _says(
        "counts contradict the file, and the scores with them, of which one is tolerated",
        counts(34, 2, 3, 1),
        ends(5, "f1 is 0.9444 by the counts, but the results file says 0.96", mend="--tolerate score-mismatch"),
        CI_GATE_TOLERATE="count-mismatch",
    ),
    _says(
        "counts contradict the file, and something else is tolerated",
        counts(34, 2, 3, 1),
        ends(5, "TP 35 instead of 34", mend=_TOLERATE),
        CI_GATE_TOLERATE="partial",
    ),
)

_SCORES_TOLD = (
    # If counts and score contradict each other, a verdict has to hold by both.
    _says(
        "a score is far below the counts",
        {"result.f1_score": "0.50"},
        ends(5, "f1 is 0.9589 by the counts, but the platform reports 0.50", mend=_AGAIN),
    ),
    _says(
        "a score is far below the counts, which is tolerated",
        {"result.f1_score": "0.50"},
        ends(5, "f1 >= 0.90: no data", "between 0.50 and 0.9589", mend="switch the threshold off"),
        CI_GATE_TOLERATE="score-mismatch",
    ),
    _says(
        "a score is below the counts, but high enough, which is tolerated",
        {"result.f1_score": "0.93"},
        PASSES,
        CI_GATE_TOLERATE="score-mismatch",
    ),
    _says(
        "a score is far above the counts",
        {"result.f1_score": "1.00"},
        ends(5, "f1 is 0.9589 by the counts, but the platform reports 1.00", mend=_AGAIN),
        **STRICT.environment,
    ),
    _says(
        "a score is above the counts, of a bot that is bad by both",
        {"result.f1_score": "0.98"},
        FAILS,
        **STRICT.environment,
    ),
    _says("all scores are missing", dict.fromkeys(_SCORES, ABSENT), PASSES),
    *(
        _says(
            f"the scores are {name}",
            dict.fromkeys(_SCORES, given),
            Ending(code=0, cause=("PASSED", "the platform's f1 is not a number from 0 to 1 and was ignored")),
        )
        for name, given in (("NaN", "NaN"), ("decimals with a comma", "0,96"), ("above 1", "96"), ("negative", "-0.96"))
    ),
    _says("the scores are numbers", {"result.f1_score": 0.96, "result.recall": 0.97}, PASSES),
    Fault(
        "the scores are nonsense, and all that is left",
        Script(status=(completed({"result.results": ABSENT, "result.f1_score": "NaN"}),), file=(says(404),)),
        ends(5, "f1 >= 0.90: no data", mend='switch the threshold off for this suite ("off")'),
        Start(environment={**_ANYHOW, "CI_GATE_MAX_FAILED_UTTERANCES": "off"}),
        timeout=4,
    ),
)

FAULTS = (*_MISSING, *_NO_COUNTS, *_CONTRADICTIONS, *_SCORES_TOLD)
