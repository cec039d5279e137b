"""``report.json``: the whole result of the gate, for programs and as the baseline of a later run.

Its fields are described in docs/report-json.md. The text is ASCII and well-formed whatever the platform sent. An entry
without nested entries takes one line, so that a comparison of two reports by lines stays short.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict
from typing import TYPE_CHECKING

from ci_gate import __version__
from ci_gate.core.clock import moment_text
from ci_gate.core.counts import Counts
from ci_gate.core.intents import confusions, intent_scores
from ci_gate.core.metrics import SCORES, Metric, interval, parts
from ci_gate.core.model import Reported, Utterance
from ci_gate.core.report import Unjudged
from ci_gate.core.rules import OneIntent
from ci_gate.reports import wording
from ci_gate.reports.json_change import comparison_of, waiver_entry
from ci_gate.reports.json_text import intent_of, laid_out, number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ci_gate.core.checks.check import Check
    from ci_gate.core.evidence.weigh import Evidence
    from ci_gate.core.findings import Finding
    from ci_gate.core.report import GateReport, Judgement, Observed, SuiteReport
    from ci_gate.errors import GateError


_LABEL = re.compile(rb' {6}"label": (".*"),?$')


def render(report: GateReport) -> Iterator[str]:
    document = {
        "schema_version": 2,
        "tool": {"name": "ci-gate", "version": __version__},
        "verdict": report.verdict.value,
        "exit_code": report.exit_code.value,
        "advisory": report.excused,
        "error": _error(report.error),
        "started": report.started.isoformat(timespec="seconds"),
        "finished": report.finished.isoformat(timespec="seconds"),
        "settings": _encodable(report.settings),
        "suites": map(_suite, report.suites),
    }
    yield from laid_out(document)
    yield "\n"


def labels_in(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield the labels of the suites from the lines of a report. Raise ``ValueError`` if a label is not valid JSON."""
    return (json.loads(found[1]) for line in lines if (found := _LABEL.match(line)))


def _suite(suite: SuiteReport) -> dict[str, object]:
    subject, judgement = suite.subject, suite.judgement
    evidence = judgement.evidence if judgement else None
    reported = evidence.reported if evidence else Reported()
    utterances = (evidence.utterances if evidence else None) or ()
    return {
        "label": text_of(subject.label),
        "suite": text_of(subject.suite),
        "report_name": text_of(evidence.file.suite if evidence and evidence.file else None),
        "bot_id": text_of(subject.bot_id or reported.bot_id),
        "bot_name": text_of(evidence.file.bot_name if evidence and evidence.file else None),
        "run_id": text_of(subject.run_id),
        "run": {"started": _moment(reported.started), "finished": _moment(reported.ended)},
        "source": subject.source.value,
        "bot_version": text_of(reported.bot_version),
        "language": text_of(reported.language),
        "engine": text_of(subject.engine),
        "observed": _observed(subject.observed),
        "verdict": suite.verdict.value,
        "exit_code": suite.exit_code.value,
        "error": _error(suite.error if isinstance(suite, Unjudged) else None),
        "counts": asdict(evidence.counts if evidence else Counts()),
        "scores": {metric.value: _score(metric, evidence) for metric in SCORES},
        "checks": map(_check, judgement.checks if judgement else ()),
        "comparison": comparison_of(judgement),
        "waivers": map(waiver_entry, judgement.waived.uses if judgement else ()),
        "findings": map(_finding, evidence.findings if evidence else ()),
        "intents": _intents(utterances),
        "confusions": _confusions(utterances),
        "mismatches": _mismatches(judgement),
        "utterances": map(_utterance, utterances),
    }


def _moment(epoch: float | None) -> str | None:
    return None if epoch is None else moment_text(epoch)


def _encodable(value: object) -> object:
    """Return settings with every text converted by ``text_of``."""
    match value:
        case str():
            return text_of(value)
        case dict():
            return {text_of(key): _encodable(part) for key, part in value.items()}
        case list() | tuple():
            return [_encodable(part) for part in value]
        case _:
            return value


def _observed(observed: Observed | None) -> dict[str, object] | None:
    """Return the facts that the run had to match, and those that were observed. Times are in seconds since 1970."""
    if observed is None:
        return None
    asked = observed.expectation
    return {
        "run_id": text_of(asked.run_id),
        "suite": text_of(asked.suite),
        "bot_id": text_of(asked.bot_id),
        "bot_version": asked.bot_version,
        "language": text_of(asked.language),
        "engine": asked.engine,
        "started": asked.started,
        "utterances": asked.seen_utterances,
        "answered_at": observed.answered_at,
        "day": observed.day.isoformat(),
        "reply_hash": observed.reply_hash,
        "results_hash": observed.results_hash,
    }


def _error(error: GateError | None) -> dict[str, object] | None:
    if error is None:
        return None
    return {
        "code": error.code.value,
        "kind": error.kind,
        "message": text_of(error.message),
        "hint": text_of(error.hint),
    }


def _score(metric: Metric, evidence: Evidence | None) -> dict[str, object]:
    """Return a score. The fraction ``exact`` is not reduced, so that it shows the counts."""
    if evidence is None:
        return dict.fromkeys(("judged", "exact", "reported", "values", "interval"))
    score = evidence.scores[metric]
    ends = interval(metric, evidence.counts) if score.judged == score.exact is not None else None
    counted = parts(metric, evidence.counts) if score.exact is not None else None
    return {
        "judged": number_of(score.judged),
        "exact": counted and f"{counted[0]}/{counted[1]}",
        "reported": text_of(score.reported),
        "values": score.values and [number_of(score.values.low), number_of(score.values.high)],
        "interval": ends and [float(ends[0]), float(ends[1])],
    }


def _check(check: Check) -> dict[str, object]:
    scope, (threshold, actual) = check.scope, _numbers(check)
    return {
        "name": check.name,
        "metric": check.metric.value,
        "operator": check.operator,
        "threshold": threshold,
        "actual": actual,
        "outcome": check.outcome.value,
        "scope": text_of(scope.name if isinstance(scope, OneIntent) else scope.value),
        "alpha": number_of(check.level),
        "message": text_of(check.message),
    }


def _numbers(check: Check) -> tuple[float, float | None]:
    """Return threshold and measurement as numbers that compare as the exact fractions do."""
    bound, actual = check.bound, check.actual
    if not check.is_share and bound.denominator == 1:
        return int(bound), None if actual is None else int(actual)
    threshold, value = float(bound), number_of(actual)
    if actual is not None and value == threshold and actual != bound:
        value = math.nextafter(threshold, math.inf if actual > bound else -math.inf)
    return threshold, value


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind.value,
        "message": text_of(finding.message),
        "blocking": finding.blocks,
        "tolerated": finding.tolerated,
    }


def _intents(utterances: Iterable[Utterance]) -> Iterator[dict[str, object]]:
    for scores in intent_scores(utterances):
        yield {
            "intent": text_of(scores.intent),
            "support": scores.support,
            "tp": scores.tp,
            "fp": scores.fp,
            "fn": scores.fn,
            "precision": number_of(scores.precision),
            "recall": number_of(scores.recall),
            "f1": number_of(scores.f1),
        }


def _confusions(utterances: Iterable[Utterance]) -> Iterator[dict[str, object]]:
    for pair in confusions(utterances):
        yield {"expected": text_of(pair.expected), "matched": text_of(pair.matched), "count": pair.count}


def _mismatches(judgement: Judgement | None) -> Iterator[dict[str, object]]:
    waived = judgement.waived.rows if judgement else frozenset()
    return (_mismatch(utterance, waived=utterance.row in waived) for utterance in wording.mismatches(judgement))


def _mismatch(utterance: Utterance, *, waived: bool) -> dict[str, object]:
    return {
        "utterance": text_of(utterance.text),
        "expected": intent_of(utterance.expected),
        "matched": intent_of(utterance.matched),
        "result_type": utterance.result_type.value,
        "row": utterance.row,
        "waived": waived,
    }


def _utterance(utterance: Utterance) -> dict[str, object]:
    return {
        "key": utterance.key,
        "utterance": text_of(utterance.text),
        "expected": intent_of(utterance.expected),
        "parent_intent": text_of(utterance.parent_intent),
        "matched": intent_of(utterance.matched),
        "passed": utterance.passed if utterance.is_evaluated else None,
        "result_type": utterance.result_type.value,
    }
