"""The parser of the platform's status reply, in which every field may be missing, misplaced or of another type."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ci_gate.core.clock import moment_of
from ci_gate.core.counts import Counts
from ci_gate.core.metrics import Metric
from ci_gate.core.model import Progress, Reported, RunState, RunStatus
from ci_gate.core.text.safe import shown
from ci_gate.errors import PlatformError
from ci_gate.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable

_STATES = {
    "completed": RunState.COMPLETED,
    "failed": RunState.FAILED,
    "cancelled": RunState.CANCELLED,
    "canceled": RunState.CANCELLED,
    "stopped": RunState.CANCELLED,
    "aborted": RunState.CANCELLED,
    "terminated": RunState.CANCELLED,
    "killed": RunState.CANCELLED,
}
"""The final states by the platform's words for them. Any other word means that the run goes on."""

_COUNTS = {
    "tp": "TP",
    "tn": "TN",
    "fp": "FP",
    "fn": "FN",
    "success": "success",
    "failure": "failure",
    "failed_utterances": "failedUtteranceCount",
    "failed_entities": "failedEntitiesCount",
    "entities": "totalEntitiesCount",
    "matched_entities": "matchedEntitiesCount",
}
_ONE_TEXT = ("_id", "streamId")
_SCORES = {Metric.F1: "f1_score", Metric.PRECISION: "precision", Metric.RECALL: "recall"}
_ONE_TEXT_OF_RESULT = ("runType", "botLanguage", "startTime", "endTime", *_SCORES.values())
# Three zeros after the point are not accepted: 1.000 may mean a thousand.
_INTEGER = re.compile(r"\d{1,9}(?:\.00?)?", re.ASCII)
_MOST_DIGITS = 20
_QUERY = re.compile(r"\?|#|%3f|%23", re.IGNORECASE)
_PART_OF_LINK = re.compile(r"[/=]|%2f|%3d", re.IGNORECASE)

Fields = dict[str, object]


def read_status(body: bytes) -> RunStatus:
    """Parse a status reply. Raise ``PlatformError`` if it is not a JSON object, or is nested too deeply."""
    try:
        return _status(_load(body, decimal=str), _load(body, decimal=_number_or_text))
    except RecursionError:
        raise PlatformError("the platform's status reply is nested too deeply to be read") from None


def _status(reply: Fields, document: Fields) -> RunStatus:
    result = _fields(reply.get("result"))
    words = [_word(reported) for reported in (reply.get("status"), result.get("status")) if reported is not None]
    link = result.get("fileUrl") or reply.get("fileUrl")
    # A reply that says that the file is not available yet may contain a link all the same; it does not work.
    available = result.get("isAvailable", reply.get("isAvailable")) is not False
    return RunStatus(
        state=_state(words),
        word=" / ".join(dict.fromkeys(shown(word, 40) for word in words)) or "no status word",
        reported=_reported(reply, result),
        progress=_progress({**result, **reply}),
        document=json.dumps(_fit_to_keep(document), indent=2) + "\n",
        link=link if isinstance(link, str) and link.strip() and available else None,
    )


def _load(body: bytes, *, decimal: Callable[[str], object]) -> Fields:
    """Parse a JSON object; ``decimal`` converts the text of each decimal.

    Decimals that are judged must stay text: 0.90 is rounded to two places, and 0.9 to one. Raise ``PlatformError`` if
    the body is not a JSON object.
    """
    try:
        reply = json.loads(
            body, parse_float=decimal, parse_int=_integer, parse_constant=str, object_pairs_hook=keep_repeated_keys
        )
    except ValueError:
        raise PlatformError(
            "the platform's status reply is not JSON", hint="is --host the platform itself, not a login page or proxy?"
        ) from None
    if not isinstance(reply, dict):
        raise PlatformError("the platform's status reply is not a JSON object")
    return reply


def _integer(text: str) -> int | str:
    """Return an integer; one that is too long to be a count stays text."""
    return int(text) if len(text) <= _MOST_DIGITS else text


def _number_or_text(text: str) -> float | str:
    """Return a decimal as a number only if JSON writes it with the same text, so that a saved reply reads the same."""
    return float(text) if repr(float(text)) == text else text


def _fields(value: object) -> Fields:
    return value if isinstance(value, dict) else {}


def _word(reported: object) -> str:
    """Return a status word. A value that is not text becomes an unknown word, so that it is not ignored."""
    return reported if isinstance(reported, str) else json.dumps(reported)


def _state(words: list[str]) -> RunState:
    """Return the final state if every status word in the reply means that state, else ``WAITING``."""
    states = {_STATES.get(word.strip().casefold(), RunState.WAITING) for word in words}
    return states.pop() if len(states) == 1 else RunState.WAITING


def _reported(reply: Fields, result: Fields) -> Reported:
    doubts = [
        f"the status reply's {name} are not an object with a name for each"
        for name, reported in (("result fields", reply.get("result")), ("results", result.get("results")))
        if reported is not None and not isinstance(reported, dict)
    ]
    results = _fields(result.get("results"))
    counts = {name: _count(field, results.get(field), doubts) for name, field in _COUNTS.items()}
    places = ((reply, "utterance_count"), (result, "utterance_count"), (reply, "totalUtterances"))
    sizes = [_count(field, source.get(field), doubts) for source, field in places]
    known = list(dict.fromkeys(size for size in sizes if size is not None))
    if len(known) > 1:
        doubts.append(f"the status reply gives several utterance counts: {', '.join(map(str, known))}")
    success, failure = counts["success"], counts["failure"]
    # If the counts of the four result types are there, core compares success and failure with them.
    is_alone = all(counts[name] is None for name in ("tp", "tn", "fp", "fn"))
    if is_alone and known and None not in (success, failure) and (success or 0) + (failure or 0) not in known:
        doubts.append(
            f"the status reply counts {success} as success and {failure} as failure, but {max(known)} utterances; if "
            'your platform counts differently, tolerate = ["count-mismatch"]'
        )
    doubts += [
        f"the status reply tells {field} several times"
        for source, fields in ((reply, _ONE_TEXT), (result, (*_ONE_TEXT, *_ONE_TEXT_OF_RESULT)))
        for field in fields
        if isinstance(source.get(field), list)
    ]
    scores = {metric: _text(result.get(field)) for metric, field in _SCORES.items()}
    return Reported(
        run_id=_text(reply.get("_id")),
        inner_run_id=_text(result.get("_id")),
        bot_id=_text(reply.get("streamId")),
        inner_bot_id=_text(result.get("streamId")),
        bot_version=_text(result.get("runType")),
        language=_text(result.get("botLanguage")),
        started=_moment(result.get("startTime") or reply.get("startTime")),
        ended=_moment(result.get("endTime") or reply.get("endTime")),
        partial=_is_true(result.get("isPartialFailure")) or _is_true(reply.get("isPartialFailure")),
        # If several sizes are given, the largest shows how much may be missing.
        counts=Counts(utterances=max(known, default=None), **counts),
        scores={metric: text for metric, text in scores.items() if text is not None},
        doubts=tuple(doubts),
    )


def _count(field: str, value: object, doubts: list[str]) -> int | None:
    """Parse a count, given as a number or as text. A value that is present but invalid adds a doubt."""
    if value is None:
        return None
    text = "" if isinstance(value, bool) else str(value).strip()
    if not _INTEGER.fullmatch(text):
        doubts.append(f"the status reply's {field} is not a count")
        return None
    return int(text.partition(".")[0])


def _text(value: object) -> str | None:
    """Return a short text, or a number as it was written; ``None`` for any other value."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return shown(str(value), 200) or None


def _is_true(value: object) -> bool:
    """Return whether the run is flagged as partial. A value that is present and not a clear no counts as yes."""
    return value not in (None, False, 0, "", "false", "False", "no", "0")


def _progress(fields: Fields) -> Progress | None:
    """Return the progress of a run, from the utterances if possible: the percentage is an integer and thus coarser."""
    ran, total = _number(fields.get("utterance_ran")), _number(fields.get("totalUtterances"))
    if ran is not None and total:
        return Progress(fraction=min(1.0, ran / total), ran=int(ran), total=int(total))
    percentage = _number(fields.get("percentage"))
    return None if percentage is None else Progress(fraction=min(1.0, percentage / 100))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", str(value).strip(), re.ASCII):
        return None
    return float(str(value))


def _moment(value: object) -> float | None:
    """Parse a date and time to seconds since the epoch. Without a zone it is UTC, as in all documented samples."""
    return moment_of(str(value))


def _fit_to_keep(value: object) -> object:
    """Return a copy of a reply without the queries of links, in texts and keys, since queries may hold signatures."""
    if isinstance(value, dict):
        return {_without_query(key): _fit_to_keep(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_fit_to_keep(item) for item in value]
    return _without_query(value) if isinstance(value, str) else value


def is_kept_whole(text: str) -> bool:
    """Return whether ``text`` is unchanged in a kept reply, which has no queries of links and no secrets."""
    return _without_query(text) == text


def _without_query(text: str) -> str:
    """Cut ``text`` at the first mark of a query if it may hold a link, and redact the rest."""
    if "@" in text:
        # A password may itself contain the mark of a query.
        text = redacted(text)
    if _PART_OF_LINK.search(text):
        text = _QUERY.split(text, maxsplit=1)[0]
    return redacted(text)


def keep_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build an object for ``json.loads(object_pairs_hook=…)``.

    A key with several different values gets the list of them. A reader that expects one value then rejects the list;
    otherwise the last value would silently replace the others.
    """
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    reported: dict[str, list[object]] = {}
    for name, value in pairs:
        values = reported.setdefault(name, [])
        if not values or values[-1] != value:
            values.append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in reported.items()}
