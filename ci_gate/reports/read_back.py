"""The parser of ``report.json``: the suites of an earlier gate, as baselines and as runs to judge again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from ci_gate.core.clock import moment_of, read_day
from ci_gate.core.comparison.baseline import Baseline, Origin, flaw_of
from ci_gate.core.counts import Counts
from ci_gate.core.findings import TOLERABLE, Expectation, FindingKind
from ci_gate.core.model import ResultType, Utterance
from ci_gate.core.names import is_hash, split_intents, utterance_key
from ci_gate.core.report import OF_EVIDENCE, Observed, Source
from ci_gate.core.text.nearest import read_member
from ci_gate.core.verdict import Verdict
from ci_gate.errors import ExitCode, worst

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

_MOST_DIGITS = 20
_LAST_MOMENT = 1e11  # seconds since 1970, some three thousand years from now
OLD, SCHEMA_VERSION = 1, 2
"""The schema versions that can be read; the second one is written."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One suite of an earlier report. ``problem`` says why the suite cannot be a baseline; ``None`` if it can."""

    label: str
    baseline: Baseline
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """One suite of an earlier report, as it was judged then."""

    label: str
    source: Source
    run_id: str | None
    verdict: Verdict
    exit_code: ExitCode
    observed: Observed


@dataclass(frozen=True, slots=True)
class RecordedGate:
    """An earlier report that can be judged again: the document of its settings, and its suites."""

    settings: object
    runs: tuple[RecordedRun, ...]


def read_report(raw: bytes, name: str) -> tuple[Recorded, ...]:
    """Parse the suites of a report, which was found at ``name``. Raise ``ValueError`` if it is not a report of ours."""

    def take(document: dict[str, Any]) -> tuple[Recorded, ...]:
        finished, is_old = _text(document["finished"]), document["schema_version"] == OLD
        return tuple(_recorded(suite, name, finished, is_old=is_old) for suite in document["suites"])

    found = _read(raw, take)
    _refuse_twice([one.label for one in found])
    return found


def read_gate(raw: bytes) -> RecordedGate:
    """Parse a report to judge it again. Raise ``ValueError`` if it is not one of ours, or cannot be judged again."""
    gate = _read(raw, _gate)
    _refuse_twice([run.label for run in gate.runs])
    return gate


def _gate(document: dict[str, Any]) -> RecordedGate:
    code = _number(document["exit_code"])
    if document["error"] is not None or code not in OF_EVIDENCE:
        raise ValueError(f"the run ended in {code}; only what ended in 0, 1 or 5 by its results can be judged again")
    if document.get("settings") is None or not document["suites"]:
        raise ValueError("it does not record the settings by which its suites were judged")
    runs = tuple(map(_run, document["suites"]))
    if code != worst(run.exit_code for run in runs):
        raise ValueError(f"its exit code {code} is not that of its suites")
    return RecordedGate(document["settings"], runs)


def _run(suite: dict[str, Any]) -> RecordedRun:
    label, seen = _word(suite["label"]), suite["observed"]
    if seen is None:
        raise ValueError(f"of suite '{label}' nothing was weighed")
    asked = Expectation(
        run_id=_text(seen["run_id"]),
        suite=_text(seen["suite"]),
        bot_id=_text(seen["bot_id"]),
        bot_version=_text(seen["bot_version"]),
        language=_text(seen["language"]),
        engine=_text(seen["engine"]),
        started=_moment(seen["started"]),
        seen_utterances=_number(seen["utterances"]),
    )
    observed = Observed(
        expectation=asked,
        day=read_day(_word(seen["day"])),
        reply_hash=_text(seen["reply_hash"]),
        answered_at=_moment(seen["answered_at"]),
        results_hash=_text(seen["results_hash"]),
    )
    return RecordedRun(
        label=label,
        source=read_member(Source, _word(suite["source"])),
        run_id=_text(suite["run_id"]),
        verdict=read_member(Verdict, _word(suite["verdict"])),
        exit_code=_code(suite["exit_code"]),
        observed=observed,
    )


def _read(raw: bytes, take: Callable[[dict[str, Any]], T]) -> T:
    """Parse a report, and return ``take(document)``. Raise ``ValueError`` if it is not a report of ours."""
    try:
        document = json.loads(raw, parse_int=_whole)
        version = document["schema_version"]
        if version not in (OLD, SCHEMA_VERSION) or isinstance(version, bool):
            as_text = " as a text" if version in (str(OLD), str(SCHEMA_VERSION)) else ""
            recorded = f"its schema_version is {str(version)[:20]}{as_text}"
            raise ValueError(f"{recorded}, and this ci-gate reads {OLD} and {SCHEMA_VERSION}")
        return take(document)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except KeyError as problem:
        raise ValueError(f"it is not a report.json of ci-gate: {problem} is missing in it") from None
    except TypeError:
        raise ValueError("it is not a report.json of ci-gate: a value in it has the wrong type") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"it is not JSON: {problem}") from None
    except OverflowError:
        raise ValueError("it contains a number that is out of range") from None


def _refuse_twice(labels: list[str]) -> None:
    if len({*labels}) < len(labels):
        raise ValueError("it is not a report.json of ci-gate: it lists a suite twice")


def _recorded(suite: dict[str, Any], name: str, finished: str | None, *, is_old: bool) -> Recorded:
    types = {(one["utterance"], one["expected"], one["matched"]): one["result_type"] for one in suite["mismatches"]}
    utterances = [_utterance(entry, row, types, is_old=is_old) for row, entry in enumerate(suite["utterances"], 1)]
    origin = Origin(
        suite=_text(suite["suite"]),
        report=_text(suite.get("report_name")),
        bot_id=_text(suite["bot_id"]),
        bot_name=_text(suite.get("bot_name")),
        engine=_text(suite["engine"]) or "",
        language=_text(suite["language"]),
        run_ids=tuple(filter(None, (_text(suite["run_id"]), _text((suite.get("observed") or {}).get("run_id"))))),
        ended=_ended(suite, finished),
    )
    baseline = Baseline.of(
        name,
        utterances,
        origin=origin.of_files() if suite["source"] == Source.FILES else origin,
        absent=max(0, (_number(suite["counts"]["utterances"]) or 0) - len(utterances)),
        tolerated=_kinds(finding["kind"] for finding in suite["findings"] if finding["tolerated"] is not False),
        run_id=_text(suite["run_id"]),
        bot_version=_text(suite["bot_version"]),
        finished=finished,
    )
    if is_old and any(is_hash(utterance.text) for utterance in utterances):
        baseline = replace(baseline, has_old_keys=True)
    if suite["verdict"] not in (Verdict.PASSED, Verdict.FAILED):
        return Recorded(_word(suite["label"]), baseline, "it was not judged")
    blocking = [str(finding["kind"]) for finding in suite["findings"] if finding["blocking"] is not False]
    flaw = flaw_of(baseline, utterances, blocking, _counts(suite["counts"]))
    return Recorded(_word(suite["label"]), baseline, flaw.sentence if flaw else None)


def _ended(suite: dict[str, Any], finished: str | None) -> float | None:
    """Return when a run ended, in seconds since 1970, or ``None`` if unknown.

    Without a time from the platform, it is the end of the gate that started the run and waited for it. The end of a
    gate that judged files or attached to a run is not used: the run may have ended long before.
    """
    said = _text(suite["run"]["finished"]) if suite.get("run") else None
    if said is None and suite["source"] in (Source.RUN, Source.RESUMED):
        said = finished
    return moment_of(said or "")


def _counts(counts: dict[str, Any]) -> Counts:
    numbers = {name: _number(counts.get(name)) for name in ("tp", "tn", "fp", "fn")}
    return Counts(failed_utterances=_number(counts["failed_utterances"]), **numbers)


def _kinds(words: Iterable[object]) -> frozenset[FindingKind]:
    """Parse the kinds of findings that were tolerated. An unknown kind counts as one that rules out a baseline.

    A tolerated difference from an earlier baseline is left out, since it says nothing about the run itself.
    """
    known = {kind.value: kind for kind in TOLERABLE}
    recorded = [str(word) for word in words if word != FindingKind.NOT_COMPARABLE]
    return frozenset(known.get(word, FindingKind.NO_FILE) for word in recorded)


def _utterance(
    entry: dict[str, Any], row: int, types: Mapping[tuple[Any, Any, Any], Any], *, is_old: bool
) -> Utterance:
    expected, matched = _intents(entry["expected"]), _intents(entry["matched"])
    utterance, parent = _word(entry["utterance"]), _text(entry["parent_intent"])
    recorded = types.get((entry["utterance"], entry["expected"], entry["matched"])) if is_old else entry["result_type"]
    # The key of a hidden utterance cannot be computed, since its text is only a hash.
    key = _word(entry["key"]) if is_hash(utterance) else utterance_key(utterance, expected, parent)
    return Utterance(
        key=key,
        text=utterance,
        expected=expected,
        matched=matched,
        parent_intent=parent,
        result_type=_result_type(entry["passed"], expected, matched, recorded),
        entities=0,
        matched_entities=0,
        row=row,
    )


def _result_type(passed: object, expected: tuple[str, ...], matched: tuple[str, ...], recorded: object) -> ResultType:
    """Return the result type of an utterance; ``recorded`` is the type in the report, ``None`` if there is none."""
    match passed:
        case True:
            return (
                ResultType.TN
                if recorded == ResultType.TN or not (expected or recorded == ResultType.TP)
                else ResultType.TP
            )
        case False:
            is_wrong = bool(matched) if recorded not in (ResultType.FP, ResultType.FN) else recorded == ResultType.FP
            return ResultType.FP if is_wrong else ResultType.FN
        case None:
            return ResultType.NOT_EVALUATED
        case _:
            raise TypeError


def _intents(text: object) -> tuple[str, ...]:
    return split_intents(_word(text)) if text is not None else ()


def _text(value: object) -> str | None:
    return None if value is None else _word(value)


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _code(value: object) -> ExitCode:
    number = _number(value)
    for code in ExitCode:
        if code == number:
            return code
    raise ValueError(f"{number} is no exit code")


def _number(value: object) -> int | None:
    """Parse a count; ``None`` means unknown."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError
    return value


def _moment(value: object) -> float | None:
    """Parse a time in seconds since 1970; ``None`` means unknown."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not 0 <= value < _LAST_MOMENT:
        raise OverflowError
    return value


def _whole(text: str) -> int:
    """Parse an integer. Raise ``OverflowError`` for a long one, since Python's own message for it would not help."""
    if len(text) > _MOST_DIGITS:
        raise OverflowError
    return int(text)
