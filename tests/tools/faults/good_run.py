"""The platform's replies for one good run, from its start to its results file; all of them are invented."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

BOT_ID = "st-5f0c8b1e-2f6d-5c7a-9a53-0d9c2f1b7e44"
SUITE = "Smoke"
RUN_ID = "tr-0c3de3a8-5d0e-4a0c-8f0c-9e2f0a1b2c3d"
MEDIA = "/api/getMediaStream/media/"
SIGNATURE = "CanarySignature9f2c7d"
"""A part of every link to a file; it may reach only the file server."""

NEW_YEAR = 1_767_225_600.0
"""The end of the run in seconds since 1970, unless a command has just started it."""

TOOK = 2.0
"""The duration of the run in seconds."""

MEASURED = (35, 2, 2, 1)
"""TP, TN, FP and FN: an F1 of 0.9589."""

_TP, _TN, _FP, _FN = MEASURED
UTTERANCES = sum(MEASURED)
_INTENTS = ("Show balance", "Pay bill", "Block card", "Change address", "Order cheque book")
_COLUMNS = ("Utterance", "ExpectedIntent", "MatchedIntent", "Parent Intent", "TaskState", "ResultType", "Entity Name")


def link(origin: str) -> str:
    """Return the URL of the results file."""
    return f"{origin}{MEDIA}results.csv?e=1767225600&n=7&s={SIGNATURE}$$"


def running(*, ran: int, word: str, now: float = NEW_YEAR) -> dict[str, Any]:
    """Return the status reply of the run in progress."""
    shared = _shared(word)
    progress = {"totalUtterances": UTTERANCES, "utterance_ran": ran, "percentage": 100 * ran // UTTERANCES}
    return shared | {"result": shared | _result(began=now)} | progress


def completed(origin: str, *, word: str, now: float = NEW_YEAR) -> dict[str, Any]:
    """Return the status reply with counts, scores and link; the run has ended at ``now``."""
    verdicts = {"TP": _TP, "TN": _TN, "FP": _FP, "FN": _FN, "success": _TP + _TN, "failure": _FP + _FN}
    others = ("totalEntitiesCount", "matchedEntitiesCount", "failedUtteranceCount", "failedEntitiesCount")
    ended = {"endTime": moment(now), "isAvailable": True, "fileId": "0c3de3a8", "fileUrl": link(origin)}
    result = (
        _shared(word)
        | _result(began=now - TOOK)
        | ended
        | scores(MEASURED)
        | {"results": verdicts | dict.fromkeys(others, 0)}
    )
    return _shared(word) | {"result": result}


def _shared(word: str) -> dict[str, Any]:
    ids = {"_id": RUN_ID, "streamId": BOT_ID, "testSuiteId": "ts-8a1f"}
    return ids | {"status": word, "utterance_count": UTTERANCES}


def _result(*, began: float) -> dict[str, Any]:
    told = {"isPartialFailure": False, "botLanguage": "en", "runType": "inDevelopment"}
    return told | {"startTime": moment(began), "__v": 0}


def moment(epoch: float) -> str:
    """Format a time as the platform does."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def scores(measured: tuple[int, int, int, int]) -> dict[str, str]:
    """Return the scores as the platform writes them: two decimals, and zero if the denominator is zero."""
    tp, _tn, fp, fn = measured
    parts = {"f1_score": (2 * tp, 2 * tp + fp + fn), "precision": (tp, tp + fp), "recall": (tp, tp + fn)}
    shares = {name: Decimal(part) / (whole or 1) for name, (part, whole) in parts.items()}
    return {name: str(share.quantize(Decimal("0.01"), ROUND_HALF_UP)) for name, share in shares.items()}


def results_file(measured: tuple[int, int, int, int] = MEASURED, *, size: int = UTTERANCES) -> bytes:
    """Return the results file of ``size`` utterances, in agreement with the counts; unevaluated ones are absent."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([("Bot Name:", "Invented Bank"), ("Report name:", SUITE), ("Bot Language:", "en")])
    writer.writerows([("Run Type:", "inDevelopment"), ("Utterance count:", str(size))])
    writer.writerows(zip(("F1 Score:", "Precision:", "Recall:"), scores(measured).values(), strict=True))
    writer.writerow(_COLUMNS)
    kinds = [kind for kind, count in zip(("TP", "TN", "FP", "FN"), measured, strict=True) for _ in range(count)]
    writer.writerows(_row(number, kind) for number, kind in enumerate(kinds))
    return text.getvalue().encode()


def _row(number: int, kind: str) -> tuple[str, ...]:
    expected, other = _INTENTS[number % len(_INTENTS)], _INTENTS[(number + 1) % len(_INTENTS)]
    pairs = {"TP": (expected, expected), "TN": ("None", "None"), "FP": (expected, other), "FN": (expected, "None")}
    return f"invented utterance number {number + 1}", *pairs[kind], "None", "configured", kind, ""
