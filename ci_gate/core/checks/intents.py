"""The floors of intents, judged with the best and with the worst possible results of unevaluated utterances."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.checks.check import Rule
from ci_gate.core.duplicates import collapsed
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.floors import FLOORS, Floors, Standing, floor_outcome, least_support
from ci_gate.core.model import Utterance, listed
from ci_gate.core.names import Spelling, all_keys, intent_text, intents_key, key_of, name_key
from ci_gate.core.outcome import Outcome
from ci_gate.core.rules import Area, OneIntent
from ci_gate.core.text.decimals import exact_text, text_beside
from ci_gate.core.text.safe import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ci_gate.core.checks.check import Check
    from ci_gate.core.rules import Rules

NO_FILE = "there is no readable results file"
_ONLY_TOGETHER = "it is expected only together with other intents, which are scored as one: name them all"
_HIDDEN = "what the results file does not hold may be all of an intent"
_ABSENT = "it may be expected in what the results file does not hold"


def judge_floors(utterances: Sequence[Utterance] | None, rules: Rules, *, absent: int = 0) -> Iterator[Check]:
    """Yield a check for each floor of each intent; all copies of an utterance count as one.

    ``absent`` is the number of utterances of the suite that the file lacks. An intent that has too few utterances and
    no floors of its own gets no check; a floor with which no intent could be compared gets one without data.
    """
    floors = rules.intents
    if not (floors.general.bounds or floors.named):
        return
    judged: set[str] = set()
    scored: set[tuple[str, ...]] = set()
    expected = all_keys(utterance.expected for utterance in utterances or ())
    for one in standings(utterances or (), absent=absent):
        key_of_intent = key_of(one.intent)
        scored.add(key_of_intent)
        own = floors.of(one.intent)
        # Floors of an intent that this suite never expects are for another suite, even if it is wrongly matched here.
        is_named = floors.names(one.intent) and key_of_intent in expected
        for key, floor in own.bounds.items():
            if check := _floor_check(one, key, floor, own, alpha=rules.alpha, is_named=is_named):
                judged.add(key)
                yield check
    where = None if utterances is None else expected
    yield from _unjudged_floors(where, rules, scored, judged, absent=absent)


def standings(utterances: Iterable[Utterance], *, absent: int = 0) -> list[Standing]:
    """Return the counts of every intent that is expected or wrongly matched anywhere, sorted by name."""
    kept = [*collapsed(utterances).values()]
    support: Counter[tuple[str, ...]] = Counter()
    right: Counter[tuple[str, ...]] = Counter()
    lost: Counter[tuple[str, ...]] = Counter()
    wrongly: Counter[tuple[str, ...]] = Counter()
    own: Counter[tuple[str, ...]] = Counter()  # the part of ``unsettled`` that expects or matched the intent
    unsettled = 0
    spelling = Spelling((utterance.expected for utterance in kept), (utterance.matched for utterance in kept))
    names: dict[tuple[str, ...], str] = {}
    for utterance in kept:
        wanted = intents_key(utterance.expected)
        if utterance.expected:
            shown = intent_text(spelling.spelled(utterance.expected))
            names[wanted] = min(shown, names.get(wanted, shown))
            support[wanted] += 1
            right[wanted] += utterance.passed
            lost[wanted] += not utterance.is_evaluated
        if utterance.is_mismatch:
            others = {name_key(intent): intent for intent in utterance.matched if name_key(intent) not in wanted}
            for single, intent in others.items():
                names.setdefault((single,), spelling.of(intent))
                wrongly[(single,)] += 1
        if not utterance.is_evaluated or utterance.may_be_fp:
            unsettled += 1
            for key in {wanted, *((single,) for single in (*wanted, *map(name_key, utterance.matched)))}:
                own[key] += 1
    found = [
        Standing(
            intent=name,
            support=support[key],
            right=right[key],
            lost=lost[key],
            wrongly=wrongly[key],
            stray=unsettled - own[key] if len(key) == 1 else 0,  # only a single intent can be wrongly matched
            absent=absent,
        )
        for key, name in names.items()
    ]
    return sorted(found, key=lambda one: one.intent)


def unsupported(utterances: Iterable[Utterance], rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each general floor that is not applied to some intents, which have too few utterances."""
    general = rules.intents.general
    if not general.bounds:
        return
    unnamed = [one for one in standings(utterances) if one.support and not rules.intents.names(one.intent)]
    for key, floor in general.bounds.items():
        score = FLOORS[key]
        least = least_support(score, floor, general, rules.alpha)
        if small := [one for one in unnamed if one.support < least]:
            have, they_were = ("has", "it was") if len(small) == 1 else ("have", "they were")
            few = f"{counted(len(small), 'intent')} {have} fewer than {counted(least, 'utterance')}"
            named = listed(one.intent for one in small)
            message = f"support too small: {few}, so {they_were} not compared with the floor of {score}: {named}"
            yield Finding(FindingKind.SMALL_SUPPORT, message)


def _unjudged_floors(
    expected: frozenset[tuple[str, ...]] | None,
    rules: Rules,
    scored: set[tuple[str, ...]],
    judged: set[str],
    *,
    absent: int,
) -> Iterator[Check]:
    """Yield a check without data for each floor that was compared with no intent, or perhaps not with every intent.

    The latter holds if the ``absent`` utterances suffice for a further intent, which the file lacks. ``expected`` holds
    the keys of the expected intents; it is ``None`` without a readable results file.
    """
    floors = rules.intents
    for key, floor in floors.general.bounds.items():
        is_hidden = absent >= least_support(FLOORS[key], floor, floors.general, rules.alpha)
        if key not in judged or is_hidden:
            why = NO_FILE if expected is None else _HIDDEN if is_hidden else "no intent has enough utterances"
            yield _rule(key, floor, floors.general).without_data(why)
    for intent, own in floors.named.items():
        is_here = expected is not None and key_of(intent) in expected
        if key_of(intent) in scored or not (is_here or absent or expected is None):
            continue
        why = NO_FILE if expected is None else _ONLY_TOGETHER if is_here else _ABSENT
        for key, floor in own.bounds.items():
            yield _rule(key, floor, own, intent).without_data(why)


def _floor_check(
    one: Standing, key: str, floor: Fraction, own: Floors, *, alpha: Fraction, is_named: bool
) -> Check | None:
    """Return the check of one floor; ``None`` for an intent that is not named and has too few utterances."""
    score, rule = FLOORS[key], _rule(key, floor, own, one.intent)
    least = least_support(score, floor, own, alpha)
    if one.support < least and not is_named and (not one.support or one.support + one.absent < least):
        return None
    outcomes = {
        floor_outcome(score, *one.corner(score, best=best), floor, point=own.point, alpha=alpha)
        for best in (True, False)
    }
    outcome = outcomes.pop() if len(outcomes) == 1 else Outcome.NO_DATA
    if outcome is Outcome.NO_DATA or one.support < least:
        return rule.without_data(_why_no_data(one, score, floor, least))
    right, total = one.share(score)
    share = Fraction(right, total)
    value = 2 * share / (1 + share) if score == "f1" else share
    within = ", within chance" if value < floor and outcome is Outcome.PASSED else ""
    text = text_beside(value, floor)
    beside = f"{'<' if value < floor else '>='} {exact_text(floor)}{within} ({right} of {total})"
    return replace(rule, is_share=True).found(
        actual=value,
        outcome=outcome,
        message=f"{score} of {one.intent} {text} {beside}",
        measured=f"{text}{within} ({right} of {total})",
    )


def _rule(key: str, floor: Fraction, own: Floors, intent: str | None = None) -> Rule:
    """Return the rule for one floor of ``intent``; ``None`` in place of an intent stands for every intent."""
    beyond = "" if own.point else " beyond chance"
    return Rule(
        name=f"{FLOORS[key]} of {'every intent' if intent is None else intent}{beyond} >= {exact_text(floor)}",
        metric=FLOORS[key],
        operator=">=",
        bound=floor,
        scope=Area.EVERY_INTENT if intent is None else OneIntent(intent),
    )


def _why_no_data(one: Standing, score: str, floor: Fraction, least: int) -> str:
    """Return why a score of an intent cannot be compared with a floor."""
    if one.support < least:
        needs = f"a floor of {exact_text(floor)} of {score} needs {least}"
        return f"support too small: {counted(one.support, 'utterance')}, and {needs}"
    lost = one.lost + one.stray + one.absent
    if one.support and one.lost == one.support:
        return "none of its utterances was evaluated"
    if not lost:
        return "none of its utterances was right, but with this few that may be chance"
    return f"{counted(lost, 'utterance')} not evaluated could turn it either way"
