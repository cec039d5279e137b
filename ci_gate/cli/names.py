"""Names in rules that no suite has: a rule about nothing must not look like one that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_gate.config.values import nearest
from ci_gate.core.model import listed
from ci_gate.core.named_rules import missing_names, names_in
from ci_gate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_gate.core.model import Case
    from ci_gate.core.report import SuiteReport
    from ci_gate.core.rules import Name


def unknown_name(suites: Iterable[SuiteReport]) -> UsageError | None:
    """Name one that none of the suites has which it was written for; ``None`` where all are known, or cannot be.

    A suite whose results could not be read may have any name, so it leaves those open that it shares.
    """
    missing: dict[Name, list[Case]] = {}
    known: set[Name] = set()
    for suite in suites:
        assessment = suite.assessment
        if assessment is None:
            return None
        cases, rules = assessment.evidence.cases, assessment.rules
        absent = missing_names(cases, rules) if cases is not None else []
        known.update(name for name in rules.names if name not in absent)
        for name in absent:
            if not (rules.is_part and name in rules.common_names):
                missing.setdefault(name, []).extend(cases or ())
    unknown = [name for name in missing if name not in known]
    if not unknown:
        return None
    intents, utterances = names_in(missing[unknown[0]])
    near = nearest(unknown[0].text, utterances if unknown[0].is_utterance else intents)
    if not near.startswith("did you mean"):
        near = (
            "see the utterances in report.json" if unknown[0].is_utterance else f"it has {listed(sorted(intents), 20)}"
        )
    more = f" (and {len(unknown) - 1} more names of rules)" if len(unknown) > 1 else ""
    return UsageError(f"no suite has the {unknown[0].what} '{unknown[0].text}'{more}", hint=near)
