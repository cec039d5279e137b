"""The verdict on one suite, derived from its checks and its evidence."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from ci_gate.core.outcome import Outcome
from ci_gate.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_gate.core.checks.check import Check
    from ci_gate.core.evidence.weigh import Evidence


class Verdict(StrEnum):
    """The verdict on a suite, or on the whole gate."""

    PASSED = "passed"
    FAILED = "failed"
    UNJUDGED = "unjudged"


def verdict_of(checks: Iterable[Check], evidence: Evidence) -> Verdict:
    """Return the verdict on a suite.

    A finding that voids the evidence leaves the suite unjudged. Otherwise one failed check fails the suite, whatever
    else is missing. Otherwise a check without data or a blocking finding leaves the suite unjudged.
    """
    outcomes = {check.outcome for check in checks}
    if any(finding.voids for finding in evidence.findings):
        return Verdict.UNJUDGED
    if Outcome.FAILED in outcomes:
        return Verdict.FAILED
    if Outcome.NO_DATA in outcomes or any(finding.blocks for finding in evidence.findings):
        return Verdict.UNJUDGED
    return Verdict.PASSED


def is_excusable(checks: Iterable[Check], evidence: Evidence) -> bool:
    """Return whether an advisory suite that failed may end with exit code 0: only if its evidence is sound.

    A failure that is not about the quality of the bot is never excused: unevaluated utterances, for example, or a suite
    that shrank.
    """
    return not any(finding.blocks for finding in evidence.findings) and not any(
        check.outcome is Outcome.NO_DATA or (check.outcome is Outcome.FAILED and not check.is_excusable)
        for check in checks
    )


def exit_code_of(verdict: Verdict, *, excused: bool = False) -> ExitCode:
    """Return the exit code of a verdict on a suite; an ``excused`` failure counts as passed."""
    match verdict:
        case Verdict.PASSED:
            return ExitCode.PASSED
        case Verdict.FAILED:
            return ExitCode.PASSED if excused else ExitCode.FAILED
        case Verdict.UNJUDGED:
            return ExitCode.INCONCLUSIVE
        case _:
            assert_never(verdict)
