"""In which ways a results file can be read: an entity a row, as documented, or a case a row."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ci_gate.core.evidence.sums import AGREEMENT
from ci_gate.core.metrics import Metric, measure
from ci_gate.core.model import Case, Reported, ResultsFile
from ci_gate.core.tally import tally
from ci_gate.core.text.decimals import read_score

_SCORES = (Metric.F1, Metric.PRECISION, Metric.RECALL)


def possible_readings(results: ResultsFile, reply: Reported | None) -> tuple[ResultsFile, ...]:
    """Give every reading that what is told of the run allows, the documented one first; that one where none fits.

    A reading is possible if it gives no more cases than there are utterances, and agrees with the counts and scores of
    the status reply, or else of the file's own top block.
    """
    if results.row_by_row is None:
        return (results,)
    readings = (results, replace(results, cases=results.row_by_row))
    fitting = tuple(one for one in readings if _fits(one.cases, reply or Reported(), results.reported))
    return fitting or readings[:1]


def _fits(cases: tuple[Case, ...], reply: Reported, top_block: Reported) -> bool:
    size = reply.counts.utterances if reply.counts.utterances is not None else top_block.counts.utterances
    if size is not None and len(cases) > size:
        return False
    tallied = tally(cases)
    told = reply.counts.confusion
    if told is not None and told != tallied.confusion:
        return False
    for metric in _SCORES if size == len(cases) else ():
        text = reply.scores.get(metric) or top_block.scores.get(metric)
        shown, exact = read_score(text) if text else None, measure(metric, tallied)
        if shown is not None and abs((exact or Fraction(0)) - shown) > AGREEMENT:
            return False
    return True
