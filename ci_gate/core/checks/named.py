"""Rules about what is named: utterances that must pass, and confusions that must never happen."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.checks.change_words import named_by_chance
from ci_gate.core.checks.check import Rule, at_most, more_waived
from ci_gate.core.checks.intents import NO_FILE
from ci_gate.core.duplicates import collapsed
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.model import ResultType, Utterance, listed
from ci_gate.core.names import (
    NO_INTENT,
    Spelling,
    intent_text,
    intents_key,
    is_intent,
    name_key,
    normalised,
    split_intents,
)
from ci_gate.core.rules import Area, RuleCount
from ci_gate.core.text.safe import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ci_gate.core.checks.check import Check
    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.rules import Name, Rules
    from ci_gate.core.waivers import Waived

_NO_INTENT = (name_key(NO_INTENT),)


def judge_named(
    utterances: Sequence[Utterance] | None,
    rules: Rules,
    waived: Waived,
    *,
    absent: int,
    comparison: Comparison | None,
) -> Iterator[Check]:
    """Check all rules about what is named; ``absent`` utterances of the suite are not among ``utterances``."""
    for judge in (judge_must_pass, judge_forbidden):
        yield from judge(utterances, rules, waived, absent=absent, comparison=comparison)


def judge_must_pass(
    utterances: Sequence[Utterance] | None,
    rules: Rules,
    waived: Waived,
    *,
    absent: int = 0,
    comparison: Comparison | None = None,
) -> Iterator[Check]:
    """Check that none of the utterances that must pass fails, whatever the averages."""
    if not rules.must_pass:
        return
    rule = _none("must-pass utterances that fail", RuleCount.MUST_PASS_FAILURES, Area.MUST_PASS)
    if utterances is None:
        yield rule.without_data(NO_FILE)
        return
    texts = {*map(normalised, rules.must_pass)}
    named = [utterance for utterance in utterances if normalised(utterance.text) in texts]
    found = collapsed(named).values()
    failing = [one for one in found if one.is_mismatch]
    wrong = [one for one in failing if not waived.waiver_of(one.key)]
    if not (found or absent):
        return  # they are of another suite
    listing = f": {listed(one.text for one in wrong)}" if wrong else ""
    verb = "fails" if len(wrong) == 1 else "fail"
    by_chance = named_by_chance(comparison, len(found))
    beside = f"{more_waived(len(failing) - len(wrong))}{listing}{by_chance}"
    message = f"{len(wrong)} of {len(found)} must-pass utterances {verb}{beside}"
    yield _held(rule, len(wrong), _unevaluated(named, waived), absent, message)


def judge_forbidden(
    utterances: Sequence[Utterance] | None,
    rules: Rules,
    waived: Waived,
    *,
    absent: int = 0,
    comparison: Comparison | None = None,
) -> Iterator[Check]:
    """Check for each confusion that must never happen that it does not; of intents that the suite has."""
    if not rules.forbidden:
        return
    # The name of a check does not depend on what was matched.
    spelling = Spelling(utterance.expected for utterance in utterances or ())
    for pair in rules.forbidden:
        expected, matched = spelling.of(pair.expected), spelling.of(pair.matched)
        rule = _none(f"'{expected}' taken for '{matched}'", RuleCount.FORBIDDEN_CONFUSIONS, Area.FORBIDDEN)
        if utterances is None:
            yield rule.without_data(NO_FILE)
            continue
        expecting = [utterance for utterance in utterances if is_intent(pair.expected, utterance.expected)]
        if not (expecting or absent):
            continue
        hits = [
            utterance for utterance in expecting if _is_wrong(utterance) and is_intent(pair.matched, utterance.matched)
        ]
        wrong = [utterance for utterance in hits if utterance.row not in waived.rows]
        named = f": {listed(one.text for one in wrong)}" if wrong else ""
        times = f"{counted(len(wrong), 'time')}{more_waived(len(hits) - len(wrong))}{named}"
        by_chance = named_by_chance(comparison, len(expecting), at_most=True)
        message = f"'{expected}' was taken for '{matched}' {times}{by_chance}"
        yield _held(rule, len(wrong), _unevaluated(expecting, waived), absent, message)


def _none(what: str, metric: RuleCount, scope: Area) -> Rule:
    return Rule(name=f"{what} <= 0", metric=metric, operator="<=", bound=Fraction(0), scope=scope)


def _held(rule: Rule, wrong: int, lost: Sequence[str], absent: int, message: str) -> Check:
    """Check that nothing is ``wrong``; all that was not evaluated may be, a copy of what was right included.

    Which utterances are ``absent`` from the file, once or twice, is not known. What is wrong beside either is no
    matter of the bot alone.
    """
    rule = replace(rule, is_excusable=not (wrong and (lost or absent)))
    return at_most(rule, wrong, wrong + len(lost) + absent, message=message, lost=_lost(lost, absent))


def _unevaluated(utterances: Iterable[Utterance], waived: Waived) -> list[str]:
    """Return the utterances, each once, that were not evaluated and that no waiver excuses however they turn out."""
    blank = (utterance for utterance in utterances if not (utterance.is_evaluated or waived.covers_whatever(utterance)))
    return [one.text for one in collapsed(blank).values()]


def _lost(lost: Sequence[str], absent: int) -> str:
    """Return what was not evaluated: the texts of utterances in the file, of others only their number."""
    in_file = f"not evaluated: {listed(lost)}" if lost else ""
    missing = f"{counted(absent, 'utterance')} that the results file does not hold" if absent else ""
    return ", ".join(filter(None, (in_file, missing)))


def _is_wrong(utterance: Utterance) -> bool:
    """Whether the bot was wrong by the result type, or by the intents themselves, whatever the result type says."""
    accepted, found = intents_key(utterance.expected), intents_key(utterance.matched)
    is_other = {*accepted}.isdisjoint(found) and accepted != found
    return utterance.is_mismatch or (is_other and utterance.result_type is not ResultType.NOT_EVALUATED)


def missing_names(utterances: Iterable[Utterance], rules: Rules) -> list[Name]:
    """Return the names in the rules that nothing in the suite has."""
    # Only what is asked for is kept: the texts of a suite may take many megabytes.
    missing = {(name.is_utterance, name.key) for name in rules.names}
    for utterance in utterances if missing else ():
        missing.discard((True, (normalised(utterance.text),)))
        wanted = intents_key(utterance.expected)
        missing.difference_update((False, key) for key in (wanted or _NO_INTENT, *((single,) for single in wanted)))
    return [name for name in rules.names if (name.is_utterance, name.key) in missing]


def strange_matches(utterances: Sequence[Utterance], rules: Rules) -> Iterator[Finding]:
    """Warn about forbidden matches that occur nowhere in the suite: a misspelt name forbids nothing."""
    if not rules.forbidden:
        return
    known = {
        name_key(intent) for utterance in utterances for intent in (NO_INTENT, *utterance.expected, *utterance.matched)
    }
    for pair in rules.forbidden:
        expected = any(is_intent(pair.expected, utterance.expected) for utterance in utterances)
        if expected and not known.issuperset(intents_key(split_intents(pair.matched))):
            message = f"nothing in this suite is expected or matched as '{pair.matched}', which is forbidden there"
            yield Finding(FindingKind.UNKNOWN_NAME, f"{message}: is the name right?")


def names_in(utterances: Iterable[Utterance]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the intents that a suite expects, and its utterances as they are compared."""
    intents: set[str] = set()
    texts: set[str] = set()
    for utterance in utterances:
        intents.update((*utterance.expected, intent_text(utterance.expected)))
        texts.add(normalised(utterance.text))
    return frozenset(intents), frozenset(texts)
