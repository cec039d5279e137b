"""The rules about utterances and intents by name: must-pass utterances and forbidden confusions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, product
from typing import TYPE_CHECKING

from ci_gate.core.checks.change_words import named_by_chance
from ci_gate.core.checks.check import Rule, at_most, more_waived
from ci_gate.core.checks.intents import NO_FILE
from ci_gate.core.duplicates import collapsed
from ci_gate.core.findings import Finding, FindingKind
from ci_gate.core.model import Utterance, listed
from ci_gate.core.names import (
    NO_INTENT,
    Spelling,
    all_keys,
    each_of,
    key_of,
    keys_of,
    name_key,
    normalised,
    split_intents,
)
from ci_gate.core.rules import Area, RuleCount
from ci_gate.core.text.nearest import Slips
from ci_gate.core.text.safe import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ci_gate.core.checks.check import Check
    from ci_gate.core.comparison.compare import Comparison
    from ci_gate.core.rules import Forbidden, Name, Rules
    from ci_gate.core.waivers import Waived

_MOST = 5


def judge_named(
    utterances: Sequence[Utterance] | None,
    rules: Rules,
    waived: Waived,
    *,
    absent: int,
    comparison: Comparison | None,
) -> Iterator[Check]:
    """Yield the checks of the must-pass and forbidden rules; the file lacks ``absent`` utterances of the suite."""
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
    """Yield the check that no must-pass utterance fails, unless the suite certainly contains none of them."""
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
        return  # the must-pass utterances belong to another suite
    listing = f": {listed(one.text for one in wrong)}" if wrong else ""
    verb = "fails" if len(wrong) == 1 else "fail"
    by_chance = named_by_chance(comparison, len(found))
    beside = f"{more_waived(len(failing) - len(wrong))}{listing}{by_chance}"
    message = f"{len(wrong)} of {len(found)} must-pass utterances {verb}{beside}"
    blank = (one for one in named if not (one.is_evaluated or waived.covers_whatever(one)))
    yield _held(rule, len(wrong), _texts(blank), absent, message)


def judge_forbidden(
    utterances: Sequence[Utterance] | None,
    rules: Rules,
    waived: Waived,
    *,
    absent: int = 0,
    comparison: Comparison | None = None,
) -> Iterator[Check]:
    """Yield a check for each forbidden confusion whose expected intent the suite contains or may contain."""
    if not rules.forbidden:
        return
    # Expected intents alone decide the spelling, so that matches do not change the name of a check.
    spelling = Spelling(utterance.expected for utterance in utterances or ())
    found = _Confusions.of(utterances or (), rules.forbidden, waived)
    for pair in rules.forbidden:
        expected, matched = spelling.of(pair.expected), spelling.of(pair.matched)
        rule = _none(f"'{expected}' taken for '{matched}'", RuleCount.FORBIDDEN_CONFUSIONS, Area.FORBIDDEN)
        if utterances is None:
            yield rule.without_data(NO_FILE)
            continue
        key = key_of(pair.expected)
        if not (found.expecting[key] or absent):
            continue
        hits = found.hits.get((key, key_of(pair.matched)), ())
        wrong = [utterance for utterance in hits if not waived.excuses(pair, utterance)]
        named = f": {listed(one.text for one in wrong)}" if wrong else ""
        times = f"{counted(len(wrong), 'time')}{more_waived(len(hits) - len(wrong))}{named}"
        by_chance = named_by_chance(comparison, found.expecting[key], at_most=True)
        message = f"'{expected}' was taken for '{matched}' {times}{by_chance}"
        yield _held(rule, len(wrong), found.lost.get(key, ()), absent, message)


@dataclass(frozen=True, slots=True)
class _Confusions:
    """The utterances that expect the ``expected`` intent of a forbidden pair, grouped by the key of that intent.

    ``expecting`` is their number per key, and ``lost`` the texts of those that were not evaluated and that no waiver
    excuses. ``hits`` maps each pair of expected and matched key to the utterances with this confusion.
    """

    expecting: Counter[tuple[str, ...]]
    lost: Mapping[tuple[str, ...], Sequence[str]]
    hits: Mapping[tuple[tuple[str, ...], tuple[str, ...]], Sequence[Utterance]]

    @classmethod
    def of(cls, utterances: Iterable[Utterance], pairs: Iterable[Forbidden], waived: Waived) -> _Confusions:
        """Collect the confusions in one pass over the utterances, however many pairs are forbidden."""
        asked = {key_of(pair.expected) for pair in pairs}
        expecting: Counter[tuple[str, ...]] = Counter()
        blank: dict[tuple[str, ...], list[Utterance]] = {}
        hits: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Utterance]] = {}
        for utterance in utterances:
            keys = asked & keys_of(utterance.expected)
            expecting.update(keys)
            if not utterance.is_evaluated and not waived.excuses_whatever(utterance):
                for key in keys:
                    blank.setdefault(key, []).append(utterance)
            if keys and utterance.is_wrong:
                for pair in product(keys, _forbidden_keys(utterance)):
                    hits.setdefault(pair, []).append(utterance)
        return cls(expecting, {key: _texts(several) for key, several in blank.items()}, hits)


def _forbidden_keys(utterance: Utterance) -> frozenset[tuple[str, ...]]:
    """Return the keys of the matched intents, alone and together, without ``NO_INTENT`` if matching none was right."""
    keys = keys_of(utterance.matched)
    return keys - {(NO_INTENT,)} if NO_INTENT in each_of(utterance.expected) else keys


def _none(what: str, metric: RuleCount, scope: Area) -> Rule:
    return Rule(name=f"{what} <= 0", metric=metric, operator="<=", bound=Fraction(0), scope=scope)


def _held(rule: Rule, wrong: int, lost: Sequence[str], absent: int, message: str) -> Check:
    """Return the check that ``wrong``, the number of wrong utterances, is 0.

    Each unevaluated utterance in ``lost`` may be wrong too, and so may each of the ``absent`` ones, which the file
    lacks; as their texts are not known, an absent one may even be a copy of a right one. A failure beside such
    utterances is not excusable, since it is not about the bot alone.
    """
    rule = replace(rule, is_excusable=not (wrong and (lost or absent)))
    return at_most(rule, wrong, wrong + len(lost) + absent, message=message, lost=_lost(lost, absent))


def _texts(utterances: Iterable[Utterance]) -> list[str]:
    """Return the text of each utterance, without copies."""
    return [one.text for one in collapsed(utterances).values()]


def _lost(lost: Sequence[str], absent: int) -> str:
    """Return what was not evaluated: the texts of utterances in the file, and the number of those that it lacks."""
    in_file = f"not evaluated: {listed(lost)}" if lost else ""
    missing = f"{counted(absent, 'utterance')} that the results file does not hold" if absent else ""
    return ", ".join(filter(None, (in_file, missing)))


def missing_names(utterances: Iterable[Utterance], rules: Rules) -> list[Name]:
    """Return the names in the rules that do not occur in the suite."""
    # Only the names that are still missing are kept: the texts of a suite may take many megabytes.
    missing = {(name.is_utterance, name.key) for name in rules.names}
    for utterance in utterances if missing else ():
        missing.discard((True, (normalised(utterance.text),)))
        missing.difference_update((False, key) for key in keys_of(utterance.expected))
    return [name for name in rules.names if (name.is_utterance, name.key) in missing]


def strange_matches(
    utterances: Sequence[Utterance], rules: Rules, earlier: Iterable[Utterance] = ()
) -> Iterator[Finding]:
    """Yield findings about forbidden ``matched`` intents that occur neither in the suite nor in an ``earlier`` run.

    A misspelt name forbids nothing. Therefore a finding blocks a pass if it is about a name that looks like a misspelt
    known intent; about other names it only warns.
    """
    if not rules.forbidden:
        return
    known = _intents_by_key((*earlier, *utterances))
    expected = all_keys(utterance.expected for utterance in utterances)
    strange = {
        key: name
        for pair in rules.forbidden
        if key_of(pair.expected) in expected
        for name in split_intents(pair.matched)
        if (key := name_key(name)) not in known
    }
    slips = Slips(known.values()) if strange else None
    near = {name: slips.nearest(name) if slips else None for name in strange.values()}
    if meant := {name: other for name, other in near.items() if other}:
        yield _misspelt(meant, is_tolerated=FindingKind.UNKNOWN_NAME in rules.tolerate)
    if unknown := [name for name, other in near.items() if not other]:
        what, them = ("which is", "is the name") if len(unknown) == 1 else ("which are", "are the names")
        message = f"nothing in this suite is expected or matched as {listed(unknown)}, {what} forbidden there"
        yield Finding(FindingKind.UNKNOWN_NAME, f"{message}: {them} right?", warns=True)


def _intents_by_key(utterances: Sequence[Utterance]) -> dict[str, str]:
    """Return all expected and matched intents by key, each in one of the spellings that occur."""
    several = dict.fromkeys((*(one.matched for one in utterances), *(one.expected for one in utterances), (NO_INTENT,)))
    return {name_key(intent): intent for intents in several for intent in intents}


def _misspelt(meant: Mapping[str, str], *, is_tolerated: bool) -> Finding:
    """Return the finding about forbidden names that occur nowhere but resemble a known intent, so may be misspelt."""
    named = [f"'{name}' (did you mean '{other}'?)" for name, other in islice(meant.items(), _MOST)]
    more = f" and {len(meant) - _MOST} more" if len(meant) > _MOST else ""
    verb = "is forbidden and occurs" if len(meant) == 1 else "are forbidden and occur"
    both = f'if there are both, tolerate = ["{FindingKind.UNKNOWN_NAME}"]'
    message = f"{', '.join(named)}{more} {verb} neither in this run nor in a baseline; {both}"
    return Finding(FindingKind.UNKNOWN_NAME, message, tolerated=is_tolerated)
