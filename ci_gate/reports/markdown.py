"""``summary.md``: what a reviewer reads, on the page of a run or under a merge request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from ci_gate.core.checks.change_words import shared_chance
from ci_gate.core.intents import confusions, intent_scores
from ci_gate.core.names import intent_text
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import Judged, Source, Unjudged
from ci_gate.core.text.safe import counted, file_stem
from ci_gate.reports import change, wording
from ci_gate.reports.wording import Ending, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ci_gate.core.checks.check import Check
    from ci_gate.core.comparison.compare import Comparison, Pair
    from ci_gate.core.model import Utterance
    from ci_gate.core.report import GateReport, Judgement, SuiteReport
    from ci_gate.core.waivers import Waived, Waiver
    from ci_gate.errors import GateError

Entry = TypeVar("Entry")

LIMIT = 1_000_000
"""How many bytes are written at most: GitHub drops a summary of more than 1 MiB whole."""

SUITES = 100
FINDINGS = 20
INTENTS = 5
CONFUSIONS = 10
WAIVERS = 20
_SYMBOLS = {
    Ending.PASSED: "✅",
    Ending.EXCUSED: "⚠️",
    Ending.ADVISORY: "⚠️",
    Ending.FAILED: "❌",
    Ending.UNJUDGED: "❔",
    Ending.UNREPORTED: "❔",
}
_STANDINGS = {"blocks": "❔ blocks a pass", "tolerated": "➖ tolerated", "warning": "⚠️ warning"}

# What can mean something within a line. A colon before a blank cannot, nor can a point between digits; > and - mean
# something at the start of a line only, where nothing from elsewhere ever stands.
_ACTIVE = re.compile(r"[!#$&*+<@\[\\\]^_`{|}~]|%(?=\w)|(?<=GH)-|:(?! )|(?<![0-9])\.|\.(?![0-9])")
_REFERRING = "@#!&$%~-"


def render(report: GateReport, *, limit: int = LIMIT) -> Iterator[str]:
    """Tell the verdict first, then what it rests on; at most so many bytes, whatever came from the platform.

    Where there is no room at all, a few lines are written nevertheless.
    """
    sentence = wording.exit_sentence(report)
    end = f"<sub>{prose(sentence[0].upper() + sentence[1:])}</sub>\n"
    cut = "**Cut here**: the whole would be too large to be shown. Everything is in report.json.\n"
    room = limit - len(f"{cut}\n{end}".encode())
    for block in _blocks(report):
        room -= len(block.encode()) + 2
        if room < 0:
            yield f"{cut}\n"
            break
        yield f"{block}\n\n"
    yield end


def prose(text: str, length: int = 600) -> str:
    """Make text harmless within a line: no markup, link, mention, table cell, HTML or workflow command.

    Active punctuation becomes numeric entities. The comment after a sign that starts a mention or a reference keeps
    apart what some platforms look for in the finished page, where the entity is a sign again.
    """
    return _ACTIVE.sub(_entity, shortened(text, length))


def quoted(text: str) -> str:
    """Show a name or an utterance as it is."""
    return f"<code>{prose(text, 200)}</code>"


def _entity(match: re.Match[str]) -> str:
    sign = match.group()
    return f"&#{ord(sign)};" + ("<!-- -->" if sign in _REFERRING else "")


def _blocks(report: GateReport) -> Iterator[str]:
    """Give the summary in pieces that make sense one by one."""
    alone = wording.speaks_for_itself(report)
    if not alone:
        ending = wording.ending_of(report)
        yield f"## {_SYMBOLS[ending]} {ending}"
        yield f"<b>{prose(wording.gate_reason(report))}</b>"
        yield from _hint(report.error)
        yield from _suites(report.suites)
    for suite in report.suites:
        ending = wording.ending_of_suite(suite)
        yield f"{'##' if alone else '###'} {_SYMBOLS[ending]} {ending}: {quoted(suite.subject.label)}"
        yield f"<b>{prose(wording.suite_reason(suite))}</b>"
        yield from _suite(suite)


def _word(ending: Ending) -> str:
    return f"{_SYMBOLS[ending]} {ending.lower()}"


def _suites(suites: Sequence[SuiteReport]) -> Iterator[str]:
    if len(suites) > 1:
        rows = []
        for suite in suites[:SUITES]:
            ending = wording.ending_of_suite(suite)
            rows.append((_word(ending), quoted(suite.subject.label), prose(wording.suite_reason(suite), 160)))
        yield _table(("verdict", "suite", "why"), rows, left_out=len(suites) - len(rows))


def _suite(suite: SuiteReport) -> Iterator[str]:
    yield " · ".join(
        f"{fact.before}{quoted(fact.value) if fact.value else ''}{fact.after}" for fact in wording.facts(suite)
    )
    if suite.judgement:
        yield _checks(suite, suite.judgement.checks)
        yield from _findings(suite.judgement)
    if isinstance(suite, Unjudged):
        yield from _hint(suite.error)
    if suite.judgement:
        yield from _scores(suite.judgement)
        yield from _change(suite.judgement)
        yield from _mismatches(suite.judgement)
        yield from _replay(suite, suite.judgement)


def _hint(error: GateError | None) -> Iterator[str]:
    lines = wording.hint_lines(error) if error else []
    if lines:
        yield "What to do: " + "<br>".join(map(prose, lines))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, align: str = "", left_out: int = 0) -> str:
    """Lay out a table; ``align`` holds ``l`` or ``r`` for every column, or nothing where all go to the left."""
    rule = ["--:" if side == "r" else ":--" for side in align or "l" * len(head)]
    lines = [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]
    more = [f"\nand {left_out} more, in report.json"] if left_out else []
    return "\n".join([*lines, *more])


def _checks(suite: SuiteReport, checks: Sequence[Check]) -> str:
    """List the checks; a failed one has the symbol of its suite, since an advisory suite only warns.

    In a suite that was not judged none of them counts.
    """
    failure = _SYMBOLS[wording.ending_of_suite(suite)]
    words = {Outcome.PASSED: "✅ passed", Outcome.FAILED: f"{failure} failed", Outcome.NO_DATA: "❔ no data"}
    if isinstance(suite, Unjudged):
        words |= dict.fromkeys((Outcome.PASSED, Outcome.FAILED), "❔ not judged")
    shown, passed = wording.checks_worth_a_line(checks)
    rows = [(words[check.outcome], prose(check.name), prose(check.measured)) for check in shown]
    if passed:
        rows.append((words[Outcome.PASSED], f"{counted(passed, 'floor')} of intents", "all in report.json"))
    return _table(("outcome", "check", "measured"), rows)


def _findings(judgement: Judgement) -> Iterator[str]:
    findings = wording.findings_in_order(judgement)
    if findings:
        rows = [
            (_STANDINGS[wording.standing(finding)], f"{finding.kind.value}: {prose(wording.finding_text(finding))}")
            for finding in findings[:FINDINGS]
        ]
        yield _table(("evidence", "what is doubtful about it"), rows, left_out=len(findings) - len(rows))


def _scores(judgement: Judgement) -> Iterator[str]:
    rows = [*change.score_rows(judgement)]
    if rows:
        yield _table(("score", "value", "95 % interval"), rows, align="lrr")


def _change(judgement: Judgement) -> Iterator[str]:
    """Say what changed since the baseline; fold away the utterances that changed."""
    comparison, waived = judgement.comparison, judgement.waived
    if comparison:
        lines = [f"Compared with {prose(change.baseline_sentence(comparison))}."]
        lines.append(f"<b>{prose(_sentence(change.change_sentence(comparison, judgement.rules.level)))}</b>.")
        if judgement.rules.share > 1:
            lines.append(f"{prose(_sentence(shared_chance(judgement.rules)))}.")
        if left_out := change.left_out(comparison):
            lines.append(f"Not compared: {', '.join(left_out)}.")
        lines.append(f"{prose(_sentence(change.power_sentence(comparison)))}.")
        yield "<br>".join(lines)
        yield from _intent_changes(comparison)
        yield from _changed(comparison, waived)
    if waived.uses:
        rows = [
            (use.state, prose(use.waiver.subject), str(use.mismatches), *_who(use.waiver))
            for use in waived.uses[:WAIVERS]
        ]
        head = ("waiver", "of", "mismatches", "until", "owner", "reason")
        yield _table(head, rows, align="llrlll", left_out=len(waived.uses) - len(rows))


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _who(waiver: Waiver) -> tuple[str, str, str]:
    return waiver.expires.isoformat(), prose(waiver.owner, 80), prose(waiver.reason, 160)


def _intent_changes(comparison: Comparison) -> Iterator[str]:
    """List the intents that got worse, whether or not beyond chance."""
    worse = [it for it in comparison.intents if it.worse > it.better]
    if worse:
        rows = [
            (quoted(it.intent), str(it.worse), str(it.better), str(it.shared), "❗ yes" if it.is_worse else "no")
            for it in worse[:INTENTS]
        ]
        head = ("intents that got worse", "worse", "better", "compared", "beyond chance")
        yield _table(head, rows, align="lrrrl", left_out=len(worse) - len(rows))


def _changed(comparison: Comparison, waived: Waived) -> Iterator[str]:
    """Fold away what fails now, what was fixed, and what only one of the two runs has."""
    broken = ("newly failing", "expected", "matched", "")
    yield from _fold(broken, comparison.newly_failing, "newly failing", lambda it: (*_row(it.now), _mark(it, waived)))
    before = ("fixed", "expected", "matched before")
    yield from _fold(before, comparison.fixed, "fixed", lambda it: (*_row(it.now)[:2], _intents(it.was.matched)))
    still = ("still failing", "expected", "matched")
    yield from _fold(still, comparison.still_failing, "still failing", lambda it: _row(it.now))
    for title, utterances in (("added", comparison.added), ("removed", comparison.removed)):
        yield from _fold((title, "expected", ""), utterances, title, lambda it: (*_row(it)[:2], _state(it)))
    moved = ("relabelled", "expected before", "expected now")
    yield from _fold(moved, comparison.relabelled, "relabelled", _move)


def _row(utterance: Utterance) -> tuple[str, str, str]:
    return quoted(utterance.text), _intents(utterance.expected), _intents(utterance.matched)


def _move(pair: Pair) -> tuple[str, str, str]:
    return quoted(pair.now.text), _intents(pair.was.expected), _intents(pair.now.expected)


def _intents(intents: tuple[str, ...]) -> str:
    return quoted(intent_text(intents))


def _mark(pair: Pair, waived: Waived) -> str:
    return "waived" if waived.waiver_of(pair.now.key) else ""


def _state(utterance: Utterance) -> str:
    return "works" if utterance.passed else "fails" if utterance.is_mismatch else "not evaluated"


def _fold(
    head: Sequence[str], entries: Sequence[Entry], title: str, row: Callable[[Entry], Sequence[str]]
) -> Iterator[str]:
    """Fold away a list of utterances, of which so many are shown as anybody may want to read here."""
    if entries:
        shown = [row(entry) for entry in entries[: wording.MISMATCHES]]
        table = _table(head, shown, left_out=len(entries) - len(shown))
        yield f"<details><summary>{len(entries)} {title}</summary>\n\n{table}\n\n</details>"


def _mismatches(judgement: Judgement) -> Iterator[str]:
    """Say which intents suffer most and what is taken for what; fold away the utterances."""
    wrong = wording.mismatches(judgement)
    if not wrong:
        return
    utterances = judgement.evidence.utterances or ()
    weak = [scores for scores in intent_scores(utterances) if scores.support and scores.f1 != 1][:INTENTS]
    if weak:
        scored = [
            (quoted(scores.intent), wording.score_text(scores.f1), f"{scores.tp} of {scores.support}", str(scores.fp))
            for scores in weak
        ]
        yield _table(("weakest intents", "f1", "recognised", "wrongly matched"), scored, align="lrrr")
    pairs = confusions(utterances)
    rows = [(quoted(pair.expected), quoted(pair.matched), str(pair.count)) for pair in pairs[:CONFUSIONS]]
    yield _table(("expected", "matched", "times"), rows, align="llr", left_out=len(pairs) - len(rows))
    waived = judgement.waived.rows
    marked = ("",) if waived else ()
    yield from _fold(
        ("utterance", "expected", "matched", *marked),
        wrong,
        "mismatch" if len(wrong) == 1 else "mismatches",
        lambda it: (*_row(it), *(["waived" if it.row in waived else ""] if waived else [])),
    )


def _replay(suite: SuiteReport, judgement: Judgement) -> Iterator[str]:
    """Say how to judge the same run again; of one that was not judged the files alone may show a pass."""
    subject, is_kept = suite.subject, judgement.evidence.utterances is not None and not suite.subject.hidden
    if isinstance(suite, Judged) and subject.source is not Source.FILES and is_kept:
        stem = file_stem(subject.label)
        yield f"Replay under the same settings: `ci-gate check {stem}.results.csv --status {stem}.status.json`"
