"""Adds one warning per command about idle common waivers, which are set for all suites but cover no mismatch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_gate.core.idle_waivers import doubts_about_idle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_gate.core.findings import Finding
    from ci_gate.core.report import Judgement, SuiteReport


def with_idle_waivers(suites: Sequence[SuiteReport]) -> tuple[SuiteReport, ...]:
    """Return ``suites`` with a warning about idle common waivers added to the first suite whose results were read."""
    read = [suite.judgement for suite in suites if suite.judgement and suite.judgement.evidence.utterances]
    common = {use.waiver: None for judgement in read for use in judgement.waived.uses if use.waiver.is_common}
    for judgement in read:
        busy = {use.waiver for use in judgement.waived.uses}.difference(judgement.waived.idle)
        common = {waiver: None for waiver in common if waiver not in busy}
    utterances = [utterance for judgement in read for utterance in judgement.evidence.utterances or ()]
    found = (*doubts_about_idle(common, utterances, _where(suites, read)),)
    first = next(iter(read), None)
    return tuple(
        replace(suite, judgement=_with(suite.judgement, found))
        if found and suite.judgement and suite.judgement is first
        else suite
        for suite in suites
    )


def _where(suites: Sequence[SuiteReport], read: Sequence[Judgement]) -> str:
    """Return the end of the warning, which states how much was searched; empty for a single suite read in full."""
    is_whole = len(read) == len(suites) and not any(one.rules.is_part or one.evidence.absent for one in read)
    return ("" if len(suites) == 1 else " in any suite") if is_whole else " in what was judged"


def _with(judgement: Judgement, findings: tuple[Finding, ...]) -> Judgement:
    evidence = judgement.evidence
    return replace(judgement, evidence=replace(evidence, findings=(*evidence.findings, *findings)))
