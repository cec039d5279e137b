"""Every report format shows the same ending, and none shows a hidden utterance, whatever is judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given

from ci_gate.core.duplicates import collapsed
from ci_gate.core.names import hashed
from ci_gate.core.report import GateReport, Judged
from ci_gate.core.rules import Rules
from ci_gate.errors import ExitCode
from ci_gate.output.formats import FORMATS
from ci_gate.reports import RenderOptions
from ci_gate.reports.read_back import read_report
from tests.properties.worlds import INTENTS, MOMENT, SECRET, Said, World, answers, cases_of, judged, worlds

if TYPE_CHECKING:
    from ci_gate.core.report import SuiteReport


def pages(suite: SuiteReport) -> dict[str, str]:
    """Render every format, plain and in colour."""
    gate = GateReport(suites=(suite,), started=MOMENT, finished=MOMENT)
    return {
        one.name + " in colour" * color: "".join(one.render(gate, RenderOptions(color=color)))
        for one in FORMATS
        for color in (False, True)
    }


@given(world=worlds())
def test_hiding_changes_no_outcome_and_no_report_shows_an_utterance(world: World) -> None:
    shown, hidden = judged(world), judged(world, hide=True)
    told = [
        (
            (one.verdict, one.exit_code),
            [(check.name, check.outcome, check.actual) for check in one.judgement.checks],
            [finding.kind for finding in one.judgement.evidence.findings],
        )
        for one in (shown, hidden)
        if one.judgement
    ]
    assert told[0] == told[1]
    found = pages(hidden)
    assert not [name for name, page in found.items() if SECRET in page]
    for case in cases_of(world, "now"):
        assert any(hashed(case.text) in page for page in found.values())


def test_reports_that_hide_nothing_show_utterances() -> None:
    passing, missed, *_ = answers(INTENTS[:1])
    rows = tuple(Said(f"{SECRET} {n}", INTENTS[:1], passing, missed if n == 3 else passing) for n in range(40))
    found = pages(judged(World(rows, Rules(must_pass=(f"{SECRET} 3",)))))
    assert {name for name, page in found.items() if SECRET in page} >= {"junit.xml", "report.json"}


@given(world=worlds())
def test_every_format_shows_the_same_ending(world: World) -> None:
    suite = judged(world)
    found = pages(suite)
    assert json.loads(found["report.json"])["exit_code"] == suite.exit_code
    has_problem = "<failure" in found["junit.xml"] or "<error" in found["junit.xml"]
    assert has_problem is (suite.exit_code is not ExitCode.PASSED)


@given(world=worlds())
def test_a_report_read_back_is_as_good_a_baseline_as_its_utterances(world: World) -> None:
    suite = judged(world)
    document = pages(suite)["report.json"]
    (recorded,) = read_report(document.encode(), "report.json")
    told = {key: (one.passed, one.is_mismatch) for key, one in recorded.baseline.utterances.items()}
    listed = collapsed(cases_of(world, "now"))
    assert told == {key: (one.passed, one.is_mismatch) for key, one in listed.items()}
    blocking = [one for one in json.loads(document)["suites"][0]["findings"] if one["blocking"]]
    is_sound = isinstance(suite, Judged) and not blocking and bool(listed)
    assert (recorded.problem is None) is is_sound
