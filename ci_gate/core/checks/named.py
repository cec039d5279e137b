"""Rules about what is named: utterances that must pass, and confusions that must never happen."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.checks.change_words import named_by_chance
from ci_gate.core.checks.check import Check, at_most, more_waived, without_data
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
    name, metric = "must-pass utterances that fail <= 0", "must_pass_failures"
    texts = {*map(normalised, rules.must_pass)}
    named = [utterance for utterance in utterances or () if normalised(utterance.text) in texts]
    found = collapsed(named).values()
    failing = [one for one in found if one.is_mismatch]
    wrong = [one for one in failing if not waived.waiver_of(one.key)]
    # A copy that was not evaluated may be the one that fails.
    lost = _unevaluated(named, waived)
    if utterances is None:
        yield without_data(name, NO_FILE, metric=metric, operator="<=", bound=_NONE, scope=MUST_PASS)
        return
    if not (found or absent):
        return  # they are of another suite
    listing = f": {listed(one.text for one in wrong)}" if wrong else ""
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
    spelling = Spelling(
        utterance.expected for utterance in utterances or ()
    )  # a name of a check does not hang on what was matched
    for pair in rules.forbidden:
        expected, matched = spelling.of(pair.expected), spelling.of(pair.matched)
        name, metric = f"'{expected}' taken for '{matched}' <= 0", "forbidden_confusions"
        expecting = [utterance for utterance in utterances or () if is_intent(pair.expected, utterance.expected)]
        if utterances is None:
            yield without_data(name, NO_FILE, metric=metric, operator="<=", bound=_NONE, scope=FORBIDDEN)
            continue
        if not (expecting or absent):
            continue
        hits = [
            utterance for utterance in expecting if _is_wrong(utterance) and is_intent(pair.matched, utterance.matched)
        ]
        wrong = [utterance for utterance in hits if utterance.row not in waived.rows]
        lost = _unevaluated(expecting, waived)
        named = f": {listed(one.text for one in wrong)}" if wrong else ""
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


def _unevaluated(utterances: Iterable[Utterance], waived: Waived) -> list[str]:
    """Return the utterances, each once, that were not evaluated and that no waiver excuses however they turn out."""
    blank = (utterance for utterance in utterances if not (utterance.is_evaluated or waived.covers_whatever(utterance)))
    return [one.text for one in collapsed(blank).values()]


def _lost(lost: Sequence[str], absent: int) -> str:
    """Say what was not evaluated: utterances of the file by name, of others only how many there are."""
    parts = [f"not evaluated: {listed(lost)}"] if lost else []
    return ", ".join([*parts, *([f"{counted(absent, 'utterance')} {_ABSENT}"] if absent else [])])


def _is_wrong(utterance: Utterance) -> bool:
    """Whether the bot was wrong by the result type, or by the intents themselves, whatever the result type says."""
    accepted, found = intents_key(utterance.expected), intents_key(utterance.matched)
    is_other = {*accepted}.isdisjoint(found) and accepted != found
    return utterance.is_mismatch or (is_other and utterance.result_type is not ResultType.NOT_EVALUATED)


def missing_names(utterances: Iterable[Utterance], rules: Rules) -> list[Name]:
    """Give the names in the rules that nothing in the suite has."""
    # Only what is asked for is kept: the texts of a suite may take many megabytes.
    missing = {(name.is_utterance, name.key) for name in rules.names}
    for utterance in utterances if missing else ():
        missing.discard((True, (normalised(utterance.text),)))
        wanted = intents_key(utterance.expected)
        missing.difference_update((False, key) for key in (wanted or _NO_INTENT, *((single,) for single in wanted)))
    return [name for name in rules.names if (name.is_utterance, name.key) in missing]


def strange_matches(utterances: Sequence[Utterance], rules: Rules) -> Iterator[Finding]:
    """Say of which forbidden matches nobody has ever heard: a name that is written wrongly forbids nothing."""
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
    """Give the intents that a suite expects, and its utterances as they are compared."""
    intents: set[str] = set()
    texts: set[str] = set()
    for utterance in utterances:
        intents.update((*utterance.expected, intent_text(utterance.expected)))
        texts.add(normalised(utterance.text))
    return frozenset(intents), frozenset(texts)
