"""Status replies and results files that are good, odd, damaged or nothing of the kind."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import strategies as st

from tests.tools.faults import good_run

ORIGIN = "https://files.example"

_WHOLE = st.integers(-2, 60) | st.sampled_from([10**9, 10**30])
_ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    _WHOLE,
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(["", "0", "35", "35.0", "35,0", "1.000", "-1", "NaN", "completed", "failed", "true", "٣٥", [], {}]),
    st.sampled_from(["tr-another", "st-another", "5ff7a1", "published", "configured", "de", "en-GB", "klingon"]),
    st.sampled_from(["2020-02-29T12:00:00Z", "2090-01-01T00:00:00.000Z", "0001-01-01T00:00:00+14:00", "yesterday"]),
    st.text(max_size=8),
    st.lists(_WHOLE, max_size=2),
    st.dictionaries(st.sampled_from(["TP", "status", "value"]), _WHOLE, max_size=2),
)
_COUNTS = ("TP", "TN", "FP", "FN", "success", "failure", "failedUtteranceCount", "totalEntitiesCount")
_PLACES = st.sampled_from(
    [
        *((name,) for name in ("status", "utterance_count", "totalUtterances", "isPartialFailure", "_id", "results")),
        *(("result", name) for name in ("status", "utterance_count", "isPartialFailure", "runType", "botLanguage")),
        *(("result", name) for name in ("results", "f1_score", "precision", "recall", "fileUrl", "isAvailable")),
        *(("result", name) for name in ("_id", "streamId", "startTime", "endTime")),
        ("streamId",),
        *(("result", "results", name) for name in (*_COUNTS, "matchedEntitiesCount", "failedEntitiesCount")),
    ]
)


@st.composite
def _nearly_good(draw: st.DrawFn) -> bytes:
    """Draw the reply of a good run with a few fields changed, removed or repeated."""
    reply = good_run.completed(ORIGIN, word="completed")
    for place in draw(st.lists(_PLACES, max_size=3)):
        *path, name = place
        fields: Any = reply
        for step in path:
            fields = fields.get(step) if isinstance(fields, dict) else None
        if isinstance(fields, dict):
            if draw(st.booleans()):
                fields[name] = draw(_ODD)
            else:
                fields.pop(name, None)
    body = json.dumps(reply).encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        twice = draw(st.sampled_from([b'"TP": 3, "TP"', b'"TP": "x", "TP"']))
        body = body.replace(b'"TP"', twice)
    return body


@st.composite
def _scaled(draw: st.DrawFn) -> bytes:
    """Draw a reply with arbitrary counts."""
    tp, tn, fp, fn, failed = (draw(st.integers(0, 40)) for _ in range(5))
    total = draw(st.sampled_from([tp + tn + fp + fn + failed, tp + tn + fp + fn, good_run.UTTERANCES]))
    reply = good_run.completed(ORIGIN, word="completed")
    reply["utterance_count"] = reply["result"]["utterance_count"] = total
    reply["result"]["results"] |= {"TP": tp, "TN": tn, "FP": fp, "FN": fn, "failedUtteranceCount": failed}
    for name in ("f1_score", "precision", "recall"):
        reply["result"][name] = draw(st.sampled_from(["0.96", "1.00", "0.00", "NaN", None, ""]))
    return json.dumps(reply).encode()


replies = st.one_of(
    _nearly_good(), _scaled(), st.binary(max_size=60), _ODD.map(lambda value: json.dumps(value).encode())
)

_GOOD = good_run.results_file()
_LINES = _GOOD.splitlines(keepends=True)


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """Draw a good file with lines lost, changed, repeated or moved."""
    lines = list(_LINES)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "move", "replace", "say otherwise", "type"])):
            case "drop" if len(lines) > 1:
                lines.pop(at)
            case "double":
                lines.insert(at, lines[at])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "replace":
                lines[at] = draw(st.binary(max_size=20))
            case "say otherwise":
                line = draw(st.sampled_from([b"Run Type:", b"Bot Language:", b"Utterance count:", b"F1 Score:"]))
                said = draw(st.sampled_from([b"published", b"de", b"41", b"0.10"]))
                lines = [b'"%s","%s"\r\n' % (line, said) if line in each else each for each in lines]
            case _:
                lines[at] = lines[at].replace(b'"TP"', draw(st.sampled_from([b'"FN"', b'""', b'"tp"', b'"??"'])))
    raw = b"".join(lines)
    cut = draw(st.none() | st.integers(0, len(raw)))
    return raw[:cut] + draw(st.sampled_from([b"", b"", b"\x00", b'"', b"\xff", b",,\r\n"]))


files = st.one_of(st.just(_GOOD), _damaged(), st.binary(max_size=80))


def is_count(value: object) -> bool:
    """Whether ``value`` is a count, as a number or a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return False
    return math.isfinite(number) and number >= 0 and number == int(number)
