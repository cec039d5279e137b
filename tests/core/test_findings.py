"""The names, words and effects of findings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ci_gate.core.counts import Counts
from ci_gate.core.findings import NEVER_A_BASELINE, TOLERABLE, Expectation, Finding, FindingKind
from ci_gate.core.model import Reported, ResultsFile
from tests.core.builders import MISSING, case, cases, results, status, whole
from tests.core.evidence.test_weigh import SOUND, SOUND_FILE, TOP_BLOCK, UNLESS, Situation, messages

IN_PART = Counts(utterances=40, failed_utterances=0)
FURTHER: list[tuple[FindingKind, Situation, str]] = [
    (FindingKind.WRONG_RUN, Situation(status(SOUND), replace(SOUND_FILE, reported=Reported(bot_version="published"))),
     "the run's bot version is 'inDevelopment' by the status reply, 'published' by the results file"),
    (FindingKind.UNCONFIRMED, Situation(Reported(counts=SOUND), SOUND_FILE, Expectation(language="de")),
     "nothing confirms the language 'de': the platform does not say which one it ran"),
    (FindingKind.COUNT_MISMATCH,
     Situation(status(SOUND), replace(SOUND_FILE, reported=replace(TOP_BLOCK, doubts=("row 3 is no count",)))),
     "row 3 is no count"),
    (FindingKind.COUNT_MISMATCH,
     Situation(status(SOUND), replace(SOUND_FILE, reported=Reported(counts=Counts(utterances=500)))),
     "the results file is of a run of 500 utterances, not of 40"),
    (FindingKind.NO_FILE, Situation(status(IN_PART), results(cases(tp=30))),
     "the results file holds 30 of 40 utterances: download it again"),
    (FindingKind.COUNT_MISMATCH, Situation(status(replace(SOUND, entities=1, matched_entities=5)), MISSING),
     "5 entities matched of 1, which is impossible"),
    (FindingKind.COUNT_MISMATCH, Situation(status(replace(SOUND, entities=0, matched_entities=1)), MISSING),
     "1 entities matched of 0, which is impossible"),
    (FindingKind.COUNT_MISMATCH, Situation(status(replace(SOUND, utterances=39, failed_utterances=None)), MISSING),
     f"40 utterances were evaluated (TP+TN+FP+FN) and 0 were not, which makes 40, but the suite has 39; {UNLESS}"),
]  # fmt: skip


def test_findings_keep_the_names_that_scripts_rely_on() -> None:
    words = """
        partial count-mismatch no-file wrong-run other-bot not-evaluated nothing-measured score-mismatch rounded-score
        type-mismatch small-suite other-id other-suite unconfirmed failed-entities not-comparable no-rule
        no-baseline newer-baseline drop regression small-support unstable two-labels unknown-name waiver
    """
    assert {*FindingKind} == {*words.split()}


NO_EVIDENCE = {
    FindingKind.NOTHING_MEASURED, FindingKind.NO_FILE,   FindingKind.WRONG_RUN,
    FindingKind.OTHER_ID,         FindingKind.OTHER_BOT,
}  # fmt: skip


@pytest.mark.parametrize("kind", FindingKind)
def test_untolerated_evidence_of_another_run_leaves_nothing_to_judge(kind: FindingKind) -> None:
    assert Finding(kind, "").voids is (kind in NO_EVIDENCE)
    assert not Finding(kind, "", tolerated=True).voids
    assert not Finding(kind, "", warns=True).voids


@pytest.mark.parametrize("kind", FindingKind)
def test_voiding_and_tolerable_findings_block(kind: FindingKind) -> None:
    found = Finding(kind, "")
    assert found.blocks or not found.voids
    assert found.blocks or kind not in TOLERABLE
    assert not replace(found, tolerated=True).blocks
    assert not replace(found, warns=True).blocks


def test_some_tolerated_findings_rule_out_a_baseline() -> None:
    assert {"partial", "no-file", "wrong-run", "other-id"} == NEVER_A_BASELINE < {*TOLERABLE}


@pytest.mark.parametrize(("kind", "found", "words"), FURTHER)
def test_other_causes_of_a_finding_have_their_own_words(kind: FindingKind, found: Situation, words: str) -> None:
    assert messages(found.weigh(), kind) == [words]


@pytest.mark.parametrize(
    ("entities", "matched", "rows"),
    [(3, 2, 40), (4, 3, 40), (3, 3, 39)],
    ids=["the same", "of other entities", "of another number of utterances"],
)
def test_matched_entities_are_compared_only_of_the_same_entities(entities: int, matched: int, rows: int) -> None:
    file = results((case(entities=3, matched_entities=2), *cases(tp=rows - 1)))
    counts = replace(whole(tp=rows, failed=40 - rows), entities=entities, matched_entities=matched)
    assert Situation(status(counts), file).weigh().findings == ()


@pytest.mark.parametrize(("counts", "file", "nothing"), [
    (whole(failed=40), results(cases(tp=40)), True),
    (whole(tp=40), results(cases(not_evaluated=40)), True),
    (Counts(utterances=40), results(cases(not_evaluated=40)), True),
], ids=["the reply says nothing", "the file says nothing", "only the file says anything"])  # fmt: skip
def test_either_source_may_say_that_nothing_was_measured(counts: Counts, file: ResultsFile, nothing: bool) -> None:
    found = Situation(status(counts), file).weigh()
    assert found.is_empty is nothing
    assert bool(messages(found, FindingKind.NOTHING_MEASURED)) is nothing
    assert any(finding.blocks for finding in found.findings)


@pytest.mark.parametrize("kind", FindingKind)
def test_a_tolerable_finding_says_how_to_tolerate_it(kind: FindingKind) -> None:
    found = Finding(kind, "odd")
    is_reported = found.way_on == f'to judge it anyway: tolerate = ["{kind}"]'
    assert is_reported is (kind in TOLERABLE)
    assert is_reported or found.way_on == ""


@pytest.mark.parametrize("found", [
    Finding(FindingKind.PARTIAL, "odd", tolerated=True),
    Finding(FindingKind.TYPE_MISMATCH, "odd", warns=True),
    Finding(FindingKind.OTHER_ID, 'odd; if your platform is, tolerate = ["other-id"]'),
])  # fmt: skip
def test_a_finding_that_does_not_block_has_no_hint(found: Finding) -> None:
    assert found.way_on == ""


def test_a_finding_holds_no_secret_of_what_it_quotes() -> None:
    """The query of a link is cut where a text from elsewhere is quoted; here that would cost names with a "?"."""
    found = Finding(FindingKind.PARTIAL, "odd: 'https://me:pw@h/f.csv?s=1', eyJhbGciOiJ.IUzI1")
    assert found.message == "odd: 'https://(a link with credentials)', (a token)"


def test_a_mostly_unevaluated_run_is_not_judged_despite_its_counts() -> None:
    counts = Counts(utterances=30, tp=5, tn=0, fp=25, fn=0, failed_utterances=20)
    found = Situation(status(counts), MISSING).weigh()
    assert messages(found, FindingKind.NOTHING_MEASURED)
