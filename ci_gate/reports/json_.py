"""``report.json``: everything that the gate knows, for programs, and the baseline of a later run.

The document, ``schema_version`` 2. Fields are only ever added to a version. Every field is always there; what is not
known is ``null`` (the counts and scores of a suite one by one), an empty list where there is nothing to list.

=================  =====================================================================================================
``schema_version`` 2; a document of version 1 is still read as a baseline
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
``report_name``    what the results file calls the suite; ``bot_name`` what it calls the bot
``bot_id``         as asked for, else as the status reply says; null where files do not tell it; so may be ``run_id``
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
                   that is shown), ``exact`` (the fraction of counts as text: "802/866"), ``reported`` (the platform's
                   own text), ``values`` (the lowest and the highest that it may turn out to be, both of which are held
                   against thresholds; null where nobody knows) and ``interval`` (both ends of the 95 % interval)
``checks``         ``name`` (stable between runs), ``metric``, ``operator`` (``>=`` or ``<=``), ``threshold`` and
                   ``actual`` (numbers on the right side of each other, whole ones for counts; a drop that may be chance
                   passes although it is larger), ``outcome`` (``passed``, ``failed`` or ``no_data``), ``scope``
                   (``suite``, ``baseline``, ``must-pass``, ``forbidden``, ``intents``, or the name of an intent),
                   ``alpha`` (the chance of a false alarm that its test may have; null where it tests nothing),
                   ``message``
``comparison``     null without a baseline that could be compared with; else as below
``waivers``        ``of`` (what is waived), ``reason``, ``owner``, ``expires``, ``state`` (``used``, ``unused`` or
                   ``expired``), ``mismatches`` (how many it covers)
``findings``       ``kind``, ``message``, ``blocking`` (whether it stands in the way of a pass now), ``tolerated``
``intents``        worst first: ``intent``, ``support``, ``tp``, ``fp``, ``fn``, ``precision``, ``recall``, ``f1``
``confusions``     most frequent first: ``expected``, ``matched``, ``count``
``mismatches``     what the bot got wrong: ``utterance``, ``expected``, ``matched`` ("A | B" for several intents, null
                   for none), ``result_type`` (``FP`` or ``FN``), ``row`` (the file's records from 1), ``waived``
``utterances``     every one, in the order of the file: ``key`` (names it across runs), ``utterance``, ``expected``,
                   ``parent_intent``, ``matched``, ``passed`` (null when it was not evaluated), ``result_type``
=================  =====================================================================================================

Of a comparison, all on the utterances that both runs have, copies counted once:

======================  ================================================================================================
``baseline``            ``name`` (where it was found), ``run_id``, ``bot_version``, ``finished``
``shared``              how many utterances were compared; ``unevaluated`` were not, in one of the runs
``detectable_drop``     the smallest drop of the share of utterances that work that would have shown in 4 of 5 cases
``drops``               of ``f1``, ``precision``, ``recall``, ``accuracy``: ``was``, ``now``, ``drop``, ``worse`` and
                        ``better`` (verdicts that changed for this score), ``chance`` (the one-sided mid-p of the exact
                        sign-flip test); ``drops`` and ``chances``: the least and the largest, however what was not
                        evaluated turns out
``newly_failing``       ``utterance``, ``expected``, ``was`` (matched then), ``matched``, ``waived``
``may_be_newly_failing``  the same without ``waived``: one of the runs did not evaluate them
``fixed``               the same without ``waived``; so is ``still_failing``
``added``, ``removed``  ``utterance``, ``expected``, ``passed``
``relabelled``          ``utterance``, ``was`` and ``now`` (expected)
``intents``             the surest losses first: ``intent``, ``shared``, ``worse``, ``better``, ``chance``, ``adjusted``
                        (after the discrete form of Benjamini and Hochberg), ``regressed`` (beyond the level of a test)
======================  ================================================================================================

The text is ASCII and well-formed whatever the platform sent; what has no fields of its own stands on one line, which
keeps a difference between two reports short to read.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, assert_never

from ci_gate import __version__
from ci_gate.core.checks.scope import Area, OneIntent
from ci_gate.core.counts import Counts
from ci_gate.core.intents import confusions, intent_scores
from ci_gate.core.metrics import SCORES, Metric, interval, parts
from ci_gate.core.model import Reported, Utterance
from ci_gate.core.report import Unjudged
from ci_gate.reports import wording
from ci_gate.reports.json_change import comparison_of, waiver_entry
from ci_gate.reports.json_text import intent_of, laid_out, number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ci_gate.core.checks.check import Check
    from ci_gate.core.checks.scope import Scope
    from ci_gate.core.evidence.weigh import Evidence
    from ci_gate.core.findings import Finding
    from ci_gate.core.report import GateReport, Judgement, SuiteReport
    from ci_gate.errors import GateError


def render(report: GateReport) -> Iterator[str]:
    """Write the whole report as JSON."""
    document = {
        "schema_version": 2,
        "tool": {"name": "ci-gate", "version": __version__},
        "verdict": report.verdict.value,
        "exit_code": report.exit_code.value,
        "advisory": report.excused,
        "error": _error(report.error),
        "started": report.started.isoformat(timespec="seconds"),
        "finished": report.finished.isoformat(timespec="seconds"),
        "suites": map(_suite, report.suites),
    }
    yield from laid_out(document)
    yield "\n"


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
        "source": subject.source.value,
        "bot_version": text_of(reported.bot_version),
        "language": text_of(reported.language),
        "engine": text_of(subject.engine),
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
    """Give a score; its fraction is not reduced, so that the counts can be read from it."""
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
    threshold, actual = _numbers(check)
    return {
        "name": check.name,
        "metric": check.metric.value,
        "operator": check.operator,
        "threshold": threshold,
        "actual": actual,
        "outcome": check.outcome.value,
        "scope": text_of(_scope(check.scope)),
        "alpha": number_of(check.level),
        "message": text_of(check.message),
    }


def _scope(scope: Scope) -> str:
    match scope:
        case Area.SUITE:
            return "suite"
        case Area.CHANGE:
            return "baseline"
        case Area.EVERY_INTENT:
            return "intents"
        case Area.MUST_PASS:
            return "must-pass"
        case Area.FORBIDDEN:
            return "forbidden"
        case OneIntent(name):
            return name
        case _:
            assert_never(scope)


def _numbers(check: Check) -> tuple[float, float | None]:
    """Give threshold and measurement as numbers that stand to each other as the exact ones do."""
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
