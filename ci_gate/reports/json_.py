"""``report.json``: everything that the gate knows, for programs, and the baseline of a later run.

The document, ``schema_version`` 1. Fields are only ever added to a version. Every field is always there; what is not
known is ``null`` (the counts and scores of a suite one by one), an empty list where there is nothing to list.

=================  =====================================================================================================
``schema_version`` 1
``tool``           ``name``, ``version``
``verdict``        ``passed``, ``failed`` or ``unjudged``
``exit_code``      what the process ends with; 1 only where the verdict is ``failed``
``advisory``       whether an advisory suite failed and was excused
``error``          an ending that belongs to no suite, or null: ``code``, ``kind``, ``message``, ``hint``
``started``        ISO 8601 with offset, to the second; so is ``finished``
``suites``         one entry per suite, below
=================  =====================================================================================================

Of each suite:

=================  =====================================================================================================
``label``          its unique name in reports; ``suite`` is its name on the platform
``bot_id``         null when judged from files; so may be ``run_id``
``source``         ``run`` (started by the gate), ``resumed`` (started by it before), ``attached`` or ``files``
``bot_version``    as the reply says; so is ``language``
``engine``         as asked for; null where the platform chose
``verdict``        as above; an advisory suite that failed is ``failed`` with ``exit_code`` 0
``exit_code``      what this suite alone would end with
``error``          ``code``, ``kind``, ``message``, ``hint``; never null when ``unjudged``, null otherwise
``counts``         ``utterances``, ``tp``, ``tn``, ``fp``, ``fn``, ``success``, ``failure``, ``failed_utterances`` (not
                   evaluated by the platform, whatever the bot did), ``failed_entities``, ``entities``,
                   ``matched_entities``
``scores``         ``f1``, ``precision``, ``recall``, ``accuracy``, ``entity_match``, each of ``judged`` (the number
                   that is held against thresholds), ``exact`` (the fraction of counts as text: "802/866") and
                   ``reported`` (the platform's own text)
``checks``         ``name`` (stable between runs), ``metric``, ``operator`` (``>=`` or ``<=``), ``threshold`` and
                   ``actual`` (numbers on the right side of each other, whole ones for counts), ``outcome`` (``passed``,
                   ``failed`` or ``no_data``), ``scope``, ``message``
``findings``       ``kind``, ``message``, ``blocking`` (whether it stands in the way of a pass now), ``tolerated``
``intents``        worst first: ``intent``, ``support``, ``tp``, ``fp``, ``fn``, ``precision``, ``recall``, ``f1``
``confusions``     most frequent first: ``expected``, ``matched``, ``count``
``mismatches``     what the bot got wrong: ``utterance``, ``expected``, ``matched`` ("A | B" for several intents, null
                   for none), ``result_type`` (``FP`` or ``FN``), ``row`` (the file's records from 1)
``utterances``     every one, in the order of the file: ``key`` (names it across runs), ``utterance``, ``expected``,
                   ``parent_intent``, ``matched``, ``passed`` (null when it was not evaluated)
=================  =====================================================================================================

The text is ASCII and well-formed whatever the platform sent; what has no fields of its own stands on one line, which
keeps a difference between two reports short to read.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from ci_gate import __version__
from ci_gate.core.counts import Counts
from ci_gate.core.intents import confusions, intent_scores
from ci_gate.core.metrics import SCORES, Metric, parts
from ci_gate.core.model import Case, Reported, intent_text
from ci_gate.core.report import Unjudged
from ci_gate.reports import wording

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from ci_gate.core.checks import Check
    from ci_gate.core.evidence import Evidence
    from ci_gate.core.findings import Finding
    from ci_gate.core.report import GateReport, SuiteReport
    from ci_gate.errors import GateError

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_encoder = json.JSONEncoder(ensure_ascii=True, allow_nan=False)


def render(report: GateReport) -> Iterator[str]:
    """Write the whole report as JSON."""
    document = {
        "schema_version": 1,
        "tool": {"name": "ci-gate", "version": __version__},
        "verdict": report.verdict.value,
        "exit_code": report.exit_code.value,
        "advisory": report.excused,
        "error": _error(report.error),
        "started": report.started.isoformat(timespec="seconds"),
        "finished": report.finished.isoformat(timespec="seconds"),
        "suites": map(_suite, report.suites),
    }
    yield from _laid_out(document)
    yield "\n"


def _laid_out(value: object, margin: str = "") -> Iterator[str]:
    """Give every value that holds others a line for each of them, and every other value one line in all.

    The encoder's own ``indent`` would put each field on a line, and is several times slower. What is listed is made
    when its line is, and is of one kind, so that the first entry tells for all.
    """
    inner = margin + "  "
    if isinstance(value, dict) and _holds_others(value):
        opening = "{"
        for key, part in value.items():
            yield f"{opening}\n{inner}{encoded(key)}: "
            yield from _laid_out(part, inner)
            opening = ","
        yield f"\n{margin}}}"
    elif isinstance(value, Iterator):
        opening, nested = "[", False
        for entry in value:
            nested = nested or (opening == "[" and _holds_others(entry))
            yield f"{opening}\n{inner}"
            yield from _laid_out(entry, inner) if nested else (encoded(entry),)
            opening = ","
        yield "[]" if opening == "[" else f"\n{margin}]"
    else:
        yield encoded(value)


def _holds_others(value: dict[str, object]) -> bool:
    return any(isinstance(part, dict | Iterator) for part in value.values())


def _suite(suite: SuiteReport) -> dict[str, object]:
    subject, assessment = suite.subject, suite.assessment
    evidence = assessment.evidence if assessment else None
    reported = evidence.reported if evidence else Reported()
    cases = (evidence.cases if evidence else None) or ()
    return {
        "label": _text(subject.label),
        "suite": _text(subject.suite),
        "bot_id": _text(subject.bot_id),
        "run_id": _text(subject.run_id),
        "source": subject.source.value,
        "bot_version": _text(reported.bot_version),
        "language": _text(reported.language),
        "engine": _text(subject.engine),
        "verdict": suite.verdict.value,
        "exit_code": suite.exit_code.value,
        "error": _error(suite.error if isinstance(suite, Unjudged) else None),
        "counts": asdict(evidence.counts if evidence else Counts()),
        "scores": {metric.value: _score(metric, evidence) for metric in SCORES},
        "checks": map(_check, assessment.checks if assessment else ()),
        "findings": map(_finding, evidence.findings if evidence else ()),
        "intents": _intents(cases),
        "confusions": _confusions(cases),
        "mismatches": map(_mismatch, wording.mismatches(assessment)),
        "utterances": map(_utterance, cases),
    }


def encoded(value: object) -> str:
    """Write a value as JSON on one line; ``##`` is spelled out, since a log that it is printed in may know commands."""
    return _encoder.encode(value).replace("##", "#\\u0023")


def _text(text: str | None) -> str | None:
    """Replace lone surrogates, which JSON can spell but many readers refuse."""
    return text if text is None or text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def _error(error: GateError | None) -> dict[str, object] | None:
    if error is None:
        return None
    return {
        "code": error.code.value,
        "kind": error.kind,
        "message": _text(error.message),
        "hint": _text(error.hint),
    }


def _score(metric: Metric, evidence: Evidence | None) -> dict[str, object]:
    """Give a score; its fraction is not reduced, so that the counts can be read from it."""
    if evidence is None:
        return {"judged": None, "exact": None, "reported": None}
    score = evidence.scores[metric]
    counted = parts(metric, evidence.counts) if score.exact is not None else None
    return {
        "judged": _number(score.judged),
        "exact": counted and f"{counted[0]}/{counted[1]}",
        "reported": _text(score.reported),
    }


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _check(check: Check) -> dict[str, object]:
    threshold, actual = _numbers(check)
    return {
        "name": check.name,
        "metric": check.metric,
        "operator": check.operator,
        "threshold": threshold,
        "actual": actual,
        "outcome": check.outcome.value,
        "scope": _text(check.scope),
        "message": _text(check.message),
    }


def _numbers(check: Check) -> tuple[float, float | None]:
    """Give threshold and measurement as numbers that stand to each other as the exact ones do."""
    bound, actual = check.bound, check.actual
    if not check.is_share:
        return int(bound), None if actual is None else int(actual)
    threshold, value = float(bound), _number(actual)
    if actual is not None and value == threshold and actual != bound:
        value = math.nextafter(threshold, math.inf if actual > bound else -math.inf)
    return threshold, value


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind.value,
        "message": _text(finding.message),
        "blocking": finding.blocks,
        "tolerated": finding.tolerated,
    }


def _intents(cases: Iterable[Case]) -> Iterator[dict[str, object]]:
    for scores in intent_scores(cases):
        yield {
            "intent": _text(scores.intent),
            "support": scores.support,
            "tp": scores.tp,
            "fp": scores.fp,
            "fn": scores.fn,
            "precision": _number(scores.precision),
            "recall": _number(scores.recall),
            "f1": _number(scores.f1),
        }


def _confusions(cases: Iterable[Case]) -> Iterator[dict[str, object]]:
    for pair in confusions(cases):
        yield {"expected": _text(pair.expected), "matched": _text(pair.matched), "count": pair.count}


def _mismatch(case: Case) -> dict[str, object]:
    return {
        "utterance": _text(case.utterance),
        "expected": _intent(case.expected),
        "matched": _intent(case.matched),
        "result_type": case.result_type.value,
        "row": case.row,
    }


def _utterance(case: Case) -> dict[str, object]:
    return {
        "key": case.key,
        "utterance": _text(case.utterance),
        "expected": _intent(case.expected),
        "parent_intent": _text(case.parent_intent),
        "matched": _intent(case.matched),
        "passed": case.passed if case.passed or case.is_mismatch else None,
    }


def _intent(intents: tuple[str, ...]) -> str | None:
    return _text(intent_text(intents)) if intents else None
