"""The parts of ``report.json`` about the comparison with a baseline and about waivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.core.metrics import DROPS
from ci_gate.reports.json_text import intent_of, number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.comparison.drops import Drop
    from ci_gate.core.comparison.intent_changes import IntentChange
    from ci_gate.core.comparison.pair import Pair
    from ci_gate.core.model import Utterance
    from ci_gate.core.report import Judgement
    from ci_gate.core.waivers import Waived, WaiverUse


def comparison_of(judgement: Judgement | None) -> dict[str, object] | None:
    comparison = judgement.comparison if judgement else None
    if comparison is None or judgement is None:
        return None
    baseline = comparison.baseline
    return {
        "baseline": {
            "name": text_of(baseline.name),
            "run_id": text_of(baseline.run_id),
            "bot_version": text_of(baseline.bot_version),
            "finished": text_of(baseline.finished),
        },
        "shared": comparison.shared,
        "unevaluated": comparison.unevaluated,
        "may_be_newly_failing": map(_pair, comparison.may_be_failing),
        "detectable_drop": comparison.detectable,
        "drops": {score.value: _drop(comparison.drops[drop]) for drop, score in DROPS.items()},
        "newly_failing": _newly_failing(comparison, judgement.waived),
        "fixed": map(_pair, comparison.fixed),
        "still_failing": map(_pair, comparison.still_failing),
        "added": map(_single, comparison.added),
        "removed": map(_single, comparison.removed),
        "relabelled": map(_relabelled, comparison.relabelled),
        "intents": map(_intent, comparison.intents),
    }


def waiver_entry(use: WaiverUse) -> dict[str, object]:
    waiver = use.waiver
    return {
        "of": text_of(waiver.subject),
        "reason": text_of(waiver.reason),
        "owner": text_of(waiver.owner),
        "expires": waiver.expires.isoformat(),
        "state": use.state,
        "mismatches": use.mismatches,
    }


def _drop(drop: Drop) -> dict[str, object]:
    return {
        "was": number_of(drop.was.score),
        "now": number_of(drop.now.score),
        "drop": number_of(drop.fall),
        "drops": None if drop.fall is None else [number_of(fall) for fall in drop.falls],
        "worse": drop.worse,
        "better": drop.better,
        "chance": drop.chances[1],
        "chances": [*drop.chances],
    }


def _newly_failing(comparison: Comparison, waived: Waived) -> Iterator[dict[str, object]]:
    for pair in comparison.newly_failing:
        yield {**_pair(pair), "waived": waived.waiver_of(pair.now.key) is not None}


def _pair(pair: Pair) -> dict[str, object]:
    return {
        "utterance": text_of(pair.now.text),
        "expected": intent_of(pair.now.expected),
        "was": intent_of(pair.was.matched),
        "matched": intent_of(pair.now.matched),
    }


def _single(utterance: Utterance) -> dict[str, object]:
    return {
        "utterance": text_of(utterance.text),
        "expected": intent_of(utterance.expected),
        "passed": utterance.passed if utterance.is_evaluated else None,
    }


def _relabelled(pair: Pair) -> dict[str, object]:
    return {
        "utterance": text_of(pair.now.text),
        "was": intent_of(pair.was.expected),
        "now": intent_of(pair.now.expected),
    }


def _intent(change: IntentChange) -> dict[str, object]:
    return {
        "intent": text_of(change.intent),
        "shared": change.shared,
        "worse": change.worse,
        "better": change.better,
        "chance": change.chance,
        "adjusted": change.adjusted[1],
        "regressed": change.is_worse,
    }
