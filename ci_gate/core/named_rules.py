"""Rules about what is named: floors of intents, utterances that must pass, confusions that must never happen."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.checks import Check, Outcome, at_most, without_data
from ci_gate.core.copies import collapsed
from ci_gate.core.figures import exact_text, text_beside
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.floors import FLOORS, counted_for, is_below
from ci_gate.core.intents import intent_scores
from ci_gate.core.model import NO_INTENT, Case, intent_text, listed, normalised
from ci_gate.core.waivers import is_intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ci_gate.core.floors import Floors
    from ci_gate.core.intents import IntentScores
    from ci_gate.core.rules import Name, Rules
    from ci_gate.core.waivers import Waived

_NO_FILE = "there is no readable results file"
MUST_PASS, FORBIDDEN = "must-pass", "forbidden"


def judge_floors(cases: Sequence[Case] | None, rules: Rules) -> Iterator[Check]:
    """Hold every intent against its floors, one check for each; copies of an utterance count once."""
    floors = rules.intents
    scores = intent_scores(collapsed(cases).values()) if cases is not None else ()
    judged: set[str] = set()
    for intent in sorted(scores, key=lambda one: one.intent):
        own = floors.of(intent.intent)
        for key, floor in own.bounds.items():
            check = _floor_check(intent, key, floor, own, alpha=rules.alpha, is_named=floors.names(intent.intent))
            if check:
                judged.add(key)
                yield check
    for key, floor in floors.general.bounds.items():
        if key not in judged:
            name = f"{FLOORS[key]} of every intent >= {exact_text(floor)}"
            why = _NO_FILE if cases is None else f"no intent has {floors.general.min_support} utterances"
            yield without_data(name, why, metric=FLOORS[key], operator=">=", bound=floor, scope="intents")
    if cases is None:
        for intent_name, own in floors.named.items():
            for key, floor in own.bounds.items():
                name = f"{FLOORS[key]} of {intent_name} >= {exact_text(floor)}"
                yield without_data(name, _NO_FILE, metric=FLOORS[key], operator=">=", bound=floor, scope=intent_name)


def _floor_check(
    intent: IntentScores, key: str, floor: Fraction, own: Floors, *, alpha: Fraction, is_named: bool
) -> Check | None:
    """Give the check of one floor; none where the intent has too few utterances and is not asked for by name."""
    score = FLOORS[key]
    right, counted = counted_for(score, intent)
    name = f"{score} of {intent.intent} >= {exact_text(floor)}"
    if counted < max(1, own.min_support):
        if not is_named:
            return None
        why = f"support too small: {counted} utterances, and min_support is {own.min_support}"
        return without_data(name, why, metric=score, operator=">=", bound=floor, scope=intent.intent)
    value = _value(score, intent)
    failed = is_below(score, intent, floor, point=own.point, alpha=float(alpha))
    low = value < floor
    verb = "<" if low else ">="
    within = ", within chance" if low and not failed else ""
    text = text_beside(value, floor)
    told = f"{verb} {exact_text(floor)}{within} ({right} of {counted})"
    return Check(
        name=name,
        metric=score,
        operator=">=",
        bound=floor,
        actual=value,
        outcome=Outcome.FAILED if failed else Outcome.PASSED,
        message=f"{score} of {intent.intent} {text} {told}",
        measured=f"{text}{within} ({right} of {counted})",
        scope=intent.intent,
        is_share=True,
        is_of_intent=True,
    )


def _value(score: str, intent: IntentScores) -> Fraction:
    value = {"f1": intent.f1, "precision": intent.precision, "recall": intent.recall}[score]
    return value or Fraction(0)


def unsupported(cases: Iterable[Case], rules: Rules) -> Iterator[Finding]:
    """Say which intents have too few utterances to be held against the floor of every intent."""
    floors = rules.intents
    if not floors.general.bounds:
        return
    small = [
        one
        for one in intent_scores(collapsed(cases).values())
        if 0 < one.support < floors.general.min_support and not floors.names(one.intent)
    ]
    if small:
        least = floors.general.min_support
        verb = "intents have" if len(small) > 1 else "intent has"
        message = f"support too small: {len(small)} {verb} fewer than {least} utterances and no floor was held against"
        yield Finding(FindingKind.SMALL_SUPPORT, f"{message} them: {listed(one.intent for one in small)}")


def judge_must_pass(cases: Sequence[Case] | None, rules: Rules, waived: Waived) -> Iterator[Check]:
    """Check that none of the utterances that must pass fails, whatever the averages."""
    if not rules.must_pass:
        return
    name, metric = "must-pass utterances that fail <= 0", "must_pass_failures"
    texts = {*map(normalised, rules.must_pass)}
    found = [one for one in collapsed(cases or ()).values() if normalised(one.utterance) in texts]
    failing = [one for one in found if one.is_mismatch]
    excused = [one for one in failing if waived.waiver_of(one.key)]
    wrong = [one for one in failing if one not in excused]
    lost = [one for one in found if not (one.passed or one.is_mismatch)]
    if not wrong and (cases is None or lost or not found):
        why = _NO_FILE if cases is None else "not one of them is in the suite"
        if lost:
            why = f"not evaluated by the platform: {listed(one.utterance for one in lost)}"
        yield without_data(name, why, metric=metric, operator="<=", bound=Fraction(0), scope=MUST_PASS)
        return
    more = f" ({len(excused)} more are waived)" if excused else ""
    named = f": {listed(one.utterance for one in wrong)}" if wrong else ""
    message = f"{len(wrong)} of {len(found)} must-pass utterances fail{more}{named}"
    yield at_most(0, len(wrong), name=name, metric=metric, message=message, scope=MUST_PASS)


def judge_forbidden(cases: Sequence[Case] | None, rules: Rules, waived: Waived) -> Iterator[Check]:
    """Check for each confusion that must never happen that it does not; of intents that the suite has."""
    for pair in rules.forbidden:
        name, metric = f"'{pair.expected}' taken for '{pair.matched}' <= 0", "forbidden_confusions"
        if cases is None:
            yield without_data(name, _NO_FILE, metric=metric, operator="<=", bound=Fraction(0), scope=FORBIDDEN)
            continue
        expecting = [case for case in cases if is_intent(pair.expected, case.expected)]
        if not expecting:
            continue
        hits = [case for case in expecting if case.is_mismatch and is_intent(pair.matched, case.matched)]
        wrong = [case for case in hits if case.row not in waived.rows]
        more = f" ({len(hits) - len(wrong)} more are waived)" if len(wrong) < len(hits) else ""
        named = f": {listed(case.utterance for case in wrong)}" if wrong else ""
        message = f"'{pair.expected}' was taken for '{pair.matched}' {len(wrong)} times{more}{named}"
        yield at_most(0, len(wrong), name=name, metric=metric, message=message, scope=FORBIDDEN)


def missing_names(cases: Iterable[Case], rules: Rules) -> list[Name]:
    """Give the names in the rules that nothing in the suite has."""
    # Only what is asked for is kept: the texts of a suite may take many megabytes.
    missing = {(name.is_utterance, _folded(name)): name for name in rules.names}
    for case in cases if missing else ():
        missing.pop((True, normalised(case.utterance)), None)
        for intent in (*case.expected, intent_text(case.expected)):
            missing.pop((False, intent.casefold()), None)
    return [*missing.values()]


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
