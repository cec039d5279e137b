"""Finds names in rules that occur in no suite: a rule with a misspelt name tests nothing."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from ci_gate.core.checks.named import missing_names
from ci_gate.core.findings import FindingKind
from ci_gate.core.model import listed
from ci_gate.core.names import all_names, normalised
from ci_gate.core.text.nearest import closest
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ci_gate.core.model import Utterance
    from ci_gate.core.report import SuiteReport
    from ci_gate.core.rules import Name

_MOST = 20


def unknown_name(suites: Iterable[SuiteReport]) -> UsageError | None:
    """Return an error for the first unknown name in the rules, or ``None`` if all names are known.

    A name in the rules of one suite must occur in that suite. A name in the rules for all suites must occur in at
    least one of them; there is no error if a suite was left out or is unreadable, since the name may occur there.
    """
    missing: dict[tuple[str, Name], list[Sequence[Utterance]]] = {}
    missing_everywhere: dict[tuple[str, Name], list[Sequence[Utterance]]] = {}
    known: set[Name] = set()
    all_are_read, are_hidden = True, False
    for suite in suites:
        utterances = suite.judgement.evidence.utterances if suite.judgement else None
        if suite.judgement is None or utterances is None or suite.judgement.evidence.absent:
            all_are_read = False
            continue
        rules, absent = suite.judgement.rules, missing_names(utterances, suite.judgement.rules)
        known |= rules.common_names.difference(absent)
        all_are_read = all_are_read and not rules.is_part
        are_hidden = are_hidden or suite.subject.hidden
        for name in absent:
            if FindingKind.UNKNOWN_NAME in rules.tolerate and not name.is_utterance:
                continue  # an utterance that must pass must exist, whatever is tolerated
            if name in rules.common_names:
                missing_everywhere.setdefault(("no suite has the", name), []).append(utterances)
            else:
                missing[f"suite '{suite.subject.label}' has no", name] = [utterances]
    if all_are_read:
        missing |= {key: suites for key, suites in missing_everywhere.items() if key[1] not in known}
    if not missing:
        return None
    ((who, name), candidates), *others = missing.items()
    more = f" (and {len(others)} more unknown names in the rules)" if others else ""
    hint = _nearest(name, [*chain.from_iterable(candidates)], are_hidden=are_hidden)
    return UsageError(f"{who} {name.what} '{name.text}'{more}", hint=hint)


def _nearest(name: Name, utterances: Sequence[Utterance], *, are_hidden: bool) -> str:
    """Return a hint with the existing name most similar to ``name``, else with all names; hashes are not compared."""
    if name.is_utterance:
        texts = () if are_hidden else {normalised(utterance.text) for utterance in utterances}
        near, otherwise = closest(name.text, texts), "see the utterances in report.json"
    else:
        intents = all_names(utterance.expected for utterance in utterances)
        near, otherwise = closest(name.text, intents), f"it has {listed(sorted(intents), _MOST)}"
    return f"did you mean '{near}'?" if near else otherwise
