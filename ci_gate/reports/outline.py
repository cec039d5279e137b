"""The outline of a report for people: its contents, their order, and how much of them is worth showing.

Each format lays the blocks out, chooses symbols or colours, shortens and escapes; it adds nothing and sorts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from ci_gate.core.checks.change_words import shared_chance
from ci_gate.core.intents import confusions, intent_scores
from ci_gate.core.names import intent_text
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import Unjudged
from ci_gate.core.text.safe import counted
from ci_gate.reports import wording
from ci_gate.reports.wording import Ending, Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.model import Utterance
    from ci_gate.core.report import GateReport, Judgement, SuiteReport
    from ci_gate.core.rules import Rules
    from ci_gate.core.waivers import Waived, WaiverUse
    from ci_gate.errors import GateError

SUITES, FINDINGS, WAIVERS, INTENTS = 100, 20, 20, 5
CONFUSIONS, CONFUSIONS_IN_BRIEF = 10, 5
UTTERANCES, UTTERANCES_IN_BRIEF = 50, 10


class State(StrEnum):
    """The state of a check, a finding or a mismatch in a row; each format has a word, symbol or colour for it."""

    PASSED = "passed"
    FAILED = "failed"
    ADVISORY = "failed, advisory"
    NO_DATA = "no data"
    NOT_JUDGED = "not judged"
    BLOCKS = "blocks a pass"
    TOLERATED = "tolerated"
    WARNING = "warning"
    WAIVED = "waived"


class Topic(StrEnum):
    """The topic of a note. A note on ``REPLAY`` is a command to copy, with a path that the user chose."""

    HINT = "what to do"
    CHANGE = "what changed"
    REPLAY = "replay under the same settings"


@dataclass(frozen=True, slots=True)
class Name:
    """A foreign name or utterance, shown as it is. A plain ``str`` is our own wording, which may quote foreign text."""

    text: str


Cell: TypeAlias = str | Name | State | Ending
Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """The ending of a suite and the reason for it. Without a ``label``, it is the ending of the gate."""

    ending: Ending
    reason: str
    label: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that identify the run of a suite."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Sentences on one topic, in lower case and without a full stop, the most important one first."""

    topic: Topic
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a head, the worst row first. ``rows`` may be an iterator, so they can be read only once.

    ``count`` is the number of all rows. ``align`` has an ``l`` or ``r`` for each of the first columns; the others are
    aligned to the left. ``full`` is the number of rows worth showing, ``brief`` the number if there is little room:
    with 0 only the title is shown, with ``None`` nothing. A table with a title may be folded away.
    """

    head: tuple[str, ...]
    rows: Iterable[Row]
    count: int
    align: str = ""
    full: int = UTTERANCES
    brief: int | None = None
    title: str = ""

    def shown(self, most: int) -> tuple[list[Row], int]:
        """Return the first ``most`` rows, and the number of rows that are left out."""
        rows = list(islice(self.rows, most))
        return rows, self.count - len(rows)


Block: TypeAlias = Headline | Facts | Note | Table


def outline(report: GateReport) -> Iterator[Block]:
    """Return the blocks of a report, the verdict first. A table without rows is left out."""
    return (block for block in _blocks(report) if not isinstance(block, Table) or block.count)


def _blocks(report: GateReport) -> Iterator[Block]:
    if not wording.speaks_for_itself(report):
        yield Headline(wording.ending_of(report), wording.gate_reason(report))
        if report.error:
            yield from _hint(report.error)
        if len(report.suites) > 1:
            rows = (
                (wording.ending_of_suite(one), Name(one.subject.label), wording.suite_reason(one))
                for one in report.suites
            )
            yield Table(head=("verdict", "suite", "why"), rows=rows, count=len(report.suites), full=SUITES)
    for suite in report.suites:
        yield Headline(wording.ending_of_suite(suite), wording.suite_reason(suite), label=suite.subject.label)
        yield Facts(tuple(wording.facts(suite)))
        if suite.judgement:
            yield _checks(suite, suite.judgement)
            yield _findings(suite.judgement)
        if isinstance(suite, Unjudged):
            yield from _hint(suite.error)
        if suite.judgement:
            scores = [*wording.score_rows(suite.judgement)]
            yield _whole(("score", "value", "95 % interval"), scores, align="lrr")
            yield from _change(suite.judgement)
            yield from _mismatches(suite.judgement)
    if report.replay:
        yield Note(Topic.REPLAY, (report.replay,))


def _intents(intents: tuple[str, ...]) -> Name:
    return Name(intent_text(intents))


def _cells(utterance: Utterance, *more: Cell) -> Row:
    return Name(utterance.text), _intents(utterance.expected), *more


def _mark(waiver: object) -> Cell:
    return State.WAIVED if waiver else ""


def _hint(error: GateError) -> Iterator[Note]:
    if lines := wording.hint_lines(error):
        yield Note(Topic.HINT, tuple(lines))


def _whole(head: tuple[str, ...], rows: Sequence[Row], *, align: str = "") -> Table:
    """Return a table that is always shown with all its rows."""
    return Table(head=head, rows=rows, count=len(rows), align=align, full=len(rows), brief=len(rows))


def _checks(suite: SuiteReport, judgement: Judgement) -> Table:
    """Return the table of checks. Passed checks of single intents are only counted if there are many.

    In a suite without a verdict, no check counts. In an excused suite, a failed check is advisory.
    """
    if isinstance(suite, Unjudged):
        held = failed = State.NOT_JUDGED
    else:
        held, failed = State.PASSED, State.ADVISORY if suite.excused else State.FAILED
    states = {Outcome.PASSED: held, Outcome.FAILED: failed, Outcome.NO_DATA: State.NO_DATA}
    shown, passed = wording.checks_worth_a_line(judgement.checks)
    rows: list[Row] = [(states[check.outcome], check.name, check.measured) for check in shown]
    if passed:
        rows.append((held, f"{counted(passed, 'floor')} of intents", "all in report.json"))
    return _whole(("outcome", "check", "measured"), rows)


def _findings(judgement: Judgement) -> Table:
    rows = [
        (State.BLOCKS if finding.blocks else State.TOLERATED if finding.tolerated else State.WARNING, text)
        for finding, text in wording.finding_lines(judgement)
    ]
    head = ("evidence", "what is doubtful about it")
    return Table(head=head, rows=rows, count=len(rows), full=FINDINGS, brief=FINDINGS)


def _change(judgement: Judgement) -> Iterator[Block]:
    """Yield the blocks on the changes since the baseline, and the table of waivers."""
    if judgement.comparison:
        yield Note(Topic.CHANGE, tuple(_sentences(judgement.comparison, judgement.rules, judgement.waived)))
        yield _worse_intents(judgement.comparison)
        yield from _changed_utterances(judgement.comparison, judgement.waived)
    uses, title = judgement.waived.uses, wording.waiver_sentence(judgement.waived)
    head = ("waiver", "of", "mismatches", "until", "owner", "reason")
    yield Table(head=head, rows=map(_waiver, uses), count=len(uses), align="llr", full=WAIVERS, brief=0, title=title)


def _waiver(use: WaiverUse) -> Row:
    waiver = use.waiver
    return use.state, waiver.subject, str(use.mismatches), waiver.expires.isoformat(), waiver.owner, waiver.reason


def _sentences(comparison: Comparison, rules: Rules, waived: Waived) -> Iterator[str]:
    yield wording.change_sentence(comparison, rules.level, _waived_among(comparison, waived))
    yield f"compared with {wording.baseline_sentence(comparison)}"
    if rules.share > 1:
        yield shared_chance(rules)
    if left_out := wording.left_out(comparison):
        yield f"not compared: {', '.join(left_out)}"
    yield wording.power_sentence(comparison)


def _waived_among(comparison: Comparison, waived: Waived) -> int:
    """Return the number of newly failing utterances that are waived."""
    return sum(pair.now.key in waived.keys for pair in comparison.newly_failing)


def _worse_intents(comparison: Comparison) -> Table:
    """Return the table of intents that got worse, beyond chance or not."""
    worse = [intent for intent in comparison.intents if intent.worse > intent.better]
    rows = (
        (Name(one.intent), str(one.worse), str(one.better), str(one.shared), "yes" if one.is_worse else "no")
        for one in worse
    )
    head = ("intents that got worse", "worse", "better", "compared", "beyond chance")
    return Table(head=head, rows=rows, count=len(worse), align="lrrr", full=INTENTS)


def _changed_utterances(comparison: Comparison, waived: Waived) -> Iterator[Table]:
    # Waived utterances come last, so that a list that is cut off shows the others.
    new = sorted(comparison.newly_failing, key=lambda pair: pair.now.key in waived.keys)
    fixed, still = comparison.fixed, comparison.still_failing
    moved, matched = comparison.relabelled, ("expected", "matched")
    rows = (_cells(pair.now, _intents(pair.now.matched), _mark(waived.waiver_of(pair.now.key))) for pair in new)
    excused = _waived_among(comparison, waived)
    title = f"{len(new)} newly failing, {excused} of them waived" if excused else ""
    yield _fold(len(new), "newly failing", (*matched, ""), rows, brief=UTTERANCES_IN_BRIEF, title=title)
    rows = (_cells(pair.now, _intents(pair.was.matched)) for pair in fixed)
    yield _fold(len(fixed), "fixed", ("expected", "matched before"), rows)
    rows = (_cells(pair.now, _intents(pair.now.matched)) for pair in still)
    yield _fold(len(still), "still failing", matched, rows)
    for way, utterances in (("added", comparison.added), ("removed", comparison.removed)):
        yield _fold(len(utterances), way, ("expected", ""), (_cells(one, _fate(one)) for one in utterances))
    rows = ((Name(pair.now.text), _intents(pair.was.expected), _intents(pair.now.expected)) for pair in moved)
    yield _fold(len(moved), "relabelled", ("expected before", "expected now"), rows)


def _fold(
    count: int, way: str, others: tuple[str, ...], rows: Iterable[Row], *, brief: int | None = None, title: str = ""
) -> Table:
    """Return a table of the utterances that changed in one way, such as ``fixed``."""
    return Table(head=(way, *others), rows=rows, count=count, brief=brief, title=title or f"{count} {way}")


def _fate(utterance: Utterance) -> str:
    return "works" if utterance.passed else "fails" if utterance.is_mismatch else "not evaluated"


def _mismatches(judgement: Judgement) -> Iterator[Table]:
    """Yield tables of the weakest intents, of the confusions, and of the mismatched utterances."""
    wrong, waived = wording.mismatches(judgement), judgement.waived.rows
    utterances = judgement.evidence.utterances if wrong else None
    floors = judgement.rules.intents
    weak = [
        (one, one.f1) for one in intent_scores(utterances or ()) if one.support and one.f1 is not None and one.f1 != 1
    ]
    head: tuple[str, ...] = ("weakest intents", "f1", "recognised", "wrongly matched")
    f1 = (wording.score_text(score, floors.of(one.intent).bounds.get("min_f1")) for one, score in weak)
    rows: Iterable[Row] = (
        (Name(one.intent), text, f"{one.tp} of {one.support}", str(one.fp))
        for (one, _), text in zip(weak, f1, strict=True)
    )
    yield Table(head=head, rows=rows, count=len(weak), align="lrrr", full=INTENTS, brief=INTENTS)
    pairs, head = confusions(utterances or ()), ("expected", "matched", "times")
    rows = ((Name(pair.expected), Name(pair.matched), str(pair.count)) for pair in pairs)
    yield Table(head=head, rows=rows, count=len(pairs), align="llr", full=CONFUSIONS, brief=CONFUSIONS_IN_BRIEF)
    head, title = ("utterance", "expected", "matched", *([""] if waived else [])), counted(len(wrong), "mismatch")
    rows = (_cells(one, _intents(one.matched), _mark(one.row in waived))[: len(head)] for one in wrong)
    yield Table(head=head, rows=rows, count=len(wrong), brief=0, title=title)
