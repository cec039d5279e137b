"""A printed value never stands on the other side of its threshold, in any report."""

from __future__ import annotations

import re
from fractions import Fraction
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from ci_gate.core.counts import Counts
from ci_gate.core.thresholds import Threshold
from ci_gate.reports import junit, markdown, text
from tests.reports.builders import measured, report
from tests.reports.strategies import unhurried


@unhurried
@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 10_000))
def test_what_is_printed_agrees_with_the_outcome(tp: int, fp: int, fn: int, bound: int) -> None:
    counts = Counts(utterances=tp + fp + fn, tp=tp, tn=0, fp=fp, fn=fn)
    suite = measured(counts, Threshold("min_f1", Fraction(bound, 10_000)))
    if not (found := re.search(r"(?m)^  (pass|FAIL) +f1 >= (\S+)  (\S+)$", "".join(text.render(report(suite))))):
        assert tp + fp + fn == 0
        return
    outcome, shown_bound, shown = found.groups()
    assert (Fraction(shown) >= Fraction(shown_bound)) == (outcome == "pass")
    assert (2 * tp * 10_000 >= bound * (2 * tp + fp + fn)) == (outcome == "pass")
    assert f"| f1 >= {shown_bound} | {shown} |" in "".join(markdown.render(report(suite)))
    failure = ET.fromstring("".join(junit.render(report(suite)))).find("testsuite/testcase/failure")
    assert (failure is None) == (outcome == "pass")
    if failure is not None:
        assert failure.get("message") == f"f1 {shown} < {shown_bound}"
