"""Invented evidence in few words: utterances, status replies and results files that agree with each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from ci_gate.core.comparison.baseline import Baseline, Origin
from ci_gate.core.comparison.compare import Comparison, compare, matched
from ci_gate.core.counts import Counts
from ci_gate.core.duplicates import collapsed
from ci_gate.core.evidence.weigh import Evidence, weigh
from ci_gate.core.findings import Expectation, FindingKind
from ci_gate.core.model import Reported, ResultsFile, ResultType, UnreadableFile, Utterance
from ci_gate.core.names import utterance_key
from ci_gate.core.thresholds import THRESHOLDS, Threshold, read_threshold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ci_gate.core.metrics import Metric

ALONE = {key: metric for key, metric in THRESHOLDS.items() if not metric.needs_baseline}
"""Thresholds that need no baseline, by key."""

TP, TN, FP, FN, LOST = (ResultType.TP, ResultType.TN, ResultType.FP, ResultType.FN, ResultType.NOT_EVALUATED)

ALPHA = 0.05
"""Default significance level of each test of a comparison."""

MISSING = UnreadableFile(problem="the platform offers no results file")

_INTENTS: Mapping[ResultType, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ResultType.TP: (("Rent Bike",), ("rent bike",)),
    ResultType.TN: ((), ()),
    ResultType.FP: (("Rent Bike",), ("return bike",)),
    ResultType.FN: (("Rent Bike",), ()),
    ResultType.NOT_EVALUATED: (("Rent Bike",), ()),
    ResultType.UNKNOWN: (("Rent Bike",), ("rent bike",)),
}


def case(
    result_type: ResultType = ResultType.TP,
    *,
    expected: tuple[str, ...] | None = None,
    matched: tuple[str, ...] | None = None,
    entities: int = 0,
    matched_entities: int = 0,
    row: int = 1,
) -> Utterance:
    """Build an utterance whose intents fit its result type unless they are given."""
    usual = _INTENTS[result_type]
    return Utterance(
        key=f"key-{row}",
        text=f"utterance {row}",
        expected=usual[0] if expected is None else expected,
        matched=usual[1] if matched is None else matched,
        parent_intent=None,
        result_type=result_type,
        entities=entities,
        matched_entities=matched_entities,
        row=row,
    )


def said(
    utterance: str,
    result_type: ResultType = ResultType.TP,
    *,
    expected: str = "Rent Bike",
    parent: str | None = None,
    row: int = 1,
) -> Utterance:
    """Build an utterance with the key of its text; no ``expected`` means no intent, bars separate alternatives."""
    intents = tuple(filter(None, expected.split(" | ")))
    missed = result_type in (ResultType.TN, ResultType.FN, ResultType.NOT_EVALUATED)
    matched = () if missed else intents if result_type is ResultType.TP else ("another",)
    found = case(result_type, expected=intents, matched=matched, row=row)
    return replace(found, key=utterance_key(utterance, intents, parent), text=utterance, parent_intent=parent)


def cases(
    *, tp: int = 0, tn: int = 0, fp: int = 0, fn: int = 0, not_evaluated: int = 0, unknown: int = 0
) -> tuple[Utterance, ...]:
    """Build the given number of utterances per result type, in this order."""
    amounts = zip(ResultType, (tp, tn, fp, fn, not_evaluated, unknown), strict=True)
    types = [result_type for result_type, amount in amounts for _ in range(amount)]
    return tuple(case(result_type, row=row) for row, result_type in enumerate(types, start=1))


def expecting(*groups: tuple[int, ResultType, tuple[str, ...]]) -> list[Utterance]:
    """Build the given number of utterances per result type and expected intents."""
    kinds = [(result, expected) for amount, result, expected in groups for _ in range(amount)]
    return [
        case(result, expected=expected, matched={TP: expected, FP: ("other",)}.get(result, ()), row=row)
        for row, (result, expected) in enumerate(kinds, 1)
    ]


def results(utterances: Iterable[Utterance], reported: Reported | None = None) -> ResultsFile:
    """Build a results file, with ``reported`` as its top block."""
    return ResultsFile(raw=b"", reported=reported or Reported(), utterances=tuple(utterances))


def status(
    counts: Counts, scores: Mapping[Metric, str] | None = None, *, partial: bool = False, run_id: str | None = None
) -> Reported:
    """Build a status reply about the default bot version and language."""
    return Reported(
        run_id=run_id, bot_version="inDevelopment", language="en", partial=partial, counts=counts, scores=scores or {}
    )


def whole(*, tp: int = 0, tn: int = 0, fp: int = 0, fn: int = 0, failed: int = 0) -> Counts:
    """Build consistent counts."""
    return Counts(utterances=tp + tn + fp + fn + failed, tp=tp, tn=tn, fp=fp, fn=fn, failed_utterances=failed)


def evidence(
    counts: Counts, scores: Mapping[Metric, str] | None = None, tolerate: Iterable[FindingKind] = ()
) -> Evidence:
    """Weigh a status reply and the results file that agrees with it."""
    utterances = cases(tp=counts.tp or 0, tn=counts.tn or 0, fp=counts.fp or 0, fn=counts.fn or 0)
    return weigh(
        status(counts, scores), results(utterances), expectation=Expectation(), tolerate=frozenset({*tolerate})
    )


def threshold(key: str, text: str) -> Threshold:
    """Read a threshold that is not ``off``."""
    found = read_threshold(key, text)
    assert found is not None
    return found


def hold(
    now: Iterable[Utterance], then: Iterable[Utterance], *, level: float = ALPHA, absent: int = 0, absent_then: int = 0
) -> Comparison:
    """Compare a run with an earlier one; ``absent`` and ``absent_then`` count unevaluated rows their files lack."""
    baseline = Baseline(name="old.csv", origin=Origin(), utterances=collapsed(then), absent=absent_then)
    return compare(matched(baseline, collapsed(now), absent=absent), baseline, level=level)


def changed(*changes: tuple[ResultType, ResultType, int], level: float = ALPHA) -> Comparison:
    """Compare runs in which the given numbers of utterances changed their result type; with a TN none is expected."""
    pairs = [(was, now) for was, now, times in changes for _ in range(times)]
    then, now = (
        [
            said(f"say {row}", pair[side], expected="" if ResultType.TN in pair else "Rent Bike", row=row)
            for row, pair in enumerate(pairs, start=1)
        ]
        for side in (0, 1)
    )
    return hold(now, then, level=level)


suites = st.lists(
    st.builds(
        said,
        st.integers(0, 12).map("say {}".format),
        st.sampled_from(ResultType),
        expected=st.sampled_from(["Rent Bike", "Return Bike", ""]),
    ),
    max_size=40,
)
"""Suites of two intents with copies and every result type."""
