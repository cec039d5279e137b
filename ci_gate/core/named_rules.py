"""Rules about what is named: floors of intents, utterances that must pass, confusions that must never happen."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.checks import Check, Outcome, at_most, more_waived, without_data
from ci_gate.core.copies import collapsed
from ci_gate.core.figures import exact_text, text_beside
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.floors import FLOORS, counted_for, is_below
from ci_gate.core.intents import IntentScores, intent_scores
from ci_gate.core.model import NO_INTENT, Case, ResultType, intent_text, listed, normalised
from ci_gate.core.plain import counted
from ci_gate.core.waivers import is_intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ci_gate.core.floors import Floors, IntentFloors
    from ci_gate.core.rules import Name, Rules
    from ci_gate.core.waivers import Waived

_NO_FILE = "there is no readable results file"
_ONLY_TOGETHER = "it is expected only together with other intents, which are scored as one: name them all"
MUST_PASS, FORBIDDEN = "must-pass", "forbidden"


def judge_floors(cases: Sequence[Case] | None, rules: Rules) -> Iterator[Check]:
    """Hold every intent against its floors, one check for each; copies of an utterance count once."""
    floors = rules.intents
    if not (floors.general.bounds or floors.named):
        return
    judged: set[str] = set()
    scored: set[str] = set()
    for intent, lost in _intents_of(cases or ()):
        scored.add(intent.intent.casefold())
        own = floors.of(intent.intent)
        # One that this suite never expects is named for another suite, even where something is taken for it here.
        is_named = floors.names(intent.intent) and _has_intent(cases or (), intent.intent)
        for key, floor in own.bounds.items():
            check = _floor_check(intent, key, floor, own, alpha=rules.alpha, is_named=is_named, lost=lost)
            if check:
                judged.add(key)
                yield check
    yield from _unjudged_floors(cases, floors, scored, judged)


def _intents_of(cases: Iterable[Case]) -> list[tuple[IntentScores, int]]:
    """Score the intents by name, each with how many of its utterances were not evaluated; copies count once."""
    kept = collapsed(cases).values()
    lost = Counter(intent_text(case.expected).casefold() for case in kept if not case.is_evaluated)
    scores = {one.intent.casefold(): one for one in intent_scores(kept)}
    for case in kept:
        name = intent_text(case.expected)
        if case.expected and name.casefold() not in scores:
            scores[name.casefold()] = IntentScores(intent=name, support=0, tp=0, fp=0, fn=0)
    return [(one, lost[one.intent.casefold()]) for one in sorted(scores.values(), key=lambda one: one.intent)]


def _unjudged_floors(
    cases: Sequence[Case] | None, floors: IntentFloors, scored: set[str], judged: set[str]
) -> Iterator[Check]:
    """Say which floors nothing could be held against: what was not measured is no pass."""
    least = max(1, floors.general.min_support)
    for key, floor in floors.general.bounds.items():
        if key not in judged:
            name = f"{FLOORS[key]} of every intent >= {exact_text(floor)}"
            why = _NO_FILE if cases is None else f"no intent has {counted(least, 'utterance')} or more"
            yield without_data(name, why, metric=FLOORS[key], operator=">=", bound=floor, scope="intents")
    for intent, own in floors.named.items():
        if intent.casefold() in scored or not (cases is None or _has_intent(cases, intent)):
            continue
        for key, floor in own.bounds.items():
            name = f"{FLOORS[key]} of {intent} >= {exact_text(floor)}"
            why = _NO_FILE if cases is None else _ONLY_TOGETHER
            yield without_data(name, why, metric=FLOORS[key], operator=">=", bound=floor, scope=intent)


def _has_intent(cases: Iterable[Case], intent: str) -> bool:
    return any(is_intent(intent, case.expected) for case in cases)


def _floor_check(
    intent: IntentScores, key: str, floor: Fraction, own: Floors, *, alpha: Fraction, is_named: bool, lost: int
) -> Check | None:
    """Give the check of one floor; none where the suite has too few utterances of an intent not asked for by name."""
    score = FLOORS[key]
    right, total = counted_for(score, intent)
    name = f"{score} of {intent.intent} >= {exact_text(floor)}"
    if not is_named and _support(score, intent) + lost < max(1, own.min_support):
        return None
    if why := _why_no_data(score, intent, own, lost=lost):
        return without_data(name, why, metric=score, operator=">=", bound=floor, scope=intent.intent)
    share = Fraction(right, total)
    value = 2 * share / (1 + share) if score == "f1" else share
    failed = is_below(score, intent, floor, point=own.point, alpha=float(alpha))
    low = value < floor
    verb = "<" if low else ">="
    within = ", within chance" if low and not failed else ""
    text = text_beside(value, floor)
    told = f"{verb} {exact_text(floor)}{within} ({right} of {total})"
    return Check(
        name=name,
        metric=score,
        operator=">=",
        bound=floor,
        actual=value,
        outcome=Outcome.FAILED if failed else Outcome.PASSED,
        message=f"{score} of {intent.intent} {text} {told}",
        measured=f"{text}{within} ({right} of {total})",
        scope=intent.intent,
        is_share=True,
        is_of_intent=True,
    )


def _support(score: str, intent: IntentScores) -> int:
    """Give how many utterances tell of an intent: no fewer than expect it, however seldom the bot matches it."""
    return max(intent.support, counted_for(score, intent)[1])


def _why_no_data(score: str, intent: IntentScores, own: Floors, *, lost: int) -> str:
    """Say why a score of an intent cannot be held against a floor; nothing where it can."""
    support = _support(score, intent)
    if lost and not support:
        return "not one of its utterances was evaluated by the platform"
    if support < max(1, own.min_support):
        more = f"; {lost} more {'was' if lost == 1 else 'were'} not evaluated by the platform" if lost else ""
        return f"support too small: {counted(support, 'utterance')}, and min_support is {own.min_support}{more}"
    return "" if counted_for(score, intent)[1] else "no utterance was matched as it: TP+FP is 0"


def unsupported(cases: Iterable[Case], rules: Rules) -> Iterator[Finding]:
    """Say for each floor of every intent which intents have too few utterances to be held against it."""
    floors = rules.intents
    if not floors.general.bounds:
        return
    least = max(1, floors.general.min_support)
    unnamed = [(one, lost) for one, lost in _intents_of(cases) if not floors.names(one.intent) and one.support + lost]
    for score in map(FLOORS.__getitem__, floors.general.bounds):
        small = [one for one, lost in unnamed if _support(score, one) + lost < least]
        if small:
            have, them = ("has", "it") if len(small) == 1 else ("have", "them")
            few = f"{counted(len(small), 'intent')} {have} fewer than {counted(least, 'utterance')}"
            named = listed(one.intent for one in small)
            message = f"support too small: {few}, so no floor of {score} was held against {them}: {named}"
            yield Finding(FindingKind.SMALL_SUPPORT, message)


def judge_must_pass(cases: Sequence[Case] | None, rules: Rules, waived: Waived) -> Iterator[Check]:
    """Check that none of the utterances that must pass fails, whatever the averages."""
    if not rules.must_pass:
        return
    name, metric = "must-pass utterances that fail <= 0", "must_pass_failures"
    texts = {*map(normalised, rules.must_pass)}
    named = [case for case in cases or () if normalised(case.utterance) in texts]
    found = collapsed(named).values()
    failing = [one for one in found if one.is_mismatch]
    wrong = [one for one in failing if not waived.waiver_of(one.key)]
    excused = len(failing) - len(wrong)
    # A copy that was not evaluated may be the one that fails.
    lost = [*collapsed(case for case in named if not case.is_evaluated).values()]
    if cases is not None and not found:
        return  # they are of another suite
    if cases is None or (lost and not wrong):
        why = f"not evaluated by the platform: {listed(one.utterance for one in lost)}" if lost else _NO_FILE
        yield without_data(name, why, metric=metric, operator="<=", bound=Fraction(0), scope=MUST_PASS)
        return
    listing = f": {listed(one.utterance for one in wrong)}" if wrong else ""
    verb = "fails" if len(wrong) == 1 else "fail"
    message = f"{len(wrong)} of {len(found)} must-pass utterances {verb}{more_waived(excused)}{listing}"
    yield at_most(0, len(wrong), name=name, metric=metric, message=message, scope=MUST_PASS, is_excusable=not lost)


def judge_forbidden(cases: Sequence[Case] | None, rules: Rules, waived: Waived) -> Iterator[Check]:
    """Check for each confusion that must never happen that it does not; of intents that the suite has."""
    for pair in rules.forbidden:
        name, metric = f"'{pair.expected}' taken for '{pair.matched}' <= 0", "forbidden_confusions"
        expecting = [case for case in cases or () if is_intent(pair.expected, case.expected)]
        if cases is not None and not expecting:
            continue
        hits = [case for case in expecting if _is_wrong(case) and is_intent(pair.matched, case.matched)]
        wrong = [case for case in hits if case.row not in waived.rows]
        lost = [case for case in expecting if not case.is_evaluated]
        if cases is None or (lost and not wrong):
            why = f"not evaluated by the platform: {listed(case.utterance for case in lost)}" if lost else _NO_FILE
            yield without_data(name, why, metric=metric, operator="<=", bound=Fraction(0), scope=FORBIDDEN)
            continue
        named = f": {listed(case.utterance for case in wrong)}" if wrong else ""
        times = f"{counted(len(wrong), 'time')}{more_waived(len(hits) - len(wrong))}{named}"
        message = f"'{pair.expected}' was taken for '{pair.matched}' {times}"
        yield at_most(0, len(wrong), name=name, metric=metric, message=message, scope=FORBIDDEN, is_excusable=not lost)


def _is_wrong(case: Case) -> bool:
    """Whether the bot was wrong by the result type, or by the intents themselves, whatever the result type says."""
    accepted = {intent.casefold() for intent in case.expected}
    is_other = accepted.isdisjoint(intent.casefold() for intent in case.matched) and case.expected != case.matched
    return case.is_mismatch or (is_other and case.result_type is not ResultType.NOT_EVALUATED)


def missing_names(cases: Iterable[Case], rules: Rules) -> list[Name]:
    """Give the names in the rules that nothing in the suite has."""
    # Only what is asked for is kept: the texts of a suite may take many megabytes.
    missing = {(name.is_utterance, _folded(name)) for name in rules.names}
    for case in cases if missing else ():
        missing.discard((True, normalised(case.utterance)))
        missing.difference_update((False, intent.casefold()) for intent in (*case.expected, intent_text(case.expected)))
    return [name for name in rules.names if (name.is_utterance, _folded(name)) in missing]


def strange_matches(cases: Sequence[Case], rules: Rules) -> Iterator[Finding]:
    """Say of which forbidden matches nobody has ever heard: a name that is written wrongly forbids nothing."""
    if not rules.forbidden:
        return
    folded = {intent.casefold() for case in cases for intent in (NO_INTENT, *case.expected, *case.matched)}
    for pair in rules.forbidden:
        expected = any(is_intent(pair.expected, case.expected) for case in cases)
        if expected and pair.matched.casefold() not in folded:
            message = f"nothing in this suite is expected or matched as '{pair.matched}', which is forbidden there"
            yield Finding(FindingKind.UNKNOWN_NAME, f"{message}: is the name right?")


def _folded(name: Name) -> str:
    return normalised(name.text) if name.is_utterance else name.text.casefold()


def names_in(cases: Iterable[Case]) -> tuple[frozenset[str], frozenset[str]]:
    """Give the intents that a suite expects, and its utterances as they are compared."""
    intents: set[str] = set()
    utterances: set[str] = set()
    for case in cases:
        intents.update((*case.expected, intent_text(case.expected)))
        utterances.add(normalised(case.utterance))
    return frozenset(intents), frozenset(utterances)
