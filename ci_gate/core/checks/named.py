"""Rules about what is named: utterances that must pass, and confusions that must never happen."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.checks.change_words import named_by_chance
from ci_gate.core.checks.check import Check, at_most, more_waived, without_data
from ci_gate.core.checks.intents import NO_FILE
from ci_gate.core.duplicates import collapsed
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.model import Case, ResultType, listed
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
from ci_gate.core.text.safe import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.rules import Name, Rules
    from ci_gate.core.waivers import Waived

MUST_PASS, FORBIDDEN = "must-pass", "forbidden"
_ABSENT = "that the results file does not hold"
_NONE = Fraction(0)
_NO_INTENT = (name_key(NO_INTENT),)


def judge_must_pass(
    cases: Sequence[Case] | None,
    rules: Rules,
    waived: Waived,
    *,
    absent: int = 0,
    comparison: Comparison | None = None,
) -> Iterator[Check]:
    """Check that none of the utterances that must pass fails, whatever the averages."""
    if not rules.must_pass:
        return
    name, metric = "must-pass utterances that fail <= 0", "must_pass_failures"
    texts = {*map(normalised, rules.must_pass)}
    named = [case for case in cases or () if normalised(case.utterance) in texts]
    found = collapsed(named).values()
    failing = [one for one in found if one.is_mismatch]
    wrong = [one for one in failing if not waived.waiver_of(one.key)]
    # A copy that was not evaluated may be the one that fails.
    lost = _unevaluated(named, waived)
    if cases is None:
        yield without_data(name, NO_FILE, metric=metric, operator="<=", bound=_NONE, scope=MUST_PASS)
        return
    if not (found or absent):
        return  # they are of another suite
    listing = f": {listed(one.utterance for one in wrong)}" if wrong else ""
    verb = "fails" if len(wrong) == 1 else "fail"
    by_chance = named_by_chance(comparison, len(found))
    message = (
        f"{len(wrong)} of {len(found)} must-pass utterances {verb}{more_waived(len(failing) - len(wrong))}{listing}"
    )
    yield at_most(
        0,
        len(wrong),
        most=len(wrong) + len(lost) + absent,  # which of them the file lacks, once or twice, nobody knows
        name=name,
        metric=metric,
        message=f"{message}{by_chance}",
        scope=MUST_PASS,
        is_excusable=not (lost or absent),
        lost=_lost(lost, absent),
    )


def judge_forbidden(
    cases: Sequence[Case] | None,
    rules: Rules,
    waived: Waived,
    *,
    absent: int = 0,
    comparison: Comparison | None = None,
) -> Iterator[Check]:
    """Check for each confusion that must never happen that it does not; of intents that the suite has."""
    if not rules.forbidden:
        return
    spelling = Spelling(case.expected for case in cases or ())  # a name of a check does not hang on what was matched
    for pair in rules.forbidden:
        expected, matched = spelling.of(pair.expected), spelling.of(pair.matched)
        name, metric = f"'{expected}' taken for '{matched}' <= 0", "forbidden_confusions"
        expecting = [case for case in cases or () if is_intent(pair.expected, case.expected)]
        if cases is None:
            yield without_data(name, NO_FILE, metric=metric, operator="<=", bound=_NONE, scope=FORBIDDEN)
            continue
        if not (expecting or absent):
            continue
        hits = [case for case in expecting if _is_wrong(case) and is_intent(pair.matched, case.matched)]
        wrong = [case for case in hits if case.row not in waived.rows]
        lost = _unevaluated(expecting, waived)
        named = f": {listed(case.utterance for case in wrong)}" if wrong else ""
        times = f"{counted(len(wrong), 'time')}{more_waived(len(hits) - len(wrong))}{named}"
        by_chance = named_by_chance(comparison, len(expecting), at_most=True)
        yield at_most(
            0,
            len(wrong),
            most=len(wrong) + len(lost) + absent,
            name=name,
            metric=metric,
            message=f"'{expected}' was taken for '{matched}' {times}{by_chance}",
            scope=FORBIDDEN,
            is_excusable=not (lost or absent),
            lost=_lost(lost, absent),
        )


def _unevaluated(cases: Iterable[Case], waived: Waived) -> list[str]:
    """Return the utterances, each once, that were not evaluated and that no waiver excuses however they turn out."""
    blank = (case for case in cases if not (case.is_evaluated or waived.covers_whatever(case)))
    return [one.utterance for one in collapsed(blank).values()]


def _lost(lost: Sequence[str], absent: int) -> str:
    """Say what was not evaluated: utterances of the file by name, of others only how many there are."""
    told = [f"not evaluated: {listed(lost)}"] if lost else []
    return ", ".join([*told, *([f"{counted(absent, 'utterance')} {_ABSENT}"] if absent else [])])


def _is_wrong(case: Case) -> bool:
    """Whether the bot was wrong by the result type, or by the intents themselves, whatever the result type says."""
    accepted, found = intents_key(case.expected), intents_key(case.matched)
    is_other = {*accepted}.isdisjoint(found) and accepted != found
    return case.is_mismatch or (is_other and case.result_type is not ResultType.NOT_EVALUATED)


def missing_names(cases: Iterable[Case], rules: Rules) -> list[Name]:
    """Give the names in the rules that nothing in the suite has."""
    # Only what is asked for is kept: the texts of a suite may take many megabytes.
    missing = {(name.is_utterance, name.key) for name in rules.names}
    for case in cases if missing else ():
        missing.discard((True, (normalised(case.utterance),)))
        wanted = intents_key(case.expected)
        missing.difference_update((False, key) for key in (wanted or _NO_INTENT, *((single,) for single in wanted)))
    return [name for name in rules.names if (name.is_utterance, name.key) in missing]


def strange_matches(cases: Sequence[Case], rules: Rules) -> Iterator[Finding]:
    """Say of which forbidden matches nobody has ever heard: a name that is written wrongly forbids nothing."""
    if not rules.forbidden:
        return
    known = {name_key(intent) for case in cases for intent in (NO_INTENT, *case.expected, *case.matched)}
    for pair in rules.forbidden:
        expected = any(is_intent(pair.expected, case.expected) for case in cases)
        if expected and not known.issuperset(intents_key(split_intents(pair.matched))):
            message = f"nothing in this suite is expected or matched as '{pair.matched}', which is forbidden there"
            yield Finding(FindingKind.UNKNOWN_NAME, f"{message}: is the name right?")


def names_in(cases: Iterable[Case]) -> tuple[frozenset[str], frozenset[str]]:
    """Give the intents that a suite expects, and its utterances as they are compared."""
    intents: set[str] = set()
    utterances: set[str] = set()
    for case in cases:
        intents.update((*case.expected, intent_text(case.expected)))
        utterances.add(normalised(case.utterance))
    return frozenset(intents), frozenset(utterances)
