"""The verdict on one suite: what follows from its checks and its evidence."""

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
    """What became of a suite, or of the whole gate."""

    PASSED = "passed"
    FAILED = "failed"
    UNJUDGED = "unjudged"


def verdict_of(checks: Iterable[Check], evidence: Evidence) -> Verdict:
    """Return what follows for a suite.

    What is no evidence about this run judges nothing. Then one failed check makes the suite failed, whatever else is
    missing; then any doubt makes it unjudged.
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
    """Whether an advisory suite that failed may end in 0: only with sound evidence.

    What the platform did not evaluate, and a suite that shrank, are no matter of the bot's quality: never excused.
    """
    return not any(finding.blocks for finding in evidence.findings) and not any(
        check.outcome is Outcome.NO_DATA or (check.outcome is Outcome.FAILED and not check.is_excusable)
        for check in checks
    )


def exit_code_of(verdict: Verdict, *, excused: bool = False) -> ExitCode:
    """Return the exit code that a judged suite stands for."""
    match verdict:
        case Verdict.PASSED:
            return ExitCode.PASSED
        case Verdict.FAILED:
            return ExitCode.PASSED if excused else ExitCode.FAILED
        case Verdict.UNJUDGED:
            return ExitCode.INCONCLUSIVE
        case _:
            assert_never(verdict)
