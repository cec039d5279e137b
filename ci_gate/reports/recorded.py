"""Reads ``report.json`` back: the suites of an earlier gate, each with what it takes to compare a run with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ci_gate.core.baseline import Baseline, Origin
from ci_gate.core.copies import collapsed
from ci_gate.core.model import Case, ResultType
from ci_gate.core.report import Source
from ci_gate.core.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """One suite of an earlier report; ``problem`` says why nothing can be compared with it, where that is so."""

    label: str
    baseline: Baseline
    problem: str | None


def read_report(raw: bytes, name: str) -> tuple[Recorded, ...]:
    """Read the suites of a report; ``name`` is where it was found. Raises ``ValueError`` where it is none of ours."""
    try:
        document = json.loads(raw)
        if document["schema_version"] != SCHEMA_VERSION:
            version = str(document["schema_version"])[:20]
            raise ValueError(f"its schema_version is {version}, and this ci-gate reads {SCHEMA_VERSION}")
        finished = _text(document["finished"])
        return tuple(_recorded(suite, name, finished) for suite in document["suites"])
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except KeyError as problem:
        raise ValueError(f"it is not a report.json of ci-gate: {problem} is missing in it") from None
    except TypeError:
        raise ValueError("it is not a report.json of ci-gate: something in it is not what it should be") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"it is not JSON: {problem}") from None


def _recorded(suite: dict[str, Any], name: str, finished: str | None) -> Recorded:
    is_of_files = suite["source"] == Source.FILES
    types = {(one["utterance"], one["expected"], one["matched"]): one["result_type"] for one in suite["mismatches"]}
    cases = [_case(entry, row, types) for row, entry in enumerate(suite["utterances"], 1)]
    baseline = Baseline(
        name=name,
        origin=Origin(
            # Files may be called anything, and nobody knows with which engine they came about.
            suite=None if is_of_files else _text(suite["suite"]),
            bot_id=_text(suite["bot_id"]),
            engine=_text(suite["engine"]) or (None if is_of_files else ""),
            language=_text(suite["language"]),
        ),
        utterances=collapsed(cases),
        run_id=_text(suite["run_id"]),
        bot_version=_text(suite["bot_version"]),
        finished=finished,
    )
    return Recorded(str(suite["label"]), baseline, _problem(suite))


def _problem(suite: dict[str, Any]) -> str | None:
    """Say why a suite is no baseline: only what was judged, on sound evidence, is worth being compared with."""
    if suite["verdict"] not in (Verdict.PASSED, Verdict.FAILED):
        return "it was not judged"
    blocking = [str(finding["kind"]) for finding in suite["findings"] if finding["blocking"] is not False]
    if blocking:
        return f"its evidence was not sound: {', '.join(blocking)}"
    return None if suite["utterances"] else "it holds no utterances"


def _case(entry: dict[str, Any], row: int, types: Mapping[tuple[Any, Any, Any], Any]) -> Case:
    expected, matched = _intents(entry["expected"]), _intents(entry["matched"])
    told = types.get((entry["utterance"], entry["expected"], entry["matched"]))
    return Case(
        key=str(entry["key"]),
        utterance=str(entry["utterance"]),
        expected=expected,
        matched=matched,
        parent_intent=_text(entry["parent_intent"]),
        result_type=_result_type(entry["passed"], expected, matched, told),
        entities=0,
        matched_entities=0,
        row=row,
    )


def _result_type(passed: object, expected: tuple[str, ...], matched: tuple[str, ...], told: object) -> ResultType:
    """Find what the platform said of an utterance; ``told`` is what the list of mismatches has of it, if anything."""
    match passed:
        case True:
            return ResultType.TP if expected else ResultType.TN
        case False:
            is_wrong = bool(matched) if told not in (ResultType.FP, ResultType.FN) else told == ResultType.FP
            return ResultType.FP if is_wrong else ResultType.FN
        case None:
            return ResultType.NOT_EVALUATED
        case _:
            raise TypeError


def _intents(text: object) -> tuple[str, ...]:
    return tuple(str(text).split(" | ")) if text is not None else ()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
