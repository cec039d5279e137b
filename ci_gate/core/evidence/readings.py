"""The possible readings of a results file: one entity per row, as documented, or one utterance per row."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ci_gate.core.evidence.sums import AGREEMENT
from ci_gate.core.metrics import Metric, measure
from ci_gate.core.model import Reported, ResultsFile, Utterance
from ci_gate.core.tally import tally
from ci_gate.core.text.decimals import read_score

_SCORES = (Metric.F1, Metric.PRECISION, Metric.RECALL)


def possible_readings(results: ResultsFile, reply: Reported | None) -> tuple[ResultsFile, ...]:
    """Return every reading that fits the reports of the run, the documented one first.

    A reading fits if it has no more utterances than the suite, and agrees with the counts of the status reply and with
    the scores of the reply or else of the file's top block. If neither reading fits, return the documented one.
    """
    if results.row_by_row is None:
        return (results,)
    readings = (results, replace(results, utterances=results.row_by_row))
    fitting = tuple(one for one in readings if _fits(one.utterances, reply or Reported(), results.reported))
    return fitting or readings[:1]


def _fits(utterances: tuple[Utterance, ...], reply: Reported, top_block: Reported) -> bool:
    size = reply.counts.utterances if reply.counts.utterances is not None else top_block.counts.utterances
    if size is not None and len(utterances) > size:
        return False
    tallied = tally(utterances)
    reported = reply.counts.confusion
    if reported is not None and reported != tallied.confusion:
        return False
    for metric in _SCORES if size == len(utterances) else ():
        text = reply.scores.get(metric) or top_block.scores.get(metric)
        shown, exact = read_score(text) if text else None, measure(metric, tallied)
        if shown is not None and abs((exact or Fraction(0)) - shown) > AGREEMENT:
            return False
    return True
