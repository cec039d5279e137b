"""The verdict on standard output: what a person reads at the end of a CI log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.core.checks.change_words import shared_chance
from ci_gate.core.intents import confusions, intent_scores
from ci_gate.core.names import intent_text
from ci_gate.core.outcome import Outcome
from ci_gate.core.report import Unjudged
from ci_gate.core.text.safe import counted, log_safe, one_line
from ci_gate.reports import change, wording
from ci_gate.reports.wording import Ending, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ci_gate.core.checks.check import Check
    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.intents import Confusion, IntentScores
    from ci_gate.core.model import Utterance
    from ci_gate.core.report import GateReport, Judgement, SuiteReport
    from ci_gate.core.waivers import Waived
    from ci_gate.errors import GateError

    Paint = Callable[[str, str], str]

CONFUSIONS = 5
INTENTS = 5
NEWLY_FAILING = 10
_NAME = 60
_RED, _GREEN, _YELLOW, _FAINT = "31", "32", "33", "2"
_COLORS = {
    Ending.PASSED: _GREEN,
    Ending.EXCUSED: _YELLOW,
    Ending.ADVISORY: _YELLOW,
    Ending.FAILED: _RED,
    Ending.UNJUDGED: _YELLOW,
    Ending.UNREPORTED: _YELLOW,
}
_OUTCOMES = {
    Outcome.PASSED: ("pass", _GREEN),
    Outcome.FAILED: ("FAIL", _RED),
    Outcome.NO_DATA: ("no data", _YELLOW),
}
_OPEN = ("?", _YELLOW)
_WORD = len("tolerated")


def render(report: GateReport, *, color: bool = False) -> Iterator[str]:
    """Tell the verdict first, then what it rests on, and last what the process ends with.

    Only words of our own are coloured, and nothing is said by colour alone. No line can be read as a command by a CI
    system, and none holds a control character but those of the colours.
    """
    lines = _lines(report, _painted if color else _unpainted)
    return (f"{log_safe(line)}\n" for line in lines)


def _painted(text: str, color: str) -> str:
    return f"\x1b[{color}m{text}\x1b[0m"


def _unpainted(text: str, _color: str) -> str:
    return text


def _lines(report: GateReport, paint: Paint) -> Iterator[str]:
    if not wording.speaks_for_itself(report):
        ending = wording.ending_of(report)
        yield f"{paint(ending, f'1;{_COLORS[ending]}')}  {wording.gate_reason(report)}"
        if report.error:
            yield from _hint(report.error, paint)
        yield ""
    for suite in report.suites:
        yield from _suite(suite, paint)
        yield ""
    yield wording.exit_sentence(report)


def _suite(suite: SuiteReport, paint: Paint) -> Iterator[str]:
    ending = wording.ending_of_suite(suite)
    word = paint(ending, f"1;{_COLORS[ending]}")
    yield f"{word}  {shortened(suite.subject.label)}: {wording.suite_reason(suite)}"
    yield "  " + " · ".join(f"{fact.before}{shortened(fact.value)}{fact.after}" for fact in wording.facts(suite))
    if suite.judgement:
        yield ""
        yield from _checks(suite, suite.judgement.checks, paint)
        yield from _findings(suite.judgement, paint)
    if isinstance(suite, Unjudged):
        yield from _hint(suite.error, paint)
    if suite.judgement:
        yield from _scores(suite.judgement)
        yield from _change(suite.judgement, paint)
        yield from _mismatches(suite.judgement)


def _row(word: str, text: str, paint: Paint, color: str) -> str:
    return f"  {paint(word, color) if word else ''}{' ' * (_WORD - len(word))}  {text}"


def _hint(error: GateError, paint: Paint) -> Iterator[str]:
    for number, line in enumerate(wording.hint_lines(error)):
        yield _row("" if number else "hint", line, paint, _FAINT)


def _checks(suite: SuiteReport, checks: Sequence[Check], paint: Paint) -> Iterator[str]:
    """Align the checks; a failed one has the colour of its suite, since an advisory suite only warns.

    There may be one for each intent, so those that passed are only counted. In a suite that was not judged none counts.
    """
    failure = _COLORS[wording.ending_of_suite(suite)]
    counts = not isinstance(suite, Unjudged)
    shown, passed = wording.checks_worth_a_line(checks)
    width = max((min(len(check.name), _NAME) for check in shown), default=0)
    for check in shown:
        word, color = _OUTCOMES[check.outcome] if counts or check.outcome is Outcome.NO_DATA else _OPEN
        color = failure if check.outcome is Outcome.FAILED else color
        yield _row(word, f"{shortened(check.name).ljust(width)}  {one_line(check.measured)}", paint, color)
    if passed:
        word, color = _OUTCOMES[Outcome.PASSED] if counts else _OPEN
        yield _row(word, f"{counted(passed, 'floor')} of intents, all in report.json", paint, color)


def _findings(judgement: Judgement, paint: Paint) -> Iterator[str]:
    for finding in wording.findings_in_order(judgement):
        color = _FAINT if finding.tolerated else _YELLOW
        yield _row(wording.standing(finding), one_line(wording.finding_text(finding)), paint, color)


def _scores(judgement: Judgement) -> Iterator[str]:
    rows = [("score", "value", "95 % interval"), *change.score_rows(judgement)]
    if len(rows) > 1:
        yield ""
        yield from _table(rows)


def _change(judgement: Judgement, paint: Paint) -> Iterator[str]:
    """Say what changed since the baseline, what fails now that worked, and what could not be seen."""
    comparison = judgement.comparison
    if comparison:
        yield ""
        yield f"  compared with {one_line(change.baseline_sentence(comparison))}"
        yield f"  {change.change_sentence(comparison, judgement.rules.level)}"
        if judgement.rules.share > 1:
            yield f"  {shared_chance(judgement.rules)}"
        if left_out := change.left_out(comparison):
            yield f"  not compared: {', '.join(left_out)}"
        yield f"  {change.power_sentence(comparison)}"
        yield from _newly_failing(comparison, judgement.waived, paint)
    if judgement.waived.uses:
        yield ""
        yield f"  {change.waiver_sentence(judgement.waived)}"


def _newly_failing(comparison: Comparison, waived: Waived, paint: Paint) -> Iterator[str]:
    pairs = comparison.newly_failing
    for pair in pairs[:NEWLY_FAILING]:
        is_waived = waived.waiver_of(pair.now.key) is not None
        expected, matched = (shortened(intent_text(it), 60) for it in (pair.now.expected, pair.now.matched))
        text = f"{shortened(pair.now.text, 80)}: expected {expected}, matched {matched}"
        yield _row("waived" if is_waived else "broke", text, paint, _FAINT if is_waived else _RED)
    if len(pairs) > NEWLY_FAILING:
        yield _row("", f"and {len(pairs) - NEWLY_FAILING} more, in report.json", paint, _FAINT)


def _mismatches(judgement: Judgement) -> Iterator[str]:
    """Say how many utterances the bot got wrong, what it took for what, and which intents suffer most."""
    wrong = wording.mismatches(judgement)
    if not wrong:
        return
    utterances = judgement.evidence.utterances or ()
    yield ""
    yield f"  {counted(len(wrong), 'mismatch')}, {_where(wrong)}"
    yield from _confusions(confusions(utterances))
    weak = [scores for scores in intent_scores(utterances) if scores.support and scores.f1 != 1][:INTENTS]
    if weak:
        yield ""
        yield from _intents(weak)


def _where(wrong: Sequence[Utterance]) -> str:
    if len(wrong) <= wording.MISMATCHES:
        return "listed in summary.md"
    return f"the first {wording.MISMATCHES} in summary.md, all of them in report.json"


def _confusions(pairs: Sequence[Confusion]) -> Iterator[str]:
    shown = pairs[:CONFUSIONS]
    width = max(4, *(len(str(pair.count)) for pair in shown))
    for pair in shown:
        yield f"  {pair.count:>{width}}  expected {shortened(pair.expected)}, matched {shortened(pair.matched)}"
    if len(pairs) > len(shown):
        yield f"  {'':>{width}}  and {counted(len(pairs) - len(shown), 'other pair')}, in report.json"


def _intents(weak: Sequence[IntentScores]) -> Iterator[str]:
    rows = [("weakest intents", "f1", "recognised", "wrongly matched")]
    for scores in weak:
        f1, right = wording.score_text(scores.f1), f"{scores.tp} of {scores.support}"
        rows.append((shortened(scores.intent, 60), f1, right, str(scores.fp)))
    yield from _table(rows)


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Align columns, all but the first to the right."""
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    for name, *cells in rows:
        aligned = (cell.rjust(width) for cell, width in zip(cells, others, strict=True))
        yield "  " + "  ".join((name.ljust(first), *aligned))
